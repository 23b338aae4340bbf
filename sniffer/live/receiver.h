/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The receiving side of an open serial port: bytes as they came, and what was wrong on the line.
 */
#ifndef SNIFFER_LIVE_RECEIVER_H
#define SNIFFER_LIVE_RECEIVER_H

#include "live/source.h"
#include "port/line_errors.h"
#include "port/marks.h"
#include "traffic/serial_record.h"

/** Consumes what is received. */
struct receiver_sink {
    void *context;
    /** Bytes, in their order. @param time when they were read. They are valid during the call */
    void (*data)(void *context, btap_ns time, const uint8_t *bytes, size_t length);
    /** Something wrong; it comes before the byte that it is about, where there is one. */
    void (*error)(void *context, btap_ns time, enum serial_record_event event);
};

struct receiver {
    struct serial *serial;
    struct marks marks;
    struct line_errors errors;
    btap_ns counted; /**< monotonic; there are counts that no mark came for, since then. 0: there
                        are none */
};

/** Starts with a port that was opened. */
void receiver_start(struct receiver *receiver, struct serial *serial);

/**
 * Reads what is there, though not without end, so that other ports get their turn.
 *
 * @param[out] more there may be more
 * @return SOURCE_GONE: the port is; a message said so
 */
enum source_state receiver_read(struct receiver *receiver, const struct receiver_sink *sink,
                                bool *more);

/** Most bytes that receiver_read_once() hands over. */
#define RECEIVER_MAX 4096

/** Likewise, RECEIVER_MAX bytes at most. */
enum source_state receiver_read_once(struct receiver *receiver, const struct receiver_sink *sink,
                                     bool *more);

/** Says that the port is gone. @param cause errno; 0: hung up. @return SOURCE_GONE */
enum source_state receiver_gone(const struct receiver *receiver, int cause);

/** When receiver_read() is to be called though nothing came: CLOCK_MONOTONIC; or no deadline. */
btap_ns receiver_deadline(const struct receiver *receiver);

#endif
