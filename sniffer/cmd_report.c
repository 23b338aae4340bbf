/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * boottap report: its options, and the file that it writes.
 */
#include <getopt.h>
#include <stdarg.h>
#include <stdlib.h>

#include "capture.h"
#include "command.h"
#include "interrupt.h"
#include "message.h"
#include "outfile.h"
#include "output.h"
#include "report.h"

static const char help[] =
    "Usage: boottap report [OPTION]... FILE -o OUT.html\n"
    "Writes one page about a capture: of each session the verdict, a timeline, a map of the\n"
    "memory, the transactions. The page needs nothing beside it and holds no script.\n"
    "FILE is a pcap or pcapng file or a log of candump -L; - is standard input.\n"
    "\n"
    "  -o, --output=OUT         the page; - is standard output\n"
    "\n" CAPTURE_OPTIONS_HELP "\n"
    "  -r, --read=FILE          the same as FILE\n"
    "  -h, --help               print this\n"
    "\n"
    "Exit status: 0 the page was written, whatever it says; 2 wrong usage, or FILE could not be\n"
    "read to its end, or OUT not be written.\n";

/* '-': operands come in their order among the options. ':': a missing argument is told as ':'. */
static const char short_options[] = "-:o:r:h";

static const struct option long_options[] = {
    {"output", required_argument, NULL, 'o'},
    {"read", required_argument, NULL, 'r'},
    {"help", no_argument, NULL, 'h'},
    CAPTURE_OPTIONS,
    {0},
};

struct request {
    struct btap_options decoder;
    const char *path;
    const char *output;
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
    message("report: %s; try 'boottap help report'", words);
    return false;
}

static bool set_once(const char **where, const char *value, const char *what)
{
    if (*where != NULL)
        return misused("%s is named twice", what);
    *where = value;
    return true;
}

static bool take_option(struct request *request, int option, const char *value, char **argv)
{
    char problem[FILTER_PROBLEM_SIZE];

    if (capture_option_is(option))
        return capture_option_take(&request->decoder, option, value, problem) ||
               misused("%s", problem);
    switch (option) {
    case 1: /* an operand, as '-' in short_options asks for */
    case 'r':
        return set_once(&request->path, value, "the capture file");
    case 'o':
        return set_once(&request->output, value, "the output");
    case 'h':
        request->help = true;
        return true;
    case ':':
        return misused("option '%s' needs an argument", argv[optind - 1]);
    default:
        if (optopt > 0 && optopt < CAPTURE_OPTION_SERIAL_DIRECTION)
            return misused("unknown option '-%c'", optopt);
        return misused("option '%s' is unknown, ambiguous, or takes no argument", argv[optind - 1]);
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
        if (!set_once(&request->path, argv[optind], "the capture file"))
            return false;
    if (request->help)
        return true;
    if (request->path == NULL)
        misused("no capture file is named");
    else if (request->output == NULL)
        misused("no output is named; use -o OUT.html, or -o - for standard output");
    return request->path != NULL && request->output != NULL;
}

static bool write_page(const char *path, const struct report *report,
                       const struct report_capture *capture)
{
    struct outfile out;

    if (!outfile_open(&out, path))
        return false;
    report_write(out.stream, report, capture);
    return outfile_finish(&out);
}

static int make_report(const struct request *request)
{
    struct capture *capture = allocate(sizeof(*capture));
    struct report *report = allocate(sizeof(*report));
    struct btap_sink sink = report_sink(report);
    struct report_capture about;
    bool written = false;

    report_init(report, &capture->tap);
    interrupt_catch();
    about.complete = capture_read(capture, request->path, &request->decoder, &sink);
    if (about.complete || capture->input.packets > 0) {
        report_finish(report);
        about.name = capture->input.name;
        about.packets = capture->input.packets;
        about.first = capture->input.first;
        about.malformed = capture->tap.counters.malformed;
        about.truncated = capture->tap.counters.truncated;
        if (about.complete && report->transactions == 0)
            capture_tell_nothing_found(&capture->input, &capture->tap.counters);
        written = write_page(request->output, report, &about);
    }
    report_release(report);
    free(report);
    free(capture);
    interrupt_die();
    return written && about.complete ? EXIT_DONE : EXIT_TROUBLE;
}

static int run(int argc, char **argv)
{
    struct request request = {.decoder = btap_options_default()};

    if (!parse(&request, argc, argv))
        return EXIT_TROUBLE;
    if (request.help)
        return fputs(help, stdout) < 0 ? EXIT_TROUBLE : EXIT_DONE;
    if (outfile_is_input(request.output, request.path)) {
        misused("the output is the capture itself");
        return EXIT_TROUBLE;
    }
    return make_report(&request);
}

const struct command report_command = {
    .name = "report",
    .summary = "write a page about a capture: verdict, timeline, memory map",
    .help = help,
    .run = run,
};
