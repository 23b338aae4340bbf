/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A machine with one of each that boottap list shows.
 */
#ifndef CLI_FULL_MACHINE_H
#define CLI_FULL_MACHINE_H

#include "port/machine.h"

/** The machine in the current directory; its CAN interfaces have bit rates, but for vcan0. */
extern const struct machine full_machine;

/** Makes its files. */
void full_machine_fill(void);

#endif
