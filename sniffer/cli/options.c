/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/options.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/colour.h"
#include "base/exit_status.h"
#include "base/message.h"
#include "capture/input.h"
#include "cli/capture_options.h"
#include "cli/parse.h"

/** Values of long options that have no letter start here, in every command. */
#define FIRST_WITHOUT_LETTER 256

static const char *command_name = "";

bool misused(const char *format, ...)
{
    char words[FILTER_PROBLEM_SIZE + 256];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(words, sizeof(words), format, arguments);
    va_end(arguments);
    message("%s: %s; try 'boottap help %s'", command_name, words, command_name);
    return false;
}

static bool take(const struct options *options, void *request, int option, char **argv)
{
    if (option == ':')
        return misused("option '%s' needs an argument", argv[optind - 1]);
    if (option != '?')
        return options->take(request, option, optarg);
    if (optopt > 0 && optopt < FIRST_WITHOUT_LETTER)
        return misused("unknown option '-%c'", optopt);
    return misused("option '%s' is unknown, ambiguous, or takes no argument", argv[optind - 1]);
}

bool options_parse(const struct options *options, int argc, char **argv, void *request, int *status)
{
    int option;

    command_name = argv[0];
    *status = EXIT_TROUBLE;
    opterr = 0;
    while ((option = getopt_long(argc, argv, options->letters, options->rows, NULL)) != -1) {
        if (option == 'h') {
            *status = fputs(options->help, stdout) < 0 ? EXIT_TROUBLE : EXIT_DONE;
            return false;
        }
        if (!take(options, request, option, argv))
            return false;
    }
    for (; optind < argc; optind++)
        if (!options->take(request, OPTION_OPERAND, argv[optind]))
            return false;
    return true;
}

bool option_capture(struct btap_options *options, int option, const char *value)
{
    char problem[FILTER_PROBLEM_SIZE];

    return capture_option_take(options, option, value, problem) || misused("%s", problem);
}

bool option_colour(bool *colour, const char *value)
{
    return colour_by_name(value, colour) ||
           misused("unknown use of colour '%s'; known are always, never, auto", value);
}

bool option_session(uint64_t *session, const char *value)
{
    if (parse_number(value, UINT64_MAX, session) && *session > 0)
        return true;
    return misused("'%s' is no session; it must be a number from 1 up", value);
}

bool option_filter(struct filter *filter,
                   bool (*add)(struct filter *, const char *, char[FILTER_PROBLEM_SIZE]),
                   const char *list)
{
    char problem[FILTER_PROBLEM_SIZE];

    return add(filter, list, problem) || misused("%s", problem);
}

bool option_path(const char **paths, size_t *length, const char *path)
{
    for (size_t i = 0; strcmp(path, INPUT_STDIN) == 0 && i < *length; i++)
        if (strcmp(paths[i], INPUT_STDIN) == 0)
            return misused("standard input (-) is named twice and can be read only once");
    paths[(*length)++] = path;
    return true;
}
