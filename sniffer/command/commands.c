/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The commands, and `boottap help`.
 */
#include <string.h>

#include "base/exit_status.h"
#include "base/message.h"
#include "base/suggest.h"
#include "boottap/note.h"
#include "boottap/transaction.h"
#include "command/command.h"

const struct command *const commands[COMMANDS] = {
    &decode_command, &diff_command,     &extract_command, &diagnose_command,
    &report_command, &annotate_command, &convert_command, &list_command,
    &live_command,   &run_command,      &replay_command,  &simulate_command,
};

const struct help_topic help_topics[] = {
    {"notes", "every note that decode may print, by its id", print_notes},
    {"rules", "every rule of diagnose, by its id", print_rules},
    {"fields", "every field that decode -x may print, by its name in JSON", print_fields},
    {"compared", "every field that diff compares, or may compare", print_diff_fields},
    {0},
};

const struct help_topic help_kinds[] = {
    {"RULE", "a rule of diagnose, as it stands in brackets: why, what to do", NULL},
    {"NOTE", "a note of decode, by its id", NULL},
    {"STATUS", "a transaction's outcome: ok, nack, stall, ...", NULL},
    {0},
};

const char *const program_summary =
    "Reads the traffic of the STM32 system-memory bootloader: USART (AN3155),\n"
    "USB DFU (AN3156), FDCAN (AN5405), classic CAN (AN3154).\n";

/* A pseudo-terminal has no parity: hence -m 8n1. */
const char *const program_examples =
    "  boottap simulate usart --on /tmp/one &\n"
    "  boottap run -w flash.pcapng -- stm32flash -m 8n1 -w fw.bin -v /tmp/one\n"
    "  boottap replay flash.pcapng\n"
    "  boottap simulate usart --on /tmp/two &\n"
    "  boottap replay flash.pcapng --to serial:/tmp/two --allow write,erase \\\n"
    "    -w again.pcapng\n"
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
    fprintf(to,
            "Usage: boottap COMMAND [OPTION]... [OPERAND]...\n"
            "       boottap FILE...\n"
            "%s\nCommands:\n",
            program_summary);
    for (size_t i = 0; i < COMMANDS; i++)
        fprintf(to, "  %-10s %s\n", commands[i]->line->name, commands[i]->line->summary);
    fputs("\n'boottap help COMMAND' explains a command. Further topics of help:\n", to);
    for (const struct help_topic *topic = help_topics; topic->name != NULL; topic++)
        fprintf(to, "  %-10s %s\n", topic->name, topic->summary);
    for (const struct help_topic *kind = help_kinds; kind->name != NULL; kind++)
        fprintf(to, "  %-10s %s\n", kind->name, kind->summary);
    fprintf(to,
            "\n'boottap FILE...' diagnoses.\n"
            "\nWithout hardware, a flash and its replay (docs/simulate.md, docs/replay.md):\n"
            "%s\n'boottap version' tells versions.\n",
            program_examples);
}

void command_consider(struct suggestion *suggestion)
{
    for (size_t i = 0; i < COMMANDS; i++)
        suggest_consider(suggestion, commands[i]->line->name);
    suggest_consider(suggestion, "help");
    suggest_consider(suggestion, "version");
}

/** Everything that there is help for. */
static void consider_topics(struct suggestion *suggestion)
{
    command_consider(suggestion);
    for (const struct help_topic *topic = help_topics; topic->name != NULL; topic++)
        suggest_consider(suggestion, topic->name);
    for (size_t i = 0; i < btap_rules_length(); i++)
        suggest_consider(suggestion, btap_rule_at(i)->id);
    for (unsigned i = 0; i < BTAP_NOTE_COUNT; i++)
        suggest_consider(suggestion, btap_note_name((enum btap_note_id)i));
    for (unsigned i = 0; i < BTAP_STATUS_COUNT; i++)
        suggest_consider(suggestion, btap_status_name((enum btap_status)i));
}

int command_help(const char *name)
{
    const struct command *command;
    const struct btap_rule *rule;
    struct suggestion suggestion = {0};

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
    /* A rule may have the name of the note that it explains. */
    rule = btap_rule_by_id(name);
    if (rule != NULL)
        print_rule(rule, stdout);
    if (print_note(name, stdout) || rule != NULL || print_status(name, stdout))
        return EXIT_DONE;
    suggestion.word = name;
    consider_topics(&suggestion);
    message("no help for '%s'%s; try 'boottap help'", name,
            suggest_words(&suggestion, "boottap help "));
    return EXIT_TROUBLE;
}
