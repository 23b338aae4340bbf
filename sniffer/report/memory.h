/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What a session did to the device's memory, byte by byte: erased, written, read back equal or not.
 */
#ifndef SNIFFER_REPORT_MEMORY_H
#define SNIFFER_REPORT_MEMORY_H

#include "boottap/product.h"

/** Ranges of addresses, ordered, neither overlapping nor touching. */
struct ranges {
    size_t length;
    size_t room;
    bool full; /**< more than can be kept turned up; what did not fit is missing */
    struct btap_range *list;
};

/** Most ranges that are kept apart: a device has far fewer pages. */
#define RANGES_MAX 16384

void ranges_add(struct ranges *ranges, struct btap_range range);
/** How many addresses of a range are in them. */
uint64_t ranges_cover(const struct ranges *ranges, struct btap_range range);
/** How many addresses are in them. */
uint64_t ranges_size(const struct ranges *ranges);
void ranges_release(struct ranges *ranges);

/** What is known of a byte that was written. */
enum byte_state {
    BYTE_WRITTEN = 1,
    BYTE_VERIFIED = 2, /**< read back, equal */
    BYTE_DIFFERS = 4,  /**< read back, not equal */
};

#define MEMORY_PAGE_SIZE 1024u
/** Pages that a report keeps: 8 MiB, twice the largest flash. */
#define MEMORY_PAGES_MAX 8192

struct memory_page {
    uint32_t address;
    uint8_t content[MEMORY_PAGE_SIZE];
    uint8_t state[MEMORY_PAGE_SIZE]; /**< bits of enum byte_state */
};

struct memory {
    size_t *room; /**< pages that may still be made, shared by all memories of a report; not NULL */
    struct ranges erased;
    struct ranges read;
    struct ranges checked; /**< the device was asked for their CRC */
    struct ranges refused; /**< of erase, write, read and check commands that failed */
    bool mass_erased;      /**< all of the flash, wherever that ends */
    bool bank_erased;
    uint64_t unplaced; /**< erased pages of which it is not known where they lie */
    uint64_t unkept;   /**< written bytes for which there was no room */
    size_t pages_length;
    struct memory_page *pages[MEMORY_PAGES_MAX]; /**< ordered by address */
};

void memory_erase(struct memory *memory, struct btap_range range);
void memory_write(struct memory *memory, uint32_t address, const uint8_t *bytes, uint32_t length);
void memory_read(struct memory *memory, uint32_t address, const uint8_t *bytes, uint32_t length);
void memory_release(struct memory *memory);

/** How many bytes of a range are in which state. */
struct memory_count {
    uint64_t erased;
    uint64_t written;
    uint64_t verified;
    uint64_t differs;
    uint64_t read;
    uint64_t checked;
    uint64_t refused;
};

struct memory_count memory_count(const struct memory *memory, struct btap_range range);

/** The whole address space. */
#define MEMORY_ALL ((struct btap_range){0, UINT32_MAX})

/** The ranges that were written, read or refused, near ones joined. To be released. */
struct ranges memory_touched(const struct memory *memory, bool with_erased);

#endif
