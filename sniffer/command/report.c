/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * boottap report: its options, and the file that it writes.
 */
#include <stdlib.h>

#include "base/allocate.h"
#include "base/exit_status.h"
#include "base/interrupt.h"
#include "base/outfile.h"
#include "capture/capture.h"
#include "cli/capture_options.h"
#include "cli/options.h"
#include "command/command.h"
#include "report/report.h"

static const char help[] =
    "Usage: boottap report [OPTION]... FILE -o OUT.html\n"
    "Writes one page about a capture: of each session the verdict, a timeline, a map of the\n"
    "memory, the transactions. The page needs nothing beside it and holds no script.\n"
    "FILE is a pcap or pcapng file or a log of candump -L; - is standard input.\n"
    "\n"
    "  -o, --output=OUT         the page; - is standard output\n" FIRMWARE_CHECK_OPTIONS_HELP
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
    FIRMWARE_CHECK_OPTIONS,
    CAPTURE_OPTIONS,
    {0},
};

struct request {
    struct btap_options decoder;
    struct firmware_check check;
    const char *path;
    const char *output;
};

static bool set_once(const char **where, const char *value, const char *what)
{
    if (*where != NULL)
        return misused("%s is named twice", what);
    *where = value;
    return true;
}

static bool take_option(void *context, int option, const char *value)
{
    struct request *request = context;

    switch (option) {
    case OPTION_OPERAND:
    case 'r':
        return set_once(&request->path, value, "the capture file");
    case 'o':
        return set_once(&request->output, value, "the output");
    case FIRMWARE_CHECK_OPTION_EXPECT:
    case FIRMWARE_CHECK_OPTION_ADDRESS:
        return firmware_check_take(&request->check, option, value);
    default:
        return option_capture(&request->decoder, option, value);
    }
}

static const struct options options = {
    .help = help,
    .letters = short_options,
    .rows = long_options,
    .take = take_option,
};

static bool write_page(const char *path, const struct report *report,
                       const struct report_capture *capture)
{
    struct outfile out;

    if (!outfile_open(&out, path))
        return false;
    report_write(out.stream, report, capture);
    return outfile_finish(&out);
}

static int make_report(struct request *request)
{
    struct capture *capture = allocate(sizeof(*capture));
    struct report *report = allocate(sizeof(*report));
    const struct btap_sink sink = report_sink(report);
    struct report_capture about;
    bool written = false;

    report_init(report, &capture->tap);
    interrupt_catch();
    about.complete = capture_read(capture, request->path, &request->decoder, &sink);
    if (about.complete || capture->input.packets > 0) {
        report_finish(report);
        about.check = &request->check;
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

/** What is asked for must make sense together. */
static bool check(const struct request *request)
{
    if (request->path == NULL)
        return misused("no capture file is named");
    if (request->output == NULL)
        return misused("no output is named; use -o OUT.html, or -o - for standard output");
    return !outfile_is_input(request->output, request->path) ||
           misused("the output is the capture itself");
}

static int run(int argc, char **argv)
{
    struct request *request = allocate(sizeof(*request));
    int status;

    request->decoder = btap_options_default();

    if (options_parse(&options, argc, argv, request, &status) && check(request) &&
        firmware_check_open(&request->check))
        status = make_report(request);
    firmware_check_release(&request->check);
    free(request);
    return status;
}

const struct command report_command = {
    .name = "report",
    .summary = "write a page about a capture: verdict, timeline, memory map",
    .help = help,
    .run = run,
};
