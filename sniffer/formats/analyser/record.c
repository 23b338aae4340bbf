/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "formats/analyser/record.h"

#include "formats/analyser/pair.h"
#include "traffic/serial_record.h"

/** A pause of so many bits ends a record. */
#define PAUSE_BITS 20

btap_ns analyser_ns(const struct analyser *analyser, int64_t ps)
{
    return btap_ns_sum(analyser->origin, ps / LEVELS_PS_PER_NS) / 1000 * 1000;
}

static struct analyser_conversation *conversation_of(struct analyser *analyser,
                                                     const struct analyser_channel *channel)
{
    return &analyser->conversations[channel->conversation];
}

static void send(struct analyser *analyser, struct analyser_conversation *conversation,
                 int64_t at_ps, struct serial_record *record)
{
    const btap_ns time = analyser_ns(analyser, at_ps);

    if (time > conversation->time)
        conversation->time = time;
    record->time = conversation->time;
    record->lines = analyser->control;
    serial_record_send(&analyser->queue->sink, conversation->interface_id, record);
}

static void send_chunk(struct analyser *analyser)
{
    struct analyser_chunk *chunk = &analyser->chunk;
    const struct analyser_channel *channel = &analyser->channels[chunk->channel];
    struct serial_record record = {
        .event = serial_record_event_of(channel->direction),
        .bytes = chunk->bytes,
        .length = chunk->length,
    };

    if (chunk->length == 0)
        return;
    send(analyser, conversation_of(analyser, channel), chunk->start_ps, &record);
    chunk->length = 0;
}

/* Errors come in front of the bytes that they are about. */

static void send_error(struct analyser *analyser, const struct analyser_channel *channel,
                       int64_t at_ps, enum serial_record_event event)
{
    struct serial_record record = {.event = event};

    send_chunk(analyser);
    send(analyser, conversation_of(analyser, channel), at_ps, &record);
}

static void take_character(struct analyser *analyser, size_t number,
                           const struct uart_character *character)
{
    const struct analyser_channel *channel = &analyser->channels[number];
    struct analyser_chunk *chunk = &analyser->chunk;
    const double pause = PAUSE_BITS * channel->line.uart.format.bit_ps;

    if (chunk->channel != number || chunk->length == sizeof(chunk->bytes) ||
        (double)(character->start_ps - chunk->end_ps) > pause)
        send_chunk(analyser);
    if (character->errors & UART_BREAK) {
        send_error(analyser, channel, character->start_ps, SERIAL_RECORD_BREAK);
        return;
    }
    if (character->errors & UART_FRAMING_ERROR)
        send_error(analyser, channel, character->start_ps, SERIAL_RECORD_FRAMING_ERROR);
    if (character->errors & UART_PARITY_ERROR)
        send_error(analyser, channel, character->start_ps, SERIAL_RECORD_PARITY_ERROR);
    if (chunk->length == 0)
        chunk->start_ps = character->start_ps;
    chunk->channel = number;
    chunk->end_ps = character->end_ps;
    chunk->bytes[chunk->length++] = character->value;
}

/** The port is the host's: where its line is known, that line tells. */
static void take_settings(struct analyser *analyser, size_t number,
                          const struct levels_event *event, int64_t at_ps)
{
    const struct analyser_channel *channel = &analyser->channels[number];
    struct analyser_conversation *conversation = conversation_of(analyser, channel);
    struct btap_serial_settings settings = {
        .baud = detect_baud(&event->format),
        .data_bits = event->format.data_bits,
        .parity = event->parity_known ? event->format.parity : BTAP_PARITY_UNKNOWN,
    };
    struct serial_record record = {.event = SERIAL_RECORD_STATUS, .settings = &settings};

    if (conversation->settings.baud == settings.baud &&
        (conversation->settings.parity == settings.parity || !event->parity_known ||
         channel->direction == BTAP_DEVICE_TO_HOST))
        return;
    send_chunk(analyser);
    conversation->settings = settings;
    send(analyser, conversation, at_ps, &record);
}

void analyser_control(struct analyser *analyser, const struct analyser_channel *channel, bool high)
{
    uint8_t line = 0;

    if (channel->use == ANALYSER_DTR)
        line = BTAP_LINE_DTR;
    else if (channel->use == ANALYSER_RTS)
        line = BTAP_LINE_RTS;
    analyser->control = (uint8_t)(high ? analyser->control & ~line : analyser->control | line);
}

static void take_control(struct analyser *analyser, const struct analyser_channel *channel,
                         const struct levels_edge *edge)
{
    struct serial_record record = {.event = SERIAL_RECORD_STATUS};

    send_chunk(analyser);
    analyser_control(analyser, channel, edge->high);
    for (size_t i = 0; i < analyser->conversations_length; i++)
        send(analyser, &analyser->conversations[i], edge->at_ps, &record);
}

static void take(struct analyser *analyser, size_t number, int64_t at_ps)
{
    struct analyser_channel *channel = &analyser->channels[number];
    const size_t taken = channel->taken++;
    const struct levels_event *event;

    if (channel->use != ANALYSER_DATA) {
        take_control(analyser, channel, &channel->line.held[taken]);
        return;
    }
    event = &channel->line.events[taken];
    if (event->settings)
        take_settings(analyser, number, event, at_ps);
    else
        take_character(analyser, number, &event->character);
}

static void forget(struct analyser_channel *channel)
{
    struct levels_line *line = &channel->line;

    channel->taken = 0;
    line->events_length = 0;
    if (channel->use != ANALYSER_DATA && line->held_length > 0) {
        line->high = line->held[line->held_length - 1].high;
        line->held_length = 0;
    }
}

void analyser_record(struct analyser *analyser)
{
    for (;;) {
        int64_t earliest = INT64_MAX;
        size_t number = 0;

        for (size_t i = 0; i < analyser->channels_length; i++) {
            const struct analyser_channel *channel = &analyser->channels[i];
            const int64_t next = analyser_next(channel, channel->taken);

            if (next < earliest) {
                earliest = next;
                number = i;
            }
        }
        if (earliest == INT64_MAX)
            break;
        take(analyser, number, earliest);
    }
    send_chunk(analyser);
    for (size_t i = 0; i < analyser->channels_length; i++)
        forget(&analyser->channels[i]);
}

static void send_packet(void *context, int64_t at_ps, const uint8_t *bytes, size_t length)
{
    struct analyser *analyser = context;
    struct traffic_record record = {
        .time = analyser_ns(analyser, at_ps),
        .direction = BTAP_DIRECTION_UNKNOWN,
        .bytes = bytes,
        .captured = (uint32_t)length,
        .length = (uint32_t)length,
    };

    if (analyser->usb.packets == 1)
        analyser->usb_interface =
            queue_interface(analyser->queue, BTAP_LINKTYPE_USB_2_0_FULL_SPEED, "D+D-", false, 0);
    record.interface_id = analyser->usb_interface;
    analyser->queue->sink.record(analyser->queue->sink.context, &record);
}

void analyser_usb(struct analyser *analyser, const struct analyser_channel *channel, int64_t at_ps,
                  bool high)
{
    const struct levels_usb_sink sink = {analyser, send_packet};
    struct levels_usb *usb = &analyser->usb;

    if (channel->use == ANALYSER_USB_DP)
        levels_usb_level(usb, at_ps, high, usb->dm, &sink);
    else
        levels_usb_level(usb, at_ps, usb->dp, high, &sink);
}
