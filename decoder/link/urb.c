/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The submissions under way: a hash table of fixed size whose entries are also in a list by age.
 */
#include "link/link.h"

#include <string.h>

#define NONE 0xff

_Static_assert(BTAP_URBS_MAX < NONE, "entries are named by a byte");

static bool is_key(const struct btap_urb_pending *pending, const struct link_urb *urb)
{
    bool control = urb->type == LINK_URB_CONTROL;

    return pending->id == urb->id && pending->device == urb->device && pending->bus == urb->bus &&
           pending->interface_id == urb->interface_id && pending->control == control &&
           (control || pending->endpoint == urb->endpoint);
}

/* The id alone spreads well: it is the address of a kernel object, or a counter. */
static uint8_t *bucket_of(struct btap_urb_table *table, uint64_t id)
{
    uint64_t mixed = id * 0x9e3779b97f4a7c15u;

    return &table->buckets[(mixed >> 32) % sizeof(table->buckets)];
}

static uint8_t index_of(const struct btap_urb_table *table, const struct btap_urb_pending *pending)
{
    return (uint8_t)(pending - table->entries);
}

void link_urb_table_init(struct btap_urb_table *table)
{
    memset(table->buckets, NONE, sizeof(table->buckets));
    for (uint8_t i = 0; i < BTAP_URBS_MAX; i++)
        table->entries[i].next = i + 1 < BTAP_URBS_MAX ? (uint8_t)(i + 1) : NONE;
    table->free = 0;
    table->newest = NONE;
    table->oldest = NONE;
    table->length = 0;
}

struct btap_urb_pending *link_urb_find(struct btap_urb_table *table, const struct link_urb *urb)
{
    for (uint8_t i = *bucket_of(table, urb->id); i != NONE; i = table->entries[i].next)
        if (is_key(&table->entries[i], urb))
            return &table->entries[i];
    return NULL;
}

struct btap_urb_pending *link_urb_next(struct btap_urb_table *table,
                                       const struct btap_urb_pending *pending)
{
    const uint8_t index = pending != NULL ? pending->newer : table->oldest;

    return index != NONE ? &table->entries[index] : NULL;
}

static void link_by_age(struct btap_urb_table *table, uint8_t index)
{
    struct btap_urb_pending *pending = &table->entries[index];

    pending->newer = NONE;
    pending->older = table->newest;
    if (table->newest != NONE)
        table->entries[table->newest].newer = index;
    else
        table->oldest = index;
    table->newest = index;
}

static void unlink_by_age(struct btap_urb_table *table, const struct btap_urb_pending *pending)
{
    if (pending->newer != NONE)
        table->entries[pending->newer].older = pending->older;
    else
        table->newest = pending->older;
    if (pending->older != NONE)
        table->entries[pending->older].newer = pending->newer;
    else
        table->oldest = pending->newer;
}

void link_urb_release(struct btap_urb_table *table, struct btap_urb_pending *pending)
{
    uint8_t index = index_of(table, pending);
    uint8_t *link = bucket_of(table, pending->id);

    while (*link != index)
        link = &table->entries[*link].next;
    *link = pending->next;
    unlink_by_age(table, pending);
    pending->next = table->free;
    table->free = index;
    table->length--;
}

struct btap_urb_pending *link_urb_submit(struct btap_urb_table *table, const struct link_urb *urb,
                                         bool *lost)
{
    struct btap_urb_pending *pending = link_urb_find(table, urb);
    uint8_t *bucket;
    uint8_t index;

    if (pending == NULL && table->free == NONE)
        pending = &table->entries[table->oldest];
    *lost = pending != NULL;
    if (pending != NULL)
        link_urb_release(table, pending);

    index = table->free;
    pending = &table->entries[index];
    table->free = pending->next;
    bucket = bucket_of(table, urb->id);
    *pending = (struct btap_urb_pending){
        .id = urb->id,
        .interface_id = urb->interface_id,
        .bus = urb->bus,
        .device = urb->device,
        .endpoint = urb->type == LINK_URB_CONTROL ? 0 : urb->endpoint,
        .control = urb->type == LINK_URB_CONTROL,
        .setup_known = urb->setup_known,
        .next = *bucket,
        .length = urb->length,
        .packet = urb->at.packet,
        .time = urb->at.time,
    };
    if (urb->setup_known) {
        pending->setup = urb->setup;
        pending->setup_offset = urb->setup_offset;
    }
    *bucket = index;
    link_by_age(table, index);
    table->length++;
    return pending;
}
