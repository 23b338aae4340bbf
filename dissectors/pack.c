/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pack.h"

#include <string.h>

#define BITS      7u
#define MORE      0x80u
#define SIGN_BIT  63u
#define ZEROS_MIN 3u /* fewer of them cost less among the others */

void pack_number(GByteArray *packed, guint64 number)
{
    guint8 bytes[10];
    guint length = 0;

    while (number >= MORE) {
        bytes[length++] = (guint8)(number | MORE);
        number >>= BITS;
    }
    bytes[length++] = (guint8)number;
    g_byte_array_append(packed, bytes, length);
}

guint64 unpack_number(const guint8 **at)
{
    guint64 number = 0;
    guint shift = 0;

    for (; **at >= MORE; shift += BITS)
        number |= (guint64)(*(*at)++ & (MORE - 1)) << shift;
    return number | (guint64) * (*at)++ << shift;
}

/** The sign goes to the lowest bit, so that small ones of both signs are short. */
void pack_difference(GByteArray *packed, guint64 number, guint64 previous)
{
    const guint64 difference = number - previous;
    const guint64 sign = difference >> SIGN_BIT;

    pack_number(packed, (difference << 1) ^ (0 - sign));
}

guint64 unpack_difference(const guint8 **at, guint64 previous)
{
    const guint64 packed = unpack_number(at);

    return previous + ((packed >> 1) ^ (0 - (packed & 1)));
}

/** How many zeros begin there. */
static gsize zeros_at(const guint8 *bytes, gsize size)
{
    gsize count = 0;

    while (count < size && bytes[count] == 0)
        count++;
    return count;
}

/** How many bytes come before the next zeros that are worth it, or the end. */
static gsize others_at(const guint8 *bytes, gsize size)
{
    gsize count = 0;

    while (count < size) {
        const gsize zeros = zeros_at(bytes + count, size - count);

        if (zeros >= ZEROS_MIN || count + zeros == size)
            break;
        count += zeros + 1;
    }
    return count;
}

void pack_bytes(GByteArray *packed, const void *bytes, gsize size)
{
    const guint8 *at = bytes;

    while (size > 0) {
        const gsize zeros = zeros_at(at, size);
        const gsize others = others_at(at + zeros, size - zeros);

        pack_number(packed, zeros);
        pack_number(packed, others);
        g_byte_array_append(packed, at + zeros, (guint)others);
        at += zeros + others;
        size -= zeros + others;
    }
}

void unpack_bytes(const guint8 **at, void *bytes, gsize size)
{
    guint8 *to = bytes;

    while (size > 0) {
        const gsize zeros = (gsize)unpack_number(at);
        const gsize others = (gsize)unpack_number(at);

        memset(to, 0, zeros);
        memcpy(to + zeros, *at, others);
        *at += others;
        to += zeros + others;
        size -= zeros + others;
    }
}
