/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "diff/diff.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/allocate.h"
#include "base/exit_status.h"
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
};

static bool read_sides(struct work *work)
{
    const struct diff_request *request = work->request;
    struct capture *capture = allocate(sizeof(*capture));
    const bool a = side_read(&work->a, capture, &request->sides[0], &request->options, &work->same,
                             &work->about);
    const bool b = side_read(&work->b, capture, &request->sides[1], &request->options, &work->same,
                             &work->about);
    const struct numbering same = {.length = work->same.length};
    const struct numbering about = {.length = work->about.length};

    /* From here on only how many numbers there are is needed. */
    numbering_release(&work->same);
    numbering_release(&work->about);
    work->same = same;
    work->about = about;
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

/** Writes the report, if one is asked for. @return false if that failed */
static bool write_junit(const struct work *work, const struct compare_output *output)
{
    struct compare_output junit = *output;
    struct outfile out;

    if (work->request->junit == NULL)
        return true;
    if (!outfile_open(&out, work->request->junit))
        return false;
    junit.to = out.stream;
    compare_print_junit(&junit, work->edits, work->length);
    return outfile_finish(&out);
}

/** Whether the report is all that is printed. */
static bool only_junit(const struct diff_request *request)
{
    return request->junit != NULL && strcmp(request->junit, INPUT_STDIN) == 0;
}

static void print_brief(const struct work *work, const uint64_t *counts)
{
    printf("%s and %s differ: %llu changed, %llu only in A, %llu only in B, %llu same\n",
           work->a.name, work->b.name, (unsigned long long)counts[CHANGE_CHANGED],
           (unsigned long long)counts[CHANGE_REMOVED], (unsigned long long)counts[CHANGE_ADDED],
           (unsigned long long)counts[CHANGE_NONE]);
}

static void print_result(const struct work *work, const struct compare_output *output,
                         const uint64_t *counts, bool differ)
{
    const struct diff_request *request = work->request;

    if (only_junit(request))
        return;
    if (request->brief && differ) {
        print_brief(work, counts);
    } else if (request->json) {
        for (size_t i = 0; i < work->length; i++)
            compare_print_json(output, &work->edits[i]);
        compare_print_json_end(output, counts);
    } else {
        for (size_t i = 0; i < work->length; i++)
            compare_print_text(output, &work->edits[i]);
    }
    if (request->report_same && !differ && !request->json)
        printf("%s and %s are the same: %llu transactions\n", work->a.name, work->b.name,
               (unsigned long long)counts[CHANGE_NONE]);
}

static int compare(struct work *work)
{
    const struct compare_output output = {
        .to = stdout,
        .context = work->request->context,
        .colour = work->request->colour,
        .options = &work->request->options,
        .a = &work->a,
        .b = &work->b,
    };
    uint64_t counts[CHANGE_COUNT] = {0};
    bool differ;

    compare_links(work);
    for (size_t i = 0; i < work->length; i++)
        for (unsigned change = 0; change < CHANGE_COUNT; change++)
            counts[change] += work->edits[i].counts[change];
    differ = counts[CHANGE_CHANGED] + counts[CHANGE_REMOVED] + counts[CHANGE_ADDED] > 0;
    print_result(work, &output, counts, differ);
    if (!write_junit(work, &output))
        return EXIT_TROUBLE;
    if (!work->a.complete || !work->b.complete)
        return EXIT_TROUBLE;
    return differ ? EXIT_FINDING : EXIT_DONE;
}

int diff_captures(const struct diff_request *request)
{
    struct work work = {.request = request};
    int status = EXIT_TROUBLE;

    if (read_sides(&work))
        status = compare(&work);
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
    if (writing == 0)
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
    side->name = capture->input.name;
    if (side->sessions.effects_length > 0)
        chosen = choose_session(side, request, index);
    else if (side->complete)
        capture_tell_nothing_found(&capture->input, &capture->tap.counters);
    free(capture);
    return chosen;
}

/** Writes the report, if one is asked for. @return false if that failed */
static bool write_effect_junit(const struct diff_request *request,
                               const struct effect_output *output,
                               const struct effect_comparison *comparison)
{
    struct effect_output junit = *output;
    struct outfile out;

    if (request->junit == NULL)
        return true;
    if (!outfile_open(&out, request->junit))
        return false;
    junit.to = out.stream;
    effect_print_junit(&junit, comparison);
    return outfile_finish(&out);
}

/** Prints what was found, and writes the report. @return false if the latter failed */
static bool print_effects(const struct diff_request *request, const struct effect_output *output,
                          const struct effect_comparison *comparison)
{
    const bool differ = effects_differ(comparison);

    if (only_junit(request))
        return write_effect_junit(request, output, comparison);
    if (request->json)
        effect_print_json(output, comparison);
    else if (request->brief && differ)
        printf("%s and %s differ in memory\n", output->captures[0].name, output->captures[1].name);
    else
        effect_print_text(output, comparison);
    if (request->report_same && !differ && !request->json)
        printf("%s and %s are the same in memory: %llu bytes\n", output->captures[0].name,
               output->captures[1].name, (unsigned long long)comparison->counts[EFFECT_SAME]);
    return write_effect_junit(request, output, comparison);
}

static int compare_effects(const struct diff_request *request, const struct effect_side *a,
                           const struct effect_side *b)
{
    const struct effect_output output = {
        .to = stdout,
        .colour = request->colour,
        .captures = {{a->name, a->complete}, {b->name, b->complete}},
        .a = a->chosen,
        .b = b->chosen,
    };
    struct effect_comparison comparison;
    int status = EXIT_DONE;

    effect_compare(&comparison, a->chosen, b->chosen);
    if (effects_differ(&comparison))
        status = EXIT_FINDING;
    if (!print_effects(request, &output, &comparison) || !a->complete || !b->complete)
        status = EXIT_TROUBLE;
    effect_comparison_release(&comparison);
    return status;
}

int diff_effects(const struct diff_request *request)
{
    struct effect_side *sides = allocate(2 * sizeof(*sides));
    const bool a = read_effects(&sides[0], request, 0);
    const bool b = read_effects(&sides[1], request, 1);
    int status = EXIT_TROUBLE;

    /* What is the same in that nothing was done must not pass for a good comparison. */
    if (a && b && !is_about_memory(sides[0].chosen) && !is_about_memory(sides[1].chosen))
        message("%s, %s: neither session writes or erases anything", sides[0].name, sides[1].name);
    else if (a && b)
        status = compare_effects(request, &sides[0], &sides[1]);
    sessions_release(&sides[0].sessions);
    sessions_release(&sides[1].sessions);
    free(sides);
    return status;
}
