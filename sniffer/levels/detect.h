/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Rate and framing of a UART line, found from its edges alone: a bit is as long as the shortest
 * pulses that are no glitches, and of the framings that of the bootloader (8 data bits, even
 * parity) is tried first.
 */
#ifndef SNIFFER_LEVELS_DETECT_H
#define SNIFFER_LEVELS_DETECT_H

#include <stddef.h>

#include "levels/uart.h"

/** Slower and faster lines are none. */
#define DETECT_BAUD_MIN 250
#define DETECT_BAUD_MAX 25000000

/** Part of a line. */
struct levels_stretch {
    const struct levels_edge *edges; /**< levels alternate */
    size_t length;
    bool high;        /**< the level before the first one */
    int64_t until_ps; /**< nothing changes up to then */
};

/** How well a format fits. */
struct uart_fit {
    uint32_t good; /**< characters without an error */
    uint32_t bad;  /**< characters with one, glitches */
    uint32_t breaks;
    /** Some character is told from one without parity: its parity bit is 0. */
    bool parity_shows;
    bool structured; /**< some character has edges within, so that it is more than a pulse */
};

/** Tries how well a receiver can go on with a stretch. */
struct uart_fit detect_fit(const struct levels_stretch *stretch, const struct uart *receiver);

/** Whether it fits without an error, and without a break, which another rate may be. */
bool detect_fits_perfectly(const struct uart_fit *fit);

/** Whether it fits so well that no other needs to be looked for. */
bool detect_fits_well(const struct uart_fit *fit);

/**
 * Finds rate and framing.
 *
 * @param hint what is likely, as another line has it; NULL: nothing is known
 * @param[out] format found
 * @param[out] fit of it
 * @return false: this is no UART's line, as far as it shows; nothing is set
 */
bool detect_uart(const struct levels_stretch *stretch, const struct uart_format *hint,
                 struct uart_format *format, struct uart_fit *fit);

/** The rate that is meant: the standard one that a UART would take for it, or a round one. */
uint32_t detect_baud(const struct uart_format *format);

#endif
