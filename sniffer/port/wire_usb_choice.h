/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Which USB device is meant, among those that the system knows. Internal to the room.
 */
#ifndef SNIFFER_PORT_WIRE_USB_CHOICE_H
#define SNIFFER_PORT_WIRE_USB_CHOICE_H

#include <stddef.h>

#include "port/usb_devices.h"
#include "port/wire_open.h"

/** The devices of a machine; all zero: none. */
struct wire_usb_list {
    struct usb_device *devices;
    size_t length;
    size_t room;
};

/** Asks the system for them. To be released with wire_usb_list_release(). */
struct wire_usb_list wire_usb_list_here(void);
void wire_usb_list_release(struct wire_usb_list *list);

#define WIRE_USB_WORDS_SIZE 2048

/**
 * The device in DFU mode that a user wishes.
 *
 * @param[out] words where there is none, or more than one: what is wrong and what to do,
 *             WIRE_USB_WORDS_SIZE bytes
 * @return in the list; NULL
 */
const struct usb_device *wire_usb_choose(const struct wire_usb_wish *wish,
                                         const struct wire_usb_list *list, char *words);

/**
 * A device that left the bus and has come back: in DFU mode, with the same ids, and the same serial
 * number or, if it had none, in the same place.
 *
 * @param before as it was
 * @return in the list; NULL: it has not
 */
const struct usb_device *wire_usb_returned(const struct usb_device *before,
                                           const struct wire_usb_list *list);

#endif
