/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/message.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/line.h"
#include "base/status_line.h"
#include "base/talk.h"

static char words[LINE_SIZE];

const char *message_last(void)
{
    return words;
}

void message(const char *format, ...)
{
    struct line line;
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(words, sizeof(words), format, arguments);
    va_end(arguments);
    line_start(&line);
    line_text(&line, "boottap: ");
    line_escaped(&line, words);
    fflush(stdout);
    status_line_clear();
    line_print(&line, talk_stream());
}
