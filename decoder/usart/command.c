/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "usart/command.h"

#include <string.h>

#include "boottap/product.h"
#include "model/bytes.h"
#include "usart/field.h"
#include "usart/frame.h"
#include "usart/reply.h"
#include "usart/skip.h"
#include "usart/steps.h"

/** First protocol version that always refuses a bad address (AN3155 table 3). */
#define VERSION_NACK_FIXED 0x31

/** Few hosts use a lower rate, where the capture does not tell it. */
#define SLOW_BAUD 9600
/** Start bit, 8 data bits, parity, stop bit (AN3155 section 1). */
#define BITS_PER_BYTE 11

static struct btap_transaction *transaction_of(struct btap_usart *usart)
{
    return &usart->emitter.transaction;
}

/* Beginning */

static void begin(struct btap_usart *usart, enum btap_command command, uint8_t opcode,
                  const struct btap_origin *at)
{
    struct btap_transaction *transaction;

    usart_skip_flush(usart);
    transaction = emit_begin(&usart->emitter, command, at);
    transaction->has = BTAP_HAS_OPCODE;
    transaction->opcode = opcode;
    usart->command.step = usart_steps(command);
    usart->command.unlogged = false;
    usart->command.crc_length = 0;
    usart->command.parameter = 0;
    usart_frame_begin(&usart->frame);
}

/** Notes what concerns every command once it is sure to be one. */
static void note_settings(struct btap_usart *usart, const struct btap_origin *at)
{
    if (usart->line.settings_wrong)
        usart_note(usart, BTAP_NOTE_NO_PARITY, at, 0, 0);
    usart->line.settings_wrong = false;
}

static void note_retry(struct btap_usart *usart, const struct btap_origin *at)
{
    const struct btap_usart_previous *previous = &usart->previous;
    const uint8_t opcode = transaction_of(usart)->opcode;

    if (previous->status != BTAP_OK && previous->opcode == opcode &&
        previous->parameter == usart->command.parameter)
        usart_note(usart, BTAP_NOTE_HOST_RETRY, at, opcode, 0);
}

void usart_command_begin_sync(struct btap_usart *usart, const struct btap_origin *at)
{
    begin(usart, BTAP_SYNC, SYNC_BYTE, at);
    note_settings(usart, at);
}

void usart_command_begin(struct btap_usart *usart, uint8_t opcode, const struct btap_origin *at)
{
    const struct btap_command_info *info = usart_info(opcode);

    begin(usart, info != NULL ? info->command : BTAP_COMMAND_UNKNOWN, opcode, at);
}

void usart_command_sync(struct btap_usart *usart, const struct usart_bytes *bytes)
{
    usart->frame.bytes++;
    usart_span_byte(usart, bytes, BTAP_FIELD_SYNC);
    emit_touch(&usart->emitter, &bytes->at);
    usart_recent_set(&usart->recent, bytes, 1);
}

static void span_pair(struct btap_usart *usart, bool bad)
{
    const struct btap_usart_byte *opcode = usart_recent_first(usart);

    emit_confirm(&usart->emitter);
    usart_span_kept(usart, opcode, BTAP_HOST_TO_DEVICE, BTAP_FIELD_OPCODE, false);
    if (usart->recent.pending == 2)
        usart_span_kept(usart, opcode + 1, BTAP_HOST_TO_DEVICE, BTAP_FIELD_COMPLEMENT, bad);
    usart->recent.pending = 0;
}

/** Two bytes of one record came back to back; for others it takes a time that no line's rate makes.
 */
static enum btap_pause pause_in_pair(const struct btap_usart *usart)
{
    const struct btap_usart_byte *kept = usart->recent.byte;
    const uint32_t baud = usart->line.settings.baud > 0 ? usart->line.settings.baud : SLOW_BAUD;
    const btap_ns two_bytes = 2 * BITS_PER_BYTE * (btap_ns)1000000000 / baud;

    if (kept[0].at.packet == kept[1].at.packet)
        return BTAP_PAUSE_NONE;
    /* A log has the times at which the tool wrote its lines. */
    if (usart->emitter.link->lacks != 0)
        return BTAP_PAUSE_UNKNOWN;
    return kept[1].at.time - kept[0].at.time > two_bytes ? BTAP_PAUSE_SEEN : BTAP_PAUSE_UNKNOWN;
}

void usart_command_accept_pair(struct btap_usart *usart, const struct btap_origin *at)
{
    transaction_of(usart)->pause = pause_in_pair(usart);
    span_pair(usart, false);
    note_settings(usart, at);
    note_retry(usart, at);
}

void usart_command_refuse_pair(struct btap_usart *usart)
{
    const struct btap_usart_byte *kept = usart->recent.byte;
    const bool whole = usart->recent.pending == 2;

    if (usart->recent.pending == 0)
        return;
    note_settings(usart, &kept[1].at);
    if (whole)
        usart_note(usart, BTAP_NOTE_COMPLEMENT_MISMATCH, &kept[1].at, kept[1].value, kept[0].value);
    span_pair(usart, whole);
}

/* Ending */

/** Bytes of the host that were kept while an answer was due belong to no command. */
static void drop_extra(struct btap_usart *usart)
{
    struct btap_usart_frame *frame = &usart->frame;
    const uint8_t length = frame->extra_length;

    frame->extra_length = 0;
    for (uint8_t i = 0; i < length; i++)
        usart_span_kept(usart, &frame->extra[i], BTAP_HOST_TO_DEVICE, BTAP_FIELD_SKIPPED, false);
    if (length > 0)
        usart_note(usart, BTAP_NOTE_STRAY_BYTES, &frame->extra[0].at, length,
                   frame->extra[0].value);
}

/** The span of a first stray byte whose meaning is known now. */
static void span_held_stray(struct btap_usart *usart, bool is_text)
{
    struct btap_usart_frame *frame = &usart->frame;
    const struct btap_usart_byte kept = {frame->strays.first, BTAP_DEVICE_TO_HOST,
                                         frame->first_stray};

    if (!frame->stray_held)
        return;
    frame->stray_held = false;
    usart_span_kept(usart, &kept, BTAP_DEVICE_TO_HOST,
                    is_text ? BTAP_FIELD_TEXT : BTAP_FIELD_ANSWER, !is_text);
}

/** Read protection disables all commands of a kind (AN3155 table 2, note 3). */
static void learn_protection(struct btap_usart *usart, const struct btap_command_info *info,
                             enum btap_status status, enum btap_phase phase)
{
    /* Whether the device took it is not in the file. */
    if (info == NULL || (usart->command.unlogged && status == BTAP_INCOMPLETE))
        return;
    if (info->command == BTAP_READOUT_PROTECT && status == BTAP_OK)
        usart->device.unprotected = false;
    else if (((info->traits & BTAP_TRAIT_RESTRICTED) != 0 && phase != BTAP_PHASE_COMMAND) ||
             ((info->traits & BTAP_TRAIT_WIPES) != 0 && status == BTAP_OK))
        usart->device.unprotected = true;
}

enum usart_result usart_command_end(struct btap_usart *usart, enum btap_status status,
                                    enum btap_phase phase)
{
    const struct btap_transaction *transaction = transaction_of(usart);
    const struct btap_command_info *info = usart_info(transaction->opcode);

    usart->previous = (struct btap_usart_previous){
        .command = transaction->command,
        .status = status,
        .phase = phase,
        .opcode = transaction->opcode,
        .sound = !usart->frame.mismatch,
        .unanswered =
            status == BTAP_NO_REPLY || (status == BTAP_NACK && usart->previous.unanswered),
        .parameter = usart->command.parameter,
    };
    drop_extra(usart);
    span_held_stray(usart, false);
    learn_protection(usart, info, status, phase);
    if (status == BTAP_OK && info != NULL &&
        (info->traits & (BTAP_TRAIT_LEAVES | BTAP_TRAIT_PROTECTS)) != 0)
        usart->device.engaged = false;
    emit_end(&usart->emitter, status, phase);
    return USART_ENDED;
}

enum usart_result usart_command_end_bad_reply(struct btap_usart *usart)
{
    const struct btap_usart_frame *frame = &usart->frame;
    const struct btap_origin *at = &frame->strays.first;

    usart_command_refuse_pair(usart);
    /* In what a bootloader answers, damage makes text too. */
    if (frame->stray_text >= USART_TEXT_MIN && transaction_of(usart)->command == BTAP_SYNC)
        usart_note(usart, BTAP_NOTE_APPLICATION_TEXT, at, frame->stray_text, 0);
    usart_note(usart, BTAP_NOTE_NOT_AN_ANSWER, at, frame->first_stray, 0);
    return usart_command_end(usart, BTAP_BAD_REPLY, (enum btap_phase)usart->command.step->phase);
}

uint32_t usart_command_due(const struct btap_usart *usart)
{
    const struct btap_usart_step *step = usart->command.step;

    return usart->frame.left +
           (step->kind == USART_LIST ? (usart->command.items - 1) * step->size : 0);
}

void usart_command_note_count(struct btap_usart *usart, const struct btap_origin *at)
{
    const struct btap_usart_frame *frame = &usart->frame;
    const struct btap_transaction *transaction = transaction_of(usart);

    const bool has_checksum = frame->bytes > transaction->length + 1;

    /* Where 0x7F stands there the host had given up before. */
    if (transaction->command == BTAP_WRITE_MEMORY && !frame->gap && frame->sum == 0 &&
        transaction->length > 1 && transaction->transferred == transaction->length &&
        frame->tail[frame->tail_length - (has_checksum ? 2 : 1)] != SYNC_BYTE)
        usart_note(usart, BTAP_NOTE_COUNT_TOO_LARGE, at, transaction->length,
                   transaction->length - 1);
}

enum usart_result usart_command_give_up(struct btap_usart *usart, const struct btap_origin *at)
{
    const struct btap_usart_step *step = usart->command.step;

    if (usart->frame.strays.bytes > 0)
        return usart_command_end_bad_reply(usart);
    if (transaction_of(usart)->command == BTAP_SYNC && usart->frame.bytes > 1)
        usart_note(usart, BTAP_NOTE_SYNC_REPEATED, at, usart->frame.bytes, 0);
    if (step->kind == USART_BLOCK || step->kind == USART_LIST)
        usart_note(usart, BTAP_NOTE_REPLY_SHORT, at, usart_command_due(usart), 0);
    if (step->kind == USART_CHECKSUM)
        usart_command_note_count(usart, at);
    return usart_command_end(usart, usart->frame.gap ? BTAP_INCOMPLETE : BTAP_NO_REPLY,
                             (enum btap_phase)step->phase);
}

/** A complete Get: its list is what the device supports. */
static void note_supported(struct btap_usart *usart)
{
    const struct btap_transaction *transaction = transaction_of(usart);
    uint32_t *supported = usart->device.supported;

    usart->device.supported_known = true;
    memset(supported, 0, sizeof(usart->device.supported));
    for (uint32_t i = 0; i < transaction->list_length; i++)
        supported[transaction->list[i] / 32] |= 1u << (transaction->list[i] % 32);
}

enum usart_result usart_command_enter(struct btap_usart *usart, const struct btap_usart_step *step)
{
    struct btap_usart_command *command = &usart->command;

    if ((step->kind == USART_LIST && command->items == 0) ||
        (step->kind == USART_BLOCK && command->block == 0))
        step++;
    command->step = step;
    usart_frame_expect(&usart->frame, step->size > 0 ? step->size : command->block);
    if (step->kind != USART_END)
        return USART_CONTINUE;
    if (transaction_of(usart)->command == BTAP_GET)
        note_supported(usart);
    return usart_command_end(usart, BTAP_OK, BTAP_PHASE_NONE);
}

/* Answers */

void usart_command_span_answer(struct btap_usart *usart, const struct usart_bytes *bytes)
{
    usart_span_byte(usart, bytes, BTAP_FIELD_ANSWER);
    if (usart->emitter.open)
        emit_touch(&usart->emitter, &bytes->at);
}

enum btap_phase usart_command_refused_phase(const struct btap_usart *usart)
{
    const struct btap_usart_step *step = usart->command.step;

    if (usart_field_is_oversize(&usart->emitter.transaction))
        return BTAP_PHASE_LENGTH;
    if (step->kind == USART_ANSWER && step->phase != BTAP_PHASE_COMMAND && usart->frame.mismatch)
        step--;
    return (enum btap_phase)step->phase;
}

bool usart_command_is_misaligned(const struct btap_usart *usart)
{
    return usart->previous.command == BTAP_SYNC && usart->previous.status == BTAP_NO_REPLY;
}

/** Whether the pair is what the device read where it should have refused an address. */
static bool follows_missing_nack(const struct btap_usart *usart)
{
    const struct btap_usart_previous *previous = &usart->previous;

    return previous->status == BTAP_NO_REPLY && previous->sound &&
           previous->phase == BTAP_PHASE_ADDRESS &&
           (previous->command == BTAP_READ_MEMORY || previous->command == BTAP_WRITE_MEMORY) &&
           usart->emitter.transaction.command == BTAP_COMMAND_UNKNOWN &&
           usart->device.version < VERSION_NACK_FIXED;
}

/** Why the device may have refused a command at once. */
static void explain_refusal(struct btap_usart *usart, const struct btap_origin *at)
{
    const uint8_t opcode = transaction_of(usart)->opcode;
    const struct btap_command_info *info = usart_info(opcode);
    const bool listed = (usart->device.supported[opcode / 32] >> (opcode % 32)) & 1;

    if (follows_missing_nack(usart))
        usart_note(usart, BTAP_NOTE_NACK_MISSING, at, 0, 0);
    else if (usart_command_is_misaligned(usart))
        usart_note(usart, BTAP_NOTE_PAIR_MISALIGNED, at, 0, 0);
    else if (usart->frame.mismatch)
        return;
    else if (info == NULL || (usart->device.supported_known && !listed))
        usart_note(usart, BTAP_NOTE_UNSUPPORTED_COMMAND, at, opcode, 0);
    else if (usart->device.supported_known && (info->traits & BTAP_TRAIT_RESTRICTED) != 0 &&
             !usart->device.unprotected && !btap_product_lists_stm8(usart->device.supported))
        usart_note(usart, BTAP_NOTE_READ_PROTECTION_LIKELY, at, opcode, 0);
}

static void note_short(struct btap_usart *usart, const struct btap_origin *at)
{
    usart_note(usart, BTAP_NOTE_DATA_SHORT, at, 0, 0);
    usart_command_note_count(usart, at);
}

static enum usart_result refuse(struct btap_usart *usart, const struct btap_origin *at)
{
    const enum btap_phase phase = usart_command_refused_phase(usart);

    if (transaction_of(usart)->command == BTAP_SYNC)
        usart_note(usart, BTAP_NOTE_ALREADY_SYNCED, at, 0, 0);
    else if (phase == BTAP_PHASE_COMMAND)
        explain_refusal(usart, at);
    else if (phase == BTAP_PHASE_CHECKSUM && usart_frame_holds_command(&usart->frame))
        note_short(usart, at);
    return usart_command_end(usart, BTAP_NACK, phase);
}

/** Get's list is complete: it may tell what kind of device answers. */
static void note_family(struct btap_usart *usart, const struct btap_origin *at)
{
    const struct btap_transaction *transaction = transaction_of(usart);
    uint32_t listed[8] = {0};

    if (transaction->command != BTAP_GET || usart->command.step->phase != BTAP_PHASE_REPLY)
        return;
    for (uint32_t i = 0; i < transaction->list_length; i++)
        listed[transaction->list[i] / 32] |= 1u << (transaction->list[i] % 32);
    if (btap_product_lists_stm8(listed))
        usart_note(usart, BTAP_NOTE_STM8_BOOTLOADER, at, transaction->version >> 4,
                   transaction->version & 0xfu);
}

static enum usart_result acknowledge(struct btap_usart *usart, const struct btap_origin *at)
{
    const struct btap_transaction *transaction = transaction_of(usart);
    struct btap_usart_frame *frame = &usart->frame;

    note_family(usart, at);
    if (transaction->command == BTAP_SYNC) {
        usart->device.supported_known = false;
        usart->device.version = 0;
        usart_reply_synced(usart);
        if (frame->bytes > 1)
            usart_note(usart, BTAP_NOTE_SYNC_REPEATED, at, frame->bytes, 0);
    }
    if (transaction->command == BTAP_COMMAND_UNKNOWN)
        usart_note(usart, BTAP_NOTE_UNKNOWN_COMMAND_ACCEPTED, at, transaction->opcode, 0);
    if (transaction->command == BTAP_ERASE && transaction->erase == BTAP_ERASE_MASS &&
        frame->mismatch)
        usart_note(usart, BTAP_NOTE_ERASE_NOT_PERFORMED, at, frame->checksum, 0);
    usart_frame_begin(frame);
    return usart_command_enter(usart, usart->command.step + 1);
}

enum usart_result usart_command_answer(struct btap_usart *usart, const struct usart_bytes *bytes)
{
    const struct btap_usart_frame *frame = &usart->frame;

    usart_command_refuse_pair(usart);
    drop_extra(usart);
    span_held_stray(usart, false);
    usart_command_span_answer(usart, bytes);
    usart->device.engaged = true;
    if (frame->strays.bytes > 0)
        usart_note(usart, BTAP_NOTE_GLITCH_BYTES, &frame->strays.first, frame->strays.bytes,
                   frame->first_stray);
    return bytes->bytes[0] == ACK ? acknowledge(usart, &bytes->at) : refuse(usart, &bytes->at);
}

/* Fields */

/** The field that the value under way is. No device has as many pages as 0xFF would begin. */
static enum btap_field field_of(const struct btap_usart *usart)
{
    const struct btap_usart_step *step = usart->command.step;
    const struct btap_usart_frame *frame = &usart->frame;

    if (step->field == BTAP_FIELD_PAGES_LESS_1 &&
        frame->value >> (8 * (step->size - 1 - frame->left)) == 0xff)
        return BTAP_FIELD_ERASE_CODE;
    return (enum btap_field)step->field;
}

static enum usart_result value(struct btap_usart *usart, const struct usart_bytes *bytes,
                               const struct usart_unit *unit)
{
    const struct btap_usart_step *step = usart->command.step;
    struct btap_usart_frame *frame = &usart->frame;

    usart_span(usart, bytes, unit->length, field_of(usart), frame->value, unit->whole, false);
    if (!unit->whole)
        return USART_CONTINUE;
    if (step->kind == USART_VALUE)
        frame->first = frame->value;
    usart_field_accept(usart, frame->value, &bytes->at);
    if (step->kind != USART_LIST || --usart->command.items == 0)
        return usart_command_enter(usart, step + 1);
    usart_frame_expect(frame, step->size);
    return USART_CONTINUE;
}

static void keep_status(struct btap_transaction *transaction, const uint8_t *bytes, uint32_t length,
                        uint32_t left)
{
    const uint32_t seen = transaction->special_status_length - left - length;

    for (uint32_t i = 0; i < length && seen + i < BTAP_SPECIAL_STATUS_MAX; i++)
        transaction->special_status[seen + i] = bytes[i];
}

static void emit_memory(struct btap_usart *usart, const struct usart_bytes *bytes, uint32_t length)
{
    struct btap_data data = {
        .packet = bytes->at.packet,
        .offset = bytes->at.offset,
        .address = usart->command.address,
        .length = length,
        .bytes = bytes->bytes,
        .written = bytes->direction == BTAP_HOST_TO_DEVICE,
    };

    emit_data(&usart->emitter, &data);
    usart->command.address += length;
}

static enum usart_result block(struct btap_usart *usart, const struct usart_bytes *bytes,
                               const struct usart_unit *unit)
{
    const struct btap_usart_step *step = usart->command.step;

    if (step->meaning == USART_STATUS)
        keep_status(transaction_of(usart), bytes->bytes, unit->length, usart->frame.left);
    else
        transaction_of(usart)->transferred += unit->length;
    usart_span(usart, bytes, unit->length, (enum btap_field)step->field, 0, unit->whole, false);
    if (step->meaning == USART_MEMORY)
        emit_memory(usart, bytes, unit->length);
    if (!unit->whole || step->kind == USART_REST)
        return USART_CONTINUE;
    return usart_command_enter(usart, step + 1);
}

static enum usart_result checksum(struct btap_usart *usart, const struct usart_bytes *bytes)
{
    const struct btap_usart_frame *frame = &usart->frame;

    if (usart->command.parameter == 0) {
        usart->command.parameter = UINT64_C(1) << 40 | (uint64_t)frame->sum << 32 | frame->first;
        note_retry(usart, &bytes->at);
    }
    usart_span(usart, bytes, 1, BTAP_FIELD_CHECKSUM, frame->checksum, true, frame->mismatch);
    if (frame->mismatch)
        usart_note(usart,
                   frame->bytes == 2 ? BTAP_NOTE_COMPLEMENT_MISMATCH : BTAP_NOTE_CHECKSUM_MISMATCH,
                   &bytes->at, frame->checksum, frame->sum);
    return usart_command_enter(usart, usart->command.step + 1);
}

/* The reply of Get Checksum (AN3155 section 3.13): an ACK of its own or none, then the CRC */

static enum usart_result end_crc(struct btap_usart *usart, const uint8_t *crc,
                                 const struct btap_origin *at)
{
    struct btap_transaction *transaction = transaction_of(usart);
    const uint8_t expected = usart_xor(crc, 4);

    transaction->has |= BTAP_HAS_CHECKSUM;
    transaction->checksum = get_be32(crc);
    if (crc[4] == expected)
        return usart_command_end(usart, BTAP_OK, BTAP_PHASE_NONE);
    usart_note(usart, BTAP_NOTE_REPLY_CHECKSUM_MISMATCH, at, crc[4], expected);
    return usart_command_end(usart, BTAP_BAD_REPLY, BTAP_PHASE_CHECKSUM);
}

static enum usart_result crc(struct btap_usart *usart, const struct usart_bytes *bytes)
{
    struct btap_usart_command *command = &usart->command;
    const uint8_t value = bytes->bytes[0];
    const uint8_t *first = command->crc; /* of the CRC */
    uint8_t length;

    command->crc[command->crc_length++] = value;
    length = command->crc_length;
    if (first[0] == ACK) {
        first++;
        length--;
    }
    if (length == 0) {
        usart_command_span_answer(usart, bytes);
        return USART_CONTINUE;
    }
    if (length == 1 && value == NACK) {
        usart_keep(&command->held, bytes, 0);
        return USART_CONTINUE;
    }
    if (length == 2 && first[0] == NACK)
        usart_span_kept(usart, &command->held, BTAP_DEVICE_TO_HOST, BTAP_FIELD_CRC, false);
    if (length < 5) {
        usart_span(usart, bytes, 1, BTAP_FIELD_CRC, length == 4 ? get_be32(first) : 0, length == 4,
                   false);
        return USART_CONTINUE;
    }
    usart_span(usart, bytes, 1, BTAP_FIELD_CHECKSUM, value, true, value != usart_xor(first, 4));
    return end_crc(usart, first, &bytes->at);
}

/** The CRC may be over, if it is a NACK or its first byte was the ACK. */
static enum usart_result settle_crc(struct btap_usart *usart)
{
    const struct btap_usart_command *command = &usart->command;
    const uint8_t length = command->crc_length;

    if (length > 0 && length == (command->crc[0] == ACK ? 2 : 1) &&
        command->crc[length - 1] == NACK) {
        usart_span_kept(usart, &command->held, BTAP_DEVICE_TO_HOST, BTAP_FIELD_ANSWER, false);
        return usart_command_end(usart, BTAP_NACK, BTAP_PHASE_REPLY);
    }
    if (length == 5 && usart_xor(command->crc, 4) == command->crc[4])
        return end_crc(usart, command->crc, &command->held.at);
    return USART_CONTINUE;
}

enum usart_result usart_command_settle(struct btap_usart *usart)
{
    const struct btap_usart_step *step = usart->command.step;

    if (step->kind == USART_CRC)
        return settle_crc(usart);
    return step->kind == USART_REST ? usart_command_enter(usart, step + 1) : USART_CONTINUE;
}

/* Steps */

/** A printable byte that comes first is text if more of it follows, and else a damaged answer. */
static void stray(struct btap_usart *usart, const struct usart_bytes *bytes,
                  const struct usart_unit *unit)
{
    span_held_stray(usart, unit->is_text);
    if (unit->is_text && unit->length == 1 && usart->frame.strays.bytes == 1)
        usart->frame.stray_held = true;
    else
        usart_span(usart, bytes, unit->length, unit->is_text ? BTAP_FIELD_TEXT : BTAP_FIELD_ANSWER,
                   bytes->bytes[0], true, !unit->is_text);
}

static enum usart_result consume(struct btap_usart *usart, const struct usart_bytes *bytes,
                                 uint32_t *used)
{
    const struct usart_unit unit =
        usart_frame_next(&usart->frame, (enum usart_kind)usart->command.step->kind, bytes);

    *used = unit.length;
    if (bytes->direction == BTAP_HOST_TO_DEVICE)
        usart_recent_set(&usart->recent, bytes, unit.length);
    emit_touch(&usart->emitter, &bytes->at);
    switch (unit.kind) {
    case USART_UNIT_ANSWER:
        return usart_command_answer(usart, bytes);
    case USART_UNIT_STRAY:
        stray(usart, bytes, &unit);
        return USART_CONTINUE;
    case USART_UNIT_VALUE:
        return value(usart, bytes, &unit);
    case USART_UNIT_BLOCK:
        return block(usart, bytes, &unit);
    case USART_UNIT_CHECKSUM:
        return checksum(usart, bytes);
    case USART_UNIT_CRC:
        return crc(usart, bytes);
    }
    return USART_CONTINUE;
}

/** Get Checksum: polynomial and initial value follow, or the device answers right away. */
static void choose(struct btap_usart *usart, const struct usart_bytes *bytes)
{
    const struct btap_usart_step *step = usart->command.step + 1;

    if (bytes->direction == BTAP_DEVICE_TO_HOST) {
        usart_note(usart, BTAP_NOTE_CHECKSUM_SHORT_FORM, &bytes->at, 0, 0);
        while (step->kind != USART_CRC)
            step++;
    }
    usart_command_enter(usart, step);
}

enum usart_result usart_command_step(struct btap_usart *usart, const struct usart_bytes *bytes,
                                     uint32_t *used)
{
    const struct btap_usart_step *step;

    *used = 0;
    if (usart->command.step->kind == USART_FORK)
        choose(usart, bytes);
    step = usart->command.step;
    if (step->from == bytes->direction)
        return consume(usart, bytes, used);
    if (bytes->direction == BTAP_DEVICE_TO_HOST)
        return USART_NOT_MINE;
    if (transaction_of(usart)->command == BTAP_SYNC && bytes->bytes[0] == SYNC_BYTE &&
        usart->frame.strays.bytes == 0) {
        usart_command_sync(usart, bytes);
        *used = 1;
        return USART_CONTINUE;
    }
    return usart_command_settle(usart) == USART_ENDED ? USART_ENDED : USART_NOT_MINE;
}
