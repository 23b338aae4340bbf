/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The walk through a conversation: whose turn it is, and what it means if the other one speaks.
 */
#include "usart/internal.h"

/* The host's side */

static uint32_t host_between(struct btap_usart *usart, const struct usart_bytes *bytes)
{
    const uint8_t value = bytes->bytes[0];
    const bool leftover = usart->leftover && value == usart->leftover_value;

    usart->leftover = false;
    if (leftover) {
        usart_tell(usart, bytes, 1, BTAP_FIELD_COMPLEMENT, value, true, false);
        return 1;
    }
    usart_drop_pending(usart, 0);
    if (value == SYNC_BYTE) {
        usart_begin_sync(usart, &bytes->at);
        usart_take_sync(usart, bytes);
        return 1;
    }
    usart_begin_command(usart, value, &bytes->at);
    usart_push(usart, bytes);
    usart->state = BTAP_USART_PAIR;
    return 1;
}

static uint32_t host_complement(struct btap_usart *usart, const struct usart_bytes *bytes)
{
    const bool fits = (usart->recent[1].value ^ bytes->bytes[0]) == 0xff;

    if (!fits && !usart->engaged) {
        usart_cancel(usart);
        return 0;
    }
    usart_push(usart, bytes);
    emit_touch(&usart->emitter, &bytes->at);
    usart->group_bytes = 2;
    usart->mismatch = !fits;
    if (fits)
        usart_accept_pair(usart, &bytes->at);
    else
        usart->state = BTAP_USART_STEPS;
    return 1;
}

static uint32_t host_step(struct btap_usart *usart, const struct usart_bytes *bytes)
{
    switch ((enum usart_kind)usart->step->kind) {
    case USART_HOST_VALUE:
    case USART_HOST_LIST:
        return usart_take_value(usart, bytes);
    case USART_HOST_BLOCK:
        return usart_take_block(usart, bytes);
    case USART_HOST_CHECKSUM:
        return usart_take_checksum(usart, bytes);
    case USART_FORK:
        usart_enter(usart, usart->step + 1);
        return 0;
    case USART_ANSWER:
        if (usart->emitter.transaction.command == BTAP_SYNC && bytes->bytes[0] == SYNC_BYTE &&
            usart->strays == 0) {
            usart_take_sync(usart, bytes);
            return 1;
        }
        if (usart->pending > 0 && usart->strays == 0)
            usart_cancel(usart);
        else
            usart_give_up(usart, &bytes->at);
        return 0;
    case USART_DEVICE_CRC:
        if (!usart_settle_crc(usart))
            usart_give_up(usart, &bytes->at);
        return 0;
    case USART_DEVICE_REST:
        usart_enter(usart, usart->step + 1);
        return 0;
    case USART_DEVICE_VALUE:
    case USART_DEVICE_LIST:
    case USART_DEVICE_BLOCK:
    case USART_END:
        break;
    }
    usart_give_up(usart, &bytes->at);
    return 0;
}

uint32_t usart_host(struct btap_usart *usart, const struct usart_bytes *bytes)
{
    uint32_t taken = 0;

    switch (usart->state) {
    case BTAP_USART_SEEKING:
        if (usart->fresh &&
            (bytes->bytes[0] == SYNC_BYTE || usart_command(bytes->bytes[0]) != NULL)) {
            taken = host_between(usart, bytes);
            break;
        }
        usart->fresh = false;
        taken = usart_seek(usart, bytes);
        break;
    case BTAP_USART_IDLE:
        taken = host_between(usart, bytes);
        break;
    case BTAP_USART_PAIR:
        taken = host_complement(usart, bytes);
        break;
    case BTAP_USART_STEPS:
        taken = host_step(usart, bytes);
        break;
    }
    usart->unbroken += taken;
    return taken;
}

/* The device's side */

/** Whether an ACK is for a command that was sent where something else was due. */
static bool answers_recent(const struct btap_usart *usart)
{
    /* Behind a gap one byte may be anything. */
    if (usart->unbroken >= 1 && usart->recent[1].value == SYNC_BYTE && !usart->gap)
        return true;
    return usart->unbroken >= 2 && usart_is_command(usart->recent[0].value, usart->recent[1].value);
}

/** The device acknowledges while bytes of the group are still due: the capture lacks them. */
static void answer_with_bytes_missing(struct btap_usart *usart, const struct usart_bytes *bytes)
{
    const bool checksum = usart->step->kind == USART_HOST_CHECKSUM;

    usart_note(usart, BTAP_NOTE_BYTES_MISSING, &bytes->at,
               checksum ? 1 : usart_bytes_due(usart) + 1, 0);
    while (usart->step->kind != USART_ANSWER)
        usart->step++;
    usart->mismatch = false;
    usart_take_ack_or_nack(usart, bytes);
}

static void note_late(struct btap_usart *usart, const struct usart_bytes *bytes)
{
    usart_tell_answer(usart, bytes);
    usart_note(usart, BTAP_NOTE_LATE_ANSWER, &bytes->at, 0, 0);
    usart->unanswered = false;
}

/** Whether the command before was refused as read protection does it, maybe with two NACKs. */
static bool refused_by_protection(const struct btap_usart *usart)
{
    const struct btap_usart_previous *previous = &usart->previous;
    const struct btap_command_info *command = usart_command(previous->opcode);

    return previous->known && previous->status == BTAP_NACK &&
           previous->phase == BTAP_PHASE_COMMAND && !previous->early && !previous->mismatch &&
           command != NULL && (command->traits & BTAP_TRAIT_RESTRICTED) != 0;
}

/** An answer where none is due. */
static void take_surplus(struct btap_usart *usart, const struct usart_bytes *bytes)
{
    const uint8_t value = bytes->bytes[0];

    if (usart->unanswered) {
        note_late(usart, bytes);
        return;
    }
    usart_tell_answer(usart, bytes);
    if (usart->surplus_told)
        return;
    usart->surplus_told = true;
    if (value == NACK && refused_by_protection(usart))
        usart_note(usart, BTAP_NOTE_SURPLUS_NACK, &bytes->at, 0, 0);
    else
        usart_note(usart, BTAP_NOTE_SURPLUS_ANSWER, &bytes->at, value, 0);
}

static void take_early_nack(struct btap_usart *usart, const struct usart_bytes *bytes)
{
    const bool pair = usart->state == BTAP_USART_PAIR;
    const uint8_t opcode = usart_transaction_of(usart)->opcode;
    const uint32_t sent = pair ? 1 : usart->group_bytes;

    usart_tell_refused_pair(usart);
    usart_tell_answer(usart, bytes);
    usart->engaged = true;
    if (pair && usart->swallowed_half)
        usart_note(usart, BTAP_NOTE_PAIR_MISALIGNED, &bytes->at, 0, 0);
    else if (!usart->oversize && sent > 0)
        usart_note(usart, BTAP_NOTE_NACK_EARLY, &bytes->at, sent, 0);
    usart_end(usart, BTAP_NACK, usart_refused_phase(usart));
    usart->previous.early = true;
    usart->leftover = pair;
    usart->leftover_value = (uint8_t)~opcode;
}

/** Takes a byte of the device while it is the host's turn. */
static uint32_t take_early(struct btap_usart *usart, const struct usart_bytes *bytes)
{
    const uint8_t value = bytes->bytes[0];
    const bool pair = usart->state == BTAP_USART_PAIR;
    const bool nothing_sent = !pair && usart->group_bytes == 0;

    if (!usart_is_answer(value)) {
        usart_skip(usart, bytes, 1);
    } else if (usart->unanswered && nothing_sent && value == NACK) {
        /* The answer before was the late one, this one is the command's. */
        note_late(usart, bytes);
        usart_end(usart, BTAP_NACK, (enum btap_phase)(usart->step - 1)->phase);
    } else if (usart->unanswered && (pair || nothing_sent) && !(pair && usart->swallowed_half)) {
        note_late(usart, bytes);
    } else if (value == NACK && !(pair && !usart->surplus_told && refused_by_protection(usart))) {
        take_early_nack(usart, bytes);
    } else if (pair || nothing_sent) {
        take_surplus(usart, bytes);
    } else if (usart->step->kind == USART_HOST_CHECKSUM &&
               (usart->step->phase == BTAP_PHASE_POLYNOMIAL ||
                usart->step->phase == BTAP_PHASE_INITIAL)) {
        /* AN3155 section 3.13 lists an ACK between these values and their checksums. */
        usart_tell_answer(usart, bytes);
    } else if (answers_recent(usart)) {
        usart_note(usart, BTAP_NOTE_DATA_SHORT, &usart->recent[1].at, 0, 0);
        usart_end(usart, BTAP_INCOMPLETE, (enum btap_phase)usart->step->phase);
        usart_restart(usart, bytes);
    } else {
        answer_with_bytes_missing(usart, bytes);
    }
    return 1;
}

static uint32_t device_between(struct btap_usart *usart, const struct usart_bytes *bytes)
{
    const struct btap_usart_previous *previous = &usart->previous;
    const uint8_t value = bytes->bytes[0];

    if (!usart_is_answer(value) || usart->skipped.bytes + usart->text.bytes > 0) {
        usart_skip(usart, bytes, 1);
        return 1;
    }
    if (value == ACK && usart->unanswered && previous->known && previous->status == BTAP_NACK &&
        usart_is_command(usart->recent[0].value, usart->recent[1].value)) {
        /* The NACK was the late answer to the command before; this is the real one. */
        usart->unanswered = false;
        usart_restart(usart, bytes);
        if (usart->emitter.open)
            usart_note(usart, BTAP_NOTE_LATE_ANSWER, &bytes->at, 0, 0);
        return 1;
    }
    take_surplus(usart, bytes);
    return 1;
}

/** Whether a reply begins with the answer that was due before it, after a late one. */
static bool is_late_answer(const struct btap_usart *usart, uint8_t value)
{
    const struct btap_usart_step *step = usart->step;

    return usart->unanswered && usart_is_answer(value) && usart->left == step->size &&
           (step - 1)->kind == USART_ANSWER && (step - 1)->phase == BTAP_PHASE_COMMAND;
}

static uint32_t device_step(struct btap_usart *usart, const struct usart_bytes *bytes)
{
    switch ((enum usart_kind)usart->step->kind) {
    case USART_ANSWER:
        return usart_take_answer(usart, bytes);
    case USART_DEVICE_VALUE:
        if (is_late_answer(usart, bytes->bytes[0])) {
            note_late(usart, bytes);
            if (bytes->bytes[0] == NACK)
                usart_end(usart, BTAP_NACK, BTAP_PHASE_COMMAND);
            return 1;
        }
        return usart_take_value(usart, bytes);
    case USART_DEVICE_LIST:
        return usart_take_value(usart, bytes);
    case USART_DEVICE_BLOCK:
        return usart_take_block(usart, bytes);
    case USART_FORK:
        usart_fork_to_crc(usart, &bytes->at);
        return 0;
    case USART_DEVICE_CRC:
        return usart_take_crc(usart, bytes);
    case USART_DEVICE_REST:
        return usart_take_rest(usart, bytes);
    case USART_HOST_VALUE:
    case USART_HOST_LIST:
    case USART_HOST_BLOCK:
    case USART_HOST_CHECKSUM:
    case USART_END:
        break;
    }
    return take_early(usart, bytes);
}

uint32_t usart_device(struct btap_usart *usart, const struct usart_bytes *bytes)
{
    uint32_t taken = 0;

    switch (usart->state) {
    case BTAP_USART_SEEKING:
        taken = usart_seek(usart, bytes);
        break;
    case BTAP_USART_IDLE:
        taken = device_between(usart, bytes);
        break;
    case BTAP_USART_PAIR:
        if (!usart->engaged && !(usart->swallowed_half && bytes->bytes[0] == NACK)) {
            usart_cancel(usart);
            return 0;
        }
        taken = take_early(usart, bytes);
        break;
    case BTAP_USART_STEPS:
        taken = device_step(usart, bytes);
        break;
    }
    if (taken > 0)
        usart->unbroken = 0;
    return taken;
}

/* Where the capture tells less than the line */

enum btap_direction usart_sender(const struct btap_usart *usart, uint8_t value)
{
    const enum btap_direction by_value =
        usart_is_answer(value) ? BTAP_DEVICE_TO_HOST : BTAP_HOST_TO_DEVICE;

    switch (usart->state) {
    case BTAP_USART_SEEKING:
        return usart->fresh && by_value == BTAP_HOST_TO_DEVICE ? by_value : BTAP_DIRECTION_UNKNOWN;
    case BTAP_USART_IDLE:
        return by_value;
    case BTAP_USART_PAIR:
        return (usart->recent[1].value ^ value) == 0xff ? BTAP_HOST_TO_DEVICE : by_value;
    case BTAP_USART_STEPS:
        break;
    }
    switch ((enum usart_kind)usart->step->kind) {
    case USART_ANSWER:
        return by_value;
    case USART_FORK:
        return value == ACK ? BTAP_DEVICE_TO_HOST : BTAP_HOST_TO_DEVICE;
    case USART_DEVICE_VALUE:
    case USART_DEVICE_LIST:
    case USART_DEVICE_BLOCK:
    case USART_DEVICE_CRC:
        return BTAP_DEVICE_TO_HOST;
    case USART_DEVICE_REST:
    case USART_HOST_VALUE:
    case USART_HOST_LIST:
    case USART_HOST_BLOCK:
    case USART_HOST_CHECKSUM:
    case USART_END:
        break;
    }
    return BTAP_HOST_TO_DEVICE;
}

/** A block goes on behind the gap where it is known how long that is. */
static void lose_of_block(struct btap_usart *usart, uint32_t count)
{
    usart->gap = true;
    if (count == 0 || count > usart->left)
        return;
    usart->left -= count;
    usart->address += count;
    usart->group_bytes += count;
    if (usart->left == 0)
        usart_enter(usart, usart->step + 1);
}

/** As a snapshot length cuts a group of the host's: its end is missing, with the checksum. */
static bool lacks_end_of_group(const struct btap_usart *usart, uint32_t count)
{
    const struct btap_usart_step *step = usart->step;

    if (step->kind == USART_HOST_CHECKSUM)
        return count == 1;
    return step[1].kind == USART_HOST_CHECKSUM && count == usart_bytes_due(usart) + 1;
}

static void lose_of_host(struct btap_usart *usart, uint32_t count)
{
    const struct btap_usart_step *step = usart->step;

    if (lacks_end_of_group(usart, count)) {
        usart->gap = true;
        usart_enter(usart, step->kind == USART_HOST_CHECKSUM ? step + 1 : step + 2);
    } else if (step->kind == USART_HOST_BLOCK) {
        lose_of_block(usart, count);
    } else {
        usart->gap = true;
    }
}

void usart_lose(struct btap_usart *usart, enum btap_direction direction, uint32_t count)
{
    const bool host = direction != BTAP_DEVICE_TO_HOST;
    const bool device = direction != BTAP_HOST_TO_DEVICE;

    if (usart->state == BTAP_USART_PAIR && host)
        usart_cancel(usart);
    if (usart->state != BTAP_USART_STEPS)
        return;
    switch ((enum usart_kind)usart->step->kind) {
    case USART_HOST_BLOCK:
    case USART_HOST_VALUE:
    case USART_HOST_LIST:
    case USART_HOST_CHECKSUM:
        if (host)
            lose_of_host(usart, count);
        return;
    case USART_DEVICE_BLOCK:
        if (device)
            lose_of_block(usart, count);
        return;
    case USART_ANSWER:
    case USART_FORK:
    case USART_DEVICE_VALUE:
    case USART_DEVICE_LIST:
    case USART_DEVICE_CRC:
    case USART_DEVICE_REST:
    case USART_END:
        break;
    }
    if (!device)
        return;
    usart_tell_refused_pair(usart);
    usart_end(usart, BTAP_INCOMPLETE, (enum btap_phase)usart->step->phase);
}

/** Whether the last bytes of a payload are rather a command, or 0x7F and 0x7F again. */
static bool ends_in_command(const struct btap_usart *usart)
{
    const uint8_t before = usart->recent[0].value;
    const uint8_t last = usart->recent[1].value;

    return usart->tail_length >= 2 &&
           (usart_is_command(before, last) || (before == SYNC_BYTE && last == SYNC_BYTE));
}

void usart_close(struct btap_usart *usart, enum btap_status status)
{
    const struct btap_usart_step *step = usart->step;
    const struct btap_origin at = usart->recent[1].at;

    if (usart->state == BTAP_USART_PAIR && !usart->engaged)
        usart_cancel(usart);
    if (usart->emitter.open)
        usart_tell_refused_pair(usart);
    if (usart->state == BTAP_USART_STEPS && step->kind == USART_DEVICE_CRC)
        usart_settle_crc(usart);
    if (usart->state == BTAP_USART_STEPS && step->kind == USART_DEVICE_REST)
        usart_enter(usart, step + 1);
    if (usart->emitter.open && usart_is_other_talk(usart))
        usart_end_bad_reply(usart);
    if (usart->emitter.open) {
        if (usart_transaction_of(usart)->command == BTAP_SYNC && usart->syncs > 1)
            usart_note(usart, BTAP_NOTE_SYNC_REPEATED, &at, usart->syncs, 0);
        if ((step->kind == USART_HOST_BLOCK || step->kind == USART_HOST_LIST) &&
            ends_in_command(usart))
            usart_note(usart, BTAP_NOTE_DATA_SHORT, &at, 0, 0);
        usart_end(usart, status, (enum btap_phase)step->phase);
    }
    usart_drop_pending(usart, 0);
    usart_flush_counts(usart);
}
