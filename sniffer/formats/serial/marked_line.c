/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "formats/serial/marked_line.h"

#include <ctype.h>
#include <string.h>

#include "base/digits.h"
#include "formats/reader/scan.h"
#include "formats/serial/marks.h"
#include "formats/serial/serial_log.h"

#define ACK  0x79
#define NACK 0x1f

#define NS_PER_MS         1000000
#define OFFSET_DIGITS_MIN 3
#define OFFSET_DIGITS_MAX 8

/** `05/17/2024`: which of them the month is differs, so that it only goes with the clock. */
static void skip_date(const char **at)
{
    const char *end = *at;
    uint64_t number;

    if (!scan_decimal(&end, &number) || *end++ != '/' || !scan_decimal(&end, &number) ||
        *end++ != '/' || !scan_digits(&end, 4, &number))
        return;
    end += strspn(end, ", \t");
    *at = end;
}

/** `18.09.2019` */
static bool scan_german_date(const char **at, btap_ns *midnight)
{
    const char *end = *at;
    uint64_t day;
    uint64_t month;
    uint64_t year;

    if (!scan_digits(&end, 2, &day) || *end++ != '.' || !scan_digits(&end, 2, &month) ||
        *end++ != '.' || !scan_digits(&end, 4, &year) || !scan_midnight(year, month, day, midnight))
        return false;
    *at = end;
    return true;
}

/** Milliseconds behind another colon: `10:15:21:500` */
static void add_milliseconds(const char **at, btap_ns *time)
{
    const char *end = *at;
    uint64_t milliseconds;

    if (!scan_word(&end, ":") || !scan_digits(&end, 3, &milliseconds))
        return;
    *time += (btap_ns)milliseconds * NS_PER_MS;
    *at = end;
}

/** A number before the mark: the line's, or a time of which the unit is not known */
static void skip_number(const char **at)
{
    const char *end = *at;
    uint64_t number;

    if (scan_decimal(&end, &number) && scan_spaces(&end))
        *at = end;
}

/** `10:15:21.5`, `2025-03-14T10:15:21`, `18.09.2019 10:15:21`, `1741947321.5` */
static enum marked_time scan_time(const char **at, btap_ns *time)
{
    btap_ns midnight;

    if (scan_german_date(at, &midnight)) {
        *at += strspn(*at, ", \t");
        if (!scan_clock(at, time))
            return MARKED_TIME_NONE;
        *time += midnight;
        return MARKED_TIME_DATED;
    }
    if (scan_date_time(at, time) || scan_seconds(at, time))
        return MARKED_TIME_DATED;
    skip_date(at);
    return scan_clock(at, time) ? MARKED_TIME_OF_DAY : MARKED_TIME_NONE;
}

/** A time, in brackets or not; else a number, if there is one */
static void parse_time(const char **at, struct marked_line *line)
{
    const char *end = *at;

    if (*end == '[' || *end == '(')
        end += 1 + strspn(end + 1, " \t");
    line->has_time = scan_time(&end, &line->time);
    if (line->has_time == MARKED_TIME_NONE) {
        skip_number(at);
        return;
    }
    add_milliseconds(&end, &line->time);
    end += strspn(end, "Zs])");
    end += strspn(end, " \t:,;|-");
    /* The last one may begin an arrow. */
    if (end[-1] == '-' && strchr("<>", *end) != NULL && *end != '\0')
        end--;
    *at = end;
}

/** How many characters belong to the mark: letters, of any language, and digits, or what arrows are
 * made of */
static size_t mark_length(const char *at)
{
    size_t length = strspn(at, "<>-=");

    if (length == 0)
        while (isalnum((unsigned char)at[length]) || at[length] == '_' ||
               (unsigned char)at[length] >= 0x80)
            length++;
    return length;
}

/** `(2)`, `[18 bytes]`, ` 18 bytes` behind a mark: how many bytes follow, or which port it is.
 * @param[out] total 0: it does not say that it counts bytes
 * @return whether there is such a number */
static bool parse_count(const char **at, uint64_t *total)
{
    const char *end = *at + strspn(*at, " \t,");
    const bool bracket = *end == '[' || *end == '(' || *end == '<';
    const char *from = end + bracket;
    uint64_t number;

    *total = 0;
    end = from;
    if (!scan_decimal(&end, &number))
        return false;
    *total = hex_words_told(from, 0);
    scan_spaces(&end);
    while (*total > 0 && isalpha((unsigned char)*end))
        end++;
    if (bracket ? strchr("])>", *end) == NULL || *end == '\0' : *end != ':') {
        *total = 0;
        return false;
    }
    *at = end + bracket;
    return true;
}

/** Behind one side's mark an arrow and the other's: `PC -> MCU`, `PC <- STM32` */
static void parse_arrow(const char **at, struct marked_line *line)
{
    const char *end = *at + strspn(*at, " \t");
    const size_t arrow = strspn(end, "<>-=");
    const bool back = *end == '<';
    enum btap_direction other;
    size_t length;

    end += arrow;
    end += strspn(end, " \t");
    length = mark_length(end);
    other = marks_find(end, length);
    if (arrow < 2 || other == BTAP_DIRECTION_UNKNOWN || other == line->direction ||
        !isalpha((unsigned char)*end))
        return;
    if (back)
        line->direction = other;
    *at = end + length;
}

/** slsnif's lines, which have a reader of their own */
static bool is_slsnif(const char *at)
{
    return scan_word(&at, "Host   --> ") || scan_word(&at, "Device --> ");
}

/** `[TX]`, `(TX)`, `<TX>`: the last one closed, as < alone is a mark */
static bool is_bracketed(const char *at)
{
    return *at == '[' || *at == '(' ||
           (*at == '<' && isalpha((unsigned char)at[1]) && at[1 + mark_length(at + 1)] == '>');
}

static bool parse_mark(const char **at, struct marked_line *line, uint64_t *total)
{
    const bool bracket = is_bracketed(*at);
    const char *mark = *at + bracket;
    const size_t length = mark_length(mark);
    const char *end = mark + length;
    bool counted;
    size_t between;

    line->direction = marks_find(mark, length);
    line->quotes = strspn(mark, "<>") == length;
    /* A tab behind an arrow is interceptty's, whose arrows mean the other side. */
    if (length == 0 || line->direction == BTAP_DIRECTION_UNKNOWN ||
        (*end == '\t' && ispunct((unsigned char)mark[0])) || is_slsnif(*at))
        return false;
    if (!line->quotes)
        parse_arrow(&end, line);
    if (bracket)
        end += strspn(end, "])>");
    counted = parse_count(&end, total);
    /* No comma: in a table numbers need not be hexadecimal. */
    between = strspn(end, " \t:;|=<>-");
    line->firm = bracket || counted || (unsigned char)mark[0] >= 0x80 ||
                 strcspn(end, ":;|=<>-") < between ||
                 (ispunct((unsigned char)mark[0]) && !line->quotes);
    *at = end + between;
    return *at > mark + length || bracket || *end == '\0' ||
           ispunct((unsigned char)mark[length - 1]);
}

bool marked_line_parse(struct marked_line *line, const char *text)
{
    uint64_t total;

    *line = (struct marked_line){0};
    text += strspn(text, " \t");
    parse_time(&text, line);
    if (!parse_mark(&text, line, &total))
        return false;
    hex_words_parse(&line->words, text);
    line->bare = *text == '\0';
    if (total > 0)
        line->words.total = total;
    return true;
}

/** The bytes are such as a session has at that side. */
static bool is_of_a_session(const struct marked_line *line)
{
    const uint8_t *first = line->words.first;

    if (line->direction == BTAP_HOST_TO_DEVICE)
        return serial_log_begins_as_host(first, line->words.count);
    return line->words.count > 0 && (first[0] == ACK || first[0] == NACK);
}

bool marked_line_is_certain(const struct marked_line *line)
{
    const struct hex_words *words = &line->words;
    /* Else `Device De` is the beginning of a sentence. */
    const bool set_off = line->firm || line->quotes || strpbrk(words->at, "0123456789") != NULL;

    if (set_off && words->count > 0 && words->plain && words->rest == HEX_REST_NONE)
        return true;
    return is_of_a_session(line) && marked_line_has_bytes(line);
}

/** Letters alone, and small ones, are rather a word: `RX: be careful`. */
static bool has_digit_or_capital(const struct hex_words *words)
{
    return strcspn(words->at, "0123456789ABCDEF") < strcspn(words->at, " \t");
}

bool marked_line_has_bytes(const struct marked_line *line)
{
    const struct hex_words *words = &line->words;

    /* Word of bytes, and none of them */
    if (words->count == 0)
        return line->firm && !line->quotes && (words->total > 0 || words->cut || line->bare);
    if (line->quotes && (!words->plain || words->rest != HEX_REST_NONE))
        return words->rest != HEX_REST_WORDS && is_of_a_session(line);
    if (words->rest != HEX_REST_WORDS)
        return true;
    return (line->firm || is_of_a_session(line)) && has_digit_or_capital(words);
}

/** `0010: `, `00000010  `: the number of bytes before */
static void skip_offset(const char **at, uint64_t offset)
{
    const char *end = *at;
    uint64_t number = 0;

    for (; digit_value(*end) < 16; end++)
        number = number << 4 | digit_value(*end);
    if (end - *at < OFFSET_DIGITS_MIN || end - *at > OFFSET_DIGITS_MAX || number != offset ||
        (*end != ':' && strspn(end, " \t") == 0))
        return;
    end += strspn(end, ": \t");
    *at = end;
}

bool marked_line_continues(struct hex_words *words, const char *text, uint64_t offset)
{
    text += strspn(text, " \t");
    skip_offset(&text, offset);
    hex_words_parse(words, text);
    return words->count > 0 && words->plain && words->rest == HEX_REST_NONE;
}
