/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * boottap diff: its options.
 */
#include <string.h>

#include "base/interrupt.h"
#include "base/outfile.h"
#include "cli/capture_options.h"
#include "cli/files.h"
#include "cli/filter.h"
#include "cli/parse.h"
#include "command/command.h"
#include "command/fields.h"
#include "diff/diff.h"

#define CONTEXT_MAX 1000000

#define NS_PER_MS     1000000
#define NS_PER_SECOND 1000000000
/* Per cent in millionths; above 1000 % the product with a long time would not fit. */
#define MILLIONTHS_PER_CENT 10000
#define PER_CENT_MAX        1000

/** What the command line asks for. */
struct request {
    struct diff_request diff;
    size_t paths_length;
    bool by_step; /**< an option was given that says what of a transaction counts */
};

static bool add_path(void *target, const char *path)
{
    struct request *request = target;

    if (request->paths_length == 2)
        return misused("more than two files are named: '%s'", path);
    request->diff.sides[request->paths_length++].path = path;
    return true;
}

static bool ignore_fields(void *target, const char *list)
{
    struct btap_comparison *comparison = target;
    uint64_t fields;

    if (!fields_take(list, &fields))
        return false;
    comparison->aspects &= ~fields;
    comparison->tolerated &= ~fields;
    return true;
}

static bool include_fields(void *target, const char *list)
{
    struct btap_comparison *comparison = target;
    uint64_t fields;

    if (!fields_take(list, &fields))
        return false;
    comparison->aspects |= fields;
    return true;
}

/** Units of amounts, and what they are worth. */
static const struct unit {
    const char *name;
    uint64_t worth;
    bool time;
} units[] = {
    {"", 1, false},
    {"ns", 1, true},
    {"us", NS_PER_MS / 1000, true},
    {"ms", NS_PER_MS, true},
    {"s", NS_PER_SECOND, true},
};

/** Adds `5ms`, `20%` or `3` to a tolerance; the larger of two of a kind holds. */
static bool take_amount(struct btap_tolerance *tolerance, bool time, const char *text)
{
    const size_t digits = strspn(text, "0123456789");
    char number[24];
    uint64_t value;

    snprintf(number, sizeof(number), "%.*s", (int)(digits < 22 ? digits : 22), text);
    if (!parse_number(number, UINT32_MAX, &value))
        return false;
    if (strcmp(text + digits, "%") == 0 && value <= PER_CENT_MAX) {
        if (value * MILLIONTHS_PER_CENT > tolerance->relative)
            tolerance->relative = value * MILLIONTHS_PER_CENT;
        return true;
    }
    for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
        if (strcmp(text + digits, units[i].name) != 0 || units[i].time != time)
            continue;
        if (value * units[i].worth > tolerance->absolute)
            tolerance->absolute = value * units[i].worth;
        return true;
    }
    return false;
}

static bool tolerate(void *target, const char *value)
{
    struct btap_comparison *comparison = target;
    const size_t length = strcspn(value, "=");
    enum btap_aspect aspect = BTAP_ASPECT_COUNT;

    if (value[length] != '=')
        return misused("--tolerate needs FIELD=AMOUNT, duration=20%% for instance");
    if (!fields_find(value, length, &aspect))
        return false;
    if (!btap_aspect_is_amount(aspect))
        return misused("field '%s' is no amount that could differ by some",
                       btap_aspect_name(aspect));
    if (!take_amount(&comparison->tolerances[aspect], btap_aspect_is_time(aspect),
                     value + length + 1))
        return misused("'%s' is no amount of %s; it must be %s, or up to %d%%", value + length + 1,
                       btap_aspect_name(aspect),
                       btap_aspect_is_time(aspect) ? "a time like 5ms" : "a number", PER_CENT_MAX);
    comparison->aspects |= BTAP_ASPECT_BIT(aspect);
    comparison->tolerated |= BTAP_ASPECT_BIT(aspect);
    return true;
}

static bool set_any_order(void *target, const char *value)
{
    struct compare_options *options = target;

    options->any_erase_order = true;
    return option_set(&options->comparison.any_list_order, value);
}

static bool set_ignore_retries(void *target, const char *value)
{
    struct compare_options *options = target;

    options->ignore_retries = true;
    return option_set(&options->comparison.without_retries, value);
}

static bool set_context(void *target, const char *value)
{
    size_t *context = target;
    uint64_t number;

    if (!option_number(value, 0, CONTEXT_MAX, &number,
                       "count of transactions; it must be a number up to 1000000"))
        return false;
    *context = (size_t)number;
    return true;
}

static bool set_packets(void *target, const char *value)
{
    struct side_options *side = target;
    const size_t length = strcspn(value, "-");
    char first[24];

    snprintf(first, sizeof(first), "%.*s", (int)(length < 22 ? length : 22), value);
    if (value[length] == '-' && parse_number(first, UINT64_MAX, &side->first_packet) &&
        (value[length + 1] == '\0' ||
         parse_number(value + length + 1, UINT64_MAX, &side->last_packet)) &&
        side->first_packet <= side->last_packet)
        return true;
    return misused("'%s' is no range of packets; it must be FIRST-LAST or FIRST-", value);
}

/** For -u, as diff has it: so it is printed anyway. */
static bool ignore(void *target, const char *value)
{
    (void)target;
    (void)value;
    return true;
}

#define DIFF(member) offsetof(struct request, diff.member)

static const struct option_row effect_rows[] = {
    {0, "effect", NULL,
     "compare what was done to the memory instead, whatever the wire and\n"
     "the tool: the bytes written, and that they were erased before",
     option_set, DIFF(effect)},
    {0},
};

static const struct option_row counts_rows[] = {
    {0, "ignore", "LIST", "leave these fields out", ignore_fields, DIFF(options.comparison)},
    {0, "include", "LIST",
     "compare these too: duration, pause, polls, busy_ms,\n"
     "poll_timeout_ms, notes ('boottap help compared' names all)",
     include_fields, DIFF(options.comparison)},
    {0, "tolerate", "FIELD=AMOUNT",
     "compare the field, but allow it to differ by so much: a\n"
     "number, 5ms, 10us, 1s, or 20% of A's; given twice, the larger",
     tolerate, DIFF(options.comparison)},
    {0, "any-erase-order", NULL,
     "erases that follow each other, and the pages of one, in any order", set_any_order,
     DIFF(options)},
    {0, "ignore-retries", NULL, "leave out what failed and was repeated at once",
     set_ignore_retries, DIFF(options)},
    {0},
};

static const struct option_row printed_rows[] = {
    {'u', NULL, NULL, "accepted as by diff; the output is the same", ignore, 0},
    {'U', "unified", "N", "N equal transactions around a difference (3)", set_context,
     DIFF(context)},
    {'q', "brief", NULL, "only whether they differ", option_set, DIFF(brief)},
    {'s', "report-identical-files", NULL, "say so where they are the same", option_set,
     DIFF(report_same)},
    {0, "json", NULL, "JSON, one object a difference", option_set, DIFF(json)},
    {0, "junit", "FILE", "write a JUnit report as well; - for standard output, alone", option_text,
     DIFF(junit)},
    OPTION_COLOUR(DIFF(colour)),
    {0},
};

static const struct option_row which_rows[] = {
    FILTER_TRANSPORT, FILTER_COMMAND, FILTER_ADDRESS, FILTER_LINK, {0},
};

static const struct option_row packets_rows[] = {
    {0, "packets-a", "FIRST-LAST", "those of A that begin in these packets", set_packets,
     DIFF(sides[0])},
    {0, "packets-b", "FIRST-LAST", "the same of B", set_packets, DIFF(sides[1])},
    {0},
};

static const struct option_row parts_rows[] = {
    {0, "link-a", "LINK", "this link of A only", option_text, DIFF(sides[0].link)},
    {0, "link-b", "LINK", "this link of B only", option_text, DIFF(sides[1].link)},
    {0, "session-a", "N", "this session of A only, as diagnose counts those of a link",
     option_session, DIFF(sides[0].session)},
    {0, "session-b", "N", "the same of B", option_session, DIFF(sides[1].session)},
    {0},
};

static const struct option_row no_rows[] = {{0}};

static const struct option_group groups[] = {
    {"", effect_rows, 0, 0},
    {"What counts:", counts_rows, 0, offsetof(struct request, by_step)},
    {"What is printed:", printed_rows, 0, 0},
    {FILTER_HEADING, which_rows, DIFF(options.filter), offsetof(struct request, by_step)},
    {NULL, packets_rows, 0, offsetof(struct request, by_step)},
    {NULL, parts_rows, 0, 0},
    CAPTURE_OPTIONS(DIFF(options.decoder)),
    {"", no_rows, 0, 0},
    {0},
};

static const struct command_line line = {
    .name = "diff",
    .summary = "compare the transactions in two capture files",
    .usage = "[OPTION]... A B",
    .about = "Compares the bootloader transactions in two capture files by their meaning.\n"
             "A and B are each " CAPTURE_FORMATS ".\n"
             "Times, polls, bus numbers and how the bytes were cut into packets do not count. The "
             "links of\n"
             "the two files are paired in the order in which they turn up.\n",
    .groups = groups,
    .ending = "Exit status: 0 the same, 1 different, 2 wrong usage, or a file was not read to its "
              "end.\n",
    .operand = add_path,
};

static bool check_files(const struct diff_request *diff)
{
    const struct file_use files[] = {
        {"the JUnit report", diff->junit, true},
        {"standard output", OUTFILE_STDOUT, true},
        {"A", diff->sides[0].path, false},
        {"B", diff->sides[1].path, false},
    };

    return files_are_apart(files, sizeof(files) / sizeof(files[0]));
}

static bool check(const struct request *request)
{
    if (request->paths_length < 2)
        return misused("two capture files are needed");
    if (strcmp(request->diff.sides[0].path, INPUT_STDIN) == 0 &&
        strcmp(request->diff.sides[1].path, INPUT_STDIN) == 0)
        return misused("standard input (-) is named twice and can be read only once");
    if (request->diff.effect && request->by_step)
        return misused("--effect compares memory; options that choose transactions, or what of "
                       "them counts, have no meaning with it");
    return check_files(&request->diff);
}

static int run(int argc, char **argv)
{
    struct request request = {
        .diff =
            {
                .options =
                    {
                        .decoder = btap_options_default(),
                        .comparison = btap_comparison_default(),
                    },
                .to = stdout,
                .sides = {{.last_packet = UINT64_MAX}, {.last_packet = UINT64_MAX}},
                .context = DIFF_CONTEXT_DEFAULT,
            },
    };
    int status;

    option_colour(&request.diff.colour, "auto");
    if (options_parse(&line, argc, argv, &request, &status) && check(&request)) {
        if (request.diff.junit != NULL)
            interrupt_catch();
        status = request.diff.effect ? diff_effects(&request.diff) : diff_captures(&request.diff);
        interrupt_die();
    }
    return status;
}

const struct command diff_command = {.line = &line, .run = run};
