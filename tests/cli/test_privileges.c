/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Who the program is once its sources are open. Root only can show that it changes: as anybody else
 * only that nothing is left to lose.
 */
#include <cap-ng.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "live/privileges.h"
#include "program.h"
#include "test.h"

/** What became of a process: capabilities as /proc has them, and the file that it made. */
struct fate {
    bool good;
    uid_t uids[3];
    gid_t gids[3];
    char permitted[32];
    char effective[32];
};

static void read_capabilities(struct fate *fate)
{
    FILE *file = fopen("/proc/self/status", "r");
    char line[256];

    while (file != NULL && fgets(line, sizeof(line), file) != NULL) {
        sscanf(line, "CapPrm: %31s", fate->permitted);
        sscanf(line, "CapEff: %31s", fate->effective);
    }
    if (file != NULL)
        fclose(file);
}

/** Drops the privileges of a child. @param bare root's capabilities are gone before */
static struct fate drop_from(bool bare, const char *uid, const char *gid, const char *file)
{
    struct fate fate = {0};
    int ends[2];
    int status;
    pid_t child;

    assert_int_equal(pipe(ends), 0);
    child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        if (uid != NULL)
            setenv("SUDO_UID", uid, 1);
        else
            unsetenv("SUDO_UID");
        setenv("SUDO_GID", gid, 1);
        if (bare) {
            capng_clear(CAPNG_SELECT_BOTH);
            capng_apply(CAPNG_SELECT_CAPS);
        }
        fate.good = privileges_drop();
        getresuid(&fate.uids[0], &fate.uids[1], &fate.uids[2]);
        getresgid(&fate.gids[0], &fate.gids[1], &fate.gids[2]);
        read_capabilities(&fate);
        close(open(file, O_WRONLY | O_CREAT, 0666));
        _exit(write(ends[1], &fate, sizeof(fate)) == (ssize_t)sizeof(fate) ? 0 : 1);
    }
    close(ends[1]);
    assert_int_equal(read(ends[0], &fate, sizeof(fate)), sizeof(fate));
    close(ends[0]);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    return fate;
}

static struct fate drop(const char *uid, const char *gid, const char *file)
{
    return drop_from(false, uid, gid, file);
}

static void assert_fate(const struct fate *fate, uid_t uid, gid_t gid, const char *capabilities)
{
    assert_true(fate->good);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(fate->uids[i], uid);
        assert_int_equal(fate->gids[i], gid);
    }
    assert_string_equal(fate->permitted, capabilities);
    assert_string_equal(fate->effective, capabilities);
}

static void sudo_gives_way_to_the_user_who_called_it(void **state)
{
    struct stat status;
    struct fate fate;

    (void)state;
    if (geteuid() != 0)
        skip();
    assert_int_equal(chmod(".", 0777), 0);
    fate = drop("12345", "23456", "by-sudo");
    assert_fate(&fate, 12345, 23456, "0000000000000000");
    assert_int_equal(stat("by-sudo", &status), 0);
    assert_int_equal(status.st_uid, 12345);
    assert_int_equal(status.st_gid, 23456);
}

/* CAP_DAC_OVERRIDE is number 1 (linux/capability.h). */
static void root_stays_root_and_keeps_the_right_to_write(void **state)
{
    static const char *const not_sudo[] = {NULL, "0", "", "-1", "12x", "4294967295", "99999999999"};

    (void)state;
    if (geteuid() != 0)
        skip();
    for (size_t i = 0; i < COUNT_OF(not_sudo); i++) {
        const struct fate fate = drop(not_sudo[i], "23456", "by-root");

        assert_fate(&fate, 0, getgid(), "0000000000000002");
    }
}

/** As in a container that is given none. */
static void root_without_capabilities_gets_none(void **state)
{
    struct fate fate;

    (void)state;
    if (geteuid() != 0)
        skip();
    fate = drop_from(true, NULL, "0", "by-root");
    assert_fate(&fate, 0, getgid(), "0000000000000000");
}

static void a_user_stays_a_user(void **state)
{
    struct fate fate;

    (void)state;
    if (geteuid() == 0)
        skip();
    fate = drop("12345", "23456", "by-user");
    assert_fate(&fate, getuid(), getgid(), "0000000000000000");
}

#define IN_DIRECTORY(test) cmocka_unit_test_setup_teardown(test, enter_directory, leave_directory)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_DIRECTORY(sudo_gives_way_to_the_user_who_called_it),
        IN_DIRECTORY(root_stays_root_and_keeps_the_right_to_write),
        IN_DIRECTORY(root_without_capabilities_gets_none),
        IN_DIRECTORY(a_user_stays_a_user),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
