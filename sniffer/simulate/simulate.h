/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A simulated device on a wire of this machine, until a signal ends it.
 */
#ifndef SNIFFER_SIMULATE_SIMULATE_H
#define SNIFFER_SIMULATE_SIMULATE_H

#include "simulate/simulation.h"

/** Whether a wire can be on a place. @return false: a message says what is wrong */
bool simulation_check(const struct simulation *simulation);

/**
 * Plugs the device in, prints a line with its place on standard output, and serves it until a
 * signal comes or a fault has it vanish. SIGUSR1 resets it into the bootloader.
 *
 * @return an exit status
 */
int simulation_run(const struct simulation *simulation);

#endif
