/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "trace/kinds.h"

#include <limits.h>
#include <stdio.h>
#include <unistd.h>

#include "trace/terminal.h"

/** Each is asked before the next one. */
static const struct trace_kind *const kinds_known[] = {
    &trace_tty,
    &trace_usbfs,
    &trace_can,
};

void kinds_init(struct kinds *kinds, const struct traffic_sink *sink)
{
    const dev_t terminal = terminal_of(getpid());
    struct stat status;

    *kinds = (struct kinds){.sink = sink};
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
        if (isatty(fd) && fstat(fd, &status) == 0)
            kinds->terminals[kinds->terminals_length++] = status.st_rdev;
    if (terminal != 0)
        kinds->terminals[kinds->terminals_length++] = terminal;
}

static bool is_users_terminal(const struct kinds *kinds, const struct stat *status)
{
    for (size_t i = 0; i < kinds->terminals_length; i++)
        if (kinds->terminals[i] == status->st_rdev)
            return true;
    return false;
}

struct trace_file *kinds_open(const struct kinds *kinds, const struct trace_call *call, int fd,
                              struct stat *status)
{
    char link[48];
    char path[PATH_MAX];
    ssize_t length;

    snprintf(link, sizeof(link), "/proc/%d/fd/%d", call->thread, fd);
    if (stat(link, status) != 0 || !(S_ISCHR(status->st_mode) || S_ISSOCK(status->st_mode)) ||
        is_users_terminal(kinds, status))
        return NULL;
    length = readlink(link, path, sizeof(path) - 1);
    if (length < 0)
        return NULL;
    path[length] = '\0';
    for (size_t i = 0; i < sizeof(kinds_known) / sizeof(kinds_known[0]); i++)
        if (kinds_known[i]->is(path, status))
            return kinds_known[i]->open(call, fd, path, kinds->sink);
    return NULL;
}
