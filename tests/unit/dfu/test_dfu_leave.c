/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * DFU devices that go away: by leave, by detach, by a reset of their own, unplugged.
 */
#include "boottap/dfu.h"

#include "dfu_case.h"

static const uint8_t erase_command[] = {0x41, 0x00, 0x00, 0x00, 0x08};

/* AN3156 section 5.5: anything but dfuMANIFEST is an error. */
static void leave_refused(void **state)
{
    (void)state;
    session_set_address(&session, 0x08000000);
    session_dnload(&session, 2, NULL, 0);
    session_getstatus(&session, 0, 0, IDLE);
    session_set_address(&session, 0x08000000);
    session_dnload(&session, 2, NULL, 0);
    session_getstatus(&session, 1, 0, ERROR_STATE);
    dfu_case_play();
    session_only_note(dfu_case_expect(3, BTAP_LEAVE, BTAP_BAD_REPLY, BTAP_PHASE_STATUS),
                      BTAP_NOTE_UNEXPECTED_STATE);
    session_only_note(dfu_case_expect(5, BTAP_LEAVE, BTAP_DFU_ERROR, BTAP_PHASE_OPERATION),
                      BTAP_NOTE_ERR_TARGET);
}

/* users (a) 20: GETSTATUS finds nobody after the DNLOAD of length 0. That is success. */
static void leave_answered_by_disconnection(void **state)
{
    static const enum btap_usb_status failures[] = {BTAP_USB_GONE, BTAP_USB_BUS_ERROR,
                                                    BTAP_USB_TIMEOUT, BTAP_USB_CANCELLED};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(failures); i++) {
        session_init(&session);
        session_set_address(&session, 0x08000000);
        session_dnload(&session, 2, NULL, 0);
        session_fail_getstatus(&session, failures[i]);
        dfu_case_play();
        session_only_note(dfu_case_expect(2, BTAP_LEAVE, BTAP_OK, BTAP_PHASE_NONE),
                          BTAP_NOTE_DEVICE_LEFT);
        collector_release(&collector);
    }
}

/* The device is gone after dfuMANIFEST: what the host still asks fails, and that is normal. */
static void requests_after_leave_fail(void **state)
{
    (void)state;
    session_set_address(&session, 0x08000000);
    session_dnload(&session, 2, NULL, 0);
    session_getstatus(&session, 0, 1, MANIFEST);
    session_fail_getstatus(&session, BTAP_USB_BUS_ERROR);
    session_disconnected(&session);
    dfu_case_play();
    dfu_case_expect(3, BTAP_LEAVE, BTAP_OK, BTAP_PHASE_NONE);
    session_only_note(dfu_case_expect(4, BTAP_GET_STATUS, BTAP_OK, BTAP_PHASE_NONE),
                      BTAP_NOTE_DEVICE_LEFT);
    assert_int_equal(collector.transactions_length, 4);
    assert_int_equal(collector.notes_length, 2);
    assert_int_equal(collector.notes[1].n, 0);
    assert_int_equal(collector.notes[1].note.id, BTAP_NOTE_DEVICE_LEFT);
}

/* The capture starts after the DNLOAD of length 0: dfuMANIFEST says what comes. */
static void joined_after_leave(void **state)
{
    (void)state;
    session_init(&session);
    session_getstatus(&session, 0, 1, MANIFEST);
    session_fail_getstatus(&session, BTAP_USB_BUS_ERROR);
    dfu_case_play();
    session_only_note(dfu_case_expect(2, BTAP_GET_STATUS, BTAP_OK, BTAP_PHASE_NONE),
                      BTAP_NOTE_DEVICE_LEFT);
}

/* A device that answers after leave, from dfuIDLE, must not be gone afterwards. */
static void still_there_after_leave(void **state)
{
    (void)state;
    session_dnload(&session, 2, NULL, 0);
    session_getstatus(&session, 0, 1, MANIFEST);
    session_getstatus(&session, 0, 1, IDLE);
    session_fail_getstatus(&session, BTAP_USB_GONE);
    dfu_case_play();
    session_only_note(dfu_case_expect(3, BTAP_GET_STATUS, BTAP_OK, BTAP_PHASE_NONE),
                      BTAP_NOTE_BACK_IN_BOOTLOADER);
    dfu_case_expect(4, BTAP_GET_STATUS, BTAP_DISCONNECTED, BTAP_PHASE_REQUEST);
}

/* DFU 1.1 section 5.1: after DETACH the device goes, or waits for a reset. */
static void gone_after_detach(void **state)
{
    (void)state;
    session_out(&session, DETACH, 1000);
    session_fail_getstatus(&session, BTAP_USB_BUS_ERROR);
    dfu_case_play();
    session_only_note(dfu_case_expect(3, BTAP_GET_STATUS, BTAP_OK, BTAP_PHASE_NONE),
                      BTAP_NOTE_DEVICE_LEFT);
}

/* wire-facts C: GD32 leaves with no GETSTATUS. */
static void leave_without_getstatus(void **state)
{
    const struct btap_transaction *leave;

    (void)state;
    session_set_address(&session, 0x08000000);
    session_dnload(&session, 2, NULL, 0);
    session_disconnected(&session);
    dfu_case_play();
    leave = dfu_case_expect(3, BTAP_LEAVE, BTAP_OK, BTAP_PHASE_NONE);
    assert_int_equal(leave->notes_length, 2);
    assert_true(transaction_has_note(leave, BTAP_NOTE_LEAVE_WITHOUT_GETSTATUS));
    assert_true(transaction_has_note(leave, BTAP_NOTE_DEVICE_LEFT));
}

/* AN3156 section 5.4: the device may be there still, and tell an error. */
static void read_unprotect_fails(void **state)
{
    (void)state;
    session_dnload(&session, 0, (const uint8_t[]){0x92}, 1);
    session_getstatus(&session, 0, 0, DNBUSY);
    session_getstatus(&session, 11, 0, ERROR_STATE);
    dfu_case_play();
    session_only_note(dfu_case_expect(2, BTAP_READ_UNPROTECT, BTAP_DFU_ERROR, BTAP_PHASE_OPERATION),
                      BTAP_NOTE_ERR_VENDOR);
}

static void read_unprotect_then_disconnection(void **state)
{
    (void)state;
    session_dnload(&session, 0, (const uint8_t[]){0x92}, 1);
    session_getstatus(&session, 0, 0, DNBUSY);
    session_disconnected(&session);
    dfu_case_play();
    session_only_note(dfu_case_expect(2, BTAP_READ_UNPROTECT, BTAP_OK, BTAP_PHASE_NONE),
                      BTAP_NOTE_DEVICE_LEFT);
}

/* AN3156 section 5.1: after a write of the option bytes the device is immediately reset. */
static void option_bytes_reset_the_device(void **state)
{
    const struct btap_transaction *write;

    (void)state;
    session_know_layout(&session.device, "@Option Bytes  /0x1FFFF800/01*016 e");
    session_set_address(&session, 0x1ffff800);
    session_dnload(&session, 2, session_pattern(), 16);
    session_getstatus(&session, 0, 0, DNBUSY);
    session_disconnected(&session);
    dfu_case_play();
    write = dfu_case_expect(3, BTAP_WRITE_MEMORY, BTAP_OK, BTAP_PHASE_NONE);
    assert_int_equal(write->notes_length, 2);
    assert_true(transaction_has_note(write, BTAP_NOTE_OPTION_BYTES_WRITTEN));
    assert_true(transaction_has_note(write, BTAP_NOTE_DEVICE_LEFT));
}

/* Without a layout the address tells: STM32H7 0x5200201C, STM32F1 0x1FFFF800; not flash or RAM. */
static void option_bytes_by_address(void **state)
{
    static const struct {
        uint32_t address;
        bool resets;
    } cases[] = {
        {0x5200201c, true},  {0x1ffff800, true},  {0x40022040, true},
        {0x08000000, false}, {0x20000000, false}, {0x52003000, false},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        session_init(&session);
        session_set_address(&session, cases[i].address);
        session_write(&session, 2, session_pattern(), 16);
        dfu_case_play();
        assert_int_equal(
            transaction_has_note(&collector.transactions[1], BTAP_NOTE_OPTION_BYTES_WRITTEN),
            cases[i].resets);
        collector_release(&collector);
    }
}

/* The option bytes' alternate setting, but an address in the flash. */
static void not_option_bytes(void **state)
{
    (void)state;
    session_know_layout(&session.device, "@Option Bytes  /0x1FFFF800/01*016 e");
    session_write(&session, 2, session_pattern(), 16);
    dfu_case_play();
    dfu_case_expect(2, BTAP_WRITE_MEMORY, BTAP_OK, BTAP_PHASE_NONE);
    assert_int_equal(collector_count_notes(&collector, BTAP_NOTE_OPTION_BYTES_WRITTEN), 0);
    assert_int_equal(collector_count_notes(&collector, BTAP_NOTE_ADDRESS_OUTSIDE_LAYOUT), 1);
}

/* A device that leaves in the middle of a command, at each of its phases. */
static void disconnection_elsewhere(void **state)
{
    static const enum btap_phase phases[] = {BTAP_PHASE_REQUEST, BTAP_PHASE_STATUS,
                                             BTAP_PHASE_STATUS, BTAP_PHASE_OPERATION};

    (void)state;
    for (size_t events = 1; events <= COUNT_OF(phases); events++) {
        session_init(&session);
        session_submit(&session, CLASS_OUT, DNLOAD, 0, erase_command, sizeof(erase_command));
        if (events > 1)
            session_complete(&session, BTAP_USB_OK, NULL, 0);
        if (events > 2)
            session_submit(&session, CLASS_IN, GETSTATUS, 0, NULL, 6);
        if (events > 3)
            session_complete(&session, BTAP_USB_OK, (const uint8_t[]){0, 10, 0, 0, DNBUSY, 0}, 6);
        session_disconnected(&session);
        dfu_case_play();
        assert_int_equal(
            dfu_case_expect(1, BTAP_ERASE, BTAP_DISCONNECTED, phases[events - 1])->last_packet,
            events + 1);
        collector_release(&collector);
    }
}

static void unplugged_between_commands(void **state)
{
    (void)state;
    session_disconnected(&session);
    dfu_case_play();
    assert_int_equal(collector.transactions_length, 1);
    assert_int_equal(collector.notes_length, 1);
    assert_int_equal(collector.notes[0].n, 0);
    assert_int_equal(collector.notes[0].note.id, BTAP_NOTE_DEVICE_GONE);
}

/* Told once, however often it is said. */
static void unplugged_twice(void **state)
{
    (void)state;
    session_disconnected(&session);
    session_disconnected(&session);
    dfu_case_play();
    assert_int_equal(collector.notes_length, 1);
}

/* DFU 1.1 section 5.1: a device that detaches may not even acknowledge it. */
static void device_gone_at_detach_and_leave(void **state)
{
    (void)state;
    session_fail_out(&session, DETACH, 1000, BTAP_USB_GONE);
    session_fail_dnload(&session, 2, NULL, 0, BTAP_USB_BUS_ERROR);
    dfu_case_play();
    assert_true(transaction_has_note(dfu_case_expect(2, BTAP_DETACH, BTAP_OK, BTAP_PHASE_NONE),
                                     BTAP_NOTE_DEVICE_LEFT));
    assert_true(transaction_has_note(dfu_case_expect(3, BTAP_LEAVE, BTAP_OK, BTAP_PHASE_NONE),
                                     BTAP_NOTE_DEVICE_LEFT));
}

/* GETSTATUS of an erase fails because the device is gone, before and after it said dfuDNBUSY. */
static void device_gone_at_getstatus(void **state)
{
    (void)state;
    session_dnload(&session, 0, erase_command, sizeof(erase_command));
    session_fail_getstatus(&session, BTAP_USB_GONE);
    session_dnload(&session, 0, erase_command, sizeof(erase_command));
    session_getstatus(&session, 0, 10, DNBUSY);
    session_wait(&session, 10);
    session_fail_getstatus(&session, BTAP_USB_GONE);
    dfu_case_play();
    dfu_case_expect(2, BTAP_ERASE, BTAP_DISCONNECTED, BTAP_PHASE_STATUS);
    dfu_case_expect(3, BTAP_ERASE, BTAP_DISCONNECTED, BTAP_PHASE_OPERATION);
}

/* The first thing that fails is a request of another class: GET_DESCRIPTOR of a string. */
static void gone_in_a_standard_request(void **state)
{
    (void)state;
    session_submit(&session, 0x80, 6, 0x0303, NULL, 255);
    session_complete(&session, BTAP_USB_GONE, NULL, 0);
    dfu_case_play();
    assert_int_equal(collector.transactions_length, 1);
    assert_int_equal(collector.notes_length, 1);
    assert_int_equal(collector.notes[0].n, 0);
    assert_int_equal(collector.notes[0].note.id, BTAP_NOTE_DEVICE_GONE);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, dfu_case_start_joined, dfu_case_stop)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(leave_refused),
        TEST(leave_answered_by_disconnection),
        TEST(requests_after_leave_fail),
        TEST(joined_after_leave),
        TEST(still_there_after_leave),
        TEST(gone_after_detach),
        TEST(leave_without_getstatus),
        TEST(read_unprotect_fails),
        TEST(read_unprotect_then_disconnection),
        TEST(option_bytes_reset_the_device),
        TEST(option_bytes_by_address),
        TEST(not_option_bytes),
        TEST(disconnection_elsewhere),
        TEST(unplugged_between_commands),
        TEST(unplugged_twice),
        TEST(device_gone_at_detach_and_leave),
        TEST(device_gone_at_getstatus),
        TEST(gone_in_a_standard_request),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
