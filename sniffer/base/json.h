/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Pieces of JSON that all of it is made of.
 */
#ifndef SNIFFER_BASE_JSON_H
#define SNIFFER_BASE_JSON_H

#include <json-c/json.h>
#include <stdint.h>
#include <stdio.h>

#include "boottap/link.h"

/** Version of the contract of docs/boottap.schema.json. */
#define JSON_CONTRACT_VERSION 1

/** The object of a line: with its type, and the version of the contract. json_print() ends it, or
 * json_stream_end(). */
struct json_object *json_line_new(const char *type);

void json_add_number(struct json_object *object, const char *key, uint64_t value);

/**
 * Text, from outside too: bytes that are no UTF-8 become U+FFFD, and what a terminal would obey
 * (letter.h) stands as \uNNNN.
 */
void json_add_text(struct json_object *object, const char *key, const char *text);

/** `transport` and `link`, as everything that is about a link has them. */
void json_add_link(struct json_object *object, const struct btap_link *link);

/** Seconds with 6 or 9 digits after the point. */
void json_add_seconds(struct json_object *object, const char *key, btap_ns time, int digits);

/** When something was: as json_add_seconds() under `time`, and all of it under `time_ns`. */
void json_add_time(struct json_object *object, btap_ns time, int digits);

/** Milliseconds with 3 digits after the point. time is not negative. */
void json_add_milliseconds(struct json_object *object, const char *key, btap_ns time);

/** Bytes as text of two hexadecimal digits each. */
void json_add_hex(struct json_object *object, const char *key, const uint8_t *bytes,
                  uint32_t length);

/** Adds an empty array, or object. @return it, owned by the object */
struct json_object *json_add_array(struct json_object *object, const char *key);
struct json_object *json_add_object(struct json_object *object, const char *key);

/** Writes the object on a line of its own, and frees it. */
void json_print(struct json_object *object, FILE *to);

/** An object that is written while it is made: its lists may be of any length. Zero but for to. */
struct json_stream {
    FILE *to;
    bool begun;   /**< something was written */
    bool in_list; /**< a list is open */
    bool entries; /**< and has entries */
};

/** Writes the members of an object, and frees it. */
void json_stream_members(struct json_stream *stream, struct json_object *object);

/** Begins a list. */
void json_stream_list(struct json_stream *stream, const char *key);

/** Writes an entry of the list that was begun last, and frees it. */
void json_stream_entry(struct json_stream *stream, struct json_object *entry);

/** Ends the object, and its line. */
void json_stream_end(struct json_stream *stream);

#endif
