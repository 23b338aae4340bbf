/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/xml.h"

#include "base/letter.h"

const char *xml_reference(uint32_t point)
{
    switch (point) {
    case '&':
        return "&amp;";
    case '<':
        return "&lt;";
    case '>':
        return "&gt;";
    case '"':
        return "&quot;";
    default:
        return NULL;
    }
}

void xml_put(FILE *to, const char *text)
{
    char words[LETTER_ESCAPE_SIZE];

    while (*text != '\0') {
        const struct letter letter = letter_at(text);

        if (letter.kind != LETTER_PLAIN)
            fputs(letter_escape(&letter, words), to);
        else if (xml_reference(letter.point) != NULL)
            fputs(xml_reference(letter.point), to);
        else
            fwrite(text, 1, letter.length, to);
        text += letter.length;
    }
}

void xml_put_line(FILE *to, struct line *line)
{
    /* One place is left for a newline. */
    line->text[line->length] = '\0';
    xml_put(to, line->text);
}
