/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * --device: which USB devices' traffic is kept. A device is known by its address on the bus, which
 * tells nothing of what it is; sysfs does, once the system has enumerated it.
 */
#ifndef SNIFFER_LIVE_USB_FILTER_H
#define SNIFFER_LIVE_USB_FILTER_H

#include "port/usb_devices.h"

/** What --device may be, for messages. */
#define USB_FILTER_FORMS "VID:PID in hexadecimal (0483:df11), BUS.DEVICE (1.5) or dfu"

enum usb_filter_kind {
    USB_FILTER_ALL,
    USB_FILTER_IDS,   /**< every device with these ids */
    USB_FILTER_PLACE, /**< the device at this address */
    USB_FILTER_DFU,   /**< every device in DFU mode */
};

struct usb_filter {
    enum usb_filter_kind kind;
    uint16_t vendor;
    uint16_t product;
    uint16_t bus;
    uint8_t number;
};

/**
 * @param text NULL: all
 * @return false: the text is none of USB_FILTER_FORMS
 */
bool usb_filter_parse(const char *text, struct usb_filter *filter);

/** Whether a device's traffic is kept. */
bool usb_filter_takes(const struct usb_filter *filter, const struct usb_device *device);

#define USB_FILTER_WORDS_SIZE 48

/** The filter in words, `device 0483:df11`. @return words; NULL: all are kept */
const char *usb_filter_words(const struct usb_filter *filter, char words[USB_FILTER_WORDS_SIZE]);

#endif
