/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What is said of silence where only a tool's reads were recorded: never that the device was
 * silent.
 */
#include <string.h>

#include "facts_rig.h"
#include "test.h"

static void silence_is_the_tools_where_only_its_reads_show(void **state)
{
    (void)state;
    facts_begin(BTAP_USART);
    facts.counts[BTAP_OK] = 0;
    facts_failing(BTAP_SYNC, BTAP_NO_REPLY, BTAP_PHASE_SYNC);
    assert_string_equal(facts_cause(), "no-answer-to-sync");
    facts.at_tool = true;
    assert_string_equal(facts_cause(), "tool-read-nothing");
    facts.failures[0].status = BTAP_INCOMPLETE;
    assert_string_equal(facts_cause(), "tool-read-nothing");

    facts_begin(BTAP_FDCAN);
    facts.counts[BTAP_OK] = 0;
    facts_failing(BTAP_SYNC, BTAP_NO_REPLY, BTAP_PHASE_SYNC);
    assert_string_equal(facts_cause(), "detection-unanswered");
    facts.at_tool = true;
    assert_string_equal(facts_cause(), "tool-read-nothing");
}

/* A USB transfer tells its end whatever the tool does with it. */
static void a_usb_transfer_without_answer_stays_one(void **state)
{
    (void)state;
    facts_begin(BTAP_DFU);
    facts.at_tool = true;
    facts_failing(BTAP_GET_STATE, BTAP_NO_REPLY, BTAP_PHASE_REQUEST);
    assert_string_equal(facts_cause(), "unexplained-silence");
}

/* What an answer shows is there, and what the host did wrong is wrong. */
static void other_causes_hold_as_ever(void **state)
{
    (void)state;
    facts_begin(BTAP_USART);
    facts.at_tool = true;
    facts_refuse(BTAP_GO, BTAP_PHASE_ADDRESS, 0x60000000);
    assert_string_equal(facts_cause(), "address-refused");
    facts_begin(BTAP_USART);
    facts.at_tool = true;
    facts.notes[BTAP_NOTE_NO_PARITY].count = 1;
    facts_failing(BTAP_SYNC, BTAP_NO_REPLY, BTAP_PHASE_SYNC);
    assert_string_equal(facts_cause(), "port-without-parity");
}

static void assert_says_nothing_of_silence(const char *text, const char *rule)
{
    static const char *const words[] = {"No answer",       "ts no answer", "t get no answer",
                                        "obody answers",   "says nothing", "silent",
                                        "does not answer", "not answered"};

    for (size_t i = 0; i < COUNT_OF(words); i++)
        if (strstr(text, words[i]) != NULL)
            fail_msg("%s says of what a tool read: %s", rule, text);
}

/** Holds all that is found to it. */
static void check_findings(void)
{
    btap_diagnose(&facts, &diagnosis);
    for (uint32_t i = 0; i < diagnosis.findings_length; i++) {
        const struct btap_rule *rule = diagnosis.findings[i].rule;

        if (strcmp(rule->id, "tool-read-nothing") == 0)
            continue;
        assert_says_nothing_of_silence(rule->what, rule->id);
        assert_says_nothing_of_silence(rule->why, rule->id);
    }
}

/** A command that got no answer read, in a session that has a note. */
static void set_silent(enum btap_transport transport, enum btap_command command,
                       enum btap_status status, enum btap_phase phase, enum btap_note_id note)
{
    struct btap_brief *failed;

    facts_begin(transport);
    facts.at_tool = true;
    facts.counts[BTAP_OK] = command % 2;
    failed = facts_failing(command, status, phase);
    failed->notes_length = 1;
    failed->notes[0] = note;
    failed->after_reset = note == 0;
    facts.last = *failed;
    facts.notes[note].count = 1;
}

/** A command of either wire: failed, then open at the end and not given up. */
static void check_command(enum btap_command command, enum btap_phase phase, enum btap_note_id note)
{
    static const enum btap_transport wires[] = {BTAP_USART, BTAP_FDCAN};

    for (size_t i = 0; i < COUNT_OF(wires); i++) {
        set_silent(wires[i], command, BTAP_NO_REPLY, phase, note);
        check_findings();
        set_silent(wires[i], command, BTAP_INCOMPLETE, phase, note);
        facts.failures_length = 0;
        check_findings();
    }
}

/** Every command at every phase, and with every note. */
static void no_rule_calls_the_device_silent(void **state)
{
    (void)state;
    for (unsigned command = 0; command < BTAP_COMMAND_COUNT; command++) {
        for (unsigned phase = 0; phase < BTAP_PHASE_COUNT; phase++)
            check_command((enum btap_command)command, (enum btap_phase)phase, 0);
        for (unsigned note = 1; note < BTAP_NOTE_COUNT; note++)
            check_command((enum btap_command)command, BTAP_PHASE_ADDRESS, (enum btap_note_id)note);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(silence_is_the_tools_where_only_its_reads_show),
        cmocka_unit_test(a_usb_transfer_without_answer_stays_one),
        cmocka_unit_test(other_causes_hold_as_ever),
        cmocka_unit_test(no_rule_calls_the_device_silent),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
