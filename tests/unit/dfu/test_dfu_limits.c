/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Where the DFU decoder draws a line, both sides of it, and the whole state machine of DFU 1.1
 * appendix A.
 */
#include "dfu/internal.h"
#include "dfu_case.h"

/* Rows and columns as appendix A has them; 0xff: refused. A DNLOAD of length 0 ends a download. */
static void transitions_of_appendix_a(void **state)
{
    enum { NO = 0xff, SAME = 0xfe };
    static const struct btap_usb_setup columns[] = {
        {0x21, 0, 1000, 0, 0}, {0x21, 1, 2, 0, 64}, {0xa1, 2, 2, 0, 64}, {0xa1, 3, 0, 0, 6},
        {0x21, 4, 0, 0, 0},    {0xa1, 5, 0, 0, 1},  {0x21, 6, 0, 0, 0},  {0x21, 1, 2, 0, 0},
    };
    static const uint8_t rows[DFU_STATES][COUNT_OF(columns)] = {
        /* DETACH DNLOAD UPLOAD GETSTATUS CLRSTATUS GETSTATE ABORT end of a download */
        {1, NO, NO, SAME, NO, SAME, NO, NO},  /* appIDLE */
        {NO, NO, NO, SAME, NO, SAME, NO, NO}, /* appDETACH */
        {NO, 3, 9, SAME, NO, SAME, 2, NO},    /* dfuIDLE */
        {NO, NO, NO, SAME, NO, SAME, NO, NO}, /* dfuDNLOAD-SYNC */
        {NO, NO, NO, SAME, NO, SAME, NO, NO}, /* dfuDNBUSY */
        {NO, 3, NO, SAME, NO, SAME, 2, 6},    /* dfuDNLOAD-IDLE */
        {NO, NO, NO, SAME, NO, SAME, NO, NO}, /* dfuMANIFEST-SYNC */
        {NO, NO, NO, SAME, NO, SAME, NO, NO}, /* dfuMANIFEST */
        {NO, NO, NO, SAME, NO, SAME, NO, NO}, /* dfuMANIFEST-WAIT-RESET */
        {NO, NO, 9, SAME, NO, SAME, 2, NO},   /* dfuUPLOAD-IDLE */
        {NO, NO, NO, SAME, 2, SAME, NO, NO},  /* dfuERROR */
    };

    (void)state;
    for (unsigned from = 0; from < DFU_STATES; from++) {
        for (size_t i = 0; i < COUNT_OF(columns); i++) {
            const uint8_t to = rows[from][i];
            bool allowed = to == NO;

            assert_int_equal(dfu_next_state((uint8_t)from, &columns[i], BTAP_DFU_PLAIN, &allowed),
                             to == SAME ? from
                             : to == NO ? BTAP_DFU_STATE_UNKNOWN
                                        : to);
            assert_int_equal(allowed, to != NO);
        }
    }
}

/* AN3156 section 5.5: DfuSe leaves from dfuIDLE, too. What is not known is not judged. */
static void transitions_of_dfuse_and_of_unknown_states(void **state)
{
    static const struct btap_usb_setup leave = {0x21, 1, 2, 0, 0};
    bool allowed = false;

    (void)state;
    assert_int_equal(dfu_next_state(IDLE, &leave, BTAP_DFU_DFUSE, &allowed), MANIFEST_SYNC);
    assert_true(allowed);
    assert_int_equal(dfu_next_state(UPLOAD_IDLE, &leave, BTAP_DFU_DFUSE, &allowed),
                     BTAP_DFU_STATE_UNKNOWN);
    assert_false(allowed);
    assert_int_equal(dfu_next_state(DFU_STATES, &leave, BTAP_DFU_DFUSE, &allowed),
                     BTAP_DFU_STATE_UNKNOWN);
    assert_true(allowed);
}

/* No control of another class is as long as 128 bytes; wIndex above 255 names a unit of another
 * class; blocks of DfuSe's memory begin with 2. */
static void lengths_and_indexes_of_requests(void **state)
{
    static const struct {
        struct btap_usb_setup setup;
        bool shape;
        bool certain;
    } cases[] = {
        {{0x21, 1, 2, 0, 127}, true, false},  {{0x21, 1, 2, 0, 128}, true, true},
        {{0x21, 1, 2, 255, 128}, true, true}, {{0x21, 1, 2, 256, 128}, false, false},
        {{0xa1, 2, 2, 0, 127}, true, false},  {{0xa1, 2, 2, 0, 128}, true, true},
        {{0xa1, 2, 1, 0, 128}, true, false},  {{0xa1, 2, 2, 0, 1}, true, false},
        {{0xa1, 3, 0, 0, 5}, false, false},   {{0xa1, 3, 0, 0, 7}, false, false},
        {{0xa1, 3, 1, 0, 6}, true, false},    {{0xa1, 5, 0, 0, 0}, false, false},
        {{0xa1, 5, 0, 0, 2}, false, false},   {{0xa1, 5, 1, 0, 1}, true, false},
        {{0x21, 4, 0, 0, 1}, false, false},   {{0x21, 6, 0, 0, 1}, false, false},
        {{0x21, 6, 1, 0, 0}, true, false},    {{0x21, 0, 0, 0, 1}, false, false},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        bool certain = !cases[i].certain;

        if (btap_dfu_request_shape(&cases[i].setup, &certain) != cases[i].shape ||
            certain != cases[i].certain)
            fail_msg("case %zu", i);
    }
}

/* Reference manuals: 0x1ff00000 to 0x1fffffff hold them on most; the flash interface's registers
 * do on H7 (0x52002000) and on L5, U5, H5 (0x40022000), 4 KiB each. */
static void addresses_of_option_bytes(void **state)
{
    static const struct {
        uint32_t address;
        bool option_bytes;
    } cases[] = {
        {0x1fefffff, false}, {0x1ff00000, true},  {0x1fffffff, true}, {0x20000000, false},
        {0x52001fff, false}, {0x52002000, true},  {0x52002fff, true}, {0x52003000, false},
        {0x40021fff, false}, {0x40022000, true},  {0x40022fff, true}, {0x40023000, false},
        {0x3ff00000, false}, {0x9ff00000, false}, {0, false},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct btap_dfu dfu = {.device = &session.device};

        assert_int_equal(dfu_is_option_bytes(&dfu, cases[i].address), cases[i].option_bytes);
    }
}

/* AN3156 sections 5.2 to 5.4, table 3: code, length, and block 0 */
static void commands_in_their_right_length(void **state)
{
    static const struct {
        uint8_t code;
        uint16_t length;
        uint16_t block;
        bool command;
    } cases[] = {
        {0x21, 5, 0, true},  {0x21, 1, 0, false}, {0x21, 4, 0, false}, {0x21, 6, 0, false},
        {0x41, 5, 0, true},  {0x41, 1, 0, true},  {0x41, 2, 0, false}, {0x92, 1, 0, true},
        {0x92, 5, 0, false}, {0x00, 1, 0, false}, {0x40, 5, 0, false}, {0x21, 5, 1, false},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const uint8_t bytes[6] = {cases[i].code};
        struct btap_usb_control control = {
            .setup = {0x21, 1, cases[i].block, 0, cases[i].length},
            .data = bytes,
            .captured = cases[i].length,
            .length = cases[i].length,
        };

        if (dfu_is_command(&control) != cases[i].command)
            fail_msg("case %zu", i);
        control.captured = 0;
        assert_false(dfu_is_command(&control));
    }
}

/* DFU 1.1 section 6.1.2: six bytes, statuses 0 to 15, states 0 to 10 */
static void plausible_answers(void **state)
{
    const uint8_t most[6] = {15, 0xff, 0xff, 0xff, 10, 0xff};
    const uint8_t status[6] = {16, 0, 0, 0, 2, 0};
    const uint8_t dfu_state[6] = {0, 0, 0, 0, 11, 0};

    (void)state;
    assert_true(dfu_status_plausible(most, 6, 6));
    assert_false(dfu_status_plausible(most, 5, 6));
    assert_false(dfu_status_plausible(most, 6, 7));
    assert_false(dfu_status_plausible(status, 6, 6));
    assert_false(dfu_status_plausible(dfu_state, 6, 6));
}

/* A GETSTATE convinces with a state of DFU mode, 2 to 10; of the run-time ones 1 may be the status
 * byte of a test instrument. */
static void states_that_convince(void **state)
{
    (void)state;
    for (uint8_t value = 0; value <= 11; value++) {
        session_init(&session);
        session_submit(&session, CLASS_IN, GETSTATE, 0, NULL, 1);
        session_complete(&session, BTAP_USB_OK, &value, 1);
        dfu_case_play();
        assert_int_equal(collector.transactions_length, value >= 2 && value <= 10 ? 1 : 0);
        collector_release(&collector);
    }
}

/* Five halves are held, of which the oldest gives way: requests without completions are one each.
 */
static void held_requests_without_completions(void **state)
{
    (void)state;
    for (int i = 0; i < BTAP_DFU_HELD_MAX; i++)
        session_submit(&session, CLASS_OUT, ABORT, 0, NULL, 0);
    session_getstatus(&session, 0, 0, IDLE);
    dfu_case_play();
    assert_int_equal(collector.transactions_length, BTAP_DFU_HELD_MAX);
    assert_int_equal(session_expect(&collector, 1, BTAP_ABORT, BTAP_INCOMPLETE)->first_packet, 2);
}

/* AN3156 section 4.2: at least the code of Get, whatever the padding; up to 16 bytes are a list. */
static void answers_to_get(void **state)
{
    const uint8_t answer[17] = {0};
    static const struct {
        uint32_t length;
        bool list;
    } cases[] = {{1, true}, {2, true}, {16, true}, {17, false}};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const struct btap_transaction *get;

        session_init(&session);
        session_getstatus(&session, 0, 0, IDLE);
        session_erase(&session, 0x08000000);
        session_out(&session, ABORT, 0);
        session_upload(&session, 0, 64, answer, cases[i].length);
        dfu_case_play();
        get = session_expect(&collector, 4, BTAP_GET, BTAP_OK);
        assert_int_equal(get->list_length, cases[i].list ? 1 : 0);
        assert_int_equal(transaction_has_note(get, BTAP_NOTE_GET_ANSWER_UNUSUAL), !cases[i].list);
        collector_release(&collector);
    }
}

/* An assumed size of one byte is assumed as any other. */
static void blocks_of_one_byte(void **state)
{
    (void)state;
    session_set_address(&session, 0x20004000);
    session_write(&session, 2, session_pattern(), 1);
    session_write(&session, 3, session_pattern(), 1);
    dfu_case_play();
    assert_int_equal(session_expect(&collector, 3, BTAP_WRITE_MEMORY, BTAP_OK)->address,
                     0x20004001);
    assert_int_equal(
        session_only_note(&collector.transactions[2], BTAP_NOTE_TRANSFER_SIZE_ASSUMED)->arg[0], 1);
}

/* A device that is new is not expected to leave: a request that fails has failed. */
static void the_first_request_may_fail(void **state)
{
    const uint8_t command[] = {0x41};

    (void)state;
    session_fail_dnload(&session, 0, command, 1, BTAP_USB_TIMEOUT);
    session_getstatus(&session, 0, 0, IDLE);
    dfu_case_play();
    dfu_case_expect(1, BTAP_ERASE, BTAP_NO_REPLY, BTAP_PHASE_REQUEST);
}

/* A GETSTATUS belongs to its command from its submission on, record 5. */
static void a_capture_that_ends_with_a_getstatus(void **state)
{
    const uint8_t command[] = {0x21, 0x00, 0x00, 0x00, 0x08};
    const struct btap_transaction *set_address;

    (void)state;
    session_getstatus(&session, 0, 0, IDLE);
    session_dnload(&session, 0, command, sizeof(command));
    session_submit(&session, CLASS_IN, GETSTATUS, 0, NULL, 6);
    dfu_case_play();
    set_address = dfu_case_expect(2, BTAP_SET_ADDRESS, BTAP_INCOMPLETE, BTAP_PHASE_STATUS);
    assert_int_equal(set_address->first_packet, 3);
    assert_int_equal(set_address->last_packet, 5);
    assert_int_equal(set_address->duration, 2000000);
    assert_int_equal(set_address->polls, 1);
}

/* Setup bytes and what DNLOAD carries are the host's, answers are the device's. */
static void fields_have_a_sender(void **state)
{
    (void)state;
    session_set_address(&session, 0x08000000);
    session_write(&session, 2, session_pattern(), 16);
    dfu_case_play();
    assert_true(collector.spans_length > 10);
    for (size_t i = 0; i < collector.spans_length; i++) {
        const struct btap_span *span = &collector.spans[i].span;
        const bool device =
            span->field == BTAP_FIELD_DFU_STATUS || span->field == BTAP_FIELD_DFU_STATE ||
            span->field == BTAP_FIELD_POLL_TIMEOUT || span->field == BTAP_FIELD_STATUS_STRING;

        assert_int_equal(span->direction, device ? BTAP_DEVICE_TO_HOST : BTAP_HOST_TO_DEVICE);
    }
}

/* A block up to wTransferSize is within it (DFU 1.1 section 4.1.3). */
static void blocks_over_the_transfer_size(void **state)
{
    (void)state;
    for (uint16_t length = 64; length <= 65; length++) {
        session_init(&session);
        session.device.dfu = (struct btap_dfu_functional){.known = true, .transfer_size = 64};
        session_set_address(&session, 0x08000000);
        session_write(&session, 2, session_pattern(), length);
        dfu_case_play();
        assert_int_equal(
            transaction_has_note(&collector.transactions[1], BTAP_NOTE_OVER_TRANSFER_SIZE),
            length > 64);
        collector_release(&collector);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, dfu_case_start, dfu_case_stop)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(transitions_of_appendix_a),
        TEST(transitions_of_dfuse_and_of_unknown_states),
        TEST(lengths_and_indexes_of_requests),
        TEST(addresses_of_option_bytes),
        TEST(commands_in_their_right_length),
        TEST(plausible_answers),
        TEST(states_that_convince),
        TEST(held_requests_without_completions),
        TEST(answers_to_get),
        TEST(blocks_of_one_byte),
        TEST(the_first_request_may_fail),
        TEST(a_capture_that_ends_with_a_getstatus),
        TEST(fields_have_a_sender),
        TEST(blocks_over_the_transfer_size),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
