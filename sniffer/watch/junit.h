/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What a watch saw as a JUnit report, as continuous integration reads it: a case for each session
 * and each firmware that was expected, and those of the caller.
 */
#ifndef SNIFFER_WATCH_JUNIT_H
#define SNIFFER_WATCH_JUNIT_H

#include "base/junit.h"
#include "watch/watch.h"

/** A case that the caller knows of. */
struct junit_case {
    const char *suite; /**< the same from run to run */
    const char *name;
    const char *failure; /**< why it failed: the cause first, in a line; NULL: it did not */
    btap_ns time;        /**< that it took on the wire */
};

/** Prints a suite, named as that of the first case; nothing without cases. */
void watch_print_suite(struct junit *junit, const struct junit_case *cases, size_t length);

/**
 * Prints the report of a finished watch.
 *
 * @param check as the watch has it
 * @param title what was run
 */
void watch_print_junit(struct watch *watch, struct firmware_check *check, const char *title,
                       const struct junit_case *cases, size_t length, FILE *to);

#endif
