/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "can/recognise.h"

#include "can/shape.h"

/* Devices answer a command at once; what takes time comes behind that answer */
#define CONFIRMED_WITHIN_NS ((btap_ns)1000000000)

/* Two classic commands in a row that nobody answers are no further apart */
#define CLASSIC_WITHIN_NS ((btap_ns)10000000000)

/* A bus that has nobody else: what was sent on it in vain so far counts as foreign */
#define FOREIGN_FEW 4

bool can_is_likely(const struct btap_can_frame *frame)
{
    return can_shape(frame) >= CAN_PLAUSIBLE;
}

bool can_has_unlike(const struct btap_can *can, uint32_t id)
{
    return (can->unlike[id >> 5] >> (id & 31) & 1) != 0;
}

const struct btap_can_frame *can_kept(struct btap_can_held *held)
{
    held->frame.data = held->data;
    if (held->frame.id_bytes != NULL)
        held->frame.id_bytes = held->id_bytes;
    return &held->frame;
}

const struct btap_can_frame *can_candidate(struct btap_can *can)
{
    return can->held_length > 0 ? can_kept(&can->held[can->candidate]) : NULL;
}

bool can_candidate_answered(const struct btap_can *can)
{
    return can->held_length > can->candidate + 1u;
}

static bool is_soon(struct btap_can *can, const struct btap_can_frame *frame)
{
    return frame->at.time - can_candidate(can)->at.time <= CONFIRMED_WITHIN_NS;
}

/**
 * Whether a frame answers the candidate. A padded answer, or one where other things were sent, may
 * as well be a counter of another node.
 */
static bool is_answer_to(struct btap_can *can, const struct btap_can_frame *candidate,
                         const struct btap_can_frame *frame)
{
    if (!can_is_answer(frame) || !can_is_reply_id(frame, candidate->id))
        return false;
    if (can->engaged)
        return true;
    if (!is_soon(can, frame))
        return false;
    return can_shape(candidate) == CAN_TYPICAL ||
           (can_is_bare_answer(frame) && !can_has_unlike(can, frame->id));
}

/** A command without payload has one dummy byte at most: eight of them are somebody's signals. */
static bool is_typical(const struct btap_can *can, const struct btap_can_frame *frame)
{
    return can_shape(frame) == CAN_TYPICAL && !can_has_unlike(can, frame->id) &&
           ((frame->fd && frame->length == 1) || can_is_exact(frame) ||
            can_is_padded_detection(frame));
}

/**
 * Whether two commands that nobody answered are of one host. Classic logs hold frames such as 000#
 * or 002#, among thousands of others; the synchronisation hardly stands in any.
 */
static bool is_close(const struct btap_can *can, const struct btap_can_frame *candidate,
                     const struct btap_can_frame *frame)
{
    if (frame->fd)
        return true;
    return can->foreign == can->foreign_before &&
           frame->at.time - candidate->at.time <= CLASSIC_WITHIN_NS &&
           (can->foreign <= FOREIGN_FEW || frame->id == BTAP_CAN_CLASSIC_SYNC_ID ||
            candidate->id == BTAP_CAN_CLASSIC_SYNC_ID);
}

bool can_is_enough_alone(const struct btap_can_frame *frame)
{
    return can_shape(frame) == CAN_TYPICAL && (frame->fd || frame->id == BTAP_CAN_CLASSIC_SYNC_ID);
}

/**
 * Whether a frame and the candidate are two commands that hardly anything else could be. One that
 * is sent again may be anybody's, unless the bus has nobody else.
 */
static bool is_second_command(const struct btap_can *can, const struct btap_can_frame *candidate,
                              const struct btap_can_frame *frame)
{
    if (can->engaged)
        return false;
    /* Single bytes alone may be a counter's. */
    if (can_has_opcode_inside(candidate) && can_has_opcode_inside(frame))
        return can->foreign <= FOREIGN_FEW && frame->length != candidate->length;
    if (!is_typical(can, candidate) || !is_close(can, candidate, frame))
        return false;
    if (can_shape(frame) == CAN_DETECTION)
        return !can_has_unlike(can, frame->id);
    return is_typical(can, frame) &&
           ((candidate->id & CAN_ID_BASE) == (frame->id & CAN_ID_BASE) ||
            can_is_classic_detection(candidate) || can_is_classic_detection(frame)) &&
           (candidate->id != frame->id || can->foreign == 0);
}

/** In a session the values of a command may make no sense: its length and the ACK are enough. */
static bool is_acknowledged_anyway(const struct btap_can_frame *candidate,
                                   const struct btap_can_frame *frame)
{
    return can_is_bare_answer(frame) &&
           (can_shape(candidate) == CAN_FIT || can_holds_page_list(candidate));
}

static bool has_address(const struct btap_can_frame *frame)
{
    const enum btap_command command = can_command(frame);

    return command == BTAP_READ_MEMORY || command == BTAP_WRITE_MEMORY || command == BTAP_GO;
}

/**
 * Whether its answer is enough for a candidate that does not make sense: the one before was
 * answered too, or a whole address and no more is refused.
 */
static bool is_answer_enough(const struct btap_can *can, const struct btap_can_frame *candidate,
                             const struct btap_can_frame *frame)
{
    const bool nack = frame->data[0] == CAN_NACK;

    if (can->engaged)
        return nack || is_acknowledged_anyway(candidate, frame);
    /* A byte on an identifier, and another one there, are a counter's as well. */
    if (!frame->fd)
        return nack && can_is_exact(candidate) && has_address(candidate);
    return (can->candidate > 0 && can_is_bare_answer(frame)) ||
           (nack && can_is_exact(candidate) && has_address(candidate));
}

static uint32_t announced(const struct btap_can_frame *command)
{
    return command->captured > 4 ? command->data[4] + 1u : 0;
}

/** Whether a frame goes on with a command whose answer proved nothing. */
static bool goes_on(struct btap_can *can, const struct btap_can_frame *candidate,
                    const struct btap_can_frame *frame)
{
    const enum btap_command command = can_command(candidate);
    const bool of_host = frame->id == candidate->id || (!frame->fd && frame->id == CAN_DATA_ID);
    const bool of_device = can_is_reply_id(frame, candidate->id);

    if (!is_soon(can, frame))
        return false;
    if (command == BTAP_READ_MEMORY)
        return of_device && announced(candidate) > 0 && can_fits(frame, announced(candidate));
    if (command == BTAP_WRITE_MEMORY)
        return of_host && announced(candidate) > 0 && frame->length > 1 &&
               can_fits(frame, announced(candidate));
    if (command == BTAP_SPECIAL || command == BTAP_EXTENDED_SPECIAL)
        return of_host && frame->length == CAN_SUBCOMMAND_LENGTH;
    return frame->fd && of_device && can_is_bare_answer(frame);
}

bool can_confirms(struct btap_can *can, const struct btap_can_frame *frame)
{
    const struct btap_can_frame *candidate = can_candidate(can);

    if (can_candidate_answered(can))
        return goes_on(can, candidate, frame);
    if (is_answer_to(can, candidate, frame))
        return can_is_likely(candidate) || is_answer_enough(can, candidate, frame);
    return is_second_command(can, candidate, frame);
}

bool can_may_answer(struct btap_can *can, const struct btap_can_frame *frame)
{
    return can->held_length > 0 && !can_candidate_answered(can) && can_is_bare_answer(frame) &&
           is_answer_to(can, can_candidate(can), frame);
}

bool can_may_open(struct btap_can *can, const struct btap_can_frame *frame)
{
    const enum can_shape shape = can_shape(frame);

    if (!frame->fd && !can_is_exact(frame))
        return false;
    return (shape == CAN_FIT || shape == CAN_SHORT || can_has_opcode_inside(frame)) &&
           !can_has_unlike(can, frame->id) &&
           (can->held_length == 0 || can_candidate_answered(can) ||
            !can_is_likely(can_candidate(can)));
}
