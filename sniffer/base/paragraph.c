/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/paragraph.h"

#include <stdbool.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/line.h"

#define WIDTH_WITHOUT_TERMINAL 80

/** No line is narrower: words beside a label would be a column of single ones. */
#define WIDTH_MIN 40

size_t paragraph_width(FILE *to)
{
    struct winsize size;

    if (ioctl(fileno(to), TIOCGWINSZ, &size) != 0 || size.ws_col == 0)
        return WIDTH_WITHOUT_TERMINAL;
    return size.ws_col < WIDTH_MIN ? WIDTH_MIN : size.ws_col;
}

static void control(struct line *line, const char *sequence)
{
    if (sequence != NULL)
        line_control(line, sequence);
}

/** Begins the first line. @param indent whether the words have a column of their own */
static void start(struct line *line, const struct paragraph *paragraph)
{
    line_start(line);
    if (paragraph->label == NULL) {
        control(line, paragraph->before);
        return;
    }
    line_text(line, "  ");
    control(line, paragraph->before);
    line_text(line, paragraph->label);
    control(line, paragraph->after);
    line_to_column(line, paragraph->column);
}

static void finish(struct line *line, const struct paragraph *paragraph, FILE *to)
{
    if (paragraph->label == NULL)
        control(line, paragraph->after);
    line_print(line, to);
}

void paragraph_print(const struct paragraph *paragraph, const char *words, FILE *to)
{
    const size_t width = paragraph_width(to);
    struct line line;
    char word[LINE_SIZE];
    bool first = true;

    start(&line, paragraph);
    while (*words != '\0') {
        const size_t length = strcspn(words, " ");

        snprintf(word, sizeof(word), "%.*s", (int)length, words);
        if (!first && line.length - line.invisible + 1 + length > width) {
            line_print(&line, to);
            line_start(&line);
            for (size_t i = 0; i < paragraph->column; i++)
                line_text(&line, " ");
            first = true;
        }
        if (!first)
            line_text(&line, " ");
        line_escaped(&line, word);
        first = false;
        words += length;
        words += strspn(words, " ");
    }
    finish(&line, paragraph, to);
}

void paragraph_print_unbroken(const struct paragraph *paragraph, const char *words, FILE *to)
{
    struct line line;

    start(&line, paragraph);
    line_escaped(&line, words);
    finish(&line, paragraph, to);
}
