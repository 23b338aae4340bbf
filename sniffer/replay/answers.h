/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Answers held against the recorded ones. What depends on the device is left out unless --strict
 * wants it: versions, lists of commands, times, identifiers of CAN answers, and data that were read
 * where the replay itself wrote nothing.
 */
#ifndef SNIFFER_REPLAY_ANSWERS_H
#define SNIFFER_REPLAY_ANSWERS_H

#include "boottap/comparison.h"
#include "memory/ranges.h"
#include "replay/host.h"

struct answer_options {
    bool strict;          /**< whatever the device */
    uint64_t ignored;     /**< bits of enum btap_aspect that never count */
    struct ranges masked; /**< memory whose contents do not count */
};

/** State: what the replay wrote so far. */
struct answers {
    const struct answer_options *options;
    struct btap_comparison comparison;
    struct ranges written;
};

/** @param options kept */
void answers_init(struct answers *answers, const struct answer_options *options);

/**
 * Whether an answer is the recorded one; one to a command that is not PLAN_RECORDED must be
 * BTAP_OK.
 *
 * @param[out] words in what it differs: `status: ok -> nack (address)`; size bytes
 */
bool answers_take(struct answers *answers, const struct plan_command *command,
                  const struct host_answer *answer, char *words, size_t size);

/** The same two transactions, reduced to what counts: for a comparison of both sessions. */
void answers_reduce(const struct answers *answers, struct btap_compared *compared,
                    struct btap_transaction *transaction);

void answers_release(struct answers *answers);

#endif
