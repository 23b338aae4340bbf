/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Commands of AN5405, whose sections these are.
 */
#include "replay/check_parts.h"
#include "replay/reach.h"

bool check_fdcan(const struct check *check)
{
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
               (reach_is_short(check->transaction) ||
                check_payload(check, check->transaction->length));
    case BTAP_ERASE: /* 3.7: ST's own code takes pages beyond the frame from stale memory */
        return check_erase(check, CHECK_FRAME_PAGES, UINT16_MAX, true);
    case BTAP_WRITE_PROTECT: /* 3.8 */
        return check_list(check, BTAP_LIST_SECTORS, CHECK_FRAME_SECTORS, UINT8_MAX);
    case BTAP_SPECIAL:
    case BTAP_EXTENDED_SPECIAL:
        return check_special(check);
    case BTAP_COMMAND_UNKNOWN:
        return check_wrong(check, "AN5405 knows no such command");
    case BTAP_EXTENDED_ERASE:
    case BTAP_GET_CHECKSUM:
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
