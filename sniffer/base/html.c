/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/html.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/letter.h"
#include "base/xml.h"

#define NS_PER_S 1000000000

void html_text(FILE *to, const char *text)
{
    char words[LETTER_ESCAPE_SIZE];

    while (*text != '\0') {
        const struct letter letter = letter_at(text);

        if (letter.kind == LETTER_BROKEN)
            fputs("\xef\xbf\xbd", to);
        else if (letter.kind == LETTER_HIDDEN)
            fputs(letter_escape(&letter, words), to);
        else if (letter.point == '\'')
            fputs("&#39;", to);
        else if (xml_reference(letter.point) != NULL)
            fputs(xml_reference(letter.point), to);
        else
            fwrite(text, 1, letter.length, to);
        text += letter.length;
    }
}

/* The formats are the conversions of a format that the compiler checks. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"

static void print_value(FILE *to, const char *conversion, char letter, va_list *values)
{
    if (letter == 'f') {
        fprintf(to, conversion, va_arg(*values, double));
        return;
    }
    if (strchr(conversion, 'l') != NULL) {
        fprintf(to, conversion, va_arg(*values, uint64_t));
        return;
    }
    fprintf(to, conversion, va_arg(*values, unsigned));
}

void html_print(FILE *to, const char *format, ...)
{
    va_list values;

    va_start(values, format);
    while (*format != '\0') {
        const size_t plain = strcspn(format, "%");
        char one[16] = "";
        size_t length;

        fwrite(format, 1, plain, to);
        format += plain;
        if (*format == '\0')
            break;
        length = 1 + strspn(format + 1, "0123456789.l");
        length += format[length] != '\0';
        snprintf(one, sizeof(one), "%.*s", (int)length, format);
        format += length;
        if (format[-1] == '%')
            putc('%', to);
        else if (format[-1] == 's')
            html_text(to, va_arg(values, const char *));
        else
            print_value(to, one, format[-1], &values);
    }
    va_end(values);
}

#pragma GCC diagnostic pop

struct words words_bytes(uint64_t bytes)
{
    struct words words;
    const char *units[] = {"bytes", "KiB", "MiB", "GiB", "TiB"};
    double value = (double)bytes;
    size_t unit = 0;

    while (value >= 1024 && unit + 1 < sizeof(units) / sizeof(units[0])) {
        value /= 1024;
        unit++;
    }
    if (bytes == 1)
        units[0] = "byte";
    /* Whole numbers as such, others with one place */
    snprintf(words.text, HTML_WORDS_SIZE,
             value - (double)(uint64_t)value < 0.05 ? "%.0f" HTML_SPACE "%s"
                                                    : "%.1f" HTML_SPACE "%s",
             value, units[unit]);
    return words;
}

struct words words_duration(btap_ns time)
{
    struct words words;
    const double seconds = (double)time / 1e9;

    if (time == 0)
        snprintf(words.text, HTML_WORDS_SIZE, "0" HTML_SPACE "s");
    else if (time < 1000000)
        snprintf(words.text, HTML_WORDS_SIZE, "%.0f" HTML_SPACE "\xc2\xb5s", seconds * 1e6);
    else if (time < NS_PER_S)
        snprintf(words.text, HTML_WORDS_SIZE,
                 seconds < 0.1 ? "%.1f" HTML_SPACE "ms" : "%.0f" HTML_SPACE "ms", seconds * 1e3);
    else if (time < 120 * (btap_ns)NS_PER_S)
        snprintf(words.text, HTML_WORDS_SIZE,
                 seconds < 10 ? "%.2f" HTML_SPACE "s" : "%.1f" HTML_SPACE "s", seconds);
    else if (time < 120 * 60 * (btap_ns)NS_PER_S)
        snprintf(words.text, HTML_WORDS_SIZE,
                 "%" PRId64 HTML_SPACE "min" HTML_SPACE "%02" PRId64 HTML_SPACE "s",
                 time / NS_PER_S / 60, time / NS_PER_S % 60);
    else
        snprintf(words.text, HTML_WORDS_SIZE,
                 "%" PRId64 HTML_SPACE "h" HTML_SPACE "%02" PRId64 HTML_SPACE "min",
                 time / NS_PER_S / 3600, time / NS_PER_S / 60 % 60);
    return words;
}

struct words words_count(uint64_t count)
{
    struct words words;
    static const char space[] = "\xe2\x80\xaf";
    char digits[24];
    size_t end = 0;
    size_t length;

    length = (size_t)snprintf(digits, sizeof(digits), "%" PRIu64, count);
    for (size_t i = 0; i < length; i++) {
        if (length > 4 && i > 0 && (length - i) % 3 == 0) {
            memcpy(words.text + end, space, sizeof(space) - 1);
            end += sizeof(space) - 1;
        }
        words.text[end++] = digits[i];
    }
    words.text[end] = '\0';
    return words;
}

struct words words_moment(btap_ns time)
{
    struct words words;
    const time_t second = (time_t)(time >= 0 ? time / NS_PER_S : 0);
    struct tm parts;

    if (gmtime_r(&second, &parts) == NULL ||
        strftime(words.text, HTML_WORDS_SIZE, "%Y-%m-%d" HTML_SPACE "%H:%M:%S" HTML_SPACE "UTC",
                 &parts) == 0)
        snprintf(words.text, HTML_WORDS_SIZE, "at an unknown time");
    return words;
}
