/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * boottap annotate: its options.
 */
#include "annotate/annotate.h"
#include "cli/capture_options.h"
#include "command/command.h"
#include "command/in_out.h"

/** What the command line asks for. */
struct request {
    struct in_out files;
    struct annotate_options options;
};

static const struct option_row printed_rows[] = {
    {'q', "quiet", NULL, "no notes", option_clear, offsetof(struct request, options.notes)},
    {0, "partial", NULL,
     "also replace OUT where IN cannot be read to its end,\n"
     "by what could be read",
     option_set, offsetof(struct request, options.partial)},
    {0},
};

static const struct option_group groups[] = {
    {"", printed_rows, 0, 0},
    CAPTURE_OPTIONS(offsetof(struct request, options.decoder)),
    {"", in_out_rows, offsetof(struct request, files), 0},
    {0},
};

static const struct command_line line = {
    .name = "annotate",
    .summary = "copy a capture with comments that any Wireshark shows",
    .usage = "[OPTION]... [-r] IN OUT.pcapng",
    .about = "Copies a capture and adds comments that any Wireshark shows: each transaction at the "
             "packet\n"
             "that completes it, notes where they arose, the verdict of each session.\n"
             "IN is " CAPTURE_FORMATS ". OUT.pcapng is\n"
             "replaced once it is complete (of a cut IN only with --partial); - is standard "
             "output. Packets, times, interfaces, "
             "options and\n"
             "comments of a pcapng file stay as they are.\n",
    .groups = groups,
    .ending = "Exit status: 0 all was copied, 2 wrong usage, or IN was not read to its end, or OUT "
              "not written.\n",
    .operand = in_out_operand,
};

static int run(int argc, char **argv)
{
    struct request request = {
        .options = {.decoder = btap_options_default(), .notes = true},
    };
    int status;

    if (options_parse(&line, argc, argv, &request, &status) && in_out_check(&request.files))
        status = annotate_file(&request.options, request.files.from, request.files.to);
    return status;
}

const struct command annotate_command = {.line = &line, .run = run};
