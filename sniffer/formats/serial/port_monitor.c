/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Dump views of Serial Port Monitor (Eltima, HHD): `[14/03/2025 10:15:21] Written data (COM7)`,
 * then lines of sixteen bytes with their text behind them. The order within the date is the
 * computer's.
 */
#include <stdio.h>
#include <string.h>

#include "formats/reader/probe.h"
#include "formats/reader/scan.h"
#include "formats/serial/serial_log.h"

#define BYTES_A_LINE 16
#define MONTHS       12
#define YEAR_MIN     1970

struct port_monitor {
    struct serial_log serial;
    char port[BTAP_INTERFACE_NAME_SIZE];
};

/** Three numbers with a mark between them, the year first or last */
static bool parse_date(const char **at, btap_ns *midnight)
{
    uint64_t part[3];
    char mark;

    if (!scan_decimal(at, &part[0]) || strchr("/.-", **at) == NULL)
        return false;
    mark = *(*at)++;
    if (!scan_decimal(at, &part[1]) || **at != mark)
        return false;
    (*at)++;
    if (!scan_decimal(at, &part[2]))
        return false;
    if (part[0] >= YEAR_MIN)
        return scan_midnight(part[0], part[1], part[2], midnight);
    if (part[1] > MONTHS)
        return scan_midnight(part[2], part[0], part[1], midnight);
    return scan_midnight(part[2], part[1], part[0], midnight);
}

struct head {
    btap_ns time;
    enum btap_direction direction; /**< UNKNOWN: of something else */
    const char *port;              /**< what stands in parentheses; NULL: nothing */
};

static bool parse_head(const char *at, struct head *head)
{
    btap_ns midnight;
    btap_ns of_day;

    if (!scan_word(&at, "[") || !parse_date(&at, &midnight) || !scan_spaces(&at) ||
        !scan_clock(&at, &of_day) || !scan_word(&at, "]") || !scan_spaces(&at))
        return false;
    *head = (struct head){.time = midnight + of_day};
    if (scan_word_any_case(&at, "Written data"))
        head->direction = BTAP_HOST_TO_DEVICE;
    else if (scan_word_any_case(&at, "Read data"))
        head->direction = BTAP_DEVICE_TO_HOST;
    scan_spaces(&at);
    if (*at == '(')
        head->port = at + 1;
    return true;
}

static bool knows(const char *line)
{
    struct head head;

    return parse_head(line, &head) && head.direction != BTAP_DIRECTION_UNKNOWN;
}

static bool probe(const struct first *first)
{
    return probe_lines(first, knows).known > 0;
}

static void use_head(struct port_monitor *state, struct log *log, const struct head *head)
{
    if (head->direction == BTAP_DIRECTION_UNKNOWN) {
        serial_log_end(&state->serial, log);
        return;
    }
    if (head->port != NULL) {
        snprintf(state->port, sizeof(state->port), "%.*s", (int)strcspn(head->port, ")"),
                 head->port);
        state->serial.name = state->port;
    }
    serial_log_begin(&state->serial, log, head->direction, head->time, 0);
}

static enum log_line take_line(struct log *log, char *text, size_t length)
{
    struct port_monitor *state = log->state;
    const char *at = text;
    struct head head;

    (void)length;
    /* Whole seconds tell of no wait. */
    state->serial.lacks = BTAP_LACKS_TIMES;
    state->serial.at_tool = true;
    if (parse_head(text, &head)) {
        use_head(state, log, &head);
        return LOG_KNOWN;
    }
    scan_spaces(&at);
    return serial_log_hex(&state->serial, log, at, state->serial.open ? BYTES_A_LINE : 0) > 0
               ? LOG_KNOWN
               : LOG_UNKNOWN;
}

static const struct log_format format = {
    .state_size = sizeof(struct port_monitor),
    .line = take_line,
    .end = serial_log_at_end,
    .release = serial_log_release,
};

static bool start(struct reader *reader)
{
    return log_start(reader, &format);
}

const struct reader_format reader_port_monitor = {
    .kind = {KIND_CAPTURE, "a log of Serial Port Monitor", "", probe},
    .start = start,
    .next = log_next,
    .release = log_release,
};
