/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Takes a fuzzer's bytes apart. Beyond the end everything is 0.
 */
#ifndef BOOTTAP_FUZZ_INPUT_H
#define BOOTTAP_FUZZ_INPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct input {
    const uint8_t *bytes;
    size_t left;
};

static inline uint8_t input_u8(struct input *input)
{
    if (input->left == 0)
        return 0;
    input->left--;
    return *input->bytes++;
}

static inline uint16_t input_u16(struct input *input)
{
    uint16_t high = input_u8(input);

    return (uint16_t)(high << 8 | input_u8(input));
}

static inline uint32_t input_u32(struct input *input)
{
    uint32_t high = input_u16(input);

    return high << 16 | input_u16(input);
}

/** The next bytes as they are; length is cut to what is left. */
static inline const uint8_t *input_bytes(struct input *input, size_t *length)
{
    const uint8_t *bytes = input->bytes;

    if (*length > input->left)
        *length = input->left;
    input->bytes += *length;
    input->left -= *length;
    return bytes;
}

/**
 * A time difference: 0-7 units of 1 us times a power of two, up to two hours; one code goes back in
 * time, as real captures do.
 */
static inline int64_t input_delay_ns(struct input *input)
{
    uint8_t code = input_u8(input);

    if (code == 0xff)
        return -1000000;
    return (int64_t)(code & 7) * 1000 << (code >> 3);
}

#endif
