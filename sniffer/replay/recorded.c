/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "replay/recorded.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "base/allocate.h"
#include "base/line.h"
#include "base/message.h"
#include "capture/capture.h"
#include "sessions/sessions.h"

/** Sessions that a message names. */
#define NAMED_MAX 8

/** Data that the host sent, on one link. */
struct host_data {
    struct btap_link link; /**< as links_add() wants it */
    uint64_t n;            /**< of the transaction */
    size_t length;
    size_t room;
    uint8_t *bytes;
};

struct reading {
    struct capture *capture;
    struct sessions sessions;
    struct links host_data;
    const struct btap_link *link; /**< of the transaction in hand */
};

static struct host_data *host_data_of(struct reading *reading, const struct btap_link *link)
{
    struct host_data *data = links_find(&reading->host_data, link);

    return data != NULL ? data : links_add(&reading->host_data, link, sizeof(*data));
}

/** What belongs to no memory is told by spans only: the data of Special. */
static void on_span(void *context, const struct btap_link *link, const struct btap_span *span)
{
    struct host_data *data;

    if (span->field != BTAP_FIELD_DATA || span->direction != BTAP_HOST_TO_DEVICE ||
        span->bytes == NULL || span->n == 0)
        return;
    data = host_data_of(context, link);
    if (data->n != span->n) {
        data->n = span->n;
        data->length = 0;
    }
    if (data->room - data->length < span->length) {
        data->room += data->room / 2 + span->length;
        data->bytes = reallocate(data->bytes, data->room);
    }
    memcpy(data->bytes + data->length, span->bytes, span->length);
    data->length += span->length;
}

static void on_data(void *context, const struct btap_link *link, const struct btap_data *data)
{
    sessions_data(&((struct reading *)context)->sessions, link, data);
}

static void on_note(void *context, const struct btap_link *link, uint64_t n,
                    const struct btap_note *note)
{
    sessions_note(&((struct reading *)context)->sessions, link, n, note);
}

static void on_transaction(void *context, const struct btap_link *link,
                           const struct btap_transaction *transaction)
{
    struct reading *reading = context;

    reading->link = link;
    sessions_transaction(&reading->sessions, link, transaction);
}

static struct recorded *recorded_of(struct reading *reading, struct session_link *link)
{
    struct recorded *recorded = link->own;

    if (recorded != NULL)
        return recorded;
    recorded = allocate(sizeof(*recorded));
    recorded->plan.name = reading->capture->input.stream.name;
    recorded->plan.transport = link->link.transport;
    recorded->plan.link = link->link;
    recorded->plan.session = link->tracker.session.number;
    return link->own = recorded;
}

/** What only the way there shows of the device and its wire. */
static void note_device(const struct reading *reading, struct plan_device *device,
                        const struct btap_usb_device *usb,
                        const struct btap_transaction *transaction)
{
    const struct btap_tap *tap = &reading->capture->tap;
    struct btap_serial_port port;

    if (usb != NULL && transaction->transport == BTAP_DFU) {
        device->usb = *usb;
        device->usb_known = true;
    }
    /* The first ones: tools put the port back to what it was when they close it. */
    if (device->settings.baud == 0 && btap_tap_serial_port(tap, reading->link, &port))
        device->settings = port.settings;
    if (!device->brs_known)
        device->brs_known = btap_tap_can_brs(tap, reading->link, &device->brs);
    if (transaction->transport == BTAP_FDCAN && transaction->command == BTAP_SYNC)
        device->detection = true;
}

/** The host's bytes of a transaction. */
static void take_payload(struct reading *reading, const struct session_link *link,
                         struct plan_command *command)
{
    const struct btap_transaction *transaction = &command->transaction;
    const struct host_data *data;

    if (btap_command_has(transaction->command, BTAP_TRAIT_WRITES)) {
        if (link->payload.n != transaction->n)
            return;
        command->payload = link->payload.bytes;
        command->payload_length = (uint32_t)link->payload.length;
    } else if (transaction->command == BTAP_SPECIAL ||
               transaction->command == BTAP_EXTENDED_SPECIAL) {
        data = host_data_of(reading, &link->link);
        if (data->n != transaction->n)
            return;
        command->payload = data->bytes;
        command->payload_length = (uint32_t)data->length;
    }
}

static void keep_transaction(void *context, struct session_link *link,
                             const struct btap_transaction *transaction)
{
    struct reading *reading = context;
    struct recorded *recorded = recorded_of(reading, link);
    struct plan_command command = {.origin = PLAN_RECORDED, .transaction = *transaction};

    note_device(reading, &recorded->plan.device, link->device, transaction);
    take_payload(reading, link, &command);
    if (link->payload.n == transaction->n && link->payload.length > 0) {
        command.has_crc32 = true;
        command.crc32 = (uint32_t)crc32_z(0, link->payload.bytes, link->payload.length);
    }
    if (recorded->plan.length > 0 && transaction->time > recorded->end)
        command.pause = transaction->time - recorded->end;
    recorded->end = transaction->time + transaction->duration;
    plan_add(&recorded->plan, &command);
}

static void drop(void *own)
{
    recorded_free(own);
}

void recorded_free(struct recorded *recorded)
{
    if (recorded == NULL)
        return;
    plan_release(&recorded->plan);
    free(recorded);
}

/** Numbers the steps by what they are about, for what finds repetitions. */
static void number_steps(struct steps *steps)
{
    const struct btap_comparison comparison = btap_comparison_default();
    struct unpacked *room = allocate(sizeof(*room));
    struct numbering about = {0};

    for (size_t i = 0; i < steps->length; i++) {
        steps_get(steps, i, room);
        steps->steps[i].about =
            numbering_of(&about, btap_comparison_step(&comparison, &room->compared));
    }
    numbering_release(&about);
    free(room);
}

/** What the whole session tells of its device. */
static void finish(struct recorded *recorded, const struct btap_session *facts)
{
    struct plan_device *device = &recorded->plan.device;

    device->pid_known = facts->pid_known;
    device->pid = facts->pid;
    device->product = btap_session_product(facts);
    device->version = facts->version;
    device->reply_mode = facts->notes[BTAP_NOTE_REPLY_MODE].count > 0;
    number_steps(&recorded->plan.steps);
}

static bool is_asked_for(const struct recorded_choice *choice, const struct session *session)
{
    char name[BTAP_LINK_NAME_SIZE];

    if (session->own == NULL || (choice->session > 0 && session->facts.number != choice->session))
        return false;
    return choice->link == NULL ||
           strcmp(choice->link, btap_link_name(&session->link, name, sizeof(name))) == 0;
}

static void tell_choice(const struct recorded_choice *choice, struct sessions *sessions,
                        const char *name, size_t found)
{
    struct line line;
    size_t named = 0;

    line_start(&line);
    line_format(&line, "%s: it has %zu sessions; choose one with --link and --session: ", name,
                found);
    for (size_t i = 0; i < sessions->length && named < NAMED_MAX; i++) {
        const struct session *session = sessions_at(sessions, i);
        const struct btap_session *facts = &session->facts;

        if (!is_asked_for(choice, session))
            continue;
        line_text(&line, named++ > 0 ? "; " : "");
        line_text(&line, "link ");
        line_link(&line, &session->link);
        line_format(&line,
                    " session %" PRIu64 " (%" PRIu64 " command%s, packets %" PRIu64 "-%" PRIu64 ")",
                    facts->number, facts->transactions, facts->transactions == 1 ? "" : "s",
                    facts->first_packet, facts->last_packet);
    }
    if (found > named)
        line_format(&line, "; and %zu more, which boottap diagnose shows", found - named);
    message("%.*s", (int)line.length, line.text);
}

/** The only session that is asked for; its recording becomes the caller's. */
static struct recorded *choose(struct reading *reading, const struct recorded_choice *choice)
{
    struct sessions *sessions = &reading->sessions;
    const struct input *input = &reading->capture->input;
    size_t chosen = 0;
    struct recorded *recorded;
    size_t found = 0;
    size_t any = 0;

    for (size_t i = 0; i < sessions->length; i++) {
        any += sessions->list[i].own != NULL;
        if (!is_asked_for(choice, sessions_at(sessions, i)))
            continue;
        chosen = i;
        found++;
    }
    if (found == 1) {
        recorded = sessions->list[chosen].own;
        finish(recorded, &sessions_at(sessions, chosen)->facts);
        sessions->list[chosen].own = NULL;
        return recorded;
    }
    if (found > 1)
        tell_choice(choice, sessions, input->stream.name, found);
    else if (any > 0)
        message("%s: none of its sessions is the one asked for; 'boottap diagnose' shows them",
                input->stream.name);
    else
        capture_tell_nothing_found(input, &reading->capture->tap.counters);
    return NULL;
}

static void release(struct reading *reading)
{
    for (size_t i = 0; i < reading->sessions.length; i++)
        recorded_free(reading->sessions.list[i].own);
    sessions_release(&reading->sessions);
    for (size_t i = 0; i < reading->host_data.length; i++)
        free(((struct host_data *)reading->host_data.list[i])->bytes);
    links_release(&reading->host_data);
    free(reading->capture);
}

struct recorded *recorded_read(const struct recorded_choice *choice)
{
    struct reading reading = {.capture = allocate(sizeof(struct capture))};
    const struct session_observer observer = {
        .context = &reading,
        .transaction = keep_transaction,
        .drop = drop,
    };
    const struct btap_sink sink = {
        .context = &reading,
        .span = on_span,
        .data = on_data,
        .note = on_note,
        .transaction = on_transaction,
    };
    struct recorded *recorded = NULL;
    bool whole;

    sessions_init(&reading.sessions, &reading.capture->tap);
    reading.sessions.observer = &observer;
    whole = capture_read(reading.capture, choice->path, &choice->decoder, &sink);
    sessions_finish(&reading.sessions);
    if (whole)
        recorded = choose(&reading, choice);
    release(&reading);
    return recorded;
}
