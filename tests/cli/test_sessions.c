/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The sessions of a file: cut, ordered, and what was read back held against what was written, with
 * transactions made by hand.
 */
#include "sessions/sessions.h"

#include <string.h>

#include "test.h"

#define FLASH 0x08000000u

static struct btap_tap tap;
static struct sessions sessions;
static const struct btap_link port = {.kind = BTAP_LINK_SERIAL, .transport = BTAP_USART};
static const struct btap_link bus = {.kind = BTAP_LINK_CAN, .transport = BTAP_FDCAN};
static uint64_t packet;
static uint64_t number;

static int begin(void **state)
{
    static const struct btap_sink sink = {0};

    (void)state;
    btap_tap_init(&tap, &sink, NULL);
    sessions_init(&sessions, &tap);
    packet = 0;
    number = 0;
    return 0;
}

static int end(void **state)
{
    (void)state;
    sessions_release(&sessions);
    return 0;
}

/** A transaction of one packet, a millisecond after the one before. */
static struct btap_transaction make(enum btap_command command)
{
    packet++;
    return (struct btap_transaction){
        .transport = BTAP_USART,
        .command = command,
        .n = ++number,
        .first_packet = packet,
        .last_packet = packet,
        .time = (btap_ns)packet * 1000000,
    };
}

static void tell(const struct btap_link *link, struct btap_transaction transaction)
{
    transaction.transport = link->transport;
    sessions_transaction(&sessions, link, &transaction);
}

/** Write Memory or Read Memory of these bytes, on the serial port. */
static void transfer(enum btap_command command, uint32_t address, const char *text,
                     enum btap_status status)
{
    struct btap_transaction transaction = make(command);
    const struct btap_data data = {
        .n = transaction.n,
        .packet = packet,
        .address = address,
        .written = command == BTAP_WRITE_MEMORY,
        .bytes = (const uint8_t *)text,
        .length = (uint32_t)strlen(text),
    };

    sessions_data(&sessions, &port, &data);
    transaction.has = BTAP_HAS_ADDRESS | BTAP_HAS_LENGTH;
    transaction.address = address;
    transaction.length = data.length;
    transaction.status = status;
    tell(&port, transaction);
}

static void write_memory(uint32_t address, const char *text)
{
    transfer(BTAP_WRITE_MEMORY, address, text, BTAP_OK);
}

static void read_memory(uint32_t address, const char *text)
{
    transfer(BTAP_READ_MEMORY, address, text, BTAP_OK);
}

static void identify(uint16_t pid)
{
    struct btap_transaction transaction = make(BTAP_GET_ID);

    transaction.has = BTAP_HAS_PID;
    transaction.pid = pid;
    tell(&port, transaction);
}

static void erase_page(uint16_t page)
{
    struct btap_transaction transaction = make(BTAP_ERASE);

    transaction.erase = BTAP_ERASE_PAGES;
    transaction.list_length = 1;
    transaction.list[0] = page;
    tell(&port, transaction);
}

/** What came of the verification of the only session. */
static const struct btap_verification *verification(void)
{
    sessions_finish(&sessions);
    assert_int_equal(sessions.length, 1);
    return &sessions_at(&sessions, 0)->facts.verification;
}

static void reading_back_is_held_against_writing(void **state)
{
    const struct btap_verification *result;

    (void)state;
    write_memory(FLASH, "abcd");
    read_memory(FLASH, "abXd");
    read_memory(FLASH + 100, "never written");
    result = verification();
    assert_int_equal(result->same, 3);
    assert_int_equal(result->different, 1);
    assert_int_equal(result->first_address, FLASH + 2);
    assert_int_equal(result->first_packet, 2);
    assert_int_equal(result->written, 'c');
    assert_int_equal(result->read, 'X');
}

static void what_was_refused_does_not_count(void **state)
{
    const struct btap_verification *result;

    (void)state;
    write_memory(FLASH, "abcd");
    transfer(BTAP_WRITE_MEMORY, FLASH, "efgh", BTAP_NACK);
    transfer(BTAP_READ_MEMORY, FLASH, "efgh", BTAP_NACK);
    read_memory(FLASH, "abcd");
    result = verification();
    assert_int_equal(result->same, 4);
    assert_int_equal(result->different, 0);
}

/* RAM and registers change by themselves. */
static void memory_that_does_not_last_is_not_compared(void **state)
{
    const struct btap_verification *result;

    (void)state;
    write_memory(0x20000000, "abcd");
    read_memory(0x20000000, "efgh");
    result = verification();
    assert_int_equal(result->same, 0);
    assert_int_equal(result->different, 0);
}

/* PID 0x410 has pages of 1 KiB: page 1 is at 0x08000400. */
static void an_erase_of_a_known_place_forgets_only_that(void **state)
{
    const struct btap_verification *result;

    (void)state;
    identify(0x410);
    write_memory(FLASH, "abcd");
    write_memory(FLASH + 0x400, "efgh");
    erase_page(1);
    read_memory(FLASH, "abcd");
    read_memory(FLASH + 0x400, "\xff\xff\xff\xff");
    result = verification();
    assert_int_equal(result->same, 4);
    assert_int_equal(result->different, 0);
}

static void an_erase_of_a_place_that_is_not_known_forgets_all(void **state)
{
    const struct btap_verification *result;

    (void)state;
    write_memory(FLASH, "abcd");
    erase_page(0);
    read_memory(FLASH, "\xff\xff\xff\xff");
    result = verification();
    assert_int_equal(result->same, 0);
    assert_int_equal(result->different, 0);
}

/* AN3155 section 3.12: Readout Unprotect erases the flash. */
static void removing_protection_forgets_all(void **state)
{
    (void)state;
    write_memory(FLASH, "abcd");
    tell(&port, make(BTAP_READOUT_UNPROTECT));
    read_memory(FLASH, "\xff\xff\xff\xff");
    sessions_finish(&sessions);
    assert_int_equal(sessions_at(&sessions, 0)->facts.verification.different, 0);
    assert_int_equal(sessions_at(&sessions, sessions.length - 1)->facts.verification.different, 0);
}

/* A second Sync is a second run of the tool, which has written nothing. */
static void a_new_session_has_written_nothing(void **state)
{
    (void)state;
    tell(&port, make(BTAP_SYNC));
    write_memory(FLASH, "abcd");
    tell(&port, make(BTAP_SYNC));
    read_memory(FLASH, "efgh");
    sessions_finish(&sessions);
    assert_int_equal(sessions.length, 2);
    assert_int_equal(sessions_at(&sessions, 0)->facts.number, 1);
    assert_int_equal(sessions_at(&sessions, 1)->facts.number, 2);
    assert_int_equal(sessions_at(&sessions, 1)->facts.first_packet, 3);
    assert_int_equal(sessions_at(&sessions, 1)->facts.verification.different, 0);
}

/* The bus's session begins second and ends last; the port has one before and one within it. A Sync
 * that follows a Sync is a repetition; one that follows a command begins anew. */
static void sessions_of_several_links_are_in_the_order_they_began(void **state)
{
    (void)state;
    tell(&port, make(BTAP_SYNC));
    tell(&bus, make(BTAP_GET));
    tell(&port, make(BTAP_GET));
    tell(&port, make(BTAP_SYNC));
    tell(&port, make(BTAP_SYNC));
    tell(&bus, make(BTAP_GET_ID));
    sessions_finish(&sessions);
    assert_int_equal(sessions.length, 3);
    assert_true(btap_link_same(&sessions_at(&sessions, 0)->link, &port));
    assert_true(btap_link_same(&sessions_at(&sessions, 1)->link, &bus));
    assert_true(btap_link_same(&sessions_at(&sessions, 2)->link, &port));
    assert_int_equal(sessions_at(&sessions, 0)->facts.last_packet, 3);
    assert_int_equal(sessions_at(&sessions, 1)->facts.last_packet, 6);
    assert_int_equal(sessions_at(&sessions, 2)->facts.first_packet, 4);
    assert_int_equal(sessions_at(&sessions, 1)->facts.number, 1);
    assert_int_equal(sessions_at(&sessions, 2)->facts.number, 2);
}

static void failed_is_what_did_not_get_to_its_end(void **state)
{
    (void)state;
    tell(&port, make(BTAP_SYNC));
    write_memory(FLASH, "abcd");
    tell(&port, make(BTAP_SYNC));
    transfer(BTAP_WRITE_MEMORY, FLASH, "abcd", BTAP_NACK);
    sessions_finish(&sessions);
    assert_int_equal(sessions_at(&sessions, 0)->diagnosis.verdict, BTAP_VERDICT_WORKED);
    assert_int_equal(sessions_at(&sessions, 1)->diagnosis.verdict, BTAP_VERDICT_FAILED);
    assert_false(session_failed(&sessions_at(&sessions, 0)->diagnosis));
    assert_true(session_failed(&sessions_at(&sessions, 1)->diagnosis));
}

static void cut_short_is_no_success(void **state)
{
    (void)state;
    tell(&port, make(BTAP_SYNC));
    transfer(BTAP_WRITE_MEMORY, FLASH, "abcd", BTAP_INCOMPLETE);
    sessions_finish(&sessions);
    assert_int_equal(sessions_at(&sessions, 0)->diagnosis.verdict, BTAP_VERDICT_CUT_SHORT);
    assert_true(session_failed(&sessions_at(&sessions, 0)->diagnosis));
}

/** A Sync on one of many ports. */
static void sync_on(uint32_t interface_id)
{
    const struct btap_link link = {
        .kind = BTAP_LINK_SERIAL, .transport = BTAP_USART, .interface_id = interface_id};

    tell(&link, make(BTAP_SYNC));
}

/* Of more ports than are kept the first gives way: what it had open is over, and where it comes
 * back it is counted on. */
static void a_link_that_gave_way_is_counted_on(void **state)
{
    (void)state;
    for (uint32_t i = 0; i <= LINKS_KEPT_MAX; i++)
        sync_on(i);
    assert_int_equal(sessions.links.length, LINKS_KEPT_MAX);
    assert_int_equal(sessions.length, 1);
    assert_int_equal(sessions_at(&sessions, 0)->link.interface_id, 0);
    sync_on(0);
    sessions_finish(&sessions);
    assert_int_equal(sessions.length, LINKS_KEPT_MAX + 2);
    assert_int_equal(sessions_at(&sessions, 0)->facts.number, 1);
    assert_int_equal(sessions_at(&sessions, LINKS_KEPT_MAX + 1)->link.interface_id, 0);
    assert_int_equal(sessions_at(&sessions, LINKS_KEPT_MAX + 1)->facts.number, 2);
    assert_int_equal(sessions_at(&sessions, LINKS_KEPT_MAX + 1)->facts.first_packet, packet);
}

/* A link that the tap decodes is in use, however long nothing was heard of it. */
static void a_link_in_use_does_not_give_way(void **state)
{
    static const uint8_t chunk[] = {0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0x7f};
    const struct btap_record record = {
        .linktype = BTAP_LINKTYPE_RTAC_SERIAL,
        .packet = 1,
        .bytes = chunk,
        .captured = sizeof(chunk),
        .length = sizeof(chunk),
    };

    (void)state;
    btap_tap_record(&tap, &record);
    for (uint32_t i = 0; i <= LINKS_KEPT_MAX; i++)
        sync_on(i);
    assert_int_equal(sessions.length, 1);
    assert_int_equal(sessions_at(&sessions, 0)->link.interface_id, 1);
}

/** What is kept of a session is what it was, and so little that thousands find room; those that do
 * not are counted. */
static void many_sessions_find_room(void **state)
{
    (void)state;
    for (size_t i = 0; i < 10000; i++) {
        tell(&port, make(BTAP_SYNC));
        write_memory(FLASH, "abcd");
    }
    sessions_finish(&sessions);
    assert_true(sessions.length > 1000 && sessions.length < 10000);
    assert_int_equal(sessions_count(&sessions), 10000);
    assert_int_equal(sessions.omitted_failed, 0);
    assert_int_equal(sessions.omitted_transactions, 2 * sessions.omitted);
    for (size_t i = 0; i < sessions.length; i += 100) {
        const struct session *session = sessions_at(&sessions, i);

        assert_int_equal(session->facts.number, i + 1);
        assert_int_equal(session->facts.first_packet, 2 * i + 1);
        assert_int_equal(session->facts.last_packet, 2 * i + 2);
        assert_int_equal(session->facts.last.command, BTAP_WRITE_MEMORY);
        assert_int_equal(session->facts.writes_tried, 1);
        assert_int_equal(session->diagnosis.verdict, BTAP_VERDICT_WORKED);
    }
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(reading_back_is_held_against_writing),
        TEST(what_was_refused_does_not_count),
        TEST(memory_that_does_not_last_is_not_compared),
        TEST(an_erase_of_a_known_place_forgets_only_that),
        TEST(an_erase_of_a_place_that_is_not_known_forgets_all),
        TEST(removing_protection_forgets_all),
        TEST(a_new_session_has_written_nothing),
        TEST(sessions_of_several_links_are_in_the_order_they_began),
        TEST(failed_is_what_did_not_get_to_its_end),
        TEST(cut_short_is_no_success),
        TEST(a_link_that_gave_way_is_counted_on),
        TEST(a_link_in_use_does_not_give_way),
        TEST(many_sessions_find_room),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
