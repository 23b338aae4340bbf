/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What the report shows of a session's memory: what was written, erased and read back stands in the
 * session's image; here is what else the map draws.
 */
#ifndef SNIFFER_REPORT_MEMORY_H
#define SNIFFER_REPORT_MEMORY_H

#include "memory/image.h"

struct memory {
    const struct image *image; /**< the session's; NULL until it is over */
    struct ranges read;
    struct ranges checked; /**< the device was asked for their CRC */
    struct ranges refused; /**< of erase, write, read and check commands that failed */
    bool mass_erased;      /**< all of the flash */
    bool sized;            /**< and the capture tells how large that is, at most */
    bool bank_erased;
    bool bank_unplaced;
    uint64_t unplaced; /**< erased pages of which it is not known where they lie */
    uint64_t missing;  /**< written bytes that the capture lacks */
};

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

/** The ranges that were written, read or refused, and erased if asked for. To be released. */
struct ranges memory_touched(const struct memory *memory, bool with_erased);

#endif
