/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What one command did to the device's memory.
 */
#include "boottap/dfuse_layout.h"
#include "session/pages.h"

/** Who wants to know, and what is known of the device. */
struct effects {
    btap_effect_handler *handler;
    void *context;
    const struct btap_product *product;
    const struct btap_usb_device *device;
};

static void emit_erase(const struct effects *effects, enum btap_erase_scope scope,
                       enum btap_extent extent, const struct btap_range *range, uint32_t pages)
{
    const struct btap_effect effect = {
        .kind = BTAP_EFFECT_ERASE,
        .scope = scope,
        .extent = extent,
        .pages = pages,
        .range = range != NULL ? *range : (struct btap_range){0},
    };

    effects->handler(effects->context, &effect);
}

static void erase_pages(const struct effects *effects, const struct btap_transaction *transaction)
{
    const uint32_t kept = btap_transaction_list_kept(transaction);
    uint32_t unplaced = transaction->list_length - kept;

    for (uint32_t i = 0; i < kept; i++) {
        struct btap_range sector;

        if (effects->product != NULL &&
            btap_product_sector(effects->product, transaction->list[i], &sector))
            emit_erase(effects, BTAP_SCOPE_PAGE, BTAP_EXTENT_EXACT, &sector, 1);
        else
            unplaced++;
    }
    if (unplaced > 0)
        emit_erase(effects, BTAP_SCOPE_PAGE, BTAP_EXTENT_UNKNOWN, NULL, unplaced);
}

/** The page around an address: AN3156 section 5.3 lets the host name any of its bytes. */
static void erase_page_at(const struct effects *effects, uint32_t address)
{
    struct btap_range page = {address, address};
    const bool known = session_page_at(NULL, effects->device, address, &page);

    emit_erase(effects, BTAP_SCOPE_PAGE, known ? BTAP_EXTENT_EXACT : BTAP_EXTENT_AT, &page, 1);
}

/** Every region that the layout calls erasable. @return false if there is none */
static bool erase_layout(const struct effects *effects)
{
    const char *text = session_layout_of(effects->device);
    struct btap_layout layout;
    bool any = false;

    if (text == NULL)
        return false;
    btap_layout_parse(text, &layout);
    for (uint32_t i = 0; i < layout.regions_length; i++) {
        const struct btap_layout_region *region = &layout.regions[i];
        const uint64_t size = (uint64_t)region->pages * region->page_size;
        const uint64_t last = region->address + size - 1;
        const struct btap_range range = {region->address,
                                         last > UINT32_MAX ? UINT32_MAX : (uint32_t)last};

        if (!region->erasable || size == 0)
            continue;
        emit_erase(effects, BTAP_SCOPE_MASS, BTAP_EXTENT_EXACT, &range, 0);
        any = true;
    }
    return any;
}

/** All of the flash, which is at most as large as the product's largest. */
static void erase_flash(const struct effects *effects, enum btap_erase_scope scope)
{
    const struct btap_range flash = btap_product_flash(effects->product);

    emit_erase(effects, scope, BTAP_EXTENT_WITHIN, &flash, 0);
}

/** A bank is half of the flash. @param bank 0 or 1 */
static void erase_bank(const struct effects *effects, uint32_t bank)
{
    const uint32_t size = effects->product != NULL ? effects->product->flash_size / 2 : 0;
    const uint32_t first = size > 0 ? effects->product->flash_start + bank * size : 0;
    const struct btap_range range = {first, first + size - 1};

    if (size > 0)
        emit_erase(effects, BTAP_SCOPE_BANK, BTAP_EXTENT_WITHIN, &range, 0);
    else
        emit_erase(effects, BTAP_SCOPE_BANK, BTAP_EXTENT_UNKNOWN, NULL, 0);
}

static void erase(const struct effects *effects, const struct btap_transaction *transaction)
{
    switch (transaction->erase) {
    case BTAP_ERASE_PAGES:
        erase_pages(effects, transaction);
        return;
    case BTAP_ERASE_ADDRESS:
        erase_page_at(effects, transaction->address);
        return;
    case BTAP_ERASE_MASS:
        if (!erase_layout(effects))
            erase_flash(effects, BTAP_SCOPE_MASS);
        return;
    case BTAP_ERASE_BANK1:
        erase_bank(effects, 0);
        return;
    case BTAP_ERASE_BANK2:
        erase_bank(effects, 1);
        return;
    case BTAP_ERASE_NONE:
    case BTAP_ERASE_RESERVED:
        return;
    }
}

static void transfer(const struct effects *effects, const struct btap_transaction *transaction,
                     uint32_t length, enum btap_effect_kind kind)
{
    const uint32_t room = UINT32_MAX - transaction->address;
    const uint32_t more = length > 0 ? length - 1 : 0;
    const struct btap_effect effect = {
        .kind = kind,
        .range = {transaction->address, transaction->address + (more < room ? more : room)},
        .extent = (transaction->has & BTAP_HAS_ADDRESS) == 0 ? BTAP_EXTENT_UNKNOWN
                  : length > 0                               ? BTAP_EXTENT_EXACT
                                                             : BTAP_EXTENT_AT,
    };

    effects->handler(effects->context, &effect);
}

/** @param length bytes, of a command that moves some */
static void emit(const struct effects *effects, const struct btap_transaction *transaction,
                 uint32_t length)
{
    const enum btap_command command = transaction->command;

    /* The phase of an STM32MP is no memory. */
    if ((transaction->has & BTAP_HAS_PARTITION) && transaction->partition == BTAP_PARTITION_COMMAND)
        return;
    if (btap_command_has(command, BTAP_TRAIT_WIPES))
        erase_flash(effects, BTAP_SCOPE_UNPROTECT);
    else if (btap_command_has(command, BTAP_TRAIT_ERASES))
        erase(effects, transaction);
    else if (btap_command_has(command, BTAP_TRAIT_WRITES))
        transfer(effects, transaction, length, BTAP_EFFECT_WRITE);
    else if (btap_command_has(command, BTAP_TRAIT_READS))
        transfer(effects, transaction, length, BTAP_EFFECT_READ);
}

bool btap_transaction_erases(const struct btap_transaction *transaction)
{
    if (transaction->status != BTAP_OK)
        return false;
    for (uint32_t i = 0; i < btap_transaction_notes_kept(transaction); i++)
        if (transaction->notes[i].id == BTAP_NOTE_ERASE_NOT_PERFORMED)
            return false;
    return btap_command_has(transaction->command, BTAP_TRAIT_WIPES) ||
           (transaction->erase != BTAP_ERASE_NONE && transaction->erase != BTAP_ERASE_RESERVED);
}

void btap_transaction_effects(const struct btap_transaction *transaction,
                              const struct btap_product *product,
                              const struct btap_usb_device *device, btap_effect_handler *handler,
                              void *context)
{
    const struct effects effects = {handler, context, product, device};

    const bool moves = btap_command_has(transaction->command, BTAP_TRAIT_WRITES | BTAP_TRAIT_READS);

    if (moves ? transaction->status == BTAP_OK && transaction->transferred > 0
              : btap_transaction_erases(transaction))
        emit(&effects, transaction, transaction->transferred);
}

void btap_transaction_targets(const struct btap_transaction *transaction,
                              const struct btap_product *product,
                              const struct btap_usb_device *device, btap_effect_handler *handler,
                              void *context)
{
    const struct effects effects = {handler, context, product, device};

    emit(&effects, transaction,
         transaction->transferred > 0 ? transaction->transferred : transaction->length);
}
