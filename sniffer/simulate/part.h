/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A real part: its memories as the table of products has them, and what its bootloader speaks.
 */
#ifndef SIMULATE_PART_H
#define SIMULATE_PART_H

#include <stdio.h>

#include "boottap/product.h"
#include "simulate/can_device.h"
#include "simulate/dfu_device.h"
#include "simulate/usart_device.h"

/** The wires of the bootloader. */
enum sim_kind {
    SIM_USART,
    SIM_DFU,
    SIM_FDCAN,
    SIM_CAN, /**< classic, AN3154 */
};

#define PART_TEXT 128

struct part {
    const struct btap_product *product;
    struct sim_memory memory; /**< its bytes are allocated */
    uint8_t commands[16];     /**< of USART */
    uint8_t fdcan_commands[16];
    struct usart_product usart;
    struct can_product fdcan;
    struct can_product can;
    struct dfu_product dfu;
    char layout[PART_TEXT]; /**< of flash, as DfuSe writes it */
    char options[PART_TEXT];
};

/**
 * The product that a text means: its id (`0x413`), a part's name (`STM32F405RG`), a piece of one
 * (`F405`), or of the table's name (`medium density`).
 *
 * @return NULL: none, or several, or one that cannot be simulated on this wire; a message says so
 */
const struct btap_product *part_find(const char *text, enum sim_kind kind);

/** The product that is simulated where none is named. */
const struct btap_product *part_default(enum sim_kind kind);

/** Prints what can be simulated on a wire, one a line. */
void part_list(enum sim_kind kind, FILE *to);

/** Makes a part that part_find() gave, never used: flash erased. part_free() frees it. */
void part_init(struct part *part, const struct btap_product *product);
void part_free(struct part *part);

#endif
