/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Recorders that write frames down twice. Internal to the FDCAN decoder.
 */
#ifndef DECODER_FDCAN_COPIES_H
#define DECODER_FDCAN_COPIES_H

#include "boottap/fdcan.h"

/**
 * Whether a frame is the one before it, written down once more. To be called for each FD frame,
 * in their order; tells it once.
 */
bool fdcan_is_copy(struct btap_fdcan *fdcan, const struct btap_can_frame *frame);

#endif
