/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/json.h"

#include <inttypes.h>
#include <json-c/printbuf.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/allocate.h"
#include "base/letter.h"

struct json_object *json_line_new(const char *type)
{
    struct json_object *object = json_object_new_object();

    json_add_text(object, "type", type);
    json_add_number(object, "v", JSON_CONTRACT_VERSION);
    return object;
}

void json_add_number(struct json_object *object, const char *key, uint64_t value)
{
    json_object_object_add(object, key, json_object_new_uint64(value));
}

/** A character that json-c would print as it is, as JSON has it: in surrogates above U+FFFF. */
static void append_escape(struct printbuf *to, uint32_t point)
{
    char words[16];
    int length;

    if (point < 0x10000)
        length = snprintf(words, sizeof(words), "\\u%04" PRIx32, point);
    else
        length = snprintf(words, sizeof(words), "\\u%04" PRIx32 "\\u%04" PRIx32,
                          0xd800 + ((point - 0x10000) >> 10), 0xdc00 + (point & 0x3ff));
    printbuf_memappend(to, words, length);
}

/** Serializes a string that is not all printable ASCII. @return as json-c wants it: 0 */
static int serialize_text(struct json_object *object, struct printbuf *to, int level, int flags)
{
    const char *text = json_object_get_string(object);

    (void)level;
    (void)flags;
    printbuf_memappend(to, "\"", 1);
    while (*text != '\0') {
        const struct letter letter = letter_at(text);

        if (letter.kind == LETTER_HIDDEN)
            append_escape(to, letter.point);
        else {
            if (*text == '"' || *text == '\\')
                printbuf_memappend(to, "\\", 1);
            printbuf_memappend(to, text, (int)letter.length);
        }
        text += letter.length;
    }
    return printbuf_memappend(to, "\"", 1) < 0 ? -1 : 0;
}

/** Text with U+FFFD for each byte that is no UTF-8. @return the caller frees it */
static char *valid_text(const char *text)
{
    static const char replacement[] = "\xef\xbf\xbd";
    char *valid = allocate((sizeof(replacement) - 1) * strlen(text) + 1);
    size_t end = 0;

    while (*text != '\0') {
        const struct letter letter = letter_at(text);
        const bool broken = letter.kind == LETTER_BROKEN;
        const size_t size = broken ? sizeof(replacement) - 1 : letter.length;

        memcpy(valid + end, broken ? replacement : text, size);
        end += size;
        text += letter.length;
    }
    return valid;
}

void json_add_text(struct json_object *object, const char *key, const char *text)
{
    struct json_object *string;
    char *valid;

    if (text[letter_plain_run(text)] == '\0') {
        json_object_object_add(object, key, json_object_new_string(text));
        return;
    }
    valid = valid_text(text);
    string = json_object_new_string(valid);
    json_object_set_serializer(string, serialize_text, NULL, NULL);
    json_object_object_add(object, key, string);
    free(valid);
}

void json_add_link(struct json_object *object, const struct btap_link *link)
{
    char name[BTAP_LINK_NAME_SIZE];

    json_add_text(object, "transport", btap_transport_name(link->transport));
    json_add_text(object, "link", btap_link_name(link, name, sizeof(name)));
}

void json_add_seconds(struct json_object *object, const char *key, btap_ns time, int digits)
{
    const uint64_t size = time < 0 ? 0 - (uint64_t)time : (uint64_t)time;
    const uint64_t ns = size % 1000000000;
    char words[40];

    snprintf(words, sizeof(words), "%s%" PRIu64 ".%0*" PRIu64, time < 0 ? "-" : "",
             size / 1000000000, digits, digits == 9 ? ns : ns / 1000);
    /* json-c prints the words, which keep every digit; the double is for its readers. */
    json_object_object_add(object, key, json_object_new_double_s((double)time / 1e9, words));
}

void json_add_time(struct json_object *object, btap_ns time, int digits)
{
    json_add_seconds(object, "time", time, digits);
    json_object_object_add(object, "time_ns", json_object_new_int64(time));
}

void json_add_milliseconds(struct json_object *object, const char *key, btap_ns time)
{
    const uint64_t us = (uint64_t)time / 1000;
    char words[40];

    snprintf(words, sizeof(words), "%" PRIu64 ".%03" PRIu64, us / 1000, us % 1000);
    json_object_object_add(object, key, json_object_new_double_s((double)time / 1e6, words));
}

void json_add_hex(struct json_object *object, const char *key, const uint8_t *bytes,
                  uint32_t length)
{
    static const char digits[] = "0123456789abcdef";
    char *text = allocate(2 * (size_t)length + 1);

    for (uint32_t i = 0; i < length; i++) {
        text[2 * i] = digits[bytes[i] >> 4];
        text[2 * i + 1] = digits[bytes[i] & 0xf];
    }
    json_add_text(object, key, text);
    free(text);
}

struct json_object *json_add_array(struct json_object *object, const char *key)
{
    struct json_object *array = json_object_new_array();

    json_object_object_add(object, key, array);
    return array;
}

struct json_object *json_add_object(struct json_object *object, const char *key)
{
    struct json_object *own = json_object_new_object();

    json_object_object_add(object, key, own);
    return own;
}

static const char *text_of(struct json_object *object, size_t *length)
{
    return json_object_to_json_string_length(
        object, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE, length);
}

void json_print(struct json_object *object, FILE *to)
{
    size_t length;
    const char *text = text_of(object, &length);

    fwrite(text, 1, length, to);
    putc('\n', to);
    json_object_put(object);
}

/** Ends the list that is open, and goes on with the object. */
static void next_member(struct json_stream *stream)
{
    if (stream->in_list)
        putc(']', stream->to);
    putc(stream->begun ? ',' : '{', stream->to);
    stream->begun = true;
    stream->in_list = false;
}

void json_stream_members(struct json_stream *stream, struct json_object *object)
{
    size_t length;
    const char *text = text_of(object, &length);

    if (length > strlen("{}")) {
        next_member(stream);
        fwrite(text + 1, 1, length - strlen("{}"), stream->to);
    }
    json_object_put(object);
}

void json_stream_list(struct json_stream *stream, const char *key)
{
    next_member(stream);
    fprintf(stream->to, "\"%s\":[", key);
    stream->in_list = true;
    stream->entries = false;
}

void json_stream_entry(struct json_stream *stream, struct json_object *entry)
{
    size_t length;
    const char *text = text_of(entry, &length);

    if (stream->entries)
        putc(',', stream->to);
    stream->entries = true;
    fwrite(text, 1, length, stream->to);
    json_object_put(entry);
}

void json_stream_end(struct json_stream *stream)
{
    if (stream->in_list)
        putc(']', stream->to);
    fputs(stream->begun ? "}\n" : "{}\n", stream->to);
    stream->in_list = false;
}
