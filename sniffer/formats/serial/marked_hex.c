/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What terminal programs and people log: a line holds a time, if any, a mark that tells the side,
 * and bytes of two hexadecimal digits each: `10:15:21.5 TX: 7F`, `<- 79`, `[1.25] Host 0x02 0xFD`.
 */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "formats/reader/probe.h"
#include "formats/reader/scan.h"
#include "formats/serial/marks.h"
#include "formats/serial/serial_log.h"

struct marked_hex {
    struct serial_log serial;
    struct scan_days days;
    bool has_host; /**< bytes of it came */
    bool has_device;
};

enum line_time {
    TIME_NONE,
    TIME_OF_DAY,
    TIME_DATED, /**< or seconds since some moment */
};

struct marked_line {
    enum line_time has_time;
    btap_ns time;
    enum btap_direction direction;
    bool quotes; /**< the mark could be that of a quotation */
    const char *bytes;
};

/** `10:15:21.5`, `2025-03-14T10:15:21`, `1741947321.5`, in brackets or not */
static void parse_time(const char **at, struct marked_line *line)
{
    const char *end = *at;
    btap_ns midnight = 0;
    btap_ns time;

    if (*end == '[' || *end == '(')
        end++;
    if (scan_date(&end, &midnight)) {
        line->has_time = TIME_DATED;
        if (!scan_spaces(&end) && *end == 'T')
            end++;
        if (!scan_clock(&end, &time))
            return;
    } else if (scan_clock(&end, &time)) {
        line->has_time = TIME_OF_DAY;
    } else if (scan_seconds(&end, &time)) {
        line->has_time = TIME_DATED;
    } else {
        return;
    }
    line->time = midnight + time;
    end += strspn(end, "Zs])");
    end += strspn(end, " \t:,;|-");
    /* The last one may begin an arrow. */
    if (end[-1] == '-' && strchr("<>", *end) != NULL && *end != '\0')
        end--;
    *at = end;
}

/** How many characters belong to the mark: letters and digits, or what arrows are made of */
static size_t mark_length(const char *at)
{
    size_t length = strspn(at, "<>-=");

    if (length == 0)
        while (isalnum((unsigned char)at[length]) || at[length] == '_')
            length++;
    return length;
}

static bool parse_mark(const char **at, struct marked_line *line)
{
    const bool bracket = **at == '[' || **at == '(';
    const char *mark = *at + bracket;
    const size_t length = mark_length(mark);

    line->direction = marks_find(mark, length);
    line->quotes = strspn(mark, "<>") == length;
    /* A tab behind an arrow is interceptty's, whose arrows mean the other side. */
    if (length == 0 || line->direction == BTAP_DIRECTION_UNKNOWN ||
        (mark[length] == '\t' && ispunct((unsigned char)mark[0])))
        return false;
    mark += length;
    if (bracket)
        mark += strspn(mark, "])");
    /* No comma: in a table numbers need not be hexadecimal. */
    *at = mark + strspn(mark, " \t:;|=>-");
    return *at > mark || bracket || ispunct((unsigned char)mark[-1]);
}

/** All that is left are bytes, at least one. */
static bool are_bytes(const char *at)
{
    uint8_t byte;

    do {
        if (!scan_word(&at, "0x"))
            scan_word(&at, "0X");
        if (!scan_hex_byte(&at, &byte))
            return false;
        if (*at == '\0')
            return true;
        if (strspn(at, " \t,;") == 0)
            return false;
        at += strspn(at, " \t,;");
    } while (*at != '\0');
    return true;
}

static bool parse_line(const char *at, struct marked_line *line)
{
    *line = (struct marked_line){0};
    at += strspn(at, " \t");
    parse_time(&at, line);
    if (!parse_mark(&at, line) || !are_bytes(at))
        return false;
    line->bytes = at;
    return true;
}

static bool is_host(const char *text)
{
    struct marked_line line;

    return parse_line(text, &line) && line.direction == BTAP_HOST_TO_DEVICE;
}

static bool is_device(const char *text)
{
    struct marked_line line;

    return parse_line(text, &line) && line.direction == BTAP_DEVICE_TO_HOST;
}

static bool is_no_quotation(const char *text)
{
    struct marked_line line;

    return parse_line(text, &line) && !line.quotes;
}

/** Of both sides one line at least, as > may be a quotation's; or of one side most lines,
 * with marks that are none: nobody answered. */
static bool probe(const struct first *first)
{
    const struct probe_count all = probe_lines(first, is_no_quotation);

    return all.known > all.filled / 2 ||
           (probe_lines(first, is_host).known > 0 && probe_lines(first, is_device).known > 0);
}

static enum log_line take_line(struct log *log, char *text, size_t length)
{
    struct marked_hex *state = log->state;
    struct marked_line line;

    (void)length;
    if (!parse_line(text, &line))
        return LOG_UNKNOWN;
    if (line.has_time == TIME_OF_DAY)
        line.time = scan_day_time(&state->days, line.time);
    state->serial.lacks = line.has_time == TIME_NONE ? BTAP_LACKS_TIMES : 0;
    if (line.direction == BTAP_HOST_TO_DEVICE)
        state->has_host = true;
    else
        state->has_device = true;
    serial_log_begin(&state->serial, log, line.direction, line.time, 0);
    while (*line.bytes != '\0') {
        uint8_t byte;

        line.bytes += strspn(line.bytes, " \t,;");
        if (line.bytes[0] == '0' && tolower((unsigned char)line.bytes[1]) == 'x')
            line.bytes += 2;
        if (scan_hex_byte(&line.bytes, &byte))
            serial_log_byte(&state->serial, log, byte);
    }
    serial_log_end(&state->serial, log);
    return LOG_KNOWN;
}

static void at_end(struct log *log)
{
    const struct marked_hex *state = log->state;

    serial_log_at_end(log);
    if (state->has_host && !state->has_device)
        snprintf(
            log->reader->remark, sizeof(log->reader->remark),
            "it holds what the host sent, and no answer; if only one side was logged, that is no "
            "finding");
}

static const struct log_format format = {
    .state_size = sizeof(struct marked_hex),
    .line = take_line,
    .end = at_end,
    .release = serial_log_release,
};

static bool start(struct reader *reader)
{
    return log_start(reader, &format);
}

const struct reader_format reader_marked_hex = {
    .kind = {KIND_CAPTURE, "a log of bytes with marks", "", probe},
    .start = start,
    .next = log_next,
    .release = log_release,
};
