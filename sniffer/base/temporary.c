/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/temporary.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/types.h>
#include <unistd.h>

/** More than any command has at a time. */
#define TEMPORARY_MAX 16

/** What a signal handler looks at; signals are blocked while it changes. */
static const char *volatile paths[TEMPORARY_MAX];

/** A child that became nothing else yet must not remove what is its parent's. */
static volatile pid_t owner;

/** What ends a program unless it is caught, but for what shows a fault of it. */
static const int deadly[] = {SIGHUP,  SIGINT,  SIGQUIT, SIGPIPE, SIGALRM,   SIGTERM,
                             SIGUSR1, SIGUSR2, SIGXCPU, SIGXFSZ, SIGVTALRM, SIGPROF};

void temporary_remove_all(void)
{
    if (owner != getpid())
        return;
    for (unsigned i = TEMPORARY_MAX; i-- > 0;)
        if (paths[i] != NULL && unlink(paths[i]) != 0)
            rmdir(paths[i]);
}

static void on_deadly(int number)
{
    temporary_remove_all();
    signal(number, SIG_DFL);
    raise(number);
}

/** What is ignored, or caught by somebody, stays so. */
static void catch_signals(void)
{
    struct sigaction action = {.sa_handler = on_deadly};
    struct sigaction before;

    sigfillset(&action.sa_mask);
    for (size_t i = 0; i < sizeof(deadly) / sizeof(deadly[0]); i++)
        if (sigaction(deadly[i], NULL, &before) == 0 && (before.sa_flags & SA_SIGINFO) == 0 &&
            before.sa_handler == SIG_DFL)
            sigaction(deadly[i], &action, NULL);
}

static void block(sigset_t *before)
{
    sigset_t all;

    sigfillset(&all);
    sigprocmask(SIG_BLOCK, &all, before);
}

/** Signals are blocked. */
static void add(const char *path)
{
    unsigned i = 0;

    owner = getpid();
    catch_signals();
    while (i < TEMPORARY_MAX && paths[i] != NULL)
        i++;
    if (i < TEMPORARY_MAX)
        paths[i] = path;
}

void temporary_add(const char *path)
{
    sigset_t before;

    block(&before);
    add(path);
    sigprocmask(SIG_SETMASK, &before, NULL);
}

int temporary_create(char *path)
{
    sigset_t before;
    int descriptor;
    int error;

    block(&before);
    descriptor = mkostemp(path, O_CLOEXEC);
    error = errno;
    if (descriptor >= 0)
        add(path);
    sigprocmask(SIG_SETMASK, &before, NULL);
    errno = error;
    return descriptor;
}

bool temporary_create_directory(char *path)
{
    sigset_t before;
    bool created;
    int error;

    block(&before);
    created = mkdtemp(path) != NULL;
    error = errno;
    if (created)
        add(path);
    sigprocmask(SIG_SETMASK, &before, NULL);
    errno = error;
    return created;
}

void temporary_forget(const char *path)
{
    sigset_t before;

    block(&before);
    for (unsigned i = 0; i < TEMPORARY_MAX; i++)
        if (paths[i] == path)
            paths[i] = NULL;
    sigprocmask(SIG_SETMASK, &before, NULL);
}
