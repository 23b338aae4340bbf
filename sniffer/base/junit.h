/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The frame of a JUnit report, as Jenkins' and GitLab's readers take it: suites with cases, which
 * fail or do not. What stands between is its caller's.
 */
#ifndef SNIFFER_BASE_JUNIT_H
#define SNIFFER_BASE_JUNIT_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "boottap/types.h"

/** What a suite has, or all of them. */
struct junit_counts {
    uint64_t tests;
    uint64_t failures;
    uint64_t errors;
    btap_ns time;
};

/** A report under way. Its suites are kept until their totals, which stand before them, are known.
 */
struct junit {
    FILE *suites; /**< callers write their cases here */
    FILE *to;
    char *text; /**< of suites */
    size_t size;
    struct junit_counts totals;
};

/** One of the captures that are compared. */
struct junit_capture {
    const char *name;
    bool complete; /**< read to its end */
};

/** Starts a report. @param title what was run */
void junit_start(struct junit *junit, FILE *to, const char *title);

/**
 * Adds the captures to the title, and a suite with a case for each, which is an error where it was
 * not read to its end. What is missing could not be compared, and must not pass. Comes before other
 * suites.
 */
void junit_captures(struct junit *junit, const struct junit_capture captures[static 2]);

/** Starts a suite, which junit_suite_end() ends. Its counts are added to those of all. */
void junit_suite(struct junit *junit, const char *name, const struct junit_counts *counts);
void junit_suite_end(struct junit *junit);

/** Puts seconds as the value of an attribute `time`, with a space before it. */
void junit_time(FILE *to, btap_ns time);

/** Writes the report, and releases what it holds. */
void junit_end(struct junit *junit);

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
