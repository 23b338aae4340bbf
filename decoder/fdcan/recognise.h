/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Whether a frame on a bus that others use too is a bootloader's. Internal to the FDCAN decoder.
 */
#ifndef DECODER_FDCAN_RECOGNISE_H
#define DECODER_FDCAN_RECOGNISE_H

#include "boottap/fdcan.h"

/** A frame that hardly looks like a command counts as foreign until it turns out to be one. */
bool fdcan_is_likely(const struct btap_can_frame *frame);

/** Whether something else than commands was sent on an 11-bit identifier while not engaged. */
bool fdcan_has_unlike(const struct btap_fdcan *fdcan, uint32_t id);

/**
 * Whether a frame shows that the candidate, a frame before it, was a command: it answers it (one
 * that hardly looks like a command must be refused), or it is a second one.
 */
bool fdcan_confirms(const struct btap_fdcan *fdcan, const struct btap_can_frame *candidate,
                    const struct btap_can_frame *frame);

#endif
