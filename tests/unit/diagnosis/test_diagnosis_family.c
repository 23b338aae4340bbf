/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What is said of devices that are no STM32: of an STM8 (UM0560) and of an STM32MP (AN5275) nothing
 * that holds of STM32 alone.
 */
#include <string.h>

#include "diagnosis/rules.h"
#include "facts_rig.h"
#include "test.h"

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

/* UM0560 section 3: Get, Read, Go, Write, Erase */
static void list_stm8(void)
{
    facts.commands_known = true;
    memset(facts.commands, 0, sizeof(facts.commands));
    facts.commands[0] = 1u << 0x00 | 1u << 0x11;
    facts.commands[1] = 1u << (0x21 - 32) | 1u << (0x31 - 32);
    facts.commands[2] = 1u << (0x43 - 64);
    facts.version = 0x22;
}

static void begin_stm8(void)
{
    facts_begin(BTAP_USART);
    list_stm8();
}

static void wrote(uint32_t first, uint32_t last)
{
    facts.written.commands++;
    facts.written.ranges.length = 1;
    facts.written.ranges.list[0] = (struct btap_range){first, last};
}

static struct btap_brief *failing_write(enum btap_status status, enum btap_phase phase,
                                        uint32_t address, uint32_t length)
{
    struct btap_brief *failed = facts_failing(BTAP_WRITE_MEMORY, status, phase);

    failed->opcode = 0x31;
    failed->has |= BTAP_HAS_ADDRESS | BTAP_HAS_LENGTH;
    failed->address = address;
    failed->length = length;
    return failed;
}

static void the_family_of_a_session(void **state)
{
    (void)state;
    begin_stm8();
    assert_int_equal(btap_session_family(&facts), BTAP_FAMILY_STM8);
    assert_int_equal(btap_session_product(&facts)->flash_size, 128 * 1024);
    facts.version = 0x13;
    assert_int_equal(btap_session_product(&facts)->flash_size, 32 * 1024);
    facts.commands[0] |= 1u << 0x02; /* Get ID: an STM32 */
    assert_int_equal(btap_session_family(&facts), BTAP_FAMILY_STM32);
    assert_null(btap_session_product(&facts));
    facts.stm8_address = true; /* a list that is another counts for more */
    assert_int_equal(btap_session_family(&facts), BTAP_FAMILY_STM32);
    facts.commands_known = false;
    assert_int_equal(btap_session_family(&facts), BTAP_FAMILY_STM8);
    facts_know_product(PID_F405);
    assert_int_equal(btap_session_family(&facts), BTAP_FAMILY_STM32);

    facts_begin(BTAP_DFU);
    facts.plain = true;
    assert_int_equal(btap_session_family(&facts), BTAP_FAMILY_STM32);
    strcpy(facts.target, "@FSBL /0x01/1*1Me");
    assert_int_equal(btap_session_family(&facts), BTAP_FAMILY_STM32MP);
    facts.plain = false;
    assert_int_equal(btap_session_family(&facts), BTAP_FAMILY_STM32);
    facts.plain = true;
    strcpy(facts.target, "@Internal Flash /0x08000000/04*016Kg");
    assert_int_equal(btap_session_family(&facts), BTAP_FAMILY_STM32);
}

/** Words that belong to STM32, their documents and their tools. */
static const char *const of_stm32[] = {
    "BOOT0",
    "stm32flash",
    "AN2606",
    "AN3155",
    "CubeProgrammer",
    "0x92",
    "Readout Unprotect",
    "read protection",
    "vector table",
    "STM32_Programmer",
    "multiple of 4",
    "0x08000000",
    "OPTION",
    "0x44",
    "Get ID",
    "programming unit",
};

static const char *word_in(const struct btap_rule *rule, const char *const *words, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (strstr(rule->what, words[i]) != NULL || strstr(rule->why, words[i]) != NULL ||
            strstr(rule->next, words[i]) != NULL || strstr(rule->not_excluded, words[i]) != NULL)
            return words[i];
    return NULL;
}

static bool for_family(const struct diagnosis_rule *rule, enum btap_family family)
{
    return rule->families != 0 ? (rule->families & BIT(family)) != 0 : family != BTAP_FAMILY_STM8;
}

static void rules_for_an_stm8_speak_of_no_stm32(void **state)
{
    const struct diagnosis_rule *rule;
    size_t fit = 0;

    (void)state;
    for (size_t i = 0; (rule = diagnosis_rule(i)) != NULL; i++) {
        const char *word;

        if (!for_family(rule, BTAP_FAMILY_STM8) ||
            (rule->transports != 0 && (rule->transports & USART) == 0))
            continue;
        fit++;
        word = word_in(&rule->text, of_stm32, COUNT_OF(of_stm32));
        if (word != NULL || btap_rule_command_line(&rule->text, BTAP_USART)[0] != '\0')
            fail_msg("%s: %s", rule->text.id, word != NULL ? word : "a command line");
    }
    assert_in_range(fit, 20, 60);
}

/** Words of DfuSe, which no STM32MP speaks, of its tools, and of microcontrollers. */
static const char *const of_dfuse[] = {
    "-s ADDRESS", "-s 0x",      "DfuSe", "SET_ADDRESS",  "AN3156",          "BOOT0",
    "-d FILE",    "0x08000000", "Leave", "option bytes", "read protection", "Read Unprotect",
};

/** What a host sends to a plain device; 0 is any. */
static bool is_of_plain_devices(uint32_t commands)
{
    return commands == 0 || (commands & (BIT(BTAP_DOWNLOAD) | BIT(BTAP_UPLOAD))) != 0;
}

static void rules_for_an_stm32mp_speak_of_no_dfuse(void **state)
{
    const struct diagnosis_rule *rule;
    size_t fit = 0;

    (void)state;
    for (size_t i = 0; (rule = diagnosis_rule(i)) != NULL; i++) {
        const char *word;

        if (!for_family(rule, BTAP_FAMILY_STM32MP) || !is_of_plain_devices(rule->commands) ||
            (rule->transports != 0 && (rule->transports & DFU) == 0))
            continue;
        fit++;
        /* The host speaks DfuSe to a plain device: these two warn of it. */
        if (strcmp(rule->text.id, "wrong-dialect") == 0 ||
            strcmp(rule->text.id, "dialect-doubtful") == 0)
            continue;
        word = word_in(&rule->text, of_dfuse, COUNT_OF(of_dfuse));
        if (word == NULL)
            word = strstr(btap_rule_command_line(&rule->text, BTAP_DFU), "-s ");
        if (word != NULL)
            fail_msg("%s: %s", rule->text.id, word);
    }
    assert_in_range(fit, 20, 120);
}

/** Every kind of failure, at every phase, is explained by a rule that is for an STM8. */
static void every_failure_of_an_stm8_is_explained(void **state)
{
    static const enum btap_status statuses[] = {BTAP_NACK, BTAP_NO_REPLY, BTAP_BAD_REPLY,
                                                BTAP_DISCONNECTED, BTAP_INCOMPLETE};
    static const enum btap_command commands[] = {
        BTAP_SYNC,         BTAP_GET,   BTAP_GET_ID,         BTAP_READ_MEMORY,      BTAP_GO,
        BTAP_WRITE_MEMORY, BTAP_ERASE, BTAP_EXTENDED_ERASE, BTAP_READOUT_UNPROTECT};

    (void)state;
    for (size_t c = 0; c < COUNT_OF(commands); c++)
        for (size_t s = 0; s < COUNT_OF(statuses); s++)
            for (int phase = BTAP_PHASE_NONE + 1; phase < BTAP_PHASE_COUNT; phase++) {
                begin_stm8();
                facts_failing(commands[c], statuses[s], (enum btap_phase)phase);
                facts_cause();
                if (diagnosis.findings_length == 0 || diagnosis.verdict != BTAP_VERDICT_FAILED)
                    fail_msg("command %d, status %d, phase %d", commands[c], statuses[s], phase);
                for (uint32_t i = 0; i < diagnosis.findings_length; i++)
                    if (!for_family(diagnosis_row(diagnosis.findings[i].rule), BTAP_FAMILY_STM8))
                        fail_msg("%s for an STM8", diagnosis.findings[i].rule->id);
            }
}

/* What an STM32's session with the same facts is told of */
static void facts_that_mean_something_of_an_stm32_alone(void **state)
{
    (void)state;
    begin_stm8();
    wrote(0x8000, 0x80ff);
    facts.done[BTAP_WRITE_MEMORY] = 2;
    facts.done[BTAP_SYNC] = 1;
    facts.unerased = 256; /* its flash takes what is written: the ROM's routines erase */
    facts.unerased_packet = 7;
    facts.notes[BTAP_NOTE_UNALIGNED_LENGTH].count = 1;
    facts.absent_page = 0x80; /* the EEPROM's sector code */
    facts.absent_page_packet = 8;
    facts.started = true;
    facts.start_address = 0x8002; /* an STM8 starts anywhere */
    facts.start.known = true;
    facts_cause();
    assert_int_equal(diagnosis.verdict, BTAP_VERDICT_WORKED);
    assert_int_equal(diagnosis.findings_length, 1);
    assert_string_equal(diagnosis.findings[0].rule->id, "stm8-device");
    facts.commands[0] |= 1u << 0x02; /* the same of an STM32 */
    facts_cause();
    assert_non_null(facts_find("written-without-erase"));
    assert_non_null(facts_find("unaligned-write"));
    assert_non_null(facts_find("absent-page-erased"));
    assert_non_null(facts_find("start-without-table"));
}

static void commands_that_an_stm8_lacks(void **state)
{
    (void)state;
    begin_stm8();
    facts_failing(BTAP_EXTENDED_ERASE, BTAP_NACK, BTAP_PHASE_COMMAND)->opcode = 0x44;
    assert_string_equal(facts_cause(), "stm8-bootloader");
    assert_int_equal(diagnosis.findings[0].arg[0], 0x44);
    begin_stm8();
    failing_write(BTAP_NO_REPLY, BTAP_PHASE_COMMAND, 0x8000, 4);
    assert_string_equal(facts_cause(), "stm8-unheard");
    facts.notes[BTAP_NOTE_NO_PARITY].count = 1;
    assert_string_equal(facts_cause(), "stm8-port-parity");
    facts.notes[BTAP_NOTE_REPLY_MODE].count = 1; /* which has no parity */
    assert_string_equal(facts_cause(), "stm8-unheard");
    begin_stm8();
    facts_failing(BTAP_SYNC, BTAP_NO_REPLY, BTAP_PHASE_SYNC)->opcode = 0x7f;
    assert_string_equal(facts_cause(), "stm8-sync-unanswered");
}

static void addresses_of_an_stm8(void **state)
{
    (void)state;
    begin_stm8();
    failing_write(BTAP_NACK, BTAP_PHASE_ADDRESS, 0x08000000, 0);
    assert_string_equal(facts_cause(), "stm8-stm32-address");
    begin_stm8();
    failing_write(BTAP_NACK, BTAP_PHASE_ADDRESS, 0x07ffffff, 0);
    assert_string_equal(facts_cause(), "stm8-address-refused");
    assert_int_equal(diagnosis.findings[0].arg[0], 0x07ffffff);
}

static void blocks_of_an_stm8(void **state)
{
    (void)state;
    begin_stm8();
    failing_write(BTAP_NACK, BTAP_PHASE_DATA, 0x8000, 129);
    assert_string_equal(facts_cause(), "stm8-write-too-long");
    begin_stm8();
    failing_write(BTAP_NACK, BTAP_PHASE_DATA, 0x8000, 128);
    assert_string_equal(facts_cause(), "stm8-write-refused");
    begin_stm8();
    facts_failing(BTAP_ERASE, BTAP_NACK, BTAP_PHASE_DATA);
    assert_string_equal(facts_cause(), "stm8-erase-refused");
}

/* UM0560 section 3: the host loads the routines to 0x00A0. */
static void routines_in_ram(void **state)
{
    (void)state;
    begin_stm8();
    failing_write(BTAP_NO_REPLY, BTAP_PHASE_DATA, 0x8000, 128);
    assert_string_equal(facts_cause(), "stm8-routines-missing");
    facts.stm8_routines_n = 3; /* loaded after the write, which is the second command */
    assert_string_equal(facts_cause(), "stm8-routines-missing");
    facts.stm8_routines_n = 1;
    assert_string_equal(facts_cause(), "stm8-routines-differ");
    assert_int_equal(diagnosis.findings[0].arg[1], 2);
    assert_int_equal(diagnosis.findings[0].arg[2], 2);
    begin_stm8();
    failing_write(BTAP_NO_REPLY, BTAP_PHASE_DATA, 0xa0, 128); /* RAM: nothing is called for it */
    assert_string_equal(facts_cause(), "stm8-unheard");
    begin_stm8();
    facts_failing(BTAP_ERASE, BTAP_INCOMPLETE, BTAP_PHASE_DATA)->opcode = 0x43;
    assert_string_equal(facts_cause(), "stm8-routines-missing");
    facts.at_tool = true; /* what the tool did not read may have come */
    assert_string_equal(facts_cause(), "tool-read-nothing");
}

/* AN5275: GetPhase tells which partition is wanted, and whether to detach. */
static void begin_stm32mp(const char *target)
{
    facts_begin(BTAP_DFU);
    facts.plain = true;
    strcpy(facts.target, target);
}

static void what_an_stm32mp_wants(void **state)
{
    (void)state;
    begin_stm32mp("@virtual /0xF1/1*512Ba");
    facts.phase_packet = 5;
    facts.phase = 0xff;
    strcpy(facts.reason, "phase ID :3");
    assert_string_equal(facts_cause(), "phase-reset");
    assert_string_equal(diagnosis.findings[0].quote, "\"phase ID :3\"");
    facts.phase = 0xfe; /* the end */
    assert_string_equal(facts_cause(), "");

    begin_stm32mp("@Partition3 /0x03/1*16Me");
    facts.phase_packet = 5;
    facts.needs_detach = true;
    facts.written.commands = 3;
    assert_string_equal(facts_cause(), "detach-missing");
    facts.done[BTAP_DETACH] = 1;
    assert_string_equal(facts_cause(), "");
    facts.notes[BTAP_NOTE_DEVICE_GONE].count = 1;
    assert_string_equal(facts_cause(), "next-stage");
}

static void partitions_out_of_order(void **state)
{
    struct btap_brief *failed;

    (void)state;
    begin_stm32mp("@FSBL /0x01/1*1Me");
    failed = facts_failing(BTAP_DOWNLOAD, BTAP_STALL, BTAP_PHASE_REQUEST);
    failed->length = 1024;
    assert_string_equal(facts_cause(), "partition-refused");
    assert_int_equal(diagnosis.findings[0].arg[0], 1);
    failed->notes[0] = BTAP_NOTE_OTHER_PARTITION;
    failed->note_args[0][0] = 0x01;
    failed->note_args[0][1] = 0x03;
    failed->notes_length = 1;
    assert_string_equal(facts_cause(), "other-partition");
    assert_int_equal(diagnosis.findings[0].arg[1], 3);
    failed->notes_length = 0;
    facts.written.commands = 1; /* not the first block */
    assert_string_equal(facts_cause(), "dfu-stalled");
    facts.written.commands = 0;
    facts.plain = false; /* DfuSe has no partitions */
    assert_string_equal(facts_cause(), "dfu-stalled");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_family_of_a_session),
        cmocka_unit_test(rules_for_an_stm8_speak_of_no_stm32),
        cmocka_unit_test(rules_for_an_stm32mp_speak_of_no_dfuse),
        cmocka_unit_test(every_failure_of_an_stm8_is_explained),
        cmocka_unit_test(facts_that_mean_something_of_an_stm32_alone),
        cmocka_unit_test(commands_that_an_stm8_lacks),
        cmocka_unit_test(addresses_of_an_stm8),
        cmocka_unit_test(blocks_of_an_stm8),
        cmocka_unit_test(routines_in_ram),
        cmocka_unit_test(what_an_stm32mp_wants),
        cmocka_unit_test(partitions_out_of_order),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
