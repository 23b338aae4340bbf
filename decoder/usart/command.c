/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The life of a command's transaction: its first two bytes, its answers, its outcome.
 */
#include <string.h>

#include "usart/internal.h"

/** Stray bytes that an answer may follow; more of them are another conversation. */
#define GLITCH_MAX 3
/** So many stray characters of text are another conversation too. */
#define TALK_MIN 2
/** First protocol version that always refuses a bad address (AN3155 table 3). */
#define VERSION_NACK_FIXED 0x31

void usart_tell_span(struct btap_usart *usart, const struct usart_bytes *bytes, uint32_t length,
                     enum btap_field field, uint64_t value, bool last, bool bad)
{
    struct btap_span span = {
        .packet = bytes->at.packet,
        .offset = bytes->at.offset,
        .length = length,
        .direction = bytes->direction,
        .field = field,
        .bytes = bytes->bytes,
        .value = value,
        .last = last,
        .bad = bad,
    };

    usart_flush_run(usart);
    emit_span(&usart->emitter, &span);
}

void usart_tell_kept(struct btap_usart *usart, const struct btap_usart_byte *kept,
                     enum btap_direction direction, enum btap_field field, bool bad)
{
    const struct usart_bytes bytes = {
        .bytes = &kept->value, .length = 1, .direction = direction, .at = kept->at};

    usart_tell(usart, &bytes, 1, field, kept->value, true, bad);
}

/* The last bytes of the host */

void usart_keep(struct btap_usart_byte *kept, const struct usart_bytes *bytes, uint32_t index)
{
    /* Member by member: copies of the whole would wait for the stores before them. */
    kept->at.packet = bytes->at.packet;
    kept->at.time = bytes->at.time;
    kept->at.offset = bytes->at.offset + index;
    kept->direction = bytes->direction;
    kept->value = bytes->bytes[index];
}

static void keep_tail(struct btap_usart *usart, const uint8_t *bytes, uint32_t length)
{
    if (length >= BTAP_USART_TAIL) {
        memcpy(usart->tail, bytes + length - BTAP_USART_TAIL, BTAP_USART_TAIL);
        usart->tail_length = BTAP_USART_TAIL;
        return;
    }
    for (uint32_t i = 0; i < length; i++) {
        if (usart->tail_length == BTAP_USART_TAIL)
            memmove(usart->tail, usart->tail + 1, --usart->tail_length);
        usart->tail[usart->tail_length++] = bytes[i];
    }
}

void usart_remember(struct btap_usart *usart, const struct usart_bytes *bytes, uint32_t length)
{
    if (length > 1)
        usart_keep(&usart->recent[0], bytes, length - 2);
    else
        usart->recent[0] = usart->recent[1];
    usart_keep(&usart->recent[1], bytes, length - 1);
    usart->group_bytes += length;
    keep_tail(usart, bytes->bytes, length);
}

/** Whether the group's last bytes hold what begins a command: the host sent fewer than due. */
static bool swallowed_command(const struct btap_usart *usart)
{
    const uint8_t length = usart->tail_length;

    if (length > 0 && usart->tail[length - 1] == SYNC_BYTE)
        return true;
    for (uint8_t i = 1; i < length; i++)
        if (usart_is_command(usart->tail[i - 1], usart->tail[i]))
            return true;
    return false;
}

/* Steps */

void usart_end(struct btap_usart *usart, enum btap_status status, enum btap_phase phase)
{
    const struct btap_transaction *transaction = usart_transaction_of(usart);
    const struct btap_command_info *command = usart_command(transaction->opcode);
    const struct btap_usart_parameter none = {0};

    usart->previous = (struct btap_usart_previous){
        .known = true,
        .opcode = transaction->opcode,
        .command = transaction->command,
        .status = status,
        .phase = phase,
        .parameter = usart->parameter.known ? usart->parameter : none,
        .mismatch = usart->mismatch,
    };
    if (status == BTAP_OK && command != NULL &&
        (command->traits & (BTAP_TRAIT_LEAVES | BTAP_TRAIT_PROTECTS)) != 0)
        usart->engaged = false;
    if (status == BTAP_NO_REPLY)
        usart->unanswered = true;
    else if (status != BTAP_NACK)
        usart->unanswered = false;
    usart->swallowed_half = transaction->command == BTAP_SYNC && status == BTAP_NO_REPLY;
    usart->surplus_told = false;
    usart->state = usart->engaged ? BTAP_USART_IDLE : BTAP_USART_SEEKING;
    usart->fresh = !usart->engaged;
    emit_end(&usart->emitter, status, phase);
}

static void begin_group(struct btap_usart *usart)
{
    usart->group_bytes = 0;
    usart->group_xor = 0;
    usart->mismatch = false;
    usart->gap = false;
    usart->strays = 0;
    usart->stray_text = 0;
    usart->tail_length = 0;
}

void usart_enter(struct btap_usart *usart, const struct btap_usart_step *step)
{
    for (;; step++) {
        usart->step = step;
        usart->value = 0;
        usart->left = step->size;
        switch ((enum usart_kind)step->kind) {
        case USART_HOST_LIST:
        case USART_DEVICE_LIST:
            if (usart->items == 0)
                continue;
            return;
        case USART_HOST_BLOCK:
        case USART_DEVICE_BLOCK:
            if (usart->block == 0)
                continue;
            usart->left = usart->block;
            return;
        case USART_HOST_VALUE:
        case USART_DEVICE_VALUE:
            if (step->size == 0)
                usart->left = usart->block;
            return;
        case USART_END:
            if (usart->emitter.transaction.command == BTAP_GET)
                usart->supported_known = true;
            usart_end(usart, BTAP_OK, BTAP_PHASE_NONE);
            return;
        case USART_ANSWER:
        case USART_HOST_CHECKSUM:
        case USART_FORK:
        case USART_DEVICE_CRC:
        case USART_DEVICE_REST:
            return;
        }
    }
}

enum btap_phase usart_refused_phase(const struct btap_usart *usart)
{
    const struct btap_usart_step *step = usart->step;

    if (usart->oversize)
        return BTAP_PHASE_LENGTH;
    if (step->kind == USART_ANSWER && step->phase != BTAP_PHASE_COMMAND && usart->mismatch)
        return (enum btap_phase)(step - 1)->phase;
    return (enum btap_phase)step->phase;
}

/* The first bytes of a command */

static void begin(struct btap_usart *usart, enum btap_command command, uint8_t opcode,
                  const struct btap_origin *at)
{
    struct btap_transaction *transaction;

    usart_flush_counts(usart);
    transaction = emit_begin(&usart->emitter, command, at);
    transaction->has = BTAP_HAS_OPCODE;
    transaction->opcode = opcode;
    usart->fresh = false;
    usart->leftover = false;
    usart->oversize = false;
    usart->crc_length = 0;
    usart->crc_acknowledged = false;
    usart->syncs = 0;
    usart->parameter = (struct btap_usart_parameter){0};
    begin_group(usart);
}

/** Tells what concerns every command once it is sure to be one. */
static void settle(struct btap_usart *usart, const struct btap_origin *at)
{
    if (!usart->settings_wrong)
        return;
    usart->settings_wrong = false;
    usart_note(usart, BTAP_NOTE_NO_PARITY, at, 0, 0);
}

void usart_begin_sync(struct btap_usart *usart, const struct btap_origin *at)
{
    begin(usart, BTAP_SYNC, SYNC_BYTE, at);
    settle(usart, at);
    usart->state = BTAP_USART_STEPS;
    usart_enter(usart, usart_steps(BTAP_SYNC));
}

void usart_take_sync(struct btap_usart *usart, const struct usart_bytes *bytes)
{
    usart->syncs++;
    usart_tell(usart, bytes, 1, BTAP_FIELD_SYNC, SYNC_BYTE, true, false);
    emit_touch(&usart->emitter, &bytes->at);
    usart_remember(usart, bytes, 1);
}

void usart_begin_command(struct btap_usart *usart, uint8_t opcode, const struct btap_origin *at)
{
    const struct btap_command_info *info = usart_command(opcode);
    const enum btap_command command = info != NULL ? info->command : BTAP_COMMAND_UNKNOWN;

    begin(usart, command, opcode, at);
    usart->step = usart_steps(command);
}

/** Tells the command's first two bytes, which were kept back until they were sure to be that. */
static void tell_pair(struct btap_usart *usart, bool bad)
{
    const struct btap_usart_byte *opcode = &usart->recent[2 - usart->pending];

    usart_tell_kept(usart, opcode, BTAP_HOST_TO_DEVICE, BTAP_FIELD_OPCODE, false);
    if (usart->pending == 2)
        usart_tell_kept(usart, opcode + 1, BTAP_HOST_TO_DEVICE, BTAP_FIELD_COMPLEMENT, bad);
    usart->pending = 0;
}

void usart_tell_refused_pair(struct btap_usart *usart)
{
    if (usart->pending == 0)
        return;
    settle(usart, &usart->recent[1].at);
    if (usart->pending == 2)
        usart_note(usart, BTAP_NOTE_COMPLEMENT_MISMATCH, &usart->recent[1].at,
                   usart->recent[1].value, usart->recent[0].value);
    tell_pair(usart, usart->pending == 2);
}

/** Whether the pair is what the device read where it should have refused an address. */
static bool follows_missing_nack(const struct btap_usart *usart)
{
    const struct btap_usart_previous *previous = &usart->previous;

    return previous->known && previous->status == BTAP_NO_REPLY && !previous->mismatch &&
           previous->phase == BTAP_PHASE_ADDRESS &&
           (previous->command == BTAP_READ_MEMORY || previous->command == BTAP_WRITE_MEMORY) &&
           usart->emitter.transaction.command == BTAP_COMMAND_UNKNOWN &&
           usart->version < VERSION_NACK_FIXED;
}

void usart_note_retry(struct btap_usart *usart, const struct btap_origin *at)
{
    const struct btap_usart_previous *previous = &usart->previous;
    const uint8_t opcode = usart->emitter.transaction.opcode;

    if (previous->known && previous->status != BTAP_OK && previous->opcode == opcode &&
        previous->parameter.known == usart->parameter.known &&
        previous->parameter.value == usart->parameter.value &&
        previous->parameter.sum == usart->parameter.sum)
        usart_note(usart, BTAP_NOTE_HOST_RETRY, at, opcode, 0);
}

void usart_accept_pair(struct btap_usart *usart, const struct btap_origin *at)
{
    tell_pair(usart, false);
    settle(usart, at);
    usart_note_retry(usart, at);
    usart->state = BTAP_USART_STEPS;
}

void usart_cancel(struct btap_usart *usart)
{
    emit_cancel(&usart->emitter);
    usart->lost |= usart->engaged;
    usart->engaged = false;
    usart->fresh = false;
    usart->state = BTAP_USART_SEEKING;
}

/* What ends a command */

bool usart_is_other_talk(const struct btap_usart *usart)
{
    return usart->strays > GLITCH_MAX || usart->stray_text >= TALK_MIN;
}

void usart_end_bad_reply(struct btap_usart *usart)
{
    usart_tell_refused_pair(usart);
    if (usart->stray_text >= USART_TEXT_MIN)
        usart_note(usart, BTAP_NOTE_APPLICATION_TEXT, &usart->stray_at, usart->stray_text, 0);
    usart_note(usart, BTAP_NOTE_NOT_AN_ANSWER, &usart->stray_at, usart->first_stray, 0);
    usart_end(usart, BTAP_BAD_REPLY, (enum btap_phase)usart->step->phase);
}

uint32_t usart_bytes_due(const struct btap_usart *usart)
{
    const struct btap_usart_step *step = usart->step;
    const bool list = step->kind == USART_HOST_LIST || step->kind == USART_DEVICE_LIST;

    return usart->left + (list ? (usart->items - 1) * step->size : 0);
}

void usart_give_up(struct btap_usart *usart, const struct btap_origin *at)
{
    const struct btap_usart_step *step = usart->step;

    if (usart->strays > 0) {
        usart_end_bad_reply(usart);
        return;
    }
    if (usart_transaction_of(usart)->command == BTAP_SYNC && usart->syncs > 1)
        usart_note(usart, BTAP_NOTE_SYNC_REPEATED, at, usart->syncs, 0);
    if (step->kind == USART_DEVICE_BLOCK || step->kind == USART_DEVICE_LIST)
        usart_note(usart, BTAP_NOTE_REPLY_SHORT, at, usart_bytes_due(usart), 0);
    usart_end(usart, usart->gap ? BTAP_INCOMPLETE : BTAP_NO_REPLY, (enum btap_phase)step->phase);
}

/** Why the device may have refused a command at once. */
static void explain_refusal(struct btap_usart *usart, const struct btap_origin *at)
{
    const uint8_t opcode = usart_transaction_of(usart)->opcode;
    const struct btap_command_info *command = usart_command(opcode);
    const bool listed = (usart->supported[opcode / 32] >> (opcode % 32)) & 1;

    if (follows_missing_nack(usart))
        usart_note(usart, BTAP_NOTE_NACK_MISSING, at, 0, 0);
    else if (usart->swallowed_half)
        usart_note(usart, BTAP_NOTE_PAIR_MISALIGNED, at, 0, 0);
    else if (usart->mismatch)
        return;
    else if (command == NULL || (usart->supported_known && !listed))
        usart_note(usart, BTAP_NOTE_UNSUPPORTED_COMMAND, at, opcode, 0);
    else if (usart->supported_known && (command->traits & BTAP_TRAIT_RESTRICTED) != 0)
        usart_note(usart, BTAP_NOTE_READ_PROTECTION_LIKELY, at, opcode, 0);
}

static void refuse(struct btap_usart *usart, const struct btap_origin *at)
{
    const enum btap_phase phase = usart_refused_phase(usart);

    if (usart_transaction_of(usart)->command == BTAP_SYNC)
        usart_note(usart, BTAP_NOTE_ALREADY_SYNCED, at, 0, 0);
    else if (phase == BTAP_PHASE_COMMAND)
        explain_refusal(usart, at);
    else if (phase == BTAP_PHASE_CHECKSUM && swallowed_command(usart))
        usart_note(usart, BTAP_NOTE_DATA_SHORT, at, 0, 0);
    usart_end(usart, BTAP_NACK, phase);
}

static void acknowledge(struct btap_usart *usart, const struct btap_origin *at)
{
    const struct btap_transaction *transaction = usart_transaction_of(usart);

    if (transaction->command == BTAP_SYNC) {
        usart->supported_known = false;
        usart->version = 0;
        if (usart->syncs > 1)
            usart_note(usart, BTAP_NOTE_SYNC_REPEATED, at, usart->syncs, 0);
    }
    if (transaction->command == BTAP_COMMAND_UNKNOWN)
        usart_note(usart, BTAP_NOTE_UNKNOWN_COMMAND_ACCEPTED, at, transaction->opcode, 0);
    if (transaction->command == BTAP_ERASE && transaction->erase == BTAP_ERASE_MASS &&
        usart->mismatch)
        usart_note(usart, BTAP_NOTE_ERASE_NOT_PERFORMED, at, usart->checksum, 0);
    begin_group(usart);
    usart_enter(usart, usart->step + 1);
}

/* Answers */

void usart_tell_answer(struct btap_usart *usart, const struct usart_bytes *bytes)
{
    usart_tell(usart, bytes, 1, BTAP_FIELD_ANSWER, bytes->bytes[0], true, false);
    if (usart->emitter.open)
        emit_touch(&usart->emitter, &bytes->at);
}

void usart_take_ack_or_nack(struct btap_usart *usart, const struct usart_bytes *bytes)
{
    usart_tell_refused_pair(usart);
    usart_tell_answer(usart, bytes);
    usart->engaged = true;
    if (usart->strays > 0)
        usart_note(usart, BTAP_NOTE_GLITCH_BYTES, &usart->stray_at, usart->strays,
                   usart->first_stray);
    if (bytes->bytes[0] == ACK)
        acknowledge(usart, &bytes->at);
    else
        refuse(usart, &bytes->at);
}

/** Takes what is no answer: one byte, or a run of text. */
static uint32_t take_stray(struct btap_usart *usart, const struct usart_bytes *bytes)
{
    const bool text = usart_is_text(bytes->bytes[0]);
    uint32_t taken = 1;

    if (usart->strays == 0) {
        usart->first_stray = bytes->bytes[0];
        usart->stray_at = bytes->at;
    }
    while (text && taken < bytes->length && usart_is_text(bytes->bytes[taken]) &&
           (bytes->bytes[taken] != ACK || usart->stray_text + taken >= TALK_MIN))
        taken++;
    usart->strays += taken;
    usart->stray_text += text ? taken : 0;
    usart_tell(usart, bytes, taken, text ? BTAP_FIELD_TEXT : BTAP_FIELD_ANSWER, bytes->bytes[0],
               true, !text);
    emit_touch(&usart->emitter, &bytes->at);
    return taken;
}

uint32_t usart_take_answer(struct btap_usart *usart, const struct usart_bytes *bytes)
{
    if (!usart_is_answer(bytes->bytes[0]) || usart_is_other_talk(usart))
        return take_stray(usart, bytes);
    usart_take_ack_or_nack(usart, bytes);
    return 1;
}

void usart_join(struct btap_usart *usart, const struct usart_bytes *answer)
{
    const struct btap_usart_byte *first = &usart->recent[2 - usart->pending];
    struct usart_bytes bytes = *answer;

    if (first->value == SYNC_BYTE) {
        usart_begin_sync(usart, &first->at);
        usart->syncs = usart->pending;
        for (; usart->pending > 0; usart->pending--)
            usart_tell_kept(usart, &usart->recent[2 - usart->pending], BTAP_HOST_TO_DEVICE,
                            BTAP_FIELD_SYNC, false);
    } else {
        usart_begin_command(usart, first->value, &first->at);
        usart_accept_pair(usart, &first->at);
    }
    bytes.direction = BTAP_DEVICE_TO_HOST;
    usart_take_ack_or_nack(usart, &bytes);
}

void usart_restart(struct btap_usart *usart, const struct usart_bytes *answer)
{
    const struct btap_usart_byte last = usart->recent[1];
    const struct btap_usart_byte before = usart->recent[0];

    if (last.value == SYNC_BYTE) {
        usart_begin_sync(usart, &last.at);
        usart->syncs = 1;
    } else {
        usart_begin_command(usart, before.value, &before.at);
        usart->state = BTAP_USART_STEPS;
    }
    usart_take_ack_or_nack(usart, answer);
}
