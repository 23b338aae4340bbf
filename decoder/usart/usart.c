/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The serial line of the USART bootloader (AN3155): who sent a byte, echo, events.
 */
#include "boottap/usart.h"

#include <string.h>

#include "usart/conversation.h"
#include "usart/reply.h"
#include "usart/skip.h"
#include "usart/steps.h"

_Static_assert(sizeof(struct btap_usart) < 4096, "a decoder's state stays under 4 KiB");

void btap_usart_init(struct btap_usart *usart, const struct btap_sink *sink, struct btap_link *link)
{
    memset(usart, 0, sizeof(*usart));
    emit_init(&usart->emitter, sink, link);
    usart->state = BTAP_USART_FRESH;
}

/* Echo */

static void keep_for_echo(struct btap_usart_echo *echo, const uint8_t *bytes, uint32_t length)
{
    if (echo->mode == BTAP_USART_ECHO_OFF || length == 0)
        return;
    for (uint32_t i = 0; i < length; i++)
        echo->ring[echo->sent++ % BTAP_USART_RING] = bytes[i];
    echo->due += length;
    echo->matched = false;
}

/** Whether a byte of the device's side is the host's oldest one that has not come back yet. */
static bool comes_back(const struct btap_usart_echo *echo, uint8_t value)
{
    return echo->due > BTAP_USART_RING ||
           echo->ring[(echo->sent - echo->due) % BTAP_USART_RING] == value;
}

/** How many of the device's bytes are echo of the host's. */
static uint32_t echoed(struct btap_usart_echo *echo, const struct usart_bytes *bytes)
{
    uint32_t length = 0;

    while (length < bytes->length && echo->due > 0 && comes_back(echo, bytes->bytes[length])) {
        echo->due--;
        length++;
    }
    if (length == 0 && !echo->matched)
        echo->mode = BTAP_USART_ECHO_OFF;
    if (length < bytes->length)
        echo->due = 0;
    return length;
}

static uint32_t consume_echo(struct btap_usart *usart, const struct usart_bytes *bytes)
{
    struct btap_usart_echo *echo = &usart->echo;
    const uint32_t length = echo->due > 0 ? echoed(echo, bytes) : 0;

    if (length == 0)
        return 0;
    usart_span(usart, bytes, length, BTAP_FIELD_ECHO, 0, true, false);
    if (echo->mode != BTAP_USART_ECHO_ON)
        usart_note(usart, BTAP_NOTE_ECHO, &bytes->at, 0, 0);
    echo->mode = BTAP_USART_ECHO_ON;
    echo->matched = true;
    return length;
}

/* Directions */

#define BOTH_DIRECTIONS (1 << BTAP_HOST_TO_DEVICE | 1 << BTAP_DEVICE_TO_HOST)

static enum btap_direction seen_as(enum btap_usart_view view, enum btap_direction direction)
{
    if (view == BTAP_USART_MERGED)
        return BTAP_DIRECTION_UNKNOWN;
    if (view == BTAP_USART_SWAPPED && direction != BTAP_DIRECTION_UNKNOWN)
        return direction == BTAP_HOST_TO_DEVICE ? BTAP_DEVICE_TO_HOST : BTAP_HOST_TO_DEVICE;
    return direction;
}

/** The host seems to answer itself, in a capture that knows one direction only. */
static void detect_merged(struct btap_usart *usart, const struct usart_bytes *bytes)
{
    struct btap_usart_line *line = &usart->line;

    if (line->view != BTAP_USART_AS_GIVEN || line->directions != 1 << BTAP_HOST_TO_DEVICE ||
        !usart_expects_answer(usart) || !usart_is_answer(bytes->bytes[0]))
        return;
    line->view = BTAP_USART_MERGED;
    usart_note(usart, BTAP_NOTE_DIRECTIONS_MERGED, &bytes->at, 0, 0);
}

static uint32_t consume(struct btap_usart *usart, struct usart_bytes *bytes)
{
    enum btap_usart_view view;
    uint32_t used;

    detect_merged(usart, bytes);
    view = usart->line.view;
    bytes->direction = seen_as(view, bytes->direction);
    if (bytes->direction == BTAP_DIRECTION_UNKNOWN) {
        bytes->direction = usart_sender(usart, bytes->bytes[0]);
        /* Within a field the sender is sure; elsewhere each byte is looked at on its own. */
        if (usart->state != BTAP_USART_COMMAND || usart_expects_answer(usart))
            bytes->length = 1;
    }
    switch (bytes->direction) {
    case BTAP_HOST_TO_DEVICE:
        if (usart_reply_consume(usart, bytes) > 0)
            return 1;
        used = usart_host(usart, bytes);
        if (usart->line.view == view)
            keep_for_echo(&usart->echo, bytes->bytes, used);
        else
            usart->echo.due = 0;
        return used;
    case BTAP_DEVICE_TO_HOST:
        used = consume_echo(usart, bytes);
        if (used > 0)
            return used;
        used = usart_device(usart, bytes);
        usart_reply_expect(usart, bytes, used);
        return used;
    case BTAP_DIRECTION_UNKNOWN:
        break;
    }
    return usart_either(usart, bytes);
}

void btap_usart_chunk(struct btap_usart *usart, const struct btap_serial_chunk *chunk)
{
    struct btap_usart_line *line = &usart->line;

    usart->chunk = chunk;
    line->directions |= (uint8_t)(1 << chunk->direction);
    if (line->view == BTAP_USART_MERGED && line->directions == BOTH_DIRECTIONS)
        line->view = BTAP_USART_AS_GIVEN;
    for (uint32_t i = 0; i < chunk->length;) {
        struct usart_bytes bytes = {
            .bytes = chunk->bytes + i,
            .length = chunk->length - i,
            .direction = chunk->direction,
            .at.packet = chunk->at.packet,
            .at.offset = chunk->at.offset + i,
            .at.time = chunk->at.time,
        };

        i += consume(usart, &bytes);
    }
    usart_skip_end_run(usart);
    usart->chunk = NULL;
}

/* Events */

static bool fits_bootloader(const struct btap_serial_settings *settings)
{
    return (settings->parity == BTAP_PARITY_EVEN || settings->parity == BTAP_PARITY_UNKNOWN) &&
           (settings->data_bits == 8 || settings->data_bits == 0);
}

static void note_settings(struct btap_usart_line *line, const struct btap_serial_settings *settings)
{
    const struct btap_serial_settings *before = &line->settings;
    const bool same = before->baud == settings->baud && before->parity == settings->parity &&
                      before->data_bits == settings->data_bits;

    /* AN3155 section 1: 8 data bits, even parity. */
    if (fits_bootloader(settings))
        line->settings_wrong = false;
    else if (!same)
        line->settings_wrong = true;
    line->settings = *settings;
}

/** A host that opens the port or moves its lines begins anew. */
static void start_afresh(struct btap_usart *usart)
{
    if (usart->state == BTAP_USART_SEEKING || usart->state == BTAP_USART_STARTED)
        usart->state = BTAP_USART_FRESH;
}

static void note_lines(struct btap_usart *usart, const struct btap_serial_event *event)
{
    struct btap_usart_line *line = &usart->line;
    const uint8_t known = event->lines_known & (BTAP_LINE_DTR | BTAP_LINE_RTS);
    const uint8_t changed = (line->levels ^ event->lines) & known;
    /* What an adapter is sent is the host's doing; a recorder also says what always was so. */
    const uint8_t before =
        usart->emitter.link->kind == BTAP_LINK_USB_SERIAL ? known : line->levels_known;

    if (changed)
        start_afresh(usart);
    if (changed && (event->lines & (BTAP_LINE_DTR | BTAP_LINE_RTS)) == 0)
        line->closed_packet = event->at.packet;
    if ((changed & before) && line->moved_packet == 0)
        line->moved_packet = event->at.packet;
    line->levels_known |= known;
    line->levels =
        (uint8_t)((line->levels & ~event->lines_known) | (event->lines & event->lines_known));
}

void btap_usart_event(struct btap_usart *usart, const struct btap_serial_event *event)
{
    const enum btap_direction direction = seen_as(usart->line.view, event->direction);
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
        note_lines(usart, event);
        break;
    case BTAP_SERIAL_SETTINGS:
        note_settings(&usart->line, &event->settings);
        usart->line.closed_packet = event->at.packet;
        start_afresh(usart);
        break;
    case BTAP_SERIAL_TIMEOUT:
        usart_tool_timed_out(usart, &event->at);
        break;
    case BTAP_SERIAL_COMMAND:
        usart_tool_begins(usart, &event->at);
        break;
    }
}

void btap_usart_disconnected(struct btap_usart *usart, const struct btap_origin *at)
{
    if (usart->emitter.open)
        emit_touch(&usart->emitter, at);
    usart_close(usart, BTAP_DISCONNECTED);
}

void btap_usart_finish(struct btap_usart *usart)
{
    const struct btap_usart_step *step = usart->command.step;
    const bool due = usart->state == BTAP_USART_COMMAND && usart->emitter.open &&
                     step->from == BTAP_DEVICE_TO_HOST && !usart->frame.gap;

    if (due && emit_lacks(&usart->emitter, BTAP_LACKS_REPLIES) && !usart->command.unlogged)
        usart_note(usart, BTAP_NOTE_ANSWER_NOT_LOGGED, &usart->recent.byte[1].at, 0, 0);
    usart_close(usart, due ? emit_status_at_end(&usart->emitter) : BTAP_INCOMPLETE);
}

struct btap_serial_port btap_usart_port(const struct btap_usart *usart)
{
    const struct btap_usart_line *line = &usart->line;

    return (struct btap_serial_port){
        .parity_even = line->settings.parity == BTAP_PARITY_EVEN,
        /* RTAC records cannot tell "not known" from "inactive": an open port has one active. */
        .lines_known = line->moved_packet != 0 || (line->levels & line->levels_known) != 0,
        .moved_packet = line->moved_packet,
        .closed_packet = line->closed_packet,
        .settings = line->settings,
    };
}
