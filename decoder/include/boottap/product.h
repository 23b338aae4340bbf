/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * STM32 products by the product id that Get ID answers (AN2606), and their memories.
 */
#ifndef BOOTTAP_PRODUCT_H
#define BOOTTAP_PRODUCT_H

#include "boottap/detail/language.h"

BTAP_BEGIN_DECLARATIONS

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

/** Whether an address is one where STM32 have flash for code or nothing: not their data EEPROM, OTP
 * and system memory, which lie in the same area on some of them. */
bool btap_memory_only_flash(uint32_t address);

/** Whether memory at an address must be erased before it is written: flash, in the device or beside
 * it (Arm's address map; AN2606). */
bool btap_memory_needs_erase(uint32_t address);

BTAP_END_DECLARATIONS

#endif
