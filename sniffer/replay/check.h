/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Whether a command can be sent as the protocol has it: what stands in a file may be anything.
 */
#ifndef SNIFFER_REPLAY_CHECK_H
#define SNIFFER_REPLAY_CHECK_H

#include "replay/limits.h"
#include "replay/plan.h"

/**
 * Checks a command against the protocol: it is complete, lengths, counts and page numbers are those
 * of the application notes and of the product, and addresses do not wrap. One that is not sent to
 * its end (reach.h) must have what is sent of it.
 *
 * @param command transaction, payload and payload_length are used
 * @param[out] words why not, CHECK_WORDS_SIZE bytes; "" if it can be sent
 */
bool check_command(const struct plan_device *device, const struct plan_command *command,
                   char *words);

#endif
