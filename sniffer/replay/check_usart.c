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

static bool check_read(const struct check *check)
{
    return check_range(check, 1, CHECK_TRANSFER_MAX);
}

static bool check_write(const struct check *check)
{
    return check_read(check) && check_payload(check, check->transaction->length);
}

/** 3.7: a count of 0xff less 1 means all. */
static bool check_short_erase(const struct check *check)
{
    return check_erase(check, CHECK_ERASE_PAGES, UINT8_MAX, false);
}

/** 3.8: counts from 0xfff0 on less 1 mean something else. */
static bool check_extended_erase(const struct check *check)
{
    return check_erase(check, BTAP_LIST_MAX, UINT16_MAX, true);
}

/** 3.9 */
static bool check_write_protect(const struct check *check)
{
    return check_list(check, BTAP_LIST_SECTORS, CHECK_WRITE_SECTORS, UINT8_MAX);
}

static const check_rule rules[BTAP_COMMAND_COUNT] = {
    [BTAP_SYNC] = check_nothing_more,
    [BTAP_GET] = check_nothing_more,
    [BTAP_GET_VERSION] = check_nothing_more,
    [BTAP_GET_ID] = check_nothing_more,
    [BTAP_READ_MEMORY] = check_read,
    [BTAP_GO] = check_address,
    [BTAP_WRITE_MEMORY] = check_write,
    [BTAP_ERASE] = check_short_erase,
    [BTAP_EXTENDED_ERASE] = check_extended_erase,
    [BTAP_SPECIAL] = check_special,
    [BTAP_EXTENDED_SPECIAL] = check_special,
    [BTAP_WRITE_PROTECT] = check_write_protect,
    [BTAP_WRITE_UNPROTECT] = check_nothing_more,
    [BTAP_READOUT_PROTECT] = check_nothing_more,
    [BTAP_READOUT_UNPROTECT] = check_nothing_more,
    [BTAP_GET_CHECKSUM] = check_checksum,
};

bool check_usart(const struct check *check)
{
    if (reach_is_short(check->transaction))
        return check_until(check, reach_of(check->transaction));
    return check_by_rule(check, rules, "AN3155");
}
