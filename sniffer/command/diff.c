/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * boottap diff: its options.
 */
#include <string.h>

#include "base/outfile.h"
#include "cli/capture_options.h"
#include "cli/options.h"
#include "cli/parse.h"
#include "command/command.h"
#include "diff/diff.h"

#define CONTEXT_DEFAULT 3
#define CONTEXT_MAX     1000000

#define NS_PER_MS     1000000
#define NS_PER_SECOND 1000000000
/* Per cent in millionths; above 1000 % the product with a long time would not fit. */
#define MILLIONTHS_PER_CENT 10000
#define PER_CENT_MAX        1000

static const char help[] =
    "Usage: boottap diff [OPTION]... A B\n"
    "Compares the bootloader transactions in two capture files by their meaning.\n"
    "A and B are pcap or pcapng files or logs of candump -L; - is standard input.\n"
    "Times, polls, bus numbers and how the bytes were cut into packets do not count. The links of\n"
    "the two files are paired in the order in which they turn up.\n"
    "\n"
    "      --effect             compare what was done to the memory instead, whatever the wire "
    "and\n"
    "                           the tool: the bytes written, and that they were erased before\n"
    "\n"
    "What counts:\n"
    "      --ignore=LIST        leave these fields out\n"
    "      --include=LIST       compare these too: duration, pause, polls, busy_ms,\n"
    "                           poll_timeout_ms, notes ('boottap help compared' names all)\n"
    "      --tolerate=FIELD=AMOUNT  compare the field, but allow it to differ by so much: a\n"
    "                           number, 5ms, 10us, 1s, or 20% of A's; given twice, the larger\n"
    "      --any-erase-order    erases that follow each other, and the pages of one, in any order\n"
    "      --ignore-retries     leave out what failed and was repeated at once\n"
    "\n"
    "What is printed:\n"
    "  -u, -U, --unified=N      N equal transactions around a difference (3)\n"
    "  -q, --brief              only whether they differ\n"
    "  -s, --report-identical-files  say so where they are the same\n"
    "      --json               JSON, one object a difference\n"
    "      --junit=FILE         write a JUnit report as well; - for standard output, alone\n"
    "      --color[=WHEN]       always, never, or auto: on a terminal (default)\n"
    "\n"
    "Which transactions (comma lists; may be repeated):\n"
    "      --transport=LIST, --command=LIST, --address=LIST, --link=LIST  as for decode\n"
    "      --link-a=LINK, --link-b=LINK      this link only, of one file\n"
    "      --session-a=N, --session-b=N      this session only, as diagnose counts those of a "
    "link\n"
    "      --packets-a=FIRST-LAST, --packets-b=FIRST-LAST  those that begin in these packets\n"
    "\n" CAPTURE_OPTIONS_HELP "\n"
    "  -h, --help               print this\n"
    "\n"
    "Exit status: 0 the same, 1 different, 2 wrong usage, or a file was not read to its end.\n";

enum long_option {
    OPTION_IGNORE = 256,
    OPTION_INCLUDE,
    OPTION_TOLERATE,
    OPTION_ANY_ERASE_ORDER,
    OPTION_IGNORE_RETRIES,
    OPTION_EFFECT,
    OPTION_JSON,
    OPTION_JUNIT,
    OPTION_COLOR,
    OPTION_TRANSPORT,
    OPTION_COMMAND,
    OPTION_ADDRESS,
    OPTION_LINK,
    OPTION_LINK_A,
    OPTION_LINK_B,
    OPTION_PACKETS_A,
    OPTION_PACKETS_B,
    OPTION_SESSION_A,
    OPTION_SESSION_B,
};

static const char short_options[] = "-:uU:qsh";

static const struct option long_options[] = {
    {"ignore", required_argument, NULL, OPTION_IGNORE},
    {"include", required_argument, NULL, OPTION_INCLUDE},
    {"tolerate", required_argument, NULL, OPTION_TOLERATE},
    {"any-erase-order", no_argument, NULL, OPTION_ANY_ERASE_ORDER},
    {"ignore-retries", no_argument, NULL, OPTION_IGNORE_RETRIES},
    {"effect", no_argument, NULL, OPTION_EFFECT},
    {"unified", required_argument, NULL, 'U'},
    {"brief", no_argument, NULL, 'q'},
    {"report-identical-files", no_argument, NULL, 's'},
    {"json", no_argument, NULL, OPTION_JSON},
    {"junit", required_argument, NULL, OPTION_JUNIT},
    {"color", optional_argument, NULL, OPTION_COLOR},
    {"transport", required_argument, NULL, OPTION_TRANSPORT},
    {"command", required_argument, NULL, OPTION_COMMAND},
    {"address", required_argument, NULL, OPTION_ADDRESS},
    {"link", required_argument, NULL, OPTION_LINK},
    {"link-a", required_argument, NULL, OPTION_LINK_A},
    {"link-b", required_argument, NULL, OPTION_LINK_B},
    {"packets-a", required_argument, NULL, OPTION_PACKETS_A},
    {"packets-b", required_argument, NULL, OPTION_PACKETS_B},
    {"session-a", required_argument, NULL, OPTION_SESSION_A},
    {"session-b", required_argument, NULL, OPTION_SESSION_B},
    CAPTURE_OPTIONS,
    {"help", no_argument, NULL, 'h'},
    {0},
};

/** What the command line asks for. */
struct request {
    struct diff_request diff;
    size_t paths_length;
    bool by_step; /**< an option was given that says what of a transaction counts */
};

static bool add_path(struct request *request, const char *path)
{
    if (request->paths_length == 2)
        return misused("more than two files are named: '%s'", path);
    request->diff.sides[request->paths_length++].path = path;
    return true;
}

/** Finds a field by length characters of its name. */
static bool find_field(const char *name, size_t length, enum btap_aspect *aspect)
{
    char word[32];

    snprintf(word, sizeof(word), "%.*s", (int)(length < sizeof(word) ? length : sizeof(word) - 1),
             name);
    if (length < sizeof(word) && btap_aspect_by_name(word, aspect))
        return true;
    return misused("unknown field '%s'; 'boottap help compared' names them", word);
}

/** Collects the fields of a comma list. */
static bool take_fields(const char *list, uint64_t *fields)
{
    *fields = 0;
    while (list != NULL) {
        const size_t length = strcspn(list, ",");
        enum btap_aspect aspect = BTAP_ASPECT_COUNT;

        if (!find_field(list, length, &aspect))
            return false;
        *fields |= BTAP_ASPECT_BIT(aspect);
        list = list[length] == ',' ? list + length + 1 : NULL;
    }
    return true;
}

static bool ignore_fields(struct request *request, const char *list)
{
    uint64_t fields;

    if (!take_fields(list, &fields))
        return false;
    request->diff.options.comparison.aspects &= ~fields;
    request->diff.options.comparison.tolerated &= ~fields;
    return true;
}

static bool include_fields(struct request *request, const char *list)
{
    uint64_t fields;

    if (!take_fields(list, &fields))
        return false;
    request->diff.options.comparison.aspects |= fields;
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

static bool tolerate(struct request *request, const char *value)
{
    struct btap_comparison *comparison = &request->diff.options.comparison;
    const size_t length = strcspn(value, "=");
    enum btap_aspect aspect = BTAP_ASPECT_COUNT;

    if (value[length] != '=')
        return misused("--tolerate needs FIELD=AMOUNT, duration=20%% for instance");
    if (!find_field(value, length, &aspect))
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

static bool set_context(struct request *request, const char *value)
{
    uint64_t number;

    if (!parse_number(value, CONTEXT_MAX, &number))
        return misused("'%s' is no count of transactions; it must be a number up to %d", value,
                       CONTEXT_MAX);
    request->diff.context = (size_t)number;
    return true;
}

static bool set_packets(struct side_options *side, const char *value)
{
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

static bool add_filter(struct request *request,
                       bool (*add)(struct filter *, const char *, char[FILTER_PROBLEM_SIZE]),
                       const char *list)
{
    request->by_step = true;
    return option_filter(&request->diff.options.filter, add, list);
}

/** Takes the options that select and interpret. */
static bool take_selection(struct request *request, int option, const char *value)
{
    switch (option) {
    case OPTION_TRANSPORT:
        return add_filter(request, filter_add_transports, value);
    case OPTION_COMMAND:
        return add_filter(request, filter_add_commands, value);
    case OPTION_ADDRESS:
        return add_filter(request, filter_add_ranges, value);
    case OPTION_LINK:
        return add_filter(request, filter_add_links, value);
    case OPTION_LINK_A:
    case OPTION_LINK_B:
        request->diff.sides[option - OPTION_LINK_A].link = value;
        return true;
    case OPTION_SESSION_A:
    case OPTION_SESSION_B:
        return option_session(&request->diff.sides[option - OPTION_SESSION_A].session, value);
    case OPTION_PACKETS_A:
    case OPTION_PACKETS_B:
        request->by_step = true;
        return set_packets(&request->diff.sides[option - OPTION_PACKETS_A], value);
    default:
        return option_capture(&request->diff.options.decoder, option, value);
    }
}

/** Takes the options that say what counts. */
static bool take_comparison(struct request *request, int option, const char *value)
{
    request->by_step |= option >= OPTION_IGNORE && option <= OPTION_IGNORE_RETRIES;
    switch (option) {
    case OPTION_IGNORE:
        return ignore_fields(request, value);
    case OPTION_INCLUDE:
        return include_fields(request, value);
    case OPTION_TOLERATE:
        return tolerate(request, value);
    case OPTION_ANY_ERASE_ORDER:
        request->diff.options.any_erase_order = true;
        request->diff.options.comparison.any_list_order = true;
        return true;
    case OPTION_IGNORE_RETRIES:
        request->diff.options.ignore_retries = true;
        request->diff.options.comparison.without_retries = true;
        return true;
    default:
        return take_selection(request, option, value);
    }
}

static bool take_option(void *context, int option, const char *value)
{
    struct request *request = context;

    switch (option) {
    case OPTION_OPERAND:
        return add_path(request, value);
    case 'u': /* as diff -u: that is what is printed anyway */
        return true;
    case 'U':
        return set_context(request, value);
    case 'q':
        request->diff.brief = true;
        return true;
    case 's':
        request->diff.report_same = true;
        return true;
    case OPTION_EFFECT:
        request->diff.effect = true;
        return true;
    case OPTION_JSON:
        request->diff.json = true;
        return true;
    case OPTION_JUNIT:
        request->diff.junit = value;
        return true;
    case OPTION_COLOR:
        return option_colour(&request->diff.colour, value);
    default:
        return take_comparison(request, option, value);
    }
}

static bool check(const struct request *request)
{
    if (request->paths_length < 2)
        return misused("two capture files are needed");
    if (strcmp(request->diff.sides[0].path, INPUT_STDIN) == 0 &&
        strcmp(request->diff.sides[1].path, INPUT_STDIN) == 0)
        return misused("standard input (-) is named twice and can be read only once");
    for (size_t i = 0; i < 2 && request->diff.junit != NULL; i++)
        if (outfile_is_input(request->diff.junit, request->diff.sides[i].path))
            return misused("the JUnit report would be written over '%s'",
                           request->diff.sides[i].path);
    if (request->diff.effect && request->by_step)
        return misused("--effect compares memory; options that choose transactions, or what of "
                       "them counts, have no meaning with it");
    return true;
}

static const struct options options = {
    .help = help,
    .letters = short_options,
    .rows = long_options,
    .take = take_option,
};

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
                .sides = {{.last_packet = UINT64_MAX}, {.last_packet = UINT64_MAX}},
                .context = CONTEXT_DEFAULT,
            },
    };
    int status;

    option_colour(&request.diff.colour, "auto");
    if (options_parse(&options, argc, argv, &request, &status) && check(&request))
        status = request.diff.effect ? diff_effects(&request.diff) : diff_captures(&request.diff);
    return status;
}

const struct command diff_command = {
    .name = "diff",
    .summary = "compare the transactions in two capture files",
    .help = help,
    .run = run,
};
