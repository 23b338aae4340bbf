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
#include "base/line.h"
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
            tally->time = btap_ns_sum(tally->time, transaction->duration);
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

/** What the first difference of a command is: `Write Memory 0x08001000: ok -> stall`. */
static void append_cause(struct line *line, const struct edits *edits, const struct edit *edit,
                         struct unpacked room[static 2])
{
    const struct btap_transaction *transaction = about(edits, edit, &room[1]);
    char words[BTAP_DESCRIBE_SIZE];
    char more[DIFFERENCE_WORDS_SIZE];
    unsigned aspect = 0;

    line_format(line, "%s: ", btap_transaction_describe(transaction, words, sizeof(words)));
    if (edit->change != CHANGE_CHANGED) {
        line_format(line, "only in %s", edit->change == CHANGE_REMOVED ? "A" : "B");
        return;
    }
    steps_get(edits->a, edit->a, &room[0]);
    if (edit->differences & BTAP_ASPECT_BIT(BTAP_ASPECT_STATUS)) {
        line_format(line, "%s -> ",
                    btap_transaction_outcome(&room[0].transaction, words, sizeof(words)));
        line_text(line, btap_transaction_outcome(transaction, words, sizeof(words)));
        return;
    }
    while (!(edit->differences & BTAP_ASPECT_BIT(aspect)))
        aspect++;
    line_text(line, difference_words((enum btap_aspect)aspect, &room[0].compared, &room[1].compared,
                                     " -> ", more, sizeof(more)));
}

static bool is_of(const struct edits *edits, const struct edit *edit, enum btap_command command,
                  struct unpacked *room)
{
    return edit->change != CHANGE_NONE && about(edits, edit, room)->command == command;
}

/** The first difference of a command, as a line. */
static void put_cause(FILE *to, const struct edits *edits, enum btap_command command,
                      struct unpacked *room)
{
    struct line line;
    size_t first = 0;

    while (!is_of(edits, &edits->edits[first], command, room))
        first++;
    line_start(&line);
    append_cause(&line, edits, &edits->edits[first], room);
    xml_put_line(to, &line);
}

static void print_failure(const struct compare_output *output, const struct edits *edits,
                          enum btap_command command, const struct tally *tally,
                          struct unpacked *room)
{
    const uint64_t *counts = tally->counts;
    uint64_t found = 0;

    fputs("      <failure type=\"difference\" message=\"", output->to);
    put_cause(output->to, edits, command, room);
    fprintf(output->to,
            "\">\n%" PRIu64 " changed, %" PRIu64 " only in A, %" PRIu64 " only in B, %" PRIu64
            " same\n",
            counts[CHANGE_CHANGED], counts[CHANGE_REMOVED], counts[CHANGE_ADDED],
            counts[CHANGE_NONE]);
    for (size_t i = 0; i < edits->length; i++) {
        const struct edit *edit = &edits->edits[i];

        if (!is_of(edits, edit, command, room))
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

static void begin_suite(struct junit *junit, const struct btap_link *link,
                        const struct tally *tallies)
{
    struct junit_counts counts = {0};
    char link_name[BTAP_LINK_NAME_SIZE];
    char name[BTAP_LINK_NAME_SIZE + 16];

    for (unsigned i = 0; i < BTAP_COMMAND_COUNT; i++) {
        counts.tests += total(&tallies[i]) > 0;
        counts.failures += fails(&tallies[i]);
        counts.time = btap_ns_sum(counts.time, tallies[i].time);
    }
    snprintf(name, sizeof(name), "%s %s", btap_transport_name(link->transport),
             btap_link_name(link, link_name, sizeof(link_name)));
    junit_suite(junit, name, &counts);
}

/** @param place of the pair among those on its kind of wire, from 1 */
static void print_cases(const struct compare_output *output, const struct edits *edits,
                        unsigned place, const struct tally *tallies, struct unpacked *room)
{
    const char *wire = btap_transport_name(link_of(edits)->transport);

    for (unsigned i = 0; i < BTAP_COMMAND_COUNT; i++) {
        if (total(&tallies[i]) == 0)
            continue;
        fprintf(output->to, "    <testcase classname=\"boottap.diff.%s", wire);
        if (place > 1)
            fprintf(output->to, ".%u", place);
        fprintf(output->to, "\" name=\"%s\"", btap_command_name((enum btap_command)i));
        junit_time(output->to, tallies[i].time);
        if (!fails(&tallies[i])) {
            fputs("/>\n", output->to);
            continue;
        }
        fputs(">\n", output->to);
        print_failure(output, edits, (enum btap_command)i, &tallies[i], room);
        fputs("    </testcase>\n", output->to);
    }
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
    struct compare_output suites = *output;
    struct junit junit;

    junit_start(&junit, output->to, "boottap diff");
    junit_captures(&junit, captures);
    suites.to = junit.suites;
    for (size_t i = 0; i < length; i++) {
        tally(&edits[i], tallies, room);
        begin_suite(&junit, link_of(&edits[i]), tallies);
        print_cases(&suites, &edits[i], place_of(edits, i), tallies, room);
        junit_suite_end(&junit);
    }
    junit_end(&junit);
    free(tallies);
    free(room);
}
