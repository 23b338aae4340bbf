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

const struct btap_product *diagnosis_product(const struct btap_session *session)
{
    return session->pid_known ? btap_product_by_pid(session->pid) : NULL;
}

bool diagnosis_show(struct btap_finding *finding, uint64_t packet)
{
    finding->packets[0] = packet;
    finding->packets_length = packet != 0;
    return true;
}

bool diagnosis_never_answered(const struct btap_session *session, const struct btap_brief *failed,
                              struct btap_finding *finding)
{
    (void)failed;
    (void)finding;
    return session->counts[BTAP_OK] == 0 && session->counts[BTAP_NACK] == 0 &&
           session->counts[BTAP_BAD_REPLY] == 0;
}

bool diagnosis_asked_in_vain(const struct btap_session *session, const struct btap_brief *failed,
                             struct btap_finding *finding)
{
    return session->transactions > 0 && diagnosis_never_answered(session, failed, finding);
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
