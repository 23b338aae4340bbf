/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The tables of rules as one list, and the conditions that several of them use.
 *
 * To add a rule: a row in the table where it belongs, its two samples in captures/rules.txt, what
 * it says of them in captures/diagnoses.txt, a row in docs/diagnose.md.
 */
#include "diagnosis/rules.h"

static const struct diagnosis_table *const tables[] = {
    &diagnosis_usart, &diagnosis_dfu, &diagnosis_fdcan, &diagnosis_commands, &diagnosis_session,
};

const struct diagnosis_rule *diagnosis_rule(size_t place)
{
    for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++) {
        if (place < tables[i]->length)
            return &tables[i]->rules[place];
        place -= tables[i]->length;
    }
    return NULL;
}

size_t btap_rules_length(void)
{
    size_t length = 0;

    for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++)
        length += tables[i]->length;
    return length;
}

const struct btap_rule *btap_rule_at(size_t place)
{
    const struct diagnosis_rule *rule = diagnosis_rule(place);

    return rule != NULL ? &rule->text : NULL;
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

bool diagnosis_never_answered(const struct btap_session *session, const struct btap_step *step,
                              struct btap_finding *finding)
{
    (void)step;
    (void)finding;
    return session->counts[BTAP_OK] == 0 && session->counts[BTAP_NACK] == 0 &&
           session->counts[BTAP_BAD_REPLY] == 0;
}

bool diagnosis_asked_in_vain(const struct btap_session *session, const struct btap_step *step,
                             struct btap_finding *finding)
{
    return session->transactions > 0 && diagnosis_never_answered(session, step, finding);
}

bool diagnosis_answered(const struct btap_session *session, const struct btap_step *step,
                        struct btap_finding *finding)
{
    return !diagnosis_asked_in_vain(session, step, finding);
}

bool diagnosis_went_well(const struct btap_session *session, const struct btap_step *step,
                         struct btap_finding *finding)
{
    (void)step;
    (void)finding;
    return session->failures_length == 0;
}

bool diagnosis_no_other_bootloader(const struct btap_session *session, const struct btap_step *step,
                                   struct btap_finding *finding)
{
    (void)step;
    (void)finding;
    return session->notes[BTAP_NOTE_OTHER_BOOTLOADER].count == 0;
}

bool diagnosis_no_transactions(const struct btap_session *session, const struct btap_step *step,
                               struct btap_finding *finding)
{
    (void)step;
    (void)finding;
    return session->transactions == 0;
}

bool diagnosis_tell_address(const struct btap_session *session, const struct btap_step *step,
                            struct btap_finding *finding)
{
    (void)session;
    finding->arg[0] = step->address;
    return (step->has & BTAP_HAS_ADDRESS) != 0;
}

bool diagnosis_tell_opcode(const struct btap_session *session, const struct btap_step *step,
                           struct btap_finding *finding)
{
    (void)session;
    finding->arg[0] = step->opcode;
    return true;
}

bool diagnosis_after_reset(const struct btap_session *session, const struct btap_step *step,
                           struct btap_finding *finding)
{
    (void)session;
    (void)finding;
    return step->after_reset;
}
