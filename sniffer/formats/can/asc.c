/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Logs of Vector's tools as text (.asc):
 *   TIME CHANNEL ID[x] Rx|Tx d DLC BYTES
 *   TIME CHANNEL ID[x] Rx|Tx r [DLC]
 *   TIME CHANNEL ErrorFrame
 *   TIME CANFD CHANNEL Rx|Tx ID[x] [NAME] BRS ESI DLC LENGTH BYTES DURATION BITS FLAGS
 * with identifiers and bytes in the base that the log's head names, and times since the date that
 * stands there or at the trigger block, or since the event before. What else begins with a time is
 * an event that is no frame.
 */
#include <string.h>

#include "base/clock.h"
#include "formats/can/asc_date.h"
#include "formats/can/can_log.h"
#include "formats/reader/log.h"

#define FLAG_REMOTE 0x10u
#define FLAG_FD     0x1000u

/** What the head of a log says. */
struct asc {
    bool decimal;
    bool relative; /**< times are since the event before */
    btap_ns start; /**< 0: no date was told */
    btap_ns time;  /**< of the last event, since the start */
};

enum asc_kind {
    ASC_NONE,
    ASC_OTHER, /**< known, and no frame */
    ASC_FRAME,
    ASC_DAMAGED, /**< it begins as a frame does */
};

static bool parse_id(struct word word, unsigned base, struct can_told *told)
{
    const bool extended = word.length > 0 && (word.at[word.length - 1] | 0x20) == 'x';
    uint64_t id;

    word.length -= extended;
    return word_number(word, base, CAN_LOG_EXTENDED_MAX, &id) && can_log_id(told, id, extended);
}

/** The length code: a hexadecimal digit, which some write as two decimal ones. */
static bool parse_dlc(struct word word, struct can_told *told)
{
    uint64_t dlc;

    return word_number(word, word.length > 1 ? 10 : 16, 15, &dlc) && can_log_dlc(told, dlc);
}

/** From the identifier on. */
static enum asc_kind parse_classic(const struct words *words, size_t at, unsigned base,
                                   struct can_told *told)
{
    const struct word type = words->at[at + 2];

    if (word_is(words->at[at], "ErrorFrame")) {
        can_log_bus_error(told);
        return ASC_FRAME;
    }
    if (!can_log_direction(told, words->at[at + 1]) || type.length != 1)
        return ASC_OTHER;
    if (!parse_id(words->at[at], base, told))
        return ASC_DAMAGED;
    if (word_is(type, "r")) {
        /* Some have no length code, and go on with what they know of the frame's bits. */
        if (!parse_dlc(words->at[at + 3], told))
            told->frame.len = 0;
        can_log_remote(told);
        return ASC_FRAME;
    }
    if (!word_is(type, "d"))
        return ASC_OTHER;
    return parse_dlc(words->at[at + 3], told) && can_log_data(told, words, at + 4, base)
               ? ASC_FRAME
               : ASC_DAMAGED;
}

static bool is_bit(struct word word)
{
    return word_is(word, "0") || word_is(word, "1");
}

/** What the flags behind the bytes say: it may be no FD frame at all, or a remote one. */
static bool take_flags(struct can_told *told, struct word word, struct word dlc)
{
    uint64_t flags;

    if (!word_number(word, 16, UINT32_MAX, &flags))
        return true;
    told->fd = (flags & FLAG_FD) != 0;
    if ((flags & FLAG_REMOTE) != 0)
        can_log_remote(told);
    if (!told->fd && told->frame.len == CAN_MAX_DLEN)
        return parse_dlc(dlc, told);
    return told->fd || told->frame.len <= CAN_MAX_DLEN;
}

/** From the channel on. */
static enum asc_kind parse_fd(const struct words *words, size_t at, unsigned base,
                              struct can_told *told)
{
    struct word dlc;
    uint64_t length;

    can_log_interface(told, words->at[at]);
    if (word_is(words->at[at + 2], "ErrorFrame")) {
        can_log_bus_error(told);
        return ASC_FRAME;
    }
    if (!can_log_direction(told, words->at[at + 1]))
        return ASC_OTHER;
    if (!parse_id(words->at[at + 2], base, told))
        return ASC_DAMAGED;
    at += is_bit(words->at[at + 3]) ? 3 : 4;
    told->fd = true;
    told->frame.flags = (word_is(words->at[at], "1") ? CANFD_BRS : 0) |
                        (word_is(words->at[at + 1], "1") ? CANFD_ESI : 0);
    dlc = words->at[at + 2];
    return is_bit(words->at[at]) && is_bit(words->at[at + 1]) &&
                   word_number(words->at[at + 3], 10, CANFD_MAX_DLEN, &length) &&
                   can_log_length(told, length) && can_log_data(told, words, at + 4, base) &&
                   take_flags(told, words->at[at + 6 + length], dlc)
               ? ASC_FRAME
               : ASC_DAMAGED;
}

/** `Status:chip status bus off`: what else a chip says of itself tells of no failure. */
static bool is_bus_off(const struct words *words)
{
    for (size_t i = 2; i + 1 < words->length; i++)
        if (word_is(words->at[i], "bus") && word_starts(words->at[i + 1], "off"))
            return words->at[2].length > 0 && word_starts(words->at[2], "Status:");
    return false;
}

/** A line that begins with a time. */
static enum asc_kind parse_event(const struct words *words, const struct asc *asc, btap_ns *since,
                                 struct can_told *told)
{
    const unsigned base = asc->decimal ? 10 : 16;
    uint64_t channel;

    if (words->length < 3 || word_find(words->at[0], '.') == NULL ||
        !word_time(words->at[0], CLOCK_NS_PER_SECOND, since))
        return ASC_NONE;
    if (word_is(words->at[1], "CANFD"))
        return parse_fd(words, 2, base, told);
    if (!word_number(words->at[1], 10, UINT16_MAX, &channel))
        return ASC_OTHER;
    can_log_interface(told, words->at[1]);
    if (is_bus_off(words)) {
        can_log_error(told, CAN_ERR_BUSOFF);
        return ASC_FRAME;
    }
    return parse_classic(words, 2, base, told);
}

/** A line of the head, or between events. */
static bool take_head(struct asc *asc, const struct words *words)
{
    static const char *const others[] = {"Begin", "End", "date", "internal", "no", "previous"};
    const size_t date = word_is(words->at[0], "date") ? 1 : 2;

    if (word_is(words->at[0], "base")) {
        asc->decimal = word_is(words->at[1], "dec");
        asc->relative = word_is(words->at[3], "relative");
        return true;
    }
    if ((date == 1 || (word_is(words->at[0], "Begin") && word_is(words->at[1], "TriggerBlock"))) &&
        asc_date(words, date, &asc->start))
        asc->time = 0;
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
        if (word_is(words->at[0], others[i]))
            return true;
    return word_starts(words->at[0], "//");
}

static enum log_line line(struct log *log, char *text, size_t length)
{
    struct asc *asc = log->state;
    struct can_told told = {0};
    struct words words;
    enum asc_kind kind;
    btap_ns since;

    words_split(&words, text, length);
    kind = parse_event(&words, asc, &since, &told);
    if (kind == ASC_NONE)
        return take_head(asc, &words) ? LOG_KNOWN : LOG_UNKNOWN;
    if (since > INT64_MAX - asc->start - (asc->relative ? asc->time : 0))
        return LOG_DAMAGED;
    asc->time = since + (asc->relative ? asc->time : 0);
    told.time = asc->start + asc->time;
    if (kind == ASC_FRAME)
        can_log_put(&log->queue, &told, 0);
    return kind == ASC_DAMAGED ? LOG_DAMAGED : LOG_KNOWN;
}

static bool is_frame(const char *text, size_t length)
{
    static const struct asc asc;
    struct can_told told = {0};
    struct words words;
    btap_ns since;

    words_split(&words, text, length);
    return parse_event(&words, &asc, &since, &told) == ASC_FRAME;
}

/** A head without frames is told, too. */
static bool is_head(const char *text, size_t length)
{
    struct words words;

    words_split(&words, text, length);
    return (word_is(words.at[0], "base") && word_is(words.at[2], "timestamps")) ||
           (word_is(words.at[0], "Begin") && word_is(words.at[1], "TriggerBlock"));
}

static bool probe(const struct first *first)
{
    return first_is_text(first) &&
           (first_line_is(first, is_head) || first_line_is(first, is_frame));
}

static const struct log_format format = {sizeof(struct asc), line, NULL, NULL};

static bool start(struct reader *reader)
{
    return log_start(reader, &format);
}

const struct reader_format reader_asc = {
    .kind = {KIND_CAPTURE, "a Vector ASC log", "", probe},
    .start = start,
    .next = log_next,
    .release = log_release,
};
