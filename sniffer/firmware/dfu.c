/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * DFU files: the suffix of DFU 1.1 appendix B, and ST's DfuSe format (UM0391 section 2) within it.
 * All numbers are little-endian.
 */
#include <string.h>
#include <zlib.h>

#include "firmware/format.h"

#define SUFFIX_SIZE      16
#define PREFIX_SIZE      11
#define TARGET_SIZE      274
#define TARGET_NAME_SIZE 255
#define ELEMENT_SIZE     8
#define BCD_DFU_PLAIN    0x0100
#define BCD_DFU_DFUSE    0x011a

static uint32_t little_endian(const uint8_t *bytes, size_t length)
{
    uint32_t value = 0;

    for (size_t i = length; i > 0; i--)
        value = value << 8 | bytes[i - 1];
    return value;
}

bool firmware_has_dfu_suffix(const uint8_t *bytes, size_t length)
{
    const uint8_t *suffix;

    if (length < SUFFIX_SIZE)
        return false;
    suffix = bytes + length - SUFFIX_SIZE;
    /* At its end: "UFD", its length, the CRC over all before the CRC without the last inversion. */
    return memcmp(suffix + 8, "UFD", 3) == 0 && suffix[11] == SUFFIX_SIZE &&
           little_endian(suffix + 12, 4) == (uint32_t)~crc32_z(0, bytes, length - 4);
}

static bool cut_short(struct firmware *firmware, const char *where)
{
    return firmware_refuse(firmware, "damaged DfuSe file: it ends within %s", where);
}

/** The elements of one target. @param[in,out] at where they start, and end */
static bool parse_elements(struct firmware *firmware, uint32_t count, const uint8_t **at,
                           const uint8_t *end)
{
    for (; count > 0; count--) {
        uint32_t size;

        if (end - *at < ELEMENT_SIZE)
            return cut_short(firmware, "an element's header");
        size = little_endian(*at + 4, 4);
        if ((size_t)(end - *at) - ELEMENT_SIZE < size)
            return cut_short(firmware, "an element");
        if (!firmware_put(firmware, little_endian(*at, 4), *at + ELEMENT_SIZE, size))
            return firmware_refuse(firmware,
                                   "damaged DfuSe file: an element reaches above the last address");
        *at += ELEMENT_SIZE + size;
    }
    return true;
}

static bool parse_dfuse(struct firmware *firmware, const uint8_t *bytes, size_t length)
{
    const uint8_t *at = bytes + PREFIX_SIZE;
    const uint8_t *end = bytes + length;
    unsigned targets;

    if (length < PREFIX_SIZE)
        return cut_short(firmware, "its first header");
    firmware->placed = true;
    for (targets = bytes[10]; targets > 0; targets--) {
        uint32_t elements;

        if (end - at < TARGET_SIZE)
            return cut_short(firmware, "a target's header");
        if (memcmp(at, "Target", 6) != 0)
            return firmware_refuse(firmware,
                                   "damaged DfuSe file: no target where one must be, at byte %zu",
                                   (size_t)(at - bytes));
        elements = little_endian(at + 270, 4);
        at += TARGET_SIZE;
        if (!parse_elements(firmware, elements, &at, end))
            return false;
    }
    return true;
}

bool firmware_parse_dfu(struct firmware *firmware, const uint8_t *bytes, size_t length)
{
    if (!firmware_has_dfu_suffix(bytes, length))
        return firmware_refuse(firmware, "no DFU file, or a damaged one: the suffix at its end or "
                                         "the suffix's checksum is not there");
    length -= SUFFIX_SIZE;
    if (length >= 5 && memcmp(bytes, "DfuSe", 5) == 0)
        return parse_dfuse(firmware, bytes, length);
    image_write(&firmware->image, 0, bytes, (uint32_t)length);
    return true;
}

/* Writing */

/** A stream, and the checksum over what went into it. */
struct sink {
    FILE *to;
    unsigned long crc;
};

static void put(struct sink *sink, const void *bytes, size_t length)
{
    sink->crc = crc32_z(sink->crc, bytes, length);
    fwrite(bytes, 1, length, sink->to);
}

static void put_number(struct sink *sink, uint32_t value, size_t length)
{
    uint8_t bytes[4];

    for (size_t i = 0; i < length; i++)
        bytes[i] = (uint8_t)(value >> 8 * i);
    put(sink, bytes, length);
}

static void put_run(struct sink *sink, const struct image *image, const struct btap_range *run,
                    uint8_t fill)
{
    const uint64_t end = (uint64_t)run->last + 1;
    uint8_t bytes[4096];

    for (uint64_t at = run->first; at < end && !ferror(sink->to); at += sizeof(bytes)) {
        const uint32_t part = end - at < sizeof(bytes) ? (uint32_t)(end - at) : sizeof(bytes);

        image_copy(image, (uint32_t)at, part, fill, bytes);
        put(sink, bytes, part);
    }
}

static unsigned int alternate_of(const struct firmware_output *output, size_t run)
{
    return output->alternates != NULL ? output->alternates[run] : 0;
}

/** Size of a target's elements, and how many. @return 0 if no run is of this alternate setting */
static uint32_t measure_target(const struct firmware_output *output, unsigned int alternate,
                               uint32_t *elements)
{
    uint32_t size = 0;

    *elements = 0;
    for (size_t i = 0; i < output->runs_length; i++)
        if (alternate_of(output, i) == alternate) {
            size += ELEMENT_SIZE + (uint32_t)range_length(&output->runs[i]);
            ++*elements;
        }
    return size;
}

static void put_target(struct sink *sink, const struct firmware_output *output,
                       const struct image *image, unsigned int alternate)
{
    static const char name[TARGET_NAME_SIZE] = "boottap extract";
    uint32_t elements;
    const uint32_t size = measure_target(output, alternate, &elements);

    if (size == 0)
        return;
    put(sink, "Target", 6);
    put_number(sink, alternate, 1);
    put_number(sink, 1, 4);
    put(sink, name, sizeof(name));
    put_number(sink, size, 4);
    put_number(sink, elements, 4);
    for (size_t i = 0; i < output->runs_length; i++) {
        if (alternate_of(output, i) != alternate)
            continue;
        put_number(sink, output->runs[i].first, 4);
        put_number(sink, (uint32_t)range_length(&output->runs[i]), 4);
        put_run(sink, image, &output->runs[i], output->fill);
    }
}

/** Prefix, a target for each alternate setting, an element a run. */
static void put_dfuse(struct sink *sink, const struct firmware_output *output,
                      const struct image *image)
{
    uint32_t targets_size = 0;
    unsigned int targets = 0;

    for (unsigned int alternate = 0; alternate <= UINT8_MAX; alternate++) {
        uint32_t elements;
        const uint32_t size = measure_target(output, alternate, &elements);

        if (size == 0)
            continue;
        targets++;
        targets_size += TARGET_SIZE + size;
    }
    put(sink, "DfuSe\x01", 6);
    put_number(sink, PREFIX_SIZE + targets_size, 4);
    put_number(sink, targets, 1);
    for (unsigned int alternate = 0; alternate <= UINT8_MAX; alternate++)
        put_target(sink, output, image, alternate);
}

void firmware_write_dfu(const struct firmware_output *output, const struct image *image, FILE *to)
{
    struct sink sink = {.to = to};

    if (output->placed)
        put_dfuse(&sink, output, image);
    else
        put_run(&sink, image, &output->runs[0], output->fill);
    put_number(&sink, output->device, 2);
    put_number(&sink, output->product, 2);
    put_number(&sink, output->vendor, 2);
    put_number(&sink, output->placed ? BCD_DFU_DFUSE : BCD_DFU_PLAIN, 2);
    put(&sink, "UFD", 3);
    put_number(&sink, SUFFIX_SIZE, 1);
    put_number(&sink, (uint32_t)~sink.crc, 4);
}
