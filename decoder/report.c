/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "boottap/report.h"

#include <string.h>

void btap_report_init(struct btap_report *report, const struct btap_sink *sink,
                      struct btap_link *link)
{
    report->sink = sink;
    report->link = link;
    report->open = false;
}

struct btap_transaction *btap_report_begin(struct btap_report *report, enum btap_command command,
                                           const struct btap_origin *at)
{
    struct btap_transaction *transaction = &report->transaction;

    /* List and notes are large and mostly unused; their lengths tell how much is initialised. */
    memset(transaction, 0, offsetof(struct btap_transaction, list));
    transaction->transport = report->link->transport;
    transaction->command = command;
    transaction->n = ++report->link->transactions;
    transaction->first_packet = at->packet;
    transaction->last_packet = at->packet;
    transaction->time = at->time;
    report->open = true;
    return transaction;
}

void btap_report_end(struct btap_report *report, enum btap_status status, enum btap_phase phase)
{
    report->transaction.status = status;
    report->transaction.phase = phase;
    report->open = false;
    if (report->sink->transaction != NULL)
        report->sink->transaction(report->sink->context, report->link, &report->transaction);
}

void btap_report_cancel(struct btap_report *report)
{
    report->open = false;
    report->link->transactions--;
}

void btap_report_note(struct btap_report *report, enum btap_note_id id,
                      const struct btap_origin *at, uint32_t arg0, uint32_t arg1, uint32_t arg2)
{
    struct btap_transaction *transaction = &report->transaction;
    const struct btap_note note = {
        .id = id,
        .arg = {arg0, arg1, arg2},
        .packet = at->packet,
        .time = at->time,
    };

    if (report->open) {
        if (transaction->notes_length < BTAP_NOTES_MAX)
            transaction->notes[transaction->notes_length] = note;
        transaction->notes_length++;
    }
    if (report->sink->note != NULL)
        report->sink->note(report->sink->context, report->link, report->open ? transaction->n : 0,
                           &note);
}

void btap_report_list(struct btap_report *report, uint16_t entry)
{
    struct btap_transaction *transaction = &report->transaction;

    if (transaction->list_length < BTAP_LIST_MAX)
        transaction->list[transaction->list_length] = entry;
    transaction->list_length++;
}
