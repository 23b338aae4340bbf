/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A hash table of the links, chained, beside the list of them.
 */
#include "sessions/links.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/allocate.h"

#define FIRST_BUCKETS 64

/** What lies before an entry. */
struct links_node {
    struct links_node *next; /**< in its bucket */
    uint64_t used;           /**< clock when it was asked for last */
    _Alignas(max_align_t) unsigned char entry[];
};

static struct links_node *node_of(void *entry)
{
    return (void *)((unsigned char *)entry - offsetof(struct links_node, entry));
}

static uint64_t mix(uint64_t hash, uint64_t value)
{
    hash = (hash ^ value) * 0x9e3779b97f4a7c15u;
    return hash ^ hash >> 32;
}

/** Of what btap_link_same() compares. */
static struct links_node **bucket_of(const struct links *links, const struct btap_link *link)
{
    uint64_t hash = mix((uint64_t)link->kind << 8 | link->transport, link->interface_id);

    hash = mix(hash, (uint64_t)link->bus << 32 | (uint64_t)link->device << 16 | link->port);
    for (size_t i = 0; i < sizeof(link->interface) && link->interface[i] != '\0'; i++)
        hash = mix(hash, (unsigned char)link->interface[i]);
    return &links->buckets[hash & (links->buckets_length - 1)];
}

static void *asked_for(struct links *links, void *entry)
{
    node_of(entry)->used = ++links->clock;
    return links->recent = entry;
}

void *links_find(struct links *links, const struct btap_link *link)
{
    if (links->recent != NULL && btap_link_same(links->recent, link))
        return asked_for(links, links->recent);
    if (links->length == 0)
        return NULL;
    for (struct links_node *node = *bucket_of(links, link); node != NULL; node = node->next)
        if (btap_link_same((const void *)node->entry, link))
            return asked_for(links, node->entry);
    return NULL;
}

static void put_in(struct links *links, void *entry)
{
    struct links_node **bucket = bucket_of(links, entry);

    node_of(entry)->next = *bucket;
    *bucket = node_of(entry);
}

static void grow_buckets(struct links *links)
{
    free(links->buckets);
    links->buckets_length = links->buckets_length > 0 ? 2 * links->buckets_length : FIRST_BUCKETS;
    links->buckets = allocate(links->buckets_length * sizeof(struct links_node *));
    for (size_t i = 0; i < links->length; i++)
        put_in(links, links->list[i]);
}

void *links_add(struct links *links, const struct btap_link *link, size_t size)
{
    struct links_node *node = allocate(offsetof(struct links_node, entry) + size);

    memcpy(node->entry, link, sizeof(*link));
    if (links->length >= links->buckets_length)
        grow_buckets(links);
    links->list = grow(links->list, links->length, &links->room, sizeof(*links->list));
    links->list[links->length++] = node->entry;
    put_in(links, node->entry);
    return asked_for(links, node->entry);
}

void *links_surplus(const struct links *links, const struct btap_tap *tap)
{
    void *oldest = NULL;

    if (links->length < LINKS_KEPT_MAX)
        return NULL;
    for (size_t i = 0; i < links->length; i++) {
        void *entry = links->list[i];

        if ((oldest == NULL || node_of(entry)->used < node_of(oldest)->used) &&
            !btap_tap_decodes(tap, entry))
            oldest = entry;
    }
    return oldest;
}

void links_remove(struct links *links, void *entry)
{
    struct links_node **at = bucket_of(links, entry);
    size_t i = 0;

    while (*at != node_of(entry))
        at = &(*at)->next;
    *at = (*at)->next;
    while (links->list[i] != entry)
        i++;
    links->length--;
    memmove(links->list + i, links->list + i + 1, (links->length - i) * sizeof(*links->list));
    if (links->recent == entry)
        links->recent = NULL;
    free(node_of(entry));
}

void links_release(struct links *links)
{
    for (size_t i = 0; i < links->length; i++)
        free(node_of(links->list[i]));
    free(links->list);
    free(links->buckets);
    *links = (struct links){0};
}
