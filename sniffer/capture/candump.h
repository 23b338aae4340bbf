/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Logs of candump -L, line by line.
 */
#ifndef SNIFFER_CAPTURE_CANDUMP_H
#define SNIFFER_CAPTURE_CANDUMP_H

#include <stdio.h>

#include "boottap/tap.h"

/** Longest line that is read; an FD frame with all that candump adds takes under 200. */
#define CANDUMP_LINE_SIZE 512

/** Start with all but file zero. */
struct candump_reader {
    FILE *file;
    uint64_t lines;
    uint64_t packets;
    uint64_t malformed;        /**< lines that were skipped; empty ones and # comments are not */
    uint64_t malformed_line;   /**< the first of them, from 1 */
    uint64_t malformed_packet; /**< the packet that it would have been */
    uint8_t bytes[BTAP_CANDUMP_RECORD_SIZE];
    char interface[BTAP_INTERFACE_NAME_SIZE];
};

/**
 * Reads up to the next frame.
 *
 * @param[out] record everything but packet; valid until the next call
 * @return false at the end of the file or if reading it failed (ferror() tells)
 */
bool candump_next(struct candump_reader *reader, struct btap_record *record);

#endif
