/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "manual/troff.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>

#define STATUS_HEADING "Exit status:"

/* mandoc wants lines of 80 bytes; two are left for the guard of troff_piece(). */
#define LINE_WIDTH 78

/** How a character that means something else to troff is written; NULL: as it is. */
static const char *escaped(char character)
{
    switch (character) {
    case '\\':
        return "\\e";
    case '-':
        return "\\-";
    case '\'':
        return "\\(aq";
    case '^':
        return "\\(ha";
    case '~':
        return "\\(ti";
    default:
        return NULL;
    }
}

/** How long a text is as it is written. */
static size_t written_length(const char *text, size_t length)
{
    size_t sum = 0;

    for (size_t i = 0; i < length; i++)
        sum += escaped(text[i]) != NULL ? strlen(escaped(text[i])) : 1;
    return sum;
}

void troff_piece(const char *text, size_t length, FILE *to)
{
    /* At the start of a line these two are the mark of a request. */
    if (length > 0 && (text[0] == '.' || text[0] == '\''))
        fputs("\\&", to);
    for (size_t i = 0; i < length; i++)
        if (escaped(text[i]) != NULL)
            fputs(escaped(text[i]), to);
        else
            fputc(text[i], to);
}

void troff_filled(size_t column, const char *text, size_t length, FILE *to)
{
    const char *end = text + length;

    for (const char *word = text; word < end;) {
        const char *space = memchr(word, ' ', (size_t)(end - word));
        const size_t size = (size_t)((space != NULL ? space : end) - word);
        const size_t written = written_length(word, size);
        const bool fits = column + 1 + written <= LINE_WIDTH;

        if (word > text) {
            fputc(fits ? ' ' : '\n', to);
            column = fits ? column + 1 : 0;
        }
        troff_piece(word, size, to);
        column += written;
        word += size + 1;
    }
}

void troff_text(const char *text, FILE *to)
{
    troff_piece(text, strlen(text), to);
}

void troff_lines(const char *text, size_t length, FILE *to)
{
    const char *end = text + length;
    bool literal = false;

    while (text < end) {
        const char *newline = memchr(text, '\n', (size_t)(end - text));
        const char *stop = newline != NULL ? newline : end;
        const bool wanted = stop - text > 2 && text[0] == ' ' && text[1] == ' ';

        if (wanted != literal)
            fputs(wanted ? ".PP\n.nf\n" : ".fi\n.PP\n", to);
        literal = wanted;
        if (stop > text) {
            if (literal)
                troff_piece(text, (size_t)(stop - text), to);
            else
                troff_filled(0, text, (size_t)(stop - text), to);
            fputc('\n', to);
        }
        text = stop + 1;
    }
    if (literal)
        fputs(".fi\n", to);
}

/** Whether a status and its meaning begin here: `1 `, after the start or a comma or semicolon. */
static bool begins_status(const char *start, const char *at)
{
    if (!isdigit((unsigned char)at[0]) || at[1] != ' ')
        return false;
    while (at > start && isspace((unsigned char)at[-1]))
        at--;
    return at == start || at[-1] == ',' || at[-1] == ';';
}

/** Length of what stands up to end without the commas and spaces there. */
static size_t trimmed(const char *start, const char *end)
{
    while (end > start && strchr(",; \n", end[-1]) != NULL)
        end--;
    return (size_t)(end - start);
}

void troff_statuses(const char *text, FILE *to)
{
    const char *start = strstr(text, STATUS_HEADING);
    const char *meaning = NULL;

    if (start == NULL)
        return;
    fputs(".SH EXIT STATUS\n", to);
    start += strlen(STATUS_HEADING);
    for (const char *at = start;; at++) {
        if (*at != '\0' && !begins_status(start, at))
            continue;
        if (meaning != NULL) {
            troff_lines(meaning, trimmed(meaning, at), to);
        }
        if (*at == '\0')
            break;
        fprintf(to, ".TP\n.B %c\n", *at);
        meaning = at + 2;
    }
}
