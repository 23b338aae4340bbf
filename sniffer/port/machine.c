/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "port/machine.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "port/can_rates.h"

const struct machine machine_here = {.sys = "/sys", .dev = "/dev", .can_rates = can_rates_ask};

bool machine_text(const char *directory, const char *name, char text[MACHINE_TEXT_SIZE])
{
    char path[MACHINE_PATH_SIZE];
    FILE *file;

    text[0] = '\0';
    snprintf(path, sizeof(path), "%s/%s", directory, name);
    file = fopen(path, "re");
    if (file == NULL)
        return false;
    if (fgets(text, MACHINE_TEXT_SIZE, file) == NULL)
        text[0] = '\0';
    fclose(file);
    text[strcspn(text, "\n")] = '\0';
    return text[0] != '\0';
}

bool machine_number(const char *directory, const char *name, int base, uint32_t *number)
{
    char text[MACHINE_TEXT_SIZE];
    char *end;
    unsigned long value;

    if (!machine_text(directory, name, text))
        return false;
    errno = 0;
    value = strtoul(text, &end, base);
    if (end == text || *end != '\0' || errno != 0 || value > UINT32_MAX)
        return false;
    *number = (uint32_t)value;
    return true;
}

void machine_each(const char *directory, void (*each)(void *context, const char *name),
                  void *context)
{
    struct dirent **entries;
    const int length = scandir(directory, &entries, NULL, versionsort);

    for (int i = 0; i < length; i++) {
        if (entries[i]->d_name[0] != '.')
            each(context, entries[i]->d_name);
        free(entries[i]);
    }
    if (length >= 0)
        free(entries);
}
