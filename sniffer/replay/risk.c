/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "replay/risk.h"

#include <inttypes.h>
#include <stdio.h>

#include "replay/places.h"
#include "replay/reach.h"

/** Of a command that changes a protection. */
static uint32_t protection_needs(enum btap_command command)
{
    return command == BTAP_READOUT_PROTECT || command == BTAP_WRITE_PROTECT ? PLAN_PROTECT
                                                                            : PLAN_UNPROTECT;
}

/** Whether what the command does is the product's own, or in no note. */
static bool is_special(enum btap_command command)
{
    return command == BTAP_SPECIAL || command == BTAP_EXTENDED_SPECIAL ||
           command == BTAP_COMMAND_UNKNOWN;
}

uint32_t risk_needs(const struct btap_transaction *transaction)
{
    const enum btap_command command = transaction->command;
    uint32_t needs = 0;

    if (is_special(command))
        needs |= PLAN_SPECIAL;
    if (btap_command_has(command, BTAP_TRAIT_WRITES))
        needs |= PLAN_WRITE;
    if (btap_command_has(command, BTAP_TRAIT_ERASES))
        needs |= PLAN_ERASE;
    if (btap_command_has(command, BTAP_TRAIT_PROTECTS | BTAP_TRAIT_WIPES))
        needs |= protection_needs(command);
    if (btap_command_has(command, BTAP_TRAIT_STARTS | BTAP_TRAIT_LEAVES))
        needs |= command == BTAP_GO ? PLAN_GO : PLAN_LEAVE;
    return needs;
}

/** Where a command writes or erases; PLACE_UNKNOWN where no address tells. */
static enum place target_of(const struct plan_device *device,
                            const struct btap_transaction *transaction)
{
    const uint32_t more = (transaction->has & BTAP_HAS_LENGTH) != 0 && transaction->length > 0
                              ? transaction->length - 1
                              : 0;

    if ((transaction->has & BTAP_HAS_ADDRESS) == 0 || more > UINT32_MAX - transaction->address)
        return PLACE_UNKNOWN;
    return place_of(device, transaction->transport, transaction->alternate, transaction->address,
                    transaction->address + more);
}

static enum plan_risk write_risk(const struct plan_device *device,
                                 const struct btap_transaction *transaction)
{
    switch (target_of(device, transaction)) {
    case PLACE_FLASH:
    case PLACE_RAM:
        return PLAN_CHANGES;
    case PLACE_OPTION_BYTES:
    case PLACE_OTP:
    case PLACE_OPTIONS_OR_OTP:
    case PLACE_FLASH_REGISTERS:
    case PLACE_REGISTERS:
    case PLACE_OTHER_MEMORY:
    case PLACE_UNKNOWN:
    case PLACE_COUNT:
        return PLAN_IRREVERSIBLE;
    }
    return PLAN_IRREVERSIBLE;
}

/** A DFU device erases whatever memory the alternate setting stands for. */
static enum plan_risk erase_risk(const struct plan_device *device,
                                 const struct btap_transaction *transaction)
{
    const char *name;

    if (transaction->transport != BTAP_DFU)
        return PLAN_CHANGES;
    if (transaction->erase == BTAP_ERASE_ADDRESS)
        return target_of(device, transaction) == PLACE_FLASH ? PLAN_CHANGES : PLAN_IRREVERSIBLE;
    name = place_alternate_name(device, transaction->alternate);
    return name == NULL || place_of_alternate(device, transaction->alternate) == PLACE_FLASH
               ? PLAN_CHANGES
               : PLAN_IRREVERSIBLE;
}

enum plan_risk risk_of(const struct plan_device *device, const struct btap_transaction *transaction)
{
    const uint32_t needs = risk_needs(transaction);

    if (needs == 0)
        return PLAN_ASKS;
    if (reach_is_harmless(transaction))
        return PLAN_CHANGES;
    if ((needs & PLAN_SPECIAL) != 0)
        return PLAN_IRREVERSIBLE;
    if ((needs & (PLAN_PROTECT | PLAN_UNPROTECT)) != 0)
        return PLAN_CONFIRM;
    if ((needs & PLAN_WRITE) != 0)
        return write_risk(device, transaction);
    if ((needs & PLAN_ERASE) != 0)
        return erase_risk(device, transaction);
    return PLAN_CHANGES;
}

struct risk_lack risk_lacks(uint32_t allowed, bool confirmed, bool irreversible, uint32_t needs,
                            enum plan_risk risk)
{
    return (struct risk_lack){
        .permissions = needs & ~allowed,
        .confirmation = risk >= PLAN_CONFIRM && !confirmed,
        .irreversible = risk >= PLAN_IRREVERSIBLE && !irreversible,
    };
}

bool risk_knows_device(enum btap_transport transport, const struct plan_device *device)
{
    switch (transport) {
    case BTAP_USART:
    case BTAP_FDCAN:
    case BTAP_CAN:
        return device->product != NULL;
    case BTAP_DFU:
        return device->usb_known && device->usb.descriptor_known;
    case BTAP_TRANSPORT_COUNT:
        return false;
    }
    return false;
}

/* Words */

static void tell_write(const struct plan_device *device, const struct btap_transaction *transaction,
                       char *words, size_t size)
{
    const enum place place = target_of(device, transaction);
    const uint32_t length = transaction->length;
    const char *may_stay = place == PLACE_FLASH || place == PLACE_RAM
                               ? ""
                               : ": what that does may be impossible to undo";

    if (transaction->command == BTAP_DOWNLOAD && length == 0)
        snprintf(words, size, "ends the image, which the device then takes over%s", may_stay);
    else if ((transaction->has & BTAP_HAS_ADDRESS) == 0)
        snprintf(words, size, "writes %" PRIu32 " bytes where the device chooses%s", length,
                 may_stay);
    else
        snprintf(words, size, "writes %" PRIu32 " byte%s to %s (0x%08" PRIx32 "-0x%08" PRIx32 ")%s",
                 length, length == 1 ? "" : "s", place_words(place), transaction->address,
                 transaction->address + (length > 0 ? length - 1 : 0), may_stay);
}

/** The lowest and the highest entry of the list, and whether all between are in it in order. */
struct list_span {
    uint16_t lowest;
    uint16_t highest;
    bool whole;
};

static struct list_span span_of(const struct btap_transaction *transaction)
{
    const uint32_t kept = btap_transaction_list_kept(transaction);
    struct list_span span = {UINT16_MAX, 0, true};

    for (uint32_t i = 0; i < kept; i++) {
        if (transaction->list[i] < span.lowest)
            span.lowest = transaction->list[i];
        if (transaction->list[i] > span.highest)
            span.highest = transaction->list[i];
        span.whole &= i == 0 || transaction->list[i] == transaction->list[i - 1] + 1;
    }
    return span;
}

static void tell_pages(const struct plan_device *device, const struct btap_transaction *transaction,
                       char *words, size_t size)
{
    const struct list_span span = span_of(transaction);
    struct btap_range first;
    struct btap_range last;
    char where[32] = "";

    if (transaction->list_length == 0) {
        snprintf(words, size, "erases pages, which ones is not known");
        return;
    }
    if (device->product != NULL && btap_product_sector(device->product, span.lowest, &first) &&
        btap_product_sector(device->product, span.highest, &last))
        snprintf(where, sizeof(where), " (0x%08" PRIx32 "-0x%08" PRIx32 ")", first.first,
                 last.last);
    if (span.lowest == span.highest)
        snprintf(words, size, "erases page %u%s", span.lowest, where);
    else
        snprintf(words, size, "erases %s%" PRIu32 " pages%s %u-%u%s", span.whole ? "the " : "",
                 transaction->list_length, span.whole ? "" : " among", span.lowest, span.highest,
                 where);
}

static void tell_erase(const struct plan_device *device, const struct btap_transaction *transaction,
                       char *words, size_t size)
{
    switch (transaction->erase) {
    case BTAP_ERASE_PAGES:
        tell_pages(device, transaction, words, size);
        return;
    case BTAP_ERASE_ADDRESS:
        snprintf(words, size, "erases the page at 0x%08" PRIx32 " in %s", transaction->address,
                 place_words(target_of(device, transaction)));
        return;
    case BTAP_ERASE_MASS:
        snprintf(words, size, "erases the whole flash");
        return;
    case BTAP_ERASE_BANK1:
        snprintf(words, size, "erases bank 1 of the flash");
        return;
    case BTAP_ERASE_BANK2:
        snprintf(words, size, "erases bank 2 of the flash");
        return;
    case BTAP_ERASE_NONE:
    case BTAP_ERASE_RESERVED:
        snprintf(words, size, "erases what cannot be told");
        return;
    }
}

static void tell_write_protect(const struct btap_transaction *transaction, char *words, size_t size)
{
    const struct list_span span = span_of(transaction);

    if (transaction->list_length == 0)
        snprintf(words, size, "write-protects sectors, which ones is not known; the device resets");
    else
        snprintf(words, size,
                 "write-protects %" PRIu32 " sector%s%s %u-%u of the flash and unprotects all "
                 "others; the device resets",
                 transaction->list_length, transaction->list_length == 1 ? "" : "s",
                 span.whole ? "," : " among", span.lowest, span.highest);
}

static void tell_special(const struct btap_transaction *transaction, char *words, size_t size)
{
    if ((transaction->has & BTAP_HAS_SUBCOMMAND) != 0)
        snprintf(words, size,
                 "does what the product's own sub-command 0x%04x does, which no note tells: it may "
                 "be impossible to undo",
                 transaction->subcommand);
    else
        snprintf(words, size, "does what no note tells: it may be impossible to undo");
}

/** Where the program starts. */
static void tell_start(const struct btap_transaction *transaction, char *words, size_t size)
{
    if ((transaction->has & BTAP_HAS_ADDRESS) != 0)
        snprintf(words, size, "leaves the bootloader and starts the program at 0x%08" PRIx32,
                 transaction->address);
    else
        snprintf(words, size, "leaves the bootloader and starts the program");
}

/** What is not sent to its end; nothing of what only reads. */
static void tell_part(const struct btap_transaction *transaction, char *words, size_t size)
{
    char part[REACH_WORDS_SIZE];

    if (risk_needs(transaction) != 0)
        snprintf(words, size, "%s%s", reach_words(transaction, part, sizeof(part)),
                 reach_is_harmless(transaction) ? ""
                                                : ": what that does may be impossible to undo");
}

const char *risk_words(const struct plan_device *device, const struct btap_transaction *transaction,
                       char *words, size_t size)
{
    const enum btap_command command = transaction->command;

    words[0] = '\0';
    if (reach_is_short(transaction))
        tell_part(transaction, words, size);
    else if (is_special(command))
        tell_special(transaction, words, size);
    else if (btap_command_has(command, BTAP_TRAIT_WIPES))
        snprintf(words, size,
                 "removes the read protection, which erases the whole flash; the device resets");
    else if (command == BTAP_READOUT_PROTECT)
        snprintf(words, size,
                 "sets the read protection (level 1): from then on only an erase of the whole "
                 "flash makes the device readable and writable again; it resets");
    else if (command == BTAP_WRITE_PROTECT)
        tell_write_protect(transaction, words, size);
    else if (btap_command_has(command, BTAP_TRAIT_PROTECTS))
        snprintf(words, size, "removes the write protection of all sectors; the device resets");
    else if (btap_command_has(command, BTAP_TRAIT_WRITES))
        tell_write(device, transaction, words, size);
    else if (btap_command_has(command, BTAP_TRAIT_ERASES))
        tell_erase(device, transaction, words, size);
    else if (btap_command_has(command, BTAP_TRAIT_STARTS))
        tell_start(transaction, words, size);
    else if (btap_command_has(command, BTAP_TRAIT_LEAVES))
        snprintf(words, size, "leaves DFU mode");
    return words;
}
