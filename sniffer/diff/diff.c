/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "diff/diff.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/allocate.h"
#include "base/exit_status.h"
#include "base/interrupt.h"
#include "base/junit.h"
#include "base/line.h"
#include "base/message.h"
#include "base/outfile.h"
#include "diff/effect.h"
#include "diff/output.h"
#include "sessions/sessions.h"

/** All that a comparison holds. */
struct work {
    const struct diff_request *request;
    struct side a;
    struct side b;
    struct numbering same;
    struct numbering about;
    size_t length;
    struct edits *edits; /**< a pair of links each */
    uint64_t counts[CHANGE_COUNT];
    bool differ;
};

static bool read_sides(struct work *work)
{
    const struct diff_request *request = work->request;
    struct capture *capture = allocate(sizeof(*capture));
    const bool a = side_read(&work->a, capture, &request->sides[0], &request->options, &work->same,
                             &work->about);
    const bool b = side_read(&work->b, capture, &request->sides[1], &request->options, &work->same,
                             &work->about);

    numbering_release(&work->same);
    numbering_release(&work->about);
    free(capture);
    return a && b;
}

/** Pairs the links in the order in which they turned up. */
static void compare_links(struct work *work)
{
    static const struct steps none;
    const struct side *a = &work->a;
    const struct side *b = &work->b;

    work->length = a->length > b->length ? a->length : b->length;
    work->edits = allocate(work->length * sizeof(*work->edits));
    for (size_t i = 0; i < work->length; i++)
        edits_make(&work->edits[i], i < a->length ? a->links[i] : &none,
                   i < b->length ? b->links[i] : &none, &work->request->options, work->same.length,
                   work->about.length);
}

/** Prints the result of a comparison, as the request wants it. */
typedef void printer(FILE *to, const void *result, const struct diff_request *request);

/** Whoever reads yesterday's report must not take it for today's. @return an exit status */
static int fail(const struct diff_request *request)
{
    if (request->junit != NULL && !outfile_is_interrupted(request->junit))
        junit_write_error(request->junit, "diff");
    return EXIT_TROUBLE;
}

/** @return false: a message says why */
static bool write_junit(const struct diff_request *request, const void *result,
                        printer *print_junit)
{
    struct outfile out;

    if (!outfile_open(&out, request->junit))
        return false;
    print_junit(out.stream, result, request);
    return outfile_finish(&out);
}

/**
 * Writes the JUnit report, if one is asked for, and prints a result to standard output, if the
 * report is not all that is printed there. Who reads that may go (head): the report is there by
 * then.
 *
 * @return false if the report could not be written
 */
static bool show(const struct diff_request *request, const void *result, printer *print,
                 printer *print_junit)
{
    const bool written = request->junit == NULL || write_junit(request, result, print_junit);

    if (interrupt_signal != 0)
        return false;
    if (request->junit != NULL)
        interrupt_release();
    if (request->junit == NULL || strcmp(request->junit, OUTFILE_STDOUT) != 0)
        print(request->to, result, request);
    return written;
}

static struct compare_output output_of(const struct work *work, FILE *to)
{
    return (struct compare_output){
        .to = to,
        .context = work->request->context,
        .colour = work->request->colour,
        .a = &work->a,
        .b = &work->b,
    };
}

static void print_junit(FILE *to, const void *result, const struct diff_request *request)
{
    const struct work *work = result;
    const struct compare_output output = output_of(work, to);

    (void)request;
    compare_print_junit(&output, work->edits, work->length);
}

static void print(FILE *to, const void *result, const struct diff_request *request)
{
    const struct work *work = result;
    const struct compare_output output = output_of(work, to);
    const uint64_t *counts = work->counts;

    if (request->brief && work->differ) {
        print_line(to,
                   "%s and %s differ: %" PRIu64 " changed, %" PRIu64 " only in A, %" PRIu64
                   " only in B, %" PRIu64 " same",
                   work->a.name, work->b.name, counts[CHANGE_CHANGED], counts[CHANGE_REMOVED],
                   counts[CHANGE_ADDED], counts[CHANGE_NONE]);
    } else {
        for (size_t i = 0; i < work->length; i++)
            (request->json ? compare_print_json : compare_print_text)(&output, &work->edits[i]);
        if (request->json)
            compare_print_json_end(&output, counts);
    }
    if (request->report_same && !work->differ && !request->json)
        print_line(to, "%s and %s are the same: %" PRIu64 " transactions", work->a.name,
                   work->b.name, counts[CHANGE_NONE]);
}

static int compare(struct work *work)
{
    compare_links(work);
    for (size_t i = 0; i < work->length; i++)
        for (unsigned change = 0; change < CHANGE_COUNT; change++) {
            work->counts[change] += work->edits[i].counts[change];
            work->differ |= change != CHANGE_NONE && work->edits[i].counts[change] > 0;
        }
    if (!show(work->request, work, print, print_junit) || !work->a.complete || !work->b.complete)
        return EXIT_TROUBLE;
    return work->differ ? EXIT_FINDING : EXIT_DONE;
}

int diff_captures(const struct diff_request *request)
{
    struct work work = {.request = request};
    int status;

    if (read_sides(&work) && interrupt_signal == 0)
        status = compare(&work);
    else
        status = fail(request);
    for (size_t i = 0; i < work.length; i++)
        edits_release(&work.edits[i]);
    free(work.edits);
    side_release(&work.a);
    side_release(&work.b);
    return status;
}

/** One capture's sessions. */
struct effect_side {
    struct sessions sessions;
    const char *name;
    bool complete;
    const struct effect *chosen;
};

static bool is_asked_for(const struct side_options *options, const struct effect *effect)
{
    char name[BTAP_LINK_NAME_SIZE];

    if (options->session > 0 && effect->number != options->session)
        return false;
    return options->link == NULL ||
           strcmp(options->link, btap_link_name(&effect->link, name, sizeof(name))) == 0;
}

/** Whether a session wrote or erased, or tried to write. */
static bool is_about_memory(const struct effect *effect)
{
    return effect->writes + effect->erases + effect->not_written.commands > 0;
}

/**
 * Chooses the session that wrote something, or the only one there is. @return false if there is
 * not just one; a message says so
 */
static bool choose_session(struct effect_side *side, const struct diff_request *request,
                           unsigned index)
{
    size_t asked = 0;
    size_t writing = 0;

    for (size_t i = 0; i < side->sessions.effects_length; i++) {
        const struct effect *effect = side->sessions.effects[i];

        if (!is_asked_for(&request->sides[index], effect))
            continue;
        asked++;
        writing += is_about_memory(effect);
        if (is_about_memory(effect) || side->chosen == NULL)
            side->chosen = effect;
    }
    if (writing == 1 || (writing == 0 && asked == 1))
        return true;
    if (asked == 0)
        message("%s: none of its sessions is the one asked for", side->name);
    else if (writing == 0)
        message("%s: no session that is asked for writes or erases anything", side->name);
    else
        message("%s: %zu sessions write something; choose one with --session-%c", side->name,
                writing, index == 0 ? 'a' : 'b');
    return false;
}

static bool read_effects(struct effect_side *side, const struct diff_request *request,
                         unsigned index)
{
    struct capture *capture = allocate(sizeof(*capture));
    const struct btap_sink sink = sessions_sink(&side->sessions);
    bool chosen = false;

    sessions_init(&side->sessions, &capture->tap);
    side->sessions.keep_effects = true;
    side->complete =
        capture_read(capture, request->sides[index].path, &request->options.decoder, &sink);
    sessions_finish(&side->sessions);
    side->name = capture->input.stream.name;
    if (side->sessions.effects_length > 0)
        chosen = choose_session(side, request, index);
    else if (side->complete)
        capture_tell_nothing_found(&capture->input, &capture->tap.counters);
    free(capture);
    return chosen;
}

static void print_effects(FILE *to, const void *result, const struct diff_request *request)
{
    const struct effect_comparison *comparison = result;
    const struct junit_capture *captures = comparison->captures;
    const bool differ = comparison->length > 0;

    if (request->json)
        effect_print_json(to, comparison);
    else if (request->brief && differ)
        print_line(to, "%s and %s differ in memory", captures[0].name, captures[1].name);
    else
        effect_print_text(to, comparison, request->colour);
    if (request->report_same && !differ && !request->json)
        print_line(to, "%s and %s are the same in memory: %" PRIu64 " bytes", captures[0].name,
                   captures[1].name, comparison->counts[EFFECT_SAME]);
}

static void print_effects_junit(FILE *to, const void *result, const struct diff_request *request)
{
    (void)request;
    effect_print_junit(to, result);
}

static int compare_effects(const struct diff_request *request, const struct effect_side *a,
                           const struct effect_side *b)
{
    struct effect_comparison comparison = {
        .a = a->chosen,
        .b = b->chosen,
        .captures = {{a->name, a->complete}, {b->name, b->complete}},
    };
    int status;

    effect_compare(&comparison);
    status = comparison.length > 0 ? EXIT_FINDING : EXIT_DONE;
    if (!show(request, &comparison, print_effects, print_effects_junit) || !a->complete ||
        !b->complete)
        status = EXIT_TROUBLE;
    effect_comparison_release(&comparison);
    return status;
}

int diff_effects(const struct diff_request *request)
{
    struct effect_side *sides = allocate(2 * sizeof(*sides));
    const bool a = read_effects(&sides[0], request, 0);
    const bool b = read_effects(&sides[1], request, 1);
    bool compared = false;
    int status;

    /* What is the same in that nothing was done must not pass for a good comparison. */
    if (a && b && !is_about_memory(sides[0].chosen) && !is_about_memory(sides[1].chosen))
        message("%s, %s: neither session writes or erases anything", sides[0].name, sides[1].name);
    else
        compared = a && b && interrupt_signal == 0;
    status = compared ? compare_effects(request, &sides[0], &sides[1]) : fail(request);
    sessions_release(&sides[0].sessions);
    sessions_release(&sides[1].sessions);
    free(sides);
    return status;
}
