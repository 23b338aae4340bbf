/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * boottap convert: its options.
 */
#include "convert/convert.h"

#include "cli/capture_options.h"
#include "command/command.h"
#include "command/in_out.h"

/** What the command line asks for. */
struct request {
    struct in_out files;
    bool partial;
};

static const struct option_row written_rows[] = {
    {0, "partial", NULL,
     "also replace OUT where IN cannot be read to its end,\n"
     "by what could be read",
     option_set, offsetof(struct request, partial)},
    {0},
};

static const struct option_group groups[] = {
    {"", written_rows, 0, 0},
    {"", in_out_rows, offsetof(struct request, files), 0},
    {0},
};

static const struct command_line line = {
    .name = "convert",
    .summary = "make a pcapng capture of a log, for Wireshark",
    .usage = "[OPTION]... [-r] IN OUT.pcapng",
    .about = "Writes what is in a capture or a log as pcapng: the same records with their times,\n"
             "and what the log cannot tell in the description of the interface, for boottap and\n"
             "its Wireshark plugin. A pcapng file is copied as it is, a compressed one unpacked.\n"
             "IN is " CAPTURE_FORMATS ". OUT.pcapng is\n"
             "replaced once it is complete (of a cut IN only with --partial); - is standard "
             "output.\n",
    .groups = groups,
    .ending = "Exit status: 0 all was written, 2 wrong usage, or IN was not read to its end, or "
              "OUT not\nwritten.\n",
    .operand = in_out_operand,
};

static int run(int argc, char **argv)
{
    struct request request = {0};
    int status;

    if (options_parse(&line, argc, argv, &request, &status) && in_out_check(&request.files))
        status = convert_file(request.files.from, request.files.to, request.partial);
    return status;
}

const struct command convert_command = {.line = &line, .run = run};
