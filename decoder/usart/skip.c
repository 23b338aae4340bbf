/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "usart/skip.h"

/** Katapult's Connect, with which its tool begins (Katapult's protocol.md): a whole frame, CRC and
 * all. Nothing of ST's protocol is like it. */
static const uint8_t katapult_connect[] = {0x01, 0x88, 0x11, 0x00, 0xf1, 0x7c, 0x99, 0x03};

/* Bytes of no command */

/** Looks in what is skipped for the protocol of another bootloader. */
static void watch(struct btap_usart *usart, const struct btap_origin *at, uint8_t value)
{
    uint8_t *matched = &usart->skipped.katapult;

    if (value != katapult_connect[*matched])
        *matched = 0;
    if (value == katapult_connect[*matched])
        ++*matched;
    if (*matched < sizeof(katapult_connect))
        return;
    *matched = 0;
    usart_note(usart, BTAP_NOTE_OTHER_BOOTLOADER, at, 0, 0);
}

static void count(struct btap_usart_count *counter, const struct btap_origin *at, uint32_t bytes)
{
    if (counter->bytes == 0)
        counter->first = *at;
    counter->bytes += bytes;
}

static void skip(struct btap_usart *usart, const struct btap_origin *at, uint8_t value,
                 enum btap_direction direction)
{
    const bool text = direction == BTAP_DEVICE_TO_HOST && usart_is_text(value);
    const enum btap_field field = text ? BTAP_FIELD_TEXT : BTAP_FIELD_SKIPPED;
    struct btap_span *run = &usart->skipped.run;

    watch(usart, at, value);
    count(text ? &usart->skipped.text : &usart->skipped.other, at, 1);
    if (!emit_wants_spans(&usart->emitter))
        return;
    if (run->length > 0 && run->packet == at->packet && run->offset + run->length == at->offset &&
        run->direction == direction && run->field == field) {
        run->length++;
        return;
    }
    usart_skip_end_run(usart);
    *run = (struct btap_span){
        .packet = at->packet,
        .offset = at->offset,
        .length = 1,
        .direction = direction,
        .field = field,
        .last = true,
    };
}

void usart_skip(struct btap_usart *usart, const struct usart_bytes *bytes)
{
    skip(usart, &bytes->at, bytes->bytes[0], bytes->direction);
}

void usart_skip_end_run(struct btap_usart *usart)
{
    struct btap_span *run = &usart->skipped.run;
    const struct btap_serial_chunk *chunk = usart->chunk;
    const struct btap_sink *sink = usart->emitter.sink;

    if (run->length == 0)
        return;
    if (chunk != NULL && chunk->at.packet == run->packet && chunk->at.offset <= run->offset &&
        run->offset - chunk->at.offset + run->length <= chunk->length)
        run->bytes = chunk->bytes + (run->offset - chunk->at.offset);
    /* They belong to no transaction, even where they arrive in the midst of one. */
    sink->span(sink->context, usart->emitter.link, run);
    run->length = 0;
}

void usart_skip_flush(struct btap_usart *usart)
{
    struct btap_usart_skipped *skipped = &usart->skipped;
    const struct btap_usart_count text = skipped->text;

    usart_skip_end_run(usart);
    if (text.bytes >= USART_TEXT_MIN)
        usart_note(usart, BTAP_NOTE_APPLICATION_TEXT, &text.first, text.bytes, 0);
    else if (text.bytes > 0)
        count(&skipped->other, &text.first, text.bytes);
    if (skipped->other.bytes > 0)
        usart_note(usart, skipped->out_of_step ? BTAP_NOTE_OUT_OF_STEP : BTAP_NOTE_SKIPPED_BYTES,
                   &skipped->other.first, skipped->other.bytes, 0);
    skipped->text.bytes = 0;
    skipped->other.bytes = 0;
    skipped->out_of_step = false;
}

/* The last two bytes */

void usart_keep(struct btap_usart_byte *kept, const struct usart_bytes *bytes, uint32_t index)
{
    /* Member by member: copies of the whole would wait for the stores before them. */
    kept->at.packet = bytes->at.packet;
    kept->at.time = bytes->at.time;
    kept->at.offset = bytes->at.offset + index;
    kept->direction = bytes->direction;
    kept->value = bytes->bytes[index];
}

void usart_recent_set(struct btap_usart_recent *recent, const struct usart_bytes *bytes,
                      uint32_t length)
{
    if (length > 1)
        usart_keep(&recent->byte[0], bytes, length - 2);
    else
        recent->byte[0] = recent->byte[1];
    usart_keep(&recent->byte[1], bytes, length - 1);
}

void usart_recent_push(struct btap_usart *usart, const struct usart_bytes *bytes)
{
    usart_recent_skip(usart, 1);
    usart_recent_set(&usart->recent, bytes, 1);
    usart->recent.pending++;
}

void usart_recent_skip(struct btap_usart *usart, uint8_t keep)
{
    for (; usart->recent.pending > keep; usart->recent.pending--) {
        const struct btap_usart_byte *first = usart_recent_first(usart);

        skip(usart, &first->at, first->value, first->direction);
    }
}

/* Bytes of commands */

void usart_span_emit(struct btap_usart *usart, struct btap_span *span)
{
    usart_skip_end_run(usart);
    emit_span(&usart->emitter, span);
}
