/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sessions/sessions.h"

#include <stdlib.h>
#include <string.h>

#include "base/allocate.h"
#include "sessions/pack.h"

void sessions_init(struct sessions *sessions, const struct btap_tap *tap)
{
    *sessions = (struct sessions){
        .tap = tap, .kept_max = SIZE_MAX, .pages = SIZE_MAX, .summable = EFFECT_SUMMED_MAX};
}

bool session_failed(const struct btap_diagnosis *diagnosis)
{
    return diagnosis->verdict == BTAP_VERDICT_FAILED ||
           diagnosis->verdict == BTAP_VERDICT_CUT_SHORT ||
           diagnosis->verdict == BTAP_VERDICT_UNKNOWN;
}

/** Keeps a session. @return false: there is no more room */
static bool add_session(struct sessions *sessions, const struct session *session)
{
    uint8_t *packed;
    size_t length;

    if (sessions->omitted > 0 || sessions->length == sessions->kept_max)
        return false;
    packed = pack(session, sizeof(*session), &length);
    length += sizeof(*sessions->list) + (session->effect != NULL ? sizeof(*session->effect) : 0);
    if (length > SESSIONS_BYTES_MAX - sessions->bytes) {
        free(packed);
        return false;
    }
    sessions->bytes += length;
    sessions->list =
        grow(sessions->list, sessions->length, &sessions->room, sizeof(*sessions->list));
    sessions->list[sessions->length++] =
        (struct kept_session){session->facts.first_packet, packed, session->effect, session->own};
    return true;
}

const struct session *sessions_at(struct sessions *sessions, size_t place)
{
    const struct kept_session *kept = &sessions->list[place];

    if (sessions->shown == NULL)
        sessions->shown = allocate(sizeof(*sessions->shown));
    unpack(kept->packed, sessions->shown, sizeof(*sessions->shown));
    sessions->shown->effect = kept->effect;
    sessions->shown->own = kept->own;
    return sessions->shown;
}

static void omit(struct sessions *sessions, struct session_link *own,
                 const struct btap_session *facts, const struct btap_diagnosis *diagnosis)
{
    sessions->omitted++;
    sessions->omitted_failed += session_failed(diagnosis);
    sessions->omitted_wrote |= own->effect != NULL && effect_writes(own->effect);
    sessions->omitted_transactions += facts->transactions;
    effect_free(own->effect);
    if (own->own != NULL && sessions->observer->drop != NULL)
        sessions->observer->drop(own->own);
}

static void on_end(void *context, const struct btap_session *facts)
{
    struct session_link *own = context;
    struct sessions *sessions = own->sessions;
    struct session *session = allocate(sizeof(*session));

    session->link = own->link;
    session->facts = *facts;
    session->own = own->own;
    btap_diagnose(facts, &session->diagnosis);
    if (own->effect != NULL)
        own->effect->number = facts->number;
    if (sessions->keep_effects)
        session->effect = own->effect;
    if (!add_session(sessions, session))
        omit(sessions, own, facts, &session->diagnosis);
    else if (!sessions->keep_effects)
        effect_free(own->effect);
    own->effect = NULL;
    own->own = NULL;
    free(session);
}

/** What the session in hand does to memory. */
static struct effect *effect_of(struct session_link *own,
                                const struct btap_transaction *transaction)
{
    if (own->effect == NULL)
        own->effect = effect_new(&own->link, transaction, &own->sessions->pages,
                                 &own->sessions->summable, own->sessions->keep_reads);
    return own->effect;
}

static void on_effect(void *context, const struct btap_session *facts,
                      const struct btap_transaction *transaction, const struct btap_effect *effect)
{
    struct session_link *own = context;
    const struct session_observer *observer = own->sessions->observer;

    (void)facts;
    if (effect->kind == BTAP_EFFECT_ERASE)
        effect_erase(effect_of(own, transaction), transaction, effect);
    if (effect->kind == BTAP_EFFECT_WRITE)
        own->write = *effect;
    if (observer != NULL && observer->effect != NULL)
        observer->effect(observer->context, own, transaction, effect);
}

/** How far a link got that was given up. */
struct session_count {
    struct btap_link link;
    uint64_t sessions;
    bool answered;
};

static const struct btap_usb_device *usb_device_of(const struct sessions *sessions,
                                                   const struct btap_link *link)
{
    return link->kind == BTAP_LINK_USB ? btap_tap_usb_device(sessions->tap, link) : NULL;
}

/** Gives up a link that has to make room: what it has open is over. */
static void give_up(struct sessions *sessions, struct session_link *own)
{
    struct session_count *count = links_find(&sessions->counts, &own->link);

    btap_session_device(&own->tracker, usb_device_of(sessions, &own->link));
    btap_session_finish(&own->tracker);
    if (count == NULL && sessions->counts.length < SESSIONS_COUNTS_MAX)
        count = links_add(&sessions->counts, &own->link, sizeof(*count));
    if (count != NULL) {
        count->sessions = own->tracker.session.number;
        count->answered = own->tracker.answered;
    }
    effect_free(own->effect);
    payload_release(&own->payload);
    links_remove(&sessions->links, own);
}

/** A link that was given up is counted on. */
static void go_on(struct sessions *sessions, struct session_link *own)
{
    const struct session_count *count = links_find(&sessions->counts, &own->link);

    if (count != NULL)
        btap_session_after(&own->tracker, count->sessions, count->answered);
}

static struct session_link *link_of(struct sessions *sessions, const struct btap_link *link)
{
    struct session_link *own = links_find(&sessions->links, link);
    struct session_link *surplus;

    if (own != NULL)
        return own;
    surplus = links_surplus(&sessions->links, sessions->tap);
    if (surplus != NULL)
        give_up(sessions, surplus);
    own = links_add(&sessions->links, link, sizeof(*own));
    own->sessions = sessions;
    own->sink = (struct btap_session_sink){.context = own, .effect = on_effect, .end = on_end};
    btap_session_tracker_init(&own->tracker, link->transport, &own->sink);
    btap_session_at_tool(&own->tracker, link->at_tool);
    btap_session_lacks(&own->tracker, link->lacks);
    go_on(sessions, own);
    return own;
}

void sessions_data(void *context, const struct btap_link *link, const struct btap_data *data)
{
    payload_add(&link_of(context, link)->payload, data);
}

void sessions_note(void *context, const struct btap_link *link, uint64_t n,
                   const struct btap_note *note)
{
    struct sessions *sessions = context;
    const struct session_observer *observer = sessions->observer;
    struct session_link *own;

    if (n != 0)
        return;
    own = link_of(sessions, link);
    btap_session_device(&own->tracker, usb_device_of(sessions, link));
    btap_session_note(&own->tracker, n, note);
    if (observer != NULL && observer->note != NULL)
        observer->note(observer->context, own, note);
}

void sessions_transaction(void *context, const struct btap_link *link,
                          const struct btap_transaction *transaction)
{
    struct sessions *sessions = context;
    const struct session_observer *observer = sessions->observer;
    struct session_link *own = link_of(sessions, link);
    struct btap_verification readback = {0};
    struct btap_serial_port port;
    const bool port_known = btap_tap_serial_port(sessions->tap, link, &port);

    own->write.risks = 0;
    btap_session_lacks(&own->tracker, link->lacks);
    own->device = usb_device_of(sessions, link);
    btap_session_until(&own->tracker, btap_tap_until(sessions->tap));
    if (port_known)
        btap_session_closed(&own->tracker, port.closed_packet);
    btap_session_transaction(&own->tracker, transaction, own->device);
    if (port_known)
        btap_session_port(&own->tracker, &port);
    effect_transaction(effect_of(own, transaction), transaction, &own->payload, own->device,
                       own->tracker.product, &readback);
    effect_risks(own->effect, &own->write);
    btap_session_readback(&own->tracker, &readback, own->device);
    if (transaction->status == BTAP_OK && btap_command_has(transaction->command, BTAP_TRAIT_STARTS))
        btap_session_started(&own->tracker, effect_read_memory, own->effect);
    if (observer != NULL && observer->transaction != NULL)
        observer->transaction(observer->context, own, transaction);
    payload_clear(&own->payload);
}

struct btap_sink sessions_sink(struct sessions *sessions)
{
    return (struct btap_sink){
        .context = sessions,
        .data = sessions_data,
        .note = sessions_note,
        .transaction = sessions_transaction,
    };
}

/** A USB capture without a bootloader gets a session that says why. */
static void add_absence(struct sessions *sessions)
{
    const struct btap_usb_presence presence = btap_tap_usb_presence(sessions->tap);
    struct session *session = allocate(sizeof(*session));

    if (btap_session_absence(&presence, &session->link, &session->facts)) {
        btap_diagnose(&session->facts, &session->diagnosis);
        add_session(sessions, session);
    }
    free(session);
}

static int compare_packets(const void *a, const void *b)
{
    const struct kept_session *left = a;
    const struct kept_session *right = b;

    if (left->first_packet != right->first_packet)
        return left->first_packet < right->first_packet ? -1 : 1;
    return 0;
}

void sessions_finish(struct sessions *sessions)
{
    for (size_t i = 0; i < sessions->links.length; i++) {
        struct session_link *own = sessions->links.list[i];

        btap_session_device(&own->tracker, usb_device_of(sessions, &own->link));
        btap_session_finish(&own->tracker);
    }
    if (sessions->length == 0)
        add_absence(sessions);
    if (sessions->length > 1)
        qsort(sessions->list, sessions->length, sizeof(sessions->list[0]), compare_packets);
    sessions->effects = allocate((sessions->length + 1) * sizeof(struct effect *));
    for (size_t i = 0; i < sessions->length; i++)
        if (sessions->list[i].effect != NULL)
            sessions->effects[sessions->effects_length++] = sessions->list[i].effect;
}

uint64_t sessions_count(const struct sessions *sessions)
{
    return sessions->length + sessions->omitted;
}

void sessions_release(struct sessions *sessions)
{
    for (size_t i = 0; i < sessions->links.length; i++) {
        struct session_link *own = sessions->links.list[i];

        effect_free(own->effect);
        payload_release(&own->payload);
    }
    links_release(&sessions->links);
    links_release(&sessions->counts);
    for (size_t i = 0; i < sessions->length; i++) {
        effect_free(sessions->list[i].effect);
        free(sessions->list[i].packed);
    }
    free(sessions->list);
    free(sessions->shown);
    free(sessions->effects);
    sessions_init(sessions, sessions->tap);
}
