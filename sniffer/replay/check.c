/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Sections are those of AN3155 (USART), AN3156 (DFU) and AN5405 (FDCAN).
 */
#include "replay/check.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

/** What is checked, and what of it was found wrong first. */
struct check {
    const struct plan_device *device;
    const struct plan_command *command;
    const struct btap_transaction *transaction;
    char *words;
};

static bool wrong(const struct check *check, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static bool wrong(const struct check *check, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(check->words, CHECK_WORDS_SIZE, format, arguments);
    va_end(arguments);
    return false;
}

static bool has(const struct check *check, uint32_t members)
{
    return (check->transaction->has & members) == members;
}

static bool check_address(const struct check *check)
{
    return has(check, BTAP_HAS_ADDRESS) || wrong(check, "the capture does not hold its address");
}

/** Address and length of memory, which must not reach above 32 bits. */
static bool check_range(const struct check *check, uint32_t min, uint32_t max)
{
    const uint32_t length = check->transaction->length;

    if (!check_address(check))
        return false;
    if (!has(check, BTAP_HAS_LENGTH))
        return wrong(check, "the capture does not hold its length");
    if (length < min || length > max)
        return wrong(check, "%" PRIu32 " bytes; it can have %" PRIu32 " to %" PRIu32, length, min,
                     max);
    if (length - 1 > UINT32_MAX - check->transaction->address)
        return wrong(check, "it reaches above the last address");
    return true;
}

/** The host's bytes must be there, all of them. */
static bool check_payload(const struct check *check, uint32_t length)
{
    return check->command->payload_length == length ||
           wrong(check, "the capture holds %" PRIu32 " of its %" PRIu32 " bytes",
                 check->command->payload_length, length);
}

/** A list as it is sent, of so many entries at most. */
static bool check_list(const struct check *check, enum btap_list kind, uint32_t max)
{
    const struct btap_transaction *transaction = check->transaction;

    if (transaction->list_kind != kind)
        return wrong(check, "the capture does not hold its list");
    if (transaction->list_length > BTAP_LIST_MAX)
        return wrong(check, "%" PRIu32 " entries are more than are kept (%d)",
                     transaction->list_length, BTAP_LIST_MAX);
    if (transaction->list_length != transaction->list_announced)
        return wrong(check, "the capture holds %" PRIu32 " of the %" PRIu32 " entries of its list",
                     transaction->list_length, transaction->list_announced);
    if (transaction->list_length == 0 || transaction->list_length > max)
        return wrong(check, "a list of %" PRIu32 "; it can have 1 to %" PRIu32,
                     transaction->list_length, max);
    return true;
}

static bool check_entries(const struct check *check, uint16_t max)
{
    const struct btap_transaction *transaction = check->transaction;

    for (uint32_t i = 0; i < transaction->list_length; i++)
        if (transaction->list[i] > max)
            return wrong(check, "number %u in its list; %u is the highest", transaction->list[i],
                         max);
    return true;
}

/** Whether the product may have the page. The numbers of a second bank may begin behind a gap. */
static bool check_pages_of_product(const struct check *check)
{
    const struct btap_product *product = check->device->product;
    const struct btap_transaction *transaction = check->transaction;
    struct btap_range sector;

    if (product == NULL || !btap_product_sector(product, 0, &sector))
        return true;
    for (uint32_t i = 0; i < transaction->list_length; i++)
        if (!btap_product_sector(product, transaction->list[i] / 2, &sector))
            return wrong(check, "page %u, which the %s does not have", transaction->list[i],
                         product->name);
    return true;
}

static bool check_page_list(const struct check *check, uint32_t max, uint16_t highest)
{
    return check_list(check, BTAP_LIST_PAGES, max) && check_entries(check, highest) &&
           check_pages_of_product(check);
}

/** @param banks banks can be erased too */
static bool check_erase(const struct check *check, uint32_t max, uint16_t highest, bool banks)
{
    switch (check->transaction->erase) {
    case BTAP_ERASE_PAGES:
        return check_page_list(check, max, highest);
    case BTAP_ERASE_MASS:
        return true;
    case BTAP_ERASE_BANK1:
    case BTAP_ERASE_BANK2:
        return banks || wrong(check, "this command cannot erase a bank");
    case BTAP_ERASE_RESERVED:
        return wrong(check, "its erase code is reserved");
    case BTAP_ERASE_NONE:
    case BTAP_ERASE_ADDRESS:
        return wrong(check, "the capture does not hold what it erases");
    }
    return false;
}

/** USART 3.14, 3.15; FDCAN 3.12, 3.13 */
static bool check_special(const struct check *check)
{
    const struct btap_transaction *transaction = check->transaction;
    const bool extended = transaction->command == BTAP_EXTENDED_SPECIAL;
    const uint32_t second = extended ? transaction->sent2_length : 0;

    if (!has(check, BTAP_HAS_SUBCOMMAND))
        return wrong(check, "the capture does not hold its sub-command");
    if (transaction->sent_length > CHECK_SPECIAL_MAX)
        return wrong(check, "%u bytes of data; it can have %d", transaction->sent_length,
                     CHECK_SPECIAL_MAX);
    if (second > CHECK_SPECIAL2_MAX)
        return wrong(check, "%" PRIu32 " bytes in its second packet; it can have %d", second,
                     CHECK_SPECIAL2_MAX);
    return check_payload(check, transaction->sent_length + second);
}

/** 3.13; stm32flash leaves polynomial and initial value out, both. */
static bool check_checksum(const struct check *check)
{
    const uint32_t length = check->transaction->length;
    const bool polynomial = has(check, BTAP_HAS_POLYNOMIAL);

    if (!check_range(check, 4, UINT32_MAX))
        return false;
    if (length % 4 != 0)
        return wrong(check, "%" PRIu32 " bytes; it counts in words of 4", length);
    return polynomial == has(check, BTAP_HAS_INITIAL) ||
           wrong(check, "the capture does not hold its initial value");
}

static bool not_of_this_wire(const struct check *check)
{
    return wrong(check, "no command of this wire");
}

static bool check_usart(const struct check *check)
{
    switch (check->transaction->command) {
    case BTAP_SYNC:
    case BTAP_GET:
    case BTAP_GET_VERSION:
    case BTAP_GET_ID:
    case BTAP_WRITE_UNPROTECT:
    case BTAP_READOUT_PROTECT:
    case BTAP_READOUT_UNPROTECT:
        return true;
    case BTAP_READ_MEMORY:
        return check_range(check, 1, CHECK_TRANSFER_MAX);
    case BTAP_GO:
        return check_address(check);
    case BTAP_WRITE_MEMORY:
        return check_range(check, 1, CHECK_TRANSFER_MAX) &&
               check_payload(check, check->transaction->length);
    case BTAP_ERASE: /* 3.7: a count of 0xff less 1 means all */
        return check_erase(check, 255, UINT8_MAX, false);
    case BTAP_EXTENDED_ERASE: /* 3.8: counts from 0xfff0 on less 1 mean something else */
        return check_erase(check, BTAP_LIST_MAX, UINT16_MAX, true);
    case BTAP_WRITE_PROTECT: /* 3.9 */
        return check_list(check, BTAP_LIST_SECTORS, 256) && check_entries(check, UINT8_MAX);
    case BTAP_SPECIAL:
    case BTAP_EXTENDED_SPECIAL:
        return check_special(check);
    case BTAP_GET_CHECKSUM:
        return check_checksum(check);
    case BTAP_COMMAND_UNKNOWN:
        return wrong(check, "AN3155 knows no such command");
    case BTAP_DETACH:
    case BTAP_SET_ADDRESS:
    case BTAP_READ_UNPROTECT:
    case BTAP_LEAVE:
    case BTAP_CLEAR_STATUS:
    case BTAP_ABORT:
    case BTAP_GET_STATE:
    case BTAP_GET_STATUS:
    case BTAP_DOWNLOAD:
    case BTAP_UPLOAD:
    case BTAP_COMMAND_COUNT:
        return not_of_this_wire(check);
    }
    return not_of_this_wire(check);
}

static bool check_fdcan(const struct check *check)
{
    switch (check->transaction->command) {
    case BTAP_SYNC:
    case BTAP_GET:
    case BTAP_GET_VERSION:
    case BTAP_GET_ID:
    case BTAP_WRITE_UNPROTECT:
    case BTAP_READOUT_PROTECT:
    case BTAP_READOUT_UNPROTECT:
        return true;
    case BTAP_READ_MEMORY:
        return check_range(check, 1, CHECK_TRANSFER_MAX);
    case BTAP_GO:
        return check_address(check);
    case BTAP_WRITE_MEMORY:
        return check_range(check, 1, CHECK_TRANSFER_MAX) &&
               check_payload(check, check->transaction->length);
    case BTAP_ERASE: /* 3.7: ST's own code takes pages beyond the frame from stale memory */
        return check_erase(check, CHECK_FRAME_PAGES, UINT16_MAX, true);
    case BTAP_WRITE_PROTECT: /* 3.8 */
        return check_list(check, BTAP_LIST_SECTORS, CHECK_FRAME_SECTORS) &&
               check_entries(check, UINT8_MAX);
    case BTAP_SPECIAL:
    case BTAP_EXTENDED_SPECIAL:
        return check_special(check);
    case BTAP_COMMAND_UNKNOWN:
        return wrong(check, "AN5405 knows no such command");
    case BTAP_EXTENDED_ERASE:
    case BTAP_GET_CHECKSUM:
    case BTAP_DETACH:
    case BTAP_SET_ADDRESS:
    case BTAP_READ_UNPROTECT:
    case BTAP_LEAVE:
    case BTAP_CLEAR_STATUS:
    case BTAP_ABORT:
    case BTAP_GET_STATE:
    case BTAP_GET_STATUS:
    case BTAP_DOWNLOAD:
    case BTAP_UPLOAD:
    case BTAP_COMMAND_COUNT:
        return not_of_this_wire(check);
    }
    return not_of_this_wire(check);
}

/** Bytes that a block can have. */
static uint32_t block_max(const struct plan_device *device)
{
    const struct btap_dfu_functional *dfu = &device->usb.dfu;

    return device->usb_known && dfu->known && dfu->transfer_size > 0 ? dfu->transfer_size
                                                                     : CHECK_BLOCK_MAX;
}

/** A block whose number and length only count: of a plain device. */
static bool check_block(const struct check *check)
{
    const uint32_t length = check->transaction->length;

    if (!has(check, BTAP_HAS_LENGTH))
        return wrong(check, "the capture does not hold its length");
    if (length == 0 || length > block_max(check->device))
        return wrong(check, "%" PRIu32 " bytes; it can have 1 to %" PRIu32, length,
                     block_max(check->device));
    return true;
}

/** 4.1, 5.1: blocks 0 and 1 hold no memory. */
static bool check_memory_block(const struct check *check)
{
    if (!has(check, BTAP_HAS_BLOCK))
        return wrong(check, "the capture does not hold its block number");
    if (check->transaction->block < 2)
        return wrong(check, "block %u is reserved", check->transaction->block);
    return check_range(check, 2, block_max(check->device));
}

/** 5.3 */
static bool check_dfu_erase(const struct check *check)
{
    switch (check->transaction->erase) {
    case BTAP_ERASE_MASS:
        return true;
    case BTAP_ERASE_ADDRESS:
        return check_address(check);
    case BTAP_ERASE_PAGES:
    case BTAP_ERASE_BANK1:
    case BTAP_ERASE_BANK2:
    case BTAP_ERASE_RESERVED:
    case BTAP_ERASE_NONE:
        return wrong(check, "AN3156 knows no such form of it");
    }
    return false;
}

static bool check_dfu(const struct check *check)
{
    switch (check->transaction->command) {
    case BTAP_GET:
    case BTAP_DETACH:
    case BTAP_READ_UNPROTECT:
    case BTAP_LEAVE:
    case BTAP_CLEAR_STATUS:
    case BTAP_ABORT:
    case BTAP_GET_STATE:
    case BTAP_GET_STATUS:
        return true;
    case BTAP_UPLOAD:
        return check_block(check);
    case BTAP_DOWNLOAD: /* DFU 1.1 section 6.1.1: a block without bytes ends the image */
        return (has(check, BTAP_HAS_LENGTH) && check->transaction->length == 0) ||
               (check_block(check) && check_payload(check, check->transaction->length));
    case BTAP_SET_ADDRESS:
        return check_address(check);
    case BTAP_ERASE:
        return check_dfu_erase(check);
    case BTAP_WRITE_MEMORY:
        return check_memory_block(check) && check_payload(check, check->transaction->length);
    case BTAP_READ_MEMORY:
        return check_memory_block(check);
    case BTAP_COMMAND_UNKNOWN:
        return wrong(check, "AN3156 knows no such command");
    case BTAP_SYNC:
    case BTAP_GET_VERSION:
    case BTAP_GET_ID:
    case BTAP_GO:
    case BTAP_EXTENDED_ERASE:
    case BTAP_SPECIAL:
    case BTAP_EXTENDED_SPECIAL:
    case BTAP_WRITE_PROTECT:
    case BTAP_WRITE_UNPROTECT:
    case BTAP_READOUT_PROTECT:
    case BTAP_READOUT_UNPROTECT:
    case BTAP_GET_CHECKSUM:
    case BTAP_COMMAND_COUNT:
        return not_of_this_wire(check);
    }
    return not_of_this_wire(check);
}

/** The opcode must be the command's own: devices take others for it too. */
static bool check_opcode(const struct check *check)
{
    const struct btap_transaction *transaction = check->transaction;
    const struct btap_command_info *info;

    if (!has(check, BTAP_HAS_OPCODE))
        return true;
    info = btap_command_by_opcode(transaction->transport, transaction->opcode);
    return (info != NULL && info->command == transaction->command) ||
           wrong(check, "code 0x%02x is in no note", transaction->opcode);
}

bool check_command(const struct plan_device *device, const struct plan_command *command,
                   char *words)
{
    const struct check check = {device, command, &command->transaction, words};

    words[0] = '\0';
    if (command->payload_length > 0 &&
        !btap_command_has(command->transaction.command, BTAP_TRAIT_WRITES) &&
        command->transaction.command != BTAP_SPECIAL &&
        command->transaction.command != BTAP_EXTENDED_SPECIAL)
        return wrong(&check, "it has data, which this command has not");
    if (!check_opcode(&check))
        return false;
    switch (command->transaction.transport) {
    case BTAP_USART:
        return check_usart(&check);
    case BTAP_DFU:
        return check_dfu(&check);
    case BTAP_FDCAN:
        return check_fdcan(&check);
    case BTAP_TRANSPORT_COUNT:
        break;
    }
    return not_of_this_wire(&check);
}
