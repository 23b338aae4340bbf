/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What the link layer makes of capture records and feeds to the decoders.
 */
#ifndef BOOTTAP_EVENT_H
#define BOOTTAP_EVENT_H

#include "boottap/types.h"

BTAP_BEGIN_DECLARATIONS

/** Bytes that crossed a serial line. */
struct btap_serial_chunk {
    struct btap_origin at; /**< of bytes[0]; the bytes are contiguous in the record */
    enum btap_direction direction;
    const uint8_t *bytes; /**< valid during the call */
    uint32_t length;      /**< at least 1 */
};

enum btap_serial_event_kind {
    BTAP_SERIAL_PARITY_ERROR,
    BTAP_SERIAL_FRAMING_ERROR,
    BTAP_SERIAL_OVERFLOW, /**< the receiver or recorder lost bytes */
    BTAP_SERIAL_BREAK,
    BTAP_SERIAL_LOST,  /**< bytes are missing from the capture; count tells how many, 0 unknown */
    BTAP_SERIAL_LINES, /**< modem and control lines: lines and lines_known */
    BTAP_SERIAL_SETTINGS, /**< the host set rate and framing */
    BTAP_SERIAL_TIMEOUT,  /**< the host's tool says that it waited for an answer in vain */
    BTAP_SERIAL_COMMAND,  /**< the host's tool says that it begins a command */
};

/** Bits of btap_serial_event.lines: a set bit is an active line. */
enum btap_serial_line {
    BTAP_LINE_DTR = 1 << 0,
    BTAP_LINE_RTS = 1 << 1,
    BTAP_LINE_CTS = 1 << 2,
    BTAP_LINE_DSR = 1 << 3,
    BTAP_LINE_DCD = 1 << 4,
    BTAP_LINE_RI = 1 << 5,
};

enum btap_parity {
    BTAP_PARITY_UNKNOWN,
    BTAP_PARITY_NONE,
    BTAP_PARITY_ODD,
    BTAP_PARITY_EVEN,
    BTAP_PARITY_MARK,
    BTAP_PARITY_SPACE,
};

/** Rate and framing that the host asked for; 0 and UNKNOWN where the capture does not show them. */
struct btap_serial_settings {
    uint32_t baud;
    uint8_t data_bits; /**< without the parity bit */
    enum btap_parity parity;
    uint8_t half_stop_bits; /**< 2 = one stop bit, 3 = one and a half, 4 = two */
};

/** Something on a serial line that is not data. */
struct btap_serial_event {
    struct btap_origin at;
    enum btap_serial_event_kind kind;
    enum btap_direction direction; /**< for errors and lost bytes: whose bytes are meant */
    uint32_t count;                /**< LOST: bytes */
    uint8_t lines;
    uint8_t lines_known; /**< which bits of lines mean something */
    struct btap_serial_settings settings;
};

/** What a capture shows of a serial port. */
struct btap_serial_port {
    bool parity_even;      /**< the host opened it as the bootloader wants it */
    bool lines_known;      /**< DTR and RTS are in the capture */
    uint64_t moved_packet; /**< where one of them changed first; 0 if none did */
    /** Where the host closed the port, or opened it anew, last: it set rate and framing, dropped
     * DTR and RTS, or cancelled its reads and began none again; 0: it did not, as far as that
     * shows. */
    uint64_t closed_packet;
    struct btap_serial_settings settings; /**< as the host set them last */
};

/** Outcome of a USB transfer, the same for all captures. */
enum btap_usb_status {
    BTAP_USB_OK,
    BTAP_USB_STALL,     /**< -EPIPE; STALL_PID, ENDPOINT_HALTED */
    BTAP_USB_CANCELLED, /**< by the host's driver */
    BTAP_USB_GONE,      /**< the device left the bus: -ESHUTDOWN, -ENODEV */
    BTAP_USB_TIMEOUT,
    BTAP_USB_BUS_ERROR, /**< no or damaged answer: -EPROTO, -EILSEQ, -ETIME */
    BTAP_USB_BABBLE,
    BTAP_USB_SHORT, /**< shorter than the host allowed */
    BTAP_USB_OTHER, /**< any other error */
};

/** The 8 setup bytes (USB 2.0 section 9.3), in host order. */
struct btap_usb_setup {
    uint8_t request_type;
    uint8_t request;
    uint16_t value;
    uint16_t index;
    uint16_t length;
};

/** A part of the data of a control transfer that stands in a record of its own. */
struct btap_usb_piece {
    uint64_t packet;
    uint32_t offset; /**< of its first byte in that record's captured bytes */
    uint32_t length;
};

/** One half of a control transfer: its submission, or its completion paired with it. */
struct btap_usb_control {
    struct btap_origin at; /**< of data[0]; packet and time are right also without data */
    bool setup_known;      /**< false: a completion whose submission is not in the capture */
    bool setup_here;       /**< submission: the setup bytes stand in this record, at setup_offset */
    uint32_t setup_offset;
    struct btap_usb_setup setup;
    const uint8_t
        *data;         /**< OUT: at the submission; IN: at the completion; valid during the call */
    uint32_t captured; /**< bytes at data */
    /** Where they stand, if not together at `at`: in order, captured bytes in all. NULL: at `at`.
     */
    const struct btap_usb_piece *pieces;
    uint32_t pieces_length;
    uint32_t length; /**< bytes of the data stage; more than captured if the record was cut; 0 in
                          the half that carries none */
    const uint8_t
        *sent; /**< OUT completion: first bytes of the submission's data, as they were kept */
    uint8_t sent_length;         /**< at most BTAP_URB_KEPT */
    enum btap_usb_status status; /**< completion only */
    int32_t raw_status;          /**< as recorded: errno, USBD status, IOReturn */
};

/** Bytes of a submission's data that are kept until its completion. */
#define BTAP_URB_KEPT 16

/** One half of a bulk or interrupt transfer. */
struct btap_usb_transfer {
    struct btap_origin at; /**< of data[0] */
    uint8_t endpoint;      /**< b7 set = IN */
    bool interrupt;
    bool completion; /**< false: the submission */
    const uint8_t
        *data; /**< OUT: at the submission; IN: at the completion; valid during the call */
    uint32_t captured;
    uint32_t length; /**< bytes of the transfer; completion: that really went over, 0 for OUT from
                          USBPcap, which does not tell */
    uint32_t submitted; /**< completion: bytes that the submission asked for; 0 if not known */
    enum btap_usb_status status; /**< completion only */
    int32_t raw_status;
};

/** With a frame of this identifier and no data the classic CAN bootloader is synchronised (AN3154).
 */
#define BTAP_CAN_CLASSIC_SYNC_ID 0x79u

/** One CAN frame. */
struct btap_can_frame {
    struct btap_origin at;   /**< of data[0]; packet and time are right also without data */
    uint32_t id;             /**< 11 or 29 bits; error frame: the bits of its classes */
    uint32_t id_offset;      /**< of the identifier's four bytes in the record */
    const uint8_t *id_bytes; /**< those four bytes; valid during the call; NULL if not at hand */
    bool extended;
    bool remote;
    bool error; /**< news of the local controller, not traffic */
    bool fd;
    bool brs; /**< FD: its data phase has the second bit rate */
    bool brs_known;
    /** Where the capture shows it: HOST_TO_DEVICE is "sent by the recording machine". It says
     *  nothing about a machine that only listens, so that the FDCAN decoder does not rely on it. */
    enum btap_direction direction;
    const uint8_t *data; /**< valid during the call; may be NULL if captured is 0 */
    uint8_t length;      /**< payload bytes, 0-64; 0 in a remote frame */
    uint8_t captured;    /**< of them in the record */
};

BTAP_END_DECLARATIONS

#endif
