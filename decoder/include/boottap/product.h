/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * STM32 products by the product id that Get ID answers (AN2606), and their memories; the other
 * devices of ST whose bootloaders speak the same protocols.
 */
#ifndef BOOTTAP_PRODUCT_H
#define BOOTTAP_PRODUCT_H

#include "boottap/detail/language.h"

BTAP_BEGIN_DECLARATIONS

/** Kinds of devices that speak these protocols, with commands, memories and cures of their own. */
enum btap_family {
    BTAP_FAMILY_STM32,   /**< also where nothing tells of another */
    BTAP_FAMILY_STM8,    /**< USART (UM0560) */
    BTAP_FAMILY_STM32MP, /**< plain DFU, a partition behind each alternate setting (AN5275) */
    BTAP_FAMILY_COUNT,
};

/** `STM32`, `STM8`, `STM32MP`; "unknown" outside the enum, never NULL. */
const char *btap_family_name(enum btap_family family);

/** What a product's sources say about mass erase through the bootloader. */
enum btap_mass_erase {
    BTAP_MASS_ERASE_UNKNOWN,
    BTAP_MASS_ERASE_YES,
    BTAP_MASS_ERASE_NO,
};

/** A range of addresses; first == last == 0 where it is not known. */
struct btap_range {
    uint32_t first;
    uint32_t last; /**< inclusive */
};

/** One product. Sizes are the largest of the group; a given part may have less. */
struct btap_product {
    uint16_t pid;
    const char *name;   /**< `STM32F405/407/415/417` */
    const char *series; /**< `F4` */
    uint32_t flash_start;
    uint32_t flash_size; /**< bytes; 0 unknown */
    const char *sectors; /**< `2K`, `4*16K,1*64K,7*128K`, `2x(...)` per bank; "" unknown */
    struct btap_range sram;
    uint32_t bootloader_ram_end; /**< first RAM address that is free for the host; 0 unknown */
    struct btap_range system_memory;
    struct btap_range option_bytes;
    enum btap_mass_erase mass_erase;
    uint8_t erase_opcode; /**< USART: 0x43 or 0x44; 0 unknown. A device's own Get answer wins */
};

/** How a product's flash memory takes what is written (reference manuals, vendor headers). */
struct btap_programming {
    uint8_t unit;   /**< bytes that are programmed at once, at a multiple of their number */
    uint8_t erased; /**< what a byte reads after an erase */
    bool once;      /**< a unit takes one write per erase: it has an error-correcting code */
    bool certain;   /**< seen in vendor sources or on devices; else a rule of the series */
    uint8_t lost_after_read; /**< bytes at the start of a Write Memory that its bootloader loses
                                  where a Read Memory came before; 0 none known */
};

/**
 * How a product's flash is programmed.
 *
 * @param product NULL if not known
 * @return NULL if that is not known
 */
const struct btap_programming *btap_product_programming(const struct btap_product *product);

/**
 * The product with this id; where several groups share an id, the general one.
 *
 * @return NULL if the id is not in the table
 */
const struct btap_product *btap_product_by_pid(uint32_t pid);

/**
 * Whether Get's list is that of an STM8's bootloader: Get, Read, Go, Write and Erase, and nothing
 * else (UM0560), which no STM32's is.
 *
 * @param commands set of the opcodes; not NULL
 */
bool btap_product_lists_stm8(const uint32_t commands[8]);

/** First address behind all memory of an STM8; no STM32's bootloader serves any below it. */
#define BTAP_STM8_END 0x00048000u

/** Where an STM8's bootloader calls the routines that erase and write, which most STM8 lack until
 * the host loads them there, into RAM (UM0560). */
#define BTAP_STM8_ROUTINES 0x000000a0u

/** Most bytes that an STM8's bootloader writes at once; it refuses more behind the last of them. */
#define BTAP_STM8_WRITE_MAX 128u

/**
 * The memories of the STM8 whose bootloader has this version: 2.x those with up to 128 KB, others
 * those with up to 32 KB. There is no product id.
 *
 * @param version 0x22 = 2.2; 0 unknown
 * @return never NULL
 */
const struct btap_product *btap_product_stm8(uint8_t version);

/** Whether a product is one of btap_product_stm8(). @param product NULL: it is not */
bool btap_product_is_stm8(const struct btap_product *product);

/**
 * Where a page or sector of the product's flash memory lies.
 *
 * @param product not NULL
 * @param index number of the page or sector, as the erase commands count
 * @param[out] sector set where true is returned; not NULL
 * @return false if the flash has no such sector, or its layout is not known
 */
bool btap_product_sector(const struct btap_product *product, uint32_t index,
                         struct btap_range *sector);

/**
 * The page or sector of the product's flash memory that holds an address.
 *
 * @param product not NULL
 * @param[out] page set where true is returned; not NULL
 * @return false if the flash has no such sector, or its layout is not known
 */
bool btap_product_page(const struct btap_product *product, uint32_t address,
                       struct btap_range *page);

/**
 * Where a product's flash memory lies: from its start to where that of its largest part ends. Where
 * the product or its size is not known, the whole of the address space that STM32 have for it.
 *
 * @param product NULL if not known
 */
struct btap_range btap_product_flash(const struct btap_product *product);

/** Whether memory at an address keeps what was written until it is erased or written again: not
 * RAM, registers, option bytes, which change by themselves. */
bool btap_memory_lasts(uint32_t address);

/** The same for memory of a product. @param product NULL if not known */
bool btap_product_lasts(const struct btap_product *product, uint32_t address);

/** Whether an address is one where STM32 have flash for code or nothing: not their data EEPROM, OTP
 * and system memory, which lie in the same area on some of them. */
bool btap_memory_only_flash(uint32_t address);

/** Whether memory at an address must be erased before it is written: flash, in the device or beside
 * it (Arm's address map; AN2606). */
bool btap_memory_needs_erase(uint32_t address);

BTAP_END_DECLARATIONS

#endif
