/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What terminal programs and people log: lines with a mark that tells the side (marked_line.h), and
 * lines of more bytes below them.
 */
#include <inttypes.h>
#include <string.h>

#include "formats/reader/probe.h"
#include "formats/reader/scan.h"
#include "formats/serial/marked_line.h"
#include "formats/serial/serial_log.h"

struct marked_hex {
    struct serial_log serial;
    struct scan_days days;
    bool has_host; /**< bytes of it came */
    bool has_device;
    bool goes_on;        /**< the line before had a mark and bytes: the next may have more */
    uint64_t offset;     /**< of those bytes, so far */
    uint64_t texts;      /**< lines with a mark that hold text in place of bytes */
    uint64_t texts_line; /**< the first of them */
};

static bool is_certain(const char *text, enum btap_direction direction)
{
    struct marked_line line;

    return marked_line_parse(&line, text) && line.direction == direction &&
           marked_line_is_certain(&line);
}

static bool is_host(const char *text)
{
    return is_certain(text, BTAP_HOST_TO_DEVICE);
}

static bool is_device(const char *text)
{
    return is_certain(text, BTAP_DEVICE_TO_HOST);
}

static bool is_no_quotation(const char *text)
{
    struct marked_line line;

    return marked_line_parse(&line, text) && !line.quotes && marked_line_is_certain(&line);
}

/** Of both sides one line at least, as > may be a quotation's; or of one side most lines,
 * with marks that are none: nobody answered. */
static bool probe(const struct first *first)
{
    const struct probe_count all = probe_lines(first, is_no_quotation);

    return all.known > all.filled / 2 ||
           (probe_lines(first, is_host).known > 0 && probe_lines(first, is_device).known > 0);
}

static bool take_byte(void *context, uint8_t byte)
{
    struct log *log = context;
    struct marked_hex *state = log->state;

    serial_log_byte(&state->serial, log, byte);
    return true;
}

/** Takes the bytes of a line into the block in hand. What the line says is missing goes behind
 * them, unless the next line has it. */
static void take_words(struct log *log, const struct hex_words *words)
{
    struct marked_hex *state = log->state;

    hex_words_each(words, take_byte, log);
    state->offset += words->count;
    if (words->cut && state->serial.announced == 0)
        serial_log_event(&state->serial, log, SERIAL_RECORD_LOST, state->serial.time, NULL);
    if (words->cut || state->serial.taken >= state->serial.announced)
        serial_log_end(&state->serial, log);
}

static enum log_line take_continuation(struct log *log, const char *text)
{
    struct marked_hex *state = log->state;
    struct serial_log *serial = &state->serial;
    struct hex_words words;

    if (!state->goes_on || !marked_line_continues(&words, text, state->offset))
        return LOG_UNKNOWN;
    if (!serial->open)
        serial_log_begin(serial, log, serial->direction, serial->time, 0);
    take_words(log, &words);
    return LOG_KNOWN;
}

static enum log_line take_text(struct log *log, const struct marked_line *line)
{
    struct marked_hex *state = log->state;

    if (line->firm && !line->quotes && state->texts++ == 0)
        state->texts_line = log->number;
    return LOG_UNKNOWN;
}

static enum log_line take_line(struct log *log, char *text, size_t length)
{
    struct marked_hex *state = log->state;
    struct marked_line line;
    const struct hex_words *words = &line.words;

    (void)length;
    if (!marked_line_parse(&line, text)) {
        const enum log_line kind = take_continuation(log, text);

        state->goes_on = kind == LOG_KNOWN;
        return kind;
    }
    state->goes_on = marked_line_has_bytes(&line);
    if (!state->goes_on)
        return take_text(log, &line);
    if (line.has_time == MARKED_TIME_OF_DAY)
        line.time = scan_day_time(&state->days, line.time);
    serial_log_end(&state->serial, log);
    state->serial.lacks = line.has_time == MARKED_TIME_NONE ? BTAP_LACKS_TIMES : 0;
    if (line.direction == BTAP_HOST_TO_DEVICE)
        state->has_host = true;
    else
        state->has_device = true;
    state->offset = 0;
    serial_log_begin(&state->serial, log, line.direction, line.time,
                     words->total > words->count ? words->total : 0);
    take_words(log, words);
    return LOG_KNOWN;
}

static void at_end(struct log *log)
{
    const struct marked_hex *state = log->state;
    struct reader *reader = log->reader;

    serial_log_at_end(log);
    if (state->has_host && !state->has_device)
        reader_remark(
            reader,
            "it holds what the host sent, and no answer; if only one side was logged, that is no "
            "finding");
    if (state->texts > 0)
        reader_remark(reader,
                      "text stands in place of bytes in %" PRIu64
                      " line%s with the mark of a side, the first is line %" PRIu64
                      "; if bytes were sent there, they are missing",
                      state->texts, state->texts == 1 ? "" : "s", state->texts_line);
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
