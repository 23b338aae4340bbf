/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * How libusb says that a control transfer ended, in the words of a capture. Internal to the room.
 */
#ifndef SNIFFER_PORT_WIRE_USB_STATUS_H
#define SNIFFER_PORT_WIRE_USB_STATUS_H

#include "port/wire.h"

/**
 * Sets a transfer's outcome.
 *
 * @param result bytes of the data stage, or an error of libusb
 */
void wire_usb_set_status(struct wire_control *control, int result);

#endif
