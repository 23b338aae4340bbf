/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Sections are those of AN3155 (USART) and AN5405 (FDCAN).
 */
#include "replay/check_parts.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "replay/reach.h"

bool check_wrong(const struct check *check, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(check->words, CHECK_WORDS_SIZE, format, arguments);
    va_end(arguments);
    return false;
}

bool check_no_command(const struct check *check)
{
    return check_wrong(check, "no command of this wire");
}

bool check_has(const struct check *check, uint32_t members)
{
    return (check->transaction->has & members) == members;
}

bool check_address(const struct check *check)
{
    return check_has(check, BTAP_HAS_ADDRESS) ||
           check_wrong(check, "the capture does not hold its address");
}

bool check_range(const struct check *check, uint32_t min, uint32_t max)
{
    const uint32_t length = check->transaction->length;

    if (!check_address(check))
        return false;
    if (!check_has(check, BTAP_HAS_LENGTH))
        return check_wrong(check, "the capture does not hold its length");
    if (length < min || length > max)
        return check_wrong(check, "%" PRIu32 " bytes; it can have %" PRIu32 " to %" PRIu32, length,
                           min, max);
    if (length - 1 > UINT32_MAX - check->transaction->address)
        return check_wrong(check, "it reaches above the last address");
    return true;
}

bool check_payload(const struct check *check, uint32_t length)
{
    return (check->command->payload_length == length &&
            (length == 0 || check->command->payload != NULL)) ||
           check_wrong(check, "the capture holds %" PRIu32 " of its %" PRIu32 " bytes",
                       check->command->payload != NULL ? check->command->payload_length : 0,
                       length);
}

/** A list that is sent whole, of so many entries at most. */
static bool check_whole_list(const struct check *check, enum btap_list kind, uint32_t max)
{
    const struct btap_transaction *transaction = check->transaction;

    if (transaction->list_kind != kind)
        return check_wrong(check, "the capture does not hold its list");
    if (transaction->list_length > BTAP_LIST_MAX)
        return check_wrong(check, "%" PRIu32 " entries are more than are kept (%d)",
                           transaction->list_length, BTAP_LIST_MAX);
    if (transaction->list_length != transaction->list_announced)
        return check_wrong(check,
                           "the capture holds %" PRIu32 " of the %" PRIu32 " entries of its list",
                           transaction->list_length, transaction->list_announced);
    if (transaction->list_length == 0 || transaction->list_length > max)
        return check_wrong(check, "a list of %" PRIu32 "; it can have 1 to %" PRIu32,
                           transaction->list_length, max);
    return true;
}

static bool check_entries(const struct check *check, uint16_t max)
{
    const struct btap_transaction *transaction = check->transaction;

    for (uint32_t i = 0; i < transaction->list_length; i++)
        if (transaction->list[i] > max)
            return check_wrong(check, "number %u in its list; %u is the highest",
                               transaction->list[i], max);
    return true;
}

bool check_list(const struct check *check, enum btap_list kind, uint32_t max, uint16_t highest)
{
    return check_whole_list(check, kind, max) && check_entries(check, highest);
}

/** Whether the product may have the page. The numbers of a second bank may begin behind a gap. */
static bool has_page(const struct btap_product *product, uint32_t page)
{
    const bool banks = strncmp(product->sectors, "2x(", 3) == 0;
    struct btap_range sector;

    return btap_product_sector(product, banks ? page / 2 : page, &sector);
}

static bool check_pages_of_product(const struct check *check)
{
    const struct btap_product *product = check->device->product;
    const struct btap_transaction *transaction = check->transaction;
    struct btap_range sector;

    if (product == NULL || !btap_product_sector(product, 0, &sector))
        return true;
    for (uint32_t i = 0; i < transaction->list_length; i++)
        if (!has_page(product, transaction->list[i]))
            return check_wrong(check, "page %u, which the %s does not have", transaction->list[i],
                               product->name);
    return true;
}

/** Page numbers; of a command that is sent without them their number only. */
static bool check_pages(const struct check *check, uint32_t max, uint16_t highest)
{
    const uint32_t announced = check->transaction->list_announced;

    if (!reach_is_short(check->transaction))
        return check_list(check, BTAP_LIST_PAGES, max, highest) && check_pages_of_product(check);
    return (announced > 0 && announced <= max) ||
           check_wrong(check, "a list of %" PRIu32 "; it can have 1 to %" PRIu32, announced, max);
}

bool check_erase(const struct check *check, uint32_t max, uint16_t highest, bool banks)
{
    switch (check->transaction->erase) {
    case BTAP_ERASE_PAGES:
        return check_pages(check, max, highest);
    case BTAP_ERASE_MASS:
        return true;
    case BTAP_ERASE_BANK1:
    case BTAP_ERASE_BANK2:
        return banks || check_wrong(check, "this command cannot erase a bank");
    case BTAP_ERASE_RESERVED:
        return check_wrong(check, "its erase code is reserved");
    case BTAP_ERASE_NONE:
    case BTAP_ERASE_ADDRESS:
        return check_wrong(check, "the capture does not hold what it erases");
    }
    return false;
}

/** USART 3.14, 3.15; FDCAN 3.12, 3.13 */
bool check_special(const struct check *check)
{
    const struct btap_transaction *transaction = check->transaction;
    const bool extended = transaction->command == BTAP_EXTENDED_SPECIAL;
    const uint32_t second = extended ? transaction->sent2_length : 0;

    if (!check_has(check, BTAP_HAS_SUBCOMMAND))
        return check_wrong(check, "the capture does not hold its sub-command");
    if (reach_is_short(check->transaction))
        return true;
    if (transaction->sent_length > CHECK_SPECIAL_MAX)
        return check_wrong(check, "%u bytes of data; it can have %d", transaction->sent_length,
                           CHECK_SPECIAL_MAX);
    if (second > CHECK_SPECIAL2_MAX)
        return check_wrong(check, "%" PRIu32 " bytes in its second packet; it can have %d", second,
                           CHECK_SPECIAL2_MAX);
    return check_payload(check, transaction->sent_length + second);
}

bool check_nothing_more(const struct check *check)
{
    (void)check;
    return true;
}

bool check_by_rule(const struct check *check, const check_rule *rules, const char *note)
{
    const enum btap_command command = check->transaction->command;

    if (command == BTAP_COMMAND_UNKNOWN)
        return check_wrong(check, "%s knows no such command", note);
    return rules[command] != NULL ? rules[command](check) : check_no_command(check);
}
