/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/time_format.h"

#include <string.h>
#include <time.h>

#define NS_PER_SECOND  1000000000
#define RELATIVE_WIDTH 5 /* digits of seconds that stay aligned: a day */

static const struct {
    const char *name;
    enum time_style style;
} styles[] = {
    {"r", TIME_STYLE_RELATIVE},  {"d", TIME_STYLE_DELTA},       {"dd", TIME_STYLE_DELTA},
    {"e", TIME_STYLE_EPOCH},     {"a", TIME_STYLE_LOCAL},       {"u", TIME_STYLE_UTC},
    {"ud", TIME_STYLE_UTC_DATE}, {"ad", TIME_STYLE_LOCAL_DATE},
};

bool time_style_by_name(const char *name, enum time_style *style)
{
    for (size_t i = 0; i < sizeof(styles) / sizeof(styles[0]); i++)
        if (strcmp(styles[i].name, name) == 0) {
            *style = styles[i].style;
            return true;
        }
    return false;
}

void time_format_start(struct time_format *format, enum time_style style, btap_ns first)
{
    format->style = style;
    format->first = first;
    format->previous = first;
    format->words[0] = '\0';
}

static void append_fraction(struct line *line, uint64_t ns, int digits)
{
    line_text(line, ".");
    line_zero_padded(line, digits == 9 ? ns : ns / 1000, (size_t)digits);
}

void line_seconds(struct line *line, btap_ns time, int digits, size_t width)
{
    const bool negative = time < 0;
    const uint64_t size = negative ? 0 - (uint64_t)time : (uint64_t)time;
    const size_t start = line->length;

    if (negative)
        line_text(line, "-");
    line_decimal(line, size / NS_PER_SECOND, 0);
    append_fraction(line, size % NS_PER_SECOND, digits);
    line_right_align(line, start, width);
}

/** Date and time of a second in words, kept until another second is asked for. */
static const char *second_in_words(struct time_format *format, int64_t second)
{
    const bool utc = format->style == TIME_STYLE_UTC || format->style == TIME_STYLE_UTC_DATE;
    const bool date =
        format->style == TIME_STYLE_LOCAL_DATE || format->style == TIME_STYLE_UTC_DATE;
    const time_t when = (time_t)second;
    struct tm tm;

    if (format->words[0] != '\0' && format->second == second)
        return format->words;
    if ((utc ? gmtime_r(&when, &tm) : localtime_r(&when, &tm)) == NULL ||
        strftime(format->words, sizeof(format->words), date ? "%Y-%m-%d %H:%M:%S" : "%H:%M:%S",
                 &tm) == 0)
        strcpy(format->words, "?");
    format->second = second;
    return format->words;
}

void time_format_append(struct time_format *format, struct line *line, btap_ns time, int digits)
{
    const size_t width = RELATIVE_WIDTH + 1 + (size_t)digits;
    int64_t second = time / NS_PER_SECOND;
    int64_t rest = time % NS_PER_SECOND;

    switch (format->style) {
    case TIME_STYLE_RELATIVE:
        line_seconds(line, time - format->first, digits, width);
        return;
    case TIME_STYLE_DELTA:
        line_seconds(line, time - format->previous, digits, width);
        format->previous = time;
        return;
    case TIME_STYLE_EPOCH:
        line_seconds(line, time, digits, 0);
        return;
    case TIME_STYLE_LOCAL:
    case TIME_STYLE_LOCAL_DATE:
    case TIME_STYLE_UTC:
    case TIME_STYLE_UTC_DATE:
        if (rest < 0) {
            second--;
            rest += NS_PER_SECOND;
        }
        line_text(line, second_in_words(format, second));
        append_fraction(line, (uint64_t)rest, digits);
        return;
    }
}
