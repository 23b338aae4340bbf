/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The frame of every answer of a host: what was asked, when it began and how it ended.
 */
#ifndef SNIFFER_REPLAY_HOST_ANSWER_H
#define SNIFFER_REPLAY_HOST_ANSWER_H

#include "replay/host.h"

/**
 * Begins an answer: the command's request, and nothing that a device answered. Time and packets
 * count from here.
 *
 * @param[out] answer data is left as it is
 */
void host_answer_begin(const struct host *host, const struct plan_command *command,
                       struct host_answer *answer);

/** Ends it. @param phase BTAP_PHASE_NONE exactly if status is BTAP_OK */
void host_answer_end(const struct host *host, struct host_answer *answer, enum btap_status status,
                     enum btap_phase phase);

/** Adds a command code to the list that Get answers. */
void host_answer_list(struct host_answer *answer, uint16_t entry);

/** How long to wait: as usual, unless the user said how long. */
btap_ns host_patience(const struct host *host, btap_ns usual);

#endif
