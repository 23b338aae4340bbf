/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What a command does to a device: which permission it needs, how much it must be agreed to, and in
 * words. The one place that knows; the gate asks it again before it lets a command pass.
 */
#ifndef SNIFFER_REPLAY_RISK_H
#define SNIFFER_REPLAY_RISK_H

#include "replay/plan.h"

/** Permissions that a command needs; bits of enum plan_permission. */
uint32_t risk_needs(const struct btap_transaction *transaction);

/**
 * How much a command must be agreed to. A write that is not known to go to flash memory or RAM may
 * go to option bytes or OTP: it counts as irreversible (wire-facts: where they lie is not always
 * known).
 *
 * @param device what is known of the device; not NULL
 */
enum plan_risk risk_of(const struct plan_device *device,
                       const struct btap_transaction *transaction);

#define RISK_WORDS_SIZE 192

/**
 * What the command does, for people: `erases pages 0-3 (0x08000000-0x08001fff)`, `writes 256 bytes
 * to flash`; "" for one that only asks or reads.
 *
 * @return words
 */
const char *risk_words(const struct plan_device *device, const struct btap_transaction *transaction,
                       char *words, size_t size);

#endif
