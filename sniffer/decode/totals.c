/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "decode/totals.h"

#include <stdlib.h>
#include <string.h>

#include "base/allocate.h"
#include "boottap/product.h"
#include "decode/output.h"

void totals_init(struct totals *totals)
{
    memset(totals, 0, sizeof(*totals));
}

void totals_release(struct totals *totals)
{
    for (size_t i = 0; i < totals->length; i++)
        free(totals->links[i]);
    totals_init(totals);
}

/** The totals of a link, empty at first; NULL where there is no room for one more. */
static struct link_totals *find_link(struct totals *totals, const struct btap_link *link)
{
    if (totals->recent != NULL && btap_link_same(&totals->recent->link, link))
        return totals->recent;
    for (size_t i = 0; i < totals->length; i++)
        if (btap_link_same(&totals->links[i]->link, link))
            return totals->recent = totals->links[i];
    if (totals->length == TOTALS_LINKS_MAX)
        return NULL;
    totals->recent = allocate(sizeof(*totals->recent));
    totals->recent->link = *link;
    totals->links[totals->length++] = totals->recent;
    return totals->recent;
}

static void add_flow(struct totals_flow *flow, const struct btap_transaction *transaction)
{
    const btap_ns end = transaction->time + transaction->duration;

    if (transaction->transferred == 0)
        return;
    if (flow->bytes == 0)
        flow->first = transaction->time;
    flow->bytes += transaction->transferred;
    flow->last = end;
}

/** Adds pages or sectors by number. */
static void add_pages(struct link_totals *link, const struct btap_transaction *transaction)
{
    const struct btap_product *product = link->pid_known ? btap_product_by_pid(link->pid) : NULL;
    const uint32_t kept = btap_transaction_list_kept(transaction);
    uint32_t sized = 0;

    for (uint32_t i = 0; product != NULL && i < kept; i++) {
        struct btap_range sector;

        if (!btap_product_sector(product, transaction->list[i], &sector))
            continue;
        link->erased_bytes += (uint64_t)sector.last - sector.first + 1;
        sized++;
    }
    link->erased_pages += transaction->list_length;
    link->erased_unsized += transaction->list_length - sized;
}

/** Adds the page at an address, whose size the device's memory layout tells. */
static void add_page_at(struct link_totals *link, uint32_t address,
                        const struct btap_usb_device *device)
{
    const char *text = device != NULL ? btap_usb_device_layout(device) : NULL;
    const struct btap_layout_region *region = NULL;
    struct btap_layout layout;

    if (text != NULL) {
        btap_layout_parse(text, &layout);
        region = btap_layout_find(&layout, address);
    }
    link->erased_pages++;
    if (region != NULL)
        link->erased_bytes += region->page_size;
    else
        link->erased_unsized++;
}

static void add_erase(struct link_totals *link, const struct btap_transaction *transaction,
                      const struct btap_usb_device *device)
{
    switch (transaction->erase) {
    case BTAP_ERASE_PAGES:
        add_pages(link, transaction);
        return;
    case BTAP_ERASE_ADDRESS:
        add_page_at(link, transaction->address, device);
        return;
    case BTAP_ERASE_MASS:
    case BTAP_ERASE_BANK1:
    case BTAP_ERASE_BANK2:
        link->mass_erases++;
        return;
    case BTAP_ERASE_NONE:
    case BTAP_ERASE_RESERVED:
        return;
    }
}

/** What the command did to the device's memory. */
static void add_effect(struct link_totals *link, const struct btap_transaction *transaction,
                       const struct btap_usb_device *device)
{
    switch (transaction->command) {
    case BTAP_WRITE_MEMORY:
    case BTAP_DOWNLOAD:
        add_flow(&link->written, transaction);
        return;
    case BTAP_READ_MEMORY:
    case BTAP_UPLOAD:
        add_flow(&link->read, transaction);
        return;
    case BTAP_ERASE:
    case BTAP_EXTENDED_ERASE:
        add_erase(link, transaction, device);
        return;
    default:
        return;
    }
}

/** What the transaction tells about the device. */
static void add_identity(struct link_totals *link, const struct btap_transaction *transaction,
                         const struct btap_usb_device *device)
{
    struct btap_layout layout;
    const char *text;

    if (transaction->has & BTAP_HAS_VERSION) {
        link->version_known = true;
        link->version = transaction->version;
    }
    if (transaction->has & BTAP_HAS_PID) {
        link->pid_known = true;
        link->pid = transaction->pid;
    }
    if (device == NULL)
        return;
    if (device->descriptor_known && !link->usb_known) {
        link->usb_known = true;
        link->usb_vendor = device->vendor;
        link->usb_product = device->product;
    }
    if (link->layout[0] == '\0' && (text = btap_usb_device_layout(device)) != NULL) {
        btap_layout_parse(text, &layout);
        memcpy(link->layout, layout.name, sizeof(link->layout));
    }
}

static void take_pending(struct link_totals *link)
{
    if (!link->any_pending)
        return;
    for (size_t i = 0; i < BTAP_NOTE_COUNT; i++)
        link->notes[i] += link->pending[i];
    memset(link->pending, 0, sizeof(link->pending));
    link->any_pending = false;
}

void totals_transaction(struct totals *totals, const struct btap_link *link,
                        const struct btap_transaction *transaction,
                        const struct btap_usb_device *device)
{
    const btap_ns end = transaction->time + transaction->duration;
    struct link_totals *own = find_link(totals, link);

    if (own == NULL) {
        totals->omitted++;
        return;
    }
    if (own->transactions++ == 0 || transaction->time < own->first)
        own->first = transaction->time;
    if (own->transactions == 1 || end > own->last)
        own->last = end;
    own->counts[transaction->command][transaction->status]++;
    take_pending(own);
    add_identity(own, transaction, device);
    if (transaction->status == BTAP_OK)
        add_effect(own, transaction, device);
}

void totals_note(struct totals *totals, const struct btap_link *link, uint64_t n,
                 const struct btap_note *note)
{
    struct link_totals *own = find_link(totals, link);

    if (own == NULL)
        return;
    if (n == 0) {
        own->notes[note->id]++;
        return;
    }
    own->pending[note->id]++;
    own->any_pending = true;
}

void totals_skip(struct totals *totals, const struct btap_link *link)
{
    struct link_totals *own = find_link(totals, link);

    if (own == NULL || !own->any_pending)
        return;
    memset(own->pending, 0, sizeof(own->pending));
    own->any_pending = false;
}

uint64_t totals_rate(const struct totals_flow *flow)
{
    const double seconds = (double)(flow->last - flow->first) / 1e9;

    return flow->bytes > 0 && seconds > 0 ? (uint64_t)((double)flow->bytes / seconds) : 0;
}
