/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * AN5405, AN3154: the frames of a link, one after another. Strict request and reply is all that
 * tells host from device: identifiers may be the same, directions are not recorded.
 */
#include "boottap/can.h"

#include <string.h>

#include "can/conversation.h"
#include "can/copies.h"
#include "can/held.h"
#include "can/opening.h"
#include "can/recognise.h"
#include "can/shape.h"
#include "can/steps.h"
#include "can/undecoded.h"

#define ID_MAX 0x7ffu

/* Linux can/error.h; CAN_ERROR_NO_ACKNOWLEDGE says more than "something is wrong", too */
#define ERROR_BUS_OFF 0x40u

/* So many frames of others, and no bootloader's: errors on that bus are no flashing tool's */
#define BUS_OF_OTHERS 16

_Static_assert(sizeof(struct btap_can) < 4096, "state of one decoder");

void btap_can_init(struct btap_can *can, const struct btap_sink *sink, struct btap_link *link,
                   const struct btap_can_options *options)
{
    memset(can, 0, sizeof(*can));
    can->bootloader = options != NULL && options->bootloader;
    can->engaged = can->bootloader;
    emit_init(&can->emitter, sink, link);
}

static bool not_engaged(struct btap_can *can, const struct btap_can_frame *frame)
{
    if (can_shape(frame) == CAN_DETECTION && !can_has_unlike(can, frame->id)) {
        can_drop_candidate(can);
        if (!can_decode_opening(can, frame))
            can_drop_opening(can);
        if (can->emitter.open)
            return can_host_went_on(can, frame);
        can_begin(can, frame);
        return true;
    }
    if (can_may_answer(can, frame) || can_goes_along(can, frame))
        return can_keep_going(can, frame);
    if (can_is_likely(frame) || can_may_open(can, frame))
        return can_keep_candidate(can, frame);
    return can_unlike_command(can, frame);
}

static bool between_commands(struct btap_can *can, const struct btap_can_frame *frame)
{
    if (!can->engaged)
        return not_engaged(can, frame);
    if (can_is_late_answer(can, frame))
        return can_late_answer(can, frame);
    /* The rest of a command that nobody saw, on a bus that is a bootloader's. */
    if (can->emitter.link->transactions == 0 && can_is_bare_answer(frame))
        return false;
    if (can_is_command(can, frame, can_is_bare_answer(frame) ? CAN_FIT : CAN_SHORT)) {
        can_drop_candidate(can);
        can_begin(can, frame);
        return true;
    }
    if (can_is_likely(frame) ||
        (can_is_host_id(can, frame->id) && !can_is_of_others(can, frame->id)))
        return can_keep_candidate(can, frame);
    return false;
}

/**
 * Whether the device answers the detection frame itself is not documented, so that the command
 * behind it is kept until an answer to it shows that the device is awake.
 */
static void settle_detection(struct btap_can *can, const struct btap_can_frame *frame)
{
    struct can_kept kept;

    if (can_is_answer(frame) && can_is_reply_id(frame, can_held(can, 0, &kept)->id)) {
        can_note(can, BTAP_NOTE_DETECTION_UNANSWERED, frame, 0, 0);
        can_end(can, BTAP_OK);
        can_begin_held(can);
    } else if (can_is_command(can, frame, CAN_FIT)) {
        can_end(can, BTAP_NO_REPLY);
        can_begin_held(can);
    }
}

/** What the frames before were, in the light of this one. */
static void settle(struct btap_can *can, const struct btap_can_frame *frame)
{
    if (can_is_over(can, frame))
        can_end(can, BTAP_OK);
    if (can->held_length == 0)
        return;
    if (!can->emitter.open) {
        can->acknowledged = can_is_answer(frame) && frame->data[0] == CAN_ACK;
        if (can_confirms(can, frame))
            can_decode_opening(can, frame);
    } else if (can_is_fd(can) && can_transaction(can)->command == BTAP_SYNC) {
        settle_detection(can, frame);
    }
}

static void error_frame(struct btap_can *can, const struct btap_can_frame *frame)
{
    const bool of_others = can->foreign > BUS_OF_OTHERS && !can->engaged && !can->extended.told;
    const uint32_t fresh = of_others ? 0 : frame->id & ~can->errors_told;
    const uint32_t other = fresh & ~(CAN_ERROR_NO_ACKNOWLEDGE | ERROR_BUS_OFF);

    can->errors_told |= fresh;
    if ((fresh & CAN_ERROR_NO_ACKNOWLEDGE) != 0)
        can_note(can, BTAP_NOTE_CAN_NO_ACKNOWLEDGE, frame, 0, 0);
    if ((fresh & ERROR_BUS_OFF) != 0)
        can_note(can, BTAP_NOTE_CAN_BUS_OFF, frame, 0, 0);
    if (other != 0)
        can_note(can, BTAP_NOTE_CAN_ERROR, frame, other, 0);
}

bool btap_can_feed(struct btap_can *can, const struct btap_can_frame *frame)
{
    bool ours = false;

    if (frame->error) {
        error_frame(can, frame);
        return false;
    }
    if (frame->fd != can_is_fd(can) || frame->remote || frame->id > ID_MAX) {
        can->foreign++;
        return false;
    }
    can->last_packet = frame->at.packet;
    if (!frame->extended) {
        if (can_is_copy(can, frame))
            return true;
        settle(can, frame);
        ours = can->emitter.open ? can_in_command(can, frame) : between_commands(can, frame);
    } else {
        can_undecoded(can, frame);
    }
    if (ours)
        can->errors_told = 0;
    else
        can->foreign++;
    return ours;
}

void btap_can_finish(struct btap_can *can)
{
    struct can_kept kept;
    bool joined = false;

    if (!can->emitter.open && !can->engaged && can->held_length > 0 && can->foreign == 0 &&
        can_is_enough_alone(can_candidate(can, &kept)))
        can_begin_held(can);
    if (can->emitter.open && can_is_fd(can) && can_transaction(can)->command == BTAP_SYNC &&
        can->held_length > 0) {
        can_end(can, emit_status_at_end(&can->emitter));
        can_begin_held(can);
    }
    if (!can->emitter.open && can->held_length > 0 && can_candidate_answered(can) &&
        can_is_likely(can_candidate(can, &kept)))
        joined = can_decode_opening(can, NULL);
    if (!can->emitter.open) {
        can_drop_opening(can);
        return;
    }
    can_spill_held(can);
    if (can_may_be_over(can))
        can_end(can, BTAP_OK);
    else if (joined)
        can_end(can, BTAP_INCOMPLETE);
    else
        can_end(can,
                can_host_step(can->step) ? BTAP_INCOMPLETE : emit_status_at_end(&can->emitter));
}
