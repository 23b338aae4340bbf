/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The commands, and `boottap help`.
 */
#include <string.h>

#include "base/exit_status.h"
#include "base/message.h"
#include "command/command.h"

const struct command *const commands[COMMANDS] = {
    &decode_command, &diff_command,     &extract_command,  &diagnose_command,
    &report_command, &annotate_command, &list_command,     &live_command,
    &run_command,    &replay_command,   &simulate_command,
};

const struct help_topic help_topics[] = {
    {"notes", "every note that decode may print, by its id", print_notes},
    {"rules", "every rule of diagnose, by its id", print_rules},
    {"fields", "every field that decode -x may print, by its name in JSON", print_fields},
    {"compared", "every field that diff compares, or may compare", print_diff_fields},
    {0},
};

const char *const program_summary =
    "Reads the traffic of the STM32 system-memory bootloader: USART (AN3155),\n"
    "USB DFU (AN3156), FDCAN (AN5405).\n";

/* A pseudo-terminal has no parity: hence -m 8n1. */
const char *const program_examples =
    "  boottap simulate usart --on /tmp/one &\n"
    "  boottap run -w flash.pcapng -- stm32flash -m 8n1 -w fw.bin -v /tmp/one\n"
    "  boottap replay flash.pcapng\n"
    "  boottap simulate usart --on /tmp/two &\n"
    "  boottap replay flash.pcapng --to serial:/tmp/two --allow write,erase -w again.pcapng\n"
    "  boottap diff flash.pcapng again.pcapng\n";

const struct command *command_find(const char *name)
{
    for (size_t i = 0; i < COMMANDS; i++)
        if (strcmp(commands[i]->line->name, name) == 0)
            return commands[i];
    return NULL;
}

static void print_usage(FILE *to)
{
    fprintf(to, "Usage: boottap COMMAND [OPTION]... [OPERAND]...\n%s\nCommands:\n",
            program_summary);
    for (size_t i = 0; i < COMMANDS; i++)
        fprintf(to, "  %-10s %s\n", commands[i]->line->name, commands[i]->line->summary);
    fputs("\n'boottap help COMMAND' explains a command. Further topics of help:\n", to);
    for (const struct help_topic *topic = help_topics; topic->name != NULL; topic++)
        fprintf(to, "  %-10s %s\n", topic->name, topic->summary);
    fprintf(
        to,
        "  RULE       one rule of diagnose, as printed in brackets: what it says, when, what to "
        "do\n"
        "\nWithout hardware, a flash and its replay (docs/simulate.md, docs/replay.md):\n"
        "%s\n'boottap --version' tells versions.\n",
        program_examples);
}

int command_help(const char *name)
{
    const struct command *command;
    const struct btap_rule *rule;

    if (name == NULL) {
        print_usage(stdout);
        return EXIT_DONE;
    }
    command = command_find(name);
    if (command != NULL) {
        options_print_help(command->line, stdout);
        return EXIT_DONE;
    }
    for (const struct help_topic *topic = help_topics; topic->name != NULL; topic++)
        if (strcmp(topic->name, name) == 0) {
            topic->print(stdout);
            return EXIT_DONE;
        }
    rule = btap_rule_by_id(name);
    if (rule != NULL) {
        print_rule(rule, stdout);
        return EXIT_DONE;
    }
    message("no help for '%s'; try 'boottap help'", name);
    return EXIT_TROUBLE;
}
