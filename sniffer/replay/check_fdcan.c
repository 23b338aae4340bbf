/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Commands of AN5405, whose sections these are.
 */
#include "replay/check_parts.h"
#include "replay/reach.h"

/** 3.4, 3.6: address and length are in the command's frame. */
static bool check_memory(const struct check *check)
{
    return check_range(check, 1, CHECK_TRANSFER_MAX);
}

static bool check_write(const struct check *check)
{
    return check_memory(check) &&
           (reach_is_short(check->transaction) || check_payload(check, check->transaction->length));
}

/** 3.7: ST's own code takes pages beyond the frame from stale memory. */
static bool check_frame_erase(const struct check *check)
{
    return check_erase(check, CHECK_FRAME_PAGES, UINT16_MAX, true);
}

/** 3.8 */
static bool check_write_protect(const struct check *check)
{
    return check_list(check, BTAP_LIST_SECTORS, CHECK_FRAME_SECTORS, UINT8_MAX);
}

static const check_rule rules[BTAP_COMMAND_COUNT] = {
    [BTAP_SYNC] = check_nothing_more,
    [BTAP_GET] = check_nothing_more,
    [BTAP_GET_VERSION] = check_nothing_more,
    [BTAP_GET_ID] = check_nothing_more,
    [BTAP_READ_MEMORY] = check_memory,
    [BTAP_GO] = check_address,
    [BTAP_WRITE_MEMORY] = check_write,
    [BTAP_ERASE] = check_frame_erase,
    [BTAP_SPECIAL] = check_special,
    [BTAP_EXTENDED_SPECIAL] = check_special,
    [BTAP_WRITE_PROTECT] = check_write_protect,
    [BTAP_WRITE_UNPROTECT] = check_nothing_more,
    [BTAP_READOUT_PROTECT] = check_nothing_more,
    [BTAP_READOUT_UNPROTECT] = check_nothing_more,
};

bool check_fdcan(const struct check *check)
{
    return check_by_rule(check, rules, "AN5405");
}
