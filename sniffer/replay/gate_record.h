/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What passes the gate, as records of the link type that live records of such a wire have.
 */
#ifndef SNIFFER_REPLAY_GATE_RECORD_H
#define SNIFFER_REPLAY_GATE_RECORD_H

#include "port/wire.h"
#include "traffic/traffic.h"

struct gate_record {
    const struct wire *wire;
    const struct traffic_sink *sink;
    uint32_t interface_id;
    uint64_t packets; /**< records so far */
    uint64_t urbs;    /**< USB: transfers so far */
    uint8_t lines;    /**< serial: DTR and RTS, as they were moved */
    btap_ns last;     /**< time of the last record */
};

/**
 * Adds the interface, and what stands before the traffic: the settings of a serial port, what was
 * asked of a USB device to open it.
 *
 * @param wire, sink kept
 */
void gate_record_start(struct gate_record *record, const struct wire *wire,
                       const struct traffic_sink *sink);

/** What was asked of a USB device to open it again. */
void gate_record_reads(struct gate_record *record);

/** Consumes what was sent. @param time when it began */
void gate_record_sent(struct gate_record *record, const struct wire_message *message, btap_ns time);

/** Consumes what was received. */
void gate_record_received(struct gate_record *record, const struct wire_received *received);

#endif
