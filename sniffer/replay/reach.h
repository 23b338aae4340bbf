/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * How far a command is sent. What a device refused, or left unanswered, before the host had sent
 * all of it, is in a capture only that far, and goes no further again: if this device takes it, it
 * waits for the rest, which nobody has.
 */
#ifndef SNIFFER_REPLAY_REACH_H
#define SNIFFER_REPLAY_REACH_H

#include <stddef.h>

#include "boottap/transaction.h"

/**
 * The last phase whose bytes are sent.
 *
 * @return BTAP_PHASE_NONE: the command is sent to its end; always so for DFU, whose requests hold
 *         all of a command
 */
enum btap_phase reach_of(const struct btap_transaction *transaction);

/** Whether it is not sent to its end. */
static inline bool reach_is_short(const struct btap_transaction *transaction)
{
    return reach_of(transaction) != BTAP_PHASE_NONE;
}

/**
 * Whether it is not sent to its end, and what is sent does nothing, whatever the command: not a
 * sub-command of Special, of which no note tells. On CAN, where any frame may be taken for the
 * data that a device waits for, only if the recorded device said NACK: silence of both goes on.
 */
bool reach_is_harmless(const struct btap_transaction *transaction);

#define REACH_WORDS_SIZE 96

/** `is sent as far as the capture holds it: opcode only`; "" if it is sent to its end. @return
 * words
 */
const char *reach_words(const struct btap_transaction *transaction, char *words, size_t size);

#endif
