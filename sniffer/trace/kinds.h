/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Which descriptors are followed, and as what.
 */
#ifndef SNIFFER_TRACE_KINDS_H
#define SNIFFER_TRACE_KINDS_H

#include "trace/call.h"

/** This program's standard input, output and error, and its controlling terminal. */
#define KINDS_TERMINALS_MAX 4

struct kinds {
    const struct traffic_sink *sink;
    /** The user's terminals, which no tool has as a serial port. */
    dev_t terminals[KINDS_TERMINALS_MAX];
    size_t terminals_length;
};

void kinds_init(struct kinds *kinds, const struct traffic_sink *sink);

/**
 * Starts to follow what a descriptor leads to, if it is of a kind.
 *
 * @param[out] status of it, where something is returned
 * @return to be closed with its kind's close; NULL: not followed
 */
struct trace_file *kinds_open(const struct kinds *kinds, const struct trace_call *call, int fd,
                              struct stat *status);

#endif
