/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "diff/side.h"

#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "base/allocate.h"
#include "boottap/session.h"

/** A link while it is collected. */
struct collected_link {
    struct btap_link link;
    struct steps *steps;
    struct btap_session_sink sink;
    struct btap_session_tracker tracker;
    uint64_t session; /**< that is open, or the next one */
    btap_ns end;      /**< of the transaction before */
    uint64_t n;       /**< of it */
    uint64_t crc_n;
    uint32_t crc32; /**< of payload that belongs to crc_n */
};

static void on_session_end(void *context, const struct btap_session *facts)
{
    struct collected_link *own = context;

    own->session = facts->number + 1;
}

/** Counts the sessions of a link from its start. */
static void start_sessions(struct collected_link *own)
{
    own->session = 1;
    own->sink = (struct btap_session_sink){.context = own, .end = on_session_end};
    btap_session_tracker_init(&own->tracker, own->link.transport, &own->sink);
}

static struct collected_link *link_of(struct collector *collector, const struct btap_link *link)
{
    struct collected_link *own = links_find(&collector->links, link);

    if (own == NULL) {
        /* One that comes back counts from the start, as its transactions do. */
        void *surplus =
            collector->tap != NULL ? links_surplus(&collector->links, collector->tap) : NULL;

        if (surplus != NULL)
            links_remove(&collector->links, surplus);
        own = links_add(&collector->links, link, sizeof(*own));
        start_sessions(own);
    }
    return own;
}

static struct steps *steps_of(struct collector *collector, struct collected_link *own)
{
    struct side *side = collector->side;

    if (own->steps != NULL)
        return own->steps;
    own->steps = allocate(sizeof(*own->steps));
    own->steps->link = own->link;
    side->links = grow(side->links, side->length, &side->room, sizeof(struct steps *));
    return side->links[side->length++] = own->steps;
}

static bool is_wanted(const struct collector *collector, const struct collected_link *own,
                      const struct btap_transaction *transaction)
{
    const struct side_options *options = collector->options;
    const struct btap_link *link = &own->link;
    char name[BTAP_LINK_NAME_SIZE];

    if (options->session > 0 && own->session != options->session)
        return false;
    if (transaction->first_packet < options->first_packet ||
        transaction->first_packet > options->last_packet)
        return false;
    if (options->link != NULL &&
        strcmp(options->link, btap_link_name(link, name, sizeof(name))) != 0)
        return false;
    return filter_link(&collector->compare->filter, link) &&
           filter_transaction(&collector->compare->filter, transaction);
}

static void on_data(void *context, const struct btap_link *link, const struct btap_data *data)
{
    struct collector *collector = context;
    struct collected_link *own = link_of(collector, link);

    if (own->crc_n != data->n) {
        own->crc_n = data->n;
        own->crc32 = 0;
    }
    own->crc32 = (uint32_t)crc32(own->crc32, data->bytes, data->length);
}

/** A note may begin a session, as it is counted everywhere. */
static void on_note(void *context, const struct btap_link *link, uint64_t n,
                    const struct btap_note *note)
{
    btap_session_note(&link_of(context, link)->tracker, n, note);
}

static void keep_step(struct collector *collector, struct collected_link *own,
                      const struct btap_transaction *transaction)
{
    struct steps *steps = steps_of(collector, own);
    const struct btap_comparison *comparison = &collector->compare->comparison;
    const struct btap_compared compared = {
        .transaction = transaction,
        .has_crc32 = own->crc_n == transaction->n,
        .crc32 = own->crc32,
        .pause = own->n != 0 && transaction->time > own->end ? transaction->time - own->end : 0,
    };

    steps_add(steps, &compared,
              numbering_of(collector->same, btap_comparison_key(comparison, &compared)),
              numbering_of(collector->about, btap_comparison_step(comparison, &compared)));
}

static void on_transaction(void *context, const struct btap_link *link,
                           const struct btap_transaction *transaction)
{
    struct collector *collector = context;
    struct collected_link *own = link_of(collector, link);

    collector->found++;
    /* The link gave way to others and came back: it counts from the start. */
    if (transaction->n <= own->n) {
        own->steps = NULL;
        start_sessions(own);
    }
    if (collector->options->session > 0)
        btap_session_transaction(&own->tracker, transaction,
                                 btap_tap_usb_device(collector->tap, link));
    if (is_wanted(collector, own, transaction))
        keep_step(collector, own, transaction);
    own->n = transaction->n;
    own->end = transaction->time + transaction->duration;
}

struct btap_sink collector_sink(struct collector *collector)
{
    return (struct btap_sink){
        .context = collector,
        .data = on_data,
        .note = on_note,
        .transaction = on_transaction,
    };
}

void collector_release(struct collector *collector)
{
    links_release(&collector->links);
}

void side_release(struct side *side)
{
    for (size_t i = 0; i < side->length; i++) {
        steps_release(side->links[i]);
        free(side->links[i]);
    }
    free(side->links);
    *side = (struct side){0};
}
