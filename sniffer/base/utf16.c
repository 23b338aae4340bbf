/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/utf16.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/allocate.h"

#define INPUT_SIZE     4096
#define TEXT_SIZE      (INPUT_SIZE / 2 * 3 + 3) /* a unit is 3 bytes of UTF-8 at most */
#define MARK_SIZE      2
#define LOOKED_AT      16 /* units behind the mark */
#define HIGH_SURROGATE 0xd800u
#define LOW_SURROGATE  0xdc00u
#define SURROGATE_END  0xe000u
#define SURROGATE_MASK 0x3ffu
#define REPLACEMENT    0xfffdu

enum order {
    UNDECIDED,
    AS_IT_IS,
    LITTLE_FIRST,
    BIG_FIRST,
};

struct utf16 {
    struct unpack *unpack;
    enum order order;
    uint32_t high; /**< the first half of a character whose second is still to come; 0: none */
    size_t have;   /**< bytes of the input that were read and not used yet */
    size_t taken;  /**< of the text */
    size_t length; /**< of the text */
    uint8_t input[INPUT_SIZE];
    uint8_t text[TEXT_SIZE];
};

static uint32_t unit_at(const uint8_t *bytes, enum order order)
{
    return order == LITTLE_FIRST ? bytes[0] | (uint32_t)bytes[1] << 8
                                 : bytes[1] | (uint32_t)bytes[0] << 8;
}

static enum order order_of_mark(const uint8_t *bytes, size_t length)
{
    if (length == 0 || (length == 1 && bytes[0] >= 0xfe))
        return UNDECIDED;
    if (length > 1 && bytes[0] == 0xff && bytes[1] == 0xfe)
        return LITTLE_FIRST;
    if (length > 1 && bytes[0] == 0xfe && bytes[1] == 0xff)
        return BIG_FIRST;
    return AS_IT_IS;
}

/**
 * Whether what stands behind the mark is a log's text: no zeros, and enough letters and signs of
 * ASCII, which all logs have, some with controls. Other files may begin with these two bytes, too.
 */
static bool is_text(const uint8_t *bytes, size_t units, enum order order)
{
    size_t ascii = 0;

    for (size_t i = 0; i < units; i++) {
        const uint32_t unit = unit_at(bytes + 2 * i, order);

        if (unit == 0 || unit > REPLACEMENT)
            return false;
        ascii += (unit >= ' ' && unit < 0x7f) || unit == '\r' || unit == '\n';
    }
    return units > 0 && ascii >= (units + 3) / 4;
}

/** Looks at the first bytes. @return as unpack_read() */
static ssize_t decide(struct utf16 *utf16)
{
    enum order order;
    ssize_t got;

    do {
        got = unpack_read(utf16->unpack, utf16->input + utf16->have, INPUT_SIZE - utf16->have);
        if (got < 0)
            return got;
        utf16->have += (size_t)got;
        order = order_of_mark(utf16->input, utf16->have);
    } while (got > 0 && order != AS_IT_IS && utf16->have < MARK_SIZE + 2 * LOOKED_AT);
    if (utf16->have == 0)
        return 0;
    if (order != AS_IT_IS && order != UNDECIDED) {
        const size_t units = (utf16->have - MARK_SIZE) / 2;

        if (!is_text(utf16->input + MARK_SIZE, units < LOOKED_AT ? units : LOOKED_AT, order))
            order = AS_IT_IS;
    }
    if (order == LITTLE_FIRST || order == BIG_FIRST) {
        utf16->have -= MARK_SIZE;
        memmove(utf16->input, utf16->input + MARK_SIZE, utf16->have);
    }
    utf16->order = order == UNDECIDED ? AS_IT_IS : order;
    return (ssize_t)utf16->have;
}

/** Adds a character to the text. */
static void add(struct utf16 *utf16, uint32_t character)
{
    uint8_t *to = utf16->text + utf16->length;
    unsigned further = character < 0x80 ? 0 : character < 0x800 ? 1 : character < 0x10000 ? 2 : 3;
    static const uint8_t marks[] = {0, 0xc0, 0xe0, 0xf0};

    utf16->length += further + 1;
    *to++ = (uint8_t)(marks[further] | character >> 6 * further);
    while (further-- > 0)
        *to++ = (uint8_t)(0x80 | (character >> 6 * further & 0x3f));
}

static void add_unit(struct utf16 *utf16, uint32_t unit)
{
    const uint32_t high = utf16->high;
    const bool is_high = unit >= HIGH_SURROGATE && unit < LOW_SURROGATE;
    const bool is_low = unit >= LOW_SURROGATE && unit < SURROGATE_END;

    utf16->high = is_high ? unit : 0;
    if (high != 0 && is_low) {
        add(utf16, 0x10000 + ((high & SURROGATE_MASK) << 10 | (unit & SURROGATE_MASK)));
        return;
    }
    if (high != 0)
        add(utf16, REPLACEMENT);
    if (!is_high)
        add(utf16, is_low ? REPLACEMENT : unit);
}

/** Makes text of the input, but for a byte that is half a unit. */
static void convert(struct utf16 *utf16)
{
    const size_t units = utf16->have / 2;

    if (utf16->order == AS_IT_IS) {
        memcpy(utf16->text, utf16->input, utf16->have);
        utf16->length = utf16->have;
        utf16->have = 0;
        return;
    }
    for (size_t i = 0; i < units; i++)
        add_unit(utf16, unit_at(utf16->input + 2 * i, utf16->order));
    utf16->have -= 2 * units;
    if (utf16->have > 0)
        utf16->input[0] = utf16->input[2 * units];
}

/** Makes more text. @return as unpack_read() */
static ssize_t read_text(struct utf16 *utf16)
{
    ssize_t got = 1;

    if (utf16->order == UNDECIDED)
        got = decide(utf16);
    utf16->taken = 0;
    utf16->length = 0;
    while (got > 0) {
        convert(utf16);
        if (utf16->length > 0)
            break;
        got = unpack_read(utf16->unpack, utf16->input + utf16->have, INPUT_SIZE - utf16->have);
        if (got > 0)
            utf16->have += (size_t)got;
    }
    return got;
}

struct utf16 *utf16_new(struct unpack *unpack)
{
    struct utf16 *utf16 = allocate(sizeof(*utf16));

    utf16->unpack = unpack;
    return utf16;
}

ssize_t utf16_read(struct utf16 *utf16, void *bytes, size_t length)
{
    size_t part;

    if (utf16->taken == utf16->length) {
        ssize_t got;

        if (utf16->order == AS_IT_IS)
            return unpack_read(utf16->unpack, bytes, length);
        got = read_text(utf16);
        if (got <= 0)
            return got;
    }
    part = utf16->length - utf16->taken;
    if (part > length)
        part = length;
    memcpy(bytes, utf16->text + utf16->taken, part);
    utf16->taken += part;
    return (ssize_t)part;
}

void utf16_free(struct utf16 *utf16)
{
    free(utf16);
}
