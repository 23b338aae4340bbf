/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The scenarios: each one writes the capture of one session, always the same bytes.
 */
#ifndef SIM_SCENARIO_H
#define SIM_SCENARIO_H

#include <stddef.h>

struct scenario {
    const char *file; /**< name of the capture that it makes */
    void (*run)(const char *path);
};

/** A table of scenarios ends with a row whose file is NULL. */
extern const struct scenario usart_scenarios[];
extern const struct scenario usart_fault_scenarios[];
extern const struct scenario adapter_scenarios[];
extern const struct scenario dfu_scenarios[];
extern const struct scenario dfu_fault_scenarios[];
extern const struct scenario can_scenarios[];
extern const struct scenario fdcan_scenarios[];
extern const struct scenario fdcan_fault_scenarios[];
extern const struct scenario failure_scenarios[];
extern const struct scenario diagnosis_scenarios[];
extern const struct scenario dfu_report_scenarios[];
extern const struct scenario memory_scenarios[];
extern const struct scenario run_scenarios[];
extern const struct scenario stm8_scenarios[];
extern const struct scenario stm32mp_scenarios[];

#endif
