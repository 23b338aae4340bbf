/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What a message says to the device, against the command that it is sent for: the gate believes no
 * host. It reads the opcode, and the address, on which the risk of a command depends.
 */
#ifndef SNIFFER_REPLAY_GATE_CHECK_H
#define SNIFFER_REPLAY_GATE_CHECK_H

#include "port/wire.h"
#include "replay/plan.h"

/** State: what went over the wire so far. All zero: nothing. */
struct gate_check {
    unsigned messages;  /**< of the command in hand */
    bool pointer_known; /**< DfuSe: the last Set Address Pointer */
    uint32_t pointer;
};

/**
 * Whether a message may go out.
 *
 * @param command in hand; NULL none
 * @return NULL if it may; else in words what is wrong
 */
const char *gate_check_message(const struct gate_check *check, const struct wire *wire,
                               const struct plan_command *command,
                               const struct wire_message *message);

/** Consumes a message that went out, with its outcome. */
void gate_check_sent(struct gate_check *check, const struct wire_message *message);

#endif
