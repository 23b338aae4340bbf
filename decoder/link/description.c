/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What the description of an interface says about its records.
 */
#include <stdio.h>
#include <string.h>

#include "boottap/record.h"

#define WITHOUT "without "

static const struct {
    const char *words;
    enum btap_lack lack;
} lacks_words[] = {
    {"replies", BTAP_LACKS_REPLIES},
    {"times", BTAP_LACKS_TIMES},
    {"poll times", BTAP_LACKS_POLL_TIMES},
    {"data", BTAP_LACKS_DATA},
};

#define LACKS (sizeof(lacks_words) / sizeof(lacks_words[0]))

/** `without replies, times: ` @param[out] text zero-terminated; empty where nothing is lacking */
static void write_lacks(uint32_t lacks, char *text, size_t size)
{
    size_t length = 0;

    text[0] = '\0';
    for (size_t i = 0; i < LACKS; i++)
        if ((lacks & lacks_words[i].lack) != 0)
            length += (size_t)snprintf(text + length, size - length, "%s%s",
                                       length == 0 ? WITHOUT : ", ", lacks_words[i].words);
    if (length > 0)
        snprintf(text + length, size - length, ": ");
}

const char *btap_interface_description(bool at_tool, uint32_t lacks, const char *words, char *text,
                                       size_t size)
{
    const char *prefix = "";
    char without[64];

    write_lacks(lacks, without, sizeof(without));
    if (at_tool)
        prefix = BTAP_AT_TOOL;
    else if (without[0] != '\0')
        prefix = BTAP_FROM_LOG;
    /* Words that were read from a capture may have it already. */
    if (strncmp(words, prefix, strlen(prefix)) == 0)
        words += strlen(prefix);
    if (strncmp(words, without, strlen(without)) == 0)
        words += strlen(without);
    snprintf(text, size, "%s%s%s", prefix, without, words);
    return text;
}

/** What is left of a description. */
struct rest {
    const char *text;
    size_t length;
};

static bool skip(struct rest *rest, const char *words)
{
    const size_t length = strlen(words);

    if (rest->length < length || memcmp(rest->text, words, length) != 0)
        return false;
    rest->text += length;
    rest->length -= length;
    return true;
}

/** The word that comes next, of those that may be lacking. @return its bit; 0: a later version's */
static uint32_t skip_lack(struct rest *rest)
{
    for (size_t i = 0; i < LACKS; i++)
        if (skip(rest, lacks_words[i].words))
            return lacks_words[i].lack;
    while (rest->length > 0 && *rest->text != ',' && *rest->text != ':')
        *rest = (struct rest){rest->text + 1, rest->length - 1};
    return 0;
}

void btap_record_description(struct btap_record *record, const char *description, size_t length)
{
    struct rest rest = {description, length};
    uint32_t lacks = 0;

    if (skip(&rest, BTAP_AT_TOOL))
        record->at_tool = true;
    else if (!skip(&rest, BTAP_FROM_LOG))
        return;
    if (!skip(&rest, WITHOUT))
        return;
    do
        lacks |= skip_lack(&rest);
    while (skip(&rest, ", "));
    if (skip(&rest, ": "))
        record->lacks = lacks;
}
