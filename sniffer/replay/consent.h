/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Whether a plan may be sent at all: asked before the device is opened.
 */
#ifndef SNIFFER_REPLAY_CONSENT_H
#define SNIFFER_REPLAY_CONSENT_H

#include "replay/gate.h"

/**
 * Whether it has no problem, and all permissions that it needs. Messages name each problem, each
 * permission that is missing, and each command that may not be undone and is not allowed to be
 * sent.
 *
 * @param needs what the plan will need beside what its commands do
 */
bool consent_given(const struct plan *plan, uint32_t needs, const struct gate_permit *permit);

/**
 * Has what must be confirmed confirmed on the terminal, command by command named, and asks once.
 *
 * @param permit confirmed is set
 * @return false: it was declined, or there is no terminal to ask on: a message says so
 */
bool consent_ask(const struct plan *plan, struct gate_permit *permit);

#endif
