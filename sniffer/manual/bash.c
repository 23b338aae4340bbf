/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Completion for bash. It needs nothing of the package bash-completion.
 */
#include <string.h>

#include "command/command.h"
#include "manual/manual.h"
#include "manual/values.h"

static const char start[] =
    "# bash completion of boottap\n"
    "_boottap_words()\n"
    "{\n"
    "    mapfile -t COMPREPLY < <(compgen -W \"$1\" -- \"$cur\")\n"
    "}\n"
    "\n"
    "# A comma list: what stands before the last comma stays.\n"
    "_boottap_list()\n"
    "{\n"
    "    local before=\n"
    "    [[ $cur == *,* ]] && before=${cur%,*},\n"
    "    mapfile -t COMPREPLY < <(compgen -P \"$before\" -W \"$1\" -- \"${cur##*,}\")\n"
    "    compopt -o nospace\n"
    "}\n"
    "\n"
    "# Files by the end of their names, and folders.\n"
    "_boottap_files()\n"
    "{\n"
    "    local end\n"
    "    compopt -o filenames\n"
    "    if (($# == 0)); then\n"
    "        mapfile -t COMPREPLY < <(compgen -f -- \"$cur\")\n"
    "        return\n"
    "    fi\n"
    "    mapfile -t COMPREPLY < <(\n"
    "        compgen -d -- \"$cur\"\n"
    "        for end; do compgen -f -X \"!*.$end\" -- \"$cur\"; done)\n"
    "}\n"
    "\n"
    "# A program and its arguments, from word $1 on.\n"
    "_boottap_program()\n"
    "{\n"
    "    if declare -F _command_offset >/dev/null; then\n"
    "        _command_offset \"$1\"\n"
    "    elif ((COMP_CWORD == $1)); then\n"
    "        mapfile -t COMPREPLY < <(compgen -c -- \"$cur\")\n"
    "    else\n"
    "        compopt -o filenames\n"
    "        mapfile -t COMPREPLY < <(compgen -f -- \"$cur\")\n"
    "    fi\n"
    "}\n";

static const char middle[] =
    "_boottap()\n"
    "{\n"
    "    local cur=${COMP_WORDS[COMP_CWORD]} option=${COMP_WORDS[COMP_CWORD - 1]}\n"
    "    local command=${COMP_WORDS[1]} i\n"
    "    COMPREPLY=()\n"
    "    # bash takes --option=value for three words.\n"
    "    if [[ $cur == = ]]; then\n"
    "        cur=\n"
    "    elif [[ $option == = ]]; then\n"
    "        option=${COMP_WORDS[COMP_CWORD - 2]}\n"
    "    fi\n"
    "    if ((COMP_CWORD == 1)); then\n"
    "        _boottap_words \"$_boottap_commands help version --help --version\"\n"
    "        # A capture without a command is diagnosed.\n"
    "        ((${#COMPREPLY[@]} > 0)) || _boottap_operand diagnose\n"
    "        return\n"
    "    fi\n"
    "    if [[ $command == run ]]; then\n"
    "        for ((i = 2; i < COMP_CWORD; i++)); do\n"
    "            if [[ ${COMP_WORDS[i]} == -- ]]; then\n"
    "                _boottap_program $((i + 1))\n"
    "                return\n"
    "            fi\n"
    "        done\n"
    "    fi\n"
    "    _boottap_value \"$command $option\" && return\n"
    "    if [[ $cur == -* ]]; then\n"
    "        _boottap_options \"$command\"\n"
    "    else\n"
    "        _boottap_operand \"$command\"\n"
    "    fi\n"
    "}\n"
    "complete -F _boottap boottap\n";

static void print_action(const struct value *value, FILE *to)
{
    switch (value->kind) {
    case VALUE_NOTHING:
        fputs(" ;;\n", to);
        break;
    case VALUE_WORD:
        fprintf(to, " _boottap_words '%s' ;;\n", value->words);
        break;
    case VALUE_LIST:
        fprintf(to, " _boottap_list '%s' ;;\n", value->words);
        break;
    case VALUE_FILE:
        fprintf(to, " _boottap_files %s ;;\n", value->words);
        break;
    case VALUE_COMMAND:
        fputs(" _boottap_program \"$COMP_CWORD\" ;;\n", to);
        break;
    }
}

static void print_value(const struct command_line *line, const struct option_row *row, FILE *to)
{
    struct value value;

    /* An argument that may be missing is never a word of its own, but = comes as one. */
    if (row->argument == NULL)
        return;
    value_of_option(line, row, &value);
    fputs("        ", to);
    if (row->letter != 0)
        fprintf(to, "'%s -%c'%s", line->name, row->letter, row->name != NULL ? "|" : "");
    if (row->name != NULL)
        fprintf(to, "'%s --%s'", line->name, row->name);
    fputc(')', to);
    print_action(&value, to);
}

static void print_name(const struct command_line *line, const struct option_row *row, FILE *to)
{
    (void)line;
    if (row->letter != 0)
        fprintf(to, " -%c", row->letter);
    if (row->name != NULL)
        fprintf(to, " --%s", row->name);
}

static void print_id(const char *id, FILE *to)
{
    fprintf(to, " %s", id);
}

void completion_bash(FILE *to)
{
    fputs(start, to);
    fputs("\n_boottap_commands='", to);
    for (size_t i = 0; i < COMMANDS; i++)
        fprintf(to, "%s%s", i > 0 ? " " : "", commands[i]->line->name);
    fputs("'\n\n_boottap_value()\n{\n    case $1 in\n", to);
    for (size_t i = 0; i < COMMANDS; i++)
        each_option(commands[i]->line, print_value, to);
    fputs("        *) return 1 ;;\n    esac\n}\n\n_boottap_options()\n{\n    case $1 in\n", to);
    for (size_t i = 0; i < COMMANDS; i++) {
        fprintf(to, "        %s) _boottap_words '", commands[i]->line->name);
        each_option(commands[i]->line, print_name, to);
        fputs("' ;;\n", to);
    }
    fputs("    esac\n}\n\n_boottap_operand()\n{\n    case $1 in\n", to);
    for (size_t i = 0; i < COMMANDS; i++) {
        struct value value;

        value_of_operand(commands[i]->line, &value);
        fprintf(to, "        %s)", commands[i]->line->name);
        print_action(&value, to);
    }
    fputs("        help) _boottap_words \"$_boottap_commands", to);
    for (const struct help_topic *topic = help_topics; topic->name != NULL; topic++)
        print_id(topic->name, to);
    each_id(print_id, to);
    fprintf(to, "\" ;;\n    esac\n}\n\n%s", middle);
}
