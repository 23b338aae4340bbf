/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What the notes of a command tell of it. Internal to the core.
 */
#ifndef DECODER_SESSION_NOTES_H
#define DECODER_SESSION_NOTES_H

#include "boottap/transaction.h"

/** Whether a command has a note. */
bool session_has_note(const struct btap_transaction *transaction, enum btap_note_id id);

/** Whether nothing is known to be wrong in what the host sent. */
bool session_is_clean(const struct btap_transaction *transaction);

/** Whether the last answer to a command may have come without being in the file: what it did, and
 * whether the device took it, is not known. */
bool session_is_unlogged(const struct btap_transaction *transaction);

#endif
