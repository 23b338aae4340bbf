/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Differences as a JUnit report, as continuous integration reads it. A case for each command: their
 * names stay the same from run to run, and there are few of them.
 */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "compare_output.h"
#include "output.h"
#include "xml.h"

/* Differences of one command that are listed */
#define LISTED_MAX 100

/** What there is of one command in a pair of links. */
struct tally {
    uint64_t counts[CHANGE_COUNT];
};

static enum btap_command command_of(const struct edits *edits, const struct edit *edit,
                                    struct unpacked *room)
{
    if (edit->change == CHANGE_ADDED)
        steps_get(edits->b, edit->b, room);
    else
        steps_get(edits->a, edit->a, room);
    return room->transaction.command;
}

static void tally(const struct edits *edits, struct tally tallies[static BTAP_COMMAND_COUNT],
                  struct unpacked *room)
{
    memset(tallies, 0, BTAP_COMMAND_COUNT * sizeof(*tallies));
    for (size_t i = 0; i < edits->length; i++) {
        const struct edit *edit = &edits->edits[i];

        tallies[command_of(edits, edit, room)].counts[edit->change]++;
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

    fprintf(output->to, "%s transaction %llu, packets %llu-%llu: ", mark,
            (unsigned long long)transaction->n, (unsigned long long)transaction->first_packet,
            (unsigned long long)transaction->last_packet);
    xml_put(output->to, btap_transaction_describe(transaction, words, sizeof(words)));
    fputs(", ", output->to);
    xml_put(output->to, btap_transaction_outcome(transaction, words, sizeof(words)));
    putc('\n', output->to);
}

static void print_differences(const struct compare_output *output, const struct unpacked *a,
                              const struct unpacked *b)
{
    const uint64_t differences =
        btap_comparison_differences(&output->options->comparison, &a->compared, &b->compared);
    char words[BTAP_ASPECT_TEXT_SIZE];

    for (unsigned i = 0; i < BTAP_ASPECT_COUNT; i++) {
        const enum btap_aspect aspect = (enum btap_aspect)i;

        if (!(differences & BTAP_ASPECT_BIT(i)))
            continue;
        fprintf(output->to, "  %s: ", btap_aspect_name(aspect));
        xml_put(output->to, btap_aspect_text(aspect, &a->compared, words, sizeof(words)));
        fputs(" | ", output->to);
        xml_put(output->to, btap_aspect_text(aspect, &b->compared, words, sizeof(words)));
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
        print_differences(output, &room[0], &room[1]);
}

static void print_failure(const struct compare_output *output, const struct edits *edits,
                          enum btap_command command, const struct tally *tally,
                          struct unpacked *room)
{
    const uint64_t *counts = tally->counts;
    uint64_t listed = 0;
    uint64_t left_out = 0;

    fprintf(output->to,
            "      <failure type=\"difference\" message=\"%llu changed, %llu only in A, %llu only "
            "in B, %llu same\">\n",
            (unsigned long long)counts[CHANGE_CHANGED], (unsigned long long)counts[CHANGE_REMOVED],
            (unsigned long long)counts[CHANGE_ADDED], (unsigned long long)counts[CHANGE_NONE]);
    for (size_t i = 0; i < edits->length; i++) {
        const struct edit *edit = &edits->edits[i];

        if (edit->change == CHANGE_NONE || command_of(edits, edit, room) != command)
            continue;
        if (listed++ < LISTED_MAX)
            print_edit(output, edits, edit, room);
        else
            left_out++;
    }
    if (left_out > 0)
        fprintf(output->to, "and %llu more\n", (unsigned long long)left_out);
    fputs("      </failure>\n", output->to);
}

/** The name of a pair of links; "" where one side has no such link. */
static void put_suite_name(const struct compare_output *output, const struct edits *edits)
{
    const struct steps *steps = edits->a->length > 0 ? edits->a : edits->b;
    char name[BTAP_LINK_NAME_SIZE];

    xml_put(output->to, btap_transport_name(steps->link.transport));
    putc(' ', output->to);
    xml_put(output->to, btap_link_name(&steps->link, name, sizeof(name)));
}

static void print_suite(const struct compare_output *output, const struct edits *edits,
                        const struct tally *tallies, struct unpacked *room)
{
    unsigned cases = 0;
    unsigned failures = 0;

    for (unsigned i = 0; i < BTAP_COMMAND_COUNT; i++) {
        cases += total(&tallies[i]) > 0;
        failures += fails(&tallies[i]);
    }
    fputs("  <testsuite name=\"", output->to);
    put_suite_name(output, edits);
    fprintf(output->to, "\" tests=\"%u\" failures=\"%u\" errors=\"0\">\n", cases, failures);
    for (unsigned i = 0; i < BTAP_COMMAND_COUNT; i++) {
        if (total(&tallies[i]) == 0)
            continue;
        fputs("    <testcase classname=\"boottap.diff.", output->to);
        fputs(btap_transport_name((edits->a->length > 0 ? edits->a : edits->b)->link.transport),
              output->to);
        fprintf(output->to, "\" name=\"%s\"", btap_command_name((enum btap_command)i));
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
    struct tally *tallies = allocate(BTAP_COMMAND_COUNT * sizeof(*tallies));
    struct unpacked *room = allocate(2 * sizeof(*room));

    fputs("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"boottap diff ",
          output->to);
    xml_put(output->to, output->a->name);
    putc(' ', output->to);
    xml_put(output->to, output->b->name);
    fputs("\">\n", output->to);
    for (size_t i = 0; i < length; i++) {
        tally(&edits[i], tallies, room);
        print_suite(output, &edits[i], tallies, room);
    }
    fputs("</testsuites>\n", output->to);
    free(tallies);
    free(room);
}
