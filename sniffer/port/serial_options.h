/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * How a serial port is to be opened.
 */
#ifndef SNIFFER_PORT_SERIAL_OPTIONS_H
#define SNIFFER_PORT_SERIAL_OPTIONS_H

#include <stdbool.h>

#include "boottap/event.h"

enum serial_access {
    SERIAL_LISTENS, /**< opened for reading only: nothing can be sent */
    SERIAL_TALKS,
};

/** How to open a port. */
struct serial_options {
    enum serial_access access;
    struct btap_serial_settings settings;
    /** Bytes with errors, and breaks, are marked among the bytes that are read (port/marks.h). A
     * pseudo-terminal has none and marks nothing: ask serial_marks(). */
    bool marks;
};

#endif
