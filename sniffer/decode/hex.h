/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Sessions on serial lines in the hexadecimal notation of docs/hex.md: what crossed the line, in
 * the order and with the sides that the decoder saw.
 */
#ifndef SNIFFER_DECODE_HEX_H
#define SNIFFER_DECODE_HEX_H

#include <stdio.h>

#include "boottap/tap.h"
#include "cli/filter.h"

struct hex;

/**
 * Writes what a tap emits.
 *
 * @param filter its links count; kept
 * @param next gets all that the tap emits; kept; NULL: nobody
 */
struct hex *hex_new(FILE *to, const struct filter *filter, const struct btap_sink *next);

/** What to call for what the tap emits: next, and the notation. */
const struct btap_sink *hex_sink(const struct hex *hex);

/** Tells of a record before it goes to the tap. */
void hex_record(struct hex *hex, const struct btap_record *record);

/** Ends a file. */
void hex_end_file(struct hex *hex);

/** Whether there was anything to write. */
bool hex_is_written(const struct hex *hex);

void hex_free(struct hex *hex);

#endif
