/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Whether a frame on a bus that others use too is a bootloader's. Internal to the CAN decoder.
 *
 * Until the decoder is engaged it keeps the opening: a command that waits for its answer, the
 * candidate, and before it commands whose answer alone proves nothing, each with that answer and,
 * of some, with what may belong to it behind that.
 */
#ifndef DECODER_CAN_RECOGNISE_H
#define DECODER_CAN_RECOGNISE_H

#include "boottap/can.h"
#include "can/held.h"

/** A frame that hardly looks like a command counts as foreign until it turns out to be one. */
bool can_is_likely(const struct btap_can_frame *frame);

/** Whether frames on an 11-bit identifier turned out to be other nodes'. */
bool can_is_of_others(const struct btap_can *can, uint32_t id);

/** Whether something else than commands was sent on an 11-bit identifier while not engaged. */
bool can_has_unlike(const struct btap_can *can, uint32_t id);

/** The candidate, as can_held() has it; NULL if there is none. */
const struct btap_can_frame *can_candidate(const struct btap_can *can, struct can_kept *kept);

/** The candidate has its answer, which proves nothing yet. */
bool can_candidate_answered(const struct btap_can *can);

/**
 * Whether a frame shows that the candidate was a command: it answers it, goes on with it, or is a
 * second command.
 */
bool can_confirms(const struct btap_can *can, const struct btap_can_frame *frame);

/** Whether a command that nobody answers is one where nothing else is in the capture. */
bool can_is_enough_alone(const struct btap_can_frame *frame);

/** Whether a frame may be the candidate's answer, though that proves nothing yet. */
bool can_may_answer(const struct btap_can *can, const struct btap_can_frame *frame);

/**
 * Whether a frame may belong to a candidate that its first answer did not prove: a list and more
 * answers. It proves nothing either.
 */
bool can_goes_along(const struct btap_can *can, const struct btap_can_frame *frame);

/** Whether a frame that hardly looks like a command may be one all the same, by its length. */
bool can_is_opener(const struct btap_can_frame *frame);

/** Whether a frame that hardly looks like a command may be the candidate: nothing likelier is. */
bool can_may_open(const struct btap_can *can, const struct btap_can_frame *frame);

#endif
