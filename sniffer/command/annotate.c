/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * boottap annotate: its options.
 */
#include <stdio.h>

#include "annotate/annotate.h"
#include "cli/capture_options.h"
#include "cli/options.h"
#include "command/command.h"

static const char help[] =
    "Usage: boottap annotate [OPTION]... [-r] IN OUT.pcapng\n"
    "Copies a capture and adds comments that any Wireshark shows: each transaction at the packet\n"
    "that completes it, notes where they arose, the verdict of each session.\n"
    "IN is a pcap or pcapng file or a log of candump -L; - is standard input. OUT.pcapng is\n"
    "replaced once it is complete; - is standard output. Packets, times, interfaces, options and\n"
    "comments of a pcapng file stay as they are.\n"
    "\n"
    "  -q, --quiet              no notes\n"
    "\n" CAPTURE_OPTIONS_HELP "\n"
    "  -r, --read=FILE          the same as IN\n"
    "  -w, --write=FILE         the same as OUT.pcapng\n"
    "  -h, --help               print this\n"
    "\n"
    "Exit status: 0 all was copied, 2 wrong usage, or IN was not read to its end, or OUT not "
    "written.\n";

static const char short_options[] = "-:qr:w:h";

static const struct option long_options[] = {
    {"quiet", no_argument, NULL, 'q'},      CAPTURE_OPTIONS,
    {"read", required_argument, NULL, 'r'}, {"write", required_argument, NULL, 'w'},
    {"help", no_argument, NULL, 'h'},       {0},
};

/** What the command line asks for. */
struct request {
    struct annotate_options options;
    const char *from;
    const char *to;
};

static bool set_from(struct request *request, const char *path)
{
    if (request->from != NULL)
        return misused("two captures to read are named, '%s' and '%s'", request->from, path);
    request->from = path;
    return true;
}

static bool set_to(struct request *request, const char *path)
{
    if (request->to != NULL)
        return misused("two files to write are named, '%s' and '%s'", request->to, path);
    request->to = path;
    return true;
}

static bool take_option(void *context, int option, const char *value)
{
    struct request *request = context;

    switch (option) {
    case OPTION_OPERAND:
        return request->from == NULL ? set_from(request, value) : set_to(request, value);
    case 'r':
        return set_from(request, value);
    case 'w':
        return set_to(request, value);
    case 'q':
        request->options.notes = false;
        return true;
    default:
        return option_capture(&request->options.decoder, option, value);
    }
}

static const struct options options = {
    .help = help,
    .letters = short_options,
    .rows = long_options,
    .take = take_option,
};

static int run(int argc, char **argv)
{
    struct request request = {
        .options = {.decoder = btap_options_default(), .notes = true},
    };
    int status;

    if (!options_parse(&options, argc, argv, &request, &status))
        return status;
    if (request.from == NULL)
        misused("no capture file is named");
    else if (request.to == NULL)
        misused("no file to write is named");
    else
        status = annotate_file(&request.options, request.from, request.to);
    return status;
}

const struct command annotate_command = {
    .name = "annotate",
    .summary = "copy a capture with comments that any Wireshark shows",
    .help = help,
    .run = run,
};
