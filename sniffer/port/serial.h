/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * An open serial port: libserialport where the port is a real one, plain termios where it is the
 * end of a pseudo-terminal, which libserialport does not open. Nothing blocks, and nothing is sent
 * or moved on a line that the caller did not ask for; what the driver does of itself on opening
 * (it raises DTR and RTS) cannot be kept from happening. Functions say in messages what is wrong
 * where it says so.
 */
#ifndef SNIFFER_PORT_SERIAL_H
#define SNIFFER_PORT_SERIAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "port/serial_options.h"

/** 115200 8E1: what a bootloader is spoken to with where nothing else is said (AN3155 section 1).*/
#define SERIAL_DEFAULT_BAUD 115200

/** The settings of a bootloader's line at this rate: 8E1. */
struct btap_serial_settings serial_bootloader_settings(uint32_t baud);

/** What the driver counted since it was loaded. */
struct serial_counters {
    uint32_t parity;
    uint32_t framing;
    uint32_t breaks;
    uint32_t overruns; /**< of the UART, and of the driver's buffer */
};

struct serial;

/**
 * Opens a port for this program alone, sets it raw, and drops nothing.
 *
 * @param path `/dev/ttyUSB0`, or `ttyUSB0` for that; kept
 * @return NULL: a message says why, and what to do
 */
struct serial *serial_open(const char *path, const struct serial_options *options);

/**
 * Where a port's name leads to, links followed.
 *
 * @return the caller frees it; NULL: nowhere, errno
 */
char *serial_find(const char *path);

/** Says that the port is gone. @param cause errno; 0: hung up */
void serial_say_gone(const struct serial *serial, int cause);

/** Leaves DTR and RTS as they are, closes and frees. */
void serial_close(struct serial *serial);

/** `ttyUSB0`, `pts/5`: the path without the /dev/ that it begins with. */
const char *serial_name(const struct serial *serial);
/** The descriptor, to wait on. */
int serial_descriptor(const struct serial *serial);
/** Whether it is the end of a pseudo-terminal: it has no lines, no parity, no rate of its own. */
bool serial_is_pty(const struct serial *serial);
/** Whether bytes with errors are marked among those that are read. */
bool serial_marks(const struct serial *serial);

/**
 * Sets rate and framing, and checks that the port took them; on a pseudo-terminal parity is dropped
 * without a word.
 *
 * @return false: a message says what the port does not take; it may have taken the rest
 */
bool serial_configure(struct serial *serial, const struct btap_serial_settings *settings);

/**
 * Reads what is there.
 *
 * @return bytes; 0: none now; -1: the port is gone, errno says why (0: hung up)
 */
ssize_t serial_read(struct serial *serial, uint8_t *bytes, size_t size);

/**
 * Writes what it takes now.
 *
 * @return bytes taken, 0 too; -1: the port is gone, errno
 */
ssize_t serial_write(struct serial *serial, const uint8_t *bytes, size_t length);

/** Whether all that was written has left the machine, as far as the driver tells. */
bool serial_is_drained(const struct serial *serial);

/** Drops what was received and not read, or written and not sent. */
void serial_flush_input(struct serial *serial);
void serial_flush_output(struct serial *serial);

/**
 * Sets DTR and RTS.
 *
 * @param lines of mask's bits, which are active; enum btap_serial_line
 * @return false: the port has no such lines; errno
 */
bool serial_set_lines(struct serial *serial, uint8_t lines, uint8_t mask);
/** The lines that are active; 0 where the port has none. */
uint8_t serial_lines(const struct serial *serial);

/** @return false: the driver does not count */
bool serial_counters(const struct serial *serial, struct serial_counters *counters);

/**
 * Has the driver hand over bytes as they come instead of some milliseconds later, until the port is
 * closed.
 *
 * @return false: it does not know how; that it hands over at once anyway is possible
 */
bool serial_lower_latency(struct serial *serial);

#endif
