/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Whether a plan may be sent at all: asked before the device is opened.
 */
#ifndef SNIFFER_REPLAY_CONSENT_H
#define SNIFFER_REPLAY_CONSENT_H

#include "replay/gate.h"

/** Room for a cause. */
#define CONSENT_WORDS_SIZE 512

/**
 * Whether it has no problem, and all permissions that it needs. Messages name each problem, each
 * permission that is missing, and each command that may not be undone and is not allowed to be
 * sent.
 *
 * @param needs what the plan will need beside what its commands do
 * @param[out] cause where false is returned: the first of those messages, CONSENT_WORDS_SIZE bytes
 */
bool consent_given(const struct plan *plan, uint32_t needs, const struct gate_permit *permit,
                   char *cause);

/** Whether what must be confirmed was. Messages name each command. @param[out] cause likewise */
bool consent_confirmed(const struct plan *plan, const struct gate_permit *permit, char *cause);

/**
 * Has what must be confirmed confirmed on the terminal, command by command named, and asks once.
 *
 * @param permit confirmed is set
 * @param[out] cause likewise
 * @return false: it was declined, or there is no terminal to ask on: a message says so
 */
bool consent_ask(const struct plan *plan, struct gate_permit *permit, char *cause);

#endif
