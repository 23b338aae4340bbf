/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Where the pages of a device's flash lie.
 */
#ifndef DECODER_SESSION_PAGES_H
#define DECODER_SESSION_PAGES_H

#include "boottap/session.h"

/** The DfuSe memory layout that a device shows; NULL if none is known. */
const char *session_layout_of(const struct btap_usb_device *device);

/**
 * The page that holds an address, by the device's own layout or the product.
 *
 * @return false if its place is not known
 */
bool session_page_at(const struct btap_product *product, const struct btap_usb_device *device,
                     uint32_t address, struct btap_range *page);

#endif
