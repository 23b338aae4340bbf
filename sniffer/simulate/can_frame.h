/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef SIMULATE_CAN_FRAME_H
#define SIMULATE_CAN_FRAME_H

#include "simulate/bytes.h"

/** One CAN frame. */
struct sim_can_frame {
    uint32_t id;
    bool extended;
    bool error; /**< an error frame of the kernel: id holds its class bits */
    bool fd;
    bool rate_switch;
    uint8_t length;
    uint8_t data[64];
};

#endif
