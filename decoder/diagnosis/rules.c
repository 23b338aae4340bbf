/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The tables of rules as one list.
 *
 * To add a rule: a row in the table where it belongs, its two samples in captures/rules.txt, what
 * it says of them in captures/diagnoses.txt, a row in docs/diagnose.md.
 */
#include "diagnosis/rules.h"

#include <string.h>

#include "diagnosis/tables.h"

static const struct diagnosis_table *const tables[] = {
    &diagnosis_stm8, &diagnosis_stm32mp,  &diagnosis_usart,  &diagnosis_usb,     &diagnosis_dfu,
    &diagnosis_can,  &diagnosis_commands, &diagnosis_memory, &diagnosis_session,
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

const struct btap_rule *btap_rule_by_id(const char *id)
{
    const struct diagnosis_rule *rule;

    for (size_t i = 0; (rule = diagnosis_rule(i)) != NULL; i++)
        if (strcmp(rule->text.id, id) == 0)
            return &rule->text;
    return NULL;
}

const struct diagnosis_rule *diagnosis_row(const struct btap_rule *rule)
{
    const struct diagnosis_rule *row;

    for (size_t i = 0; (row = diagnosis_rule(i)) != NULL; i++)
        if (&row->text == rule)
            return row;
    return NULL;
}

uint32_t btap_rule_needs(const struct btap_rule *rule)
{
    const struct diagnosis_rule *row = diagnosis_row(rule);

    return row != NULL ? row->needs & BTAP_LACKS_ALL : 0;
}

const char *btap_rule_command_line(const struct btap_rule *rule, enum btap_transport transport)
{
    const struct diagnosis_rule *row = diagnosis_row(rule);

    return row != NULL && row->command_line[transport] != NULL ? row->command_line[transport] : "";
}
