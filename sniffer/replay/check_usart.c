/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Commands of AN3155, whose sections these are.
 */
#include <inttypes.h>

#include "replay/check_parts.h"
#include "replay/reach.h"

/** 3.13; stm32flash leaves polynomial and initial value out, both. */
static bool check_checksum(const struct check *check)
{
    const uint32_t length = check->transaction->length;
    const bool polynomial = check_has(check, BTAP_HAS_POLYNOMIAL);

    if (!check_range(check, 4, UINT32_MAX))
        return false;
    if (length % 4 != 0)
        return check_wrong(check, "%" PRIu32 " bytes; it counts in words of 4", length);
    if (reach_is_short(check->transaction))
        return true;
    return polynomial == check_has(check, BTAP_HAS_INITIAL) ||
           check_wrong(check, "the capture does not hold its initial value");
}

/** One that is sent up to a phase. */
static bool check_until(const struct check *check, enum btap_phase phase)
{
    if (phase == BTAP_PHASE_ADDRESS)
        return check_address(check);
    if (phase == BTAP_PHASE_SUBCOMMAND)
        return check_special(check);
    if (phase == BTAP_PHASE_POLYNOMIAL && !check_has(check, BTAP_HAS_POLYNOMIAL))
        return check_wrong(check, "the capture does not hold its polynomial");
    return phase == BTAP_PHASE_COMMAND || check_checksum(check);
}

bool check_usart(const struct check *check)
{
    if (reach_is_short(check->transaction))
        return check_until(check, reach_of(check->transaction));
    switch (check->transaction->command) {
    case BTAP_SYNC:
    case BTAP_GET:
    case BTAP_GET_VERSION:
    case BTAP_GET_ID:
    case BTAP_WRITE_UNPROTECT:
    case BTAP_READOUT_PROTECT:
    case BTAP_READOUT_UNPROTECT:
        return true;
    case BTAP_READ_MEMORY:
        return check_range(check, 1, CHECK_TRANSFER_MAX);
    case BTAP_GO:
        return check_address(check);
    case BTAP_WRITE_MEMORY:
        return check_range(check, 1, CHECK_TRANSFER_MAX) &&
               check_payload(check, check->transaction->length);
    case BTAP_ERASE: /* 3.7: a count of 0xff less 1 means all */
        return check_erase(check, CHECK_ERASE_PAGES, UINT8_MAX, false);
    case BTAP_EXTENDED_ERASE: /* 3.8: counts from 0xfff0 on less 1 mean something else */
        return check_erase(check, BTAP_LIST_MAX, UINT16_MAX, true);
    case BTAP_WRITE_PROTECT: /* 3.9 */
        return check_list(check, BTAP_LIST_SECTORS, CHECK_WRITE_SECTORS, UINT8_MAX);
    case BTAP_SPECIAL:
    case BTAP_EXTENDED_SPECIAL:
        return check_special(check);
    case BTAP_GET_CHECKSUM:
        return check_checksum(check);
    case BTAP_COMMAND_UNKNOWN:
        return check_wrong(check, "AN3155 knows no such command");
    case BTAP_DETACH:
    case BTAP_SET_ADDRESS:
    case BTAP_READ_UNPROTECT:
    case BTAP_LEAVE:
    case BTAP_CLEAR_STATUS:
    case BTAP_ABORT:
    case BTAP_GET_STATE:
    case BTAP_GET_STATUS:
    case BTAP_DOWNLOAD:
    case BTAP_UPLOAD:
    case BTAP_COMMAND_COUNT:
        return check_no_command(check);
    }
    return check_no_command(check);
}
