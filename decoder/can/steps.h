/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The steps of the commands, of AN5405 and of AN3154. Internal to the CAN decoder.
 */
#ifndef DECODER_CAN_STEPS_H
#define DECODER_CAN_STEPS_H

#include "boottap/can.h"

/** What a command waits for next. */
enum can_step_kind {
    CAN_END,
    CAN_ANSWER,
    /* from the host */
    CAN_PAYLOAD, /**< Write Memory: data */
    CAN_PAGES,   /**< page numbers of two bytes */
    CAN_PAGES_8, /**< of one byte */
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
    bool each;     /**< an answer to each frame of the step before it */
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

/** What a number of a step is: the step consists of it, or of many. */
struct can_number {
    enum btap_field field;
    uint8_t width;  /**< in bytes; 0: something else than numbers */
    uint8_t length; /**< bytes of the step; 0: the command tells */
};

struct can_number can_number(enum can_step_kind kind);

/**
 * The first step of a command whose frame is read.
 *
 * @param fd AN5405; else AN3154
 */
const struct btap_can_step *can_steps(bool fd, const struct btap_transaction *transaction);

#endif
