/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "text.h"

#include <stdarg.h>
#include <stdio.h>

struct btap_text btap_text_begin(char *start, size_t size)
{
    start[0] = '\0';
    return (struct btap_text){.start = start, .size = size};
}

void btap_text_append(struct btap_text *text, const char *format, ...)
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
