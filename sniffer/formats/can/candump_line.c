/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "formats/can/candump_line.h"

#include <string.h>

#include "base/clock.h"
#include "base/digits.h"

#define SECONDS_MAX       9223372035 /* more nanoseconds do not fit btap_ns */
#define FRACTION_DIGITS   9u
#define ABSOLUTE_DIGITS   10u /* of seconds since 1970; relative ones have 3, or what they need */
#define STANDARD_DIGITS   3u
#define EXTENDED_DIGITS   8u
#define ID_WITH_FLAGS_MAX 0x3fffffffu

size_t candump_without_colours(char *line, size_t length)
{
    size_t to = 0;

    for (size_t i = 0; i < length; i++) {
        if (line[i] == '\033' && i + 1 < length && line[i + 1] == '[') {
            for (i += 2; i < length && (digit_value(line[i]) < 10 || line[i] == ';'); i++)
                ;
            continue;
        }
        line[to++] = line[i];
    }
    line[to] = '\0';
    return to;
}

static bool skip(struct word *text, char wanted)
{
    if (text->length == 0 || *text->at != wanted)
        return false;
    *text = word_from(*text, 1);
    return true;
}

/** Value of the digit that comes next; 16 if none does. */
static unsigned digit(const struct word *text)
{
    return text->length > 0 ? digit_value(*text->at) : 16;
}

/** `1436509052.249713`, micro- or nanoseconds */
static bool parse_seconds(struct word word, struct candump_line *said)
{
    const char *point = word_find(word, '.');
    size_t whole;

    if (point == NULL)
        return false;
    whole = (size_t)(point - word.at);
    said->relative = whole < ABSOLUTE_DIGITS;
    return word.length - whole - 1 <= FRACTION_DIGITS &&
           word_time(word, CLOCK_NS_PER_SECOND, &said->told.time) &&
           said->told.time / CLOCK_NS_PER_SECOND < SECONDS_MAX;
}

/** What stands in brackets: seconds, or date and clock. @return words that it takes; 0: none */
static size_t parse_time(const struct words *words, struct candump_line *said)
{
    struct word first = words->at[0];
    struct word second = words->at[1];
    struct moment moment;

    if (!skip(&first, '('))
        return 0;
    said->timed = true;
    if (first.length > 0 && first.at[first.length - 1] == ')') {
        first.length--;
        return parse_seconds(first, said) ? 1 : 0;
    }
    if (second.length == 0 || second.at[second.length - 1] != ')')
        return 0;
    second.length--;
    return moment_date(first, '-', &moment) && moment_clock(second, &moment) &&
                   moment_time(&moment, &said->told.time)
               ? 2
               : 0;
}

/** The identifier with its flag bits, up to the '#'. */
static bool parse_id(struct word *text, struct can_told *told)
{
    const char *mark = word_find(*text, '#');
    const size_t digits = mark != NULL ? (size_t)(mark - text->at) : 0;
    const struct word word = {text->at, digits};
    uint64_t id;

    if (!word_number(word, 16, ID_WITH_FLAGS_MAX, &id))
        return false;
    *text = word_from(*text, digits + 1);
    if (digits == EXTENDED_DIGITS && (id & CAN_ERR_FLAG) != 0)
        told->frame.can_id = (canid_t)id;
    else if ((digits != STANDARD_DIGITS && digits != EXTENDED_DIGITS) ||
             !can_log_id(told, id, digits == EXTENDED_DIGITS))
        return false;
    return true;
}

/** Pairs of digits, with or without dots between them. */
static bool parse_data(struct word *text, struct can_told *told)
{
    unsigned count = 0;

    while (digit(text) < 16) {
        const unsigned high = digit(text);

        skip(text, *text->at);
        if (count == (told->fd ? CANFD_MAX_DLEN : CAN_MAX_DLEN) || digit(text) > 15)
            return false;
        told->frame.data[count++] = (uint8_t)(high << 4 | digit(text));
        skip(text, *text->at);
        skip(text, '.');
    }
    told->frame.len = (uint8_t)count;
    return true;
}

/** What follows the classic form's '#': data or `R` and a length, then maybe `_` and the raw DLC */
static bool parse_classic(struct word *text, struct can_told *told)
{
    if (skip(text, 'R')) {
        told->frame.can_id |= CAN_RTR_FLAG;
        if (digit(text) <= CAN_MAX_DLEN) {
            told->frame.len = (uint8_t)digit(text);
            skip(text, *text->at);
        }
    } else if (!parse_data(text, told)) {
        return false;
    }
    if (skip(text, '_')) {
        if (digit(text) <= CAN_MAX_DLEN || !can_log_dlc(told, digit(text)))
            return false;
        skip(text, *text->at);
    }
    return true;
}

/** What follows the FD form's second '#': the flags' digit, then data. Error frames are classic. */
static bool parse_fd(struct word *text, struct can_told *told)
{
    if (digit(text) > 15 || (told->frame.can_id & CAN_ERR_FLAG) != 0)
        return false;
    told->fd = true;
    told->frame.flags = (uint8_t)digit(text);
    skip(text, *text->at);
    return parse_data(text, told);
}

/** `123#81:00:12345678#1122` */
static bool is_xl(struct word word)
{
    const char *mark = word_find(word, '#');

    return mark != NULL && word_find(word_from(word, (size_t)(mark - word.at)), ':') != NULL;
}

static enum candump_kind parse_log(const struct words *words, size_t at, struct can_told *told)
{
    struct word frame = words->at[at + 1];
    const struct word *sender = &words->at[at + 2];

    if (is_xl(frame))
        return CANDUMP_OTHER;
    can_log_interface(told, words->at[at]);
    if (!parse_id(&frame, told) ||
        !(skip(&frame, '#') ? parse_fd(&frame, told) : parse_classic(&frame, told)) ||
        frame.length > 0 || words->length > at + 3)
        return CANDUMP_DAMAGED;
    if (word_is(*sender, "T"))
        told->direction = BTAP_HOST_TO_DEVICE;
    else if (sender->length > 0 && !word_is(*sender, "R"))
        return CANDUMP_DAMAGED;
    return CANDUMP_FRAME;
}

/** `DROPCOUNT: dropped 3 CAN frames on 'can0' socket (total drops 5)` */
static enum candump_kind parse_remark(const struct words *words, struct candump_line *said)
{
    static const char *const beginnings[] = {"#", "Disabled", "Enabling", "Warning:"};

    if (word_is(words->at[0], "DROPCOUNT:")) {
        if (!word_number(words->at[2], 10, UINT32_MAX, &said->dropped))
            said->dropped = 1;
        return CANDUMP_OTHER;
    }
    for (size_t i = 0; i < sizeof(beginnings) / sizeof(beginnings[0]); i++)
        if (word_starts(words->at[0], beginnings[i]))
            return CANDUMP_OTHER;
    return CANDUMP_NONE;
}

enum candump_kind candump_parse(const char *line, size_t length, struct candump_line *said)
{
    struct words words;
    enum candump_kind kind;
    size_t at;

    *said = (struct candump_line){0};
    words_split(&words, line, length);
    if (words.length == 0)
        return CANDUMP_NONE;
    at = parse_time(&words, said);
    if (at == 0 && said->timed)
        return CANDUMP_NONE;
    if (at > 0 && word_find(words.at[at + 1], '#') != NULL)
        return parse_log(&words, at, &said->told);
    kind = candump_parse_screen(&words, at, &said->told);
    if (kind == CANDUMP_NONE)
        kind = at > 0 ? CANDUMP_DAMAGED : parse_remark(&words, said);
    return kind;
}
