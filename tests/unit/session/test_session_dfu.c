/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Facts that only DFU's sessions have: dfuERROR that no failed command accounts for, the device's
 * own words, images for several places, hosts that ask no more.
 */
#include <stdio.h>
#include <string.h>

#include "boottap/session.h"
#include "test.h"

#define SECOND ((btap_ns)1000000000)

/* DFU 1.1 section 6.1.2 */
#define IDLE         2
#define ERROR_STATE  10
#define ERR_ADDRESS  8
#define ERR_FIRMWARE 10
#define ERR_UNKNOWN  14

static struct btap_session_tracker tracker;
static struct btap_transaction transaction;
static struct btap_usb_device device;
static struct btap_session ended[4];
static size_t sessions;
static btap_ns now;

static void on_end(void *context, const struct btap_session *session)
{
    assert_ptr_equal(context, ended);
    assert_true(sessions < COUNT_OF(ended));
    ended[sessions++] = *session;
}

static int begin(void **state)
{
    static const struct btap_session_sink sink = {.context = ended, .end = on_end};

    (void)state;
    btap_session_tracker_init(&tracker, BTAP_DFU, &sink);
    btap_usb_device_init(&device);
    memset(&transaction, 0, sizeof(transaction));
    sessions = 0;
    now = 1000 * SECOND;
    return 0;
}

/** Packets of command N are 2 N - 1 and 2 N. */
static void make(enum btap_command command, enum btap_status status)
{
    const struct btap_transaction next = {
        .transport = BTAP_DFU,
        .command = command,
        .status = status,
        .phase = status == BTAP_OK ? BTAP_PHASE_NONE : BTAP_PHASE_OPERATION,
        .n = transaction.n + 1,
        .first_packet = 2 * transaction.n + 1,
        .last_packet = 2 * transaction.n + 2,
        .time = now,
        .duration = SECOND / 1000,
    };

    transaction = next;
    now += SECOND / 100;
}

static void end_command(void)
{
    btap_session_transaction(&tracker, &transaction, &device);
}

static void send(enum btap_command command, enum btap_status status)
{
    make(command, status);
    end_command();
}

static void get_status(uint8_t status, uint8_t state, uint8_t string)
{
    make(BTAP_GET_STATUS, BTAP_OK);
    transaction.has = BTAP_HAS_DFU_STATUS;
    transaction.dfu_status = status;
    transaction.dfu_state = state;
    transaction.dfu_string = string;
    end_command();
}

static void string(uint8_t index, const char *text)
{
    device.latest.index = index;
    snprintf(device.latest.text, sizeof(device.latest.text), "%s", text);
}

static const struct btap_session *finish(size_t count)
{
    btap_session_device(&tracker, &device);
    btap_session_finish(&tracker);
    assert_int_equal(sessions, count);
    return &ended[count - 1];
}

/* dfuERROR */

static void an_error_made_by_clear_status(void **state)
{
    const struct btap_device_error *error = &ended[0].error;

    (void)state;
    get_status(0, IDLE, 0);
    send(BTAP_CLEAR_STATUS, BTAP_OK);
    get_status(ERR_UNKNOWN, ERROR_STATE, 0);
    finish(1);
    assert_int_equal(error->packet, 6);
    assert_int_equal(error->cause, 3);
    assert_int_equal(error->after, BTAP_CLEAR_STATUS);
    assert_int_equal(error->status, ERR_UNKNOWN);
    assert_int_equal(error->cleared, 0);
    assert_int_equal(ended[0].failures_length, 0);
}

static void an_error_at_the_start_that_stays(void **state)
{
    const struct btap_device_error *error = &ended[0].error;

    (void)state;
    get_status(ERR_FIRMWARE, ERROR_STATE, 0);
    send(BTAP_CLEAR_STATUS, BTAP_OK);
    get_status(ERR_FIRMWARE, ERROR_STATE, 0);
    finish(1);
    assert_int_equal(error->packet, 6);
    assert_int_equal(error->cause, 0);
    assert_int_equal(error->after, BTAP_COMMAND_UNKNOWN);
    assert_int_equal(error->cleared, 1);
}

static void an_error_that_a_getstate_finds(void **state)
{
    (void)state;
    send(BTAP_READ_MEMORY, BTAP_OK);
    make(BTAP_GET_STATE, BTAP_OK);
    transaction.has = BTAP_HAS_DFU_STATE;
    transaction.dfu_state = ERROR_STATE;
    end_command();
    finish(1);
    assert_int_equal(ended[0].error.packet, 4);
    assert_int_equal(ended[0].error.after, BTAP_READ_MEMORY);
    assert_int_equal(ended[0].error.status, 0);
}

/** What makes up for an error, and what does not. */
static void errors_that_are_over(void **state)
{
    static const struct {
        enum btap_command before; /* UNKNOWN: none */
        enum btap_command then;
        bool over;
    } cases[] = {
        {BTAP_COMMAND_UNKNOWN, BTAP_GET_STATUS, true}, /* dfuIDLE */
        {BTAP_CLEAR_STATUS, BTAP_GET_STATUS, true},       {BTAP_ABORT, BTAP_GET_STATUS, true},
        {BTAP_READ_MEMORY, BTAP_GET_STATUS, false}, /* the work was not done */
        {BTAP_READ_MEMORY, BTAP_READ_MEMORY, true},       {BTAP_COMMAND_UNKNOWN, BTAP_ERASE, true},
        {BTAP_COMMAND_UNKNOWN, BTAP_CLEAR_STATUS, false}, {BTAP_COMMAND_UNKNOWN, BTAP_ABORT, false},
    };

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        begin(state);
        if (cases[i].before != BTAP_COMMAND_UNKNOWN)
            send(cases[i].before, BTAP_OK);
        get_status(ERR_UNKNOWN, ERROR_STATE, 0);
        if (cases[i].then == BTAP_GET_STATUS)
            get_status(0, IDLE, 0);
        else
            send(cases[i].then, BTAP_OK);
        finish(1);
        if ((ended[0].error.packet == 0) != cases[i].over)
            fail_msg("case %zu", i);
    }
}

/** A command that failed accounts for dfuERROR, until CLRSTATUS. */
static void a_failed_command_accounts_for_the_error(void **state)
{
    (void)state;
    send(BTAP_ERASE, BTAP_DFU_ERROR);
    get_status(ERR_ADDRESS, ERROR_STATE, 0);
    get_status(ERR_ADDRESS, ERROR_STATE, 0);
    finish(1);
    assert_int_equal(ended[0].error.packet, 0);
    assert_int_equal(ended[0].failures_length, 1);
}

/* The device's own words */

static void words_that_the_host_reads_afterwards(void **state)
{
    (void)state;
    make(BTAP_ERASE, BTAP_DFU_ERROR);
    transaction.has = BTAP_HAS_DFU_STATUS;
    transaction.dfu_status = ERR_ADDRESS;
    transaction.dfu_string = 17;
    end_command();
    string(17, "No.");
    assert_string_equal(finish(1)->reason, "No.");
}

static void words_of_an_error_without_a_command(void **state)
{
    (void)state;
    get_status(ERR_UNKNOWN, ERROR_STATE, 9);
    string(9, "Not now.");
    send(BTAP_CLEAR_STATUS, BTAP_OK);
    string(9, "Later.");
    assert_string_equal(finish(1)->reason, "Not now.");
}

static void no_words_where_the_host_does_not_read_them(void **state)
{
    (void)state;
    make(BTAP_ERASE, BTAP_DFU_ERROR);
    transaction.dfu_string = 17;
    end_command();
    string(3, "0001");
    assert_string_equal(finish(1)->reason, "");
}

/* Images */

static void download(uint8_t alternate, uint32_t length)
{
    make(BTAP_DOWNLOAD, BTAP_OK);
    transaction.has = BTAP_HAS_LENGTH | BTAP_HAS_BLOCK;
    transaction.length = length;
    transaction.transferred = length;
    transaction.alternate = alternate;
    end_command();
}

static void an_image_for_another_place_is_another_session(void **state)
{
    (void)state;
    download(0, 1024);
    download(0, 100);
    download(0, 0);
    download(1, 512);
    download(1, 0);
    finish(2);
    assert_int_equal(ended[0].written.bytes, 1124);
    assert_int_equal(ended[0].longest_sent, 1024);
    assert_int_equal(ended[1].written.bytes, 512);
    assert_int_equal(ended[1].first_n, 4);
    assert_true(ended[1].plain);
    assert_int_equal(ended[1].unerased, 0);
}

/* The end of the capture */

static void a_host_that_asks_no_more(void **state)
{
    static const struct {
        uint32_t silence_ms;
        uint32_t poll_timeout_ms;
        uint32_t failures;
    } cases[] = {
        {4999, 0, 0}, {5000, 0, 1}, {5499, 500, 0}, {5500, 500, 1}, {14999, 10000, 0},
    };

    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        begin(state);
        make(BTAP_ERASE, BTAP_INCOMPLETE);
        transaction.has = BTAP_HAS_POLLS;
        transaction.polls = 1;
        transaction.poll_timeout_ms = cases[i].poll_timeout_ms;
        btap_session_until(&tracker, transaction.time + transaction.duration +
                                         (btap_ns)cases[i].silence_ms * 1000000);
        end_command();
        assert_int_equal(finish(1)->failures_length, cases[i].failures);
    }
}

#define TEST(name) cmocka_unit_test_setup(name, begin)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(an_error_made_by_clear_status),
        TEST(an_error_at_the_start_that_stays),
        TEST(an_error_that_a_getstate_finds),
        TEST(errors_that_are_over),
        TEST(a_failed_command_accounts_for_the_error),
        TEST(words_that_the_host_reads_afterwards),
        TEST(words_of_an_error_without_a_command),
        TEST(no_words_where_the_host_does_not_read_them),
        TEST(an_image_for_another_place_is_another_session),
        TEST(a_host_that_asks_no_more),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
