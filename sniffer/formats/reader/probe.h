/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Probes of text that ask line by line, as the reader of the format then does.
 */
#ifndef SNIFFER_FORMATS_READER_PROBE_H
#define SNIFFER_FORMATS_READER_PROBE_H

#include "formats/reader/first.h"

/** Longer lines are looked at so far, with the zero behind them. */
#define PROBE_LINE_SIZE 1024

/** How many lines there are, and how many of them are of a format. */
struct probe_count {
    unsigned filled;
    unsigned known;
};

/**
 * Asks for each line, as it stands and without the marks of a quotation.
 *
 * @param knows gets lines without spaces at their end, zero-terminated
 */
struct probe_count probe_lines(const struct first *first, bool (*knows)(const char *line));

#endif
