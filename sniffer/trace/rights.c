/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "trace/rights.h"

#include <cap-ng.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

static bool gives_rights(const char *path)
{
    struct stat status;

    if (stat(path, &status) != 0 || !S_ISREG(status.st_mode) || access(path, X_OK) != 0)
        return false;
    if ((status.st_mode & S_ISUID) != 0 && status.st_uid != geteuid())
        return true;
    if ((status.st_mode & (S_ISGID | S_IXGRP)) == (S_ISGID | S_IXGRP) && status.st_gid != getegid())
        return true;
    return getxattr(path, "security.capability", NULL, 0) > 0;
}

bool rights_are_lost(const char *path)
{
    return !capng_have_capability(CAPNG_EFFECTIVE, CAP_SYS_PTRACE) && gives_rights(path);
}
