/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The part of cmocka that tests/unit uses, for machines that no package of cmocka is at hand for
 * (cmake/core32.cmake, cmake/core-be.cmake). The first failed assertion ends the program.
 */
#ifndef BOOTTAP_MACHINES_CMOCKA_H
#define BOOTTAP_MACHINES_CMOCKA_H

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct CMUnitTest {
    const char *name;
    void (*test)(void **state);
    int (*setup)(void **state);
    int (*teardown)(void **state);
};

#define cmocka_unit_test(function)                                                                 \
    {                                                                                              \
#function, function, NULL, NULL                                                            \
    }
#define cmocka_unit_test_setup(function, setup)                                                    \
    cmocka_unit_test_setup_teardown(function, setup, NULL)
#define cmocka_unit_test_setup_teardown(function, setup, teardown)                                 \
    {                                                                                              \
#function, function, setup, teardown                                                       \
    }

#define test_malloc malloc
#define test_free   free

#define print_message(...) printf(__VA_ARGS__)
#define print_error(...)   fprintf(stderr, __VA_ARGS__)

#define fail_msg(...)                                                                              \
    do {                                                                                           \
        fprintf(stderr, "%s:%d: ", __FILE__, __LINE__);                                            \
        fprintf(stderr, __VA_ARGS__);                                                              \
        fputc('\n', stderr);                                                                       \
        exit(1);                                                                                   \
    } while (0)

static inline void _fail(const char *file, int line)
{
    fprintf(stderr, "%s:%d: failed\n", file, line);
    exit(1);
}

static inline void machine_check(int right, const char *what, const char *file, int line)
{
    if (right)
        return;
    fprintf(stderr, "%s:%d: %s\n", file, line, what);
    exit(1);
}

static inline void machine_check_ints(uintmax_t a, uintmax_t b, int same, const char *file,
                                      int line)
{
    if ((a == b) == same)
        return;
    fprintf(stderr, "%s:%d: 0x%" PRIxMAX " %s 0x%" PRIxMAX "\n", file, line, a,
            same ? "!=" : "==", b);
    exit(1);
}

static inline void machine_check_strings(const char *a, const char *b, int same, const char *file,
                                         int line)
{
    if ((strcmp(a, b) == 0) == same)
        return;
    fprintf(stderr, "%s:%d: \"%s\" %s \"%s\"\n", file, line, a, same ? "!=" : "==", b);
    exit(1);
}

/** Signed values keep their sign on the way to the widest type, as cmocka's cast does. */
#define machine_wide(value) ((uintmax_t)(value))

#define assert_true(value)  machine_check(!!(value), #value, __FILE__, __LINE__)
#define assert_false(value) machine_check(!(value), "not " #value, __FILE__, __LINE__)
#define assert_null(value)  machine_check((value) == NULL, #value " is null", __FILE__, __LINE__)
#define assert_non_null(value)                                                                     \
    machine_check((value) != NULL, #value " is not null", __FILE__, __LINE__)
#define assert_ptr_equal(a, b)                                                                     \
    machine_check((const void *)(a) == (const void *)(b), #a " is " #b, __FILE__, __LINE__)
#define assert_int_equal(a, b)                                                                     \
    machine_check_ints(machine_wide(a), machine_wide(b), 1, __FILE__, __LINE__)
#define assert_int_not_equal(a, b)                                                                 \
    machine_check_ints(machine_wide(a), machine_wide(b), 0, __FILE__, __LINE__)
#define assert_string_equal(a, b)     machine_check_strings(a, b, 1, __FILE__, __LINE__)
#define assert_string_not_equal(a, b) machine_check_strings(a, b, 0, __FILE__, __LINE__)
#define assert_memory_equal(a, b, size)                                                            \
    machine_check(memcmp(a, b, size) == 0, #a " holds the bytes of " #b, __FILE__, __LINE__)
#define assert_in_range(value, low, high)                                                          \
    machine_check(machine_wide(value) - machine_wide(low) <=                                       \
                      machine_wide(high) - machine_wide(low),                                      \
                  #value " is from " #low " to " #high, __FILE__, __LINE__)

#define cmocka_run_group_tests(tests, setup, teardown)                                             \
    machine_run(tests, sizeof(tests) / sizeof((tests)[0]))

static inline int machine_run(const struct CMUnitTest *tests, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        void *state = NULL;

        printf("%s\n", tests[i].name);
        fflush(stdout);
        if (tests[i].setup != NULL)
            machine_check(tests[i].setup(&state) == 0, "setup", __FILE__, __LINE__);
        tests[i].test(&state);
        if (tests[i].teardown != NULL)
            machine_check(tests[i].teardown(&state) == 0, "teardown", __FILE__, __LINE__);
    }
    return 0;
}

#endif
