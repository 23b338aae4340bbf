/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Differences as a JUnit report, as continuous integration reads it. A case for each command: their
 * names stay the same from run to run, and there are few of them.
 */
#include <inttypes.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/allocate.h"
#include "base/junit.h"
#include "base/xml.h"
#include "diff/output.h"
#include "diff/words.h"

/* Differences of one command that are listed */
#define LISTED_MAX 100

/** What there is of one command in a pair of links. */
struct tally {
    uint64_t counts[CHANGE_COUNT];
    btap_ns time; /**< that it took in B, all together */
};

#define NS_PER_SECOND 1e9

/** The transaction that an edit is about: B's, as far as it has one. */
static const struct btap_transaction *about(const struct edits *edits, const struct edit *edit,
                                            struct unpacked *room)
{
    if (edit->change == CHANGE_REMOVED)
        steps_get(edits->a, edit->a, room);
    else
        steps_get(edits->b, edit->b, room);
    return &room->transaction;
}

static void tally(const struct edits *edits, struct tally tallies[static BTAP_COMMAND_COUNT],
                  struct unpacked *room)
{
    memset(tallies, 0, BTAP_COMMAND_COUNT * sizeof(*tallies));
    for (size_t i = 0; i < edits->length; i++) {
        const struct edit *edit = &edits->edits[i];
        const struct btap_transaction *transaction = about(edits, edit, room);
        struct tally *tally = &tallies[transaction->command];

        tally->counts[edit->change]++;
        if (edit->change != CHANGE_REMOVED)
            tally->time += transaction->duration;
    }
}

static uint64_t total(const struct tally *tally)
{
    uint64_t sum = 0;

    for (unsigned i = 0; i < CHANGE_COUNT; i++)
        sum += tally->counts[i];
    return sum;
}

static bool fails(const struct tally *tally)
{
    return total(tally) > tally->counts[CHANGE_NONE];
}

static void print_transaction(const struct compare_output *output, const char *mark,
                              const struct btap_transaction *transaction)
{
    char words[BTAP_DESCRIBE_SIZE];

    fprintf(output->to, "%s transaction %" PRIu64 ", packets %" PRIu64 "-%" PRIu64 ": ", mark,
            transaction->n, transaction->first_packet, transaction->last_packet);
    xml_put(output->to, btap_transaction_describe(transaction, words, sizeof(words)));
    fputs(", ", output->to);
    xml_put(output->to, btap_transaction_outcome(transaction, words, sizeof(words)));
    putc('\n', output->to);
}

static void print_differences(const struct compare_output *output, uint64_t differences,
                              const struct unpacked *a, const struct unpacked *b)
{
    char words[DIFFERENCE_WORDS_SIZE];

    for (unsigned i = 0; i < BTAP_ASPECT_COUNT; i++) {
        if (!(differences & BTAP_ASPECT_BIT(i)))
            continue;
        fputs("  ", output->to);
        xml_put(output->to, difference_words((enum btap_aspect)i, &a->compared, &b->compared, " | ",
                                             words, sizeof(words)));
        putc('\n', output->to);
    }
}

static void print_edit(const struct compare_output *output, const struct edits *edits,
                       const struct edit *edit, struct unpacked room[static 2])
{
    if (edit->change != CHANGE_ADDED) {
        steps_get(edits->a, edit->a, &room[0]);
        print_transaction(output, "-", &room[0].transaction);
    }
    if (edit->change != CHANGE_REMOVED) {
        steps_get(edits->b, edit->b, &room[1]);
        print_transaction(output, "+", &room[1].transaction);
    }
    if (edit->change == CHANGE_CHANGED)
        print_differences(output, edit->differences, &room[0], &room[1]);
}

static void print_failure(const struct compare_output *output, const struct edits *edits,
                          enum btap_command command, const struct tally *tally,
                          struct unpacked *room)
{
    const uint64_t *counts = tally->counts;
    uint64_t found = 0;

    fprintf(output->to,
            "      <failure type=\"difference\" message=\"%" PRIu64 " changed, %" PRIu64
            " only in A, %" PRIu64 " only in B, %" PRIu64 " same\">\n",
            counts[CHANGE_CHANGED], counts[CHANGE_REMOVED], counts[CHANGE_ADDED],
            counts[CHANGE_NONE]);
    for (size_t i = 0; i < edits->length; i++) {
        const struct edit *edit = &edits->edits[i];

        if (edit->change == CHANGE_NONE || about(edits, edit, room)->command != command)
            continue;
        if (++found <= LISTED_MAX)
            print_edit(output, edits, edit, room);
    }
    if (found > LISTED_MAX)
        fprintf(output->to, "and %" PRIu64 " more\n", found - LISTED_MAX);
    fputs("      </failure>\n", output->to);
}

static const struct btap_link *link_of(const struct edits *edits)
{
    return edits->a->length > 0 ? &edits->a->link : &edits->b->link;
}

/** Which of the pairs on its kind of wire a pair is, from 1: names must not occur twice. */
static unsigned place_of(const struct edits *edits, size_t index)
{
    unsigned place = 1;

    for (size_t i = 0; i < index; i++)
        place += link_of(&edits[i])->transport == link_of(&edits[index])->transport;
    return place;
}

static void print_suite_head(const struct compare_output *output, const struct btap_link *link,
                             const struct tally *tallies)
{
    unsigned cases = 0;
    unsigned failures = 0;
    double seconds = 0;
    char name[BTAP_LINK_NAME_SIZE];

    for (unsigned i = 0; i < BTAP_COMMAND_COUNT; i++) {
        cases += total(&tallies[i]) > 0;
        failures += fails(&tallies[i]);
        seconds += (double)tallies[i].time / NS_PER_SECOND;
    }
    fprintf(output->to, "  <testsuite name=\"%s ", btap_transport_name(link->transport));
    xml_put(output->to, btap_link_name(link, name, sizeof(name)));
    fprintf(output->to, "\" tests=\"%u\" failures=\"%u\" errors=\"0\" time=\"%.6f\">\n", cases,
            failures, seconds);
}

/** @param place of the pair among those on its kind of wire, from 1 */
static void print_suite(const struct compare_output *output, const struct edits *edits,
                        unsigned place, const struct tally *tallies, struct unpacked *room)
{
    const struct btap_link *link = link_of(edits);

    print_suite_head(output, link, tallies);
    for (unsigned i = 0; i < BTAP_COMMAND_COUNT; i++) {
        if (total(&tallies[i]) == 0)
            continue;
        fprintf(output->to, "    <testcase classname=\"boottap.diff.%s",
                btap_transport_name(link->transport));
        if (place > 1)
            fprintf(output->to, ".%u", place);
        fprintf(output->to, "\" name=\"%s\" time=\"%.6f\"", btap_command_name((enum btap_command)i),
                (double)tallies[i].time / NS_PER_SECOND);
        if (!fails(&tallies[i])) {
            fputs("/>\n", output->to);
            continue;
        }
        fputs(">\n", output->to);
        print_failure(output, edits, (enum btap_command)i, &tallies[i], room);
        fputs("    </testcase>\n", output->to);
    }
    fputs("  </testsuite>\n", output->to);
}

void compare_print_junit(const struct compare_output *output, const struct edits *edits,
                         size_t length)
{
    const struct junit_capture captures[2] = {
        {output->a->name, output->a->complete},
        {output->b->name, output->b->complete},
    };
    struct tally *tallies = allocate(BTAP_COMMAND_COUNT * sizeof(*tallies));
    struct unpacked *room = allocate(2 * sizeof(*room));

    junit_begin(output->to, "boottap diff", captures);
    for (size_t i = 0; i < length; i++) {
        tally(&edits[i], tallies, room);
        print_suite(output, &edits[i], place_of(edits, i), tallies, room);
    }
    junit_end(output->to);
    free(tallies);
    free(room);
}
