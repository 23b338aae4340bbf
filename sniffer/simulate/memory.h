/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Memory of a simulated STM32: flash, RAM, system memory and option bytes.
 */
#ifndef SIMULATE_MEMORY_H
#define SIMULATE_MEMORY_H

#include "simulate/bytes.h"

#define SIM_FLASH_START  0x08000000u
#define SIM_FLASH_MAX    (256u * 1024)
#define SIM_RAM_START    0x20000000u
#define SIM_RAM_SIZE     (20u * 1024)
#define SIM_SYSTEM_START 0x1FFF0000u
#define SIM_SYSTEM_SIZE  2048u
#define SIM_OPTIONS_SIZE 16u

struct sim_memory {
    uint32_t flash_size; /**< at most SIM_FLASH_MAX */
    uint32_t page_size;
    uint32_t options_start;
    uint8_t flash[SIM_FLASH_MAX];
    uint8_t ram[SIM_RAM_SIZE];
    uint8_t system[SIM_SYSTEM_SIZE];
    uint8_t options[SIM_OPTIONS_SIZE];
};

/** Erased flash, zero RAM, some code in system memory; option bytes at 0x1FFF7800. */
void sim_memory_init(struct sim_memory *memory, uint32_t flash_size, uint32_t page_size);

/** Whether an address lies in one of the memories; for_write: in one that can be written. */
bool sim_memory_valid(const struct sim_memory *memory, uint32_t address, bool for_write);

/** Reads; what lies outside any memory reads as 0xFF. */
void sim_memory_read(const struct sim_memory *memory, uint32_t address, uint8_t *bytes,
                     size_t length);

/** Programs: flash bits only go from 1 to 0. What lies outside any memory is lost. */
void sim_memory_write(struct sim_memory *memory, uint32_t address, const uint8_t *bytes,
                      size_t length);

/** Erases a flash page; a page beyond the end changes nothing. */
void sim_memory_erase_page(struct sim_memory *memory, uint32_t page);
void sim_memory_erase_all(struct sim_memory *memory);

/** CRC of the STM32's CRC unit over 32-bit words: MSB first, not reflected, no final inversion. */
uint32_t sim_memory_crc(const struct sim_memory *memory, uint32_t address, uint32_t words,
                        uint32_t polynomial, uint32_t initial);

#endif
