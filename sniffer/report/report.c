/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "report/report.h"

#include <stdlib.h>
#include <string.h>

#include "base/allocate.h"
#include "boottap/dfuse_layout.h"

/* The timelines of the first sessions are kept finely; the room of a page for further ones shows
   no more than this. */
#define FINE_COURSES 8
#define COARSE_SPANS 128

/** Cuts the lists down to what a page of so many sessions has room for, if they take more. */
static void fit_lists(struct report *report)
{
    size_t bytes = 0;

    for (size_t i = 0; i < report->courses_length; i++)
        bytes += list_bytes(&report->courses[i]->list);
    for (size_t i = 0; bytes > REPORT_BYTES_MAX && i < report->courses_length; i++) {
        list_finish(&report->courses[i]->list);
        list_fit(&report->courses[i]->list, REPORT_BYTES_MAX / report->courses_length);
    }
}

/** The course of the session in hand; NULL if there is no room for one more. */
static struct report_course *course_of(struct report *report, struct session_link *link)
{
    struct report_course *course;

    if (link->own == NULL && report->courses_length < REPORT_SESSIONS_MAX) {
        fit_lists(report);
        course = allocate(sizeof(*course));
        course->report = report;
        course->place = report->courses_length;
        course->timeline.spans_max =
            report->courses_length < FINE_COURSES ? TIMELINE_SPANS_MAX : COARSE_SPANS;
        report->courses[report->courses_length++] = course;
        link->own = course;
    }
    return link->own;
}

static void free_course(void *own)
{
    struct report_course *course = own;
    struct report *report = course->report;

    report->courses[course->place] = report->courses[--report->courses_length];
    report->courses[course->place]->place = course->place;
    memory_release(&course->memory);
    list_release(&course->list);
    timeline_release(&course->timeline);
    free(course);
}

static void add_mark(struct report_course *course, uint64_t n, const struct btap_note *note)
{
    if (btap_note_severity(note->id) < BTAP_WARN || course->marks_length == REPORT_MARKS_MAX)
        return;
    course->marks[course->marks_length++] = (struct report_mark){note->time, n, *note};
}

static void on_note(void *context, struct session_link *link, const struct btap_note *note)
{
    (void)context;
    if (link->own != NULL)
        add_mark(link->own, 0, note);
}

static void on_effect(void *context, struct session_link *link,
                      const struct btap_transaction *transaction, const struct btap_effect *effect)
{
    struct report_course *course = course_of(context, link);
    struct memory *memory;

    (void)transaction;
    if (course == NULL || effect->kind != BTAP_EFFECT_ERASE)
        return;
    memory = &course->memory;
    switch (effect->scope) {
    case BTAP_SCOPE_PAGE:
        if (effect->extent != BTAP_EXTENT_EXACT)
            memory->unplaced += effect->pages;
        return;
    case BTAP_SCOPE_BANK:
        memory->bank_erased = true;
        memory->bank_unplaced |= effect->extent == BTAP_EXTENT_UNKNOWN;
        return;
    case BTAP_SCOPE_MASS:
    case BTAP_SCOPE_UNPROTECT:
        memory->mass_erased = true;
        memory->sized |= effect->extent == BTAP_EXTENT_EXACT || link->tracker.product != NULL;
        return;
    }
}

/** What a transaction was to do, on its way to the timeline and the map. */
struct target {
    struct memory *memory;
    const struct btap_product *product;
    enum btap_command command;
    struct timeline_span *span;
};

static void on_target(void *context, const struct btap_effect *effect)
{
    const struct target *target = context;
    struct timeline_span *span = target->span;
    const bool erase = effect->kind == BTAP_EFFECT_ERASE;

    /* Where the flash may lie anywhere, that is no place to draw. */
    if (effect->extent == BTAP_EXTENT_UNKNOWN ||
        (effect->extent == BTAP_EXTENT_WITHIN && target->product == NULL) ||
        (erase && effect->scope == BTAP_SCOPE_UNPROTECT))
        return;
    if (span->failed && !(erase && effect->scope == BTAP_SCOPE_MASS))
        ranges_add(&target->memory->refused, effect->range);
    else if (!span->failed && target->command == BTAP_GET_CHECKSUM)
        ranges_add(&target->memory->checked, effect->range);
    if (!span->addressed || effect->range.first < span->range.first)
        span->range.first = effect->range.first;
    if (!span->addressed || effect->range.last > span->range.last)
        span->range.last = effect->range.last;
    span->addressed = true;
}

/** What was read, also by commands that then failed. */
static void add_read(struct memory *memory, const struct payload *payload,
                     const struct btap_transaction *transaction)
{
    const bool placed = payload->n == transaction->n && (transaction->has & BTAP_HAS_ADDRESS) != 0;

    for (size_t i = 0; placed && i < payload->slices_length; i++) {
        const struct payload_slice *slice = &payload->slices[i];
        const uint32_t room = UINT32_MAX - slice->address;

        if (!slice->written && slice->length > 0)
            ranges_add(&memory->read,
                       (struct btap_range){
                           slice->address,
                           slice->address + (slice->length - 1 < room ? slice->length - 1 : room)});
    }
}

static void add_refusal(struct report_course *course, const struct btap_transaction *transaction,
                        const struct timeline_span *span)
{
    if (!span->failed || !span->addressed)
        return;
    for (size_t i = 0; i < course->refusals_length; i++) {
        struct report_refusal *refusal = &course->refusals[i];

        if (refusal->command == transaction->command && refusal->status == transaction->status &&
            refusal->range.first == span->range.first && refusal->range.last == span->range.last) {
            refusal->count++;
            return;
        }
    }
    if (course->refusals_length == REPORT_REFUSALS_MAX)
        return;
    course->refusals[course->refusals_length++] = (struct report_refusal){
        .n = transaction->n,
        .count = 1,
        .command = transaction->command,
        .status = transaction->status,
        .range = span->range,
    };
}

/** What the transaction tells about the device. */
static void add_identity(struct report_course *course, const struct session_link *link)
{
    const char *text = link->device != NULL ? btap_usb_device_layout(link->device) : NULL;
    struct btap_layout layout;

    course->product = link->tracker.product;
    if (course->layout[0] == '\0' && text != NULL) {
        btap_layout_parse(text, &layout);
        memcpy(course->layout, layout.name, sizeof(course->layout));
    }
}

static void on_transaction(void *context, struct session_link *link,
                           const struct btap_transaction *transaction)
{
    struct report *report = context;
    struct report_course *course = course_of(report, link);
    struct timeline_span span = {
        .activity = activity_of(transaction->command),
        .failed = transaction->status != BTAP_OK,
        .start = transaction->time,
        .end = transaction->time + transaction->duration,
        .busy = transaction->busy,
        .count = 1,
        .n = transaction->n,
    };
    struct target target = {
        .product = link->tracker.product, .command = transaction->command, .span = &span};

    report->transactions++;
    if (course == NULL)
        return;
    target.memory = &course->memory;
    add_identity(course, link);
    btap_transaction_targets(transaction, link->tracker.product, link->device, on_target, &target);
    add_read(&course->memory, &link->payload, transaction);
    add_refusal(course, transaction, &span);
    timeline_add(&course->timeline, &span);
    list_add(&course->list, transaction);
    for (uint32_t i = 0; i < btap_transaction_notes_kept(transaction); i++)
        add_mark(course, transaction->n, &transaction->notes[i]);
}

void report_init(struct report *report, const struct btap_tap *tap)
{
    *report = (struct report){0};
    sessions_init(&report->sessions, tap);
    report->observer = (struct session_observer){
        .context = report,
        .transaction = on_transaction,
        .effect = on_effect,
        .note = on_note,
        .drop = free_course,
    };
    report->sessions.observer = &report->observer;
    report->sessions.keep_effects = true;
    report->sessions.kept_max = REPORT_SESSIONS_MAX;
    report->sessions.pages = REPORT_PAGES_MAX;
}

struct btap_sink report_sink(struct report *report)
{
    return sessions_sink(&report->sessions);
}

void report_finish(struct report *report)
{
    static const struct image none;

    sessions_finish(&report->sessions);
    for (size_t i = 0; i < report->sessions.length; i++) {
        const struct kept_session *session = &report->sessions.list[i];
        struct report_course *course = session->own;

        if (course == NULL)
            continue;
        list_finish(&course->list);
        course->memory.image = session->effect->plain_dfu ? &none : &session->effect->written;
        course->memory.missing = session->effect->not_written.missing;
    }
}

void report_release(struct report *report)
{
    for (size_t i = 0; i < report->sessions.length; i++)
        if (report->sessions.list[i].own != NULL)
            free_course(report->sessions.list[i].own);
    sessions_release(&report->sessions);
}
