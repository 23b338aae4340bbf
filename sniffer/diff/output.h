/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What diff prints of two compared captures.
 */
#ifndef SNIFFER_DIFF_OUTPUT_H
#define SNIFFER_DIFF_OUTPUT_H

#include <stdio.h>

#include "diff/compare.h"

struct compare_output {
    FILE *to;
    size_t context; /**< equal transactions around a difference */
    bool colour;
    const struct side *a;
    const struct side *b;
};

/** The first difference explained, and the differences as diff -u has them. Nothing if the same. */
void compare_print_text(const struct compare_output *output, const struct edits *edits);

/** An object a difference. */
void compare_print_json(const struct compare_output *output, const struct edits *edits);

/** An object with the totals of all links. */
void compare_print_json_end(const struct compare_output *output,
                            const uint64_t counts[static CHANGE_COUNT]);

/** A JUnit report: a suite a pair of links, a case a command. */
void compare_print_junit(const struct compare_output *output, const struct edits *edits,
                         size_t length);

#endif
