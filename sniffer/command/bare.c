/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * boottap FILE: who names a capture and no command wants to know what happened.
 */
#include <string.h>
#include <unistd.h>

#include "base/exit_status.h"
#include "base/message.h"
#include "base/suggest.h"
#include "capture/input.h"
#include "command/command.h"

/** Whether an argument names a capture: a file that is there, or what only a file is called. */
static bool is_capture(const char *argument)
{
    return strcmp(argument, INPUT_STDIN) == 0 ||
           strncmp(argument, INPUT_HEX, strlen(INPUT_HEX)) == 0 || access(argument, F_OK) == 0 ||
           (argument[0] != '-' && strpbrk(argument, "/.") != NULL);
}

/** Whether the command line is one of diagnose: captures, maybe behind options. */
static bool is_diagnose(int argc, char **argv)
{
    if (argv[1][0] != '-')
        return is_capture(argv[1]);
    for (int i = 1; i < argc; i++)
        if (is_capture(argv[i]) || strncmp(argv[i], "-r", 2) == 0 ||
            strncmp(argv[i], "--hex", strlen("--hex")) == 0)
            return true;
    return false;
}

/** `--decode` is no option of diagnose, but the name of a command. */
static bool is_dashed_command(const char *argument)
{
    const char *name = argument + strspn(argument, "-");
    struct suggestion suggestion = {.word = name};

    if (argument[0] != '-' || argument[1] != '-')
        return false;
    command_consider(&suggestion);
    return suggestion.nearest[0] != '\0' && strlen(name) > 3;
}

int command_bare(int argc, char **argv)
{
    struct suggestion suggestion = {.word = argv[1] + strspn(argv[1], "-")};

    if (!is_dashed_command(argv[1]) && is_diagnose(argc, argv)) {
        static char name[] = "diagnose";
        char *program = argv[0];
        int status;

        message("no command is named: this is what 'boottap diagnose' says; 'boottap help' lists "
                "what else there is");
        argv[0] = name;
        status = diagnose_command.run(argc, argv);
        argv[0] = program;
        return status;
    }
    command_consider(&suggestion);
    message("unknown %s '%s'%s; try 'boottap help'", argv[1][0] == '-' ? "option" : "command",
            argv[1], suggest_words(&suggestion, "boottap "));
    return EXIT_TROUBLE;
}
