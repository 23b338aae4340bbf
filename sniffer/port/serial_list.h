/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The serial ports of a machine. No port is opened: that would move DTR and RTS, to which reset and
 * BOOT0 of many boards are wired.
 */
#ifndef SNIFFER_PORT_SERIAL_LIST_H
#define SNIFFER_PORT_SERIAL_LIST_H

#include "port/usb_devices.h"

struct serial_listed {
    char path[64];         /**< `/dev/ttyUSB0` */
    bool on_usb;           /**< usb is known */
    struct usb_device usb; /**< the adapter, or the board with such a port */
};

/** All of them, by name; no pseudo-terminals, no consoles, no UARTs that are not there. */
void serial_list_each(const struct machine *machine,
                      void (*each)(void *context, const struct serial_listed *port), void *context);

#define SERIAL_LIST_MISSING_SIZE 256

/**
 * What must be done before this user can open a port.
 *
 * @param[out] words a line for people, SERIAL_LIST_MISSING_SIZE bytes
 * @return false: nothing
 */
bool serial_list_missing(const struct serial_listed *port, char *words);

#endif
