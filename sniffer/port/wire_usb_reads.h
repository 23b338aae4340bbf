/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What a USB device says of itself: GET_DESCRIPTOR for its descriptors and strings, and nothing
 * else. Internal to the room.
 */
#ifndef SNIFFER_PORT_WIRE_USB_READS_H
#define SNIFFER_PORT_WIRE_USB_READS_H

#include <libusb.h>

#include "port/wire.h"

/** What was asked and came; all zero: nothing. */
struct wire_usb_reads {
    struct wire_control *list; /**< each with its data */
    size_t length;
    size_t room;
    struct btap_usb_device device; /**< what they tell */
};

/**
 * Asks a device: device and configuration descriptors, and all strings that they name.
 *
 * @return an error of libusb: of the descriptors; a device may well refuse a string
 */
int wire_usb_read(libusb_device_handle *handle, struct wire_usb_reads *reads);

void wire_usb_reads_release(struct wire_usb_reads *reads);

/** Lets the parser of captures see a completed transfer. */
void wire_usb_parse(struct btap_usb_device *device, const struct wire_control *control);

#endif
