/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The map of what a session did to a memory, for a person and for a program.
 */
#ifndef SNIFFER_EXTRACT_MAP_H
#define SNIFFER_EXTRACT_MAP_H

#include "base/json.h"
#include "capture/input.h"
#include "sessions/effect.h"

/** Bytes without a gap, and what became of them. */
struct effect_region {
    struct btap_range range;
    uint32_t crc32;      /**< as zlib computes it */
    uint64_t erased;     /**< bytes that were erased before */
    uint64_t read_same;  /**< that were read back since, the same */
    uint64_t read_other; /**< and not the same */
    uint64_t summed;     /**< under a checksum of the device that fits */
};

/** Takes the measure of a run of bytes that all have a value. */
struct effect_region effect_region(const struct image *image, const struct btap_range *run);

/** Prints one line about each session that wrote, read or erased something. */
void effect_print_heading(const struct effect *effect, const struct input *input, FILE *to);

/**
 * Prints regions, gaps, what was written again, erased again, refused, missing.
 *
 * @param reads what was read, instead of what was written
 */
void effect_print_map(const struct effect *effect, bool reads, FILE *to);

/** The same as an object for a program, on a line, heading included. docs/extract.md describes it.
 */
void effect_print_map_json(const struct effect *effect, const struct input *input, bool reads,
                           FILE *to);

#endif
