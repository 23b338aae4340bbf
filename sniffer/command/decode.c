/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * boottap decode: its options.
 */
#include <stdlib.h>
#include <unistd.h>

#include "base/allocate.h"
#include "cli/capture_options.h"
#include "cli/options.h"
#include "cli/parse.h"
#include "command/command.h"
#include "decode/decode.h"

#define STDOUT_BUFFER_SIZE (64 * 1024)

static const char help[] =
    "Usage: boottap decode [OPTION]... [-r] FILE...\n"
    "Shows the bootloader transactions in capture files, one a line.\n"
    "FILE is a pcap or pcapng file or a log of candump -L; - is standard input.\n"
    "\n"
    "What is printed:\n"
    "  -x, --fields             every field with its bytes\n"
    "      --json               JSON, one object a line\n"
    "      --summary            totals only, a block a link\n"
    "  -t, --time=FORMAT        r since the first packet (default), d since the line before,\n"
    "                           e since 1970, a/ad local time/with date, u/ud UTC/with date\n"
    "  -c, --count=N            stop after N transactions\n"
    "  -q, --quiet              no notes\n"
    "  -l, --line-buffered      write each line at once\n"
    "      --color[=WHEN]       always, never, or auto: on a terminal (default)\n"
    "\n"
    "Which transactions (comma lists; may be repeated):\n"
    "      --transport=LIST     usart, dfu, fdcan\n"
    "      --command=LIST       write-memory, erase, ...\n"
    "      --status=LIST        ok, nack, error, ...\n"
    "      --address=LIST       0x08000000-0x0801ffff, 0x08000000+2048, 0x08000000\n"
    "      --link=LIST          as printed: usb:1.5, serial, can:can0\n"
    "\n" CAPTURE_OPTIONS_HELP "\n"
    "  -r, --read=FILE          the same as FILE\n"
    "  -h, --help               print this\n"
    "\n"
    "Exit status: 0 all files were read to their end, 2 wrong usage, or a file was not.\n";

enum long_option {
    OPTION_JSON = 256,
    OPTION_SUMMARY,
    OPTION_COLOR,
    OPTION_TRANSPORT,
    OPTION_COMMAND,
    OPTION_STATUS,
    OPTION_ADDRESS,
    OPTION_LINK,
};

/* '-': operands come in their order among the options. ':': a missing argument is told as ':'. */
static const char short_options[] = "-:xt:c:qlr:h";

static const struct option long_options[] = {
    {"fields", no_argument, NULL, 'x'},
    {"json", no_argument, NULL, OPTION_JSON},
    {"summary", no_argument, NULL, OPTION_SUMMARY},
    {"time", required_argument, NULL, 't'},
    {"count", required_argument, NULL, 'c'},
    {"quiet", no_argument, NULL, 'q'},
    {"line-buffered", no_argument, NULL, 'l'},
    {"color", optional_argument, NULL, OPTION_COLOR},
    {"transport", required_argument, NULL, OPTION_TRANSPORT},
    {"command", required_argument, NULL, OPTION_COMMAND},
    {"status", required_argument, NULL, OPTION_STATUS},
    {"address", required_argument, NULL, OPTION_ADDRESS},
    {"link", required_argument, NULL, OPTION_LINK},
    CAPTURE_OPTIONS,
    {"read", required_argument, NULL, 'r'},
    {"help", no_argument, NULL, 'h'},
    {0},
};

/** What the command line asks for. */
struct request {
    struct decode_options options;
    const char **paths;
    size_t paths_length;
    bool line_buffered;
};

static bool set_time(struct request *request, const char *value)
{
    if (time_style_by_name(value, &request->options.output.time_style))
        return true;
    return misused("unknown time format '%s'; known are r, d, e, a, ad, u, ud", value);
}

static bool set_count(struct request *request, const char *value)
{
    if (parse_number(value, UINT64_MAX, &request->options.count) && request->options.count > 0)
        return true;
    return misused("'%s' is no count of transactions; it must be a number from 1 up", value);
}

/** Takes the options that select and interpret. */
static bool take_selection(struct request *request, int option, const char *value)
{
    switch (option) {
    case OPTION_TRANSPORT:
        return option_filter(&request->options.filter, filter_add_transports, value);
    case OPTION_COMMAND:
        return option_filter(&request->options.filter, filter_add_commands, value);
    case OPTION_STATUS:
        return option_filter(&request->options.filter, filter_add_statuses, value);
    case OPTION_ADDRESS:
        return option_filter(&request->options.filter, filter_add_ranges, value);
    case OPTION_LINK:
        return option_filter(&request->options.filter, filter_add_links, value);
    default:
        return option_capture(&request->options.decoder, option, value);
    }
}

static bool take_option(void *context, int option, const char *value)
{
    struct request *request = context;

    switch (option) {
    case OPTION_OPERAND:
    case 'r':
        return option_path(request->paths, &request->paths_length, value);
    case 'x':
        request->options.output.fields = true;
        return true;
    case OPTION_JSON:
        request->options.output.json = true;
        return true;
    case OPTION_SUMMARY:
        request->options.summary = true;
        return true;
    case 't':
        return set_time(request, value);
    case 'c':
        return set_count(request, value);
    case 'q':
        request->options.output.notes = false;
        return true;
    case 'l':
        request->line_buffered = true;
        return true;
    case OPTION_COLOR:
        return option_colour(&request->options.output.colour, value);
    default:
        return take_selection(request, option, value);
    }
}

static const struct options options = {
    .help = help,
    .letters = short_options,
    .rows = long_options,
    .take = take_option,
};

/** What is asked for must make sense together. */
static bool check(const struct request *request)
{
    if (request->paths_length == 0)
        return misused("no capture file is named");
    if (request->options.summary && request->options.output.fields)
        return misused("--summary shows no fields; leave out one of --summary and -x");
    return true;
}

/** Large writes, but for a person who watches. */
static void set_buffering(bool line_buffered)
{
    static char buffer[STDOUT_BUFFER_SIZE];

    if (line_buffered || isatty(STDOUT_FILENO))
        setvbuf(stdout, NULL, _IOLBF, BUFSIZ);
    else
        setvbuf(stdout, buffer, _IOFBF, sizeof(buffer));
}

static int run(int argc, char **argv)
{
    struct request request = {
        .options =
            {
                .decoder = btap_options_default(),
                .output = {.to = stdout, .notes = true},
            },
        .paths = allocate((size_t)argc * sizeof(*request.paths)),
    };
    int status;

    option_colour(&request.options.output.colour, "auto");
    if (options_parse(&options, argc, argv, &request, &status) && check(&request)) {
        request.options.output.several_files = request.paths_length > 1;
        set_buffering(request.line_buffered);
        status = decode_files(&request.options, request.paths, request.paths_length);
    }
    free(request.paths);
    return status;
}

const struct command decode_command = {
    .name = "decode",
    .summary = "show the bootloader transactions in capture files",
    .help = help,
    .run = run,
};
