/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * boottap run: start a flashing tool, see what it says to its port, explain at the end.
 */
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/allocate.h"
#include "base/clock.h"
#include "base/colour.h"
#include "base/exit_status.h"
#include "base/junit.h"
#include "base/message.h"
#include "base/outfile.h"
#include "base/talk.h"
#include "base/temporary.h"
#include "capture/capture.h"
#include "cli/capture_options.h"
#include "cli/files.h"
#include "command/command.h"
#include "command/watching.h"
#include "diff/diff.h"
#include "record/outlet.h"
#include "trace/trace.h"
#include "watch/junit.h"

struct request {
    struct watch_options watch;
    struct firmware_check check;
    bool print;           /**< every transaction, not failed ones only */
    const char *json;     /**< file for the stream; NULL none */
    const char *good;     /**< capture to compare with; NULL none */
    const char *junit;    /**< file for the report; NULL none */
    char *const *tool;    /**< its command line */
    char *directory;      /**< of the temporary recording; NULL none */
    char *recording;      /**< path of that */
    FILE *stream;         /**< open json; NULL */
    struct outlet outlet; /**< the same, of a file */
    struct watching_talk talk;
    bool reported; /**< the JUnit report is written, or cannot be */
};

/** What came of the tool, the wire and the comparison. */
struct outcome {
    struct trace_end end;
    struct watch_result result;
    bool compared;
    int difference;    /**< exit status of the comparison */
    char *differences; /**< what it printed; allocated */
};

#define WATCH(member) offsetof(struct request, watch.member)

static const struct option_row printed_rows[] = {
    {0, "print", NULL, "every transaction as it happens, not failed ones only", option_set,
     offsetof(struct request, print)},
    {0, "json", "FILE", "write transactions to FILE, one JSON object a line", option_text,
     offsetof(struct request, json)},
    {'q', "quiet", NULL, "the verdict and its cause only, at the end", option_set, WATCH(quiet)},
    {0, "color", "[WHEN]", "always, never, or auto: on a terminal (default)", option_colour,
     WATCH(colour)},
    {0},
};

static const struct option_row judged_rows[] = {
    {0, "diff", "GOOD-CAPTURE", "compare with a capture of a good run, as boottap diff",
     option_text, offsetof(struct request, good)},
    {0, "junit", "FILE", "write a JUnit report", option_text, offsetof(struct request, junit)},
    {0},
};

static const struct option_group groups[] = {
    {"", watching_write_row, WATCH(record), 0},
    {NULL, printed_rows, 0, 0},
    {"How it is judged:", firmware_check_options, offsetof(struct request, check), 0},
    {NULL, judged_rows, 0, 0},
    CAPTURE_OPTIONS(WATCH(decoder)),
    {0},
};

static bool refuse_operand(void *request, const char *value)
{
    (void)request;
    return misused("'%s': the tool's command line stands behind --", value);
}

static const struct command_line line = {
    .name = "run",
    .summary = "run a flashing tool, and explain what it said to its port",
    .usage = "[OPTION]... -- TOOL [ARG]...",
    .about = "Starts a flashing tool (or a script, make, ...) and follows what it and its children "
             "say to\n"
             "serial ports, USB devices and CAN sockets, without privileges and without a second "
             "adapter.\n"
             "The tool keeps standard input, output and error. A failed command is told at once, "
             "the verdict\n"
             "at the end. Bytes that the tool flushed or never read do not appear: what is seen is "
             "what the\n"
             "tool wrote and read, not the line.\n",
    .groups = groups,
    .ending = "Exit status: 0 the tool succeeded and no flash failed, 1 the tool or a flash "
              "failed, or it is\n"
              "not what was expected, 2 wrong usage, the tool could not be started, or something "
              "could not be\n"
              "written. The tool's own status is printed.\n",
    .operand = refuse_operand,
};

/** Where the two dashes stand; argc if they are missing. */
static int find_dashes(int argc, char **argv)
{
    for (int i = 1; i < argc; i++)
        if (strcmp(argv[i], "--") == 0)
            return i;
    return argc;
}

/** The files that the tool's command line names are what it reads, as far as anybody knows. */
static bool check_files(const struct request *request)
{
    const struct file_use files[] = {
        {"the recording", request->watch.record.path, true},
        {"the JSON", request->json, true},
        {"the JUnit report", request->junit, true},
        {"the good capture", request->good, false},
        {"the firmware", request->check.path, false},
    };
    size_t words = 0;

    while (request->tool[words] != NULL)
        words++;
    for (size_t i = 0; i < 3; i++)
        for (size_t j = 0; files[i].path != NULL && j < words; j++)
            if (strcmp(request->tool[j], OUTFILE_STDOUT) != 0 &&
                !files_spare(&files[i], (const char *const *)&request->tool[j], 1))
                return false;
    return files_are_apart(files, sizeof(files) / sizeof(files[0]));
}

static bool check(const struct request *request)
{
    if (request->tool[0] == NULL)
        return misused("no tool is named; its command line stands behind --");
    if (request->watch.record.path != NULL &&
        strcmp(request->watch.record.path, RECORDER_STDOUT) == 0)
        return misused("standard output is the tool's; name a file for -w");
    if (request->good != NULL && strcmp(request->good, INPUT_STDIN) == 0)
        return misused("standard input is the tool's; name a file for --diff");
    return check_files(request);
}

static void ignore_note(void *context, const struct btap_link *link, uint64_t n,
                        const struct btap_note *note)
{
    (void)context;
    (void)link;
    (void)n;
    (void)note;
}

static void count_transaction(void *context, const struct btap_link *link,
                              const struct btap_transaction *transaction)
{
    uint64_t *count = context;

    (void)link;
    (void)transaction;
    (*count)++;
}

/** Whether there is something to compare with: a flash is not started in vain. @return false: a
 * message said why */
static bool check_good(const struct request *request)
{
    uint64_t transactions = 0;
    const struct btap_sink sink = {
        .context = &transactions,
        .note = ignore_note,
        .transaction = count_transaction,
    };
    struct capture *capture;
    bool good;

    if (request->good == NULL)
        return true;
    capture = allocate(sizeof(*capture));
    good = capture_read(capture, request->good, &request->watch.decoder, &sink);
    if (good && transactions == 0) {
        capture_tell_nothing_found(&capture->input, &capture->tap.counters);
        good = false;
    }
    free(capture);
    return good;
}

/** Two words in one; allocated. */
static char *joined(const char *before, const char *behind)
{
    const size_t size = strlen(before) + strlen(behind) + 1;
    char *text = allocate(size);

    snprintf(text, size, "%s%s", before, behind);
    return text;
}

/** What is compared must be recorded, if only for that. @return false: a message said why */
static bool arrange_recording(struct request *request)
{
    const char *folder = getenv("TMPDIR");

    if (request->good == NULL || request->watch.record.path != NULL)
        return true;
    if (folder == NULL || folder[0] == '\0')
        folder = "/tmp";
    request->directory = joined(folder, "/boottap-run-XXXXXX");
    if (!temporary_create_directory(request->directory)) {
        message("%s: %s", request->directory, strerror(errno));
        free(request->directory);
        request->directory = NULL;
        return false;
    }
    request->recording = joined(request->directory, "/run.pcapng");
    temporary_add(request->recording);
    request->watch.record.path = request->recording;
    return true;
}

static void remove_recording(struct request *request)
{
    if (request->directory == NULL)
        return;
    unlink(request->recording);
    rmdir(request->directory);
    temporary_forget(request->recording);
    temporary_forget(request->directory);
    free(request->recording);
    free(request->directory);
}

/** A file keeps what is in it until the tool runs. @return false: a message said why */
static bool open_json(struct request *request)
{
    if (strcmp(request->json, OUTFILE_STDOUT) == 0) {
        outlet_open_standard(&request->outlet, STDOUT_FILENO);
    } else if (!outlet_open_late(&request->outlet, request->json)) {
        message("%s: %s", request->json, strerror(errno));
        return false;
    }
    request->stream = outlet_stream(&request->outlet);
    setvbuf(request->stream, NULL, _IOLBF, BUFSIZ);
    return true;
}

/** @return false: a message said why */
static bool close_json(struct request *request)
{
    bool written;
    int error;

    if (request->stream == NULL)
        return true;
    written = fclose(request->stream) == 0;
    error = errno;
    if (!outlet_close(&request->outlet) && written) {
        written = false;
        error = errno;
    }
    if (!written)
        message("%s: %s", request->json, strerror(error));
    return written && outlet_is_complete(&request->outlet);
}

/** What is printed and written where, as the options say. @return false: a message said why */
static bool arrange(struct request *request)
{
    struct watch_options *watch = &request->watch;

    watch->name = request->tool[0];
    watch->announce = !request->print && !watch->quiet;
    if (request->print)
        watch->shows[watch->shows_length++] = (struct show_options){
            .output = {.to = talk_stream(), .notes = true, .colour = watch->colour},
            .name = "standard error",
        };
    if (request->json != NULL) {
        if (!open_json(request))
            return false;
        watch->shows[watch->shows_length++] = (struct show_options){
            .output = {.to = request->stream, .notes = true, .json = true},
            .name = request->json,
        };
    }
    if (request->junit != NULL && !outfile_check(request->junit)) {
        request->reported = true;
        return false;
    }
    return arrange_recording(request);
}

/** Says what came of the tool itself. */
static void tell_tool(const struct request *request, const struct outcome *outcome)
{
    const struct trace_end *end = &outcome->end;
    const char *name = request->tool[0];

    for (size_t i = 0; i < sizeof(end->unseen) / sizeof(end->unseen[0]) && end->unseen[i] != NULL;
         i++)
        message("%s: %s", name, end->unseen[i]);
    if (end->signal != 0)
        message("%s: ended by signal %d (%s)", name, end->signal, strsignal(end->signal));
    else if (end->status != 0)
        message("%s: exit status %d%s", name, end->status,
                outcome->result.sessions.printed > 0 && !outcome->result.sessions.failed
                    ? ", though nothing that it said to a device failed"
                    : "");
    else if (!request->watch.quiet)
        message("%s: exit status 0", name);
}

/** Compares the recording with a good one. */
static void compare(const struct request *request, struct outcome *outcome)
{
    size_t size = 0;
    struct diff_request diff = {
        .options =
            {
                .decoder = request->watch.decoder,
                .comparison = btap_comparison_default(),
            },
        .sides = {{.path = request->good, .last_packet = UINT64_MAX},
                  {.path = request->watch.record.path, .last_packet = UINT64_MAX}},
        .to = open_memstream(&outcome->differences, &size),
        .context = DIFF_CONTEXT_DEFAULT,
    };

    outcome->compared = true;
    outcome->difference = EXIT_TROUBLE;
    if (diff.to == NULL)
        return;
    outcome->difference = diff_captures(&diff);
    fclose(diff.to);
    fputs(outcome->differences, talk_stream());
    if (outcome->difference == EXIT_DONE && !request->watch.quiet)
        message("%s: the same as %s", request->tool[0], request->good);
}

/** @return an exit status */
static int status_of(const struct request *request, const struct outcome *outcome)
{
    const struct trace_end *end = &outcome->end;
    const bool wanted = request->check.path != NULL || request->good != NULL;

    if (outcome->result.trouble || (outcome->compared && outcome->difference == EXIT_TROUBLE))
        return EXIT_TROUBLE;
    if (end->signal != 0 || end->status != 0 || outcome->result.sessions.failed ||
        (outcome->compared && outcome->difference == EXIT_FINDING) ||
        (wanted && outcome->result.sessions.printed == 0))
        return EXIT_FINDING;
    return EXIT_DONE;
}

/** Writes the report. @return false: a message said why */
static bool report(struct request *request, struct watch *watch, const struct outcome *outcome)
{
    const struct trace_end *end = &outcome->end;
    const char *differences = outcome->differences;
    char words[64] = "";
    struct junit_case cases[2] = {{"tool", "the tool ends with success", NULL, 0}};
    size_t length = 1;
    struct outfile out;

    if (end->signal != 0)
        snprintf(words, sizeof(words), "ended by signal %d", end->signal);
    else if (end->status != 0)
        snprintf(words, sizeof(words), "exit status %d", end->status);
    if (words[0] != '\0')
        cases[0].failure = words;
    if (!outcome->compared)
        differences = "no session was seen: there is nothing to compare";
    else if (outcome->difference == EXIT_DONE)
        differences = NULL;
    else if (outcome->difference == EXIT_TROUBLE)
        differences = "the recording and the capture could not be compared";
    if (request->good != NULL)
        cases[length++] = (struct junit_case){"diff", request->good, differences, 0};
    if (!outfile_open(&out, request->junit))
        return false;
    watch_print_junit(watch, &request->check, request->watch.record.comment, cases, length,
                      out.stream);
    return outfile_finish(&out);
}

/** Runs the tool. @return an exit status */
static int run_tool(struct request *request)
{
    struct outcome outcome = {0};
    struct watch *watch = watch_new(&request->watch, &request->check);
    int status = EXIT_TROUBLE;

    if (watch == NULL)
        return EXIT_TROUBLE;
    if (trace_run(request->tool, watch_sink(watch), &outcome.end)) {
        if (request->stream != NULL)
            outlet_begin(&request->outlet);
        outcome.result = watch_finish(watch, clock_now());
        tell_tool(request, &outcome);
        if (request->good != NULL && outcome.result.sessions.printed > 0)
            compare(request, &outcome);
        status = status_of(request, &outcome);
        if (request->junit != NULL && !report(request, watch, &outcome))
            status = EXIT_TROUBLE;
        request->reported = true;
        free(outcome.differences);
    }
    watch_free(watch);
    return status;
}

static int run(int argc, char **argv)
{
    struct request *request = allocate(sizeof(*request));
    const int dashes = find_dashes(argc, argv);
    char *text = watching_command_line(argc, argv);
    int status;

    request->tool = argv + (dashes < argc ? dashes + 1 : argc);
    request->watch.decoder = btap_options_default();
    request->watch.record.application = WATCHING_APPLICATION;
    request->watch.record.comment = text;
    request->watch.record.late = true;
    request->watch.progress = false;
    request->watch.colour = colour_on(STDERR_FILENO);
    /* Who reads standard error, or a pipe, may go before the tool has ended. */
    signal(SIGPIPE, SIG_IGN);
    watching_talk_begin(&request->talk);
    if (options_parse(&line, dashes, argv, request, &status) && check(request)) {
        if (firmware_check_open(&request->check) && check_good(request) && arrange(request))
            status = run_tool(request);
        /* Whoever reads yesterday's report must not take it for today's. */
        if (request->junit != NULL && !request->reported)
            junit_write_error(request->junit, "run");
    }
    if (!close_json(request))
        status = EXIT_TROUBLE;
    remove_recording(request);
    watching_talk_end(&request->talk);
    firmware_check_release(&request->check);
    free(text);
    free(request);
    return status;
}

const struct command run_command = {.line = &line, .run = run};
