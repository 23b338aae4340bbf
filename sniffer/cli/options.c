/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/options.h"

#include <getopt.h>
#include <stdarg.h>
#include <string.h>

#include "base/allocate.h"
#include "base/append.h"
#include "base/colour.h"
#include "base/exit_status.h"
#include "base/message.h"
#include "base/suggest.h"
#include "base/time_format.h"
#include "base/wrap.h"
#include "capture/input.h"
#include "cli/parse.h"

#define ROWS_MAX    64
#define PROBLEM_MAX 1280
#define NAMES_SIZE  1024
#define HELP_SIZE   2048

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
    const struct option_row *row = table->rows[i];
    char *base = request;

    if (optarg != NULL && optarg[0] == '\0' && row->name != NULL)
        return misused(
            "the argument of option '--%s' is empty, as that of a variable that is not set",
            row->name);
    if (optarg != NULL && optarg[0] == '\0')
        return misused(
            "the argument of option '-%c' is empty, as that of a variable that is not set",
            row->letter);
    if (group->given != 0)
        *(bool *)(void *)(base + group->given) = true;
    return row->parse(base + group->target + row->target, optarg);
}

static bool take_operand(const struct command_line *line, void *request, const char *operand)
{
    if (operand[0] == '\0')
        return misused("an argument is empty, as a variable that is not set");
    return line->operand(request, operand);
}

/** Says what is wrong with a long option that getopt_long() does not take. */
static bool misread(const struct table *table, const char *option)
{
    char word[PARSE_ITEM_SIZE];
    struct suggestion suggestion = {.word = word};
    const char *name = option + strspn(option, "-");
    const char *first = NULL;

    snprintf(word, sizeof(word), "%.*s", (int)strcspn(name, "="), name);
    for (size_t i = 0; i < table->names_length; i++) {
        const char *known = table->names[i].name;

        if (strcmp(known, word) == 0)
            return misused("option '--%s' takes no argument", word);
        if (strncmp(known, word, strlen(word)) == 0 && first != NULL)
            return misused("option '--%s' may be '--%s' or '--%s'", word, first, known);
        if (strncmp(known, word, strlen(word)) == 0)
            first = known;
        suggest_consider(&suggestion, known);
    }
    if (first != NULL)
        return misused("option '--%s' takes no argument", first);
    return misused("unknown option '--%s'%s", word, suggest_words(&suggestion, "--"));
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
            good = take_operand(line, request, optarg);
        else if (found == ':')
            good = misused("option '%s' needs an argument", argv[optind - 1]);
        else if (found == '?' && optopt > 0 && optopt < FIRST_ROW)
            good = misused("unknown option '-%c'", optopt);
        else if (found == '?')
            good = misread(&table, argv[optind - 1]);
        else if (find_row(&table, found) > 0)
            good = store(&table, find_row(&table, found), request);
        else {
            options_print_help(line, stdout);
            *status = EXIT_DONE;
            good = false;
        }
    }
    for (; good && optind < argc; optind++)
        good = take_operand(line, request, argv[optind]);
    return good;
}

/** A row in one line: its lines are as wide as the terminal of a person, not as the source. */
static void print_row(const struct option_row *row, FILE *to)
{
    char text[HELP_SIZE] = "";
    const char *help = row->help;
    int column;

    append_format(text, sizeof(text), row->letter != 0 ? "  -%c" : "    ", row->letter);
    if (row->name != NULL)
        append_format(text, sizeof(text), "%s --%s", row->letter != 0 ? "," : " ", row->name);
    if (row->argument != NULL && row->argument[0] == '[')
        append_format(text, sizeof(text), "[=%s", row->argument + 1);
    else if (row->argument != NULL)
        append_format(text, sizeof(text), "%s%s", row->name != NULL ? "=" : " ", row->argument);
    column = (int)strlen(text);
    append_format(text, sizeof(text), "%*s", column + 2 > HELP_COLUMN ? 2 : HELP_COLUMN - column,
                  "");
    for (; *help != '\0'; help++)
        append_format(text, sizeof(text), "%c", *help == '\n' ? ' ' : *help);
    wrap_print(text, to);
}

void options_print_help(const struct command_line *line, FILE *to)
{
    char usage[HELP_SIZE];

    snprintf(usage, sizeof(usage), "Usage: boottap %s %s\n", line->name, line->usage);
    wrap_print(usage, to);
    wrap_print(line->about, to);
    for (const struct option_group *group = line->groups; group->rows != NULL; group++) {
        if (group->heading != NULL)
            fputc('\n', to);
        if (group->heading != NULL)
            wrap_print(group->heading, to);
        for (const struct option_row *row = group->rows; row->help != NULL; row++)
            print_row(row, to);
    }
    print_row(&options_help_row, to);
    fputc('\n', to);
    wrap_print(line->ending, to);
}

bool option_number(const char *value, uint64_t min, uint64_t max, uint64_t *number,
                   const char *what)
{
    if (parse_number(value, max, number) && *number >= min)
        return true;
    return misused("'%s' is no %s", value, what);
}

bool option_unknown(const char *kind, const char *word, const char *known)
{
    char start[PARSE_ITEM_SIZE];
    struct suggestion suggestion = {.word = start};

    snprintf(start, sizeof(start), "%.*s", (int)strcspn(word, ":"), word);
    suggest_consider_list(&suggestion, known);
    return misused("unknown %s '%s'%s; known are %s", kind, word, suggest_words(&suggestion, ""),
                   known);
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
        return option_unknown(kind, item, names);
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
           option_unknown("time format", value, "r, d, e, a, ad, u, ud");
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
           option_unknown("use of colour", value, "always, never, auto");
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

bool option_hex(void *paths, const char *value)
{
    /* As long as the program runs, like the words of the command line. */
    static char **texts;
    static size_t length;
    static size_t room;
    const size_t size = strlen(INPUT_HEX) + strlen(value) + 1;

    texts = grow(texts, length, &room, sizeof(*texts));
    texts[length] = allocate(size);
    snprintf(texts[length], size, "%s%s", INPUT_HEX, value);
    return option_path(paths, texts[length++]);
}
