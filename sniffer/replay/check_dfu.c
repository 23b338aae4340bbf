/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Commands of AN3156, whose sections these are, and of DFU 1.1.
 */
#include <inttypes.h>

#include "replay/check_parts.h"

/** Bytes that a block can have. */
static uint32_t block_max(const struct plan_device *device)
{
    const struct btap_dfu_functional *dfu = &device->usb.dfu;

    return device->usb_known && dfu->known && dfu->transfer_size > 0 ? dfu->transfer_size
                                                                     : CHECK_BLOCK_MAX;
}

/** A block whose number and length only count: of a plain device. */
static bool check_block(const struct check *check)
{
    const uint32_t length = check->transaction->length;

    if (!check_has(check, BTAP_HAS_LENGTH))
        return check_wrong(check, "the capture does not hold its length");
    if (length == 0 || length > block_max(check->device))
        return check_wrong(check, "%" PRIu32 " bytes; it can have 1 to %" PRIu32, length,
                           block_max(check->device));
    return true;
}

/** 4.1, 5.1: blocks 0 and 1 hold no memory. */
static bool check_memory_block(const struct check *check)
{
    if (!check_has(check, BTAP_HAS_BLOCK))
        return check_wrong(check, "the capture does not hold its block number");
    if (check->transaction->block < CHECK_FIRST_BLOCK)
        return check_wrong(check, "block %u is reserved", check->transaction->block);
    return check_range(check, 2, block_max(check->device));
}

/** 5.3 */
static bool check_dfu_erase(const struct check *check)
{
    switch (check->transaction->erase) {
    case BTAP_ERASE_MASS:
        return true;
    case BTAP_ERASE_ADDRESS:
        return check_address(check);
    case BTAP_ERASE_PAGES:
    case BTAP_ERASE_BANK1:
    case BTAP_ERASE_BANK2:
    case BTAP_ERASE_RESERVED:
    case BTAP_ERASE_NONE:
        return check_wrong(check, "AN3156 knows no such form of it");
    }
    return false;
}

bool check_dfu(const struct check *check)
{
    switch (check->transaction->command) {
    case BTAP_GET:
    case BTAP_DETACH:
    case BTAP_READ_UNPROTECT:
    case BTAP_LEAVE:
    case BTAP_CLEAR_STATUS:
    case BTAP_ABORT:
    case BTAP_GET_STATE:
    case BTAP_GET_STATUS:
        return true;
    case BTAP_UPLOAD:
        return check_block(check);
    case BTAP_DOWNLOAD: /* DFU 1.1 section 6.1.1: a block without bytes ends the image */
        return (check_has(check, BTAP_HAS_LENGTH) && check->transaction->length == 0) ||
               (check_block(check) && check_payload(check, check->transaction->length));
    case BTAP_SET_ADDRESS:
        return check_address(check);
    case BTAP_ERASE:
        return check_dfu_erase(check);
    case BTAP_WRITE_MEMORY:
        return check_memory_block(check) && check_payload(check, check->transaction->length);
    case BTAP_READ_MEMORY:
        return check_memory_block(check);
    case BTAP_COMMAND_UNKNOWN:
        return check_wrong(check, "AN3156 knows no such command");
    case BTAP_SYNC:
    case BTAP_GET_VERSION:
    case BTAP_GET_ID:
    case BTAP_GO:
    case BTAP_EXTENDED_ERASE:
    case BTAP_SPECIAL:
    case BTAP_EXTENDED_SPECIAL:
    case BTAP_WRITE_PROTECT:
    case BTAP_WRITE_UNPROTECT:
    case BTAP_READOUT_PROTECT:
    case BTAP_READOUT_UNPROTECT:
    case BTAP_GET_CHECKSUM:
    case BTAP_COMMAND_COUNT:
        return check_no_command(check);
    }
    return check_no_command(check);
}
