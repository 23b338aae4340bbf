/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A simulated STM32 in its bootloader on a CAN bus, FDCAN (AN5405) or classic CAN (AN3154): frames
 * in, frames out through a callback. It keeps no time: each answer comes with the delay after which
 * it is to be sent. What both notes have is can_device.c; what each has for itself, its dialect.
 */
#ifndef SIMULATE_CAN_DEVICE_H
#define SIMULATE_CAN_DEVICE_H

#include "simulate/can_model.h"

/** Powers the device on. config is copied. */
void can_device_init(struct can_device *device, const struct can_device_config *config);

/** Resets it into the bootloader: memory stays. */
void can_device_reset(struct can_device *device);

/** A frame arrives. Extended frames, and classic ones where it speaks FD, are not for the
 * bootloader. */
void can_device_receive(struct can_device *device, const struct sim_can_frame *frame);

#endif
