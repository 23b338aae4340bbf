/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "boottap/product.h"

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

static const struct btap_product products[] = {
#define PRODUCT_DEF(id, product_name, product_series, mass, erase, start, kib, layout, sram_first, \
                    sram_last, free_ram, system_first, system_last, option_first, option_last)     \
    {.pid = (id),                                                                                  \
     .name = (product_name),                                                                       \
     .series = (product_series),                                                                   \
     .flash_start = (start),                                                                       \
     .flash_size = 1024u * (kib),                                                                  \
     .sectors = (layout),                                                                          \
     .sram = {(sram_first), (sram_last)},                                                          \
     .bootloader_ram_end = (free_ram),                                                             \
     .system_memory = {(system_first), (system_last)},                                             \
     .option_bytes = {(option_first), (option_last)},                                              \
     .mass_erase = BTAP_MASS_ERASE_##mass,                                                         \
     .erase_opcode = (erase)},
#include "model/products.def"
#undef PRODUCT_DEF
};

const struct btap_product *btap_product_by_pid(uint32_t pid)
{
    for (size_t i = 0; i < COUNT_OF(products); i++)
        if (products[i].pid == pid)
            return &products[i];
    return NULL;
}

/** Reads a decimal number, `K` behind it meaning KiB; leaves *text behind it. */
static uint32_t read_size(const char **text)
{
    uint32_t size = 0;

    for (; **text >= '0' && **text <= '9'; (*text)++)
        size = size * 10 + (uint32_t)(**text - '0');
    if (**text != 'K')
        return size;
    (*text)++;
    return size * 1024;
}

/** `2K`: pages of one size, as many as the flash holds */
static bool uniform_page(const struct btap_product *product, uint32_t page, uint32_t index,
                         struct btap_range *sector)
{
    if (page == 0 || index >= product->flash_size / page)
        return false;
    sector->first = product->flash_start + index * page;
    sector->last = sector->first + page - 1;
    return true;
}

/**
 * `4*16K,1*64K,7*128K`, where a bank's sectors end at ')' or the text's end. Takes from *index
 * and adds to *address what lies before the sector.
 */
static bool sector_of_bank(const char *text, uint32_t *index, uint32_t *address,
                           struct btap_range *sector)
{
    while (*text != '\0' && *text != ')') {
        const uint32_t count = read_size(&text);
        uint32_t size;

        if (*text++ != '*')
            return false;
        size = read_size(&text);
        if (*index < count) {
            sector->first = *address + *index * size;
            sector->last = sector->first + size - 1;
            return true;
        }
        *index -= count;
        *address += count * size;
        if (*text == ',')
            text++;
    }
    return false;
}

bool btap_product_sector(const struct btap_product *product, uint32_t index,
                         struct btap_range *sector)
{
    const char *text = product->sectors;
    uint32_t address = product->flash_start;
    uint32_t number = read_size(&text);

    if (*text == '\0')
        return uniform_page(product, number, index, sector);
    if (*text == '*')
        return sector_of_bank(product->sectors, &index, &address, sector);
    /* `2x(...)`: as many banks, one after the other, their sectors numbered through */
    if (text[0] != 'x' || text[1] != '(')
        return false;
    for (; number > 0; number--)
        if (sector_of_bank(text + 2, &index, &address, sector))
            return true;
    return false;
}

/* The code area's share of internal flash. */
#define FLASH_FIRST 0x08000000u
#define FLASH_LAST  0x0fffffffu
/* One-time-programmable memory and option bytes begin here. */
#define OPTIONS_FIRST 0x1ff00000u
/* Arm's address map: external memory */
#define EXTERNAL_FIRST 0x60000000u
#define EXTERNAL_LAST  0x9fffffffu

struct btap_range btap_product_flash(const struct btap_product *product)
{
    if (product == NULL || product->flash_size == 0)
        return (struct btap_range){FLASH_FIRST, FLASH_LAST};
    return (struct btap_range){product->flash_start,
                               product->flash_start + (product->flash_size - 1)};
}

bool btap_memory_lasts(uint32_t address)
{
    return address >= FLASH_FIRST && address <= FLASH_LAST;
}

bool btap_memory_needs_erase(uint32_t address)
{
    return address < OPTIONS_FIRST || (address >= EXTERNAL_FIRST && address <= EXTERNAL_LAST);
}
