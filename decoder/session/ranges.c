/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Ranges of addresses, sorted, of a fixed number.
 */
#include <string.h>

#include "session/ranges.h"

static void remove_range(struct btap_ranges *ranges, uint32_t at)
{
    ranges->length--;
    memmove(&ranges->list[at], &ranges->list[at + 1],
            (ranges->length - at) * sizeof(ranges->list[0]));
}

/** Joins the two neighbours with the smallest gap. */
static void join_nearest(struct btap_ranges *ranges)
{
    uint32_t nearest = 0;
    uint32_t gap = UINT32_MAX;

    for (uint32_t i = 0; i + 1 < ranges->length; i++) {
        const uint32_t between = ranges->list[i + 1].first - ranges->list[i].last;

        if (between < gap) {
            gap = between;
            nearest = i;
        }
    }
    ranges->list[nearest].last = ranges->list[nearest + 1].last;
    ranges->joined = true;
    remove_range(ranges, nearest + 1);
}

/** Whether b, which does not begin before a, overlaps a or follows it at once. */
static bool touches(const struct btap_range *a, const struct btap_range *b)
{
    return a->last == UINT32_MAX || b->first <= a->last + 1;
}

static void insert_range(struct btap_ranges *ranges, uint32_t at, uint32_t first, uint32_t last)
{
    memmove(&ranges->list[at + 1], &ranges->list[at],
            (ranges->length - at) * sizeof(ranges->list[0]));
    ranges->list[at] = (struct btap_range){.first = first, .last = last};
    ranges->length++;
}

void session_ranges_add(struct btap_ranges *ranges, uint32_t first, uint32_t last)
{
    uint32_t at = ranges->length;

    while (at > 0 && ranges->list[at - 1].first > first)
        at--;
    if (at > 0 && touches(&ranges->list[at - 1], &(struct btap_range){.first = first})) {
        at--;
        if (last > ranges->list[at].last)
            ranges->list[at].last = last;
    } else {
        if (ranges->length == BTAP_RANGES_MAX) {
            join_nearest(ranges);
            session_ranges_add(ranges, first, last);
            return;
        }
        insert_range(ranges, at, first, last);
    }
    while (at + 1 < ranges->length && touches(&ranges->list[at], &ranges->list[at + 1])) {
        if (ranges->list[at + 1].last > ranges->list[at].last)
            ranges->list[at].last = ranges->list[at + 1].last;
        remove_range(ranges, at + 1);
    }
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
