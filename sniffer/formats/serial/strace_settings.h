/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What strace shows of the settings and lines of a serial port.
 */
#ifndef SNIFFER_FORMATS_SERIAL_STRACE_SETTINGS_H
#define SNIFFER_FORMATS_SERIAL_STRACE_SETTINGS_H

#include <stdbool.h>

#include "boottap/event.h"

/**
 * Rate and framing out of a termios in any of strace's spellings: `{c_iflag=0,
 * c_cflag=B57600|CS8|PARENB, ...}`, `{c_iflags=0, c_cflags=0x11b1, ...}`, `{B57600 -opost -isig
 * ...}`.
 *
 * @param[out] settings members that do not show are 0 or UNKNOWN
 * @return false: it is none
 */
bool strace_settings(const char *termios, struct btap_serial_settings *settings);

/**
 * Lines out of `[TIOCM_DTR|TIOCM_RTS]`, `[0x6]`.
 *
 * @param[out] lines enum btap_serial_line
 */
bool strace_lines(const char *bits, uint8_t *lines);

#endif
