/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sessions/sessions.h"

#include <stdlib.h>
#include <string.h>

#include "base/allocate.h"
#include "memory/image.h"
#include "sessions/payload.h"

struct sessions_link {
    struct btap_link link;
    struct sessions *sessions;
    struct btap_session_sink sink;
    struct btap_session_tracker tracker;
    struct payload payload;
    struct image memory; /**< what the session wrote */
};

void sessions_init(struct sessions *sessions, const struct btap_tap *tap)
{
    memset(sessions, 0, sizeof(*sessions));
    sessions->tap = tap;
}

/** Makes room for one more element. @return the array, moved perhaps */
static void *grow(void *array, size_t length, size_t *size, size_t element)
{
    void *larger;

    if (length < *size)
        return array;
    *size = *size == 0 ? 8 : 2 * *size;
    larger = allocate(*size * element);
    if (length > 0)
        memcpy(larger, array, length * element);
    free(array);
    return larger;
}

/** Appends a session, whose members are the caller's to fill. */
static struct session *add_session(struct sessions *sessions)
{
    sessions->list =
        grow(sessions->list, sessions->length, &sessions->size, sizeof(struct session));
    return &sessions->list[sessions->length++];
}

bool session_failed(const struct btap_diagnosis *diagnosis)
{
    return diagnosis->verdict == BTAP_VERDICT_FAILED ||
           diagnosis->verdict == BTAP_VERDICT_CUT_SHORT;
}

static void on_session(void *context, const struct btap_session *facts)
{
    struct sessions_link *own = context;
    struct sessions *sessions = own->sessions;
    struct btap_diagnosis diagnosis;
    struct session *session;

    image_release(&own->memory);
    btap_diagnose(facts, &diagnosis);
    if (sessions->length == SESSIONS_MAX) {
        sessions->omitted++;
        sessions->omitted_failed += session_failed(&diagnosis);
        return;
    }
    session = add_session(sessions);
    session->link = own->link;
    session->facts = *facts;
    session->diagnosis = diagnosis;
}

/** What was erased cannot be read back; where that is not known, it may be all. */
static void on_effect(void *context, const struct btap_session *session,
                      const struct btap_transaction *transaction, const struct btap_effect *effect)
{
    struct sessions_link *own = context;

    (void)session;
    (void)transaction;
    if (effect->kind != BTAP_EFFECT_ERASE)
        return;
    if (effect->extent == BTAP_EXTENT_UNKNOWN || !image_erase(&own->memory, &effect->range))
        image_release(&own->memory);
}

/** A USB capture without a bootloader gets a session that says why. */
static void add_absence(struct sessions *sessions)
{
    const struct btap_usb_presence presence = btap_tap_usb_presence(sessions->tap);
    struct session session;

    if (!btap_session_absence(&presence, &session.link, &session.facts))
        return;
    btap_diagnose(&session.facts, &session.diagnosis);
    *add_session(sessions) = session;
}

static struct sessions_link *find_link(struct sessions *sessions, const struct btap_link *link)
{
    struct sessions_link *own;

    if (sessions->recent != NULL && btap_link_same(&sessions->recent->link, link))
        return sessions->recent;
    for (size_t i = 0; i < sessions->links_length; i++)
        if (btap_link_same(&sessions->links[i]->link, link))
            return sessions->recent = sessions->links[i];
    own = allocate(sizeof(*own));
    own->link = *link;
    own->sessions = sessions;
    own->sink = (struct btap_session_sink){.context = own, .effect = on_effect, .end = on_session};
    btap_session_tracker_init(&own->tracker, link->transport, &own->sink);
    sessions->links = grow(sessions->links, sessions->links_length, &sessions->links_size,
                           sizeof(struct sessions_link *));
    sessions->links[sessions->links_length++] = own;
    return sessions->recent = own;
}

void sessions_data(void *context, const struct btap_link *link, const struct btap_data *data)
{
    payload_add(&find_link(context, link)->payload, data);
}

void sessions_note(void *context, const struct btap_link *link, uint64_t n,
                   const struct btap_note *note)
{
    if (n == 0)
        btap_session_note(&find_link(context, link)->tracker, n, note);
}

/** Whether memory holds there what was written, until it is erased. */
static bool is_lasting(const struct btap_transaction *transaction, uint32_t address)
{
    return transaction->command == BTAP_DOWNLOAD || transaction->command == BTAP_UPLOAD ||
           btap_memory_lasts(address);
}

static void take_payload(struct sessions_link *own, const struct btap_transaction *transaction)
{
    const struct payload *payload = &own->payload;
    const uint8_t *bytes = payload->bytes;
    struct btap_verification result = {0};

    if (transaction->status != BTAP_OK || payload->n != transaction->n)
        return;
    for (size_t i = 0; i < payload->slices_length; i++) {
        const struct payload_slice *slice = &payload->slices[i];

        if (is_lasting(transaction, slice->address) && slice->written)
            image_write(&own->memory, slice->address, bytes, slice->length);
        else if (is_lasting(transaction, slice->address))
            image_read_back(&own->memory, slice->address, bytes, slice->length, slice->packet,
                            &result);
        bytes += slice->length;
    }
    btap_session_readback(&own->tracker, &result);
}

void sessions_transaction(void *context, const struct btap_link *link,
                          const struct btap_transaction *transaction)
{
    struct sessions *sessions = context;
    struct sessions_link *own = find_link(sessions, link);
    const struct btap_usb_device *device =
        link->kind == BTAP_LINK_USB ? btap_tap_usb_device(sessions->tap, link) : NULL;

    struct btap_serial_port port;

    btap_session_until(&own->tracker, btap_tap_until(sessions->tap));
    btap_session_transaction(&own->tracker, transaction, device);
    if (btap_tap_serial_port(sessions->tap, link, &port))
        btap_session_port(&own->tracker, &port);
    take_payload(own, transaction);
    payload_clear(&own->payload);
}

static int compare_time(const void *a, const void *b)
{
    const struct session *left = a;
    const struct session *right = b;

    if (left->facts.first_packet != right->facts.first_packet)
        return left->facts.first_packet < right->facts.first_packet ? -1 : 1;
    return 0;
}

void sessions_finish(struct sessions *sessions)
{
    for (size_t i = 0; i < sessions->links_length; i++)
        btap_session_finish(&sessions->links[i]->tracker);
    if (sessions->length == 0)
        add_absence(sessions);
    if (sessions->length > 1)
        qsort(sessions->list, sessions->length, sizeof(sessions->list[0]), compare_time);
}

uint64_t sessions_count(const struct sessions *sessions)
{
    return sessions->length + sessions->omitted;
}

void sessions_release(struct sessions *sessions)
{
    for (size_t i = 0; i < sessions->links_length; i++) {
        image_release(&sessions->links[i]->memory);
        payload_release(&sessions->links[i]->payload);
        free(sessions->links[i]);
    }
    free(sessions->links);
    free(sessions->list);
    sessions_init(sessions, sessions->tap);
}
