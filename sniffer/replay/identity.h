/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Whether the device at the wire is the one that a plan is for.
 */
#ifndef SNIFFER_REPLAY_IDENTITY_H
#define SNIFFER_REPLAY_IDENTITY_H

#include "replay/host.h"

enum identity_verdict {
    IDENTITY_FITS,
    IDENTITY_UNKNOWN, /**< a product that is not in the table, or it does not tell */
    IDENTITY_OTHER,   /**< another product, or another layout of its memory */
};

/**
 * Holds a device against the one of a plan. Another serial number is told only.
 *
 * @param alternates bits of the alternate settings that the plan uses
 * @param[out] words what is wrong; set where it does not fit
 */
enum identity_verdict identity_judge(const struct plan *plan, uint64_t alternates,
                                     const struct host_identity *identity, const struct wire *wire,
                                     char *words, size_t size);

#endif
