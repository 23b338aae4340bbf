/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "decode/totals.h"

#include <stdlib.h>
#include <string.h>

#include "boottap/product.h"
#include "boottap/session.h"
#include "decode/output.h"

void totals_init(struct totals *totals)
{
    memset(totals, 0, sizeof(*totals));
}

void totals_release(struct totals *totals)
{
    links_release(&totals->links);
    totals_init(totals);
}

/** The totals of a link, empty at first; NULL where there is no room for one more. */
static struct link_totals *find_link(struct totals *totals, const struct btap_link *link)
{
    struct link_totals *own = links_find(&totals->links, link);

    if (own != NULL || totals->links.length == TOTALS_LINKS_MAX)
        return own;
    return links_add(&totals->links, link, sizeof(*own));
}

static void add_flow(struct totals_flow *flow, const struct btap_transaction *transaction)
{
    const btap_ns end = transaction->time + transaction->duration;

    if (transaction->transferred == 0)
        return;
    if (flow->bytes == 0)
        flow->first = transaction->time;
    flow->bytes += transaction->transferred;
    flow->last = (transaction->lacks & BTAP_LACKS_TIMES) != 0 ? flow->first : end;
}

static void add_effect(void *context, const struct btap_effect *effect)
{
    struct link_totals *link = context;

    if (effect->kind != BTAP_EFFECT_ERASE || effect->scope != BTAP_SCOPE_PAGE)
        return;
    link->erased_pages += effect->pages;
    if (effect->extent == BTAP_EXTENT_EXACT)
        link->erased_bytes += (uint64_t)effect->range.last - effect->range.first + 1;
    else
        link->erased_unsized += effect->pages;
}

/** What the command did to the device's memory. */
static void add_effects(struct link_totals *link, const struct btap_transaction *transaction,
                        const struct btap_usb_device *device)
{
    const enum btap_command command = transaction->command;

    if (btap_command_has(command, BTAP_TRAIT_WRITES)) {
        add_flow(&link->written, transaction);
    } else if (btap_command_has(command, BTAP_TRAIT_READS)) {
        add_flow(&link->read, transaction);
    } else if (btap_transaction_erases(transaction)) {
        link->mass_erases +=
            transaction->erase != BTAP_ERASE_PAGES && transaction->erase != BTAP_ERASE_ADDRESS;
        btap_transaction_effects(transaction, link->product, device, add_effect, link);
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
    if ((transaction->has & BTAP_HAS_PID) || btap_transaction_product(transaction) != NULL)
        link->product = btap_transaction_product(transaction);
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
        add_effects(own, transaction, device);
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
