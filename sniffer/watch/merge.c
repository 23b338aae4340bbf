/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "watch/merge.h"

#include <stdlib.h>
#include <string.h>

#include "base/allocate.h"

static uint32_t on_interface(void *context, const struct traffic_interface *interface)
{
    const struct merge *merge = context;

    return merge->to->interface(merge->to->context, interface);
}

static void on_record(void *context, const struct traffic_record *record)
{
    struct merge *merge = context;
    struct merge_record *waits;
    size_t size;

    if (merge->passes) {
        merge->to->record(merge->to->context, record);
        return;
    }
    merge->list = grow(merge->list, merge->length, &merge->room, sizeof(*merge->list));
    waits = &merge->list[merge->length++];
    *waits = (struct merge_record){.record = traffic_record_copy(record, &size),
                                   .order = merge->arrived++,
                                   .since = clock_monotonic()};
}

struct traffic_sink merge_sink(struct merge *merge)
{
    return (struct traffic_sink){merge, on_interface, on_record};
}

static int compare_times(const void *a, const void *b)
{
    const struct merge_record *left = a;
    const struct merge_record *right = b;

    if (left->record->time != right->record->time)
        return left->record->time < right->record->time ? -1 : 1;
    return left->order < right->order ? -1 : left->order > right->order;
}

/** Whether it is a record's turn. */
static bool is_due(const struct merge_record *waits, btap_ns time, btap_ns now)
{
    return waits->record->time <= time || now - waits->since >= MERGE_PATIENCE;
}

void merge_until(struct merge *merge, btap_ns time, btap_ns now)
{
    size_t done = 0;

    if (merge->length == 0)
        return;
    qsort(merge->list, merge->length, sizeof(merge->list[0]), compare_times);
    while (done < merge->length && is_due(&merge->list[done], time, now)) {
        merge->to->record(merge->to->context, merge->list[done].record);
        free(merge->list[done++].record);
    }
    merge->length -= done;
    memmove(merge->list, merge->list + done, merge->length * sizeof(merge->list[0]));
}

void merge_release(struct merge *merge)
{
    for (size_t i = 0; i < merge->length; i++)
        free(merge->list[i].record);
    free(merge->list);
}
