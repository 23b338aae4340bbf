/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Starts a tool in such a way that none of its system calls is missed.
 */
#ifndef SNIFFER_TRACE_START_H
#define SNIFFER_TRACE_START_H

#include <stdbool.h>
#include <sys/types.h>

struct start {
    pid_t tool;
    int child; /**< a socket to it: tells why the tool could not be executed */
};

/**
 * Starts a process that is followed from its first instruction on, and lets it execute the tool.
 *
 * @return false: a message says why; nothing is left behind
 */
bool start_tool(char *const *argv, struct start *start);

/**
 * To be called at the end of what was started.
 *
 * @return false: the tool could not be executed, a message says why
 */
bool start_succeeded(const struct start *start, char *const *argv);

#endif
