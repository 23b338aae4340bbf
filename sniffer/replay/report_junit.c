/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A replay as a JUnit report. A case for each command: their names stay the same from run to run.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/allocate.h"
#include "replay/report.h"
#include "watch/junit.h"

/* Differences of one command that are listed */
#define LISTED_MAX 20

/* Bytes of a case's failure */
#define FAILURE_SIZE 8192

/** Cases that there are beside those of commands: plan, device, end, verdict. */
#define OTHERS 4

/** A command of the plan, in the report. */
struct tally {
    bool sent;
    uint64_t different;
    btap_ns time;  /**< that it took in the replay, all together */
    char *failure; /**< lines; NULL: none */
};

static void append(struct tally *tally, const char *text)
{
    const size_t length = strlen(tally->failure);

    snprintf(tally->failure + length, FAILURE_SIZE - length, "%s%s", length > 0 ? "\n" : "", text);
}

/** The transaction that an edit is about: the planned one, if there is one. */
static const struct unpacked *about(const struct pairing *pairing, const struct edit *edit,
                                    struct unpacked room[static 2])
{
    if (edit->change != CHANGE_REMOVED)
        steps_get(&pairing->replayed, edit->b, &room[1]);
    if (edit->change == CHANGE_ADDED)
        return &room[1];
    steps_get(&pairing->planned, edit->a, &room[0]);
    return &room[0];
}

static void tally_edit(const struct pairing *pairing, const struct edit *edit,
                       struct tally *tallies, struct unpacked room[static 2])
{
    const struct btap_transaction *transaction = &about(pairing, edit, room)->transaction;
    struct tally *tally = &tallies[transaction->command];
    char described[BTAP_DESCRIBE_SIZE];
    char words[1024];
    char text[1536];

    tally->sent = true;
    if (edit->change != CHANGE_REMOVED)
        tally->time = btap_ns_sum(tally->time, room[1].transaction.duration);
    if (edit->change == CHANGE_NONE)
        return;
    if (tally->failure == NULL)
        tally->failure = allocate(FAILURE_SIZE);
    if (++tally->different > LISTED_MAX)
        return;
    snprintf(text, sizeof(text), "transaction %" PRIu64 ", %s: %s", transaction->n,
             btap_transaction_describe(transaction, described, sizeof(described)),
             pairing_words(edit, room, words, sizeof(words)));
    append(tally, text);
}

static void tally_all(const struct report *report, struct tally *tallies)
{
    const struct edits *edits = &report->pairing->edits;
    struct unpacked *room = allocate(2 * sizeof(*room));

    for (size_t i = 0; i < edits->length; i++)
        tally_edit(report->pairing, &edits->edits[i], tallies, room);
    for (unsigned i = 0; i < BTAP_COMMAND_COUNT; i++)
        if (tallies[i].different > LISTED_MAX) {
            char text[64];

            snprintf(text, sizeof(text), "and %" PRIu64 " more", tallies[i].different - LISTED_MAX);
            append(&tallies[i], text);
        }
    free(room);
}

/** Whether all of the plan was sent. @return NULL, or why not */
static const char *early_end(const struct report *report, char *words, size_t size)
{
    const struct replay_result *result = report->result;

    if (report->cause != NULL)
        return "nothing was replayed";
    if (result->sent >= report->plan->length)
        return NULL;
    snprintf(words, size, "%zu of %zu commands were sent%s%s%s%s", result->sent,
             report->plan->length, result->words[0] != '\0' ? ": " : "", result->words,
             result->flash[0] != '\0' ? "; " : "", result->flash);
    return words;
}

static size_t list_commands(const struct tally *tallies, struct junit_case *cases)
{
    size_t length = 0;

    for (unsigned i = 0; i < BTAP_COMMAND_COUNT; i++)
        if (tallies[i].sent)
            cases[length++] = (struct junit_case){"replay", btap_command_name((enum btap_command)i),
                                                  tallies[i].failure, tallies[i].time};
    return length;
}

void report_print_junit(const struct report *report, FILE *to)
{
    struct tally *tallies = allocate(BTAP_COMMAND_COUNT * sizeof(*tallies));
    struct junit_case *cases = allocate((BTAP_COMMAND_COUNT + OTHERS) * sizeof(*cases));
    const bool wrong = report->cause == NULL && report->result->end == REPLAY_WRONG_DEVICE;
    struct junit junit;
    char words[640];
    size_t length = 0;

    if (report->pairing != NULL)
        tally_all(report, tallies);
    cases[length++] = (struct junit_case){"replay", "plan", report->cause, 0};
    if (report->cause == NULL)
        cases[length++] =
            (struct junit_case){"replay", "device", wrong ? report->result->words : NULL, 0};
    length += list_commands(tallies, cases + length);
    cases[length++] =
        (struct junit_case){"replay", "end", early_end(report, words, sizeof(words)), 0};
    if (report->cause == NULL)
        cases[length++] = (struct junit_case){"replay", "verdict",
                                              report_is_same(report) ? NULL : report->verdict, 0};
    junit_start(&junit, to, "boottap replay");
    watch_print_suite(&junit, cases, length);
    junit_end(&junit);
    for (unsigned i = 0; i < BTAP_COMMAND_COUNT; i++)
        free(tallies[i].failure);
    free(tallies);
    free(cases);
}
