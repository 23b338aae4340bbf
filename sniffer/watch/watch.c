/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "watch/watch.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/allocate.h"
#include "base/clock.h"
#include "base/line.h"
#include "base/message.h"
#include "base/status_line.h"
#include "base/talk.h"
#include "watch/announce.h"
#include "watch/progress.h"

/** The status line changes no more often. */
#define PROGRESS_EVERY_NS (100 * CLOCK_NS_PER_MS)

/** An interface of the traffic, as a reader of the recording keeps it. */
struct watched {
    uint32_t linktype;
    char name[BTAP_INTERFACE_NAME_SIZE];
    bool at_tool;
};

struct watch {
    const struct watch_options *options;
    struct firmware_check *check;
    struct traffic_sink live;
    size_t interfaces_length;
    size_t interfaces_room;
    struct watched *interfaces;
    struct recorder *recorder; /**< NULL: nothing is recorded, or no more */
    bool recording_failed;
    bool full; /**< a limit of -a is reached */

    struct stream stream;
    struct btap_sink sink;
    struct show shows[WATCH_SHOWS_MAX];
    struct session_observer observer;
    struct sessions sessions;
    uint64_t transactions;
    uint64_t counted;      /**< of them, for options->count */
    btap_ns started;       /**< CLOCK_MONOTONIC */
    bool ending;           /**< what is still open is told with the verdict, which follows */
    uint64_t expected;     /**< bytes of the firmware; 0: none is expected */
    btap_ns progress_next; /**< when the status line may change, monotonic */
    struct btap_tap tap;
};

/* What the tap emits */

static void on_span(void *context, const struct btap_link *link, const struct btap_span *span)
{
    struct watch *watch = context;

    for (size_t i = 0; i < watch->options->shows_length; i++) {
        const struct btap_sink *sink = show_sink(&watch->shows[i]);

        if (sink->span != NULL)
            sink->span(sink->context, link, span);
    }
}

static void on_data(void *context, const struct btap_link *link, const struct btap_data *data)
{
    struct watch *watch = context;
    const struct btap_sink *beside = watch->options->beside;

    for (size_t i = 0; i < watch->options->shows_length; i++) {
        const struct btap_sink *sink = show_sink(&watch->shows[i]);

        if (sink->data != NULL)
            sink->data(sink->context, link, data);
    }
    if (beside != NULL)
        beside->data(beside->context, link, data);
    sessions_data(&watch->sessions, link, data);
}

static void on_note(void *context, const struct btap_link *link, uint64_t n,
                    const struct btap_note *note)
{
    struct watch *watch = context;
    const struct btap_sink *beside = watch->options->beside;

    status_line_clear();
    for (size_t i = 0; i < watch->options->shows_length; i++) {
        const struct btap_sink *sink = show_sink(&watch->shows[i]);

        sink->note(sink->context, link, n, note);
    }
    if (beside != NULL)
        beside->note(beside->context, link, n, note);
    sessions_note(&watch->sessions, link, n, note);
}

static void on_transaction(void *context, const struct btap_link *link,
                           const struct btap_transaction *transaction)
{
    struct watch *watch = context;
    const struct btap_sink *beside = watch->options->beside;
    const struct filter *filter = &watch->options->shows[0].filter;

    watch->transactions++;
    if (filter_link(filter, link) && filter_transaction(filter, transaction))
        watch->counted++;
    if (watch->options->shows_length > 0)
        status_line_clear();
    for (size_t i = 0; i < watch->options->shows_length; i++) {
        const struct btap_sink *sink = show_sink(&watch->shows[i]);

        sink->transaction(sink->context, link, transaction);
    }
    if (beside != NULL)
        beside->transaction(beside->context, link, transaction);
    sessions_transaction(&watch->sessions, link, transaction);
}

/** A transaction of a session, whose facts have taken it. */
static void on_session_transaction(void *context, struct session_link *link,
                                   const struct btap_transaction *transaction)
{
    struct watch *watch = context;
    char words[PROGRESS_TEXT_SIZE];
    btap_ns now;

    if (watch->options->announce && !(watch->ending && transaction->status == BTAP_INCOMPLETE))
        announce_transaction(link, transaction);
    if (!watch->options->progress)
        return;
    now = clock_monotonic();
    if (now < watch->progress_next)
        return;
    watch->progress_next = now + PROGRESS_EVERY_NS;
    status_line_show(
        progress_text(link, transaction, watch->expected, clock_now(), words, sizeof(words)));
}

/* What sources hand over */

/** What became of the recording. */
static void take_state(struct watch *watch, enum recorder_state state)
{
    switch (state) {
    case RECORDER_RUNS:
        return;
    case RECORDER_FULL:
        watch->full = true;
        return;
    case RECORDER_FAILED:
        watch->recording_failed = true;
        return;
    }
}

static bool records(const struct watch *watch)
{
    return watch->recorder != NULL && !watch->recording_failed;
}

/**
 * The name of a port may be any bytes; a recording, and who reads it, wants UTF-8.
 *
 * @param[in,out] words may be NULL
 */
static void make_text(const char **words, struct line *line)
{
    if (*words == NULL)
        return;
    line_start(line);
    line_escaped(line, *words);
    line->text[line->length] = '\0';
    *words = line->text;
}

static uint32_t on_interface(void *context, const struct traffic_interface *given)
{
    struct watch *watch = context;
    struct traffic_interface named = *given;
    const struct traffic_interface *interface = &named;
    struct watched *watched;
    struct line name;
    struct line description;
    struct line hardware;

    make_text(&named.name, &name);
    make_text(&named.description, &description);
    make_text(&named.hardware, &hardware);

    watch->interfaces = grow(watch->interfaces, watch->interfaces_length, &watch->interfaces_room,
                             sizeof(*watch->interfaces));
    watched = &watch->interfaces[watch->interfaces_length];
    *watched = (struct watched){.linktype = interface->linktype, .at_tool = interface->at_tool};
    snprintf(watched->name, sizeof(watched->name), "%s", interface->name);
    if (records(watch))
        take_state(watch, recorder_interface(watch->recorder, interface));
    return (uint32_t)watch->interfaces_length++;
}

static void on_record(void *context, const struct traffic_record *live)
{
    struct watch *watch = context;
    const struct watched *watched = &watch->interfaces[live->interface_id];
    struct btap_record record = {
        .linktype = watched->linktype,
        .interface_id = live->interface_id,
        .interface = watched->name,
        .time = live->time,
        /* pcapng tells what was sent; what was not may be received, or not known. */
        .direction =
            live->direction == BTAP_HOST_TO_DEVICE ? BTAP_HOST_TO_DEVICE : BTAP_DIRECTION_UNKNOWN,
        .bytes = live->bytes,
        .captured = live->captured,
        .length = live->length,
        .at_tool = watched->at_tool,
    };

    if (live->comment != NULL)
        btap_record_comment(&record, live->comment, (uint32_t)strlen(live->comment));
    if (records(watch))
        take_state(watch, recorder_record(watch->recorder, live));
    stream_count(&watch->stream, &record);
    btap_tap_record(&watch->tap, &record);
}

/* From beginning to end */

static bool shows_spans(const struct watch *watch)
{
    for (size_t i = 0; i < watch->options->shows_length; i++)
        if (show_sink(&watch->shows[i])->span != NULL)
            return true;
    return false;
}

static void start(struct watch *watch)
{
    const struct watch_options *options = watch->options;

    watch->live = (struct traffic_sink){watch, on_interface, on_record};
    watch->stream = (struct stream){.name = options->name, .digits = STREAM_DIGITS};
    for (size_t i = 0; i < options->shows_length; i++)
        show_init(&watch->shows[i], &options->shows[i]);
    watch->sink = (struct btap_sink){
        .context = watch,
        .span = shows_spans(watch) ? on_span : NULL,
        .data = on_data,
        .note = on_note,
        .transaction = on_transaction,
    };
    watch->observer =
        (struct session_observer){.context = watch, .transaction = on_session_transaction};
    sessions_init(&watch->sessions, &watch->tap);
    watch->sessions.observer = &watch->observer;
    watch->sessions.keep_effects = watch->check->path != NULL;
    if (watch->check->path != NULL)
        watch->expected = image_count(&watch->check->firmware.image, IMAGE_WRITTEN);
    btap_tap_init(&watch->tap, &watch->sink, &options->decoder);
    for (size_t i = 0; i < options->shows_length; i++)
        show_begin(&watch->shows[i], &watch->stream, &watch->tap);
}

struct watch *watch_new(const struct watch_options *options, struct firmware_check *check)
{
    struct watch *watch = allocate(sizeof(*watch));

    watch->options = options;
    watch->check = check;
    watch->started = clock_monotonic();
    if (options->record.path != NULL) {
        watch->recorder = recorder_open(&options->record);
        if (watch->recorder == NULL) {
            free(watch);
            return NULL;
        }
    }
    start(watch);
    return watch;
}

const struct traffic_sink *watch_sink(struct watch *watch)
{
    return &watch->live;
}

void watch_begin(struct watch *watch)
{
    if (records(watch))
        take_state(watch, recorder_begin(watch->recorder));
}

bool watch_goes_on(const struct watch *watch)
{
    const struct watch_options *options = watch->options;

    if (watch->full || (watch->recording_failed && options->must_record) ||
        (options->count > 0 && watch->counted >= options->count))
        return false;
    for (size_t i = 0; i < options->shows_length; i++) {
        const struct show *show = &watch->shows[i];

        if (show->unread || (show->done && (show->options->count > 0 || options->must_record)))
            return false;
    }
    return true;
}

/** When -a duration ends a watch that records nothing, or no more. */
static btap_ns stop_due(const struct watch *watch)
{
    const uint64_t seconds = watch->options->record.stop_s;

    return seconds > 0 && seconds <= UINT32_MAX
               ? watch->started + (btap_ns)seconds * CLOCK_NS_PER_SECOND
               : INT64_MAX;
}

btap_ns watch_deadline(const struct watch *watch)
{
    return records(watch) ? recorder_deadline(watch->recorder) : stop_due(watch);
}

void watch_tick(struct watch *watch, btap_ns now)
{
    if (records(watch))
        take_state(watch, recorder_tick(watch->recorder, now));
    else if (now >= stop_due(watch))
        watch->full = true;
}

void watch_statistics(struct watch *watch, uint32_t interface_id,
                      const struct traffic_statistics *statistics)
{
    if (!statistics->known)
        return;
    if (statistics->dropped > 0)
        message("%s: %" PRIu64 " of %" PRIu64
                " records were lost in the kernel, which did not have "
                "room for them",
                watch->interfaces[interface_id].name, statistics->dropped, statistics->received);
    if (records(watch))
        recorder_statistics(watch->recorder, interface_id, statistics);
}

/** Closes the recording and the outputs. @return false if something was not written */
static bool close_outputs(struct watch *watch, btap_ns until)
{
    bool written = true;

    for (size_t i = 0; i < watch->options->shows_length; i++) {
        show_end(&watch->shows[i]);
        written &= show_flush(&watch->shows[i]);
    }
    if (watch->recorder != NULL)
        written &= recorder_close(watch->recorder, until);
    watch->recorder = NULL;
    return written && !watch->recording_failed;
}

/** What is told where there is nothing to judge. */
static void tell_nothing(const struct watch *watch)
{
    const struct btap_counters *counters = &watch->tap.counters;

    if (watch->interfaces_length == 0) {
        message("%s: no bootloader traffic was seen: no serial port, USB device or CAN socket was "
                "used",
                watch->options->name);
        return;
    }
    message("%s: no bootloader traffic was seen in %" PRIu64 " packet%s (%" PRIu64
            " of other devices or protocols, %" PRIu64 " malformed)",
            watch->options->name, watch->stream.packets, watch->stream.packets == 1 ? "" : "s",
            counters->foreign, counters->malformed);
}

void watch_end(struct watch *watch, btap_ns until)
{
    if (watch->ending)
        return;
    watch->ending = true;
    btap_tap_recorded_until(&watch->tap, until);
    btap_tap_finish(&watch->tap);
    status_line_clear();
}

struct watch_result watch_finish(struct watch *watch, btap_ns until)
{
    const struct watch_options *options = watch->options;
    const struct diagnose_output output = {
        .to = talk_stream(),
        .firmware = watch->check->path,
        .digits = watch->stream.digits,
        .quiet = options->quiet,
        .colour = options->colour,
    };
    struct watch_result result = {0};

    watch_end(watch, until);
    sessions_finish(&watch->sessions);
    result.trouble = !close_outputs(watch, until);
    result.transactions = watch->transactions;
    result.sessions = diagnose_print_sessions(&output, &watch->sessions, watch->check,
                                              &options->filter, false, options->name);
    if (result.sessions.printed == 0)
        tell_nothing(watch);
    else if (watch->check->path != NULL && result.sessions.checked == 0)
        message("%s: no session wrote anything: %s was not flashed", options->name,
                watch->check->path);
    result.sessions.failed |= watch->check->path != NULL && result.sessions.checked == 0;
    /* What was said when it happened may be far above. */
    if (watch->recording_failed && !options->must_record)
        message("%s: holds the beginning only: writing it failed", options->record.path);
    return result;
}

struct sessions *watch_sessions(struct watch *watch)
{
    return &watch->sessions;
}

void watch_free(struct watch *watch)
{
    if (watch->recorder != NULL)
        recorder_abandon(watch->recorder);
    for (size_t i = 0; i < watch->options->shows_length; i++)
        show_release(&watch->shows[i]);
    sessions_release(&watch->sessions);
    free(watch->interfaces);
    free(watch);
}
