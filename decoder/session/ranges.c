/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Ranges of addresses, sorted, of a fixed number.
 */
#include <string.h>

#include "session/ranges.h"

/** Puts one range in the place of those from at up to end. */
static void replace(struct btap_ranges *ranges, uint32_t at, uint32_t end, struct btap_range range)
{
    memmove(&ranges->list[at + 1], &ranges->list[end],
            (ranges->length - end) * sizeof(ranges->list[0]));
    ranges->list[at] = range;
    ranges->length = ranges->length - (end - at) + 1;
}

/** Joins the two neighbours with the smallest gap. */
static void join_nearest(struct btap_ranges *ranges)
{
    const struct btap_range *list = ranges->list;
    uint32_t nearest = 0;

    for (uint32_t i = 1; i + 1 < ranges->length; i++)
        if (list[i + 1].first - list[i].last < list[nearest + 1].first - list[nearest].last)
            nearest = i;
    ranges->joined = true;
    replace(ranges, nearest, nearest + 2,
            (struct btap_range){list[nearest].first, list[nearest + 1].last});
}

void session_ranges_add(struct btap_ranges *ranges, uint32_t first, uint32_t last)
{
    struct btap_range range = {first, last};
    uint32_t at = 0;
    uint32_t end;

    while (at < ranges->length && (uint64_t)ranges->list[at].last + 1 < first)
        at++;
    for (end = at; end < ranges->length && ranges->list[end].first <= (uint64_t)last + 1; end++) {
        if (ranges->list[end].first < range.first)
            range.first = ranges->list[end].first;
        if (ranges->list[end].last > range.last)
            range.last = ranges->list[end].last;
    }
    if (at == end && ranges->length == BTAP_RANGES_MAX) {
        join_nearest(ranges);
        session_ranges_add(ranges, first, last);
        return;
    }
    replace(ranges, at, end, range);
}

void session_ranges_remove(struct btap_ranges *ranges, uint32_t first, uint32_t last)
{
    const struct btap_ranges before = *ranges;

    ranges->length = 0;
    for (uint32_t i = 0; i < before.length; i++) {
        const struct btap_range *range = &before.list[i];
        const bool head = range->first < first;
        const bool tail = range->last > last;

        if (range->last < first || range->first > last ||
            (head && tail && before.length == BTAP_RANGES_MAX)) {
            ranges->joined = ranges->joined || (head && tail);
            ranges->list[ranges->length++] = *range;
            continue;
        }
        if (head)
            ranges->list[ranges->length++] = (struct btap_range){range->first, first - 1};
        if (tail)
            ranges->list[ranges->length++] = (struct btap_range){last + 1, range->last};
    }
    if (ranges->length == 0)
        ranges->joined = false;
}

uint64_t session_ranges_missing(const struct btap_ranges *ranges, uint32_t first, uint32_t last,
                                uint32_t *where)
{
    uint64_t at = first;
    uint64_t missing = 0;

    for (uint32_t i = 0; i < ranges->length && at <= last; i++) {
        const struct btap_range *range = &ranges->list[i];
        const uint64_t end = range->first > last ? (uint64_t)last + 1 : range->first;

        if (range->last < at)
            continue;
        if (end > at) {
            if (missing == 0)
                *where = (uint32_t)at;
            missing += end - at;
        }
        at = (uint64_t)range->last + 1;
    }
    if (at <= last) {
        if (missing == 0)
            *where = (uint32_t)at;
        missing += (uint64_t)last + 1 - at;
    }
    return missing;
}
