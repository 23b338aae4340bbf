/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The memory layout that a DfuSe device gives in its interface's string (UM0424 section 4.3.2):
 * `@Internal Flash  /0x08000000/04*016Kg,01*064Kg,07*128Kg`.
 */
#ifndef BOOTTAP_DFUSE_LAYOUT_H
#define BOOTTAP_DFUSE_LAYOUT_H

#include "boottap/types.h"

BTAP_BEGIN_DECLARATIONS

#define BTAP_LAYOUT_NAME_SIZE   64
#define BTAP_LAYOUT_REGIONS_MAX 32

/** Pages of one size with the same rights, one after the other. */
struct btap_layout_region {
    uint32_t address; /**< of the first page */
    uint32_t pages;
    uint32_t page_size; /**< bytes */
    bool readable;
    bool erasable;
    bool writable;
};

struct btap_layout {
    char name[BTAP_LAYOUT_NAME_SIZE]; /**< without the trailing spaces */
    uint32_t regions_length;
    struct btap_layout_region regions[BTAP_LAYOUT_REGIONS_MAX];
};

/**
 * Parses a layout string.
 *
 * @param text zero-terminated, not NULL
 * @param[out] layout what could be read, also where false is returned; not NULL
 * @return false if the text does not start with '@', or breaks off or off the grammar somewhere,
 *         or has more regions than fit
 */
bool btap_layout_parse(const char *text, struct btap_layout *layout);

/** Room for the name of a partition; longer ones are cut. */
#define BTAP_PARTITION_NAME_SIZE 24

/** Where the image for an alternate setting of an STM32MP goes (AN5275): `@FSBL /0x01/1*1Me`. */
struct btap_partition {
    uint8_t id; /**< of the phase in which it is asked for, from its FlashLayout */
    char name[BTAP_PARTITION_NAME_SIZE];
};

/* Ids that mean the same on every STM32MP (AN5275; U-Boot, stm32prog.h; TF-A,
 * stm32cubeprogrammer.h). Others are what the FlashLayout file says. */
#define BTAP_PARTITION_LAYOUT  0x00 /**< the FlashLayout file */
#define BTAP_PARTITION_FSBL    0x01
#define BTAP_PARTITION_SSBL    0x03
#define BTAP_PARTITION_COMMAND 0xf1 /**< no memory: asks for the phase, or sets it */
#define BTAP_PARTITION_OTP     0xf2
#define BTAP_PARTITION_SSP     0xf3
#define BTAP_PARTITION_PMIC    0xf4
#define BTAP_PARTITION_END     0xfe /**< as phase: all is written */
#define BTAP_PARTITION_RESET   0xff /**< likewise: the device gives up, and resets */

/**
 * Parses the name of an alternate setting that is a partition's: a layout string with a number of
 * up to two digits in place of the address.
 *
 * @param text zero-terminated, not NULL
 * @param[out] partition set where true is returned; NULL where only that matters
 * @return false for any other text
 */
bool btap_partition_parse(const char *text, struct btap_partition *partition);

/** The region that holds an address; NULL if none does. */
const struct btap_layout_region *btap_layout_find(const struct btap_layout *layout,
                                                  uint32_t address);

BTAP_END_DECLARATIONS

#endif
