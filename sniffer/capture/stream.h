/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What is known of the records that went by, wherever they come from: a file, or live.
 */
#ifndef SNIFFER_CAPTURE_STREAM_H
#define SNIFFER_CAPTURE_STREAM_H

#include "boottap/record.h"

/** Digits of times after the point, while nothing shows that they are finer. */
#define STREAM_DIGITS 6

/** Start with zero but for name and digits. */
struct stream {
    const char *name; /**< for messages: the file as named, `standard input`, the interface */
    uint64_t packets; /**< records counted */
    btap_ns first;    /**< time of the first of them */
    int digits;       /**< of their times after the point: 6, or 9 as soon as they have as many */
};

/** Counts a record: gives it its number. */
static inline void stream_count(struct stream *stream, struct btap_record *record)
{
    record->packet = ++stream->packets;
    if (record->packet == 1)
        stream->first = record->time;
    if (stream->digits == STREAM_DIGITS && record->time % 1000 != 0)
        stream->digits = 9;
}

#endif
