/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What commands are fitted to.
 */
#ifndef SNIFFER_REPLAY_WISH_H
#define SNIFFER_REPLAY_WISH_H

#include "memory/image.h"
#include "replay/plan.h"

/** What is wanted of the device's memory. */
struct fit_wish {
    const struct image *image; /**< what is to be written */
    bool mass_erase;           /**< erase all; else the pages that hold the image */
    bool verify;               /**< read back */
    bool start;
    uint32_t start_address;
    uint32_t write_size;  /**< bytes of a Write Memory; 0: the most that the wire takes */
    uint8_t erase_opcode; /**< USART: that of the device's Get answer; 0: the product's */
    uint16_t can_base;    /**< FDCAN: bits 10 to 8 of the identifiers of commands */
    uint16_t first_block; /**< plain DFU: number of the first block */
};

#endif
