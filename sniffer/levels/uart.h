/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A UART's receiver in software: the edges of one line in, characters out, with what is wrong with
 * them. Rate and framing are given; levels/detect.h finds them.
 *
 * Times are picoseconds from any origin: whole nanoseconds are too coarse for samples at 24 MHz.
 */
#ifndef SNIFFER_LEVELS_UART_H
#define SNIFFER_LEVELS_UART_H

#include <stdbool.h>
#include <stdint.h>

#include "boottap/event.h"

#define LEVELS_PS_PER_S  INT64_C(1000000000000)
#define LEVELS_PS_PER_NS 1000

/** A change of a line. */
struct levels_edge {
    int64_t at_ps;
    bool high; /**< from here on */
};

/** Rate and framing of a line. */
struct uart_format {
    double bit_ps;           /**< length of a bit, more than 0 */
    uint8_t data_bits;       /**< 5 to 8 */
    enum btap_parity parity; /**< none, odd or even */
    bool inverted;           /**< the line is low where it is idle */
};

/** What is wrong with a character, bits of a set. */
enum uart_error {
    UART_PARITY_ERROR = 1 << 0,
    UART_FRAMING_ERROR = 1 << 1, /**< no stop bit where one is due */
    UART_BREAK = 1 << 2,         /**< no bit of it is set, the stop bit neither: no character */
};

struct uart_character {
    int64_t start_ps; /**< the edge that begins its start bit */
    int64_t end_ps;   /**< of its stop bit */
    uint8_t value;
    uint8_t errors;  /**< set of enum uart_error */
    uint8_t edges;   /**< of the line within it, the first one included; 255: that or more */
    bool parity_bit; /**< its level; false without parity */
};

/** Takes the characters. */
struct uart_sink {
    void *context;
    void (*character)(void *context, const struct uart_character *character);
};

/** A receiver. To be set up by uart_start(); a plain copy is a receiver in the same state. */
struct uart {
    struct uart_format format;
    bool mark;      /**< the line's state, idle or 1 */
    bool receiving; /**< a character */
    bool stuck;     /**< no stop bit came: nothing starts before the line is idle again */
    bool held;      /**< an edge is not believed yet: its pulse may be a glitch */
    bool held_mark; /**< the state behind it */
    int64_t held_ps;
    uint8_t bit;       /**< that is sampled next, 0 the start bit */
    uint32_t ones;     /**< of data and parity */
    uint64_t glitches; /**< pulses too short for a bit, and start bits that did not last */
    struct uart_character character; /**< that is received */
};

/** @param high the line's level before the first edge */
void uart_start(struct uart *uart, const struct uart_format *format, bool high);

/**
 * The line changes.
 *
 * @param edge none earlier than those before; a level that is there already changes nothing
 */
void uart_edge(struct uart *uart, const struct levels_edge *edge, const struct uart_sink *sink);

/** Nothing changed up to this time: characters that are over by then come out. */
void uart_until(struct uart *uart, int64_t at_ps, const struct uart_sink *sink);

/** Nothing more will come. A character whose end is idle is taken as whole. */
void uart_end(struct uart *uart, const struct uart_sink *sink);

#endif
