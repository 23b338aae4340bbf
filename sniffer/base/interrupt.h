/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * SIGINT and SIGTERM end the work in hand, not the program: what is open is still printed.
 */
#ifndef SNIFFER_BASE_INTERRUPT_H
#define SNIFFER_BASE_INTERRUPT_H

#include <signal.h>

/** The signal that asked to end; 0 none did. */
extern volatile sig_atomic_t interrupt_signal;

/** Catches the signals from here on. A blocking read ends with EINTR. */
void interrupt_catch(void);

/**
 * Catches them, and SIGHUP, while the program waits only: they are blocked from here on.
 *
 * @param[out] waiting the signal mask for ppoll()
 */
void interrupt_catch_waiting(sigset_t *waiting);

/** If a signal came: flushes standard output and dies of it, so that a calling script stops too. */
void interrupt_die(void);

#endif
