/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "simulate/memory.h"

#include <string.h>

#define PROTECTED_BLOCK (4u * 1024)
#define LARGE_SECTOR    (16u * 1024)

static void default_options(struct sim_memory *memory)
{
    for (size_t i = 0; i < memory->options_size; i++)
        memory->options[i] = (i % 2) ? 0x55 : 0xAA;
}

void sim_memory_fill(struct sim_memory *memory)
{
    memset(memory->flash, memory->erased, memory->flash_size);
    memset(memory->ram, 0, memory->ram_size);
    for (size_t i = 0; i < memory->system_size; i++)
        memory->system[i] = (uint8_t)(i * 7 + 3);
    default_options(memory);
}

void sim_memory_init(struct sim_memory *memory, struct sim_room *room, uint32_t flash_size,
                     uint32_t page_size)
{
    *memory = (struct sim_memory){
        .flash_start = SIM_FLASH_START,
        .flash_size = flash_size,
        .flash = room->flash,
        .ram_start = SIM_RAM_START,
        .ram_size = SIM_RAM_SIZE,
        .ram = room->ram,
        .system_start = SIM_SYSTEM_START,
        .system_size = SIM_SYSTEM_SIZE,
        .system = room->system,
        .options_start = 0x1FFF7800,
        .options_size = SIM_OPTIONS_SIZE,
        .options = room->options,
        .runs = {{flash_size / page_size, page_size}},
        .erased = 0xFF,
    };
    sim_memory_fill(memory);
}

static bool in_flash(const struct sim_memory *memory, uint32_t address)
{
    return address - memory->flash_start < memory->flash_size;
}

static bool in_ram(const struct sim_memory *memory, uint32_t address)
{
    return address - memory->ram_start < memory->ram_size &&
           address - memory->ram_start >= memory->ram_reserved;
}

static bool in_options(const struct sim_memory *memory, uint32_t address)
{
    return address - memory->options_start < memory->options_size;
}

/** The byte that an address names; NULL if none. */
static const uint8_t *locate(const struct sim_memory *memory, uint32_t address)
{
    if (in_flash(memory, address))
        return &memory->flash[address - memory->flash_start];
    if (in_ram(memory, address))
        return &memory->ram[address - memory->ram_start];
    if (address - memory->system_start < memory->system_size)
        return &memory->system[address - memory->system_start];
    if (in_options(memory, address))
        return &memory->options[address - memory->options_start];
    return NULL;
}

bool sim_memory_valid(const struct sim_memory *memory, uint32_t address, bool for_write)
{
    if (for_write && address - memory->system_start < memory->system_size)
        return false;
    /* AN3155 section 3.6: option bytes are written from their start */
    if (for_write && memory->is_part && in_options(memory, address))
        return address == memory->options_start;
    return locate(memory, address) != NULL;
}

bool sim_memory_starts(const struct sim_memory *memory, uint32_t address)
{
    if (memory->is_part)
        return in_flash(memory, address) || in_ram(memory, address);
    return sim_memory_valid(memory, address, false);
}

void sim_memory_read(const struct sim_memory *memory, uint32_t address, uint8_t *bytes,
                     size_t length)
{
    for (size_t i = 0; i < length; i++) {
        const uint8_t *byte = locate(memory, address + (uint32_t)i);
        bytes[i] = byte ? *byte : 0xFF;
    }
}

/** The sector with a number: where it starts and its size; false: there is none. */
static bool numbered(const struct sim_memory *memory, uint32_t number, uint32_t *start,
                     uint32_t *size)
{
    *start = memory->flash_start;
    for (size_t i = 0; i < SIM_RUNS_MAX; i++) {
        const struct sim_run *run = &memory->runs[i];
        if (number < run->count) {
            *start += number * run->size;
            *size = run->size;
            return true;
        }
        number -= run->count;
        *start += run->count * run->size;
    }
    return false;
}

bool sim_memory_sector(const struct sim_memory *memory, uint32_t address, uint32_t *start,
                       uint32_t *size)
{
    *start = memory->flash_start;
    for (size_t i = 0; i < SIM_RUNS_MAX; i++) {
        const struct sim_run *run = &memory->runs[i];
        if (run->count && address >= *start && address - *start < run->count * run->size) {
            *start += (address - *start) / run->size * run->size;
            *size = run->size;
            return true;
        }
        *start += run->count * run->size;
    }
    return false;
}

/* -- write protection -- */

static bool blocks_are_sectors(const struct sim_memory *memory)
{
    return memory->runs[1].count > 0 || memory->runs[0].size >= LARGE_SECTOR;
}

/** Number of the sector that begins at an address. */
static uint32_t number_of(const struct sim_memory *memory, uint32_t address)
{
    uint32_t number = 0;
    uint32_t start;
    uint32_t size;

    while (numbered(memory, number, &start, &size) && start + size <= address)
        number++;
    return number;
}

static bool is_protected(const struct sim_memory *memory, uint32_t address)
{
    uint32_t block = blocks_are_sectors(memory) ? number_of(memory, address)
                                                : (address - memory->flash_start) / PROTECTED_BLOCK;

    if (block >= SIM_BLOCKS)
        block = SIM_BLOCKS - 1;
    return memory->blocks[block / 8] >> block % 8 & 1;
}

static bool has_protection(const struct sim_memory *memory)
{
    for (size_t i = 0; i < sizeof(memory->blocks); i++)
        if (memory->blocks[i] != 0)
            return true;
    return false;
}

void sim_memory_protect(struct sim_memory *memory, const uint8_t *numbers, size_t length)
{
    sim_memory_protect_all(memory, false);
    for (size_t i = 0; i < length; i++)
        memory->blocks[numbers[i] / 8] |= (uint8_t)(1u << numbers[i] % 8);
}

void sim_memory_protect_all(struct sim_memory *memory, bool on)
{
    memset(memory->blocks, on ? 0xFF : 0, sizeof(memory->blocks));
}

/* -- programming -- */

/** Whether flash takes what is written: whole units, each erased. */
static bool takes_unit(const struct sim_memory *memory, uint32_t at, const uint32_t from,
                       size_t length)
{
    const uint32_t unit = at / memory->unit * memory->unit;

    if (unit < from || unit + memory->unit > from + length)
        return false;
    for (uint32_t i = unit; i < unit + memory->unit; i++)
        if (memory->flash[i] != memory->erased)
            return false;
    return true;
}

static void program(struct sim_memory *memory, uint32_t at, uint8_t byte)
{
    if (memory->erased == 0)
        memory->flash[at] |= byte;
    else
        memory->flash[at] &= byte;
    memory->changed = true;
}

static void program_all(struct sim_memory *memory, uint32_t from, const uint8_t *bytes,
                        size_t length)
{
    const bool may_refuse = has_protection(memory);
    bool takes = true;

    for (uint32_t at = from; at < from + length && at < memory->flash_size; at++) {
        if (memory->unit > 1 && (at == from || at % memory->unit == 0))
            takes = takes_unit(memory, at, from, length);
        if (takes && !(may_refuse && is_protected(memory, memory->flash_start + at)))
            program(memory, at, bytes[at - from]);
    }
}

void sim_memory_write(struct sim_memory *memory, uint32_t address, const uint8_t *bytes,
                      size_t length)
{
    if (in_flash(memory, address))
        program_all(memory, address - memory->flash_start, bytes, length);
    for (size_t i = 0; i < length; i++) {
        const uint32_t at = address + (uint32_t)i;
        if (in_ram(memory, at))
            memory->ram[at - memory->ram_start] = bytes[i];
        else if (in_options(memory, at))
            memory->options[at - memory->options_start] = bytes[i];
    }
}

/* -- erasing -- */

static void erase(struct sim_memory *memory, uint32_t start, uint32_t size)
{
    const bool may_refuse = has_protection(memory);

    for (uint32_t at = start; at < start + size; at++)
        if (!(may_refuse && is_protected(memory, at)))
            memory->flash[at - memory->flash_start] = memory->erased;
    memory->changed = true;
}

void sim_memory_erase_page(struct sim_memory *memory, uint32_t page)
{
    uint32_t start;
    uint32_t size;

    if (numbered(memory, page, &start, &size))
        erase(memory, start, size);
}

bool sim_memory_erase_at(struct sim_memory *memory, uint32_t address)
{
    uint32_t start;
    uint32_t size;

    if (!sim_memory_sector(memory, address, &start, &size))
        return false;
    erase(memory, start, size);
    return true;
}

void sim_memory_erase_all(struct sim_memory *memory)
{
    erase(memory, memory->flash_start, memory->flash_size);
}

void sim_memory_erase_bank(struct sim_memory *memory, unsigned bank)
{
    const uint32_t half = memory->flash_size / 2;

    if (memory->is_part)
        erase(memory, memory->flash_start + bank * half, half);
    else
        sim_memory_erase_all(memory);
}

void sim_memory_wipe(struct sim_memory *memory)
{
    sim_memory_protect_all(memory, false);
    sim_memory_erase_all(memory);
    memset(memory->ram, 0, memory->ram_size);
    default_options(memory);
}

uint32_t sim_memory_crc(const struct sim_memory *memory, uint32_t address, uint32_t words,
                        uint32_t polynomial, uint32_t initial)
{
    uint32_t crc = initial;
    for (uint32_t word = 0; word < words; word++) {
        uint8_t bytes[4];
        sim_memory_read(memory, address + word * 4, bytes, sizeof(bytes));
        crc ^= sim_le32(bytes);
        for (int bit = 0; bit < 32; bit++)
            crc = (crc & 0x80000000u) ? crc << 1 ^ polynomial : crc << 1;
    }
    return crc;
}
