/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fdcan_recognise.h"

#include "fdcan_shape.h"

/* Devices answer a command at once; what takes time comes behind that answer */
#define CONFIRMED_WITHIN_NS ((btap_ns)1000000000)

bool btap_fdcan_is_likely(const struct btap_can_frame *frame)
{
    return btap_fdcan_shape(frame) >= BTAP_FDCAN_PLAUSIBLE;
}

bool btap_fdcan_has_unlike(const struct btap_fdcan *fdcan, uint32_t id)
{
    return (fdcan->unlike[id >> 5] >> (id & 31) & 1) != 0;
}

/**
 * Whether a frame answers the candidate. A padded answer, or one where other things were sent, may
 * as well be a counter of another node.
 */
static bool is_answer_to(const struct btap_fdcan *fdcan, const struct btap_can_frame *candidate,
                         const struct btap_can_frame *frame)
{
    if (!btap_fdcan_is_answer(frame) || !btap_fdcan_is_reply_id(frame->id, candidate->id))
        return false;
    if (fdcan->engaged)
        return true;
    if (frame->at.time - candidate->at.time > CONFIRMED_WITHIN_NS)
        return false;
    return btap_fdcan_shape(candidate) == BTAP_FDCAN_TYPICAL ||
           (btap_fdcan_is_bare_answer(frame) && !btap_fdcan_has_unlike(fdcan, frame->id));
}

/** A command without payload has one dummy byte at most: eight of them are somebody's signals. */
static bool is_typical(const struct btap_fdcan *fdcan, const struct btap_can_frame *frame)
{
    return btap_fdcan_shape(frame) == BTAP_FDCAN_TYPICAL &&
           !btap_fdcan_has_unlike(fdcan, frame->id) &&
           (frame->length == 1 || btap_fdcan_is_exact(frame));
}

/**
 * Whether a frame and the candidate are two commands that hardly anything else could be. One that
 * is sent again may be anybody's, unless the bus has nobody else.
 */
static bool is_second_command(const struct btap_fdcan *fdcan,
                              const struct btap_can_frame *candidate,
                              const struct btap_can_frame *frame)
{
    if (fdcan->engaged || !is_typical(fdcan, candidate))
        return false;
    if (btap_fdcan_shape(frame) == BTAP_FDCAN_DETECTION)
        return !btap_fdcan_has_unlike(fdcan, frame->id);
    return is_typical(fdcan, frame) &&
           (candidate->id & BTAP_FDCAN_ID_BASE) == (frame->id & BTAP_FDCAN_ID_BASE) &&
           (candidate->id != frame->id || fdcan->foreign == 0);
}

/** In a session the values of a command may make no sense: its length and the ACK are enough. */
static bool is_acknowledged_anyway(const struct btap_fdcan *fdcan,
                                   const struct btap_can_frame *candidate,
                                   const struct btap_can_frame *frame)
{
    return fdcan->engaged && btap_fdcan_is_bare_answer(frame) &&
           btap_fdcan_shape(candidate) == BTAP_FDCAN_FIT;
}

bool btap_fdcan_confirms(const struct btap_fdcan *fdcan, const struct btap_can_frame *candidate,
                         const struct btap_can_frame *frame)
{
    if (is_answer_to(fdcan, candidate, frame))
        return frame->data[0] == BTAP_FDCAN_NACK || btap_fdcan_is_likely(candidate) ||
               is_acknowledged_anyway(fdcan, candidate, frame);
    return is_second_command(fdcan, candidate, frame);
}
