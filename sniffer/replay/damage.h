/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Whether a capture wholly holds a command, so that it can be sent again.
 */
#ifndef SNIFFER_REPLAY_DAMAGE_H
#define SNIFFER_REPLAY_DAMAGE_H

#include "replay/plan.h"

/** Room for the words of damage_of(). */
#define DAMAGE_WORDS_SIZE 160

/**
 * Looks at what a capture holds of a command.
 *
 * @param transfer_size_known DFU: descriptors or the user tell it
 * @param[out] words what is wrong, DAMAGE_WORDS_SIZE bytes
 * @return whether the command is damaged
 */
bool damage_of(const struct btap_transaction *transaction, bool transfer_size_known, char *words);

#endif
