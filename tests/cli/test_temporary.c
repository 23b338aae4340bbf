/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Temporary files go with the program, whatever signal ends it.
 */
#include <dirent.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/interrupt.h"
#include "base/outfile.h"
#include "base/temporary.h"

static const int signals[] = {SIGHUP, SIGINT, SIGQUIT, SIGPIPE, SIGTERM, SIGXFSZ, SIGXCPU, SIGALRM};

static int enter_folder(void **state)
{
    static char folder[] = "/tmp/boottap-temporary-XXXXXX";

    *state = mkdtemp(folder);
    return *state != NULL && chdir(*state) == 0 ? 0 : -1;
}

static int leave_folder(void **state)
{
    return chdir("/") == 0 ? rmdir(*state) : -1;
}

/** Whether nothing is left in the folder. */
static bool is_empty(void)
{
    DIR *folder = opendir(".");
    size_t length = 0;

    assert_non_null(folder);
    while (readdir(folder) != NULL)
        length++;
    closedir(folder);
    return length == 2; /* itself, and the one above */
}

/** Runs a child that a signal ends. @return that signal */
static int ended_by(void (*child)(int number), int number)
{
    const struct rlimit none = {0, 0};
    int status;
    pid_t pid;

    fflush(NULL);
    pid = fork();
    if (pid == 0) {
        setrlimit(RLIMIT_CORE, &none);
        child(number);
        _exit(0);
    }
    assert_true(pid > 0);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFSIGNALED(status));
    return WTERMSIG(status);
}

static void with_an_output(int number)
{
    struct outfile out;

    if (outfile_open(&out, "out"))
        raise(number);
}

static void with_a_directory(int number)
{
    char directory[] = "dir-XXXXXX";
    char file[32];
    FILE *made;

    if (!temporary_create_directory(directory))
        return;
    snprintf(file, sizeof(file), "%s/file", directory);
    temporary_add(file);
    made = fopen(file, "w");
    if (made != NULL && fclose(made) == 0)
        raise(number);
}

/** The first signal asks to end, the second one ends. */
static void asked_twice(int number)
{
    struct outfile out;

    interrupt_catch();
    if (!outfile_open(&out, "out"))
        return;
    raise(number);
    if (access(out.temporary, F_OK) == 0)
        raise(number);
}

/** What a child does that became no other program yet is not its parent's end. */
static void in_a_child(int number)
{
    struct outfile out;
    int status;
    pid_t pid;

    if (!outfile_open(&out, "out"))
        return;
    pid = fork();
    if (pid == 0) {
        raise(number);
        _exit(0);
    }
    if (waitpid(pid, &status, 0) == pid && access(out.temporary, F_OK) == 0)
        raise(number);
}

static void every_signal(void **state)
{
    static void (*const children[])(int) = {with_an_output, with_a_directory, in_a_child};

    (void)state;
    for (size_t i = 0; i < sizeof(children) / sizeof(children[0]); i++)
        for (size_t j = 0; j < sizeof(signals) / sizeof(signals[0]); j++) {
            assert_int_equal(ended_by(children[i], signals[j]), signals[j]);
            assert_true(is_empty());
        }
    assert_int_equal(ended_by(asked_twice, SIGINT), SIGINT);
    assert_int_equal(ended_by(asked_twice, SIGTERM), SIGTERM);
    assert_true(is_empty());
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_signal),
    };

    return cmocka_run_group_tests(tests, enter_folder, leave_folder);
}
