/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The frames that are kept until it is clear that they are a bootloader's (recognise.h), and what
 * becomes of them then. Internal to the CAN decoder.
 *
 * The functions that keep a frame return whether it looks like a command.
 */
#ifndef DECODER_CAN_OPENING_H
#define DECODER_CAN_OPENING_H

#include "boottap/can.h"

/** The frame becomes the candidate; of what is kept before it the oldest gives way. */
bool can_keep_candidate(struct btap_can *can, const struct btap_can_frame *frame);

/** The frame goes on with the candidate, and of what is kept the oldest gives way. */
bool can_keep_going(struct btap_can *can, const struct btap_can_frame *frame);

/** Something else than commands is sent on this identifier. @return false */
bool can_unlike_command(struct btap_can *can, const struct btap_can_frame *frame);

/** The candidate got no answer; commands before it that got one are kept. */
void can_drop_candidate(struct btap_can *can);

/** Nothing of what is kept is a bootloader's: other nodes use these identifiers. */
void can_drop_opening(struct btap_can *can);

/**
 * Decodes what was kept until it was clear that it is a bootloader's.
 *
 * @param next the frame behind; NULL at the end
 * @return false if it is not: there is none that fits
 */
bool can_decode_opening(struct btap_can *can, const struct btap_can_frame *next);

#endif
