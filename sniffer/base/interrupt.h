/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * SIGINT, SIGTERM and SIGHUP end the work in hand, not the program: what is open is still printed.
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

/** Catches them, and SIGHUP unless it is ignored (nohup), from here on. A blocking read ends with
 * EINTR. A second one ends the program. */
void interrupt_catch(void);

/** From here on they end the program again. */
void interrupt_release(void);

/**
 * Catches them, and SIGHUP unless it is ignored (nohup), while the program waits only: they are
 * blocked from here on.
 *
 * @param[out] waiting the signal mask for ppoll()
 */
void interrupt_catch_waiting(sigset_t *waiting);

/** Whether a signal breaks off what was begun, so that its result is none. After
 * interrupt_catch_waiting() none does: what lasts until it is ended ends well so. */
bool interrupt_breaks_off(void);

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
