/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * boottap report: its options, and the file that it writes.
 */
#include <stdlib.h>
#include <string.h>

#include "base/allocate.h"
#include "base/exit_status.h"
#include "base/interrupt.h"
#include "base/outfile.h"
#include "capture/capture.h"
#include "cli/capture_options.h"
#include "cli/files.h"
#include "command/command.h"
#include "command/watching.h"
#include "report/report.h"

struct request {
    struct btap_options decoder;
    struct firmware_check check;
    const char *path;
    const char *output;
    bool partial;
    char *command_line;
};

static bool set_path(void *path, const char *value)
{
    const char **where = path;

    if (*where != NULL)
        return misused("the capture file is named twice");
    return option_text(path, value);
}

static bool set_output(void *output, const char *value)
{
    const char **where = output;

    if (*where != NULL)
        return misused("the output is named twice");
    return option_text(output, value);
}

static const struct option_row written_rows[] = {
    {'o', "output", "OUT", "the page; - is standard output", set_output,
     offsetof(struct request, output)},
    {0, "partial", NULL,
     "also replace OUT where FILE cannot be read to its end,\n"
     "by what could be read",
     option_set, offsetof(struct request, partial)},
    {0},
};

static const struct option_row files_rows[] = {
    {'r', "read", "FILE", "the same as FILE", set_path, offsetof(struct request, path)},
    {0},
};

static const struct option_group groups[] = {
    {"", written_rows, 0, 0},
    {NULL, firmware_check_options, offsetof(struct request, check), 0},
    CAPTURE_OPTIONS(offsetof(struct request, decoder)),
    {"", files_rows, 0, 0},
    {0},
};

static bool add_operand(void *request, const char *path)
{
    return set_path(&((struct request *)request)->path, path);
}

static const struct command_line line = {
    .name = "report",
    .summary = "write a page about a capture: verdict, timeline, memory map",
    .usage = "[OPTION]... FILE -o OUT.html",
    .about = "Writes one page about a capture: of each session the verdict, a timeline, a map of "
             "the\n"
             "memory, the transactions. The page needs nothing beside it and holds no script.\n"
             "FILE is " CAPTURE_FORMATS ".\n",
    .groups = groups,
    .ending = "Exit status: 0 the page was written, whatever it says; 2 wrong usage, or FILE could "
              "not be\n"
              "read to its end, or OUT not be written.\n",
    .operand = add_operand,
};

/** @param cut the capture was not read to its end */
static bool write_page(const struct request *request, struct report *report,
                       const struct report_capture *capture, bool cut)
{
    struct outfile out;

    if ((cut && !outfile_takes_part(request->output, capture->name, request->partial)) ||
        !outfile_open(&out, request->output))
        return false;
    if (cut)
        out.part_of = capture->name;
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
    if (!outfile_is_interrupted(request->output) &&
        (about.complete || capture->input.stream.packets > 0)) {
        report_finish(report);
        about.check = &request->check;
        about.name = capture->input.stream.name;
        about.command_line = request->command_line;
        about.packets = capture->input.stream.packets;
        about.first = capture->input.stream.first;
        about.malformed = capture->tap.counters.malformed;
        about.truncated = capture->tap.counters.truncated;
        if (about.complete && report->transactions == 0)
            capture_tell_nothing_found(&capture->input, &capture->tap.counters);
        written = write_page(request, report, &about, capture->input.cut);
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
    const struct file_use files[] = {
        {"the page", request->output, true},
        {"the capture", request->path, false},
        {"the firmware", request->check.path, false},
    };

    if (request->path == NULL)
        return misused("no capture file is named");
    if (request->output == NULL)
        return misused("no output is named; use -o OUT.html, or -o - for standard output");
    return files_are_apart(files, sizeof(files) / sizeof(files[0]));
}

/** A word of the command line without folders, which are nobody's business who is sent the page. */
static char *without_folder(const char *word)
{
    const char *value = word[0] == '-' ? strchr(word, '=') : NULL;
    const char *slash = strrchr(value != NULL ? value : word, '/');
    const bool cluster = word[0] == '-' && word[1] != '-' && slash != NULL;
    const size_t kept = value != NULL ? (size_t)(value + 1 - word) : cluster ? 2 : 0;
    const char *name = slash != NULL && slash[1] != '\0' ? slash + 1 : word + kept;
    char *text = allocate(kept + strlen(name) + 1);

    memcpy(text, word, kept);
    memcpy(text + kept, name, strlen(name));
    return text;
}

static char *shown_command_line(int argc, char *const *argv)
{
    char **words = allocate(((size_t)argc + 1) * sizeof(*words));
    char *text;

    for (int i = 0; i < argc; i++)
        words[i] = without_folder(argv[i]);
    text = watching_command_line(argc, words);
    for (int i = 0; i < argc; i++)
        free(words[i]);
    free(words);
    return text;
}

static int run(int argc, char **argv)
{
    struct request *request = allocate(sizeof(*request));
    int status;

    request->decoder = btap_options_default();
    request->command_line = shown_command_line(argc, argv);
    if (options_parse(&line, argc, argv, request, &status) && check(request) &&
        firmware_check_open(&request->check))
        status = make_report(request);
    firmware_check_release(&request->check);
    free(request->command_line);
    free(request);
    return status;
}

const struct command report_command = {.line = &line, .run = run};
