/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "formats/can/candump_line.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "formats/reader/log.h"

/** With so many frames times are told to be since the first one, if none went back. */
#define HELD_MAX 32

#define MICROSECOND_DIGITS 6
#define NANOSECOND_DIGITS  9

/** What times in brackets are relative to. */
enum reference {
    NOT_SEEN,          /**< there was none yet */
    HELD,              /**< not clear yet: frames are held back */
    TO_FIRST,          /**< -tz */
    TO_THE_ONE_BEFORE, /**< -td */
};

/** State of a log. */
struct candump {
    enum reference reference;
    btap_ns time; /**< of the last frame, as it is recorded */
    size_t held_length;
    struct can_told held[HELD_MAX];
    uint64_t dropped;      /**< frames that candump lost */
    uint64_t dropped_line; /**< where it says so first */
    bool
        error_frame; /**< the last line was one; what it means (-e) follows in lines of their own */
};

static bool is_frame(const char *line, size_t length)
{
    char copy[512];
    struct candump_line said;
    enum candump_kind kind;

    if (length >= sizeof(copy))
        return false;
    memcpy(copy, line, length);
    copy[length] = '\0';
    kind = candump_parse(copy, candump_without_colours(copy, length), &said);
    return kind == CANDUMP_FRAME || kind == CANDUMP_SCREEN;
}

static bool probe(const struct first *first)
{
    return first_is_text(first) && first_line_is(first, is_frame);
}

/** Frames that were held back go out, and later ones no longer are. */
static void settle(struct log *log, enum reference reference)
{
    struct candump *candump = log->state;

    candump->reference = reference;
    candump->time = 0;
    for (size_t i = 0; i < candump->held_length; i++) {
        struct can_told *told = &candump->held[i];

        if (reference == TO_THE_ONE_BEFORE)
            told->time = btap_ns_sum(candump->time, told->time);
        candump->time = told->time;
        can_log_put(&log->queue, told, 0);
    }
    candump->held_length = 0;
}

/** Times that go back are since the frame before: sessions have waits of all lengths. */
static void hold(struct log *log, const struct can_told *told)
{
    struct candump *candump = log->state;
    const bool back =
        candump->held_length > 0 && told->time < candump->held[candump->held_length - 1].time;

    candump->held[candump->held_length++] = *told;
    if (back)
        settle(log, TO_THE_ONE_BEFORE);
    else if (candump->held_length == HELD_MAX)
        settle(log, TO_FIRST);
    else
        candump->reference = HELD;
}

static void put(struct log *log, struct candump_line *said, bool screen)
{
    struct candump *candump = log->state;

    if (screen && said->timed && said->relative) {
        if (candump->reference == NOT_SEEN || candump->reference == HELD) {
            hold(log, &said->told);
            return;
        }
        if (candump->reference == TO_THE_ONE_BEFORE)
            said->told.time = btap_ns_sum(candump->time, said->told.time);
        candump->time = said->told.time;
    }
    can_log_put(&log->queue, &said->told, said->timed ? 0 : BTAP_LACKS_TIMES);
}

static void take_dropped(struct log *log, uint64_t dropped)
{
    struct candump *candump = log->state;

    if (dropped > 0 && candump->dropped == 0)
        candump->dropped_line = log->number;
    candump->dropped += dropped;
}

static enum log_line line(struct log *log, char *text, size_t length)
{
    struct candump *candump = log->state;
    const bool explains = candump->error_frame && (text[0] == '\t' || text[0] == ' ');
    struct candump_line said;

    length = candump_without_colours(text, length);
    candump->error_frame = false;
    switch (candump_parse(text, length, &said)) {
    case CANDUMP_FRAME:
        put(log, &said, false);
        return LOG_KNOWN;
    case CANDUMP_SCREEN:
        candump->error_frame = (said.told.frame.can_id & CAN_ERR_FLAG) != 0;
        put(log, &said, true);
        return LOG_KNOWN;
    case CANDUMP_OTHER:
        take_dropped(log, said.dropped);
        return LOG_KNOWN;
    case CANDUMP_DAMAGED:
        return LOG_DAMAGED;
    case CANDUMP_NONE:
        break;
    }
    return explains ? LOG_KNOWN : LOG_UNKNOWN;
}

static void end(struct log *log)
{
    const struct candump *candump = log->state;

    if (candump->reference == HELD)
        settle(log, TO_FIRST);
    if (candump->dropped > 0)
        snprintf(log->reader->remark, sizeof(log->reader->remark),
                 "candump lost %" PRIu64 " frame%s, as line %" PRIu64
                 " says first; what is missing "
                 "may be among them",
                 candump->dropped, candump->dropped == 1 ? "" : "s", candump->dropped_line);
}

static const struct log_format format = {sizeof(struct candump), line, end, NULL};

/** Digits after the point of the first time. */
static int time_digits(const struct reader *reader)
{
    const char *text = (const char *)reader->record;
    const char *point = memchr(text, '.', reader->have < FIRST_SIZE ? reader->have : FIRST_SIZE);
    const size_t left = point != NULL ? reader->have - (size_t)(point + 1 - text) : 0;

    return left > 0 && text_looks(point + 1, left, "9)") == NANOSECOND_DIGITS + 1
               ? NANOSECOND_DIGITS
               : MICROSECOND_DIGITS;
}

static bool start(struct reader *reader)
{
    if (reader->have > 0)
        reader->digits = time_digits(reader);
    return log_start(reader, &format);
}

const struct reader_format reader_candump = {
    .kind = {KIND_CAPTURE, "a log of candump", "", probe},
    .start = start,
    .next = log_next,
    .release = log_release,
};
