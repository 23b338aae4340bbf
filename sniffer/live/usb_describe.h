/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What the system knows of a USB device that is present, as records of its bus.
 */
#ifndef SNIFFER_LIVE_USB_DESCRIBE_H
#define SNIFFER_LIVE_USB_DESCRIBE_H

#include "traffic/traffic.h"

/**
 * Adds the device and configuration descriptors, and the strings that sysfs knows, of a device that
 * is present: control reads with the comment USB_RECORD_ADDED. Causes no traffic.
 *
 * @return false if sysfs does not tell
 */
bool usb_describe(const struct traffic_sink *sink, uint32_t interface_id, uint16_t bus,
                  uint8_t device, btap_ns time);

/** Likewise, from another directory than /sys/bus/usb/devices. */
bool usb_describe_from(const char *path, const struct traffic_sink *sink, uint32_t interface_id,
                       uint16_t bus, uint8_t address, btap_ns time);

#endif
