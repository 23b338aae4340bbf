/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The fields of a command: values, lists, payloads, checksums, and what they mean.
 */
#include <string.h>

#include "usart/internal.h"

/** Limits of Special's and Extended Special's packets (AN3155 sections 3.14 and 3.15). */
#define SPECIAL_MAX          128
#define EXTENDED_SPECIAL_MAX 1024

/* Values */

static void expect_list(struct btap_usart *usart, enum btap_list kind, uint32_t entries)
{
    struct btap_transaction *transaction = usart_transaction_of(usart);

    transaction->list_kind = kind;
    transaction->list_announced = entries;
    usart->items = entries;
}

static void expect_erase(struct btap_usart *usart, uint32_t value, uint32_t all,
                         const struct btap_origin *at)
{
    struct btap_transaction *transaction = usart_transaction_of(usart);

    usart->items = 0;
    if (value == all) {
        transaction->erase = BTAP_ERASE_MASS;
    } else if (value >= 0xfff0) {
        transaction->erase = value == 0xfffe   ? BTAP_ERASE_BANK1
                             : value == 0xfffd ? BTAP_ERASE_BANK2
                                               : BTAP_ERASE_RESERVED;
        if (transaction->erase == BTAP_ERASE_RESERVED)
            usart_note(usart, BTAP_NOTE_RESERVED_ERASE_CODE, at, value, 0);
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
    usart_note(usart, BTAP_NOTE_SIZE_OVER_LIMIT, at, value, limit);
}

static void expect_memory(struct btap_usart *usart, uint32_t length)
{
    struct btap_transaction *transaction = usart_transaction_of(usart);

    transaction->has |= BTAP_HAS_LENGTH;
    transaction->length = length;
    usart->block = length;
}

/** Makes of a complete value what it means. */
static void accept_value(struct btap_usart *usart, uint32_t value, const struct btap_origin *at)
{
    struct btap_transaction *transaction = usart_transaction_of(usart);

    switch ((enum usart_meaning)usart->step->meaning) {
    case USART_TARGET:
        transaction->has |= BTAP_HAS_ADDRESS;
        transaction->address = value;
        usart->address = value;
        break;
    case USART_READ_COUNT:
        expect_memory(usart, value + 1);
        break;
    case USART_WRITE_COUNT:
        expect_memory(usart, value + 1);
        if (usart->block % 4 != 0)
            usart_note(usart, BTAP_NOTE_UNALIGNED_LENGTH, at, usart->block, 0);
        break;
    case USART_PAGE_COUNT:
        expect_erase(usart, value, 0xff, at);
        break;
    case USART_EXTENDED_PAGE_COUNT:
        expect_erase(usart, value, 0xffff, at);
        break;
    case USART_SECTOR_COUNT:
        expect_list(usart, BTAP_LIST_SECTORS, value + 1);
        break;
    case USART_ENTRY:
        emit_list(&usart->emitter, (uint16_t)value);
        break;
    case USART_COMMAND_COUNT:
        expect_list(usart, BTAP_LIST_COMMANDS, value);
        memset(usart->supported, 0, sizeof(usart->supported));
        usart->supported_known = false;
        break;
    case USART_LISTED_COMMAND:
        emit_list(&usart->emitter, (uint16_t)value);
        usart->supported[value / 32] |= 1u << (value % 32);
        break;
    case USART_PROTOCOL_VERSION:
        transaction->has |= BTAP_HAS_VERSION;
        transaction->version = (uint8_t)value;
        usart->version = (uint8_t)value;
        break;
    case USART_OPTION_1:
        transaction->option_bytes[0] = (uint8_t)value;
        break;
    case USART_OPTION_2:
        transaction->has |= BTAP_HAS_OPTION_BYTES;
        transaction->option_bytes[1] = (uint8_t)value;
        break;
    case USART_PID_COUNT:
        usart->block = value + 1;
        break;
    case USART_PID:
        transaction->has |= BTAP_HAS_PID;
        transaction->pid = value;
        break;
    case USART_WORDS:
        transaction->has |= BTAP_HAS_LENGTH;
        transaction->length = value > UINT32_MAX / 4 ? UINT32_MAX : value * 4;
        break;
    case USART_POLYNOMIAL:
        transaction->has |= BTAP_HAS_POLYNOMIAL;
        transaction->polynomial = value;
        break;
    case USART_INITIAL:
        transaction->has |= BTAP_HAS_INITIAL;
        transaction->initial = value;
        break;
    case USART_SUBCOMMAND:
        transaction->has |= BTAP_HAS_SUBCOMMAND;
        transaction->subcommand = (uint16_t)value;
        break;
    case USART_SENT_SIZE:
        transaction->sent_length = (uint16_t)value;
        expect_special(usart, value, SPECIAL_MAX, at);
        break;
    case USART_SENT2_SIZE:
        transaction->sent2_length = (uint16_t)value;
        expect_special(usart, value, EXTENDED_SPECIAL_MAX, at);
        break;
    case USART_RECEIVED_SIZE:
        transaction->received_length = (uint16_t)value;
        usart->block = value;
        break;
    case USART_STATUS_SIZE:
        transaction->has |= BTAP_HAS_SPECIAL_STATUS;
        transaction->special_status_length = (uint16_t)value;
        usart->block = value;
        break;
    case USART_PLAIN:
    case USART_MEMORY:
    case USART_STATUS:
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

/** The field that the value under way is. No device has as many pages as 0xFF would begin. */
static enum btap_field field_of(const struct btap_usart *usart)
{
    const struct btap_usart_step *step = usart->step;

    if (step->field == BTAP_FIELD_PAGES_LESS_1 &&
        usart->value >> (8 * (step->size - 1 - usart->left)) == 0xff)
        return BTAP_FIELD_ERASE_CODE;
    return (enum btap_field)step->field;
}

uint32_t usart_take_value(struct btap_usart *usart, const struct usart_bytes *bytes)
{
    const struct btap_usart_step *step = usart->step;
    const uint32_t taken = smaller(usart->left, bytes->length);
    const bool list = step->kind == USART_HOST_LIST || step->kind == USART_DEVICE_LIST;

    for (uint32_t i = 0; i < taken; i++)
        usart->value = usart->value << 8 | bytes->bytes[i];
    if (bytes->direction == BTAP_HOST_TO_DEVICE) {
        usart->group_xor ^= xor_of(bytes->bytes, taken);
        usart_remember(usart, bytes, taken);
    }
    usart->left -= taken;
    emit_touch(&usart->emitter, &bytes->at);
    usart_tell(usart, bytes, taken, field_of(usart), usart->value, usart->left == 0, false);
    if (usart->left > 0)
        return taken;
    if (step->kind == USART_HOST_VALUE && !usart->parameter.known)
        usart->parameter.value = usart->value;
    accept_value(usart, usart->value, &bytes->at);
    if (list && --usart->items > 0) {
        usart->value = 0;
        usart->left = step->size;
    } else {
        usart_enter(usart, step + 1);
    }
    return taken;
}

static void keep_status(struct btap_usart *usart, const uint8_t *bytes, uint32_t length)
{
    struct btap_transaction *transaction = usart_transaction_of(usart);
    const uint32_t seen = transaction->special_status_length - usart->left;

    for (uint32_t i = 0; i < length && seen + i < BTAP_SPECIAL_STATUS_MAX; i++)
        transaction->special_status[seen + i] = bytes[i];
}

static void tell_memory(struct btap_usart *usart, const struct usart_bytes *bytes, uint32_t length)
{
    struct btap_data data = {
        .packet = bytes->at.packet,
        .offset = bytes->at.offset,
        .address = usart->address,
        .length = length,
        .bytes = bytes->bytes,
        .written = bytes->direction == BTAP_HOST_TO_DEVICE,
    };

    emit_data(&usart->emitter, &data);
    usart->address += length;
}

uint32_t usart_take_block(struct btap_usart *usart, const struct usart_bytes *bytes)
{
    const struct btap_usart_step *step = usart->step;
    const uint32_t taken = smaller(usart->left, bytes->length);

    if (bytes->direction == BTAP_HOST_TO_DEVICE) {
        usart->group_xor ^= xor_of(bytes->bytes, taken);
        usart_remember(usart, bytes, taken);
    }
    if (step->meaning == USART_STATUS)
        keep_status(usart, bytes->bytes, taken);
    else
        usart_transaction_of(usart)->transferred += taken;
    usart->left -= taken;
    emit_touch(&usart->emitter, &bytes->at);
    usart_tell(usart, bytes, taken, (enum btap_field)step->field, 0, usart->left == 0, false);
    if (step->meaning == USART_MEMORY)
        tell_memory(usart, bytes, taken);
    if (usart->left == 0)
        usart_enter(usart, step + 1);
    return taken;
}

uint32_t usart_take_checksum(struct btap_usart *usart, const struct usart_bytes *bytes)
{
    const bool single = usart->group_bytes == 1;
    const uint8_t value = bytes->bytes[0];
    const uint8_t expected = single ? (uint8_t)~usart->group_xor : usart->group_xor;

    if (!usart->parameter.known) {
        usart->parameter.known = true;
        usart->parameter.sum = usart->group_xor;
        usart_note_retry(usart, &bytes->at);
    }
    usart->checksum = value;
    usart->mismatch = !usart->gap && value != expected;
    usart_remember(usart, bytes, 1);
    emit_touch(&usart->emitter, &bytes->at);
    usart_tell(usart, bytes, 1, BTAP_FIELD_CHECKSUM, value, true, usart->mismatch);
    if (usart->mismatch && single)
        usart_note(usart, BTAP_NOTE_COMPLEMENT_MISMATCH, &bytes->at, value, usart->group_xor);
    else if (usart->mismatch)
        usart_note(usart, BTAP_NOTE_CHECKSUM_MISMATCH, &bytes->at, value, expected);
    usart_enter(usart, usart->step + 1);
    return 1;
}

uint32_t usart_take_rest(struct btap_usart *usart, const struct usart_bytes *bytes)
{
    usart_transaction_of(usart)->transferred += bytes->length;
    emit_touch(&usart->emitter, &bytes->at);
    usart_tell(usart, bytes, bytes->length, BTAP_FIELD_DATA, 0, true, false);
    return bytes->length;
}

/* The reply of Get Checksum (AN3155 section 3.13): an ACK of its own or none, then the CRC */

static uint32_t crc_value(const uint8_t bytes[4])
{
    return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
}

static void end_crc(struct btap_usart *usart, const uint8_t crc[4], uint8_t checksum,
                    const struct btap_origin *at)
{
    struct btap_transaction *transaction = usart_transaction_of(usart);
    const uint8_t expected = xor_of(crc, 4);

    transaction->has |= BTAP_HAS_CHECKSUM;
    transaction->checksum = crc_value(crc);
    if (checksum == expected) {
        usart_end(usart, BTAP_OK, BTAP_PHASE_NONE);
        return;
    }
    usart_note(usart, BTAP_NOTE_REPLY_CHECKSUM_MISMATCH, at, checksum, expected);
    usart_end(usart, BTAP_BAD_REPLY, BTAP_PHASE_CHECKSUM);
}

uint32_t usart_take_crc(struct btap_usart *usart, const struct usart_bytes *bytes)
{
    const uint8_t value = bytes->bytes[0];

    emit_touch(&usart->emitter, &bytes->at);
    if (usart->crc_length == 0 && !usart->crc_acknowledged && value == ACK) {
        usart->crc_acknowledged = true;
        usart_tell_answer(usart, bytes);
        return 1;
    }
    usart->crc[usart->crc_length++] = value;
    if (usart->crc_length == 1 && value == NACK) {
        usart_keep(&usart->held, bytes, 0);
        return 1;
    }
    if (usart->crc_length == 2 && usart->crc[0] == NACK)
        usart_tell_kept(usart, &usart->held, BTAP_DEVICE_TO_HOST, BTAP_FIELD_CRC, false);
    if (usart->crc_length < 5) {
        usart_tell(usart, bytes, 1, BTAP_FIELD_CRC,
                   usart->crc_length == 4 ? crc_value(usart->crc) : 0, usart->crc_length == 4,
                   false);
        return 1;
    }
    usart_tell(usart, bytes, 1, BTAP_FIELD_CHECKSUM, value, true, value != xor_of(usart->crc, 4));
    end_crc(usart, usart->crc, value, &bytes->at);
    return 1;
}

bool usart_settle_crc(struct btap_usart *usart)
{
    const struct btap_origin at = usart->held.at;

    if (usart->crc_length == 1 && usart->crc[0] == NACK) {
        usart_tell_kept(usart, &usart->held, BTAP_DEVICE_TO_HOST, BTAP_FIELD_ANSWER, false);
        usart_end(usart, BTAP_NACK, BTAP_PHASE_REPLY);
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

void usart_fork_to_crc(struct btap_usart *usart, const struct btap_origin *at)
{
    const struct btap_usart_step *step = usart->step;

    while (step->kind != USART_DEVICE_CRC)
        step++;
    usart_note(usart, BTAP_NOTE_CHECKSUM_SHORT_FORM, at, 0, 0);
    usart_enter(usart, step);
}
