/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "record/recorder.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/allocate.h"
#include "base/clock.h"
#include "base/message.h"
#include "formats/capture_file/pcap.h"
#include "record/format.h"
#include "record/outlet.h"
#include "record/ring.h"

/** How often it is looked whether a pipe is still read. */
#define LOOK_EVERY_NS (500 * (btap_ns)CLOCK_NS_PER_MS)
#define BYTES_PER_KB  1000
/** Longer durations never end: they would not fit a time. */
#define DURATION_MAX_S (INT64_MAX / CLOCK_NS_PER_SECOND / 4)

/** A block of pcapng has room for so many bytes of a packet, with all else that may be in it. */
#define RECORD_MAX (PCAPNG_BLOCK_MAX - 2 * (PCAPNG_COMMENT_MAX + 1))

static const char standard_output[] = "standard output";

/** One interface. */
struct interface {
    uint32_t linktype;
    uint64_t left_out; /**< records, since the last that was not */
    struct traffic_statistics statistics;
};

struct recorder {
    struct recorder_options options; /**< its strings but the path are not kept */
    char *path;                      /**< the same */
    const struct recording_format *format;
    enum recorder_state state;
    bool late;           /**< nothing is written yet, not even the head */
    struct builder head; /**< what every file begins with: its header, the interfaces so far */
    struct builder next; /**< what is written next */
    struct interface *interfaces;
    size_t interfaces_length;
    size_t interfaces_size;
    struct ring ring;
    struct outlet outlet;
    char *file;          /**< name of the file in hand; NULL: standard output */
    uint64_t completed;  /**< bytes in the files before it */
    bool incomplete;     /**< a reader was too slow */
    btap_ns file_begins; /**< the first moment that the file tells of, since 1970 */
    btap_ns last;        /**< time of the last record; 0: none yet */
    btap_ns ended;       /**< nothing was recorded after that; 0: it runs */
    /* CLOCK_MONOTONIC */
    btap_ns started; /**< all files */
    btap_ns file_started;
    btap_ns looked; /**< whether the pipe is still read */
};

static bool has_suffix(const char *path, const char *suffix)
{
    const size_t length = strlen(path);

    return length >= strlen(suffix) && strcmp(path + length - strlen(suffix), suffix) == 0;
}

static bool is_standard(const struct recorder_options *options)
{
    return strcmp(options->path, RECORDER_STDOUT) == 0;
}

static bool is_ring(const struct recorder_options *options)
{
    return options->ring_kb != 0 || options->ring_s != 0;
}

static const char *name_of(const struct recorder *recorder)
{
    return recorder->file != NULL ? recorder->file : standard_output;
}

/** Nothing more is recorded. */
static enum recorder_state end(struct recorder *recorder, enum recorder_state state)
{
    recorder->state = state;
    recorder->ended = recorder->last != 0 ? recorder->last : recorder->file_begins;
    /* What cannot be cut back to its last record takes nothing behind the torn one. */
    if (!recorder->outlet.whole)
        outlet_close(&recorder->outlet);
    return state;
}

/** Said once. */
static enum recorder_state fail(struct recorder *recorder, const char *cause)
{
    if (recorder->state == RECORDER_FAILED)
        return RECORDER_FAILED;
    message("%s: %s; nothing more is recorded, what was recorded before is kept", name_of(recorder),
            cause);
    return end(recorder, RECORDER_FAILED);
}

/** Where it stands after a write. Who closes the pipe has seen enough: that is a limit like others.
 */
static enum recorder_state after(struct recorder *recorder, enum outlet_result result)
{
    switch (result) {
    case OUTLET_DONE:
    case OUTLET_LEFT_OUT:
        break;
    case OUTLET_FAILED:
        return fail(recorder, strerror(errno));
    case OUTLET_UNREAD:
        return end(recorder, RECORDER_FULL);
    }
    return RECORDER_RUNS;
}

/** Writes bytes that belong together and must not be left out. */
static enum recorder_state put(struct recorder *recorder, const uint8_t *bytes, size_t length)
{
    return after(recorder, outlet_write(&recorder->outlet, bytes, length));
}

/** Why a file was not opened. */
static const char *cause_of(int error)
{
    switch (error) {
    case EINTR:
        return "nobody came to read this pipe";
    case EISDIR:
        return "a directory; name a file in it";
    case ENOTSUP:
        return "a terminal or a serial port; name a file";
    default:
        return strerror(error);
    }
}

/** Opens what the path names, or the next file of the ring. @return false: a message said why */
static bool open_outlet(struct recorder *recorder)
{
    const bool ring = is_ring(&recorder->options);

    if (is_standard(&recorder->options)) {
        outlet_open_standard(&recorder->outlet, STDOUT_FILENO);
        return true;
    }
    free(recorder->file);
    recorder->file =
        ring ? ring_next(&recorder->ring, recorder->file_begins) : strdup(recorder->options.path);
    if ((recorder->late ? outlet_open_late : outlet_open)(&recorder->outlet, recorder->file))
        return true;
    message("%s: %s", recorder->file, cause_of(errno));
    return false;
}

/** Starts a file with what all of them begin with. */
static enum recorder_state start_file(struct recorder *recorder, btap_ns now)
{
    recorder->file_started = now;
    recorder->file_begins = clock_now();
    if (!open_outlet(recorder))
        return end(recorder, RECORDER_FAILED);
    /* Only a file has something to lose. */
    recorder->late = recorder->late && recorder->outlet.regular;
    return recorder->late ? RECORDER_RUNS
                          : put(recorder, recorder->head.bytes, recorder->head.length);
}

/** The recording begins, or is over; one that failed before leaves the file as it was. */
static void begin_late(struct recorder *recorder)
{
    if (!recorder->late || recorder->state != RECORDER_RUNS)
        return;
    recorder->late = false;
    if (!outlet_begin(&recorder->outlet))
        fail(recorder, strerror(errno));
    else
        put(recorder, recorder->head.bytes, recorder->head.length);
}

/** What is wrong with the options; NULL: nothing. */
static const char *problem_of(const struct recorder_options *options)
{
    if (options->ring_files != 0 && !is_ring(options))
        return "-b files needs -b filesize or -b duration, which say when the next file begins";
    if (is_standard(options) && is_ring(options))
        return "a ring of files (-b) cannot go to standard output; name a file";
    if (is_standard(options) && isatty(STDOUT_FILENO))
        return "a recording is not for a terminal; name a file, or a pipe behind it";
    return NULL;
}

static void release(struct recorder *recorder)
{
    outlet_close(&recorder->outlet);
    ring_release(&recorder->ring);
    free(recorder->head.bytes);
    free(recorder->next.bytes);
    free(recorder->interfaces);
    free(recorder->file);
    free(recorder->path);
    free(recorder);
}

struct recorder *recorder_open(const struct recorder_options *options)
{
    const char *problem = problem_of(options);
    struct recorder *recorder;

    if (problem != NULL) {
        message("%s: %s", is_standard(options) ? standard_output : options->path, problem);
        return NULL;
    }
    recorder = allocate(sizeof(*recorder));
    recorder->options = *options;
    recorder->late = options->late && !is_standard(options);
    recorder->path = strdup(options->path);
    recorder->options.path = recorder->path;
    recorder->ring = (struct ring){.path = recorder->path, .keep = options->ring_files};
    recorder->outlet.fd = -1;
    recorder->format = has_suffix(options->path, ".pcap") ? &recording_pcap : &recording_pcapng;
    recorder->format->begin(&recorder->head, options->application, options->comment);
    recorder->started = clock_monotonic();
    recorder->looked = recorder->started;
    if (start_file(recorder, recorder->started) != RECORDER_FAILED)
        return recorder;
    release(recorder);
    return NULL;
}

enum recorder_state recorder_interface(struct recorder *recorder,
                                       const struct traffic_interface *interface)
{
    const uint32_t before = recorder->head.length;
    struct interface *own;

    recorder->interfaces = grow(recorder->interfaces, recorder->interfaces_length,
                                &recorder->interfaces_size, sizeof(*recorder->interfaces));
    own = &recorder->interfaces[recorder->interfaces_length++];
    *own = (struct interface){.linktype = interface->linktype};
    if (recorder->state != RECORDER_RUNS)
        return recorder->state;
    if (recorder->format->one_linktype && own->linktype != recorder->interfaces[0].linktype)
        return fail(recorder, "a pcap file holds one kind of traffic only; record several to a "
                              ".pcapng file");
    recorder->format->interface(&recorder->head, interface);
    if (recorder->late)
        return RECORDER_RUNS;
    return put(recorder, recorder->head.bytes + before, recorder->head.length - before);
}

enum recorder_state recorder_begin(struct recorder *recorder)
{
    begin_late(recorder);
    return recorder->state;
}

/** Ends the file in hand with the statistics of its interfaces. */
static enum recorder_state write_statistics(struct recorder *recorder, btap_ns until)
{
    const struct recording_times times = {
        .start = recorder->file_begins,
        .end = until > recorder->last ? until : recorder->last,
    };

    recorder->next.length = 0;
    for (size_t i = 0; i < recorder->interfaces_length; i++)
        recorder->format->statistics(&recorder->next, (uint32_t)i,
                                     &recorder->interfaces[i].statistics, &times);
    return put(recorder, recorder->next.bytes, recorder->next.length);
}

/** Closes the file in hand. What a network drive could not keep shows here. */
static enum recorder_state close_file(struct recorder *recorder)
{
    bool closed;

    recorder->completed += recorder->outlet.written;
    closed = outlet_close(&recorder->outlet);
    recorder->incomplete |= !outlet_is_complete(&recorder->outlet);
    return closed ? RECORDER_RUNS : fail(recorder, strerror(errno));
}

/** Goes on in the next file of the ring. @param until the one in hand was recorded */
static enum recorder_state next_file(struct recorder *recorder, btap_ns until, btap_ns now)
{
    enum recorder_state state = write_statistics(recorder, until);

    if (state == RECORDER_RUNS)
        state = close_file(recorder);
    return state == RECORDER_RUNS ? start_file(recorder, now) : state;
}

/** Whether there is a limit, and so many bytes reach it. */
static bool reaches(uint64_t bytes, uint64_t limit_kb)
{
    return limit_kb != 0 && bytes / BYTES_PER_KB >= limit_kb;
}

/** Cuts a record that readers would take for damage. In pcapng a comment has to fit in, too. */
static struct traffic_record cut(const struct recorder *recorder,
                                 const struct traffic_record *record)
{
    const uint32_t most = pcap_record_max(recorder->interfaces[record->interface_id].linktype);
    const uint32_t room = most < RECORD_MAX ? most : RECORD_MAX;
    struct traffic_record kept = *record;

    if (kept.captured > room)
        kept.captured = room;
    return kept;
}

/** Writes a record, unless whoever reads is too slow for it. */
static enum recorder_state put_record(struct recorder *recorder, struct traffic_record *record)
{
    struct interface *interface = &recorder->interfaces[record->interface_id];
    enum outlet_result result;

    record->left_out = interface->left_out;
    recorder->next.length = 0;
    recorder->format->record(&recorder->next, record);
    result = outlet_offer(&recorder->outlet, recorder->next.bytes, recorder->next.length);
    if (result == OUTLET_DONE)
        interface->left_out = 0;
    if (result == OUTLET_LEFT_OUT) {
        interface->left_out++;
        interface->statistics.left_out++;
    }
    return after(recorder, result);
}

enum recorder_state recorder_record(struct recorder *recorder, const struct traffic_record *record)
{
    enum recorder_state state = recorder->state;
    struct traffic_record kept;

    if (state == RECORDER_RUNS && reaches(recorder->outlet.written, recorder->options.ring_kb))
        state = next_file(recorder, record->time, clock_monotonic());
    if (state == RECORDER_RUNS)
        state = recorder_begin(recorder);
    if (state != RECORDER_RUNS)
        return state;
    kept = cut(recorder, record);
    state = put_record(recorder, &kept);
    if (state != RECORDER_RUNS)
        return state;
    if (record->time > recorder->last)
        recorder->last = record->time;
    if (reaches(recorder->completed + recorder->outlet.written, recorder->options.stop_kb))
        return end(recorder, RECORDER_FULL);
    return RECORDER_RUNS;
}

/** When to look whether a pipe is still read: who stops Wireshark must not wait for traffic. */
static btap_ns look_due(const struct recorder *recorder)
{
    return recorder->outlet.regular ? INT64_MAX : recorder->looked + LOOK_EVERY_NS;
}

static btap_ns earlier(btap_ns a, btap_ns b)
{
    return a < b ? a : b;
}

/** When so many seconds are over; INT64_MAX: never. */
static btap_ns due(btap_ns start, uint64_t seconds)
{
    return seconds != 0 && seconds <= DURATION_MAX_S
               ? start + (btap_ns)seconds * CLOCK_NS_PER_SECOND
               : INT64_MAX;
}

btap_ns recorder_deadline(const struct recorder *recorder)
{
    const btap_ns stop = due(recorder->started, recorder->options.stop_s);
    const btap_ns next = due(recorder->file_started, recorder->options.ring_s);

    if (recorder->state != RECORDER_RUNS)
        return INT64_MAX;
    return earlier(earlier(stop, next), look_due(recorder));
}

/** The moment of the day that a moment of CLOCK_MONOTONIC is. */
static btap_ns time_of_day(btap_ns monotonic)
{
    return clock_now() + (monotonic - clock_monotonic());
}

enum recorder_state recorder_tick(struct recorder *recorder, btap_ns now)
{
    const btap_ns until = time_of_day(now);

    if (recorder->state != RECORDER_RUNS)
        return recorder->state;
    recorder->looked = now;
    if (outlet_is_unread(&recorder->outlet)) {
        recorder->outlet.whole = false;
        return end(recorder, RECORDER_FULL);
    }
    if (now >= due(recorder->started, recorder->options.stop_s)) {
        recorder->last = until > recorder->last ? until : recorder->last;
        return end(recorder, RECORDER_FULL);
    }
    if (now >= due(recorder->file_started, recorder->options.ring_s))
        return next_file(recorder, until, now);
    return RECORDER_RUNS;
}

void recorder_statistics(struct recorder *recorder, uint32_t interface_id,
                         const struct traffic_statistics *statistics)
{
    struct traffic_statistics *own;

    if (interface_id >= recorder->interfaces_length)
        return;
    own = &recorder->interfaces[interface_id].statistics;
    *own = (struct traffic_statistics){statistics->known, statistics->received, statistics->dropped,
                                       own->left_out};
}

const char *recorder_file(const struct recorder *recorder)
{
    return recorder->file;
}

/** Gives a pcap file without traffic the header that makes it one: of a serial line. */
static void begin_empty(struct recorder *recorder)
{
    const struct traffic_interface nothing = {.linktype = BTAP_LINKTYPE_RTAC_SERIAL, .name = ""};

    if (recorder->head.length > 0)
        return;
    recorder->format->interface(&recorder->head, &nothing);
    put(recorder, recorder->head.bytes, recorder->head.length);
}

void recorder_abandon(struct recorder *recorder)
{
    if (recorder->late)
        release(recorder);
    else
        recorder_close(recorder, clock_now());
}

bool recorder_close(struct recorder *recorder, btap_ns until)
{
    bool recorded;

    begin_late(recorder);
    if (recorder->outlet.fd >= 0 && !recorder->late) {
        begin_empty(recorder);
        write_statistics(recorder, recorder->ended != 0 ? recorder->ended : until);
        close_file(recorder);
    }
    recorded = recorder->state != RECORDER_FAILED && !recorder->incomplete;
    release(recorder);
    return recorded;
}
