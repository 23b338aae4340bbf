/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "memory/ranges.h"

#include <stdlib.h>
#include <string.h>

#include "base/allocate.h"

size_t ranges_find(const struct ranges *ranges, uint32_t address)
{
    size_t low = 0;
    size_t high = ranges->length;

    while (low < high) {
        const size_t middle = low + (high - low) / 2;

        if (ranges->list[middle].last < address)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static bool insert_range(struct ranges *ranges, size_t at, struct btap_range range)
{
    if (ranges->length >= RANGES_MAX && !ranges->unlimited) {
        ranges->full = true;
        return false;
    }
    ranges->list = grow(ranges->list, ranges->length, &ranges->room, sizeof(*ranges->list));
    memmove(ranges->list + at + 1, ranges->list + at,
            (ranges->length - at) * sizeof(*ranges->list));
    ranges->list[at] = range;
    ranges->length++;
    return true;
}

bool ranges_hold(const struct ranges *ranges, uint32_t address)
{
    const size_t i = ranges_find(ranges, address);

    return i < ranges->length && ranges->list[i].first <= address;
}

bool ranges_add(struct ranges *ranges, struct btap_range range)
{
    /* From here on, ranges that overlap or touch become part of the new one. */
    const size_t from = ranges_find(ranges, range.first > 0 ? range.first - 1 : 0);
    size_t to = from;

    for (; to < ranges->length; to++) {
        const struct btap_range *other = &ranges->list[to];

        if (range.last != UINT32_MAX && other->first > range.last + 1)
            break;
        if (other->first < range.first)
            range.first = other->first;
        if (other->last > range.last)
            range.last = other->last;
    }
    if (to == from)
        return insert_range(ranges, from, range);
    ranges->list[from] = range;
    memmove(ranges->list + from + 1, ranges->list + to,
            (ranges->length - to) * sizeof(*ranges->list));
    ranges->length -= to - from - 1;
    return true;
}

uint64_t ranges_cover(const struct ranges *ranges, struct btap_range range)
{
    uint64_t covered = 0;

    for (size_t i = ranges_find(ranges, range.first); i < ranges->length; i++) {
        const struct btap_range *other = &ranges->list[i];

        if (other->first > range.last)
            break;
        covered += (uint64_t)(other->last < range.last ? other->last : range.last) -
                   (other->first > range.first ? other->first : range.first) + 1;
    }
    return covered;
}

uint64_t ranges_size(const struct ranges *ranges)
{
    return ranges_cover(ranges, (struct btap_range){0, UINT32_MAX});
}

void ranges_release(struct ranges *ranges)
{
    free(ranges->list);
    *ranges = (struct ranges){0};
}
