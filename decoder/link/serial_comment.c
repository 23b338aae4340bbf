/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The packet comments that say something: rate and framing of a serial port, and what was added.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "link/link.h"

static const struct {
    char letter;
    enum btap_parity parity;
} parities[] = {
    {'?', BTAP_PARITY_UNKNOWN}, {'N', BTAP_PARITY_NONE}, {'O', BTAP_PARITY_ODD},
    {'E', BTAP_PARITY_EVEN},    {'M', BTAP_PARITY_MARK}, {'S', BTAP_PARITY_SPACE},
};

static const struct {
    const char *words;
    uint8_t half_stop_bits;
} stops[] = {{"?", 0}, {"1", 2}, {"1.5", 3}, {"2", 4}};

static char parity_letter(enum btap_parity parity)
{
    for (size_t i = 0; i < sizeof(parities) / sizeof(parities[0]); i++)
        if (parities[i].parity == parity)
            return parities[i].letter;
    return '?';
}

static const char *stop_bits(uint8_t half_stop_bits)
{
    for (size_t i = 0; i < sizeof(stops) / sizeof(stops[0]); i++)
        if (stops[i].half_stop_bits == half_stop_bits)
            return stops[i].words;
    return "?";
}

const char *btap_serial_comment(const struct btap_serial_settings *settings, char *text,
                                size_t size)
{
    char baud[16] = "?";
    char data_bits[4] = "?";

    if (settings->baud != 0)
        snprintf(baud, sizeof(baud), "%" PRIu32, settings->baud);
    if (settings->data_bits != 0)
        snprintf(data_bits, sizeof(data_bits), "%u", (unsigned)settings->data_bits);
    snprintf(text, size, BTAP_SERIAL_COMMENT "%s %s%c%s", baud, data_bits,
             parity_letter(settings->parity), stop_bits(settings->half_stop_bits));
    return text;
}

/** What is left of a comment. */
struct rest {
    const char *text;
    uint32_t length;
};

/** Takes words off the front. @return false: others stand there */
static bool take(struct rest *rest, const char *words)
{
    const size_t length = strlen(words);

    if (rest->length < length || memcmp(rest->text, words, length) != 0)
        return false;
    rest->text += length;
    rest->length -= (uint32_t)length;
    return true;
}

/** Takes a number, or `?` for 0. @return false: neither stands there, or it does not fit */
static bool take_number(struct rest *rest, uint64_t max, uint64_t *number)
{
    const uint32_t before = rest->length;

    *number = 0;
    if (take(rest, "?"))
        return true;
    while (rest->length > 0 && *rest->text >= '0' && *rest->text <= '9') {
        *number = 10 * *number + (uint64_t)(*rest->text - '0');
        if (*number > max)
            return false;
        rest->text++;
        rest->length--;
    }
    return rest->length < before;
}

static bool take_parity(struct rest *rest, enum btap_parity *parity)
{
    for (size_t i = 0; i < sizeof(parities) / sizeof(parities[0]); i++) {
        const char letter[2] = {parities[i].letter};

        *parity = parities[i].parity;
        if (take(rest, letter))
            return true;
    }
    return false;
}

/** The stop bits are all that is left. */
static bool take_stop_bits(const struct rest *rest, uint8_t *half_stop_bits)
{
    for (size_t i = 0; i < sizeof(stops) / sizeof(stops[0]); i++) {
        struct rest behind = *rest;

        *half_stop_bits = stops[i].half_stop_bits;
        if (take(&behind, stops[i].words) && behind.length == 0)
            return true;
    }
    return false;
}

bool link_parse_serial_word(const char *text, uint32_t length, enum btap_serial_event_kind *kind)
{
    static const struct {
        const char *comment;
        enum btap_serial_event_kind kind;
    } words[] = {
        {BTAP_SERIAL_TIMEOUT_COMMENT, BTAP_SERIAL_TIMEOUT},
        {BTAP_SERIAL_COMMAND_COMMENT, BTAP_SERIAL_COMMAND},
    };

    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        if (length == strlen(words[i].comment) && memcmp(text, words[i].comment, length) == 0) {
            *kind = words[i].kind;
            return true;
        }
    return false;
}

bool link_parse_serial_comment(const char *text, uint32_t length,
                               struct btap_serial_settings *settings)
{
    struct rest rest = {text, length};
    uint64_t baud;
    uint64_t data_bits;

    if (!take(&rest, BTAP_SERIAL_COMMENT) || !take_number(&rest, UINT32_MAX, &baud) ||
        !take(&rest, " ") || !take_number(&rest, 9, &data_bits) ||
        !take_parity(&rest, &settings->parity) || !take_stop_bits(&rest, &settings->half_stop_bits))
        return false;
    settings->baud = (uint32_t)baud;
    settings->data_bits = (uint8_t)data_bits;
    return true;
}

static bool begins_with(const char *comment, uint32_t length, const char *words)
{
    return length >= strlen(words) && memcmp(comment, words, strlen(words)) == 0;
}

void btap_record_comment(struct btap_record *record, const char *comment, uint32_t length)
{
    const bool usb = record->linktype == BTAP_LINKTYPE_USB_LINUX ||
                     record->linktype == BTAP_LINKTYPE_USB_LINUX_MMAPPED;

    record->added |= usb && begins_with(comment, length, BTAP_ADDED_COMMENT);
    if (record->linktype != BTAP_LINKTYPE_RTAC_SERIAL || record->comment != NULL ||
        !begins_with(comment, length, BTAP_SERIAL_COMMENT))
        return;
    record->comment = comment;
    record->comment_length = length;
}
