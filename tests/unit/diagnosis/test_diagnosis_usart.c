/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Where the rules of the serial line begin to hold: facts of a session set by hand, both sides of
 * every bound.
 */
#include <string.h>

#include "facts_rig.h"
#include "test.h"

/* 0x00, 0x11: even numbers of ones; 0x01: odd. Read protection lets Get pass. */
static void what_looks_like_a_missing_parity_bit(void **state)
{
    (void)state;
    for (int change = 0; change <= 9; change++) {
        facts_begin(BTAP_USART);
        facts.done[BTAP_SYNC] = 1; /* 0x7F passes: it has seven ones */
        facts.parity.fits = 1;
        facts.denied = 0x00;
        facts.denied_packet = 5;
        facts.refused_first = 0x11;
        facts.refused_packet = 3;
        facts_failing(BTAP_GET, BTAP_NACK, BTAP_PHASE_COMMAND)->opcode = 0x00;
        switch (change) {
        case 1:
            facts.done[BTAP_SYNC] = 0;
            break;
        case 2:
            facts.port.parity_even = true;
            break;
        case 3:
            facts.parity.against = 1;
            break;
        case 4:
            facts.parity.fits = 0;
            break;
        case 5: /* refused at once, as read protection does it */
            facts.denied_packet = 0;
            break;
        case 6:
            facts.denied_packet = 0;
            facts.notes[BTAP_NOTE_NACK_EARLY].count = 1;
            break;
        case 7:
            facts.parity.fits = 0;
            facts.parity.groups = 1;
            break;
        case 8:
            facts.done[BTAP_SYNC] = 0;
            facts.notes[BTAP_NOTE_ALREADY_SYNCED].count = 1;
            break;
        case 9:
            facts.notes[BTAP_NOTE_NO_PARITY].count = 1;
            break;
        default:
            break;
        }
        if ((strcmp(facts_cause(), "no-parity-pattern") == 0) !=
            (change == 0 || change == 6 || change == 7 || change == 8))
            fail_msg("change %d: %s", change, facts_cause());
        if (change == 0) {
            assert_int_equal(diagnosis.findings_length, 1);
            assert_int_equal(diagnosis.findings[0].arg[0], 0x00);
            assert_int_equal(diagnosis.findings[0].packets[0], 5);
        } else if (change == 6) {
            assert_int_equal(diagnosis.findings[0].arg[0], 0x11);
            assert_int_equal(diagnosis.findings[0].packets[0], 3);
        } else if (change == 9) {
            assert_string_equal(facts_cause(), "port-without-parity");
            facts.parity.against = 1; /* something between adds the bit */
            assert_string_equal(facts_cause(), "never-refused");
        }
    }
}

/* AN3155 table 2: Get, Get Version, Get ID and Readout Unprotect work under read protection. */
static void commands_that_nothing_refuses(void **state)
{
    static const struct {
        enum btap_command command;
        const char *rule;
    } cases[] = {
        {BTAP_GET, "never-refused"},           {BTAP_GET_VERSION, "never-refused"},
        {BTAP_GET_ID, "never-refused"},        {BTAP_READOUT_UNPROTECT, "never-refused"},
        {BTAP_READ_MEMORY, "refused-at-once"}, {BTAP_WRITE_MEMORY, "refused-at-once"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        facts_begin(BTAP_USART);
        facts.parity.against = 1;
        facts.denied_packet = 4;
        facts_failing(cases[i].command, BTAP_NACK, BTAP_PHASE_COMMAND)->opcode = 0x12;
        assert_string_equal(facts_cause(), cases[i].rule);
        assert_int_equal(diagnosis.findings[0].arg[0], 0x12);
        assert_null(strstr(diagnosis.findings[0].rule->next, "emove the read protection"));
    }
    facts_begin(BTAP_USART); /* not in the list of Get */
    facts.denied_packet = 4;
    facts_failing(BTAP_GET_VERSION, BTAP_NACK, BTAP_PHASE_COMMAND)->notes_length = 1;
    facts.failures[0].notes[0] = BTAP_NOTE_UNSUPPORTED_COMMAND;
    assert_string_equal(facts_cause(), "unsupported-command");
    facts_begin(BTAP_FDCAN);
    facts_failing(BTAP_GET_ID, BTAP_NACK, BTAP_PHASE_COMMAND);
    assert_string_equal(facts_cause(), "unexplained-nack");
}

static void what_the_device_hears_besides(void **state)
{
    (void)state;
    facts_begin(BTAP_USART);
    facts.done[BTAP_SYNC] = 1;
    facts.parity.fits = 1;
    facts.denied = 0x02;
    facts.denied_packet = 6;
    facts.notes[BTAP_NOTE_SURPLUS_ANSWER].count = 1;
    facts.notes[BTAP_NOTE_SURPLUS_ANSWER].packet = 2;
    facts.notes[BTAP_NOTE_SURPLUS_ANSWER].arg[0] = 0x1f;
    facts_failing(BTAP_GET_ID, BTAP_NACK, BTAP_PHASE_COMMAND);
    assert_string_equal(facts_cause(), "device-hears-other-bytes");
    assert_int_equal(diagnosis.findings_length, 1); /* it is not called harmless, too */
    assert_int_equal(diagnosis.findings[0].arg[0], 0x1f);
    assert_int_equal(diagnosis.findings[0].arg[1], 0x02);
    facts.notes[BTAP_NOTE_SURPLUS_ANSWER].packet = 6; /* two NACKs for one command */
    assert_string_equal(facts_cause(), "no-parity-pattern");
}

static void a_refused_sync_and_nothing_more(void **state)
{
    (void)state;
    facts_begin(BTAP_USART);
    facts.notes[BTAP_NOTE_ALREADY_SYNCED].count = 1;
    facts.last.command = BTAP_SYNC;
    facts.last.status = BTAP_NACK;
    facts.last.last_packet = 9;
    assert_string_equal(facts_cause(), "sync-refused");
    assert_int_equal(diagnosis.verdict, BTAP_VERDICT_FAILED);
    assert_int_equal(diagnosis.findings_length, 1);
    assert_int_equal(diagnosis.findings[0].packets[0], 9);
    facts.last.command = BTAP_GET;
    facts.last.status = BTAP_OK;
    assert_string_equal(facts_cause(), "already-synced");
    assert_int_equal(diagnosis.verdict, BTAP_VERDICT_NO_FAULT);
}

/* 0x7F was answered, then one of the commands that every bootloader answers is not. */
static void a_command_that_is_not_heard(void **state)
{
    (void)state;
    facts_begin(BTAP_USART);
    facts_failing(BTAP_GET_ID, BTAP_NO_REPLY, BTAP_PHASE_COMMAND)->opcode = 0x02;
    assert_string_equal(facts_cause(), "unexplained-silence");
    facts.done[BTAP_SYNC] = 1;
    assert_string_equal(facts_cause(), "command-unheard");
    assert_int_equal(diagnosis.findings[0].arg[0], 0x02);
    facts.read.commands = 1;
    assert_string_equal(facts_cause(), "unexplained-silence");
    facts.read.commands = 0;
    facts.failures[0].command = BTAP_READ_MEMORY;
    assert_string_equal(facts_cause(), "unexplained-silence");
}

static void list_commands(uint32_t erase)
{
    facts.commands_known = true;
    memset(facts.commands, 0, sizeof(facts.commands));
    facts.commands[0] = 1u << 0x00 | 1u << 0x01 | 1u << 0x02 | 1u << 0x11;
    facts.commands[1] = 1u << (0x21 - 32) | 1u << (0x31 - 32);
    facts.commands[2] = 1u << (erase - 64);
}

static void the_wrong_one_of_two_erase_commands(void **state)
{
    (void)state;
    for (int swap = 0; swap < 2; swap++) {
        facts_begin(BTAP_USART);
        facts.parity.against = 1;
        list_commands(swap ? 0x43 : 0x44);
        facts_failing(swap ? BTAP_EXTENDED_ERASE : BTAP_ERASE, BTAP_NACK, BTAP_PHASE_DATA)->opcode =
            swap ? 0x44 : 0x43;
        assert_string_equal(facts_cause(), "other-erase-command");
        assert_int_equal(diagnosis.findings[0].arg[0], swap ? 0x44 : 0x43);
        assert_int_equal(diagnosis.findings[0].arg[1], swap ? 0x43 : 0x44);
        list_commands(swap ? 0x44 : 0x43);
        assert_string_equal(facts_cause(), "erase-refused");
        facts.failures[0].phase = BTAP_PHASE_COMMAND;
        facts.commands_known = false;
        assert_string_equal(facts_cause(), "refused-at-once");
        facts.accepted[0] = 1u << 0x11; /* which read protection disables, too */
        assert_string_equal(facts_cause(), "other-erase-likely");
        assert_int_equal(diagnosis.findings[0].arg[1], swap ? 0x43 : 0x44);
    }
}

/* UM0560: the STM8's ROM has Get, Read, Go, Write and Erase. */
static void an_stm8_by_its_list(void **state)
{
    (void)state;
    facts_begin(BTAP_USART);
    facts.commands_known = true;
    facts.commands[0] = 1u << 0x00 | 1u << 0x11;
    facts.commands[1] = 1u << (0x21 - 32) | 1u << (0x31 - 32);
    facts.commands[2] = 1u << (0x43 - 64);
    assert_string_equal(facts_cause(), "stm8-device");
    facts_failing(BTAP_WRITE_MEMORY, BTAP_NO_REPLY, BTAP_PHASE_COMMAND)->opcode = 0x31;
    assert_string_equal(facts_cause(), "stm8-unheard");
    assert_int_equal(diagnosis.findings[0].arg[0], 0x31);
    assert_int_equal(diagnosis.findings_length, 1);
    facts.commands[0] |= 1u << 0x02; /* Get ID: an STM32 */
    assert_string_equal(facts_cause(), "unexplained-silence");
}

/* AN3155 section 3: the second byte of a command is the complement of the first. */
static void a_wrong_complement_comes_before_its_refusal(void **state)
{
    struct btap_brief *failed;

    (void)state;
    facts_begin(BTAP_USART);
    facts.parity.against = 1;
    facts.denied_packet = 4;
    failed = facts_failing(BTAP_GET, BTAP_NACK, BTAP_PHASE_COMMAND);
    assert_string_equal(facts_cause(), "never-refused");
    failed->notes[failed->notes_length++] = BTAP_NOTE_COMPLEMENT_MISMATCH;
    failed->clean = false;
    assert_string_equal(facts_cause(), "host-complement-wrong");
}

static void refused_after_the_host_protected_it(void **state)
{
    (void)state;
    facts_begin(BTAP_USART);
    facts.parity.against = 1;
    facts.protect_packet = 2;
    facts_failing(BTAP_READ_MEMORY, BTAP_NACK, BTAP_PHASE_COMMAND)->opcode = 0x11;
    assert_string_equal(facts_cause(), "protected-before");
    assert_int_equal(diagnosis.findings[0].arg[0], 0x11);
    facts.protect_packet = 3; /* after the refusal */
    assert_string_equal(facts_cause(), "refused-at-once");
}

/* AN3155 section 3.4: the most significant byte of an address comes first. */
static void addresses_with_their_bytes_turned_round(void **state)
{
    static const struct {
        uint32_t address;
        uint32_t turned; /**< 0: the product does not have that either */
    } cases[] = {
        {0x00000008, 0x08000000},
        {0x00000108, 0x08010000},
        {0x00000020, 0x20000000},
        {0x00001008, 0}, /* 0x08100000: behind the flash */
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        facts_begin(BTAP_USART);
        facts_know_product(PID_F405);
        facts_refuse(BTAP_WRITE_MEMORY, BTAP_PHASE_ADDRESS, cases[i].address);
        assert_string_equal(facts_cause(),
                            cases[i].turned != 0 ? "address-lsb-first" : "memory-not-served");
        if (cases[i].turned != 0)
            assert_int_equal(diagnosis.findings[0].arg[1], cases[i].turned);
    }
}

static void refused_before_and_after_the_protection_was_removed(void **state)
{
    (void)state;
    for (int fdcan = 0; fdcan < 2; fdcan++) {
        facts_begin(fdcan ? BTAP_FDCAN : BTAP_USART);
        facts.parity.against = 1;
        facts.unprotect_packet = 2;
        facts_failing(BTAP_WRITE_MEMORY, BTAP_NACK, BTAP_PHASE_COMMAND)->opcode = 0x31;
        assert_string_equal(facts_cause(), "refused-after-unprotect");
        assert_int_equal(diagnosis.findings[0].arg[0], 0x31);
        facts.unprotect_packet = 3; /* after the refusal */
        assert_string_equal(facts_cause(), "refused-at-once");
    }
}

static void a_port_without_parity_that_works_is_no_cause(void **state)
{
    (void)state;
    facts_begin(BTAP_USART);
    facts.notes[BTAP_NOTE_NO_PARITY].count = 1;
    assert_string_equal(facts_cause(), "");
    facts_failing(BTAP_GO, BTAP_NO_REPLY, BTAP_PHASE_COMMAND);
    assert_string_equal(facts_cause(), "port-without-parity");
    assert_int_equal(diagnosis.findings_length, 1);
}

static void lines_that_moved_before_sync_may_have_reset_the_part(void **state)
{
    (void)state;
    facts_begin(BTAP_USART);
    facts_failing(BTAP_SYNC, BTAP_NO_REPLY, BTAP_PHASE_SYNC);
    assert_string_equal(facts_cause(), "lost-in-mid-session"); /* which an answer before shows */
    facts.failures[0].after_reset = true;
    assert_string_equal(facts_cause(), "no-answer-after-reset");
    facts.failures[0].after_reset = false;
    facts.counts[BTAP_OK] = 0;
    assert_string_equal(facts_cause(), "no-answer-to-sync");
    facts.port.lines_known = true;
    assert_string_equal(facts_cause(), "target-not-reset");
    facts.port.moved_packet = 3; /* the record of the 0x7F itself */
    assert_string_equal(facts_cause(), "no-answer-to-sync");
    facts.port.moved_packet = 4;
    assert_string_equal(facts_cause(), "target-not-reset");
}

static void writes_that_fail_now_and_then(void **state)
{
    (void)state;
    facts_begin(BTAP_USART);
    facts.writes_tried = 10;
    facts.writes_failed = 1;
    facts.write_longest = 256;
    facts.write_failed_packet = 6;
    assert_null(facts_find("writes-repeated")); /* once is chance */
    facts.writes_failed = 2;
    assert_non_null(facts_find("writes-repeated"));
    assert_int_equal(facts_find("writes-repeated")->arg[0], 2);
    assert_int_equal(facts_find("writes-repeated")->arg[1], 10);
    assert_int_equal(facts_find("writes-repeated")->arg[2], 256);
    assert_int_equal(facts_find("writes-repeated")->packets[0], 6);
    facts_refuse(BTAP_WRITE_MEMORY, BTAP_PHASE_CHECKSUM, FLASH);
    assert_null(facts_find("writes-repeated"));
    assert_string_equal(facts_cause(), "write-refused");
    assert_int_equal(diagnosis.findings[0].arg[1], 2);
    assert_int_equal(diagnosis.findings[0].arg[2], 10);
}

/* Whether the device has a command is known where it listed them. */
static void a_command_that_is_refused_at_once(void **state)
{
    struct btap_brief *failed;

    (void)state;
    facts_begin(BTAP_USART);
    failed = facts_failing(BTAP_GO, BTAP_NACK, BTAP_PHASE_COMMAND);
    failed->opcode = 0x21;
    assert_string_equal(facts_cause(), "refused-or-damaged");
    facts.parity.against = 1; /* something passed that shows that the line is sound */
    assert_string_equal(facts_cause(), "refused-at-once");
    assert_int_equal(diagnosis.findings[0].arg[0], 0x21);
    facts.commands_known = true;
    assert_string_equal(facts_cause(), "unexplained-nack");
    assert_int_equal(diagnosis.findings[0].arg[0], 0x21);
    facts.commands_known = false;
    failed->clean = false; /* its bytes were wrong */
    assert_string_equal(facts_cause(), "unexplained-nack");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_looks_like_a_missing_parity_bit),
        cmocka_unit_test(commands_that_nothing_refuses),
        cmocka_unit_test(what_the_device_hears_besides),
        cmocka_unit_test(a_refused_sync_and_nothing_more),
        cmocka_unit_test(a_command_that_is_not_heard),
        cmocka_unit_test(the_wrong_one_of_two_erase_commands),
        cmocka_unit_test(an_stm8_by_its_list),
        cmocka_unit_test(refused_before_and_after_the_protection_was_removed),
        cmocka_unit_test(a_port_without_parity_that_works_is_no_cause),
        cmocka_unit_test(lines_that_moved_before_sync_may_have_reset_the_part),
        cmocka_unit_test(a_wrong_complement_comes_before_its_refusal),
        cmocka_unit_test(refused_after_the_host_protected_it),
        cmocka_unit_test(addresses_with_their_bytes_turned_round),
        cmocka_unit_test(writes_that_fail_now_and_then),
        cmocka_unit_test(a_command_that_is_refused_at_once),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
