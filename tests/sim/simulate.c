/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Writes the captures of scenarios: all of them, or those that are named.
 */
#include "scenario.h"
#include "sim.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct scenario *const tables[] = {
    usart_scenarios,     usart_fault_scenarios, adapter_scenarios,     dfu_scenarios,
    dfu_fault_scenarios, can_scenarios,         fdcan_scenarios,       failure_scenarios,
    diagnosis_scenarios, dfu_report_scenarios,  fdcan_fault_scenarios, memory_scenarios,
    run_scenarios,       stm8_scenarios,        stm32mp_scenarios,
};

static bool is_wanted(const char *file, int names_length, char **names)
{
    for (int i = 0; i < names_length; i++)
        if (strcmp(file, names[i]) == 0)
            return true;
    return names_length == 0;
}

/** The bytes that the scenarios flash, for real tools. */
static int write_firmware(const char *path, size_t length)
{
    uint8_t *bytes = malloc(length);
    FILE *file = fopen(path, "wb");
    size_t written = 0;

    if (bytes && file) {
        sim_firmware(bytes, length);
        written = fwrite(bytes, 1, length, file);
    }
    if (file && fclose(file) != 0)
        written = 0;
    free(bytes);
    if (written != length)
        perror(path);
    return written == length ? 0 : 2;
}

int main(int argc, char **argv)
{
    bool list = argc == 2 && strcmp(argv[1], "--list") == 0;
    int done = 0;

    if (argc == 4 && strcmp(argv[1], "--firmware") == 0)
        return write_firmware(argv[2], strtoul(argv[3], NULL, 10));
    if (argc < 2 || (argv[1][0] == '-' && !list)) {
        fprintf(stderr, "usage: simulate --list | --firmware FILE LENGTH | DIRECTORY [FILE...]\n");
        return 2;
    }
    for (size_t t = 0; t < sizeof(tables) / sizeof(tables[0]); t++) {
        for (const struct scenario *scenario = tables[t]; scenario->file; scenario++) {
            char path[4096];
            if (list) {
                puts(scenario->file);
                continue;
            }
            if (!is_wanted(scenario->file, argc - 2, argv + 2))
                continue;
            snprintf(path, sizeof(path), "%s/%s", argv[1], scenario->file);
            scenario->run(path);
            done++;
        }
    }
    if (!list && argc > 2 && done != argc - 2) {
        fprintf(stderr, "simulate: %d of %d files are no scenario's\n", argc - 2 - done, argc - 2);
        return 2;
    }
    return 0;
}
