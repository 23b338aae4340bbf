/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "watch/loop.h"

#include <errno.h>

#include "base/clock.h"
#include "base/interrupt.h"
#include "base/message.h"
#include "watch/merge.h"

/** One source's part of the loop. */
struct part {
    struct source *source;
    bool ended;
    struct traffic_sink
        sink; /**< the source's own: it numbers the interfaces that are the source's */
    struct loop *loop;
};

struct loop {
    struct watch *watch;
    struct traffic_sink merged;
    struct merge merge;
    size_t parts_length;
    struct part parts[LOOP_SOURCES_MAX];
    size_t owners_length;
    struct part *owners[64]; /**< of the interfaces, by their number */
    bool gone;
};

/* An interface belongs to the source that adds it: it knows its losses. */

static uint32_t on_interface(void *context, const struct traffic_interface *interface)
{
    struct part *part = context;
    struct loop *loop = part->loop;
    const uint32_t number = loop->merged.interface(loop->merged.context, interface);

    if (number < sizeof(loop->owners) / sizeof(loop->owners[0])) {
        loop->owners[number] = part;
        loop->owners_length = number + 1;
    }
    return number;
}

static void on_record(void *context, const struct traffic_record *record)
{
    const struct part *part = context;

    part->loop->merged.record(part->loop->merged.context, record);
}

static void take_state(struct loop *loop, struct part *part, enum source_state state)
{
    part->ended = state != SOURCE_RUNS;
    loop->gone |= state == SOURCE_GONE;
}

static void earlier(btap_ns *deadline, btap_ns other)
{
    if (other < *deadline)
        *deadline = other;
}

/** Reads all sources, and hands on what is older than that, and than what they hold back. */
static void read_sources(struct loop *loop)
{
    btap_ns before = clock_now();

    for (size_t i = 0; i < loop->parts_length; i++) {
        struct part *part = &loop->parts[i];

        if (!part->ended)
            take_state(loop, part, part->source->kind->read(part->source));
        if (part->source->kind->held != NULL)
            earlier(&before, part->source->kind->held(part->source));
    }
    merge_until(&loop->merge, before, clock_monotonic());
}

/** Whether a source still runs. One that vanished ends them all: the recording would not be whole.
 */
static bool goes_on(const struct loop *loop)
{
    if (interrupt_signal != 0 || loop->gone || !watch_goes_on(loop->watch))
        return false;
    for (size_t i = 0; i < loop->parts_length; i++)
        if (!loop->parts[i].ended)
            return true;
    return false;
}

/** How long to wait: until the first deadline. */
static bool time_to_wait(const struct loop *loop, btap_ns deadline, struct timespec *time)
{
    btap_ns left = INT64_MAX;

    earlier(&deadline, watch_deadline(loop->watch));
    if (deadline != SOURCE_NO_DEADLINE)
        left = deadline - clock_monotonic();
    if (loop->merge.length > 0)
        earlier(&left, CLOCK_NS_PER_MS);
    if (left == INT64_MAX)
        return false;
    if (left < 0)
        left = 0;
    *time = (struct timespec){left / CLOCK_NS_PER_SECOND, left % CLOCK_NS_PER_SECOND};
    return true;
}

/** Waits for something to do. Signals that end are let in here only, so that none is missed. */
static void wait_for_sources(struct loop *loop, const sigset_t *waiting)
{
    struct pollfd fds[LOOP_SOURCES_MAX * SOURCE_POLL_MAX];
    btap_ns deadline = SOURCE_NO_DEADLINE;
    struct timespec time;
    nfds_t length = 0;

    for (size_t i = 0; i < loop->parts_length; i++) {
        struct part *part = &loop->parts[i];
        btap_ns own = SOURCE_NO_DEADLINE;

        if (part->ended)
            continue;
        length += part->source->kind->poll(part->source, &fds[length], &own);
        earlier(&deadline, own);
    }
    ppoll(fds, length, time_to_wait(loop, deadline, &time) ? &time : NULL, waiting);
}

static bool start_sources(struct loop *loop, struct source *const *sources, size_t length,
                          bool tell)
{
    /* All of them are closed at the end, those too that are not started any more. */
    for (size_t i = 0; i < length; i++) {
        struct part *part = &loop->parts[i];

        *part = (struct part){sources[i], false, {part, on_interface, on_record}, loop};
    }
    loop->parts_length = length;
    for (size_t i = 0; i < length; i++) {
        if (!sources[i]->kind->start(sources[i], &loop->parts[i].sink))
            return false;
        if (tell)
            message("listening on %s", sources[i]->name);
    }
    return true;
}

/** What the sources had before all of them ran waited for that. */
static void begin(struct loop *loop)
{
    watch_begin(loop->watch);
    merge_until(&loop->merge, INT64_MAX, clock_monotonic());
    loop->merge.passes = loop->parts_length == 1;
}

static void take_statistics(struct loop *loop)
{
    for (size_t i = 0; i < loop->owners_length; i++) {
        struct traffic_statistics statistics = {0};
        struct source *source = loop->owners[i] != NULL ? loop->owners[i]->source : NULL;

        if (source != NULL)
            source->kind->statistics(source, (uint32_t)i, &statistics);
        watch_statistics(loop->watch, (uint32_t)i, &statistics);
    }
}

static void close_sources(struct loop *loop)
{
    for (size_t i = 0; i < loop->parts_length; i++)
        loop->parts[i].source->kind->close(loop->parts[i].source);
}

static void run(struct loop *loop, const sigset_t *waiting)
{
    begin(loop);
    while (goes_on(loop)) {
        wait_for_sources(loop, waiting);
        read_sources(loop);
        watch_tick(loop->watch, clock_monotonic());
    }
    read_sources(loop);
    take_statistics(loop);
}

enum loop_result loop_run(struct watch *watch, struct source *const *sources, size_t length,
                          bool tell, const sigset_t *waiting)
{
    struct loop loop = {.watch = watch, .merge = {.to = watch_sink(watch)}};
    bool started;

    loop.merged = merge_sink(&loop.merge);
    started = start_sources(&loop, sources, length, tell);
    if (started)
        run(&loop, waiting);
    close_sources(&loop);
    if (started)
        merge_until(&loop.merge, INT64_MAX, clock_monotonic());
    merge_release(&loop.merge);
    if (!started)
        return LOOP_NOT_STARTED;
    return loop.gone ? LOOP_GONE : LOOP_ENDED;
}
