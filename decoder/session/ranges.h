/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Ranges of addresses, sorted, of a fixed number.
 */
#ifndef DECODER_SESSION_RANGES_H
#define DECODER_SESSION_RANGES_H

#include "boottap/session.h"

/** Adds [first, last] and joins what touches. */
void session_ranges_add(struct btap_ranges *ranges, uint32_t first, uint32_t last);

/** Takes [first, last] out. Where there is no room for a range that is cut in two, it stays whole
 * and joined is set. */
void session_ranges_remove(struct btap_ranges *ranges, uint32_t first, uint32_t last);

/** How many bytes of [first, last] are in none of the ranges. @param[out] where the first of them
 */
uint64_t session_ranges_missing(const struct btap_ranges *ranges, uint32_t first, uint32_t last,
                                uint32_t *where);

#endif
