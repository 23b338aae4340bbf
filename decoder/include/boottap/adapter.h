/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * USB-serial adapters: the UART's bytes, settings, lines and errors out of USB transfers.
 */
#ifndef BOOTTAP_ADAPTER_H
#define BOOTTAP_ADAPTER_H

#include "boottap/event.h"
#include "boottap/usb_device.h"

enum btap_adapter_kind {
    BTAP_ADAPTER_UNKNOWN, /**< nothing seen that tells; bulk payload is taken as it is */
    BTAP_ADAPTER_CDC_ACM,
    BTAP_ADAPTER_FTDI,
    BTAP_ADAPTER_CP210X,
    BTAP_ADAPTER_CH34X,
    BTAP_ADAPTER_PL2303,
};

/** UARTs of one adapter that are kept apart; FTDI 4232 and CP2108 have four. */
#define BTAP_ADAPTER_PORTS 4

/** State of one UART of an adapter. Its members are the adapter code's own. */
struct btap_adapter_port {
    struct btap_serial_settings settings;
    uint8_t lines;
    uint8_t lines_known;
};

/** State of one adapter, caller-owned. Its members are the adapter code's own. */
struct btap_adapter {
    enum btap_adapter_kind kind;
    const struct btap_usb_device *device;
    struct btap_adapter_port ports[BTAP_ADAPTER_PORTS];
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

/** Takes a completed control transfer: the kind of adapter, settings, lines, errors. */
void btap_adapter_control(struct btap_adapter *adapter, const struct btap_usb_control *completion,
                          const struct btap_adapter_output *output);

/**
 * Takes half of a bulk or interrupt transfer: OUT data from submissions, IN data from
 * completions.
 */
void btap_adapter_transfer(struct btap_adapter *adapter, const struct btap_usb_transfer *transfer,
                           const struct btap_adapter_output *output);

#endif
