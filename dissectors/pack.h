/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Numbers and structures in as few bytes as they need: what is kept of each of a million frames.
 * Whoever packs has room for the most that it can take, and gets the end of what it took.
 */
#ifndef STM32BOOT_PACK_H
#define STM32BOOT_PACK_H

#include <stddef.h>
#include <stdint.h>

/** Room that grows. All 0 is empty; bytes are to be freed with g_free(). */
struct pack_buffer {
    uint8_t *bytes;
    size_t length; /**< that is taken */
    size_t room;
};

/** Makes room for so many bytes behind those that are there. */
void pack_grow(struct pack_buffer *buffer, size_t most);

/** Where something goes that takes no more; to be followed by pack_close(). */
static inline uint8_t *pack_open(struct pack_buffer *buffer, size_t most)
{
    if (buffer->room - buffer->length < most)
        pack_grow(buffer, most);
    return buffer->bytes + buffer->length;
}

/** @param end of what was packed there */
static inline void pack_close(struct pack_buffer *buffer, const uint8_t *end)
{
    buffer->length = (size_t)(end - buffer->bytes);
}

#define PACK_BITS 7u /* of a number that a byte holds */
#define PACK_MORE 0x80u

/** The most bytes that a number takes. */
#define PACK_NUMBER_MAX 10u

/** The most bytes that a structure takes. */
#define PACK_BYTES_MAX(size) ((size) + (size) / 2 + 2 * PACK_NUMBER_MAX)

/** Packs a number, seven bits to a byte. @return the end of it */
static inline uint8_t *pack_number(uint8_t *to, uint64_t number)
{
    while (number >= PACK_MORE) {
        *to++ = (uint8_t)(number | PACK_MORE);
        number >>= PACK_BITS;
    }
    *to++ = (uint8_t)number;
    return to;
}

/** Reads what pack_number() packed. @param[in,out] at moves behind it */
static inline uint64_t unpack_number(const uint8_t **at)
{
    uint64_t number = 0;
    unsigned shift = 0;

    for (; **at >= PACK_MORE; shift += PACK_BITS)
        number |= (uint64_t)(*(*at)++ & (PACK_MORE - 1)) << shift;
    return number | (uint64_t) * (*at)++ << shift;
}

/** As pack_number() a difference of two numbers, which may be negative. */
uint8_t *pack_difference(uint8_t *to, uint64_t number, uint64_t previous);

/** As unpack_number() what pack_difference() packed. */
uint64_t unpack_difference(const uint8_t **at, uint64_t previous);

/** As pack_number() a structure of which most bytes are 0; takes at most PACK_BYTES_MAX(). */
uint8_t *pack_bytes(uint8_t *to, const void *bytes, size_t size);

/** As unpack_number() what pack_bytes() packed. @param[out] bytes as many as were packed */
void unpack_bytes(const uint8_t **at, void *bytes, size_t size);

#endif
