/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Who speaks with whom: a bootloader answers 0x7F, and a command with its complement, at once.
 */
#ifndef SNIFFER_FORMATS_ANALYSER_PAIR_H
#define SNIFFER_FORMATS_ANALYSER_PAIR_H

#include "formats/analyser/parts.h"

/** Counts the answers in what was said since the last records, and finds who speaks with whom. */
void analyser_pair(struct analyser *analyser);

/**
 * When the next event of a channel is, in picoseconds.
 *
 * @param taken of its events
 * @return INT64_MAX: there is none
 */
int64_t analyser_next(const struct analyser_channel *channel, size_t taken);

#endif
