/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "port/pty_link.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/allocate.h"
#include "base/message.h"

/** Longest name of a pseudo-terminal that matters: a longer one is none of ours. */
#define TARGET_SIZE 64

/** @return false where it is no symbolic link */
static bool read_link(const char *link, char target[static TARGET_SIZE])
{
    const ssize_t length = readlink(link, target, TARGET_SIZE - 1);

    target[length > 0 ? length : 0] = '\0';
    return length >= 0;
}

/** Whether what stands at the link's place may go: nothing, or a link that was one of these. */
static bool may_replace(const char *link)
{
    char target[TARGET_SIZE];
    struct stat status;

    if (lstat(link, &status) != 0)
        return true;
    return read_link(link, target) &&
           (strncmp(target, "/dev/pts/", 9) == 0 || (stat(link, &status) != 0 && errno == ENOENT));
}

bool pty_link_make(const char *link, const char *target)
{
    char *temporary;
    bool made;

    if (!may_replace(link)) {
        message("%s: something else is there; name another place for the link, or remove it", link);
        return false;
    }
    temporary = allocate(strlen(link) + 16);
    sprintf(temporary, "%s.%ld", link, (long)getpid());
    made = symlink(target, temporary) == 0 && rename(temporary, link) == 0;
    if (!made) {
        message("%s: cannot be made: %s", link, strerror(errno));
        unlink(temporary);
    }
    free(temporary);
    return made;
}

void pty_link_remove(const char *link, const char *target)
{
    char found[TARGET_SIZE];

    if (read_link(link, found) && strcmp(found, target) == 0)
        unlink(link);
}
