/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * boottap annotate: its options.
 */
#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>

#include "annotate.h"
#include "capture.h"
#include "command.h"
#include "message.h"

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
    bool help;
};

/** Tells what is wrong with the command line. @return false, for the caller to return */
static bool __attribute__((format(printf, 1, 2))) misused(const char *format, ...)
{
    char words[FILTER_PROBLEM_SIZE + 256];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(words, sizeof(words), format, arguments);
    va_end(arguments);
    message("annotate: %s; try 'boottap help annotate'", words);
    return false;
}

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

static bool unknown_option(char **argv)
{
    if (optopt > 0 && optopt < CAPTURE_OPTION_SERIAL_DIRECTION)
        return misused("unknown option '-%c'", optopt);
    return misused("option '%s' is unknown, ambiguous, or takes no argument", argv[optind - 1]);
}

static bool take_capture_option(struct request *request, int option, const char *value)
{
    char problem[FILTER_PROBLEM_SIZE];

    return capture_option_take(&request->options.decoder, option, value, problem) ||
           misused("%s", problem);
}

static bool take_option(struct request *request, int option, const char *value, char **argv)
{
    switch (option) {
    case 1: /* an operand, as '-' in short_options asks for */
        return request->from == NULL ? set_from(request, value) : set_to(request, value);
    case 'r':
        return set_from(request, value);
    case 'w':
        return set_to(request, value);
    case 'q':
        request->options.notes = false;
        return true;
    case 'h':
        request->help = true;
        return true;
    case ':':
        return misused("option '%s' needs an argument", argv[optind - 1]);
    case '?':
        return unknown_option(argv);
    default:
        return take_capture_option(request, option, value);
    }
}

static bool parse(struct request *request, int argc, char **argv)
{
    int option;

    opterr = 0;
    while ((option = getopt_long(argc, argv, short_options, long_options, NULL)) != -1)
        if (!take_option(request, option, optarg, argv))
            return false;
    for (; optind < argc; optind++)
        if (!take_option(request, 1, argv[optind], argv))
            return false;
    if (request->help)
        return true;
    if (request->from == NULL)
        return misused("no capture file is named");
    if (request->to == NULL)
        return misused("no file to write is named");
    return true;
}

static int run(int argc, char **argv)
{
    struct request request = {
        .options = {.decoder = btap_options_default(), .notes = true},
    };

    if (!parse(&request, argc, argv))
        return EXIT_TROUBLE;
    if (request.help)
        return fputs(help, stdout) < 0 ? EXIT_TROUBLE : EXIT_DONE;
    return annotate_file(&request.options, request.from, request.to);
}

const struct command annotate_command = {
    .name = "annotate",
    .summary = "copy a capture with comments that any Wireshark shows",
    .help = help,
    .run = run,
};
