/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The wire to a device that boottap itself talks to: a serial port, a CAN interface, a USB device
 * in DFU mode, behind one interface. Of this program only replay/gate.c may send by it: it alone
 * calls wire_send(), which alone calls a kind's send. A test holds that (tests/rooms/gate.py).
 * Functions use one thread and say in messages what is wrong.
 */
#ifndef SNIFFER_PORT_WIRE_H
#define SNIFFER_PORT_WIRE_H

#include "boottap/event.h"
#include "boottap/usb_device.h"

enum wire_medium {
    WIRE_SERIAL,
    WIRE_CAN,
    WIRE_USB,
};

/** Payload bytes of a CAN FD frame at most. */
#define WIRE_FRAME_MAX 64

/** A CAN frame. */
struct wire_frame {
    uint32_t id;
    bool extended;
    bool fd;
    bool brs;       /**< its data phase has the second bit rate */
    bool error;     /**< received: news of the controller, id holds the bits of its classes */
    uint8_t length; /**< payload bytes */
    uint8_t data[WIRE_FRAME_MAX];
};

/** A USB control transfer on endpoint 0: it is sent and answered in one. One that fails is sent
 * (WIRE_DONE), and status tells how; also one in which the device leaves the bus (BTAP_USB_GONE),
 * as one that starts its firmware does: what is sent after that is WIRE_GONE. */
struct wire_control {
    struct btap_usb_setup setup;
    uint8_t *data;        /**< OUT: setup.length bytes to send; IN: room for as many; NULL if 0 */
    uint32_t timeout_ms;  /**< at least 1 */
    uint32_t transferred; /**< set: bytes of the data stage that went over */
    enum btap_usb_status status; /**< set */
    int32_t raw_status;          /**< set: as usbmon would have it, 0 or -errno */
};

enum wire_message_kind {
    WIRE_BYTES,   /**< serial */
    WIRE_LINES,   /**< serial: DTR and RTS */
    WIRE_FRAME,   /**< CAN */
    WIRE_CONTROL, /**< USB */
};

/** What is to be sent. */
struct wire_message {
    enum wire_message_kind kind;
    const uint8_t *bytes;
    size_t length;
    uint8_t lines; /**< those of mask that become active, enum btap_serial_line */
    uint8_t mask;
    const struct wire_frame *frame;
    struct wire_control *control; /**< its answer is set */
};

enum wire_result {
    WIRE_DONE,  /**< sent, all of it; or something was received */
    WIRE_QUIET, /**< nothing came until the deadline */
    WIRE_GONE,  /**< the port, adapter, device or interface vanished or failed: a message said so */
};

/** What was received. */
struct wire_received {
    btap_ns time;        /**< since 1970 */
    uint8_t bytes[4096]; /**< serial */
    size_t length;       /**< of bytes; a byte with an error comes alone */
    bool parity_error;   /**< of the byte */
    bool framing_error;
    struct wire_frame frame; /**< CAN */
};

struct wire;

/** A kind of wire; those of tests are simulated devices. Called by the functions below only. */
struct wire_kind {
    enum wire_medium medium;
    /** Sends; waits until it is on its way, at most seconds. */
    enum wire_result (*send)(struct wire *wire, const struct wire_message *message);
    /** Waits for something to come. @param deadline CLOCK_MONOTONIC in ns. NULL for USB */
    enum wire_result (*receive)(struct wire *wire, struct wire_received *received,
                                btap_ns deadline);
    /** USB: waits for the device to leave and come back, opens and claims it again. NULL for
     * others.
     * @param deadline CLOCK_MONOTONIC in ns */
    enum wire_result (*reopen)(struct wire *wire, btap_ns deadline);
    /** Leaves the device as it is, closes and frees. */
    void (*close)(struct wire *wire);
};

/** First member of every kind's own struct. */
struct wire {
    const struct wire_kind *kind;
    const char *name; /**< for messages and recordings: `ttyUSB0`, `can0`, `usb:1.5`; not NULL */
    struct btap_serial_settings settings; /**< serial: in force */
    bool is_pty;                          /**< serial: it has no parity and no lines */
    const struct btap_usb_device *usb;    /**< USB: descriptors and strings; else NULL */
    uint16_t usb_bus;
    uint8_t usb_address;
    uint8_t usb_interface;  /**< number of the DFU interface */
    const char *usb_serial; /**< the device's serial number, "" none; NULL for others */
    /** USB: what was asked of the device to open it (GET_DESCRIPTOR), and what came: for a
     * recording. */
    const struct wire_control *usb_reads;
    size_t usb_reads_length;
};

/** Sends; waits until it is on its way, at most seconds. For replay/gate.c alone. */
enum wire_result wire_send(struct wire *wire, const struct wire_message *message);

/** Waits for something to come. Serial and CAN. @param deadline CLOCK_MONOTONIC in ns */
enum wire_result wire_receive(struct wire *wire, struct wire_received *received, btap_ns deadline);

/**
 * USB: waits for the device to leave and come back, opens and claims it again. What the wire says
 * of the device is new then. Others are WIRE_DONE at once: they do not leave.
 *
 * @param deadline CLOCK_MONOTONIC in ns
 * @return WIRE_QUIET: it did not leave, or did not come back; no message says so
 */
enum wire_result wire_reopen(struct wire *wire, btap_ns deadline);

/** Leaves the device as it is, closes and frees. NULL is none. */
void wire_close(struct wire *wire);

#endif
