/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "formats/serial/hex_words.h"

#include <ctype.h>
#include <string.h>

#include "base/digits.h"
#include "formats/reader/scan.h"

#define SEPARATORS " \t,;:-"

/** So many bytes at most does a text speak of: more is a number of another kind. */
#define TOLD_MAX 65536

/** The digits of a word. */
struct hex_word {
    const char *digits;
    size_t length;
    bool plain;
};

static bool is_hex(char letter)
{
    return digit_value(letter) < 16;
}

static bool scan_hex_word(const char **at, struct hex_word *word)
{
    const char *end = *at;
    const bool dollar = scan_word(&end, "$");
    const bool prefixed = dollar || scan_word_any_case(&end, "0x");
    bool suffixed;

    word->digits = end;
    while (is_hex(*end))
        end++;
    word->length = (size_t)(end - word->digits);
    suffixed = word->length > 0 && !prefixed && scan_word_any_case(&end, "h");
    if (word->length == 0 || (word->length > 2 && word->length % 2 != 0) ||
        isalnum((unsigned char)*end) || *end == '_')
        return false;
    word->plain = word->length == 2 && !dollar && !suffixed;
    *at = end;
    return true;
}

static size_t bytes_of(const struct hex_word *word)
{
    return (word->length + 1) / 2;
}

static uint8_t byte_of(const struct hex_word *word, size_t i)
{
    const char *digits = word->digits + 2 * i;

    return word->length == 1 ? (uint8_t)digit_value(*digits)
                             : (uint8_t)(digit_value(digits[0]) << 4 | digit_value(digits[1]));
}

/** A letter of what may be a text of bytes. */
struct as_text {
    const char *at;
    bool differs;
};

static bool compare_as_text(void *context, uint8_t byte)
{
    struct as_text *text = context;

    /* Spaces at a line's end are taken off. */
    if (*text->at == '\0')
        text->differs = byte > ' ' && byte < 0x7f;
    else if (byte > ' ' && byte < 0x7f)
        text->differs = *text->at++ != (char)byte;
    else if (byte == ' ' && *text->at == ' ')
        text->at++;
    else if ((unsigned char)*text->at >= 0x80)
        /* One letter of UTF-8 */
        do
            text->at++;
        while (((unsigned char)*text->at & 0xc0) == 0x80);
    else
        text->differs = strchr(".?_ ", *text->at++) == NULL;
    return !text->differs;
}

/** Whether the bytes so far stand there as text, and nothing else. */
static bool is_their_text(const struct hex_words *words, const char *at)
{
    struct as_text text = {.at = at};

    hex_words_each(words, compare_as_text, &text);
    return !text.differs && *text.at == '\0';
}

static bool is_set_off(const char *separators, size_t length)
{
    return length > 1 || *separators != ' ';
}

/** Whether a number was no byte: `5 bytes`, `3 ms`. */
static bool is_unit(const char *at)
{
    static const char *const units[] = {"bytes", "byte", "octets", "octet", "bits",  "data",
                                        "ms",    "us",   "s",      "sec",   "times", "of"};

    for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
        const char *end = at;

        if (scan_word_any_case(&end, units[i]) && !isalnum((unsigned char)*end))
            return true;
    }
    return false;
}

static bool is_ellipsis(const char *at)
{
    at += strspn(at, "[(");
    return strncmp(at, "..", 2) == 0 || strncmp(at, "\xe2\x80\xa6", 3) == 0;
}

/** What stands behind the bytes. @param set_off from them */
static void parse_rest(struct hex_words *words, const char *rest, bool set_off)
{
    if (*rest == '\0')
        return;
    words->cut = is_ellipsis(rest);
    words->total = hex_words_told(rest, words->count);
    words->rest = set_off || !isalnum((unsigned char)*rest) ? HEX_REST_SET_OFF : HEX_REST_WORDS;
}

static void add_word(struct hex_words *words, const struct hex_word *word)
{
    for (size_t i = 0; i < bytes_of(word) && words->count + i < 2; i++)
        words->first[words->count + i] = byte_of(word, i);
    words->count += bytes_of(word);
    words->plain &= word->plain;
}

/** A number of something else is no byte. */
static void drop_word(struct hex_words *words, const struct hex_word *word)
{
    words->count -= bytes_of(word);
    for (size_t i = words->count; i < 2; i++)
        words->first[i] = 0;
}

void hex_words_parse(struct hex_words *words, const char *at)
{
    struct hex_word word = {0};
    const char *last = at;
    bool set_off = false;
    bool opened;

    *words = (struct hex_words){.plain = true};
    opened = strchr("[{(", *at) != NULL && *at != '\0';
    at += opened ? 1 + strspn(at + 1, " \t") : 0;
    words->at = at;
    for (;;) {
        const char *start = at;
        size_t between;

        if (set_off && words->count > 0 && is_their_text(words, at))
            return;
        if (!scan_hex_word(&at, &word))
            break;
        last = start;
        add_word(words, &word);
        if (opened && *at != '\0' && strchr("]})", *at) != NULL) {
            at++;
            at += strspn(at, " \t");
            set_off = true;
            break;
        }
        between = strspn(at, SEPARATORS);
        set_off = is_set_off(at, between);
        at += between;
        if (between == 0 || *at == '\0')
            break;
    }
    if (words->count > 0 && is_unit(at)) {
        drop_word(words, &word);
        at = last;
    }
    parse_rest(words, at, set_off);
}

void hex_words_each(const struct hex_words *words, bool (*take)(void *context, uint8_t byte),
                    void *context)
{
    const char *at = words->at;
    struct hex_word word;

    for (size_t count = 0; count < words->count && scan_hex_word(&at, &word);
         at += strspn(at, SEPARATORS))
        for (size_t i = 0; i < bytes_of(&word); i++, count++)
            if (!take(context, byte_of(&word, i)))
                return;
}

bool hex_words_end(const char *line)
{
    for (bool begins = true; *line != '\0'; begins = strchr(SEPARATORS, *line++) != NULL) {
        struct hex_words words;

        if (!begins)
            continue;
        hex_words_parse(&words, line);
        if (words.count > 0 && words.plain && words.rest == HEX_REST_NONE)
            return true;
    }
    return false;
}

uint64_t hex_words_told(const char *text, uint64_t given)
{
    for (size_t skipped; *text != '\0'; text += skipped > 0 ? skipped : 1) {
        const char *end = text;
        uint64_t number;

        skipped = 0;
        while (isalnum((unsigned char)text[skipped]))
            skipped++;
        if (!scan_decimal(&end, &number) || number == 0 || number > TOLD_MAX)
            continue;
        scan_spaces(&end);
        if (strncmp(end, "of ", 3) == 0)
            return 0;
        if (scan_word_any_case(&end, "more"))
            return given + number;
        if (scan_word_any_case(&end, "data"))
            scan_spaces(&end);
        if (scan_word_any_case(&end, "byte") || scan_word_any_case(&end, "octet"))
            return number;
    }
    return 0;
}
