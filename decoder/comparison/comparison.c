/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "boottap/comparison.h"

#include <stdio.h>
#include <string.h>

#define NS_PER_US     1000
#define NS_PER_SECOND 1000000000
#define MILLION       1000000

/** Kinds of aspects. */
enum aspect_flag {
    NORMAL = 1 << 0, /**< compared unless it is left out */
    STEP = 1 << 1,   /**< a part of what the transaction is about */
    AMOUNT = 1 << 2, /**< tolerances apply */
    TIME = 1 << 3,   /**< in nanoseconds */
};

static const struct aspect_row {
    const char *name;
    unsigned flags;
} aspects[BTAP_ASPECT_COUNT] = {
    [BTAP_ASPECT_TRANSPORT] = {"transport", NORMAL},
    [BTAP_ASPECT_COMMAND] = {"command", NORMAL | STEP},
    [BTAP_ASPECT_OPCODE] = {"opcode", NORMAL | STEP},
    [BTAP_ASPECT_STATUS] = {"status", NORMAL},
    [BTAP_ASPECT_PHASE] = {"phase", NORMAL},
    [BTAP_ASPECT_ADDRESS] = {"address", NORMAL | STEP},
    [BTAP_ASPECT_BLOCK] = {"block", NORMAL | STEP},
    [BTAP_ASPECT_LENGTH] = {"length", NORMAL | AMOUNT},
    [BTAP_ASPECT_TRANSFERRED] = {"transferred", NORMAL | AMOUNT},
    [BTAP_ASPECT_CRC32] = {"crc32", NORMAL},
    [BTAP_ASPECT_ERASE] = {"erase", NORMAL | STEP},
    [BTAP_ASPECT_LIST] = {"list", NORMAL},
    [BTAP_ASPECT_VERSION] = {"version", NORMAL},
    [BTAP_ASPECT_OPTION_BYTES] = {"option_bytes", NORMAL},
    [BTAP_ASPECT_PID] = {"pid", NORMAL},
    [BTAP_ASPECT_CHECKSUM] = {"checksum", NORMAL},
    [BTAP_ASPECT_POLYNOMIAL] = {"polynomial", NORMAL},
    [BTAP_ASPECT_INITIAL] = {"initial", NORMAL},
    [BTAP_ASPECT_SUBCOMMAND] = {"subcommand", NORMAL | STEP},
    [BTAP_ASPECT_SENT_LENGTH] = {"sent_length", NORMAL | AMOUNT},
    [BTAP_ASPECT_SENT2_LENGTH] = {"sent2_length", NORMAL | AMOUNT},
    [BTAP_ASPECT_RECEIVED_LENGTH] = {"received_length", NORMAL | AMOUNT},
    [BTAP_ASPECT_SPECIAL_STATUS] = {"special_status", NORMAL},
    [BTAP_ASPECT_DFU_STATE] = {"dfu_state", NORMAL},
    [BTAP_ASPECT_DFU_STATUS] = {"dfu_status", NORMAL},
    [BTAP_ASPECT_ALTERNATE] = {"alternate", NORMAL},
    [BTAP_ASPECT_REQUEST_ID] = {"request_id", NORMAL},
    [BTAP_ASPECT_REPLY_ID] = {"reply_id", NORMAL},
    [BTAP_ASPECT_WARNINGS] = {"warnings", NORMAL},
    [BTAP_ASPECT_NOTES] = {"notes", 0},
    [BTAP_ASPECT_DURATION] = {"duration", AMOUNT | TIME},
    [BTAP_ASPECT_PAUSE] = {"pause", AMOUNT | TIME},
    [BTAP_ASPECT_POLLS] = {"polls", AMOUNT},
    [BTAP_ASPECT_BUSY] = {"busy_ms", AMOUNT | TIME},
    [BTAP_ASPECT_POLL_TIMEOUT] = {"poll_timeout_ms", AMOUNT | TIME},
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
        if (aspects[i].flags & NORMAL)
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
    return (aspects[aspect].flags & AMOUNT) != 0;
}

bool btap_aspect_is_time(enum btap_aspect aspect)
{
    return (aspects[aspect].flags & TIME) != 0;
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
    for (uint32_t i = 0; i < BTAP_SPECIAL_STATUS_MAX && i < transaction->special_status_length; i++)
        sum = fold(sum, transaction->special_status[i]);
    return value_if(true, sum);
}

/** What the command asks for. */
static struct value request_value(const struct btap_comparison *comparison, enum btap_aspect aspect,
                                  const struct btap_compared *compared)
{
    const struct btap_transaction *transaction = compared->transaction;
    const uint32_t has = transaction->has;

    switch (aspect) {
    case BTAP_ASPECT_TRANSPORT:
        return value_if(true, transaction->transport);
    case BTAP_ASPECT_COMMAND:
        return value_if(true, transaction->command);
    case BTAP_ASPECT_OPCODE:
        return value_if(has & BTAP_HAS_OPCODE, transaction->opcode);
    case BTAP_ASPECT_ADDRESS:
        return value_if(has & BTAP_HAS_ADDRESS, transaction->address);
    case BTAP_ASPECT_BLOCK:
        return value_if((has & BTAP_HAS_BLOCK) && !(has & BTAP_HAS_ADDRESS), transaction->block);
    case BTAP_ASPECT_LENGTH:
        return value_if(has & BTAP_HAS_LENGTH, transaction->length);
    case BTAP_ASPECT_TRANSFERRED:
        return value_if((has & BTAP_HAS_LENGTH) || transaction->transferred > 0,
                        transaction->transferred);
    case BTAP_ASPECT_CRC32:
        return value_if(compared->has_crc32, compared->crc32);
    case BTAP_ASPECT_ERASE:
        return value_if(transaction->erase != BTAP_ERASE_NONE, transaction->erase);
    case BTAP_ASPECT_SUBCOMMAND:
        return value_if(has & BTAP_HAS_SUBCOMMAND, transaction->subcommand);
    case BTAP_ASPECT_SENT_LENGTH:
        return value_if(has & BTAP_HAS_SUBCOMMAND, transaction->sent_length);
    case BTAP_ASPECT_SENT2_LENGTH:
        return value_if(transaction->command == BTAP_EXTENDED_SPECIAL, transaction->sent2_length);
    case BTAP_ASPECT_ALTERNATE:
        return value_if(transaction->transport == BTAP_DFU, transaction->alternate);
    case BTAP_ASPECT_REQUEST_ID:
        return value_if(has & BTAP_HAS_CAN_ID, transaction->request_id);
    default:
        return list_value(comparison, transaction);
    }
}

/** What came of it. */
static struct value answer_value(const struct btap_comparison *comparison, enum btap_aspect aspect,
                                 const struct btap_transaction *transaction)
{
    const uint32_t has = transaction->has;

    switch (aspect) {
    case BTAP_ASPECT_STATUS:
        return value_if(true, transaction->status);
    case BTAP_ASPECT_PHASE:
        return value_if(transaction->phase != BTAP_PHASE_NONE, transaction->phase);
    case BTAP_ASPECT_VERSION:
        return value_if(has & BTAP_HAS_VERSION, transaction->version);
    case BTAP_ASPECT_OPTION_BYTES:
        return value_if(has & BTAP_HAS_OPTION_BYTES,
                        (uint64_t)transaction->option_bytes[0] << 8 | transaction->option_bytes[1]);
    case BTAP_ASPECT_PID:
        return value_if(has & BTAP_HAS_PID, transaction->pid);
    case BTAP_ASPECT_CHECKSUM:
        return value_if(has & BTAP_HAS_CHECKSUM, transaction->checksum);
    case BTAP_ASPECT_POLYNOMIAL:
        return value_if(has & BTAP_HAS_POLYNOMIAL, transaction->polynomial);
    case BTAP_ASPECT_INITIAL:
        return value_if(has & BTAP_HAS_INITIAL, transaction->initial);
    case BTAP_ASPECT_RECEIVED_LENGTH:
        return value_if(has & BTAP_HAS_SUBCOMMAND, transaction->received_length);
    case BTAP_ASPECT_SPECIAL_STATUS:
        return special_status_value(transaction);
    case BTAP_ASPECT_DFU_STATE:
        return value_if(has & (BTAP_HAS_DFU_STATUS | BTAP_HAS_DFU_STATE), transaction->dfu_state);
    case BTAP_ASPECT_DFU_STATUS:
        return value_if(has & BTAP_HAS_DFU_STATUS, transaction->dfu_status);
    case BTAP_ASPECT_REPLY_ID:
        return value_if(has & BTAP_HAS_REPLY_ID, transaction->reply_id);
    case BTAP_ASPECT_WARNINGS:
        return notes_value(comparison, transaction, false);
    default:
        return notes_value(comparison, transaction, true);
    }
}

static struct value value_of(const struct btap_comparison *comparison, enum btap_aspect aspect,
                             const struct btap_compared *compared)
{
    const struct btap_transaction *transaction = compared->transaction;
    const bool polled = (transaction->has & BTAP_HAS_POLLS) != 0;

    switch (aspect) {
    case BTAP_ASPECT_DURATION:
        return value_if(true, (uint64_t)transaction->duration);
    case BTAP_ASPECT_PAUSE:
        return value_if(true, (uint64_t)compared->pause);
    case BTAP_ASPECT_POLLS:
        return value_if(polled, transaction->polls);
    case BTAP_ASPECT_BUSY:
        return value_if(polled, (uint64_t)transaction->busy);
    case BTAP_ASPECT_POLL_TIMEOUT:
        return value_if(polled, (uint64_t)transaction->poll_timeout_ms * MILLION);
    case BTAP_ASPECT_STATUS:
    case BTAP_ASPECT_PHASE:
    case BTAP_ASPECT_VERSION:
    case BTAP_ASPECT_OPTION_BYTES:
    case BTAP_ASPECT_PID:
    case BTAP_ASPECT_CHECKSUM:
    case BTAP_ASPECT_POLYNOMIAL:
    case BTAP_ASPECT_INITIAL:
    case BTAP_ASPECT_RECEIVED_LENGTH:
    case BTAP_ASPECT_SPECIAL_STATUS:
    case BTAP_ASPECT_DFU_STATE:
    case BTAP_ASPECT_DFU_STATUS:
    case BTAP_ASPECT_REPLY_ID:
    case BTAP_ASPECT_WARNINGS:
    case BTAP_ASPECT_NOTES:
        return answer_value(comparison, aspect, transaction);
    default:
        return request_value(comparison, aspect, compared);
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
        if (aspects[i].flags & STEP)
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

static bool differs(const struct btap_comparison *comparison, enum btap_aspect aspect,
                    const struct btap_compared *first, const struct btap_compared *second)
{
    const struct value one = value_of(comparison, aspect, first);
    const struct value other = value_of(comparison, aspect, second);

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

static void notes_text(const struct btap_transaction *transaction, bool all, char *text,
                       size_t size)
{
    size_t length = 0;

    for (uint32_t i = 0; i < btap_transaction_notes_kept(transaction) && length < size; i++) {
        const enum btap_note_id id = transaction->notes[i].id;
        int written;

        if (!all && btap_note_severity(id) < BTAP_WARN)
            continue;
        written = snprintf(text + length, size - length, "%s%s", length > 0 ? ", " : "",
                           btap_note_name(id));
        length += (size_t)written;
    }
}

static void special_status_text(const struct btap_transaction *transaction, char *text, size_t size)
{
    size_t length = 0;

    for (uint32_t i = 0;
         i < BTAP_SPECIAL_STATUS_MAX && i < transaction->special_status_length && length < size;
         i++)
        length += (size_t)snprintf(text + length, size - length, i > 0 ? " %02x" : "%02x",
                                   transaction->special_status[i]);
}

/** Runs of successive numbers as `0-9`. */
static void list_text(const struct btap_transaction *transaction, char *text, size_t size)
{
    const uint32_t kept = btap_transaction_list_kept(transaction);
    size_t length = 0;
    uint32_t i = 0;

    while (i < kept && length < size) {
        const char *separator = i > 0 ? " " : "";
        const unsigned first = transaction->list[i];
        unsigned last = first;

        for (i++; i < kept && transaction->list[i] == last + 1; i++)
            last++;
        length +=
            (size_t)(last > first
                         ? snprintf(text + length, size - length, "%s%u-%u", separator, first, last)
                         : snprintf(text + length, size - length, "%s%u", separator, first));
    }
    if (length < size && transaction->list_announced > kept)
        snprintf(text + length, size - length, "%sof %u", kept > 0 ? ", " : "",
                 (unsigned)transaction->list_announced);
}

static void time_text(uint64_t ns, char *text, size_t size)
{
    snprintf(text, size, "%llu.%06llu s", (unsigned long long)(ns / NS_PER_SECOND),
             (unsigned long long)(ns % NS_PER_SECOND / NS_PER_US));
}

/** Words where the number itself says nothing. @return NULL: it does */
static const char *name_of(enum btap_aspect aspect, const struct btap_transaction *transaction)
{
    switch (aspect) {
    case BTAP_ASPECT_TRANSPORT:
        return btap_transport_name(transaction->transport);
    case BTAP_ASPECT_COMMAND:
        return btap_command_name(transaction->command);
    case BTAP_ASPECT_STATUS:
        return btap_status_name(transaction->status);
    case BTAP_ASPECT_PHASE:
        return btap_phase_name(transaction->phase);
    case BTAP_ASPECT_ERASE:
        return btap_erase_name(transaction->erase);
    case BTAP_ASPECT_DFU_STATE:
        return btap_dfu_state_name(transaction->dfu_state);
    case BTAP_ASPECT_DFU_STATUS:
        return btap_dfu_status_name(transaction->dfu_status);
    default:
        return NULL;
    }
}

static void number_text(enum btap_aspect aspect, uint64_t number, char *text, size_t size)
{
    const unsigned value = (unsigned)number;

    switch (aspect) {
    case BTAP_ASPECT_OPCODE:
        snprintf(text, size, "0x%02x", value);
        return;
    case BTAP_ASPECT_VERSION:
        snprintf(text, size, "%u.%u", value >> 4, value & 0xf);
        return;
    case BTAP_ASPECT_PID:
    case BTAP_ASPECT_REQUEST_ID:
    case BTAP_ASPECT_REPLY_ID:
        snprintf(text, size, "0x%03x", value);
        return;
    case BTAP_ASPECT_OPTION_BYTES:
    case BTAP_ASPECT_SUBCOMMAND:
        snprintf(text, size, "0x%04x", value);
        return;
    case BTAP_ASPECT_ADDRESS:
    case BTAP_ASPECT_CRC32:
    case BTAP_ASPECT_CHECKSUM:
    case BTAP_ASPECT_POLYNOMIAL:
    case BTAP_ASPECT_INITIAL:
        snprintf(text, size, "0x%08x", value);
        return;
    default:
        snprintf(text, size, "%u", value);
        return;
    }
}

const char *btap_aspect_text(enum btap_aspect aspect, const struct btap_compared *compared,
                             char *text, size_t size)
{
    static const struct btap_comparison all = {0};
    const struct btap_transaction *transaction = compared->transaction;
    const struct value value = value_of(&all, aspect, compared);
    const char *name = name_of(aspect, transaction);

    text[0] = '\0';
    if (!value.present)
        snprintf(text, size, "-");
    else if (name != NULL)
        snprintf(text, size, "%s", name);
    else if (aspects[aspect].flags & TIME)
        time_text(value.number, text, size);
    else if (aspect == BTAP_ASPECT_LIST)
        list_text(transaction, text, size);
    else if (aspect == BTAP_ASPECT_SPECIAL_STATUS)
        special_status_text(transaction, text, size);
    else if (aspect == BTAP_ASPECT_WARNINGS || aspect == BTAP_ASPECT_NOTES)
        notes_text(transaction, aspect == BTAP_ASPECT_NOTES, text, size);
    else
        number_text(aspect, value.number, text, size);
    return text;
}
