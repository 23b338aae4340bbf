/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The steps of the FDCAN commands, and the reading of frames along them. Internal to the CAN
 * decoder.
 */
#ifndef DECODER_CAN_PAYLOAD_H
#define DECODER_CAN_PAYLOAD_H

#include "boottap/can.h"
#include "model/emit.h"

/** What a command waits for next. */
enum can_step_kind {
    CAN_END,
    CAN_ANSWER,
    /* from the host */
    CAN_PAYLOAD, /**< Write Memory: data */
    CAN_PAGES,
    CAN_SECTORS,
    CAN_SUBCOMMAND,
    CAN_SIZE,
    CAN_PACKET,
    CAN_SIZE2, /**< Extended Special: the second packet */
    CAN_PACKET2,
    /* from the device */
    CAN_COUNT,
    CAN_VERSION,
    CAN_OPCODES,
    CAN_OPTIONS,
    CAN_PID,
    CAN_CONTENTS, /**< Read Memory: data */
    CAN_REPLY_SIZE,
    CAN_REPLY,
    CAN_STATUS_SIZE,
    CAN_STATUS,
};

struct btap_can_step {
    enum can_step_kind kind;
    enum btap_phase phase;
    bool optional; /**< an answer that some devices do not give */
};

/** btap_can.left where the end shows only by the answer behind it. */
#define CAN_UNTIL_ANSWER UINT32_MAX

static inline bool can_host_step(const struct btap_can_step *step)
{
    return step->kind >= CAN_PAYLOAD && step->kind <= CAN_PACKET2;
}

static inline bool can_device_step(const struct btap_can_step *step)
{
    return step->kind >= CAN_COUNT;
}

/** Steps whose bytes are memory contents or the like: a single byte may look like an answer. */
static inline bool can_raw_step(const struct btap_can_step *step)
{
    return step->kind == CAN_PAYLOAD || step->kind == CAN_PACKET || step->kind == CAN_PACKET2;
}

/** Fills in and emits what a command frame holds, and waits for the command's first step. */
void can_start(struct btap_can *can, const struct btap_can_frame *frame);

/** The step is done: waits for the next one that is not empty. */
void can_advance(struct btap_can *can);

/** Reads a frame along the steps of its sender; what is left of it is padding. */
void can_consume(struct btap_can *can, const struct btap_can_frame *frame,
                 enum btap_direction direction);

/** Tells an answer: its identifier, its byte, padding. Anything but ACK and NACK is bad. */
void can_tell_answer(struct btap_can *can, const struct btap_can_frame *frame);

/** Tells a whole payload as one field: padding, skipped bytes. */
void can_tell_whole(struct btap_can *can, const struct btap_can_frame *frame,
                    enum btap_direction direction, enum btap_field field);

#endif
