/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "replay/damage.h"

#include <stdio.h>

#include "replay/reach.h"

/** Notes that say that the host's bytes were others than a good host sends, or that the capture
 * lacks some: what would be sent is not what was sent. */
static const enum btap_note_id damages[] = {
    BTAP_NOTE_COMPLEMENT_MISMATCH,  BTAP_NOTE_CHECKSUM_MISMATCH,     BTAP_NOTE_PAIR_MISALIGNED,
    BTAP_NOTE_DATA_SHORT,           BTAP_NOTE_COUNT_TOO_LARGE,       BTAP_NOTE_SIZE_OVER_LIMIT,
    BTAP_NOTE_RESERVED_ERASE_CODE,  BTAP_NOTE_ERASE_NOT_PERFORMED,   BTAP_NOTE_NACK_MISSING,
    BTAP_NOTE_BYTES_MISSING,        BTAP_NOTE_DETECTION_PADDED,      BTAP_NOTE_OPCODE_IN_DATA,
    BTAP_NOTE_COMMAND_FRAME_SHORT,  BTAP_NOTE_DATA_TAKEN_AS_COMMAND, BTAP_NOTE_DATA_FRAMES_MISSING,
    BTAP_NOTE_DATA_FRAMES_NOT_FULL, BTAP_NOTE_COMMAND_TAKEN_AS_DATA, BTAP_NOTE_LIST_SHORT,
    BTAP_NOTE_LIST_IN_COMMAND,      BTAP_NOTE_ERASE_OPCODE_43,       BTAP_NOTE_SUBMISSION_MISSING,
    BTAP_NOTE_DATA_NOT_KEPT,        BTAP_NOTE_RESERVED_BLOCK,        BTAP_NOTE_COMMAND_LENGTH,
};

/** Of a DfuSe write, whose address nothing but the pointer tells. */
static const enum btap_note_id guesses[] = {
    BTAP_NOTE_DEFAULT_POINTER,
    BTAP_NOTE_POINTER_UNCERTAIN,
};

/** The first note of the transaction that is one of these; NULL: none is. */
static const struct btap_note *find_note(const struct btap_transaction *transaction,
                                         const enum btap_note_id *ids, size_t length)
{
    for (uint32_t i = 0; i < btap_transaction_notes_kept(transaction); i++)
        for (size_t j = 0; j < length; j++)
            if (transaction->notes[i].id == ids[j])
                return &transaction->notes[i];
    return NULL;
}

/** Blocks are counted from this one (AN3156 section 5.1), for which the size does not matter. */
#define FIRST_BLOCK 2

static bool has_guessed_address(const struct btap_transaction *transaction,
                                bool transfer_size_known, char *words)
{
    if (transaction->transport != BTAP_DFU || transaction->command != BTAP_WRITE_MEMORY)
        return false;
    if (find_note(transaction, guesses, sizeof(guesses) / sizeof(guesses[0])) != NULL) {
        snprintf(words, DAMAGE_WORDS_SIZE,
                 "the capture does not tell its address: no Set Address Pointer is in it");
        return true;
    }
    if (transaction->block > FIRST_BLOCK && !transfer_size_known) {
        snprintf(words, DAMAGE_WORDS_SIZE,
                 "the capture does not tell its address: no descriptor has the transfer size");
        return true;
    }
    return false;
}

/** A Special that ended before the host sent its data, which may be anything; and nothing tells
 * that this one ends there. */
static bool lacks_special_data(const struct btap_transaction *transaction)
{
    const bool extended = transaction->command == BTAP_EXTENDED_SPECIAL;

    if (transaction->status == BTAP_OK || reach_is_short(transaction) ||
        (transaction->command != BTAP_SPECIAL && !extended))
        return false;
    return transaction->phase == BTAP_PHASE_COMMAND ||
           transaction->phase == BTAP_PHASE_SUBCOMMAND || transaction->phase == BTAP_PHASE_LENGTH ||
           (extended && transaction->sent2_length == 0 && transaction->phase != BTAP_PHASE_STATUS);
}

bool damage_of(const struct btap_transaction *transaction, bool transfer_size_known, char *words)
{
    const struct btap_note *note =
        find_note(transaction, damages, sizeof(damages) / sizeof(damages[0]));
    char text[BTAP_NOTE_TEXT_SIZE];

    if (transaction->status == BTAP_INCOMPLETE) {
        snprintf(words, DAMAGE_WORDS_SIZE, "the capture ends before its outcome (incomplete)");
        return true;
    }
    if (note != NULL) {
        snprintf(words, DAMAGE_WORDS_SIZE, "%s", btap_note_text(note, text, sizeof(text)));
        return true;
    }
    if (lacks_special_data(transaction)) {
        snprintf(words, DAMAGE_WORDS_SIZE, "it ended before the host sent its data: %s",
                 btap_transaction_outcome(transaction, text, sizeof(text)));
        return true;
    }
    if (transaction->notes_length > btap_transaction_notes_kept(transaction)) {
        snprintf(words, DAMAGE_WORDS_SIZE, "too much is wrong with it");
        return true;
    }
    return has_guessed_address(transaction, transfer_size_known, words);
}
