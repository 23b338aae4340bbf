/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "can/opening.h"

#include <string.h>

#include "can/conversation.h"
#include "can/recognise.h"
#include "can/shape.h"

/* Commands that were refused so long before the next one are no opening of a session */
#define OPENING_WITHIN_NS ((btap_ns)10000000000)

static void mark(uint32_t set[64], uint32_t id)
{
    set[id >> 5] |= 1u << (id & 31);
}

/** The frame at the end of those that are kept is no bootloader's. */
static void drop_last(struct btap_can *can)
{
    struct can_kept kept;
    const struct btap_can_frame *frame = can_held(can, (uint8_t)(can->held_length - 1), &kept);

    /* Until now only what hardly looks like a command counted. */
    if (can_is_likely(frame))
        can->foreign++;
    /* But for data of a lost command: that is on an identifier of the host's. */
    if (can_is_likely(frame) || can_shape(frame) == CAN_OTHER)
        mark(can->of_others, frame->id);
    if (!can->engaged && !can_is_likely(frame) && !can_has_opcode_inside(frame))
        mark(can->unlike, frame->id);
    can->held_length--;
}

void can_drop_opening(struct btap_can *can)
{
    while (can->held_length > 0)
        drop_last(can);
    can->candidate = 0;
}

void can_drop_candidate(struct btap_can *can)
{
    if (can->held_length == 0 || can_candidate_answered(can))
        return;
    drop_last(can);
    can->candidate = can_last_command(can);
}

/** The last frame that is kept came so long before this one that they are of no session. */
static bool is_opening_over(const struct btap_can *can, const struct btap_can_frame *frame)
{
    struct can_kept kept;

    return can->held_length > 0 &&
           frame->at.time - can_held(can, (uint8_t)(can->held_length - 1), &kept)->at.time >
               OPENING_WITHIN_NS;
}

bool can_keep_candidate(struct btap_can *can, const struct btap_can_frame *frame)
{
    struct can_kept oldest;

    can_drop_candidate(can);
    if (is_opening_over(can, frame))
        can_drop_opening(can);
    /* A likely one needs no room for its answer: that proves it. */
    if (can->held_length > can_held_max(can) - (can_is_likely(frame) ? 1 : 2))
        for (int i = 0; i < 2; i++)
            mark(can->unlike, can_release(can, &oldest)->id);
    can->candidate = can->held_length;
    can->foreign_before = can->foreign + !can_is_likely(frame);
    can_hold(can, frame);
    can_mark_command(can, can->candidate);
    can->last_of_host = true;
    return can_is_likely(frame);
}

bool can_keep_going(struct btap_can *can, const struct btap_can_frame *frame)
{
    struct can_kept oldest;

    if (can->held_length == can_held_max(can)) {
        can_release(can, &oldest);
        can->candidate = (uint8_t)(can->candidate - (can->candidate > 0));
    }
    can_hold(can, frame);
    return can_is_likely(frame);
}

bool can_unlike_command(struct btap_can *can, const struct btap_can_frame *frame)
{
    struct can_kept kept;

    mark(can->unlike, frame->id);
    if (can->held_length > 0 && can_candidate(can, &kept)->id == frame->id)
        can_drop_opening(can);
    return false;
}

/** What became of commands that hardly look like some, in a trial. */
struct verdict {
    bool unlikely; /**< the last command is such a one */
    bool strict;   /**< and it is as good as the rest of another command */
    bool failed;   /**< one is none: something that came does not fit it */
};

/**
 * What is as good as the rest of another command is one only if nothing is odd. Others may have got
 * no answer at all, and hosts of CAN FD send what the note does not have.
 */
static bool fits(const struct btap_transaction *transaction, bool strict)
{
    if (transaction->status == BTAP_NACK)
        return true;
    if (strict)
        return transaction->status == BTAP_OK && transaction->notes_length == 0;
    return transaction->status == BTAP_OK ||
           (transaction->status == BTAP_NO_REPLY && transaction->phase == BTAP_PHASE_COMMAND);
}

static void try_transaction(void *context, const struct btap_link *link,
                            const struct btap_transaction *transaction)
{
    struct verdict *verdict = context;

    (void)link;
    if (verdict->unlikely && !fits(transaction, verdict->strict))
        verdict->failed = true;
}

static void try_note(void *context, const struct btap_link *link, uint64_t n,
                     const struct btap_note *told)
{
    struct verdict *verdict = context;

    (void)link;
    (void)told;
    if (verdict->unlikely && n == 0)
        verdict->failed = true;
}

/** Decodes one of the frames that were kept. @return false if it has no place */
static bool decode_kept(struct btap_can *can, const struct btap_can_frame *frame)
{
    if (can_is_over(can, frame))
        can_end(can, BTAP_OK);
    if (can->emitter.open)
        return can_in_command(can, frame);
    if (!can_is_fd(can) && can_is_late_answer(can, frame))
        return can_late_answer(can, frame);
    can_begin(can, frame);
    return true;
}

/** Decodes a frame in a trial. */
static void try_frame(struct btap_can *trial, const struct btap_can_frame *frame,
                      struct verdict *verdict)
{
    const struct btap_transaction *transaction = can_transaction(trial);
    const bool has_place = decode_kept(trial, frame);

    if (trial->emitter.open && transaction->first_packet == frame->at.packet) {
        verdict->strict = !frame->fd || can_may_be_rest(frame);
        verdict->unlikely = !can_is_likely(frame) || can_may_be_rest(frame);
    }
    if (verdict->unlikely && verdict->strict &&
        (!has_place || (trial->emitter.open && transaction->notes_length > 0)))
        verdict->failed = true;
}

/**
 * Whether what is kept is all of commands that went well, the first of them in frame first.
 *
 * @param next the frame behind; NULL at the end
 */
static bool is_healthy_from(const struct btap_can *can, uint8_t first,
                            const struct btap_can_frame *next)
{
    struct verdict verdict = {.failed = false};
    const struct btap_sink sink = {
        .context = &verdict, .transaction = try_transaction, .note = try_note};
    struct btap_link link = *can->emitter.link;
    struct btap_can trial = *can;

    trial.emitter.link = &link;
    trial.emitter.sink = &sink;
    trial.held_length = 0;
    trial.candidate = 0;
    for (uint8_t i = first; i < can->held_length && !verdict.failed; i++) {
        struct can_kept kept;

        try_frame(&trial, can_held(can, i, &kept), &verdict);
    }
    /* The detection frame begins a session, whatever is open. */
    if (next != NULL && can_shape(next) == CAN_DETECTION)
        return !verdict.failed && !(trial.emitter.open && verdict.unlikely);
    if (next != NULL)
        try_frame(&trial, next, &verdict);
    return !verdict.failed;
}

/** A command can begin with it. A bare answer is more likely what is left of an exchange. */
static bool is_start(const struct btap_can_frame *frame)
{
    return can_is_likely(frame) || (can_is_opener(frame) && !can_is_bare_answer(frame));
}

/**
 * Where the opening begins. A capture that begins amid a command shows its last answers and data,
 * of which single bytes are as good as the count of an Erase: what does not fit is left out.
 *
 * @param next the frame behind; NULL at the end
 * @return held_length if nothing fits
 */
static uint8_t opening_start(const struct btap_can *can, const struct btap_can_frame *next)
{
    uint8_t first = 0;

    for (; !can->engaged && first < can->held_length; first++) {
        struct can_kept kept;

        if (is_start(can_held(can, first, &kept)) && is_healthy_from(can, first, next))
            break;
    }
    return first;
}

bool can_decode_opening(struct btap_can *can, const struct btap_can_frame *next)
{
    uint8_t opening[BTAP_CAN_HELD_ROOM];
    const uint8_t first = opening_start(can, next);
    const uint8_t length = can->held_length;

    if (first == length)
        return false;
    memcpy(opening, can->held, sizeof(opening));
    can->held_length = 0;
    can->candidate = 0;
    for (uint8_t i = 0; i < length; i++) {
        struct can_kept kept;
        const struct btap_can_frame *frame = can_held_in(can, opening, i, &kept);

        /* Until now only what hardly looks like a command counted. */
        if (i < first) {
            can->foreign += can_is_likely(frame);
            continue;
        }
        can->foreign -= !can_is_likely(frame);
        decode_kept(can, frame);
    }
    return true;
}
