/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A wire to a simulated bootloader on CAN, in this process. Answers come when the host looks for
 * them; those that are late come that much later.
 */
#ifndef CAN_WIRE_H
#define CAN_WIRE_H

#include "port/wire.h"
#include "simulate/can_device.h"

#define CAN_WIRE_WAITING_MAX 256

struct can_wire {
    struct wire wire;
    struct can_device device;
    bool unplugged;   /**< the interface is gone */
    bool others;      /**< another node speaks before each answer */
    bool mute;        /**< what the device says is lost */
    uint32_t seed;    /**< not 0: in its place comes anything at all */
    btap_ns deaf_for; /**< so long after it has reset the device hears nothing */
    btap_ns deaf_until;
    size_t waiting_length;
    struct {
        btap_ns due; /**< CLOCK_MONOTONIC */
        struct wire_frame frame;
    } waiting[CAN_WIRE_WAITING_MAX];
    struct wire_frame last; /**< that was sent */
    char log[32768]; /**< of what was sent: lines of `031 0800000003`, the data in hexadecimal */
};

/** @param product name of one; config its product is set */
void can_wire_open(struct can_wire *wire, const char *product,
                   const struct can_device_config *config);

/** A frame that comes from somewhere. */
void can_wire_add(struct can_wire *wire, uint32_t id, const uint8_t *bytes, uint8_t length);

/** The log so far; it begins anew. */
const char *can_wire_log(struct can_wire *wire);

#endif
