/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The recorded and the replayed session side by side: what was sent, and what the decoder makes of
 * the replay's own traffic. What the replay sent by itself, to synchronise or to ask, is left out.
 */
#ifndef SNIFFER_REPLAY_PAIRING_H
#define SNIFFER_REPLAY_PAIRING_H

#include "diff/compare.h"
#include "replay/answers.h"

/** It stays where it is: edits point into it. */
struct pairing {
    struct steps planned; /**< those sent, in their order; of no capture if first_packet is 0 */
    size_t *items;        /**< of each: its index in the plan */
    struct steps replayed;
    struct edits edits;
};

/**
 * Pairs them.
 *
 * @param sent how many commands of the plan were sent and answered
 * @param collected the replay's traffic, decoded
 */
void pairing_make(struct pairing *pairing, const struct plan *plan, size_t sent,
                  const struct side *collected, const struct answer_options *options);

void pairing_release(struct pairing *pairing);

/** Whether anything differs. */
bool pairing_differs(const struct pairing *pairing);

/** The edit about a command of the plan; NULL if it was not sent. */
const struct edit *pairing_find(const struct pairing *pairing, size_t item);

/**
 * What is different about a pair, in words; "" of CHANGE_NONE.
 *
 * @param room the planned and the replayed transaction, as far as the edit has them
 */
const char *pairing_words(const struct edit *edit, const struct unpacked room[static 2],
                          char *words, size_t size);

#endif
