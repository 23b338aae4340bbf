/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * SIGINT and SIGTERM end the work in hand, not the program: what is open is still printed.
 */
#ifndef SNIFFER_BASE_INTERRUPT_H
#define SNIFFER_BASE_INTERRUPT_H

#include <poll.h>
#include <signal.h>
#include <stdbool.h>

#include "boottap/types.h"

/** The signal that asked to end; 0 none did. */
extern volatile sig_atomic_t interrupt_signal;

/** Another one came after it: whoever asks twice does not want to wait any more. */
extern volatile sig_atomic_t interrupt_again;

/** Catches the signals from here on. A blocking read ends with EINTR. */
void interrupt_catch(void);

/**
 * Catches them, and SIGHUP unless it is ignored (nohup), while the program waits only: they are
 * blocked from here on.
 *
 * @param[out] waiting the signal mask for ppoll()
 */
void interrupt_catch_waiting(sigset_t *waiting);

/**
 * Waits as poll() does; what interrupt_catch_waiting() holds back comes through meanwhile.
 *
 * @param fds NULL: only the time
 * @param ms -1: without end
 */
int interrupt_poll(struct pollfd *fds, nfds_t length, int ms);

/**
 * Waits likewise until a descriptor is ready, or a deadline. A signal does not end it: who asks for
 * one asks afterwards. A second one does (interrupt_again), as if the deadline had come.
 *
 * @param deadline CLOCK_MONOTONIC in ns
 * @return false: the deadline came
 */
bool interrupt_await(struct pollfd *fds, nfds_t length, btap_ns deadline);

/** If a signal came: flushes standard output and dies of it, so that a calling script stops too. */
void interrupt_die(void);

#endif
