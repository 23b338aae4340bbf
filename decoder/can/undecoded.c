/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "can/undecoded.h"

#include "can/shape.h"
#include "model/emit.h"

#define SECOND_WITHIN_NS ((btap_ns)10000000000)

/** A command that hardly anything else looks like. */
static bool is_telling(const struct btap_can_frame *frame)
{
    const enum can_shape shape = can_shape(frame);

    return shape == CAN_DETECTION || (shape == CAN_TYPICAL && can_is_exact(frame));
}

/** Nothing else was on the bus since the last command, and that was not long ago. */
static bool is_next(const struct btap_can *can, const struct btap_can_undecoded *seen,
                    const struct btap_can_frame *frame)
{
    return seen->known && can->foreign == seen->foreign &&
           frame->at.time - seen->at.time <= SECOND_WITHIN_NS;
}

static void remember(struct btap_can *can, struct btap_can_undecoded *seen,
                     const struct btap_can_frame *frame)
{
    seen->alone = can->foreign == seen->alone ? seen->alone + 1 : 0;
    seen->known = true;
    seen->id = frame->id;
    seen->at = frame->at;
    /* This frame counts as well. */
    seen->foreign = can->foreign + 1;
}

void can_undecoded(struct btap_can *can, const struct btap_can_frame *frame)
{
    struct btap_can_undecoded *seen = &can->extended;
    struct btap_can_frame standard = *frame;

    standard.extended = false;
    if (!is_telling(&standard))
        return;
    if (!seen->told && is_next(can, seen, frame) &&
        (frame->id != seen->id || can->foreign == seen->alone)) {
        emit_note(&can->emitter, BTAP_NOTE_CAN_EXTENDED, &frame->at, seen->id, 0, 0);
        seen->told = true;
    }
    remember(can, seen, frame);
}
