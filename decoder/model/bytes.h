/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Integers out of bytes, whatever their alignment and the machine's own byte order.
 */
#ifndef DECODER_MODEL_BYTES_H
#define DECODER_MODEL_BYTES_H

#include <stdbool.h>
#include <stdint.h>

static inline uint16_t get_le16(const uint8_t *bytes)
{
    return (uint16_t)(bytes[0] | bytes[1] << 8);
}

static inline uint32_t get_le32(const uint8_t *bytes)
{
    return (uint32_t)get_le16(bytes) | (uint32_t)get_le16(bytes + 2) << 16;
}

static inline uint64_t get_le64(const uint8_t *bytes)
{
    return (uint64_t)get_le32(bytes) | (uint64_t)get_le32(bytes + 4) << 32;
}

static inline uint16_t get_be16(const uint8_t *bytes)
{
    return (uint16_t)(bytes[0] << 8 | bytes[1]);
}

static inline uint32_t get_be32(const uint8_t *bytes)
{
    return (uint32_t)get_be16(bytes) << 16 | (uint32_t)get_be16(bytes + 2);
}

static inline uint64_t get_be64(const uint8_t *bytes)
{
    return (uint64_t)get_be32(bytes) << 32 | (uint64_t)get_be32(bytes + 4);
}

static inline uint16_t get_16(const uint8_t *bytes, bool big_endian)
{
    return big_endian ? get_be16(bytes) : get_le16(bytes);
}

static inline uint32_t get_32(const uint8_t *bytes, bool big_endian)
{
    return big_endian ? get_be32(bytes) : get_le32(bytes);
}

static inline uint64_t get_64(const uint8_t *bytes, bool big_endian)
{
    return big_endian ? get_be64(bytes) : get_le64(bytes);
}

#endif
