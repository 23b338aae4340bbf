/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What a marked byte (port/marks.h) came with: the mark tells where, the driver's counters tell
 * what. Some drivers have the one, some the other.
 */
#ifndef SNIFFER_PORT_LINE_ERRORS_H
#define SNIFFER_PORT_LINE_ERRORS_H

#include "port/serial.h"

enum line_error {
    LINE_ERROR_NONE, /**< nothing that was not told already */
    LINE_ERROR_PARITY,
    LINE_ERROR_FRAMING,
    LINE_ERROR_BREAK, /**< it is no byte */
};

struct line_errors {
    bool counts;                   /**< the driver does */
    struct serial_counters before; /**< counts that were told of */
};

/** Starts with a port that was opened. */
void line_errors_start(struct line_errors *errors, const struct serial *serial);

/** What was counted and not told of yet. */
struct serial_counters line_errors_ask(const struct line_errors *errors,
                                       const struct serial *serial);

/**
 * What a marked byte came with; it takes one from what happened, and puts it to what was told.
 * What was not counted is a break if it is a 0, and a parity error else: the usual ones.
 *
 * @param follows the byte before was marked, too: an FTDI adapter marks all of a packet for one
 *        error in it
 */
enum line_error line_errors_name(struct line_errors *errors, struct serial_counters *happened,
                                 uint8_t byte, bool follows);

#endif
