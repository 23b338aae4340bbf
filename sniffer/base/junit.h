/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The frame of a JUnit report, as Jenkins' and GitLab's readers take it: suites with cases, which
 * fail or do not. What stands between is its caller's.
 */
#ifndef SNIFFER_BASE_JUNIT_H
#define SNIFFER_BASE_JUNIT_H

#include <stdbool.h>
#include <stdio.h>

/** One of the captures that are compared. */
struct junit_capture {
    const char *name;
    bool complete; /**< read to its end */
};

/**
 * Starts the report with a suite of its own: a case for each capture, which is an error where it
 * was not read to its end. What is missing could not be compared, and must not pass.
 *
 * @param title what was run
 */
void junit_begin(FILE *to, const char *title, const struct junit_capture captures[static 2]);

/** Starts the report without it. */
void junit_start(FILE *to, const char *title);

void junit_end(FILE *to);

/**
 * Writes the report of a run that came to no result: one case, which is an error. The last
 * message() says why.
 *
 * @param path of the report; "-": standard output
 * @param command what was run: `diff`
 * @return false: a message says why it could not be written
 */
bool junit_write_error(const char *path, const char *command);

#endif
