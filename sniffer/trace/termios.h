/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The kernel's struct termios and struct termios2, which the C library's is not.
 */
#ifndef SNIFFER_TRACE_TERMIOS_H
#define SNIFFER_TRACE_TERMIOS_H

#include "trace/call.h"

/** What an ioctl does with terminal settings. */
enum termios_request {
    TERMIOS_NONE,      /**< nothing */
    TERMIOS_GET,       /**< reads them */
    TERMIOS_SET,       /**< sets them: TCSETS, TCSETSW */
    TERMIOS_SET_FLUSH, /**< likewise, and drops what came in: TCSETSF */
};

/** Settings of a port, as far as they matter to a serial line. */
struct termios_settings {
    struct btap_serial_settings line;
    bool hangs_up;    /**< HUPCL: DTR and RTS drop when the port is closed */
    bool is_hung_up;  /**< B0: they are dropped now */
    bool is_complete; /**< line.baud is told; not for BOTHER without a rate */
};

enum termios_request termios_request(uint32_t request);

/** Reads the settings that such an ioctl leads to. @return false: they cannot be read */
bool termios_read(const struct trace_call *call, struct termios_settings *settings);

#endif
