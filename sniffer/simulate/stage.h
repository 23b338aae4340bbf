/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What the wires share while they serve a device. Internal to the room.
 */
#ifndef SIMULATE_STAGE_H
#define SIMULATE_STAGE_H

#include "simulate/fault.h"
#include "simulate/log.h"
#include "simulate/simulation.h"

/** How long a part takes from a reset until its bootloader is there. */
#define STAGE_RESTART (500 * SIM_MS)

struct stage {
    const struct simulation *wanted;
    struct part part;
    struct sim_faults faults;
    struct sim_log log;
    struct sim_memory *memory; /**< the device's own, once there is one */
};

/** Says where the device is: one line on standard output. */
void stage_ready(struct stage *stage, const char *place);

/** Has signals end the device, and SIGUSR1 reset it; they come through where it waits. */
void stage_catch_signals(void);
/** Whether a signal asked to end, or the log cannot be written. */
bool stage_is_over(void);
/** Whether somebody pressed reset since this was asked last (SIGUSR1). */
bool stage_is_reset(void);

/** Lets time pass, as a signal allows. */
void stage_pause(sim_ns time);
/** The same for an operation that takes so long by itself. */
void stage_work(const struct stage *stage, uint32_t us);

/** Keeps the flash memory in its file if it has changed. @return false: a message says why */
bool stage_keep(struct stage *stage);

/* The wires. @return an exit status */
int stage_usart(struct stage *stage);
int stage_can(struct stage *stage);
int stage_dfu(struct stage *stage);

#endif
