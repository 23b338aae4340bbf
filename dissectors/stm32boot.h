/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The dissector's parts among themselves.
 */
#ifndef STM32BOOT_H
#define STM32BOOT_H

#include <epan/packet.h>

#include "store.h"

/** What the taps `stm32boot` and `stm32boot_eo` hand on: a frame and its first data source. */
struct stm32boot_tap {
    const struct shown_frame *frame;
    tvbuff_t *record;
};

/** Registers the protocol, its fields, notes and preferences. */
void proto_register_stm32boot(void);

/** Attaches the dissector to every frame and to Decode As. */
void proto_reg_handoff_stm32boot(void);

/**
 * Registers the statistics and the export of firmware.
 *
 * @param proto of stm32boot
 * @return the tap for Export Objects, of struct stm32boot_tap
 */
int stm32boot_register_export(int proto);
void stm32boot_register_statistics(int proto);

#endif
