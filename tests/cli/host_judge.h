/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The decoder as judge of a host: what passed the gate goes through the tap, and each answer that
 * the host gave must be what the decoder makes of the same bytes.
 */
#ifndef HOST_JUDGE_H
#define HOST_JUDGE_H

#include "boottap/tap.h"
#include "replay/host.h"
#include "traffic/traffic.h"

#define JUDGE_ANSWERS_MAX 600

struct judge {
    struct traffic_sink sink; /**< of the gate */
    struct btap_tap tap;
    struct btap_sink consumer;
    uint32_t linktype;
    uint64_t packets;
    size_t seen_length;
    struct btap_transaction *seen; /**< by the decoder */
    size_t answers_length;
    struct btap_transaction *answers; /**< by the host */
};

/** Ready for a gate. It must stay where it is. */
void judge_start(struct judge *judge);

/** Keeps an answer, to be held against the decoder's at the end. */
void judge_keep(struct judge *judge, const struct host_answer *answer);

/** Ends the traffic: each answer is what the decoder makes of it. Frees. */
void judge_settle(struct judge *judge);

/** Frees, and judges nothing: instead of judge_settle(). */
void judge_release(struct judge *judge);

/** The transactions that the decoder saw, `set-address ok, write-memory error (operation)`; for
 * judge_settle()'s time: before it. */
void judge_words(const struct judge *judge, char *words, size_t size);

/** All is allowed. */
extern const struct gate_permit judge_permit;

#endif
