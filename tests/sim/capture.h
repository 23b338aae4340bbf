/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Capture files, written with libpcap: one function a kind of record.
 */
#ifndef SIM_CAPTURE_H
#define SIM_CAPTURE_H

#include "sim.h"
#include "simulate/can_frame.h"

/** LINKTYPE_ values as registered at tcpdump.org. */
enum sim_linktype {
    SIM_SLL = 113,
    SIM_USBMON = 189,
    SIM_USBMON_MMAPPED = 220,
    SIM_CAN = 227,
    SIM_USBPCAP = 249,
    SIM_RTAC = 250,
    SIM_DARWIN = 266,
    SIM_SLL2 = 276,
    SIM_USB_2_0 = 288,     /**< packets of a USB cable */
    SIM_CANDUMP = 0x10000, /**< no pcap: the text log of candump -L */
};

struct sim_capture;

struct sim_capture_options {
    enum sim_linktype linktype;
    uint32_t snaplen; /**< 0: everything */
    bool nanoseconds; /**< in place of microseconds */
    bool pcapng;      /**< in place of pcap; not for usbmon, whose fields are in host order */
    const char *description; /**< pcapng: if_description; NULL: none */
    bool payload_only; /**< CAN: records end with the payload, not with the kernel's structure */
    bool without_can_flags; /**< CAN: the flags byte is 0, as libpcap 1.10.3 writes it */
};

/** Opens a file for writing; a message on stderr and exit status 2 where that fails. */
struct sim_capture *sim_capture_open(const char *path, const struct sim_capture_options *options);
void sim_capture_close(struct sim_capture *capture);
enum sim_linktype sim_capture_linktype(const struct sim_capture *capture);

/** Event types of LINKTYPE_RTAC_SERIAL, and its line state bits. */
enum sim_rtac {
    RTAC_STATUS = 0x00,
    RTAC_TX = 0x01,
    RTAC_RX = 0x02,
    RTAC_LOST = 0x05,
    RTAC_FRAMING = 0x07,
    RTAC_PARITY = 0x08,
    RTAC_BREAK = 0x09,
    RTAC_OVERFLOW = 0x0A,
    RTAC_RTS = 0x08,
    RTAC_DTR = 0x10,
};

void sim_write_rtac(struct sim_capture *capture, sim_ns at, enum sim_rtac event, uint8_t lines,
                    const uint8_t *bytes, size_t length);

/** A change of status with a comment, as pcapng can have it: without one in pcap. */
void sim_write_rtac_comment(struct sim_capture *capture, sim_ns at, uint8_t lines,
                            const char *comment);

enum sim_usb_transfer { USB_INTERRUPT = 1, USB_CONTROL = 2, USB_BULK = 3 };

/** How a USB transfer ended; the value is the errno that usbmon records. */
enum sim_usb_status {
    USB_OK = 0,
    USB_CANCELLED = -2,
    USB_STALLED = -32,
    USB_PROTOCOL_ERROR = -71,
    USB_BABBLE = -75,
    USB_GONE = -108,
    USB_TIMEOUT = -110,
    USB_SHORT_READ = -121,
};

/** One half of a USB transfer, for all formats alike. */
struct sim_usb_record {
    sim_ns at;
    uint64_t id;
    bool completion;
    enum sim_usb_transfer transfer;
    uint8_t endpoint; /**< b7 set = IN */
    uint8_t device;
    uint16_t bus;
    const uint8_t *setup; /**< 8 bytes of a control submission, else NULL */
    uint32_t length;      /**< submission: asked for; completion: that went over */
    const uint8_t *data;  /**< OUT submission, IN completion; else NULL */
    enum sim_usb_status status;
};

/** In the format of the capture's link type: 189, 220, 249, 266 or 288. */
void sim_write_usb(struct sim_capture *capture, const struct sim_usb_record *record);

/** In the format of the capture's link type: 227, 113, 276 or candump text. */
void sim_write_can(struct sim_capture *capture, sim_ns at, const struct sim_can_frame *frame);

#endif
