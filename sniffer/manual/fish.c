/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Completion for fish.
 */
#include <string.h>

#include "command/command.h"
#include "manual/manual.h"
#include "manual/values.h"

/** Writes words between single quotes, on one line. */
static void print_words(const char *text, FILE *to)
{
    fputc('\'', to);
    for (; *text != '\0'; text++)
        if (*text == '\'' || *text == '\\')
            fprintf(to, "\\%c", *text);
        else
            fputc(*text == '\n' ? ' ' : *text, to);
    fputc('\'', to);
}

/** What is offered, as a word of the command complete. */
static void print_action(const struct value *value, FILE *to)
{
    switch (value->kind) {
    case VALUE_NOTHING:
        break;
    case VALUE_WORD:
        fprintf(to, " -a '%s'", value->words);
        break;
    case VALUE_LIST:
        fprintf(to, " -a '(__boottap_list %s)'", value->words);
        break;
    case VALUE_COMMAND:
        fputs(" -a '(__boottap_program)'", to);
        break;
    case VALUE_FILE:
        if (value->words[0] == '\0')
            fputs(" -a '(__fish_complete_path (commandline -ct))'", to);
        else
            fprintf(to, " -a '(__boottap_files %s)'", value->words);
        break;
    }
}

static void print_option(const struct command_line *line, const struct option_row *row, FILE *to)
{
    struct value value;

    value_of_option(line, row, &value);
    fprintf(to, "complete -c boottap -n '__boottap_is %s'", line->name);
    if (row->letter != 0)
        fprintf(to, " -s %c", row->letter);
    if (row->name != NULL)
        fprintf(to, " -l %s", row->name);
    if (row->argument != NULL && row->argument[0] != '[')
        fputs(" -x", to);
    print_action(&value, to);
    fputs(" -d ", to);
    print_words(row->help, to);
    fputc('\n', to);
}

static void print_word(const char *condition, const char *name, const char *summary, FILE *to)
{
    fprintf(to, "complete -c boottap -n '%s' -a %s -d ", condition, name);
    print_words(summary, to);
    fputc('\n', to);
}

static void print_operand(const char *condition, const struct command_line *line, FILE *to)
{
    struct value value;

    value_of_operand(line, &value);
    if (value.kind == VALUE_NOTHING)
        return;
    fprintf(to, "complete -c boottap -n '%s'", condition);
    print_action(&value, to);
    fputc('\n', to);
}

static void print_id(const char *id, FILE *to)
{
    fprintf(to, "complete -c boottap -n '__boottap_is help' -a %s\n", id);
}

void completion_fish(FILE *to)
{
    fputs("# fish completion of boottap\n"
          "function __boottap_is\n"
          "    set -l words (commandline -opc)\n"
          "    test (count $words) -gt 1; and test $words[2] = $argv[1]\n"
          "end\n"
          "\n"
          "function __boottap_starts\n"
          "    test (count (commandline -opc)) -eq 1\n"
          "end\n"
          "\n"
          "# A comma list: what stands before the last comma stays.\n"
          "function __boottap_list\n"
          "    set -l before (commandline -ct | string replace -r '^--[^=]*=' '' "
          "| string match -r '.*,')\n"
          "    set -q before[1]; or set before ''\n"
          "    printf '%s\\n' $before$argv\n"
          "end\n"
          "\n"
          "# Files by the end of their names, and folders.\n"
          "function __boottap_files\n"
          "    set -l ends (string join '|' $argv)\n"
          "    set -l word (commandline -ct | string replace -r '^--[^=]*=' '')\n"
          "    __fish_complete_path $word | string match -r \"^[^\\t]*(?:/|\\\\.(?:$ends))"
          "(?:\\t.*)?\\$\"\n"
          "end\n"
          "\n"
          "# A program and its arguments, behind -- or the command.\n"
          "function __boottap_program\n"
          "    set -l words (commandline -opc) (commandline -ct)\n"
          "    set -l at (contains -i -- -- $words[1..-2]); or set at 2\n"
          "    complete --do-complete=(string join ' ' -- "
          "(string escape -- $words[(math $at + 1)..-2]) $words[-1])\n"
          "end\n"
          "\n"
          "complete -c boottap -f\n",
          to);
    for (size_t i = 0; i < COMMANDS; i++)
        print_word("__boottap_starts", commands[i]->line->name, commands[i]->line->summary, to);
    print_word("__boottap_starts", "help", "explain a command or a topic", to);
    print_word("__boottap_starts", "version", "tell versions", to);
    /* A capture without a command is diagnosed. */
    print_operand("__boottap_starts", diagnose_command.line, to);
    for (size_t i = 0; i < COMMANDS; i++)
        print_word("__boottap_is help", commands[i]->line->name, commands[i]->line->summary, to);
    for (const struct help_topic *topic = help_topics; topic->name != NULL; topic++)
        print_word("__boottap_is help", topic->name, topic->summary, to);
    each_id(print_id, to);
    for (size_t i = 0; i < COMMANDS; i++) {
        char condition[64];

        snprintf(condition, sizeof(condition), "__boottap_is %s", commands[i]->line->name);
        each_option(commands[i]->line, print_option, to);
        print_operand(condition, commands[i]->line, to);
    }
}
