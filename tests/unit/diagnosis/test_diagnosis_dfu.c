/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Rules of DFU against facts that speak for and against them.
 */
#include <string.h>

#include "boottap/diagnosis.h"
#include "test.h"

#define MS    ((btap_ns)1000000)
#define FLASH 0x08000000u

/* DFU 1.1 section 6.1.2, bStatus */
#define ERR_TARGET  1
#define ERR_FILE    2
#define ERR_ADDRESS 8
#define ERR_NOTDONE 9
#define ERR_VENDOR  11
#define ERR_UNKNOWN 14

static struct btap_session session;
static struct btap_brief *failed;
static struct btap_diagnosis diagnosis;

/** A session of ST's bootloader with one failed command. */
static int begin(void **state)
{
    (void)state;
    memset(&session, 0, sizeof(session));
    session.transport = BTAP_DFU;
    session.transactions = 10;
    session.counts[BTAP_OK] = 9;
    session.usb_vendor = 0x0483;
    session.usb_product = 0xdf11;
    session.failures_length = 1;
    failed = &session.failures[0];
    failed->clean = true;
    failed->first_packet = 1;
    failed->last_packet = 2;
    return 0;
}

static void fails(enum btap_command command, enum btap_status status, enum btap_phase phase)
{
    failed->command = command;
    failed->status = status;
    failed->phase = phase;
}

static void reports(uint8_t status)
{
    failed->has |= BTAP_HAS_DFU_STATUS;
    failed->dfu_status = status;
    failed->dfu_state = 10;
}

static void note(enum btap_note_id id, uint32_t first, uint32_t second)
{
    failed->notes[failed->notes_length] = id;
    failed->note_args[failed->notes_length][0] = first;
    failed->note_args[failed->notes_length][1] = second;
    failed->notes_length++;
    session.notes[id].count++;
}

/** The first cause that is found. */
static const struct btap_finding *cause(void)
{
    btap_diagnose(&session, &diagnosis);
    assert_true(diagnosis.findings_length > 0);
    return &diagnosis.findings[0];
}

static void assert_cause(const char *rule)
{
    assert_string_equal(cause()->rule->id, rule);
}

static void assert_text(const char *words)
{
    char text[BTAP_DIAGNOSIS_TEXT_SIZE];

    assert_string_equal(btap_finding_text(cause(), text, sizeof(text)), words);
}

/* AN3156: read protection forbids reading, erasing and writing. What worked speaks against it. */
static void read_protection_and_what_refutes_it(void **state)
{
    fails(BTAP_ERASE, BTAP_DFU_ERROR, BTAP_PHASE_OPERATION);
    reports(ERR_VENDOR);
    assert_cause("dfu-read-protected");
    session.usb_vendor = 0; /* the capture lacks the descriptors */
    assert_cause("dfu-read-protected");
    session.usb_vendor = 0x28e9;
    assert_cause("vendor-error");

    for (int work = 0; work < 4; work++) {
        begin(state);
        fails(BTAP_ERASE, BTAP_DFU_ERROR, BTAP_PHASE_OPERATION);
        reports(ERR_VENDOR);
        session.erased.commands = work == 0;
        session.written.commands = work == 1;
        session.read.commands = work == 2;
        session.plain = work == 3;
        assert_cause("vendor-error");
    }
}

static void the_devices_own_words_come_first(void **state)
{
    (void)state;
    fails(BTAP_ERASE, BTAP_DFU_ERROR, BTAP_PHASE_OPERATION);
    reports(ERR_VENDOR);
    strcpy(session.reason, "No.");
    assert_cause("device-says");
    assert_text("The device says why, in its own words: \"No.\"");
}

/* The layout's line, and where the address lies */
static void the_line_of_the_layout(void **state)
{
    static const char layout[] = "@Internal Flash  /0x08000000/064*0002Kg";

    (void)state;
    fails(BTAP_SET_ADDRESS, BTAP_DFU_ERROR, BTAP_PHASE_OPERATION);
    reports(ERR_TARGET);
    failed->has |= BTAP_HAS_ADDRESS;
    failed->address = FLASH - 4095;
    note(BTAP_NOTE_ADDRESS_OUTSIDE_LAYOUT, failed->address, 0);
    /* Another note of the kind came first, of a command that worked. */
    session.notes[BTAP_NOTE_ADDRESS_OUTSIDE_LAYOUT].arg[0] = 0x1fff7800;
    strcpy(session.target, layout);
    assert_cause("address-below-map");
    assert_text("0x07fff001 is 4095 bytes below the device's memory layout: "
                "\"@Internal Flash  /0x08000000/064*0002Kg\"");
    failed->address = FLASH - 4096;
    failed->note_args[0][0] = failed->address;
    assert_cause("address-outside-map");
    assert_text("0x07fff000 is not in the device's memory layout: "
                "\"@Internal Flash  /0x08000000/064*0002Kg\"");
    session.target_alternate = 1; /* of another alternate setting */
    assert_text("0x07fff000 is not in the device's memory layout");
    reports(ERR_VENDOR);
    assert_cause("dfu-read-protected");
}

static void what_the_layout_forbids(void **state)
{
    (void)state;
    fails(BTAP_ERASE, BTAP_STALL, BTAP_PHASE_REQUEST); /* no GETSTATUS tells why */
    note(BTAP_NOTE_NOT_ERASABLE, 0x1fff0000, 0);
    strcpy(session.target, "@System Memory  /0x1FFF0000/01*002Ka");
    assert_cause("layout-forbids");
    assert_text("By the device's memory layout this is not allowed at 0x1fff0000: "
                "\"@System Memory  /0x1FFF0000/01*002Ka\"");
}

/* bwPollTimeout: before it is over the host is at fault, after it the device. */
static void who_did_not_keep_the_time(void **state)
{
    (void)state;
    fails(BTAP_WRITE_MEMORY, BTAP_STALL, BTAP_PHASE_STATUS);
    note(BTAP_NOTE_GETSTATUS_STALLED, 0, 0);
    assert_cause("getstatus-stalled");
    note(BTAP_NOTE_POLLED_EARLY, 3, 60);
    assert_cause("asked-too-early");
    assert_int_equal(cause()->arg[0], 3);
    assert_int_equal(cause()->arg[1], 60);
    /* A mass erase takes longer than it had said, whoever asks when. */
    fails(BTAP_ERASE, BTAP_NO_REPLY, BTAP_PHASE_STATUS);
    failed->erase = BTAP_ERASE_MASS;
    failed->has = BTAP_HAS_POLLS;
    assert_cause("mass-erase-given-up");
}

static void busy_by_kind(void **state)
{
    static const struct {
        enum btap_status status;
        const char *layout;
        uint32_t address;
        uint32_t busy_ms;
        int cleared_ms; /* after the last answer; -1: not */
        const char *rule;
    } cases[] = {
        {BTAP_NO_REPLY, "@Internal Flash /0x08000000/16*128Kg", FLASH + 0x100000, 3000, 500,
         "busy-never-ends"},
        {BTAP_NO_REPLY, "", FLASH + 0x100000, 3000, 500, "busy-never-ends"},
        {BTAP_NO_REPLY, "@Internal Flash /0x08000000/16*128Kg", FLASH + 0x0e0000, 3000, 500,
         "busy-too-long"},
        {BTAP_NO_REPLY, "@Internal Flash /0x08000000/04*016Kg,01*064Kg,11*128Kg", FLASH + 0x100000,
         3000, 500, "busy-too-long"},
        {BTAP_NO_REPLY, "@Internal Flash /0x08000000/16*128Kg", FLASH + 0x100000, 0, 499,
         "cleared-early"},
        {BTAP_INCOMPLETE, "@Internal Flash /0x08000000/16*128Kg", FLASH + 0x100000, 9000, -1,
         "busy-never-ends"},
        {BTAP_INCOMPLETE, "@Internal Flash /0x08000000/16*128Kg", FLASH, 0, -1, "not-asked-again"},
    };

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        begin(state);
        fails(BTAP_ERASE, cases[i].status, BTAP_PHASE_OPERATION);
        failed->erase = BTAP_ERASE_ADDRESS;
        failed->has = BTAP_HAS_ADDRESS | BTAP_HAS_POLLS;
        failed->address = cases[i].address;
        failed->busy = cases[i].busy_ms * MS;
        failed->polls = 1;
        failed->poll_timeout_ms = 500;
        strcpy(session.target, cases[i].layout);
        if (cases[i].cleared_ms >= 0)
            note(BTAP_NOTE_BUSY_CLEARED, (uint32_t)cases[i].cleared_ms, 500);
        if (strcmp(cause()->rule->id, cases[i].rule) != 0)
            fail_msg("case %zu: %s", i, cause()->rule->id);
    }
}

/*
 * Data sheets: 128 KiB take 1 to 4 s, 64 KiB 0.55 to 2.4 s, 16 KiB 0.25 to 0.8 s. Four of 16, one
 * of 64 and seven of 128 KiB: 8.55 to 33.6 s, the next whole second up.
 */
static void mass_erase_by_product(void **state)
{
    static const struct {
        const char *layout;
        uint32_t waited_ms;
        const char *rule;
        uint32_t from;
        uint32_t to;
    } cases[] = {
        {"@Internal Flash /0x08000000/04*016Kg,01*064Kg,07*128Kg", 5000, "mass-erase-given-up", 9,
         34},
        {"@Internal Flash /0x08000000/04*016Kg,01*064Kg,07*128Kg", 34000, "no-answer-in-time", 0,
         0},
        {"", 5000, "mass-erase-given-up", 1, 40},
        /* 64 pages of 2 KiB: at most 1.6 s */
        {"@Internal Flash /0x08000000/064*0002Kg", 5000, "no-answer-in-time", 0, 0},
    };

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        begin(state);
        fails(BTAP_ERASE, BTAP_NO_REPLY, BTAP_PHASE_STATUS);
        failed->erase = BTAP_ERASE_MASS;
        failed->has = BTAP_HAS_POLLS;
        failed->polls = 2;
        failed->poll_timeout_ms = 100;
        failed->duration = cases[i].waited_ms * MS;
        note(BTAP_NOTE_TRANSFER_CANCELLED, 0, 0);
        strcpy(session.target, cases[i].layout);
        if (strcmp(cause()->rule->id, cases[i].rule) != 0)
            fail_msg("case %zu: %s", i, cause()->rule->id);
        if (cases[i].to == 0)
            continue;
        assert_int_equal(cause()->arg[0], cases[i].waited_ms);
        assert_int_equal(cause()->arg[1], cases[i].from);
        assert_int_equal(cause()->arg[2], cases[i].to);
    }
}

/* A request like many that went well is not at fault. */
static void blocks_that_went_well_before(void **state)
{
    (void)state;
    fails(BTAP_WRITE_MEMORY, BTAP_STALL, BTAP_PHASE_REQUEST);
    failed->length = 2048;
    assert_cause("dfu-stalled");
    note(BTAP_NOTE_OVER_TRANSFER_SIZE, 2048, 1024);
    assert_cause("block-too-long");
    session.done[BTAP_WRITE_MEMORY] = 2;
    session.longest_sent = 2048;
    assert_cause("dfu-stalled");
    session.done[BTAP_WRITE_MEMORY] = 3;
    assert_cause("stalled-midway");
    session.longest_sent = 1024;
    assert_cause("block-too-long");

    begin(state);
    fails(BTAP_UPLOAD, BTAP_STALL, BTAP_PHASE_REQUEST);
    failed->length = 1024;
    session.done[BTAP_UPLOAD] = 3;
    session.longest_sent = 1024;
    assert_cause("dfu-stalled");
    session.longest_received = 1024;
    reports(ERR_UNKNOWN);
    assert_cause("stalled-midway");
    failed->status = BTAP_DFU_ERROR;
    assert_cause("error-midway");
    reports(ERR_ADDRESS);
    assert_cause("dfu-error");
    assert_text("The device reports an error: errADDRESS");
}

/* Two errors are two findings, the same one twice is one. */
static void errors_of_other_names_are_told_apart(void **state)
{
    (void)state;
    fails(BTAP_DOWNLOAD, BTAP_DFU_ERROR, BTAP_PHASE_OPERATION);
    reports(ERR_UNKNOWN);
    session.failures[1] = session.failures[2] = *failed;
    session.failures[2].dfu_status = ERR_FILE;
    session.failures_length = 3;
    btap_diagnose(&session, &diagnosis);
    assert_int_equal(diagnosis.findings_length, 2);
    assert_int_equal(diagnosis.findings[0].occurrences, 2);
    assert_string_equal(diagnosis.findings[0].quote, "errUNKNOWN");
    assert_string_equal(diagnosis.findings[1].quote,
                        "errFILE, the file fails a check of the device's own");
}

/* What is in dfuERROR by itself is told where no command failed. */
static void errors_without_a_failed_command(void **state)
{
    (void)state;
    session.error = (struct btap_device_error){
        .packet = 4, .cause = 1, .after = BTAP_CLEAR_STATUS, .status = ERR_UNKNOWN};
    fails(BTAP_ERASE, BTAP_DFU_ERROR, BTAP_PHASE_OPERATION);
    reports(ERR_UNKNOWN);
    assert_cause("dfu-error");
    session.failures_length = 0;
    assert_cause("clear-status-made-error");
    assert_int_equal(cause()->packets_length, 2);
    assert_int_equal(diagnosis.verdict, BTAP_VERDICT_FAILED);
    session.error.cleared = 1;
    assert_cause("error-not-cleared");
    session.error.after = BTAP_READ_MEMORY;
    session.error.cleared = 0;
    assert_cause("ends-in-error");
    assert_text("The device is in dfuERROR, and the host ends there: errUNKNOWN");
    session.error.packet = 0;
    btap_diagnose(&session, &diagnosis);
    assert_int_equal(diagnosis.verdict, BTAP_VERDICT_NO_FAULT);
}

/* DFU 1.1 section 6.1.2: errors of a plain download are about the file, errTARGET among them. */
static void a_file_that_is_refused(void **state)
{
    (void)state;
    fails(BTAP_DOWNLOAD, BTAP_DFU_ERROR, BTAP_PHASE_OPERATION);
    reports(ERR_TARGET);
    assert_cause("dfu-error");
    assert_text("The device reports an error: errTARGET, the file is not for this device");
    reports(ERR_FILE);
    assert_text("The device reports an error: errFILE, the file fails a check of the device's own");
    reports(ERR_NOTDONE);
    assert_text("The device reports an error: errNOTDONE, the download ended before the device had "
                "all data");
    failed->command = BTAP_ERASE; /* there is no file */
    assert_text("The device reports an error: errNOTDONE");
}

static bool found(const char *rule)
{
    btap_diagnose(&session, &diagnosis);
    for (uint32_t i = 0; i < diagnosis.findings_length; i++)
        if (strcmp(diagnosis.findings[i].rule->id, rule) == 0)
            return true;
    return false;
}

/* A host that sets an address off the layout, or reads there, writes nothing to it. */
static void written_off_the_layout(void **state)
{
    (void)state;
    session.failures_length = 0;
    session.notes[BTAP_NOTE_ADDRESS_OUTSIDE_LAYOUT].count = 1;
    session.notes[BTAP_NOTE_ADDRESS_OUTSIDE_LAYOUT].arg[0] = 0x1fffc000;
    session.read.commands = 1;
    assert_false(found("written-off-map"));
    session.written.commands = 1;
    session.written.ranges.length = 1;
    session.written.ranges.list[0] = (struct btap_range){FLASH, FLASH + 2047};
    assert_false(found("written-off-map"));
    session.written.ranges.list[0] = (struct btap_range){0x1fffc000, 0x1fffc00f};
    assert_true(found("written-off-map"));
}

static void standard_requests_that_failed(void **state)
{
    (void)state;
    session.failures_length = 0;
    session.transactions = 0;
    session.absence = BTAP_ABSENCE_NEVER_ASKED;
    assert_cause("dfu-never-asked");
    session.stalled = BTAP_USB_REFUSED_INTERFACE;
    session.stalled_packet = 7;
    assert_cause("set-interface-stalled");
    assert_int_equal(cause()->packets[0], 7);
    session.stalled_value = 2;
    assert_cause("alternate-refused");
    session.stalled = BTAP_USB_REFUSED_CONFIGURATION;
    assert_cause("set-configuration-stalled");
    /* A host that does not mind */
    session.absence = BTAP_ABSENCE_NONE;
    session.written.commands = 1;
    btap_diagnose(&session, &diagnosis);
    assert_int_not_equal(diagnosis.verdict, BTAP_VERDICT_FAILED);
}

#define TEST(name) cmocka_unit_test_setup(name, begin)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(read_protection_and_what_refutes_it),
        TEST(the_devices_own_words_come_first),
        TEST(the_line_of_the_layout),
        TEST(what_the_layout_forbids),
        TEST(who_did_not_keep_the_time),
        TEST(busy_by_kind),
        TEST(mass_erase_by_product),
        TEST(blocks_that_went_well_before),
        TEST(errors_of_other_names_are_told_apart),
        TEST(errors_without_a_failed_command),
        TEST(a_file_that_is_refused),
        TEST(written_off_the_layout),
        TEST(standard_requests_that_failed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
