/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A machine of files in the current directory: sys/ and dev/ as Linux has them.
 */
#ifndef CLI_FAKE_MACHINE_H
#define CLI_FAKE_MACHINE_H

#include "port/machine.h"

/** The machine in the current directory; its CAN interfaces have no bit rates. */
extern const struct machine fake_machine;

/** Makes a file with its directories; it ends with a newline. */
void fake_file(const char *path, const char *text);

/** Makes a symbolic link with its directories. */
void fake_link(const char *path, const char *target);

/** A USB device as sysfs has it. */
struct fake_usb {
    const char *name; /**< `1-1`: its directory */
    const char *bus;
    const char *number;
    const char *vendor;
    const char *product;
    const char *class; /**< bDeviceClass */
    unsigned protocol; /**< of a DFU interface: 1 run-time, 2 DFU mode; 0: it has none */
};

/** Plugs it in: sys/bus/usb/devices/NAME, with strings of what it is made of. */
void fake_usb_plug(const struct fake_usb *usb);

#endif
