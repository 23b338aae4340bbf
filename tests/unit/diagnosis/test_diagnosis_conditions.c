/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Where the rules of commands begin to hold: facts of a session set by hand, both sides of every
 * bound.
 */
#include <string.h>

#include "facts_rig.h"
#include "test.h"

/* Addresses */

/* RM0090 tables 1 and 5: flash, system memory, option bytes and SRAM1 + SRAM2 of an F405 */
/* Its bootloader serves flash, system memory, option bytes and RAM; OTP at 0x1fff7800, CCM and
 * other things are there all the same. Behind the flash is nothing. */
static void addresses_that_an_f405_has(void **state)
{
    static const char *const served = "address-refused";
    static const char *const flash = "flash-address-refused";
    static const char *const other = "memory-not-served";
    static const char *const beyond = "address-beyond-device";
    const struct {
        uint32_t address;
        const char *rule;
    } cases[] = {
        {0x07ffffff, other},  {0x08000000, flash},  {0x080fffff, flash}, {0x08100000, beyond},
        {0x08ffefff, beyond}, {0x08fff000, other},  {0x10000000, other}, {0x1ffeffff, other},
        {0x1fff0000, served}, {0x1fff77ff, served}, {0x1fff7800, other}, {0x1fffbfff, other},
        {0x1fffc000, served}, {0x1fffc00f, served}, {0x1fffc010, other}, {0x1fffffff, other},
        {0x20000000, served}, {0x2001ffff, served}, {0x20020000, other}, {0x40023c14, other},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        facts_begin(BTAP_USART);
        facts_know_product(PID_F405);
        facts_refuse(BTAP_GO, BTAP_PHASE_ADDRESS, cases[i].address);
        assert_string_equal(facts_cause(), cases[i].rule);
        assert_int_equal(diagnosis.findings[0].arg[0], cases[i].address);
    }
    facts_begin(BTAP_USART); /* of an unknown product nothing is known */
    facts_refuse(BTAP_GO, BTAP_PHASE_ADDRESS, 0x60000000);
    assert_string_equal(facts_cause(), "address-refused");
    facts_begin(BTAP_USART);
    facts_know_product(0x47a); /* neither is its flash of this one */
    facts_refuse(BTAP_GO, BTAP_PHASE_ADDRESS, 0x60000000);
    assert_string_equal(facts_cause(), "address-refused");
    facts_begin(BTAP_USART);
    facts_know_product(PID_F405);
    facts_failing(BTAP_GO, BTAP_NACK, BTAP_PHASE_ADDRESS); /* its address is not in the capture */
    assert_string_equal(facts_cause(), "unexplained-nack");
}

/* Where the host's own bytes were wrong, that is the reason. */
static void wrong_bytes_are_no_matter_of_addresses_or_memory(void **state)
{
    static const struct {
        enum btap_command command;
        enum btap_phase phase;
        uint32_t address;
    } cases[] = {
        {BTAP_GO, BTAP_PHASE_ADDRESS, 0x60000000},
        {BTAP_GO, BTAP_PHASE_ADDRESS, FLASH},
        {BTAP_WRITE_MEMORY, BTAP_PHASE_ADDRESS, FLASH + 0x2000},
        {BTAP_READ_MEMORY, BTAP_PHASE_ADDRESS, 0x1fff7a10},
        {BTAP_READ_MEMORY, BTAP_PHASE_LENGTH, FLASH},
        {BTAP_WRITE_MEMORY, BTAP_PHASE_CHECKSUM, FLASH},
        {BTAP_EXTENDED_ERASE, BTAP_PHASE_CHECKSUM, 0},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        facts_begin(BTAP_USART);
        facts_know_product(PID_F405);
        facts.written.ranges.length = 1;
        facts.written.ranges.list[0] = (struct btap_range){FLASH, FLASH + 0x1fff};
        facts_refuse(cases[i].command, cases[i].phase, cases[i].address);
        assert_string_not_equal(facts_cause(), "unexplained-nack");
        facts.failures[0].clean = false;
        assert_string_equal(facts_cause(), "unexplained-nack");
    }
}

/* Flash comes in multiples of 8 KiB. */
static void a_flash_ends_right_behind_what_was_written(void **state)
{
    static const struct {
        uint32_t written;
        uint32_t refused;
        bool end;
    } cases[] = {
        {0x0801ffff, 0x08020000, true},  {0x08021fff, 0x08022000, true},
        {0x08020fff, 0x08021000, false}, {0x0801fffe, 0x08020000, false},
        {0x0801ffff, 0x08022000, false}, {0xffffffff, 0x00000000, false},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        facts_begin(BTAP_USART);
        facts.written.commands = 9;
        facts.written.ranges.length = 2;
        facts.written.ranges.list[0] = (struct btap_range){0x20000000, 0x200000ff};
        facts.written.ranges.list[1] = (struct btap_range){FLASH, cases[i].written};
        facts_refuse(BTAP_WRITE_MEMORY, BTAP_PHASE_ADDRESS, cases[i].refused);
        assert_string_equal(facts_cause(), cases[i].end ? "image-too-big" : "address-refused");
    }
}

/* AN2606, limitations of L0 and F4: unique id and flash size are read with their whole block only.
 */
static void factory_values_are_read_as_blocks(void **state)
{
    static const struct {
        uint32_t address;
        uint32_t block; /**< 0: none */
    } cases[] = {
        {0x1ff7ffff, 0}, {0x1ff80000, 0x1ff80000}, {0x1ff800ff, 0x1ff80000}, {0x1ff80100, 0},
        {0x1fff79ff, 0}, {0x1fff7a00, 0x1fff7a00}, {0x1fff7aff, 0x1fff7a00}, {0x1fff7b00, 0},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        facts_begin(BTAP_USART);
        facts_refuse(BTAP_READ_MEMORY, BTAP_PHASE_ADDRESS, cases[i].address);
        assert_string_equal(facts_cause(),
                            cases[i].block != 0 ? "rom-read-quirk" : "address-refused");
        assert_int_equal(diagnosis.findings[0].arg[0], cases[i].address);
        assert_int_equal(diagnosis.findings[0].arg[1], cases[i].block);
    }
}

/* Erases */

static struct btap_brief *refuse_erase(enum btap_erase erase, enum btap_phase phase)
{
    struct btap_brief *failed = facts_failing(BTAP_EXTENDED_ERASE, BTAP_NACK, phase);

    failed->erase = erase;
    return failed;
}

static void pages_that_an_f405_has(void **state)
{
    struct btap_brief *failed;

    (void)state;
    for (uint16_t page = 11; page <= 12; page++) {
        facts_begin(BTAP_USART);
        facts_know_product(PID_F405);
        failed = refuse_erase(BTAP_ERASE_PAGES, BTAP_PHASE_CHECKSUM);
        failed->list_announced = 1;
        failed->list_length = 1;
        failed->list_last = page;
        assert_string_equal(facts_cause(), page == 12 ? "page-beyond-flash" : "erase-refused");
    }
    assert_int_equal(diagnosis.findings[0].arg[0], 12);
    failed->list_announced = 0;
    failed->list_length = 0; /* there is no page */
    assert_string_equal(facts_cause(), "erase-refused");
    failed->list_length = 1;
    failed->list_announced = 1;
    facts_know_product(0x47a); /* of this one no layout is known */
    assert_string_equal(facts_cause(), "erase-refused");
    facts.pid_known = false;
    assert_string_equal(facts_cause(), "erase-refused");
}

/* AN3155 section 3.8, AN2606: an L1 takes 512 pages at most. */
static void pages_that_an_l1_takes_at_once(void **state)
{
    struct btap_brief *failed;

    (void)state;
    facts_begin(BTAP_USART);
    facts_know_product(PID_L1);
    failed = refuse_erase(BTAP_ERASE_PAGES, BTAP_PHASE_DATA);
    failed->list_announced = 512;
    failed->list_length = 512;
    assert_string_equal(facts_cause(), "erase-refused");
    failed->list_announced = 513;
    failed->list_length = 513;
    assert_string_equal(facts_cause(), "too-many-pages");
    assert_int_equal(diagnosis.findings[0].arg[0], 513);
    facts_know_product(0x457); /* an L0 */
    assert_string_equal(facts_cause(), "erase-refused");
    facts_know_product(PID_F405);
    assert_string_equal(facts_cause(), "erase-refused");
}

static void a_product_without_mass_erase(void **state)
{
    static const struct {
        uint32_t pid;
        enum btap_erase erase;
        const char *cause;
    } cases[] = {
        {PID_L1, BTAP_ERASE_MASS, "mass-erase-unsupported"},
        {PID_L1, BTAP_ERASE_BANK1, "mass-erase-unsupported"},
        {PID_L1, BTAP_ERASE_BANK2, "mass-erase-unsupported"},
        {PID_L1, BTAP_ERASE_PAGES, "erase-refused"},
        {PID_F405, BTAP_ERASE_MASS, "erase-refused"},
        {0x443, BTAP_ERASE_MASS, "erase-refused"}, /* it is not known of this one */
        {0xfff, BTAP_ERASE_MASS, "erase-refused"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        facts_begin(BTAP_USART);
        facts_know_product(cases[i].pid);
        refuse_erase(cases[i].erase, BTAP_PHASE_CHECKSUM);
        assert_string_equal(facts_cause(), cases[i].cause);
    }
}

/* N - 1 counts N pages. */
static void a_list_that_was_not_filled(void **state)
{
    struct btap_brief *failed;

    (void)state;
    facts_begin(BTAP_USART);
    failed = facts_failing(BTAP_ERASE, BTAP_NO_REPLY, BTAP_PHASE_DATA);
    failed->list_announced = 4;
    failed->list_length = 3;
    assert_string_equal(facts_cause(), "erase-count-too-large");
    assert_int_equal(diagnosis.findings[0].arg[0], 4);
    assert_int_equal(diagnosis.findings[0].arg[1], 3);
    failed->list_length = 4;
    assert_string_equal(facts_cause(), "erase-unanswered");
    failed->list_sent = 2;
    assert_string_equal(facts_cause(), "erase-count-too-large");
    assert_int_equal(diagnosis.findings[0].arg[1], 2);
    failed->list_sent = 0;
    failed->notes[0] = BTAP_NOTE_ECHO;
    failed->notes[1] = BTAP_NOTE_DATA_SHORT;
    failed->notes_length = 1;
    assert_string_equal(facts_cause(), "erase-unanswered");
    failed->notes_length = 2;
    assert_string_equal(facts_cause(), "erase-count-too-large");
    assert_int_equal(diagnosis.findings[0].arg[1], 4);
}

/* The tool may have stopped waiting before it: two seconds, and nothing written behind it */
static void an_erase_is_slow_from_two_seconds_on(void **state)
{
    static const struct {
        enum btap_command command;
        enum btap_status status;
        btap_ns duration;
        uint32_t written;
        bool slow;
    } cases[] = {
        {BTAP_ERASE, BTAP_OK, 2 * SECOND, 0, true},
        {BTAP_EXTENDED_ERASE, BTAP_OK, 2 * SECOND, 0, true},
        {BTAP_ERASE, BTAP_OK, 2 * SECOND - 1, 0, false},
        {BTAP_ERASE, BTAP_OK, 2 * SECOND, 1, false},
        {BTAP_ERASE, BTAP_INCOMPLETE, 2 * SECOND, 0, false},
        {BTAP_WRITE_UNPROTECT, BTAP_OK, 2 * SECOND, 0, false},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const struct btap_finding *finding;

        facts_begin(BTAP_USART);
        facts.last = (struct btap_brief){
            .command = cases[i].command,
            .status = cases[i].status,
            .duration = cases[i].duration,
            .last_packet = 8,
        };
        facts.written.commands = cases[i].written;
        finding = facts_find("erase-slow");
        assert_int_equal(finding != NULL, cases[i].slow);
        if (finding != NULL) {
            assert_int_equal(finding->arg[0], 2000);
            assert_int_equal(finding->packets[0], 8);
        }
    }
}

static void an_erase_answered_to_sync(void **state)
{
    (void)state;
    facts_begin(BTAP_USART);
    facts_failing(BTAP_ERASE, BTAP_NO_REPLY, BTAP_PHASE_DATA);
    facts.late_sync = 4567 * (SECOND / 1000);
    assert_string_equal(facts_cause(), "erase-unanswered");
    facts.late_sync_packet = 7;
    assert_string_equal(facts_cause(), "erase-answered-to-sync");
    assert_int_equal(diagnosis.findings[0].arg[0], 4567);
    /* evidence in its order: what shows it, and the command */
    assert_int_equal(diagnosis.findings[0].packets_length, 3);
    assert_int_equal(diagnosis.findings[0].packets[0], 3);
    assert_int_equal(diagnosis.findings[0].packets[1], 4);
    assert_int_equal(diagnosis.findings[0].packets[2], 7);
}

/* Where the capture ends */

static void a_write_is_open_within_its_data(void **state)
{
    static const struct {
        uint32_t transferred;
        bool open;
    } cases[] = {{0, false}, {1, true}, {255, true}, {256, false}};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const struct btap_finding *finding;

        facts_begin(BTAP_USART);
        facts.last = (struct btap_brief){
            .command = BTAP_WRITE_MEMORY,
            .status = BTAP_INCOMPLETE,
            .address = FLASH,
            .transferred = cases[i].transferred,
            .length = 256,
            .last_packet = 8,
        };
        finding = facts_find("write-open");
        assert_int_equal(finding != NULL, cases[i].open);
        assert_int_equal(diagnosis.verdict, BTAP_VERDICT_CUT_SHORT);
        if (finding == NULL)
            continue;
        assert_int_equal(finding->arg[0], FLASH);
        assert_int_equal(finding->arg[1], cases[i].transferred);
        assert_int_equal(finding->arg[2], 256);
        assert_int_equal(finding->packets[0], 8);
        facts.last.command = BTAP_READ_MEMORY;
        assert_null(facts_find("write-open"));
        facts.last.command = BTAP_WRITE_MEMORY;
        facts.last.status = BTAP_OK;
        assert_null(facts_find("write-open"));
    }
}

static void a_list_is_open_within_its_pages(void **state)
{
    (void)state;
    facts_begin(BTAP_USART);
    facts.last = (struct btap_brief){
        .command = BTAP_ERASE,
        .status = BTAP_INCOMPLETE,
        .list_announced = 3,
        .list_length = 1,
        .last_packet = 8,
    };
    assert_non_null(facts_find("erase-list-open"));
    assert_int_equal(facts_find("erase-list-open")->arg[0], 3);
    assert_int_equal(facts_find("erase-list-open")->arg[1], 1);
    facts.last.list_length = 0; /* nothing of it came: it may just have been cut */
    assert_null(facts_find("erase-list-open"));
    facts.last.list_length = 3;
    assert_null(facts_find("erase-list-open"));
    facts.last.list_length = 1;
    facts.last.command = BTAP_WRITE_PROTECT;
    assert_null(facts_find("erase-list-open"));
    facts.last.command = BTAP_ERASE;
    facts.last.status = BTAP_OK;
    assert_null(facts_find("erase-list-open"));
}

/* DFU: an erase that is at work for longer than the device said */
static void a_device_is_busy_for_longer_than_it_said(void **state)
{
    (void)state;
    facts_begin(BTAP_DFU);
    facts.last = (struct btap_brief){
        .command = BTAP_ERASE,
        .status = BTAP_INCOMPLETE,
        .has = BTAP_HAS_POLLS,
        .polls = 2,
        .busy = 101 * (SECOND / 1000),
        .poll_timeout_ms = 100,
        .last_packet = 8,
    };
    assert_non_null(facts_find("erase-still-busy"));
    assert_int_equal(facts_find("erase-still-busy")->arg[0], 101);
    assert_int_equal(facts_find("erase-still-busy")->arg[1], 100);
    facts.last.busy = 101 * (SECOND / 1000) - 1;
    assert_null(facts_find("erase-still-busy"));
    facts.last.busy = 101 * (SECOND / 1000);
    facts.last.has = 0;
    assert_null(facts_find("erase-still-busy"));
    facts.last.has = BTAP_HAS_POLLS;
    facts.last.command = BTAP_WRITE_MEMORY;
    assert_non_null(facts_find("erase-still-busy"));
    facts.last.command = BTAP_SET_ADDRESS;
    assert_null(facts_find("erase-still-busy"));
    facts.last.command = BTAP_ERASE;
    facts.last.status = BTAP_OK;
    assert_null(facts_find("erase-still-busy"));
}

/* AN3156 section 5.5: it leaves when GETSTATUS asks for the outcome. */
static void a_leave_without_getstatus_is_not_confirmed(void **state)
{
    (void)state;
    facts_begin(BTAP_DFU);
    facts.last = (struct btap_brief){.command = BTAP_LEAVE, .status = BTAP_INCOMPLETE};
    assert_non_null(facts_find("leave-unconfirmed"));
    facts.last.polls = 1;
    assert_null(facts_find("leave-unconfirmed"));
    facts.last.polls = 0;
    facts.last.command = BTAP_DETACH;
    assert_null(facts_find("leave-unconfirmed"));
}

static void a_device_gone_between_erase_and_write(void **state)
{
    (void)state;
    facts_begin(BTAP_DFU);
    facts.notes[BTAP_NOTE_DEVICE_GONE].count = 1;
    facts.notes[BTAP_NOTE_DEVICE_GONE].packet = 6;
    facts.erased_pages = 1;
    assert_string_equal(facts_cause(), "left-before-writing");
    assert_int_equal(diagnosis.findings[0].packets[0], 6);
    facts.written.commands = 1;
    assert_string_equal(facts_cause(), "");
    facts.written.commands = 0;
    facts.erased_pages = 0;
    facts.mass_erases = 1; /* that may be all that was wanted */
    assert_string_equal(facts_cause(), "");
}

/* DFU 1.1 section 6.1.2: errTARGET 1, errWRITE 3 to errVERIFY 7, errADDRESS 8, errVENDOR 11 */
static void what_each_status_of_dfu_means(void **state)
{
    static const char *const causes[16] = {
        [0] = "dfu-error",    [1] = "dfu-address-refused", [2] = "dfu-error",
        [3] = "memory-error", [4] = "memory-error",        [5] = "memory-error",
        [6] = "memory-error", [7] = "memory-error",        [8] = "dfu-address-refused",
        [9] = "dfu-error",    [10] = "dfu-error",          [11] = "dfu-read-protected",
        [12] = "dfu-error",   [13] = "dfu-error",          [14] = "dfu-error",
        [15] = "dfu-error",
    };
    static const char *const names[16] = {
        [0] = "OK",       [2] = "errFILE", [9] = "errNOTDONE",  [10] = "errFIRMWARE",
        [12] = "errUSBR", [13] = "errPOR", [14] = "errUNKNOWN", [15] = "errSTALLEDPKT",
    };

    (void)state;
    for (uint8_t status = 0; status < 16; status++) {
        struct btap_brief *failed;

        facts_begin(BTAP_DFU);
        failed = facts_failing(BTAP_WRITE_MEMORY, BTAP_DFU_ERROR, BTAP_PHASE_OPERATION);
        failed->has = BTAP_HAS_ADDRESS | BTAP_HAS_DFU_STATUS;
        failed->address = FLASH;
        failed->dfu_status = status;
        assert_string_equal(facts_cause(), causes[status]);
        if (strcmp(causes[status], "dfu-error") == 0)
            assert_string_equal(diagnosis.findings[0].quote, names[status]);
        failed->has = BTAP_HAS_ADDRESS; /* it did not say so */
        assert_string_equal(facts_cause(), "dfu-error");
        assert_string_equal(diagnosis.findings[0].quote, "");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(addresses_that_an_f405_has),
        cmocka_unit_test(wrong_bytes_are_no_matter_of_addresses_or_memory),
        cmocka_unit_test(a_flash_ends_right_behind_what_was_written),
        cmocka_unit_test(factory_values_are_read_as_blocks),
        cmocka_unit_test(pages_that_an_f405_has),
        cmocka_unit_test(pages_that_an_l1_takes_at_once),
        cmocka_unit_test(a_product_without_mass_erase),
        cmocka_unit_test(a_list_that_was_not_filled),
        cmocka_unit_test(an_erase_is_slow_from_two_seconds_on),
        cmocka_unit_test(an_erase_answered_to_sync),
        cmocka_unit_test(a_write_is_open_within_its_data),
        cmocka_unit_test(a_list_is_open_within_its_pages),
        cmocka_unit_test(a_device_is_busy_for_longer_than_it_said),
        cmocka_unit_test(a_leave_without_getstatus_is_not_confirmed),
        cmocka_unit_test(a_device_gone_between_erase_and_write),
        cmocka_unit_test(what_each_status_of_dfu_means),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
