/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What holds for every rule of the diagnosis.
 */
#include "boottap/diagnosis.h"

#include <string.h>

#include "test.h"
#include "words.h"

static void ids_are_unique_and_kebab_case(void **state)
{
    (void)state;
    for (size_t i = 0; i < btap_rules_length(); i++) {
        assert_true(is_kebab_case(btap_rule_at(i)->id));
        for (size_t j = 0; j < i; j++)
            assert_string_not_equal(btap_rule_at(i)->id, btap_rule_at(j)->id);
    }
    assert_null(btap_rule_at(btap_rules_length()));
}

static void only_what_happened_takes_values(void **state)
{
    (void)state;
    for (size_t i = 0; i < btap_rules_length(); i++) {
        assert_in_range(conversions(btap_rule_at(i)->what), 0, 3);
        /* The other texts are printed as they stand. */
        assert_null(strchr(btap_rule_at(i)->why, '%'));
        assert_null(strchr(btap_rule_at(i)->next, '%'));
        assert_null(strchr(btap_rule_at(i)->unknown, '%'));
    }
}

/** A person with a board that does not work needs to know what to do, and what else it may be. */
static void causes_and_doubts_tell_all(void **state)
{
    (void)state;
    for (size_t i = 0; i < btap_rules_length(); i++) {
        const struct btap_rule *rule = btap_rule_at(i);

        if (rule->kind != BTAP_RULE_CAUSE && rule->kind != BTAP_RULE_DOUBT)
            continue;
        if (rule->why[0] == '\0' || rule->next[0] == '\0')
            fail_msg("%s lacks why or next", rule->id);
        if (rule->certainty == BTAP_LIKELY && rule->unknown[0] == '\0')
            fail_msg("%s is likely and excludes all else", rule->id);
    }
}

/* A percent sign followed by words was taken for a conversion, and printed what errno stood for. */
static void a_percent_sign_in_a_text_stays_one(void **state)
{
    char text[256];

    (void)state;
    for (size_t i = 0; i < btap_rules_length(); i++) {
        const struct btap_finding finding = {.rule = btap_rule_at(i)};

        if (strcmp(finding.rule->id, "leaves-without-answer") != 0)
            continue;
        assert_non_null(strstr(btap_finding_text(&finding, text, sizeof(text)), "100 % means"));
        return;
    }
    fail_msg("no such rule");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ids_are_unique_and_kebab_case),
        cmocka_unit_test(only_what_happened_takes_values),
        cmocka_unit_test(causes_and_doubts_tell_all),
        cmocka_unit_test(a_percent_sign_in_a_text_stays_one),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
