/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * boottap: which command to run.
 */
#include <errno.h>
#include <json-c/json_c_version.h>
#include <pcap/pcap.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "base/exit_status.h"
#include "base/message.h"
#include "command/command.h"

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

static const struct command *find_command(const char *name)
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
    fputs("\n'boottap --version' tells versions.\n", to);
}

static void print_version(void)
{
    printf("boottap %s\nwith %s, json-c %s, zlib %s\n", BOOTTAP_VERSION, pcap_lib_version(),
           json_c_version(), zlibVersion());
}

static int help(const char *name)
{
    const struct command *command;

    if (name == NULL) {
        print_usage(stdout);
        return EXIT_DONE;
    }
    command = find_command(name);
    if (command != NULL) {
        options_print_help(command->line, stdout);
        return EXIT_DONE;
    }
    for (size_t i = 0; i < TOPICS; i++)
        if (strcmp(topics[i].name, name) == 0) {
            topics[i].print(stdout);
            return EXIT_DONE;
        }
    message("no help for '%s'; try 'boottap help'", name);
    return EXIT_TROUBLE;
}

static int run(int argc, char **argv)
{
    const char *name = argc > 1 ? argv[1] : NULL;
    const struct command *command;

    if (name == NULL) {
        message("no command is named; try 'boottap help'");
        return EXIT_TROUBLE;
    }
    if (strcmp(name, "--version") == 0 || strcmp(name, "-V") == 0) {
        print_version();
        return EXIT_DONE;
    }
    if (strcmp(name, "help") == 0 || strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0)
        return help(argc > 2 ? argv[2] : NULL);
    command = find_command(name);
    if (command != NULL)
        return command->run(argc - 1, argv + 1);
    message("unknown %s '%s'; try 'boottap help'", name[0] == '-' ? "option" : "command", name);
    return EXIT_TROUBLE;
}

int main(int argc, char **argv)
{
    int status;

    /* A reader that has seen enough (head, less) ends the program without a word. */
    signal(SIGPIPE, SIG_DFL);
    status = run(argc, argv);
    if ((fflush(stdout) != 0 || ferror(stdout)) && status == EXIT_DONE) {
        message("standard output: %s", strerror(errno));
        status = EXIT_TROUBLE;
    }
    return status;
}
