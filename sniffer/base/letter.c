/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/letter.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>

#include "base/line.h"

/**
 * What no reader sees as a character of its own: controls; what changes the order of the others or
 * breaks lines (Unicode UAX 9 table 4, U+2028 and U+2029, their deprecated kin, the byte order
 * mark); what is no character (U+FFFE and U+FFFF of each plane), which XML forbids.
 */
static bool is_hidden(uint32_t point)
{
    return point < 0x20 || (point >= 0x7f && point < 0xa0) || point == 0x061c || point == 0x200e ||
           point == 0x200f || (point >= 0x2028 && point <= 0x202e) ||
           (point >= 0x2066 && point <= 0x206f) || point == 0xfeff ||
           (point >= 0xfff9 && point <= 0xfffb) || (point & 0xfffe) == 0xfffe;
}

static uint32_t code_point(const unsigned char *byte, size_t length)
{
    static const unsigned char first_bits[] = {0, 0x7f, 0x1f, 0x0f, 0x07};
    uint32_t point = byte[0] & first_bits[length];

    for (size_t i = 1; i < length; i++)
        point = point << 6 | (byte[i] & 0x3fu);
    return point;
}

struct letter letter_at(const char *text)
{
    const unsigned char *byte = (const unsigned char *)text;
    const size_t length = utf8_length(text);
    uint32_t point;

    if (length == 0)
        return (struct letter){LETTER_BROKEN, byte[0], 1};
    point = code_point(byte, length);
    return (struct letter){is_hidden(point) ? LETTER_HIDDEN : LETTER_PLAIN, point, length};
}

size_t letter_plain_run(const char *text)
{
    size_t length = 0;

    while (text[length] >= ' ' && text[length] < 0x7f)
        length++;
    return length;
}

const char *letter_escape(const struct letter *letter, char words[static LETTER_ESCAPE_SIZE])
{
    if (letter->kind == LETTER_BROKEN || letter->point < 0x80)
        snprintf(words, LETTER_ESCAPE_SIZE, "\\x%02" PRIx32, letter->point);
    else if (letter->point < 0x10000)
        snprintf(words, LETTER_ESCAPE_SIZE, "\\u%04" PRIx32, letter->point);
    else
        snprintf(words, LETTER_ESCAPE_SIZE, "\\U%08" PRIx32, letter->point);
    return words;
}
