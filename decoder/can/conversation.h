/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * AN5405, AN3154: which frames belong to the command that is open, and how it ends. Internal to
 * the CAN decoder.
 *
 * The functions that take a frame return whether it is one of the bootloader's.
 */
#ifndef DECODER_CAN_CONVERSATION_H
#define DECODER_CAN_CONVERSATION_H

#include "boottap/can.h"
#include "can/held.h"
#include "can/payload.h"
#include "can/shape.h"

/** Linux can/error.h: no node acknowledged a frame */
#define CAN_ERROR_NO_ACKNOWLEDGE 0x20u

static inline void can_note(struct btap_can *can, enum btap_note_id id,
                            const struct btap_can_frame *frame, uint32_t arg0, uint32_t arg1)
{
    emit_note(&can->emitter, id, &frame->at, arg0, arg1, 0);
}

/** The frame is a command: opens its transaction. None may be open. */
void can_begin(struct btap_can *can, const struct btap_can_frame *frame);

/** The same of the oldest frame that is kept, which must be there. */
void can_begin_held(struct btap_can *can);

/** Ends the open transaction, at the step that it is in. */
void can_end(struct btap_can *can, enum btap_status status);

/** A command is open that has the answer that counts; not every device gives another one. */
bool can_may_be_over(const struct btap_can *can);

/** And that other answer is overdue, or the host begins something new with this frame. */
bool can_is_over(const struct btap_can *can, const struct btap_can_frame *frame);

/** Whether the host's commands are on such identifiers, as far as is known. */
bool can_is_host_id(const struct btap_can *can, uint32_t id);

/** Whether the host begins something new with this frame. @param at_least its look */
bool can_is_command(const struct btap_can *can, const struct btap_can_frame *frame,
                    enum can_shape at_least);

/** A frame while a command is open. */
bool can_in_command(struct btap_can *can, const struct btap_can_frame *frame);

/** The host begins something new although the open command waits for an answer or data. */
bool can_host_went_on(struct btap_can *can, const struct btap_can_frame *frame);

/** Whether a frame is an answer to the command that has ended. */
bool can_is_late_answer(const struct btap_can *can, const struct btap_can_frame *frame);

/** Such a frame. */
bool can_late_answer(struct btap_can *can, const struct btap_can_frame *frame);

/** The bytes of the frames that are kept are those that no device asked for. */
void can_spill_held(struct btap_can *can);

#endif
