/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "replay/usart_line.h"

#include <string.h>

#include "base/clock.h"

/** Stray bytes that an answer may follow, and characters of text among them; more are another
 * conversation. As the decoder has it. */
#define STRAYS_MAX 3
#define TEXT_MAX   1

/** What a line that sends all the time is given before it is taken as it is. */
#define DRAIN_MAX (64 * 1024)

static bool is_text(uint8_t byte)
{
    return (byte >= 0x20 && byte <= 0x7e) || byte == '\r' || byte == '\n' || byte == '\t' ||
           byte == 0x1b;
}

bool usart_line_send(struct usart_line *line, const uint8_t *bytes, size_t length)
{
    const struct wire_message message = {.kind = WIRE_BYTES, .bytes = bytes, .length = length};

    memcpy(line->sent, bytes, length);
    line->sent_length = length;
    line->echo_due = line->echoes ? length : 0;
    return gate_send(line->gate, &message) == WIRE_DONE;
}

/** Takes away what of the bytes received is an echo. */
static void skip_echo(struct usart_line *line)
{
    const struct wire_received *received = &line->received;

    /* No bootloader answers 0x7F: it is what a line that echoes shows first. */
    if (line->echo_due == 0 && line->sent_length == 1 && line->sent[0] == USART_SYNC_BYTE &&
        line->used < received->length && received->bytes[line->used] == USART_SYNC_BYTE) {
        line->echoes = true;
        line->echo_due = 1;
    }
    while (line->echo_due > 0 && line->used < received->length) {
        if (received->bytes[line->used] != line->sent[line->sent_length - line->echo_due]) {
            line->echo_due = 0;
            return;
        }
        line->used++;
        line->echo_due--;
    }
}

/** Waits for bytes that are no echo. */
static enum wire_result fill(struct usart_line *line, btap_ns deadline)
{
    while (line->used == line->received.length) {
        enum wire_result result;

        line->used = 0;
        line->received.length = 0;
        result = gate_receive(line->gate, &line->received, deadline);
        if (result != WIRE_DONE) {
            line->received.length = 0;
            return result;
        }
        skip_echo(line);
    }
    return WIRE_DONE;
}

enum wire_result usart_line_receive(struct usart_line *line, uint8_t *bytes, size_t size,
                                    size_t *length, btap_ns deadline)
{
    const enum wire_result result = fill(line, deadline);

    if (result != WIRE_DONE)
        return result;
    *length = line->received.length - line->used;
    if (*length > size)
        *length = size;
    memcpy(bytes, line->received.bytes + line->used, *length);
    line->used += *length;
    return WIRE_DONE;
}

enum line_reply usart_line_answer(struct usart_line *line, btap_ns deadline)
{
    unsigned strays = 0;
    unsigned text = 0;

    for (;;) {
        const enum wire_result result = fill(line, deadline);
        uint8_t byte;

        if (result == WIRE_GONE)
            return LINE_GONE;
        if (result == WIRE_QUIET)
            return strays > 0 ? LINE_OTHER : LINE_QUIET;
        byte = line->received.bytes[line->used++];
        if (byte == USART_ACK_BYTE)
            return LINE_ACK;
        if (byte == USART_NACK_BYTE)
            return LINE_NACK;
        text += is_text(byte) ? 1 : 0;
        if (++strays > STRAYS_MAX || text > TEXT_MAX)
            return LINE_TALK;
    }
}

bool usart_line_drain(struct usart_line *line, uint8_t *last)
{
    size_t total = 0;

    *last = 0;
    while (total < DRAIN_MAX) {
        const enum wire_result result = fill(line, clock_monotonic());
        uint8_t byte;

        if (result != WIRE_DONE)
            return result == WIRE_QUIET;
        byte = line->received.bytes[line->used++];
        if (byte == USART_ACK_BYTE || byte == USART_NACK_BYTE)
            *last = byte;
        total++;
    }
    return true;
}
