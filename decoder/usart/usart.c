/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The serial line of the USART bootloader (AN3155): who sent a byte, echo, events.
 */
#include "boottap/usart.h"

#include <string.h>

#include "usart/internal.h"

_Static_assert(sizeof(struct btap_usart) < 4096, "a decoder's state stays under 4 KiB");

void btap_usart_init(struct btap_usart *usart, const struct btap_sink *sink, struct btap_link *link)
{
    memset(usart, 0, sizeof(*usart));
    emit_init(&usart->emitter, sink, link);
    usart->fresh = true;
}

/* Echo */

static void keep_for_echo(struct btap_usart *usart, const uint8_t *bytes, uint32_t length)
{
    if (usart->echo == BTAP_USART_ECHO_OFF || length == 0)
        return;
    for (uint32_t i = 0; i < length; i++)
        usart->ring[usart->ring_end++ % BTAP_USART_RING] = bytes[i];
    usart->echo_due += length;
    usart->echo_matched = false;
}

/** Whether a byte of the device's side is the host's oldest one that has not come back yet. */
static bool comes_back(const struct btap_usart *usart, uint8_t value)
{
    return usart->echo_due > BTAP_USART_RING ||
           usart->ring[(usart->ring_end - usart->echo_due) % BTAP_USART_RING] == value;
}

/** How many of the device's bytes are echo of the host's, and whether there is echo at all. */
static uint32_t echoed(struct btap_usart *usart, const struct usart_bytes *bytes)
{
    uint32_t length = 0;

    while (length < bytes->length && usart->echo_due > 0 &&
           comes_back(usart, bytes->bytes[length])) {
        usart->echo_due--;
        length++;
    }
    if (length == bytes->length || usart->echo_due == 0)
        return length;
    if (length == 0 && !usart->echo_matched)
        usart->echo = BTAP_USART_ECHO_OFF;
    usart->echo_due = 0;
    return length;
}

static uint32_t take_echo(struct btap_usart *usart, const struct usart_bytes *bytes)
{
    const uint32_t length = echoed(usart, bytes);
    struct btap_span span = {
        .packet = bytes->at.packet,
        .offset = bytes->at.offset,
        .length = length,
        .direction = bytes->direction,
        .field = BTAP_FIELD_ECHO,
        .bytes = bytes->bytes,
        .last = true,
    };

    if (length == 0)
        return 0;
    usart->echo = BTAP_USART_ECHO_ON;
    usart->echo_matched = true;
    usart_flush_run(usart);
    emit_span(&usart->emitter, &span);
    if (!usart->echo_told)
        emit_note(&usart->emitter, BTAP_NOTE_ECHO, &bytes->at, 0, 0, 0);
    usart->echo_told = true;
    return length;
}

/* Directions */

#define BOTH_DIRECTIONS (1 << BTAP_HOST_TO_DEVICE | 1 << BTAP_DEVICE_TO_HOST)

static enum btap_direction told_direction(const struct btap_usart *usart,
                                          enum btap_direction direction)
{
    if (usart->view == BTAP_USART_MERGED)
        return BTAP_DIRECTION_UNKNOWN;
    if (usart->view == BTAP_USART_SWAPPED && direction != BTAP_DIRECTION_UNKNOWN)
        return direction == BTAP_HOST_TO_DEVICE ? BTAP_DEVICE_TO_HOST : BTAP_HOST_TO_DEVICE;
    return direction;
}

/** Whether the host seems to answer itself, in a capture that knows one direction only. */
static bool shows_merged(const struct btap_usart *usart, const struct usart_bytes *bytes)
{
    return usart->view == BTAP_USART_AS_TOLD && usart->directions == 1 << BTAP_HOST_TO_DEVICE &&
           usart->state == BTAP_USART_STEPS && usart->step->kind == USART_ANSWER &&
           usart_is_answer(bytes->bytes[0]);
}

static void infer_sender(const struct btap_usart *usart, struct usart_bytes *bytes)
{
    bytes->direction = usart_sender(usart, bytes->bytes[0]);
    /* Within a field the sender is sure; elsewhere each byte is looked at on its own. */
    if (usart->state != BTAP_USART_STEPS || usart->step->kind == USART_ANSWER)
        bytes->length = 1;
}

static uint32_t take_bytes(struct btap_usart *usart, struct usart_bytes *bytes)
{
    enum btap_usart_view view;
    uint32_t taken;

    if (shows_merged(usart, bytes)) {
        usart->view = BTAP_USART_MERGED;
        emit_note(&usart->emitter, BTAP_NOTE_DIRECTIONS_MERGED, &bytes->at, 0, 0, 0);
    }
    view = usart->view;
    bytes->direction = told_direction(usart, bytes->direction);
    if (bytes->direction == BTAP_DIRECTION_UNKNOWN)
        infer_sender(usart, bytes);
    switch (bytes->direction) {
    case BTAP_HOST_TO_DEVICE:
        taken = usart_host(usart, bytes);
        if (usart->view == view)
            keep_for_echo(usart, bytes->bytes, taken);
        else
            usart->echo_due = 0;
        return taken;
    case BTAP_DEVICE_TO_HOST:
        taken = usart->echo_due > 0 ? take_echo(usart, bytes) : 0;
        return taken > 0 ? taken : usart_device(usart, bytes);
    case BTAP_DIRECTION_UNKNOWN:
        break;
    }
    usart->fresh = false;
    return usart_seek(usart, bytes);
}

void btap_usart_chunk(struct btap_usart *usart, const struct btap_serial_chunk *chunk)
{
    usart->chunk = chunk;
    usart->directions |= (uint8_t)(1 << chunk->direction);
    if (usart->view == BTAP_USART_MERGED && usart->directions == BOTH_DIRECTIONS)
        usart->view = BTAP_USART_AS_TOLD;
    for (uint32_t i = 0; i < chunk->length;) {
        struct usart_bytes bytes = {
            .bytes = chunk->bytes + i,
            .length = chunk->length - i,
            .direction = chunk->direction,
            .at.packet = chunk->at.packet,
            .at.offset = chunk->at.offset + i,
            .at.time = chunk->at.time,
        };

        i += take_bytes(usart, &bytes);
    }
    if (usart->run.length > 0)
        usart_flush_run(usart);
    usart->chunk = NULL;
}

/* Events */

static bool fits_bootloader(const struct btap_serial_settings *settings)
{
    return (settings->parity == BTAP_PARITY_EVEN || settings->parity == BTAP_PARITY_UNKNOWN) &&
           (settings->data_bits == 8 || settings->data_bits == 0);
}

static void take_settings(struct btap_usart *usart, const struct btap_serial_settings *settings)
{
    const struct btap_serial_settings *before = &usart->settings;
    const bool same = before->baud == settings->baud && before->parity == settings->parity &&
                      before->data_bits == settings->data_bits;

    /* AN3155 section 1: 8 data bits, even parity. */
    if (fits_bootloader(settings))
        usart->settings_wrong = false;
    else if (!same)
        usart->settings_wrong = true;
    usart->settings = *settings;
}

/** A host that opens the port or moves its lines begins anew. */
static void start_afresh(struct btap_usart *usart)
{
    if (usart->state == BTAP_USART_SEEKING)
        usart->fresh = true;
}

static void take_lines(struct btap_usart *usart, const struct btap_serial_event *event)
{
    const uint8_t told = event->lines_known & (BTAP_LINE_DTR | BTAP_LINE_RTS);
    const uint8_t changed = (usart->lines ^ event->lines) & told;
    /* What an adapter is told is the host's doing; a recorder also tells what always was so. */
    const uint8_t before =
        usart->emitter.link->kind == BTAP_LINK_USB_SERIAL ? told : usart->lines_known;

    if (changed)
        start_afresh(usart);
    if ((changed & before) && usart->lines_moved_packet == 0)
        usart->lines_moved_packet = event->at.packet;
    usart->lines_known |= told;
    usart->lines =
        (uint8_t)((usart->lines & ~event->lines_known) | (event->lines & event->lines_known));
}

void btap_usart_event(struct btap_usart *usart, const struct btap_serial_event *event)
{
    const enum btap_direction direction = told_direction(usart, event->direction);
    struct btap_emitter *emitter = &usart->emitter;

    switch (event->kind) {
    case BTAP_SERIAL_PARITY_ERROR:
        emit_note(emitter, BTAP_NOTE_PARITY_ERROR, &event->at, 0, 0, 0);
        break;
    case BTAP_SERIAL_FRAMING_ERROR:
        emit_note(emitter, BTAP_NOTE_FRAMING_ERROR, &event->at, 0, 0, 0);
        break;
    case BTAP_SERIAL_BREAK:
        emit_note(emitter, BTAP_NOTE_BREAK, &event->at, 0, 0, 0);
        break;
    case BTAP_SERIAL_OVERFLOW:
        emit_note(emitter, BTAP_NOTE_OVERFLOW, &event->at, 0, 0, 0);
        usart_lose(usart, direction, 0);
        break;
    case BTAP_SERIAL_LOST:
        emit_note(emitter, BTAP_NOTE_BYTES_LOST, &event->at, event->count, 0, 0);
        usart_lose(usart, direction, event->count);
        break;
    case BTAP_SERIAL_LINES:
        take_lines(usart, event);
        break;
    case BTAP_SERIAL_SETTINGS:
        take_settings(usart, &event->settings);
        start_afresh(usart);
        break;
    }
}

void btap_usart_disconnected(struct btap_usart *usart, const struct btap_origin *at)
{
    if (usart->emitter.open)
        emit_touch(&usart->emitter, at);
    usart_close(usart, BTAP_DISCONNECTED);
    usart->engaged = false;
    usart->state = BTAP_USART_SEEKING;
    usart->fresh = true;
}

void btap_usart_finish(struct btap_usart *usart)
{
    usart_close(usart, BTAP_INCOMPLETE);
}

struct btap_serial_port btap_usart_port(const struct btap_usart *usart)
{
    return (struct btap_serial_port){
        .parity_even = usart->settings.parity == BTAP_PARITY_EVEN,
        /* RTAC records cannot tell "not known" from "inactive": an open port has one active. */
        .lines_known = usart->lines_moved_packet != 0 ||
                       (usart->lines & usart->lines_known & (BTAP_LINE_DTR | BTAP_LINE_RTS)) != 0,
        .moved_packet = usart->lines_moved_packet,
    };
}
