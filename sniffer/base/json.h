/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * JSON, an object a line, written while it is made: members stand in the order of the calls.
 */
#ifndef SNIFFER_BASE_JSON_H
#define SNIFFER_BASE_JSON_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "boottap/link.h"

/** Version of the contract of docs/boottap.schema.json. */
#define JSON_CONTRACT_VERSION 1

/** What is written at once; a line may be longer. */
#define JSON_BUFFER_SIZE 4096

/** A line under construction. Nothing else may be written to its file before json_end(). */
struct json {
    FILE *to;
    bool comma; /**< something stands before what comes next, in the object or list that is open */
    size_t length;
    char text[JSON_BUFFER_SIZE];
};

/** Begins the object of a line, with its type and the version of the contract. */
void json_begin(struct json *json, FILE *to, const char *type);

/** Ends the object and its line. */
void json_end(struct json *json);

/*
 * The members of an object. A key is written as it is: it holds nothing that JSON escapes. Where a
 * list is open the key is NULL.
 */

void json_add_number(struct json *json, const char *key, uint64_t value);
void json_add_boolean(struct json *json, const char *key, bool value);

/**
 * Text, from outside too: bytes that are no UTF-8 become U+FFFD, and what a terminal would obey
 * (letter.h) stands as \uNNNN.
 */
void json_add_text(struct json *json, const char *key, const char *text);

/** `transport` and `link`, as everything that is about a link has them. */
void json_add_link(struct json *json, const struct btap_link *link);

/** Seconds with 6 or 9 digits after the point. */
void json_add_seconds(struct json *json, const char *key, btap_ns time, int digits);

/** When something was: as json_add_seconds() under `time`, and all of it under `time_ns`. */
void json_add_time(struct json *json, btap_ns time, int digits);

/** Milliseconds with 3 digits after the point. time is not negative. */
void json_add_milliseconds(struct json *json, const char *key, btap_ns time);

/** Bytes as text of two hexadecimal digits each. */
void json_add_hex(struct json *json, const char *key, const uint8_t *bytes, uint32_t length);

/* What is opened is closed, the last one first. */

void json_open_object(struct json *json, const char *key);
void json_close_object(struct json *json);
void json_open_list(struct json *json, const char *key);
void json_close_list(struct json *json);

#endif
