/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Lines of candump -L (can-utils): `(SECONDS.FRACTION) INTERFACE FRAME`, where FRAME is
 *   123#DEADBEEF      classic, 3 digits: an 11-bit identifier
 *   12345678#DEADBEEF classic, 8 digits: a 29-bit identifier, or with bit 29 set an error frame
 *   123#R, 123#R4     remote
 *   123##1DEADBEEF    FD; the digit after ## holds the flags
 * candump -x adds ` R` (received) or ` T` (sent by this machine).
 */
#include "formats/candump.h"

#include <inttypes.h>
#include <string.h>

#include "base/allocate.h"
#include "base/digits.h"
#include "formats/reader.h"

#define NS_PER_S          1000000000
#define SECONDS_MAX       9223372035 /* more nanoseconds do not fit btap_ns */
#define FRACTION_DIGITS   9
#define HEADER_SIZE       8u
#define CLASSIC_SIZE      16u
#define CLASSIC_DATA_MAX  8u
#define FD_DATA_MAX       64u
#define STANDARD_DIGITS   3u
#define EXTENDED_DIGITS   8u
#define ID_STANDARD_MAX   0x7ffu
#define ID_EXTENDED       0x80000000u
#define ID_REMOTE         0x40000000u
#define ID_ERROR          0x20000000u
#define ID_BITS           0x3fffffffu
#define FLAG_FD           0x04u
#define RAW_LENGTH_OFFSET 7u

/** What is left of a line. */
struct text {
    const char *at;
    const char *end;
};

static bool skip(struct text *text, char wanted)
{
    if (text->at == text->end || *text->at != wanted)
        return false;
    text->at++;
    return true;
}

/** Value of the digit that comes next; 16 if none does. */
static unsigned digit(const struct text *text)
{
    return text->at < text->end ? digit_value(*text->at) : 16;
}

static bool decimal(const struct text *text)
{
    return digit(text) <= 9;
}

/** `(1436509052.249713) `, micro- or nanoseconds */
static bool parse_time(struct text *text, btap_ns *time)
{
    int64_t seconds = 0;
    int64_t fraction = 0;
    int digits = 0;

    if (!skip(text, '(') || !decimal(text))
        return false;
    for (; decimal(text); text->at++) {
        seconds = seconds * 10 + digit(text);
        if (seconds > SECONDS_MAX)
            return false;
    }
    if (!skip(text, '.'))
        return false;
    for (; decimal(text) && digits < FRACTION_DIGITS; text->at++, digits++)
        fraction = fraction * 10 + digit(text);
    if (digits == 0)
        return false;
    for (; digits < FRACTION_DIGITS; digits++)
        fraction *= 10;
    *time = btap_time_of(seconds, fraction);
    return skip(text, ')') && skip(text, ' ');
}

static bool parse_interface(struct text *text, char interface[BTAP_INTERFACE_NAME_SIZE])
{
    size_t length = 0;

    memset(interface, 0, BTAP_INTERFACE_NAME_SIZE);
    for (; text->at < text->end && *text->at != ' '; text->at++)
        if (length < BTAP_INTERFACE_NAME_SIZE - 1)
            interface[length++] = *text->at;
    return length > 0 && skip(text, ' ');
}

/** The identifier word with its flag bits. */
static bool parse_id(struct text *text, uint32_t *id)
{
    unsigned digits = 0;
    uint32_t value = 0;

    for (; digit(text) < 16 && digits < EXTENDED_DIGITS; text->at++, digits++)
        value = value << 4 | digit(text);
    if (digits == STANDARD_DIGITS && value <= ID_STANDARD_MAX)
        *id = value;
    else if (digits == EXTENDED_DIGITS && value <= ID_BITS)
        *id = (value & ID_ERROR) != 0 ? value : value | ID_EXTENDED;
    else
        return false;
    return skip(text, '#');
}

/** Pairs of digits, with or without dots between them. */
static bool parse_data(struct text *text, uint8_t *data, unsigned max, uint8_t *length)
{
    unsigned count = 0;

    while (digit(text) < 16) {
        const unsigned high = digit(text);

        text->at++;
        if (count == max || digit(text) > 15)
            return false;
        data[count++] = (uint8_t)(high << 4 | digit(text));
        text->at++;
        skip(text, '.');
    }
    *length = (uint8_t)count;
    return true;
}

/** What follows the classic form's '#': data or `R` and a length, then maybe `_` and the raw DLC */
static bool parse_classic(struct text *text, uint32_t *id, uint8_t *bytes)
{
    if (skip(text, 'R')) {
        *id |= ID_REMOTE;
        if (decimal(text)) {
            bytes[4] = (uint8_t)digit(text);
            text->at++;
        }
        if (bytes[4] > CLASSIC_DATA_MAX)
            return false;
    } else if (!parse_data(text, bytes + HEADER_SIZE, CLASSIC_DATA_MAX, &bytes[4])) {
        return false;
    }
    if (skip(text, '_')) {
        if (digit(text) <= CLASSIC_DATA_MAX || digit(text) > 15)
            return false;
        bytes[RAW_LENGTH_OFFSET] = (uint8_t)digit(text);
        text->at++;
    }
    return true;
}

/** What follows the FD form's second '#': the flags' digit, then data */
static bool parse_fd(struct text *text, uint8_t *bytes)
{
    if (digit(text) > 15)
        return false;
    bytes[5] = (uint8_t)(digit(text) | FLAG_FD);
    text->at++;
    return parse_data(text, bytes + HEADER_SIZE, FD_DATA_MAX, &bytes[4]);
}

static bool parse_frame(struct text *text, uint8_t bytes[CANDUMP_RECORD_SIZE], uint32_t *size)
{
    uint32_t id;

    memset(bytes, 0, CANDUMP_RECORD_SIZE);
    if (!parse_id(text, &id))
        return false;
    if (skip(text, '#')) {
        *size = CANDUMP_RECORD_SIZE;
        /* Error frames are classic ones, whatever the interface is. */
        if ((id & ID_ERROR) != 0 || !parse_fd(text, bytes))
            return false;
    } else {
        *size = CLASSIC_SIZE;
        if (!parse_classic(text, &id, bytes))
            return false;
    }
    for (unsigned i = 0; i < sizeof(id); i++)
        bytes[i] = (uint8_t)(id >> (24 - 8 * i));
    return true;
}

/** What -x adds, then nothing more. */
static bool parse_tail(struct text *text, enum btap_direction *direction)
{
    *direction = BTAP_DIRECTION_UNKNOWN;
    if (skip(text, ' ')) {
        if (skip(text, 'T'))
            *direction = BTAP_HOST_TO_DEVICE;
        else if (!skip(text, 'R'))
            return false;
    }
    return text->at == text->end;
}

/** The line without spaces and line end behind it. */
static struct text trimmed(const char *line, size_t length)
{
    while (length > 0 &&
           (line[length - 1] == '\n' || line[length - 1] == '\r' || line[length - 1] == ' '))
        length--;
    return (struct text){line, line + length};
}

bool candump_record(const char *line, size_t length, uint8_t bytes[CANDUMP_RECORD_SIZE],
                    char interface[BTAP_INTERFACE_NAME_SIZE], struct btap_record *record)
{
    struct text text = trimmed(line, length);
    enum btap_direction direction;
    uint32_t size;
    btap_ns time;

    if (!parse_time(&text, &time) || !parse_interface(&text, interface) ||
        !parse_frame(&text, bytes, &size) || !parse_tail(&text, &direction))
        return false;
    *record = (struct btap_record){
        .linktype = BTAP_LINKTYPE_CAN_SOCKETCAN,
        .interface = interface,
        .time = time,
        .direction = direction,
        .bytes = bytes,
        .captured = size,
        .length = size,
    };
    return true;
}

/** State of a log. */
struct candump {
    uint64_t packets;
    uint64_t lines;
    uint64_t malformed;        /**< lines that were skipped; empty ones and # comments are not */
    uint64_t malformed_line;   /**< the first of them, from 1 */
    uint64_t malformed_packet; /**< the packet that it would have been */
    size_t length;  /**< of the line in hand; more than it holds: a line that is too long */
    char line[512]; /**< an FD frame with all that candump adds takes under 200 */
    uint8_t bytes[CANDUMP_RECORD_SIZE];
    char interface[BTAP_INTERFACE_NAME_SIZE];
};

static bool probe(const struct first *first)
{
    return first_looks(first, "(9.9) w h#");
}

static bool start(struct reader *reader)
{
    reader->state = allocate(sizeof(struct candump));
    return true;
}

/** Reads on to the end of the line in hand. @return READER_END where there is none */
static enum reader_result read_line(struct reader *reader)
{
    struct candump *log = reader->state;
    enum reader_result result;

    while ((result = reader_fill(reader, 1)) == READER_NEXT) {
        const uint8_t *end = memchr(reader->record, '\n', reader->have);
        const size_t length = end != NULL ? (size_t)(end - reader->record) : reader->have;
        const size_t room = log->length < sizeof(log->line) ? sizeof(log->line) - log->length : 0;

        if (room > 0)
            memcpy(log->line + log->length, reader->record, length < room ? length : room);
        log->length += length;
        reader_advance(reader, length + (end != NULL));
        if (end != NULL)
            return READER_NEXT;
    }
    return result != READER_END || log->length == 0 || reader->growing ? result : READER_NEXT;
}

static bool is_blank(const char *line, size_t length)
{
    return length == 0 || line[0] == '#' || (length == 1 && line[0] == '\r');
}

static enum reader_result next(struct reader *reader, struct btap_record *record)
{
    struct candump *log = reader->state;
    enum reader_result result;

    while ((result = read_line(reader)) == READER_NEXT) {
        const size_t length = log->length;

        log->lines++;
        log->length = 0;
        if (is_blank(log->line, length))
            continue;
        if (length <= sizeof(log->line) &&
            candump_record(log->line, length, log->bytes, log->interface, record)) {
            log->packets++;
            return READER_NEXT;
        }
        if (log->malformed++ == 0) {
            log->malformed_line = log->lines;
            log->malformed_packet = log->packets + 1;
        }
    }
    if (log->malformed > 0)
        reader_damaged(reader,
                       "packet %" PRIu64 ": line %" PRIu64 " is not as candump -L writes it; "
                       "skipped %" PRIu64 " such line%s",
                       log->malformed_packet, log->malformed_line, log->malformed,
                       log->malformed == 1 ? "" : "s");
    return result;
}

const struct reader_format reader_candump = {
    .kind = {KIND_CAPTURE, "a log of candump -L", "", probe},
    .start = start,
    .next = next,
};
