/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The walk through a conversation: whose turn it is, and what it means if the other one speaks.
 */
#include "usart_internal.h"

/* The host's side */

static uint32_t host_between(struct btap_usart *usart, const struct btap_usart_bytes *bytes)
{
    const uint8_t value = bytes->bytes[0];
    const bool leftover = usart->leftover && value == usart->leftover_value;

    usart->leftover = false;
    if (leftover) {
        btap_usart_tell(usart, bytes, 1, BTAP_FIELD_COMPLEMENT, value, true, false);
        return 1;
    }
    btap_usart_drop_pending(usart, 0);
    if (value == SYNC_BYTE) {
        btap_usart_begin_sync(usart, &bytes->at);
        btap_usart_take_sync(usart, bytes);
        return 1;
    }
    btap_usart_begin_command(usart, value, &bytes->at);
    btap_usart_push(usart, bytes);
    usart->state = BTAP_USART_PAIR;
    return 1;
}

static uint32_t host_complement(struct btap_usart *usart, const struct btap_usart_bytes *bytes)
{
    const bool fits = (usart->recent[1].value ^ bytes->bytes[0]) == 0xff;

    if (!fits && !usart->engaged) {
        btap_usart_cancel(usart);
        return 0;
    }
    btap_usart_push(usart, bytes);
    btap_report_touch(&usart->report, &bytes->at);
    usart->group_bytes = 2;
    usart->mismatch = !fits;
    if (fits)
        btap_usart_accept_pair(usart, &bytes->at);
    else
        usart->state = BTAP_USART_STEPS;
    return 1;
}

static uint32_t host_step(struct btap_usart *usart, const struct btap_usart_bytes *bytes)
{
    switch ((enum btap_usart_kind)usart->step->kind) {
    case BTAP_USART_HOST_VALUE:
    case BTAP_USART_HOST_LIST:
        return btap_usart_take_value(usart, bytes);
    case BTAP_USART_HOST_BLOCK:
        return btap_usart_take_block(usart, bytes);
    case BTAP_USART_HOST_CHECKSUM:
        return btap_usart_take_checksum(usart, bytes);
    case BTAP_USART_FORK:
        btap_usart_enter(usart, usart->step + 1);
        return 0;
    case BTAP_USART_ANSWER:
        if (usart->report.transaction.command == BTAP_SYNC && bytes->bytes[0] == SYNC_BYTE &&
            usart->strays == 0) {
            btap_usart_take_sync(usart, bytes);
            return 1;
        }
        if (usart->pending > 0 && usart->strays == 0)
            btap_usart_cancel(usart);
        else
            btap_usart_give_up(usart, &bytes->at);
        return 0;
    case BTAP_USART_DEVICE_CRC:
        if (!btap_usart_settle_crc(usart))
            btap_usart_give_up(usart, &bytes->at);
        return 0;
    case BTAP_USART_DEVICE_REST:
        btap_usart_enter(usart, usart->step + 1);
        return 0;
    case BTAP_USART_DEVICE_VALUE:
    case BTAP_USART_DEVICE_LIST:
    case BTAP_USART_DEVICE_BLOCK:
    case BTAP_USART_END:
        break;
    }
    btap_usart_give_up(usart, &bytes->at);
    return 0;
}

uint32_t btap_usart_host(struct btap_usart *usart, const struct btap_usart_bytes *bytes)
{
    uint32_t taken = 0;

    switch (usart->state) {
    case BTAP_USART_SEEKING:
        if (usart->fresh &&
            (bytes->bytes[0] == SYNC_BYTE || btap_usart_command(bytes->bytes[0]) != NULL)) {
            taken = host_between(usart, bytes);
            break;
        }
        usart->fresh = false;
        taken = btap_usart_seek(usart, bytes);
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
    return usart->unbroken >= 2 &&
           btap_usart_is_command(usart->recent[0].value, usart->recent[1].value);
}

/** The device acknowledges while bytes of the group are still due: the capture lacks them. */
static void answer_with_bytes_missing(struct btap_usart *usart,
                                      const struct btap_usart_bytes *bytes)
{
    const bool checksum = usart->step->kind == BTAP_USART_HOST_CHECKSUM;

    btap_usart_note(usart, BTAP_NOTE_BYTES_MISSING, &bytes->at,
                    checksum ? 1 : btap_usart_bytes_due(usart) + 1, 0);
    while (usart->step->kind != BTAP_USART_ANSWER)
        usart->step++;
    usart->mismatch = false;
    btap_usart_take_ack_or_nack(usart, bytes);
}

static void note_late(struct btap_usart *usart, const struct btap_usart_bytes *bytes)
{
    btap_usart_tell_answer(usart, bytes);
    btap_usart_note(usart, BTAP_NOTE_LATE_ANSWER, &bytes->at, 0, 0);
    usart->unanswered = false;
}

/** Whether the command before was refused as read protection does it, maybe with two NACKs. */
static bool refused_by_protection(const struct btap_usart *usart)
{
    const struct btap_usart_previous *previous = &usart->previous;
    const struct btap_usart_command *command = btap_usart_command(previous->opcode);

    return previous->known && previous->status == BTAP_NACK &&
           previous->phase == BTAP_PHASE_COMMAND && !previous->early && !previous->mismatch &&
           command != NULL && command->restricted;
}

/** An answer where none is due. */
static void take_surplus(struct btap_usart *usart, const struct btap_usart_bytes *bytes)
{
    const uint8_t value = bytes->bytes[0];

    if (usart->unanswered) {
        note_late(usart, bytes);
        return;
    }
    btap_usart_tell_answer(usart, bytes);
    if (usart->surplus_told)
        return;
    usart->surplus_told = true;
    if (value == NACK && refused_by_protection(usart))
        btap_usart_note(usart, BTAP_NOTE_SURPLUS_NACK, &bytes->at, 0, 0);
    else
        btap_usart_note(usart, BTAP_NOTE_SURPLUS_ANSWER, &bytes->at, value, 0);
}

static void take_early_nack(struct btap_usart *usart, const struct btap_usart_bytes *bytes)
{
    const bool pair = usart->state == BTAP_USART_PAIR;
    const uint8_t opcode = btap_usart_transaction_of(usart)->opcode;
    const uint32_t sent = pair ? 1 : usart->group_bytes;

    btap_usart_tell_refused_pair(usart);
    btap_usart_tell_answer(usart, bytes);
    usart->engaged = true;
    if (pair && usart->swallowed_half)
        btap_usart_note(usart, BTAP_NOTE_PAIR_MISALIGNED, &bytes->at, 0, 0);
    else if (!usart->oversize && sent > 0)
        btap_usart_note(usart, BTAP_NOTE_NACK_EARLY, &bytes->at, sent, 0);
    btap_usart_end(usart, BTAP_NACK, btap_usart_refused_phase(usart));
    usart->previous.early = true;
    usart->leftover = pair;
    usart->leftover_value = (uint8_t)~opcode;
}

/** Takes a byte of the device while it is the host's turn. */
static uint32_t take_early(struct btap_usart *usart, const struct btap_usart_bytes *bytes)
{
    const uint8_t value = bytes->bytes[0];
    const bool pair = usart->state == BTAP_USART_PAIR;
    const bool nothing_sent = !pair && usart->group_bytes == 0;

    if (!btap_usart_is_answer(value)) {
        btap_usart_skip(usart, bytes, 1);
    } else if (usart->unanswered && nothing_sent && value == NACK) {
        /* The answer before was the late one, this one is the command's. */
        note_late(usart, bytes);
        btap_usart_end(usart, BTAP_NACK, (enum btap_phase)(usart->step - 1)->phase);
    } else if (usart->unanswered && (pair || nothing_sent) && !(pair && usart->swallowed_half)) {
        note_late(usart, bytes);
    } else if (value == NACK && !(pair && !usart->surplus_told && refused_by_protection(usart))) {
        take_early_nack(usart, bytes);
    } else if (pair || nothing_sent) {
        take_surplus(usart, bytes);
    } else if (usart->step->kind == BTAP_USART_HOST_CHECKSUM &&
               (usart->step->phase == BTAP_PHASE_POLYNOMIAL ||
                usart->step->phase == BTAP_PHASE_INITIAL)) {
        /* AN3155 section 3.13 lists an ACK between these values and their checksums. */
        btap_usart_tell_answer(usart, bytes);
    } else if (answers_recent(usart)) {
        btap_usart_note(usart, BTAP_NOTE_DATA_SHORT, &usart->recent[1].at, 0, 0);
        btap_usart_end(usart, BTAP_INCOMPLETE, (enum btap_phase)usart->step->phase);
        btap_usart_restart(usart, bytes);
    } else {
        answer_with_bytes_missing(usart, bytes);
    }
    return 1;
}

static uint32_t device_between(struct btap_usart *usart, const struct btap_usart_bytes *bytes)
{
    const struct btap_usart_previous *previous = &usart->previous;
    const uint8_t value = bytes->bytes[0];

    if (!btap_usart_is_answer(value) || usart->skipped.bytes + usart->text.bytes > 0) {
        btap_usart_skip(usart, bytes, 1);
        return 1;
    }
    if (value == ACK && usart->unanswered && previous->known && previous->status == BTAP_NACK &&
        btap_usart_is_command(usart->recent[0].value, usart->recent[1].value)) {
        /* The NACK was the late answer to the command before; this is the real one. */
        usart->unanswered = false;
        btap_usart_restart(usart, bytes);
        if (usart->report.open)
            btap_usart_note(usart, BTAP_NOTE_LATE_ANSWER, &bytes->at, 0, 0);
        return 1;
    }
    take_surplus(usart, bytes);
    return 1;
}

/** Whether a reply begins with the answer that was due before it, after a late one. */
static bool is_late_answer(const struct btap_usart *usart, uint8_t value)
{
    const struct btap_usart_step *step = usart->step;

    return usart->unanswered && btap_usart_is_answer(value) && usart->left == step->size &&
           (step - 1)->kind == BTAP_USART_ANSWER && (step - 1)->phase == BTAP_PHASE_COMMAND;
}

static uint32_t device_step(struct btap_usart *usart, const struct btap_usart_bytes *bytes)
{
    switch ((enum btap_usart_kind)usart->step->kind) {
    case BTAP_USART_ANSWER:
        return btap_usart_take_answer(usart, bytes);
    case BTAP_USART_DEVICE_VALUE:
        if (is_late_answer(usart, bytes->bytes[0])) {
            note_late(usart, bytes);
            if (bytes->bytes[0] == NACK)
                btap_usart_end(usart, BTAP_NACK, BTAP_PHASE_COMMAND);
            return 1;
        }
        return btap_usart_take_value(usart, bytes);
    case BTAP_USART_DEVICE_LIST:
        return btap_usart_take_value(usart, bytes);
    case BTAP_USART_DEVICE_BLOCK:
        return btap_usart_take_block(usart, bytes);
    case BTAP_USART_FORK:
        btap_usart_fork_to_crc(usart, &bytes->at);
        return 0;
    case BTAP_USART_DEVICE_CRC:
        return btap_usart_take_crc(usart, bytes);
    case BTAP_USART_DEVICE_REST:
        return btap_usart_take_rest(usart, bytes);
    case BTAP_USART_HOST_VALUE:
    case BTAP_USART_HOST_LIST:
    case BTAP_USART_HOST_BLOCK:
    case BTAP_USART_HOST_CHECKSUM:
    case BTAP_USART_END:
        break;
    }
    return take_early(usart, bytes);
}

uint32_t btap_usart_device(struct btap_usart *usart, const struct btap_usart_bytes *bytes)
{
    uint32_t taken = 0;

    switch (usart->state) {
    case BTAP_USART_SEEKING:
        taken = btap_usart_seek(usart, bytes);
        break;
    case BTAP_USART_IDLE:
        taken = device_between(usart, bytes);
        break;
    case BTAP_USART_PAIR:
        if (!usart->engaged && !(usart->swallowed_half && bytes->bytes[0] == NACK)) {
            btap_usart_cancel(usart);
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

enum btap_direction btap_usart_sender(const struct btap_usart *usart, uint8_t value)
{
    const enum btap_direction by_value =
        btap_usart_is_answer(value) ? BTAP_DEVICE_TO_HOST : BTAP_HOST_TO_DEVICE;

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
    switch ((enum btap_usart_kind)usart->step->kind) {
    case BTAP_USART_ANSWER:
        return by_value;
    case BTAP_USART_FORK:
        return value == ACK ? BTAP_DEVICE_TO_HOST : BTAP_HOST_TO_DEVICE;
    case BTAP_USART_DEVICE_VALUE:
    case BTAP_USART_DEVICE_LIST:
    case BTAP_USART_DEVICE_BLOCK:
    case BTAP_USART_DEVICE_CRC:
        return BTAP_DEVICE_TO_HOST;
    case BTAP_USART_DEVICE_REST:
    case BTAP_USART_HOST_VALUE:
    case BTAP_USART_HOST_LIST:
    case BTAP_USART_HOST_BLOCK:
    case BTAP_USART_HOST_CHECKSUM:
    case BTAP_USART_END:
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
        btap_usart_enter(usart, usart->step + 1);
}

/** As a snapshot length cuts a group of the host's: its end is missing, with the checksum. */
static bool lacks_end_of_group(const struct btap_usart *usart, uint32_t count)
{
    const struct btap_usart_step *step = usart->step;

    if (step->kind == BTAP_USART_HOST_CHECKSUM)
        return count == 1;
    return step[1].kind == BTAP_USART_HOST_CHECKSUM && count == btap_usart_bytes_due(usart) + 1;
}

static void lose_of_host(struct btap_usart *usart, uint32_t count)
{
    const struct btap_usart_step *step = usart->step;

    if (lacks_end_of_group(usart, count)) {
        usart->gap = true;
        btap_usart_enter(usart, step->kind == BTAP_USART_HOST_CHECKSUM ? step + 1 : step + 2);
    } else if (step->kind == BTAP_USART_HOST_BLOCK) {
        lose_of_block(usart, count);
    } else {
        usart->gap = true;
    }
}

void btap_usart_lose(struct btap_usart *usart, enum btap_direction direction, uint32_t count)
{
    const bool host = direction != BTAP_DEVICE_TO_HOST;
    const bool device = direction != BTAP_HOST_TO_DEVICE;

    if (usart->state == BTAP_USART_PAIR && host)
        btap_usart_cancel(usart);
    if (usart->state != BTAP_USART_STEPS)
        return;
    switch ((enum btap_usart_kind)usart->step->kind) {
    case BTAP_USART_HOST_BLOCK:
    case BTAP_USART_HOST_VALUE:
    case BTAP_USART_HOST_LIST:
    case BTAP_USART_HOST_CHECKSUM:
        if (host)
            lose_of_host(usart, count);
        return;
    case BTAP_USART_DEVICE_BLOCK:
        if (device)
            lose_of_block(usart, count);
        return;
    case BTAP_USART_ANSWER:
    case BTAP_USART_FORK:
    case BTAP_USART_DEVICE_VALUE:
    case BTAP_USART_DEVICE_LIST:
    case BTAP_USART_DEVICE_CRC:
    case BTAP_USART_DEVICE_REST:
    case BTAP_USART_END:
        break;
    }
    if (!device)
        return;
    btap_usart_tell_refused_pair(usart);
    btap_usart_end(usart, BTAP_INCOMPLETE, (enum btap_phase)usart->step->phase);
}

/** Whether the last bytes of a payload are rather a command, or 0x7F and 0x7F again. */
static bool ends_in_command(const struct btap_usart *usart)
{
    const uint8_t before = usart->recent[0].value;
    const uint8_t last = usart->recent[1].value;

    return usart->tail_length >= 2 &&
           (btap_usart_is_command(before, last) || (before == SYNC_BYTE && last == SYNC_BYTE));
}

void btap_usart_close(struct btap_usart *usart, enum btap_status status)
{
    const struct btap_usart_step *step = usart->step;
    const struct btap_origin at = usart->recent[1].at;

    if (usart->state == BTAP_USART_PAIR && !usart->engaged)
        btap_usart_cancel(usart);
    if (usart->report.open)
        btap_usart_tell_refused_pair(usart);
    if (usart->state == BTAP_USART_STEPS && step->kind == BTAP_USART_DEVICE_CRC)
        btap_usart_settle_crc(usart);
    if (usart->state == BTAP_USART_STEPS && step->kind == BTAP_USART_DEVICE_REST)
        btap_usart_enter(usart, step + 1);
    if (usart->report.open && btap_usart_is_other_talk(usart))
        btap_usart_end_bad_reply(usart);
    if (usart->report.open) {
        if (btap_usart_transaction_of(usart)->command == BTAP_SYNC && usart->syncs > 1)
            btap_usart_note(usart, BTAP_NOTE_SYNC_REPEATED, &at, usart->syncs, 0);
        if ((step->kind == BTAP_USART_HOST_BLOCK || step->kind == BTAP_USART_HOST_LIST) &&
            ends_in_command(usart))
            btap_usart_note(usart, BTAP_NOTE_DATA_SHORT, &at, 0, 0);
        btap_usart_end(usart, status, (enum btap_phase)step->phase);
    }
    btap_usart_drop_pending(usart, 0);
    btap_usart_flush_counts(usart);
}
