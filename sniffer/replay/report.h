/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What is printed at the end of a replay: the difference of the recorded and the replayed session.
 */
#ifndef SNIFFER_REPLAY_REPORT_H
#define SNIFFER_REPLAY_REPORT_H

#include <stdio.h>

#include "replay/pairing.h"
#include "replay/replay.h"

struct report {
    const struct plan *plan;
    const struct replay_result *result;
    const struct pairing *pairing; /**< NULL: nothing was sent */
    const char *target;            /**< as the user wrote it */
    const char *cause;             /**< why nothing was sent; NULL: something was */
    const char *verdict;           /**< of the replayed session, if it failed; NULL */
    size_t context;                /**< equal transactions around a difference */
    bool colour;
    bool quiet; /**< text: what came of it only */
};

/** The differences as diff has them, and a line that says what came of it. */
void report_print_text(const struct report *report, FILE *to);

/** An object a difference, as diff has it, and one of type `replay`. */
void report_print_json(const struct report *report, FILE *to);

/** A JUnit report: a case for the plan, the device, each command, the end and the verdict. */
void report_print_junit(const struct report *report, FILE *to);

/** Whether all was sent, and answered as recorded. */
bool report_is_same(const struct report *report);

#endif
