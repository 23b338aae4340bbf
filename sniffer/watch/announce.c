/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "watch/announce.h"

#include <inttypes.h>

#include "base/message.h"

/** Whether the session counts it as failed: not what the device answers so when all is well. */
static bool is_failure(const struct btap_session *facts, const struct btap_transaction *transaction)
{
    const uint32_t kept =
        facts->failures_length < BTAP_FAILURES_MAX ? facts->failures_length : BTAP_FAILURES_MAX;

    return kept > 0 && facts->failures[kept - 1].n == transaction->n;
}

void announce_transaction(const struct session_link *link,
                          const struct btap_transaction *transaction)
{
    char name[BTAP_LINK_NAME_SIZE];
    char command[BTAP_DESCRIBE_SIZE];
    char outcome[BTAP_DESCRIBE_SIZE];
    char words[BTAP_NOTE_TEXT_SIZE];
    const uint32_t notes = btap_transaction_notes_kept(transaction);

    if (!is_failure(&link->tracker.session, transaction))
        return;
    message("%s: #%" PRIu64 " %s: %s", btap_link_name(&link->link, name, sizeof(name)),
            transaction->n, btap_transaction_describe(transaction, command, sizeof(command)),
            btap_transaction_outcome(transaction, outcome, sizeof(outcome)));
    for (uint32_t i = 0; i < notes; i++)
        if (btap_note_severity(transaction->notes[i].id) >= BTAP_WARN)
            message("%s: #%" PRIu64 " %s", name, transaction->n,
                    btap_note_text(&transaction->notes[i], words, sizeof(words)));
}
