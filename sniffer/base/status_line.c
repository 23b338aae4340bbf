/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/status_line.h"

#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/line.h"
#include "base/talk.h"

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

    struct pollfd terminal = {.fd = STDERR_FILENO, .events = POLLOUT};

    /* One that is stopped (Ctrl-S) would stop the program. */
    if (!isatty(STDERR_FILENO) || poll(&terminal, 1, 0) <= 0)
        return;
    line_start(&line);
    line_escaped(&line, words);
    fprintf(talk_stream(), CLEAR "%.*s", (int)fitting(&line, room()), line.text);
    fflush(talk_stream());
    shown = true;
}

void status_line_clear(void)
{
    if (!shown)
        return;
    fputs(CLEAR, talk_stream());
    fflush(talk_stream());
    shown = false;
}
