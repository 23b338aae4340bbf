/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Logs of jpnevulator --timing-print: `2025-03-14 10:15:27.933719: PC`, where PC is the name that
 * the user gave to a port, then `7F` and with --ascii a tab and text.
 */
#include <string.h>

#include "formats/reader/probe.h"
#include "formats/reader/scan.h"
#include "formats/serial/serial_log.h"

struct jpnevulator {
    struct serial_log serial;
    bool is_block; /**< lines of bytes may follow */
    btap_ns time;
    char label[SERIAL_LOG_LABEL_SIZE];
};

static bool jpnevulator_head(const char *at, btap_ns *time, const char **alias)
{
    btap_ns midnight;
    btap_ns of_day;

    if (!scan_date(&at, &midnight) || !scan_word(&at, " ") || !scan_clock(&at, &of_day) ||
        !scan_word(&at, ":"))
        return false;
    scan_spaces(&at);
    if (strpbrk(at, " \t") != NULL)
        return false;
    *time = midnight + of_day;
    *alias = at;
    return true;
}

static bool knows_jpnevulator(const char *line)
{
    const char *alias;
    btap_ns time;

    return jpnevulator_head(line, &time, &alias);
}

static bool probe_jpnevulator(const struct first *first)
{
    return probe_lines(first, knows_jpnevulator).known > 0;
}

static enum log_line jpnevulator_line(struct log *log, char *line, size_t length)
{
    struct jpnevulator *state = log->state;
    const char *at = line;
    const char *alias;
    uint8_t byte;
    unsigned count = 0;

    (void)length;
    if (jpnevulator_head(line, &state->time, &alias)) {
        state->is_block = true;
        state->label[0] = '\0';
        strncat(state->label, alias, sizeof(state->label) - 1);
        return LOG_KNOWN;
    }
    if (!state->is_block)
        return LOG_UNKNOWN;
    while (scan_hex_byte(&at, &byte) && strchr(" \t", *at) != NULL) {
        serial_log_labelled(&state->serial, log, state->label, state->time, SERIAL_RECORD_STATUS,
                            &byte);
        count++;
        if (*at == ' ')
            at++;
    }
    return count > 0 ? LOG_KNOWN : LOG_UNKNOWN;
}

static const struct log_format jpnevulator = {
    .state_size = sizeof(struct jpnevulator),
    .line = jpnevulator_line,
    .end = serial_log_at_end,
    .release = serial_log_release,
};

static bool start_jpnevulator(struct reader *reader)
{
    return log_start(reader, &jpnevulator);
}

const struct reader_format reader_jpnevulator = {
    .kind = {KIND_CAPTURE, "a log of jpnevulator", "", probe_jpnevulator},
    .start = start_jpnevulator,
    .next = log_next,
    .release = log_release,
};
