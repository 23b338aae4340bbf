/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "live/privileges.h"

#include <cap-ng.h>
#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

#include "base/message.h"

/** Somebody to become. */
struct user {
    uid_t uid;
    gid_t gid;
};

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

/** Who called the program. @return false: it stays who it is */
static bool caller(struct user *user)
{
    if (geteuid() != 0)
        return false;
    *user = (struct user){getuid(), getgid()};
    if (user->uid != 0)
        return true;
    return number_of("SUDO_UID", &user->uid) && number_of("SUDO_GID", &user->gid) && user->uid != 0;
}

static bool set_groups(const struct user *user)
{
    const struct passwd *entry = getpwuid(user->uid);

    return (entry != NULL ? initgroups(entry->pw_name, user->gid) : setgroups(1, &user->gid)) == 0;
}

static bool become(const struct user *user)
{
    return set_groups(user) && setresgid(user->gid, user->gid, user->gid) == 0 &&
           setresuid(user->uid, user->uid, user->uid) == 0;
}

/** Root's files are written wherever root asked for it. */
static bool limit(void)
{
    capng_clear(CAPNG_SELECT_BOTH);
    if (geteuid() == 0)
        capng_update(CAPNG_ADD, CAPNG_EFFECTIVE | CAPNG_PERMITTED, CAP_DAC_OVERRIDE);
    return capng_apply(CAPNG_SELECT_CAPS) == 0;
}

bool privileges_drop(void)
{
    struct user user;

    if (caller(&user) && !become(&user)) {
        message("privileges cannot be dropped to those of user %u: %s", (unsigned)user.uid,
                strerror(errno));
        return false;
    }
    if (limit())
        return true;
    message("capabilities cannot be dropped: %s", strerror(errno));
    return false;
}
