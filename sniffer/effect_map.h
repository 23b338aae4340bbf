/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The map of what a session did to a memory, for a person.
 */
#ifndef SNIFFER_EFFECT_MAP_H
#define SNIFFER_EFFECT_MAP_H

#include "effect.h"
#include "input.h"

/** Prints one line about each session that wrote, read or erased something. */
void effect_print_heading(const struct effect *effect, const struct input *input, FILE *to);

/**
 * Prints regions, gaps, what was written again, erased again, refused, missing.
 *
 * @param reads what was read, instead of what was written
 */
void effect_print_map(const struct effect *effect, bool reads, FILE *to);

#endif
