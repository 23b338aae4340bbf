/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A USB transfer as the packets that cross a full-speed cable (USB 2.0 section 8.5).
 */
#ifndef SIM_CABLE_H
#define SIM_CABLE_H

#include "capture.h"

/** Consumes packets, PID first and CRC last. */
typedef void sim_packet(void *context, sim_ns at, const uint8_t *bytes, size_t length);

/** Data packets of each endpoint alternate; start with zero. */
struct sim_cable {
    uint8_t odd[2][128][16]; /**< of IN and of OUT */
};

/**
 * Writes a whole transfer: what was submitted, and how it was completed. A device says NAK once
 * before each data stage to the host.
 *
 * @param data of either direction, length bytes; NULL if length is 0
 */
void sim_cable_transfer(struct sim_cable *cable, const struct sim_usb_record *submission,
                        const struct sim_usb_record *completion, const uint8_t *data,
                        uint32_t length, sim_packet *packet, void *context);

#endif
