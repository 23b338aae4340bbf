/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A line of a log of bytes: a time, if any, a mark that tells the side, and bytes:
 * `10:15:21.5 TX: 7F`, `<- 79`, `[1.25] Host 0x02 0xFD`, `18.09.2019 20:28:01.867 [TX] - 7F`,
 * `TX (2 bytes): 31 CE`.
 */
#ifndef SNIFFER_FORMATS_SERIAL_MARKED_LINE_H
#define SNIFFER_FORMATS_SERIAL_MARKED_LINE_H

#include "boottap/types.h"
#include "formats/serial/hex_words.h"

enum marked_time {
    MARKED_TIME_NONE,
    MARKED_TIME_OF_DAY,
    MARKED_TIME_DATED, /**< or seconds since some moment */
};

struct marked_line {
    enum marked_time has_time;
    btap_ns time;
    enum btap_direction direction;
    bool quotes; /**< the mark could be that of a quotation */
    bool firm;   /**< the mark is set off as no word of a sentence is */
    bool bare;   /**< nothing stands behind the mark but a number of bytes, perhaps */
    struct hex_words words;
};

/** @return false: the line has no mark behind its time, if any */
bool marked_line_parse(struct marked_line *line, const char *text);

/** Whether it holds bytes of a session beyond doubt; else only where the log is known as one. */
bool marked_line_is_certain(const struct marked_line *line);

/** Whether what stands behind the mark is to be taken for bytes, or for word of them. */
bool marked_line_has_bytes(const struct marked_line *line);

/**
 * Whether a line without a mark goes on with the bytes of the one before it: all of it are bytes,
 * behind the number of those before or not (`0010: 7F`).
 *
 * @param offset of them, so far
 */
bool marked_line_continues(struct hex_words *words, const char *text, uint64_t offset);

#endif
