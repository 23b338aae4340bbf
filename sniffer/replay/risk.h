/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What a command does to a device: which permission it needs, how much it must be agreed to, and in
 * words. The one place that knows; the gate asks it again before it lets a command pass.
 */
#ifndef SNIFFER_REPLAY_RISK_H
#define SNIFFER_REPLAY_RISK_H

#include <stddef.h>

#include "boottap/transaction.h"
#include "replay/device.h"
#include "replay/permission.h"

/** Permissions that a command needs; bits of enum plan_permission. */
uint32_t risk_needs(const struct btap_transaction *transaction);

/**
 * How much a command must be agreed to. A write that is not known to go to flash memory or RAM may
 * go to option bytes or OTP: it counts as irreversible (wire-facts: where they lie is not always
 * known). One of which what does something is not sent (reach.h) is no more than a change.
 *
 * @param device what is known of the device; not NULL
 */
enum plan_risk risk_of(const struct plan_device *device,
                       const struct btap_transaction *transaction);

/** What is missing before something may be sent. */
struct risk_lack {
    uint32_t permissions; /**< bits of enum plan_permission */
    bool confirmation;    /**< it must be confirmed and was not */
    bool irreversible;    /**< --allow-irreversible is needed and was not given */
};

/**
 * What of the permissions and agreement that a command, or a plan, needs was not given.
 *
 * @param allowed bits of enum plan_permission
 * @param confirmed what must be confirmed was
 * @param irreversible --allow-irreversible was given
 */
struct risk_lack risk_lacks(uint32_t allowed, bool confirmed, bool irreversible, uint32_t needs,
                            enum plan_risk risk);

/** Whether nothing is missing. */
static inline bool risk_lacks_nothing(const struct risk_lack *lack)
{
    return lack->permissions == 0 && !lack->confirmation && !lack->irreversible;
}

/** Whether the capture tells what device its plan is for: an STM32 in the table, or for DFU the
 * device's descriptors. Else --yes must agree to changes. */
bool risk_knows_device(enum btap_transport transport, const struct plan_device *device);

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
