/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Every row of every command's table: help shows it, the parser knows it, and what is wrong with
 * its argument is said in one line.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command/command.h"
#include "program.h"
#include "test.h"

#define LINE_MAX_SIZE 256

/** Calls for every row. */
static void each_row(void (*check)(const struct command_line *line, const struct option_row *row))
{
    for (size_t i = 0; i < COMMANDS; i++)
        for (const struct option_group *group = commands[i]->line->groups; group->rows != NULL;
             group++)
            for (const struct option_row *row = group->rows; row->help != NULL; row++)
                check(commands[i]->line, row);
}

/** The option as help shows it: `-x, --name=ARGUMENT`. */
static void shown(const struct option_row *row, char *text, size_t size)
{
    const bool optional = row->argument != NULL && row->argument[0] == '[';
    const char *equals = row->argument == NULL ? "" : row->name == NULL ? " " : "=";
    char letter[8] = "    ";

    if (row->letter != 0)
        snprintf(letter, sizeof(letter), "-%c%s", row->letter, row->name != NULL ? ", " : "");
    if (optional)
        snprintf(text, size, "\n  %s--%s[=%s  ", letter, row->name, row->argument + 1);
    else
        snprintf(text, size, "\n  %s%s%s%s%s  ", letter, row->name != NULL ? "--" : "",
                 row->name != NULL ? row->name : "", equals,
                 row->argument != NULL ? row->argument : "");
}

/** Help breaks its lines where they fit. */
static void assert_begins(const char *text, const char *words)
{
    for (; *words != '\0'; words++) {
        if (*text == '\n' && *words == ' ')
            text += strspn(text, "\n ");
        else
            assert_int_equal(*text++, *words);
    }
}

static void check_help(const struct command_line *line, const struct option_row *row)
{
    char *help = NULL;
    size_t length = 0;
    FILE *to = open_memstream(&help, &length);
    char option[LINE_MAX_SIZE];
    char first[LINE_MAX_SIZE];
    const char *at;

    assert_non_null(to);
    options_print_help(line, to);
    fclose(to);
    shown(row, option, sizeof(option));
    snprintf(first, sizeof(first), "%.*s", (int)strcspn(row->help, "\n"), row->help);
    at = strstr(help, option);
    if (at == NULL)
        fail_msg("%s: help lacks %s", line->name, option);
    else
        assert_begins(at + strlen(option) + strspn(at + strlen(option), " "), first);
    free(help);
}

/** A command that is complete without operands: it does what the option says. */
static bool is_complete(const char *command)
{
    return strcmp(command, "list --json") == 0 || strcmp(command, "live --list-interfaces") == 0 ||
           strcmp(command, "live -D") == 0;
}

/** Runs with one option and nothing else. @return what is said, one line */
static struct run run_option(const struct command_line *line, const char *option)
{
    char command[LINE_MAX_SIZE];
    struct run run;

    snprintf(command, sizeof(command), "%s %s", line->name, option);
    run = run_program(command);
    if (is_complete(command)) {
        assert_int_equal(run.status, 0);
        assert_string_equal(run.err, "");
        return run;
    }
    if (run.status != 2 || count_lines(run.err) != 1 || run.out[0] != '\0')
        fail_msg("%s: status %d, '%s'", command, run.status, run.err);
    return run;
}

static void assert_said(const struct command_line *line, const char *option, const char *expected)
{
    struct run run = run_option(line, option);

    if (strstr(run.err, expected) == NULL)
        fail_msg("%s %s: '%s'", line->name, option, run.err);
    run_release(&run);
}

/** The option is known: if anything is wrong, it is its value or what else is missing. */
static void assert_parsed(const struct command_line *line, const char *option)
{
    struct run run = run_option(line, option);

    if (strstr(run.err, "unknown option") != NULL || strstr(run.err, "takes no argument") != NULL ||
        strstr(run.err, "needs an argument") != NULL)
        fail_msg("%s %s: '%s'", line->name, option, run.err);
    run_release(&run);
}

static void check_parsed(const struct command_line *line, const struct option_row *row)
{
    const bool needs = row->argument != NULL && row->argument[0] != '[';
    char option[LINE_MAX_SIZE];

    if (row->name != NULL) {
        snprintf(option, sizeof(option), "--%s%s", row->name, needs ? "=@" : "");
        assert_parsed(line, option);
    }
    if (row->letter != 0) {
        snprintf(option, sizeof(option), "-%c%s", row->letter, needs ? "@" : "");
        assert_parsed(line, option);
    }
}

static void check_argument(const struct command_line *line, const struct option_row *row)
{
    /* Arguments that '@' can never be */
    static const char *const refusing[] = {"N",      "ADDR",   "BYTE",      "VIEW",
                                           "FORMAT", "[WHEN]", "FIRST-LAST"};
    char option[LINE_MAX_SIZE];

    if (row->argument == NULL && row->name != NULL) {
        snprintf(option, sizeof(option), "--%s=@", row->name);
        assert_said(line, option, "' takes no argument; try ");
    } else if (row->argument != NULL && row->argument[0] != '[') {
        snprintf(option, sizeof(option), "--%s", row->name);
        assert_said(line, option, "' needs an argument; try ");
    }
    for (size_t i = 0; row->argument != NULL && i < COUNT_OF(refusing); i++)
        if (strcmp(row->argument, refusing[i]) == 0) {
            snprintf(option, sizeof(option), "--%s=@", row->name);
            assert_said(line, option, "'@'");
        }
}

static void help_shows_every_option(void **state)
{
    (void)state;
    each_row(check_help);
}

static void every_option_is_parsed(void **state)
{
    (void)state;
    each_row(check_parsed);
}

static void a_missing_or_wrong_argument_is_said_in_a_line(void **state)
{
    (void)state;
    each_row(check_argument);
}

static void no_option_stands_twice(void **state)
{
    (void)state;
    for (size_t i = 0; i < COMMANDS; i++) {
        char seen[4096] = " h help ";
        size_t length = strlen(seen);

        for (const struct option_group *group = commands[i]->line->groups; group->rows != NULL;
             group++)
            for (const struct option_row *row = group->rows; row->help != NULL; row++) {
                char letter[4] = {' ', row->letter, ' ', 0};
                char name[64];

                snprintf(name, sizeof(name), " %s ", row->name != NULL ? row->name : "-");
                if (row->letter != 0)
                    assert_null(strstr(seen, letter));
                if (row->name != NULL)
                    assert_null(strstr(seen, name));
                length += (size_t)snprintf(seen + length, sizeof(seen) - length, " %c %s ",
                                           row->letter != 0 ? row->letter : '-', name);
                assert_true(length < sizeof(seen));
            }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(help_shows_every_option),
        cmocka_unit_test(every_option_is_parsed),
        cmocka_unit_test(a_missing_or_wrong_argument_is_said_in_a_line),
        cmocka_unit_test(no_option_stands_twice),
    };

    return cmocka_run_group_tests(tests, enter_directory, leave_directory);
}
