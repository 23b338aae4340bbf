/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "fdcan/copies.h"

#include "fdcan/payload.h"
#include "fdcan/recognise.h"

/* A host that sends a command again has waited for its answer for longer */
#define COPY_WITHIN_NS ((btap_ns)1000000)

/* At the rates of AN5405 no two frames of a device begin so soon after one another */
#define FRAME_NS ((btap_ns)150000)

/* FNV-1a */
#define SUM_START 2166136261u
#define SUM_PRIME 16777619u

static uint32_t add(uint32_t sum, uint32_t byte)
{
    return (sum ^ byte) * SUM_PRIME;
}

static uint32_t sum_of(const struct btap_can_frame *frame)
{
    uint32_t sum = add(add(add(SUM_START, frame->id & 0xff), frame->id >> 8), frame->length);

    for (uint8_t i = 0; i < frame->captured; i++)
        sum = add(sum, frame->data[i]);
    return sum;
}

/** Nothing came since the command that waits for its first answer. */
static bool is_after_command(const struct btap_fdcan *fdcan)
{
    if (!fdcan->emitter.open)
        return fdcan->held_length > 0 && !fdcan_candidate_answered(fdcan);
    return fdcan->emitter.transaction.last_packet == fdcan->emitter.transaction.first_packet &&
           fdcan->step->kind == FDCAN_ANSWER;
}

/**
 * A command is never sent twice at once: that shows the copies. Data may repeat itself; then each
 * second frame is a copy. The device's frames may too, and few recorders write those down twice.
 */
static bool is_copied(const struct btap_fdcan *fdcan, btap_ns gap)
{
    if (fdcan->last_doubled || gap < 0 || gap > COPY_WITHIN_NS)
        return false;
    if (fdcan->last_of_host)
        return fdcan->doubled || is_after_command(fdcan);
    return fdcan->doubled && gap <= 2 * fdcan->copy_gap && gap <= FRAME_NS;
}

static void tell(struct btap_fdcan *fdcan, const struct btap_can_frame *frame)
{
    if (fdcan->doubled_told || !fdcan->emitter.open)
        return;
    fdcan->doubled_told = true;
    emit_note(&fdcan->emitter, BTAP_NOTE_RECORDED_TWICE, &frame->at, 0, 0, 0);
}

bool fdcan_is_copy(struct btap_fdcan *fdcan, const struct btap_can_frame *frame)
{
    const uint32_t sum = sum_of(frame);
    const btap_ns gap = frame->at.time - fdcan->last_time;

    if (sum == fdcan->last_sum && is_copied(fdcan, gap)) {
        if (!fdcan->doubled)
            fdcan->copy_gap = gap;
        fdcan->doubled = true;
        fdcan->last_doubled = true;
        tell(fdcan, frame);
        return true;
    }
    fdcan->last_doubled = false;
    fdcan->last_sum = sum;
    fdcan->last_time = frame->at.time;
    return false;
}
