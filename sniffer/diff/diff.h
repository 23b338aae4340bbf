/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The way of two captures: read, compared, printed.
 */
#ifndef SNIFFER_DIFF_DIFF_H
#define SNIFFER_DIFF_DIFF_H

#include <stdio.h>

#include "diff/compare.h"

/** Equal transactions around a difference, if nobody wants more or less. */
#define DIFF_CONTEXT_DEFAULT 3

/** What to compare and how to show it; two of a kind are those of A and B. */
struct diff_request {
    struct compare_options options;
    struct side_options sides[2];
    FILE *to;          /**< where the differences are printed */
    size_t context;    /**< equal transactions around a difference */
    const char *junit; /**< file for a report, "-" for standard output; NULL: none */
    bool effect;       /**< compare memory; of sides path, link and session count */
    bool brief;
    bool report_same;
    bool json;
    bool colour;
};

/** Compares the transactions of two captures. Messages say what goes wrong. @return an exit status
 */
int diff_captures(const struct diff_request *request);

/** Compares what two sessions did to the memory. Likewise. */
int diff_effects(const struct diff_request *request);

#endif
