/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "trace/signals.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/** So far apart a signal to the whole group may reach this program and the tool. */
#define GROUP_NS 50000000L

/** A signal that asks to end. */
struct ending {
    int number;
    struct sigaction before;
    volatile sig_atomic_t sender;    /**< who sent it to this program; -1: the terminal */
    volatile sig_atomic_t is_due;    /**< it is to be passed on unless the tool gets it by itself */
    volatile sig_atomic_t delivered; /**< who sent the one that the tool got just now */
};

static struct ending endings[] = {
    {.number = SIGINT},
    {.number = SIGTERM},
    {.number = SIGHUP},
    {.number = SIGQUIT},
};
static struct sigaction before_alarm;
static struct sigaction before_stop;
static struct sigaction before_child;
static timer_t timer;

static volatile sig_atomic_t tool;
static volatile sig_atomic_t tool_is_there;
static volatile sig_atomic_t asked_to_end;
static volatile sig_atomic_t terminal_stop;

#define ENDINGS (sizeof(endings) / sizeof(endings[0]))

static void set_timer(long interval)
{
    const struct itimerspec times = {.it_value.tv_nsec = GROUP_NS, .it_interval.tv_nsec = interval};

    timer_settime(timer, 0, &times, NULL);
}

/** What the kernel sends comes from the terminal, to the whole group, which the tool may have left
 * (timeout does). So may what a process sends: it is passed on a little later, if the tool did not
 * get it. */
static void on_end(int number, siginfo_t *info, void *context)
{
    const bool by_process = info->si_code <= 0;
    const int error = errno;

    (void)context;
    asked_to_end = 1;
    for (size_t i = 0; i < ENDINGS; i++)
        if (endings[i].number == number && (by_process || getpgid(tool) != getpgrp())) {
            endings[i].sender = by_process ? info->si_pid : -1;
            endings[i].is_due = 1;
        }
    set_timer(tool_is_there ? 0 : GROUP_NS);
    errno = error;
}

static void on_alarm(int number)
{
    const int error = errno;

    (void)number;
    for (size_t i = 0; i < ENDINGS; i++) {
        if (endings[i].is_due && tool_is_there && endings[i].delivered != endings[i].sender)
            kill(tool, endings[i].number);
        endings[i].is_due = 0;
        endings[i].delivered = 0;
    }
    errno = error;
}

static void on_stop(int number)
{
    (void)number;
    terminal_stop = 1;
}

static void catch_stop(struct sigaction *before)
{
    struct sigaction stop = {.sa_handler = on_stop, .sa_flags = SA_RESTART};

    sigemptyset(&stop.sa_mask);
    sigaction(SIGTSTP, &stop, before);
    if (before != NULL && before->sa_handler == SIG_IGN)
        sigaction(SIGTSTP, before, NULL);
}

void signals_catch(pid_t process)
{
    struct sigaction end = {.sa_sigaction = on_end, .sa_flags = SA_RESTART | SA_SIGINFO};
    struct sigaction wake = {.sa_handler = on_alarm}; /* breaks off a wait: not SA_RESTART */
    struct sigaction child = {.sa_handler = SIG_DFL};
    struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGALRM};

    tool = process;
    tool_is_there = 1;
    asked_to_end = 0;
    terminal_stop = 0;
    sigfillset(&end.sa_mask);
    sigfillset(&wake.sa_mask);
    sigemptyset(&child.sa_mask);
    sigaction(SIGALRM, &wake, &before_alarm);
    timer_create(CLOCK_MONOTONIC, &event, &timer);
    /* Where it is ignored nobody can wait for a child. */
    sigaction(SIGCHLD, &child, &before_child);
    catch_stop(&before_stop);
    for (size_t i = 0; i < ENDINGS; i++) {
        struct ending *ending = &endings[i];

        ending->is_due = 0;
        ending->delivered = 0;
        sigaction(ending->number, &end, &ending->before);
        if (ending->before.sa_handler == SIG_IGN)
            sigaction(ending->number, &ending->before, NULL);
    }
}

void signals_release(void)
{
    for (size_t i = 0; i < ENDINGS; i++)
        sigaction(endings[i].number, &endings[i].before, NULL);
    sigaction(SIGTSTP, &before_stop, NULL);
    sigaction(SIGCHLD, &before_child, NULL);
    timer_delete(timer);
    sigaction(SIGALRM, &before_alarm, NULL);
}

bool signals_asked_to_end(void)
{
    return asked_to_end != 0;
}

bool signals_wanted(int number)
{
    for (size_t i = 0; i < ENDINGS; i++)
        if (endings[i].number == number)
            return true;
    return false;
}

void signals_delivered(int number, pid_t sender)
{
    for (size_t i = 0; i < ENDINGS; i++)
        if (endings[i].number == number)
            endings[i].delivered = sender;
    set_timer(0);
}

void signals_tool_ended(void)
{
    tool_is_there = 0;
    set_timer(GROUP_NS);
}

void signals_tool_stopped(int number)
{
    struct sigaction stop = {.sa_handler = SIG_DFL};

    /* A tool may answer the terminal's SIGTSTP with SIGSTOP; one that somebody else sent is between
       him and the tool. */
    if ((number == SIGSTOP && !terminal_stop) || before_stop.sa_handler == SIG_IGN)
        return;
    terminal_stop = 0;
    sigemptyset(&stop.sa_mask);
    sigaction(SIGTSTP, &stop, NULL);
    raise(SIGTSTP);
    catch_stop(NULL);
}
