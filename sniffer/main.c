/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * boottap: which command to run.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/exit_status.h"
#include "base/message.h"
#include "base/outfile.h"
#include "command/command.h"
#include "extcap/extcap.h"

static int run(int argc, char **argv)
{
    const char *name = argc > 1 ? argv[1] : NULL;
    const struct command *command;

    if (name == NULL) {
        message("no command is named; try 'boottap help'");
        return EXIT_TROUBLE;
    }
    if (strcmp(name, "--version") == 0 || strcmp(name, "-V") == 0 || strcmp(name, "version") == 0)
        return command_version();
    if (strcmp(name, "help") == 0 || strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0)
        return command_help(argc > 2 ? argv[2] : NULL);
    if (extcap_is_asked(argc, argv))
        return extcap_run(argc, argv);
    command = command_find(name);
    if (command != NULL)
        return command->run(argc - 1, argv + 1);
    return command_bare(argc, argv);
}

/**
 * Takes the places of standard streams that are closed: a file that is opened must not become one
 * of them, or messages would go into it. What is put there can be used as little.
 */
static void keep_standard_streams(void)
{
    int fd;

    do
        fd = open("/dev/null", O_CLOEXEC | O_PATH);
    while (fd >= 0 && fd <= STDERR_FILENO);
    if (fd >= 0)
        close(fd);
}

int main(int argc, char **argv)
{
    int status;

    keep_standard_streams();
    /* A reader that has seen enough (head, less) ends the program without a word. */
    signal(SIGPIPE, SIG_DFL);
    /* A file that grows too large is an error like a full disk, told with the file's name. */
    signal(SIGXFSZ, SIG_IGN);
    status = run(argc, argv);
    if ((fflush(stdout) != 0 || ferror(stdout)) && status != EXIT_TROUBLE) {
        message("standard output: %s", outfile_failure(stdout));
        status = EXIT_TROUBLE;
    }
    return status;
}
