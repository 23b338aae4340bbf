/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What is in the way of watching a USB bus: the kernel's usbmon, and the right to read it.
 */
#ifndef SNIFFER_PORT_USB_MONITOR_H
#define SNIFFER_PORT_USB_MONITOR_H

#include "port/machine.h"

#define USB_MONITOR_MISSING_SIZE 512

/**
 * What must be done before a bus can be watched.
 *
 * @param bus 0: all
 * @param[out] words a line for people, USB_MONITOR_MISSING_SIZE bytes
 * @return false: nothing
 */
bool usb_monitor_missing(const struct machine *machine, unsigned bus, char *words);

/** Whether there is this bus. */
bool usb_monitor_bus(const struct machine *machine, unsigned bus);

#endif
