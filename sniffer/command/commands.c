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

/** What `boottap help` explains beside the commands. */
static const struct topic {
    const char *name;
    const char *summary;
    void (*print)(FILE *to);
} topics[] = {
    {"notes", "every note that decode may print, by its id", print_notes},
    {"rules", "every rule of diagnose, by its id", print_rules},
    {"fields", "every field that decode -x may print, by its name in JSON", print_fields},
    {"compared", "every field that diff compares, or may compare", print_diff_fields},
};

#define TOPICS (sizeof(topics) / sizeof(topics[0]))

const struct command *command_find(const char *name)
{
    for (size_t i = 0; i < COMMANDS; i++)
        if (strcmp(commands[i]->line->name, name) == 0)
            return commands[i];
    return NULL;
}

static void print_usage(FILE *to)
{
    fputs("Usage: boottap COMMAND [OPTION]... [OPERAND]...\n"
          "Reads the traffic of the STM32 system-memory bootloader: USART (AN3155),\n"
          "USB DFU (AN3156), FDCAN (AN5405).\n"
          "\n"
          "Commands:\n",
          to);
    for (size_t i = 0; i < COMMANDS; i++)
        fprintf(to, "  %-10s %s\n", commands[i]->line->name, commands[i]->line->summary);
    fputs("\n'boottap help COMMAND' explains a command. Further topics of help:\n", to);
    for (size_t i = 0; i < TOPICS; i++)
        fprintf(to, "  %-10s %s\n", topics[i].name, topics[i].summary);
    fputs("  RULE       one rule of diagnose, as printed in brackets: what it says, when, what to "
          "do\n",
          to);
    /* A pseudo-terminal has no parity: hence -m 8n1. */
    fputs("\nWithout hardware, a flash and its replay (docs/simulate.md, docs/replay.md):\n"
          "  boottap simulate usart --on /tmp/one &\n"
          "  boottap run -w flash.pcapng -- stm32flash -m 8n1 -w fw.bin -v /tmp/one\n"
          "  boottap replay flash.pcapng\n"
          "  boottap simulate usart --on /tmp/two &\n"
          "  boottap replay flash.pcapng --to serial:/tmp/two --allow write,erase -w again.pcapng\n"
          "  boottap diff flash.pcapng again.pcapng\n"
          "\n'boottap --version' tells versions.\n",
          to);
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
    for (size_t i = 0; i < TOPICS; i++)
        if (strcmp(topics[i].name, name) == 0) {
            topics[i].print(stdout);
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
