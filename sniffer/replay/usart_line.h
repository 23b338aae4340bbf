/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A serial line as a host of the USART protocol (AN3155) uses it: groups of bytes out, bytes and
 * answers in. What a half-duplex line echoes is taken away.
 */
#ifndef SNIFFER_REPLAY_USART_LINE_H
#define SNIFFER_REPLAY_USART_LINE_H

#include "replay/gate.h"

/** Longest group: Extended Erase of BTAP_LIST_MAX pages. */
#define USART_GROUP_MAX (2 + 2 * BTAP_LIST_MAX + 1)

/* AN3155 section 3, "Communication safety" */
enum {
    USART_ACK_BYTE = 0x79,
    USART_NACK_BYTE = 0x1f,
    USART_SYNC_BYTE = 0x7f,
};

struct usart_line {
    struct gate *gate;
    size_t used;     /**< of received.bytes */
    bool echoes;     /**< found out in a Sync: what is sent comes back */
    size_t echo_due; /**< bytes at the end of sent that did not come back yet */
    size_t sent_length;
    uint8_t sent[USART_GROUP_MAX];
    struct wire_received received;
};

/** What came where an answer is due. */
enum line_reply {
    LINE_ACK,
    LINE_NACK,
    LINE_QUIET, /**< nothing */
    LINE_OTHER, /**< a few bytes that are neither, and nothing after them */
    LINE_TALK,  /**< more of them than an answer may follow: another conversation */
    LINE_GONE,  /**< the wire failed; a message said so */
};

/** @param length USART_GROUP_MAX or less. @return false: the wire failed, a message said so */
bool usart_line_send(struct usart_line *line, const uint8_t *bytes, size_t length);

/**
 * Receives some bytes.
 *
 * @param size at least 1
 * @param[out] length of what came: 1 or more
 * @param deadline CLOCK_MONOTONIC in ns
 */
enum wire_result usart_line_receive(struct usart_line *line, uint8_t *bytes, size_t size,
                                    size_t *length, btap_ns deadline);

/**
 * Waits for an answer. A few bytes may come before it: a glitch, or noise; a text is another
 * conversation.
 */
enum line_reply usart_line_answer(struct usart_line *line, btap_ns deadline);

/**
 * Consumes what came and nobody waited for, without waiting for more.
 *
 * @param[out] last the last byte of it that is ACK or NACK; 0: none
 * @return false: the wire failed
 */
bool usart_line_drain(struct usart_line *line, uint8_t *last);

#endif
