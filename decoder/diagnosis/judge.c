/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The facts of a session against the table of rules.
 */
#include "diagnosis/rules.h"

static bool in_set(uint32_t set, unsigned value)
{
    return set == 0 || (value < 32 && (set & (1u << value)) != 0);
}

static void add_packet(struct btap_finding *finding, uint64_t packet)
{
    uint8_t at = finding->packets_length;

    for (uint8_t i = 0; i < finding->packets_length; i++)
        if (finding->packets[i] == packet)
            return;
    if (packet == 0 || finding->packets_length == BTAP_EVIDENCE_MAX)
        return;
    for (; at > 0 && finding->packets[at - 1] > packet; at--)
        finding->packets[at] = finding->packets[at - 1];
    finding->packets[at] = packet;
    finding->packets_length++;
}

/** Whether the session has one of the rule's notes; its values and packet become the finding's. */
static bool session_note_holds(const struct diagnosis_rule *rule,
                               const struct btap_session *session, struct btap_finding *finding)
{
    bool found = rule->note[0] == 0;

    for (size_t i = 0; i < RULE_NOTES_MAX && rule->note[i] != 0; i++) {
        const unsigned id = rule->note[i] - 1u;

        if (session->notes[id].count == 0)
            continue;
        if (!found)
            for (size_t arg = 0; arg < BTAP_NOTE_ARGS; arg++)
                finding->arg[arg] = session->notes[id].arg[arg];
        finding->occurrences += session->notes[id].count;
        add_packet(finding, session->notes[id].packet);
        found = true;
    }
    return found;
}

static bool step_note_holds(const struct diagnosis_rule *rule, const struct btap_session *session,
                            const struct btap_step *step, struct btap_finding *finding)
{
    if (rule->step_note[0] == 0)
        return true;
    for (size_t i = 0; i < RULE_NOTES_MAX && rule->step_note[i] != 0; i++) {
        const enum btap_note_id id = (enum btap_note_id)(rule->step_note[i] - 1u);

        if (!diagnosis_step_has(step, id))
            continue;
        for (size_t arg = 0; arg < BTAP_NOTE_ARGS; arg++)
            finding->arg[arg] = session->notes[id].arg[arg];
        return true;
    }
    return false;
}

static bool step_holds(const struct diagnosis_rule *rule, const struct btap_session *session,
                       const struct btap_step *step, struct btap_finding *finding)
{
    if (!in_set(rule->commands, step->command) || !in_set(rule->statuses, step->status) ||
        !in_set(rule->phases, step->phase) || (rule->clean && !step->clean))
        return false;
    if (rule->dfu_statuses != 0 &&
        (!(step->has & BTAP_HAS_DFU_STATUS) || !in_set(rule->dfu_statuses, step->dfu_status)))
        return false;
    return step_note_holds(rule, session, step, finding);
}

static bool holds(const struct diagnosis_rule *rule, const struct btap_session *session,
                  const struct btap_step *step, struct btap_finding *finding)
{
    *finding = (struct btap_finding){.rule = &rule->text};
    if (!in_set(rule->transports, session->transport))
        return false;
    if (step != NULL && !step_holds(rule, session, step, finding))
        return false;
    if (!session_note_holds(rule, session, finding))
        return false;
    if (rule->also != NULL && !rule->also(session, step, finding))
        return false;
    if (step != NULL) {
        finding->occurrences = 1;
        add_packet(finding, step->first_packet);
        add_packet(finding, step->last_packet);
    }
    if (finding->occurrences == 0)
        finding->occurrences = 1;
    return true;
}

static void add_finding(struct btap_session *session, const struct btap_finding *finding)
{
    for (uint32_t i = 0; i < session->findings_length; i++)
        if (session->findings[i].rule == finding->rule) {
            session->findings[i].occurrences += finding->occurrences;
            for (uint8_t p = 0; p < finding->packets_length; p++)
                add_packet(&session->findings[i], finding->packets[p]);
            return;
        }
    if (session->findings_length < BTAP_FINDINGS_MAX)
        session->findings[session->findings_length++] = *finding;
    else
        session->findings_omitted++;
}

/** The cause of a failed command: the first rule that holds. */
static void explain_step(struct btap_session *session, const struct btap_step *step)
{
    const struct diagnosis_rule *rule;
    struct btap_finding finding;

    for (size_t i = 0; (rule = diagnosis_rule(i)) != NULL; i++) {
        if (rule->text.kind != BTAP_RULE_CAUSE || rule->stepless ||
            !holds(rule, session, step, &finding))
            continue;
        add_finding(session, &finding);
        return;
    }
}

/** Why the commands failed. Where the device never said anything, one explanation is enough. */
static void explain_failures(struct btap_session *session)
{
    const uint32_t kept =
        session->failures_length < BTAP_FAILURES_MAX ? session->failures_length : BTAP_FAILURES_MAX;

    for (uint32_t i = 0; i < kept; i++) {
        explain_step(session, &session->failures[i]);
        if (session->findings_length > 0 && diagnosis_asked_in_vain(session, NULL, NULL))
            return;
    }
}

/** Adds what holds of one kind of rules about the session as a whole. @return whether all is told
 */
static bool add_stepless(struct btap_session *session, enum btap_rule_kind kind)
{
    const struct diagnosis_rule *rule;
    struct btap_finding finding;
    bool all = false;

    for (size_t i = 0; (rule = diagnosis_rule(i)) != NULL; i++) {
        if (rule->text.kind != kind || !rule->stepless || !holds(rule, session, NULL, &finding))
            continue;
        add_finding(session, &finding);
        all = all || rule->explains_all;
    }
    return all;
}

static bool worked_on(const struct btap_session *session)
{
    for (size_t command = 0; command < BTAP_COMMAND_COUNT; command++)
        if (session->done[command] > 0 &&
            btap_command_effort((enum btap_command)command) != BTAP_EFFORT_PROBE)
            return true;
    return false;
}

void diagnosis_judge(struct btap_session *session)
{
    session->findings_length = 0;
    session->findings_omitted = 0;
    if (!add_stepless(session, BTAP_RULE_CAUSE))
        explain_failures(session);
    if (session->findings_length > 0 || session->failures_length > 0)
        session->verdict = BTAP_VERDICT_FAILED;
    else if (session->last.status == BTAP_INCOMPLETE)
        session->verdict = BTAP_VERDICT_CUT_SHORT;
    else
        session->verdict = worked_on(session) ? BTAP_VERDICT_WORKED : BTAP_VERDICT_NO_FAULT;
    add_stepless(session, BTAP_RULE_DOUBT);
    add_stepless(session, BTAP_RULE_CAPTURE);
    add_stepless(session, BTAP_RULE_ODDITY);
}
