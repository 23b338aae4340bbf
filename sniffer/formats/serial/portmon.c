/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Logs of Portmon for Windows and of programs that write the same: columns with a number, a time,
 * the process, the request, the port, the outcome, and `Length 2: 02 FD` or
 * `Length: 2, Data: 02 FD`. What stands as time may be how long the request took.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "formats/reader/probe.h"
#include "formats/reader/scan.h"
#include "formats/serial/serial_log.h"

struct portmon {
    struct serial_log serial;
    struct scan_days days;
    struct btap_serial_settings settings;
    uint64_t no_hex; /**< requests whose bytes are shown as text */
    char port[BTAP_INTERFACE_NAME_SIZE];
};

/** What a request does, by its name. */
static const struct {
    const char *name;
    enum { WRITES, READS, SETS_RATE, SETS_FORM, SETS_LINE, CLEARS_LINE, BREAKS } what;
    uint8_t line;
} requests[] = {
    {"IRP_MJ_WRITE", WRITES, 0},
    {"IRP_MJ_READ", READS, 0},
    {"IOCTL_SERIAL_SET_BAUD_RATE", SETS_RATE, 0},
    {"IOCTL_SERIAL_SET_LINE_CONTROL", SETS_FORM, 0},
    {"IOCTL_SERIAL_SET_RTS", SETS_LINE, BTAP_LINE_RTS},
    {"IOCTL_SERIAL_SET_DTR", SETS_LINE, BTAP_LINE_DTR},
    {"IOCTL_SERIAL_CLR_RTS", CLEARS_LINE, BTAP_LINE_RTS},
    {"IOCTL_SERIAL_CLR_DTR", CLEARS_LINE, BTAP_LINE_DTR},
    {"IOCTL_SERIAL_SET_BREAK_ON", BREAKS, 0},
};

static bool knows(const char *line)
{
    return strstr(line, "IRP_MJ_") != NULL || strstr(line, "IOCTL_SERIAL_") != NULL;
}

static bool probe(const struct first *first)
{
    return probe_lines(first, knows).known > 0;
}

/** The time of day, where the log has it. */
static btap_ns time_of(struct portmon *state, const char *line)
{
    uint64_t number;
    btap_ns of_day;

    scan_spaces(&line);
    if (!scan_decimal(&line, &number) || !scan_spaces(&line) || !scan_clock(&line, &of_day))
        return 0;
    return scan_day_time(&state->days, of_day);
}

/** The port's name, which stands behind the request's. */
static void use_port(struct portmon *state, const char *at)
{
    size_t length;

    at += strcspn(at, " \t");
    at += strspn(at, " \t");
    length = strcspn(at, " \t");
    snprintf(state->port, sizeof(state->port), "%.*s", (int)length, at);
    state->serial.name = state->port;
}

/** `Length 2: 02 FD`, `Length: 2, Data: 02 FD`; dots or text instead of bytes are not known */
static enum log_line take_bytes(struct portmon *state, struct log *log, const char *at,
                                enum btap_direction direction, btap_ns time)
{
    uint64_t length;

    at = strstr(at, "Length");
    if (at == NULL)
        return LOG_KNOWN;
    at += strcspn(at, "0123456789");
    if (!scan_decimal(&at, &length))
        return LOG_DAMAGED;
    at += strspn(at, ":, \t");
    if (scan_word(&at, "Data:"))
        scan_spaces(&at);
    if (length == 0)
        return LOG_KNOWN;
    serial_log_begin(&state->serial, log, direction, time, length);
    if (serial_log_hex(&state->serial, log, at, UINT32_MAX) == 0)
        state->no_hex++;
    serial_log_end(&state->serial, log);
    return LOG_KNOWN;
}

static uint64_t number_behind(const char *line, const char *word)
{
    const char *at = strstr(line, word);
    uint64_t number = 0;

    if (at == NULL)
        return 0;
    at += strlen(word);
    scan_spaces(&at);
    scan_decimal(&at, &number);
    return number;
}

static void use_form(struct btap_serial_settings *settings, const char *line)
{
    static const struct {
        const char *name;
        enum btap_parity parity;
    } parities[] = {
        {"Parity: NONE", BTAP_PARITY_NONE},   {"Parity: ODD", BTAP_PARITY_ODD},
        {"Parity: EVEN", BTAP_PARITY_EVEN},   {"Parity: MARK", BTAP_PARITY_MARK},
        {"Parity: SPACE", BTAP_PARITY_SPACE},
    };
    const uint64_t bits = number_behind(line, "WordLength:");
    const uint64_t stop = number_behind(line, "StopBits:");

    for (size_t i = 0; i < sizeof(parities) / sizeof(parities[0]); i++)
        if (strstr(line, parities[i].name) != NULL)
            settings->parity = parities[i].parity;
    settings->data_bits = bits >= 5 && bits <= 8 ? (uint8_t)bits : 0;
    settings->half_stop_bits = stop == 1 || stop == 2 ? (uint8_t)(2 * stop) : 0;
    if (strstr(line, "StopBits: 1.5") != NULL || strstr(line, "StopBits: 1_5") != NULL)
        settings->half_stop_bits = 3;
}

/** What a request that is known by its place in the table does. */
static enum log_line take(struct portmon *state, struct log *log, size_t n, const char *at,
                          btap_ns time)
{
    struct serial_log *serial = &state->serial;
    const uint64_t rate = number_behind(at, "Rate:");

    switch (requests[n].what) {
    case WRITES:
        return take_bytes(state, log, at, BTAP_HOST_TO_DEVICE, time);
    case READS:
        return take_bytes(state, log, at, BTAP_DEVICE_TO_HOST, time);
    case SETS_RATE:
        state->settings.baud = rate <= UINT32_MAX ? (uint32_t)rate : 0;
        break;
    case SETS_FORM:
        use_form(&state->settings, at);
        break;
    case SETS_LINE:
        serial->lines |= requests[n].line;
        break;
    case CLEARS_LINE:
        serial->lines &= (uint8_t)~requests[n].line;
        break;
    case BREAKS:
        serial_log_event(serial, log, SERIAL_RECORD_BREAK, time, NULL);
        return LOG_KNOWN;
    }
    serial_log_event(
        serial, log, SERIAL_RECORD_STATUS, time,
        requests[n].what == SETS_RATE || requests[n].what == SETS_FORM ? &state->settings : NULL);
    return LOG_KNOWN;
}

static enum log_line take_line(struct log *log, char *text, size_t length)
{
    struct portmon *state = log->state;
    btap_ns time;

    (void)length;
    state->serial.at_tool = true;
    if (!knows(text) || *text == '>')
        return LOG_UNKNOWN;
    time = time_of(state, text);
    state->serial.lacks = state->days.has_last ? 0 : BTAP_LACKS_TIMES;
    for (size_t i = 0; i < sizeof(requests) / sizeof(requests[0]); i++) {
        const size_t name = strlen(requests[i].name);
        const char *at = strstr(text, requests[i].name);

        if (at == NULL || strchr(" \t", at[name]) == NULL || at[name] == '\0')
            continue;
        use_port(state, at);
        return take(state, log, i, at + name, time);
    }
    return LOG_KNOWN;
}

static void end(struct log *log)
{
    struct portmon *state = log->state;

    serial_log_at_end(log);
    if (state->no_hex > 0)
        snprintf(log->reader->remark, sizeof(log->reader->remark),
                 "bytes of %" PRIu64
                 " requests are not shown in hexadecimal; choose Show Hex in Portmon's "
                 "Options before the next try",
                 state->no_hex);
}

static const struct log_format format = {
    .state_size = sizeof(struct portmon),
    .line = take_line,
    .end = end,
    .release = serial_log_release,
};

static bool start(struct reader *reader)
{
    return log_start(reader, &format);
}

const struct reader_format reader_portmon = {
    .kind = {KIND_CAPTURE, "a log of Portmon", "", probe},
    .start = start,
    .next = log_next,
    .release = log_release,
};
