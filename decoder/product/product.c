/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "boottap/product.h"

#include <string.h>

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
#include "product/products.def"
#undef PRODUCT_DEF
};

const struct btap_product *btap_product_by_pid(uint32_t pid)
{
    for (size_t i = 0; i < COUNT_OF(products); i++)
        if (products[i].pid == pid)
            return &products[i];
    return NULL;
}

/* UM0560 and the ROM of the STM8S208: 1 KB sectors from 0x8000 on; read-out protection has the ROM
 * start the program at once, so that a bootloader that answers is not protected. */
#define STM8_DEF(words, kib)                                                                       \
    {                                                                                              \
        .name = (words), .series = "STM8", .flash_start = 0x8000, .flash_size = 1024u * (kib),     \
        .sectors = "1K", .sram = {0, 0x17ff}, .bootloader_ram_end = BTAP_STM8_ROUTINES,            \
        .system_memory = {0x6000, 0x67ff}, .option_bytes = {0x4800, 0x48ff},                       \
        .mass_erase = BTAP_MASS_ERASE_YES, .erase_opcode = 0x43                                    \
    }

static const struct btap_product stm8_small = STM8_DEF("STM8, up to 32 KB", 32);
static const struct btap_product stm8_large = STM8_DEF("STM8, up to 128 KB", 128);

bool btap_product_lists_stm8(const uint32_t commands[8])
{
    static const uint8_t opcodes[] = {0x00, 0x11, 0x21, 0x31, 0x43};
    uint32_t list[8] = {0};

    for (size_t i = 0; i < sizeof(opcodes); i++)
        list[opcodes[i] / 32] |= 1u << opcodes[i] % 32;
    return memcmp(list, commands, sizeof(list)) == 0;
}

const struct btap_product *btap_product_stm8(uint8_t version)
{
    return version >> 4 == 2 ? &stm8_large : &stm8_small;
}

bool btap_product_is_stm8(const struct btap_product *product)
{
    return product == &stm8_small || product == &stm8_large;
}

const char *btap_family_name(enum btap_family family)
{
    switch (family) {
    case BTAP_FAMILY_STM32:
        return "STM32";
    case BTAP_FAMILY_STM8:
        return "STM8";
    case BTAP_FAMILY_STM32MP:
        return "STM32MP";
    case BTAP_FAMILY_COUNT:
        break;
    }
    return "unknown";
}

/** Programming of all products of a series, or of one of them. */
struct series_programming {
    const char *series;
    uint16_t pid; /**< 0: all that no line before names */
    struct btap_programming programming;
};

/* The F2, F4 and F7 take one to eight bytes, as their supply allows: any address will do. */
static const struct series_programming programmings[] = {
    {"C0", 0, {.unit = 8, .erased = 0xff, .once = true}},
    {"F0", 0, {.unit = 2, .erased = 0xff}},
    {"F1", 0, {.unit = 2, .erased = 0xff}},
    {"F2", 0, {.unit = 1, .erased = 0xff}},
    {"F3", 0, {.unit = 2, .erased = 0xff}},
    {"F4", 0, {.unit = 1, .erased = 0xff}},
    {"F7", 0, {.unit = 1, .erased = 0xff}},
    {"G0", 0, {.unit = 8, .erased = 0xff, .once = true, .certain = true}},
    {"G4", 0, {.unit = 8, .erased = 0xff, .once = true}},
    {"H5", 0, {.unit = 16, .erased = 0xff, .once = true, .certain = true}},
    {"H7", 0x480, {.unit = 16, .erased = 0xff, .once = true, .certain = true}},
    {"H7",
     0x483,
     {.unit = 32, .erased = 0xff, .once = true, .certain = true, .lost_after_read = 32}},
    {"H7", 0, {.unit = 32, .erased = 0xff, .once = true, .certain = true}},
    {"L0", 0, {.unit = 4, .erased = 0x00}},
    {"L1", 0, {.unit = 4, .erased = 0x00}},
    {"L4", 0, {.unit = 8, .erased = 0xff, .once = true}},
    {"L4+", 0, {.unit = 8, .erased = 0xff, .once = true}},
    {"L5", 0, {.unit = 8, .erased = 0xff, .once = true, .certain = true}},
    {"U0", 0, {.unit = 8, .erased = 0xff, .once = true}},
    {"U3", 0, {.unit = 8, .erased = 0xff, .once = true, .certain = true}},
    {"U5", 0, {.unit = 16, .erased = 0xff, .once = true, .certain = true}},
    {"WB", 0, {.unit = 8, .erased = 0xff, .once = true}},
    {"WBA", 0, {.unit = 16, .erased = 0xff, .once = true}},
    {"WL", 0, {.unit = 8, .erased = 0xff, .once = true}},
};

const struct btap_programming *btap_product_programming(const struct btap_product *product)
{
    if (product == NULL)
        return NULL;
    for (size_t i = 0; i < COUNT_OF(programmings); i++)
        if (strcmp(programmings[i].series, product->series) == 0 &&
            (programmings[i].pid == 0 || programmings[i].pid == product->pid))
            return &programmings[i].programming;
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

bool btap_product_page(const struct btap_product *product, uint32_t address,
                       struct btap_range *page)
{
    struct btap_range sector;

    for (uint32_t i = 0; btap_product_sector(product, i, &sector); i++)
        if (address >= sector.first && address <= sector.last) {
            *page = sector;
            return true;
        }
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

/* STM8S and STM8A: behind the RAM; option bytes change what the ROM makes of them. */
#define STM8_EEPROM_FIRST 0x4000u

bool btap_product_lasts(const struct btap_product *product, uint32_t address)
{
    if (!btap_product_is_stm8(product))
        return btap_memory_lasts(address);
    return (address >= STM8_EEPROM_FIRST && address < product->option_bytes.first) ||
           (address >= product->flash_start && address < BTAP_STM8_END);
}

/* L0, L1: data EEPROM. H5, H7A3: OTP. From the H5's data flash on, other things follow. */
static const struct btap_range not_code[] = {
    {0x08080000u, 0x08083fffu},
    {0x08fff000u, 0x08ffffffu},
    {0x09000000u, FLASH_LAST},
};

bool btap_memory_only_flash(uint32_t address)
{
    for (size_t i = 0; i < COUNT_OF(not_code); i++)
        if (address >= not_code[i].first && address <= not_code[i].last)
            return false;
    return btap_memory_lasts(address);
}

bool btap_memory_needs_erase(uint32_t address)
{
    return address < OPTIONS_FIRST || (address >= EXTERNAL_FIRST && address <= EXTERNAL_LAST);
}
