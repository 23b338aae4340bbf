/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What the capture refutes is not said: every rule is run against facts that speak against it, by
 * every command that may fail, in every way.
 */
#include "boottap/diagnosis.h"

#include <string.h>

#include "test.h"

#define FLASH 0x08000000u

static struct btap_session session;
static struct btap_diagnosis diagnosis;
static const char *const *forbidden; /* NULL at its end */

/** A session of an STM32F405 in which one command failed, to be completed by the test. */
static void begin(enum btap_transport transport)
{
    memset(&session, 0, sizeof(session));
    session.transport = transport;
    session.number = 1;
    session.transactions = 4;
    session.first_packet = 1;
    session.last_packet = 9;
    session.counts[BTAP_OK] = 3;
    session.done[BTAP_GET_ID] = 1;
    session.pid_known = transport != BTAP_DFU;
    session.pid = 0x413;
    session.failures_length = 1;
    session.failures[0] = (struct btap_brief){.n = 4,
                                              .first_packet = 8,
                                              .last_packet = 9,
                                              .has = BTAP_HAS_ADDRESS,
                                              .address = FLASH,
                                              .length = 256,
                                              .clean = true};
}

static bool says(const char *text, const char *what)
{
    return strstr(text, what) != NULL;
}

/** None of the causes supposes what is refuted. */
static void check(void)
{
    btap_diagnose(&session, &diagnosis);
    for (uint32_t i = 0; i < diagnosis.findings_length; i++) {
        const struct btap_rule *rule = diagnosis.findings[i].rule;

        for (size_t word = 0; rule->kind == BTAP_RULE_CAUSE && forbidden[word] != NULL; word++)
            if (says(rule->why, forbidden[word]) || says(rule->next, forbidden[word]))
                fail_msg("%s, of command %d with status %d in phase %d, says: %s", rule->id,
                         (int)session.failures[0].command, (int)session.failures[0].status,
                         (int)session.failures[0].phase, forbidden[word]);
    }
}

/** Every reason that a DFU device may give. */
static void check_reasons(void)
{
    struct btap_brief *failed = &session.failures[0];

    check();
    if (session.transport != BTAP_DFU)
        return;
    failed->has |= BTAP_HAS_DFU_STATUS;
    for (failed->dfu_status = 0; failed->dfu_status < 16; failed->dfu_status++)
        check();
    failed->has &= ~(uint32_t)BTAP_HAS_DFU_STATUS;
}

/** Every note that the failed command may have. */
static void check_notes(void)
{
    struct btap_brief *failed = &session.failures[0];

    failed->notes_length = 1;
    for (unsigned id = 0; id < BTAP_NOTE_COUNT; id++) {
        failed->notes[0] = (enum btap_note_id)id;
        session.notes[id].count = 1;
        check();
        session.notes[id].count = 0;
    }
    failed->notes_length = 0;
}

/** The opcode of a command; -1 if it has none on this transport. */
static int opcode_of(enum btap_transport transport, enum btap_command command)
{
    for (int opcode = 0; opcode < 256; opcode++) {
        const struct btap_command_info *info = btap_command_by_opcode(transport, (uint8_t)opcode);

        if (info != NULL && info->command == command)
            return opcode;
    }
    return -1;
}

/** The ways that notes are tried with. */
#define NOTED_STATUSES                                                                             \
    (1u << BTAP_NACK | 1u << BTAP_DFU_ERROR | 1u << BTAP_STALL | 1u << BTAP_NO_REPLY)
#define NOTED_PHASES (1u << BTAP_PHASE_COMMAND | 1u << BTAP_PHASE_DATA | 1u << BTAP_PHASE_REQUEST)

/** Every way in which a command may fail. */
static void check_ways(enum btap_command command)
{
    struct btap_brief *failed = &session.failures[0];

    failed->command = command;
    failed->opcode = (uint8_t)opcode_of(session.transport, command);
    for (unsigned status = BTAP_OK + 1; status < BTAP_STATUS_COUNT; status++)
        for (unsigned phase = BTAP_PHASE_NONE + 1; phase < BTAP_PHASE_COUNT; phase++) {
            failed->status = (enum btap_status)status;
            failed->phase = (enum btap_phase)phase;
            check_reasons();
            if ((NOTED_STATUSES & 1u << status) != 0 && (NOTED_PHASES & 1u << phase) != 0)
                check_notes();
        }
}

static void check_all(const char *const *words)
{
    forbidden = words;
    for (unsigned command = 0; command < BTAP_COMMAND_COUNT; command++)
        if (session.transport == BTAP_DFU ||
            opcode_of(session.transport, (enum btap_command)command) >= 0)
            check_ways((enum btap_command)command);
}

static const char *const read_protection[] = {"Read protection is on", "Read protection, most",
                                              "emove the read protection", NULL};

/* AN3155 and AN5405 table 2, AN3156 section 4: what read protection forbids was done before. */
static void no_read_protection_of_a_device_that_obeyed(void **state)
{
    (void)state;
    for (unsigned transport = 0; transport < BTAP_TRANSPORT_COUNT; transport++) {
        begin((enum btap_transport)transport);
        session.failures[0].unprotected = true;
        check_all(read_protection);
    }
}

/* The same after the failed command, with nothing that removes the protection in between. */
static void no_read_protection_of_a_device_that_obeys_later(void **state)
{
    (void)state;
    for (unsigned transport = 0; transport < BTAP_TRANSPORT_COUNT; transport++) {
        begin((enum btap_transport)transport);
        session.unprotected = true;
        check_all(read_protection);
    }
}

/* AN3155 table 2: Get, Get Version and Get ID are never forbidden. */
static void no_read_protection_where_identification_is_refused(void **state)
{
    (void)state;
    for (unsigned opcode = 0; opcode <= 2; opcode++) {
        begin(BTAP_USART);
        session.refused[0] = 1u << opcode;
        check_all(read_protection);
    }
    begin(BTAP_USART);
    forbidden = read_protection;
    check_ways(BTAP_GET);
    check_ways(BTAP_GET_VERSION);
    check_ways(BTAP_GET_ID);
    check_ways(BTAP_READOUT_UNPROTECT);
}

/* The device took a longer block before. */
static void no_block_too_long_that_others_were_not(void **state)
{
    static const char *const words[] = {"does not fit its buffer", NULL};

    (void)state;
    begin(BTAP_DFU);
    session.write_longest_done = 256;
    check_all(words);
}

/* AN3155 sections 3.6 to 3.8, AN3156 section 5, AN5405 section 3: erases and writes of protected
 * pages are acknowledged. */
static void no_write_protection_of_what_is_refused(void **state)
{
    static const char *const words[] = {"rite-protected", "rite protection", NULL};

    (void)state;
    for (unsigned transport = 0; transport < BTAP_TRANSPORT_COUNT; transport++) {
        begin((enum btap_transport)transport);
        check_all(words);
    }
}

/** All kinds of differences in one page of 16 KiB, of which some bytes were programmed. */
static void no_write_protection_of_a_page_that_took_bytes(void **state)
{
    static const char *const words[] = {"rite-protected", NULL};

    (void)state;
    forbidden = words;
    for (unsigned kinds = 0; kinds < 16; kinds++) {
        struct btap_verification *verification = &session.verification;

        begin(BTAP_USART);
        session.failures_length = 0;
        verification->same = 100;
        verification->different = 8;
        verification->first_address = FLASH + 0x200;
        verification->only_cleared = kinds & 1 ? 8 : 0;
        verification->few_bits = kinds & 2 ? 8 : 0;
        verification->read_ff = kinds & 4 ? 8 : 0;
        session.untouched_different = 8;
        session.pages_untouched = (struct btap_ranges){1, false, {{FLASH, FLASH + 0x3fff}}};
        if (kinds & 8)
            session.done[BTAP_WRITE_UNPROTECT] = 1;
        else
            session.programmed = (struct btap_ranges){1, false, {{FLASH, FLASH + 0xff}}};
        check();
    }
}

/* And the words are there where nothing refutes them: else the tests above say nothing. */
static void they_are_said_otherwise(void **state)
{
    (void)state;
    begin(BTAP_DFU);
    session.failures[0].status = BTAP_DFU_ERROR;
    session.failures[0].phase = BTAP_PHASE_STATUS;
    session.failures[0].command = BTAP_READ_MEMORY;
    session.failures[0].has |= BTAP_HAS_DFU_STATUS;
    session.failures[0].dfu_status = 11;
    btap_diagnose(&session, &diagnosis);
    assert_true(says(diagnosis.findings[0].rule->why, read_protection[0]));

    begin(BTAP_USART);
    session.failures_length = 0;
    session.verification.different = 8;
    session.verification.read_ff = 8;
    session.untouched_different = 8;
    session.pages_untouched = (struct btap_ranges){1, false, {{FLASH, FLASH + 0x3fff}}};
    btap_diagnose(&session, &diagnosis);
    assert_true(says(diagnosis.findings[0].rule->why, "rite-protected"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_read_protection_of_a_device_that_obeyed),
        cmocka_unit_test(no_read_protection_of_a_device_that_obeys_later),
        cmocka_unit_test(no_read_protection_where_identification_is_refused),
        cmocka_unit_test(no_block_too_long_that_others_were_not),
        cmocka_unit_test(no_write_protection_of_what_is_refused),
        cmocka_unit_test(no_write_protection_of_a_page_that_took_bytes),
        cmocka_unit_test(they_are_said_otherwise),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
