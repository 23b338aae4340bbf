/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The sessions of a capture as they were recorded: every transaction with the host's bytes.
 */
#ifndef SNIFFER_REPLAY_RECORDED_H
#define SNIFFER_REPLAY_RECORDED_H

#include "boottap/tap.h"
#include "replay/plan.h"

/** A session. Its plan has all transactions, whatever they are, numbered by what they are about. */
struct recorded {
    struct plan plan;
    btap_ns end; /**< of the transaction before */
};

/** Which session. */
struct recorded_choice {
    const char *path; /**< "-" for standard input */
    struct btap_options decoder;
    const char *link; /**< only this one, as decode prints it; NULL: any */
    uint64_t session; /**< only this one of its link; 0: any */
};

/**
 * Reads the one session that is asked for. Messages say what goes wrong; where several are left to
 * choose from, which.
 *
 * @return NULL: there is none, or not one only, or the capture could not be read to its end
 */
struct recorded *recorded_read(const struct recorded_choice *choice);

void recorded_free(struct recorded *recorded);

#endif
