/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What an erase command erased, as far as the capture tells: pages and banks by the product, DfuSe
 * pages by the layout string of the device.
 */
#ifndef SNIFFER_MEMORY_ERASE_H
#define SNIFFER_MEMORY_ERASE_H

#include "boottap/transaction.h"
#include "boottap/usb_device.h"
#include "memory/image.h"

/**
 * Whether a transaction erased something: an erase that succeeded and was performed, or the removal
 * of read protection, which erases the flash (AN3155 section 3.12, AN3156 section 5.4).
 */
bool erase_happened(const struct btap_transaction *transaction);

/**
 * Erases the same in an image.
 *
 * @param transaction of which erase_happened() is true
 * @param product NULL if it is not known
 * @param device NULL if none is known
 * @return false if it is not known where, or not all of it
 */
bool erase_apply(struct image *image, const struct btap_transaction *transaction,
                 const struct btap_product *product, const struct btap_usb_device *device);

#endif
