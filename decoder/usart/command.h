/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A command from its first bytes to its outcome: its steps over the units of the framing, and the
 * transaction that is made of them.
 */
#ifndef DECODER_USART_COMMAND_H
#define DECODER_USART_COMMAND_H

#include "boottap/usart.h"
#include "usart/bytes.h"

/** What became of bytes, or of the command. */
enum usart_result {
    USART_CONTINUE, /**< the command goes on */
    USART_ENDED,    /**< it has ended, and its transaction was emitted */
    USART_NOT_MINE, /**< it is the other side's turn */
};

/** Opens the transaction of a sync, whose bytes are still to come. */
void usart_command_begin_sync(struct btap_usart *usart, const struct btap_origin *at);
/** Opens the transaction of a command. Its first two bytes stay pending until it is sure. */
void usart_command_begin(struct btap_usart *usart, uint8_t opcode, const struct btap_origin *at);
/** One 0x7F of the open sync. */
void usart_command_sync(struct btap_usart *usart, const struct usart_bytes *bytes);
/** The pending bytes are the open command and its complement. */
void usart_command_accept_pair(struct btap_usart *usart, const struct btap_origin *at);
/** The pending bytes, if any, are a refused command: one byte, or two of which one is wrong. */
void usart_command_refuse_pair(struct btap_usart *usart);

/**
 * Consumes bytes of one side.
 *
 * @param[out] used how many; 0 also where the command went on without them, or ended before them
 */
enum usart_result usart_command_step(struct btap_usart *usart, const struct usart_bytes *bytes,
                                     uint32_t *used);
/** Emits the span of an ACK or NACK. */
void usart_command_span_answer(struct btap_usart *usart, const struct usart_bytes *bytes);
/** Consumes the ACK or NACK that is due. */
enum usart_result usart_command_answer(struct btap_usart *usart, const struct usart_bytes *bytes);
/** Starts a step, or the next one that has anything to send. */
enum usart_result usart_command_enter(struct btap_usart *usart, const struct btap_usart_step *step);

/** Bytes of the value, list or block under way that are still due. */
uint32_t usart_command_due(const struct btap_usart *usart);
/** The phase that a refusal at the present step belongs to. */
enum btap_phase usart_command_refused_phase(const struct btap_usart *usart);
/** Whether the command before is a sync without an answer: half a command to the device. */
bool usart_command_is_misaligned(const struct btap_usart *usart);

/** Ends the command; the phase is BTAP_PHASE_NONE exactly if the status is BTAP_OK. */
enum usart_result usart_command_end(struct btap_usart *usart, enum btap_status status,
                                    enum btap_phase phase);
/** Ends it if what came may be all of it. USART_CONTINUE if it may not. */
enum usart_result usart_command_settle(struct btap_usart *usart);
/**
 * Notes a count that is one too large: what stands where the last byte of data is due is the
 * checksum of the bytes before it. To be called where the device waits for more than the host has.
 */
void usart_command_note_count(struct btap_usart *usart, const struct btap_origin *at);
/** Ends it, as what came was no answer. */
enum usart_result usart_command_end_bad_reply(struct btap_usart *usart);
/** Ends it, as the host goes on although the device owes it something. */
enum usart_result usart_command_give_up(struct btap_usart *usart, const struct btap_origin *at);

#endif
