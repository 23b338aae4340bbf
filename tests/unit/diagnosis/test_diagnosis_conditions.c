/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Where each rule begins to hold: facts of a session set by hand, both sides of every bound.
 */
#include <string.h>

#include "boottap/diagnosis.h"
#include "test.h"

#define SECOND ((btap_ns)1000000000)
#define FLASH  0x08000000u
/* RM0090: 1 MiB, sectors 0 to 11; RM0038: an L1, whose bootloader erases no whole memory */
#define PID_F405 0x413
#define PID_L1   0x416

static struct btap_session session;
static struct btap_diagnosis diagnosis;

static void begin(enum btap_transport transport)
{
    memset(&session, 0, sizeof(session));
    session.transport = transport;
    session.number = 1;
    session.transactions = 2;
    session.counts[BTAP_OK] = 1;
    session.done[BTAP_GET] = 1;
}

/** A failed command, whose bytes were right; the last one, too. */
static struct btap_brief *failing(enum btap_command command, enum btap_status status,
                                  enum btap_phase phase)
{
    struct btap_brief *failed = &session.failures[session.failures_length++];

    *failed = (struct btap_brief){
        .n = 2,
        .first_packet = 3,
        .last_packet = 4,
        .command = command,
        .status = status,
        .phase = phase,
        .clean = true,
    };
    session.last = *failed;
    return failed;
}

/** One that was refused at an address. */
static void refuse(enum btap_command command, enum btap_phase phase, uint32_t address)
{
    struct btap_brief *failed = failing(command, BTAP_NACK, phase);

    failed->has = BTAP_HAS_ADDRESS;
    failed->address = address;
}

static void know_product(uint32_t pid)
{
    session.pid_known = true;
    session.pid = pid;
}

/** The first of what btap_diagnose() finds; "" for nothing. */
static const char *cause(void)
{
    btap_diagnose(&session, &diagnosis);
    return diagnosis.findings_length > 0 ? diagnosis.findings[0].rule->id : "";
}

static const struct btap_finding *find(const char *rule)
{
    btap_diagnose(&session, &diagnosis);
    for (uint32_t i = 0; i < diagnosis.findings_length; i++)
        if (strcmp(diagnosis.findings[i].rule->id, rule) == 0)
            return &diagnosis.findings[i];
    return NULL;
}

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
        begin(BTAP_USART);
        know_product(PID_F405);
        refuse(BTAP_GO, BTAP_PHASE_ADDRESS, cases[i].address);
        assert_string_equal(cause(), cases[i].rule);
        assert_int_equal(diagnosis.findings[0].arg[0], cases[i].address);
    }
    begin(BTAP_USART); /* of an unknown product nothing is known */
    refuse(BTAP_GO, BTAP_PHASE_ADDRESS, 0x60000000);
    assert_string_equal(cause(), "address-refused");
    begin(BTAP_USART);
    know_product(0x47a); /* neither is its flash of this one */
    refuse(BTAP_GO, BTAP_PHASE_ADDRESS, 0x60000000);
    assert_string_equal(cause(), "address-refused");
    begin(BTAP_USART);
    know_product(PID_F405);
    failing(BTAP_GO, BTAP_NACK, BTAP_PHASE_ADDRESS); /* its address is not in the capture */
    assert_string_equal(cause(), "unexplained-nack");
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
        begin(BTAP_USART);
        know_product(PID_F405);
        session.written.ranges.length = 1;
        session.written.ranges.list[0] = (struct btap_range){FLASH, FLASH + 0x1fff};
        refuse(cases[i].command, cases[i].phase, cases[i].address);
        assert_string_not_equal(cause(), "unexplained-nack");
        session.failures[0].clean = false;
        assert_string_equal(cause(), "unexplained-nack");
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
        begin(BTAP_USART);
        session.written.commands = 9;
        session.written.ranges.length = 2;
        session.written.ranges.list[0] = (struct btap_range){0x20000000, 0x200000ff};
        session.written.ranges.list[1] = (struct btap_range){FLASH, cases[i].written};
        refuse(BTAP_WRITE_MEMORY, BTAP_PHASE_ADDRESS, cases[i].refused);
        assert_string_equal(cause(), cases[i].end ? "image-too-big" : "address-refused");
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
        begin(BTAP_USART);
        refuse(BTAP_READ_MEMORY, BTAP_PHASE_ADDRESS, cases[i].address);
        assert_string_equal(cause(), cases[i].block != 0 ? "rom-read-quirk" : "address-refused");
        assert_int_equal(diagnosis.findings[0].arg[0], cases[i].address);
        assert_int_equal(diagnosis.findings[0].arg[1], cases[i].block);
    }
}

/* Erases */

static struct btap_brief *refuse_erase(enum btap_erase erase, enum btap_phase phase)
{
    struct btap_brief *failed = failing(BTAP_EXTENDED_ERASE, BTAP_NACK, phase);

    failed->erase = erase;
    return failed;
}

static void pages_that_an_f405_has(void **state)
{
    struct btap_brief *failed;

    (void)state;
    for (uint16_t page = 11; page <= 12; page++) {
        begin(BTAP_USART);
        know_product(PID_F405);
        failed = refuse_erase(BTAP_ERASE_PAGES, BTAP_PHASE_CHECKSUM);
        failed->list_announced = 1;
        failed->list_length = 1;
        failed->list_last = page;
        assert_string_equal(cause(), page == 12 ? "page-beyond-flash" : "erase-refused");
    }
    assert_int_equal(diagnosis.findings[0].arg[0], 12);
    failed->list_announced = 0;
    failed->list_length = 0; /* there is no page */
    assert_string_equal(cause(), "erase-refused");
    failed->list_length = 1;
    failed->list_announced = 1;
    know_product(0x47a); /* of this one no layout is known */
    assert_string_equal(cause(), "erase-refused");
    session.pid_known = false;
    assert_string_equal(cause(), "erase-refused");
}

/* AN3155 section 3.8, AN2606: an L1 takes 512 pages at most. */
static void pages_that_an_l1_takes_at_once(void **state)
{
    struct btap_brief *failed;

    (void)state;
    begin(BTAP_USART);
    know_product(PID_L1);
    failed = refuse_erase(BTAP_ERASE_PAGES, BTAP_PHASE_DATA);
    failed->list_announced = 512;
    failed->list_length = 512;
    assert_string_equal(cause(), "erase-refused");
    failed->list_announced = 513;
    failed->list_length = 513;
    assert_string_equal(cause(), "too-many-pages");
    assert_int_equal(diagnosis.findings[0].arg[0], 513);
    know_product(0x457); /* an L0 */
    assert_string_equal(cause(), "erase-refused");
    know_product(PID_F405);
    assert_string_equal(cause(), "erase-refused");
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
        begin(BTAP_USART);
        know_product(cases[i].pid);
        refuse_erase(cases[i].erase, BTAP_PHASE_CHECKSUM);
        assert_string_equal(cause(), cases[i].cause);
    }
}

/* N - 1 counts N pages. */
static void a_list_that_was_not_filled(void **state)
{
    struct btap_brief *failed;

    (void)state;
    begin(BTAP_USART);
    failed = failing(BTAP_ERASE, BTAP_NO_REPLY, BTAP_PHASE_DATA);
    failed->list_announced = 4;
    failed->list_length = 3;
    assert_string_equal(cause(), "erase-count-too-large");
    assert_int_equal(diagnosis.findings[0].arg[0], 4);
    assert_int_equal(diagnosis.findings[0].arg[1], 3);
    failed->list_length = 4;
    assert_string_equal(cause(), "erase-unanswered");
    failed->list_sent = 2;
    assert_string_equal(cause(), "erase-count-too-large");
    assert_int_equal(diagnosis.findings[0].arg[1], 2);
    failed->list_sent = 0;
    failed->notes[0] = BTAP_NOTE_ECHO;
    failed->notes[1] = BTAP_NOTE_DATA_SHORT;
    failed->notes_length = 1;
    assert_string_equal(cause(), "erase-unanswered");
    failed->notes_length = 2;
    assert_string_equal(cause(), "erase-count-too-large");
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

        begin(BTAP_USART);
        session.last = (struct btap_brief){
            .command = cases[i].command,
            .status = cases[i].status,
            .duration = cases[i].duration,
            .last_packet = 8,
        };
        session.written.commands = cases[i].written;
        finding = find("erase-slow");
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
    begin(BTAP_USART);
    failing(BTAP_ERASE, BTAP_NO_REPLY, BTAP_PHASE_DATA);
    session.late_sync = 4567 * (SECOND / 1000);
    assert_string_equal(cause(), "erase-unanswered");
    session.late_sync_packet = 7;
    assert_string_equal(cause(), "erase-answered-to-sync");
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

        begin(BTAP_USART);
        session.last = (struct btap_brief){
            .command = BTAP_WRITE_MEMORY,
            .status = BTAP_INCOMPLETE,
            .address = FLASH,
            .transferred = cases[i].transferred,
            .length = 256,
            .last_packet = 8,
        };
        finding = find("write-open");
        assert_int_equal(finding != NULL, cases[i].open);
        assert_int_equal(diagnosis.verdict, BTAP_VERDICT_CUT_SHORT);
        if (finding == NULL)
            continue;
        assert_int_equal(finding->arg[0], FLASH);
        assert_int_equal(finding->arg[1], cases[i].transferred);
        assert_int_equal(finding->arg[2], 256);
        assert_int_equal(finding->packets[0], 8);
        session.last.command = BTAP_READ_MEMORY;
        assert_null(find("write-open"));
        session.last.command = BTAP_WRITE_MEMORY;
        session.last.status = BTAP_OK;
        assert_null(find("write-open"));
    }
}

static void a_list_is_open_within_its_pages(void **state)
{
    (void)state;
    begin(BTAP_USART);
    session.last = (struct btap_brief){
        .command = BTAP_ERASE,
        .status = BTAP_INCOMPLETE,
        .list_announced = 3,
        .list_length = 1,
        .last_packet = 8,
    };
    assert_non_null(find("erase-list-open"));
    assert_int_equal(find("erase-list-open")->arg[0], 3);
    assert_int_equal(find("erase-list-open")->arg[1], 1);
    session.last.list_length = 0; /* nothing of it came: it may just have been cut */
    assert_null(find("erase-list-open"));
    session.last.list_length = 3;
    assert_null(find("erase-list-open"));
    session.last.list_length = 1;
    session.last.command = BTAP_WRITE_PROTECT;
    assert_null(find("erase-list-open"));
    session.last.command = BTAP_ERASE;
    session.last.status = BTAP_OK;
    assert_null(find("erase-list-open"));
}

/* DFU: an erase that is at work for longer than the device said */
static void a_device_is_busy_for_longer_than_it_said(void **state)
{
    (void)state;
    begin(BTAP_DFU);
    session.last = (struct btap_brief){
        .command = BTAP_ERASE,
        .status = BTAP_INCOMPLETE,
        .has = BTAP_HAS_POLLS,
        .polls = 2,
        .busy = 101 * (SECOND / 1000),
        .poll_timeout_ms = 100,
        .last_packet = 8,
    };
    assert_non_null(find("erase-still-busy"));
    assert_int_equal(find("erase-still-busy")->arg[0], 101);
    assert_int_equal(find("erase-still-busy")->arg[1], 100);
    session.last.busy = 101 * (SECOND / 1000) - 1;
    assert_null(find("erase-still-busy"));
    session.last.busy = 101 * (SECOND / 1000);
    session.last.has = 0;
    assert_null(find("erase-still-busy"));
    session.last.has = BTAP_HAS_POLLS;
    session.last.command = BTAP_WRITE_MEMORY;
    assert_non_null(find("erase-still-busy"));
    session.last.command = BTAP_SET_ADDRESS;
    assert_null(find("erase-still-busy"));
    session.last.command = BTAP_ERASE;
    session.last.status = BTAP_OK;
    assert_null(find("erase-still-busy"));
}

/* AN3156 section 5.5: it leaves when GETSTATUS asks for the outcome. */
static void a_leave_without_getstatus_is_not_confirmed(void **state)
{
    (void)state;
    begin(BTAP_DFU);
    session.last = (struct btap_brief){.command = BTAP_LEAVE, .status = BTAP_INCOMPLETE};
    assert_non_null(find("leave-unconfirmed"));
    session.last.polls = 1;
    assert_null(find("leave-unconfirmed"));
    session.last.polls = 0;
    session.last.command = BTAP_DETACH;
    assert_null(find("leave-unconfirmed"));
}

static void a_device_gone_between_erase_and_write(void **state)
{
    (void)state;
    begin(BTAP_DFU);
    session.notes[BTAP_NOTE_DEVICE_GONE].count = 1;
    session.notes[BTAP_NOTE_DEVICE_GONE].packet = 6;
    session.erased_pages = 1;
    assert_string_equal(cause(), "left-before-writing");
    assert_int_equal(diagnosis.findings[0].packets[0], 6);
    session.written.commands = 1;
    assert_string_equal(cause(), "");
    session.written.commands = 0;
    session.erased_pages = 0;
    session.mass_erases = 1; /* that may be all that was wanted */
    assert_string_equal(cause(), "");
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

        begin(BTAP_DFU);
        failed = failing(BTAP_WRITE_MEMORY, BTAP_DFU_ERROR, BTAP_PHASE_OPERATION);
        failed->has = BTAP_HAS_ADDRESS | BTAP_HAS_DFU_STATUS;
        failed->address = FLASH;
        failed->dfu_status = status;
        assert_string_equal(cause(), causes[status]);
        if (strcmp(causes[status], "dfu-error") == 0)
            assert_string_equal(diagnosis.findings[0].quote, names[status]);
        failed->has = BTAP_HAS_ADDRESS; /* it did not say so */
        assert_string_equal(cause(), "dfu-error");
        assert_string_equal(diagnosis.findings[0].quote, "");
    }
}

/* The line */

/* 0x00, 0x11: even numbers of ones; 0x01: odd. Read protection lets Get pass. */
static void what_looks_like_a_missing_parity_bit(void **state)
{
    (void)state;
    for (int change = 0; change <= 9; change++) {
        begin(BTAP_USART);
        session.done[BTAP_SYNC] = 1; /* 0x7F passes: it has seven ones */
        session.parity.fits = 1;
        session.denied = 0x00;
        session.denied_packet = 5;
        session.refused_first = 0x11;
        session.refused_packet = 3;
        failing(BTAP_GET, BTAP_NACK, BTAP_PHASE_COMMAND)->opcode = 0x00;
        switch (change) {
        case 1:
            session.done[BTAP_SYNC] = 0;
            break;
        case 2:
            session.port.parity_even = true;
            break;
        case 3:
            session.parity.against = 1;
            break;
        case 4:
            session.parity.fits = 0;
            break;
        case 5: /* refused at once, as read protection does it */
            session.denied_packet = 0;
            break;
        case 6:
            session.denied_packet = 0;
            session.notes[BTAP_NOTE_NACK_EARLY].count = 1;
            break;
        case 7:
            session.parity.fits = 0;
            session.parity.groups = 1;
            break;
        case 8:
            session.done[BTAP_SYNC] = 0;
            session.notes[BTAP_NOTE_ALREADY_SYNCED].count = 1;
            break;
        case 9:
            session.notes[BTAP_NOTE_NO_PARITY].count = 1;
            break;
        default:
            break;
        }
        if ((strcmp(cause(), "no-parity-pattern") == 0) !=
            (change == 0 || change == 6 || change == 7 || change == 8))
            fail_msg("change %d: %s", change, cause());
        if (change == 0) {
            assert_int_equal(diagnosis.findings_length, 1);
            assert_int_equal(diagnosis.findings[0].arg[0], 0x00);
            assert_int_equal(diagnosis.findings[0].packets[0], 5);
        } else if (change == 6) {
            assert_int_equal(diagnosis.findings[0].arg[0], 0x11);
            assert_int_equal(diagnosis.findings[0].packets[0], 3);
        } else if (change == 9) {
            assert_string_equal(cause(), "port-without-parity");
            session.parity.against = 1; /* something between adds the bit */
            assert_string_equal(cause(), "never-refused");
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
        begin(BTAP_USART);
        session.parity.against = 1;
        session.denied_packet = 4;
        failing(cases[i].command, BTAP_NACK, BTAP_PHASE_COMMAND)->opcode = 0x12;
        assert_string_equal(cause(), cases[i].rule);
        assert_int_equal(diagnosis.findings[0].arg[0], 0x12);
        assert_null(strstr(diagnosis.findings[0].rule->next, "emove the read protection"));
    }
    begin(BTAP_USART); /* not in the list of Get */
    session.denied_packet = 4;
    failing(BTAP_GET_VERSION, BTAP_NACK, BTAP_PHASE_COMMAND)->notes_length = 1;
    session.failures[0].notes[0] = BTAP_NOTE_UNSUPPORTED_COMMAND;
    assert_string_equal(cause(), "unsupported-command");
    begin(BTAP_FDCAN);
    failing(BTAP_GET_ID, BTAP_NACK, BTAP_PHASE_COMMAND);
    assert_string_equal(cause(), "unexplained-nack");
}

static void what_the_device_hears_besides(void **state)
{
    (void)state;
    begin(BTAP_USART);
    session.done[BTAP_SYNC] = 1;
    session.parity.fits = 1;
    session.denied = 0x02;
    session.denied_packet = 6;
    session.notes[BTAP_NOTE_SURPLUS_ANSWER].count = 1;
    session.notes[BTAP_NOTE_SURPLUS_ANSWER].packet = 2;
    session.notes[BTAP_NOTE_SURPLUS_ANSWER].arg[0] = 0x1f;
    failing(BTAP_GET_ID, BTAP_NACK, BTAP_PHASE_COMMAND);
    assert_string_equal(cause(), "device-hears-other-bytes");
    assert_int_equal(diagnosis.findings_length, 1); /* it is not called harmless, too */
    assert_int_equal(diagnosis.findings[0].arg[0], 0x1f);
    assert_int_equal(diagnosis.findings[0].arg[1], 0x02);
    session.notes[BTAP_NOTE_SURPLUS_ANSWER].packet = 6; /* two NACKs for one command */
    assert_string_equal(cause(), "no-parity-pattern");
}

static void a_refused_sync_and_nothing_more(void **state)
{
    (void)state;
    begin(BTAP_USART);
    session.notes[BTAP_NOTE_ALREADY_SYNCED].count = 1;
    session.last.command = BTAP_SYNC;
    session.last.status = BTAP_NACK;
    session.last.last_packet = 9;
    assert_string_equal(cause(), "sync-refused");
    assert_int_equal(diagnosis.verdict, BTAP_VERDICT_FAILED);
    assert_int_equal(diagnosis.findings_length, 1);
    assert_int_equal(diagnosis.findings[0].packets[0], 9);
    session.last.command = BTAP_GET;
    session.last.status = BTAP_OK;
    assert_string_equal(cause(), "already-synced");
    assert_int_equal(diagnosis.verdict, BTAP_VERDICT_NO_FAULT);
}

/* 0x7F was answered, then one of the commands that every bootloader answers is not. */
static void a_command_that_is_not_heard(void **state)
{
    (void)state;
    begin(BTAP_USART);
    failing(BTAP_GET_ID, BTAP_NO_REPLY, BTAP_PHASE_COMMAND)->opcode = 0x02;
    assert_string_equal(cause(), "unexplained-silence");
    session.done[BTAP_SYNC] = 1;
    assert_string_equal(cause(), "command-unheard");
    assert_int_equal(diagnosis.findings[0].arg[0], 0x02);
    session.read.commands = 1;
    assert_string_equal(cause(), "unexplained-silence");
    session.read.commands = 0;
    session.failures[0].command = BTAP_READ_MEMORY;
    assert_string_equal(cause(), "unexplained-silence");
}

static void list_commands(uint32_t erase)
{
    session.commands_known = true;
    memset(session.commands, 0, sizeof(session.commands));
    session.commands[0] = 1u << 0x00 | 1u << 0x01 | 1u << 0x02 | 1u << 0x11;
    session.commands[1] = 1u << (0x21 - 32) | 1u << (0x31 - 32);
    session.commands[2] = 1u << (erase - 64);
}

static void the_wrong_one_of_two_erase_commands(void **state)
{
    (void)state;
    for (int swap = 0; swap < 2; swap++) {
        begin(BTAP_USART);
        session.parity.against = 1;
        list_commands(swap ? 0x43 : 0x44);
        failing(swap ? BTAP_EXTENDED_ERASE : BTAP_ERASE, BTAP_NACK, BTAP_PHASE_DATA)->opcode =
            swap ? 0x44 : 0x43;
        assert_string_equal(cause(), "other-erase-command");
        assert_int_equal(diagnosis.findings[0].arg[0], swap ? 0x44 : 0x43);
        assert_int_equal(diagnosis.findings[0].arg[1], swap ? 0x43 : 0x44);
        list_commands(swap ? 0x44 : 0x43);
        assert_string_equal(cause(), "erase-refused");
        session.failures[0].phase = BTAP_PHASE_COMMAND;
        session.commands_known = false;
        assert_string_equal(cause(), "refused-at-once");
        session.accepted[0] = 1u << 0x11; /* which read protection disables, too */
        assert_string_equal(cause(), "other-erase-likely");
        assert_int_equal(diagnosis.findings[0].arg[1], swap ? 0x43 : 0x44);
    }
}

/* UM0560: the STM8's ROM has Get, Read, Go, Write and Erase. */
static void an_stm8_by_its_list(void **state)
{
    (void)state;
    begin(BTAP_USART);
    session.commands_known = true;
    session.commands[0] = 1u << 0x00 | 1u << 0x11;
    session.commands[1] = 1u << (0x21 - 32) | 1u << (0x31 - 32);
    session.commands[2] = 1u << (0x43 - 64);
    assert_string_equal(cause(), "stm8-device");
    failing(BTAP_WRITE_MEMORY, BTAP_NO_REPLY, BTAP_PHASE_COMMAND)->opcode = 0x31;
    assert_string_equal(cause(), "stm8-bootloader");
    assert_int_equal(diagnosis.findings[0].arg[0], 0x31);
    assert_int_equal(diagnosis.findings_length, 1);
    session.commands[0] |= 1u << 0x02; /* Get ID: an STM32 */
    assert_string_equal(cause(), "unexplained-silence");
}

/* AN3155 section 3: the second byte of a command is the complement of the first. */
static void a_wrong_complement_comes_before_its_refusal(void **state)
{
    struct btap_brief *failed;

    (void)state;
    begin(BTAP_USART);
    session.parity.against = 1;
    session.denied_packet = 4;
    failed = failing(BTAP_GET, BTAP_NACK, BTAP_PHASE_COMMAND);
    assert_string_equal(cause(), "never-refused");
    failed->notes[failed->notes_length++] = BTAP_NOTE_COMPLEMENT_MISMATCH;
    failed->clean = false;
    assert_string_equal(cause(), "host-complement-wrong");
}

static void refused_after_the_host_protected_it(void **state)
{
    (void)state;
    begin(BTAP_USART);
    session.parity.against = 1;
    session.protect_packet = 2;
    failing(BTAP_READ_MEMORY, BTAP_NACK, BTAP_PHASE_COMMAND)->opcode = 0x11;
    assert_string_equal(cause(), "protected-before");
    assert_int_equal(diagnosis.findings[0].arg[0], 0x11);
    session.protect_packet = 3; /* after the refusal */
    assert_string_equal(cause(), "refused-at-once");
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
        begin(BTAP_USART);
        know_product(PID_F405);
        refuse(BTAP_WRITE_MEMORY, BTAP_PHASE_ADDRESS, cases[i].address);
        assert_string_equal(cause(),
                            cases[i].turned != 0 ? "address-lsb-first" : "memory-not-served");
        if (cases[i].turned != 0)
            assert_int_equal(diagnosis.findings[0].arg[1], cases[i].turned);
    }
}

static void refused_before_and_after_the_protection_was_removed(void **state)
{
    (void)state;
    for (int fdcan = 0; fdcan < 2; fdcan++) {
        begin(fdcan ? BTAP_FDCAN : BTAP_USART);
        session.parity.against = 1;
        session.unprotect_packet = 2;
        failing(BTAP_WRITE_MEMORY, BTAP_NACK, BTAP_PHASE_COMMAND)->opcode = 0x31;
        assert_string_equal(cause(), "refused-after-unprotect");
        assert_int_equal(diagnosis.findings[0].arg[0], 0x31);
        session.unprotect_packet = 3; /* after the refusal */
        assert_string_equal(cause(), "refused-at-once");
    }
}

static void a_port_without_parity_that_works_is_no_cause(void **state)
{
    (void)state;
    begin(BTAP_USART);
    session.notes[BTAP_NOTE_NO_PARITY].count = 1;
    assert_string_equal(cause(), "");
    failing(BTAP_GO, BTAP_NO_REPLY, BTAP_PHASE_COMMAND);
    assert_string_equal(cause(), "port-without-parity");
    assert_int_equal(diagnosis.findings_length, 1);
}

static void lines_that_moved_before_sync_may_have_reset_the_part(void **state)
{
    (void)state;
    begin(BTAP_USART);
    failing(BTAP_SYNC, BTAP_NO_REPLY, BTAP_PHASE_SYNC);
    assert_string_equal(cause(), "lost-in-mid-session"); /* which an answer before shows */
    session.failures[0].after_reset = true;
    assert_string_equal(cause(), "no-answer-after-reset");
    session.failures[0].after_reset = false;
    session.counts[BTAP_OK] = 0;
    assert_string_equal(cause(), "no-answer-to-sync");
    session.port.lines_known = true;
    assert_string_equal(cause(), "target-not-reset");
    session.port.moved_packet = 3; /* the record of the 0x7F itself */
    assert_string_equal(cause(), "no-answer-to-sync");
    session.port.moved_packet = 4;
    assert_string_equal(cause(), "target-not-reset");
}

static void writes_that_fail_now_and_then(void **state)
{
    (void)state;
    begin(BTAP_USART);
    session.writes_tried = 10;
    session.writes_failed = 1;
    session.write_longest = 256;
    session.write_failed_packet = 6;
    assert_null(find("writes-repeated")); /* once is chance */
    session.writes_failed = 2;
    assert_non_null(find("writes-repeated"));
    assert_int_equal(find("writes-repeated")->arg[0], 2);
    assert_int_equal(find("writes-repeated")->arg[1], 10);
    assert_int_equal(find("writes-repeated")->arg[2], 256);
    assert_int_equal(find("writes-repeated")->packets[0], 6);
    refuse(BTAP_WRITE_MEMORY, BTAP_PHASE_CHECKSUM, FLASH);
    assert_null(find("writes-repeated"));
    assert_string_equal(cause(), "write-refused");
    assert_int_equal(diagnosis.findings[0].arg[1], 2);
    assert_int_equal(diagnosis.findings[0].arg[2], 10);
}

/* Whether the device has a command is known where it listed them. */
static void a_command_that_is_refused_at_once(void **state)
{
    struct btap_brief *failed;

    (void)state;
    begin(BTAP_USART);
    failed = failing(BTAP_GO, BTAP_NACK, BTAP_PHASE_COMMAND);
    failed->opcode = 0x21;
    assert_string_equal(cause(), "refused-or-damaged");
    session.parity.against = 1; /* something passed that shows that the line is sound */
    assert_string_equal(cause(), "refused-at-once");
    assert_int_equal(diagnosis.findings[0].arg[0], 0x21);
    session.commands_known = true;
    assert_string_equal(cause(), "unexplained-nack");
    assert_int_equal(diagnosis.findings[0].arg[0], 0x21);
    session.commands_known = false;
    failed->clean = false; /* its bytes were wrong */
    assert_string_equal(cause(), "unexplained-nack");
}

/* What was read back */

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
            begin((enum btap_transport)transport);
            if (cases[i].pid != 0)
                know_product(cases[i].pid);
            session.unerased = cases[i].unerased;
            session.mass_erases = cases[i].erased;
            session.untouched_different = cases[i].untouched;
            session.pages_untouched = (struct btap_ranges){1, false, {{FLASH, FLASH + 0x7ff}}};
            session.verification = (struct btap_verification){.same = cases[i].same,
                                                              .different = 9,
                                                              .only_cleared = cases[i].cleared,
                                                              .few_bits = cases[i].few,
                                                              .read_ff = cases[i].ff,
                                                              .read_00 = cases[i].zero,
                                                              .first_packet = 9,
                                                              .first_address = FLASH + 4};
            assert_string_equal(cause(), cases[i].rule);
            assert_int_equal(diagnosis.findings_length, 1);
            assert_int_equal(diagnosis.findings[0].arg[0], 9);
            assert_int_equal(diagnosis.findings[0].arg[1], FLASH + 4);
            assert_int_equal(diagnosis.findings[0].packets[0], 9);
        }
    session.verification = (struct btap_verification){.same = 9};
    assert_string_equal(cause(), "");
}

/* A risk explains what differs only if it explains all of it; what was elsewhere is that. */
static void what_a_risk_explains(void **state)
{
    static const char *const rules[BTAP_RISK_COUNT] = {"lost-after-read", "split-unit",
                                                       "rewritten-unit", "short-unit"};

    (void)state;
    for (unsigned kind = 0; kind < BTAP_RISK_COUNT; kind++) {
        begin(BTAP_FDCAN);
        know_product(0x483);
        session.verification.different = 9;
        session.verification.at_risk[kind] = 9;
        assert_string_equal(cause(), rules[kind]);
        session.verification.at_risk[kind] = 8;
        assert_string_equal(cause(), "read-back-differs");
        session.verification.at_risk[kind] = 9;
        session.verification.elsewhere = true;
        session.verification.elsewhere_address = FLASH + 0x800;
        assert_string_equal(cause(), "read-elsewhere");
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
        begin(BTAP_USART);
        session.risks[kind] = (struct btap_risk){3, 7, FLASH + 4};
        know_product(0x469); /* G4: by the series only */
        assert_null(find(rules[kind]));
        know_product(0x460);
        assert_non_null(find(rules[kind]));
        assert_int_equal(find(rules[kind])->arg[0], 3);
        assert_int_equal(find(rules[kind])->arg[1], FLASH + 4);
        assert_int_equal(find(rules[kind])->packets[0], 7);
        session.verification.same = 1;
        assert_null(find(rules[kind]));
    }
}

/* The failed command's own numbers, not those of the first note of the kind. */
static void numbers_are_the_failed_commands(void **state)
{
    struct btap_brief *failed;

    (void)state;
    begin(BTAP_DFU);
    session.notes[BTAP_NOTE_OVER_TRANSFER_SIZE].count = 2;
    session.notes[BTAP_NOTE_OVER_TRANSFER_SIZE].arg[0] = 1500;
    failed = failing(BTAP_WRITE_MEMORY, BTAP_STALL, BTAP_PHASE_REQUEST);
    failed->length = 2048;
    failed->notes_length = 1;
    failed->notes[0] = BTAP_NOTE_OVER_TRANSFER_SIZE;
    failed->note_args[0][0] = 2048;
    failed->note_args[0][1] = 1024;
    assert_string_equal(cause(), "block-too-long");
    assert_int_equal(diagnosis.findings[0].arg[0], 2048);
    assert_int_equal(diagnosis.findings[0].arg[1], 1024);
    session.write_longest_done = 2048; /* as long a block was taken */
    assert_string_not_equal(cause(), "block-too-long");
}

/* Who starts what he wrote from its beginning gave the right address. */
static void where_a_program_is_started(void **state)
{
    (void)state;
    begin(BTAP_USART);
    session.started = true;
    session.start_address = FLASH + 0x1000;
    assert_string_equal(cause(), ""); /* what lies there is not known */
    session.start_address = FLASH + 0x1001;
    assert_string_equal(cause(), "start-without-table"); /* nor can it be anything there */
    session.image = (struct btap_vector){.known = true, .plausible = true, .address = FLASH};
    assert_string_equal(cause(), "start-beside-table");
    assert_int_equal(diagnosis.findings[0].arg[1], FLASH);
    session.start_address = FLASH + 0x1000;
    session.start = (struct btap_vector){.known = true, .address = FLASH + 0x1000};
    assert_string_equal(cause(), "start-beside-table");
    session.start.plausible = true;
    assert_string_equal(cause(), "");
    session.start = (struct btap_vector){.known = true, .address = FLASH};
    session.image = session.start;
    session.start_address = FLASH;
    assert_string_equal(cause(), "");
}

/* A capture that begins in mid-stream may have missed the erase; what was read back is known. */
static void what_was_written_without_an_erase(void **state)
{
    static const enum btap_command begins[] = {BTAP_SYNC, BTAP_GET_ID, BTAP_GET_STATUS};

    (void)state;
    begin(BTAP_USART);
    session.unerased = 16;
    session.unerased_address = FLASH;
    session.unerased_packet = 5;
    assert_null(find("written-without-erase"));
    for (size_t i = 0; i < COUNT_OF(begins); i++) {
        session.done[begins[i]] = 1;
        assert_non_null(find("written-without-erase"));
        assert_int_equal(find("written-without-erase")->arg[0], 16);
        assert_int_equal(find("written-without-erase")->arg[1], FLASH);
        assert_int_equal(find("written-without-erase")->packets[0], 5);
        session.done[begins[i]] = 0;
    }
    session.done[BTAP_SYNC] = 1;
    session.verification.same = 1;
    assert_null(find("written-without-erase"));
    session.verification.same = 0;
    session.unerased = 0;
    assert_null(find("written-without-erase"));
}

/* Evidence */

static void findings_of_one_rule_are_one(void **state)
{
    (void)state;
    begin(BTAP_USART);
    for (uint64_t i = 0; i < 3; i++) {
        struct btap_brief *failed = failing(BTAP_GO, BTAP_NO_REPLY, BTAP_PHASE_COMMAND);

        failed->first_packet = 20 - 4 * i;
        failed->last_packet = 21 - 4 * i;
    }
    assert_string_equal(cause(), "unexplained-silence");
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
    begin(BTAP_USART);
    session.notes[BTAP_NOTE_FRAMING_ERROR].count = 3;
    session.notes[BTAP_NOTE_FRAMING_ERROR].packet = 9;
    session.notes[BTAP_NOTE_PARITY_ERROR].count = 2;
    session.notes[BTAP_NOTE_PARITY_ERROR].packet = 12;
    finding = find("line-errors");
    assert_non_null(finding);
    assert_int_equal(finding->occurrences, 5);
    assert_int_equal(finding->packets[0], 9);
    assert_int_equal(finding->packets[1], 12);
    session.transport = BTAP_DFU;
    assert_null(find("line-errors"));
}

/* DFU's BUSY_LONGER_THAN_STATED carries its two values; the finding shows them. */
static void values_of_a_note_are_the_findings(void **state)
{
    (void)state;
    begin(BTAP_DFU);
    session.notes[BTAP_NOTE_BUSY_LONGER_THAN_STATED].count = 1;
    session.notes[BTAP_NOTE_BUSY_LONGER_THAN_STATED].arg[0] = 700;
    session.notes[BTAP_NOTE_BUSY_LONGER_THAN_STATED].arg[1] = 50;
    assert_int_equal(find("busy-longer-than-stated")->arg[0], 700);
    assert_int_equal(find("busy-longer-than-stated")->arg[1], 50);
    assert_int_equal(find("busy-longer-than-stated")->packets_length, 0);
}

/* Verdicts */

/** Work that ended well: reading, writing, erasing; asking who is there is none. */
static void work_that_ended_well_worked(void **state)
{
    (void)state;
    begin(BTAP_USART);
    assert_string_equal(cause(), "");
    assert_int_equal(diagnosis.verdict, BTAP_VERDICT_NO_FAULT);
    session.done[BTAP_READ_MEMORY] = 1;
    cause();
    assert_int_equal(diagnosis.verdict, BTAP_VERDICT_WORKED);
    session.last.status = BTAP_INCOMPLETE;
    assert_string_equal(cause(), "unexplained-silence");
    assert_true(diagnosis.findings[0].conditional);
    assert_non_null(find("capture-ends-early"));
    assert_int_equal(diagnosis.verdict, BTAP_VERDICT_CUT_SHORT);
    failing(BTAP_GO, BTAP_NO_REPLY, BTAP_PHASE_COMMAND);
    session.last.status = BTAP_INCOMPLETE;
    cause();
    assert_int_equal(diagnosis.verdict, BTAP_VERDICT_FAILED);
    assert_null(find("capture-ends-early"));
    begin(BTAP_USART);
    session.done[BTAP_UPLOAD] = 1; /* the last of all commands, it may be */
    cause();
    assert_int_equal(diagnosis.verdict, BTAP_VERDICT_WORKED);
}

static const char *verdict(void)
{
    static char text[BTAP_DIAGNOSIS_TEXT_SIZE];

    btap_diagnose(&session, &diagnosis);
    return btap_verdict_text(&session, &diagnosis, text, sizeof(text));
}

static void verdicts_say_what_was_done(void **state)
{
    (void)state;
    begin(BTAP_USART);
    session.duration = 1234567890;
    session.transactions = 1;
    assert_string_equal(verdict(), "No fault found in the traffic: 1 command, nothing erased, "
                                   "written or read; 1.235 s");
    session.transactions = 2;
    session.done[BTAP_WRITE_PROTECT] = 1;
    session.done[BTAP_DETACH] = 1;
    session.erased.commands = 2;
    session.mass_erases = 1;
    session.bank_erases = 2;
    session.erased_pages = 1;
    session.erase_unsized = true;
    session.erased.ranges.length = 1;
    session.erased.ranges.list[0] = (struct btap_range){FLASH, FLASH + 0x3ff};
    session.started = true;
    session.start_address = FLASH;
    assert_string_equal(verdict(),
                        "Worked: Write Protect, Detach, erased everything, erased 2 banks, erased "
                        "1 page, started at 0x08000000; 1.235 s");
    session.erase_unsized = false;
    session.done[BTAP_WRITE_PROTECT] = 0;
    session.mass_erases = 0;
    session.bank_erases = 0;
    assert_string_equal(verdict(), "Worked: Detach, erased 1 page at 0x08000000-0x080003ff, "
                                   "started at 0x08000000; 1.235 s");
    session.erased.commands = 0;
    session.erased_pages = 2;
    assert_string_equal(verdict(), "Worked: Detach, started at 0x08000000; 1.235 s");
}

static void verdicts_say_how_fast_it_was(void **state)
{
    (void)state;
    begin(BTAP_USART);
    session.duration = SECOND;
    session.done[BTAP_WRITE_MEMORY] = 1;
    session.written.commands = 1;
    session.written.bytes = 1;
    session.written.last = SECOND;
    session.written.ranges.length = 2;
    session.written.ranges.list[1] = (struct btap_range){0x20000000, 0x20000000};
    session.written.ranges.list[0] = (struct btap_range){FLASH, FLASH};
    session.read = session.written;
    session.read.commands = 2;
    session.read.bytes = 12345;
    session.read.first = SECOND / 2;
    session.read.ranges.joined = true;
    assert_string_equal(verdict(),
                        "Worked: wrote 1 byte at 0x08000000-0x20000000 in 2 pieces, read 12345 "
                        "bytes at 0x08000000-0x20000000 in many pieces (24.7 kB/s); 1.000 s");
    session.verification.same = 12;
    assert_string_equal(verdict(), "Worked: wrote 1 byte at 0x08000000-0x20000000 in 2 pieces, "
                                   "verified 12 of them by reading back; 1.000 s");
    session.read.commands = 0;
    session.verification.same = 0;
    session.written.commands = 2;
    session.written.first = SECOND; /* in no time */
    session.written.ranges.length = 0;
    assert_string_equal(verdict(), "Worked: wrote 1 byte; 1.000 s");
}

static void verdicts_say_what_failed(void **state)
{
    (void)state;
    begin(BTAP_USART);
    session.verification.different = 3;
    assert_string_equal(verdict(), "Failed: 3 bytes read back differ from what was written, from "
                                   "0x00000000 on, though every write was acknowledged");
    for (int i = 0; i < 2; i++) {
        struct btap_brief *failed = failing(BTAP_GO, BTAP_NO_REPLY, BTAP_PHASE_COMMAND);

        strcpy(failed->words, i == 0 ? "Go" : "Go again");
        strcpy(failed->outcome, "no-reply (command)");
    }
    assert_string_equal(verdict(),
                        "Failed: Go: no-reply (command), and 1 more failed command. The device "
                        "did not hear it, or was reset, or lost power");
    session.failures_length = 3;
    assert_string_equal(verdict(),
                        "Failed: Go: no-reply (command), and 2 more failed commands. The device "
                        "did not hear it, or was reset, or lost power");
    session.failures_length = 1;
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
    assert_string_equal(btap_verdict_name((enum btap_verdict)5), "unknown");
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
        cmocka_unit_test(how_what_was_read_back_differs),
        cmocka_unit_test(what_a_risk_explains),
        cmocka_unit_test(risks_that_nothing_was_read_back_of),
        cmocka_unit_test(numbers_are_the_failed_commands),
        cmocka_unit_test(where_a_program_is_started),
        cmocka_unit_test(what_was_written_without_an_erase),
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
