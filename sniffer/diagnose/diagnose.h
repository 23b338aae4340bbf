/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What is said of a session that is over: its verdict, what failed and why, what to do.
 */
#ifndef SNIFFER_DIAGNOSE_DIAGNOSE_H
#define SNIFFER_DIAGNOSE_DIAGNOSE_H

#include <stdio.h>

#include "firmware/expect.h"
#include "sessions/sessions.h"

struct diagnose_output {
    FILE *to;
    const char *name;     /**< of the file; NULL where there is one only */
    const char *firmware; /**< path of what is expected; NULL: nothing */
    int digits;           /**< of times after the point */
    bool quiet;           /**< text: the verdict and its cause only */
    bool colour;          /**< text: for a terminal */
};

/** Prints a session as text. @param expectation what came of --expect; NULL: nothing */
void diagnose_print_text(const struct diagnose_output *output, const struct session *session,
                         const struct expectation *expectation);

/** Likewise as one JSON object. */
void diagnose_print_json(const struct diagnose_output *output, const struct session *session,
                         const struct expectation *expectation);

#endif
