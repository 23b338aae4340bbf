/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * CAN logs of one line a frame, in columns of a fixed order, classic CAN only:
 *   BUSMASTER     10:15:21:5012 Rx 1 0x079 s 1 79
 *   GVRET CSV     166065200,00000079,false,Rx,0,1,79,      (SavvyCAN; older ones without Rx)
 *   Kvaser        0    00000079         1  79                154.267750 R
 */
#include <string.h>

#include "base/clock.h"
#include "formats/can/can_log.h"
#include "formats/reader/log.h"

#define NS_PER_DAY   ((btap_ns)86400 * CLOCK_NS_PER_SECOND)
#define HALF_DAY_NS  (NS_PER_DAY / 2)
#define GVRET_FIELDS 6u /* before the bytes */

enum table_kind {
    TABLE_NONE,
    TABLE_OTHER, /**< known, and no frame */
    TABLE_FRAME,
    TABLE_DAMAGED, /**< it begins as a frame does */
};

/** What times of BUSMASTER are since. */
enum clock_mode { OF_DAY, SINCE_START, SINCE_ONE_BEFORE };

struct table {
    /* BUSMASTER: */
    btap_ns start;    /**< of the session, 0: not told */
    btap_ns midnight; /**< before the time of day */
    btap_ns last;     /**< the last time of day */
    btap_ns elapsed;  /**< since the start, where times are since the frame before */
    enum clock_mode mode;
    bool decimal;
};

/** `10:15:21:5012`, with fractions of a second behind the last colon */
static bool parse_clock(struct word word, struct moment *moment)
{
    char text[32];

    if (word.length >= sizeof(text) || word.length < 3)
        return false;
    memcpy(text, word.at, word.length);
    for (size_t i = word.length; i-- > 0;)
        if (text[i] == ':') {
            text[i] = '.';
            break;
        }
    return moment_clock((struct word){text, word.length}, moment);
}

/** A time of day, or since something, becomes one since 1970. */
static void place_time(struct table *table, struct can_told *told)
{
    switch (table->mode) {
    case OF_DAY:
        if (told->time + HALF_DAY_NS < table->last)
            table->midnight = btap_ns_sum(table->midnight, NS_PER_DAY);
        table->last = told->time;
        told->time = btap_ns_sum(table->midnight, told->time);
        break;
    case SINCE_START:
        told->time = btap_ns_sum(table->start, told->time);
        break;
    case SINCE_ONE_BEFORE:
        table->elapsed = btap_ns_sum(table->elapsed, told->time);
        told->time = btap_ns_sum(table->start, table->elapsed);
        break;
    }
}

/** Head and foot of a log of BUSMASTER. */
static void busmaster_head(struct table *table, const struct words *words)
{
    struct moment moment;
    btap_ns clock;

    if (word_is(words->at[0], "***DEC***"))
        table->decimal = true;
    else if (word_is(words->at[0], "***HEX***"))
        table->decimal = false;
    else if (word_is(words->at[0], "***ABSOLUTE"))
        table->mode = SINCE_START;
    else if (word_is(words->at[0], "***RELATIVE"))
        table->mode = SINCE_ONE_BEFORE;
    if (word_is(words->at[0], "***START") && word_is(words->at[1], "DATE") &&
        moment_date(words->at[4], ':', &moment)) {
        struct word time = words->at[5];

        while (time.length > 0 && time.at[time.length - 1] == '*')
            time.length--;
        if (!parse_clock(time, &moment) || !moment_time(&moment, &table->start))
            return;
        clock = table->start % NS_PER_DAY;
        table->midnight = table->start - clock;
        table->last = clock;
        table->elapsed = 0;
    }
}

/** `s`, `x`, `sr`, `xr`: standard or extended, remote. @return false: none of them */
static bool parse_type(struct word word, bool *extended, bool *remote)
{
    *extended = word_starts(word, "x");
    *remote = word.length == 2 && (word.at[1] | 0x20) == 'r';
    return (*extended || word_starts(word, "s")) && word.length == 1U + *remote;
}

static enum table_kind busmaster(struct table *table, const char *text, size_t length,
                                 struct can_told *told)
{
    const unsigned base = table->decimal ? 10 : 16;
    struct moment moment = {.year = 1970, .month = 1, .day = 1};
    struct words words;
    struct word id;
    uint64_t number;
    bool extended;
    bool remote;

    words_split(&words, text, length);
    if (word_starts(words.at[0], "***")) {
        busmaster_head(table, &words);
        return TABLE_OTHER;
    }
    if (!parse_clock(words.at[0], &moment) || !can_log_direction(told, words.at[1]) ||
        !parse_type(words.at[4], &extended, &remote))
        return TABLE_NONE;
    id = word_starts(words.at[3], "0x") ? word_from(words.at[3], 2) : words.at[3];
    can_log_interface(told, words.at[2]);
    if (!moment_time(&moment, &told->time) || !word_number(id, base, UINT32_MAX, &number) ||
        !can_log_id(told, number, extended) || !word_number(words.at[5], 10, 15, &number) ||
        !can_log_dlc(told, number))
        return TABLE_DAMAGED;
    if (remote)
        can_log_remote(told);
    else if (!can_log_data(told, &words, 6, base))
        return TABLE_DAMAGED;
    place_time(table, told);
    return TABLE_FRAME;
}

static enum table_kind gvret(struct table *table, const char *text, size_t length,
                             struct can_told *told)
{
    struct words words;
    const struct word *extended = &words.at[2];
    uint64_t id;
    uint64_t bytes;
    size_t at = GVRET_FIELDS;

    (void)table;
    words_fields(&words, text, length, ',');
    if (word_is(words.at[0], "Time Stamp") && word_is(words.at[1], "ID"))
        return TABLE_OTHER;
    if (words.length < GVRET_FIELDS - 1 ||
        !(word_is(*extended, "true") || word_is(*extended, "false")))
        return TABLE_NONE;
    if (!can_log_direction(told, words.at[3]))
        at--; /* an older file */
    can_log_interface(told, words.at[at - 2]);
    if (!word_time(words.at[0], 1000, &told->time) ||
        !word_number(words.at[1], 16, CAN_LOG_EXTENDED_MAX, &id) ||
        !can_log_id(told, id, word_is(*extended, "true")) ||
        !word_number(words.at[at - 1], 10, CANFD_MAX_DLEN, &bytes))
        return TABLE_DAMAGED;
    told->fd = bytes > CAN_MAX_DLEN;
    told->flags_untold = told->fd;
    return can_log_length(told, bytes) && can_log_data(told, &words, at, 16) ? TABLE_FRAME
                                                                             : TABLE_DAMAGED;
}

/** Time and direction, the last two words. */
static bool kvaser_end(const struct words *words, struct can_told *told)
{
    const struct word *last = &words->at[words->length - 1];

    if (word_is(*last, "T"))
        told->direction = BTAP_HOST_TO_DEVICE;
    else if (!word_is(*last, "R"))
        return false;
    return word_find(last[-1], '.') != NULL &&
           word_time(last[-1], CLOCK_NS_PER_SECOND, &told->time);
}

static enum table_kind kvaser(struct table *table, const char *text, size_t length,
                              struct can_told *told)
{
    struct words words;
    size_t at = 2;
    bool remote = false;
    bool extended = false;
    uint64_t number;
    unsigned base;

    (void)table;
    words_split(&words, text, length);
    if (word_is(words.at[0], "Chn") && word_is(words.at[1], "Identifier"))
        return TABLE_OTHER;
    if (words.length < 4 || !word_number(words.at[0], 10, UINT8_MAX, &number) ||
        !kvaser_end(&words, told))
        return TABLE_NONE;
    can_log_interface(told, words.at[0]);
    if (word_starts(words.at[1], "ErrorFrame")) {
        can_log_bus_error(told);
        return TABLE_FRAME;
    }
    /* Identifiers in hexadecimal are padded. */
    base = words.at[1].length == 8 ? 16 : 10;
    for (; at < words.length && !word_number(words.at[at], 10, 15, &number); at++) {
        extended = extended || word_find(words.at[at], 'X') != NULL;
        remote = remote || word_find(words.at[at], 'R') != NULL;
    }
    if (at == words.length || !can_log_dlc(told, number) ||
        !word_number(words.at[1], base, UINT32_MAX, &number) ||
        !can_log_id(told, number, extended || number > CAN_LOG_STANDARD_MAX))
        return TABLE_DAMAGED;
    if (remote)
        can_log_remote(told);
    return remote || can_log_data(told, &words, at + 1, base) ? TABLE_FRAME : TABLE_DAMAGED;
}

typedef enum table_kind parse_function(struct table *table, const char *text, size_t length,
                                       struct can_told *told);

static enum log_line take(struct log *log, parse_function *parse, const char *text, size_t length)
{
    struct can_told told = {0};

    switch (parse(log->state, text, length, &told)) {
    case TABLE_NONE:
        return LOG_UNKNOWN;
    case TABLE_DAMAGED:
        return LOG_DAMAGED;
    case TABLE_FRAME:
        can_log_put(&log->queue, &told, 0);
        break;
    case TABLE_OTHER:
        break;
    }
    return LOG_KNOWN;
}

/** Whether a line is one of a format, a head or a frame. */
static bool is_of(parse_function *parse, const char *text, size_t length)
{
    struct table table = {0};
    struct can_told told = {0};
    const enum table_kind kind = parse(&table, text, length, &told);

    return kind == TABLE_OTHER || kind == TABLE_FRAME;
}

static bool is_busmaster(const char *text, size_t length)
{
    const struct word word = {text, length};

    /* Stars before and behind a line stand in many logs. */
    return (!word_starts(word, "***") || word_starts(word, "***BUSMASTER")) &&
           is_of(busmaster, text, length);
}

static bool is_gvret(const char *text, size_t length)
{
    return is_of(gvret, text, length);
}

static bool is_kvaser(const char *text, size_t length)
{
    return is_of(kvaser, text, length);
}

static bool probe_busmaster(const struct first *first)
{
    return first_is_text(first) && first_line_is(first, is_busmaster);
}

static bool probe_gvret(const struct first *first)
{
    return first_is_text(first) && first_line_is(first, is_gvret);
}

static bool probe_kvaser(const struct first *first)
{
    return first_is_text(first) && first_line_is(first, is_kvaser);
}

static enum log_line busmaster_line(struct log *log, char *text, size_t length)
{
    return take(log, busmaster, text, length);
}

static enum log_line gvret_line(struct log *log, char *text, size_t length)
{
    return take(log, gvret, text, length);
}

static enum log_line kvaser_line(struct log *log, char *text, size_t length)
{
    return take(log, kvaser, text, length);
}

static const struct log_format busmaster_format = {sizeof(struct table), busmaster_line, NULL,
                                                   NULL};
static const struct log_format gvret_format = {sizeof(struct table), gvret_line, NULL, NULL};
static const struct log_format kvaser_format = {sizeof(struct table), kvaser_line, NULL, NULL};

static bool start_busmaster(struct reader *reader)
{
    return log_start(reader, &busmaster_format);
}

static bool start_gvret(struct reader *reader)
{
    return log_start(reader, &gvret_format);
}

static bool start_kvaser(struct reader *reader)
{
    return log_start(reader, &kvaser_format);
}

const struct reader_format reader_busmaster = {
    .kind = {KIND_CAPTURE, "a log of BUSMASTER", "", probe_busmaster},
    .start = start_busmaster,
    .next = log_next,
    .release = log_release,
};

const struct reader_format reader_gvret = {
    .kind = {KIND_CAPTURE, "a CAN log of SavvyCAN (GVRET CSV)", "", probe_gvret},
    .start = start_gvret,
    .next = log_next,
    .release = log_release,
};

const struct reader_format reader_kvaser = {
    .kind = {KIND_CAPTURE, "a log of Kvaser CanKing", "", probe_kvaser},
    .start = start_kvaser,
    .next = log_next,
    .release = log_release,
};
