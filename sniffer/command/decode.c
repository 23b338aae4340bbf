/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * boottap decode: its options.
 */
#include <stdlib.h>
#include <unistd.h>

#include "base/allocate.h"
#include "base/place.h"
#include "cli/capture_options.h"
#include "cli/files.h"
#include "cli/filter.h"
#include "cli/parse.h"
#include "command/command.h"
#include "decode/decode.h"

#define STDOUT_BUFFER_SIZE (64 * 1024)

/** What the command line asks for. */
struct request {
    struct decode_options options;
    struct option_paths paths;
    bool line_buffered;
};

#define OUTPUT(member) offsetof(struct request, options.show.output.member)

static const struct option_row printed_rows[] = {
    {'x', "fields", NULL, "every field with its bytes", option_set, OUTPUT(fields)},
    {0, "json", NULL, "JSON, one object a line", option_set, OUTPUT(json)},
    {0, "summary", NULL, "totals only, a block a link", option_set,
     offsetof(struct request, options.show.summary)},
    {'t', "time", "FORMAT",
     "r since the first packet (default), d since the line before,\n"
     "e since 1970, a/ad local time/with date, u/ud UTC/with date",
     option_time, OUTPUT(time_style)},
    {0, "hex-out", "FILE",
     "write what crossed serial lines into FILE, in the notation of\n"
     "--hex; - is standard output, and no transactions there",
     option_text, offsetof(struct request, options.hex_out)},
    {'c', "count", "N", "stop after N transactions", option_count,
     offsetof(struct request, options.show.count)},
    {'q', "quiet", NULL, "no notes", option_clear, OUTPUT(notes)},
    {'l', "line-buffered", NULL, "write each line at once", option_set,
     offsetof(struct request, line_buffered)},
    OPTION_COLOUR(OUTPUT(colour)),
    {0},
};

static const struct option_row which_rows[] = {
    FILTER_TRANSPORT, FILTER_COMMAND, FILTER_STATUS, FILTER_ADDRESS, FILTER_LINK, {0},
};

static const struct option_row files_rows[] = {
    {'r', "read", "FILE", "the same as FILE", option_path, offsetof(struct request, paths)},
    OPTION_HEX(offsetof(struct request, paths)),
    {0},
};

static const struct option_group groups[] = {
    {"What is printed:", printed_rows, 0, 0},
    {FILTER_HEADING, which_rows, offsetof(struct request, options.show.filter), 0},
    CAPTURE_OPTIONS(offsetof(struct request, options.decoder)),
    {"", files_rows, 0, 0},
    {0},
};

static bool add_operand(void *request, const char *path)
{
    return option_path(&((struct request *)request)->paths, path);
}

static const struct command_line line = {
    .name = "decode",
    .summary = "show the bootloader transactions in capture files",
    .usage = "[OPTION]... [-r] FILE...",
    .about = "Shows the bootloader transactions in capture files, one a line.\n"
             "FILE is " CAPTURE_FORMATS ".\n",
    .groups = groups,
    .ending = "Exit status: 0 all files were read to their end, 2 wrong usage, or a file was "
              "not.\n",
    .operand = add_operand,
};

/** What is asked for must make sense together. */
static bool check(const struct request *request)
{
    if (request->paths.length == 0)
        return misused("no capture file is named");
    if (request->options.show.summary && request->options.show.output.fields)
        return misused("--summary shows no fields; leave out one of --summary and -x");
    if (request->options.hex_out != NULL &&
        !files_spare(&(struct file_use){"the hexadecimal", request->options.hex_out, true},
                     request->paths.list, request->paths.length))
        return false;
    return files_spare(&(struct file_use){"standard output", PLACE_STANDARD, true},
                       request->paths.list, request->paths.length);
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
                .show = {.output = {.to = stdout, .notes = true}, .name = "standard output"},
            },
        .paths = {.list = allocate((size_t)argc * sizeof(*request.paths.list))},
    };
    int status;

    option_colour(&request.options.show.output.colour, "auto");
    if (options_parse(&line, argc, argv, &request, &status) && check(&request)) {
        request.options.show.output.several_files = request.paths.length > 1;
        set_buffering(request.line_buffered);
        status = decode_files(&request.options, request.paths.list, request.paths.length);
    }
    free(request.paths.list);
    return status;
}

const struct command decode_command = {.line = &line, .run = run};
