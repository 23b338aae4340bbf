/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Faults on demand, one grammar for all wires:
 *
 *     KIND[=VALUE][@COMMAND[.PHASE]][#WHEN]
 *
 * COMMAND and PHASE by the names that `boottap decode` prints, WHEN counts them: `3` the third
 * only, `3-5`, `3+` from there on; without it every one.
 */
#ifndef SIMULATE_FAULT_H
#define SIMULATE_FAULT_H

#include <stdio.h>

#include "simulate/part.h"

/** What all faults of a device come to. */
struct sim_faults {
    size_t usart_length;
    struct usart_fault usart[USART_FAULTS_MAX];
    size_t can_length;
    struct can_fault can[CAN_FAULTS_MAX];
    size_t dfu_length;
    struct dfu_fault dfu[DFU_FAULTS_MAX];
    bool no_parity;   /**< usart: the host sends no parity bit */
    bool corrupt;     /**< dfu: it starts in dfuERROR, errFIRMWARE */
    uint64_t lose_at; /**< usart: host bytes that are lost, as usart_device_config has it */
    uint64_t lose_count;
    uint64_t flip_at;
    uint8_t flip_mask;
};

/**
 * Adds a fault.
 *
 * @return false: it is none, which a message says with what is known
 */
bool faults_add(struct sim_faults *faults, enum sim_kind kind, const char *text);

/** Whether the product has the commands of all faults. @return false: a message says which lacks */
bool faults_fit(const struct sim_faults *faults, const struct usart_product *product);

/** Prints the kinds of faults, commands and phases of a wire. */
void faults_list(enum sim_kind kind, FILE *to);

#endif
