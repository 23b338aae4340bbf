/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "formats/can/candump_screen.h"

#include <string.h>

#define STANDARD_DIGITS   3u
#define EXTENDED_DIGITS   8u
#define ID_WITH_FLAGS_MAX 0x3fffffffu
#define BINARY_DIGITS     8u
#define SWAP_MARK         '`'
#define FD_DIGITS         2u /* in the brackets */
#define XL_DIGITS         4u
#define OLD_BLANKS        2u /* around the identifier */
#define OLD_LENGTH_SIZE   3u /* `[8]` */

/** `TX B -`: direction, whether the rate is switched, whether the sender is error-passive */
static size_t parse_extra(const struct words *words, size_t at, struct can_told *told)
{
    if (!can_log_direction(told, words->at[at])) {
        told->flags_untold = true;
        return at;
    }
    if (words->at[at + 1].length != 1 || words->at[at + 2].length != 1)
        return at + 1;
    told->frame.flags = (word_is(words->at[at + 1], "B") ? CANFD_BRS : 0) |
                        (word_is(words->at[at + 2], "E") ? CANFD_ESI : 0);
    return at + 3;
}

/** Blanks before a word. */
static size_t blanks_before(const struct words *words, size_t at)
{
    const struct word before = words->at[at - 1];

    return (size_t)(words->at[at].at - before.at) - before.length;
}

/**
 * How many digits the identifier has. Older can-utils print blanks in place of its leading zeros,
 * with two blanks before it and two behind it; later ones print three behind it, or two digits of a
 * length.
 *
 * @return 0: none of an identifier
 */
static size_t id_digits(const struct words *words, size_t at)
{
    const size_t length = words->at[at].length;
    const size_t width = blanks_before(words, at) + length - OLD_BLANKS;
    const bool old = words->at[at + 1].length == OLD_LENGTH_SIZE &&
                     blanks_before(words, at + 1) == OLD_BLANKS &&
                     (width == STANDARD_DIGITS || width == EXTENDED_DIGITS);

    if (old && length <= width)
        return width;
    return length == STANDARD_DIGITS || length == EXTENDED_DIGITS ? length : 0;
}

static bool parse_id(const struct words *words, size_t at, struct can_told *told)
{
    const size_t digits = id_digits(words, at);
    uint64_t id;

    if (digits == 0 || !word_number(words->at[at], 16, ID_WITH_FLAGS_MAX, &id))
        return false;
    if (digits == EXTENDED_DIGITS && (id & CAN_ERR_FLAG) != 0) {
        told->frame.can_id = (canid_t)id;
        return true;
    }
    return can_log_id(told, id, digits == EXTENDED_DIGITS);
}

/** What stands between the marks of a word. @return "": it has not these marks */
static struct word between(struct word word, char open, char close)
{
    if (word.length < 3 || word.at[0] != open || word.at[word.length - 1] != close)
        return (struct word){word.at, 0};
    return (struct word){word.at + 1, word.length - 2};
}

/** `[8]`, `[08]`, or `{B}` for a length code over 8. @return CANDUMP_SCREEN if it is known */
static enum candump_kind parse_length(struct word word, struct can_told *told)
{
    const struct word raw = between(word, '{', '}');
    const struct word digits = between(word, '[', ']');
    uint64_t length;

    if (raw.length == 1 && word_number(raw, 16, 15, &length))
        return length > CAN_MAX_DLEN && can_log_dlc(told, length) ? CANDUMP_SCREEN
                                                                  : CANDUMP_DAMAGED;
    if (digits.length == 0 || !word_number(digits, 10, 2048, &length))
        return CANDUMP_NONE;
    if (digits.length == XL_DIGITS)
        return CANDUMP_OTHER;
    told->fd = digits.length == FD_DIGITS;
    return can_log_length(told, length) ? CANDUMP_SCREEN : CANDUMP_DAMAGED;
}

static bool parse_byte(struct word word, uint8_t *byte)
{
    uint64_t value;

    if (!(word.length == BINARY_DIGITS ? word_number(word, 2, UINT8_MAX, &value)
                                       : word.length == 2 && word_number(word, 16, 255, &value)))
        return false;
    *byte = (uint8_t)value;
    return true;
}

/** ``EF`BE`AD`DE``: the last byte first */
static bool parse_swapped(struct word word, struct can_told *told)
{
    struct words bytes;

    words_fields(&bytes, word.at, word.length, SWAP_MARK);
    if (bytes.length != told->frame.len)
        return false;
    for (size_t i = 0; i < bytes.length; i++)
        if (!parse_byte(bytes.at[i], &told->frame.data[bytes.length - 1 - i]))
            return false;
    return true;
}

/** The bytes. @return the word behind them; 0: they are not there */
static size_t parse_data(const struct words *words, size_t at, struct can_told *told)
{
    const struct word first = words->at[at];

    if (told->frame.len == 0)
        return at;
    if (told->frame.len > 1 && word_find(first, SWAP_MARK) != NULL)
        return parse_swapped(first, told) ? at + 1 : 0;
    for (size_t i = 0; i < told->frame.len; i++, at++)
        if (at >= words->length || !parse_byte(words->at[at], &told->frame.data[i]))
            return 0;
    return at;
}

/** Whether what follows the bytes may: their letters (-a), or what candump calls the frame. */
static bool may_follow(struct word word)
{
    return word.length == 0 || *word.at == '\'' || *word.at == SWAP_MARK ||
           word_starts(word, "ERRORFRAME");
}

/** The bytes, and what follows them. */
static enum candump_kind parse_payload(const struct words *words, size_t at, struct can_told *told)
{
    if (word_is(words->at[at], "remote")) {
        can_log_remote(told);
        return CANDUMP_SCREEN;
    }
    at = parse_data(words, at, told);
    return at > 0 && (at >= WORDS_MAX || may_follow(words->at[at])) ? CANDUMP_SCREEN
                                                                    : CANDUMP_DAMAGED;
}

enum candump_kind candump_parse_screen(const struct words *words, size_t at, struct can_told *told)
{
    enum candump_kind kind;

    can_log_interface(told, words->at[at]);
    at = parse_extra(words, at + 1, told);
    if (at + 1 >= words->length || !parse_id(words, at, told))
        return CANDUMP_NONE;
    kind = parse_length(words->at[at + 1], told);
    if (!told->fd)
        told->flags_untold = false;
    return kind == CANDUMP_SCREEN ? parse_payload(words, at + 2, told) : kind;
}
