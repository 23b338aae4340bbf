/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The tables of rules, a file each: rules_stm8.c for the STM8, rules_stm32mp.c for STM32MP,
 * rules_usart.c, rules_dfu.c and rules_fdcan.c for one wire, rules_usb.c for what comes before the
 * first DFU request, rules_commands.c for the commands that USART and FDCAN have in common,
 * rules_memory.c for what became of memory, rules_session.c for everything else.
 */
#ifndef DECODER_DIAGNOSIS_TABLES_H
#define DECODER_DIAGNOSIS_TABLES_H

#include "diagnosis/rule.h"

struct diagnosis_table {
    const struct diagnosis_rule *rules;
    size_t length;
};

#define DIAGNOSIS_TABLE(rules)                                                                     \
    {                                                                                              \
        rules, sizeof(rules) / sizeof((rules)[0])                                                  \
    }

/* In the order in which they are tried. */
extern const struct diagnosis_table diagnosis_stm8;
extern const struct diagnosis_table diagnosis_stm32mp;
extern const struct diagnosis_table diagnosis_usart;
extern const struct diagnosis_table diagnosis_usb;
extern const struct diagnosis_table diagnosis_dfu;
extern const struct diagnosis_table diagnosis_can;
extern const struct diagnosis_table diagnosis_commands;
extern const struct diagnosis_table diagnosis_memory;
extern const struct diagnosis_table diagnosis_session;

#endif
