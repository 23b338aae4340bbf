/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * boottap list: what can be captured from here.
 */
#include "list/list.h"

#include "base/exit_status.h"
#include "command/command.h"

/** What the command line asks for. */
struct request {
    bool json;
};

static bool refuse_operand(void *target, const char *value)
{
    (void)target;
    return misused("'%s': there is nothing to name", value);
}

static const struct option_row rows[] = {
    {0, "json", NULL, "one JSON object an interface", option_set, offsetof(struct request, json)},
    {0},
};

static const struct option_group groups[] = {
    {"", rows, 0, 0},
    {0},
};

static const struct command_line line = {
    .name = "list",
    .summary = "what can be captured from here, and what is missing for the rest",
    .usage = "[--json]",
    .about = "Prints the serial ports, DFU devices, USB buses and CAN interfaces of this machine,\n"
             "one a line: what 'boottap live' takes, what it is, and in brackets what must be\n"
             "done before it can be captured. Nothing is sent, no port is opened.\n",
    .groups = groups,
    .ending = "Exit status: 0 done, 2 wrong usage.\n",
    .operand = refuse_operand,
};

static int run(int argc, char **argv)
{
    struct request request = {0};
    int status;

    if (!options_parse(&line, argc, argv, &request, &status))
        return status;
    list_print(&machine_here, request.json, stdout);
    return EXIT_DONE;
}

const struct command list_command = {.line = &line, .run = run};
