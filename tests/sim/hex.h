/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Bytes written in hexadecimal, as the tests have them.
 */
#ifndef SIM_HEX_H
#define SIM_HEX_H

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/** Reads pairs of digits, spaces between them allowed, until anything else; returns how many. */
static inline size_t hex_parse(const char *text, uint8_t *bytes, size_t size)
{
    size_t length = 0;

    for (text += strspn(text, " "); *text && length < size; text += strspn(text, " ")) {
        const char digits[3] = {text[0], text[1], '\0'};
        char *end;
        unsigned long value = strtoul(digits, &end, 16);
        if (end != digits + 2)
            break;
        bytes[length++] = (uint8_t)value;
        text += 2;
    }
    return length;
}

#endif
