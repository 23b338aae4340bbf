/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "pack.h"

#include <glib.h>
#include <string.h>

#define SIGN_BIT  63u
#define ZEROS_MIN 3u /* fewer of them cost less among the others */

void pack_grow(struct pack_buffer *buffer, size_t most)
{
    buffer->room = 2 * buffer->room + most;
    buffer->bytes = g_realloc(buffer->bytes, buffer->room);
}

/** The sign goes to the lowest bit, so that small ones of both signs are short. */
uint8_t *pack_difference(uint8_t *to, uint64_t number, uint64_t previous)
{
    const uint64_t difference = number - previous;
    const uint64_t sign = difference >> SIGN_BIT;

    return pack_number(to, (difference << 1) ^ (0 - sign));
}

uint64_t unpack_difference(const uint8_t **at, uint64_t previous)
{
    const uint64_t packed = unpack_number(at);

    return previous + ((packed >> 1) ^ (0 - (packed & 1)));
}

/** The first byte from there on that is not 0, or the end. */
static const uint8_t *behind_zeros(const uint8_t *at, const uint8_t *end)
{
    uint64_t word;

    for (; (size_t)(end - at) >= sizeof(word); at += sizeof(word)) {
        memcpy(&word, at, sizeof(word));
        if (word != 0)
            break;
    }
    while (at < end && *at == 0)
        at++;
    return at;
}

/** The next zeros that are worth it from there on, those that go to the end among them. */
static const uint8_t *next_zeros(const uint8_t *at, const uint8_t *end)
{
    size_t zeros = 0;

    for (; at < end && zeros < ZEROS_MIN; at++)
        zeros = *at == 0 ? zeros + 1 : 0;
    return at - zeros;
}

/* In turn: how many zeros there are, how many others, the others. */
uint8_t *pack_bytes(uint8_t *to, const void *bytes, size_t size)
{
    const uint8_t *at = bytes;
    const uint8_t *const end = at + size;

    while (at < end) {
        const uint8_t *others = behind_zeros(at, end);
        const uint8_t *next = next_zeros(others, end);
        const size_t length = (size_t)(next - others);

        to = pack_number(to, (uint64_t)(others - at));
        to = pack_number(to, length);
        memcpy(to, others, length);
        to += length;
        at = next;
    }
    return to;
}

void unpack_bytes(const uint8_t **at, void *bytes, size_t size)
{
    uint8_t *to = bytes;
    uint8_t *const end = to + size;

    memset(to, 0, size);
    while (to < end) {
        const size_t zeros = (size_t)unpack_number(at);
        const size_t others = (size_t)unpack_number(at);

        memcpy(to + zeros, *at, others);
        *at += others;
        to += zeros + others;
    }
}
