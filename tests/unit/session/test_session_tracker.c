/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Where sessions begin and end on each wire, what is emitted when, and facts at their bounds.
 */
#include "session_rig.h"

/* Order */

static void effects_come_within_their_session(void **state)
{
    (void)state;
    begin(BTAP_USART);
    send_command(BTAP_SYNC, BTAP_OK);
    identify(PID_F103);
    erase(BTAP_ERASE_PAGES, 0);
    write_at(FLASH);
    send_command(BTAP_GO, BTAP_OK);
    write_at(FLASH); /* begins the next one */
    finish();
    assert_string_equal(course, "BewEBwE");
}

static void nobody_needs_to_listen(void **state)
{
    static const struct btap_session_sink none = {0};

    (void)state;
    begin(BTAP_USART);
    btap_session_tracker_init(&tracker, BTAP_USART, &none);
    write_at(FLASH);
    finish();
    assert_string_equal(course, "");
}

/* Where a session begins */

static void a_sync_after_commands_begins_a_session(void **state)
{
    static const enum btap_transport transports[] = {BTAP_USART, BTAP_FDCAN};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(transports); i++) {
        begin(transports[i]);
        send_command(BTAP_SYNC, BTAP_OK);
        send_command(BTAP_SYNC, BTAP_OK); /* nothing was said yet */
        send_command(BTAP_GET, BTAP_OK);
        send_command(BTAP_SYNC, BTAP_OK);
        finish();
        assert_string_equal(course, "BEBE");
    }
}

static void a_sync_after_a_failure_begins_none(void **state)
{
    static const enum btap_transport transports[] = {BTAP_USART, BTAP_FDCAN};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(transports); i++) {
        begin(transports[i]);
        send_command(BTAP_SYNC, BTAP_OK);
        send_command(BTAP_GET, BTAP_NO_REPLY);
        send_command(BTAP_SYNC, BTAP_OK);
        finish();
        assert_string_equal(course, "BE");
    }
}

/** On the USART the host resynchronises after a reset; on CAN a detection frame begins anew. */
static void a_reset_is_gone_through_on_the_usart(void **state)
{
    (void)state;
    begin(BTAP_USART);
    send_command(BTAP_WRITE_UNPROTECT, BTAP_OK);
    send_command(BTAP_SYNC, BTAP_OK);
    finish();
    assert_string_equal(course, "BE");
    begin(BTAP_FDCAN);
    send_command(BTAP_WRITE_UNPROTECT, BTAP_OK);
    send_command(BTAP_SYNC, BTAP_OK);
    finish();
    assert_string_equal(course, "BEBE");
}

/** DFU has no Sync: a GETSTATUS after a write and two seconds is another run of the tool. */
static void a_status_after_two_seconds_begins_a_session_on_dfu(void **state)
{
    static const struct {
        btap_ns pause;
        const char *course;
    } cases[] = {{2 * SECOND - 1, "BwE"}, {2 * SECOND, "BwEBE"}};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        begin(BTAP_DFU);
        write_at(FLASH);
        now = transaction.time + transaction.duration + cases[i].pause;
        send_command(BTAP_GET_STATUS, BTAP_OK);
        finish();
        assert_string_equal(course, cases[i].course);
    }
}

static void no_pause_begins_a_session_on_other_wires(void **state)
{
    static const enum btap_transport transports[] = {BTAP_USART, BTAP_FDCAN};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(transports); i++) {
        begin(transports[i]);
        write_at(FLASH);
        now += 60 * SECOND;
        send_command(BTAP_GET_STATUS, BTAP_OK);
        send_command(BTAP_GET, BTAP_OK);
        finish();
        assert_string_equal(course, "BwE");
    }
}

static void a_device_that_leaves_ends_a_session(void **state)
{
    (void)state;
    begin(BTAP_DFU);
    send_command(BTAP_SET_ADDRESS, BTAP_DISCONNECTED);
    send_command(BTAP_SET_ADDRESS, BTAP_OK);
    finish();
    assert_string_equal(course, "BEBE");
    begin(BTAP_DFU);
    make(BTAP_LEAVE, BTAP_INCOMPLETE);
    add_note(BTAP_NOTE_DEVICE_LEFT);
    end_command();
    send_command(BTAP_GET_STATUS, BTAP_OK); /* belongs to the Leave */
    send_command(BTAP_SET_ADDRESS, BTAP_OK);
    finish();
    assert_string_equal(course, "BEBE");
}

/* What was erased before it was written */

static uint64_t unerased(void)
{
    return finish()->unerased;
}

static void what_no_erase_covers_is_counted(void **state)
{
    (void)state;
    begin(BTAP_USART);
    identify(PID_F103);
    erase(BTAP_ERASE_PAGES, 0);
    write_at(FLASH + 0x3f0);
    write_at(FLASH + 0x3f8); /* its second half is page 1 */
    assert_int_equal(unerased(), 8);
    assert_int_equal(last.unerased_address, FLASH + 0x400);
    assert_int_equal(last.erased.bytes, 1024);
}

/** The F103 of this id has 128 KiB: what lies beyond is no flash that could want an erase. */
static void only_flash_wants_an_erase(void **state)
{
    (void)state;
    begin(BTAP_USART);
    identify(PID_F103);
    write_at(0x08020000);
    write_at(0x20001000);
    assert_int_equal(unerased(), 0);
    begin(BTAP_USART);
    write_at(0x0ffffff0); /* the last of what may be flash, where the product is not known */
    write_at(0x10000000);
    write_at(0x07fffff0);
    assert_int_equal(unerased(), 16);
}

static void an_erase_that_was_not_performed_covers_nothing(void **state)
{
    (void)state;
    for (int performed = 0; performed <= 1; performed++) {
        begin(BTAP_USART);
        make(BTAP_ERASE, BTAP_OK);
        transaction.erase = BTAP_ERASE_MASS;
        if (!performed)
            add_note(BTAP_NOTE_ERASE_NOT_PERFORMED);
        end_command();
        write_at(FLASH);
        assert_int_equal(unerased(), performed ? 0 : 16);
        assert_int_equal(last.mass_erases, performed);
        assert_int_equal(last.erased.commands, performed);
    }
}

static void removing_the_read_protection_covers_everything(void **state)
{
    (void)state;
    begin(BTAP_USART);
    send_command(BTAP_READOUT_UNPROTECT, BTAP_OK);
    send_command(BTAP_SYNC, BTAP_OK);
    write_at(FLASH);
    assert_int_equal(unerased(), 0);
    assert_int_equal(last.mass_erases, 1);
}

/** An address within a page covers all of it. */
static void a_page_erased_by_an_address_within_it_is_covered(void **state)
{
    static struct btap_usb_device device;

    (void)state;
    begin(BTAP_DFU);
    btap_usb_device_init(&device);
    device.strings[0].index = 4;
    strcpy(device.strings[0].text, "@Internal Flash  /0x08000000/64*002Kg");
    make(BTAP_ERASE, BTAP_OK);
    transaction.erase = BTAP_ERASE_ADDRESS;
    transaction.has = BTAP_HAS_ADDRESS;
    transaction.address = FLASH + 0x9ab;
    btap_session_transaction(&tracker, &transaction, &device);
    write_at(FLASH + 0x800);
    write_at(FLASH + 0xff0);
    write_at(FLASH + 0x7f8); /* its first half is another page */
    assert_int_equal(unerased(), 8);
    assert_int_equal(last.erased.ranges.list[0].first, FLASH + 0x800);
    assert_int_equal(last.erased.ranges.list[0].last, FLASH + 0xfff);
}

/** Every other page: more ranges than are kept, so that none can say what was erased. */
static void more_ranges_than_are_kept_tell_nothing(void **state)
{
    (void)state;
    for (uint16_t ranges = BTAP_RANGES_MAX; ranges <= BTAP_RANGES_MAX + 1; ranges++) {
        begin(BTAP_USART);
        identify(PID_F103);
        write_at(FLASH); /* before any erase */
        for (uint16_t i = 0; i < ranges; i++)
            erase(BTAP_ERASE_PAGES, (uint16_t)(2 * i));
        write_at(FLASH + 0x400); /* page 1 */
        assert_int_equal(unerased(), ranges == BTAP_RANGES_MAX ? 32 : 0);
        assert_int_equal(last.erased.ranges.joined, ranges > BTAP_RANGES_MAX);
        assert_int_equal(last.erased.bytes, 1024 * ranges);
        assert_int_equal(last.erased_pages, ranges);
    }
}

/** The same, where nothing is written behind the erases: what was summed up before goes too. */
static void a_sum_is_withdrawn_when_ranges_overflow(void **state)
{
    (void)state;
    begin(BTAP_USART);
    identify(PID_F103);
    write_at(FLASH);
    for (uint16_t i = 0; i <= BTAP_RANGES_MAX; i++)
        erase(BTAP_ERASE_PAGES, (uint16_t)(2 * i));
    assert_int_equal(unerased(), 0);
}

/** Which product it is stays known on a link; the fact that the session asked for it does not. */
static void the_product_stays_from_session_to_session(void **state)
{
    (void)state;
    begin(BTAP_USART);
    identify(PID_F103);
    send_command(BTAP_GO, BTAP_OK);
    erase(BTAP_ERASE_PAGES, 3);
    finish();
    assert_false(last.pid_known);
    assert_int_equal(last.erased.ranges.list[0].first, FLASH + 0xc00);
}

/* Bounds of time */

/** A late 0x79 to 0x7F may be the end of the erase before: after a second, not before. */
static void an_answer_to_sync_is_late_after_a_second(void **state)
{
    static const struct {
        btap_ns duration;
        bool late;
    } cases[] = {{SECOND / 10, false}, {SECOND - 1, false}, {SECOND, true}};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        begin(BTAP_USART);
        send_command(BTAP_ERASE, BTAP_NO_REPLY);
        make(BTAP_SYNC, BTAP_OK);
        transaction.duration = cases[i].duration;
        end_command();
        assert_int_equal(finish()->late_sync_packet != 0, cases[i].late);
        assert_int_equal(last.late_sync, cases[i].late ? cases[i].duration : 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(effects_come_within_their_session),
        cmocka_unit_test(nobody_needs_to_listen),
        cmocka_unit_test(a_sync_after_commands_begins_a_session),
        cmocka_unit_test(a_sync_after_a_failure_begins_none),
        cmocka_unit_test(a_reset_is_gone_through_on_the_usart),
        cmocka_unit_test(a_status_after_two_seconds_begins_a_session_on_dfu),
        cmocka_unit_test(no_pause_begins_a_session_on_other_wires),
        cmocka_unit_test(a_device_that_leaves_ends_a_session),
        cmocka_unit_test(what_no_erase_covers_is_counted),
        cmocka_unit_test(only_flash_wants_an_erase),
        cmocka_unit_test(an_erase_that_was_not_performed_covers_nothing),
        cmocka_unit_test(removing_the_read_protection_covers_everything),
        cmocka_unit_test(a_page_erased_by_an_address_within_it_is_covered),
        cmocka_unit_test(more_ranges_than_are_kept_tell_nothing),
        cmocka_unit_test(a_sum_is_withdrawn_when_ranges_overflow),
        cmocka_unit_test(the_product_stays_from_session_to_session),
        cmocka_unit_test(an_answer_to_sync_is_late_after_a_second),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
