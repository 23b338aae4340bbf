/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What the scripted hosts and recorders share. Nothing here, nor in any other file of tests/sim,
 * comes from decoder/: these programs are its opponents and have their own constants.
 */
#ifndef SIM_H
#define SIM_H

#include "simulate/bytes.h"

/** Where every virtual clock starts: 2026-01-01 00:00:00 UTC. */
#define SIM_EPOCH (1767225600 * SIM_S)

/** A virtual clock; hosts move it, recorders read it. */
struct sim_clock {
    sim_ns now;
};

/** The firmware that every scenario flashes: no byte run repeats within 20 KiB. */
void sim_firmware(uint8_t *bytes, size_t length);

#endif
