/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Two captures compared, transaction by transaction.
 */
#ifndef SNIFFER_DIFF_COMPARE_H
#define SNIFFER_DIFF_COMPARE_H

#include "capture/capture.h"
#include "diff/alignment.h"
#include "diff/side.h"

/**
 * Reads a capture's transactions. Messages say what goes wrong.
 *
 * @param capture room for reading
 * @param same numbers of the keys, shared by the two sides
 * @param about likewise
 * @return false if nothing can be compared
 */
bool side_read(struct side *side, struct capture *capture, const struct side_options *options,
               const struct compare_options *compare, struct numbering *same,
               struct numbering *about);

/** What became of a transaction. */
enum change {
    CHANGE_NONE,
    CHANGE_CHANGED, /**< the same step, with differences */
    CHANGE_REMOVED, /**< only in the first */
    CHANGE_ADDED,   /**< only in the second */
    CHANGE_COUNT,
};

struct edit {
    enum change change;
    uint32_t a;           /**< index in the first's steps; where it is added: of the next one */
    uint32_t b;           /**< likewise in the second's */
    uint64_t differences; /**< CHANGE_CHANGED: bits of enum btap_aspect */
};

/** Two links compared. */
struct edits {
    const struct steps *a;
    const struct steps *b;
    uint64_t counts[CHANGE_COUNT];
    size_t length;
    struct edit *edits;
};

/**
 * Compares two links.
 *
 * @param same how many numbers of keys there are
 * @param about likewise
 */
void edits_make(struct edits *edits, const struct steps *a, const struct steps *b,
                const struct compare_options *options, uint32_t same, uint32_t about);
void edits_release(struct edits *edits);

#endif
