/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Answers held against the recorded ones. What depends on the device is left out unless --strict
 * wants it: versions, lists of commands, identifiers of CAN answers, and data that were read where
 * the replay itself wrote nothing. Times, polls and notes that are no warnings are not answers.
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

/** State: what the replay did so far. */
struct answers {
    const struct answer_options *options;
    struct btap_comparison comparison;
    struct ranges written; /**< addresses; of a plain DFU device, which has none, block numbers */
    bool worked;           /**< DFU: what the device did before the replay has no say any more */
};

/** @param options kept */
void answers_init(struct answers *answers, const struct answer_options *options);

/**
 * Whether an answer is the recorded one; one to a command that is not PLAN_RECORDED must be
 * BTAP_OK, and what is read with a known sum must have it. Called once a command, in their order.
 *
 * @param[out] words in what it differs: `status: ok -> nack (address)`; size bytes
 */
bool answers_take(struct answers *answers, const struct plan_command *command,
                  const struct host_answer *answer, char *words, size_t size);

/**
 * In what the answer to a command differs from the recorded one, both as decoded; bits of enum
 * btap_aspect. Where and when they stand does not count.
 */
uint64_t answers_differences(const struct answers *answers, const struct btap_compared *recorded,
                             const struct btap_compared *replayed);

/** The same of a command that is not recorded: it must be BTAP_OK, and what it reads with a known
 * sum must have it. */
uint64_t answers_unexpected(const struct btap_compared *planned,
                            const struct btap_compared *replayed);

/** Goes on after a command, as it was answered. */
void answers_pass(struct answers *answers, const struct btap_transaction *transaction);

/** `status: ok -> nack (address), crc32: 0x1 -> 0x2`. @return words */
const char *answers_words(uint64_t differences, const struct btap_compared *recorded,
                          const struct btap_compared *replayed, char *words, size_t size);

void answers_release(struct answers *answers);

#endif
