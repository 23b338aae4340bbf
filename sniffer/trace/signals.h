/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Signals to this program while a tool runs. The tool is in the same process group, so that it has
 * the terminal and what its keys send; only what was sent to this program alone is passed on.
 */
#ifndef SNIFFER_TRACE_SIGNALS_H
#define SNIFFER_TRACE_SIGNALS_H

#include <stdbool.h>
#include <sys/types.h>

/** Takes SIGINT, SIGTERM, SIGHUP, SIGQUIT, as far as they were not ignored, and SIGTSTP.
 * @param process the tool */
void signals_catch(pid_t process);

/** Puts everything back. */
void signals_release(void);

/** Whether one came that asks to end. */
bool signals_asked_to_end(void);

/** Whether signals_delivered() wants to know of a signal. */
bool signals_wanted(int number);

/** The tool gets a signal. @param sender process that sent it; 0: the kernel */
void signals_delivered(int number, pid_t sender);

/** The tool ended: nothing is passed on any more, and waiting is broken off now and then. */
void signals_tool_ended(void);

/** The tool was stopped by a signal: stops this program too, if that came from the terminal, so
 * that the user's shell sees the job stopped. Returns when it is continued. */
void signals_tool_stopped(int number);

#endif
