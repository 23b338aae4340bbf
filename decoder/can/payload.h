/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The reading of frames along the steps of their command. Internal to the CAN decoder.
 */
#ifndef DECODER_CAN_PAYLOAD_H
#define DECODER_CAN_PAYLOAD_H

#include "boottap/can.h"
#include "can/steps.h"
#include "model/emit.h"

/** The open one, or else the last one. */
static inline struct btap_transaction *can_transaction(struct btap_can *can)
{
    return &can->emitter.transaction;
}

/** Fills in and emits what a command frame holds, and waits for the command's first step. */
void can_start(struct btap_can *can, const struct btap_can_frame *frame);

/** The step is done: waits for the next one that is not empty. */
void can_advance(struct btap_can *can);

/**
 * Goes back from the answer to a data frame to what is left of the data.
 *
 * @return false if nothing is, or the device does not acknowledge each frame
 */
bool can_resume(struct btap_can *can);

/** Reads a frame along the steps of its sender; what is left of it is padding. */
void can_consume(struct btap_can *can, const struct btap_can_frame *frame,
                 enum btap_direction direction);

/** Tells an answer: its identifier, its byte, padding. Anything but ACK and NACK is bad. */
void can_tell_answer(struct btap_can *can, const struct btap_can_frame *frame);

/** Tells a whole payload as one field: padding, skipped bytes. */
void can_tell_whole(struct btap_can *can, const struct btap_can_frame *frame,
                    enum btap_direction direction, enum btap_field field);

#endif
