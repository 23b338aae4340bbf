/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "report/timeline.h"

#include <stdlib.h>
#include <string.h>

#include "base/allocate.h"

enum activity activity_of(enum btap_command command)
{
    static const struct {
        uint32_t traits;
        enum activity activity;
    } activities[] = {
        {BTAP_TRAIT_ERASES, ACTIVITY_ERASE}, {BTAP_TRAIT_WRITES, ACTIVITY_WRITE},
        {BTAP_TRAIT_READS, ACTIVITY_READ},   {BTAP_TRAIT_PROTECTS, ACTIVITY_PROTECT},
        {BTAP_TRAIT_LEAVES, ACTIVITY_LEAVE},
    };

    for (size_t i = 0; i < sizeof(activities) / sizeof(activities[0]); i++)
        if (btap_command_has(command, activities[i].traits))
            return activities[i].activity;
    return ACTIVITY_CONNECT;
}

/* Of the whole: the first gap that joins, and the gap from which addresses do not matter. */
#define FINEST   16384
#define COARSEST 64

/** Whether b goes on where a ended, in memory; spans without addresses always do. */
static bool continues(const struct timeline_span *a, const struct timeline_span *b)
{
    if (!a->addressed && !b->addressed)
        return true;
    return a->addressed && b->addressed && b->range.first == a->range.last + 1;
}

static bool joins(const struct timeline *timeline, const struct timeline_span *a,
                  const struct timeline_span *b)
{
    return a->failed == b->failed &&
           (timeline->gap == INT64_MAX || b->start - a->end < timeline->gap) &&
           (timeline->loose || continues(a, b));
}

static void join(struct timeline_span *a, const struct timeline_span *b)
{
    a->scattered |= b->scattered || !continues(a, b);
    if (b->addressed && !a->addressed) {
        a->range = b->range;
        a->addressed = true;
    } else if (b->addressed) {
        if (b->range.first < a->range.first)
            a->range.first = b->range.first;
        if (b->range.last > a->range.last)
            a->range.last = b->range.last;
    }
    if (b->end > a->end)
        a->end = b->end;
    a->busy = btap_ns_sum(a->busy, b->busy);
    a->count += b->count;
}

static void append(struct timeline *timeline, const struct timeline_span *span)
{
    uint32_t *newest = &timeline->newest[span->activity][span->failed];

    if (*newest > 0 && joins(timeline, &timeline->spans[*newest - 1], span)) {
        join(&timeline->spans[*newest - 1], span);
        return;
    }
    timeline->spans[timeline->length++] = *span;
    *newest = timeline->length;
}

void timeline_reduce(struct timeline *timeline, uint32_t spans)
{
    const btap_ns total = timeline->last - timeline->first;

    while (timeline->length > spans && !(timeline->loose && timeline->gap == INT64_MAX)) {
        const uint32_t length = timeline->length;

        timeline->gap = btap_ns_sum(btap_ns_sum(timeline->gap, timeline->gap), 1 + total / FINEST);
        timeline->loose = timeline->gap > total / COARSEST;
        timeline->length = 0;
        memset(timeline->newest, 0, sizeof(timeline->newest));
        for (uint32_t i = 0; i < length; i++) {
            /* A copy: its place may be taken by now. */
            const struct timeline_span span = timeline->spans[i];

            append(timeline, &span);
        }
    }
}

/** Finds room for one span more: joins what is near until half of it is free, or gets more. */
static void make_room(struct timeline *timeline)
{
    const uint32_t spans_max = timeline->spans_max > 0 ? timeline->spans_max : TIMELINE_SPANS_MAX;

    if (timeline->length < timeline->room)
        return;
    if (timeline->room < spans_max) {
        timeline->room = timeline->room == 0              ? 16
                         : timeline->room < spans_max / 2 ? 2 * timeline->room
                                                          : spans_max;
        timeline->spans = reallocate(timeline->spans, timeline->room * sizeof(*timeline->spans));
        return;
    }
    timeline_reduce(timeline, spans_max / 2);
}

void timeline_release(struct timeline *timeline)
{
    free(timeline->spans);
}

void timeline_add(struct timeline *timeline, const struct timeline_span *span)
{
    if (timeline->length == 0 || span->start < timeline->first)
        timeline->first = span->start;
    if (timeline->length == 0 || span->end > timeline->last)
        timeline->last = span->end;
    timeline->counts[span->activity]++;
    timeline->times[span->activity] =
        btap_ns_sum(timeline->times[span->activity], span->end - span->start);
    timeline->busy = btap_ns_sum(timeline->busy, span->busy);
    make_room(timeline);
    append(timeline, span);
}

btap_ns timeline_idle(const struct timeline *timeline)
{
    btap_ns idle = timeline->last - timeline->first;

    for (size_t i = 0; i < ACTIVITY_COUNT; i++)
        idle -= timeline->times[i] < idle ? timeline->times[i] : idle;
    return idle;
}
