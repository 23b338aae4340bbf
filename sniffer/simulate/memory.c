/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "simulate/memory.h"

#include <string.h>

void sim_memory_init(struct sim_memory *memory, uint32_t flash_size, uint32_t page_size)
{
    memory->flash_size = flash_size;
    memory->page_size = page_size;
    memory->options_start = 0x1FFF7800;
    memset(memory->flash, 0xFF, sizeof(memory->flash));
    memset(memory->ram, 0, sizeof(memory->ram));
    for (size_t i = 0; i < sizeof(memory->system); i++)
        memory->system[i] = (uint8_t)(i * 7 + 3);
    for (size_t i = 0; i < sizeof(memory->options); i++)
        memory->options[i] = (i % 2) ? 0x55 : 0xAA;
}

/** The byte that an address names; NULL if none. */
static const uint8_t *locate(const struct sim_memory *memory, uint32_t address)
{
    if (address - SIM_FLASH_START < memory->flash_size)
        return &memory->flash[address - SIM_FLASH_START];
    if (address - SIM_RAM_START < SIM_RAM_SIZE)
        return &memory->ram[address - SIM_RAM_START];
    if (address - SIM_SYSTEM_START < SIM_SYSTEM_SIZE)
        return &memory->system[address - SIM_SYSTEM_START];
    if (address - memory->options_start < SIM_OPTIONS_SIZE)
        return &memory->options[address - memory->options_start];
    return NULL;
}

bool sim_memory_valid(const struct sim_memory *memory, uint32_t address, bool for_write)
{
    if (for_write && address - SIM_SYSTEM_START < SIM_SYSTEM_SIZE)
        return false;
    return locate(memory, address) != NULL;
}

void sim_memory_read(const struct sim_memory *memory, uint32_t address, uint8_t *bytes,
                     size_t length)
{
    for (size_t i = 0; i < length; i++) {
        const uint8_t *byte = locate(memory, address + (uint32_t)i);
        bytes[i] = byte ? *byte : 0xFF;
    }
}

void sim_memory_write(struct sim_memory *memory, uint32_t address, const uint8_t *bytes,
                      size_t length)
{
    for (size_t i = 0; i < length; i++) {
        uint32_t at = address + (uint32_t)i;
        if (at - SIM_FLASH_START < memory->flash_size)
            memory->flash[at - SIM_FLASH_START] &= bytes[i];
        else if (at - SIM_RAM_START < SIM_RAM_SIZE)
            memory->ram[at - SIM_RAM_START] = bytes[i];
        else if (at - memory->options_start < SIM_OPTIONS_SIZE)
            memory->options[at - memory->options_start] = bytes[i];
    }
}

void sim_memory_erase_page(struct sim_memory *memory, uint32_t page)
{
    if (page < memory->flash_size / memory->page_size)
        memset(&memory->flash[page * memory->page_size], 0xFF, memory->page_size);
}

void sim_memory_erase_all(struct sim_memory *memory)
{
    memset(memory->flash, 0xFF, sizeof(memory->flash));
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
