/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Logs of slsnif: `Host   --> DEL (127) `, with -x `Device --> y (79) `, with -d a dump; with -t a
 * line before it, `Fri Mar 14 10:15:21.35 2025`, whose fraction is not what it seems.
 */
#include <ctype.h>
#include <string.h>

#include "formats/reader/probe.h"
#include "formats/reader/scan.h"
#include "formats/serial/serial_log.h"

#define BYTES_A_LINE  16
#define BYTES_A_GROUP 4

struct slsnif {
    struct serial_log serial;
    btap_ns time;
};

static bool slsnif_head(const char **at, enum btap_direction *direction)
{
    const char *end = *at;

    if (scan_word(&end, "Host"))
        *direction = BTAP_HOST_TO_DEVICE;
    else if (scan_word(&end, "Device"))
        *direction = BTAP_DEVICE_TO_HOST;
    else
        return false;
    scan_spaces(&end);
    if (!scan_word(&end, "-->") || !scan_spaces(&end))
        return false;
    *at = end;
    return true;
}

static bool knows_slsnif(const char *line)
{
    enum btap_direction direction;

    return slsnif_head(&line, &direction);
}

static bool probe_slsnif(const struct first *first)
{
    return probe_lines(first, knows_slsnif).known > 0;
}

/** `Fri Mar 14 10:15:21.35 2025`, whose fraction is unsound, as slsnif prints it */
static bool slsnif_time(const char *at, btap_ns *time)
{
    static const char *const months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                         "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    uint64_t month = 0;
    uint64_t day;
    uint64_t year;
    btap_ns of_day;
    btap_ns midnight;

    while (isalpha((unsigned char)*at))
        at++;
    if (!scan_spaces(&at))
        return false;
    while (month < 12 && !scan_word(&at, months[month]))
        month++;
    if (!scan_spaces(&at) || !scan_decimal(&at, &day) || !scan_spaces(&at) ||
        !scan_clock(&at, &of_day) || !scan_spaces(&at) || !scan_digits(&at, 4, &year) ||
        !scan_midnight(year, month + 1, day, &midnight))
        return false;
    *time = midnight + of_day - of_day % SCAN_NS_PER_S;
    return true;
}

/** The next `(7f)` or `(127)`. @return false: there is none */
static bool slsnif_byte(const char **at, uint8_t *byte)
{
    for (const char *open = strchr(*at, '('); open != NULL; open = strchr(open + 1, '(')) {
        const char *end = open + 1;
        uint64_t number;

        if (open[0] != '(' || (open > *at && open[-1] != ' '))
            continue;
        if (!scan_hex_byte(&end, byte)) {
            if (!scan_digits(&end, 3, &number) || number > UINT8_MAX)
                continue;
            *byte = (uint8_t)number;
        }
        if (!scan_word(&end, ")"))
            continue;
        *at = end;
        return true;
    }
    return false;
}

/** A line of -d: groups of four, and the text in a column of its own. @return how many bytes */
static unsigned slsnif_dump(struct slsnif *state, struct log *log, const char *at)
{
    unsigned count = 0;
    uint8_t byte;

    while (count < BYTES_A_LINE && scan_hex_byte(&at, &byte) && (*at == ' ' || *at == '\0')) {
        serial_log_byte(&state->serial, log, byte);
        if (*at == ' ')
            at++;
        if (++count % BYTES_A_GROUP == 0 && *at == ' ')
            at++;
    }
    return count;
}

static unsigned slsnif_bytes(struct slsnif *state, struct log *log, const char *at)
{
    unsigned count = 0;
    uint8_t byte;

    while (slsnif_byte(&at, &byte)) {
        serial_log_byte(&state->serial, log, byte);
        count++;
    }
    return count > 0 ? count : slsnif_dump(state, log, at);
}

static enum log_line slsnif_line(struct log *log, char *line, size_t length)
{
    struct slsnif *state = log->state;
    enum btap_direction direction;
    const char *at = line;

    (void)length;
    state->serial.lacks = BTAP_LACKS_TIMES;
    if (slsnif_time(line, &state->time))
        return LOG_KNOWN;
    if (slsnif_head(&at, &direction)) {
        serial_log_begin(&state->serial, log, direction, state->time, 0);
        return slsnif_bytes(state, log, at) > 0 ? LOG_KNOWN : LOG_DAMAGED;
    }
    if (strncmp(line, "Total number of bytes", 21) == 0 || strncmp(line, "Total bytes", 11) == 0)
        return LOG_KNOWN;
    /* -d goes on below, behind as many spaces as the head takes. */
    if (*line == ' ' && state->serial.open) {
        scan_spaces(&at);
        return slsnif_dump(state, log, at) > 0 ? LOG_KNOWN : LOG_UNKNOWN;
    }
    return LOG_UNKNOWN;
}

static const struct log_format slsnif = {
    .state_size = sizeof(struct slsnif),
    .line = slsnif_line,
    .end = serial_log_at_end,
    .release = serial_log_release,
};

static bool start_slsnif(struct reader *reader)
{
    return log_start(reader, &slsnif);
}

const struct reader_format reader_slsnif = {
    .kind = {KIND_CAPTURE, "a log of slsnif", "", probe_slsnif},
    .start = start_slsnif,
    .next = log_next,
    .release = log_release,
};
