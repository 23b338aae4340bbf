/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "session/notes.h"

bool session_has_note(const struct btap_transaction *transaction, enum btap_note_id id)
{
    for (uint32_t i = 0; i < btap_transaction_notes_kept(transaction); i++)
        if (transaction->notes[i].id == id)
            return true;
    return false;
}

/** Notes by which the host's own bytes were wrong. */
static bool is_host_error(enum btap_note_id id)
{
    return id == BTAP_NOTE_CHECKSUM_MISMATCH || id == BTAP_NOTE_COMPLEMENT_MISMATCH ||
           id == BTAP_NOTE_DATA_SHORT || id == BTAP_NOTE_COUNT_TOO_LARGE ||
           id == BTAP_NOTE_SIZE_OVER_LIMIT || id == BTAP_NOTE_RESERVED_ERASE_CODE ||
           id == BTAP_NOTE_LIST_SHORT || id == BTAP_NOTE_COMMAND_FRAME_SHORT ||
           id == BTAP_NOTE_PAIR_MISALIGNED;
}

bool session_is_clean(const struct btap_transaction *transaction)
{
    for (uint32_t i = 0; i < btap_transaction_notes_kept(transaction); i++)
        if (is_host_error(transaction->notes[i].id))
            return false;
    return true;
}

bool session_is_unlogged(const struct btap_transaction *transaction)
{
    return transaction->status == BTAP_INCOMPLETE &&
           session_has_note(transaction, BTAP_NOTE_ANSWER_NOT_LOGGED);
}
