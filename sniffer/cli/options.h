/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The command line of a command: what is the same for all of them stands here once.
 */
#ifndef SNIFFER_CLI_OPTIONS_H
#define SNIFFER_CLI_OPTIONS_H

#include <getopt.h>

#include "base/exit_status.h"
#include "boottap/tap.h"
#include "cli/capture_options.h"
#include "cli/filter.h"

/** What options_parse() hands on for an operand. Short options must begin with '-' for it. */
#define OPTION_OPERAND 1

/** How a command's line is read. */
struct options {
    const char *help;          /**< what -h prints */
    const char *letters;       /**< short options as getopt_long() wants them, with "-:" before */
    const struct option *rows; /**< long ones; 'h' is --help */
    /**
     * Takes one.
     *
     * @param request the command's
     * @param option a letter, a row's value, or OPTION_OPERAND
     * @param value NULL: it has none
     * @return false: wrong, which misused() has told
     */
    bool (*take)(void *request, int option, const char *value);
};

/**
 * Takes a command line apart.
 *
 * @param[out] status what the program ends with, where false is returned; else EXIT_TROUBLE
 * @return false if nothing is left to do: help was printed, or something is wrong, which is told
 */
bool options_parse(const struct options *options, int argc, char **argv, void *request,
                   int *status);

/**
 * Tells in a message what is wrong with the command line that options_parse() has taken last.
 *
 * @return false, for the caller to return
 */
bool misused(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Values that several commands take. All return false where one is wrong, which is told. */

/** One of CAPTURE_OPTIONS. */
bool option_capture(struct btap_options *options, int option, const char *value);

/** For --color. @param value NULL, always, never, auto */
bool option_colour(bool *colour, const char *value);

/** For --session. */
bool option_session(uint64_t *session, const char *value);

/** Adds a list to a filter. @param add one of filter.h's */
bool option_filter(struct filter *filter,
                   bool (*add)(struct filter *, const char *, char[FILTER_PROBLEM_SIZE]),
                   const char *list);

/** Adds a capture to those that are read. Standard input can be named once. */
bool option_path(const char **paths, size_t *length, const char *path);

#endif
