/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * boottap live: decode as it happens.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/allocate.h"
#include "base/clock.h"
#include "base/colour.h"
#include "base/exit_status.h"
#include "base/interrupt.h"
#include "base/message.h"
#include "cli/capture_options.h"
#include "cli/device_option.h"
#include "cli/files.h"
#include "command/command.h"
#include "command/watching.h"
#include "live/privileges.h"
#include "live/reset.h"
#include "record/outlet.h"
#include "watch/loop.h"

struct request {
    struct watch_options watch;
    struct source_options source;
    struct firmware_check check;
    struct outlet outlet; /**< standard output */
    FILE *output;         /**< the same */
    struct watching_talk talk;
    bool list; /**< -D */
    size_t operands_length;
    const char *operands[LOOP_SOURCES_MAX];
    size_t sources_length;
    struct source *sources[LOOP_SOURCES_MAX];
};

static bool add_operand(void *target, const char *value)
{
    struct request *request = target;

    if (request->operands_length == LOOP_SOURCES_MAX)
        return misused("more than %d interfaces are named: '%s'", LOOP_SOURCES_MAX, value);
    request->operands[request->operands_length++] = value;
    return true;
}

static bool set_reset(void *text, const char *value)
{
    struct reset reset;

    if (!reset_parse(value, &reset))
        return misused("'%s' does not say how to move lines; it must be as stm32flash -i has it, "
                       "'rts,-dtr,dtr' for instance",
                       value);
    return option_text(text, value);
}

#define SHOWN(member) offsetof(struct request, watch.shows[0].member)

static const struct option_row which_rows[] = {
    {'i', "interface", "INTERFACE", "the same as INTERFACE", add_operand, 0},
    {'D', "list-interfaces", NULL, "what can be captured from here, as boottap list", option_set,
     offsetof(struct request, list)},
    {0, "device", "DEVICE",
     "USB: only this: VID:PID, BUS.DEV, or dfu: what is in DFU mode;\n"
     "it may still have to appear",
     option_device, offsetof(struct request, source.device)},
    {0, "reset", "LINES",
     "proxy: the lines to move when the tool opens the port, to start\n"
     "the bootloader: as stm32flash -i, see docs/serial.md",
     set_reset, offsetof(struct request, source.reset)},
    {0},
};

static const struct option_row printed_rows[] = {
    {'x', "fields", NULL, "every field with its bytes", option_set, SHOWN(output.fields)},
    {0, "json", NULL, "JSON, one object a line", option_set, SHOWN(output.json)},
    {'t', "time", "FORMAT",
     "r since the first packet (default), d since the line before,\n"
     "e since 1970, a/ad local time/with date, u/ud UTC/with date",
     option_time, SHOWN(output.time_style)},
    {'c', "count", "N", "end after N transactions", option_count, SHOWN(count)},
    {'q', "quiet", NULL, "no transactions: the verdict and its cause at the end", option_set,
     offsetof(struct request, watch.quiet)},
    OPTION_COLOUR(SHOWN(output.colour)),
    {0},
};

static const struct option_row filter_rows[] = {
    FILTER_TRANSPORT, FILTER_COMMAND, FILTER_STATUS, FILTER_ADDRESS, FILTER_LINK, {0},
};

static const struct option_group groups[] = {
    {"What is captured:", which_rows, 0, 0},
    {"How it is recorded:", watching_write_row, offsetof(struct request, watch.record), 0},
    {NULL, watching_limit_rows, offsetof(struct request, watch.record), 0},
    {"What is printed:", printed_rows, 0, 0},
    {NULL, firmware_check_options, offsetof(struct request, check), 0},
    {FILTER_HEADING, filter_rows, SHOWN(filter), 0},
    CAPTURE_OPTIONS(offsetof(struct request, watch.decoder)),
    {0},
};

static const struct command_line line = {
    .name = "live",
    .summary = "decode as it happens, and record",
    .usage = "[OPTION]... INTERFACE...",
    .about =
        "Shows bootloader transactions as they happen, and at the end whether the flash "
        "worked.\n"
        "INTERFACE is\n"
        "  usbmonN                         a USB bus, or all with usbmon0: DFU, and serial "
        "adapters\n"
        "  canN, vcanN                     a CAN interface\n"
        "  serial:PORT[,BAUD]              one line of a serial connection, received only\n"
        "  tap:HOSTPORT,DEVPORT[,BAUD]     both lines, with an adapter on each, received only\n"
        "  proxy:PORT[,LINK]               stands between the tool and the port: the tool opens "
        "LINK\n"
        "Nothing is ever sent but by proxy, which sends what the tool sends. Ctrl-C ends.\n"
        "To start the tool yourself, 'boottap run' needs no interface at all.\n",
    .groups = groups,
    .ending = "Exit status: 0 no flash failed, 1 one did, or did not write what was expected, 2 "
              "wrong usage,\n"
              "or an interface vanished, or something could not be written.\n",
    .operand = add_operand,
};

static bool records_to_output(const struct recorder_options *record)
{
    return record->path != NULL && strcmp(record->path, RECORDER_STDOUT) == 0;
}

/** Whether one of the operands begins so. */
static bool has_kind(const struct request *request, const char *kind)
{
    for (size_t i = 0; i < request->operands_length; i++)
        if (strncmp(request->operands[i], kind, strlen(kind)) == 0)
            return true;
    return false;
}

/** Of a ring of files the names are made as they come. */
static bool check_files(const struct request *request)
{
    const struct recorder_options *record = &request->watch.record;
    const bool ring = record->ring_kb > 0 || record->ring_s > 0;
    const struct file_use files[] = {
        {"the recording", ring ? NULL : record->path, true},
        {"standard output", RECORDER_STDOUT, true},
        {"the firmware", request->check.path, false},
    };

    return files_are_apart(files, sizeof(files) / sizeof(files[0]));
}

static bool check(const struct request *request)
{
    const struct recorder_options *record = &request->watch.record;

    if (request->operands_length == 0)
        return misused("no interface is named; 'boottap list' shows what there is");
    if (request->source.device != NULL && !has_kind(request, "usbmon"))
        return misused("--device is for usbmonN, and none is named");
    if (request->source.reset != NULL && !has_kind(request, "proxy:"))
        return misused("--reset is for proxy:, and none is named");
    if (request->watch.shows[0].output.json && records_to_output(record))
        return misused("--json and -w - both want standard output; record to a file");
    if (record->ring_files > 0 && record->ring_kb == 0 && record->ring_s == 0)
        return misused("-b files needs -b filesize or -b duration");
    if (record->path == NULL && (record->ring_kb > 0 || record->ring_s > 0))
        return misused("-b needs a file: -w FILE");
    if (record->path == NULL && record->stop_kb > 0)
        return misused("-a filesize needs a file: -w FILE");
    return check_files(request);
}

static bool open_sources(struct request *request)
{
    for (size_t i = 0; i < request->operands_length; i++) {
        struct source *source = source_open(request->operands[i], &request->source);

        if (source == NULL)
            return false;
        request->sources[request->sources_length++] = source;
    }
    return true;
}

/** Of sources that were opened and are not in a loop. */
static void close_sources(const struct request *request)
{
    for (size_t i = 0; i < request->sources_length; i++)
        request->sources[i]->kind->close(request->sources[i]);
}

/** Whoever reads what is printed may be slow: nothing waits for that before the end. */
static void open_output(struct request *request)
{
    outlet_open_standard(&request->outlet, STDOUT_FILENO);
    request->output = outlet_stream(&request->outlet);
    setvbuf(request->output, NULL, _IOLBF, BUFSIZ);
    request->watch.shows[0].output.to = request->output;
}

/** @return false: not all was printed, which a message said */
static bool close_output(struct request *request)
{
    if (request->output == NULL)
        return true;
    fclose(request->output);
    outlet_close(&request->outlet);
    return outlet_is_complete(&request->outlet);
}

/** What is printed where, as the options say. */
static void arrange(struct request *request)
{
    struct watch_options *watch = &request->watch;
    struct show_options *show = &watch->shows[0];
    bool proxies = false;

    for (size_t i = 0; i < request->operands_length; i++)
        proxies |= source_sends(request->operands[i]);
    watch->name = request->operands_length == 1 ? request->operands[0] : "live";
    watch->must_record = !proxies;
    watch->filter.links_length = show->filter.links_length;
    memcpy(watch->filter.links, show->filter.links, sizeof(watch->filter.links));
    watch->shows_length = 1;
    if (watch->quiet)
        watch->shows_length = 0;
    if (records_to_output(&watch->record))
        watch->shows_length = 0;
    if (watch->shows_length == 0)
        watch->count = show->count;
    open_output(request);
}

/** @return an exit status */
static int capture(struct request *request)
{
    struct watch_result result;
    struct watch *watch;
    enum loop_result ended;
    sigset_t waiting;

    /* What is opened must be closed: no signal may end the program between, nor that somebody has
     * read enough of what it prints. */
    signal(SIGPIPE, SIG_IGN);
    interrupt_catch_waiting(&waiting);
    if (!open_sources(request) || !privileges_drop() ||
        (watch = watch_new(&request->watch, &request->check)) == NULL) {
        close_sources(request);
        return EXIT_TROUBLE;
    }
    ended =
        loop_run(watch, request->sources, request->sources_length, !request->watch.quiet, &waiting);
    if (ended == LOOP_NOT_STARTED) {
        watch_free(watch);
        return EXIT_TROUBLE;
    }
    result = watch_finish(watch, clock_now());
    watch_free(watch);
    if (ended == LOOP_GONE || result.trouble)
        return EXIT_TROUBLE;
    if (result.sessions.failed || (request->check.path != NULL && result.sessions.printed == 0))
        return EXIT_FINDING;
    return EXIT_DONE;
}

static int run(int argc, char **argv)
{
    struct request *request = allocate(sizeof(*request));
    struct watch_options *watch = &request->watch;
    char *text = watching_command_line(argc, argv);
    int status;

    watch->decoder = btap_options_default();
    watch->shows[0] = (struct show_options){
        .output = {.notes = true},
        .name = "standard output",
    };
    watch->record.application = WATCHING_APPLICATION;
    watch->record.comment = text;
    watch->record.late = true;
    watch->progress = true;
    option_colour(&watch->shows[0].output.colour, "auto");
    watch->colour = colour_on(STDERR_FILENO);
    if (options_parse(&line, argc, argv, request, &status)) {
        if (request->list)
            status = list_command.run(1, argv);
        else if (check(request) && firmware_check_open(&request->check)) {
            arrange(request);
            watching_talk_begin(&request->talk);
            status = capture(request);
            if (!close_output(request))
                status = EXIT_TROUBLE;
            watching_talk_end(&request->talk);
        }
    }
    firmware_check_release(&request->check);
    free(text);
    free(request);
    return status;
}

const struct command live_command = {.line = &line, .run = run};
