/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/caller.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/fsuid.h>
#include <unistd.h>

/** A number in the environment. */
static bool number_of(const char *variable, unsigned *number)
{
    const char *text = getenv(variable);
    unsigned long value;
    char *end;

    if (text == NULL || *text < '0' || *text > '9')
        return false;
    errno = 0;
    value = strtoul(text, &end, 10);
    if (*end != '\0' || errno != 0 || value >= UINT32_MAX)
        return false;
    *number = (unsigned)value;
    return true;
}

bool caller_find(struct caller *caller)
{
    if (geteuid() != 0)
        return false;
    *caller = (struct caller){getuid(), getgid()};
    if (caller->uid != 0)
        return true;
    return number_of("SUDO_UID", &caller->uid) && number_of("SUDO_GID", &caller->gid) &&
           caller->uid != 0;
}

void caller_take_files(void)
{
    struct caller caller;

    if (!caller_find(&caller))
        return;
    setfsgid(caller.gid);
    setfsuid(caller.uid);
}

void caller_return_files(void)
{
    setfsuid(geteuid());
    setfsgid(getegid());
}
