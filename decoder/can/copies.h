/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Recorders that write frames down twice. Internal to the CAN decoder.
 */
#ifndef DECODER_CAN_COPIES_H
#define DECODER_CAN_COPIES_H

#include "boottap/can.h"

/**
 * Whether a frame is the one before it, written down once more. To be called for each FD frame,
 * in their order; tells it once.
 */
bool can_is_copy(struct btap_can *can, const struct btap_can_frame *frame);

#endif
