/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fdcan/recognise.h"

#include "fdcan/shape.h"

/* Devices answer a command at once; what takes time comes behind that answer */
#define CONFIRMED_WITHIN_NS ((btap_ns)1000000000)

bool fdcan_is_likely(const struct btap_can_frame *frame)
{
    return fdcan_shape(frame) >= FDCAN_PLAUSIBLE;
}

bool fdcan_has_unlike(const struct btap_fdcan *fdcan, uint32_t id)
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
    if (!fdcan_is_answer(frame) || !fdcan_is_reply_id(frame->id, candidate->id))
        return false;
    if (fdcan->engaged)
        return true;
    if (frame->at.time - candidate->at.time > CONFIRMED_WITHIN_NS)
        return false;
    return fdcan_shape(candidate) == FDCAN_TYPICAL ||
           (fdcan_is_bare_answer(frame) && !fdcan_has_unlike(fdcan, frame->id));
}

/** A command without payload has one dummy byte at most: eight of them are somebody's signals. */
static bool is_typical(const struct btap_fdcan *fdcan, const struct btap_can_frame *frame)
{
    return fdcan_shape(frame) == FDCAN_TYPICAL && !fdcan_has_unlike(fdcan, frame->id) &&
           (frame->length == 1 || fdcan_is_exact(frame));
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
    if (fdcan_shape(frame) == FDCAN_DETECTION)
        return !fdcan_has_unlike(fdcan, frame->id);
    return is_typical(fdcan, frame) &&
           (candidate->id & FDCAN_ID_BASE) == (frame->id & FDCAN_ID_BASE) &&
           (candidate->id != frame->id || fdcan->foreign == 0);
}

/** In a session the values of a command may make no sense: its length and the ACK are enough. */
static bool is_acknowledged_anyway(const struct btap_fdcan *fdcan,
                                   const struct btap_can_frame *candidate,
                                   const struct btap_can_frame *frame)
{
    return fdcan->engaged && fdcan_is_bare_answer(frame) && fdcan_shape(candidate) == FDCAN_FIT;
}

bool fdcan_confirms(const struct btap_fdcan *fdcan, const struct btap_can_frame *candidate,
                    const struct btap_can_frame *frame)
{
    if (is_answer_to(fdcan, candidate, frame))
        return frame->data[0] == FDCAN_NACK || fdcan_is_likely(candidate) ||
               is_acknowledged_anyway(fdcan, candidate, frame);
    return is_second_command(fdcan, candidate, frame);
}
