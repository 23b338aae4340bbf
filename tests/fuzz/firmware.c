/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Fuzz target: firmware files. The first byte chooses the name, the rest is the file. What can be
 * read is written in each format and must read the same again.
 */
#include "firmware/firmware.h"

#include <stdlib.h>
#include <string.h>

#include "checker.h"

/** Runs that are written back; more would only take time. */
#define RUNS_MAX 64

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

static void check_same(const struct image *a, const struct image *b)
{
    struct btap_range run_a;
    struct btap_range run_b;
    uint64_t from_b = 0;

    for (uint64_t from_a = 0; image_next(a, &from_a, IMAGE_WRITTEN, &run_a);) {
        CHECK(image_next(b, &from_b, IMAGE_WRITTEN, &run_b));
        CHECK(run_a.first == run_b.first && run_a.last == run_b.last);
        for (uint64_t at = run_a.first; at <= run_a.last; at++) {
            uint8_t value_a;
            uint8_t value_b;

            image_get(a, (uint32_t)at, &value_a);
            image_get(b, (uint32_t)at, &value_b);
            CHECK(value_a == value_b);
        }
    }
    CHECK(!image_next(b, &from_b, IMAGE_WRITTEN, &run_b));
}

static void check_format(const struct image *image, enum firmware_format format,
                         const struct btap_range *runs, size_t runs_length)
{
    const struct firmware_output output = {
        .format = format, .runs = runs, .runs_length = runs_length, .placed = true};
    struct firmware again;
    char *bytes = NULL;
    size_t length = 0;
    FILE *to = open_memstream(&bytes, &length);

    CHECK(to != NULL);
    CHECK(firmware_write(&output, image, to));
    fclose(to);
    CHECK(firmware_parse(&again, "file", (const uint8_t *)bytes, length));
    CHECK(again.format == format && again.placed);
    check_same(image, &again.image);
    firmware_release(&again);
    free(bytes);
}

static void check_written(const struct image *image)
{
    struct btap_range runs[RUNS_MAX];
    size_t length = 0;

    for (uint64_t from = 0; image_next(image, &from, IMAGE_WRITTEN, &runs[length]);)
        if (++length == RUNS_MAX)
            return;
    check_format(image, FIRMWARE_HEX, runs, length);
    check_format(image, FIRMWARE_SREC, runs, length);
    check_format(image, FIRMWARE_DFU, runs, length);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    static const char *const names[] = {"file", "a.hex", "a.s19", "a.dfu", "a.elf", "a.bin"};
    struct firmware firmware;

    if (length == 0)
        return 0;
    if (!firmware_parse(&firmware, names[bytes[0] % (sizeof(names) / sizeof(names[0]))], bytes + 1,
                        length - 1)) {
        CHECK(firmware.problem[0] != '\0');
        return 0;
    }
    check_written(&firmware.image);
    firmware_release(&firmware);
    return 0;
}
