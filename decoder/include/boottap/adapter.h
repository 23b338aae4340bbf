/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * USB-serial adapters: the UART's bytes, settings, lines and errors out of USB transfers.
 */
#ifndef BOOTTAP_ADAPTER_H
#define BOOTTAP_ADAPTER_H

#include "boottap/event.h"
#include "boottap/usb_device.h"

BTAP_BEGIN_DECLARATIONS

enum btap_adapter_kind {
    BTAP_ADAPTER_UNKNOWN, /**< not known yet; bulk payload is used as it is */
    BTAP_ADAPTER_CDC_ACM,
    BTAP_ADAPTER_FTDI,
    BTAP_ADAPTER_CP210X,
    BTAP_ADAPTER_CH34X,
    BTAP_ADAPTER_PL2303,
};

/** UARTs of one adapter that are kept apart; FTDI 4232 and CP2108 have four. */
#define BTAP_ADAPTER_PORTS 4

/** A CDC SERIAL_STATE notification: 8 bytes of header, 2 of state (CDC PSTN 1.2 section 6.5.4). */
#define BTAP_CDC_NOTIFICATION_SIZE 10

/** What the kind of an adapter was concluded from; later ones weigh more. */
enum btap_adapter_evidence {
    BTAP_ADAPTER_BY_NOTHING,
    BTAP_ADAPTER_BY_PAYLOAD,     /**< IN data that look like an FTDI's */
    BTAP_ADAPTER_BY_REQUESTS,    /**< vendor or class requests */
    BTAP_ADAPTER_BY_DESCRIPTORS, /**< vendor and product, or interface classes */
};

/** State of one UART of an adapter. Its members are the adapter code's own. */
struct btap_adapter_port {
    struct btap_serial_settings settings;
    uint8_t lines;
    uint8_t lines_known;

    /* Which endpoints and which interface are this port's, where the descriptors are missing; 0
     * unknown */
    uint8_t in_endpoint;
    uint8_t out_endpoint;
    uint8_t interface_plus_1;

    struct {
        uint32_t length; /**< bytes of it that went by */
        uint8_t bytes[BTAP_CDC_NOTIFICATION_SIZE];
    } notification; /**< CDC: the one under way */

    struct {
        bool break_on;
        bool not_uart; /**< the pins are in bit-bang, MPSSE or another mode */
    } ftdi;

    struct {
        uint8_t escape; /**< of event mode, 0: event mode is off */
        uint8_t state;
        uint8_t line_status;
        bool errors_read; /**< errors from before the port was opened are out of the way */
    } cp210x;
};

/** State of one adapter, caller-owned, under 1 KiB. Its members are the adapter code's own. */
struct btap_adapter {
    enum btap_adapter_kind kind;
    enum btap_adapter_evidence evidence;
    const struct btap_usb_device *device;
    uint64_t device_seen; /**< what the device was when the kind was last looked for */
    bool not_serial;      /**< plainly another kind of device */
    bool not_ftdi;        /**< an IN transfer was no FTDI's */
    uint8_t routes[32];   /**< which port each endpoint belongs to, as far as looked up */
    struct btap_adapter_port ports[BTAP_ADAPTER_PORTS];

    struct {
        uint8_t version; /**< 0 unknown */
        bool rate_known; /**< both registers below were written */
        uint8_t prescaler;
        uint8_t divisor;
    } ch34x;
};

/** Who receives what an adapter yields. No member may be NULL. */
struct btap_adapter_output {
    void *context;
    void (*chunk)(void *context, uint8_t port, const struct btap_serial_chunk *chunk);
    void (*event)(void *context, uint8_t port, const struct btap_serial_event *event);
};

/** `cdc-acm`, `ftdi`, `cp210x`, `ch34x`, `pl2303`, `unknown`. Never NULL. */
const char *btap_adapter_kind_name(enum btap_adapter_kind kind);

/**
 * Starts with an unknown adapter.
 *
 * @param device what is known of the device, updated by the caller before each call; not NULL,
 *        kept, must outlive the adapter
 */
void btap_adapter_init(struct btap_adapter *adapter, const struct btap_usb_device *device);

/**
 * Takes a completed control transfer: the kind of adapter, settings, lines, errors.
 *
 * Settings and lines are emitted when they change or are first known, and only where the device
 * took the request. A rate that the request holds as a divisor is emitted as the usual rate within
 * 3 % of it, if there is one.
 *
 * @param completion any control transfer of the device; not kept
 */
void btap_adapter_control(struct btap_adapter *adapter, const struct btap_usb_control *completion,
                          const struct btap_adapter_output *output);

/**
 * Takes half of a bulk or interrupt transfer: OUT data from submissions, IN data from
 * completions.
 *
 * Line errors come before the bytes that they are about, as far as the adapter tells which. Bytes
 * that the record lacks, or that an OUT transfer did not get across, come as BTAP_SERIAL_LOST
 * after those that it holds. Endpoints that carry no UART's bytes yield nothing.
 *
 * @param transfer not kept
 */
void btap_adapter_transfer(struct btap_adapter *adapter, const struct btap_usb_transfer *transfer,
                           const struct btap_adapter_output *output);

BTAP_END_DECLARATIONS

#endif
