/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The wires of real devices. Each function takes the device's lock (port/lock.h) before it opens
 * it.
 */
#ifndef SNIFFER_PORT_WIRE_OPEN_H
#define SNIFFER_PORT_WIRE_OPEN_H

#include "port/wire.h"

/**
 * Opens a serial port, sets it, and drops what came so far.
 *
 * @param path as serial_open() has it; kept
 * @param settings what is 0 or unknown of them is the bootloader's, 115200 8E1
 * @return NULL: a message says why, and what to do
 */
struct wire *wire_serial_open(const char *path, const struct btap_serial_settings *settings);

/**
 * Opens a CAN interface.
 *
 * @param interface kept
 * @param fd for FD frames; else for classic ones alone
 * @return NULL: a message, likewise
 */
struct wire *wire_can_open(const char *interface, bool fd);

/** The USB device that is meant. */
struct wire_usb_wish {
    const char *name; /**< for messages: as the user named it */
    uint16_t vendor;
    uint16_t product;
    const char *place; /**< serial number, or bus and port `1-1.2`; "": the only one there is */
};

/**
 * Opens a device in DFU mode, claims its DFU interface and reads its descriptors and strings, and
 * sends it nothing else.
 *
 * @param wish copied; its texts are kept
 * @return NULL: a message, likewise
 */
struct wire *wire_usb_open(const struct wire_usb_wish *wish);

#endif
