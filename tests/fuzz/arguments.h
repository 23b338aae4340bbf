/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Input as a command line: its arguments end with zeros or line ends.
 */
#ifndef FUZZ_ARGUMENTS_H
#define FUZZ_ARGUMENTS_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define ARGUMENTS_MAX  32
#define ARGUMENTS_SIZE 4096

struct arguments {
    int count;
    char *list[ARGUMENTS_MAX + 2]; /**< the first is the program's name; NULL behind the last */
    char text[ARGUMENTS_SIZE + 1];
};

static inline void arguments_make(struct arguments *arguments, const uint8_t *bytes, size_t length)
{
    static char name[] = "boottap";
    char *at = arguments->text;

    if (length > ARGUMENTS_SIZE)
        length = ARGUMENTS_SIZE;
    memcpy(arguments->text, bytes, length);
    arguments->text[length] = '\0';
    arguments->list[0] = name;
    arguments->count = 1;
    while (at < arguments->text + length && arguments->count <= ARGUMENTS_MAX) {
        arguments->list[arguments->count++] = at;
        at += strcspn(at, "\n");
        *at++ = '\0';
    }
    arguments->list[arguments->count] = NULL;
}

#endif
