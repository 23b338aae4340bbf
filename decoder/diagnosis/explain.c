/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A finding and a rule in sentences.
 */
#include <string.h>

#include "boottap/diagnosis.h"
#include "boottap/sink.h"
#include "diagnosis/rules.h"
#include "model/text.h"

static void append_sentence(struct text *text, const char *label, const char *words)
{
    if (words[0] != '\0')
        text_append(text, ". %s: %s", label, words);
}

const char *btap_finding_explanation(const struct btap_finding *finding,
                                     enum btap_transport transport, char *text, size_t size)
{
    const struct btap_rule *rule = finding->rule;
    struct text sentences = text_begin(text, size);
    char words[BTAP_DIAGNOSIS_TEXT_SIZE];

    text_append(&sentences, "%s%s %s: %s", rule->certainty == BTAP_LIKELY ? "likely " : "",
                btap_rule_kind_name(rule->kind), rule->id,
                btap_finding_text(finding, words, sizeof(words)));
    append_sentence(&sentences, "Why", rule->why);
    append_sentence(&sentences, "What to do", rule->next);
    append_sentence(&sentences, "Command line", btap_rule_command_line(rule, transport));
    append_sentence(&sentences, "Not excluded", rule->not_excluded);
    return text;
}

/** A list of what a set of bits stands for: `a, b or c`. */
static void append_set(struct text *text, const char *before, uint32_t set, unsigned count,
                       const char *(*name_of)(unsigned))
{
    bool first = true;

    for (unsigned value = 0; value < count; value++) {
        if ((set & BIT(value)) == 0)
            continue;
        set &= ~BIT(value);
        text_append(text, "%s%s", first ? before : set != 0 ? ", " : " or ", name_of(value));
        first = false;
    }
}

static const char *transport_title(unsigned transport)
{
    static const char *const titles[BTAP_TRANSPORT_COUNT] = {[BTAP_USART] = "USART",
                                                             [BTAP_DFU] = "USB DFU",
                                                             [BTAP_FDCAN] = "CAN FD",
                                                             [BTAP_CAN] = "classic CAN"};

    return titles[transport];
}

static const char *family_name(unsigned family)
{
    return btap_family_name((enum btap_family)family);
}

static const char *command_label(unsigned command)
{
    return btap_command_label((enum btap_command)command);
}

static const char *status_name(unsigned status)
{
    return btap_status_name((enum btap_status)status);
}

static const char *phase_name(unsigned phase)
{
    return btap_phase_name((enum btap_phase)phase);
}

static const char *dfu_status_name(unsigned status)
{
    return btap_field_value_name(BTAP_DFU, BTAP_FIELD_DFU_STATUS, status);
}

static const char *verdict_name(unsigned verdict)
{
    return btap_verdict_name((enum btap_verdict)verdict);
}

static void append_notes(struct text *text, const char *before,
                         const uint16_t notes[RULE_NOTES_MAX])
{
    for (size_t i = 0; i < RULE_NOTES_MAX && notes[i] != 0; i++)
        text_append(text, "%s%s", i == 0 ? before : " or ",
                    btap_note_name((enum btap_note_id)(notes[i] - 1u)));
}

/** What the file must tell, where it is a log. */
static void append_needs(struct text *text, uint32_t needs)
{
    const char *before = "; of a log, only if it tells ";

    for (unsigned lack = 1; lack <= BTAP_LACKS_ALL; lack <<= 1)
        if ((needs & lack) != 0) {
            text_append(text, "%s%s", before, btap_lack_name((enum btap_lack)lack));
            before = " and ";
        }
}

const char *btap_rule_conditions(const struct btap_rule *rule, char *text, size_t size)
{
    const struct diagnosis_rule *row = diagnosis_row(rule);
    struct text words = text_begin(text, size);

    if (row == NULL)
        return text;
    text_append(&words, row->sessionwide ? "any session" : "a command failed");
    append_set(&words, " on ", row->transports, BTAP_TRANSPORT_COUNT, transport_title);
    if (row->families != 0 && row->families != ANY_DEVICE)
        append_set(&words, " of ", row->families, BTAP_FAMILY_COUNT, family_name);
    append_set(&words, ": ", row->commands, BTAP_COMMAND_COUNT, command_label);
    append_set(&words, "; its status is ", row->statuses, BTAP_STATUS_COUNT, status_name);
    append_set(&words, "; its phase is ", row->phases, BTAP_PHASE_COUNT, phase_name);
    append_set(&words, "; the device's bStatus is ", row->dfu_statuses, 32, dfu_status_name);
    if (row->clean)
        text_append(&words, "; nothing is wrong in the host's bytes");
    append_notes(&words, "; it has note ", row->failed_note);
    append_notes(&words, "; the session has note ", row->note);
    append_needs(&words, row->needs);
    append_set(&words, "; the verdict is ", row->verdicts, BTAP_VERDICT_FAILED + 1, verdict_name);
    return text;
}
