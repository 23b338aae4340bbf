/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * boottap replay: its options.
 */
#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/allocate.h"
#include "base/clock.h"
#include "base/colour.h"
#include "base/exit_status.h"
#include "base/message.h"
#include "base/outfile.h"
#include "capture/input.h"
#include "cli/capture_options.h"
#include "cli/files.h"
#include "cli/parse.h"
#include "command/command.h"
#include "command/fields.h"
#include "command/watching.h"
#include "diff/diff.h"
#include "replay/make.h"
#include "replay/session.h"
#include "replay/show.h"

/** Longest --timeout: nobody waits longer for an answer. */
#define TIMEOUT_MAX_S 3600

/** What the command line asks for. */
struct request {
    struct make_options make;
    struct replay_request replay;
    const char *to; /**< NULL: the plan is printed */
    const char *reset;
    const char *image;
    bool image_address_given;
    uint32_t image_address;
    bool translate;
    bool verbose;
    struct filter masks; /**< its ranges */
};

#define AT(member) offsetof(struct request, member)

static bool add_operand(void *target, const char *path)
{
    struct request *request = target;

    if (request->make.choice.path != NULL)
        return misused("more than one capture file is named: '%s'", path);
    request->make.choice.path = path;
    return true;
}

static bool set_target(void *target, const char *value)
{
    struct request *request = target;

    request->to = value;
    return target_parse(&request->replay.target, value);
}

static bool add_permissions(void *allowed, const char *list)
{
    return option_bits(allowed, list, "permission", PLAN_PERMISSIONS, plan_permission_name);
}

static bool set_as_recorded(void *target, const char *value)
{
    struct request *request = target;

    request->make.as_recorded = true;
    request->replay.replay.host.as_recorded = true;
    return option_set(&request->replay.replay.as_recorded, value);
}

static bool set_number(void *n, const char *value)
{
    return option_number(value, 1, UINT64_MAX, n,
                         "number of a transaction; it must be one from 1 up");
}

static bool add_skips(void *target, const char *list)
{
    struct make_skips *skips = target;
    char item[PARSE_ITEM_SIZE];

    while (parse_item(&list, item)) {
        if (strcmp(item, "damaged") == 0) {
            skips->damaged = true;
            continue;
        }
        if (skips->length == MAKE_SKIPS_MAX)
            return misused("more than %d transactions to skip", MAKE_SKIPS_MAX);
        if (!option_number(item, 1, UINT64_MAX, &skips->list[skips->length],
                           "number of a transaction; it must be one from 1 up, or 'damaged'"))
            return false;
        skips->length++;
    }
    return true;
}

static bool add_ignored(void *ignored, const char *list)
{
    uint64_t fields;

    if (!fields_take(list, &fields))
        return false;
    *(uint64_t *)ignored |= fields;
    return true;
}

static bool set_reset(void *target, const char *value)
{
    struct request *request = target;

    request->reset = value;
    return reset_parse(value, &request->replay.replay.reset) ||
           misused("'%s' does not say how to move lines; it must be as stm32flash -i has it, "
                   "'rts,-dtr,dtr' for instance",
                   value);
}

static bool set_timeout(void *patience, const char *value)
{
    char *end;
    const double seconds = strtod(value, &end);

    if (!isdigit((unsigned char)value[0]) || *end != '\0' || !isfinite(seconds) ||
        seconds < 0.001 || seconds > TIMEOUT_MAX_S)
        return misused("'%s' is no time; it must be seconds, from 0.001 to %d", value,
                       TIMEOUT_MAX_S);
    *(btap_ns *)patience = (btap_ns)(seconds * CLOCK_NS_PER_SECOND);
    return true;
}

static bool set_image_address(void *target, const char *value)
{
    struct request *request = target;
    uint64_t number;

    if (!option_number(value, 0, UINT32_MAX, &number,
                       "address; it must be a number up to 0xffffffff"))
        return false;
    request->image_address = (uint32_t)number;
    request->image_address_given = true;
    return true;
}

static const struct option_row target_rows[] = {
    {0, "to", "TARGET", "send to this device; without it, the plan is printed", set_target, 0},
    {0, "allow", "LIST",
     "commands to send besides those that only ask or read: write,\n"
     "erase, go, leave, protect, unprotect, special",
     add_permissions, AT(replay.replay.permit.allowed)},
    {0, "yes", NULL,
     "do not ask before protection is changed, or a device that is\n"
     "not known",
     option_set, AT(replay.replay.permit.confirmed)},
    {0, "allow-irreversible", NULL,
     "send what may be impossible to undo, too: writes to option\n"
     "bytes, OTP and whatever is not known to be flash or RAM; special",
     option_set, AT(replay.replay.permit.irreversible)},
    {0, "continue", NULL, "go on where the device answers otherwise", option_set,
     AT(replay.replay.go_on)},
    {0, "reset", "LINES",
     "serial: the lines to move first, and at the end: as\n"
     "stm32flash -i, see docs/serial.md",
     set_reset, 0},
    {0, "timeout", "SECONDS",
     "wait for an answer so long at most (default: as long as the\n"
     "command may take)",
     set_timeout, AT(replay.replay.host.patience)},
    {0, "as-recorded", NULL, "send retries and what lies between, too, at the recorded pace",
     set_as_recorded, 0},
    {0},
};

static const struct option_row commands_rows[] = {
    {0, "from", "N", "from this transaction on, as decode numbers them", set_number, AT(make.from)},
    {0, "until", "N", "up to this one", set_number, AT(make.until)},
    {0, "skip", "LIST",
     "not these: numbers, or 'damaged': all that the capture does not\n"
     "wholly hold, or that no application note allows",
     add_skips, AT(make.skips)},
    {0, "link", "LINK", "of this link: usb:1.5, serial, can:can0", option_text,
     AT(make.choice.link)},
    {0, "session", "N", "this session, as diagnose counts those of a link", option_session,
     AT(make.choice.session)},
    {0, "image", "FILE", "write this firmware in place of the recorded one", option_text,
     AT(image)},
    {0, "image-address", "ADDR",
     "where a raw image begins (default: where the recorded one\n"
     "does)",
     set_image_address, 0},
    {0, "translate", NULL,
     "do what the session did to memory by the commands of the\n"
     "target's wire",
     option_set, AT(translate)},
    {0},
};

static const struct option_row filter_rows[] = {FILTER_COMMAND, FILTER_ADDRESS, {0}};

static const struct option_row compared_rows[] = {
    {0, "strict", NULL, "compare what depends on the device, too: versions, ids, what is read",
     option_set, AT(replay.answers.strict)},
    {0, "ignore", "LIST", "do not compare these fields; 'boottap help compared' names them",
     add_ignored, AT(replay.answers.ignored)},
    {0, "mask", "LIST", "do not compare what is read from these addresses", filter_add_ranges,
     AT(masks)},
    {0},
};

static const struct option_row printed_rows[] = {
    {0, "json", NULL, "JSON, one object a line", option_set, AT(replay.json)},
    {0, "junit", "FILE", "write a JUnit report as well; - for standard output, alone", option_text,
     AT(replay.junit)},
    {'q', "quiet", NULL, "no more than the totals, and the verdict", option_set,
     AT(replay.watch.quiet)},
    {'v', "verbose", NULL, "a line for every command of the plan", option_set, AT(verbose)},
    OPTION_COLOUR(AT(replay.colour)),
    {0},
};

static const struct option_row files_rows[] = {
    {'r', "read", "FILE", "the same as FILE", add_operand, 0},
    {0},
};

static const struct option_group groups[] = {
    {"The device, and what may be sent to it:", target_rows, 0, 0},
    {NULL, watching_write_row, AT(replay.watch.record), 0},
    {"Which commands:", commands_rows, 0, 0},
    {NULL, filter_rows, AT(make.filter), 0},
    {"How answers are compared:", compared_rows, 0, 0},
    {"What is printed:", printed_rows, 0, 0},
    CAPTURE_OPTIONS(AT(make.choice.decoder)),
    {"", files_rows, 0, 0},
    {0},
};

static const struct command_line line = {
    .name = "replay",
    .summary = "be the host of a capture again: send its commands to a device",
    .usage = "[OPTION]... [-r] FILE [--to TARGET]",
    .about =
        "Sends the commands in a capture file to a device, waits for each answer and says where "
        "it is\n"
        "unlike the recorded one. Without --to it prints what it would send, and sends nothing.\n"
        "FILE is " CAPTURE_FORMATS ". TARGET is\n"
        "  serial:PORT[,BAUD]                  a serial port (default: the capture's rate, else "
        "115200)\n"
        "  can:IFACE[,classic]                 a CAN interface; --translate: classic CAN there\n"
        "  usb:VID:PID[,SERIAL or BUS-PORT]    a USB device in DFU mode\n",
    .groups = groups,
    .ending = "Exit status: 0 the plan can be sent, or all was answered as recorded; 1 an answer "
              "was unlike the\n"
              "recorded one, or it is another device; 2 wrong usage, nothing could be sent, or "
              "something could\n"
              "not be written.\n",
    .operand = add_operand,
};

/** Whether a path leads to the serial port of --to: what is written there reaches the device. */
static bool is_target(const struct request *request, const char *path)
{
    const struct target *target = &request->replay.target;
    struct stat one;
    struct stat other;

    return request->to != NULL && target->medium == WIRE_SERIAL && stat(path, &one) == 0 &&
           stat(target->place, &other) == 0 && S_ISCHR(one.st_mode) && S_ISCHR(other.st_mode) &&
           one.st_rdev == other.st_rdev;
}

static bool check_output(const struct request *request, const char *path, const char *what)
{
    return path == NULL || !is_target(request, path) ||
           misused("%s would be sent to the device: '%s' is the port of --to", what, path);
}

static bool is_standard(const char *path)
{
    return path != NULL && strcmp(path, OUTFILE_STDOUT) == 0;
}

/** Files that are written belong to a replay, not to a plan. */
static bool check_files(const struct request *request)
{
    const char *recording = request->replay.watch.record.path;
    const char *junit = request->replay.junit;
    const struct file_use files[] = {
        {"the recording", recording, true},
        {"the JUnit report", junit, true},
        {"standard output", OUTFILE_STDOUT, true},
        {"the capture", request->make.choice.path, false},
        {"the image", request->image, false},
    };

    if (request->to == NULL && recording != NULL)
        return misused("-w records what is sent; without --to nothing is");
    if (request->to == NULL && junit != NULL)
        return misused("--junit reports what was sent; without --to nothing is");
    if (is_standard(recording) && (request->replay.json || is_standard(junit)))
        return misused("-w - wants standard output for itself; record to a file");
    if (is_standard(junit) && request->replay.json)
        return misused("--json and --junit - both want standard output; write to a file");
    return files_are_apart(files, sizeof(files) / sizeof(files[0])) &&
           check_output(request, recording, "the recording") &&
           check_output(request, junit, "the JUnit report");
}

static bool check(const struct request *request)
{
    const struct make_options *make = &request->make;

    if (make->choice.path == NULL)
        return misused("no capture file is named");
    if (make->until != 0 && make->from > make->until)
        return misused("--from names a later transaction than --until");
    if (request->reset != NULL &&
        (request->to == NULL || request->replay.target.medium != WIRE_SERIAL))
        return misused("--reset is for --to serial:");
    if (request->translate && request->to == NULL)
        return misused("--translate needs to know the wire: --to TARGET");
    if (request->translate && request->image != NULL)
        return misused("--translate and --image: each makes commands of its own; leave out one");
    if (request->image_address_given && request->image == NULL)
        return misused("--image-address is for --image");
    return check_files(request);
}

static bool take_masks(struct request *request)
{
    for (size_t i = 0; i < request->masks.ranges_length; i++)
        ranges_add(&request->replay.answers.masked, request->masks.ranges[i]);
    return true;
}

/** Without a device: nothing is sent. */
static int show(const struct request *request, const struct plan *plan)
{
    const struct gate_permit *permit = &request->replay.replay.permit;
    const struct show_plan how = {
        .allowed = permit->allowed,
        .confirmed = permit->confirmed,
        .irreversible = permit->irreversible,
        .every_command = request->verbose,
        .totals_only = request->replay.watch.quiet,
        .colour = request->replay.colour,
    };

    /* Where the image did not fit, its commands are not among those of the plan. */
    if (request->replay.json)
        show_plan_json(stdout, plan, &how);
    else if (request->image == NULL || plan->problems_length == 0)
        show_plan_text(stdout, plan, &how);
    show_problems(plan);
    return plan->problems_length == 0 ? EXIT_DONE : EXIT_TROUBLE;
}

/** Says to programs what a message said to people: there is no plan. @return an exit status */
static int refuse(struct request *request, struct plan *plan)
{
    if (plan->name == NULL)
        plan->name = request->make.choice.path;
    if (request->to != NULL)
        replay_refuse(plan, &request->replay, message_last());
    else if (request->replay.json)
        show_no_plan_json(stdout, plan->name, message_last());
    return EXIT_TROUBLE;
}

static int replay_plan(struct request *request)
{
    const uint32_t *address = request->image_address_given ? &request->image_address : NULL;
    struct plan *plan = allocate(sizeof(*plan));
    int status;

    if (make_plan(plan, &request->make) &&
        (request->image == NULL || fit_image_file(plan, request->image, address))) {
        make_check(plan);
        status = request->to != NULL ? replay_to(plan, &request->replay) : show(request, plan);
    } else {
        status = refuse(request, plan);
    }
    plan_release(plan);
    free(plan);
    return status;
}

static int replay_translated(struct request *request)
{
    const struct recorded_choice *choice = &request->make.choice;
    const struct translate_source source = {choice->path, choice->link, choice->session,
                                            choice->decoder};
    struct translation *translation = translation_read(&source);
    struct plan *plan = allocate(sizeof(*plan));
    int status;

    request->replay.translation = translation;
    status = translation != NULL ? replay_to(plan, &request->replay) : refuse(request, plan);
    plan_release(plan);
    free(plan);
    translation_free(translation);
    return status;
}

static int run(int argc, char **argv)
{
    struct request *request = allocate(sizeof(*request));
    struct watch_options *watch = &request->replay.watch;
    char *text = watching_command_line(argc, argv);
    int status;

    request->make.choice.decoder = btap_options_default();
    request->replay.to = stdout;
    request->replay.context = DIFF_CONTEXT_DEFAULT;
    watch->record.application = WATCHING_APPLICATION;
    watch->record.comment = text;
    watch->colour = colour_on(STDERR_FILENO);
    option_colour(&request->replay.colour, "auto");
    if (options_parse(&line, argc, argv, request, &status) && check(request) &&
        take_masks(request)) {
        watch->decoder = request->make.choice.decoder;
        status = request->translate ? replay_translated(request) : replay_plan(request);
    }
    ranges_release(&request->replay.answers.masked);
    free(text);
    free(request);
    return status;
}

const struct command replay_command = {.line = &line, .run = run};
