/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "live/receiver.h"

#include <errno.h>
#include <string.h>

#include "base/clock.h"
#include "base/message.h"

/** So often a port is read before others get their turn. */
#define ROUNDS_MAX 16

/** The driver counts before the bytes can be read: so long a mark may still come. */
#define MARK_DELAY (20 * CLOCK_NS_PER_MS)

void receiver_start(struct receiver *receiver, struct serial *serial)
{
    *receiver = (struct receiver){.serial = serial};
    line_errors_start(&receiver->errors, serial);
}

/** SERIAL_RECORD_STATUS: none. */
static enum serial_record_event event_of(enum line_error error)
{
    switch (error) {
    case LINE_ERROR_PARITY:
        return SERIAL_RECORD_PARITY_ERROR;
    case LINE_ERROR_FRAMING:
        return SERIAL_RECORD_FRAMING_ERROR;
    case LINE_ERROR_BREAK:
        return SERIAL_RECORD_BREAK;
    case LINE_ERROR_NONE:
        break;
    }
    return SERIAL_RECORD_STATUS;
}

static void tell(const struct receiver_sink *sink, btap_ns time, enum serial_record_event event,
                 uint32_t count)
{
    /* A line that breaks all the time would fill the recording. */
    if (count > 0)
        sink->error(sink->context, time, event);
}

/** Tells what no mark came for, and that bytes were lost, which never has one. */
static void tell_counted(struct receiver *receiver, const struct serial_counters *happened,
                         const struct receiver_sink *sink, btap_ns time)
{
    struct serial_counters *before = &receiver->errors.before;

    tell(sink, time, SERIAL_RECORD_OVERFLOW, happened->overruns);
    before->overruns += happened->overruns;
    if (happened->parity + happened->framing + happened->breaks == 0) {
        receiver->counted = 0;
        return;
    }
    if (receiver->counted == 0) {
        receiver->counted = clock_monotonic();
        return;
    }
    if (clock_monotonic() - receiver->counted < MARK_DELAY)
        return;
    tell(sink, time, SERIAL_RECORD_PARITY_ERROR, happened->parity);
    tell(sink, time, SERIAL_RECORD_FRAMING_ERROR, happened->framing);
    tell(sink, time, SERIAL_RECORD_BREAK, happened->breaks);
    before->parity += happened->parity;
    before->framing += happened->framing;
    before->breaks += happened->breaks;
    receiver->counted = 0;
}

/** Good bytes between two errors. */
struct good {
    uint8_t bytes[RECEIVER_MAX];
    size_t length;
};

static void hand_over(struct good *good, const struct receiver_sink *sink, btap_ns time)
{
    if (good->length > 0)
        sink->data(sink->context, time, good->bytes, good->length);
    good->length = 0;
}

static void take_marked(struct receiver *receiver, struct serial_counters *happened,
                        const struct receiver_sink *sink, btap_ns time, const uint8_t *bytes,
                        size_t length)
{
    struct good good = {.length = 0};
    struct mark mark;
    bool marked = false;

    for (size_t at = 0; at < length;) {
        enum serial_record_event event = SERIAL_RECORD_STATUS;

        at += marks_next(&receiver->marks, bytes + at, length - at, &mark);
        if (mark.kind == MARK_ERROR)
            event = event_of(line_errors_name(&receiver->errors, happened, *mark.bytes, marked));
        if (mark.kind != MARK_NONE)
            marked = mark.kind == MARK_ERROR;
        if (event != SERIAL_RECORD_STATUS) {
            hand_over(&good, sink, time);
            sink->error(sink->context, time, event);
        }
        /* A break is no byte. */
        if (mark.kind == MARK_NONE || event == SERIAL_RECORD_BREAK)
            continue;
        memcpy(good.bytes + good.length, mark.bytes, mark.length);
        good.length += mark.length;
    }
    hand_over(&good, sink, time);
}

enum source_state receiver_gone(const struct receiver *receiver, int cause)
{
    serial_say_gone(receiver->serial, cause);
    return SOURCE_GONE;
}

enum source_state receiver_read_once(struct receiver *receiver, const struct receiver_sink *sink,
                                     bool *more)
{
    uint8_t bytes[RECEIVER_MAX];
    const ssize_t length = serial_read(receiver->serial, bytes, sizeof(bytes));
    const btap_ns time = clock_now();
    struct serial_counters happened;

    *more = length > 0;
    if (length < 0)
        return receiver_gone(receiver, errno);
    /* The commonest case, and a pseudo-terminal's only one. */
    if (!receiver->errors.counts && !serial_marks(receiver->serial)) {
        if (length > 0)
            sink->data(sink->context, time, bytes, (size_t)length);
        return SOURCE_RUNS;
    }
    happened = line_errors_ask(&receiver->errors, receiver->serial);
    take_marked(receiver, &happened, sink, time, bytes, (size_t)length);
    tell_counted(receiver, &happened, sink, time);
    return SOURCE_RUNS;
}

enum source_state receiver_read(struct receiver *receiver, const struct receiver_sink *sink,
                                bool *more)
{
    enum source_state state = SOURCE_RUNS;

    *more = true;
    for (int round = 0; round < ROUNDS_MAX && *more && state == SOURCE_RUNS; round++)
        state = receiver_read_once(receiver, sink, more);
    return state;
}

btap_ns receiver_deadline(const struct receiver *receiver)
{
    return receiver->counted != 0 ? receiver->counted + MARK_DELAY : SOURCE_NO_DEADLINE;
}
