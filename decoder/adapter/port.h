/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What a family of adapters finds out about one of its ports, and emits. Offsets count from io->at.
 * Internal to the core.
 */
#ifndef DECODER_ADAPTER_PORT_H
#define DECODER_ADAPTER_PORT_H

#include "boottap/adapter.h"

/** One port of an adapter, while one transfer is looked at. */
struct adapter_io {
    struct btap_adapter *adapter;
    const struct btap_adapter_output *output;
    const struct btap_origin *at; /**< of the transfer's first byte of data */
    uint8_t port;
};

/** The state of the port that io is about. */
struct btap_adapter_port *adapter_port(const struct adapter_io *io);

/** Chooses the port; false if there is no such one. */
bool adapter_choose_port(struct adapter_io *io, uint32_t port);

/** Emits payload bytes; of none, nothing. */
void adapter_bytes(const struct adapter_io *io, enum btap_direction direction, uint32_t offset,
                   const uint8_t *bytes, uint32_t length);

/** Emits an error that the UART met in receiving. */
void adapter_error(const struct adapter_io *io, uint32_t offset, enum btap_serial_event_kind kind);

/** Where a status has the errors of receiving. */
struct adapter_error_bits {
    uint8_t overflow;
    uint8_t received_break;
    uint8_t parity;
    uint8_t framing;
};

/** Emits the errors that a status tells of. */
void adapter_errors(const struct adapter_io *io, uint32_t offset, uint8_t status,
                    const struct adapter_error_bits *bits);

/** Emits that the host sends a break. */
void adapter_host_break(const struct adapter_io *io);

/** Emits that bytes are missing; of none, nothing. */
void adapter_lost(const struct adapter_io *io, enum btap_direction direction, uint32_t offset,
                  uint32_t count);

/** Notes the state of the lines in mask (BTAP_LINE_*), and emits it if it is new. */
void adapter_lines(const struct adapter_io *io, uint32_t offset, uint8_t lines, uint8_t mask);

/** Where a status has the lines of the modem; 0: it does not tell that one. */
struct adapter_modem_bits {
    uint8_t cts;
    uint8_t dsr;
    uint8_t ri;
    uint8_t dcd;
};

/** Notes the lines of the modem as a status tells them. */
void adapter_modem_lines(const struct adapter_io *io, uint32_t offset, uint8_t status,
                         const struct adapter_modem_bits *bits);

/** Notes the lines that the host sets: b0 DTR, b1 RTS, those of them that are in mask. */
void adapter_host_lines(const struct adapter_io *io, unsigned lines, unsigned mask);

/** Notes the settings in force, and emits them if they are new. */
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

#endif
