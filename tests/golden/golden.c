/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Decodes a sample capture and compares the result with what a person expects of it, and with
 * the golden JSON, byte by byte.
 */
#include "expectation.h"

#include <stdio.h>
#include <string.h>

static size_t compare_golden(const char *path, const struct decoded *got)
{
    struct decoded golden;
    size_t differences = 0;

    if (!decoded_read(&golden, path)) {
        fprintf(stderr, "%s: missing\n", path);
        return 1;
    }
    for (size_t i = 0; i < golden.length && i < got->length; i++) {
        if (strcmp(golden.lines[i], got->lines[i]) != 0 && differences++ == 0)
            fprintf(stderr, "%s:%zu: differs:\n- %s\n+ %s\n", path, i + 1, golden.lines[i],
                    got->lines[i]);
    }
    if (golden.length != got->length) {
        fprintf(stderr, "%s: %zu lines, decoded %zu\n", path, golden.length, got->length);
        differences++;
    }
    decoded_free(&golden);
    return differences;
}

int main(int argc, char **argv)
{
    struct decoded got;
    size_t differences;

    if (argc != 4 && argc != 5) {
        fprintf(stderr, "usage: golden BOOTTAP CAPTURE EXPECTED [GOLDEN]\n");
        return 2;
    }
    decoded_run(&got, argv[1], argv[2]);
    differences = expectation_compare(argv[3], &got);
    if (argc == 5)
        differences += compare_golden(argv[4], &got);
    decoded_free(&got);
    return differences ? 1 : 0;
}
