/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What is to be simulated.
 */
#ifndef SIMULATE_SIMULATION_H
#define SIMULATE_SIMULATION_H

#include "simulate/part.h"

/** Most faults that can be asked for. */
#define SIMULATION_FAULTS_MAX 16

/** What is wanted. */
struct simulation {
    enum sim_kind kind;
    const char *on;      /**< a link to a pseudo-terminal, `can:IFACE`, `vhci` */
    const char *product; /**< as part_find() takes it; NULL: the wire's usual one */
    size_t faults_length;
    const char *faults[SIMULATION_FAULTS_MAX]; /**< as faults_add() takes them */
    bool read_protected;
    bool write_protected;
    bool application;  /**< no bootloader runs */
    bool restart;      /**< after Go or Leave it comes back to the bootloader by itself */
    bool whole_units;  /**< flash takes whole units only, once an erase */
    uint32_t slow;     /**< operations take so many times as long as usual; 0: no time */
    uint64_t baud;     /**< usart: bytes take as long as at this rate; 0: no time */
    uint64_t poll_ms;  /**< dfu: bwPollTimeout of every operation */
    bool polls;        /**< poll_ms is given */
    const char *text;  /**< usart: what the application says; NULL: nothing */
    const char *flash; /**< a file that keeps the flash memory; NULL: none */
    const char *log;   /**< a file that gets a line a message; NULL: none */
};

#endif
