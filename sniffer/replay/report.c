/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "replay/report.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/allocate.h"
#include "base/line.h"
#include "base/transaction_json.h"
#include "capture/stream.h"
#include "diff/output.h"

static const char *const end_names[] = {
    [REPLAY_SAME] = "same",
    [REPLAY_DIFFERENT] = "different",
    [REPLAY_WRONG_DEVICE] = "wrong-device",
    [REPLAY_GONE] = "gone",
    [REPLAY_STOPPED] = "stopped",
    [REPLAY_REFUSED] = "refused",
};

bool report_is_same(const struct report *report)
{
    return report->cause == NULL && report->result->end == REPLAY_SAME && report->pairing != NULL &&
           !pairing_differs(report->pairing);
}

/** Digits of the seconds of a session's times, as a reader of its capture counts them. */
static int digits_of(const struct steps *steps)
{
    struct unpacked *room = allocate(sizeof(*room));
    int digits = STREAM_DIGITS;

    for (size_t i = 0; i < steps->length && digits == STREAM_DIGITS; i++) {
        steps_get(steps, i, room);
        if (room->transaction.time % 1000 != 0)
            digits = 9;
    }
    free(room);
    return digits;
}

/** Prints the differences by a printer of diff. */
static void print_differences(const struct report *report, FILE *to,
                              void (*print)(const struct compare_output *output,
                                            const struct edits *edits))
{
    struct side a = {.name = report->plan->name};
    struct side b = {.name = report->target};
    const struct compare_output output = {
        .to = to,
        .context = report->context,
        .colour = report->colour,
        .a = &a,
        .b = &b,
    };

    if (report->pairing == NULL)
        return;
    a.digits = digits_of(&report->pairing->planned);
    b.digits = digits_of(&report->pairing->replayed);
    print(&output, &report->pairing->edits);
}

/* The first command that was answered otherwise */

static const struct edit *first_changed(const struct edits *edits)
{
    for (size_t i = 0; i < edits->length; i++)
        if (edits->edits[i].change != CHANGE_NONE)
            return &edits->edits[i];
    return NULL;
}

/** The edit that the replay stopped at, or the first difference. @return NULL: there is none */
static const struct edit *first_difference(const struct report *report)
{
    const struct edit *edit = NULL;

    if (report->pairing == NULL)
        return NULL;
    if (report->result->different > 0)
        edit = pairing_find(report->pairing, report->result->first_different);
    if (edit == NULL || edit->change == CHANGE_NONE)
        edit = first_changed(&report->pairing->edits);
    return edit;
}

static void append_packets(struct line *line, const struct btap_transaction *transaction,
                           const char *name)
{
    line_format(line, "packet%s %" PRIu64,
                transaction->last_packet != transaction->first_packet ? "s" : "",
                transaction->first_packet);
    if (transaction->last_packet != transaction->first_packet)
        line_format(line, "-%" PRIu64, transaction->last_packet);
    line_text(line, " of ");
    line_escaped(line, name);
}

/** `transaction 7 (packets 24-29 of good.pcap, packets 31-36 of the replay): Write Memory ...` */
static void append_first(struct line *line, const struct report *report, const struct edit *edit,
                         struct unpacked room[static 2])
{
    const struct pairing *pairing = report->pairing;
    const struct btap_transaction *about = &room[0].transaction;
    const char *between = " (";
    char words[BTAP_DESCRIBE_SIZE];

    if (edit->change != CHANGE_REMOVED) {
        steps_get(&pairing->replayed, edit->b, &room[1]);
        about = &room[1].transaction;
    }
    if (edit->change != CHANGE_ADDED) {
        steps_get(&pairing->planned, edit->a, &room[0]);
        about = &room[0].transaction;
    }
    line_format(line, "%s %" PRIu64, about->first_packet != 0 ? "transaction" : "command",
                about->n);
    if (edit->change != CHANGE_ADDED && about->first_packet != 0) {
        line_text(line, between);
        append_packets(line, about, report->plan->name);
        between = ", ";
    }
    if (edit->change != CHANGE_REMOVED) {
        line_text(line, between);
        append_packets(line, &room[1].transaction, "the replay");
    }
    line_text(line, edit->change != CHANGE_REMOVED || about->first_packet != 0 ? "): " : ": ");
    line_text(line, btap_transaction_describe(about, words, sizeof(words)));
}

static uint64_t count_different(const struct report *report)
{
    const struct edits *edits = &report->pairing->edits;
    const uint64_t seen = edits->length - edits->counts[CHANGE_NONE];

    return seen > report->result->different ? seen : report->result->different;
}

/** Whether there is a recorded session to compare with: not of commands that were fitted. */
static bool is_recorded(const struct plan *plan)
{
    for (size_t i = 0; i < plan->length; i++)
        if (plan->items[i].origin == PLAN_RECORDED)
            return true;
    return false;
}

static const char *agreement(const struct report *report)
{
    const bool all = report->result->sent >= report->plan->length;

    if (!is_recorded(report->plan))
        return all ? ", all done" : ", all of them done";
    return all ? ", all answered as recorded" : ", answered as recorded up to there";
}

/** What came of the commands, in a line. */
static void print_count(const struct report *report, FILE *to)
{
    const struct replay_result *result = report->result;
    const size_t planned = report->plan->length;
    const uint64_t different = count_different(report);
    struct line line;

    line_start(&line);
    if (result->sent < planned)
        line_format(&line, "%zu of %zu commands replayed", result->sent, planned);
    else
        line_format(&line, "%zu command%s replayed", planned, planned == 1 ? "" : "s");
    if (different == 0)
        line_text(&line, agreement(report));
    else
        line_format(&line, ", %" PRIu64 " answered otherwise than %s", different,
                    is_recorded(report->plan) ? "recorded" : "they must be");
    line_print(&line, to);
}

void report_print_text(const struct report *report, FILE *to)
{
    struct unpacked *room;
    const struct edit *first;
    struct line line;
    char words[1024];

    if (report->pairing == NULL || report->cause != NULL)
        return;
    if (!report->quiet)
        print_differences(report, to, compare_print_text);
    print_count(report, to);
    first = first_difference(report);
    if (first == NULL)
        return;
    room = allocate(2 * sizeof(*room));
    line_start(&line);
    line_text(&line, "The first: ");
    append_first(&line, report, first, room);
    line_format(&line, ": %s", pairing_words(first, room, words, sizeof(words)));
    line_print(&line, to);
    free(room);
}

/* JSON */

static void add_place(struct json *json, const char *key,
                      const struct btap_transaction *transaction)
{
    json_open_object(json, key);
    json_add_number(json, "n", transaction->n);
    if (transaction->first_packet != 0) {
        json_add_number(json, "first_packet", transaction->first_packet);
        json_add_number(json, "last_packet", transaction->last_packet);
    }
    json_close_object(json);
}

static void add_first(struct json *json, const struct report *report)
{
    const struct edit *first = first_difference(report);
    struct unpacked *room;

    if (first == NULL)
        return;
    room = allocate(sizeof(*room));
    json_open_object(json, "first_different");
    if (first->change != CHANGE_ADDED) {
        steps_get(&report->pairing->planned, first->a, room);
        add_place(json, "a", &room->transaction);
    }
    if (first->change != CHANGE_REMOVED) {
        steps_get(&report->pairing->replayed, first->b, room);
        add_place(json, "b", &room->transaction);
    }
    json_close_object(json);
    free(room);
}

void report_print_json(const struct report *report, FILE *to)
{
    const struct replay_result *result = report->result;
    struct json json;

    print_differences(report, to, compare_print_json);
    json_begin(&json, to, "replay");
    json_add_text(&json, "capture", report->plan->name);
    json_add_text(&json, "target", report->target);
    json_add_text(&json, "end", end_names[result->end]);
    json_add_number(&json, "planned", report->plan->length);
    json_add_number(&json, "sent", result->sent);
    json_add_number(&json, "different",
                    report->pairing != NULL ? count_different(report) : result->different);
    add_first(&json, report);
    if (report->cause != NULL)
        json_add_text(&json, "words", report->cause);
    else if (result->words[0] != '\0')
        json_add_text(&json, "words", result->words);
    if (result->half[0] != '\0')
        json_add_text(&json, "half", result->half);
    if (result->flash[0] != '\0')
        json_add_text(&json, "flash", result->flash);
    json_end(&json);
}
