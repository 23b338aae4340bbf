/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Bytes of a serial line, and what a single one may be.
 */
#ifndef DECODER_USART_BYTES_H
#define DECODER_USART_BYTES_H

#include "boottap/types.h"

/* AN3155 section 1 and section 3, "Communication safety" */
enum {
    ACK = 0x79,
    NACK = 0x1f,
    SYNC_BYTE = 0x7f,
};

/** Fewer characters than this are no text, but bytes that happen to be printable. */
#define USART_TEXT_MIN 4

/** Bytes of the chunk under way, from some byte on, and who sent them. */
struct usart_bytes {
    const uint8_t *bytes;
    uint32_t length; /**< at least 1 */
    enum btap_direction direction;
    struct btap_origin at; /**< of bytes[0] */
};

static inline bool usart_is_answer(uint8_t value)
{
    return value == ACK || value == NACK;
}

/** Printable characters and what lines of text end with. */
static inline bool usart_is_text(uint8_t value)
{
    return (value >= 0x20 && value <= 0x7e) || value == '\r' || value == '\n' || value == '\t' ||
           value == 0x1b;
}

#endif
