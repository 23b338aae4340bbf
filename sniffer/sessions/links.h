/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What is kept of each link of a capture, found by the link.
 */
#ifndef SNIFFER_SESSIONS_LINKS_H
#define SNIFFER_SESSIONS_LINKS_H

#include "boottap/link.h"

/** Zero: no links. Readers use list and length; every entry begins with a struct btap_link, a copy,
 * for the link itself may be gone. */
struct links {
    size_t length;
    size_t room;
    void **list; /**< in the order in which the links turned up */
    void *recent;
};

/** The entry of a link; NULL if there is none yet. */
void *links_find(struct links *links, const struct btap_link *link);

/** Makes the entry of a link that has none: zeroed but for the link. @param size bytes of an entry
 */
void *links_add(struct links *links, const struct btap_link *link, size_t size);

/** Frees all entries. */
void links_release(struct links *links);

#endif
