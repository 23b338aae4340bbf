/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The facts of a session against the table of rules.
 */
#include <string.h>

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

/** Whether the failed command has one of the rule's notes; its values become the finding's. */
static bool failed_note_holds(const struct diagnosis_rule *rule, const struct btap_brief *failed,
                              struct btap_finding *finding)
{
    if (rule->failed_note[0] == 0)
        return true;
    for (size_t i = 0; i < RULE_NOTES_MAX && rule->failed_note[i] != 0; i++) {
        const uint32_t *args =
            diagnosis_brief_args(failed, (enum btap_note_id)(rule->failed_note[i] - 1u));

        if (args == NULL)
            continue;
        for (size_t arg = 0; arg < BTAP_NOTE_ARGS; arg++)
            finding->arg[arg] = args[arg];
        return true;
    }
    return false;
}

static bool failed_holds(const struct diagnosis_rule *rule, const struct btap_session *session,
                         const struct btap_brief *failed, struct btap_finding *finding)
{
    if (!in_set(rule->commands, failed->command) || !in_set(rule->statuses, failed->status) ||
        !in_set(rule->phases, failed->phase) || (rule->clean && !failed->clean) ||
        diagnosis_refuted(rule->supposes, session, failed))
        return false;
    if (rule->dfu_statuses != 0 &&
        (!(failed->has & BTAP_HAS_DFU_STATUS) || !in_set(rule->dfu_statuses, failed->dfu_status)))
        return false;
    return failed_note_holds(rule, failed, finding);
}

/** Whether a rule says of a recording that does not show it that the device was silent. */
static bool presumes_silence(const struct diagnosis_rule *rule, const struct btap_session *session,
                             const struct btap_brief *failed)
{
    return rule->silence && !diagnosis_sees_silence(session) &&
           (failed == NULL || in_set(SILENT, failed->status));
}

/** Whether a rule speaks of the kind of device that the session is with. */
static bool speaks_of(const struct diagnosis_rule *rule, const struct btap_session *session)
{
    return in_set(rule->families != 0 ? rule->families : STM32 | STM32MP,
                  btap_session_family(session));
}

/** Whether the session's records lack something that the rule needs. */
static bool lacks_needed(const struct diagnosis_rule *rule, const struct btap_session *session,
                         const struct btap_brief *failed)
{
    uint32_t lacks = session->lacks;

    if (diagnosis_knows_answer(session, failed))
        lacks &= ~(uint32_t)BTAP_LACKS_REPLIES;
    return (rule->needs & lacks) != 0;
}

static bool holds(const struct diagnosis_rule *rule, const struct btap_session *session,
                  const struct btap_brief *failed, struct btap_finding *finding)
{
    *finding = (struct btap_finding){.rule = &rule->text};
    if (!in_set(rule->transports, session->transport) || !speaks_of(rule, session) ||
        lacks_needed(rule, session, failed) || presumes_silence(rule, session, failed))
        return false;
    if (failed != NULL && !failed_holds(rule, session, failed, finding))
        return false;
    if (!session_note_holds(rule, session, finding))
        return false;
    if (rule->also != NULL && !rule->also(session, failed, finding))
        return false;
    if (failed != NULL) {
        finding->occurrences = 1;
        add_packet(finding, failed->first_packet);
        add_packet(finding, failed->last_packet);
    }
    if (finding->occurrences == 0)
        finding->occurrences = 1;
    return true;
}

/** Findings that quote other words are not the same. */
static void add_finding(struct btap_diagnosis *diagnosis, const struct btap_finding *finding)
{
    for (uint32_t i = 0; i < diagnosis->findings_length; i++)
        if (diagnosis->findings[i].rule == finding->rule &&
            strcmp(diagnosis->findings[i].quote, finding->quote) == 0) {
            diagnosis->findings[i].occurrences += finding->occurrences;
            for (uint8_t p = 0; p < finding->packets_length; p++)
                add_packet(&diagnosis->findings[i], finding->packets[p]);
            return;
        }
    if (diagnosis->findings_length < BTAP_FINDINGS_MAX)
        diagnosis->findings[diagnosis->findings_length++] = *finding;
    else
        diagnosis->findings_omitted++;
}

/** The cause of a failed command: the first rule that holds. */
static void explain_failed(struct btap_diagnosis *diagnosis, const struct btap_session *session,
                           const struct btap_brief *failed, bool conditional)
{
    const struct diagnosis_rule *rule;
    struct btap_finding finding;

    for (size_t i = 0; (rule = diagnosis_rule(i)) != NULL; i++) {
        if (rule->text.kind != BTAP_RULE_CAUSE || rule->sessionwide ||
            !holds(rule, session, failed, &finding))
            continue;
        finding.conditional = conditional;
        add_finding(diagnosis, &finding);
        return;
    }
}

/** Why the commands failed. Where the device never said anything, one explanation is enough. */
static void explain_failures(struct btap_diagnosis *diagnosis, const struct btap_session *session)
{
    const uint32_t kept =
        session->failures_length < BTAP_FAILURES_MAX ? session->failures_length : BTAP_FAILURES_MAX;

    for (uint32_t i = 0; i < kept; i++) {
        explain_failed(diagnosis, session, &session->failures[i], false);
        if (diagnosis->findings_length > 0 && diagnosis_asked_in_vain(session, NULL, NULL))
            return;
    }
}

/** Adds what holds of one kind of rules about the session as a whole, of causes only those that
 * explain all, or only the others. @return whether there is one */
static bool add_sessionwide(struct btap_diagnosis *diagnosis, const struct btap_session *session,
                            enum btap_rule_kind kind, bool explains_all)
{
    const struct diagnosis_rule *rule;
    struct btap_finding finding;
    bool any = false;

    for (size_t i = 0; (rule = diagnosis_rule(i)) != NULL; i++) {
        if (rule->text.kind != kind || !rule->sessionwide || rule->explains_all != explains_all ||
            (kind != BTAP_RULE_CAUSE && !in_set(rule->verdicts, diagnosis->verdict)) ||
            !holds(rule, session, NULL, &finding))
            continue;
        add_finding(diagnosis, &finding);
        any = true;
    }
    return any;
}

static bool worked_on(const struct btap_session *session)
{
    for (size_t command = 0; command < BTAP_COMMAND_COUNT; command++)
        if (session->done[command] > 0 &&
            btap_command_effort((enum btap_command)command) != BTAP_EFFORT_PROBE)
            return true;
    return false;
}

/** Whether the end is open only for want of answers in the file. */
static bool ends_unlogged(const struct btap_session *session)
{
    return diagnosis_brief_has(&session->last, BTAP_NOTE_ANSWER_NOT_LOGGED);
}

/**
 * Whether a command is open at the end. A device that took Read Unprotect erases its flash and
 * leaves the bus without another word (AN3156 section 5.4).
 */
static bool ends_early(const struct btap_session *session)
{
    return session->last.status == BTAP_INCOMPLETE && !ends_unlogged(session) &&
           !(session->last.command == BTAP_READ_UNPROTECT && session->last.polls > 0);
}

void btap_diagnose(const struct btap_session *session, struct btap_diagnosis *diagnosis)
{
    diagnosis->findings_length = 0;
    diagnosis->findings_omitted = 0;
    /* What failed comes before what it led to: an erase before the memory that it left as it was.
     */
    if (!add_sessionwide(diagnosis, session, BTAP_RULE_CAUSE, true))
        explain_failures(diagnosis, session);
    add_sessionwide(diagnosis, session, BTAP_RULE_CAUSE, false);
    if (diagnosis->findings_length > 0 || session->failures_length > 0)
        diagnosis->verdict = BTAP_VERDICT_FAILED;
    else if (session->transactions == 0 && session->absence == BTAP_ABSENCE_NONE)
        diagnosis->verdict = BTAP_VERDICT_NOT_DECODED;
    else if (ends_early(session) && !session->after_start)
        diagnosis->verdict = BTAP_VERDICT_CUT_SHORT;
    else if (session->unlogged > 0)
        diagnosis->verdict = BTAP_VERDICT_UNKNOWN;
    else
        diagnosis->verdict = worked_on(session) ? BTAP_VERDICT_WORKED : BTAP_VERDICT_NO_FAULT;
    add_sessionwide(diagnosis, session, BTAP_RULE_DOUBT, false);
    /* Nothing tells whether the recorder stopped or the device fell silent. */
    if (diagnosis->verdict == BTAP_VERDICT_CUT_SHORT && diagnosis->findings_length == 0)
        explain_failed(diagnosis, session, &session->last, true);
    add_sessionwide(diagnosis, session, BTAP_RULE_CAPTURE, false);
    add_sessionwide(diagnosis, session, BTAP_RULE_ODDITY, false);
}
