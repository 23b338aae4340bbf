/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Fuzz target: a command line of options of every type, filters and captures.
 */
#include "cli/options.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "arguments.h"
#include "base/exit_status.h"
#include "base/message.h"
#include "base/time_format.h"
#include "checker.h"
#include "cli/capture_options.h"
#include "cli/filter.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

struct request {
    struct btap_options decoder;
    struct filter filter;
    struct option_paths paths;
    enum time_style style;
    uint64_t count;
    uint64_t session;
    const char *text;
    bool flag;
    bool colour;
};

static const struct option_row rows[] = {
    {'j', "json", NULL, "set", option_set, offsetof(struct request, flag)},
    {'q', "quiet", NULL, "clear", option_clear, offsetof(struct request, flag)},
    {'c', "count", "N", "count", option_count, offsetof(struct request, count)},
    {'t', "time", "FORMAT", "time", option_time, offsetof(struct request, style)},
    {0, "session", "N", "session", option_session, offsetof(struct request, session)},
    {'w', NULL, "FILE", "letter only", option_text, offsetof(struct request, text)},
    OPTION_COLOUR(offsetof(struct request, colour)),
    {0},
};

static const struct option_row filter_rows[] = {
    FILTER_TRANSPORT, FILTER_COMMAND, FILTER_STATUS, FILTER_ADDRESS, FILTER_LINK, {0},
};

static const struct option_group groups[] = {
    {"", rows, 0, 0},
    {FILTER_HEADING, filter_rows, offsetof(struct request, filter), 0},
    CAPTURE_OPTIONS(offsetof(struct request, decoder)),
    {0},
};

static int said;

/** Formats, as the real one does. */
void message(const char *format, ...)
{
    char words[4096];
    va_list arguments;

    va_start(arguments, format);
    CHECK(vsnprintf(words, sizeof(words), format, arguments) >= 0);
    va_end(arguments);
    said++;
}

static bool operand(void *request, const char *value)
{
    return option_path(&((struct request *)request)->paths, value);
}

static const struct command_line line = {
    .name = "fuzz",
    .usage = "",
    .about = "",
    .groups = groups,
    .ending = "",
    .operand = operand,
};

static void check_request(const struct request *request, const struct arguments *arguments)
{
    CHECK(request->paths.length < (size_t)arguments->count);
    CHECK(request->filter.transports >> BTAP_TRANSPORT_COUNT == 0);
    CHECK(request->filter.statuses >> BTAP_STATUS_COUNT == 0);
    CHECK(request->filter.ranges_length <= FILTER_RANGES_MAX);
    CHECK(request->filter.links_length <= FILTER_LINKS_MAX);
    for (size_t i = 0; i < request->filter.ranges_length; i++)
        CHECK(request->filter.ranges[i].first <= request->filter.ranges[i].last);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    static struct arguments arguments;
    const char *paths[ARGUMENTS_MAX + 2];
    struct request request = {.paths = {.list = paths}};
    int status;

    /* Help goes to standard output, which nobody reads here. */
    if (said == 0 && freopen("/dev/null", "w", stdout) == NULL)
        abort();
    said = 1;
    arguments_make(&arguments, bytes, length);
    if (options_parse(&line, arguments.count, arguments.list, &request, &status))
        CHECK(said == 1);
    else
        CHECK(status == EXIT_DONE || said == 2);
    check_request(&request, &arguments);
    return 0;
}
