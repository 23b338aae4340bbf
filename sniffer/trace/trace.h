/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The source of boottap run: a tool is started and its system calls are followed (ptrace), its
 * children's and threads' too; what they say to serial ports, USB devices (usbfs) and CAN sockets
 * comes out as live traffic, every interface marked at_tool. The tool is not changed: if this
 * program dies, it goes on.
 */
#ifndef SNIFFER_TRACE_TRACE_H
#define SNIFFER_TRACE_TRACE_H

#include "traffic/traffic.h"

/** How a tool ended. */
struct trace_end {
    int status;           /**< its exit status; -1: a signal ended it */
    int signal;           /**< that signal; else 0 */
    bool stopped_by_user; /**< SIGINT, SIGTERM, SIGHUP or SIGQUIT came and was passed on */
    /** What could not be seen, each a line for people, NULL-terminated: io_uring, setuid. */
    const char *unseen[8];
};

/**
 * Runs a tool to its end, and its children that are left. Its standard input, output and error are
 * this program's. What is left when the tool ended is told in a message, and let go when the user
 * asks to end. Other children of this program that end meanwhile are reaped.
 *
 * @param argv NULL-terminated; argv[0] is looked up in PATH
 * @param sink consumes the traffic as it happens; not NULL
 * @param[out] end set where true is returned
 * @return false: the tool was not started, or ptrace is not to be had; a message says why
 */
bool trace_run(char *const *argv, const struct traffic_sink *sink, struct trace_end *end);

#endif
