/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * boottap diagnose: did the flash work, and if not, why?
 */
#include <stdlib.h>
#include <string.h>

#include "base/allocate.h"
#include "base/exit_status.h"
#include "base/interrupt.h"
#include "base/message.h"
#include "base/place.h"
#include "capture/capture.h"
#include "cli/capture_options.h"
#include "cli/files.h"
#include "cli/filter.h"
#include "command/command.h"
#include "diagnose/sessions.h"

struct request {
    struct btap_options decoder;
    struct filter filter;
    struct option_paths paths;
    bool json;
    bool quiet;
    bool colour;
};

struct diagnose {
    struct request request;
    struct capture capture;
    struct sessions sessions;
    struct firmware_check check;
};

/** @return an exit status */
static int tell_sessions(const struct request *request, struct diagnose *diagnose)
{
    const struct stream *stream = &diagnose->capture.input.stream;
    const struct diagnose_output output = {
        .to = stdout,
        .name = request->paths.length > 1 ? stream->name : NULL,
        .firmware = diagnose->check.path,
        .digits = stream->digits,
        .quiet = request->quiet,
        .colour = request->colour,
    };
    const struct diagnose_result result =
        diagnose_print_sessions(&output, &diagnose->sessions, &diagnose->check, &request->filter,
                                request->json, stream->name);

    if (result.printed == 0 && diagnose->sessions.length > 0) {
        filter_tell_nothing_left(&request->filter, stream->name);
        return EXIT_FINDING;
    }
    if (result.printed == 0) {
        capture_tell_nothing_found(&diagnose->capture.input, &diagnose->capture.tap.counters);
        return EXIT_FINDING;
    }
    if (diagnose->check.path != NULL && result.checked == 0) {
        message("%s: no session wrote anything: %s was not flashed", stream->name,
                diagnose->check.path);
        return EXIT_FINDING;
    }
    /* Other lines' traffic beside a good session is no fault; alone it is no session. */
    return result.failed || result.decoded == 0 ? EXIT_FINDING : EXIT_DONE;
}

static int diagnose_file(const struct request *request, struct diagnose *diagnose, const char *path)
{
    const struct btap_sink sink = sessions_sink(&diagnose->sessions);
    int status;
    bool whole;

    sessions_init(&diagnose->sessions, &diagnose->capture.tap);
    diagnose->sessions.keep_effects = diagnose->check.path != NULL;
    whole = capture_read(&diagnose->capture, path, &request->decoder, &sink);
    sessions_finish(&diagnose->sessions);
    status =
        whole || diagnose->sessions.length > 0 ? tell_sessions(request, diagnose) : EXIT_TROUBLE;
    sessions_release(&diagnose->sessions);
    return whole ? status : EXIT_TROUBLE;
}

static int diagnose_files(const struct request *request, struct diagnose *diagnose)
{
    int status = EXIT_DONE;

    interrupt_catch();
    for (size_t i = 0; i < request->paths.length && interrupt_signal == 0; i++) {
        const int one = diagnose_file(request, diagnose, request->paths.list[i]);

        if (one > status)
            status = one;
    }
    interrupt_die();
    return status;
}

/* The command line */

static const struct option_row printed_rows[] = {
    {0, "json", NULL, "JSON, one object a session", option_set, offsetof(struct request, json)},
    {'q', "quiet", NULL, "the verdict and its cause only", option_set,
     offsetof(struct request, quiet)},
    {0, "link", "LIST", "only these links: usb:1.5, serial, can:can0", filter_add_links,
     offsetof(struct request, filter)},
    OPTION_COLOUR(offsetof(struct request, colour)),
    {0},
};

static const struct option_row files_rows[] = {
    {'r', "read", "FILE", "the same as FILE", option_path, offsetof(struct request, paths)},
    OPTION_HEX(offsetof(struct request, paths)),
    {0},
};

static const struct option_group groups[] = {
    {"", printed_rows, offsetof(struct diagnose, request), 0},
    {NULL, firmware_check_options, offsetof(struct diagnose, check), 0},
    CAPTURE_OPTIONS(offsetof(struct diagnose, request.decoder)),
    {"", files_rows, offsetof(struct diagnose, request), 0},
    {0},
};

static bool add_operand(void *diagnose, const char *path)
{
    return option_path(&((struct diagnose *)diagnose)->request.paths, path);
}

static const struct command_line line = {
    .name = "diagnose",
    .summary = "say whether a flash worked, and if not, why",
    .usage = "[OPTION]... [-r] FILE...",
    .about = "Says for each session in capture files whether it worked; if not, what failed, the "
             "packets\n"
             "that prove it, why, what to do next, and what the bytes cannot exclude.\n"
             "FILE is " CAPTURE_FORMATS ".\n",
    .groups = groups,
    .ending = "'boottap help rules' lists the causes and oddities that are known, 'boottap help "
              "RULE'\n"
              "explains the one that stands in brackets.\n"
              "\n"
              "Exit status: 0 every session worked or shows no fault, 1 one failed, breaks off, "
              "did not\n"
              "write what was expected, or none was decoded, 2 wrong usage, or a file could not be "
              "read.\n",
    .operand = add_operand,
};

static bool check(const struct diagnose *diagnose)
{
    const struct file_use output = {"standard output", PLACE_STANDARD, true};
    const struct request *request = &diagnose->request;

    if (request->paths.length == 0)
        return misused("no capture file is named");
    return files_spare(&output, request->paths.list, request->paths.length) &&
           files_spare(&output, &diagnose->check.path, 1);
}

static int run(int argc, char **argv)
{
    struct diagnose *diagnose = allocate(sizeof(*diagnose));
    struct request *request = &diagnose->request;
    int status;

    request->decoder = btap_options_default();
    request->paths.list = allocate((size_t)argc * sizeof(*request->paths.list));
    option_colour(&request->colour, "auto");
    if (options_parse(&line, argc, argv, diagnose, &status) && check(diagnose) &&
        firmware_check_open(&diagnose->check))
        status = diagnose_files(request, diagnose);
    firmware_check_release(&diagnose->check);
    free(request->paths.list);
    free(diagnose);
    return status;
}

const struct command diagnose_command = {.line = &line, .run = run};
