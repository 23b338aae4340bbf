/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/interrupt.h"

#include <stdio.h>

volatile sig_atomic_t interrupt_signal;

static void on_signal(int number)
{
    interrupt_signal = number;
}

void interrupt_catch(void)
{
    struct sigaction action = {.sa_handler = on_signal, .sa_flags = (int)SA_RESETHAND};

    sigemptyset(&action.sa_mask);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
}

void interrupt_catch_waiting(sigset_t *waiting)
{
    const struct sigaction action = {.sa_handler = on_signal};
    sigset_t blocked;

    sigemptyset(&blocked);
    sigaddset(&blocked, SIGINT);
    sigaddset(&blocked, SIGTERM);
    sigaddset(&blocked, SIGHUP);
    sigprocmask(SIG_BLOCK, &blocked, waiting);
    for (int number = 1; number < NSIG; number++)
        if (sigismember(&blocked, number) == 1) {
            sigdelset(waiting, number);
            sigaction(number, &action, NULL);
        }
}

void interrupt_die(void)
{
    if (interrupt_signal == 0)
        return;
    fflush(stdout);
    signal(interrupt_signal, SIG_DFL);
    raise(interrupt_signal);
}
