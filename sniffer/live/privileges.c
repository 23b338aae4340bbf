/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "live/privileges.h"

#include <cap-ng.h>
#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

#include "base/caller.h"
#include "base/message.h"

static bool set_groups(const struct caller *user)
{
    const struct passwd *entry = getpwuid(user->uid);

    return (entry != NULL ? initgroups(entry->pw_name, user->gid) : setgroups(1, &user->gid)) == 0;
}

static bool become(const struct caller *user)
{
    return set_groups(user) && setresgid(user->gid, user->gid, user->gid) == 0 &&
           setresuid(user->uid, user->uid, user->uid) == 0;
}

/** Root's files are written wherever root asked for it, if root may: a container's may not. */
static bool limit(void)
{
    const bool has = capng_have_capability(CAPNG_PERMITTED, CAP_DAC_OVERRIDE) == 1;

    capng_clear(CAPNG_SELECT_BOTH);
    if (geteuid() == 0 && has)
        capng_update(CAPNG_ADD, CAPNG_EFFECTIVE | CAPNG_PERMITTED, CAP_DAC_OVERRIDE);
    return capng_apply(CAPNG_SELECT_CAPS) == 0;
}

bool privileges_drop(void)
{
    struct caller user;

    if (caller_find(&user) && !become(&user)) {
        message("privileges cannot be dropped to those of user %u: %s", (unsigned)user.uid,
                strerror(errno));
        return false;
    }
    if (limit())
        return true;
    message("capabilities cannot be dropped: %s", strerror(errno));
    return false;
}
