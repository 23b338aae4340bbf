/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/status_line.h"

#include <stdbool.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/line.h"

#define WIDTH_UNKNOWN 80

#define CLEAR "\r\033[K"

static bool shown;

/** Columns that a line may take without going on in the next one. */
static size_t room(void)
{
    struct winsize size;

    if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0)
        return WIDTH_UNKNOWN - 1;
    return size.ws_col - 1;
}

/** Bytes of the line's first characters, as many as there is room for. */
static size_t fitting(const struct line *line, size_t columns)
{
    size_t length = 0;

    for (; length < line->length; length++) {
        const bool goes_on = ((unsigned char)line->text[length] & 0xc0) == 0x80;

        if (!goes_on && columns-- == 0)
            break;
    }
    return length;
}

void status_line_show(const char *words)
{
    struct line line;

    if (!isatty(STDERR_FILENO))
        return;
    line_start(&line);
    line_escaped(&line, words);
    fprintf(stderr, CLEAR "%.*s", (int)fitting(&line, room()), line.text);
    fflush(stderr);
    shown = true;
}

void status_line_clear(void)
{
    if (!shown)
        return;
    fputs(CLEAR, stderr);
    fflush(stderr);
    shown = false;
}
