/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "memory/erase.h"

#include "boottap/dfuse_layout.h"

/* The code area's share of internal flash, for a mass erase of a device that is not known. */
#define FLASH_FIRST 0x08000000u
#define FLASH_LAST  0x0fffffffu

/** The memory layout that a DFU device tells. @param device NULL if none is known */
static bool parse_layout(const struct btap_usb_device *device, struct btap_layout *layout)
{
    const char *text = device != NULL ? btap_usb_device_layout(device) : NULL;

    if (text == NULL)
        return false;
    btap_layout_parse(text, layout);
    return layout->regions_length > 0;
}

static bool erase(struct image *image, uint64_t first, uint64_t end)
{
    const struct btap_range range = {(uint32_t)first, (uint32_t)(end - 1)};

    return first < end && end <= (uint64_t)UINT32_MAX + 1 && image_erase(image, &range);
}

/** The page around an address. */
static bool erase_page_at(struct image *image, const struct btap_layout *layout, uint32_t address)
{
    const struct btap_layout_region *region = btap_layout_find(layout, address);
    uint32_t first;

    if (region == NULL || region->page_size == 0)
        return false;
    first = address - (address - region->address) % region->page_size;
    return erase(image, first, (uint64_t)first + region->page_size);
}

static bool erase_pages(struct image *image, const struct btap_transaction *transaction,
                        const struct btap_product *product)
{
    const uint32_t kept = btap_transaction_list_kept(transaction);
    bool placed = product != NULL && kept == transaction->list_length;

    for (uint32_t i = 0; product != NULL && i < kept; i++) {
        struct btap_range sector;

        if (!btap_product_sector(product, transaction->list[i], &sector) ||
            !image_erase(image, &sector))
            placed = false;
    }
    return placed;
}

/** A bank is half of the flash; 0 and 1, or both of them. */
static bool erase_banks(struct image *image, const struct btap_product *product, unsigned first,
                        unsigned last)
{
    uint64_t bank;

    if (product == NULL || product->flash_size == 0)
        return false;
    bank = product->flash_size / 2;
    return erase(image, product->flash_start + first * bank,
                 product->flash_start + (last + 1) * bank);
}

static bool erase_layout(struct image *image, const struct btap_layout *layout)
{
    bool placed = true;

    for (uint32_t i = 0; i < layout->regions_length; i++) {
        const struct btap_layout_region *region = &layout->regions[i];

        if (region->erasable &&
            !erase(image, region->address,
                   region->address + (uint64_t)region->pages * region->page_size))
            placed = false;
    }
    return placed;
}

static bool erase_all(struct image *image, const struct btap_product *product,
                      const struct btap_layout *layout)
{
    if (layout != NULL)
        return erase_layout(image, layout);
    return erase_banks(image, product, 0, 1) || erase(image, FLASH_FIRST, (uint64_t)FLASH_LAST + 1);
}

/** @param layout NULL if it is not known */
static bool erase_in_layout(struct image *image, const struct btap_transaction *transaction,
                            const struct btap_product *product, const struct btap_layout *layout)
{
    switch (transaction->erase) {
    case BTAP_ERASE_PAGES:
        return erase_pages(image, transaction, product);
    case BTAP_ERASE_ADDRESS:
        return layout != NULL && erase_page_at(image, layout, transaction->address);
    case BTAP_ERASE_MASS:
        return erase_all(image, product, layout);
    case BTAP_ERASE_BANK1:
        return erase_banks(image, product, 0, 0);
    case BTAP_ERASE_BANK2:
        return erase_banks(image, product, 1, 1);
    default:
        return false;
    }
}

static bool is_unprotect(const struct btap_transaction *transaction)
{
    return transaction->command == BTAP_READOUT_UNPROTECT ||
           transaction->command == BTAP_READ_UNPROTECT;
}

static bool was_performed(const struct btap_transaction *transaction)
{
    for (uint32_t i = 0; i < btap_transaction_notes_kept(transaction); i++)
        if (transaction->notes[i].id == BTAP_NOTE_ERASE_NOT_PERFORMED)
            return false;
    return true;
}

bool erase_happened(const struct btap_transaction *transaction)
{
    if (transaction->status != BTAP_OK)
        return false;
    if (is_unprotect(transaction))
        return true;
    return transaction->erase != BTAP_ERASE_NONE && transaction->erase != BTAP_ERASE_RESERVED &&
           was_performed(transaction);
}

bool erase_apply(struct image *image, const struct btap_transaction *transaction,
                 const struct btap_product *product, const struct btap_usb_device *device)
{
    struct btap_layout layout;

    if (is_unprotect(transaction))
        return erase_all(image, product, NULL);
    return erase_in_layout(image, transaction, product,
                           parse_layout(device, &layout) ? &layout : NULL);
}
