/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The terminals that processes belong to.
 */
#ifndef SNIFFER_TRACE_TERMINAL_H
#define SNIFFER_TRACE_TERMINAL_H

#include <sys/types.h>

/** The controlling terminal of a process; 0: none. */
dev_t terminal_of(pid_t process);

#endif
