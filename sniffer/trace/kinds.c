/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "trace/kinds.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/sysmacros.h>
#include <unistd.h>

/** Each is asked before the next one. */
static const struct trace_kind *const kinds_known[] = {
    &trace_tty,
    &trace_usbfs,
    &trace_can,
};

dev_t kinds_terminal(pid_t process)
{
    char path[32];
    char text[512];
    const char *name_end;
    unsigned int number = 0;
    FILE *file;
    size_t length;

    snprintf(path, sizeof(path), "/proc/%d/stat", process);
    file = fopen(path, "re");
    if (file == NULL)
        return 0;
    length = fread(text, 1, sizeof(text) - 1, file);
    fclose(file);
    text[length] = '\0';
    /* The name, in brackets, may hold anything: state, parent, group, session, tty_nr follow it. */
    name_end = strrchr(text, ')');
    if (name_end == NULL || sscanf(name_end, ") %*c %*d %*d %*d %u", &number) != 1)
        return 0;
    return number == 0 ? 0
                       : makedev(number >> 8 & 0xfff, (number & 0xff) | (number >> 12 & 0xfff00));
}

void kinds_init(struct kinds *kinds, const struct live_sink *sink)
{
    const dev_t terminal = kinds_terminal(getpid());
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
