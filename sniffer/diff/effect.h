/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Two sessions compared by what they did to the memory, whatever the wire and the tool.
 */
#ifndef SNIFFER_DIFF_EFFECT_H
#define SNIFFER_DIFF_EFFECT_H

#include "base/junit.h"
#include "diff/compare.h"
#include "sessions/effect.h"

/** How two memories differ. */
enum effect_difference {
    EFFECT_SAME,
    EFFECT_OTHER,  /**< both wrote, not the same */
    EFFECT_ONLY_A, /**< only the first wrote */
    EFFECT_ONLY_B,
    EFFECT_UNERASED_A, /**< both wrote the same, the first without an erase */
    EFFECT_UNERASED_B,
    EFFECT_DIFFERENCES,
};

struct effect_range {
    enum effect_difference difference;
    struct btap_range range;
    uint64_t bytes; /**< that differ: of EFFECT_OTHER not all in the range need do */
    uint8_t a;      /**< the first byte that differs, where there is one on this side */
    uint8_t b;
};

/** Two sessions and their difference. */
struct effect_comparison {
    const struct effect *a;
    const struct effect *b;
    struct junit_capture captures[2];    /**< the files that they are in */
    uint64_t counts[EFFECT_DIFFERENCES]; /**< bytes */
    size_t length;                       /**< 0: no difference */
    size_t room;
    struct effect_range *ranges; /**< in order, without EFFECT_SAME */
};

/**
 * Compares the bytes that either of two sessions wrote, which the members up to captures name.
 * Where only one wrote, with the value of erased flash, and the other erased, the memory is the
 * same. Whether a byte was erased before counts only where both captures tell which pages were. A
 * plain DFU device has no addresses: its contents are laid over the start of the other's.
 */
void effect_compare(struct effect_comparison *comparison);
void effect_comparison_release(struct effect_comparison *comparison);

/** Prints the ranges that differ. Nothing if none does. */
void effect_print_text(FILE *to, const struct effect_comparison *comparison, bool colour);

/** An object a range, and one with totals. */
void effect_print_json(FILE *to, const struct effect_comparison *comparison);

/** A JUnit report: a case for what was written, one for what was erased before. */
void effect_print_junit(FILE *to, const struct effect_comparison *comparison);

#endif
