/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * boottap_manual FOLDER DATE: writes the manual pages and the completions into FOLDER.
 * A program of the build, which nobody installs.
 */
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/message.h"
#include "command/command.h"
#include "manual/manual.h"

#define PATH_SIZE 4096

static FILE *create(const char *folder, const char *name, char *path)
{
    FILE *file;

    snprintf(path, PATH_SIZE, "%s/%s", folder, name);
    file = fopen(path, "w");
    if (file == NULL) {
        message("%s: %s", path, strerror(errno));
        exit(EXIT_FAILURE);
    }
    return file;
}

static void finish(FILE *file, const char *path)
{
    const bool failed = ferror(file) != 0;

    if (fclose(file) == 0 && !failed)
        return;
    message("%s: %s", path, strerror(errno));
    exit(EXIT_FAILURE);
}

static void write_completion(const char *folder, const char *name, void (*print)(FILE *to))
{
    char path[PATH_SIZE];
    FILE *file = create(folder, name, path);

    print(file);
    finish(file, path);
}

static void write_pages(const char *folder, const struct manual_origin *origin)
{
    char path[PATH_SIZE];
    FILE *file = create(folder, "boottap.1", path);

    manual_program(origin, file);
    finish(file, path);
    for (size_t i = 0; i < COMMANDS; i++) {
        char name[64];

        snprintf(name, sizeof(name), "boottap-%s.1", commands[i]->line->name);
        file = create(folder, name, path);
        manual_command(commands[i]->line, origin, file);
        finish(file, path);
    }
}

int main(int argc, char **argv)
{
    if (argc != 3) {
        message("usage: boottap_manual FOLDER DATE");
        return EXIT_FAILURE;
    }
    write_pages(argv[1], &(struct manual_origin){.version = BOOTTAP_VERSION, .date = argv[2]});
    write_completion(argv[1], "boottap.bash", completion_bash);
    write_completion(argv[1], "_boottap", completion_zsh);
    write_completion(argv[1], "boottap.fish", completion_fish);
    return EXIT_SUCCESS;
}
