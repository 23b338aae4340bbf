/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What a diagnosis shows of its evidence, and the words of its verdict.
 */
#include <string.h>

#include "facts_rig.h"
#include "test.h"

/* Evidence */

static void findings_of_one_rule_are_one(void **state)
{
    (void)state;
    facts_begin(BTAP_USART);
    for (uint64_t i = 0; i < 3; i++) {
        struct btap_brief *failed = facts_failing(BTAP_GO, BTAP_NO_REPLY, BTAP_PHASE_COMMAND);

        failed->first_packet = 20 - 4 * i;
        failed->last_packet = 21 - 4 * i;
    }
    assert_string_equal(facts_cause(), "unexplained-silence");
    assert_int_equal(diagnosis.findings_length, 1);
    assert_int_equal(diagnosis.findings[0].occurrences, 3);
    /* the first packets that came, in their order, and none twice */
    assert_int_equal(diagnosis.findings[0].packets_length, 4);
    assert_int_equal(diagnosis.findings[0].packets[0], 16);
    assert_int_equal(diagnosis.findings[0].packets[1], 17);
    assert_int_equal(diagnosis.findings[0].packets[2], 20);
    assert_int_equal(diagnosis.findings[0].packets[3], 21);
}

static void notes_of_a_session_are_counted(void **state)
{
    const struct btap_finding *finding;

    (void)state;
    facts_begin(BTAP_USART);
    facts.notes[BTAP_NOTE_FRAMING_ERROR].count = 3;
    facts.notes[BTAP_NOTE_FRAMING_ERROR].packet = 9;
    facts.notes[BTAP_NOTE_PARITY_ERROR].count = 2;
    facts.notes[BTAP_NOTE_PARITY_ERROR].packet = 12;
    finding = facts_find("line-errors");
    assert_non_null(finding);
    assert_int_equal(finding->occurrences, 5);
    assert_int_equal(finding->packets[0], 9);
    assert_int_equal(finding->packets[1], 12);
    facts.transport = BTAP_DFU;
    assert_null(facts_find("line-errors"));
}

/* DFU's BUSY_LONGER_THAN_STATED carries its two values; the finding shows them. */
static void values_of_a_note_are_the_findings(void **state)
{
    (void)state;
    facts_begin(BTAP_DFU);
    facts.notes[BTAP_NOTE_BUSY_LONGER_THAN_STATED].count = 1;
    facts.notes[BTAP_NOTE_BUSY_LONGER_THAN_STATED].arg[0] = 700;
    facts.notes[BTAP_NOTE_BUSY_LONGER_THAN_STATED].arg[1] = 50;
    assert_int_equal(facts_find("busy-longer-than-stated")->arg[0], 700);
    assert_int_equal(facts_find("busy-longer-than-stated")->arg[1], 50);
    assert_int_equal(facts_find("busy-longer-than-stated")->packets_length, 0);
}

/* Verdicts */

/** Work that ended well: reading, writing, erasing; asking who is there is none. */
static void work_that_ended_well_worked(void **state)
{
    (void)state;
    facts_begin(BTAP_USART);
    assert_string_equal(facts_cause(), "");
    assert_int_equal(diagnosis.verdict, BTAP_VERDICT_NO_FAULT);
    facts.done[BTAP_READ_MEMORY] = 1;
    facts_cause();
    assert_int_equal(diagnosis.verdict, BTAP_VERDICT_WORKED);
    facts.last.status = BTAP_INCOMPLETE;
    assert_string_equal(facts_cause(), "unexplained-silence");
    assert_true(diagnosis.findings[0].conditional);
    assert_non_null(facts_find("capture-ends-early"));
    assert_int_equal(diagnosis.verdict, BTAP_VERDICT_CUT_SHORT);
    facts_failing(BTAP_GO, BTAP_NO_REPLY, BTAP_PHASE_COMMAND);
    facts.last.status = BTAP_INCOMPLETE;
    facts_cause();
    assert_int_equal(diagnosis.verdict, BTAP_VERDICT_FAILED);
    assert_null(facts_find("capture-ends-early"));
    facts_begin(BTAP_USART);
    facts.done[BTAP_UPLOAD] = 1; /* the last of all commands, it may be */
    facts_cause();
    assert_int_equal(diagnosis.verdict, BTAP_VERDICT_WORKED);
}

static const char *verdict(void)
{
    static char text[BTAP_DIAGNOSIS_TEXT_SIZE];

    btap_diagnose(&facts, &diagnosis);
    return btap_verdict_text(&facts, &diagnosis, text, sizeof(text));
}

static void verdicts_say_what_was_done(void **state)
{
    (void)state;
    facts_begin(BTAP_USART);
    facts.duration = 1234567890;
    facts.transactions = 1;
    assert_string_equal(verdict(), "No fault found in the traffic: 1 command, nothing erased, "
                                   "written or read; 1.235 s");
    facts.transactions = 2;
    facts.done[BTAP_WRITE_PROTECT] = 1;
    facts.done[BTAP_DETACH] = 1;
    facts.erased.commands = 2;
    facts.mass_erases = 1;
    facts.bank_erases = 2;
    facts.erased_pages = 1;
    facts.erase_unsized = true;
    facts.erased.ranges.length = 1;
    facts.erased.ranges.list[0] = (struct btap_range){FLASH, FLASH + 0x3ff};
    facts.started = true;
    facts.start_address = FLASH;
    assert_string_equal(verdict(),
                        "Worked: Write Protect, Detach, erased everything, erased 2 banks, erased "
                        "1 page, started at 0x08000000; 1.235 s");
    facts.erase_unsized = false;
    facts.done[BTAP_WRITE_PROTECT] = 0;
    facts.mass_erases = 0;
    facts.bank_erases = 0;
    assert_string_equal(verdict(), "Worked: Detach, erased 1 page at 0x08000000-0x080003ff, "
                                   "started at 0x08000000; 1.235 s");
    facts.erased.commands = 0;
    facts.erased_pages = 2;
    assert_string_equal(verdict(), "Worked: Detach, started at 0x08000000; 1.235 s");
}

static void verdicts_say_how_fast_it_was(void **state)
{
    (void)state;
    facts_begin(BTAP_USART);
    facts.duration = SECOND;
    facts.done[BTAP_WRITE_MEMORY] = 1;
    facts.written.commands = 1;
    facts.written.bytes = 1;
    facts.written.last = SECOND;
    facts.written.ranges.length = 2;
    facts.written.ranges.list[1] = (struct btap_range){0x20000000, 0x20000000};
    facts.written.ranges.list[0] = (struct btap_range){FLASH, FLASH};
    facts.read = facts.written;
    facts.read.commands = 2;
    facts.read.bytes = 12345;
    facts.read.first = SECOND / 2;
    facts.read.ranges.joined = true;
    assert_string_equal(verdict(),
                        "Worked: wrote 1 byte at 0x08000000-0x20000000 in 2 pieces, read 12345 "
                        "bytes at 0x08000000-0x20000000 in many pieces (24.7 kB/s); 1.000 s");
    facts.verification.same = 12;
    assert_string_equal(verdict(), "Worked: wrote 1 byte at 0x08000000-0x20000000 in 2 pieces, "
                                   "verified 12 of them by reading back; 1.000 s");
    facts.read.commands = 0;
    facts.verification.same = 0;
    facts.written.commands = 2;
    facts.written.first = SECOND; /* in no time */
    facts.written.ranges.length = 0;
    assert_string_equal(verdict(), "Worked: wrote 1 byte; 1.000 s");
}

static void verdicts_say_what_failed(void **state)
{
    (void)state;
    facts_begin(BTAP_USART);
    facts.verification.different = 3;
    assert_string_equal(verdict(), "Failed: 3 bytes read back differ from what was written, from "
                                   "0x00000000 on, though every write was acknowledged");
    for (int i = 0; i < 2; i++) {
        struct btap_brief *failed = facts_failing(BTAP_GO, BTAP_NO_REPLY, BTAP_PHASE_COMMAND);

        strcpy(failed->words, i == 0 ? "Go" : "Go again");
        strcpy(failed->outcome, "no-reply (command)");
    }
    assert_string_equal(verdict(),
                        "Failed: Go: no-reply (command), and 1 more failed command. The device "
                        "did not hear it, or was reset, or lost power");
    facts.failures_length = 3;
    assert_string_equal(verdict(),
                        "Failed: Go: no-reply (command), and 2 more failed commands. The device "
                        "did not hear it, or was reset, or lost power");
    facts.failures_length = 1;
    assert_string_equal(verdict(), "Failed: Go: no-reply (command). The device "
                                   "did not hear it, or was reset, or lost power");
}

static void names(void **state)
{
    (void)state;
    assert_string_equal(btap_verdict_name(BTAP_VERDICT_WORKED), "worked");
    assert_string_equal(btap_verdict_name(BTAP_VERDICT_NO_FAULT), "no-fault");
    assert_string_equal(btap_verdict_name(BTAP_VERDICT_CUT_SHORT), "cut-short");
    assert_string_equal(btap_verdict_name(BTAP_VERDICT_FAILED), "failed");
    assert_string_equal(btap_verdict_name(BTAP_VERDICT_NOT_DECODED), "not-decoded");
    assert_string_equal(btap_verdict_name(BTAP_VERDICT_UNKNOWN), "unknown");
    assert_string_equal(btap_verdict_name((enum btap_verdict)6), "undefined");
    assert_string_equal(btap_rule_kind_name(BTAP_RULE_CAUSE), "cause");
    assert_string_equal(btap_rule_kind_name(BTAP_RULE_DOUBT), "doubt");
    assert_string_equal(btap_rule_kind_name(BTAP_RULE_ODDITY), "oddity");
    assert_string_equal(btap_rule_kind_name(BTAP_RULE_CAPTURE), "capture");
    assert_string_equal(btap_rule_kind_name((enum btap_rule_kind)4), "unknown");
    assert_string_equal(btap_certainty_name(BTAP_FACT), "fact");
    assert_string_equal(btap_certainty_name(BTAP_LIKELY), "likely");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(findings_of_one_rule_are_one),
        cmocka_unit_test(notes_of_a_session_are_counted),
        cmocka_unit_test(values_of_a_note_are_the_findings),
        cmocka_unit_test(work_that_ended_well_worked),
        cmocka_unit_test(verdicts_say_what_was_done),
        cmocka_unit_test(verdicts_say_how_fast_it_was),
        cmocka_unit_test(verdicts_say_what_failed),
        cmocka_unit_test(names),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
