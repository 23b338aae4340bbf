/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What `boottap decode --json` says about a capture.
 */
#ifndef GOLDEN_DECODED_H
#define GOLDEN_DECODED_H

#include <stddef.h>

#include <json-c/json.h>

struct decoded {
    size_t length;
    char **lines; /**< without the line ends */
    struct json_object **objects;
};

/** Runs the program; messages on stderr and exit status 1 where it fails or prints no JSON. */
void decoded_run(struct decoded *decoded, const char *boottap, const char *capture);

/** Reads what was kept in a file; false if there is no such file. */
int decoded_read(struct decoded *decoded, const char *path);

void decoded_free(struct decoded *decoded);

/** A member as text; NULL if the object has none. */
const char *decoded_text(struct json_object *object, const char *key);

#endif
