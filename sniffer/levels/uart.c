/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "levels/uart.h"

/** A pulse that is shorter than a bit by this factor is no bit, whatever the rate is off by. */
#define GLITCH_PART 4

void uart_start(struct uart *uart, const struct uart_format *format, bool high)
{
    *uart = (struct uart){.format = *format, .mark = high != format->inverted};
}

/** Where the stop bit is counted, from the start bit as 0. */
static uint8_t stop_bit(const struct uart_format *format)
{
    return (uint8_t)(1 + format->data_bits + (format->parity != BTAP_PARITY_NONE));
}

/** When the next bit is looked at: in its middle. */
static int64_t sample_time(const struct uart *uart)
{
    return uart->character.start_ps + (int64_t)((uart->bit + 0.5) * uart->format.bit_ps);
}

static bool parity_wrong(const struct uart *uart)
{
    switch (uart->format.parity) {
    case BTAP_PARITY_EVEN:
        return uart->ones % 2 != 0;
    case BTAP_PARITY_ODD:
        return uart->ones % 2 == 0;
    case BTAP_PARITY_UNKNOWN:
    case BTAP_PARITY_NONE:
    case BTAP_PARITY_MARK:
    case BTAP_PARITY_SPACE:
        break;
    }
    return false;
}

/** The stop bit is there, or is not. */
static void finish(struct uart *uart, const struct uart_sink *sink)
{
    struct uart_character *character = &uart->character;

    uart->receiving = false;
    character->end_ps =
        character->start_ps + (int64_t)((stop_bit(&uart->format) + 1) * uart->format.bit_ps);
    if (!uart->mark) {
        uart->stuck = true;
        character->errors = uart->ones == 0 ? UART_BREAK : UART_FRAMING_ERROR;
    }
    if (character->errors != UART_BREAK && parity_wrong(uart))
        character->errors |= UART_PARITY_ERROR;
    sink->character(sink->context, character);
}

static void sample(struct uart *uart, const struct uart_sink *sink)
{
    const uint8_t bit = uart->bit++;

    if (bit == 0) {
        if (uart->mark) {
            uart->receiving = false;
            uart->glitches++;
        }
        return;
    }
    if (bit == stop_bit(&uart->format)) {
        finish(uart, sink);
        return;
    }
    uart->ones += uart->mark;
    if (bit <= uart->format.data_bits)
        uart->character.value = (uint8_t)(uart->character.value | uart->mark << (bit - 1));
    else
        uart->character.parity_bit = uart->mark;
}

static void sample_until(struct uart *uart, int64_t at_ps, const struct uart_sink *sink)
{
    while (uart->receiving && sample_time(uart) < at_ps)
        sample(uart, sink);
}

/** A change that is no glitch. */
static void change(struct uart *uart, int64_t at_ps, bool mark, const struct uart_sink *sink)
{
    sample_until(uart, at_ps, sink);
    uart->mark = mark;
    if (uart->receiving) {
        if (uart->character.edges < UINT8_MAX)
            uart->character.edges++;
    } else if (mark) {
        uart->stuck = false;
    } else if (!uart->stuck) {
        uart->receiving = true;
        uart->bit = 0;
        uart->ones = 0;
        uart->character = (struct uart_character){.start_ps = at_ps, .edges = 1};
    }
}

static void believe(struct uart *uart, const struct uart_sink *sink)
{
    if (uart->held)
        change(uart, uart->held_ps, uart->held_mark, sink);
    uart->held = false;
}

static bool is_glitch(const struct uart *uart, int64_t at_ps)
{
    return (double)(at_ps - uart->held_ps) * GLITCH_PART < uart->format.bit_ps;
}

void uart_edge(struct uart *uart, const struct levels_edge *edge, const struct uart_sink *sink)
{
    const bool mark = edge->high != uart->format.inverted;

    if (mark == (uart->held ? uart->held_mark : uart->mark))
        return;
    if (uart->held && is_glitch(uart, edge->at_ps)) {
        uart->held = false;
        uart->glitches++;
        return;
    }
    believe(uart, sink);
    uart->held = true;
    uart->held_ps = edge->at_ps;
    uart->held_mark = mark;
}

void uart_until(struct uart *uart, int64_t at_ps, const struct uart_sink *sink)
{
    if (uart->held && !is_glitch(uart, at_ps))
        believe(uart, sink);
    sample_until(uart, uart->held ? uart->held_ps : at_ps, sink);
}

void uart_end(struct uart *uart, const struct uart_sink *sink)
{
    believe(uart, sink);
    if (uart->mark)
        sample_until(uart, INT64_MAX, sink);
}
