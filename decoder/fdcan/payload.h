/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The steps of the FDCAN commands, and the reading of frames along them. Internal to the FDCAN
 * decoder.
 */
#ifndef DECODER_FDCAN_PAYLOAD_H
#define DECODER_FDCAN_PAYLOAD_H

#include "boottap/fdcan.h"
#include "model/emit.h"

/** What a command waits for next. */
enum fdcan_step_kind {
    FDCAN_END,
    FDCAN_ANSWER,
    /* from the host */
    FDCAN_PAYLOAD, /**< Write Memory: data */
    FDCAN_PAGES,
    FDCAN_SECTORS,
    FDCAN_SUBCOMMAND,
    FDCAN_SIZE,
    FDCAN_PACKET,
    FDCAN_SIZE2, /**< Extended Special: the second packet */
    FDCAN_PACKET2,
    /* from the device */
    FDCAN_COUNT,
    FDCAN_VERSION,
    FDCAN_OPCODES,
    FDCAN_OPTIONS,
    FDCAN_PID,
    FDCAN_CONTENTS, /**< Read Memory: data */
    FDCAN_REPLY_SIZE,
    FDCAN_REPLY,
    FDCAN_STATUS_SIZE,
    FDCAN_STATUS,
};

struct btap_fdcan_step {
    enum fdcan_step_kind kind;
    enum btap_phase phase;
    bool optional; /**< an answer that some devices do not give */
};

/** btap_fdcan.left where the end shows only by the answer behind it. */
#define FDCAN_UNTIL_ANSWER UINT32_MAX

static inline bool fdcan_host_step(const struct btap_fdcan_step *step)
{
    return step->kind >= FDCAN_PAYLOAD && step->kind <= FDCAN_PACKET2;
}

static inline bool fdcan_device_step(const struct btap_fdcan_step *step)
{
    return step->kind >= FDCAN_COUNT;
}

/** Steps whose bytes are memory contents or the like: a single byte may look like an answer. */
static inline bool fdcan_raw_step(const struct btap_fdcan_step *step)
{
    return step->kind == FDCAN_PAYLOAD || step->kind == FDCAN_PACKET || step->kind == FDCAN_PACKET2;
}

/** Fills in and emits what a command frame holds, and waits for the command's first step. */
void fdcan_start(struct btap_fdcan *fdcan, const struct btap_can_frame *frame);

/** The step is done: waits for the next one that is not empty. */
void fdcan_advance(struct btap_fdcan *fdcan);

/** Reads a frame along the steps of its sender; what is left of it is padding. */
void fdcan_consume(struct btap_fdcan *fdcan, const struct btap_can_frame *frame,
                   enum btap_direction direction);

/** Tells an answer: its identifier, its byte, padding. Anything but ACK and NACK is bad. */
void fdcan_tell_answer(struct btap_fdcan *fdcan, const struct btap_can_frame *frame);

/** Tells a whole payload as one field: padding, skipped bytes. */
void fdcan_tell_whole(struct btap_fdcan *fdcan, const struct btap_can_frame *frame,
                      enum btap_direction direction, enum btap_field field);

#endif
