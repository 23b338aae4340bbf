/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * USB-serial adapters: what the adapter families share. Internal to the core.
 */
#ifndef DECODER_ADAPTER_ADAPTER_H
#define DECODER_ADAPTER_ADAPTER_H

#include "boottap/adapter.h"

/** bmRequestType values (USB 2.0 section 9.3). */
enum {
    ADAPTER_CLASS_INTERFACE_OUT = 0x21,
    ADAPTER_CLASS_INTERFACE_IN = 0xa1,
    ADAPTER_VENDOR_DEVICE_OUT = 0x40,
    ADAPTER_VENDOR_DEVICE_IN = 0xc0,
    ADAPTER_VENDOR_INTERFACE_OUT = 0x41,
    ADAPTER_VENDOR_INTERFACE_IN = 0xc1,
};

#define ADAPTER_ENDPOINT_IN 0x80

/** Not a port: of an endpoint or interface that carries no UART's bytes. */
#define ADAPTER_NO_PORT 0xff

/** One port of an adapter, while one transfer is looked at. */
struct adapter_io {
    struct btap_adapter *adapter;
    const struct btap_adapter_output *output;
    const struct btap_origin *at; /**< of the transfer's first byte of data */
    uint8_t port;
};

/** How the adapters of one family talk. Every function may be NULL: nothing to learn there. */
struct adapter_family {
    const char *name;
    /** A control transfer that succeeded and whose setup is known. io->port is for it to set. */
    void (*control)(struct adapter_io *io, const struct btap_usb_control *completion);
    /** A bulk IN completion with data; captured is at most length. */
    void (*in)(const struct adapter_io *io, const struct btap_usb_transfer *transfer);
    /** A bulk OUT submission with data; captured is at most length. */
    void (*out)(const struct adapter_io *io, const struct btap_usb_transfer *transfer);
    /** An interrupt IN completion with data; io->port is 0 where no descriptors tell. */
    void (*interrupt)(struct adapter_io *io, const struct btap_usb_transfer *transfer);
};

extern const struct adapter_family adapter_cdc_acm;
extern const struct adapter_family adapter_ftdi;
extern const struct adapter_family adapter_cp210x;
extern const struct adapter_family adapter_ch34x;
extern const struct adapter_family adapter_pl2303;

/* adapter.c: telling what was found. Offsets count from io->at. */

/** The state of the port that io is about. */
struct btap_adapter_port *btap_adapter_port(const struct adapter_io *io);

/** Chooses the port; false if there is no such one. */
bool adapter_choose_port(struct adapter_io *io, uint32_t port);

/** Tells of payload bytes; of none, nothing. */
void adapter_bytes(const struct adapter_io *io, enum btap_direction direction, uint32_t offset,
                   const uint8_t *bytes, uint32_t length);

/** Tells of an error that the UART met in receiving. */
void adapter_error(const struct adapter_io *io, uint32_t offset, enum btap_serial_event_kind kind);

/** Tells that the host sends a break. */
void adapter_host_break(const struct adapter_io *io);

/** Tells that bytes are missing; of none, nothing. */
void adapter_lost(const struct adapter_io *io, enum btap_direction direction, uint32_t offset,
                  uint32_t count);

/** Takes the state of the lines in mask (BTAP_LINE_*) and tells if that is new. */
void adapter_lines(const struct adapter_io *io, uint32_t offset, uint8_t lines, uint8_t mask);

/** Takes the settings in force and tells them if they are new. */
void adapter_settings(const struct adapter_io *io, const struct btap_serial_settings *settings);

/** Data bits, parity and stop bits, in the codes that CDC, FTDI and CP210x share. */
void adapter_framing(struct btap_serial_settings *settings, uint32_t data_bits, uint32_t parity,
                     uint32_t stop_bits);

/** IN and OUT where the transfer's data are the UART's bytes and nothing else. */
void adapter_raw_in(const struct adapter_io *io, const struct btap_usb_transfer *transfer);
void adapter_raw_out(const struct adapter_io *io, const struct btap_usb_transfer *transfer);

/** How far off a rate that a divisor makes may be; UARTs bear no more. */
#define ADAPTER_BAUD_TOLERANCE_PPM 30000

/**
 * The usual rate nearest to one that a divisor makes.
 *
 * @param[out] error_ppm how far off it is, in millionths; may be NULL
 * @return the usual rate if it is within ADAPTER_BAUD_TOLERANCE_PPM, else rate
 */
uint32_t adapter_usual_baud(uint32_t rate, uint32_t *error_ppm);

/* adapter_identity.c: which kind of adapter, which of its ports */

/** Looks at the device's descriptors again if they changed. */
void adapter_identify(struct btap_adapter *adapter);

/** Learns the kind from a request that succeeded, where no descriptors tell. */
void adapter_learn_request(struct btap_adapter *adapter, const struct btap_usb_setup *setup);

/** Learns the kind from a bulk IN completion with data, where nothing better tells. */
void adapter_learn_payload(struct btap_adapter *adapter, const struct btap_usb_transfer *transfer);

/** Whether descriptors tell what the endpoints are. */
bool adapter_endpoints_known(const struct btap_adapter *adapter);

/** The descriptor of an endpoint; NULL if not known. */
const struct btap_usb_endpoint *adapter_endpoint(const struct btap_adapter *adapter,
                                                 uint8_t address);

/** Port of a bulk endpoint, or ADAPTER_NO_PORT. */
uint8_t adapter_endpoint_port(struct btap_adapter *adapter, uint8_t address);

/** Port of an interrupt endpoint, 0 where no descriptors tell, or ADAPTER_NO_PORT. */
uint8_t adapter_interrupt_port(const struct btap_adapter *adapter, uint8_t address);

/** Port of a CDC-ACM communication interface, or ADAPTER_NO_PORT. */
uint8_t adapter_interface_port(struct btap_adapter *adapter, uint8_t interface);

/* Between families */

/** CH343 and kin have CDC descriptors, but WCH's own driver talks to them in other requests. */
void adapter_ch343_control(struct adapter_io *io, const struct btap_usb_control *completion);

/** Whether IN data start as every FTDI packet does. length at least 2. */
bool adapter_ftdi_fits(const uint8_t *data);

/** Whether they look like an FTDI's with nothing left to send, as most of its packets do. */
bool adapter_ftdi_fits_well(const uint8_t *data);

#endif
