/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Commands of a flashing tool that are seen and not decoded: in frames with 29-bit identifiers,
 * which no bootloader takes. Internal to the CAN decoder.
 */
#ifndef DECODER_CAN_UNDECODED_H
#define DECODER_CAN_UNDECODED_H

#include "boottap/can.h"

/**
 * Looks at a frame with a 29-bit identifier, and notes what it shows. One command alone shows
 * nothing: other protocols have such frames. It takes a second command at once behind it; the same
 * one only where nothing else is on the bus.
 */
void can_undecoded(struct btap_can *can, const struct btap_can_frame *frame);

#endif
