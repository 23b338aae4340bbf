/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/wrap.h"

#include <stdbool.h>
#include <string.h>

/** Where a line goes on: behind its last run of two or more spaces in its first half. */
static size_t hanging_indent(const char *line, size_t length)
{
    size_t indent = strspn(line, " ");

    for (size_t i = indent + 2; i < length && i <= WRAP_WIDTH / 2 + 4; i++)
        if (line[i] != ' ' && line[i - 1] == ' ' && line[i - 2] == ' ')
            indent = i;
    return indent;
}

/** A line under way. */
struct wrap {
    FILE *to;
    size_t column;
    size_t indent; /**< of the lines that follow */
};

/** Prints a word with the spaces before it, or without them in a line of its own. */
static void put_word(struct wrap *wrap, size_t spaces, const char *word, size_t length)
{
    if (wrap->column > wrap->indent && wrap->column + spaces + length > WRAP_WIDTH) {
        fputc('\n', wrap->to);
        wrap->column = 0;
        spaces = wrap->indent;
    }
    fprintf(wrap->to, "%*s%.*s", (int)spaces, "", (int)length, word);
    wrap->column += spaces + length;
}

static void put_line(struct wrap *wrap, const char *line, size_t length)
{
    size_t at = 0;

    while (at < length) {
        const size_t spaces = strspn(line + at, " ");
        const size_t word = strcspn(line + at + spaces, " \n");

        if (word > 0)
            put_word(wrap, at == 0 && wrap->column > 0 ? 1 : spaces, line + at + spaces, word);
        at += spaces + word;
    }
}

void wrap_print(const char *text, FILE *to)
{
    struct wrap wrap = {.to = to};
    bool joins = false; /* the next line goes on with the paragraph */

    while (*text != '\0') {
        const size_t length = strcspn(text, "\n");
        const bool flows = length > 0 && text[0] != ' ';

        if (wrap.column > 0 && !(flows && joins)) {
            fputc('\n', to);
            wrap.column = 0;
        }
        if (wrap.column == 0)
            wrap.indent = hanging_indent(text, length);
        if (length == 0)
            fputc('\n', to);
        put_line(&wrap, text, length);
        joins = flows && wrap.indent == 0;
        text += length + (text[length] == '\n');
    }
    if (wrap.column > 0)
        fputc('\n', to);
}
