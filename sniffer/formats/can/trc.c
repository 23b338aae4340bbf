/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Traces of PEAK's tools (.trc). Up to version 1.3 the parts of a line stand in a fixed order,
 *   1)  1059.9  [BUS]  [Rx|Tx]  0300  [-]  7  BYTES
 * from 2.0 on in the order that $COLUMNS names:
 *   N number, O ms since the start, T type, B bus, I identifier, d direction, R reserved,
 *   l length, L length code, D bytes
 * Identifiers of more than 4 digits are extended ones. Warnings and rows of type ST say how the
 * adapter stands on the bus.
 */
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "formats/can/can_log.h"
#include "formats/reader/log.h"

#define NS_PER_DAY      ((int64_t)86400 * CLOCK_NS_PER_SECOND)
#define DAYS_TO_1970    25569             /* from 1899-12-30 */
#define START_UNIT_NS   ((btap_ns)100000) /* what the tools know the start to */
#define STANDARD_DIGITS 4u
#define COLUMNS_MAX     16u

#define STATUS_BUS_HEAVY   0x08u
#define STATUS_BUS_OFF     0x10u
#define STATUS_BUS_PASSIVE 0x40000u
#define STATUS_BYTES       4u

struct trc {
    btap_ns start; /**< 0: not told */
    bool exact;    /**< $STARTTIME told it */
    char columns[COLUMNS_MAX + 1];
};

enum trc_kind {
    TRC_NONE,
    TRC_OTHER, /**< known, and no frame */
    TRC_FRAME,
    TRC_DAMAGED, /**< it begins as a frame does */
};

/** The types of version 2. */
static const struct {
    const char *name;
    bool fd;
    uint8_t flags;
    enum { DATA, REMOTE, ERROR, STATUS, OTHER } what;
} types[] = {
    {"DT", false, 0, DATA},        {"FD", true, 0, DATA},
    {"FB", true, CANFD_BRS, DATA}, {"FE", true, CANFD_BRS | CANFD_ESI, DATA},
    {"BI", true, CANFD_ESI, DATA}, {"RR", false, 0, REMOTE},
    {"ER", false, 0, ERROR},       {"ST", false, 0, STATUS},
    {"EC", false, 0, OTHER},       {"EV", false, 0, OTHER},
};

static bool parse_id(struct word word, struct can_told *told)
{
    uint64_t id;

    return word_number(word, 16, CAN_LOG_EXTENDED_MAX, &id) &&
           can_log_id(told, id, word.length > STANDARD_DIGITS);
}

/** How the adapter stands on the bus: four bytes from a word on. */
static enum trc_kind parse_status(const struct words *words, size_t at, struct can_told *told)
{
    uint64_t status = 0;

    for (size_t i = 0; i < STATUS_BYTES; i++) {
        uint64_t byte;

        if (at + i >= words->length || !word_number(words->at[at + i], 16, UINT8_MAX, &byte))
            return TRC_OTHER;
        status = status << 8 | byte;
    }
    if ((status & STATUS_BUS_OFF) != 0) {
        can_log_error(told, CAN_ERR_BUSOFF);
        return TRC_FRAME;
    }
    if ((status & (STATUS_BUS_HEAVY | STATUS_BUS_PASSIVE)) == 0)
        return TRC_OTHER;
    can_log_error(told, CAN_ERR_CRTL);
    told->frame.data[1] = (status & STATUS_BUS_PASSIVE) != 0
                              ? CAN_ERR_CRTL_RX_PASSIVE | CAN_ERR_CRTL_TX_PASSIVE
                              : CAN_ERR_CRTL_RX_WARNING | CAN_ERR_CRTL_TX_WARNING;
    return TRC_FRAME;
}

/** Length and bytes, from a word on. */
static enum trc_kind parse_bytes(const struct words *words, size_t at, struct can_told *told)
{
    uint64_t length;

    if (!word_number(words->at[at], 10, CAN_MAX_DLC + 7u, &length) || !can_log_dlc(told, length))
        return TRC_DAMAGED;
    if (word_is(words->at[at + 1], "RTR")) {
        can_log_remote(told);
        return TRC_FRAME;
    }
    return can_log_data(told, words, at + 1, 16) ? TRC_FRAME : TRC_DAMAGED;
}

/** A line of version 1, behind number and time. */
static enum trc_kind parse_first(const struct words *words, struct can_told *told)
{
    size_t at = 2;
    bool typed = can_log_direction(told, words->at[at]);

    /* Where a bus is told, a type stands behind it. */
    if (!typed && words->at[at].length <= 2 &&
        (can_log_direction(told, words->at[at + 1]) || word_is(words->at[at + 1], "Warng") ||
         word_is(words->at[at + 1], "Error"))) {
        can_log_interface(told, words->at[at++]);
        typed = true;
    }
    if (word_is(words->at[at], "Warng"))
        return parse_status(words, at + (word_is(words->at[at + 2], "-") ? 4 : 3), told);
    if (word_is(words->at[at], "Error")) {
        can_log_bus_error(told);
        return TRC_FRAME;
    }
    at += typed;
    if (word_is(words->at[at], "FFFFFFFF"))
        return parse_status(words, at + 2, told);
    if (!parse_id(words->at[at], told))
        return TRC_DAMAGED;
    at += word_is(words->at[at + 1], "-") ? 2 : 1;
    return parse_bytes(words, at, told);
}

/** Takes a part of a line of version 2. @return false: it cannot be right */
static bool take_column(char column, const struct words *words, size_t at, bool remote,
                        struct can_told *told)
{
    const struct word word = words->at[at];
    uint64_t number;

    switch (column) {
    case 'B':
        can_log_interface(told, word);
        return true;
    case 'I':
        return parse_id(word, told);
    case 'd':
        return can_log_direction(told, word);
    case 'l':
        return word_number(word, 10, CANFD_MAX_DLEN, &number) && can_log_length(told, number);
    case 'L':
        return word_number(word, 10, 15, &number) && can_log_dlc(told, number);
    case 'D':
        return remote || can_log_data(told, words, at, 16);
    default:
        return true;
    }
}

/** A line of version 2 whose type is known. */
static enum trc_kind parse_columns(const struct words *words, const char *columns, size_t type,
                                   struct can_told *told)
{
    told->fd = types[type].fd;
    told->frame.flags = types[type].flags;
    switch (types[type].what) {
    case STATUS:
        return parse_status(words, words->length < STATUS_BYTES ? 0 : words->length - STATUS_BYTES,
                            told);
    case OTHER:
        return TRC_OTHER;
    case ERROR:
        can_log_bus_error(told);
        return TRC_FRAME;
    case DATA:
    case REMOTE:
        break;
    }
    for (size_t i = 0; columns[i] != '\0'; i++)
        if (!take_column(columns[i], words, i, types[type].what == REMOTE, told))
            return TRC_DAMAGED;
    if (types[type].what == REMOTE)
        can_log_remote(told);
    return TRC_FRAME;
}

static size_t find_type(struct word word)
{
    size_t i = 0;

    while (i < sizeof(types) / sizeof(types[0]) && !word_is(word, types[i].name))
        i++;
    return i;
}

/** A line with a number and a time. */
static enum trc_kind parse(const struct words *words, const struct trc *trc, struct can_told *told)
{
    const char *of_2_1 = "NOTBIdRLD";
    struct word number = words->at[0];
    const bool first = number.length > 1 && number.at[number.length - 1] == ')';
    const char *columns = trc->columns;
    uint64_t count;
    size_t type;

    number.length -= first;
    if (words->length < 3 || !word_number(number, 10, UINT32_MAX, &count) ||
        !word_time(words->at[1], CLOCK_NS_PER_MS, &told->time))
        return TRC_NONE;
    if (first)
        return words->length > 3 ? parse_first(words, told) : TRC_DAMAGED;
    type = find_type(words->at[2]);
    if (type == sizeof(types) / sizeof(types[0]))
        return TRC_NONE;
    /* The head may be missing: whether a bus is told shows in the place of the identifier. */
    if (columns[0] == '\0')
        columns = word_is(words->at[4], "Rx") || word_is(words->at[4], "Tx") ? "NOTIdlD" : of_2_1;
    return parse_columns(words, columns, type, told);
}

/** `45730.4273321759`, days */
static void take_start(struct trc *trc, struct word word)
{
    btap_ns days;

    if (!word_time(word, NS_PER_DAY, &days) || days < DAYS_TO_1970 * NS_PER_DAY)
        return;
    days += START_UNIT_NS / 2;
    trc->start = days - DAYS_TO_1970 * NS_PER_DAY;
    trc->start -= trc->start % START_UNIT_NS;
    trc->exact = true;
}

/** `14.03.2025 10:15:21.500.0`: where no $STARTTIME stands */
static void take_start_words(struct trc *trc, struct word date, struct word clock)
{
    const char *point = word_find(clock, '.');
    struct moment moment;

    if (point != NULL) {
        const struct word rest = {point + 1, clock.length - (size_t)(point + 1 - clock.at)};
        const char *second = word_find(rest, '.');

        if (second != NULL)
            clock.length = (size_t)(second - clock.at);
    }
    if (!trc->exact && moment_date(date, '.', &moment) && moment_clock(clock, &moment))
        moment_time(&moment, &trc->start);
}

static void take_columns(struct trc *trc, struct word word)
{
    struct words columns;

    words_fields(&columns, word.at, word.length, ',');
    memset(trc->columns, 0, sizeof(trc->columns));
    for (size_t i = 0; i < columns.length && i < COLUMNS_MAX; i++)
        trc->columns[i] = columns.at[i].length == 1 ? *columns.at[i].at : '?';
}

/** The value of a line `;$NAME=VALUE`. @return false: it is not of this name */
static bool value_of(const char *text, size_t length, const char *name, struct word *value)
{
    const struct word all = {text, length};

    *value = word_from(all, strlen(name));
    return word_starts(all, name);
}

static void take_comment(struct trc *trc, const char *text, size_t length)
{
    struct word value;
    struct words words;

    if (value_of(text, length, ";$FILEVERSION=", &value)) {
        *trc = (struct trc){0};
    } else if (value_of(text, length, ";$STARTTIME=", &value)) {
        take_start(trc, value);
    } else if (value_of(text, length, ";$COLUMNS=", &value)) {
        take_columns(trc, value);
    } else {
        words_split(&words, text, length);
        if (word_is(words.at[1], "Start") && word_is(words.at[2], "time:"))
            take_start_words(trc, words.at[3], words.at[4]);
    }
}

static enum log_line line(struct log *log, char *text, size_t length)
{
    struct trc *trc = log->state;
    struct can_told told = {0};
    struct words words;
    enum trc_kind kind;

    text += strspn(text, " \t");
    length = strlen(text);
    if (*text == ';') {
        take_comment(trc, text, length);
        return LOG_KNOWN;
    }
    words_split(&words, text, length);
    kind = parse(&words, trc, &told);
    if (kind == TRC_NONE)
        return LOG_UNKNOWN;
    if (kind == TRC_DAMAGED || told.time > INT64_MAX - trc->start)
        return LOG_DAMAGED;
    told.time += trc->start;
    if (kind == TRC_FRAME)
        can_log_put(&log->queue, &told, 0);
    return LOG_KNOWN;
}

static bool is_line(const char *text, size_t length)
{
    static const struct trc trc;
    struct can_told told = {0};
    struct words words;
    struct word value;

    words_split(&words, text, length);
    return value_of(text, length, ";$FILEVERSION=", &value) ||
           /* The line under the head's last one: before 1.1 no version stands there. */
           (value_of(text, length, ";---", &value) && word_find(value, '+') != NULL) ||
           (parse(&words, &trc, &told) == TRC_FRAME && word_find(words.at[1], '.') != NULL);
}

static bool probe(const struct first *first)
{
    return first_is_text(first) && first_line_is(first, is_line);
}

static const struct log_format format = {sizeof(struct trc), line, NULL, NULL};

static bool start(struct reader *reader)
{
    return log_start(reader, &format);
}

const struct reader_format reader_trc = {
    .kind = {KIND_CAPTURE, "a trace of PEAK PCAN (.trc)", "", probe},
    .start = start,
    .next = log_next,
    .release = log_release,
};
