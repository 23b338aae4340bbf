/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What sigrok-cli -P uart prints: `uart-1: 7F`, with --protocol-decoder-samplenum
 * `59-129 uart-1: 7F`, with --protocol-decoder-ann-class `uart-1: rx-data: "7F"`. Times stand in
 * samples, the rate of which is not told. One decoder prints both sides alike unless classes tell.
 */
#include <string.h>

#include "formats/reader/probe.h"
#include "formats/reader/scan.h"
#include "formats/serial/serial_log.h"

struct sigrok_uart {
    struct serial_log serial;
};

struct annotation {
    char label[SERIAL_LOG_LABEL_SIZE];
    const char *text;
};

static bool parse_line(const char *at, struct annotation *line)
{
    const char *name;
    const char *class;
    uint64_t number;
    size_t length;

    if (scan_decimal(&at, &number) &&
        (!scan_word(&at, "-") || !scan_decimal(&at, &number) || !scan_spaces(&at)))
        return false;
    name = at;
    if (!scan_word(&at, "uart-") || !scan_decimal(&at, &number))
        return false;
    length = (size_t)(at - name);
    if (!scan_word(&at, ": "))
        return false;
    /* A class stands in front of the text, and tells more than the decoder's name. */
    class = at;
    at += strspn(at, "abcdefghijklmnopqrstuvwxyz-");
    if (at > class && scan_word(&at, ": ")) {
        name = class;
        length = (size_t)(at - class) - 2;
    } else {
        at = class;
    }
    *line = (struct annotation){.text = at};
    strncat(line->label, name, length < sizeof(line->label) ? length : sizeof(line->label) - 1);
    return true;
}

static bool knows(const char *text)
{
    struct annotation line;

    return parse_line(text, &line);
}

static bool probe(const struct first *first)
{
    return probe_lines(first, knows).known > 0;
}

/** `7F`, `"7F"`: a byte; anything else is about bits */
static bool parse_byte(const char *at, uint8_t *byte)
{
    const bool quoted = scan_word(&at, "\"");

    return scan_hex_byte(&at, byte) && (!quoted || scan_word(&at, "\"")) && *at == '\0';
}

static enum serial_record_event error_of(const char *text)
{
    if (*text == '"')
        text++;
    if (strncmp(text, "Parity error", strlen("Parity error")) == 0)
        return SERIAL_RECORD_PARITY_ERROR;
    if (strncmp(text, "Frame error", strlen("Frame error")) == 0)
        return SERIAL_RECORD_FRAMING_ERROR;
    if (strncmp(text, "Break condition", strlen("Break condition")) == 0)
        return SERIAL_RECORD_BREAK;
    return SERIAL_RECORD_STATUS;
}

/** Rows of warnings and of bits go by the side, too: `rx-warning` is rx-data's. */
static void use_side(struct annotation *line)
{
    char *row = strchr(line->label, '-');

    if (row != NULL && strncmp(line->label, "uart", strlen("uart")) != 0)
        *row = '\0';
}

static enum log_line take_line(struct log *log, char *text, size_t length)
{
    struct sigrok_uart *state = log->state;
    enum serial_record_event error;
    struct annotation line;
    uint8_t byte;

    (void)length;
    state->serial.lacks = BTAP_LACKS_TIMES;
    if (!parse_line(text, &line))
        return LOG_UNKNOWN;
    use_side(&line);
    error = error_of(line.text);
    if (parse_byte(line.text, &byte))
        serial_log_labelled(&state->serial, log, line.label, 0, SERIAL_RECORD_STATUS, &byte);
    else if (error != SERIAL_RECORD_STATUS)
        serial_log_labelled(&state->serial, log, line.label, 0, error, NULL);
    return LOG_KNOWN;
}

static const struct log_format format = {
    .state_size = sizeof(struct sigrok_uart),
    .line = take_line,
    .end = serial_log_at_end,
    .release = serial_log_release,
};

static bool start(struct reader *reader)
{
    return log_start(reader, &format);
}

const struct reader_format reader_sigrok_uart = {
    .kind = {KIND_CAPTURE, "annotations of sigrok-cli", "", probe},
    .start = start,
    .next = log_next,
    .release = log_release,
};
