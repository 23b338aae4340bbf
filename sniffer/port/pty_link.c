/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "port/pty_link.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/allocate.h"
#include "base/caller.h"
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

/** Whether what stands at the link's place may go: a link that was one of these. */
static bool may_replace(const char *link)
{
    char target[TARGET_SIZE];
    struct stat status;

    return read_link(link, target) &&
           (strncmp(target, "/dev/pts/", 9) == 0 || (stat(link, &status) != 0 && errno == ENOENT));
}

/** Puts a link in the place of another one, at once. @return false: a message says why */
static bool replace(const char *link, const char *target)
{
    char *temporary = allocate(strlen(link) + 24);
    bool made;

    sprintf(temporary, "%s.%ld", link, (long)getpid());
    made = symlink(target, temporary) == 0;
    if (!made) {
        message("%s: cannot be made: %s", temporary, strerror(errno));
    } else if (rename(temporary, link) != 0) {
        message("%s: cannot be replaced: %s", link, strerror(errno));
        unlink(temporary);
        made = false;
    }
    free(temporary);
    return made;
}

static bool make(const char *link, const char *target)
{
    if (symlink(target, link) == 0)
        return true;
    if (errno != EEXIST) {
        message("%s: cannot be made: %s", link, strerror(errno));
        return false;
    }
    if (may_replace(link))
        return replace(link, target);
    message("%s: something else is there; name another place for the link, or remove it", link);
    return false;
}

/**
 * Whether the link's directory is one like /tmp. The kernel lets nobody but its owner follow a
 * user's link there (proc_sys_fs(5), protected_symlinks): not even root, as a tool may run.
 */
static bool is_shared(const char *link)
{
    const char *slash = strrchr(link, '/');
    const size_t length = slash == NULL ? 0 : (size_t)(slash - link) + 1;
    char *directory = allocate(length + 2);
    struct stat status;
    bool shared;

    memcpy(directory, link, length);
    directory[length] = '.';
    shared = stat(directory, &status) == 0 && (status.st_mode & S_ISVTX) != 0 &&
             (status.st_mode & S_IWOTH) != 0;
    free(directory);
    return shared;
}

/** The link is the caller's, unless nobody else could follow it then. */
static void take_files(const char *link)
{
    if (!is_shared(link))
        caller_take_files();
}

bool pty_link_make(const char *link, const char *target)
{
    bool made;

    take_files(link);
    made = make(link, target);
    caller_return_files();
    return made;
}

void pty_link_remove(const char *link, const char *target)
{
    char found[TARGET_SIZE];

    take_files(link);
    if (read_link(link, found) && strcmp(found, target) == 0 && unlink(link) != 0)
        message("%s: cannot be removed: %s; it leads nowhere now", link, strerror(errno));
    caller_return_files();
}
