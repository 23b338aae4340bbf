/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "trace/order.h"

#include <stdlib.h>
#include <string.h>

#include "base/allocate.h"

/** Nothing waits longer, and no more: a write may be stuck for good. */
#define WAIT_MAX_NS    ((btap_ns)1000000000)
#define WAIT_MAX_BYTES ((size_t)4 * 1024 * 1024)

/** A record that waits. */
struct order_record {
    struct order_record *next;
    struct traffic_record *record; /**< a copy */
    size_t size;                   /**< of it */
};

/** An interface that was handed over: a port that is opened again is the same. */
struct order_interface {
    uint32_t linktype;
    uint32_t number;
    char *name;
};

static uint32_t add_interface(void *context, const struct traffic_interface *interface)
{
    struct order *order = context;
    const size_t name_size = strlen(interface->name) + 1;
    struct order_interface *added;

    for (size_t i = 0; i < order->interfaces_length; i++)
        if (order->interfaces[i].linktype == interface->linktype &&
            strcmp(order->interfaces[i].name, interface->name) == 0)
            return order->interfaces[i].number;
    order->interfaces = grow(order->interfaces, order->interfaces_length, &order->interfaces_room,
                             sizeof(*order->interfaces));
    added = &order->interfaces[order->interfaces_length++];
    added->linktype = interface->linktype;
    added->name = allocate(name_size);
    memcpy(added->name, interface->name, name_size);
    added->number = order->to->interface(order->to->context, interface);
    return added->number;
}

static void hand_over(struct order *order, const struct traffic_record *record)
{
    struct traffic_record copy = *record;

    if (copy.time < order->last)
        copy.time = order->last;
    order->last = copy.time;
    order->to->record(order->to->context, &copy);
}

static void keep(struct order *order, const struct traffic_record *record)
{
    struct order_record *kept = allocate(sizeof(*kept));
    struct order_record **at = &order->first;

    kept->record = traffic_record_copy(record, &kept->size);
    kept->size += sizeof(*kept);
    while (*at != NULL && (*at)->record->time <= record->time)
        at = &(*at)->next;
    kept->next = *at;
    *at = kept;
    order->waiting += kept->size;
}

static btap_ns first_call(const struct order *order)
{
    btap_ns first = INT64_MAX;

    for (size_t i = 0; i < order->calls_length; i++)
        if (order->calls[i] < first)
            first = order->calls[i];
    return first;
}

static void add_record(void *context, const struct traffic_record *record)
{
    struct order *order = context;

    keep(order, record);
    if (order->waiting > WAIT_MAX_BYTES ||
        record->time - order->first->record->time > WAIT_MAX_NS) {
        order->calls_length = 0;
        order_flush(order);
    }
}

void order_init(struct order *order, const struct traffic_sink *to)
{
    *order = (struct order){
        .sink = {.context = order, .interface = add_interface, .record = add_record},
        .to = to,
    };
}

void order_begin(struct order *order, btap_ns entry)
{
    if (order->calls_length < ORDER_CALLS_MAX)
        order->calls[order->calls_length++] = entry;
}

bool order_finish(struct order *order, btap_ns entry)
{
    for (size_t i = 0; i < order->calls_length; i++)
        if (order->calls[i] == entry) {
            order->calls[i] = order->calls[--order->calls_length];
            return true;
        }
    return false;
}

void order_flush(struct order *order)
{
    const btap_ns until = first_call(order);

    while (order->first != NULL && order->first->record->time <= until) {
        struct order_record *first = order->first;

        order->first = first->next;
        order->waiting -= first->size;
        hand_over(order, first->record);
        free(first->record);
        free(first);
    }
}

void order_end(struct order *order)
{
    order->calls_length = 0;
    order_flush(order);
    for (size_t i = 0; i < order->interfaces_length; i++)
        free(order->interfaces[i].name);
    free(order->interfaces);
}
