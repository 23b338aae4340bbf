/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "replay/answers.h"

#include <stdio.h>
#include <string.h>
#include <zlib.h>

#include "diff/words.h"

#define BIT(aspect) BTAP_ASPECT_BIT(BTAP_ASPECT_##aspect)

#define OUTCOME   (BIT(STATUS) | BIT(PHASE))
#define DFU_STATE (BIT(DFU_STATE) | BIT(DFU_STATUS))

/** What depends on the device. PID is held against the plan's device by who sends it. */
#define OF_DEVICE (BIT(VERSION) | BIT(OPTION_BYTES) | BIT(REPLY_ID) | BIT(WARNINGS) | BIT(PID))

/** What a host can tell of an answer; the rest is the request, which is sent as recorded. */
#define ANSWERED                                                                                   \
    (OUTCOME | DFU_STATE | BIT(TRANSFERRED) | BIT(CRC32) | BIT(LIST) | BIT(VERSION) |              \
     BIT(OPTION_BYTES) | BIT(CHECKSUM) | BIT(RECEIVED_LENGTH) | BIT(SPECIAL_STATUS) |              \
     BIT(REPLY_ID))

void answers_init(struct answers *answers, const struct answer_options *options)
{
    *answers = (struct answers){.options = options, .comparison = btap_comparison_default()};
    if (!options->strict)
        answers->comparison.aspects &= ~OF_DEVICE;
    answers->comparison.aspects &= ~options->ignored;
}

/** Whether it brings contents of memory, or a sum over them. */
static bool reads(const struct btap_transaction *transaction)
{
    return btap_command_has(transaction->command, BTAP_TRAIT_READS);
}

/** Where a command reads or writes. @return false if that is not known, or nothing */
static bool place_of(const struct btap_transaction *transaction, struct btap_range *range)
{
    if (transaction->has & BTAP_HAS_ADDRESS) {
        range->first = transaction->address;
        range->last = transaction->address + transaction->length - 1;
        return transaction->length > 0 && range->last >= range->first;
    }
    range->first = transaction->block;
    range->last = transaction->block;
    return (transaction->has & BTAP_HAS_BLOCK) != 0;
}

/** Whether what a command reads can only be what the replay wrote. */
static bool is_known(const struct answers *answers, const struct btap_transaction *transaction)
{
    struct btap_range range;

    return place_of(transaction, &range) &&
           ranges_cover(&answers->written, range) == (uint64_t)range.last - range.first + 1 &&
           ranges_cover(&answers->options->masked, range) == 0;
}

/** Commands that ask for a state of the device, or lead to one, from wherever it was left. */
static bool is_about_state(enum btap_command command)
{
    return command == BTAP_SYNC || command == BTAP_GET_STATUS || command == BTAP_GET_STATE ||
           command == BTAP_CLEAR_STATUS || command == BTAP_ABORT;
}

/** What of a pair depends on what the device did before, or on how often it was asked. */
static uint64_t of_past(const struct answers *answers, const struct btap_transaction *recorded,
                        const struct btap_transaction *replayed)
{
    const bool both_ok = recorded->status == BTAP_OK && replayed->status == BTAP_OK;
    uint64_t aspects = 0;

    if (is_about_state(recorded->command) && (!answers->worked || recorded->command == BTAP_SYNC) &&
        btap_transaction_is_answered(recorded) && btap_transaction_is_answered(replayed))
        aspects |= OUTCOME | DFU_STATE;
    /* Of a command that was waited for, the last state is that of the last poll. */
    if (both_ok && ((recorded->has | replayed->has) & BTAP_HAS_POLLS))
        aspects |= DFU_STATE;
    return aspects;
}

/** What of a pair is the memory's, and not known to be the same. */
static uint64_t of_memory(const struct answers *answers, const struct btap_transaction *recorded,
                          const struct btap_transaction *replayed)
{
    if (!reads(recorded))
        return BIT(TRANSFERRED);
    if (!is_known(answers, recorded))
        return BIT(CRC32) | BIT(CHECKSUM);
    return recorded->status == BTAP_OK && replayed->status == BTAP_OK ? 0 : BIT(TRANSFERRED);
}

/** What does not count of a pair. */
static uint64_t not_counted(const struct answers *answers, const struct btap_transaction *recorded,
                            const struct btap_transaction *replayed)
{
    uint64_t aspects;

    if (answers->options->strict)
        return 0;
    aspects = of_past(answers, recorded, replayed) | of_memory(answers, recorded, replayed);
    if (recorded->command == BTAP_GET)
        aspects |= BIT(LIST);
    return aspects;
}

uint64_t answers_differences(const struct answers *answers, const struct btap_compared *recorded,
                             const struct btap_compared *replayed)
{
    return btap_comparison_differences(&answers->comparison, recorded, replayed) &
           ~not_counted(answers, recorded->transaction, replayed->transaction);
}

uint64_t answers_unexpected(const struct btap_compared *planned,
                            const struct btap_compared *replayed)
{
    const struct btap_transaction *answer = replayed->transaction;

    /* In synchronism already. */
    if (answer->command == BTAP_SYNC && answer->status == BTAP_NACK)
        return 0;
    if (answer->status != BTAP_OK)
        return BIT(STATUS);
    return planned->has_crc32 && reads(answer) && planned->crc32 != replayed->crc32 ? BIT(CRC32)
                                                                                    : 0;
}

/** Whether what was written stays: not RAM and registers, which change by themselves. */
static bool is_kept(const struct btap_transaction *transaction)
{
    return !(transaction->has & BTAP_HAS_ADDRESS) || btap_memory_lasts(transaction->address);
}

void answers_pass(struct answers *answers, const struct btap_transaction *transaction)
{
    struct btap_range range;

    if (!is_about_state(transaction->command) && transaction->command != BTAP_GET)
        answers->worked = true;
    if (transaction->status == BTAP_OK &&
        btap_command_has(transaction->command, BTAP_TRAIT_WRITES) && is_kept(transaction) &&
        place_of(transaction, &range))
        ranges_add(&answers->written, range);
}

/** Appends to words, as far as they go. */
static void append(char *words, size_t size, const char *text)
{
    const size_t length = strlen(words);

    snprintf(words + length, size - length, "%s%s", length > 0 ? ", " : "", text);
}

/** `status: ok -> nack (address)` */
static void append_status(const struct btap_compared *recorded,
                          const struct btap_compared *replayed, char *words, size_t size)
{
    char text[2 * BTAP_DESCRIBE_SIZE + 16];
    char one[BTAP_DESCRIBE_SIZE];
    char other[BTAP_DESCRIBE_SIZE];

    snprintf(text, sizeof(text), "%s: %s -> %s", btap_aspect_name(BTAP_ASPECT_STATUS),
             btap_transaction_outcome(recorded->transaction, one, sizeof(one)),
             btap_transaction_outcome(replayed->transaction, other, sizeof(other)));
    append(words, size, text);
}

const char *answers_words(uint64_t differences, const struct btap_compared *recorded,
                          const struct btap_compared *replayed, char *words, size_t size)
{
    char text[DIFFERENCE_WORDS_SIZE];

    words[0] = '\0';
    /* The outcome in words has the phase and the state of DFU with it. */
    if (differences & BIT(STATUS)) {
        append_status(recorded, replayed, words, size);
        differences &= ~(OUTCOME | DFU_STATE);
    }
    for (unsigned i = 0; i < BTAP_ASPECT_COUNT; i++)
        if (differences & BTAP_ASPECT_BIT(i))
            append(words, size,
                   difference_words((enum btap_aspect)i, recorded, replayed, " -> ", text,
                                    sizeof(text)));
    return words;
}

/** What both a recording and a host can tell of an answer. */
static uint64_t told(const struct btap_compared *recorded, const struct btap_compared *replayed)
{
    const uint32_t both = recorded->transaction->has & replayed->transaction->has;
    uint64_t aspects = ANSWERED;

    if (recorded->transaction->list_kind != BTAP_LIST_COMMANDS)
        aspects &= ~BIT(LIST);
    if (!recorded->has_crc32 || !reads(recorded->transaction))
        aspects &= ~BIT(CRC32);
    if (!(both & BTAP_HAS_VERSION))
        aspects &= ~BIT(VERSION);
    if (!(both & BTAP_HAS_OPTION_BYTES))
        aspects &= ~BIT(OPTION_BYTES);
    if (!(both & BTAP_HAS_REPLY_ID))
        aspects &= ~BIT(REPLY_ID);
    if (!(both & (BTAP_HAS_DFU_STATUS | BTAP_HAS_DFU_STATE)))
        aspects &= ~BIT(DFU_STATE);
    if (!(both & BTAP_HAS_DFU_STATUS))
        aspects &= ~BIT(DFU_STATUS);
    return aspects;
}

bool answers_take(struct answers *answers, const struct plan_command *command,
                  const struct host_answer *answer, char *words, size_t size)
{
    struct btap_transaction transaction = answer->transaction;
    const struct btap_compared recorded = {
        .transaction = &command->transaction,
        .has_crc32 = command->has_crc32,
        .crc32 = command->crc32,
    };
    const struct btap_compared replayed = {
        .transaction = &transaction,
        .has_crc32 = answer->length > 0,
        .crc32 = (uint32_t)crc32(0, answer->data, answer->length),
    };
    uint64_t differences;

    if (reads(&transaction) && transaction.command != BTAP_GET_CHECKSUM)
        transaction.transferred = answer->length;
    if (command->origin == PLAN_RECORDED)
        differences =
            answers_differences(answers, &recorded, &replayed) & told(&recorded, &replayed);
    else
        differences = answers_unexpected(&recorded, &replayed);
    answers_words(differences, &recorded, &replayed, words, size);
    answers_pass(answers, &transaction);
    return differences == 0;
}

void answers_release(struct answers *answers)
{
    ranges_release(&answers->written);
}
