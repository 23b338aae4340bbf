/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "can/copies.h"

#include <string.h>

#include "can/payload.h"
#include "can/recognise.h"

/* A host that sends a command again has waited for its answer for longer */
#define COPY_WITHIN_NS ((btap_ns)1000000)

/* At the rates of AN5405 no two frames of a device begin so soon after one another */
#define FRAME_NS ((btap_ns)150000)

/* FNV-1a over words of 64 bits, turned so that no bit stays at the top */
#define SUM_START UINT64_C(0xcbf29ce484222325)
#define SUM_PRIME UINT64_C(0x100000001b3)

static uint64_t add(uint64_t sum, uint64_t word)
{
    sum = (sum ^ word) * SUM_PRIME;
    return sum << 29 | sum >> 35;
}

static uint32_t sum_of(const struct btap_can_frame *frame)
{
    uint64_t sum = add(SUM_START, (uint64_t)frame->id << 8 | frame->length);
    uint64_t word = 0;
    uint8_t i = 0;

    for (; i + sizeof(word) <= frame->captured; i += (uint8_t)sizeof(word)) {
        memcpy(&word, frame->data + i, sizeof(word));
        sum = add(sum, word);
    }
    for (word = 0; i < frame->captured; i++)
        word = word << 8 | frame->data[i];
    sum = add(sum, word);
    return (uint32_t)(sum ^ sum >> 32);
}

/** Nothing came since the command that waits for its first answer. */
static bool is_after_command(const struct btap_can *can)
{
    if (!can->emitter.open)
        return can->held_length > 0 && !can_candidate_answered(can);
    return can->emitter.transaction.last_packet == can->emitter.transaction.first_packet &&
           can->step->kind == CAN_ANSWER;
}

/**
 * A command is never sent twice at once: that shows the copies. Data may repeat itself; then each
 * second frame is a copy. The device's frames may too, and few recorders write those down twice.
 */
static bool is_copied(const struct btap_can *can, btap_ns gap)
{
    if (can->last_doubled || gap < 0 || gap > COPY_WITHIN_NS)
        return false;
    if (can->last_of_host)
        return can->doubled || is_after_command(can);
    return can->doubled && gap <= 2 * can->copy_gap && gap <= FRAME_NS;
}

static void tell(struct btap_can *can, const struct btap_can_frame *frame)
{
    if (can->doubled_told || !can->emitter.open)
        return;
    can->doubled_told = true;
    emit_note(&can->emitter, BTAP_NOTE_RECORDED_TWICE, &frame->at, 0, 0, 0);
}

bool can_is_copy(struct btap_can *can, const struct btap_can_frame *frame)
{
    const uint32_t sum = sum_of(frame);
    const btap_ns gap = frame->at.time - can->last_time;

    if (sum == can->last_sum && is_copied(can, gap)) {
        if (!can->doubled)
            can->copy_gap = gap;
        can->doubled = true;
        can->last_doubled = true;
        tell(can, frame);
        return true;
    }
    can->last_doubled = false;
    can->last_sum = sum;
    can->last_time = frame->at.time;
    return false;
}
