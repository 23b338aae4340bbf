/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What a plan amounts to.
 */
#ifndef SNIFFER_REPLAY_TOTALS_H
#define SNIFFER_REPLAY_TOTALS_H

#include "replay/plan.h"
#include "replay/risk.h"

struct replay_totals {
    uint64_t writes;
    uint64_t bytes; /**< written */
    uint64_t erases;
    uint64_t pages;       /**< erased one by one */
    uint64_t bank_erases; /**< banks, and all: removing the read protection does too */
    uint64_t mass_erases;
    uint64_t protections; /**< set or removed */
    uint64_t starts;      /**< commands that leave the bootloader */
    uint64_t specials;
    uint64_t confirmed;    /**< commands that must be confirmed, or more */
    uint64_t irreversible; /**< of them: that need --allow-irreversible */
};

struct replay_totals totals_of(const struct plan *plan);

/** Whether --yes must agree: to commands one by one, or to a change of a device that is not known.
 */
bool totals_need_yes(const struct plan *plan);

/** What of a permit a whole plan lacks. Parameters as those of risk_lacks(). */
struct risk_lack totals_lack(const struct plan *plan, uint32_t allowed, bool confirmed,
                             bool irreversible);

/** Names of permissions, with commas between; "" for none. @return text */
const char *totals_permissions(uint32_t permissions, char *text, size_t size);

/** Room for all of them. */
#define TOTALS_PERMISSIONS_SIZE 64

#endif
