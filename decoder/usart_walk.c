/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The walk through a command: the steps of usart_steps.c against what the line carries.
 */
#include "usart_internal.h"

#include <string.h>

/** Stray bytes that an answer may follow; more of them are another conversation. */
#define GLITCH_MAX 3
/** Limits of Special's and Extended Special's packets (AN3155 sections 3.14 and 3.15). */
#define SPECIAL_MAX          128
#define EXTENDED_SPECIAL_MAX 1024
/** First protocol version that always refuses a bad address (AN3155 table 3). */
#define VERSION_NACK_FIXED 0x31

static struct btap_transaction *transaction_of(struct btap_usart *usart)
{
    return &usart->report.transaction;
}

static void note(struct btap_usart *usart, enum btap_note_id id, const struct btap_origin *at,
                 uint32_t arg0, uint32_t arg1)
{
    btap_report_note(&usart->report, id, at, arg0, arg1, 0);
}

static struct btap_origin origin(const struct btap_usart_bytes *bytes, uint32_t index)
{
    struct btap_origin at = bytes->at;

    at.offset += index;
    return at;
}

static void tell(struct btap_usart *usart, const struct btap_usart_bytes *bytes, uint32_t length,
                 enum btap_field field, uint64_t value, bool last, bool bad)
{
    struct btap_span span;

    if (!btap_report_wants_spans(&usart->report))
        return;
    span = (struct btap_span){
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
    btap_report_span(&usart->report, &span);
}

static void tell_kept(struct btap_usart *usart, const struct btap_usart_byte *kept,
                      enum btap_direction direction, enum btap_field field, bool bad)
{
    const struct btap_usart_bytes bytes = {
        .bytes = &kept->value, .length = 1, .direction = direction, .at = kept->at};

    tell(usart, &bytes, 1, field, kept->value, true, bad);
}

/* The last bytes of the host */

static struct btap_usart_byte kept_byte(const struct btap_usart_bytes *bytes, uint32_t index)
{
    return (struct btap_usart_byte){
        .at = origin(bytes, index), .direction = bytes->direction, .value = bytes->bytes[index]};
}

/** Remembers bytes of the host that a step has taken. */
static void remember(struct btap_usart *usart, const struct btap_usart_bytes *bytes,
                     uint32_t length)
{
    usart->recent[0] = length > 1 ? kept_byte(bytes, length - 2) : usart->recent[1];
    usart->recent[1] = kept_byte(bytes, length - 1);
    usart->group_bytes += length;
    if (length >= BTAP_USART_TAIL) {
        memcpy(usart->tail, bytes->bytes + length - BTAP_USART_TAIL, BTAP_USART_TAIL);
        usart->tail_length = BTAP_USART_TAIL;
        return;
    }
    for (uint32_t i = 0; i < length; i++) {
        if (usart->tail_length == BTAP_USART_TAIL)
            memmove(usart->tail, usart->tail + 1, --usart->tail_length);
        usart->tail[usart->tail_length++] = bytes->bytes[i];
    }
}

static bool is_command(uint8_t opcode, uint8_t complement)
{
    return (opcode ^ complement) == 0xff && btap_usart_command(opcode) != NULL;
}

/** Whether the group's last bytes hold what begins a command: the host sent fewer than due. */
static bool swallowed_command(const struct btap_usart *usart)
{
    const uint8_t length = usart->tail_length;

    if (length > 0 && usart->tail[length - 1] == SYNC_BYTE)
        return true;
    for (uint8_t i = 1; i < length; i++)
        if (is_command(usart->tail[i - 1], usart->tail[i]))
            return true;
    return false;
}

/* Steps */

static void end(struct btap_usart *usart, enum btap_status status, enum btap_phase phase)
{
    const struct btap_transaction *transaction = transaction_of(usart);
    const struct btap_usart_command *command = btap_usart_command(transaction->opcode);

    usart->previous = (struct btap_usart_previous){
        .known = true,
        .opcode = transaction->opcode,
        .command = transaction->command,
        .status = status,
        .phase = phase,
        .has_address = (transaction->has & BTAP_HAS_ADDRESS) != 0,
        .address = transaction->address,
        .mismatch = usart->mismatch,
    };
    if (status == BTAP_OK && command != NULL && command->leaves)
        usart->engaged = false;
    if (status == BTAP_NO_REPLY)
        usart->unanswered = true;
    else if (status != BTAP_NACK)
        usart->unanswered = false;
    usart->swallowed_half =
        usart->engaged && transaction->command == BTAP_SYNC && status == BTAP_NO_REPLY;
    usart->surplus_told = false;
    usart->state = usart->engaged ? BTAP_USART_IDLE : BTAP_USART_SEEKING;
    usart->fresh = !usart->engaged;
    btap_report_end(&usart->report, status, phase);
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

/** Starts a step; steps with nothing to send are passed over. */
static void enter(struct btap_usart *usart, const struct btap_usart_step *step)
{
    for (;; step++) {
        usart->step = step;
        usart->value = 0;
        usart->left = step->size;
        switch ((enum btap_usart_kind)step->kind) {
        case BTAP_USART_HOST_LIST:
        case BTAP_USART_DEVICE_LIST:
            if (usart->items == 0)
                continue;
            return;
        case BTAP_USART_HOST_BLOCK:
        case BTAP_USART_DEVICE_BLOCK:
            if (usart->block == 0)
                continue;
            usart->left = usart->block;
            return;
        case BTAP_USART_HOST_VALUE:
        case BTAP_USART_DEVICE_VALUE:
            if (step->size == 0)
                usart->left = usart->block;
            return;
        case BTAP_USART_END:
            if (usart->report.transaction.command == BTAP_GET)
                usart->supported_known = true;
            end(usart, BTAP_OK, BTAP_PHASE_NONE);
            return;
        case BTAP_USART_ANSWER:
        case BTAP_USART_HOST_CHECKSUM:
        case BTAP_USART_FORK:
        case BTAP_USART_DEVICE_CRC:
            return;
        }
    }
}

/** The phase that a refusal of the group before this answer belongs to. */
static enum btap_phase refused_phase(const struct btap_usart *usart)
{
    const struct btap_usart_step *step = usart->step;

    if (usart->oversize)
        return BTAP_PHASE_LENGTH;
    if (step->kind == BTAP_USART_ANSWER && usart->mismatch &&
        (step - 1)->kind == BTAP_USART_HOST_CHECKSUM)
        return (enum btap_phase)(step - 1)->phase;
    return (enum btap_phase)step->phase;
}

/* The first bytes of a command */

static void begin(struct btap_usart *usart, enum btap_command command, uint8_t opcode,
                  const struct btap_origin *at)
{
    struct btap_transaction *transaction;

    btap_usart_flush_counts(usart);
    transaction = btap_report_begin(&usart->report, command, at);
    transaction->has = BTAP_HAS_OPCODE;
    transaction->opcode = opcode;
    usart->fresh = false;
    usart->leftover = false;
    usart->oversize = false;
    usart->crc_length = 0;
    usart->crc_acknowledged = false;
    usart->syncs = 0;
    begin_group(usart);
}

/** Tells what concerns every command once it is sure to be one. */
static void settle(struct btap_usart *usart, const struct btap_origin *at)
{
    if (!usart->settings_wrong)
        return;
    usart->settings_wrong = false;
    note(usart, BTAP_NOTE_NO_PARITY, at, usart->settings.baud, 0);
}

static void begin_sync(struct btap_usart *usart, const struct btap_origin *at)
{
    begin(usart, BTAP_SYNC, SYNC_BYTE, at);
    settle(usart, at);
    usart->state = BTAP_USART_STEPS;
    enter(usart, btap_usart_sync_steps);
}

static void take_sync(struct btap_usart *usart, const struct btap_usart_bytes *bytes)
{
    usart->syncs++;
    tell(usart, bytes, 1, BTAP_FIELD_SYNC, SYNC_BYTE, true, false);
    btap_report_touch(&usart->report, &bytes->at);
    remember(usart, bytes, 1);
}

static void begin_command(struct btap_usart *usart, uint8_t opcode, const struct btap_origin *at)
{
    const struct btap_usart_command *command = btap_usart_command(opcode);

    begin(usart, command != NULL ? (enum btap_command)command->command : BTAP_COMMAND_UNKNOWN,
          opcode, at);
    usart->step = command != NULL ? command->steps : btap_usart_unknown_steps;
}

/** Tells the command's first two bytes, which were kept back until they were sure to be that. */
static void tell_pair(struct btap_usart *usart, bool bad)
{
    const struct btap_usart_byte *opcode = &usart->recent[2 - usart->pending];

    tell_kept(usart, opcode, BTAP_HOST_TO_DEVICE, BTAP_FIELD_OPCODE, false);
    if (usart->pending == 2)
        tell_kept(usart, opcode + 1, BTAP_HOST_TO_DEVICE, BTAP_FIELD_COMPLEMENT, bad);
    usart->pending = 0;
}

/** Tells a pair that is none, once something came of it. */
static void tell_refused_pair(struct btap_usart *usart)
{
    if (usart->pending == 0)
        return;
    settle(usart, &usart->recent[1].at);
    if (usart->pending == 2)
        note(usart, BTAP_NOTE_COMPLEMENT_MISMATCH, &usart->recent[1].at, usart->recent[1].value,
             usart->recent[0].value);
    tell_pair(usart, usart->pending == 2);
}

/** Whether the pair is what the device read where it should have refused an address. */
static bool follows_missing_nack(const struct btap_usart *usart)
{
    const struct btap_usart_previous *previous = &usart->previous;

    return previous->known && previous->status == BTAP_NO_REPLY && !previous->mismatch &&
           previous->phase == BTAP_PHASE_ADDRESS &&
           (previous->command == BTAP_READ_MEMORY || previous->command == BTAP_WRITE_MEMORY) &&
           usart->report.transaction.command == BTAP_COMMAND_UNKNOWN &&
           usart->version < VERSION_NACK_FIXED;
}

static bool failed_before(const struct btap_usart *usart)
{
    return usart->previous.known && usart->previous.status != BTAP_OK &&
           usart->previous.opcode == usart->report.transaction.opcode;
}

/** The command's first two bytes are complete. */
static void accept_pair(struct btap_usart *usart, const struct btap_origin *at)
{
    tell_pair(usart, false);
    settle(usart, at);
    if (failed_before(usart) && !usart->previous.has_address)
        note(usart, BTAP_NOTE_HOST_RETRY, at, transaction_of(usart)->opcode, 0);
    usart->state = BTAP_USART_STEPS;
}

/** The two bytes were no command after all. */
static void cancel(struct btap_usart *usart)
{
    btap_report_cancel(&usart->report);
    usart->lost |= usart->engaged;
    usart->engaged = false;
    usart->fresh = false;
    usart->state = BTAP_USART_SEEKING;
}

/* What ends a command */

/** Whether there are too many stray bytes for an answer to follow: 'y' in a text is no ACK. */
static bool is_other_talk(const struct btap_usart *usart)
{
    return usart->strays > GLITCH_MAX || usart->stray_text >= 2;
}

static void end_bad_reply(struct btap_usart *usart)
{
    tell_refused_pair(usart);
    if (usart->stray_text >= BTAP_USART_TEXT_MIN)
        note(usart, BTAP_NOTE_APPLICATION_TEXT, &usart->stray_at, usart->stray_text, 0);
    note(usart, BTAP_NOTE_NOT_AN_ANSWER, &usart->stray_at, usart->first_stray, 0);
    end(usart, BTAP_BAD_REPLY, (enum btap_phase)usart->step->phase);
}

/** Bytes of the list or block under way that are still due. */
static uint32_t bytes_due(const struct btap_usart *usart)
{
    const struct btap_usart_step *step = usart->step;
    const bool list = step->kind == BTAP_USART_HOST_LIST || step->kind == BTAP_USART_DEVICE_LIST;

    return usart->left + (list ? (usart->items - 1) * step->size : 0);
}

/** The host goes on although the device owes it something. */
static void give_up(struct btap_usart *usart, const struct btap_origin *at)
{
    const struct btap_usart_step *step = usart->step;

    if (usart->strays > 0) {
        end_bad_reply(usart);
        return;
    }
    if (transaction_of(usart)->command == BTAP_SYNC && usart->syncs > 1)
        note(usart, BTAP_NOTE_SYNC_REPEATED, at, usart->syncs, 0);
    if (step->kind == BTAP_USART_DEVICE_BLOCK || step->kind == BTAP_USART_DEVICE_LIST)
        note(usart, BTAP_NOTE_REPLY_SHORT, at, bytes_due(usart), 0);
    end(usart, usart->gap ? BTAP_INCOMPLETE : BTAP_NO_REPLY, (enum btap_phase)step->phase);
}

/** Why the device may have refused a command at once. */
static void explain_refusal(struct btap_usart *usart, const struct btap_origin *at)
{
    const uint8_t opcode = transaction_of(usart)->opcode;
    const struct btap_usart_command *command = btap_usart_command(opcode);
    const bool listed = (usart->supported[opcode / 32] >> (opcode % 32)) & 1;

    if (follows_missing_nack(usart))
        note(usart, BTAP_NOTE_NACK_MISSING, at, 0, 0);
    else if (usart->swallowed_half)
        note(usart, BTAP_NOTE_PAIR_MISALIGNED, at, 0, 0);
    else if (usart->mismatch)
        return;
    else if (command == NULL || (usart->supported_known && !listed))
        note(usart, BTAP_NOTE_UNSUPPORTED_COMMAND, at, opcode, 0);
    else if (usart->supported_known && command->restricted)
        note(usart, BTAP_NOTE_READ_PROTECTION_LIKELY, at, opcode, 0);
}

static void refuse(struct btap_usart *usart, const struct btap_origin *at)
{
    const enum btap_phase phase = refused_phase(usart);

    if (transaction_of(usart)->command == BTAP_SYNC)
        note(usart, BTAP_NOTE_ALREADY_SYNCED, at, 0, 0);
    else if (phase == BTAP_PHASE_COMMAND)
        explain_refusal(usart, at);
    else if (phase == BTAP_PHASE_CHECKSUM && swallowed_command(usart))
        note(usart, BTAP_NOTE_DATA_SHORT, at, 0, 0);
    end(usart, BTAP_NACK, phase);
}

static void acknowledge(struct btap_usart *usart, const struct btap_origin *at)
{
    const struct btap_transaction *transaction = transaction_of(usart);

    if (transaction->command == BTAP_SYNC) {
        usart->supported_known = false;
        usart->version = 0;
        if (usart->syncs > 1)
            note(usart, BTAP_NOTE_SYNC_REPEATED, at, usart->syncs, 0);
    }
    if (transaction->command == BTAP_COMMAND_UNKNOWN)
        note(usart, BTAP_NOTE_UNKNOWN_COMMAND_ACCEPTED, at, transaction->opcode, 0);
    if (transaction->command == BTAP_ERASE && transaction->erase == BTAP_ERASE_MASS &&
        usart->mismatch)
        note(usart, BTAP_NOTE_ERASE_NOT_PERFORMED, at, usart->checksum, 0);
    begin_group(usart);
    enter(usart, usart->step + 1);
}

/* Answers */

static void tell_answer(struct btap_usart *usart, const struct btap_usart_bytes *bytes)
{
    tell(usart, bytes, 1, BTAP_FIELD_ANSWER, bytes->bytes[0], true, false);
    if (usart->report.open)
        btap_report_touch(&usart->report, &bytes->at);
}

static void take_ack_or_nack(struct btap_usart *usart, const struct btap_usart_bytes *bytes)
{
    tell_refused_pair(usart);
    tell_answer(usart, bytes);
    usart->engaged = true;
    if (usart->strays > 0)
        note(usart, BTAP_NOTE_GLITCH_BYTES, &usart->stray_at, usart->strays, usart->first_stray);
    if (bytes->bytes[0] == ACK)
        acknowledge(usart, &bytes->at);
    else
        refuse(usart, &bytes->at);
}

/** Takes what is no answer: one byte, or a run of text. */
static uint32_t take_stray(struct btap_usart *usart, const struct btap_usart_bytes *bytes)
{
    const bool text = btap_usart_is_text(bytes->bytes[0]);
    uint32_t taken = 1;

    if (usart->strays == 0) {
        usart->first_stray = bytes->bytes[0];
        usart->stray_at = bytes->at;
    }
    while (text && taken < bytes->length && btap_usart_is_text(bytes->bytes[taken]))
        taken++;
    usart->strays += taken;
    usart->stray_text += text ? taken : 0;
    tell(usart, bytes, taken, text ? BTAP_FIELD_TEXT : BTAP_FIELD_ANSWER, bytes->bytes[0], true,
         !text);
    btap_report_touch(&usart->report, &bytes->at);
    return taken;
}

static uint32_t take_answer(struct btap_usart *usart, const struct btap_usart_bytes *bytes)
{
    if (!btap_usart_is_answer(bytes->bytes[0]) || is_other_talk(usart))
        return take_stray(usart, bytes);
    take_ack_or_nack(usart, bytes);
    return 1;
}

void btap_usart_join(struct btap_usart *usart, const struct btap_usart_bytes *answer)
{
    const struct btap_usart_byte *first = &usart->recent[2 - usart->pending];
    struct btap_usart_bytes bytes = *answer;

    if (first->value == SYNC_BYTE) {
        begin_sync(usart, &first->at);
        usart->syncs = usart->pending;
        for (; usart->pending > 0; usart->pending--)
            tell_kept(usart, &usart->recent[2 - usart->pending], BTAP_HOST_TO_DEVICE,
                      BTAP_FIELD_SYNC, false);
    } else {
        begin_command(usart, first->value, &first->at);
        accept_pair(usart, &first->at);
    }
    bytes.direction = BTAP_DEVICE_TO_HOST;
    take_ack_or_nack(usart, &bytes);
}

/** Begins the command that the last two bytes of the host are; they were told as something else. */
static void restart(struct btap_usart *usart, const struct btap_usart_bytes *answer)
{
    const struct btap_usart_byte last = usart->recent[1];
    const struct btap_usart_byte before = usart->recent[0];

    if (last.value == SYNC_BYTE) {
        begin_sync(usart, &last.at);
        usart->syncs = 1;
    } else {
        begin_command(usart, before.value, &before.at);
        usart->state = BTAP_USART_STEPS;
    }
    take_ack_or_nack(usart, answer);
}

/* Values */

static void expect_list(struct btap_usart *usart, enum btap_list kind, uint32_t entries)
{
    struct btap_transaction *transaction = transaction_of(usart);

    transaction->list_kind = kind;
    transaction->list_announced = entries;
    usart->items = entries;
}

static void expect_erase(struct btap_usart *usart, uint32_t value, uint32_t all,
                         const struct btap_origin *at)
{
    struct btap_transaction *transaction = transaction_of(usart);

    usart->items = 0;
    if (value == all) {
        transaction->erase = BTAP_ERASE_MASS;
    } else if (value >= 0xfff0) {
        transaction->erase = value == 0xfffe   ? BTAP_ERASE_BANK1
                             : value == 0xfffd ? BTAP_ERASE_BANK2
                                               : BTAP_ERASE_RESERVED;
        if (transaction->erase == BTAP_ERASE_RESERVED)
            note(usart, BTAP_NOTE_RESERVED_ERASE_CODE, at, value, 0);
    } else {
        transaction->erase = BTAP_ERASE_PAGES;
        expect_list(usart, BTAP_LIST_PAGES, value + 1);
    }
}

static void expect_special(struct btap_usart *usart, uint32_t value, uint32_t limit,
                           const struct btap_origin *at)
{
    usart->block = value;
    if (value <= limit)
        return;
    usart->oversize = true;
    note(usart, BTAP_NOTE_SIZE_OVER_LIMIT, at, value, limit);
}

static void expect_memory(struct btap_usart *usart, uint32_t length)
{
    struct btap_transaction *transaction = transaction_of(usart);

    transaction->has |= BTAP_HAS_LENGTH;
    transaction->length = length;
    usart->block = length;
}

/** Makes of a complete value what it means. */
static void accept_value(struct btap_usart *usart, uint32_t value, const struct btap_origin *at)
{
    struct btap_transaction *transaction = transaction_of(usart);

    switch ((enum btap_usart_meaning)usart->step->meaning) {
    case BTAP_USART_TARGET:
        transaction->has |= BTAP_HAS_ADDRESS;
        transaction->address = value;
        usart->address = value;
        if (failed_before(usart) && usart->previous.has_address && usart->previous.address == value)
            note(usart, BTAP_NOTE_HOST_RETRY, at, transaction->opcode, 0);
        break;
    case BTAP_USART_READ_COUNT:
        expect_memory(usart, value + 1);
        break;
    case BTAP_USART_WRITE_COUNT:
        expect_memory(usart, value + 1);
        if (usart->block % 4 != 0)
            note(usart, BTAP_NOTE_UNALIGNED_LENGTH, at, usart->block, 0);
        break;
    case BTAP_USART_PAGE_COUNT:
        expect_erase(usart, value, 0xff, at);
        break;
    case BTAP_USART_EXTENDED_PAGE_COUNT:
        expect_erase(usart, value, 0xffff, at);
        break;
    case BTAP_USART_SECTOR_COUNT:
        expect_list(usart, BTAP_LIST_SECTORS, value + 1);
        break;
    case BTAP_USART_ENTRY:
        btap_report_list(&usart->report, (uint16_t)value);
        break;
    case BTAP_USART_COMMAND_COUNT:
        expect_list(usart, BTAP_LIST_COMMANDS, value);
        memset(usart->supported, 0, sizeof(usart->supported));
        usart->supported_known = false;
        break;
    case BTAP_USART_LISTED_COMMAND:
        btap_report_list(&usart->report, (uint16_t)value);
        usart->supported[value / 32] |= 1u << (value % 32);
        break;
    case BTAP_USART_PROTOCOL_VERSION:
        transaction->has |= BTAP_HAS_VERSION;
        transaction->version = (uint8_t)value;
        usart->version = (uint8_t)value;
        break;
    case BTAP_USART_OPTION_1:
        transaction->option_bytes[0] = (uint8_t)value;
        break;
    case BTAP_USART_OPTION_2:
        transaction->has |= BTAP_HAS_OPTION_BYTES;
        transaction->option_bytes[1] = (uint8_t)value;
        break;
    case BTAP_USART_PID_COUNT:
        usart->block = value + 1;
        break;
    case BTAP_USART_PID:
        transaction->has |= BTAP_HAS_PID;
        transaction->pid = value;
        break;
    case BTAP_USART_WORDS:
        transaction->has |= BTAP_HAS_LENGTH;
        transaction->length = value > UINT32_MAX / 4 ? UINT32_MAX : value * 4;
        break;
    case BTAP_USART_POLYNOMIAL:
        transaction->has |= BTAP_HAS_POLYNOMIAL;
        transaction->polynomial = value;
        break;
    case BTAP_USART_INITIAL:
        transaction->has |= BTAP_HAS_INITIAL;
        transaction->initial = value;
        break;
    case BTAP_USART_SUBCOMMAND:
        transaction->has |= BTAP_HAS_SUBCOMMAND;
        transaction->subcommand = (uint16_t)value;
        break;
    case BTAP_USART_SENT_SIZE:
        transaction->sent_length = (uint16_t)value;
        expect_special(usart, value, SPECIAL_MAX, at);
        break;
    case BTAP_USART_SENT2_SIZE:
        transaction->sent2_length = (uint16_t)value;
        expect_special(usart, value, EXTENDED_SPECIAL_MAX, at);
        break;
    case BTAP_USART_RECEIVED_SIZE:
        transaction->received_length = (uint16_t)value;
        usart->block = value;
        break;
    case BTAP_USART_STATUS_SIZE:
        transaction->has |= BTAP_HAS_SPECIAL_STATUS;
        transaction->special_status_length = (uint16_t)value;
        usart->block = value;
        break;
    case BTAP_USART_PLAIN:
    case BTAP_USART_MEMORY:
    case BTAP_USART_STATUS:
        break;
    }
}

static uint8_t xor_of(const uint8_t *bytes, uint32_t length)
{
    uint64_t wide = 0;
    uint8_t narrow = 0;

    for (; length >= sizeof(wide); length -= (uint32_t)sizeof(wide), bytes += sizeof(wide)) {
        uint64_t word;

        memcpy(&word, bytes, sizeof(word));
        wide ^= word;
    }
    wide ^= wide >> 32;
    wide ^= wide >> 16;
    wide ^= wide >> 8;
    for (; length > 0; length--)
        narrow ^= *bytes++;
    return (uint8_t)(narrow ^ (uint8_t)wide);
}

static uint32_t smaller(uint32_t a, uint32_t b)
{
    return a < b ? a : b;
}

/** Takes bytes of a value or of an entry of a list, from either side. */
static uint32_t take_value(struct btap_usart *usart, const struct btap_usart_bytes *bytes)
{
    const struct btap_usart_step *step = usart->step;
    const uint32_t taken = smaller(usart->left, bytes->length);
    const bool list = step->kind == BTAP_USART_HOST_LIST || step->kind == BTAP_USART_DEVICE_LIST;

    for (uint32_t i = 0; i < taken; i++)
        usart->value = usart->value << 8 | bytes->bytes[i];
    if (bytes->direction == BTAP_HOST_TO_DEVICE) {
        usart->group_xor ^= xor_of(bytes->bytes, taken);
        remember(usart, bytes, taken);
    }
    usart->left -= taken;
    btap_report_touch(&usart->report, &bytes->at);
    tell(usart, bytes, taken, (enum btap_field)step->field, usart->value, usart->left == 0, false);
    if (usart->left > 0)
        return taken;
    accept_value(usart, usart->value, &bytes->at);
    if (list && --usart->items > 0) {
        usart->value = 0;
        usart->left = step->size;
    } else {
        enter(usart, step + 1);
    }
    return taken;
}

static void keep_status(struct btap_usart *usart, const uint8_t *bytes, uint32_t length)
{
    struct btap_transaction *transaction = transaction_of(usart);
    const uint32_t seen = transaction->special_status_length - usart->left;

    for (uint32_t i = 0; i < length && seen + i < BTAP_SPECIAL_STATUS_MAX; i++)
        transaction->special_status[seen + i] = bytes[i];
}

static void tell_memory(struct btap_usart *usart, const struct btap_usart_bytes *bytes,
                        uint32_t length)
{
    struct btap_data data = {
        .packet = bytes->at.packet,
        .offset = bytes->at.offset,
        .address = usart->address,
        .length = length,
        .bytes = bytes->bytes,
        .written = bytes->direction == BTAP_HOST_TO_DEVICE,
    };

    btap_report_data(&usart->report, &data);
    usart->address += length;
}

/** Takes bytes of a payload, from either side. */
static uint32_t take_block(struct btap_usart *usart, const struct btap_usart_bytes *bytes)
{
    const struct btap_usart_step *step = usart->step;
    const uint32_t taken = smaller(usart->left, bytes->length);

    if (bytes->direction == BTAP_HOST_TO_DEVICE) {
        usart->group_xor ^= xor_of(bytes->bytes, taken);
        remember(usart, bytes, taken);
    }
    if (step->meaning == BTAP_USART_STATUS)
        keep_status(usart, bytes->bytes, taken);
    else
        transaction_of(usart)->transferred += taken;
    usart->left -= taken;
    btap_report_touch(&usart->report, &bytes->at);
    tell(usart, bytes, taken, (enum btap_field)step->field, 0, usart->left == 0, false);
    if (step->meaning == BTAP_USART_MEMORY)
        tell_memory(usart, bytes, taken);
    if (usart->left == 0)
        enter(usart, step + 1);
    return taken;
}

/** AN3155 section 3: the XOR of the bytes before; for one byte alone that is its complement. */
static uint32_t take_checksum(struct btap_usart *usart, const struct btap_usart_bytes *bytes)
{
    const bool single = usart->group_bytes == 1;
    const uint8_t value = bytes->bytes[0];
    const uint8_t expected = single ? (uint8_t)~usart->group_xor : usart->group_xor;

    usart->checksum = value;
    usart->mismatch = !usart->gap && value != expected;
    remember(usart, bytes, 1);
    btap_report_touch(&usart->report, &bytes->at);
    tell(usart, bytes, 1, BTAP_FIELD_CHECKSUM, value, true, usart->mismatch);
    if (usart->mismatch && single)
        note(usart, BTAP_NOTE_COMPLEMENT_MISMATCH, &bytes->at, value, usart->group_xor);
    else if (usart->mismatch)
        note(usart, BTAP_NOTE_CHECKSUM_MISMATCH, &bytes->at, value, expected);
    enter(usart, usart->step + 1);
    return 1;
}

/* The reply of Get Checksum (AN3155 section 3.13): an ACK of its own or none, then the CRC */

static uint32_t crc_value(const uint8_t bytes[4])
{
    return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
}

static void end_crc(struct btap_usart *usart, const uint8_t crc[4], uint8_t checksum,
                    const struct btap_origin *at)
{
    struct btap_transaction *transaction = transaction_of(usart);
    const uint8_t expected = xor_of(crc, 4);

    transaction->has |= BTAP_HAS_CHECKSUM;
    transaction->checksum = crc_value(crc);
    if (checksum == expected) {
        end(usart, BTAP_OK, BTAP_PHASE_NONE);
        return;
    }
    note(usart, BTAP_NOTE_REPLY_CHECKSUM_MISMATCH, at, checksum, expected);
    end(usart, BTAP_BAD_REPLY, BTAP_PHASE_CHECKSUM);
}

static uint32_t take_crc(struct btap_usart *usart, const struct btap_usart_bytes *bytes)
{
    const uint8_t value = bytes->bytes[0];

    btap_report_touch(&usart->report, &bytes->at);
    if (usart->crc_length == 0 && !usart->crc_acknowledged && value == ACK) {
        usart->crc_acknowledged = true;
        tell_answer(usart, bytes);
        return 1;
    }
    usart->crc[usart->crc_length++] = value;
    if (usart->crc_length == 1 && value == NACK) {
        usart->held = kept_byte(bytes, 0);
        return 1;
    }
    if (usart->crc_length == 2 && usart->crc[0] == NACK)
        tell_kept(usart, &usart->held, BTAP_DEVICE_TO_HOST, BTAP_FIELD_CRC, false);
    if (usart->crc_length < 5) {
        tell(usart, bytes, 1, BTAP_FIELD_CRC, usart->crc_length == 4 ? crc_value(usart->crc) : 0,
             usart->crc_length == 4, false);
        return 1;
    }
    tell(usart, bytes, 1, BTAP_FIELD_CHECKSUM, value, true, value != xor_of(usart->crc, 4));
    end_crc(usart, usart->crc, value, &bytes->at);
    return 1;
}

/** Nothing more comes: what there is may be a NACK, or a CRC that begins like an ACK. */
static bool settle_crc(struct btap_usart *usart)
{
    const struct btap_origin at = usart->held.at;

    if (usart->crc_length == 1 && usart->crc[0] == NACK) {
        tell_kept(usart, &usart->held, BTAP_DEVICE_TO_HOST, BTAP_FIELD_ANSWER, false);
        end(usart, BTAP_NACK, BTAP_PHASE_REPLY);
        return true;
    }
    if (usart->crc_acknowledged && usart->crc_length == 4 &&
        (ACK ^ xor_of(usart->crc, 3)) == usart->crc[3]) {
        const uint8_t crc[4] = {ACK, usart->crc[0], usart->crc[1], usart->crc[2]};

        end_crc(usart, crc, usart->crc[3], &at);
        return true;
    }
    return false;
}

/** Get Checksum without polynomial and initial value: the device answers right away. */
static void fork_to_crc(struct btap_usart *usart, const struct btap_origin *at)
{
    const struct btap_usart_step *step = usart->step;

    while (step->kind != BTAP_USART_DEVICE_CRC)
        step++;
    note(usart, BTAP_NOTE_CHECKSUM_SHORT_FORM, at, 0, 0);
    enter(usart, step);
}

/* The host's side */

static uint32_t host_between(struct btap_usart *usart, const struct btap_usart_bytes *bytes)
{
    const uint8_t value = bytes->bytes[0];
    const bool leftover = usart->leftover && value == usart->leftover_value;

    usart->leftover = false;
    if (leftover) {
        tell(usart, bytes, 1, BTAP_FIELD_COMPLEMENT, value, true, false);
        return 1;
    }
    btap_usart_drop_pending(usart, 0);
    if (value == SYNC_BYTE) {
        begin_sync(usart, &bytes->at);
        take_sync(usart, bytes);
        return 1;
    }
    begin_command(usart, value, &bytes->at);
    btap_usart_push(usart, bytes);
    usart->state = BTAP_USART_PAIR;
    return 1;
}

static uint32_t host_complement(struct btap_usart *usart, const struct btap_usart_bytes *bytes)
{
    const bool fits = (usart->recent[1].value ^ bytes->bytes[0]) == 0xff;

    if (!fits && !usart->engaged) {
        cancel(usart);
        return 0;
    }
    btap_usart_push(usart, bytes);
    btap_report_touch(&usart->report, &bytes->at);
    usart->group_bytes = 2;
    usart->mismatch = !fits;
    if (fits)
        accept_pair(usart, &bytes->at);
    else
        usart->state = BTAP_USART_STEPS;
    return 1;
}

static uint32_t host_step(struct btap_usart *usart, const struct btap_usart_bytes *bytes)
{
    switch ((enum btap_usart_kind)usart->step->kind) {
    case BTAP_USART_HOST_VALUE:
    case BTAP_USART_HOST_LIST:
        return take_value(usart, bytes);
    case BTAP_USART_HOST_BLOCK:
        return take_block(usart, bytes);
    case BTAP_USART_HOST_CHECKSUM:
        return take_checksum(usart, bytes);
    case BTAP_USART_FORK:
        enter(usart, usart->step + 1);
        return 0;
    case BTAP_USART_ANSWER:
        if (usart->report.transaction.command == BTAP_SYNC && bytes->bytes[0] == SYNC_BYTE &&
            usart->strays == 0) {
            take_sync(usart, bytes);
            return 1;
        }
        if (usart->pending > 0 && usart->strays == 0)
            cancel(usart);
        else
            give_up(usart, &bytes->at);
        return 0;
    case BTAP_USART_DEVICE_CRC:
        if (!settle_crc(usart))
            give_up(usart, &bytes->at);
        return 0;
    case BTAP_USART_DEVICE_VALUE:
    case BTAP_USART_DEVICE_LIST:
    case BTAP_USART_DEVICE_BLOCK:
    case BTAP_USART_END:
        break;
    }
    give_up(usart, &bytes->at);
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
    if (usart->unbroken >= 1 && usart->recent[1].value == SYNC_BYTE)
        return true;
    return usart->unbroken >= 2 && is_command(usart->recent[0].value, usart->recent[1].value);
}

/** The device acknowledges while bytes of the group are still due: the capture lacks them. */
static void answer_with_bytes_missing(struct btap_usart *usart,
                                      const struct btap_usart_bytes *bytes)
{
    const bool checksum = usart->step->kind == BTAP_USART_HOST_CHECKSUM;

    note(usart, BTAP_NOTE_BYTES_MISSING, &bytes->at, checksum ? 1 : bytes_due(usart) + 1, 0);
    while (usart->step->kind != BTAP_USART_ANSWER)
        usart->step++;
    usart->mismatch = false;
    take_ack_or_nack(usart, bytes);
}

static void note_late(struct btap_usart *usart, const struct btap_usart_bytes *bytes)
{
    tell_answer(usart, bytes);
    note(usart, BTAP_NOTE_LATE_ANSWER, &bytes->at, 0, 0);
    usart->unanswered = false;
}

/** An answer where none is due. */
static void take_surplus(struct btap_usart *usart, const struct btap_usart_bytes *bytes)
{
    const struct btap_usart_previous *previous = &usart->previous;
    const uint8_t value = bytes->bytes[0];

    if (usart->unanswered) {
        note_late(usart, bytes);
        return;
    }
    tell_answer(usart, bytes);
    if (usart->surplus_told)
        return;
    usart->surplus_told = true;
    if (value == NACK && !usart->report.open && previous->known && previous->status == BTAP_NACK)
        note(usart, BTAP_NOTE_SURPLUS_NACK, &bytes->at, 0, 0);
    else
        note(usart, BTAP_NOTE_SURPLUS_ANSWER, &bytes->at, value, 0);
}

static void take_early_nack(struct btap_usart *usart, const struct btap_usart_bytes *bytes)
{
    const bool pair = usart->state == BTAP_USART_PAIR;
    const uint8_t opcode = transaction_of(usart)->opcode;
    const uint32_t sent = pair ? 1 : usart->group_bytes;

    tell_refused_pair(usart);
    tell_answer(usart, bytes);
    if (!usart->oversize && sent > 0)
        note(usart, BTAP_NOTE_NACK_EARLY, &bytes->at, sent, 0);
    end(usart, BTAP_NACK, refused_phase(usart));
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
        end(usart, BTAP_NACK, (enum btap_phase)(usart->step - 1)->phase);
    } else if (usart->unanswered && (pair || nothing_sent)) {
        note_late(usart, bytes);
    } else if (value == NACK) {
        take_early_nack(usart, bytes);
    } else if (pair || nothing_sent) {
        take_surplus(usart, bytes);
    } else if (usart->step->kind == BTAP_USART_HOST_CHECKSUM &&
               (usart->step->phase == BTAP_PHASE_POLYNOMIAL ||
                usart->step->phase == BTAP_PHASE_INITIAL)) {
        /* AN3155 section 3.13 lists an ACK between these values and their checksums. */
        tell_answer(usart, bytes);
    } else if (answers_recent(usart)) {
        note(usart, BTAP_NOTE_DATA_SHORT, &usart->recent[1].at, 0, 0);
        end(usart, BTAP_INCOMPLETE, (enum btap_phase)usart->step->phase);
        restart(usart, bytes);
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
        is_command(usart->recent[0].value, usart->recent[1].value)) {
        /* The NACK was the late answer to the command before; this is the real one. */
        usart->unanswered = false;
        restart(usart, bytes);
        if (usart->report.open)
            note(usart, BTAP_NOTE_LATE_ANSWER, &bytes->at, 0, 0);
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
        return take_answer(usart, bytes);
    case BTAP_USART_DEVICE_VALUE:
        if (is_late_answer(usart, bytes->bytes[0])) {
            note_late(usart, bytes);
            if (bytes->bytes[0] == NACK)
                end(usart, BTAP_NACK, BTAP_PHASE_COMMAND);
            return 1;
        }
        return take_value(usart, bytes);
    case BTAP_USART_DEVICE_LIST:
        return take_value(usart, bytes);
    case BTAP_USART_DEVICE_BLOCK:
        return take_block(usart, bytes);
    case BTAP_USART_FORK:
        fork_to_crc(usart, &bytes->at);
        return 0;
    case BTAP_USART_DEVICE_CRC:
        return take_crc(usart, bytes);
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
        if (!usart->engaged) {
            cancel(usart);
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
static void lose_of_block(struct btap_usart *usart, enum btap_direction direction, uint32_t count)
{
    usart->gap = true;
    if (count == 0 || count > usart->left)
        return;
    usart->left -= count;
    usart->address += count;
    if (direction == BTAP_HOST_TO_DEVICE)
        usart->group_bytes += count;
    if (usart->left == 0)
        enter(usart, usart->step + 1);
}

void btap_usart_lose(struct btap_usart *usart, enum btap_direction direction, uint32_t count)
{
    const bool host = direction == BTAP_HOST_TO_DEVICE;

    if (usart->state == BTAP_USART_PAIR && direction != BTAP_DEVICE_TO_HOST)
        cancel(usart);
    if (usart->state != BTAP_USART_STEPS)
        return;
    switch ((enum btap_usart_kind)usart->step->kind) {
    case BTAP_USART_HOST_BLOCK:
        if (host)
            lose_of_block(usart, direction, count);
        return;
    case BTAP_USART_DEVICE_BLOCK:
        if (direction == BTAP_DEVICE_TO_HOST)
            lose_of_block(usart, direction, count);
        return;
    case BTAP_USART_HOST_VALUE:
    case BTAP_USART_HOST_LIST:
    case BTAP_USART_HOST_CHECKSUM:
        usart->gap |= host;
        return;
    case BTAP_USART_ANSWER:
    case BTAP_USART_FORK:
    case BTAP_USART_DEVICE_VALUE:
    case BTAP_USART_DEVICE_LIST:
    case BTAP_USART_DEVICE_CRC:
    case BTAP_USART_END:
        break;
    }
    if (host)
        return;
    tell_refused_pair(usart);
    end(usart, BTAP_INCOMPLETE, (enum btap_phase)usart->step->phase);
}

/** Whether the last bytes of a payload are rather a command, or 0x7F and 0x7F again. */
static bool ends_in_command(const struct btap_usart *usart)
{
    const uint8_t before = usart->recent[0].value;
    const uint8_t last = usart->recent[1].value;

    return usart->tail_length >= 2 &&
           (is_command(before, last) || (before == SYNC_BYTE && last == SYNC_BYTE));
}

void btap_usart_close(struct btap_usart *usart)
{
    const struct btap_usart_step *step = usart->step;
    const struct btap_origin at = usart->recent[1].at;

    if (usart->state == BTAP_USART_PAIR && !usart->engaged)
        cancel(usart);
    if (usart->report.open)
        tell_refused_pair(usart);
    if (usart->state == BTAP_USART_STEPS && step->kind == BTAP_USART_DEVICE_CRC)
        settle_crc(usart);
    if (usart->report.open && is_other_talk(usart))
        end_bad_reply(usart);
    if (usart->report.open) {
        if (transaction_of(usart)->command == BTAP_SYNC && usart->syncs > 1)
            note(usart, BTAP_NOTE_SYNC_REPEATED, &at, usart->syncs, 0);
        if ((step->kind == BTAP_USART_HOST_BLOCK || step->kind == BTAP_USART_HOST_LIST) &&
            ends_in_command(usart))
            note(usart, BTAP_NOTE_DATA_SHORT, &at, 0, 0);
        end(usart, BTAP_INCOMPLETE, (enum btap_phase)step->phase);
    }
    btap_usart_drop_pending(usart, 0);
    btap_usart_flush_counts(usart);
}
