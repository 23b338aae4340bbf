/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "annotate/remarks.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/allocate.h"
#include "base/time_format.h"

/** Starts a comment: who says it, of which link. */
static void start(struct remarks *remarks, const struct btap_link *link)
{
    line_start(&remarks->line);
    line_text(&remarks->line, "boottap ");
    line_link(&remarks->line, link);
}

static void append_number(struct line *line, const char *before, uint64_t number)
{
    line_text(line, before);
    line_decimal(line, number, 0);
}

/** Adds the comment in the line. */
static void add(struct remarks *remarks, struct comments *comments, uint64_t number,
                enum comment_kind kind)
{
    struct line *line = &remarks->line;

    /* A line leaves one place for a newline. */
    line->text[line->length] = '\0';
    comments_add(comments, number, kind, line->text);
}

/** Adds the comment in the line to a packet, if this is the pass for it. */
static void add_to_packet(struct remarks *remarks, uint64_t packet, enum comment_kind kind)
{
    const bool here = packet == remarks->packet;

    if (here == remarks->second)
        add(remarks, here ? &remarks->here : &remarks->late, packet, kind);
}

static void on_data(void *context, const struct btap_link *link, const struct btap_data *data)
{
    struct remarks *remarks = context;

    if (!remarks->second)
        sessions_data(&remarks->sessions, link, data);
}

static void on_note(void *context, const struct btap_link *link, uint64_t n,
                    const struct btap_note *note)
{
    struct remarks *remarks = context;
    struct line *line = &remarks->line;
    char words[BTAP_NOTE_TEXT_SIZE];

    if (!remarks->second)
        sessions_note(&remarks->sessions, link, n, note);
    if (!remarks->notes)
        return;
    start(remarks, link);
    if (n != 0)
        append_number(line, " #", n);
    line_text(line, " ");
    line_text(line, btap_severity_name(btap_note_severity(note->id)));
    line_text(line, " ");
    line_text(line, btap_note_name(note->id));
    line_text(line, ": ");
    line_escaped(line, btap_note_text(note, words, sizeof(words)));
    add_to_packet(remarks, note->packet, COMMENT_NOTE);
}

static void append_packets(struct line *line, uint64_t first, uint64_t last)
{
    append_number(line, first == last ? "packet " : "packets ", first);
    if (first != last)
        append_number(line, "-", last);
}

static void on_transaction(void *context, const struct btap_link *link,
                           const struct btap_transaction *transaction)
{
    struct remarks *remarks = context;
    struct line *line = &remarks->line;
    char words[BTAP_DESCRIBE_SIZE];

    if (!remarks->second) {
        sessions_transaction(&remarks->sessions, link, transaction);
        remarks->transactions++;
    }
    start(remarks, link);
    append_number(line, " #", transaction->n);
    line_text(line, " ");
    line_escaped(line, btap_transaction_describe(transaction, words, sizeof(words)));
    line_text(line, ": ");
    line_escaped(line, btap_transaction_outcome(transaction, words, sizeof(words)));
    line_text(line, "; ");
    append_packets(line, transaction->first_packet, transaction->last_packet);
    if ((transaction->lacks & BTAP_LACKS_TIMES) == 0) {
        line_text(line, ", ");
        line_seconds(line, transaction->duration, transaction->duration % 1000 != 0 ? 9 : 6, 0);
        line_text(line, " s");
    }
    add_to_packet(remarks, transaction->last_packet, COMMENT_TRANSACTION);
}

void remarks_init(struct remarks *remarks, const struct btap_options *options, bool notes)
{
    *remarks = (struct remarks){
        .options = *options,
        .notes = notes,
        .sink =
            {
                .context = remarks,
                .data = on_data,
                .note = on_note,
                .transaction = on_transaction,
            },
    };
    btap_tap_init(&remarks->tap, &remarks->sink, options);
    sessions_init(&remarks->sessions, &remarks->tap);
}

void remarks_take(struct remarks *remarks, const struct pcapng_block *block, uint64_t packets)
{
    if (block->type == PCAPNG_SECTION_HEADER && remarks->starts_length == REMARKS_SECTIONS_MAX) {
        if (remarks->starts_end == 0)
            remarks->starts_end = packets + 1;
    } else if (block->type == PCAPNG_SECTION_HEADER) {
        remarks->starts = grow(remarks->starts, remarks->starts_length, &remarks->starts_size,
                               sizeof(*remarks->starts));
        remarks->starts[remarks->starts_length++] = packets + 1;
    }
    if (!block->packet)
        return;
    remarks->packet = block->record.packet;
    btap_tap_record(&remarks->tap, &block->record);
}

/** The section, from 1, in which a packet is: the last that starts at it or before. */
static size_t section_of(const struct remarks *remarks, uint64_t packet)
{
    size_t low = 0;
    size_t high = remarks->starts_length;

    while (low < high) {
        const size_t middle = low + (high - low) / 2;

        if (remarks->starts[middle] <= packet)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static void start_session(struct remarks *remarks, const struct session *session)
{
    start(remarks, &session->link);
    line_format(&remarks->line, " session %" PRIu64 ": ", session->facts.number);
}

/** What a finding says, in sentences. */
static void append_finding(struct line *line, const struct btap_finding *finding,
                           enum btap_transport transport)
{
    char words[BTAP_EXPLANATION_SIZE];

    line_escaped(line, btap_finding_explanation(finding, transport, words, sizeof(words)));
}

/** The packet at which a finding is proven. The finding has one. */
static uint64_t last_evidence(const struct btap_finding *finding)
{
    return finding->packets[finding->packets_length - 1];
}

/** The packet that decided how a session ended. */
static uint64_t deciding_packet(const struct session *session)
{
    if (session->diagnosis.verdict == BTAP_VERDICT_FAILED && session->facts.failures_length > 0)
        return session->facts.failures[0].last_packet;
    if (session->diagnosis.verdict == BTAP_VERDICT_FAILED &&
        session->diagnosis.findings_length > 0 && session->diagnosis.findings[0].packets_length > 0)
        return last_evidence(&session->diagnosis.findings[0]);
    return session->facts.last_packet;
}

/** The verdict for the section, findings under it; and each where the packets show it. */
static void add_session(struct remarks *remarks, const struct session *session)
{
    const struct btap_session *facts = &session->facts;
    const struct btap_diagnosis *diagnosis = &session->diagnosis;
    struct line *line = &remarks->line;
    char words[BTAP_DIAGNOSIS_TEXT_SIZE];

    start_session(remarks, session);
    line_escaped(line, btap_verdict_text(facts, diagnosis, words, sizeof(words)));
    add_to_packet(remarks, deciding_packet(session), COMMENT_VERDICT);
    for (uint32_t i = 0; i < diagnosis->findings_length; i++) {
        line_break(line);
        append_finding(line, &diagnosis->findings[i], facts->transport);
    }
    if (remarks->starts_end != 0 && facts->first_packet >= remarks->starts_end)
        remarks->unkept++;
    else
        add(remarks, &remarks->sections, section_of(remarks, facts->first_packet), COMMENT_VERDICT);
    for (uint32_t i = 0; i < diagnosis->findings_length; i++) {
        if (diagnosis->findings[i].packets_length == 0)
            continue;
        start_session(remarks, session);
        append_finding(line, &diagnosis->findings[i], facts->transport);
        add_to_packet(remarks, last_evidence(&diagnosis->findings[i]), COMMENT_FINDING);
    }
}

void remarks_cut(struct remarks *remarks)
{
    const size_t last = remarks->starts_length > 0 ? remarks->starts_length : 1;

    comments_add(&remarks->sections, last, COMMENT_VERDICT,
                 "boottap: partial: the capture could not be read to its end; all before is here");
}

void remarks_again(struct remarks *remarks, btap_ns until)
{
    /* No packet is in hand any more: what comes now is late, whatever it belongs to. */
    remarks->packet = 0;
    btap_tap_recorded_until(&remarks->tap, until);
    btap_tap_finish(&remarks->tap);
    sessions_finish(&remarks->sessions);
    for (size_t i = 0; i < remarks->sessions.length; i++)
        add_session(remarks, sessions_at(&remarks->sessions, i));
    comments_sort(&remarks->late);
    comments_sort(&remarks->sections);
    remarks->omitted = remarks->late.omitted + remarks->sections.omitted;
    remarks->unkept += remarks->late.unkept + remarks->sections.unkept;
    remarks->second = true;
    btap_tap_init(&remarks->tap, &remarks->sink, &remarks->options);
}

const char *const *remarks_of_packet(struct remarks *remarks, const struct btap_record *record,
                                     size_t *length)
{
    comments_clear(&remarks->here);
    remarks->packet = record->packet;
    btap_tap_record(&remarks->tap, record);
    comments_join(&remarks->here, &remarks->late, record->packet);
    comments_sort(&remarks->here);
    remarks->omitted += remarks->here.omitted;
    return comments_of(&remarks->here, record->packet, length);
}

const char *const *remarks_of_section(const struct remarks *remarks, uint64_t section,
                                      size_t *length)
{
    return comments_of(&remarks->sections, section, length);
}

void remarks_release(struct remarks *remarks)
{
    sessions_release(&remarks->sessions);
    comments_release(&remarks->late);
    comments_release(&remarks->here);
    comments_release(&remarks->sections);
    free(remarks->starts);
    remarks->starts = NULL;
}
