/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "boottap/comparison.h"

#include <stdio.h>
#include <string.h>

#include "model/text.h"

#define NS_PER_US     1000
#define NS_PER_SECOND 1000000000
#define MILLION       1000000

/** How an aspect is compared. */
enum how {
    NORMAL = 1 << 0, /**< unless it is left out */
    STEP = 1 << 1,   /**< a part of what the transaction is about */
    AMOUNT = 1 << 2, /**< tolerances apply */
};

/** In place of a member: the aspect is more or something else than one. */
#define NO_MEMBER BTAP_MEMBER_COUNT

static const struct {
    const char *name;
    enum btap_member member;
    enum btap_format format;
    unsigned how;
} aspects[BTAP_ASPECT_COUNT] = {
#define BTAP_MEMBER_DEF(id, key, format, present, number)
#define BTAP_COMPARED_DEF(id, key, format, present, number, how)                                   \
    [BTAP_ASPECT_##id] = {key, BTAP_MEMBER_##id, BTAP_FORMAT_##format, how},
#include "boottap/transaction.def"
#undef BTAP_MEMBER_DEF
#undef BTAP_COMPARED_DEF
    [BTAP_ASPECT_TRANSPORT] = {"transport", NO_MEMBER, BTAP_FORMAT_DECIMAL, NORMAL},
    [BTAP_ASPECT_CRC32] = {"crc32", NO_MEMBER, BTAP_FORMAT_HEX8, NORMAL},
    [BTAP_ASPECT_WARNINGS] = {"warnings", NO_MEMBER, BTAP_FORMAT_DECIMAL, NORMAL},
    [BTAP_ASPECT_NOTES] = {"notes", NO_MEMBER, BTAP_FORMAT_DECIMAL, 0},
    [BTAP_ASPECT_PAUSE] = {"pause", NO_MEMBER, BTAP_FORMAT_SECONDS, AMOUNT},
};

_Static_assert(BTAP_ASPECT_COUNT <= 64, "aspects are bits of a uint64_t");
_Static_assert(BTAP_NOTE_COUNT <= 256, "notes are bits of four uint64_t");

/** What an aspect of a transaction is, as a number. */
struct value {
    bool present;
    uint64_t number;
};

/** Spreads a number over 64 bits: the finaliser of MurmurHash3, which maps one to one. */
static uint64_t spread(uint64_t number)
{
    number ^= number >> 33;
    number *= UINT64_C(0xff51afd7ed558ccd);
    number ^= number >> 33;
    number *= UINT64_C(0xc4ceb9fe1a85ec53);
    return number ^ (number >> 33);
}

static uint64_t fold(uint64_t sum, uint64_t number)
{
    return spread(sum ^ spread(number + UINT64_C(0x9e3779b97f4a7c15)));
}

struct btap_comparison btap_comparison_default(void)
{
    struct btap_comparison comparison = {0};

    for (unsigned i = 0; i < BTAP_ASPECT_COUNT; i++)
        if (aspects[i].how & NORMAL)
            comparison.aspects |= BTAP_ASPECT_BIT(i);
    return comparison;
}

const char *btap_aspect_name(enum btap_aspect aspect)
{
    return (unsigned)aspect < BTAP_ASPECT_COUNT ? aspects[aspect].name : "unknown";
}

bool btap_aspect_by_name(const char *name, enum btap_aspect *aspect)
{
    for (unsigned i = 0; i < BTAP_ASPECT_COUNT; i++)
        if (strcmp(aspects[i].name, name) == 0) {
            *aspect = (enum btap_aspect)i;
            return true;
        }
    return false;
}

bool btap_aspect_is_amount(enum btap_aspect aspect)
{
    return (aspects[aspect].how & AMOUNT) != 0;
}

bool btap_aspect_is_time(enum btap_aspect aspect)
{
    const enum btap_format format = aspects[aspect].format;

    return format == BTAP_FORMAT_SECONDS || format == BTAP_FORMAT_MILLISECONDS ||
           format == BTAP_FORMAT_WHOLE_MILLISECONDS;
}

static struct value value_if(bool present, uint64_t number)
{
    return (struct value){present, present ? number : 0};
}

static struct value list_value(const struct btap_comparison *comparison,
                               const struct btap_transaction *transaction)
{
    const bool any_order =
        comparison->any_list_order && transaction->list_kind != BTAP_LIST_COMMANDS;
    uint64_t sum = 0;

    for (uint32_t i = 0; i < btap_transaction_list_kept(transaction); i++)
        sum = any_order ? sum + spread(transaction->list[i] + UINT64_C(1))
                        : fold(sum, transaction->list[i]);
    sum = fold(sum, transaction->list_announced);
    sum = fold(sum, transaction->list_length);
    return value_if(transaction->list_kind != BTAP_LIST_NONE, fold(sum, transaction->list_kind));
}

static bool note_counts(const struct btap_comparison *comparison, enum btap_note_id id, bool all)
{
    if (comparison->without_retries &&
        (id == BTAP_NOTE_HOST_RETRY || id == BTAP_NOTE_SYNC_REPEATED))
        return false;
    return all || btap_note_severity(id) >= BTAP_WARN;
}

/** The notes as a set: how often one came, and in which order, says nothing. */
static struct value notes_value(const struct btap_comparison *comparison,
                                const struct btap_transaction *transaction, bool all)
{
    uint64_t seen[4] = {0};
    uint64_t sum = 0;

    if (transaction->notes_length == 0)
        return (struct value){0};
    for (uint32_t i = 0; i < btap_transaction_notes_kept(transaction); i++) {
        const enum btap_note_id id = transaction->notes[i].id;

        if (note_counts(comparison, id, all))
            seen[id / 64] |= UINT64_C(1) << (id % 64);
    }
    if ((seen[0] | seen[1] | seen[2] | seen[3]) == 0)
        return (struct value){0};
    for (unsigned i = 0; i < 4; i++)
        sum = fold(sum, seen[i]);
    return value_if(true, sum);
}

static struct value special_status_value(const struct btap_transaction *transaction)
{
    uint64_t sum = transaction->special_status_length;

    if (!(transaction->has & BTAP_HAS_SPECIAL_STATUS))
        return (struct value){0};
    for (uint32_t i = 0; i < btap_transaction_status_kept(transaction); i++)
        sum = fold(sum, transaction->special_status[i]);
    return value_if(true, sum);
}

static struct value member_value(const struct btap_transaction *transaction,
                                 enum btap_member member)
{
    uint64_t number;
    const bool present = btap_member_number(transaction, member, &number);

    return value_if(present, number);
}

static struct value value_of(const struct btap_comparison *comparison, enum btap_aspect aspect,
                             const struct btap_compared *compared)
{
    const struct btap_transaction *transaction = compared->transaction;

    switch (aspect) {
    case BTAP_ASPECT_TRANSPORT:
        return value_if(true, transaction->transport);
    case BTAP_ASPECT_CRC32:
        return value_if(compared->has_crc32, compared->crc32);
    case BTAP_ASPECT_PAUSE:
        return value_if((transaction->lacks & BTAP_LACKS_TIMES) == 0, (uint64_t)compared->pause);
    case BTAP_ASPECT_BLOCK:
        return value_if((transaction->has & (BTAP_HAS_BLOCK | BTAP_HAS_ADDRESS)) == BTAP_HAS_BLOCK,
                        transaction->block);
    case BTAP_ASPECT_LIST:
        return list_value(comparison, transaction);
    case BTAP_ASPECT_SPECIAL_STATUS:
        return special_status_value(transaction);
    case BTAP_ASPECT_WARNINGS:
    case BTAP_ASPECT_NOTES:
        return notes_value(comparison, transaction, aspect == BTAP_ASPECT_NOTES);
    default:
        return member_value(transaction, aspects[aspect].member);
    }
}

static uint64_t key_of(const struct btap_comparison *comparison,
                       const struct btap_compared *compared, uint64_t wanted)
{
    uint64_t sum = 0;

    for (unsigned i = 0; i < BTAP_ASPECT_COUNT; i++) {
        struct value value;

        if (!(wanted & BTAP_ASPECT_BIT(i)))
            continue;
        value = value_of(comparison, (enum btap_aspect)i, compared);
        if (value.present)
            sum = fold(sum + i, value.number);
    }
    return sum;
}

uint64_t btap_comparison_key(const struct btap_comparison *comparison,
                             const struct btap_compared *compared)
{
    return key_of(comparison, compared, comparison->aspects & ~comparison->tolerated);
}

uint64_t btap_comparison_step(const struct btap_comparison *comparison,
                              const struct btap_compared *compared)
{
    uint64_t wanted = 0;

    for (unsigned i = 0; i < BTAP_ASPECT_COUNT; i++)
        if (aspects[i].how & STEP)
            wanted |= BTAP_ASPECT_BIT(i);
    return key_of(comparison, compared, wanted & comparison->aspects);
}

static bool within(const struct btap_tolerance *tolerance, uint64_t first, uint64_t second)
{
    const uint64_t distance = first < second ? second - first : first - second;

    if (distance <= tolerance->absolute)
        return true;
    /* first * relative may not fit; what is divided off is less than a millionth */
    return distance <=
           first / MILLION * tolerance->relative + first % MILLION * tolerance->relative / MILLION;
}

/** What records must tell for an aspect: a set of enum btap_lack. */
static uint32_t needs_of(enum btap_aspect aspect)
{
    if (aspect == BTAP_ASPECT_POLL_TIMEOUT)
        return BTAP_LACKS_POLL_TIMES;
    return btap_aspect_is_time(aspect) ? BTAP_LACKS_TIMES : 0;
}

static bool differs(const struct btap_comparison *comparison, enum btap_aspect aspect,
                    const struct btap_compared *first, const struct btap_compared *second)
{
    const struct value one = value_of(comparison, aspect, first);
    const struct value other = value_of(comparison, aspect, second);

    if (((first->transaction->lacks | second->transaction->lacks) & needs_of(aspect)) != 0)
        return false;
    if (one.present != other.present)
        return true;
    if (comparison->tolerated & BTAP_ASPECT_BIT(aspect))
        return !within(&comparison->tolerances[aspect], one.number, other.number);
    return one.number != other.number;
}

uint64_t btap_comparison_differences(const struct btap_comparison *comparison,
                                     const struct btap_compared *first,
                                     const struct btap_compared *second)
{
    uint64_t found = 0;

    for (unsigned i = 0; i < BTAP_ASPECT_COUNT; i++)
        if ((comparison->aspects & BTAP_ASPECT_BIT(i)) &&
            differs(comparison, (enum btap_aspect)i, first, second))
            found |= BTAP_ASPECT_BIT(i);
    return found;
}

static void append_notes(struct text *text, const struct btap_transaction *transaction, bool all)
{
    for (uint32_t i = 0; i < btap_transaction_notes_kept(transaction); i++) {
        const enum btap_note_id id = transaction->notes[i].id;

        if (all || btap_note_severity(id) >= BTAP_WARN)
            text_append(text, "%s%s", text->length > 0 ? ", " : "", btap_note_name(id));
    }
}

static void append_special_status(struct text *text, const struct btap_transaction *transaction)
{
    for (uint32_t i = 0; i < btap_transaction_status_kept(transaction); i++)
        text_append(text, i > 0 ? " %02x" : "%02x", transaction->special_status[i]);
}

/** Runs of successive numbers as `0-9`. */
static void append_list(struct text *text, const struct btap_transaction *transaction)
{
    const uint32_t kept = btap_transaction_list_kept(transaction);
    uint32_t i = 0;

    while (i < kept) {
        const unsigned first = transaction->list[i];
        unsigned last = first;

        text_append(text, i > 0 ? " %u" : "%u", first);
        for (i++; i < kept && transaction->list[i] == last + 1; i++)
            last++;
        if (last > first)
            text_append(text, "-%u", last);
    }
    if (transaction->list_announced > kept)
        text_append(text, "%sof %u", kept > 0 ? ", " : "", (unsigned)transaction->list_announced);
}

static void time_text(uint64_t ns, char *text, size_t size)
{
    snprintf(text, size, "%llu.%06llu s", (unsigned long long)(ns / NS_PER_SECOND),
             (unsigned long long)(ns % NS_PER_SECOND / NS_PER_US));
}

static void number_text(enum btap_format format, uint64_t number, char *text, size_t size)
{
    const unsigned value = (unsigned)number;

    switch (format) {
    case BTAP_FORMAT_HEX2:
        snprintf(text, size, "0x%02x", value);
        return;
    case BTAP_FORMAT_HEX3:
        snprintf(text, size, "0x%03x", value);
        return;
    case BTAP_FORMAT_HEX4:
    case BTAP_FORMAT_BYTE_PAIR:
        snprintf(text, size, "0x%04x", value);
        return;
    case BTAP_FORMAT_HEX8:
        snprintf(text, size, "0x%08x", value);
        return;
    case BTAP_FORMAT_VERSION:
        snprintf(text, size, "%u.%u", value >> 4, value & 0xf);
        return;
    default:
        snprintf(text, size, "%u", value);
        return;
    }
}

bool btap_aspect_is_present(enum btap_aspect aspect, const struct btap_compared *compared)
{
    static const struct btap_comparison all = {0};

    return value_of(&all, aspect, compared).present;
}

const char *btap_aspect_text(enum btap_aspect aspect, const struct btap_compared *compared,
                             char *text, size_t size)
{
    static const struct btap_comparison all = {0};
    const struct btap_transaction *transaction = compared->transaction;
    const struct value value = value_of(&all, aspect, compared);
    const char *word = aspect == BTAP_ASPECT_TRANSPORT
                           ? btap_transport_name(transaction->transport)
                           : btap_format_word(aspects[aspect].format, value.number);
    struct text words = text_begin(text, size);

    if (!value.present)
        snprintf(text, size, "-");
    else if (word != NULL)
        snprintf(text, size, "%s", word);
    else if (btap_aspect_is_time(aspect))
        time_text(value.number, text, size);
    else if (aspect == BTAP_ASPECT_LIST)
        append_list(&words, transaction);
    else if (aspect == BTAP_ASPECT_SPECIAL_STATUS)
        append_special_status(&words, transaction);
    else if (aspect == BTAP_ASPECT_WARNINGS || aspect == BTAP_ASPECT_NOTES)
        append_notes(&words, transaction, aspect == BTAP_ASPECT_NOTES);
    else
        number_text(aspects[aspect].format, value.number, text, size);
    return text;
}
