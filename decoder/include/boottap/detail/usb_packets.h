/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Packets of a USB cable that are under way to become transfers, a part of the tap's state. It is
 * here for its size: what is in it is the link layer's own.
 */
#ifndef BOOTTAP_DETAIL_USB_PACKETS_H
#define BOOTTAP_DETAIL_USB_PACKETS_H

#include "boottap/event.h"

BTAP_BEGIN_DECLARATIONS

/** Cables that can be told apart; the one unused longest gives way. */
#define BTAP_CABLES_MAX 4
/** Control transfers under way at once, one a device; likewise. */
#define BTAP_CABLE_DEVICES_MAX 8
/** Endpoints whose last packet is remembered; likewise. */
#define BTAP_CABLE_ENDPOINTS_MAX 32
/** The longest data packet (USB 2.0 section 8.4.4). */
#define BTAP_CABLE_PACKET_MAX 1024
/** Bytes of a control transfer that are kept; more than any DFU device's wTransferSize in use. */
#define BTAP_CABLE_DATA_MAX 8192
/** Packets of a control transfer whose data are kept. */
#define BTAP_CABLE_PIECES_MAX 256

/** The transaction under way on a cable. */
struct btap_cable {
    uint64_t used; /**< 0: free */
    uint32_t interface_id;
    uint8_t token; /**< its PID; 0: none, or one that is not followed */
    uint8_t address;
    uint8_t endpoint;
    bool split;        /**< the token belongs to a split transaction */
    uint8_t data_pid;  /**< 0: no data packet yet */
    uint16_t crc;      /**< of that packet */
    uint32_t captured; /**< of its data, in the record */
    uint32_t length;
    struct btap_origin at; /**< of its data */
    uint8_t data[BTAP_CABLE_PACKET_MAX];
};

/** The control transfer under way at a device. */
struct btap_cable_control {
    uint64_t used; /**< 0: free */
    uint32_t interface_id;
    uint8_t address;
    bool active;
    bool begun;     /**< something came after the setup */
    bool refused;   /**< the last thing that the device said was NAK */
    uint8_t misses; /**< tokens in a row that nothing answered */
    uint8_t toggle; /**< PID of the data packet that comes next */
    uint8_t setup[8];
    uint64_t id;
    uint32_t length;   /**< of the data stage so far */
    uint32_t captured; /**< of it at data */
    uint32_t pieces_length;
    struct btap_usb_piece pieces[BTAP_CABLE_PIECES_MAX];
    uint8_t data[BTAP_CABLE_DATA_MAX];
};

/** The last data packet that an endpoint took or gave. */
struct btap_cable_endpoint {
    uint64_t used; /**< 0: free */
    uint32_t interface_id;
    uint8_t address;
    uint8_t endpoint; /**< b7 set = IN */
    uint8_t pid;
    uint16_t crc;
    uint32_t length;
};

struct btap_usb_packets {
    uint64_t clock;
    uint64_t id;     /**< of the last transfer */
    uint64_t splits; /**< split transactions, which are not followed */
    struct btap_cable cables[BTAP_CABLES_MAX];
    struct btap_cable_control controls[BTAP_CABLE_DEVICES_MAX];
    struct btap_cable_endpoint endpoints[BTAP_CABLE_ENDPOINTS_MAX];
};

BTAP_END_DECLARATIONS

#endif
