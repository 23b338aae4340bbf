/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What a session tells of memory beyond its commands: writes that may not have been programmed,
 * pages that were read back, what was started, what read protection would have forbidden.
 */
#include "session_rig.h"

/* RM0444: 64 pages of 2 KiB, double words of 8 bytes; RM0468: flash words of 32 bytes */
#define PID_G071 0x460
#define PID_H723 0x483
#define PID_F405 0x413

static void move(enum btap_command command, uint32_t address, uint32_t length)
{
    make(command, BTAP_OK);
    transaction.has = BTAP_HAS_ADDRESS | BTAP_HAS_LENGTH;
    transaction.address = address;
    transaction.length = length;
    transaction.transferred = length;
    end_command();
}

static uint32_t risk(enum btap_risk_kind kind)
{
    return tracker.session.risks[kind].writes;
}

/* Programming units */

static void writes_that_split_or_do_not_fill_a_unit(void **state)
{
    static const struct {
        uint32_t pid, address, length;
        bool split, short_end;
    } cases[] = {
        {PID_G071, FLASH, 256, false, false},     {PID_G071, FLASH + 8, 8, false, false},
        {PID_G071, FLASH + 0x14, 4, true, false}, {PID_G071, FLASH, 4, false, true},
        {PID_G071, FLASH + 1, 1, true, true},     {PID_H723, FLASH + 8, 24, true, false},
        {PID_H723, FLASH + 32, 31, false, true},  {PID_F405, FLASH + 1, 1, false, false},
        {PID_G071, 0x20000001, 1, false, false},  {0x999, FLASH + 1, 1, false, false},
    };
    static const enum btap_transport transports[] = {BTAP_USART, BTAP_FDCAN};

    (void)state;
    for (size_t wire = 0; wire < COUNT_OF(transports); wire++)
        for (size_t i = 0; i < COUNT_OF(cases); i++) {
            begin(transports[wire]);
            identify(cases[i].pid);
            move(BTAP_WRITE_MEMORY, cases[i].address, cases[i].length);
            assert_int_equal(risk(BTAP_RISK_INSIDE_UNIT), cases[i].split);
            assert_int_equal(risk(BTAP_RISK_SHORT_END), cases[i].short_end);
        }
}

/* A unit with error correction takes one write per erase; an F405 has none. */
static void units_that_are_written_twice(void **state)
{
    (void)state;
    begin(BTAP_USART);
    identify(PID_G071);
    move(BTAP_WRITE_MEMORY, FLASH, 16);
    move(BTAP_WRITE_MEMORY, FLASH + 16, 16);
    assert_int_equal(risk(BTAP_RISK_UNIT_TWICE), 0);
    move(BTAP_WRITE_MEMORY, FLASH + 24, 16);
    assert_int_equal(risk(BTAP_RISK_UNIT_TWICE), 1);
    assert_int_equal(tracker.session.risks[BTAP_RISK_UNIT_TWICE].address, FLASH + 24);
    erase(BTAP_ERASE_PAGES, 0);
    move(BTAP_WRITE_MEMORY, FLASH, 40);
    erase(BTAP_ERASE_MASS, 0);
    move(BTAP_WRITE_MEMORY, FLASH, 40);
    assert_int_equal(risk(BTAP_RISK_UNIT_TWICE), 1);

    begin(BTAP_USART);
    identify(PID_F405);
    move(BTAP_WRITE_MEMORY, FLASH, 16);
    move(BTAP_WRITE_MEMORY, FLASH, 16);
    assert_int_equal(risk(BTAP_RISK_UNIT_TWICE), 0);
}

static void an_h723_loses_what_follows_a_read(void **state)
{
    (void)state;
    begin(BTAP_FDCAN);
    identify(PID_H723);
    move(BTAP_WRITE_MEMORY, FLASH, 64);
    move(BTAP_READ_MEMORY, FLASH, 64);
    move(BTAP_WRITE_MEMORY, FLASH + 64, 64);
    move(BTAP_WRITE_MEMORY, FLASH + 128, 64);
    assert_int_equal(risk(BTAP_RISK_AFTER_READ), 1);
    assert_int_equal(tracker.session.risks[BTAP_RISK_AFTER_READ].address, FLASH + 64);
    move(BTAP_READ_MEMORY, FLASH, 64);
    erase(BTAP_ERASE_PAGES, 1); /* it is not known to lose anything behind an erase */
    move(BTAP_WRITE_MEMORY, FLASH + 0x20000, 64);
    assert_int_equal(risk(BTAP_RISK_AFTER_READ), 1);

    begin(BTAP_FDCAN);
    identify(0x450);
    move(BTAP_READ_MEMORY, FLASH, 64);
    move(BTAP_WRITE_MEMORY, FLASH, 64);
    assert_int_equal(risk(BTAP_RISK_AFTER_READ), 0);
}

/* Reading back */

static void blocks_that_hold_nothing_of_a_write_name_their_pages(void **state)
{
    const struct btap_verification good = {.same = 64, .compared = {FLASH, FLASH + 63}};
    const struct btap_verification bad = {
        .same = 2, .different = 62, .compared = {FLASH + 0x840, FLASH + 0x87f}};
    const struct btap_verification blank = {
        .same = 64, .same_erased = 64, .compared = {FLASH + 0x1000, FLASH + 0x103f}};

    (void)state;
    begin(BTAP_USART);
    identify(PID_G071);
    btap_session_readback(&tracker, &good, NULL);
    btap_session_readback(&tracker, &bad, NULL);
    btap_session_readback(&tracker, &blank, NULL); /* proves nothing */
    finish();
    assert_int_equal(last.programmed.length, 1);
    assert_int_equal(last.programmed.list[0].last, FLASH + 63);
    assert_int_equal(last.pages_untouched.length, 1);
    assert_int_equal(last.pages_untouched.list[0].first, FLASH + 0x800);
    assert_int_equal(last.pages_untouched.list[0].last, FLASH + 0xfff);
    assert_int_equal(last.untouched_different, 62);
    assert_false(last.untouched_unsized);
    begin(BTAP_USART); /* the product, and so its pages, are not known */
    send_command(BTAP_GET, BTAP_OK);
    btap_session_readback(&tracker, &bad, NULL);
    assert_true(finish()->untouched_unsized);
}

static void a_page_that_the_product_lacks(void **state)
{
    (void)state;
    begin(BTAP_FDCAN);
    identify(PID_F103);
    erase(BTAP_ERASE_PAGES, 127);
    assert_int_equal(tracker.session.absent_page_packet, 0);
    erase(BTAP_ERASE_PAGES, 128);
    assert_int_equal(tracker.session.absent_page, 128);
    assert_int_equal(finish()->absent_page_packet, transaction.first_packet);
}

/* Starting */

static uint8_t memory[16];

static bool read_memory(void *context, uint32_t address, uint8_t bytes[8])
{
    assert_ptr_equal(context, memory);
    if (address < FLASH || address > FLASH + 8)
        return false;
    memcpy(bytes, memory + (address - FLASH), 8);
    return true;
}

/* AN3155 section 3.5: stack pointer, then reset vector, each of four bytes, the lowest first */
static void what_can_be_a_vector_table(void **state)
{
    static const struct {
        uint8_t bytes[8];
        bool plausible;
    } cases[] = {
        {{0x00, 0x50, 0x00, 0x20, 0xc1, 0x00, 0x00, 0x08}, true},
        {{0x00, 0x00, 0x08, 0x24, 0xc1, 0x00, 0x00, 0x00}, true},  /* AXI SRAM, ITCM */
        {{0x00, 0x50, 0x00, 0x20, 0xc0, 0x00, 0x00, 0x08}, false}, /* not Thumb */
        {{0x02, 0x50, 0x00, 0x20, 0xc1, 0x00, 0x00, 0x08}, false}, /* odd stack */
        {{0x00, 0x50, 0x00, 0x08, 0xc1, 0x00, 0x00, 0x08}, false}, /* stack in flash */
        {{0x00, 0x50, 0x00, 0x20, 0xc1, 0x00, 0x00, 0x40}, false}, /* code in a register */
        {{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff}, false},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        begin(BTAP_USART);
        memcpy(memory, cases[i].bytes, 8);
        move(BTAP_WRITE_MEMORY, FLASH, 16);
        move(BTAP_GO, FLASH, 0);
        btap_session_started(&tracker, read_memory, memory);
        finish();
        assert_true(last.start.known);
        assert_int_equal(last.start.plausible, cases[i].plausible);
        assert_int_equal(last.image.address, FLASH);
    }
    begin(BTAP_USART);
    move(BTAP_GO, FLASH + 0x1000, 0);
    btap_session_started(&tracker, read_memory, memory);
    assert_false(finish()->start.known);
}

/* What a tool sends after a good Go goes to the application, until it begins anew. */
static void after_a_start_silence_is_no_failure(void **state)
{
    static const enum btap_transport transports[] = {BTAP_USART, BTAP_FDCAN};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(transports); i++) {
        begin(transports[i]);
        send_command(BTAP_GO, BTAP_OK);
        send_command(BTAP_GET_ID, BTAP_NO_REPLY);
        send_command(BTAP_GET_ID, BTAP_BAD_REPLY);
        assert_true(finish()->after_start);
        assert_int_equal(sessions, 2);
        assert_int_equal(last.failures_length, 0);

        begin(transports[i]);
        send_command(BTAP_GO, BTAP_NACK); /* nothing was started */
        send_command(BTAP_GET_ID, BTAP_NO_REPLY);
        assert_int_equal(finish()->failures_length, 2);

        begin(transports[i]);
        send_command(BTAP_GO, BTAP_OK);
        send_command(BTAP_SYNC, BTAP_NO_REPLY); /* another run of a tool */
        assert_int_equal(finish()->failures_length, 1);
        assert_false(last.after_start);

        begin(transports[i]);
        send_command(BTAP_GO, BTAP_OK);
        send_command(BTAP_GET_ID, BTAP_OK); /* the bootloader is there again */
        send_command(BTAP_READ_MEMORY, BTAP_NO_REPLY);
        assert_int_equal(finish()->failures_length, 1);
    }
}

/* On a serial line they are no commands any more. */
static void bytes_after_a_start_are_the_applications(void **state)
{
    const struct btap_note skipped = {.id = BTAP_NOTE_SKIPPED_BYTES, .packet = 77};

    (void)state;
    begin(BTAP_USART);
    send_command(BTAP_GET, BTAP_OK);
    btap_session_note(&tracker, 0, &skipped);
    assert_int_equal(tracker.session.notes[BTAP_NOTE_SKIPPED_BYTES].count, 1);
    send_command(BTAP_GO, BTAP_OK);
    btap_session_note(&tracker, 0, &skipped);
    assert_int_equal(finish()->application_packet, 77);
    assert_int_equal(last.notes[BTAP_NOTE_SKIPPED_BYTES].count, 1);
}

/* Read protection */

static void what_protection_forbids_was_done(void **state)
{
    (void)state;
    begin(BTAP_USART);
    send_command(BTAP_GET, BTAP_OK);
    assert_false(tracker.session.unprotected);
    move(BTAP_READ_MEMORY, FLASH, 16);
    assert_true(tracker.session.unprotected);
    send_command(BTAP_READOUT_PROTECT, BTAP_OK);
    assert_false(tracker.session.unprotected);
    send_command(BTAP_READOUT_UNPROTECT, BTAP_OK);
    assert_true(tracker.session.unprotected);
    move(BTAP_WRITE_MEMORY, 0x1ffff800, 16); /* option bytes */
    assert_false(tracker.session.unprotected);
    finish();

    begin(BTAP_DFU); /* option bytes may be read under protection */
    move(BTAP_READ_MEMORY, 0x1fffc000, 16);
    assert_false(tracker.session.unprotected);
    move(BTAP_READ_MEMORY, FLASH, 16);
    assert_true(tracker.session.unprotected);
}

static void a_failed_command_keeps_the_values_of_its_notes(void **state)
{
    (void)state;
    begin(BTAP_DFU);
    make(BTAP_WRITE_MEMORY, BTAP_STALL);
    add_note(BTAP_NOTE_OVER_TRANSFER_SIZE);
    transaction.notes[0].arg[0] = 2048;
    end_command();
    assert_int_equal(finish()->failures[0].note_args[0][0], 2048);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(writes_that_split_or_do_not_fill_a_unit),
        cmocka_unit_test(units_that_are_written_twice),
        cmocka_unit_test(an_h723_loses_what_follows_a_read),
        cmocka_unit_test(blocks_that_hold_nothing_of_a_write_name_their_pages),
        cmocka_unit_test(a_page_that_the_product_lacks),
        cmocka_unit_test(what_can_be_a_vector_table),
        cmocka_unit_test(after_a_start_silence_is_no_failure),
        cmocka_unit_test(bytes_after_a_start_are_the_applications),
        cmocka_unit_test(what_protection_forbids_was_done),
        cmocka_unit_test(a_failed_command_keeps_the_values_of_its_notes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
