/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The conditions that several tables of rules use.
 */
#include "diagnosis/rule.h"

#include <stdio.h>

const uint32_t *diagnosis_brief_args(const struct btap_brief *brief, enum btap_note_id id)
{
    for (uint32_t i = 0; i < brief->notes_length; i++)
        if (brief->notes[i] == id)
            return brief->note_args[i];
    return NULL;
}

bool diagnosis_brief_has(const struct btap_brief *brief, enum btap_note_id id)
{
    return diagnosis_brief_args(brief, id) != NULL;
}

bool diagnosis_quote(struct btap_finding *finding, const char *words)
{
    snprintf(finding->quote, sizeof(finding->quote), "%s", words);
    return true;
}

bool diagnosis_has_opcode(const uint32_t set[8], unsigned opcode)
{
    return (set[opcode / 32] & BIT(opcode % 32)) != 0;
}

uint32_t diagnosis_reversed(uint32_t address)
{
    return address << 24 | (address & 0xff00u) << 8 | (address >> 8 & 0xff00u) | address >> 24;
}

/** Whether the device refused one of the commands that read protection never forbids (AN3155 table
 * 2), and never took it: then it hears other bytes than the host sends. */
static bool identification_refused(const struct btap_session *session)
{
    for (unsigned opcode = 0x00; opcode <= 0x02; opcode++)
        if (diagnosis_has_opcode(session->refused, opcode) &&
            !diagnosis_has_opcode(session->accepted, opcode) &&
            (!session->commands_known || diagnosis_has_opcode(session->commands, opcode)))
            return true;
    return false;
}

/**
 * The device did what read protection forbids, before the command or after it; there only if the
 * protection was not removed in between.
 */
static bool read_protection_refuted(const struct btap_session *session,
                                    const struct btap_brief *failed)
{
    const bool removed =
        session->done[BTAP_READOUT_UNPROTECT] > 0 || session->done[BTAP_READ_UNPROTECT] > 0;

    if (session->transport != BTAP_DFU &&
        (!btap_command_has(failed->command, BTAP_TRAIT_RESTRICTED) ||
         identification_refused(session)))
        return true;
    return failed->unprotected || (session->unprotected && !removed);
}

bool diagnosis_refuted(uint32_t suppositions, const struct btap_session *session,
                       const struct btap_brief *failed)
{
    /* An STM8's ROM starts the program at once where the protection is on: who talks is open. */
    if ((suppositions & READ_PROTECTION) && btap_session_family(session) == BTAP_FAMILY_STM8)
        return true;
    return ((suppositions & READ_PROTECTION) && read_protection_refuted(session, failed)) ||
           ((suppositions & BLOCK_TOO_LONG) && failed->length <= session->write_longest_done);
}

bool diagnosis_start_doubtful(const struct btap_session *session)
{
    const struct btap_vector *start = &session->start;

    /* Who starts what he wrote from its beginning gave the right address, whatever he wrote. */
    return session->started &&
           (session->start_address % 4 != 0 ||
            (start->known && !start->plausible && start->address != session->image.address));
}

bool diagnosis_ranges_touch(const struct btap_ranges *ranges, const struct btap_range *range)
{
    for (uint32_t i = 0; i < ranges->length; i++)
        if (ranges->list[i].first <= range->last && ranges->list[i].last >= range->first)
            return true;
    return false;
}

const struct btap_product *diagnosis_product(const struct btap_session *session)
{
    return btap_session_product(session);
}

bool diagnosis_show(struct btap_finding *finding, uint64_t packet)
{
    finding->packets[0] = packet;
    finding->packets_length = packet != 0;
    return true;
}

/** An application that was started before owes no answer. */
bool diagnosis_never_answered(const struct btap_session *session, const struct btap_brief *failed,
                              struct btap_finding *finding)
{
    (void)failed;
    (void)finding;
    return session->counts[BTAP_OK] == 0 && session->counts[BTAP_NACK] == 0 &&
           session->counts[BTAP_BAD_REPLY] == 0 && !session->after_start;
}

bool diagnosis_asked_in_vain(const struct btap_session *session, const struct btap_brief *failed,
                             struct btap_finding *finding)
{
    return session->transactions > 0 && diagnosis_never_answered(session, failed, finding);
}

bool diagnosis_sees_silence(const struct btap_session *session)
{
    return !session->at_tool || session->transport == BTAP_DFU;
}

bool diagnosis_knows_answer(const struct btap_session *session, const struct btap_brief *failed)
{
    return (session->lacks & BTAP_LACKS_REPLIES) == 0 ||
           (failed != NULL && ((SILENT & BIT(failed->status)) == 0 ||
                               diagnosis_brief_has(failed, BTAP_NOTE_TOOL_TIMED_OUT) ||
                               diagnosis_brief_has(failed, BTAP_NOTE_CAN_NO_ACKNOWLEDGE)));
}

bool diagnosis_only_reads(const struct btap_session *session, const struct btap_brief *failed,
                          struct btap_finding *finding)
{
    (void)failed;
    (void)finding;
    return !diagnosis_sees_silence(session);
}

bool diagnosis_answered(const struct btap_session *session, const struct btap_brief *failed,
                        struct btap_finding *finding)
{
    return !diagnosis_asked_in_vain(session, failed, finding);
}

bool diagnosis_went_well(const struct btap_session *session, const struct btap_brief *failed,
                         struct btap_finding *finding)
{
    (void)failed;
    (void)finding;
    return session->failures_length == 0;
}

bool diagnosis_no_other_bootloader(const struct btap_session *session,
                                   const struct btap_brief *failed, struct btap_finding *finding)
{
    (void)failed;
    (void)finding;
    return session->notes[BTAP_NOTE_OTHER_BOOTLOADER].count == 0;
}

bool diagnosis_no_transactions(const struct btap_session *session, const struct btap_brief *failed,
                               struct btap_finding *finding)
{
    (void)failed;
    (void)finding;
    return session->transactions == 0;
}

bool diagnosis_tell_address(const struct btap_session *session, const struct btap_brief *failed,
                            struct btap_finding *finding)
{
    (void)session;
    finding->arg[0] = failed->address;
    return (failed->has & BTAP_HAS_ADDRESS) != 0;
}

bool diagnosis_tell_opcode(const struct btap_session *session, const struct btap_brief *failed,
                           struct btap_finding *finding)
{
    (void)session;
    finding->arg[0] = failed->opcode;
    return true;
}

bool diagnosis_after_reset(const struct btap_session *session, const struct btap_brief *failed,
                           struct btap_finding *finding)
{
    (void)session;
    (void)finding;
    return failed->after_reset;
}
