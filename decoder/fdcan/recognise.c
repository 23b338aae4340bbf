/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fdcan/recognise.h"

#include "fdcan/shape.h"

/* Devices answer a command at once; what takes time comes behind that answer */
#define CONFIRMED_WITHIN_NS ((btap_ns)1000000000)

/* A bus that has nobody else: what was sent on it in vain so far counts as foreign */
#define FOREIGN_FEW 4

bool fdcan_is_likely(const struct btap_can_frame *frame)
{
    return fdcan_shape(frame) >= FDCAN_PLAUSIBLE;
}

bool fdcan_has_unlike(const struct btap_fdcan *fdcan, uint32_t id)
{
    return (fdcan->unlike[id >> 5] >> (id & 31) & 1) != 0;
}

const struct btap_can_frame *fdcan_kept(struct btap_fdcan_held *held)
{
    held->frame.data = held->data;
    if (held->frame.id_bytes != NULL)
        held->frame.id_bytes = held->id_bytes;
    return &held->frame;
}

const struct btap_can_frame *fdcan_candidate(struct btap_fdcan *fdcan)
{
    return fdcan->held_length > 0 ? fdcan_kept(&fdcan->held[fdcan->candidate]) : NULL;
}

bool fdcan_candidate_answered(const struct btap_fdcan *fdcan)
{
    return fdcan->held_length > fdcan->candidate + 1u;
}

static bool is_soon(struct btap_fdcan *fdcan, const struct btap_can_frame *frame)
{
    return frame->at.time - fdcan_candidate(fdcan)->at.time <= CONFIRMED_WITHIN_NS;
}

/**
 * Whether a frame answers the candidate. A padded answer, or one where other things were sent, may
 * as well be a counter of another node.
 */
static bool is_answer_to(struct btap_fdcan *fdcan, const struct btap_can_frame *candidate,
                         const struct btap_can_frame *frame)
{
    if (!fdcan_is_answer(frame) || !fdcan_is_reply_id(frame->id, candidate->id))
        return false;
    if (fdcan->engaged)
        return true;
    if (!is_soon(fdcan, frame))
        return false;
    return fdcan_shape(candidate) == FDCAN_TYPICAL ||
           (fdcan_is_bare_answer(frame) && !fdcan_has_unlike(fdcan, frame->id));
}

/** A command without payload has one dummy byte at most: eight of them are somebody's signals. */
static bool is_typical(const struct btap_fdcan *fdcan, const struct btap_can_frame *frame)
{
    return fdcan_shape(frame) == FDCAN_TYPICAL && !fdcan_has_unlike(fdcan, frame->id) &&
           (frame->length == 1 || fdcan_is_exact(frame) || fdcan_is_padded_detection(frame));
}

/**
 * Whether a frame and the candidate are two commands that hardly anything else could be. One that
 * is sent again may be anybody's, unless the bus has nobody else.
 */
static bool is_second_command(const struct btap_fdcan *fdcan,
                              const struct btap_can_frame *candidate,
                              const struct btap_can_frame *frame)
{
    if (fdcan->engaged)
        return false;
    /* Single bytes alone may be a counter's. */
    if (fdcan_has_opcode_inside(candidate) && fdcan_has_opcode_inside(frame))
        return fdcan->foreign <= FOREIGN_FEW && frame->length != candidate->length;
    if (!is_typical(fdcan, candidate))
        return false;
    if (fdcan_shape(frame) == FDCAN_DETECTION)
        return !fdcan_has_unlike(fdcan, frame->id);
    return is_typical(fdcan, frame) &&
           (candidate->id & FDCAN_ID_BASE) == (frame->id & FDCAN_ID_BASE) &&
           (candidate->id != frame->id || fdcan->foreign == 0);
}

/** In a session the values of a command may make no sense: its length and the ACK are enough. */
static bool is_acknowledged_anyway(const struct btap_can_frame *candidate,
                                   const struct btap_can_frame *frame)
{
    return fdcan_is_bare_answer(frame) &&
           (fdcan_shape(candidate) == FDCAN_FIT || fdcan_holds_page_list(candidate));
}

static bool has_address(const struct btap_can_frame *frame)
{
    const enum btap_command command = fdcan_command(frame->id);

    return command == BTAP_READ_MEMORY || command == BTAP_WRITE_MEMORY || command == BTAP_GO;
}

/**
 * Whether its answer is enough for a candidate that does not make sense: the one before was
 * answered too, or a whole address and no more is refused.
 */
static bool is_answer_enough(const struct btap_fdcan *fdcan, const struct btap_can_frame *candidate,
                             const struct btap_can_frame *frame)
{
    const bool nack = frame->data[0] == FDCAN_NACK;

    if (fdcan->engaged)
        return nack || is_acknowledged_anyway(candidate, frame);
    return (fdcan->candidate > 0 && fdcan_is_bare_answer(frame)) ||
           (nack && fdcan_is_exact(candidate) && has_address(candidate));
}

static uint32_t announced(const struct btap_can_frame *command)
{
    return command->captured > 4 ? command->data[4] + 1u : 0;
}

/** Whether a frame goes on with a command whose answer proved nothing. */
static bool goes_on(struct btap_fdcan *fdcan, const struct btap_can_frame *candidate,
                    const struct btap_can_frame *frame)
{
    const enum btap_command command = fdcan_command(candidate->id);
    const bool of_host = frame->id == candidate->id;
    const bool of_device = fdcan_is_reply_id(frame->id, candidate->id);

    if (!is_soon(fdcan, frame))
        return false;
    if (command == BTAP_READ_MEMORY)
        return of_device && announced(candidate) > 0 && fdcan_fits(frame, announced(candidate));
    if (command == BTAP_WRITE_MEMORY)
        return of_host && announced(candidate) > 0 && frame->length > 1 &&
               fdcan_fits(frame, announced(candidate));
    if (command == BTAP_SPECIAL || command == BTAP_EXTENDED_SPECIAL)
        return of_host && frame->length == FDCAN_SUBCOMMAND_LENGTH;
    return of_device && fdcan_is_bare_answer(frame);
}

bool fdcan_confirms(struct btap_fdcan *fdcan, const struct btap_can_frame *frame)
{
    const struct btap_can_frame *candidate = fdcan_candidate(fdcan);

    if (fdcan_candidate_answered(fdcan))
        return goes_on(fdcan, candidate, frame);
    if (is_answer_to(fdcan, candidate, frame))
        return fdcan_is_likely(candidate) || is_answer_enough(fdcan, candidate, frame);
    return is_second_command(fdcan, candidate, frame);
}

bool fdcan_may_answer(struct btap_fdcan *fdcan, const struct btap_can_frame *frame)
{
    return fdcan->held_length > 0 && !fdcan_candidate_answered(fdcan) &&
           fdcan_is_bare_answer(frame) && is_answer_to(fdcan, fdcan_candidate(fdcan), frame);
}

bool fdcan_may_open(struct btap_fdcan *fdcan, const struct btap_can_frame *frame)
{
    const enum fdcan_shape shape = fdcan_shape(frame);

    return (shape == FDCAN_FIT || shape == FDCAN_SHORT || fdcan_has_opcode_inside(frame)) &&
           !fdcan_has_unlike(fdcan, frame->id) &&
           (fdcan->held_length == 0 || fdcan_candidate_answered(fdcan) ||
            !fdcan_is_likely(fdcan_candidate(fdcan)));
}
