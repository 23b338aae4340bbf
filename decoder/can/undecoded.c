/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "can/undecoded.h"

#include "can/shape.h"
#include "model/emit.h"

#define ID_MAX 0x7ffu

/* AN3154: Speed; data frames of Write Memory */
#define CLASSIC_SPEED_ID 0x03u
#define CLASSIC_DATA_ID  0x04u

#define ANSWERED_WITHIN_NS ((btap_ns)1000000000)
#define SECOND_WITHIN_NS   ((btap_ns)10000000000)

/* A host waits for its answer; what follows a command sooner may be data. */
#define UNANSWERED_AFTER_NS ((btap_ns)50000000)

static bool is_sync(const struct btap_can_frame *frame)
{
    return !frame->fd && frame->id == BTAP_CAN_CLASSIC_SYNC_ID && frame->length == 0;
}

/** A command that hardly anything else looks like. */
static bool is_telling(const struct btap_can_frame *frame)
{
    const enum can_shape shape = can_shape(frame);

    return is_sync(frame) || shape == CAN_DETECTION ||
           (shape == CAN_TYPICAL && can_is_exact(frame));
}

/** Nothing else was on the bus since the last command, and that was not long ago. */
static bool is_next(const struct btap_can *can, const struct btap_can_undecoded *seen,
                    const struct btap_can_frame *frame)
{
    return seen->known && can->foreign == seen->foreign &&
           frame->at.time - seen->at.time <= SECOND_WITHIN_NS;
}

static void tell(struct btap_can *can, struct btap_can_undecoded *seen, enum btap_note_id id,
                 const struct btap_can_frame *frame)
{
    if (!seen->told)
        emit_note(&can->emitter, id, &frame->at, seen->id, 0, 0);
    seen->told = true;
}

static void tell_unanswered(struct btap_can *can, struct btap_can_undecoded *seen)
{
    if (seen->waiting)
        emit_note(&can->emitter, BTAP_NOTE_CAN_CLASSIC_UNANSWERED, &seen->at, seen->id, 0, 0);
    seen->waiting = false;
}

static void remember(struct btap_can *can, struct btap_can_undecoded *seen,
                     const struct btap_can_frame *frame)
{
    /* What Go started owns the bus, and need not know the protocol. */
    const bool started = seen->acknowledged && can_command(seen->id) == BTAP_GO;

    if (seen->known && frame->at.time - seen->at.time >= UNANSWERED_AFTER_NS)
        tell_unanswered(can, seen);
    seen->over = seen->over || started;
    seen->waiting = seen->answered && !seen->over;
    seen->alone = can->foreign == seen->alone ? seen->alone + 1 : 0;
    seen->known = true;
    seen->acknowledged = false;
    seen->id = frame->id;
    seen->at = frame->at;
    /* This frame counts as well. */
    seen->foreign = can->foreign + 1;
}

static void command(struct btap_can *can, struct btap_can_undecoded *seen, enum btap_note_id id,
                    const struct btap_can_frame *frame)
{
    if (is_next(can, seen, frame) && (frame->id != seen->id || can->foreign == seen->alone))
        tell(can, seen, id, frame);
    remember(can, seen, frame);
}

/** What follows the ACK of these is not another answer but what was asked for. */
static bool is_reading(uint32_t id)
{
    const enum btap_command command = can_command(id);

    return btap_command_has(command, BTAP_TRAIT_READS) ||
           btap_command_effort(command) == BTAP_EFFORT_PROBE;
}

static void answer(struct btap_can *can, const struct btap_can_frame *frame)
{
    struct btap_can_undecoded *seen = &can->classic;
    const bool nack = frame->data[0] == CAN_NACK;

    if (seen->acknowledged && frame->id == seen->id && is_reading(seen->id))
        return;
    tell(can, seen, BTAP_NOTE_CAN_CLASSIC, frame);
    if (!seen->answered)
        emit_note(&can->emitter, BTAP_NOTE_CAN_CLASSIC_ANSWERED, &frame->at, frame->id, 0, 0);
    seen->answered = true;
    seen->acknowledged = !nack;
    seen->waiting = false;
    seen->over = false;
    /* A device that is synchronised already refuses another synchronisation. */
    if (nack && seen->id == BTAP_CAN_CLASSIC_SYNC_ID) {
        seen->refused_at = frame->at;
        seen->sync_refused = true;
        return;
    }
    if (!nack)
        seen->sync_refused = false;
    else
        emit_note(&can->emitter, BTAP_NOTE_CAN_CLASSIC_REFUSED, &frame->at, seen->id, 0, 0);
}

/** A command that hardly tells anything, in a conversation that told enough. */
static bool is_other_command(const struct btap_can_undecoded *seen,
                             const struct btap_can_frame *frame)
{
    const enum btap_command command = can_command(frame->id);

    if (!seen->answered || (command == BTAP_COMMAND_UNKNOWN && frame->id != CLASSIC_SPEED_ID))
        return false;
    /* What the device sends has the same identifier. */
    return !is_reading(frame->id) || can_shape(frame) >= CAN_FIT;
}

/** Answers carry the command's identifier; NACKs to stray data that of the data. */
static bool is_answer(const struct btap_can_undecoded *seen, const struct btap_can_frame *frame)
{
    return seen->known && can_is_bare_answer(frame) &&
           (frame->id == seen->id || (seen->answered && frame->id == CLASSIC_DATA_ID)) &&
           (seen->answered || frame->at.time - seen->at.time <= ANSWERED_WITHIN_NS);
}

void can_undecoded(struct btap_can *can, const struct btap_can_frame *frame)
{
    struct btap_can_frame standard = *frame;

    standard.extended = false;
    if (frame->id > ID_MAX)
        return;
    if (frame->extended) {
        if (is_telling(&standard))
            command(can, &can->extended, BTAP_NOTE_CAN_EXTENDED, &standard);
    } else if (is_answer(&can->classic, frame)) {
        answer(can, frame);
    } else if (is_telling(frame)) {
        command(can, &can->classic, BTAP_NOTE_CAN_CLASSIC, frame);
    } else if (is_other_command(&can->classic, frame)) {
        remember(can, &can->classic, frame);
    }
}

void can_undecoded_finish(struct btap_can *can)
{
    struct btap_can_undecoded *seen = &can->classic;

    tell_unanswered(can, seen);
    if (seen->sync_refused)
        emit_note(&can->emitter, BTAP_NOTE_CAN_CLASSIC_REFUSED, &seen->refused_at,
                  BTAP_CAN_CLASSIC_SYNC_ID, 0, 0);
}
