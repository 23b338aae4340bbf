/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * USB traffic in the shape of usbmon's records (LINKTYPE_USB_LINUX_MMAPPED: 64 bytes of header in
 * the host's byte order, here little-endian; the kernel's Documentation/usb/usbmon.rst).
 */
#ifndef SNIFFER_TRAFFIC_USB_RECORD_H
#define SNIFFER_TRAFFIC_USB_RECORD_H

#include "traffic/traffic.h"

#define USB_RECORD_HEADER_SIZE 64

/** Comment of records that were added, and no traffic. */
#define USB_RECORD_ADDED BTAP_ADDED_COMMENT " from what the system knows of the device: no traffic"

/** One half of a transfer. */
struct usb_record {
    uint64_t id;           /**< of the URB: the same in both halves */
    bool completion;       /**< false: the submission */
    bool failed;           /**< of a completion: the submission itself failed, status tells why */
    uint8_t transfer_type; /**< 0 isochronous, 1 interrupt, 2 control, 3 bulk */
    uint8_t endpoint;      /**< b7 set: IN */
    uint8_t device;
    uint16_t bus;
    const uint8_t *setup; /**< 8 bytes, of a control transfer's submission; else NULL */
    int32_t status;       /**< -EINPROGRESS in a submission */
    uint32_t length;      /**< of the URB: asked for, or what went over */
    uint32_t flags;       /**< transfer_flags; 0 */
    btap_ns time;
    const uint8_t *data;  /**< NULL: this half has none, or they could not be read */
    uint32_t captured;    /**< bytes at data */
    uint32_t data_length; /**< of them on the wire: captured or more */
};

/** Builds the record and hands it to the sink. */
void usb_record_send(const struct traffic_sink *sink, uint32_t interface_id,
                     const struct usb_record *record, const char *comment);

#endif
