/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The lock that keeps two replays off one device.
 */
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "port/lock.h"
#include "said.h"
#include "test.h"

/** A device of this run alone. */
static const char *device(const char *name)
{
    static char words[64];

    snprintf(words, sizeof(words), "test %ld %s", (long)getpid(), name);
    return words;
}

/** @return what was said */
static const char *assert_taken(const char *words)
{
    int lock;
    const char *said;

    said_begin();
    lock = lock_take(words, "ttyS9");
    said = said_end();
    assert_int_equal(lock, -1);
    return said;
}

static void one_at_a_time(void **state)
{
    char expected[128];
    int lock = lock_take(device("a"), "ttyS9");
    int other;

    (void)state;
    assert_true(lock >= 0);
    snprintf(expected, sizeof(expected),
             "boottap: ttyS9: another replay has it (process %ld); end that first\n",
             (long)getpid());
    assert_string_equal(assert_taken(device("a")), expected);
    /* Whoever asked before is in nobody's way. */
    for (int i = 0; i < 3; i++)
        assert_string_equal(assert_taken(device("a")), expected);
    other = lock_take(device("b"), "ttyS8");
    assert_true(other >= 0);
    lock_release(other);

    lock_release(lock);
    lock = lock_take(device("a"), "ttyS9");
    assert_true(lock >= 0);
    lock_release(lock);
    lock_release(-1);
}

/** It goes with the process that has it, however that ends. */
static void it_ends_with_its_process(void **state)
{
    char words[64];
    char expected[128];
    int ready[2];
    char byte;
    int lock;
    pid_t child;

    (void)state;
    strcpy(words, device("c"));
    assert_int_equal(pipe(ready), 0);
    child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        const bool taken = lock_take(words, "ttyS9") >= 0;

        while (write(ready[1], taken ? "y" : "n", 1) == 1)
            pause();
        _exit(1);
    }
    assert_int_equal(read(ready[0], &byte, 1), 1);
    assert_int_equal(byte, 'y');
    snprintf(expected, sizeof(expected),
             "boottap: ttyS9: another replay has it (process %ld); end that first\n", (long)child);
    assert_string_equal(assert_taken(words), expected);
    kill(child, SIGKILL);
    assert_int_equal(waitpid(child, NULL, 0), child);
    lock = lock_take(words, "ttyS9");
    assert_true(lock >= 0);
    lock_release(lock);
    close(ready[0]);
    close(ready[1]);
}

/** A program that is started meanwhile does not have it. */
static void it_is_not_inherited(void **state)
{
    const int lock = lock_take(device("d"), "ttyS9");
    char command[64];

    (void)state;
    snprintf(command, sizeof(command), "/proc/self/fd/%d", lock);
    if (fork() == 0)
        execlp("test", "test", "!", "-e", command, (char *)NULL);
    else {
        int status;

        assert_true(wait(&status) > 0);
        assert_int_equal(WEXITSTATUS(status), 0);
    }
    lock_release(lock);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_at_a_time),
        cmocka_unit_test(it_ends_with_its_process),
        cmocka_unit_test(it_is_not_inherited),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
