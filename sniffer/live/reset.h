/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * How DTR and RTS are moved to start a bootloader, written as stm32flash's -i has it:
 *
 *     ENTRY[:EXIT]     each: SIGNAL, then `,` (100 ms) or `&` (at once), then the next
 *     SIGNAL           dtr, rts: active, which is low at the pin; -dtr, -rts: not; none: only wait
 *
 * `rts,-dtr,dtr` sets RTS, waits 100 ms, releases DTR, waits 100 ms, sets DTR.
 */
#ifndef SNIFFER_LIVE_RESET_H
#define SNIFFER_LIVE_RESET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "boottap/types.h"

/** Most signals and pauses of both sequences together. */
#define RESET_STEPS_MAX 64

/** One signal, and the pause after it. */
struct reset_step {
    uint8_t mask;  /**< enum btap_serial_line; 0: none, only the pause */
    uint8_t lines; /**< of them the active ones */
    btap_ns pause;
};

/** Zero: no sequence. */
struct reset {
    struct reset_step steps[RESET_STEPS_MAX];
    size_t length;
    size_t exit; /**< where the exit sequence begins, in steps */
};

/** @param text not NULL. @return false: it is not written so, or too long */
bool reset_parse(const char *text, struct reset *reset);

#endif
