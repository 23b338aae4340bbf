/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What is said of a session whose records lack something: of an answer that is not in the file,
 * nothing; of a tool that waited in vain, that nobody answered.
 */
#include <string.h>

#include "facts_rig.h"
#include "test.h"

static void add_note(struct btap_brief *brief, enum btap_note_id id)
{
    brief->notes[brief->notes_length++] = id;
}

static const char *verdict(void)
{
    static char text[BTAP_DIAGNOSIS_TEXT_SIZE];

    btap_diagnose(&facts, &diagnosis);
    return btap_verdict_text(&facts, &diagnosis, text, sizeof(text));
}

static void silence_is_told_where_the_tool_tells_it(void **state)
{
    struct btap_brief *failed;

    (void)state;
    facts_begin(BTAP_USART);
    facts.counts[BTAP_OK] = 0;
    failed = facts_failing(BTAP_SYNC, BTAP_NO_REPLY, BTAP_PHASE_SYNC);
    facts.lacks = BTAP_LACKS_REPLIES;
    assert_string_equal(facts_cause(), "");
    add_note(failed, BTAP_NOTE_TOOL_TIMED_OUT);
    assert_string_equal(facts_cause(), "no-answer-to-sync");
}

/* A NACK is in the file, whatever else is not. */
static void an_answer_stays_one(void **state)
{
    (void)state;
    facts_begin(BTAP_USART);
    facts.lacks = BTAP_LACKS_ALL;
    facts_refuse(BTAP_GO, BTAP_PHASE_ADDRESS, 0x60000000);
    assert_string_equal(facts_cause(), "address-refused");
}

/* A command of the work without a logged answer: neither done nor failed, and no end of the file.
 */
static void a_verdict_that_the_log_does_not_hold(void **state)
{
    (void)state;
    facts_begin(BTAP_USART);
    facts.lacks = BTAP_LACKS_REPLIES;
    facts.last.command = BTAP_WRITE_MEMORY;
    facts.last.status = BTAP_INCOMPLETE;
    facts.last.phase = BTAP_PHASE_DATA;
    add_note(&facts.last, BTAP_NOTE_ANSWER_NOT_LOGGED);
    facts.unlogged = 1;
    assert_memory_equal(verdict(),
                        "Not known whether it worked: the log holds no answer to 1 command "
                        "of the work. Nothing failed in what it holds: ",
                        100);
    assert_int_equal(diagnosis.verdict, BTAP_VERDICT_UNKNOWN);
    /* Of one that only probes, nothing is missed. */
    facts.unlogged = 0;
    facts.last.command = BTAP_READ_MEMORY;
    verdict();
    assert_int_not_equal(diagnosis.verdict, BTAP_VERDICT_CUT_SHORT);
    assert_int_not_equal(diagnosis.verdict, BTAP_VERDICT_UNKNOWN);
    /* What failed, failed. */
    facts.unlogged = 1;
    facts_refuse(BTAP_GO, BTAP_PHASE_ADDRESS, 0x60000000);
    verdict();
    assert_int_equal(diagnosis.verdict, BTAP_VERDICT_FAILED);
}

/* The tables' own times stay away where the file has none. */
static void no_times_are_made_up(void **state)
{
    (void)state;
    facts_begin(BTAP_USART);
    facts.duration = 3 * SECOND;
    assert_non_null(strstr(verdict(), "3.000 s"));
    facts.lacks = BTAP_LACKS_TIMES;
    assert_null(strstr(verdict(), " s"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(silence_is_told_where_the_tool_tells_it),
        cmocka_unit_test(an_answer_stays_one),
        cmocka_unit_test(a_verdict_that_the_log_does_not_hold),
        cmocka_unit_test(no_times_are_made_up),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
