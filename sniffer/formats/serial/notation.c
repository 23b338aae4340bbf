/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "formats/serial/notation.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/allocate.h"
#include "base/digits.h"
#include "formats/reader/probe.h"
#include "formats/reader/scan.h"
#include "formats/serial/notation_event.h"
#include "formats/serial/serial_log.h"

/** Longest piece of a text that a message repeats. */
#define SHOWN_MAX 16

struct notation {
    struct serial_log serial;
    struct notation_port port;
    uint64_t problems;
    uint64_t problem_line;
    char problem[NOTATION_PROBLEM_SIZE];
};

/** A line on its way. */
struct notation_line {
    const char *start;
    const char *at;
    enum btap_direction direction;
    bool crossed; /**< `>` stands in this exchange */
    bool filled;  /**< something stands in it */
    uint64_t host;
    uint64_t device; /**< bytes */
    /* Where it goes; NULL: nowhere, it is only checked */
    struct notation *state;
    struct log *log;
    const char *problem; /**< what is wrong at `at` */
};

static bool fails(struct notation_line *line, const char *problem)
{
    line->problem = problem;
    return false;
}

static void end_exchange(struct notation_line *line)
{
    line->direction = BTAP_HOST_TO_DEVICE;
    line->crossed = false;
    line->filled = false;
    if (line->state != NULL)
        serial_log_end(&line->state->serial, line->log);
}

/** Bytes of one side, the last of which may not be known. */
static void put(struct notation_line *line, uint8_t byte, uint64_t count, bool known)
{
    struct serial_log *serial = line->state != NULL ? &line->state->serial : NULL;

    if (line->direction == BTAP_DEVICE_TO_HOST)
        line->device += count;
    else
        line->host += count;
    line->filled = true;
    if (serial == NULL)
        return;
    if (!serial->open || serial->direction != line->direction)
        serial_log_begin(serial, line->log, line->direction, 0, 0);
    if (!known) {
        serial->announced = serial->taken + count;
        serial_log_end(serial, line->log);
        return;
    }
    for (uint64_t i = 0; i < count; i++)
        serial_log_byte(serial, line->log, byte);
}

static bool ends_word(const char *at)
{
    return *at == '\0' || strchr(" \t;>#[", *at) != NULL;
}

/** `*256` behind a byte, or nothing */
static bool parse_count(struct notation_line *line, uint64_t *count)
{
    const char *number;

    *count = 1;
    if (*line->at != '*')
        return true;
    line->at++;
    number = line->at;
    if (!scan_decimal(&number, count) || *count == 0 || *count > NOTATION_REPEAT_MAX)
        return fails(line, "a number from 1 to 65536 must follow *");
    line->at = number;
    return true;
}

static bool parse_byte(struct notation_line *line, uint8_t *byte, bool *known)
{
    const unsigned high = digit_value(line->at[0]);
    const unsigned low = high < 16 ? digit_value(line->at[1]) : 16;

    *known = low < 16;
    if (!*known && !(line->at[0] == '?' && line->at[1] == '?'))
        return false;
    *byte = *known ? (uint8_t)(high << 4 | low) : 0;
    line->at += 2;
    return true;
}

/** `7F`, `0x7F`, `0B31`, `00*256`, `??` */
static bool parse_word(struct notation_line *line)
{
    const char *word = line->at;
    unsigned bytes = 0;

    if (line->at[0] == '0' && tolower((unsigned char)line->at[1]) == 'x')
        line->at += 2;
    do {
        uint64_t count;
        uint8_t byte;
        bool known;

        if (!parse_byte(line, &byte, &known)) {
            line->at = word;
            return fails(line,
                         "a byte is two hexadecimal digits, such as 7F, or ?? where it is not "
                         "known");
        }
        if (*line->at == '*' && bytes > 0)
            return fails(line, "* repeats one byte: put a space before that");
        if (!parse_count(line, &count))
            return false;
        put(line, byte, count, known);
        bytes++;
    } while (!ends_word(line->at));
    return true;
}

/** `[parity error]` */
static bool parse_event(struct notation_line *line)
{
    const char *close = strchr(line->at, ']');
    struct notation_event event;

    if (close == NULL || !notation_event(line->at + 1, (size_t)(close - line->at) - 1, &event))
        return fails(line,
                     "what stands in brackets is not known: 'boottap help' names docs/hex.md");
    line->at = close + 1;
    if (line->state != NULL)
        notation_event_put(&event, &line->state->port, &line->state->serial, line->log);
    return true;
}

/** `<>`: who sent what follows is not known */
static bool parse_unknown(struct notation_line *line)
{
    if (line->filled || line->crossed)
        return fails(line, "<> stands at the start of an exchange");
    line->at += 2;
    line->direction = BTAP_DIRECTION_UNKNOWN;
    return true;
}

static bool parse_arrow(struct notation_line *line)
{
    if (line->crossed || line->direction == BTAP_DIRECTION_UNKNOWN)
        return fails(line, "a second >: end the exchange with ; or a new line");
    line->at++;
    line->crossed = true;
    line->direction = BTAP_DEVICE_TO_HOST;
    return true;
}

/** What stands next. */
static bool parse_item(struct notation_line *line)
{
    switch (*line->at) {
    case ';':
        line->at++;
        end_exchange(line);
        return true;
    case '>':
        return parse_arrow(line);
    case '<':
        if (line->at[1] == '>')
            return parse_unknown(line);
        return fails(line,
                     "device bytes stand behind >, and <> before those of nobody in particular");
    case '[':
        return parse_event(line);
    case '-':
        line->at++;
        return ends_word(line->at) || fails(line, "- stands alone, for no bytes");
    default:
        return parse_word(line);
    }
}

/** @return false: something is wrong with it, at line->at */
static bool parse_line(struct notation_line *line, const char *text)
{
    line->start = text;
    line->at = text;
    end_exchange(line);
    for (;;) {
        line->at += strspn(line->at, " \t");
        if (*line->at == '\0' || *line->at == '#')
            break;
        if (!parse_item(line))
            return false;
    }
    end_exchange(line);
    return true;
}

/** The problem with the place, in words. */
static void describe(const struct notation_line *line, uint64_t number, char *words, size_t size)
{
    const size_t length = strcspn(line->at, " \t;#");
    char where[32] = "";

    if (number > 0)
        snprintf(where, sizeof(where), "line %" PRIu64 ", ", number);
    snprintf(words, size, "%scolumn %zu: '%.*s': %s", where, (size_t)(line->at - line->start) + 1,
             (int)(length < SHOWN_MAX ? length : SHOWN_MAX), line->at, line->problem);
}

bool notation_check(const char *text, char problem[NOTATION_PROBLEM_SIZE])
{
    struct notation_line line = {0};
    char *copy = allocate(strlen(text) + 1);
    const bool several = strchr(text, '\n') != NULL;
    uint64_t number = 0;
    bool right = true;
    char *rest = copy;

    memcpy(copy, text, strlen(text));
    while (right && rest != NULL) {
        char *next = strsep(&rest, "\r\n");

        number++;
        right = parse_line(&line, next);
        if (!right)
            describe(&line, several ? number : 0, problem, NOTATION_PROBLEM_SIZE);
    }
    if (right && line.host + line.device == 0) {
        snprintf(problem, NOTATION_PROBLEM_SIZE, "there is no byte in it");
        right = false;
    }
    free(copy);
    return right;
}

/** Whether a line could be meant as one: it begins with a byte, or the like. */
static bool begins(const char *text)
{
    struct notation_line line = {.start = text, .at = text + strspn(text, " \t")};

    return *line.at == '#' || *line.at == '[' || *line.at == '>' || *line.at == '-' ||
           strncmp(line.at, "<>", 2) == 0 || (parse_word(&line) && line.host > 0);
}

static bool knows(const char *text)
{
    struct notation_line line = {0};

    return parse_line(&line, text);
}

/** Whether bytes stand on both sides, which shows what > means. */
static bool shows_sides(const char *text)
{
    struct notation_line line = {0};

    return parse_line(&line, text) && line.host > 0 && line.device > 0;
}

static bool probe(const struct first *first)
{
    struct probe_count count;

    if (first_has(first, NOTATION_HEAD))
        return true;
    count = probe_lines(first, knows);
    /* Words may stand around it, and a line may be wrong. */
    return 2 * count.known >= count.filled && probe_lines(first, shows_sides).known > 0;
}

static enum log_line take_line(struct log *log, char *text, size_t length)
{
    struct notation *state = log->state;
    struct notation_line check = {0};
    struct notation_line line = {.state = state, .log = log};

    (void)length;
    state->serial.lacks = BTAP_LACKS_TIMES;
    if (parse_line(&check, text)) {
        parse_line(&line, text);
        return LOG_KNOWN;
    }
    /* A mark of a quotation may stand before a line with a > of its own. */
    if (*text == '>' || !begins(text))
        return LOG_UNKNOWN;
    if (state->problems++ == 0)
        describe(&check, log->number, state->problem, sizeof(state->problem));
    return LOG_KNOWN;
}

static void end(struct log *log)
{
    const struct notation *state = log->state;

    serial_log_at_end(log);
    if (state->problems > 0)
        reader_damaged(log->reader, "%s; skipped %" PRIu64 " such line%s", state->problem,
                       state->problems, state->problems == 1 ? "" : "s");
}

static const struct log_format format = {
    .state_size = sizeof(struct notation),
    .line = take_line,
    .end = end,
    .release = serial_log_release,
};

static bool start(struct reader *reader)
{
    return log_start(reader, &format);
}

const struct reader_format reader_notation = {
    .kind = {KIND_CAPTURE, "a session in hexadecimal", "", probe},
    .start = start,
    .next = log_next,
    .release = log_release,
};
