/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/json.h"

#include <inttypes.h>
#include <string.h>

#include "base/digits.h"
#include "base/letter.h"

/** Longest piece that is put together in place: a number, an escape. */
#define PIECE_SIZE 40

static void flush(struct json *json)
{
    fwrite(json->text, 1, json->length, json->to);
    json->length = 0;
}

static void append(struct json *json, const char *bytes, size_t length)
{
    while (length > sizeof(json->text) - json->length) {
        const size_t room = sizeof(json->text) - json->length;

        memcpy(json->text + json->length, bytes, room);
        json->length += room;
        flush(json);
        bytes += room;
        length -= room;
    }
    memcpy(json->text + json->length, bytes, length);
    json->length += length;
}

static void append_letter(struct json *json, char letter)
{
    if (json->length == sizeof(json->text))
        flush(json);
    json->text[json->length++] = letter;
}

/** Where a piece of at most PIECE_SIZE can be written; the caller adds its length. */
static char *room_for_piece(struct json *json)
{
    if (sizeof(json->text) - json->length < PIECE_SIZE)
        flush(json);
    return json->text + json->length;
}

/** What stands before a value. */
static void begin_value(struct json *json, const char *key)
{
    if (json->comma)
        append_letter(json, ',');
    json->comma = true;
    if (key == NULL)
        return;
    append_letter(json, '"');
    append(json, key, strlen(key));
    append(json, "\":", 2);
}

void json_begin(struct json *json, FILE *to, const char *type)
{
    json->to = to;
    json->comma = false;
    json->length = 0;
    append_letter(json, '{');
    json_add_text(json, "type", type);
    json_add_number(json, "v", JSON_CONTRACT_VERSION);
}

void json_end(struct json *json)
{
    append(json, "}\n", 2);
    flush(json);
}

static void append_decimal(struct json *json, uint64_t value)
{
    char buffer[DIGITS_SIZE];
    const size_t count = digits_decimal(value, buffer);

    append(json, buffer + sizeof(buffer) - count, count);
}

/** `12.000345` for 12 and 345 with 6 places. */
static void append_fraction(struct json *json, uint64_t whole, uint64_t fraction, size_t places)
{
    char *to;

    append_decimal(json, whole);
    append_letter(json, '.');
    to = room_for_piece(json);
    digits_padded(fraction, to, places);
    json->length += places;
}

void json_add_number(struct json *json, const char *key, uint64_t value)
{
    begin_value(json, key);
    append_decimal(json, value);
}

void json_add_boolean(struct json *json, const char *key, bool value)
{
    const char *word = value ? "true" : "false";

    begin_value(json, key);
    append(json, word, strlen(word));
}

/** Printable ASCII. */
static void append_plain(struct json *json, const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        if (text[i] == '"' || text[i] == '\\')
            append_letter(json, '\\');
        append_letter(json, text[i]);
    }
}

/** A character by its number: in surrogates above U+FFFF. */
static void append_escape(struct json *json, uint32_t point)
{
    char *to = room_for_piece(json);
    int length;

    if (point < 0x10000)
        length = snprintf(to, PIECE_SIZE, "\\u%04" PRIx32, point);
    else
        length = snprintf(to, PIECE_SIZE, "\\u%04" PRIx32 "\\u%04" PRIx32,
                          0xd800 + ((point - 0x10000) >> 10), 0xdc00 + (point & 0x3ff));
    json->length += (size_t)length;
}

void json_add_text(struct json *json, const char *key, const char *text)
{
    static const char replacement[] = "\xef\xbf\xbd";

    begin_value(json, key);
    append_letter(json, '"');
    for (;;) {
        const size_t plain = letter_plain_run(text);
        struct letter letter;

        append_plain(json, text, plain);
        text += plain;
        if (*text == '\0')
            break;
        letter = letter_at(text);
        if (letter.kind == LETTER_BROKEN)
            append(json, replacement, sizeof(replacement) - 1);
        else if (letter.kind == LETTER_HIDDEN)
            append_escape(json, letter.point);
        else
            append(json, text, letter.length);
        text += letter.length;
    }
    append_letter(json, '"');
}

void json_add_link(struct json *json, const struct btap_link *link)
{
    char name[BTAP_LINK_NAME_SIZE];

    json_add_text(json, "transport", btap_transport_name(link->transport));
    json_add_text(json, "link", btap_link_name(link, name, sizeof(name)));
    if (link->lacks == 0)
        return;
    json_open_list(json, "lacks");
    for (unsigned lack = 1; lack <= BTAP_LACKS_ALL; lack <<= 1)
        if ((link->lacks & lack) != 0)
            json_add_text(json, NULL, btap_lack_name((enum btap_lack)lack));
    json_close_list(json);
}

/** Begins a number that may be negative. @return its size */
static uint64_t begin_signed(struct json *json, const char *key, int64_t value)
{
    begin_value(json, key);
    if (value >= 0)
        return (uint64_t)value;
    append_letter(json, '-');
    return 0 - (uint64_t)value;
}

void json_add_seconds(struct json *json, const char *key, btap_ns time, int digits)
{
    const uint64_t size = begin_signed(json, key, time);
    const uint64_t ns = size % 1000000000;

    append_fraction(json, size / 1000000000, digits == 9 ? ns : ns / 1000, (size_t)digits);
}

void json_add_time(struct json *json, btap_ns time, int digits)
{
    json_add_seconds(json, "time", time, digits);
    append_decimal(json, begin_signed(json, "time_ns", time));
}

void json_add_milliseconds(struct json *json, const char *key, btap_ns time)
{
    const uint64_t us = (uint64_t)time / 1000;

    begin_value(json, key);
    append_fraction(json, us / 1000, us % 1000, 3);
}

void json_add_hex(struct json *json, const char *key, const uint8_t *bytes, uint32_t length)
{
    begin_value(json, key);
    append_letter(json, '"');
    for (uint32_t done = 0; done < length;) {
        const uint32_t step = length - done < PIECE_SIZE / 2 ? length - done : PIECE_SIZE / 2;

        digits_hex(bytes + done, step, room_for_piece(json));
        json->length += 2 * (size_t)step;
        done += step;
    }
    append_letter(json, '"');
}

static void open_bracket(struct json *json, const char *key, char bracket)
{
    begin_value(json, key);
    append_letter(json, bracket);
    json->comma = false;
}

static void close_bracket(struct json *json, char bracket)
{
    append_letter(json, bracket);
    json->comma = true;
}

void json_open_object(struct json *json, const char *key)
{
    open_bracket(json, key, '{');
}

void json_close_object(struct json *json)
{
    close_bracket(json, '}');
}

void json_open_list(struct json *json, const char *key)
{
    open_bracket(json, key, '[');
}

void json_close_list(struct json *json)
{
    close_bracket(json, ']');
}
