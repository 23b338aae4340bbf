/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The whole core behind one call: capture records in, transactions of every link out.
 */
#ifndef BOOTTAP_TAP_H
#define BOOTTAP_TAP_H

#include "boottap/adapter.h"
#include "boottap/can.h"
#include "boottap/detail/urb_table.h"
#include "boottap/detail/usb_packets.h"
#include "boottap/dfu.h"
#include "boottap/event.h"
#include "boottap/record.h"
#include "boottap/sink.h"
#include "boottap/usart.h"
#include "boottap/usb_device.h"

BTAP_BEGIN_DECLARATIONS

/** How to understand the directions of a serial capture. */
enum btap_serial_view {
    BTAP_SERIAL_AS_RECORDED, /**< RTAC: transmit is the host, receive the device */
    BTAP_SERIAL_SWAPPED,
    BTAP_SERIAL_MERGED, /**< the directions mean nothing */
};

struct btap_options {
    struct btap_dfu_options dfu;
    struct btap_can_options can;
    enum btap_serial_view serial_view;
};

/** The defaults: as recorded, DFU pointer 0x08000000, transfer size from the traffic. */
struct btap_options btap_options_default(void);

/** Counters of what went by; every record is in exactly one of the first five. */
struct btap_counters {
    uint64_t decoded;       /**< records that a decoder was fed with */
    uint64_t events;        /**< records that hold line events, descriptors or nothing to decode */
    uint64_t foreign;       /**< records of other devices, classes, identifiers */
    uint64_t malformed;     /**< records too short or contradictory for their link type */
    uint64_t unsupported;   /**< records of link types that are not read */
    uint64_t truncated;     /**< records cut by the snapshot length (counted elsewhere too) */
    uint64_t unpaired;      /**< USB completions without submission, or the reverse */
    uint64_t evicted_links; /**< links closed early because there were too many at once */
    uint64_t splits;        /**< split transactions of a USB cable, which are not followed */
};

/** Links decoded at once; the one unused longest gives way. */
#define BTAP_CHANNELS_MAX 64
/** USB devices told apart at once; the one unused longest gives way. */
#define BTAP_USB_DEVICES_MAX 64

/** One link and its decoder. */
struct btap_channel {
    struct btap_link link;
    uint64_t used;                /**< clock when it was last fed; 0: free */
    struct btap_channel **holder; /**< the USB slot's pointer to this channel, or NULL */
    uint8_t lines;                /**< serial: state of the lines, as the decoder last got it */
    uint8_t lines_known;
    struct btap_serial_settings settings; /**< likewise, of an RTAC recording */
    union {
        struct btap_emitter emitter; /**< first member of each of them */
        struct btap_usart usart;
        struct btap_dfu dfu;
        struct btap_can can;
    } decoder;
};

/** One USB device address. */
struct btap_usb_slot {
    uint64_t used; /**< as above */
    uint32_t interface_id;
    uint16_t bus;
    uint16_t address;
    bool readdressed; /**< a SET_ADDRESS gave out this address again; whose it is, is to be seen */
    bool talks_short; /**< the host sent one or two bytes at once, as it does to a bootloader */
    struct btap_channel *dfu; /**< NULL until the device shows DFU requests */
    struct btap_channel
        *uarts[BTAP_ADAPTER_PORTS]; /**< NULL until the adapter's traffic shows something */
    /** Reads of a port that the host cancelled last, and began none again; 0 otherwise. */
    uint64_t cancelled_packets[BTAP_ADAPTER_PORTS];
    uint64_t described_packet; /**< that brought the descriptors of a device in DFU mode; 0 none */
    btap_ns described;         /**< its time */
    uint8_t names_read; /**< how often, up to 2, the name of its first alternate setting was read */
    uint64_t named_packet; /**< where that shows more than an enumeration; 0: it does not */
    btap_ns named;         /**< its time */
    struct btap_usb_device device;
    struct btap_adapter adapter;
};

/** A device whose descriptors cannot be read: the first failure since the last success there. */
struct btap_enumeration_failure {
    uint64_t packet; /**< 0: none */
    btap_ns time;
    uint32_t interface_id;
    uint16_t bus;
    uint16_t device; /**< 0: it did not get as far as an address */
};

/** A hub that said that a device left one of its ports. */
struct btap_port_lost {
    uint64_t packet; /**< that shows it; 0: none did */
    uint64_t clock;
    btap_ns time;
    uint32_t interface_id;
    uint16_t bus;
    uint16_t hub;
};

/**
 * State of the whole pipeline, caller-owned, some 400 KiB. Its members are the tap's own, but for
 * counters, which may be read at any time.
 */
struct btap_tap {
    struct btap_counters counters;
    const struct btap_sink *sink;
    struct btap_sink
        quiet; /**< of USB-serial links: consumes nothing until they show a bootloader */
    struct btap_options options;
    uint64_t clock;             /**< counts the records */
    struct btap_usb_slot *slot; /**< of the last USB record: the next one is likely the same */
    struct btap_channel
        *recent[BTAP_TRANSPORT_COUNT]; /**< of the last serial or CAN record, likewise */
    struct btap_urb_table urbs;
    struct btap_usb_packets packets;
    struct btap_enumeration_failure enumeration_failure;
    struct btap_port_lost port_lost; /**< the last one */
    bool usb_seen;                   /**< the capture has USB traffic; of the first of it: */
    uint16_t usb_bus;
    uint32_t usb_interface_id;
    uint64_t usb_packet;
    bool usb_at_tool;
    uint32_t usb_lacks;
    btap_ns recorder_until; /**< what the file says, or who records; 0: not told */
    btap_ns until;          /**< time of the last record, of any kind, or what the file says */
    btap_ns usb_time;
    struct btap_usb_slot usb[BTAP_USB_DEVICES_MAX];
    struct btap_channel channels[BTAP_CHANNELS_MAX];
};

BTAP_STATIC_ASSERT(sizeof(struct btap_tap) < 600 * 1024, "the tap outgrew its size");

/**
 * Starts a capture. The tap must stay where it is until its end: it holds pointers into itself.
 *
 * @param sink not NULL; kept, must outlive the tap
 * @param options NULL for the defaults; copied
 */
void btap_tap_init(struct btap_tap *tap, const struct btap_sink *sink,
                   const struct btap_options *options);

/** Decodes one record. Records must come in file order. Nothing in a record is an error; a time
 * beyond the limits of boottap/types.h is brought into them. */
void btap_tap_record(struct btap_tap *tap, const struct btap_record *record);

/**
 * What the capture has shown so far about the USB device behind a link.
 *
 * @param link as a sink's callback got it; not NULL
 * @return NULL if the link is none of USB, or the device gave way to others; valid until the next
 *         record
 */
const struct btap_usb_device *btap_tap_usb_device(const struct btap_tap *tap,
                                                  const struct btap_link *link);

/**
 * Whether a decoder follows the same conversation as a link just now, and knows of its past: none
 * does if it gave way to others. Takes time in proportion to BTAP_CHANNELS_MAX.
 *
 * @param link not NULL; a copy will do
 */
bool btap_tap_decodes(const struct btap_tap *tap, const struct btap_link *link);

/**
 * What the capture has shown so far about the serial port of a link.
 *
 * @param link as a sink's callback got it; not NULL
 * @param[out] port set where true is returned; not NULL
 * @return false if the link is none of a serial port
 */
bool btap_tap_serial_port(const struct btap_tap *tap, const struct btap_link *link,
                          struct btap_serial_port *port);

/**
 * Whether the data phase of the host's command frames on a CAN link has the second bit rate.
 *
 * @param link as a sink's callback got it; not NULL
 * @param[out] brs set where true is returned; not NULL
 * @return false if the link is none of CAN, or the capture does not show it
 */
bool btap_tap_can_brs(const struct btap_tap *tap, const struct btap_link *link, bool *brs);

/** What the capture shows so far of USB as a whole. Takes time in proportion to the devices kept.
 */
struct btap_usb_presence btap_tap_usb_presence(const struct btap_tap *tap);

/**
 * Says until when the recorder ran, where the capture tells it: what is silent for long then was
 * given up, and a command without its answer is no longer BTAP_INCOMPLETE but BTAP_NO_REPLY. To be
 * called before btap_tap_finish(). @param until 0: not told
 */
void btap_tap_recorded_until(struct btap_tap *tap, btap_ns until);

/** The time of the last record, of any kind, or until when it ran; 0 before the first. */
btap_ns btap_tap_until(const struct btap_tap *tap);

/** Ends the capture: every open transaction is reported. */
void btap_tap_finish(struct btap_tap *tap);

BTAP_END_DECLARATIONS

#endif
