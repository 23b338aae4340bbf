/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What only USART's sessions have: whether the bytes arrive with their parity bit, and as the host
 * sent them.
 */
#include "session/usart.h"

#include "session/notes.h"

/** A refusal of a command that is never refused. */
static void note_denied(struct btap_session *session, const struct btap_transaction *transaction)
{
    if (transaction->status != BTAP_NACK || transaction->phase != BTAP_PHASE_COMMAND ||
        !btap_command_has(transaction->command, BTAP_TRAIT_UNREFUSED) ||
        session_has_note(transaction, BTAP_NOTE_UNSUPPORTED_COMMAND) || session->denied_packet != 0)
        return;
    session->denied = transaction->opcode;
    session->denied_packet = transaction->last_packet;
}

/** A complement has as many ones, odd or even, as its opcode. */
static bool has_odd_ones(const struct btap_transaction *transaction)
{
    bool odd = false;

    for (unsigned byte = transaction->opcode; byte != 0; byte &= byte - 1u)
        odd = !odd;
    return odd;
}

/** Whether the host paused behind the opcode; an answer before the complement shows it too. */
static bool has_paused(const struct btap_transaction *transaction)
{
    return transaction->pause == BTAP_PAUSE_SEEN ||
           session_has_note(transaction, BTAP_NOTE_NACK_EARLY);
}

/**
 * Whether more than the opcode's two bytes was acknowledged. Of an address and its checksum one
 * byte at least has an even number of ones: the XOR of four odd ones is even.
 */
static bool took_group(const struct btap_transaction *transaction)
{
    if (transaction->has & BTAP_HAS_ADDRESS)
        return transaction->phase != BTAP_PHASE_COMMAND && transaction->phase != BTAP_PHASE_ADDRESS;
    return btap_command_has(transaction->command, BTAP_TRAIT_ERASES) &&
           transaction->status == BTAP_OK;
}

static void note_parity(struct btap_session_tracker *tracker,
                        const struct btap_transaction *transaction)
{
    struct btap_parity_evidence *parity = &tracker->session.parity;
    const struct btap_range flash = btap_product_flash(tracker->product);
    const bool odd = has_odd_ones(transaction);
    const bool refused = transaction->status == BTAP_NACK;

    if (transaction->command == BTAP_SYNC || session_is_unlogged(transaction) ||
        session_has_note(transaction, BTAP_NOTE_COMPLEMENT_MISMATCH) ||
        session_has_note(transaction, BTAP_NOTE_PAIR_MISALIGNED))
        return;
    if (transaction->phase != BTAP_PHASE_COMMAND)
        parity->against += !odd || took_group(transaction);
    else if (refused && odd && has_paused(transaction))
        parity->against += btap_command_has(transaction->command, BTAP_TRAIT_UNREFUSED) &&
                           !session_has_note(transaction, BTAP_NOTE_UNSUPPORTED_COMMAND);
    else if (refused)
        parity->fits += !odd || transaction->pause == BTAP_PAUSE_NONE;
    parity->groups += refused && transaction->phase == BTAP_PHASE_ADDRESS &&
                      session_is_clean(transaction) && transaction->address >= flash.first &&
                      transaction->address <= flash.last;
}

/** Whether the device took an address where only STM8 have what a bootloader serves. */
static bool took_stm8_address(const struct btap_transaction *transaction)
{
    return (transaction->has & BTAP_HAS_ADDRESS) && transaction->address < BTAP_STM8_END &&
           transaction->phase != BTAP_PHASE_COMMAND && transaction->phase != BTAP_PHASE_ADDRESS;
}

void session_usart_follow(struct btap_session_tracker *tracker,
                          const struct btap_transaction *transaction)
{
    struct btap_session *session = &tracker->session;

    session->stm8_address |= took_stm8_address(transaction);
    if (session->stm8_routines_n == 0 && transaction->command == BTAP_WRITE_MEMORY &&
        transaction->status == BTAP_OK && transaction->address == BTAP_STM8_ROUTINES)
        session->stm8_routines_n = transaction->n;
    note_denied(&tracker->session, transaction);
    note_parity(tracker, transaction);
}

bool session_usart_writes_options(const struct btap_product *product,
                                  const struct btap_transaction *transaction)
{
    return transaction->transport == BTAP_USART && transaction->command == BTAP_WRITE_MEMORY &&
           product != NULL && product->option_bytes.last != 0 &&
           transaction->address >= product->option_bytes.first &&
           transaction->address <= product->option_bytes.last;
}
