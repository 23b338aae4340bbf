/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Which elements of two sequences are the same ones: an ordered alignment, as diff(1) makes it.
 * What occurs once on each side is matched first (patience), what lies between by Myers' algorithm
 * in linear space ("An O(ND) difference algorithm and its variations", Algorithmica 1, 1986), whose
 * search is cut off where the two have next to nothing in common, so that it never takes long.
 */
#ifndef SNIFFER_DIFF_ALIGNMENT_H
#define SNIFFER_DIFF_ALIGNMENT_H

#include <stddef.h>
#include <stdint.h>

/** No partner. */
#define ALIGNMENT_NONE SIZE_MAX

/** A part of both sequences: from first up to and without end. */
struct alignment_range {
    size_t a_first;
    size_t a_end;
    size_t b_first;
    size_t b_end;
};

struct alignment;

/**
 * Prepares for two sequences. The program ends if memory does.
 *
 * @param a elements, numbers below classes; kept
 * @param b likewise
 * @param partners receives for each element of a the index of its partner in b, or ALIGNMENT_NONE;
 *        set by alignment_find(), kept
 */
struct alignment *alignment_new(const uint32_t *a, size_t a_length, const uint32_t *b,
                                size_t b_length, uint32_t classes, size_t *partners);

/** Aligns a range. Partners come in order: of two elements of a, the later has the later one. */
void alignment_find(struct alignment *alignment, struct alignment_range range);

void alignment_free(struct alignment *alignment);

#endif
