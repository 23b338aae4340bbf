/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A terminal's settings by the kernel's own interface (struct termios2), which knows any rate and
 * not only those that have a name in termios.h. On the master of a pseudo-terminal the functions
 * act on its slave. errno says what went wrong where one returns false.
 */
#ifndef SNIFFER_PORT_TERMIOS2_H
#define SNIFFER_PORT_TERMIOS2_H

#include <stdbool.h>

#include "boottap/event.h"

/** Framing from c_cflag; baud stays. */
void termios2_framing(unsigned int cflag, struct btap_serial_settings *settings);

/** What is in force. */
bool termios2_settings(int fd, struct btap_serial_settings *settings);

/** Sets rate and framing at once, without waiting for bytes that are on their way. */
bool termios2_configure(int fd, const struct btap_serial_settings *settings);

/** How bytes pass. */
enum termios2_mode {
    TERMIOS2_RAW,    /**< as they are; a read takes what is there */
    TERMIOS2_MARKED, /**< likewise, but those with errors, and breaks, are marked: port/marks.h */
    /** likewise, and every change of the slave's settings is told to the master in packet mode */
    TERMIOS2_TOLD,
};

/** Sets a mode, and leaves rate and framing alone. Lines stay as they are on closing. */
bool termios2_set_mode(int fd, enum termios2_mode mode);

#endif
