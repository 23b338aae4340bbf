/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What is kept of each link of a capture, found by the link.
 */
#ifndef SNIFFER_SESSIONS_LINKS_H
#define SNIFFER_SESSIONS_LINKS_H

#include <stdbool.h>

#include "boottap/tap.h"

struct links_node;

/** Links that are kept where a file may have any number: those that the tap decodes at once, and
 * some that gave way to others and may come back. */
#define LINKS_KEPT_MAX (BTAP_CHANNELS_MAX + 8)

/** Zero: no links. Readers use list and length; every entry begins with a struct btap_link, a copy,
 * for the link itself may be gone. */
struct links {
    size_t length;
    size_t room;
    void **list; /**< in the order in which the links turned up */
    void *recent;

    uint64_t clock; /**< counts the times that a link was asked for */
    size_t buckets_length;
    struct links_node **buckets;
};

/** The entry of a link; NULL if there is none yet. */
void *links_find(struct links *links, const struct btap_link *link);

/** Makes the entry of a link that has none: zeroed but for the link. @param size bytes of an entry
 */
void *links_add(struct links *links, const struct btap_link *link, size_t size);

/**
 * The entry to give up for another one: that which was not asked for the longest, of the links that
 * the tap does not decode any more.
 *
 * @return NULL if there are no more than LINKS_KEPT_MAX - 1 links
 */
void *links_surplus(const struct links *links, const struct btap_tap *tap);

/** Frees one entry. */
void links_remove(struct links *links, void *entry);

/** Frees all entries. */
void links_release(struct links *links);

#endif
