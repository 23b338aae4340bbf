/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/line.h"

#include <stdarg.h>
#include <string.h>

#include "base/digits.h"
#include "base/letter.h"

/** Appends bytes; one place stays free for the newline. */
static void append(struct line *line, const char *bytes, size_t length)
{
    const size_t room = LINE_SIZE - 1 - line->length;

    if (length > room)
        length = room;
    memcpy(line->text + line->length, bytes, length);
    line->length += length;
}

static void append_spaces(struct line *line, size_t count)
{
    static const char spaces[] = "                                ";

    while (count > 0) {
        const size_t step = count < sizeof(spaces) - 1 ? count : sizeof(spaces) - 1;

        append(line, spaces, step);
        count -= step;
    }
}

void line_start(struct line *line)
{
    line->length = 0;
    line->invisible = 0;
}

/** Appends text, whatever is no plain character of it escaped; but those in allowed as they are. */
static void append_escaped(struct line *line, const char *text, const char *allowed)
{
    char words[LETTER_ESCAPE_SIZE];

    for (;;) {
        const size_t plain = letter_plain_run(text);
        struct letter letter;

        append(line, text, plain);
        text += plain;
        if (*text == '\0')
            return;
        letter = letter_at(text);
        if (letter.kind == LETTER_PLAIN || strchr(allowed, *text) != NULL) {
            append(line, text, letter.length);
        } else {
            letter_escape(&letter, words);
            append(line, words, strlen(words));
        }
        text += letter.length;
    }
}

void line_text(struct line *line, const char *text)
{
    append_escaped(line, text, "\t");
}

void line_escaped(struct line *line, const char *text)
{
    append_escaped(line, text, "");
}

__attribute__((format(printf, 2, 0))) static void append_values(struct line *line,
                                                                const char *format, va_list values)
{
    char text[LINE_SIZE];

    vsnprintf(text, sizeof(text), format, values);
    append_escaped(line, text, "\t");
}

void line_format(struct line *line, const char *format, ...)
{
    va_list values;

    va_start(values, format);
    append_values(line, format, values);
    va_end(values);
}

void line_break(struct line *line)
{
    append(line, "\n", 1);
}

void line_link(struct line *line, const struct btap_link *link)
{
    char name[BTAP_LINK_NAME_SIZE];

    line_escaped(line, btap_link_name(link, name, sizeof(name)));
}

void line_control(struct line *line, const char *sequence)
{
    const size_t before = line->length;

    append(line, sequence, strlen(sequence));
    line->invisible += line->length - before;
}

void line_decimal(struct line *line, uint64_t value, size_t width)
{
    char buffer[DIGITS_SIZE];
    const size_t count = digits_decimal(value, buffer);

    if (width > count)
        append_spaces(line, width - count);
    append(line, buffer + sizeof(buffer) - count, count);
}

void line_zero_padded(struct line *line, uint64_t value, size_t digits)
{
    char buffer[DIGITS_SIZE];
    const size_t count = digits_decimal(value, buffer);

    for (size_t i = count; i < digits; i++)
        append(line, "0", 1);
    append(line, buffer + sizeof(buffer) - count, count);
}

void line_hex(struct line *line, uint8_t byte)
{
    char digits[2];

    digits_hex(&byte, 1, digits);
    append(line, digits, sizeof(digits));
}

void line_bytes(struct line *line, const uint8_t *bytes, size_t count)
{
    char words[3 * 16];

    while (count > 0) {
        const size_t step = count < sizeof(words) / 3 ? count : sizeof(words) / 3;

        for (size_t i = 0; i < step; i++) {
            digits_hex(bytes + i, 1, words + 3 * i);
            words[3 * i + 2] = ' ';
        }
        bytes += step;
        count -= step;
        append(line, words, 3 * step - (count == 0));
    }
}

void line_to_column(struct line *line, size_t column)
{
    const size_t visible = line->length - line->invisible;

    append_spaces(line, visible + 2 <= column ? column - visible : 2);
}

void line_right_align(struct line *line, size_t start, size_t width)
{
    const size_t length = line->length - start;
    size_t shift;

    if (length >= width)
        return;
    shift = width - length;
    append_spaces(line, shift);
    if (line->length != start + width)
        return;
    memmove(line->text + start + shift, line->text + start, length);
    memset(line->text + start, ' ', shift);
}

void line_print(const struct line *line, FILE *to)
{
    fwrite(line->text, 1, line->length, to);
    putc('\n', to);
}

void print_line(FILE *to, const char *format, ...)
{
    struct line line;
    va_list values;

    line_start(&line);
    va_start(values, format);
    append_values(&line, format, values);
    va_end(values);
    line_print(&line, to);
}
