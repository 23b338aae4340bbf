/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Where the rules of what became of memory begin to hold: facts of a session set by hand, both
 * sides of every bound.
 */
#include "facts_rig.h"
#include "test.h"

/* Programming clears bits only: old and new contents are combined where nothing was erased. */
static void how_what_was_read_back_differs(void **state)
{
    static const struct {
        const char *rule;
        uint32_t pid; /* 0x460 erases to 0xFF, 0x416 to 0x00 */
        uint64_t same, cleared, few, ff, zero, unerased, erased, untouched;
    } cases[] = {
        {"not-erased", 0x460, 99, 9, 0, 0, 0, 16, 0, 0},
        {"not-erased", 0x460, 999, 9, 9, 0, 0, 16, 0, 0}, /* few bits may be the old contents' */
        {"not-erased", 0, 99, 9, 0, 0, 9, 0, 0, 0},
        {"erase-without-effect", 0x460, 99, 9, 0, 0, 0, 0, 1, 9},
        {"bits-differ", 0x460, 180, 9, 9, 0, 0, 0, 1, 0},
        {"bits-differ", 0x460, 180, 0, 9, 0, 0, 16, 0, 0},
        {"erase-without-effect", 0x460, 179, 9, 9, 0, 0, 0, 1, 0}, /* not few among many */
        {"not-programmed", 0x460, 99, 0, 0, 9, 0, 0, 1, 0},
        {"pages-untouched", 0x460, 99, 0, 0, 9, 0, 0, 1, 9},
        {"pages-untouched", 0x460, 99, 4, 1, 1, 0, 0, 1, 9}, /* old contents */
        {"read-back-differs", 0x460, 99, 4, 1, 1, 0, 0, 1, 8},
        {"not-programmed", 0x416, 99, 9, 0, 0, 9, 0, 1, 0},
        {"read-back-differs", 0x416, 99, 9, 0, 0, 8, 0, 1, 0}, /* there erased bits are 0 */
        {"read-back-differs", 0x416, 99, 0, 0, 9, 0, 0, 1, 0},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        for (unsigned transport = 0; transport < BTAP_TRANSPORT_COUNT; transport++) {
            facts_begin((enum btap_transport)transport);
            if (cases[i].pid != 0)
                facts_know_product(cases[i].pid);
            facts.unerased = cases[i].unerased;
            facts.mass_erases = cases[i].erased;
            facts.untouched_different = cases[i].untouched;
            facts.pages_untouched = (struct btap_ranges){1, false, {{FLASH, FLASH + 0x7ff}}};
            facts.verification = (struct btap_verification){.same = cases[i].same,
                                                            .different = 9,
                                                            .only_cleared = cases[i].cleared,
                                                            .few_bits = cases[i].few,
                                                            .read_ff = cases[i].ff,
                                                            .read_00 = cases[i].zero,
                                                            .first_packet = 9,
                                                            .first_address = FLASH + 4};
            assert_string_equal(facts_cause(), cases[i].rule);
            assert_int_equal(diagnosis.findings_length, 1);
            assert_int_equal(diagnosis.findings[0].arg[0], 9);
            assert_int_equal(diagnosis.findings[0].arg[1], FLASH + 4);
            assert_int_equal(diagnosis.findings[0].packets[0], 9);
        }
    facts.verification = (struct btap_verification){.same = 9};
    assert_string_equal(facts_cause(), "");
}

/* A risk explains what differs only if it explains all of it; what was elsewhere is that. */
static void what_a_risk_explains(void **state)
{
    static const char *const rules[BTAP_RISK_COUNT] = {"lost-after-read", "split-unit",
                                                       "rewritten-unit", "short-unit"};

    (void)state;
    for (unsigned kind = 0; kind < BTAP_RISK_COUNT; kind++) {
        facts_begin(BTAP_FDCAN);
        facts_know_product(0x483);
        facts.verification.different = 9;
        facts.verification.at_risk[kind] = 9;
        assert_string_equal(facts_cause(), rules[kind]);
        facts.verification.at_risk[kind] = 8;
        assert_string_equal(facts_cause(), "read-back-differs");
        facts.verification.at_risk[kind] = 9;
        facts.verification.elsewhere = true;
        facts.verification.elsewhere_address = FLASH + 0x800;
        assert_string_equal(facts_cause(), "read-elsewhere");
        assert_int_equal(diagnosis.findings[0].arg[1], FLASH + 0x800);
    }
}

/* A doubt needs a product whose units are known for certain, and nothing that was read back. */
static void risks_that_nothing_was_read_back_of(void **state)
{
    static const char *const rules[] = {"maybe-lost-after-read", "maybe-split-unit",
                                        "maybe-rewritten-unit"};

    (void)state;
    for (unsigned kind = 0; kind < COUNT_OF(rules); kind++) {
        facts_begin(BTAP_USART);
        facts.risks[kind] = (struct btap_risk){3, 7, FLASH + 4};
        facts_know_product(0x469); /* G4: by the series only */
        assert_null(facts_find(rules[kind]));
        facts_know_product(0x460);
        assert_non_null(facts_find(rules[kind]));
        assert_int_equal(facts_find(rules[kind])->arg[0], 3);
        assert_int_equal(facts_find(rules[kind])->arg[1], FLASH + 4);
        assert_int_equal(facts_find(rules[kind])->packets[0], 7);
        facts.verification.same = 1;
        assert_null(facts_find(rules[kind]));
    }
}

/* The failed command's own numbers, not those of the first note of the kind. */
static void numbers_are_the_failed_commands(void **state)
{
    struct btap_brief *failed;

    (void)state;
    facts_begin(BTAP_DFU);
    facts.notes[BTAP_NOTE_OVER_TRANSFER_SIZE].count = 2;
    facts.notes[BTAP_NOTE_OVER_TRANSFER_SIZE].arg[0] = 1500;
    failed = facts_failing(BTAP_WRITE_MEMORY, BTAP_STALL, BTAP_PHASE_REQUEST);
    failed->length = 2048;
    failed->notes_length = 1;
    failed->notes[0] = BTAP_NOTE_OVER_TRANSFER_SIZE;
    failed->note_args[0][0] = 2048;
    failed->note_args[0][1] = 1024;
    assert_string_equal(facts_cause(), "block-too-long");
    assert_int_equal(diagnosis.findings[0].arg[0], 2048);
    assert_int_equal(diagnosis.findings[0].arg[1], 1024);
    facts.write_longest_done = 2048; /* as long a block was taken */
    assert_string_not_equal(facts_cause(), "block-too-long");
}

/* Who starts what he wrote from its beginning gave the right address. */
static void where_a_program_is_started(void **state)
{
    (void)state;
    facts_begin(BTAP_USART);
    facts.started = true;
    facts.start_address = FLASH + 0x1000;
    assert_string_equal(facts_cause(), ""); /* what lies there is not known */
    facts.start_address = FLASH + 0x1001;
    assert_string_equal(facts_cause(), "start-without-table"); /* nor can it be anything there */
    facts.image = (struct btap_vector){.known = true, .plausible = true, .address = FLASH};
    assert_string_equal(facts_cause(), "start-beside-table");
    assert_int_equal(diagnosis.findings[0].arg[1], FLASH);
    facts.start_address = FLASH + 0x1000;
    facts.start = (struct btap_vector){.known = true, .address = FLASH + 0x1000};
    assert_string_equal(facts_cause(), "start-beside-table");
    facts.start.plausible = true;
    assert_string_equal(facts_cause(), "");
    facts.start = (struct btap_vector){.known = true, .address = FLASH};
    facts.image = facts.start;
    facts.start_address = FLASH;
    assert_string_equal(facts_cause(), "");
}

/* A capture that begins in mid-stream may have missed the erase; what was read back is known. */
static void what_was_written_without_an_erase(void **state)
{
    static const enum btap_command begins[] = {BTAP_SYNC, BTAP_GET_ID, BTAP_GET_STATUS};

    (void)state;
    facts_begin(BTAP_USART);
    facts.unerased = 16;
    facts.unerased_address = FLASH;
    facts.unerased_packet = 5;
    assert_null(facts_find("written-without-erase"));
    for (size_t i = 0; i < COUNT_OF(begins); i++) {
        facts.done[begins[i]] = 1;
        assert_non_null(facts_find("written-without-erase"));
        assert_int_equal(facts_find("written-without-erase")->arg[0], 16);
        assert_int_equal(facts_find("written-without-erase")->arg[1], FLASH);
        assert_int_equal(facts_find("written-without-erase")->packets[0], 5);
        facts.done[begins[i]] = 0;
    }
    facts.done[BTAP_SYNC] = 1;
    facts.verification.same = 1;
    assert_null(facts_find("written-without-erase"));
    facts.verification.same = 0;
    facts.unerased = 0;
    assert_null(facts_find("written-without-erase"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(how_what_was_read_back_differs),
        cmocka_unit_test(what_a_risk_explains),
        cmocka_unit_test(risks_that_nothing_was_read_back_of),
        cmocka_unit_test(numbers_are_the_failed_commands),
        cmocka_unit_test(where_a_program_is_started),
        cmocka_unit_test(what_was_written_without_an_erase),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
