/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Setup packets, and what every USB device answers to the standard ones.
 */
#ifndef SIMULATE_DFU_STANDARD_H
#define SIMULATE_DFU_STANDARD_H

#include "simulate/dfu_model.h"

void usb_setup_parse(struct usb_setup *setup, const uint8_t bytes[8]);
void usb_setup_pack(uint8_t bytes[8], const struct usb_setup *setup);

/** The standard requests, and bytes as an answer. */
void dfu_device_standard(struct dfu_device *device, const struct usb_setup *setup,
                         struct dfu_answer *answer);
void dfu_answer_bytes(struct dfu_answer *answer, const struct usb_setup *setup,
                      const uint8_t *bytes, size_t length);

/* Descriptors, for servers that need them outside a control transfer; they return the length. */
size_t dfu_device_descriptor(const struct dfu_device *device, uint8_t bytes[18]);
size_t dfu_device_configuration(const struct dfu_device *device, uint8_t *bytes, size_t size);

#endif
