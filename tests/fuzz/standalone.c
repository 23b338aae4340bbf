/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Runs a fuzz target over files, the files of directories, or standard input (as AFL++ wants it):
 * the corpora stay a test also where there is no libFuzzer.
 *
 * --damaged=N also runs it over N damaged copies of them, each time the same ones (damage.h). The
 * one that it ends with is left in the file damaged-NAME, NAME being the program's.
 */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "damage.h"

#define INPUT_MAX  (1 << 20)
#define INPUTS_MAX 4096
/* A loop without end is a failure, not a wait. */
#define SECONDS_MAX 20

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

static uint8_t buffer[INPUT_MAX];
static struct damage_input inputs[INPUTS_MAX];
static size_t count;

/** A copy in a block of its own, so that a sanitizer sees a read past its end; or NULL. */
static uint8_t *copy(const uint8_t *bytes, size_t length)
{
    uint8_t *exact = malloc(length > 0 ? length : 1);

    if (exact != NULL && length > 0)
        memcpy(exact, bytes, length);
    return exact;
}

static int run_stream(FILE *stream)
{
    const size_t length = fread(buffer, 1, sizeof(buffer), stream);
    uint8_t *exact;

    if (ferror(stream) || count == INPUTS_MAX)
        return -1;
    exact = copy(buffer, length);
    if (exact == NULL)
        return -1;
    alarm(SECONDS_MAX);
    LLVMFuzzerTestOneInput(exact, length);
    inputs[count++] = (struct damage_input){.bytes = exact, .length = length};
    return 0;
}

static int run_file(const char *path)
{
    FILE *stream = fopen(path, "rb");
    int result;

    if (stream == NULL)
        return -1;
    result = run_stream(stream);
    fclose(stream);
    return result;
}

/** In the order of their names, so that the damaged copies are the same everywhere. */
static int run_directory(const char *path)
{
    struct dirent **entries;
    const int found = scandir(path, &entries, NULL, alphasort);
    char name[4096];
    int result = found < 0 ? -1 : 0;

    for (int i = 0; i < found; i++) {
        snprintf(name, sizeof(name), "%s/%s", path, entries[i]->d_name);
        if (result == 0 && entries[i]->d_name[0] != '.')
            result = run_file(name);
        free(entries[i]);
    }
    if (found >= 0)
        free(entries);
    return result;
}

static int run_path(const char *path)
{
    DIR *directory = opendir(path);

    if (directory == NULL)
        return run_file(path);
    closedir(directory);
    return run_directory(path);
}

/** @return 0, or -1 where there is no memory or no place for the input that it ends with */
static int run_damaged(unsigned long wanted, const char *program)
{
    const char *slash = strrchr(program, '/');
    char path[4096];
    struct damage *damage;

    snprintf(path, sizeof(path), "damaged-%s", slash != NULL ? slash + 1 : program);
    damage = damage_open(inputs, count, path);
    if (damage == NULL)
        return -1;
    for (unsigned long i = 0; i < wanted; i++) {
        const struct damage_input next = damage_next(damage);
        uint8_t *exact = next.bytes != NULL ? copy(next.bytes, next.length) : NULL;

        if (exact == NULL) {
            damage_close(damage);
            return -1;
        }
        alarm(SECONDS_MAX);
        LLVMFuzzerTestOneInput(exact, next.length);
        free(exact);
    }
    damage_close(damage);
    unlink(path);
    return 0;
}

int main(int argc, char **argv)
{
    static const char option[] = "--damaged=";
    unsigned long damaged = 0;
    int first = 1;

    if (argc > 1 && strncmp(argv[1], option, sizeof(option) - 1) == 0) {
        damaged = strtoul(argv[1] + sizeof(option) - 1, NULL, 10);
        first = 2;
    }
    if (argc <= first && run_stream(stdin) != 0) {
        perror("standard input");
        return 1;
    }
    for (int i = first; i < argc; i++) {
        if (run_path(argv[i]) != 0) {
            perror(argv[i]);
            return 1;
        }
    }
    if (damaged > 0 && count > 0 && run_damaged(damaged, argv[0]) != 0) {
        perror("damaged inputs");
        return 1;
    }
    printf("%zu inputs, %lu damaged\n", count, damaged);
    for (size_t i = 0; i < count; i++)
        free((void *)(uintptr_t)inputs[i].bytes);
    return count > 0 ? 0 : 1;
}
