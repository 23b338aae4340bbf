/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sessions/links.h"

#include <stdlib.h>

#include "base/allocate.h"

void *links_find(struct links *links, const struct btap_link *link)
{
    if (links->recent != NULL && btap_link_same(links->recent, link))
        return links->recent;
    for (size_t i = 0; i < links->length; i++)
        if (btap_link_same(links->list[i], link))
            return links->recent = links->list[i];
    return NULL;
}

void *links_add(struct links *links, const struct btap_link *link, size_t size)
{
    struct btap_link *own = allocate(size);

    *own = *link;
    links->list = grow(links->list, links->length, &links->room, sizeof(*links->list));
    links->list[links->length++] = own;
    return links->recent = own;
}

void links_release(struct links *links)
{
    for (size_t i = 0; i < links->length; i++)
        free(links->list[i]);
    free(links->list);
    *links = (struct links){0};
}
