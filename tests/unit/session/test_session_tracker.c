/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Where sessions begin and end on each wire, what is emitted when, and facts at their bounds.
 */
#include <string.h>

#include "boottap/session.h"
#include "test.h"

#define SECOND ((btap_ns)1000000000)
#define FLASH  0x08000000u
/* 128 pages of 1 KiB */
#define PID_F103 0x410

static struct btap_session_tracker tracker;
static struct btap_transaction transaction;
static struct btap_session last;
static size_t sessions;
static char course[256]; /**< B begin, effects by their kind: e w r, E end */
static btap_ns now;

static void add_course(char what)
{
    const size_t length = strlen(course);

    assert_true(length + 1 < sizeof(course));
    course[length] = what;
    course[length + 1] = '\0';
}

static void on_begin(void *context, const struct btap_session *session)
{
    assert_ptr_equal(context, course);
    assert_int_equal(session->number, sessions + 1);
    assert_int_equal(session->transactions, 0);
    add_course('B');
}

static void on_effect(void *context, const struct btap_session *session,
                      const struct btap_transaction *of, const struct btap_effect *effect)
{
    assert_ptr_equal(context, course);
    assert_int_equal(session->number, sessions + 1);
    assert_ptr_equal(of, &transaction);
    add_course("ewr"[effect->kind]);
}

static void on_end(void *context, const struct btap_session *session)
{
    assert_ptr_equal(context, course);
    last = *session;
    sessions++;
    add_course('E');
}

static void begin(enum btap_transport transport)
{
    static const struct btap_session_sink sink = {course, on_begin, on_effect, on_end};

    btap_session_tracker_init(&tracker, transport, &sink);
    memset(&transaction, 0, sizeof(transaction));
    transaction.transport = transport;
    sessions = 0;
    course[0] = '\0';
    now = 1000 * SECOND;
}

/** The next command, of a millisecond, to be completed by the test. */
static void make(enum btap_command command, enum btap_status status)
{
    const struct btap_transaction next = {
        .transport = transaction.transport,
        .command = command,
        .status = status,
        .phase = status == BTAP_OK ? BTAP_PHASE_NONE : BTAP_PHASE_DATA,
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
    btap_session_transaction(&tracker, &transaction, NULL);
}

static void send(enum btap_command command, enum btap_status status)
{
    make(command, status);
    end_command();
}

static void identify(uint32_t pid)
{
    make(BTAP_GET_ID, BTAP_OK);
    transaction.has = BTAP_HAS_PID;
    transaction.pid = pid;
    end_command();
}

static void write_at(uint32_t address)
{
    make(BTAP_WRITE_MEMORY, BTAP_OK);
    transaction.has = BTAP_HAS_ADDRESS | BTAP_HAS_LENGTH;
    transaction.address = address;
    transaction.length = 16;
    transaction.transferred = 16;
    end_command();
}

static void erase(enum btap_erase kind, uint16_t page)
{
    make(BTAP_ERASE, BTAP_OK);
    transaction.erase = kind;
    if (kind == BTAP_ERASE_PAGES) {
        transaction.list_kind = BTAP_LIST_PAGES;
        transaction.list_length = 1;
        transaction.list[0] = page;
    }
    end_command();
}

static const struct btap_session *finish(void)
{
    btap_session_finish(&tracker);
    return &last;
}

/* Order */

static void effects_come_within_their_session(void **state)
{
    (void)state;
    begin(BTAP_USART);
    send(BTAP_SYNC, BTAP_OK);
    identify(PID_F103);
    erase(BTAP_ERASE_PAGES, 0);
    write_at(FLASH);
    send(BTAP_GO, BTAP_OK);
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
        send(BTAP_SYNC, BTAP_OK);
        send(BTAP_SYNC, BTAP_OK); /* nothing was said yet */
        send(BTAP_GET, BTAP_OK);
        send(BTAP_SYNC, BTAP_OK);
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
        send(BTAP_SYNC, BTAP_OK);
        send(BTAP_GET, BTAP_NO_REPLY);
        send(BTAP_SYNC, BTAP_OK);
        finish();
        assert_string_equal(course, "BE");
    }
}

/** On the USART the host resynchronises after a reset; on CAN a detection frame begins anew. */
static void a_reset_is_gone_through_on_the_usart(void **state)
{
    (void)state;
    begin(BTAP_USART);
    send(BTAP_WRITE_UNPROTECT, BTAP_OK);
    send(BTAP_SYNC, BTAP_OK);
    finish();
    assert_string_equal(course, "BE");
    begin(BTAP_FDCAN);
    send(BTAP_WRITE_UNPROTECT, BTAP_OK);
    send(BTAP_SYNC, BTAP_OK);
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
        send(BTAP_GET_STATUS, BTAP_OK);
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
        send(BTAP_GET_STATUS, BTAP_OK);
        send(BTAP_GET, BTAP_OK);
        finish();
        assert_string_equal(course, "BwE");
    }
}

static void a_device_that_leaves_ends_a_session(void **state)
{
    (void)state;
    begin(BTAP_DFU);
    send(BTAP_SET_ADDRESS, BTAP_DISCONNECTED);
    send(BTAP_SET_ADDRESS, BTAP_OK);
    finish();
    assert_string_equal(course, "BEBE");
    begin(BTAP_DFU);
    make(BTAP_LEAVE, BTAP_INCOMPLETE);
    transaction.notes[transaction.notes_length++].id = BTAP_NOTE_DEVICE_LEFT;
    end_command();
    send(BTAP_GET_STATUS, BTAP_OK); /* belongs to the Leave */
    send(BTAP_SET_ADDRESS, BTAP_OK);
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
            transaction.notes[transaction.notes_length++].id = BTAP_NOTE_ERASE_NOT_PERFORMED;
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
    send(BTAP_READOUT_UNPROTECT, BTAP_OK);
    send(BTAP_SYNC, BTAP_OK);
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
    send(BTAP_GO, BTAP_OK);
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
        send(BTAP_ERASE, BTAP_NO_REPLY);
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
