/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "can/recognise.h"

#include "can/shape.h"

/* Devices answer a command at once; what takes time comes behind that answer */
#define CONFIRMED_WITHIN_NS ((btap_ns)1000000000)

/* Two classic commands in a row that nobody answers are no further apart */
#define CLASSIC_WITHIN_NS ((btap_ns)10000000000)

/* Product ids of STM32 are 0x4xx; their bootloaders' protocols on CAN are 1.0 to 3.x */
#define PID_HIGH_BYTE 0x04
#define VERSION_MIN   0x10
#define VERSION_MAX   0x3f

/* A bus that has nobody else: what was sent on it in vain so far counts as foreign */
#define FOREIGN_FEW 4

bool can_is_likely(const struct btap_can_frame *frame)
{
    return can_shape(frame) >= CAN_PLAUSIBLE;
}

bool can_is_of_others(const struct btap_can *can, uint32_t id)
{
    return (can->of_others[id >> 5] >> (id & 31) & 1) != 0;
}

bool can_has_unlike(const struct btap_can *can, uint32_t id)
{
    return (can->unlike[id >> 5] >> (id & 31) & 1) != 0;
}

const struct btap_can_frame *can_candidate(const struct btap_can *can, struct can_kept *kept)
{
    return can->held_length > 0 ? can_held(can, can->candidate, kept) : NULL;
}

bool can_candidate_answered(const struct btap_can *can)
{
    return can->held_length > can->candidate + 1u;
}

static bool is_soon(const struct btap_can_frame *candidate, const struct btap_can_frame *frame)
{
    return frame->at.time - candidate->at.time <= CONFIRMED_WITHIN_NS;
}

/** A classic command whose frame is as good as a signal's byte: one byte, or none and padding. */
static bool is_weak(const struct btap_can_frame *frame)
{
    return !frame->fd && can_shape(frame) == CAN_FIT && can_command_length(frame) <= 1;
}

/**
 * Whether a frame answers the candidate. A padded answer, or one where other things were sent, may
 * as well be a counter of another node.
 */
static bool is_answer_to(const struct btap_can *can, const struct btap_can_frame *candidate,
                         const struct btap_can_frame *frame)
{
    if (!can_is_answer(frame) || !can_is_reply_id(frame, candidate->id))
        return false;
    if (can->engaged)
        return true;
    if (!is_soon(candidate, frame))
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
           (candidate->id != frame->id || (can->foreign == 0 && !can_may_be_rest(frame)));
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

/** The classic candidate has a synchronisation before it, which was answered too. */
static bool follows_sync(const struct btap_can *can, const struct btap_can_frame *candidate)
{
    struct can_kept kept;

    return can->candidate == 2 && candidate->id != BTAP_CAN_CLASSIC_SYNC_ID &&
           can_held(can, 0, &kept)->id == BTAP_CAN_CLASSIC_SYNC_ID;
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
        return (nack && can_is_exact(candidate) && has_address(candidate)) ||
               (can_is_padded_empty(candidate) && follows_sync(can, candidate));
    return (can->candidate > 0 && can_is_bare_answer(frame) && !can_may_be_rest(candidate)) ||
           (nack && can_is_exact(candidate) && has_address(candidate));
}

static uint32_t announced(const struct btap_can_frame *command)
{
    return command->captured > 4 ? command->data[4] + 1u : 0;
}

static bool has_list(enum btap_command command)
{
    return command == BTAP_ERASE || command == BTAP_WRITE_PROTECT;
}

/** Byte 0 of a frame that is kept, or 0. */
static uint8_t byte_of(const struct btap_can *can, uint32_t index)
{
    struct can_kept kept;
    const struct btap_can_frame *frame =
        index < can->held_length ? can_held(can, (uint8_t)index, &kept) : NULL;

    return frame != NULL && frame->captured > 0 ? frame->data[0] : 0;
}

/**
 * Whether a frame goes on with a weak command. Signals have one length on an identifier; here a
 * byte, an ACK and then a product id or a full list are on the same one. Get answers in single
 * bytes: their number, the version, and Get itself is the first command of all lists.
 */
static bool goes_on_weakly(const struct btap_can *can, const struct btap_can_frame *candidate,
                           const struct btap_can_frame *frame)
{
    const enum btap_command command = can_command(candidate);
    const uint32_t behind = can->held_length - can->candidate - 1u;
    struct can_kept last;

    if (frame->id != candidate->id || frame->captured == 0 || can_has_unlike(can, frame->id))
        return false;
    if (command == BTAP_GET_ID)
        return behind == 1 && frame->length == 2 && frame->data[0] == PID_HIGH_BYTE;
    if (command == BTAP_GET)
        return behind == 3 && frame->length == 1 && frame->data[0] == 0x00 &&
               byte_of(can, can->candidate + 2u) > 0 &&
               byte_of(can, can->candidate + 3u) >= VERSION_MIN &&
               byte_of(can, can->candidate + 3u) <= VERSION_MAX;
    return has_list(command) && frame->length == can_frame_max(false) &&
           can_is_bare_answer(can_held(can, (uint8_t)(can->held_length - 1), &last));
}

/** Whether a frame goes on with a command whose answer proved nothing. */
static bool goes_on(const struct btap_can *can, const struct btap_can_frame *candidate,
                    const struct btap_can_frame *frame)
{
    const enum btap_command command = can_command(candidate);
    const bool of_host = frame->id == candidate->id || (!frame->fd && frame->id == CAN_DATA_ID);
    const bool of_device = can_is_reply_id(frame, candidate->id);

    if (!is_soon(candidate, frame))
        return false;
    if (is_weak(candidate))
        return goes_on_weakly(can, candidate, frame);
    if (command == BTAP_GET_VERSION && can_may_be_rest(candidate))
        return of_device && frame->length > 0 && !can_is_answer(frame);
    /* A list of one page has the look of the next Erase. */
    if (has_list(command) && can_may_be_rest(candidate) && of_host && frame->length > 1)
        return command == BTAP_WRITE_PROTECT ||
               (can_pages(candidate) > 1 && can_fits(frame, 2 * can_pages(candidate)));
    if (command == BTAP_READ_MEMORY)
        return of_device && announced(candidate) > 0 && can_fits(frame, announced(candidate));
    if (command == BTAP_WRITE_MEMORY)
        return of_host && announced(candidate) > 0 && frame->length > 1 &&
               can_fits(frame, announced(candidate));
    if ((command == BTAP_SPECIAL || command == BTAP_EXTENDED_SPECIAL) &&
        !can_may_be_rest(candidate))
        return of_host && frame->length == CAN_SUBCOMMAND_LENGTH;
    return frame->fd && of_device && can_is_bare_answer(frame);
}

bool can_confirms(const struct btap_can *can, const struct btap_can_frame *frame)
{
    struct can_kept kept;
    const struct btap_can_frame *candidate = can_candidate(can, &kept);

    if (can_candidate_answered(can))
        return goes_on(can, candidate, frame);
    if (is_answer_to(can, candidate, frame))
        return (can_is_likely(candidate) &&
                (can->engaged || !can_may_be_rest(candidate) || frame->data[0] == CAN_NACK)) ||
               is_answer_enough(can, candidate, frame);
    return is_second_command(can, candidate, frame);
}

bool can_may_answer(const struct btap_can *can, const struct btap_can_frame *frame)
{
    struct can_kept kept;
    const struct btap_can_frame *candidate = can_candidate(can, &kept);

    if (candidate == NULL || can_candidate_answered(can) || !can_is_bare_answer(frame))
        return false;
    /* What was sent there before may be the rest of a command that nobody saw. */
    if (is_weak(candidate))
        return frame->id == candidate->id && is_soon(candidate, frame);
    return is_answer_to(can, candidate, frame);
}

bool can_goes_along(const struct btap_can *can, const struct btap_can_frame *frame)
{
    struct can_kept kept;
    const struct btap_can_frame *candidate = can_candidate(can, &kept);

    if (candidate == NULL || !can_candidate_answered(can))
        return false;
    if (frame->fd)
        return has_list(can_command(candidate)) && can_may_be_rest(candidate) &&
               can_is_reply_id(frame, candidate->id) &&
               (can_is_bare_answer(frame) || (frame->length <= 2 && can_pages(candidate) <= 1));
    if (!is_weak(candidate) || can_is_likely(frame) || can_command(candidate) == BTAP_SYNC)
        return false;
    return frame->id == candidate->id ||
           (frame->id == CAN_DATA_ID && has_list(can_command(candidate)));
}

bool can_is_opener(const struct btap_can_frame *frame)
{
    const enum can_shape shape = can_shape(frame);

    if (!frame->fd)
        return can_is_exact(frame) || can_is_padded_empty(frame);
    return shape == CAN_FIT || shape == CAN_SHORT || can_has_opcode_inside(frame);
}

bool can_may_open(const struct btap_can *can, const struct btap_can_frame *frame)
{
    struct can_kept kept;

    return can_is_opener(frame) && (is_weak(frame) || !can_has_unlike(can, frame->id)) &&
           (can->held_length == 0 || can_candidate_answered(can) ||
            !can_is_likely(can_candidate(can, &kept)));
}
