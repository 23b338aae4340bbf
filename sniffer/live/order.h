/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Bytes of the two lines of one serial port in the order in which they were sent.
 *
 * Two adapters hand over bytes with delays of their own, and a busy machine reads both when both
 * have some. A byte came after one of the other side for certain if its line was still seen empty
 * when the other byte had been read for longer than a window. Elsewhere the protocol orders them,
 * which is strict request and reply: a decoder is fed with the bytes and says whose turn it is.
 * Bytes of the side whose turn it is go at once. Those of the other one are held back for the
 * window at most, and go then: that a side speaks out of turn is for the decoder of the recording
 * to judge.
 *
 * What it cannot know: where a side does speak out of turn within the window, as an application
 * does that prints while the host talks, its bytes come after those of the side whose turn it is.
 * Where no conversation is under way the time of reading decides, and the host comes first where
 * that is the same.
 */
#ifndef SNIFFER_LIVE_ORDER_H
#define SNIFFER_LIVE_ORDER_H

#include "traffic/serial_record.h"

/** Consumes what is in order. */
struct order_sink {
    void *context;
    /** Bytes of a side. Times do not go back. */
    void (*bytes)(void *context, enum btap_direction from, btap_ns time, const uint8_t *bytes,
                  size_t length);
    /** Something wrong on a side's line, before the byte that it is about. */
    void (*error)(void *context, enum btap_direction from, btap_ns time,
                  enum serial_record_event event);
};

struct order;

/** @param sink copied. @param window ns: delays of the adapters and of this machine. */
struct order *order_open(const struct order_sink *sink, btap_ns window);

/** Hands over all that is held back, and frees. */
void order_close(struct order *order);

/** When something was read, on both clocks. */
struct order_time {
    btap_ns recorded;
    btap_ns monotonic;
};

/** Adds bytes of a side, 1 to 4096. */
void order_add(struct order *order, enum btap_direction from, struct order_time time,
               const uint8_t *bytes, size_t length);

/** Adds something wrong on a side's line. */
void order_add_error(struct order *order, enum btap_direction from, struct order_time time,
                     enum serial_record_event event);

/** A side's line was read, and there was nothing more. @param now CLOCK_MONOTONIC */
void order_note_empty(struct order *order, enum btap_direction from, btap_ns now);

/** Hands over what may go. */
void order_settle(struct order *order);

/** Time of reading of the first that is held back; INT64_MAX: none is. */
btap_ns order_held(const struct order *order);

/** When both lines are to be read again, at the latest: CLOCK_MONOTONIC; INT64_MAX: never. */
btap_ns order_deadline(const struct order *order);

#endif
