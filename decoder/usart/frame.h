/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The framing: bytes in, units out, given what is expected. A unit is what one phase of a command
 * consists of, or as much of it as is there; the group is what the host sends between two answers.
 */
#ifndef DECODER_USART_FRAME_H
#define DECODER_USART_FRAME_H

#include "boottap/usart.h"
#include "usart/bytes.h"
#include "usart/steps.h"

enum usart_unit_kind {
    USART_UNIT_ANSWER,
    USART_UNIT_STRAY, /**< where an answer is due: a byte that is none, or a run of text */
    USART_UNIT_VALUE,
    USART_UNIT_BLOCK,
    USART_UNIT_CHECKSUM,
    USART_UNIT_CRC, /**< a byte of Get Checksum's reply */
};

struct usart_unit {
    enum usart_unit_kind kind;
    uint32_t length; /**< bytes, at least 1 */
    bool whole;      /**< nothing of the field is due any more */
    bool is_text;    /**< of a stray one */
};

/** XOR of some bytes. */
uint8_t usart_xor(const uint8_t *bytes, uint32_t length);

/** Forgets the group before: an answer has come, or a command begins. */
void usart_frame_begin(struct btap_usart_frame *frame);

/** Expects a field of so many bytes. */
static inline void usart_frame_expect(struct btap_usart_frame *frame, uint32_t length)
{
    frame->value = 0;
    frame->left = length;
}

/** The next unit of a step of this kind. */
struct usart_unit usart_frame_next(struct btap_usart_frame *frame, enum usart_kind kind,
                                   const struct usart_bytes *bytes);

/** Whether there are too many stray bytes for an answer to follow: 'y' in a text is no ACK. */
bool usart_frame_is_other_talk(const struct btap_usart_frame *frame);

/** Whether the group's last bytes hold what begins a command: the host sent fewer than due. */
bool usart_frame_holds_command(const struct btap_usart_frame *frame);

#endif
