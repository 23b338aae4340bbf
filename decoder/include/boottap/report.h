/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The part that the three decoders share: building the open transaction and telling the sink.
 * For decoders, not for consumers.
 */
#ifndef BOOTTAP_REPORT_H
#define BOOTTAP_REPORT_H

#include "boottap/sink.h"

/** First member of every decoder. */
struct btap_report {
    const struct btap_sink *sink;
    struct btap_link *link;
    bool open; /**< a transaction is under way */
    struct btap_transaction transaction;
};

/** Starts with no open transaction. sink and link as for the decoders: kept, not NULL. */
void btap_report_init(struct btap_report *report, const struct btap_sink *sink,
                      struct btap_link *link);

/**
 * Opens a transaction and numbers it. None may be open.
 *
 * @param at of its first byte
 * @return the transaction, in which the decoder fills what it learns
 */
struct btap_transaction *btap_report_begin(struct btap_report *report, enum btap_command command,
                                           const struct btap_origin *at);

/** The open transaction reaches to here: sets its last packet and its duration. */
static inline void btap_report_touch(struct btap_report *report, const struct btap_origin *at)
{
    struct btap_transaction *transaction = &report->transaction;

    transaction->last_packet = at->packet;
    if (at->time - transaction->time > transaction->duration)
        transaction->duration = at->time - transaction->time;
}

/**
 * Closes the open transaction and tells it. It ends at the last btap_report_touch().
 *
 * @param phase BTAP_PHASE_NONE if status is BTAP_OK
 */
void btap_report_end(struct btap_report *report, enum btap_status status, enum btap_phase phase);

/** Drops the open transaction untold and takes its number back. */
void btap_report_cancel(struct btap_report *report);

/** Adds a note to the open transaction, or tells one that belongs to none. */
void btap_report_note(struct btap_report *report, enum btap_note_id id,
                      const struct btap_origin *at, uint32_t arg0, uint32_t arg1, uint32_t arg2);

/** Adds a page, sector or opcode to the open transaction's list. */
void btap_report_list(struct btap_report *report, uint16_t entry);

/** Whether anybody wants spans; lets a decoder skip what only they need. */
static inline bool btap_report_wants_spans(const struct btap_report *report)
{
    return report->sink->span != NULL;
}

/** Tells a span of the open transaction, or with n 0 where none is open. n is filled in here. */
static inline void btap_report_span(struct btap_report *report, struct btap_span *span)
{
    if (report->sink->span == NULL)
        return;
    span->n = report->open ? report->transaction.n : 0;
    report->sink->span(report->sink->context, report->link, span);
}

/** Tells a slice of memory contents of the open transaction. n is filled in here. */
static inline void btap_report_data(struct btap_report *report, struct btap_data *data)
{
    if (report->sink->data == NULL)
        return;
    data->n = report->transaction.n;
    report->sink->data(report->sink->context, report->link, data);
}

#endif
