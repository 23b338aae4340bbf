/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * One line of a logic analyser: its edges are held back until they show what is spoken on it, and
 * become characters then. What is spoken may change later, as tools try one rate after the other.
 */
#ifndef SNIFFER_LEVELS_LINE_H
#define SNIFFER_LEVELS_LINE_H

#include "levels/detect.h"

/** Edges that a line holds back at most. */
#define LEVELS_HELD_MAX 4096

/** What a line said. */
struct levels_event {
    bool settings; /**< rate and framing are other ones from here on: format; else a character */
    bool parity_known; /**< format's is no guess */
    struct uart_format format;
    struct uart_character character;
};

/** Start with zero, then levels_line_start(); levels_line_release() at the end. */
struct levels_line {
    bool high;     /**< the level in front of the first edge that is held */
    bool started;  /**< that is known */
    bool is_uart;  /**< uart is set up, format and parity_known tell how */
    bool is_noise; /**< much was looked at, and it was no UART's */
    bool parity_known;
    uint64_t edges; /**< that there were in all */
    uint64_t skip;  /**< edges that are not looked at, as so many were in vain */
    uint64_t vain;
    struct uart uart;
    size_t held_length;
    struct levels_edge *held; /**< LEVELS_HELD_MAX of them; NULL: there was none yet */
    size_t events_length;
    size_t events_room;
    struct levels_event *events; /**< the caller takes them, and sets events_length to 0 */
};

/** @param high the level that it begins with */
void levels_line_start(struct levels_line *line, bool high);

/**
 * The line changes, or does not: a level that is there already is none.
 *
 * @return whether so many edges are held back that levels_line_settle() must be called
 */
bool levels_line_edge(struct levels_line *line, int64_t at_ps, bool high);

/** The level of the line after all edges. */
bool levels_line_high(const struct levels_line *line);

/**
 * Makes characters of all edges that are held back.
 *
 * @param until_ps nothing changed since up to then
 * @param ends nothing more comes
 * @param hint the format of another line; NULL: none
 * @return whether it is a UART's, as far as is known
 */
bool levels_line_settle(struct levels_line *line, int64_t until_ps, bool ends,
                        const struct uart_format *hint);

void levels_line_release(struct levels_line *line);

#endif
