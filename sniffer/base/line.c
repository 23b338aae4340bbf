/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/line.h"

#include <stdarg.h>
#include <string.h>

static const char hex_digits[] = "0123456789abcdef";

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

void line_text(struct line *line, const char *text)
{
    append(line, text, strlen(text));
}

void line_format(struct line *line, const char *format, ...)
{
    const size_t room = LINE_SIZE - line->length;
    va_list values;
    int length;

    va_start(values, format);
    length = vsnprintf(line->text + line->length, room, format, values);
    va_end(values);
    if (length > 0)
        line->length += (size_t)length < room ? (size_t)length : room - 1;
}

void line_link(struct line *line, const struct btap_link *link)
{
    char name[BTAP_LINK_NAME_SIZE];

    line_escaped(line, btap_link_name(link, name, sizeof(name)));
}

void line_control(struct line *line, const char *sequence)
{
    const size_t before = line->length;

    line_text(line, sequence);
    line->invisible += line->length - before;
}

size_t utf8_length(const char *text)
{
    const unsigned char *byte = (const unsigned char *)text;
    /* RFC 3629 section 4: the smallest second byte after E0 and F0, the largest after ED and F4 */
    unsigned char lowest = 0x80;
    unsigned char highest = 0xbf;
    size_t length;

    if (byte[0] < 0x80)
        return 1;
    if (byte[0] < 0xc2 || byte[0] > 0xf4)
        return 0;
    length = byte[0] < 0xe0 ? 2 : byte[0] < 0xf0 ? 3 : 4;
    if (byte[0] == 0xe0)
        lowest = 0xa0;
    else if (byte[0] == 0xed)
        highest = 0x9f;
    else if (byte[0] == 0xf0)
        lowest = 0x90;
    else if (byte[0] == 0xf4)
        highest = 0x8f;
    if (byte[1] < lowest || byte[1] > highest)
        return 0;
    for (size_t i = 2; i < length; i++)
        if (byte[i] < 0x80 || byte[i] > 0xbf)
            return 0;
    return length;
}

/** C0, DEL, and C1 (U+0080 to U+009F, in UTF-8 C2 80 to C2 9F). */
static int is_control(const char *text)
{
    const unsigned char *byte = (const unsigned char *)text;

    return byte[0] < 0x20 || byte[0] == 0x7f || (byte[0] == 0xc2 && byte[1] < 0xa0);
}

void line_escaped(struct line *line, const char *text)
{
    while (*text != '\0') {
        const size_t length = utf8_length(text);

        if (length > 0 && !is_control(text)) {
            append(line, text, length);
            text += length;
            continue;
        }
        line_text(line, "\\x");
        line_hex(line, (uint8_t)*text);
        text++;
    }
}

/** Writes the digits at the end of a buffer. @return how many */
static size_t decimal_digits(uint64_t value, char buffer[static 20])
{
    size_t count = 0;

    do {
        buffer[20 - ++count] = (char)('0' + value % 10);
        value /= 10;
    } while (value > 0);
    return count;
}

void line_decimal(struct line *line, uint64_t value, size_t width)
{
    char buffer[20];
    const size_t count = decimal_digits(value, buffer);

    if (width > count)
        append_spaces(line, width - count);
    append(line, buffer + sizeof(buffer) - count, count);
}

void line_zero_padded(struct line *line, uint64_t value, size_t digits)
{
    char buffer[20];
    const size_t count = decimal_digits(value, buffer);

    for (size_t i = count; i < digits; i++)
        append(line, "0", 1);
    append(line, buffer + sizeof(buffer) - count, count);
}

void line_hex(struct line *line, uint8_t byte)
{
    const char digits[2] = {hex_digits[byte >> 4], hex_digits[byte & 0xf]};

    append(line, digits, sizeof(digits));
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

unsigned digit_value(char digit)
{
    if (digit >= '0' && digit <= '9')
        return (unsigned)(digit - '0');
    if (digit >= 'a' && digit <= 'f')
        return (unsigned)(digit - 'a') + 10;
    if (digit >= 'A' && digit <= 'F')
        return (unsigned)(digit - 'A') + 10;
    return 16;
}
