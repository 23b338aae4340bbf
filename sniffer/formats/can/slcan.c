/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What goes over the serial line of an slcan adapter (LAWICEL), each command ended by CR:
 *   tIIIL..., TIIIIIIIIL...   frames, of a standard and an extended identifier
 *   rIIIL, RIIIIIIIIL         remote ones
 *   dIIIL..., DIIIIIIIIL...   FD; b and B with the rate switched
 * with the length code in one digit, and four more digits behind a frame that came from the bus, if
 * the adapter stamps them: ms within a minute. Which way a frame went is not told. Other commands
 * of the host and the adapter's answers, BEL for a refusal among them, are read over.
 */
#include <string.h>

#include "base/clock.h"
#include "formats/can/can_log.h"
#include "formats/reader/log.h"

#define STANDARD_DIGITS 3u
#define EXTENDED_DIGITS 8u
#define STAMP_DIGITS    4u
#define STAMPS_MS       60000 /* they go round */
#define BEL             '\a'

struct slcan {
    bool stamped;   /**< there was a stamp */
    uint64_t stamp; /**< the last one */
    btap_ns time;   /**< since the first one */
};

/** The frames' letters. */
static const struct {
    char letter;
    bool extended;
    bool remote;
    bool fd;
    uint8_t flags;
} letters[] = {
    {'t', false, false, false, 0},        {'T', true, false, false, 0},
    {'r', false, true, false, 0},         {'R', true, true, false, 0},
    {'d', false, false, true, 0},         {'D', true, false, true, 0},
    {'b', false, false, true, CANFD_BRS}, {'B', true, false, true, CANFD_BRS},
};

/** The bytes of a frame, two digits each. @return what stands behind them */
static struct word take_bytes(struct word digits, struct can_told *told, bool *right)
{
    for (size_t i = 0; i < told->frame.len; i++) {
        struct word pair = digits;
        uint64_t byte;

        pair.length = 2;
        *right = digits.length >= 2 && word_number(pair, 16, UINT8_MAX, &byte);
        if (!*right)
            return digits;
        told->frame.data[i] = (uint8_t)byte;
        digits = word_from(digits, 2);
    }
    *right = true;
    return digits;
}

/** A frame's line. @param[out] stamp its digits, or nothing @return false: it is none */
static bool parse(struct word line, struct can_told *told, struct word *stamp)
{
    struct word id = word_from(line, 1);
    size_t i = 0;
    uint64_t number;
    bool right;

    while (i < sizeof(letters) / sizeof(letters[0]) &&
           (line.length == 0 || *line.at != letters[i].letter))
        i++;
    if (i == sizeof(letters) / sizeof(letters[0]))
        return false;
    id.length = letters[i].extended ? EXTENDED_DIGITS : STANDARD_DIGITS;
    told->fd = letters[i].fd;
    told->frame.flags = letters[i].flags;
    line = word_from(line, 1 + id.length);
    if (line.length == 0 || !word_number(id, 16, CAN_LOG_EXTENDED_MAX, &number) ||
        !can_log_id(told, number, letters[i].extended) ||
        !word_number((struct word){line.at, 1}, 16, 15, &number) || !can_log_dlc(told, number))
        return false;
    line = word_from(line, 1);
    if (letters[i].remote) {
        can_log_remote(told);
        right = true;
    } else {
        line = take_bytes(line, told, &right);
    }
    *stamp = line;
    return right && (line.length == 0 ||
                     (line.length == STAMP_DIGITS && word_number(line, 16, STAMPS_MS, &number)));
}

/** What host and adapter say besides: a letter with digits behind it, or nothing at all. */
static bool is_other(struct word line)
{
    if (line.length == 0 || strchr("SsOLlCZzVvNFMmXxYQUWEeAaPpf", *line.at) == NULL)
        return false;
    for (size_t i = 1; i < line.length; i++)
        if (strchr("0123456789ABCDEFabcdef", line.at[i]) == NULL)
            return false;
    return true;
}

/** Without BEL, and `z` or `Z` of an adapter that ends them with nothing. */
static struct word without_answers(const char *text, size_t length)
{
    struct word line = {text, length};

    while (line.length > 0 && (*line.at == BEL || *line.at == ' '))
        line = word_from(line, 1);
    while (line.length > 0 && line.at[line.length - 1] == BEL)
        line.length--;
    return line;
}

static void take_time(struct log *log, struct can_told *told, struct word stamp)
{
    struct slcan *slcan = log->state;
    uint64_t ms;

    if (word_number(stamp, 16, STAMPS_MS, &ms)) {
        if (slcan->stamped)
            slcan->time =
                btap_ns_sum(slcan->time, (btap_ns)((ms + STAMPS_MS - slcan->stamp) % STAMPS_MS) *
                                             CLOCK_NS_PER_MS);
        slcan->stamp = ms;
        slcan->stamped = true;
    } else {
        queue_lacks(&log->queue, BTAP_LACKS_TIMES);
    }
    told->time = slcan->time;
}

static enum log_line line(struct log *log, char *text, size_t length)
{
    const struct word all = without_answers(text, length);
    struct can_told told = {0};
    struct word stamp;

    if (!parse(all, &told, &stamp))
        return all.length == 0 || is_other(all) ? LOG_KNOWN : LOG_UNKNOWN;
    take_time(log, &told, stamp);
    can_log_put(&log->queue, &told, stamp.length == 0 ? BTAP_LACKS_TIMES : 0);
    return LOG_KNOWN;
}

static bool is_frame(const char *text, size_t length)
{
    struct can_told told = {0};
    struct word stamp;

    return parse(without_answers(text, length), &told, &stamp);
}

/** Hexadecimal digits begin none of these. */
static bool is_classic_frame(const char *text, size_t length)
{
    const struct word line = without_answers(text, length);

    return line.length > 0 && strchr("tTrR", *line.at) != NULL && is_frame(text, length);
}

/** Text but for BEL, with CR at the ends of lines where all that a frame is of is digits. */
static bool probe(const struct first *first)
{
    bool lines = false;

    for (size_t i = 0; i < first->length; i++) {
        if (first->bytes[i] >= 0x7f ||
            (first->bytes[i] < ' ' && strchr("\a\t\r\n", first->bytes[i]) == NULL) ||
            first->bytes[i] == '\0')
            return false;
        lines = lines || first->bytes[i] == '\n';
    }
    return first_line_is(first, is_classic_frame) || (!lines && first_line_is(first, is_frame));
}

static const struct log_format format = {sizeof(struct slcan), line, NULL, NULL};

static bool start(struct reader *reader)
{
    return log_start(reader, &format);
}

const struct reader_format reader_slcan = {
    .kind = {KIND_CAPTURE, "what an slcan adapter says", "", probe},
    .start = start,
    .next = log_next,
    .release = log_release,
};
