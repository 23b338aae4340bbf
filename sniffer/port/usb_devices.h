/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The USB devices of a machine, as sysfs tells of them: nothing is sent to a device.
 */
#ifndef SNIFFER_PORT_USB_DEVICES_H
#define SNIFFER_PORT_USB_DEVICES_H

#include "port/machine.h"

/** What a device offers of DFU (DFU 1.1 section 4.1.2 and 4.2.3). */
enum usb_device_dfu {
    USB_DEVICE_NO_DFU,
    USB_DEVICE_DFU_RUNTIME, /**< it can be told to go to DFU mode */
    USB_DEVICE_DFU_MODE,
};

struct usb_device {
    uint16_t bus;
    uint8_t number; /**< its address as usbmon and lsusb show it */
    char port[32];  /**< where it is plugged in: `1-1.2`; of a root hub `usb1` */
    uint16_t vendor;
    uint16_t product;
    bool hub;
    enum usb_device_dfu dfu;
    char manufacturer[MACHINE_TEXT_SIZE]; /**< "" where it does not say */
    char model[MACHINE_TEXT_SIZE];        /**< its product string; likewise */
    char serial[MACHINE_TEXT_SIZE];       /**< likewise */
};

/**
 * Reads a device from its directory.
 *
 * @param directory `/sys/bus/usb/devices/1-1.2`
 * @return false: it is no device's, or the device has just left
 */
bool usb_device_read(const char *directory, struct usb_device *device);

/** All of them, root hubs too, by bus and port. */
void usb_device_each(const struct machine *machine,
                     void (*each)(void *context, const struct usb_device *device), void *context);

/** @return false: there is none of this address */
bool usb_device_find(const struct machine *machine, uint16_t bus, uint8_t number,
                     struct usb_device *device);

/**
 * What is known of a device, for people: `STM32 BOOTLOADER, STMicroelectronics, serial 207D,
 * 0483:df11`.
 *
 * @return words
 */
const char *usb_device_words(const struct usb_device *device, char *words, size_t size);

#endif
