/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "usart/field.h"

#include "boottap/product.h"
#include "usart/skip.h"
#include "usart/steps.h"

/** Limits of Special's and Extended Special's packets (AN3155 sections 3.14 and 3.15). */
#define SPECIAL_MAX          128
#define EXTENDED_SPECIAL_MAX 1024

static void expect_list(struct btap_usart *usart, enum btap_list kind, uint32_t entries)
{
    struct btap_transaction *transaction = &usart->emitter.transaction;

    transaction->list_kind = kind;
    transaction->list_announced = entries;
    usart->command.items = entries;
}

static void expect_erase(struct btap_usart *usart, uint32_t value, uint32_t all,
                         const struct btap_origin *at)
{
    struct btap_transaction *transaction = &usart->emitter.transaction;

    usart->command.items = 0;
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
    usart->command.block = value;
    if (value > limit)
        usart_note(usart, BTAP_NOTE_SIZE_OVER_LIMIT, at, value, limit);
}

static void expect_memory(struct btap_usart *usart, uint32_t length)
{
    struct btap_transaction *transaction = &usart->emitter.transaction;

    transaction->has |= BTAP_HAS_LENGTH;
    transaction->length = length;
    usart->command.block = length;
}

bool usart_field_is_oversize(const struct btap_transaction *transaction)
{
    return transaction->sent_length > SPECIAL_MAX ||
           transaction->sent2_length > EXTENDED_SPECIAL_MAX;
}

void usart_field_accept(struct btap_usart *usart, uint32_t value, const struct btap_origin *at)
{
    struct btap_transaction *transaction = &usart->emitter.transaction;

    switch ((enum usart_meaning)usart->command.step->meaning) {
    case USART_TARGET:
        transaction->has |= BTAP_HAS_ADDRESS;
        transaction->address = value;
        usart->command.address = value;
        break;
    case USART_READ_COUNT:
        expect_memory(usart, value + 1);
        break;
    case USART_WRITE_COUNT:
        expect_memory(usart, value + 1);
        /* An STM8's address that was taken: its ROM asks for no alignment. */
        if (usart->command.block % 4 != 0 && transaction->address >= BTAP_STM8_END)
            usart_note(usart, BTAP_NOTE_UNALIGNED_LENGTH, at, usart->command.block, 0);
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
        usart->device.supported_known = false;
        break;
    case USART_PROTOCOL_VERSION:
        transaction->has |= BTAP_HAS_VERSION;
        transaction->version = (uint8_t)value;
        usart->device.version = (uint8_t)value;
        break;
    case USART_OPTION_1:
        transaction->option_bytes[0] = (uint8_t)value;
        break;
    case USART_OPTION_2:
        transaction->has |= BTAP_HAS_OPTION_BYTES;
        transaction->option_bytes[1] = (uint8_t)value;
        break;
    case USART_PID_COUNT:
        usart->command.block = value + 1;
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
        usart->command.block = value;
        break;
    case USART_STATUS_SIZE:
        transaction->has |= BTAP_HAS_SPECIAL_STATUS;
        transaction->special_status_length = (uint16_t)value;
        usart->command.block = value;
        break;
    case USART_PLAIN:
    case USART_MEMORY:
    case USART_STATUS:
        break;
    }
}
