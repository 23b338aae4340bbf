/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Memory contents of the transaction under way, kept until its outcome shows whether they count.
 */
#ifndef SNIFFER_SESSIONS_PAYLOAD_H
#define SNIFFER_SESSIONS_PAYLOAD_H

#include <stddef.h>

#include "boottap/sink.h"

/** Bytes at consecutive addresses. */
struct payload_slice {
    uint32_t address;
    uint32_t length;
    uint64_t packet; /**< that its first byte is in */
    bool written;    /**< true: host to memory, false: memory to host */
};

/** Start with zero. Readers use n to bytes. */
struct payload {
    uint64_t n; /**< of the transaction; 0 none */
    size_t slices_length;
    struct payload_slice *slices;
    size_t length;  /**< of bytes */
    uint8_t *bytes; /**< of all slices, one after the other */

    size_t slices_room;
    size_t room;
};

/** Keeps data; those of another transaction are dropped before. */
void payload_add(struct payload *payload, const struct btap_data *data);

/** Drops all data, and keeps the memory for others. */
void payload_clear(struct payload *payload);

void payload_release(struct payload *payload);

#endif
