/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What holds for every rule of the diagnosis.
 */
#include "boottap/diagnosis.h"

#include <string.h>

#include "diagnosis/rules.h"
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

/** What a file cannot tell is no finding: for each rule somebody has thought of what it needs. */
static void each_rule_states_its_needs(void **state)
{
    (void)state;
    for (size_t i = 0; i < btap_rules_length(); i++) {
        const struct diagnosis_rule *rule = diagnosis_rule(i);

        if (rule->needs == 0 || (rule->needs & ~(BTAP_LACKS_ALL | NOTHING)) != 0 ||
            ((rule->needs & NOTHING) != 0 && rule->needs != NOTHING))
            fail_msg("%s does not state what it needs", rule->text.id);
        /* That the device was silent shows only where answers would. */
        if (rule->silence && !(rule->needs & REPLIES))
            fail_msg("%s tells silence, and needs no replies", rule->text.id);
        assert_int_equal(btap_rule_needs(&rule->text), rule->needs & BTAP_LACKS_ALL);
    }
}

static void only_what_happened_takes_values(void **state)
{
    (void)state;
    for (size_t i = 0; i < btap_rules_length(); i++) {
        assert_in_range(conversions(btap_rule_at(i)->what), 0, 3);
        /* The other texts are printed as they stand. */
        assert_null(strchr(btap_rule_at(i)->why, '%'));
        assert_null(strchr(btap_rule_at(i)->next, '%'));
        assert_null(strchr(btap_rule_at(i)->not_excluded, '%'));
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
        if (rule->certainty == BTAP_LIKELY && rule->not_excluded[0] == '\0')
            fail_msg("%s is likely and excludes all else", rule->id);
    }
}

/** The verdict's line has room for a clause, and a clause that is a sentence of its own. */
static void likely_causes_begin_with_the_cause(void **state)
{
    char text[BTAP_DIAGNOSIS_TEXT_SIZE];

    (void)state;
    for (size_t i = 0; i < btap_rules_length(); i++) {
        const struct btap_finding finding = {.rule = btap_rule_at(i)};
        const struct btap_rule *rule = finding.rule;

        if (rule->kind != BTAP_RULE_CAUSE || rule->certainty != BTAP_LIKELY)
            continue;
        btap_finding_cause(&finding, text, sizeof(text));
        if (strlen(text) < 10 || strlen(text) > 160)
            fail_msg("%s: '%s'", rule->id, text);
        assert_int_equal(strncmp(rule->why, text, strlen(text)), 0);
    }
}

static void every_rule_is_explained(void **state)
{
    char text[BTAP_EXPLANATION_SIZE];

    (void)state;
    for (size_t i = 0; i < btap_rules_length(); i++) {
        const struct btap_finding finding = {.rule = btap_rule_at(i)};

        assert_ptr_equal(btap_rule_by_id(finding.rule->id), finding.rule);
        assert_true(strlen(btap_rule_conditions(finding.rule, text, sizeof(text))) > 10);
        for (int transport = 0; transport < BTAP_TRANSPORT_COUNT; transport++) {
            btap_finding_explanation(&finding, (enum btap_transport)transport, text, sizeof(text));
            assert_non_null(strstr(text, finding.rule->id));
            assert_true(strlen(text) < sizeof(text) - 1);
        }
    }
    assert_null(btap_rule_by_id("no-such-rule"));
}

/** Each tool belongs to one wire. */
static void command_lines_are_of_the_wire(void **state)
{
    (void)state;
    for (size_t i = 0; i < btap_rules_length(); i++) {
        const struct btap_rule *rule = btap_rule_at(i);

        assert_null(strstr(btap_rule_command_line(rule, BTAP_DFU), "stm32flash"));
        assert_null(strstr(btap_rule_command_line(rule, BTAP_FDCAN), "stm32flash"));
        assert_null(strstr(btap_rule_command_line(rule, BTAP_USART), "dfu-util"));
        assert_null(strstr(btap_rule_command_line(rule, BTAP_FDCAN), "dfu-util"));
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
        cmocka_unit_test(each_rule_states_its_needs),
        cmocka_unit_test(only_what_happened_takes_values),
        cmocka_unit_test(causes_and_doubts_tell_all),
        cmocka_unit_test(likely_causes_begin_with_the_cause),
        cmocka_unit_test(every_rule_is_explained),
        cmocka_unit_test(command_lines_are_of_the_wire),
        cmocka_unit_test(a_percent_sign_in_a_text_stays_one),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
