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

/** Pages or sectors of one size, one after the other. */
struct sim_run {
    uint32_t count;
    uint32_t size;
};

#define SIM_RUNS_MAX 8

/** Blocks that are write-protected, a bit each. */
#define SIM_BLOCKS 256u

struct sim_memory {
    uint32_t flash_start;
    uint32_t flash_size;
    uint8_t *flash;
    uint32_t ram_start;
    uint32_t ram_size;
    uint32_t ram_reserved; /**< its first bytes, the bootloader's own: no host gets at them */
    uint8_t *ram;
    uint32_t system_start;
    uint32_t system_size;
    uint8_t *system;
    uint32_t options_start;
    uint32_t options_size;
    uint8_t *options;
    struct sim_run runs[SIM_RUNS_MAX];
    uint8_t erased;     /**< what an erased byte of flash reads */
    uint8_t unit;       /**< above 1: only whole units that are erased take what is written */
    bool is_part;       /**< of a real part, with its limits; else one of the tests' */
    bool no_mass_erase; /**< the part's bootloader has none */
    bool changed;       /**< flash is not what it was when somebody set this to false */
    uint8_t blocks[SIM_BLOCKS / 8]; /**< those that are write-protected */
};

/** Room for the memories of a small device. */
struct sim_room {
    uint8_t flash[SIM_FLASH_MAX];
    uint8_t ram[SIM_RAM_SIZE];
    uint8_t system[SIM_SYSTEM_SIZE];
    uint8_t options[SIM_OPTIONS_SIZE];
};

/**
 * Erased flash, zero RAM, some code in system memory; option bytes at 0x1FFF7800.
 *
 * @param room where the bytes are; must live as long
 * @param flash_size at most SIM_FLASH_MAX
 */
void sim_memory_init(struct sim_memory *memory, struct sim_room *room, uint32_t flash_size,
                     uint32_t page_size);

/** Fills the memories whose places and sizes are set as those of a part that was never used. */
void sim_memory_fill(struct sim_memory *memory);

/** Whether an address lies in one of the memories; for_write: in one that can be written there. */
bool sim_memory_valid(const struct sim_memory *memory, uint32_t address, bool for_write);

/** Whether a program can be started at an address (AN3155 section 3.5): in flash or free RAM. */
bool sim_memory_starts(const struct sim_memory *memory, uint32_t address);

/** Reads; what lies outside any memory reads as 0xFF. */
void sim_memory_read(const struct sim_memory *memory, uint32_t address, uint8_t *bytes,
                     size_t length);

/**
 * Programs: a bit of flash only leaves the state that erasing gave it. What lies outside any memory
 * or is write-protected is lost.
 */
void sim_memory_write(struct sim_memory *memory, uint32_t address, const uint8_t *bytes,
                      size_t length);

/**
 * The sector of flash that holds an address.
 *
 * @return false: it is no address of flash
 */
bool sim_memory_sector(const struct sim_memory *memory, uint32_t address, uint32_t *start,
                       uint32_t *size);

/** Erases a page or sector, but a write-protected one; a number beyond the end changes nothing. */
void sim_memory_erase_page(struct sim_memory *memory, uint32_t page);
/** The same by an address within it. @return false: it is no address of flash */
bool sim_memory_erase_at(struct sim_memory *memory, uint32_t address);
/** Mass erase; what is write-protected stays. */
void sim_memory_erase_all(struct sim_memory *memory);
/** Erases a bank, 0 or 1: half of a part's flash; all of it where it has one bank. */
void sim_memory_erase_bank(struct sim_memory *memory, unsigned bank);

/**
 * Ends readout protection: flash and RAM are wiped, the option bytes have their defaults again, and
 * with that nothing is write-protected any more (AN3156 table 3, note 3).
 */
void sim_memory_wipe(struct sim_memory *memory);

/**
 * Has the blocks with these numbers write-protected, and no other (AN3155 section 3.9). A block is
 * a sector of a part whose sectors differ in size or have 16 KiB and more, else 4 KiB; the last
 * number stands for the rest of the flash.
 */
void sim_memory_protect(struct sim_memory *memory, const uint8_t *numbers, size_t length);
/** All of them, or none. */
void sim_memory_protect_all(struct sim_memory *memory, bool on);

/** CRC of the STM32's CRC unit over 32-bit words: MSB first, not reflected, no final inversion. */
uint32_t sim_memory_crc(const struct sim_memory *memory, uint32_t address, uint32_t words,
                        uint32_t polynomial, uint32_t initial);

#endif
