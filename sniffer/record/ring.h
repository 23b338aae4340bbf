/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The files of a ring: their names, as dumpcap makes them, and which of them stay.
 */
#ifndef SNIFFER_RECORD_RING_H
#define SNIFFER_RECORD_RING_H

#include <stddef.h>
#include <stdint.h>

#include "boottap/types.h"

/** Start with zero but for path and keep. */
struct ring {
    const char *path; /**< what the names are made of; kept by the caller */
    uint64_t keep;    /**< so many files stay; 0: all */
    uint64_t number;  /**< of the last file, from 1; 0: none yet */
    char **names;     /**< of those that stay, where some must go later */
    size_t names_length;
    size_t names_size;
};

/**
 * Names the next file, PREFIX_NNNNN_YYYYMMDDhhmmss.SUFFIX in local time, and removes the oldest one
 * where there would be too many.
 *
 * @return allocated, the caller frees it
 */
char *ring_next(struct ring *ring, btap_ns now);

/** Forgets the names. The files stay. */
void ring_release(struct ring *ring);

#endif
