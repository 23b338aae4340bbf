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

/** The region that holds an address; NULL if none does. */
const struct btap_layout_region *btap_layout_find(const struct btap_layout *layout,
                                                  uint32_t address);

BTAP_END_DECLARATIONS

#endif
