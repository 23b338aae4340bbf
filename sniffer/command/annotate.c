/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * boottap annotate: its options.
 */
#include "annotate/annotate.h"
#include "cli/capture_options.h"
#include "cli/files.h"
#include "command/command.h"

/** What the command line asks for. */
struct request {
    struct annotate_options options;
    const char *from;
    const char *to;
};

static bool set_from(void *target, const char *path)
{
    struct request *request = target;

    if (request->from != NULL)
        return misused("two captures to read are named, '%s' and '%s'", request->from, path);
    request->from = path;
    return true;
}

static bool set_to(void *target, const char *path)
{
    struct request *request = target;

    if (request->to != NULL)
        return misused("two files to write are named, '%s' and '%s'", request->to, path);
    request->to = path;
    return true;
}

static bool add_operand(void *request, const char *path)
{
    return ((struct request *)request)->from == NULL ? set_from(request, path)
                                                     : set_to(request, path);
}

static const struct option_row printed_rows[] = {
    {'q', "quiet", NULL, "no notes", option_clear, offsetof(struct request, options.notes)},
    {0, "partial", NULL,
     "also replace OUT where IN cannot be read to its end,\n"
     "by what could be read",
     option_set, offsetof(struct request, options.partial)},
    {0},
};

static const struct option_row files_rows[] = {
    {'r', "read", "FILE", "the same as IN", set_from, 0},
    {'w', "write", "FILE", "the same as OUT.pcapng", set_to, 0},
    {0},
};

static const struct option_group groups[] = {
    {"", printed_rows, 0, 0},
    CAPTURE_OPTIONS(offsetof(struct request, options.decoder)),
    {"", files_rows, 0, 0},
    {0},
};

static const struct command_line line = {
    .name = "annotate",
    .summary = "copy a capture with comments that any Wireshark shows",
    .usage = "[OPTION]... [-r] IN OUT.pcapng",
    .about = "Copies a capture and adds comments that any Wireshark shows: each transaction at the "
             "packet\n"
             "that completes it, notes where they arose, the verdict of each session.\n"
             "IN is " CAPTURE_FORMATS ". OUT.pcapng is\n"
             "replaced once it is complete (of a cut IN only with --partial); - is standard "
             "output. Packets, times, interfaces, "
             "options and\n"
             "comments of a pcapng file stay as they are.\n",
    .groups = groups,
    .ending = "Exit status: 0 all was copied, 2 wrong usage, or IN was not read to its end, or OUT "
              "not written.\n",
    .operand = add_operand,
};

static bool check(const struct request *request)
{
    const struct file_use files[] = {
        {"the copy", request->to, true},
        {"the capture", request->from, false},
    };

    if (request->from == NULL)
        return misused("no capture file is named");
    if (request->to == NULL)
        return misused("no file to write is named");
    return files_are_apart(files, sizeof(files) / sizeof(files[0]));
}

static int run(int argc, char **argv)
{
    struct request request = {
        .options = {.decoder = btap_options_default(), .notes = true},
    };
    int status;

    if (options_parse(&line, argc, argv, &request, &status) && check(&request))
        status = annotate_file(&request.options, request.from, request.to);
    return status;
}

const struct command annotate_command = {.line = &line, .run = run};
