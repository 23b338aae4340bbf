/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "usart/conversation.h"

#include <string.h>

#include "usart/command.h"
#include "usart/field.h"
#include "usart/frame.h"
#include "usart/reply.h"
#include "usart/skip.h"
#include "usart/steps.h"

/** No host gives up waiting for an answer so soon. */
#define HASTE_NS 50000000

/* Changes of the state */

/** The state that a command leaves, if it has ended. */
static void follow(struct btap_usart *usart, enum usart_result result)
{
    const bool started = usart->previous.command == BTAP_GO && usart->previous.status == BTAP_OK;

    if (result != USART_ENDED)
        return;
    if (usart->device.engaged)
        usart->state = BTAP_USART_IDLE;
    else
        usart->state = started ? BTAP_USART_STARTED : BTAP_USART_FRESH;
}

static void end(struct btap_usart *usart, enum btap_status status, enum btap_phase phase)
{
    follow(usart, usart_command_end(usart, status, phase));
}

static void answer(struct btap_usart *usart, const struct usart_bytes *bytes)
{
    usart->state = BTAP_USART_COMMAND;
    follow(usart, usart_command_answer(usart, bytes));
}

/** The bytes were no command after all. */
static void cancel(struct btap_usart *usart)
{
    emit_cancel(&usart->emitter);
    usart->skipped.out_of_step |= usart->device.engaged;
    usart->device.engaged = false;
    usart->state = BTAP_USART_SEEKING;
}

/** Begins the sync or command whose bytes are pending, and consumes its answer. */
static void join(struct btap_usart *usart, const struct usart_bytes *bytes)
{
    const struct btap_usart_byte *first = usart_recent_first(usart);
    struct usart_bytes reply = *bytes;

    reply.direction = BTAP_DEVICE_TO_HOST;
    if (first->value == SYNC_BYTE) {
        usart_command_begin_sync(usart, &first->at);
        usart->frame.bytes = usart->recent.pending;
        for (; usart->recent.pending > 0; usart->recent.pending--)
            usart_span_kept(usart, usart_recent_first(usart), BTAP_HOST_TO_DEVICE, BTAP_FIELD_SYNC,
                            false);
    } else {
        usart_command_begin(usart, first->value, &first->at);
        usart_command_accept_pair(usart, &first->at);
    }
    answer(usart, &reply);
}

/** Begins the command that the last two bytes of the host are; they have other spans already. */
static void restart(struct btap_usart *usart, const struct usart_bytes *bytes)
{
    const struct btap_usart_byte *last = &usart->recent.byte[1];
    const struct btap_usart_byte *before = &usart->recent.byte[0];

    if (last->value == SYNC_BYTE) {
        usart_command_begin_sync(usart, &last->at);
        usart->frame.bytes = 1;
    } else {
        usart_command_begin(usart, before->value, &before->at);
    }
    answer(usart, bytes);
}

/* Bytes of no conversation */

/** How many of the pending bytes are a sync or a command that an answer may follow; 0 if none. */
static uint8_t answerable(const struct btap_usart_recent *recent)
{
    const struct btap_usart_byte *first = &recent->byte[0];
    const struct btap_usart_byte *second = &recent->byte[1];

    if (recent->pending == 2 && first->direction == second->direction &&
        ((first->value == SYNC_BYTE && second->value == SYNC_BYTE) ||
         usart_is_command(first->value, second->value)))
        return 2;
    return recent->pending > 0 && second->value == SYNC_BYTE ? 1 : 0;
}

/**
 * Whether a byte may answer the pending ones, going by who sent them. Swapped directions show
 * here; so do merged ones, which only a capture of a single direction can have.
 */
static bool answers_pending(struct btap_usart_line *line, enum btap_direction asked,
                            enum btap_direction answered)
{
    if (asked == BTAP_HOST_TO_DEVICE && answered == BTAP_DEVICE_TO_HOST)
        return true;
    if (asked == BTAP_DIRECTION_UNKNOWN)
        return answered == BTAP_DIRECTION_UNKNOWN;
    if (asked != answered && answered != BTAP_DIRECTION_UNKNOWN) {
        line->view = line->view == BTAP_USART_SWAPPED ? BTAP_USART_AS_GIVEN : BTAP_USART_SWAPPED;
        return true;
    }
    if (asked == answered && (line->directions & (line->directions - 1)) == 0) {
        line->view = BTAP_USART_MERGED;
        return true;
    }
    return false;
}

/**
 * Looks outside of a conversation for a command that the device answers.
 *
 * @return true if the byte answers the bytes that are left pending: one or two 0x7F, or a command
 *         with its complement; false if it was consumed
 */
static bool finds_answer(struct btap_usart *usart, const struct usart_bytes *bytes)
{
    struct btap_usart_line *line = &usart->line;
    const enum btap_usart_view before = line->view;
    const uint8_t keep = usart_is_answer(bytes->bytes[0]) ? answerable(&usart->recent) : 0;

    if (keep == 0 || !answers_pending(line, usart->recent.byte[1].direction, bytes->direction)) {
        usart_recent_push(usart, bytes);
        return false;
    }
    usart_recent_skip(usart, keep);
    if (line->view != before && line->view != BTAP_USART_AS_GIVEN)
        usart_note(usart,
                   line->view == BTAP_USART_SWAPPED ? BTAP_NOTE_DIRECTIONS_SWAPPED
                                                    : BTAP_NOTE_DIRECTIONS_MERGED,
                   &usart_recent_first(usart)->at, 0, 0);
    return true;
}

static uint32_t seek(struct btap_usart *usart, const struct usart_bytes *bytes)
{
    if (finds_answer(usart, bytes))
        join(usart, bytes);
    return 1;
}

uint32_t usart_either(struct btap_usart *usart, const struct usart_bytes *bytes)
{
    usart->state = BTAP_USART_SEEKING;
    return seek(usart, bytes);
}

/* The host's side */

static uint32_t host_between(struct btap_usart *usart, const struct usart_bytes *bytes)
{
    const uint8_t value = bytes->bytes[0];

    if (usart->state == BTAP_USART_LEFTOVER) {
        usart->state = BTAP_USART_IDLE;
        if ((value ^ usart->previous.opcode) == 0xff) {
            usart_span_byte(usart, bytes, BTAP_FIELD_COMPLEMENT);
            return 1;
        }
    }
    usart_recent_skip(usart, 0);
    if (value == SYNC_BYTE) {
        usart_command_begin_sync(usart, &bytes->at);
        usart_command_sync(usart, bytes);
        usart->state = BTAP_USART_COMMAND;
    } else {
        usart_command_begin(usart, value, &bytes->at);
        emit_doubt(&usart->emitter);
        usart_recent_push(usart, bytes);
        usart->state = BTAP_USART_PAIR;
    }
    return 1;
}

static uint32_t host_complement(struct btap_usart *usart, const struct usart_bytes *bytes)
{
    const bool fits = (usart->recent.byte[1].value ^ bytes->bytes[0]) == 0xff;

    if (!fits && !usart->device.engaged) {
        cancel(usart);
        return 0;
    }
    usart_recent_push(usart, bytes);
    emit_touch(&usart->emitter, &bytes->at);
    usart->frame.mismatch = !fits;
    if (fits)
        usart_command_accept_pair(usart, &bytes->at);
    usart->state = BTAP_USART_COMMAND;
    return 1;
}

/**
 * Whether the host cannot have given up waiting. Behind an address it may go on at once: before
 * protocol 3.1 some devices refuse one without a NACK (AN3155 table 3).
 */
static bool is_hasty(const struct btap_usart *usart, const struct btap_origin *last,
                     const struct btap_origin *at)
{
    const uint8_t phase = usart->command.step->phase;

    if (last->packet == at->packet)
        return true;
    return (phase == BTAP_PHASE_SYNC || phase == BTAP_PHASE_COMMAND) &&
           !emit_lacks(&usart->emitter, BTAP_LACKS_TIMES) && at->time - last->time <= HASTE_NS;
}

/**
 * Keeps a byte of the host that comes where the device owes an answer, and too soon for the host to
 * have given up.
 *
 * @return false if it rather begins or completes another command
 */
static bool keep_extra(struct btap_usart *usart, const struct usart_bytes *bytes)
{
    struct btap_usart_frame *frame = &usart->frame;
    const uint8_t kept = frame->extra_length;
    const struct btap_usart_byte *last =
        kept > 0 ? &frame->extra[kept - 1] : &usart->recent.byte[1];

    if (usart->command.step->kind != USART_ANSWER || usart->recent.pending > 0 ||
        frame->strays.bytes > 0 || kept == sizeof(frame->extra) / sizeof(frame->extra[0]) ||
        bytes->bytes[0] == SYNC_BYTE || !is_hasty(usart, &last->at, &bytes->at) ||
        (kept > 0 && (last->value ^ bytes->bytes[0]) == 0xff))
        return false;
    usart_keep(&frame->extra[frame->extra_length++], bytes, 0);
    return true;
}

/** The bytes that were kept are not strays: the host goes on with them. */
static void replay_extra(struct btap_usart *usart, const struct btap_usart_byte *extra,
                         uint8_t length)
{
    for (uint8_t i = 0; i < length; i++) {
        const struct usart_bytes bytes = {&extra[i].value, 1, BTAP_HOST_TO_DEVICE, extra[i].at};

        usart_host(usart, &bytes);
    }
}

/** The host goes on without the answer that it is owed. */
static void go_on(struct btap_usart *usart, const struct usart_bytes *bytes)
{
    const uint8_t length = usart->frame.extra_length;
    struct btap_usart_byte extra[2];

    memcpy(extra, usart->frame.extra, sizeof(extra));
    usart->frame.extra_length = 0;
    follow(usart, usart_command_give_up(usart, length > 0 ? &extra[0].at : &bytes->at));
    replay_extra(usart, extra, length);
}

/* Where the file need not hold the answer */

/** Whether the answer that is due may have come without being in the file. */
static bool may_be_unlogged(const struct btap_usart *usart)
{
    const struct btap_usart_step *step = usart->command.step;

    return usart->recent.pending == 0 && usart->frame.strays.bytes == 0 &&
           (emit_lacks(&usart->emitter, BTAP_LACKS_REPLIES) ||
            (step->kind == USART_BLOCK && emit_lacks(&usart->emitter, BTAP_LACKS_DATA)));
}

static void note_unlogged(struct btap_usart *usart, const struct btap_origin *at)
{
    if (!usart->command.unlogged)
        usart_note(usart, BTAP_NOTE_ANSWER_NOT_LOGGED, at, 0, 0);
    usart->command.unlogged = true;
}

/** The host goes on within the command: its bytes, those that were kept first, are the next phase.
 */
static void pass_answer(struct btap_usart *usart, const struct btap_usart_byte *kept,
                        uint8_t length)
{
    usart_frame_begin(&usart->frame);
    follow(usart, usart_command_enter(usart, usart->command.step + 1));
    replay_extra(usart, kept, length);
}

/** The host goes on with another command, or the log tells no more of this one. */
static void leave_unlogged(struct btap_usart *usart, const struct btap_usart_byte *kept,
                           uint8_t length)
{
    end(usart, BTAP_INCOMPLETE, (enum btap_phase)usart->command.step->phase);
    replay_extra(usart, kept, length);
}

/**
 * The host's next byte where an answer is due that the file need not hold. An address may begin as
 * a command does, but no address of a memory has such bytes: two of them tell.
 *
 * @return how many bytes were kept; 0: the state changed instead
 */
static uint32_t go_on_unlogged(struct btap_usart *usart, const struct usart_bytes *bytes)
{
    const struct btap_usart_step *step = usart->command.step;
    struct btap_usart_frame *frame = &usart->frame;
    const struct btap_usart_byte kept = frame->extra[0];
    const uint8_t length = frame->extra_length;
    const bool goes_on = step->kind == USART_ANSWER &&
                         (step[1].from == BTAP_HOST_TO_DEVICE || step[1].kind == USART_FORK);
    const bool address = goes_on && step[1].meaning == USART_TARGET;
    const bool sync = address && length == 0 && bytes->bytes[0] == SYNC_BYTE;

    if (address && length == 0 && !sync) {
        usart_keep(&frame->extra[frame->extra_length++], bytes, 0);
        return 1;
    }
    frame->extra_length = 0;
    note_unlogged(usart, length > 0 ? &kept.at : &bytes->at);
    if (goes_on && !sync && !(address && usart_is_command(kept.value, bytes->bytes[0])))
        pass_answer(usart, &kept, length);
    else
        leave_unlogged(usart, &kept, length);
    return 0;
}

void usart_tool_begins(struct btap_usart *usart, const struct btap_origin *at)
{
    const bool due =
        usart->state == BTAP_USART_COMMAND && usart->command.step->from != BTAP_HOST_TO_DEVICE;

    if (!usart->emitter.open || !emit_lacks(&usart->emitter, BTAP_LACKS_REPLIES))
        return;
    if (due && may_be_unlogged(usart))
        note_unlogged(usart, at);
    usart_command_refuse_pair(usart);
    end(usart, BTAP_INCOMPLETE,
        usart->state == BTAP_USART_PAIR ? BTAP_PHASE_COMMAND
                                        : (enum btap_phase)usart->command.step->phase);
}

void usart_tool_timed_out(struct btap_usart *usart, const struct btap_origin *at)
{
    if (usart->state != BTAP_USART_COMMAND || usart->command.step->from == BTAP_HOST_TO_DEVICE)
        return;
    emit_touch(&usart->emitter, at);
    usart_command_refuse_pair(usart);
    usart_note(usart, BTAP_NOTE_TOOL_TIMED_OUT, at, 0, 0);
    follow(usart, usart_command_give_up(usart, at));
}

static uint32_t host_command(struct btap_usart *usart, const struct usart_bytes *bytes)
{
    uint32_t used;
    const enum usart_result result = usart_command_step(usart, bytes, &used);

    if (result == USART_NOT_MINE && may_be_unlogged(usart))
        return go_on_unlogged(usart, bytes);
    if (result == USART_NOT_MINE && keep_extra(usart, bytes))
        return 1;
    if (result != USART_NOT_MINE)
        follow(usart, result);
    else if (usart->recent.pending > 0 && usart->frame.strays.bytes == 0)
        cancel(usart);
    else
        go_on(usart, bytes);
    return used;
}

uint32_t usart_host(struct btap_usart *usart, const struct usart_bytes *bytes)
{
    const uint8_t value = bytes->bytes[0];
    uint32_t used = 0;

    switch (usart->state) {
    case BTAP_USART_FRESH:
        used = value == SYNC_BYTE || usart_info(value) != NULL ? host_between(usart, bytes)
                                                               : usart_either(usart, bytes);
        break;
    case BTAP_USART_SEEKING:
        used = seek(usart, bytes);
        break;
    case BTAP_USART_STARTED:
        used = value == SYNC_BYTE ? host_between(usart, bytes) : seek(usart, bytes);
        break;
    case BTAP_USART_IDLE:
    case BTAP_USART_LEFTOVER:
        used = host_between(usart, bytes);
        break;
    case BTAP_USART_PAIR:
        used = host_complement(usart, bytes);
        break;
    case BTAP_USART_COMMAND:
        used = host_command(usart, bytes);
        break;
    }
    usart->recent.unbroken += used;
    return used;
}

/* The device's side where nothing of it is due */

static void note_late(struct btap_usart *usart, const struct usart_bytes *bytes)
{
    usart_command_span_answer(usart, bytes);
    usart_note(usart, BTAP_NOTE_LATE_ANSWER, &bytes->at, 0, 0);
    usart->previous.unanswered = false;
}

/** Whether the command before was refused as read protection does it, maybe with two NACKs. */
static bool refused_by_protection(const struct btap_usart *usart)
{
    const struct btap_usart_previous *previous = &usart->previous;
    const struct btap_command_info *info = usart_info(previous->opcode);

    return previous->status == BTAP_NACK && previous->phase == BTAP_PHASE_COMMAND &&
           previous->sound && info != NULL && (info->traits & BTAP_TRAIT_RESTRICTED) != 0;
}

/** An answer between two commands. */
static void surplus(struct btap_usart *usart, const struct usart_bytes *bytes)
{
    const uint8_t value = bytes->bytes[0];

    if (usart->previous.unanswered) {
        note_late(usart, bytes);
        return;
    }
    usart_command_span_answer(usart, bytes);
    if (usart->previous.surplus_noted)
        return;
    usart->previous.surplus_noted = true;
    if (value == NACK && refused_by_protection(usart))
        usart_note(usart, BTAP_NOTE_SURPLUS_NACK, &bytes->at, 0, 0);
    else
        usart_note(usart, BTAP_NOTE_SURPLUS_ANSWER, &bytes->at, value, 0);
}

static uint32_t device_between(struct btap_usart *usart, const struct usart_bytes *bytes)
{
    const struct btap_usart_previous *previous = &usart->previous;
    const struct btap_usart_byte *last = usart->recent.byte;
    const uint8_t value = bytes->bytes[0];

    if (!usart_is_answer(value) || usart->skipped.other.bytes + usart->skipped.text.bytes > 0) {
        usart_skip(usart, bytes);
    } else if (value == ACK && previous->unanswered && previous->status == BTAP_NACK &&
               usart_is_command(last[0].value, last[1].value)) {
        /* The NACK was the late answer to the command before; this is the real one. */
        usart->previous.unanswered = false;
        restart(usart, bytes);
        if (usart->emitter.open)
            usart_note(usart, BTAP_NOTE_LATE_ANSWER, &bytes->at, 0, 0);
    } else {
        surplus(usart, bytes);
    }
    return 1;
}

/** A NACK before the host has sent all. */
static void refuse_early(struct btap_usart *usart, const struct usart_bytes *bytes, uint32_t sent)
{
    const bool misaligned = usart->state == BTAP_USART_PAIR && usart_command_is_misaligned(usart);

    usart_command_refuse_pair(usart);
    usart_command_span_answer(usart, bytes);
    usart->device.engaged = true;
    if (misaligned)
        usart_note(usart, BTAP_NOTE_PAIR_MISALIGNED, &bytes->at, 0, 0);
    else if (!usart_field_is_oversize(&usart->emitter.transaction) && sent > 0)
        usart_note(usart, BTAP_NOTE_NACK_EARLY, &bytes->at, sent, 0);
    end(usart, BTAP_NACK, usart_command_refused_phase(usart));
    usart->previous.sound = false;
}

/** The complement is due. */
static void early_in_pair(struct btap_usart *usart, const struct usart_bytes *bytes)
{
    const bool late = usart->previous.unanswered && !usart_command_is_misaligned(usart);
    const bool second_nack = !usart->previous.surplus_noted && refused_by_protection(usart);

    if (bytes->bytes[0] == ACK || late || second_nack) {
        surplus(usart, bytes);
        return;
    }
    refuse_early(usart, bytes, 1);
    usart->state = BTAP_USART_LEFTOVER;
}

/** A group is due. */
static void early_before_group(struct btap_usart *usart, const struct usart_bytes *bytes)
{
    if (bytes->bytes[0] == ACK && usart->frame.gap) {
        /* It answers the group, all of which is missing. */
        usart_command_span_answer(usart, bytes);
        end(usart, BTAP_INCOMPLETE, (enum btap_phase)usart->command.step->phase);
    } else if (bytes->bytes[0] == ACK) {
        surplus(usart, bytes);
    } else if (usart->previous.unanswered) {
        /* The answer before was the late one, this one is the command's. */
        note_late(usart, bytes);
        end(usart, BTAP_NACK, (enum btap_phase)usart->command.step[-1].phase);
    } else {
        refuse_early(usart, bytes, 0);
    }
}

/** Whether an ACK is for a command that was sent where something else was due. */
static bool answers_recent(const struct btap_usart *usart)
{
    const struct btap_usart_recent *recent = &usart->recent;

    /* Behind a gap one byte may be anything. */
    if (recent->unbroken >= 1 && recent->byte[1].value == SYNC_BYTE && !usart->frame.gap)
        return true;
    return recent->unbroken >= 2 && usart_is_command(recent->byte[0].value, recent->byte[1].value);
}

/** Whether a group whose checksum is wrong is waiting for its answer. */
static bool filled_up(const struct btap_usart *usart)
{
    const struct btap_usart_step *step = usart->command.step;

    return step->kind == USART_ANSWER && step->phase != BTAP_PHASE_COMMAND &&
           step->phase != BTAP_PHASE_SYNC && step[-1].kind == USART_CHECKSUM &&
           usart->frame.mismatch && usart->frame.strays.bytes == 0;
}

/** The host's last bytes were a sync or command of their own, of which the device has none left. */
static void end_short(struct btap_usart *usart, const struct usart_bytes *bytes,
                      enum btap_status status, enum btap_phase phase)
{
    usart_note(usart, BTAP_NOTE_DATA_SHORT, &usart->recent.byte[1].at, 0, 0);
    usart_command_note_count(usart, &usart->recent.byte[1].at);
    end(usart, status, phase);
    restart(usart, bytes);
}

/** The rest of a group is due. */
static void early_in_group(struct btap_usart *usart, const struct usart_bytes *bytes)
{
    const struct btap_usart_step *step = usart->command.step;
    const bool checksum = step->kind == USART_CHECKSUM;

    if (bytes->bytes[0] == NACK) {
        refuse_early(usart, bytes, usart->frame.bytes);
    } else if (checksum &&
               (step->phase == BTAP_PHASE_POLYNOMIAL || step->phase == BTAP_PHASE_INITIAL)) {
        /* AN3155 section 3.13 lists an ACK between these values and their checksums. */
        usart_command_span_answer(usart, bytes);
    } else if (answers_recent(usart)) {
        end_short(usart, bytes, BTAP_INCOMPLETE, (enum btap_phase)step->phase);
    } else {
        usart_note(usart, BTAP_NOTE_BYTES_MISSING, &bytes->at,
                   checksum ? 1 : usart_command_due(usart) + 1, 0);
        while (usart->command.step->kind != USART_ANSWER)
            usart->command.step++;
        usart->frame.mismatch = false;
        answer(usart, bytes);
    }
}

/* The device's side */

/** Whether a reply begins with the answer that was due before it, after a late one. */
static bool is_late_answer(const struct btap_usart *usart, uint8_t value)
{
    const struct btap_usart_step *step = usart->command.step;

    return usart->previous.unanswered && usart_is_answer(value) && step->kind == USART_VALUE &&
           step->from == BTAP_DEVICE_TO_HOST && usart->frame.left == step->size &&
           step[-1].kind == USART_ANSWER && step[-1].phase == BTAP_PHASE_COMMAND;
}

static uint32_t device_command(struct btap_usart *usart, const struct usart_bytes *bytes)
{
    const uint8_t value = bytes->bytes[0];
    enum usart_result result;
    uint32_t used;

    /* 0x7F and what the host sent behind it are a pair that the device refuses. */
    if (value == NACK && usart->frame.extra_length > 0 &&
        usart->emitter.transaction.command == BTAP_SYNC) {
        go_on(usart, bytes);
        return 0;
    }
    /* No device acknowledges a wrong checksum: this one answers what took its place. */
    if (value == ACK && filled_up(usart) && answers_recent(usart)) {
        end_short(usart, bytes, BTAP_NO_REPLY, BTAP_PHASE_CHECKSUM);
        return 1;
    }
    if (is_late_answer(usart, value)) {
        note_late(usart, bytes);
        if (value == NACK)
            end(usart, BTAP_NACK, BTAP_PHASE_COMMAND);
        return 1;
    }
    result = usart_command_step(usart, bytes, &used);
    if (result != USART_NOT_MINE) {
        follow(usart, result);
        return used;
    }
    if (!usart_is_answer(value))
        usart_skip(usart, bytes);
    else if (usart->frame.bytes == 0)
        early_before_group(usart, bytes);
    else
        early_in_group(usart, bytes);
    return 1;
}

static uint32_t device_in_pair(struct btap_usart *usart, const struct usart_bytes *bytes)
{
    const uint8_t value = bytes->bytes[0];

    if (!usart->device.engaged && !(value == NACK && usart_command_is_misaligned(usart))) {
        cancel(usart);
        return 0;
    }
    if (usart_is_answer(value))
        early_in_pair(usart, bytes);
    else
        usart_skip(usart, bytes);
    return 1;
}

uint32_t usart_device(struct btap_usart *usart, const struct usart_bytes *bytes)
{
    uint32_t used = 0;

    switch (usart->state) {
    case BTAP_USART_FRESH:
    case BTAP_USART_SEEKING:
    case BTAP_USART_STARTED:
        used = seek(usart, bytes);
        break;
    case BTAP_USART_IDLE:
    case BTAP_USART_LEFTOVER:
        used = device_between(usart, bytes);
        break;
    case BTAP_USART_PAIR:
        used = device_in_pair(usart, bytes);
        break;
    case BTAP_USART_COMMAND:
        used = device_command(usart, bytes);
        break;
    }
    if (used > 0)
        usart->recent.unbroken = 0;
    return used;
}

/* Where the capture shows less than the line */

bool usart_expects_answer(const struct btap_usart *usart)
{
    return usart->state == BTAP_USART_COMMAND && usart->command.step->kind == USART_ANSWER;
}

enum btap_direction usart_sender(const struct btap_usart *usart, uint8_t value)
{
    const enum btap_direction by_value =
        usart_is_answer(value) ? BTAP_DEVICE_TO_HOST : BTAP_HOST_TO_DEVICE;

    if (usart_reply_is_due(usart))
        return BTAP_HOST_TO_DEVICE;
    switch (usart->state) {
    case BTAP_USART_FRESH:
        return by_value == BTAP_HOST_TO_DEVICE ? by_value : BTAP_DIRECTION_UNKNOWN;
    case BTAP_USART_SEEKING:
    case BTAP_USART_STARTED:
        return BTAP_DIRECTION_UNKNOWN;
    case BTAP_USART_IDLE:
    case BTAP_USART_LEFTOVER:
        return by_value;
    case BTAP_USART_PAIR:
        return (usart->recent.byte[1].value ^ value) == 0xff ? BTAP_HOST_TO_DEVICE : by_value;
    case BTAP_USART_COMMAND:
        break;
    }
    switch ((enum usart_kind)usart->command.step->kind) {
    case USART_ANSWER:
        return by_value;
    case USART_FORK:
        return value == ACK ? BTAP_DEVICE_TO_HOST : BTAP_HOST_TO_DEVICE;
    case USART_REST:
        return BTAP_HOST_TO_DEVICE;
    case USART_VALUE:
    case USART_LIST:
    case USART_BLOCK:
    case USART_CHECKSUM:
    case USART_CRC:
    case USART_END:
        break;
    }
    return (enum btap_direction)usart->command.step->from;
}

enum btap_direction btap_usart_turn(const struct btap_usart *usart)
{
    if (usart_reply_is_due(usart))
        return BTAP_HOST_TO_DEVICE;
    switch (usart->state) {
    case BTAP_USART_SEEKING:
    case BTAP_USART_STARTED:
        return answerable(&usart->recent) > 0 ? BTAP_DEVICE_TO_HOST : BTAP_DIRECTION_UNKNOWN;
    case BTAP_USART_FRESH:
    case BTAP_USART_IDLE:
    case BTAP_USART_LEFTOVER:
    case BTAP_USART_PAIR:
        return BTAP_HOST_TO_DEVICE;
    case BTAP_USART_COMMAND:
        break;
    }
    return (enum btap_direction)usart->command.step->from;
}

/** A block goes on behind the gap where it is known how long that is. */
static void lose_of_block(struct btap_usart *usart, uint32_t count)
{
    struct btap_usart_frame *frame = &usart->frame;

    frame->gap = true;
    if (count == 0 || count > frame->left)
        return;
    frame->left -= count;
    frame->bytes += count;
    usart->command.address += count;
    if (frame->left == 0)
        follow(usart, usart_command_enter(usart, usart->command.step + 1));
}

static void lose_of_group(struct btap_usart *usart, uint32_t count)
{
    const struct btap_usart_step *step = usart->command.step;
    const struct btap_usart_step *checksum = step->kind == USART_CHECKSUM ? step : step + 1;

    /* As a snapshot length cuts a group: its end is missing, with the checksum. */
    if (checksum->kind == USART_CHECKSUM &&
        count == (checksum == step ? 1 : usart_command_due(usart) + 1)) {
        usart->frame.gap = true;
        usart_command_enter(usart, checksum + 1);
    } else if (step->kind == USART_BLOCK) {
        lose_of_block(usart, count);
    } else {
        usart->frame.gap = true;
    }
}

void usart_lose(struct btap_usart *usart, enum btap_direction direction, uint32_t count)
{
    const struct btap_usart_step *step = usart->command.step;
    const bool host = direction != BTAP_DEVICE_TO_HOST;

    usart->reply.due = false;
    if (usart->state == BTAP_USART_PAIR && host)
        cancel(usart);
    if (usart->state != BTAP_USART_COMMAND)
        return;
    if (step->from == BTAP_HOST_TO_DEVICE) {
        if (host)
            lose_of_group(usart, count);
    } else if (direction == BTAP_HOST_TO_DEVICE) {
        return;
    } else if (step->kind == USART_BLOCK) {
        lose_of_block(usart, count);
    } else {
        usart_command_refuse_pair(usart);
        end(usart, BTAP_INCOMPLETE, (enum btap_phase)step->phase);
    }
}

/** Whether the last bytes of a payload are rather a command, or 0x7F and 0x7F again. */
static bool ends_in_command(const struct btap_usart *usart)
{
    const struct btap_usart_byte *last = usart->recent.byte;

    return usart->frame.tail_length >= 2 &&
           (usart_is_command(last[0].value, last[1].value) ||
            (last[0].value == SYNC_BYTE && last[1].value == SYNC_BYTE));
}

static void close_command(struct btap_usart *usart, enum btap_status status)
{
    const struct btap_usart_step *step = usart->command.step;
    const struct btap_origin at = usart->recent.byte[1].at;

    usart_command_refuse_pair(usart);
    if (usart->state == BTAP_USART_COMMAND && usart_command_settle(usart) == USART_ENDED)
        return;
    if (status == BTAP_INCOMPLETE && usart->frame.strays.bytes > 0) {
        usart_command_end_bad_reply(usart);
        return;
    }
    if (usart->emitter.transaction.command == BTAP_SYNC && usart->frame.bytes > 1)
        usart_note(usart, BTAP_NOTE_SYNC_REPEATED, &at, usart->frame.bytes, 0);
    if ((step->kind == USART_BLOCK || step->kind == USART_LIST) && ends_in_command(usart))
        usart_note(usart, BTAP_NOTE_DATA_SHORT, &at, 0, 0);
    if (step->kind == USART_CHECKSUM)
        usart_command_note_count(usart, &at);
    usart_command_end(usart, status, (enum btap_phase)step->phase);
}

void usart_close(struct btap_usart *usart, enum btap_status status)
{
    if (usart->state == BTAP_USART_PAIR && !usart->device.engaged)
        cancel(usart);
    if (usart->emitter.open)
        close_command(usart, status);
    usart_recent_skip(usart, 0);
    usart_skip_flush(usart);
    usart->device.engaged = false;
    usart->reply = (struct btap_usart_reply){0};
    usart->state = BTAP_USART_FRESH;
}
