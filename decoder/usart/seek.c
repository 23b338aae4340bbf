/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Bytes outside of commands: they are skipped, counted, and looked through for the next command
 * that the device answers.
 */
#include "usart/internal.h"

bool usart_is_text(uint8_t value)
{
    return (value >= 0x20 && value <= 0x7e) || value == '\r' || value == '\n' || value == '\t' ||
           value == 0x1b;
}

void usart_flush_run(struct btap_usart *usart)
{
    const struct btap_usart_run *run = &usart->run;
    const struct btap_serial_chunk *chunk = usart->chunk;
    struct btap_span span = {
        .packet = run->packet,
        .offset = run->offset,
        .length = run->length,
        .direction = run->direction,
        .field = run->field,
        .last = true,
    };

    if (run->length == 0)
        return;
    if (chunk != NULL && chunk->at.packet == run->packet && chunk->at.offset <= run->offset &&
        run->offset - chunk->at.offset + run->length <= chunk->length)
        span.bytes = chunk->bytes + (run->offset - chunk->at.offset);
    /* Skipped bytes belong to no transaction, even where they arrive in the midst of one. */
    if (usart->emitter.sink->span != NULL)
        usart->emitter.sink->span(usart->emitter.sink->context, usart->emitter.link, &span);
    usart->run.length = 0;
}

/** Katapult's Connect, with which its tool begins (Katapult's protocol.md): a whole frame, CRC and
 * all. Nothing of ST's protocol is like it. */
static const uint8_t katapult_connect[] = {0x01, 0x88, 0x11, 0x00, 0xf1, 0x7c, 0x99, 0x03};

/** Looks in what is skipped for the protocol of another bootloader. */
static void watch(struct btap_usart *usart, const struct btap_origin *at, uint8_t value)
{
    if (value != katapult_connect[usart->katapult])
        usart->katapult = 0;
    if (value == katapult_connect[usart->katapult])
        usart->katapult++;
    if (usart->katapult < sizeof(katapult_connect))
        return;
    usart->katapult = 0;
    emit_note(&usart->emitter, BTAP_NOTE_OTHER_BOOTLOADER, at, 0, 0, 0);
}

static void count(struct btap_usart_count *counter, const struct btap_origin *at, uint32_t bytes)
{
    if (counter->bytes == 0)
        counter->first = *at;
    counter->bytes += bytes;
}

/** Skips neighbouring bytes of one class. */
static void skip_run(struct btap_usart *usart, const struct btap_origin *at, uint32_t length,
                     enum btap_direction direction, bool text)
{
    const enum btap_field field = text ? BTAP_FIELD_TEXT : BTAP_FIELD_SKIPPED;
    struct btap_usart_run *run = &usart->run;

    count(text ? &usart->text : &usart->skipped, at, length);
    if (!emit_wants_spans(&usart->emitter))
        return;
    if (run->length > 0 && run->packet == at->packet && run->offset + run->length == at->offset &&
        run->direction == direction && run->field == field) {
        run->length += length;
        return;
    }
    usart_flush_run(usart);
    *run = (struct btap_usart_run){
        .packet = at->packet,
        .offset = at->offset,
        .length = length,
        .direction = direction,
        .field = field,
    };
}

void usart_skip(struct btap_usart *usart, const struct usart_bytes *bytes, uint32_t length)
{
    for (uint32_t i = 0; i < length; i++) {
        struct btap_origin at = bytes->at;

        at.offset += i;
        watch(usart, &at, bytes->bytes[i]);
        skip_run(usart, &at, 1, bytes->direction,
                 bytes->direction == BTAP_DEVICE_TO_HOST && usart_is_text(bytes->bytes[i]));
    }
}

static void skip_kept(struct btap_usart *usart, const struct btap_usart_byte *kept)
{
    watch(usart, &kept->at, kept->value);
    skip_run(usart, &kept->at, 1, kept->direction,
             kept->direction == BTAP_DEVICE_TO_HOST && usart_is_text(kept->value));
}

void usart_drop_pending(struct btap_usart *usart, uint8_t keep)
{
    while (usart->pending > keep)
        skip_kept(usart, &usart->recent[2 - usart->pending--]);
}

void usart_push(struct btap_usart *usart, const struct usart_bytes *bytes)
{
    usart_drop_pending(usart, 1);
    usart->recent[0] = usart->recent[1];
    usart_keep(&usart->recent[1], bytes, 0);
    usart->pending++;
}

void usart_flush_counts(struct btap_usart *usart)
{
    usart_flush_run(usart);
    if (usart->text.bytes >= USART_TEXT_MIN)
        emit_note(&usart->emitter, BTAP_NOTE_APPLICATION_TEXT, &usart->text.first,
                  usart->text.bytes, 0, 0);
    else if (usart->text.bytes > 0)
        count(&usart->skipped, &usart->text.first, usart->text.bytes);
    usart->text.bytes = 0;
    if (usart->skipped.bytes > 0)
        emit_note(&usart->emitter, usart->lost ? BTAP_NOTE_OUT_OF_STEP : BTAP_NOTE_SKIPPED_BYTES,
                  &usart->skipped.first, usart->skipped.bytes, 0, 0);
    usart->skipped.bytes = 0;
    usart->lost = false;
}

/** How many of the pending bytes are a sync or a command that an answer may follow; 0 if none. */
static uint8_t answerable(const struct btap_usart *usart)
{
    const struct btap_usart_byte *first = &usart->recent[0];
    const struct btap_usart_byte *second = &usart->recent[1];

    if (usart->pending == 2 && first->direction == second->direction) {
        if (first->value == SYNC_BYTE && second->value == SYNC_BYTE)
            return 2;
        if ((first->value ^ second->value) == 0xff && usart_command(first->value) != NULL)
            return 2;
    }
    return usart->pending > 0 && second->value == SYNC_BYTE ? 1 : 0;
}

/**
 * Whether a byte may answer the pending ones, going by who sent them. Swapped directions show
 * here; so do merged ones, which only a capture of a single direction can have.
 */
static bool answers_pending(struct btap_usart *usart, const struct usart_bytes *bytes)
{
    const enum btap_direction asked = usart->recent[1].direction;

    if (asked == BTAP_HOST_TO_DEVICE && bytes->direction == BTAP_DEVICE_TO_HOST)
        return true;
    if (asked == BTAP_DIRECTION_UNKNOWN)
        return bytes->direction == BTAP_DIRECTION_UNKNOWN;
    if (asked != bytes->direction && bytes->direction != BTAP_DIRECTION_UNKNOWN) {
        usart->view = usart->view == BTAP_USART_SWAPPED ? BTAP_USART_AS_TOLD : BTAP_USART_SWAPPED;
        return true;
    }
    if (asked == bytes->direction && (usart->directions & (usart->directions - 1)) == 0) {
        usart->view = BTAP_USART_MERGED;
        return true;
    }
    return false;
}

uint32_t usart_seek(struct btap_usart *usart, const struct usart_bytes *bytes)
{
    const enum btap_usart_view view = usart->view;
    uint8_t keep = 0;

    if (usart_is_answer(bytes->bytes[0]))
        keep = answerable(usart);
    if (keep == 0 || !answers_pending(usart, bytes)) {
        usart_push(usart, bytes);
        return 1;
    }
    usart_drop_pending(usart, keep);
    if (usart->view != view && usart->view != BTAP_USART_AS_TOLD)
        emit_note(&usart->emitter,
                  usart->view == BTAP_USART_SWAPPED ? BTAP_NOTE_DIRECTIONS_SWAPPED
                                                    : BTAP_NOTE_DIRECTIONS_MERGED,
                  &usart->recent[2 - keep].at, 0, 0, 0);
    usart_join(usart, bytes);
    return 1;
}
