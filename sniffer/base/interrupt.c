/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/interrupt.h"

#include <limits.h>
#include <stdio.h>

#include "base/clock.h"
#include "base/temporary.h"

volatile sig_atomic_t interrupt_signal;
volatile sig_atomic_t interrupt_again;

/** The mask for waiting of interrupt_catch_waiting(); NULL: it was not called. */
static const sigset_t *mask;

static void on_signal(int number)
{
    if (interrupt_signal != 0)
        interrupt_again = 1;
    interrupt_signal = number;
}

/** The second one ends the program. */
static void on_signal_again(int number)
{
    if (interrupt_signal != 0) {
        temporary_remove_all();
        signal(number, SIG_DFL);
        raise(number);
    }
    interrupt_signal = number;
}

/** nohup, and whoever else wants a program to outlive its terminal, has SIGHUP ignored. */
static bool is_ignored(int number)
{
    struct sigaction action;

    return sigaction(number, NULL, &action) == 0 && action.sa_handler == SIG_IGN;
}

void interrupt_catch(void)
{
    struct sigaction action = {.sa_handler = on_signal_again};

    sigemptyset(&action.sa_mask);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    if (!is_ignored(SIGHUP))
        sigaction(SIGHUP, &action, NULL);
}

void interrupt_release(void)
{
    signal(SIGINT, SIG_DFL);
    signal(SIGTERM, SIG_DFL);
    if (!is_ignored(SIGHUP))
        signal(SIGHUP, SIG_DFL);
}

void interrupt_catch_waiting(sigset_t *waiting)
{
    static sigset_t kept;
    const struct sigaction action = {.sa_handler = on_signal};
    sigset_t blocked;

    sigemptyset(&blocked);
    sigaddset(&blocked, SIGINT);
    sigaddset(&blocked, SIGTERM);
    if (!is_ignored(SIGHUP))
        sigaddset(&blocked, SIGHUP);
    sigprocmask(SIG_BLOCK, &blocked, waiting);
    for (int number = 1; number < NSIG; number++)
        if (sigismember(&blocked, number) == 1) {
            sigdelset(waiting, number);
            sigaction(number, &action, NULL);
        }
    kept = *waiting;
    mask = &kept;
}

bool interrupt_breaks_off(void)
{
    return interrupt_signal != 0 && mask == NULL;
}

int interrupt_poll(struct pollfd *fds, nfds_t length, int ms)
{
    const btap_ns time = (btap_ns)ms * CLOCK_NS_PER_MS;
    const struct timespec left = {time / CLOCK_NS_PER_SECOND, time % CLOCK_NS_PER_SECOND};

    return ppoll(fds, length, ms >= 0 ? &left : NULL, mask);
}

bool interrupt_await(struct pollfd *fds, nfds_t length, btap_ns deadline)
{
    for (;;) {
        const btap_ns left = interrupt_again ? 0 : deadline - clock_monotonic();
        /* Up to the next millisecond: a wait that is too short would be one of many. */
        const btap_ns ms = left > 0 ? (left + CLOCK_NS_PER_MS - 1) / CLOCK_NS_PER_MS : 0;

        if (interrupt_poll(fds, length, ms < INT_MAX ? (int)ms : INT_MAX) > 0)
            return true;
        if (left <= 0)
            return false;
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
