/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Logs of socat -x: `> 2025/03/14 10:15:46.000608207  length=1 from=0 to=0`, then ` 7f`; with -v
 * sixteen bytes a line, their text behind them, and `--` at the end. > leads from the first address
 * to the second.
 */
#include <string.h>

#include "formats/reader/probe.h"
#include "formats/reader/scan.h"
#include "formats/serial/serial_log.h"

#define NS_PER_US     1000
#define BYTES_A_LINE  16
#define PADDED_DIGITS 9

struct socat {
    struct serial_log serial;
    bool has_ns; /**< the last digits of times are nanoseconds */
};

struct socat_head {
    enum btap_direction direction;
    btap_ns time;
    btap_ns fraction;
    bool is_padded; /**< nine digits, the first three of which are 0 */
    uint64_t length;
};

static bool socat_head(const char *at, struct socat_head *head)
{
    btap_ns midnight;
    btap_ns of_day;
    const char *point;

    if (scan_word(&at, "> "))
        head->direction = BTAP_HOST_TO_DEVICE;
    else if (scan_word(&at, "< "))
        head->direction = BTAP_DEVICE_TO_HOST;
    else
        return false;
    if (!scan_date(&at, &midnight) || !scan_spaces(&at))
        return false;
    point = strchr(at, '.');
    head->is_padded = point != NULL && strspn(point + 1, "0123456789") == PADDED_DIGITS &&
                      strncmp(point + 1, "000", 3) == 0;
    if (!scan_clock(&at, &of_day) || !scan_spaces(&at) || !scan_word(&at, "length=") ||
        !scan_decimal(&at, &head->length))
        return false;
    head->time = midnight + of_day;
    head->fraction = of_day % SCAN_NS_PER_S;
    return true;
}

static bool knows_socat(const char *line)
{
    struct socat_head head;

    return socat_head(line, &head);
}

static bool probe_socat(const struct first *first)
{
    return probe_lines(first, knows_socat).known > 0;
}

static enum log_line socat_line(struct log *log, char *line, size_t length)
{
    struct socat *state = log->state;
    struct socat_head head;
    const char *at = line;

    (void)length;
    if (socat_head(line, &head)) {
        /* socat before 1.8 pads microseconds with zeros to nine digits. */
        state->has_ns = state->has_ns || (!head.is_padded && head.fraction % NS_PER_US != 0);
        if (head.is_padded && !state->has_ns)
            head.time += head.fraction * (NS_PER_US - 1);
        serial_log_begin(&state->serial, log, head.direction, head.time, head.length);
        return LOG_KNOWN;
    }
    if (strcmp(line, "--") == 0)
        return LOG_KNOWN;
    if (!state->serial.open || serial_log_is_full(&state->serial))
        return LOG_UNKNOWN;
    if (*at == '>') /* a quotation's mark */
        return LOG_UNKNOWN;
    scan_spaces(&at);
    if (serial_log_hex(&state->serial, log, at,
                       strstr(at, "  ") != NULL ? BYTES_A_LINE : UINT32_MAX) == 0)
        return LOG_UNKNOWN;
    if (serial_log_is_full(&state->serial))
        serial_log_end(&state->serial, log);
    return LOG_KNOWN;
}

static const struct log_format socat = {
    .state_size = sizeof(struct socat),
    .line = socat_line,
    .end = serial_log_at_end,
    .release = serial_log_release,
};

static bool start_socat(struct reader *reader)
{
    return log_start(reader, &socat);
}

const struct reader_format reader_socat = {
    .kind = {KIND_CAPTURE, "a log of socat -x", "", probe_socat},
    .start = start_socat,
    .next = log_next,
    .release = log_release,
};
