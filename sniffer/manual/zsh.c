/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Completion for zsh.
 */
#include <string.h>

#include "command/command.h"
#include "manual/manual.h"
#include "manual/values.h"

/** Writes words between single quotes and brackets: on one line, without what ends those. */
static void print_words(const char *text, FILE *to)
{
    for (; *text != '\0'; text++)
        if (*text == '\n')
            fputc(' ', to);
        else if (*text == '\'')
            fputs("'\\''", to);
        else if (strchr("[]:\\", *text) != NULL)
            fprintf(to, "\\%c", *text);
        else
            fputc(*text, to);
}

static void print_action(const struct value *value, FILE *to)
{
    char ends[VALUE_WORDS_SIZE];

    switch (value->kind) {
    case VALUE_NOTHING:
        fputs(" ", to);
        break;
    case VALUE_WORD:
        fprintf(to, "(%s)", value->words);
        break;
    case VALUE_LIST:
        fprintf(to, "_sequence compadd - %s", value->words);
        break;
    case VALUE_COMMAND:
        fputs("_normal", to);
        break;
    case VALUE_FILE:
        snprintf(ends, sizeof(ends), "%s", value->words);
        for (char *at = ends; *at != '\0'; at++)
            if (*at == ' ')
                *at = '|';
        fputs("_files", to);
        if (ends[0] != '\0')
            fprintf(to, " -g \"*.(%s)(-.)\"", ends);
        break;
    }
}

static void print_spec(const char *name, const char *assign, const struct option_row *row,
                       const struct value *value, FILE *to)
{
    fprintf(to, "                '*%s%s[", name, assign);
    print_words(row->help, to);
    fputs("]", to);
    if (row->argument != NULL) {
        fputs(row->argument[0] == '[' ? "::" : ":", to);
        print_words(row->argument, to);
        fputs(":", to);
        print_action(value, to);
    }
    fputs("' \\\n", to);
}

static void print_option(const struct command_line *line, const struct option_row *row, FILE *to)
{
    struct value value;
    char name[64];

    value_of_option(line, row, &value);
    if (row->letter != 0) {
        snprintf(name, sizeof(name), "-%c", row->letter);
        print_spec(name, row->argument != NULL ? "+" : "", row, &value, to);
    }
    if (row->name != NULL) {
        snprintf(name, sizeof(name), "--%s", row->name);
        print_spec(name,
                   row->argument == NULL     ? ""
                   : row->argument[0] == '[' ? "=-"
                                             : "=",
                   row, &value, to);
    }
}

static void print_described(const char *name, const char *summary, FILE *to)
{
    fprintf(to, "        '%s:", name);
    print_words(summary, to);
    fputs("'\n", to);
}

static void print_command(const struct command_line *line, FILE *to)
{
    struct value value;

    value_of_operand(line, &value);
    fprintf(to, "        %s)\n", line->name);
    /* Behind -- stands another command line. */
    if (value.kind == VALUE_COMMAND)
        fputs("            local at=$words[(i)--]\n"
              "            if ((at < CURRENT)); then\n"
              "                shift $at words\n"
              "                ((CURRENT -= at))\n"
              "                _normal\n"
              "                return\n"
              "            fi\n",
              to);
    fputs("            _arguments -s -S \\\n", to);
    each_option(line, print_option, to);
    if (value.kind == VALUE_COMMAND)
        fputs("                '(-)1: :_command_names -e' '*:: :_normal' ;;\n", to);
    else if (value.kind == VALUE_NOTHING)
        fputs("                && return ;;\n", to);
    else {
        fputs("                '*:operand:", to);
        print_action(&value, to);
        fputs("' ;;\n", to);
    }
}

static void print_id(const char *id, FILE *to)
{
    fprintf(to, " %s", id);
}

void completion_zsh(FILE *to)
{
    struct value capture;

    value_of_operand(diagnose_command.line, &capture);
    /* Not `commands`: zsh's own list of programs has that name. */
    fputs("#compdef boottap\n\n_boottap()\n{\n    local -a known topics\n    known=(\n", to);
    for (size_t i = 0; i < COMMANDS; i++)
        print_described(commands[i]->line->name, commands[i]->line->summary, to);
    print_described("help", "explain a command or a topic", to);
    print_described("version", "tell versions", to);
    fputs("    )\n    topics=(\n", to);
    for (const struct help_topic *topic = help_topics; topic->name != NULL; topic++)
        print_described(topic->name, topic->summary, to);
    /* A capture without a command is diagnosed. */
    fputs("    )\n    if ((CURRENT == 2)); then\n        _describe command known || ", to);
    print_action(&capture, to);
    fputs("\n        return\n    fi\n    shift words\n    ((CURRENT--))\n    case $words[1] in\n",
          to);
    for (size_t i = 0; i < COMMANDS; i++)
        print_command(commands[i]->line, to);
    fputs("        help)\n            _describe command known -- topics\n            compadd --",
          to);
    each_id(print_id, to);
    fputs(" ;;\n    esac\n}\n\n"
          "_boottap \"$@\"\n",
          to);
}
