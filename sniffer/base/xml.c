/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/xml.h"

#include "base/line.h"

void xml_put(FILE *to, const char *text)
{
    struct line line;

    line_start(&line);
    line_escaped(&line, text);
    for (size_t i = 0; i < line.length; i++)
        switch (line.text[i]) {
        case '&':
            fputs("&amp;", to);
            break;
        case '<':
            fputs("&lt;", to);
            break;
        case '>':
            fputs("&gt;", to);
            break;
        case '"':
            fputs("&quot;", to);
            break;
        default:
            putc(line.text[i], to);
        }
}
