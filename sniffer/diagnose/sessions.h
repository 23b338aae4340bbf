/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What is said of all sessions of a capture.
 */
#ifndef SNIFFER_DIAGNOSE_SESSIONS_H
#define SNIFFER_DIAGNOSE_SESSIONS_H

#include "cli/filter.h"
#include "diagnose/diagnose.h"
#include "firmware/check.h"

/** What came of it. */
struct diagnose_result {
    size_t printed; /**< sessions, of those that are asked for */
    size_t decoded; /**< of them, those of which a command was decoded, or that say why there is
                       none */
    size_t checked; /**< of them, those that were held against the firmware */
    bool failed;    /**< one failed, was cut short, or did not write what is expected */
};

/**
 * Prints the sessions of the links that are asked for. A message tells of those that found no room.
 *
 * @param sessions finished
 * @param check of the firmware; without a path where none is expected
 * @param filter its links count
 * @param json or as text
 * @param name of the capture, for messages
 */
struct diagnose_result diagnose_print_sessions(const struct diagnose_output *output,
                                               struct sessions *sessions,
                                               struct firmware_check *check,
                                               const struct filter *filter, bool json,
                                               const char *name);

#endif
