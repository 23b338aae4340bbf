/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * In what two transactions differ, in words.
 */
#ifndef SNIFFER_DIFF_WORDS_H
#define SNIFFER_DIFF_WORDS_H

#include "boottap/comparison.h"

/** Room for difference_words()'s longest answer. */
#define DIFFERENCE_WORDS_SIZE (2 * BTAP_ASPECT_TEXT_SIZE + 64)

/**
 * `status: ok | nack`.
 *
 * @param between what stands between the two: " | "
 * @return words
 */
const char *difference_words(enum btap_aspect aspect, const struct btap_compared *a,
                             const struct btap_compared *b, const char *between, char *words,
                             size_t size);

#endif
