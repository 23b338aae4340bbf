/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Runs a fuzz target over files, the files of directories, or standard input (as AFL++ wants it):
 * the corpora stay a test also where there is no libFuzzer.
 */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define INPUT_MAX (1 << 20)

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

static uint8_t buffer[INPUT_MAX];
static size_t inputs;

static int run_stream(FILE *stream)
{
    const size_t length = fread(buffer, 1, sizeof(buffer), stream);
    uint8_t *exact;

    if (ferror(stream))
        return -1;
    /* A block of its own, so that a sanitizer sees a read past its end. */
    exact = malloc(length > 0 ? length : 1);
    if (exact == NULL)
        return -1;
    memcpy(exact, buffer, length);
    LLVMFuzzerTestOneInput(exact, length);
    free(exact);
    inputs++;
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

static int run_directory(DIR *directory, const char *path)
{
    const struct dirent *entry;
    char name[4096];
    int result = 0;

    while (result == 0 && (entry = readdir(directory)) != NULL) {
        if (entry->d_name[0] == '.')
            continue;
        snprintf(name, sizeof(name), "%s/%s", path, entry->d_name);
        result = run_file(name);
    }
    return result;
}

static int run_path(const char *path)
{
    DIR *directory = opendir(path);
    int result;

    if (directory == NULL)
        return run_file(path);
    result = run_directory(directory, path);
    closedir(directory);
    return result;
}

int main(int argc, char **argv)
{
    if (argc < 2 && run_stream(stdin) != 0) {
        perror("standard input");
        return 1;
    }
    for (int i = 1; i < argc; i++) {
        if (run_path(argv[i]) != 0) {
            perror(argv[i]);
            return 1;
        }
    }
    printf("%zu inputs\n", inputs);
    return inputs > 0 ? 0 : 1;
}
