/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Sets of addresses.
 */
#ifndef SNIFFER_MEMORY_RANGES_H
#define SNIFFER_MEMORY_RANGES_H

#include <stddef.h>

#include "boottap/product.h"

/** Ranges of addresses, ordered, neither overlapping nor touching. */
struct ranges {
    size_t length;
    size_t room;
    bool unlimited; /**< set by the caller: any number of them is kept */
    bool full;      /**< more than can be kept turned up; what did not fit is missing */
    struct btap_range *list;
};

/** Most ranges that are kept apart: a device has far fewer pages. */
#define RANGES_MAX 16384

/** Adds a range. @return false if there was no room for it */
bool ranges_add(struct ranges *ranges, struct btap_range range);
/** Whether an address is in them. */
bool ranges_hold(const struct ranges *ranges, uint32_t address);
/** Index of the first range that ends at an address or above it; length if none does. */
size_t ranges_find(const struct ranges *ranges, uint32_t address);
/** How many addresses of a range are in them. */
uint64_t ranges_cover(const struct ranges *ranges, struct btap_range range);
/** How many addresses are in them. */
uint64_t ranges_size(const struct ranges *ranges);
void ranges_release(struct ranges *ranges);

#endif
