/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/text.h"

#include <stdarg.h>
#include <stdio.h>

struct text text_begin(char *start, size_t size)
{
    start[0] = '\0';
    return (struct text){.start = start, .size = size};
}

void text_append(struct text *text, const char *format, ...)
{
    va_list arguments;
    int length;

    if (text->length + 1 >= text->size)
        return;
    va_start(arguments, format);
    length = vsnprintf(text->start + text->length, text->size - text->length, format, arguments);
    va_end(arguments);
    if (length > 0)
        text->length += (size_t)length;
    if (text->length >= text->size)
        text->length = text->size - 1;
}
