/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/letter.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>

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

size_t utf8_length(const char *text)
{
    const unsigned char *byte = (const unsigned char *)text;
    /* RFC 3629 section 4: the smallest second byte after E0 and F0, the largest after ED and F4 */
    unsigned char lowest = 0x80;
    unsigned char highest = 0xbf;
    size_t length;

    if (byte[0] < 0x80)
        return 1;
    if (byte[0] < 0xc2 || byte[0] > 0xf4)
        return 0;
    length = byte[0] < 0xe0 ? 2 : byte[0] < 0xf0 ? 3 : 4;
    if (byte[0] == 0xe0)
        lowest = 0xa0;
    else if (byte[0] == 0xed)
        highest = 0x9f;
    else if (byte[0] == 0xf0)
        lowest = 0x90;
    else if (byte[0] == 0xf4)
        highest = 0x8f;
    if (byte[1] < lowest || byte[1] > highest)
        return 0;
    for (size_t i = 2; i < length; i++)
        if (byte[i] < 0x80 || byte[i] > 0xbf)
            return 0;
    return length;
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
