/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Captures of logic analysers: levels of channels in, records of serial lines out. Finds which
 * channels are lines of a UART, which two of them are a conversation, and which of the two is the
 * host's: by what is said, and where that does not tell, by the channels' names.
 */
#ifndef SNIFFER_FORMATS_ANALYSER_ANALYSER_H
#define SNIFFER_FORMATS_ANALYSER_ANALYSER_H

#include "formats/analyser/parts.h"
#include "formats/reader/reader.h"

/** @param queue takes the records */
void analyser_start(struct analyser *analyser, struct queue *queue);

/**
 * Adds a channel.
 *
 * @param length of the name, which is cut
 * @return its number; ANALYSER_CHANNELS_MAX: it is left out
 */
size_t analyser_add(struct analyser *analyser, const char *name, size_t length);

/**
 * A channel has this level from here on, changed or not; the first time tells what it began with.
 *
 * @param at_ps from 0; none earlier than those before, of all channels
 */
void analyser_level(struct analyser *analyser, size_t channel, int64_t at_ps, bool high);

/** When a sample is taken, in picoseconds. @param rate samples a second, not 0 */
int64_t analyser_time(uint64_t sample, uint64_t rate);

/** The capture ends there: all comes out, and what is to be said of it goes to the reader. */
void analyser_end(struct analyser *analyser, struct reader *reader, int64_t until_ps);

void analyser_release(struct analyser *analyser);

#endif
