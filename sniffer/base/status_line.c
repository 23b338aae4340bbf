/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/status_line.h"

#include <stdbool.h>
#include <stdio.h>
#include <unistd.h>

#include "base/line.h"
#include "base/paragraph.h"

#define CLEAR "\r\033[K"

static bool shown;

void status_line_show(const char *words)
{
    struct line line;
    size_t width;

    if (!isatty(STDERR_FILENO))
        return;
    line_start(&line);
    line_escaped(&line, words);
    width = paragraph_width(stderr) - 1;
    fprintf(stderr, CLEAR "%.*s", (int)(line.length < width ? line.length : width), line.text);
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
