/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The spans of bytes: those of commands at once, those that belong to no command joined with their
 * neighbours, counted and noted. The last two bytes are kept until it is known which they are.
 */
#ifndef DECODER_USART_SKIP_H
#define DECODER_USART_SKIP_H

#include "boottap/usart.h"
#include "model/emit.h"
#include "usart/bytes.h"

/** Skips one byte. */
void usart_skip(struct btap_usart *usart, const struct usart_bytes *bytes);
/** Emits the span of the bytes skipped last. */
void usart_skip_end_run(struct btap_usart *usart);
/** Notes how many bytes were skipped since the last time. */
void usart_skip_flush(struct btap_usart *usart);

/** Keeps one of the bytes. */
void usart_keep(struct btap_usart_byte *kept, const struct usart_bytes *bytes, uint32_t index);
/** The last of the bytes are the newest ones; they have their spans. */
void usart_recent_set(struct btap_usart_recent *recent, const struct usart_bytes *bytes,
                      uint32_t length);
/** The next byte is the newest one and pending; the oldest pending one gives way and is skipped. */
void usart_recent_push(struct btap_usart *usart, const struct usart_bytes *bytes);
/** Skips the bytes that are pending, but for the newest `keep` ones. */
void usart_recent_skip(struct btap_usart *usart, uint8_t keep);
/** The oldest byte that is pending. */
static inline const struct btap_usart_byte *usart_recent_first(const struct btap_usart *usart)
{
    return &usart->recent.byte[2 - usart->recent.pending];
}

/** Emits a span as it is. */
void usart_span_emit(struct btap_usart *usart, struct btap_span *span);

/** Emits the span of the first bytes, which are a field or a piece of one. */
static inline void usart_span(struct btap_usart *usart, const struct usart_bytes *bytes,
                              uint32_t length, enum btap_field field, uint64_t value, bool last,
                              bool bad)
{
    struct btap_span span;

    if (!emit_wants_spans(&usart->emitter))
        return;
    span = (struct btap_span){
        .packet = bytes->at.packet,
        .offset = bytes->at.offset,
        .length = length,
        .direction = bytes->direction,
        .field = field,
        .bytes = bytes->bytes,
        .value = value,
        .last = last,
        .bad = bad,
    };
    usart_span_emit(usart, &span);
}

/** Emits the span of a field of one byte. */
static inline void usart_span_byte(struct btap_usart *usart, const struct usart_bytes *bytes,
                                   enum btap_field field)
{
    usart_span(usart, bytes, 1, field, bytes->bytes[0], true, false);
}

/** Emits the span of a byte that was kept. */
static inline void usart_span_kept(struct btap_usart *usart, const struct btap_usart_byte *kept,
                                   enum btap_direction direction, enum btap_field field, bool bad)
{
    const struct usart_bytes bytes = {&kept->value, 1, direction, kept->at};

    usart_span(usart, &bytes, 1, field, kept->value, true, bad);
}

/** Adds a note to the open transaction, or emits one that belongs to none. */
static inline void usart_note(struct btap_usart *usart, enum btap_note_id id,
                              const struct btap_origin *at, uint32_t arg0, uint32_t arg1)
{
    emit_note(&usart->emitter, id, at, arg0, arg1, 0);
}

#endif
