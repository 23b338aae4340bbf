/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A simulated USB device in DFU mode: an STM32's DfuSe bootloader (AN3156), or a plain DFU 1.1
 * one. Control transfers in, answers out, so that it serves a scripted host and USB/IP alike.
 */
#ifndef SIMULATE_DFU_DEVICE_H
#define SIMULATE_DFU_DEVICE_H

#include "simulate/dfu_standard.h"

/** Plugs the device in, enumerated. config is copied. */
void dfu_device_init(struct dfu_device *device, const struct dfu_device_config *config);

/** Plugs it in again: memory stays. */
void dfu_device_reset(struct dfu_device *device);

/** When it leaves the bus by itself, as an operation is going to end that resets it or starts the
 * application; 0: it stays. */
sim_ns dfu_device_leaves(const struct dfu_device *device);
/** Lets it do so. */
void dfu_device_leave(struct dfu_device *device);

/**
 * A control transfer.
 *
 * @param now time of the request; operations take their time from there
 * @param data setup->length bytes of an OUT transfer; may be NULL where that is 0 or IN
 */
void dfu_device_request(struct dfu_device *device, sim_ns now, const struct usb_setup *setup,
                        const uint8_t *data, struct dfu_answer *answer);

#endif
