/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "trace/terminal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysmacros.h>

/** Fields of /proc/PID/stat between the name and tty_nr: state, parent, group, session. */
#define FIELDS_BETWEEN 4

dev_t terminal_of(pid_t process)
{
    char path[32];
    char text[512];
    const char *at;
    unsigned int number;
    FILE *file;
    size_t length;

    snprintf(path, sizeof(path), "/proc/%d/stat", process);
    file = fopen(path, "re");
    if (file == NULL)
        return 0;
    length = fread(text, 1, sizeof(text) - 1, file);
    fclose(file);
    text[length] = '\0';
    /* The name stands in brackets and may hold some itself. */
    at = strrchr(text, ')');
    if (at == NULL)
        return 0;
    at += strcspn(at, " ");
    for (int i = 0; i < FIELDS_BETWEEN && *at != '\0'; i++)
        at += 1 + strcspn(at + 1, " ");
    number = (unsigned int)strtoul(at, NULL, 10);
    return number == 0 ? 0
                       : makedev(number >> 8 & 0xfff, (number & 0xff) | (number >> 12 & 0xfff00));
}
