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

static bool check_write(const struct check *check)
{
    return check_memory_block(check) && check_payload(check, check->transaction->length);
}

/** DFU 1.1 section 6.1.1: a block without bytes ends the image. */
static bool check_download(const struct check *check)
{
    return (check_has(check, BTAP_HAS_LENGTH) && check->transaction->length == 0) ||
           (check_block(check) && check_payload(check, check->transaction->length));
}

static const check_rule rules[BTAP_COMMAND_COUNT] = {
    [BTAP_GET] = check_nothing_more,
    [BTAP_DETACH] = check_nothing_more,
    [BTAP_READ_UNPROTECT] = check_nothing_more,
    [BTAP_LEAVE] = check_nothing_more,
    [BTAP_CLEAR_STATUS] = check_nothing_more,
    [BTAP_ABORT] = check_nothing_more,
    [BTAP_GET_STATE] = check_nothing_more,
    [BTAP_GET_STATUS] = check_nothing_more,
    [BTAP_UPLOAD] = check_block,
    [BTAP_DOWNLOAD] = check_download,
    [BTAP_SET_ADDRESS] = check_address,
    [BTAP_ERASE] = check_dfu_erase,
    [BTAP_WRITE_MEMORY] = check_write,
    [BTAP_READ_MEMORY] = check_memory_block,
};

bool check_dfu(const struct check *check)
{
    return check_by_rule(check, rules, "AN3156");
}
