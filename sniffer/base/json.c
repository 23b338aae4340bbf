/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/json.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/allocate.h"
#include "base/line.h"

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

void json_add_text(struct json_object *object, const char *key, const char *text)
{
    json_object_object_add(object, key, json_object_new_string(text));
}

void json_add_foreign_text(struct json_object *object, const char *key, const char *text)
{
    static const char replacement[] = "\xef\xbf\xbd";
    char *valid = allocate((sizeof(replacement) - 1) * strlen(text) + 1);
    size_t end = 0;

    while (*text != '\0') {
        const size_t length = utf8_length(text);
        const char *source = length > 0 ? text : replacement;
        const size_t size = length > 0 ? length : sizeof(replacement) - 1;

        memcpy(valid + end, source, size);
        end += size;
        text += length > 0 ? length : 1;
    }
    json_add_text(object, key, valid);
    free(valid);
}

void json_add_link(struct json_object *object, const struct btap_link *link)
{
    char name[BTAP_LINK_NAME_SIZE];

    json_add_text(object, "transport", btap_transport_name(link->transport));
    json_add_foreign_text(object, "link", btap_link_name(link, name, sizeof(name)));
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
