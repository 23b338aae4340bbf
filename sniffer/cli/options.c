/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/options.h"

#include <getopt.h>
#include <stdarg.h>
#include <string.h>

#include "base/colour.h"
#include "base/exit_status.h"
#include "base/message.h"
#include "base/time_format.h"
#include "capture/input.h"
#include "cli/parse.h"

#define ROWS_MAX    64
#define PROBLEM_MAX 1280
#define NAMES_SIZE  1024

/** Where the text of an option begins. */
#define HELP_COLUMN 27

/* Values for getopt_long(): an operand (as the letters begin with '-'), and the rows from here on,
 * out of the way of letters. */
#define OPERAND   1
#define FIRST_ROW 256

const struct option_row options_help_row = {.letter = 'h', .name = "help", .help = "print this"};

/** A command's table as getopt_long() wants it. */
struct table {
    size_t length;
    const struct option_row *rows[ROWS_MAX];
    const struct option_group *groups[ROWS_MAX]; /**< of each row */
    char letters[2 + 3 * ROWS_MAX + 1];
    size_t names_length;
    struct option names[ROWS_MAX + 1];
};

static const char *command_name = "";

bool misused(const char *format, ...)
{
    char words[PROBLEM_MAX];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(words, sizeof(words), format, arguments);
    va_end(arguments);
    message("%s: %s; try 'boottap help %s'", command_name, words, command_name);
    return false;
}

static int argument_kind(const struct option_row *row)
{
    return row->argument == NULL     ? no_argument
           : row->argument[0] == '[' ? optional_argument
                                     : required_argument;
}

static void add_row(struct table *table, const struct option_group *group,
                    const struct option_row *row)
{
    static const char *const colons[] = {
        [no_argument] = "", [required_argument] = ":", [optional_argument] = "::"};
    const int kind = argument_kind(row);
    char *letters = table->letters + strlen(table->letters);

    if (row->letter != 0)
        snprintf(letters, 4, "%c%s", row->letter, colons[kind]);
    if (row->name != NULL)
        table->names[table->names_length++] = (struct option){
            .name = row->name, .has_arg = kind, .val = FIRST_ROW + (int)table->length};
    table->groups[table->length] = group;
    table->rows[table->length++] = row;
}

/* '-': operands come in their order among the options. ':': a missing argument comes as ':'. */
static void make_table(struct table *table, const struct command_line *line)
{
    *table = (struct table){.letters = "-:"};
    add_row(table, NULL, &options_help_row);
    for (const struct option_group *group = line->groups; group->rows != NULL; group++)
        for (const struct option_row *row = group->rows; row->help != NULL; row++)
            add_row(table, group, row);
}

/** The row of what getopt_long() found. */
static size_t find_row(const struct table *table, int found)
{
    size_t i = 0;

    if (found >= FIRST_ROW)
        return (size_t)(found - FIRST_ROW);
    while (table->rows[i]->letter != found)
        i++;
    return i;
}

static bool store(const struct table *table, size_t i, void *request)
{
    const struct option_group *group = table->groups[i];
    char *base = request;

    if (group->given != 0)
        *(bool *)(void *)(base + group->given) = true;
    return table->rows[i]->parse(base + group->target + table->rows[i]->target, optarg);
}

bool options_parse(const struct command_line *line, int argc, char **argv, void *request,
                   int *status)
{
    struct table table;
    bool good = true;
    int found;

    make_table(&table, line);
    command_name = argv[0];
    *status = EXIT_TROUBLE;
    opterr = 0;
    optind = 0; /* getopt() begins anew: one command may run another */
    while (good && (found = getopt_long(argc, argv, table.letters, table.names, NULL)) != -1) {
        if (found == OPERAND)
            good = line->operand(request, optarg);
        else if (found == ':')
            good = misused("option '%s' needs an argument", argv[optind - 1]);
        else if (found == '?' && optopt > 0 && optopt < FIRST_ROW)
            good = misused("unknown option '-%c'", optopt);
        else if (found == '?')
            good = misused("option '%s' is unknown, ambiguous, or takes no argument",
                           argv[optind - 1]);
        else if (find_row(&table, found) > 0)
            good = store(&table, find_row(&table, found), request);
        else {
            options_print_help(line, stdout);
            *status = EXIT_DONE;
            good = false;
        }
    }
    for (; good && optind < argc; optind++)
        good = line->operand(request, argv[optind]);
    return good;
}

static void print_row(const struct option_row *row, FILE *to)
{
    const char *text = row->help;
    int column = row->letter != 0 ? fprintf(to, "  -%c", row->letter) : fprintf(to, "    ");

    if (row->name != NULL)
        column += fprintf(to, "%s --%s", row->letter != 0 ? "," : " ", row->name);
    if (row->argument != NULL && row->argument[0] == '[')
        column += fprintf(to, "[=%s", row->argument + 1);
    else if (row->argument != NULL)
        column += fprintf(to, "%s%s", row->name != NULL ? "=" : " ", row->argument);
    while (text != NULL) {
        const char *end = strchr(text, '\n');
        const int gap = column + 2 > HELP_COLUMN ? 2 : HELP_COLUMN - column;

        fprintf(to, "%*s%.*s\n", gap, "", (int)(end != NULL ? end - text : (long)strlen(text)),
                text);
        text = end != NULL ? end + 1 : NULL;
        column = 0;
    }
}

void options_print_help(const struct command_line *line, FILE *to)
{
    fprintf(to, "Usage: boottap %s %s\n%s", line->name, line->usage, line->about);
    for (const struct option_group *group = line->groups; group->rows != NULL; group++) {
        if (group->heading != NULL)
            fprintf(to, "\n%s%s", group->heading, group->heading[0] != '\0' ? "\n" : "");
        for (const struct option_row *row = group->rows; row->help != NULL; row++)
            print_row(row, to);
    }
    print_row(&options_help_row, to);
    fprintf(to, "\n%s", line->ending);
}

bool option_number(const char *value, uint64_t min, uint64_t max, uint64_t *number,
                   const char *what)
{
    if (parse_number(value, max, number) && *number >= min)
        return true;
    return misused("'%s' is no %s", value, what);
}

bool option_bits(uint32_t *bits, const char *list, const char *kind, unsigned count,
                 const char *(*name_of)(unsigned))
{
    char names[NAMES_SIZE] = "";
    char item[PARSE_ITEM_SIZE];
    unsigned value;
    size_t length = 0;

    while (parse_item(&list, item)) {
        for (value = 0; value < count && strcmp(name_of(value), item) != 0;)
            value++;
        if (value < count) {
            *bits |= UINT32_C(1) << value;
            continue;
        }
        for (value = 0; value < count && length < sizeof(names); value++)
            length += (size_t)snprintf(names + length, sizeof(names) - length, "%s%s",
                                       value > 0 ? ", " : "", name_of(value));
        return misused("unknown %s '%s'; known are %s", kind, item, names);
    }
    return true;
}

bool option_set(void *flag, const char *value)
{
    (void)value;
    *(bool *)flag = true;
    return true;
}

bool option_clear(void *flag, const char *value)
{
    (void)value;
    *(bool *)flag = false;
    return true;
}

bool option_count(void *n, const char *value)
{
    return option_number(value, 1, UINT64_MAX, n,
                         "count of transactions; it must be a number from 1 up");
}

bool option_time(void *style, const char *value)
{
    return time_style_by_name(value, style) ||
           misused("unknown time format '%s'; known are r, d, e, a, ad, u, ud", value);
}

bool option_text(void *text, const char *value)
{
    *(const char **)text = value;
    return true;
}

bool option_session(void *n, const char *value)
{
    return option_number(value, 1, UINT64_MAX, n, "session; it must be a number from 1 up");
}

bool option_colour(void *flag, const char *value)
{
    return colour_by_name(value, flag) ||
           misused("unknown use of colour '%s'; known are always, never, auto", value);
}

bool option_path(void *paths, const char *value)
{
    struct option_paths *known = paths;

    for (size_t i = 0; strcmp(value, INPUT_STDIN) == 0 && i < known->length; i++)
        if (strcmp(known->list[i], INPUT_STDIN) == 0)
            return misused("standard input (-) is named twice and can be read only once");
    known->list[known->length++] = value;
    return true;
}
