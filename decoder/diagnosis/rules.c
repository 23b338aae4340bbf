/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The tables of rules as one list.
 *
 * To add a rule: a row in the table where it belongs, its two samples in captures/rules.txt, what
 * it says of them in captures/diagnoses.txt, a row in docs/diagnose.md.
 */
#include "diagnosis/rules.h"

#include "diagnosis/tables.h"

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
