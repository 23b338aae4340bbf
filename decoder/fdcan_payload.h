/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The steps of the FDCAN commands, and the reading of frames along them. Internal to the FDCAN
 * decoder.
 */
#ifndef BOOTTAP_FDCAN_PAYLOAD_H
#define BOOTTAP_FDCAN_PAYLOAD_H

#include "boottap/fdcan.h"

/** What a command waits for next. */
enum btap_fdcan_step_kind {
    BTAP_FDCAN_END,
    BTAP_FDCAN_ANSWER,
    /* from the host */
    BTAP_FDCAN_PAYLOAD, /**< Write Memory: data */
    BTAP_FDCAN_PAGES,
    BTAP_FDCAN_SECTORS,
    BTAP_FDCAN_SUBCOMMAND,
    BTAP_FDCAN_SIZE,
    BTAP_FDCAN_PACKET,
    BTAP_FDCAN_SIZE2, /**< Extended Special: the second packet */
    BTAP_FDCAN_PACKET2,
    /* from the device */
    BTAP_FDCAN_COUNT,
    BTAP_FDCAN_VERSION,
    BTAP_FDCAN_OPCODES,
    BTAP_FDCAN_OPTIONS,
    BTAP_FDCAN_PID,
    BTAP_FDCAN_CONTENTS, /**< Read Memory: data */
    BTAP_FDCAN_REPLY_SIZE,
    BTAP_FDCAN_REPLY,
    BTAP_FDCAN_STATUS_SIZE,
    BTAP_FDCAN_STATUS,
};

struct btap_fdcan_step {
    enum btap_fdcan_step_kind kind;
    enum btap_phase phase;
    bool optional; /**< an answer that some devices do not give */
};

/** btap_fdcan.left where the end shows only by the answer behind it. */
#define BTAP_FDCAN_UNTIL_ANSWER UINT32_MAX

static inline bool btap_fdcan_host_step(const struct btap_fdcan_step *step)
{
    return step->kind >= BTAP_FDCAN_PAYLOAD && step->kind <= BTAP_FDCAN_PACKET2;
}

static inline bool btap_fdcan_device_step(const struct btap_fdcan_step *step)
{
    return step->kind >= BTAP_FDCAN_COUNT;
}

/** Steps whose bytes are memory contents or the like: a single byte may look like an answer. */
static inline bool btap_fdcan_raw_step(const struct btap_fdcan_step *step)
{
    return step->kind == BTAP_FDCAN_PAYLOAD || step->kind == BTAP_FDCAN_PACKET ||
           step->kind == BTAP_FDCAN_PACKET2;
}

/** Fills in and tells what a command frame holds, and waits for the command's first step. */
void btap_fdcan_start(struct btap_fdcan *fdcan, const struct btap_can_frame *frame);

/** The step is done: waits for the next one that is not empty. */
void btap_fdcan_advance(struct btap_fdcan *fdcan);

/** Reads a frame along the steps of its sender; what is left of it is padding. */
void btap_fdcan_consume(struct btap_fdcan *fdcan, const struct btap_can_frame *frame,
                        enum btap_direction direction);

/** Tells an answer: its identifier, its byte, padding. Anything but ACK and NACK is bad. */
void btap_fdcan_tell_answer(struct btap_fdcan *fdcan, const struct btap_can_frame *frame);

/** Tells a whole payload as one field: padding, skipped bytes. */
void btap_fdcan_tell_whole(struct btap_fdcan *fdcan, const struct btap_can_frame *frame,
                           enum btap_direction direction, enum btap_field field);

#endif
