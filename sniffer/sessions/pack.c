/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sessions/pack.h"

#include <string.h>

#include "base/allocate.h"

/* A group is a byte that tells which of eight words are there, and those words. */
#define GROUP 8
#define WORD  sizeof(uint64_t)

static uint64_t word_at(const uint8_t *value, size_t at)
{
    uint64_t word;

    memcpy(&word, value + at, WORD);
    return word;
}

static size_t packed_length(const uint8_t *value, size_t size)
{
    size_t length = (size / WORD + GROUP - 1) / GROUP;

    for (size_t at = 0; at < size; at += WORD)
        length += word_at(value, at) != 0 ? WORD : 0;
    return length;
}

uint8_t *pack(const void *value, size_t size, size_t *length)
{
    uint8_t *packed;
    uint8_t *to;
    uint8_t *group = NULL;

    *length = packed_length(value, size);
    packed = allocate(*length);
    to = packed;
    for (size_t i = 0; i < size / WORD; i++) {
        const uint64_t word = word_at(value, i * WORD);

        if (i % GROUP == 0)
            group = to++;
        if (word == 0)
            continue;
        *group = (uint8_t)(*group | 1u << i % GROUP);
        memcpy(to, &word, WORD);
        to += WORD;
    }
    return packed;
}

void unpack(const uint8_t *packed, void *value, size_t size)
{
    uint8_t *to = value;
    unsigned group = 0;

    memset(value, 0, size);
    for (size_t i = 0; i < size / WORD; i++) {
        if (i % GROUP == 0)
            group = *packed++;
        if ((group >> i % GROUP & 1u) == 0)
            continue;
        memcpy(to + i * WORD, packed, WORD);
        packed += WORD;
    }
}
