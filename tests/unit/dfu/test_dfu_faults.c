/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What goes wrong in DFU conversations, and the quirks of real devices.
 */
#include "boottap/dfu.h"

#include "dfu_case.h"

static const uint8_t erase_command[] = {0x41, 0x00, 0x00, 0x00, 0x08};
static const uint8_t set_address_command[] = {0x21, 0x00, 0x00, 0x00, 0x08};

/* bStatus 1 to 15 (DFU 1.1 section 6.1.2), each after an erase: the command failed with it. */
static void every_error_status(void **state)
{
    static const char *const notes[] = {
        NULL,          "err-target",       "err-file",     "err-write",
        "err-erase",   "err-check-erased", "err-prog",     "err-verify",
        "err-address", "err-notdone",      "err-firmware", "err-vendor",
        "err-usbr",    "err-por",          "err-unknown",  "err-stalledpkt"};

    (void)state;
    for (size_t status = 1; status < COUNT_OF(notes); status++) {
        const struct btap_transaction *erase;

        session_init(&session);
        session_dnload(&session, 0, erase_command, sizeof(erase_command));
        session_getstatus(&session, 0, 10, DNBUSY);
        session_wait(&session, 10);
        session_getstatus(&session, (uint8_t)status, 0, ERROR_STATE);
        dfu_case_play();
        erase = dfu_case_expect(1, BTAP_ERASE, BTAP_DFU_ERROR, BTAP_PHASE_OPERATION);
        assert_int_equal(erase->dfu_status, status);
        assert_int_equal(erase->dfu_state, ERROR_STATE);
        assert_int_equal(erase->polls, 2);
        assert_int_equal(erase->notes_length, 1);
        assert_string_equal(btap_note_name(erase->notes[0].id), notes[status]);
        assert_int_equal(btap_note_severity(erase->notes[0].id), BTAP_ERROR);
        collector_release(&collector);
    }
}

/* users (a) 15, AN3156 section 5.1: under read protection errVENDOR, on the wire as bStatus 0x0B.
 */
static void write_under_read_protection(void **state)
{
    (void)state;
    session_set_address(&session, 0x08000000);
    session_dnload(&session, 2, session_pattern(), 2048);
    session_getstatus(&session, 0x0b, 0, ERROR_STATE);
    dfu_case_play();
    session_only_note(dfu_case_expect(3, BTAP_WRITE_MEMORY, BTAP_DFU_ERROR, BTAP_PHASE_OPERATION),
                      BTAP_NOTE_ERR_VENDOR);
}

/* AN3156 section 4.1: UPLOAD is refused, the GETSTATUS after it tells why. */
static void read_under_read_protection(void **state)
{
    (void)state;
    session_set_address(&session, 0x08000000);
    session_out(&session, ABORT, 0);
    session_fail_upload(&session, 2, 2048, BTAP_USB_STALL);
    session_getstatus(&session, 0x0b, 0, ERROR_STATE);
    dfu_case_play();
    assert_int_equal(
        dfu_case_expect(4, BTAP_READ_MEMORY, BTAP_STALL, BTAP_PHASE_REQUEST)->transferred, 0);
    session_only_note(dfu_case_expect(5, BTAP_GET_STATUS, BTAP_OK, BTAP_PHASE_NONE),
                      BTAP_NOTE_ERR_VENDOR);
}

/* users (a) 16, AN3156 section 5.2. The pointer stays where it was. */
static void address_refused(void **state)
{
    const uint8_t command[] = {0x21, 0x00, 0x00, 0x00, 0x60};

    (void)state;
    session_set_address(&session, 0x08004000);
    session_dnload(&session, 0, command, sizeof(command));
    session_getstatus(&session, 0, 10, DNBUSY);
    session_wait(&session, 10);
    session_getstatus(&session, 1, 0, ERROR_STATE);
    session_out(&session, CLRSTATUS, 0);
    session_upload(&session, 2, 256, session_pattern(), 256);
    dfu_case_play();
    session_only_note(dfu_case_expect(3, BTAP_SET_ADDRESS, BTAP_DFU_ERROR, BTAP_PHASE_OPERATION),
                      BTAP_NOTE_ERR_TARGET);
    assert_int_equal(dfu_case_expect(5, BTAP_READ_MEMORY, BTAP_OK, BTAP_PHASE_NONE)->address,
                     0x08004000);
}

/* users (a) 14: benign before any DNLOAD, an error after one. */
static void errfirmware_is_benign_only_at_the_start(void **state)
{
    (void)state;
    session_init(&session);
    session_getstatus(&session, 10, 0, ERROR_STATE);
    session_getstatus(&session, 10, 0, ERROR_STATE);
    session_out(&session, CLRSTATUS, 0);
    session_erase(&session, 0x08000000);
    session_getstatus(&session, 10, 0, ERROR_STATE);
    dfu_case_play();
    session_only_note(dfu_case_expect(1, BTAP_GET_STATUS, BTAP_OK, BTAP_PHASE_NONE),
                      BTAP_NOTE_FIRMWARE_CORRUPT_AT_START);
    session_only_note(dfu_case_expect(2, BTAP_GET_STATUS, BTAP_OK, BTAP_PHASE_NONE),
                      BTAP_NOTE_FIRMWARE_CORRUPT_AT_START);
    session_only_note(dfu_case_expect(5, BTAP_GET_STATUS, BTAP_OK, BTAP_PHASE_NONE),
                      BTAP_NOTE_ERR_FIRMWARE);
}

/* users (a) 19: 2048 bytes to a device whose wTransferSize is 1024. */
static void stall_on_dnload_over_transfer_size(void **state)
{
    const struct btap_transaction *write;

    (void)state;
    session.device.dfu =
        (struct btap_dfu_functional){.known = true, .transfer_size = 1024, .bcd_dfu = 0x011a};
    session_set_address(&session, 0x08000000);
    session_fail_dnload(&session, 2, session_pattern(), 2048, BTAP_USB_STALL);
    dfu_case_play();
    write = dfu_case_expect(3, BTAP_WRITE_MEMORY, BTAP_STALL, BTAP_PHASE_REQUEST);
    assert_int_equal(session_only_note(write, BTAP_NOTE_OVER_TRANSFER_SIZE)->arg[0], 2048);
    assert_int_equal(write->notes[0].arg[1], 1024);
}

/* users (a) 17: GETSTATUS stalls while an STM32L4 is busy; the host asks again. */
static void stalled_getstatus_with_retry(void **state)
{
    const struct btap_transaction *erase;

    (void)state;
    session_dnload(&session, 0, erase_command, sizeof(erase_command));
    session_getstatus(&session, 0, 10, DNBUSY);
    session_wait(&session, 10);
    session_fail_getstatus(&session, BTAP_USB_STALL);
    session_fail_getstatus(&session, BTAP_USB_STALL);
    session_getstatus(&session, 0, 10, DNLOAD_IDLE);
    dfu_case_play();
    assert_int_equal(collector.transactions_length, 2);
    erase = dfu_case_expect(2, BTAP_ERASE, BTAP_OK, BTAP_PHASE_NONE);
    assert_int_equal(erase->polls, 4);
    assert_int_equal(collector_count_notes(&collector, BTAP_NOTE_GETSTATUS_STALLED), 2);
    assert_int_equal(erase->notes_length, 2);
}

/* The same, but the host gives up: it goes on to something else. */
static void stalled_getstatus_without_retry(void **state)
{
    (void)state;
    session_dnload(&session, 0, erase_command, sizeof(erase_command));
    session_fail_getstatus(&session, BTAP_USB_STALL);
    session_out(&session, ABORT, 0);
    dfu_case_play();
    session_only_note(dfu_case_expect(2, BTAP_ERASE, BTAP_STALL, BTAP_PHASE_STATUS),
                      BTAP_NOTE_GETSTATUS_STALLED);
    /* The state is not known after a stall, and not judged. */
    assert_int_equal(dfu_case_expect(3, BTAP_ABORT, BTAP_OK, BTAP_PHASE_NONE)->notes_length, 0);
}

/* users (a) 17: the tool gives up and ends: the capture's last word is how GETSTATUS failed. One
 * whose answer is not in the capture may have gone well. */
static void capture_ends_with_a_failed_getstatus(void **state)
{
    (void)state;
    session_dnload(&session, 0, erase_command, sizeof(erase_command));
    session_getstatus(&session, 0, 10, DNBUSY);
    session_fail_getstatus(&session, BTAP_USB_STALL);
    dfu_case_play();
    dfu_case_expect(2, BTAP_ERASE, BTAP_STALL, BTAP_PHASE_STATUS);
    collector_release(&collector);

    dfu_case_start_joined(state);
    session_dnload(&session, 0, erase_command, sizeof(erase_command));
    session_fail_getstatus(&session, BTAP_USB_BUS_ERROR);
    dfu_case_play();
    dfu_case_expect(2, BTAP_ERASE, BTAP_NO_REPLY, BTAP_PHASE_STATUS);
}

/* A stall, and then an answer: the last one counts. */
static void capture_ends_busy_after_a_stall(void **state)
{
    (void)state;
    session_dnload(&session, 0, erase_command, sizeof(erase_command));
    session_fail_getstatus(&session, BTAP_USB_STALL);
    session_getstatus(&session, 0, 10, DNBUSY);
    dfu_case_play();
    dfu_case_expect(2, BTAP_ERASE, BTAP_INCOMPLETE, BTAP_PHASE_OPERATION);
}

/* users (a) 18: an STM32F405 says 100 ms for a mass erase that takes longer. */
static void mass_erase_longer_than_stated(void **state)
{
    const struct btap_transaction *erase;
    const struct btap_note *note;

    (void)state;
    session_dnload(&session, 0, (const uint8_t[]){0x41}, 1);
    session_getstatus(&session, 0, 100, DNBUSY);
    session_wait(&session, 4000);
    session_getstatus(&session, 0, 100, DNBUSY);
    session_wait(&session, 4000);
    session_getstatus(&session, 0, 100, DNLOAD_IDLE);
    dfu_case_play();
    erase = dfu_case_expect(2, BTAP_ERASE, BTAP_OK, BTAP_PHASE_NONE);
    assert_int_equal(erase->polls, 3);
    /* Twice 4000 ms, and 2 events each of 1 ms. */
    note = session_only_note(erase, BTAP_NOTE_BUSY_LONGER_THAN_STATED);
    assert_int_equal(note->arg[0], 8004);
    assert_int_equal(note->arg[1], 100);
}

/* users (a) 18: an STM32H743 stays in dfuDNBUSY; the host ends the wait with CLRSTATUS, twice. */
static void busy_ended_by_clear_status(void **state)
{
    const struct btap_transaction *erase;

    (void)state;
    session_dnload(&session, 0, (const uint8_t[]){0x41}, 1);
    for (int i = 0; i < 2; i++) {
        session_getstatus(&session, 0, 10, DNBUSY);
        session_wait(&session, 10);
    }
    session_out(&session, CLRSTATUS, 0);
    session_getstatus(&session, 14, 0, ERROR_STATE);
    session_out(&session, CLRSTATUS, 0);
    session_getstatus(&session, 0, 0, IDLE);
    dfu_case_play();
    erase = dfu_case_expect(2, BTAP_ERASE, BTAP_NO_REPLY, BTAP_PHASE_OPERATION);
    session_only_note(erase, BTAP_NOTE_BUSY_CLEARED);
    dfu_case_expect(3, BTAP_CLEAR_STATUS, BTAP_OK, BTAP_PHASE_NONE);
    session_only_note(dfu_case_expect(4, BTAP_GET_STATUS, BTAP_OK, BTAP_PHASE_NONE),
                      BTAP_NOTE_ERR_UNKNOWN);
    dfu_case_expect(5, BTAP_CLEAR_STATUS, BTAP_OK, BTAP_PHASE_NONE);
    dfu_case_expect(6, BTAP_GET_STATUS, BTAP_OK, BTAP_PHASE_NONE);
}

static void host_goes_on_while_busy(void **state)
{
    (void)state;
    session_dnload(&session, 0, erase_command, sizeof(erase_command));
    session_getstatus(&session, 0, 10, DNBUSY);
    session_wait(&session, 10);
    session_fail_dnload(&session, 0, set_address_command, 5, BTAP_USB_STALL);
    dfu_case_play();
    session_only_note(dfu_case_expect(2, BTAP_ERASE, BTAP_NO_REPLY, BTAP_PHASE_OPERATION),
                      BTAP_NOTE_STILL_BUSY);
    session_only_note(dfu_case_expect(3, BTAP_SET_ADDRESS, BTAP_STALL, BTAP_PHASE_REQUEST),
                      BTAP_NOTE_REQUEST_WHILE_BUSY);
}

/* AN3156 section 5.3: a command "is effectively executed only when a DFU_GETSTATUS is issued". */
static void command_never_triggered(void **state)
{
    const uint8_t command[] = {0x21, 0x00, 0x40, 0x00, 0x08};

    (void)state;
    session_dnload(&session, 0, command, sizeof(command));
    session_upload(&session, 2, 256, session_pattern(), 256);
    dfu_case_play();
    session_only_note(dfu_case_expect(2, BTAP_SET_ADDRESS, BTAP_NO_REPLY, BTAP_PHASE_STATUS),
                      BTAP_NOTE_NOT_TRIGGERED);
    /* The pointer did not move, but that is not certain. */
    assert_int_equal(dfu_case_expect(3, BTAP_READ_MEMORY, BTAP_OK, BTAP_PHASE_NONE)->address,
                     0x08000000);
    assert_true(transaction_has_note(&collector.transactions[2], BTAP_NOTE_POINTER_UNCERTAIN));
    assert_true(transaction_has_note(&collector.transactions[2], BTAP_NOTE_REQUEST_WHILE_BUSY));
}

/* AN3156 section 5.3: the first answer should be dfuDNBUSY. */
static void no_busy_state(void **state)
{
    (void)state;
    session_dnload(&session, 0, erase_command, sizeof(erase_command));
    session_getstatus(&session, 0, 0, DNLOAD_IDLE);
    dfu_case_play();
    session_only_note(dfu_case_expect(2, BTAP_ERASE, BTAP_OK, BTAP_PHASE_NONE),
                      BTAP_NOTE_NO_BUSY_STATE);
}

/* DFU 1.1 section 6.1.2: the host waits bwPollTimeout. 10 ms were asked for, 4 events are 4 ms. */
static void polled_early(void **state)
{
    const struct btap_note *note;

    (void)state;
    session_dnload(&session, 0, erase_command, sizeof(erase_command));
    session_getstatus(&session, 0, 10, DNBUSY);
    session_wait(&session, 3);
    session_getstatus(&session, 0, 10, DNBUSY);
    session_getstatus(&session, 0, 10, DNLOAD_IDLE);
    dfu_case_play();
    note = &dfu_case_expect(2, BTAP_ERASE, BTAP_OK, BTAP_PHASE_NONE)->notes[0];
    assert_int_equal(collector_count_notes(&collector, BTAP_NOTE_POLLED_EARLY), 1);
    assert_int_equal(note->arg[0], 4);
    assert_int_equal(note->arg[1], 10);
}

/* 10 ms were asked for: after 9 ms it is early, after 10 ms it is not. */
static void polled_just_in_time(void **state)
{
    (void)state;
    for (unsigned waited = 9; waited <= 10; waited++) {
        session_init(&session);
        session_getstatus(&session, 0, 0, IDLE);
        session_dnload(&session, 0, erase_command, sizeof(erase_command));
        session_getstatus(&session, 0, 10, DNBUSY);
        session_wait(&session, waited - 1); /* and the event itself */
        session_getstatus(&session, 0, 10, DNLOAD_IDLE);
        dfu_case_play();
        assert_int_equal(collector_count_notes(&collector, BTAP_NOTE_POLLED_EARLY), waited < 10);
        collector_release(&collector);
    }
}

/* GETSTATE while a command runs neither ends nor triggers it. */
static void getstate_within_a_command(void **state)
{
    (void)state;
    session_dnload(&session, 0, erase_command, sizeof(erase_command));
    session_submit(&session, CLASS_IN, GETSTATE, 0, NULL, 1);
    session_complete(&session, BTAP_USB_OK, (const uint8_t[]){DNLOAD_SYNC}, 1);
    session_getstatus(&session, 0, 10, DNBUSY);
    session_wait(&session, 10);
    session_getstatus(&session, 0, 10, DNLOAD_IDLE);
    dfu_case_play();
    assert_int_equal(collector.transactions_length, 2);
    assert_int_equal(dfu_case_expect(2, BTAP_ERASE, BTAP_OK, BTAP_PHASE_NONE)->polls, 2);
    assert_int_equal(collector.notes_length, 0);
}

/* dfuMANIFEST is no answer to an erase. */
static void unexpected_state(void **state)
{
    (void)state;
    session_dnload(&session, 0, erase_command, sizeof(erase_command));
    session_getstatus(&session, 0, 10, MANIFEST);
    dfu_case_play();
    session_only_note(dfu_case_expect(2, BTAP_ERASE, BTAP_BAD_REPLY, BTAP_PHASE_STATUS),
                      BTAP_NOTE_UNEXPECTED_STATE);
}

/* A request of its own without an answer. Linux: -71, -75, -110, -2, -108, -32. */
static void failed_requests(void **state)
{
    static const struct {
        enum btap_usb_status usb;
        enum btap_status status;
        int note;
    } cases[] = {
        {BTAP_USB_BUS_ERROR, BTAP_NO_REPLY, BTAP_NOTE_BUS_ERROR},
        {BTAP_USB_BABBLE, BTAP_NO_REPLY, BTAP_NOTE_BABBLE},
        {BTAP_USB_TIMEOUT, BTAP_NO_REPLY, BTAP_NOTE_TRANSFER_TIMEOUT},
        {BTAP_USB_CANCELLED, BTAP_NO_REPLY, BTAP_NOTE_TRANSFER_CANCELLED},
        {BTAP_USB_SHORT, BTAP_NO_REPLY, BTAP_NOTE_TRANSFER_FAILED},
        {BTAP_USB_OTHER, BTAP_NO_REPLY, BTAP_NOTE_TRANSFER_FAILED},
        {BTAP_USB_GONE, BTAP_DISCONNECTED, -1},
        {BTAP_USB_STALL, BTAP_STALL, -1},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const struct btap_transaction *abort;

        session_init(&session);
        session_getstatus(&session, 0, 0, IDLE);
        session_fail_out(&session, ABORT, 0, cases[i].usb);
        dfu_case_play();
        abort = dfu_case_expect(2, BTAP_ABORT, cases[i].status, BTAP_PHASE_REQUEST);
        if (cases[i].note < 0)
            assert_int_equal(abort->notes_length, 0);
        else
            session_only_note(abort, (enum btap_note_id)cases[i].note);
        collector_release(&collector);
    }
}

/* GETSTATUS gets no answer, the host asks again; or it does not. */
static void failed_getstatus(void **state)
{
    (void)state;
    session_dnload(&session, 0, erase_command, sizeof(erase_command));
    session_fail_getstatus(&session, BTAP_USB_BUS_ERROR);
    session_getstatus(&session, 0, 10, DNLOAD_IDLE);
    session_dnload(&session, 0, erase_command, sizeof(erase_command));
    session_fail_getstatus(&session, BTAP_USB_TIMEOUT);
    session_out(&session, ABORT, 0);
    dfu_case_play();
    session_only_note(dfu_case_expect(2, BTAP_ERASE, BTAP_OK, BTAP_PHASE_NONE),
                      BTAP_NOTE_BUS_ERROR);
    session_only_note(dfu_case_expect(3, BTAP_ERASE, BTAP_NO_REPLY, BTAP_PHASE_STATUS),
                      BTAP_NOTE_TRANSFER_TIMEOUT);
}

/* wire-facts C: the STM32C5 stalls CLRSTATUS outside dfuERROR. In dfuERROR a stall is a stall. */
static void clear_status_outside_error(void **state)
{
    (void)state;
    session_fail_out(&session, CLRSTATUS, 0, BTAP_USB_STALL);
    session_getstatus(&session, 3, 0, ERROR_STATE);
    session_fail_out(&session, CLRSTATUS, 0, BTAP_USB_STALL);
    dfu_case_play();
    dfu_case_expect(2, BTAP_CLEAR_STATUS, BTAP_STALL, BTAP_PHASE_REQUEST);
    assert_true(transaction_has_note(&collector.transactions[1], BTAP_NOTE_CLEAR_STATUS_STALLED));
    assert_int_equal(
        dfu_case_expect(4, BTAP_CLEAR_STATUS, BTAP_STALL, BTAP_PHASE_REQUEST)->notes_length, 0);
}

/*
 * DFU 1.1 appendix A. After the first GETSTATUS the device is in the state; then comes the request.
 * ZERO stands for a DNLOAD of length 0.
 */
static void requests_against_the_state_machine(void **state)
{
    enum { ZERO = 7 };
    enum { NONE = BTAP_NOTE_COUNT };
    static const enum btap_note_id ids[] = {
        BTAP_NOTE_REQUEST_IN_WRONG_STATE,
        BTAP_NOTE_REQUEST_WHILE_BUSY,
        BTAP_NOTE_REQUEST_IN_ERROR_STATE,
        BTAP_NOTE_ABORT_MISSING,
    };
    static const struct {
        uint8_t state;
        uint8_t request;
        int note;
    } cases[] = {
        {APP_IDLE, DETACH, NONE},
        {APP_IDLE, DNLOAD, BTAP_NOTE_REQUEST_IN_WRONG_STATE},
        {APP_IDLE, ABORT, BTAP_NOTE_REQUEST_IN_WRONG_STATE},
        {IDLE, DNLOAD, NONE},
        {IDLE, UPLOAD, NONE},
        {IDLE, ABORT, NONE},
        {IDLE, CLRSTATUS, BTAP_NOTE_REQUEST_IN_WRONG_STATE},
        {IDLE, DETACH, BTAP_NOTE_REQUEST_IN_WRONG_STATE},
        {IDLE, ZERO, NONE},
        {DNLOAD_IDLE, DNLOAD, NONE},
        {DNLOAD_IDLE, ZERO, NONE},
        {DNLOAD_IDLE, ABORT, NONE},
        {DNLOAD_IDLE, UPLOAD, BTAP_NOTE_ABORT_MISSING},
        {DNLOAD_IDLE, CLRSTATUS, BTAP_NOTE_REQUEST_IN_WRONG_STATE},
        {UPLOAD_IDLE, UPLOAD, NONE},
        {UPLOAD_IDLE, ABORT, NONE},
        {UPLOAD_IDLE, DNLOAD, BTAP_NOTE_ABORT_MISSING},
        {UPLOAD_IDLE, ZERO, BTAP_NOTE_ABORT_MISSING},
        {UPLOAD_IDLE, CLRSTATUS, BTAP_NOTE_REQUEST_IN_WRONG_STATE},
        {ERROR_STATE, CLRSTATUS, NONE},
        {ERROR_STATE, DNLOAD, BTAP_NOTE_REQUEST_IN_ERROR_STATE},
        {ERROR_STATE, UPLOAD, BTAP_NOTE_REQUEST_IN_ERROR_STATE},
        {ERROR_STATE, ABORT, BTAP_NOTE_REQUEST_IN_ERROR_STATE},
        {DNBUSY, DNLOAD, BTAP_NOTE_REQUEST_WHILE_BUSY},
        {DNBUSY, ABORT, BTAP_NOTE_REQUEST_WHILE_BUSY},
        {MANIFEST, DNLOAD, BTAP_NOTE_REQUEST_WHILE_BUSY},
        {MANIFEST_WAIT_RESET, ABORT, BTAP_NOTE_REQUEST_WHILE_BUSY},
        {MANIFEST_SYNC, UPLOAD, BTAP_NOTE_REQUEST_WHILE_BUSY},
        {DNLOAD_SYNC, DNLOAD, BTAP_NOTE_REQUEST_WHILE_BUSY},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        session_init(&session);
        session.device.dfu = (struct btap_dfu_functional){.known = true, .bcd_dfu = 0x011a};
        session_getstatus(&session, 0, 0, cases[i].state);
        if (cases[i].request == UPLOAD)
            session_upload(&session, 2, 64, session_pattern(), 64);
        else if (cases[i].request == DNLOAD)
            session_dnload(&session, 2, session_pattern(), 64);
        else
            session_out(&session, cases[i].request == ZERO ? DNLOAD : cases[i].request, 0);
        dfu_case_play();
        for (size_t id = 0; id < COUNT_OF(ids); id++)
            assert_int_equal(collector_count_notes(&collector, ids[id]),
                             (int)ids[id] == cases[i].note);
        collector_release(&collector);
    }
}

/* In plain DFU a DNLOAD of length 0 does not belong into dfuIDLE (DFU 1.1 appendix A.2.3). */
static void end_of_a_plain_download_in_idle(void **state)
{
    (void)state;
    session.device.dfu = (struct btap_dfu_functional){.known = true, .bcd_dfu = 0x0110};
    session_fail_dnload(&session, 0, NULL, 0, BTAP_USB_STALL);
    dfu_case_play();
    session_only_note(dfu_case_expect(2, BTAP_DOWNLOAD, BTAP_STALL, BTAP_PHASE_REQUEST),
                      BTAP_NOTE_REQUEST_IN_WRONG_STATE);
}

/* Nothing is told of a state that the capture does not show: it starts with the erase. */
static void unknown_state_is_not_judged(void **state)
{
    (void)state;
    session_init(&session);
    session_erase(&session, 0x08000000);
    dfu_case_play();
    assert_int_equal(collector.notes_length, 0);
}

/* AN3156 section 5: lengths that no command has, a code that it does not list, the radios' codes.
 */
static void malformed_and_unknown_commands(void **state)
{
    static const struct {
        uint8_t bytes[6];
        uint8_t length;
        enum btap_command command;
        enum btap_note_id note;
    } cases[] = {
        {{0x21, 0x00, 0x00}, 3, BTAP_SET_ADDRESS, BTAP_NOTE_COMMAND_LENGTH},
        {{0x21}, 1, BTAP_SET_ADDRESS, BTAP_NOTE_COMMAND_LENGTH},
        {{0x41, 0x00}, 2, BTAP_ERASE, BTAP_NOTE_COMMAND_LENGTH},
        {{0x41, 0, 0, 0, 8, 0}, 6, BTAP_ERASE, BTAP_NOTE_COMMAND_LENGTH},
        {{0x92, 0x00}, 2, BTAP_READ_UNPROTECT, BTAP_NOTE_COMMAND_LENGTH},
        {{0x77}, 1, BTAP_COMMAND_UNKNOWN, BTAP_NOTE_UNKNOWN_DFUSE_COMMAND},
        {{0x00}, 1, BTAP_COMMAND_UNKNOWN, BTAP_NOTE_UNKNOWN_DFUSE_COMMAND},
        {{0x91, 0x01}, 2, BTAP_COMMAND_UNKNOWN, BTAP_NOTE_RADIO_COMMAND},
        {{0xa2, 0x02}, 2, BTAP_COMMAND_UNKNOWN, BTAP_NOTE_RADIO_COMMAND},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const struct btap_transaction *command;

        session_init(&session);
        session.device.dfu = (struct btap_dfu_functional){.known = true, .bcd_dfu = 0x011a};
        session_getstatus(&session, 0, 0, IDLE);
        session_dnload(&session, 0, cases[i].bytes, cases[i].length);
        session_getstatus(&session, 0, 10, DNBUSY);
        session_wait(&session, 10);
        session_getstatus(&session, 0, 10, DNLOAD_IDLE);
        dfu_case_play();
        command = dfu_case_expect(2, cases[i].command, BTAP_OK, BTAP_PHASE_NONE);
        session_only_note(command, cases[i].note);
        assert_int_equal(command->opcode, cases[i].bytes[0]);
        assert_true(command->has & BTAP_HAS_OPCODE);
        collector_release(&collector);
    }
}

/* Layout: 2 pages of 1 KiB g at 0x08000000, then 2 of 1 KiB a (read only), then nothing. */
static void addresses_against_the_layout(void **state)
{
    static const struct {
        uint8_t code; /* 0x21, 0x41; 1: write, 2: read */
        uint32_t address;
        uint16_t length;
        int note;
    } cases[] = {
        {0x21, 0x08000000, 0, -1},
        {0x21, 0x08000fff, 0, -1},
        {0x21, 0x08001000, 0, BTAP_NOTE_ADDRESS_OUTSIDE_LAYOUT},
        {0x21, 0x07ffffff, 0, BTAP_NOTE_ADDRESS_OUTSIDE_LAYOUT},
        {0x41, 0x08000400, 0, -1},
        {0x41, 0x08000401, 0, BTAP_NOTE_ERASE_UNALIGNED},
        {0x41, 0x08000800, 0, BTAP_NOTE_NOT_ERASABLE},
        {0x41, 0x20000000, 0, BTAP_NOTE_ADDRESS_OUTSIDE_LAYOUT},
        {1, 0x08000400, 1024, -1},
        {1, 0x08000400, 1025, BTAP_NOTE_NOT_WRITABLE},
        {1, 0x08000800, 16, BTAP_NOTE_NOT_WRITABLE},
        {2, 0x08000800, 1024, -1},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        size_t n = 2;

        session_init(&session);
        session_know_layout(&session.device, "@Internal Flash  /0x08000000/02*001Kg,02*001Ka");
        session_getstatus(&session, 0, 0, IDLE);
        if (cases[i].code == 0x41)
            session_erase(&session, cases[i].address);
        else
            session_set_address(&session, cases[i].address);
        if (cases[i].code == 1) {
            session_write(&session, 2, session_pattern(), cases[i].length);
            n = 3;
        } else if (cases[i].code == 2) {
            session_out(&session, ABORT, 0);
            session_upload(&session, 2, cases[i].length, session_pattern(), cases[i].length);
            n = 4;
        }
        dfu_case_play();
        assert_int_equal(collector.transactions_length, n);
        assert_int_equal(collector.notes_length, cases[i].note < 0 ? 0 : 1);
        if (cases[i].note >= 0)
            session_only_note(&collector.transactions[n - 1], (enum btap_note_id)cases[i].note);
        collector_release(&collector);
    }
}

/* 0x08000e34 is 0x234 into the second page of 2 KiB of a region that begins in the middle of such a
 * page, at 0x08000400: the page begins at 0x08000c00. */
static void an_unaligned_erase_names_its_page(void **state)
{
    const struct btap_note *note;

    (void)state;
    session_know_layout(&session.device, "@Internal Flash  /0x08000400/04*002Kg");
    session_erase(&session, 0x08000e34);
    dfu_case_play();
    note = session_only_note(dfu_case_expect(2, BTAP_ERASE, BTAP_OK, BTAP_PHASE_NONE),
                             BTAP_NOTE_ERASE_UNALIGNED);
    assert_int_equal(note->arg[0], 0x08000e34);
    assert_int_equal(note->arg[1], 0x08000c00);
    assert_int_equal(note->arg[2], 2048);
}

/* A block that begins inside the layout and ends outside. */
static void write_beyond_the_layout(void **state)
{
    const struct btap_note *note;

    (void)state;
    session_know_layout(&session.device, "@Internal Flash  /0x08000000/02*001Kg");
    session_set_address(&session, 0x08000400);
    session_write(&session, 2, session_pattern(), 1025);
    dfu_case_play();
    note = session_only_note(dfu_case_expect(3, BTAP_WRITE_MEMORY, BTAP_OK, BTAP_PHASE_NONE),
                             BTAP_NOTE_ADDRESS_OUTSIDE_LAYOUT);
    assert_int_equal(note->arg[0], 0x08000800);
}

/* The record holds none of a command's bytes. */
static void command_without_its_bytes(void **state)
{
    const struct btap_transaction *unknown;

    (void)state;
    session_submit(&session, CLASS_OUT, DNLOAD, 0, erase_command, 5)->captured = 0;
    session_complete(&session, BTAP_USB_OK, NULL, 0);
    session_getstatus(&session, 0, 10, DNBUSY);
    session_wait(&session, 10);
    session_getstatus(&session, 0, 10, DNLOAD_IDLE);
    dfu_case_play();
    unknown = dfu_case_expect(2, BTAP_COMMAND_UNKNOWN, BTAP_OK, BTAP_PHASE_NONE);
    assert_false(unknown->has & BTAP_HAS_OPCODE);
    assert_int_equal(unknown->length, 5);
    session_only_note(unknown, BTAP_NOTE_TRUNCATED);
}

/* 0x1FFFC000 may be written, not read. */
static void not_readable(void **state)
{
    (void)state;
    session_know_layout(&session.device, "@Secret /0x1FFFC000/01*512 d");
    session_set_address(&session, 0x1fffc000);
    session_out(&session, ABORT, 0);
    session_upload(&session, 2, 512, session_pattern(), 512);
    dfu_case_play();
    session_only_note(dfu_case_expect(4, BTAP_READ_MEMORY, BTAP_OK, BTAP_PHASE_NONE),
                      BTAP_NOTE_NOT_READABLE);
}

static void learn_read_only(struct btap_usb_device *device)
{
    session_know_layout(device, "@Internal Flash  /0x08000000/02*001Ka");
}

/* Another alternate setting, another layout: the same address may be erased no more. */
static void layout_that_changes(void **state)
{
    (void)state;
    session_know_layout(&session.device, "@Internal Flash  /0x08000000/02*001Kg");
    session_erase(&session, 0x08000000);
    session_submit(&session, 0x01, 11, 1, NULL, 0);
    session_complete(&session, BTAP_USB_OK, NULL, 0)->learn = learn_read_only;
    session_erase(&session, 0x08000000);
    dfu_case_play();
    assert_int_equal(dfu_case_expect(2, BTAP_ERASE, BTAP_OK, BTAP_PHASE_NONE)->notes_length, 0);
    session_only_note(dfu_case_expect(3, BTAP_ERASE, BTAP_OK, BTAP_PHASE_NONE),
                      BTAP_NOTE_NOT_ERASABLE);
}

/* A layout that breaks off is no ground to call an address wrong. */
static void broken_layout_is_not_judged(void **state)
{
    (void)state;
    session_know_layout(&session.device, "@Internal Flash  /0x08000000/02*001Kg,");
    session_set_address(&session, 0x08001000);
    dfu_case_play();
    assert_int_equal(collector.notes_length, 0);
}

/* GETSTATUS answers that are none: state 11, status 16, 5 bytes. */
static void malformed_answers(void **state)
{
    static const uint8_t bad_state[] = {0, 0, 0, 0, 11, 0};
    static const uint8_t bad_status[] = {16, 0, 0, 0, 2, 0};
    static const struct {
        const uint8_t *bytes;
        uint32_t length;
    } cases[] = {{bad_state, 6}, {bad_status, 6}, {bad_state, 5}, {bad_state, 0}};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        session_init(&session);
        session_erase(&session, 0x08000000);
        session_submit(&session, CLASS_IN, GETSTATUS, 0, NULL, 6);
        session_complete(&session, BTAP_USB_OK, cases[i].bytes, cases[i].length);
        dfu_case_play();
        session_only_note(dfu_case_expect(2, BTAP_GET_STATUS, BTAP_BAD_REPLY, BTAP_PHASE_REPLY),
                          BTAP_NOTE_ANSWER_MALFORMED);
        collector_release(&collector);
    }
}

/* 11 is no state; a record that was cut says nothing either way. */
static void malformed_state(void **state)
{
    (void)state;
    session_submit(&session, CLASS_IN, GETSTATE, 0, NULL, 1);
    session_complete(&session, BTAP_USB_OK, (const uint8_t[]){11}, 1);
    session_submit(&session, CLASS_IN, GETSTATE, 0, NULL, 1);
    session_complete(&session, BTAP_USB_OK, (const uint8_t[]){IDLE}, 1)->captured = 0;
    dfu_case_play();
    session_only_note(dfu_case_expect(2, BTAP_GET_STATE, BTAP_BAD_REPLY, BTAP_PHASE_REPLY),
                      BTAP_NOTE_ANSWER_MALFORMED);
    session_only_note(dfu_case_expect(3, BTAP_GET_STATE, BTAP_INCOMPLETE, BTAP_PHASE_REPLY),
                      BTAP_NOTE_TRUNCATED);
}

/* A malformed answer during a command: the host may ask again. */
static void malformed_poll(void **state)
{
    const uint8_t bad[] = {0, 0, 0, 0, 11, 0};

    (void)state;
    session_dnload(&session, 0, erase_command, sizeof(erase_command));
    session_submit(&session, CLASS_IN, GETSTATUS, 0, NULL, 6);
    session_complete(&session, BTAP_USB_OK, bad, sizeof(bad));
    session_getstatus(&session, 0, 0, DNLOAD_IDLE);
    dfu_case_play();
    session_only_note(dfu_case_expect(2, BTAP_ERASE, BTAP_OK, BTAP_PHASE_NONE),
                      BTAP_NOTE_ANSWER_MALFORMED);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, dfu_case_start_joined, dfu_case_stop)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(every_error_status),
        TEST(write_under_read_protection),
        TEST(read_under_read_protection),
        TEST(address_refused),
        TEST(errfirmware_is_benign_only_at_the_start),
        TEST(stall_on_dnload_over_transfer_size),
        TEST(stalled_getstatus_with_retry),
        TEST(stalled_getstatus_without_retry),
        TEST(capture_ends_with_a_failed_getstatus),
        TEST(capture_ends_busy_after_a_stall),
        TEST(mass_erase_longer_than_stated),
        TEST(busy_ended_by_clear_status),
        TEST(host_goes_on_while_busy),
        TEST(command_never_triggered),
        TEST(no_busy_state),
        TEST(polled_early),
        TEST(polled_just_in_time),
        TEST(getstate_within_a_command),
        TEST(unexpected_state),
        TEST(failed_requests),
        TEST(failed_getstatus),
        TEST(clear_status_outside_error),
        TEST(requests_against_the_state_machine),
        TEST(end_of_a_plain_download_in_idle),
        TEST(unknown_state_is_not_judged),
        TEST(malformed_and_unknown_commands),
        TEST(addresses_against_the_layout),
        TEST(an_unaligned_erase_names_its_page),
        TEST(write_beyond_the_layout),
        TEST(command_without_its_bytes),
        TEST(not_readable),
        TEST(layout_that_changes),
        TEST(broken_layout_is_not_judged),
        TEST(malformed_answers),
        TEST(malformed_state),
        TEST(malformed_poll),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
