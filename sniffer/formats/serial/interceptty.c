/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Logs of interceptty: `< 0x7f ([DEL])` to the device and `>`, a tab, `0x79 (y)` from it, a time in
 * brackets before it if asked for; with -e many bytes a line, `< 02([STX]):fd(x)`.
 */
#include <string.h>

#include "formats/reader/probe.h"
#include "formats/reader/scan.h"
#include "formats/serial/serial_log.h"

#define NS_PER_US 1000
#define HOURS     24
#define SIXTY     60

/** Of seconds, where they stand without a date, interceptty prints eight digits. */
#define SECONDS_KEPT 100000000

struct interceptty {
    struct serial_log serial;
    struct scan_days days;
    btap_ns time;
};

struct interceptty_line {
    bool has_time;
    btap_ns time;
    enum btap_direction direction; /**< UNKNOWN: goes on with the line before */
    bool is_sure;                  /**< nothing else writes this */
    const char *bytes;
};

/** `[10:15 21.123456]`, or digits of seconds, a colon and microseconds */
static bool interceptty_time(const char **at, struct interceptty_line *line)
{
    const char *end = *at;
    uint64_t hour;
    uint64_t minute;
    btap_ns seconds;

    if (!scan_word(&end, "["))
        return true;
    if (!scan_decimal(&end, &hour) || !scan_word(&end, ":"))
        return false;
    if (scan_digits(&end, 2, &minute) && scan_word(&end, " ")) {
        if (!scan_seconds(&end, &seconds) || hour >= HOURS)
            return false;
        line->time = (btap_ns)(hour * SIXTY + minute) * SIXTY * SCAN_NS_PER_S + seconds;
    } else if (scan_digits(&end, 6, &minute)) {
        line->time = (btap_ns)(hour % SECONDS_KEPT * 1000000 + minute) * NS_PER_US;
    } else {
        return false;
    }
    line->has_time = true;
    if (!scan_word(&end, "]"))
        return false;
    scan_spaces(&end);
    *at = end;
    return true;
}

/** One byte with what stands for it: `0x7f ([DEL])`, `fd(M-})`, `02` */
static bool interceptty_byte(const char **at, uint8_t *byte, bool *is_sure)
{
    const bool prefixed = scan_word(at, "0x");
    const char *end;

    if (!scan_hex_byte(at, byte))
        return false;
    end = *at + strspn(*at, " ");
    if (*end != '(')
        return *end == '\0' || *end == ':';
    *is_sure = true;
    /* What stands between the parentheses may be one itself, or a byte of any kind. */
    end += end[1] == ')' ? 2 : 1;
    end += strcspn(end, ")");
    /* A byte that is no text may be lost with all behind it. */
    *at = *end == ')' ? end + 1 : end;
    return *end == ')' || prefixed;
}

static bool interceptty_head(const char *at, struct interceptty_line *line)
{
    *line = (struct interceptty_line){0};
    at += strspn(at, " ");
    if (!interceptty_time(&at, line))
        return false;
    if (scan_word(&at, "< "))
        line->direction = BTAP_HOST_TO_DEVICE;
    else if (scan_word(&at, "> "))
        line->direction = BTAP_DEVICE_TO_HOST;
    else
        return false;
    line->is_sure = *at == '\t';
    at += strspn(at, " \t");
    line->bytes = at;
    return true;
}

/** Takes the bytes, with or without a place for them. @return false: not all are such */
static bool interceptty_bytes(struct interceptty_line *line, struct serial_log *serial,
                              struct log *log)
{
    const char *at = line->bytes;
    uint8_t byte;

    do {
        if (!interceptty_byte(&at, &byte, &line->is_sure))
            return false;
        if (serial != NULL)
            serial_log_byte(serial, log, byte);
    } while (scan_word(&at, ":"));
    return *at == '\0';
}

static bool knows_interceptty(const char *text)
{
    struct interceptty_line line;

    return interceptty_head(text, &line) && interceptty_bytes(&line, NULL, NULL) && line.is_sure;
}

static bool probe_interceptty(const struct first *first)
{
    return probe_lines(first, knows_interceptty).known > 0;
}

static enum log_line interceptty_line(struct log *log, char *text, size_t length)
{
    struct interceptty *state = log->state;
    struct interceptty_line line;

    (void)length;
    if (!interceptty_head(text, &line) || !interceptty_bytes(&line, NULL, NULL))
        return LOG_UNKNOWN;
    if (line.has_time)
        state->time = scan_day_time(&state->days, line.time);
    state->serial.lacks = state->days.has_last ? 0 : BTAP_LACKS_TIMES;
    serial_log_begin(&state->serial, log, line.direction, state->time, 0);
    interceptty_bytes(&line, &state->serial, log);
    serial_log_end(&state->serial, log);
    return LOG_KNOWN;
}

static const struct log_format interceptty = {
    .state_size = sizeof(struct interceptty),
    .line = interceptty_line,
    .end = serial_log_at_end,
    .release = serial_log_release,
};

static bool start_interceptty(struct reader *reader)
{
    return log_start(reader, &interceptty);
}

const struct reader_format reader_interceptty = {
    .kind = {KIND_CAPTURE, "a log of interceptty", "", probe_interceptty},
    .start = start_interceptty,
    .next = log_next,
    .release = log_release,
};
