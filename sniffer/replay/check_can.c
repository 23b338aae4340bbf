/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Commands of AN3154, whose sections these are.
 */
#include <inttypes.h>

#include "replay/check_parts.h"
#include "replay/reach.h"

/** 3.5 */
static bool check_speed(const struct check *check)
{
    const uint32_t rate = check->transaction->bit_rate;

    if (!check_has(check, BTAP_HAS_BIT_RATE))
        return check_wrong(check, "the capture does not hold its bit rate, or one that is none");
    return rate == 125000 || rate == 250000 || rate == 500000 || rate == 1000000 ||
           check_wrong(check, "%" PRIu32 " bit/s have no code", rate);
}

/** 3.6, 3.8: address and length are in the command's frame. */
static bool check_memory(const struct check *check)
{
    return check_range(check, 1, CHECK_TRANSFER_MAX);
}

static bool check_write(const struct check *check)
{
    return check_memory(check) &&
           (reach_is_short(check->transaction) || check_payload(check, check->transaction->length));
}

/** 3.9 */
static bool check_byte_erase(const struct check *check)
{
    return check_erase(check, CHECK_CAN_PAGES, UINT8_MAX, false);
}

/** 3.10: the sectors follow in frames of their own. */
static bool check_write_protect(const struct check *check)
{
    return reach_is_short(check->transaction) ||
           check_list(check, BTAP_LIST_SECTORS, CHECK_CAN_SECTORS, UINT8_MAX);
}

static const check_rule rules[BTAP_COMMAND_COUNT] = {
    [BTAP_SYNC] = check_nothing_more,
    [BTAP_GET] = check_nothing_more,
    [BTAP_GET_VERSION] = check_nothing_more,
    [BTAP_GET_ID] = check_nothing_more,
    [BTAP_SPEED] = check_speed,
    [BTAP_READ_MEMORY] = check_memory,
    [BTAP_GO] = check_address,
    [BTAP_WRITE_MEMORY] = check_write,
    [BTAP_ERASE] = check_byte_erase,
    [BTAP_WRITE_PROTECT] = check_write_protect,
    [BTAP_WRITE_UNPROTECT] = check_nothing_more,
    [BTAP_READOUT_PROTECT] = check_nothing_more,
    [BTAP_READOUT_UNPROTECT] = check_nothing_more,
};

bool check_can(const struct check *check)
{
    return check_by_rule(check, rules, "AN3154");
}
