/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Builders of capture records, for tests of what lies above them.
 */
#ifndef BOOTTAP_TEST_RECORDS_H
#define BOOTTAP_TEST_RECORDS_H

#include "boottap/tap.h"

/** Formats in which the same USB transfers can be recorded. */
enum usb_format {
    USB_LINUX,
    USB_LINUX_MMAPPED,
    USB_LINUX_BIG_ENDIAN, /**< 220, headers in the other byte order */
    USB_PCAP,             /**< since 1.5.0.0: stages 0 and 3 */
    USB_PCAP_OLD,         /**< before: stages 0, 1 and 2 */
    USB_DARWIN,           /**< data of both directions with the completion */
    USB_FORMAT_COUNT,
};

/** One control transfer of endpoint 0. */
struct control_transfer {
    uint8_t setup[8];
    const uint8_t *data; /**< OUT: of the submission; IN: of the completion */
    uint16_t length;     /**< bytes at data */
    bool stalled;
    bool gone; /**< completed because the device left the bus */
};

/** Feeds records to a tap and numbers them. */
struct recorder {
    struct btap_tap *tap;
    enum usb_format format;
    uint32_t interface_id;
    uint16_t bus;
    uint16_t device;
    uint64_t packet; /**< of the last record */
    uint64_t id;     /**< of the last URB */
    uint32_t snap;   /**< bytes of a record that are captured; 0 all */
};

/** Feeds one record of any link type. */
void record_bytes(struct recorder *recorder, uint32_t linktype, const uint8_t *bytes,
                  uint32_t length);

/** Feeds both halves of a control transfer: two records, three in the old USBPcap's format. */
void record_control(struct recorder *recorder, const struct control_transfer *transfer);

/** Feeds only the submission, or only the completion, of the next URB. */
void record_submission(struct recorder *recorder, const struct control_transfer *transfer);
void record_completion(struct recorder *recorder, const struct control_transfer *transfer);

/** Feeds both halves of a bulk or interrupt transfer that succeeded. */
void record_transfer(struct recorder *recorder, uint8_t endpoint, bool interrupt,
                     const uint8_t *data, uint16_t length);

/** Feeds a record of LINKTYPE_RTAC_SERIAL. */
void record_serial(struct recorder *recorder, uint8_t event, uint8_t lines, const uint8_t *data,
                   uint16_t length);

/** Feeds a classic frame of LINKTYPE_CAN_SOCKETCAN, or an FD frame where it is longer than 8. */
void record_can(struct recorder *recorder, uint32_t id, const uint8_t *data, uint8_t length);

#endif
