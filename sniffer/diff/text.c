/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Differences as text.
 */
#include <inttypes.h>
#include <stdlib.h>

#include "base/allocate.h"
#include "base/colour.h"
#include "base/line.h"
#include "diff/output.h"
#include "diff/words.h"

/* Columns, counted from 0 */
#define A_COLUMN       2
#define B_COLUMN       24
#define WORDS_COLUMN   46
#define OUTCOME_COLUMN 88
#define N_WIDTH        6

/* Steps of each side that follow the first difference */
#define FOLLOWING 3

struct text {
    const struct compare_output *output;
    const struct edits *edits;
    struct line line;
    struct unpacked a;
    struct unpacked b;
};

static void colour(struct text *text, const char *sequence)
{
    if (text->output->colour)
        line_control(&text->line, sequence);
}

static void print(struct text *text)
{
    line_print(&text->line, text->output->to);
}

/** Nothing for one that is in no capture: a planned command. */
static void append_packets(struct line *line, const struct btap_transaction *transaction)
{
    if (transaction->first_packet == 0)
        return;
    line_decimal(line, transaction->first_packet, 0);
    if (transaction->last_packet != transaction->first_packet) {
        line_text(line, "-");
        line_decimal(line, transaction->last_packet, 0);
    }
}

static void append_place(struct line *line, const struct btap_transaction *transaction)
{
    line_decimal(line, transaction->n, N_WIDTH);
    line_text(line, "  ");
    append_packets(line, transaction);
}

static void append_words(struct line *line, const struct btap_transaction *transaction)
{
    char words[BTAP_DESCRIBE_SIZE];

    line_to_column(line, WORDS_COLUMN);
    line_text(line, btap_transaction_describe(transaction, words, sizeof(words)));
    line_to_column(line, OUTCOME_COLUMN);
    line_text(line, btap_transaction_outcome(transaction, words, sizeof(words)));
}

static void print_head(struct text *text, const char *mark, const struct side *side,
                       const struct steps *steps)
{
    struct line *line = &text->line;

    line_start(line);
    colour(text, BOLD);
    line_text(line, mark);
    line_escaped(line, side->name);
    if (steps->length == 0) {
        line_text(line, "\tno such link");
    } else {
        line_format(line, "\t%s ", btap_transport_name(steps->link.transport));
        line_link(line, &steps->link);
        line_format(line, ", %zu transaction%s", steps->length, steps->length == 1 ? "" : "s");
    }
    colour(text, RESET);
    print(text);
}

/** ` `, `-` or `+`, the places on the sides that have the step, and the step. */
static void print_step(struct text *text, char mark, const struct btap_transaction *a,
                       const struct btap_transaction *b)
{
    const char first[2] = {mark, '\0'};
    struct line *line = &text->line;

    line_start(line);
    if (mark != ' ')
        colour(text, mark == '-' ? RED : GREEN);
    line_text(line, first);
    if (a != NULL) {
        line_to_column(line, A_COLUMN - 1);
        append_place(line, a);
    }
    if (b != NULL) {
        line_to_column(line, B_COLUMN - 1);
        append_place(line, b);
    }
    append_words(line, mark == '+' ? b : a);
    if (mark != ' ')
        colour(text, RESET);
    print(text);
}

/** `status: ok | nack`, an aspect a line. */
static void print_differences(struct text *text, const char *mark, uint64_t differences)
{
    char words[DIFFERENCE_WORDS_SIZE];

    for (unsigned i = 0; i < BTAP_ASPECT_COUNT; i++) {
        struct line *line = &text->line;

        if (!(differences & BTAP_ASPECT_BIT(i)))
            continue;
        line_start(line);
        colour(text, CYAN);
        line_text(line, mark);
        line_text(line, difference_words((enum btap_aspect)i, &text->a.compared, &text->b.compared,
                                         " | ", words, sizeof(words)));
        colour(text, RESET);
        print(text);
    }
}

static void print_edit(struct text *text, const struct edit *edit)
{
    if (edit->change != CHANGE_ADDED)
        steps_get(text->edits->a, edit->a, &text->a);
    if (edit->change != CHANGE_REMOVED)
        steps_get(text->edits->b, edit->b, &text->b);
    if (edit->change == CHANGE_NONE) {
        print_step(text, ' ', &text->a.transaction, &text->b.transaction);
        return;
    }
    if (edit->change != CHANGE_ADDED)
        print_step(text, '-', &text->a.transaction, NULL);
    if (edit->change != CHANGE_REMOVED)
        print_step(text, '+', NULL, &text->b.transaction);
    if (edit->change == CHANGE_CHANGED)
        print_differences(text, "!   ", edit->differences);
}

/** n of the first step of a hunk, and how many there are; diff has the line before if none. */
static void append_extent(struct text *text, const char *mark, const struct steps *steps,
                          size_t first, size_t length, struct unpacked *room)
{
    uint64_t n = 0;

    if (length > 0 || first > 0) {
        steps_get(steps, length > 0 ? first : first - 1, room);
        n = room->transaction.n;
    }
    line_format(&text->line, "%s%" PRIu64 ",%zu", mark, n, length);
}

static void print_hunk(struct text *text, size_t first, size_t end)
{
    const struct edits *edits = text->edits;
    size_t a_length = 0;
    size_t b_length = 0;

    for (size_t i = first; i < end; i++) {
        a_length += edits->edits[i].change != CHANGE_ADDED;
        b_length += edits->edits[i].change != CHANGE_REMOVED;
    }
    line_start(&text->line);
    colour(text, CYAN);
    append_extent(text, "@@ -", edits->a, edits->edits[first].a, a_length, &text->a);
    append_extent(text, " +", edits->b, edits->edits[first].b, b_length, &text->b);
    line_text(&text->line, " @@");
    colour(text, RESET);
    print(text);
    for (size_t i = first; i < end; i++)
        print_edit(text, &edits->edits[i]);
}

/** Index of the next difference; their number if there is none. */
static size_t next_difference(const struct edits *edits, size_t from)
{
    while (from < edits->length && edits->edits[from].change == CHANGE_NONE)
        from++;
    return from;
}

static void print_hunks(struct text *text)
{
    const struct edits *edits = text->edits;
    const size_t context = text->output->context;
    size_t next = next_difference(edits, 0);

    while (next < edits->length) {
        const size_t first = next > context ? next - context : 0;
        size_t end;

        do {
            end = next + 1;
            next = next_difference(edits, end);
        } while (next < edits->length && next - end <= 2 * context);
        end = edits->length - end < context ? edits->length : end + context;
        print_hunk(text, first, end);
    }
}

/** `  A  transaction 9, packets 34-39: Write Memory ..., ok` */
static void print_side(struct text *text, const char *name,
                       const struct btap_transaction *transaction)
{
    struct line *line = &text->line;
    char words[BTAP_DESCRIBE_SIZE];

    line_start(line);
    line_format(line, "  %s transaction %" PRIu64, name, transaction->n);
    if (transaction->first_packet != 0)
        line_text(line, transaction->last_packet != transaction->first_packet ? ", packets "
                                                                              : ", packet ");
    append_packets(line, transaction);
    line_format(line, ": %s, ", btap_transaction_describe(transaction, words, sizeof(words)));
    line_text(line, btap_transaction_outcome(transaction, words, sizeof(words)));
    print(text);
}

/** What the device or the host had to say about a step of one side. */
static void print_notes(struct text *text, const struct btap_transaction *transaction)
{
    char words[BTAP_NOTE_TEXT_SIZE];

    for (uint32_t i = 0; i < btap_transaction_notes_kept(transaction); i++) {
        line_start(&text->line);
        line_format(&text->line, "       %s: %s",
                    btap_severity_name(btap_note_severity(transaction->notes[i].id)),
                    btap_note_text(&transaction->notes[i], words, sizeof(words)));
        print(text);
    }
}

/** One side from a step on. */
static void print_following(struct text *text, const char *name, const struct steps *steps,
                            size_t from)
{
    struct unpacked *room = &text->a;
    const size_t end = steps->length - from > FOLLOWING ? from + FOLLOWING : steps->length;

    for (size_t i = from; i < end; i++) {
        steps_get(steps, i, room);
        print_side(text, name, &room->transaction);
        if (i == from)
            print_notes(text, &room->transaction);
    }
    line_start(&text->line);
    if (end == steps->length)
        line_format(&text->line, "  %s ends here", name);
    else
        line_format(&text->line, "  %s and %zu more", name, steps->length - end);
    print(text);
}

/** What the first difference is, as far as the capture tells it. */
static const char *meaning(uint64_t differences, const struct btap_transaction *a,
                           const struct btap_transaction *b)
{
    if (differences & BTAP_ASPECT_BIT(BTAP_ASPECT_STATUS)) {
        if (b->status == BTAP_OK)
            return "what failed in A succeeds in B";
        if (a->status == BTAP_OK)
            return "what succeeds in A fails in B";
        return "both fail, but otherwise";
    }
    if (differences & BTAP_ASPECT_BIT(BTAP_ASPECT_PID))
        return "another kind of device answers";
    if (differences & BTAP_ASPECT_BIT(BTAP_ASPECT_VERSION))
        return "a bootloader of another version answers";
    if (differences &
        (BTAP_ASPECT_BIT(BTAP_ASPECT_LENGTH) | BTAP_ASPECT_BIT(BTAP_ASPECT_TRANSFERRED)))
        return "another number of bytes";
    if (differences & BTAP_ASPECT_BIT(BTAP_ASPECT_CRC32))
        return b->command == BTAP_READ_MEMORY || b->command == BTAP_UPLOAD
                   ? "the device's memory holds other bytes"
                   : "other bytes are written";
    return "the same step, otherwise";
}

/** Ends the line that says what the first difference is, with the step that it is about. */
static void print_about(struct text *text, const char *what,
                        const struct btap_transaction *transaction)
{
    char words[BTAP_DESCRIBE_SIZE];

    line_format(&text->line, "%s: %s", what,
                btap_transaction_describe(transaction, words, sizeof(words)));
    print(text);
}

static void print_first_changed(struct text *text, const struct edit *edit)
{
    steps_get(text->edits->a, edit->a, &text->a);
    steps_get(text->edits->b, edit->b, &text->b);
    print_about(text, meaning(edit->differences, &text->a.transaction, &text->b.transaction),
                &text->a.transaction);
    print_differences(text, "  ", edit->differences);
    print_following(text, "A", text->edits->a, edit->a);
    print_following(text, "B", text->edits->b, edit->b);
}

static void print_first(struct text *text)
{
    const size_t first = next_difference(text->edits, 0);
    const struct edit *edit = &text->edits->edits[first];

    line_start(&text->line);
    if (first == 0)
        line_text(&text->line, "First difference, at the start: ");
    else
        line_format(&text->line, "First difference, after %zu transaction%s the same: ", first,
                    first == 1 ? " that is" : "s that are");
    if (edit->change == CHANGE_CHANGED) {
        print_first_changed(text, edit);
        return;
    }
    if (edit->change == CHANGE_REMOVED) {
        steps_get(text->edits->a, edit->a, &text->a);
        print_about(text, "a step that B does not have", &text->a.transaction);
    } else {
        steps_get(text->edits->b, edit->b, &text->b);
        print_about(text, "a step that A does not have", &text->b.transaction);
    }
    if (first > 0) {
        steps_get(text->edits->a, text->edits->edits[first - 1].a, &text->a);
        print_side(text, "both, last", &text->a.transaction);
    }
    print_following(text, "A", text->edits->a, edit->a);
    print_following(text, "B", text->edits->b, edit->b);
}

void compare_print_text(const struct compare_output *output, const struct edits *edits)
{
    const struct steps *a = edits->a;
    const struct steps *b = edits->b;
    const uint64_t *counts = edits->counts;
    struct text *text;

    if (counts[CHANGE_NONE] == edits->length)
        return;
    text = allocate(sizeof(*text));
    text->output = output;
    text->edits = edits;
    print_head(text, "--- ", output->a, a);
    print_head(text, "+++ ", output->b, b);
    /* Hosts on different wires have different commands: what they did may be the same. */
    if (a->length > 0 && b->length > 0 && a->link.transport != b->link.transport)
        fputs("Different wires: --effect compares what was done to the memory\n", output->to);
    print_first(text);
    print_hunks(text);
    fprintf(output->to,
            "%" PRIu64 " same, %" PRIu64 " changed, %" PRIu64 " only in A, %" PRIu64 " only in B\n",
            counts[CHANGE_NONE], counts[CHANGE_CHANGED], counts[CHANGE_REMOVED],
            counts[CHANGE_ADDED]);
    free(text);
}
