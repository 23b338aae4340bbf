/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What counts when two transactions are compared.
 */
#include <string.h>

#include "boottap/comparison.h"
#include "test.h"

#define ALL(aspect) BTAP_ASPECT_BIT(BTAP_ASPECT_##aspect)

/** A write of 256 bytes that went well, with everything that differs from run to run. */
static void write_memory(struct btap_transaction *transaction)
{
    *transaction = (struct btap_transaction){
        .transport = BTAP_USART,
        .command = BTAP_WRITE_MEMORY,
        .status = BTAP_OK,
        .n = 7,
        .first_packet = 34,
        .last_packet = 39,
        .time = 1000000000,
        .duration = 30000000,
        .has = BTAP_HAS_OPCODE | BTAP_HAS_ADDRESS | BTAP_HAS_LENGTH,
        .opcode = 0x31,
        .address = 0x08000400,
        .length = 256,
        .transferred = 256,
    };
}

/** Bits of the aspects that two transactions differ in; key and step must agree with them. */
static uint64_t compare(const struct btap_comparison *comparison,
                        const struct btap_transaction *first, const struct btap_transaction *second)
{
    const struct btap_compared one = {.transaction = first};
    const struct btap_compared other = {.transaction = second};
    const uint64_t differences = btap_comparison_differences(comparison, &one, &other);

    assert_int_equal(btap_comparison_differences(comparison, &other, &one) != 0, differences != 0);
    if (comparison->tolerated == 0)
        assert_int_equal(btap_comparison_key(comparison, &one) ==
                             btap_comparison_key(comparison, &other),
                         differences == 0);
    return differences;
}

static void place_and_time_do_not_count(void **state)
{
    const struct btap_comparison comparison = btap_comparison_default();
    struct btap_transaction a;
    struct btap_transaction b;

    (void)state;
    write_memory(&a);
    write_memory(&b);
    b.n = 1007;
    b.first_packet = 12000;
    b.last_packet = 12900;
    b.time = 99;
    b.duration = 1;
    b.polls = 12;
    b.busy = 5000;
    b.has |= BTAP_HAS_POLLS;
    assert_int_equal(compare(&comparison, &a, &b), 0);
}

/* What a transaction does not have is not compared, whatever its member holds. */
static void members_that_are_not_there_do_not_count(void **state)
{
    const struct btap_comparison comparison = btap_comparison_default();
    struct btap_transaction a;
    struct btap_transaction b;

    (void)state;
    write_memory(&a);
    a.has = 0;
    b = a;
    b.opcode = 0x32;
    b.address = 0x08000500;
    b.length = 255;
    b.version = 0x31;
    b.option_bytes[0] = 0x55;
    b.pid = 0x413;
    b.checksum = 1;
    b.polynomial = 0x04c11db7;
    b.initial = 0xffffffff;
    b.subcommand = 0x11;
    b.reply_id = 0x031;
    b.dfu_state = 5;
    b.dfu_status = 3;
    assert_int_equal(compare(&comparison, &a, &b), 0);
}

/* One change each, and the aspects that it is told by. */
static void each_change_is_told_by_its_name(void **state)
{
    const struct btap_comparison comparison = btap_comparison_default();
    struct btap_transaction a;
    struct btap_transaction b;

    (void)state;
    write_memory(&a);
    write_memory(&b);
    b.transport = BTAP_FDCAN;
    assert_int_equal(compare(&comparison, &a, &b), ALL(TRANSPORT));
    write_memory(&b);
    b.status = BTAP_NACK;
    b.phase = BTAP_PHASE_DATA;
    assert_int_equal(compare(&comparison, &a, &b), ALL(STATUS) | ALL(PHASE));
    write_memory(&b);
    b.address++;
    assert_int_equal(compare(&comparison, &a, &b), ALL(ADDRESS));
    write_memory(&b);
    b.length = 128;
    b.transferred = 128;
    assert_int_equal(compare(&comparison, &a, &b), ALL(LENGTH) | ALL(TRANSFERRED));
    write_memory(&b);
    b.command = BTAP_READ_MEMORY;
    b.opcode = 0x11;
    assert_int_equal(compare(&comparison, &a, &b), ALL(COMMAND) | ALL(OPCODE));
    write_memory(&b);
    b.has |= BTAP_HAS_DFU_STATUS;
    b.dfu_state = 5;
    assert_int_equal(compare(&comparison, &a, &b), ALL(DFU_STATE) | ALL(DFU_STATUS));
}

/* What is not there is not the same as 0. */
static void absence_is_not_zero(void **state)
{
    const struct btap_comparison comparison = btap_comparison_default();
    struct btap_transaction a;
    struct btap_transaction b;

    (void)state;
    write_memory(&a);
    write_memory(&b);
    b.has |= BTAP_HAS_CHECKSUM;
    assert_int_equal(compare(&comparison, &a, &b), ALL(CHECKSUM));
}

static void payload_counts_by_its_sum(void **state)
{
    const struct btap_comparison comparison = btap_comparison_default();
    struct btap_transaction transaction;
    struct btap_compared a = {.transaction = &transaction, .has_crc32 = true, .crc32 = 1};
    struct btap_compared b = a;

    (void)state;
    write_memory(&transaction);
    assert_int_equal(btap_comparison_differences(&comparison, &a, &b), 0);
    b.crc32 = 2;
    assert_int_equal(btap_comparison_differences(&comparison, &a, &b), ALL(CRC32));
    b.has_crc32 = false;
    assert_int_equal(btap_comparison_differences(&comparison, &a, &b), ALL(CRC32));
}

/** An erase of pages. */
static void erase(struct btap_transaction *transaction, uint16_t first, uint16_t second)
{
    *transaction = (struct btap_transaction){
        .command = BTAP_EXTENDED_ERASE,
        .erase = BTAP_ERASE_PAGES,
        .list_kind = BTAP_LIST_PAGES,
        .list_announced = 2,
        .list_length = 2,
        .list = {first, second},
    };
}

static void pages_count_in_their_order(void **state)
{
    struct btap_comparison comparison = btap_comparison_default();
    struct btap_transaction a;
    struct btap_transaction b;

    (void)state;
    erase(&a, 3, 4);
    erase(&b, 4, 3);
    assert_int_equal(compare(&comparison, &a, &b), ALL(LIST));
    comparison.any_list_order = true;
    assert_int_equal(compare(&comparison, &a, &b), 0);
    /* The same sum, other pages */
    erase(&b, 2, 5);
    assert_int_equal(compare(&comparison, &a, &b), ALL(LIST));
}

static void add_note(struct btap_transaction *transaction, enum btap_note_id id)
{
    transaction->notes[transaction->notes_length++] = (struct btap_note){.id = id, .packet = 3};
}

/* already-synced is a note, checksum-mismatch and host-retry are warnings. */
static void warnings_count_and_notes_do_not(void **state)
{
    struct btap_comparison comparison = btap_comparison_default();
    struct btap_transaction a;
    struct btap_transaction b;

    (void)state;
    write_memory(&a);
    write_memory(&b);
    add_note(&b, BTAP_NOTE_ALREADY_SYNCED);
    assert_int_equal(compare(&comparison, &a, &b), 0);
    comparison.aspects |= ALL(NOTES);
    assert_int_equal(compare(&comparison, &a, &b), ALL(NOTES));
    add_note(&b, BTAP_NOTE_CHECKSUM_MISMATCH);
    assert_int_equal(compare(&comparison, &a, &b), ALL(NOTES) | ALL(WARNINGS));
    /* As a set */
    add_note(&a, BTAP_NOTE_CHECKSUM_MISMATCH);
    add_note(&a, BTAP_NOTE_ALREADY_SYNCED);
    add_note(&a, BTAP_NOTE_CHECKSUM_MISMATCH);
    assert_int_equal(compare(&comparison, &a, &b), 0);
    add_note(&b, BTAP_NOTE_HOST_RETRY);
    assert_int_equal(compare(&comparison, &a, &b), ALL(NOTES) | ALL(WARNINGS));
    comparison.without_retries = true;
    assert_int_equal(compare(&comparison, &a, &b), 0);
}

/* 30 ms and others, with 3 ms and with 10 %, which are the same of 30 ms. */
static void amounts_within_a_tolerance(void **state)
{
    static const struct {
        btap_ns duration;
        bool differs;
    } cases[] = {
        {30000000, false}, {33000000, false}, {27000000, false}, {33000001, true}, {26999999, true},
    };
    struct btap_comparison absolute = btap_comparison_default();
    struct btap_comparison relative;
    struct btap_transaction a;
    struct btap_transaction b;

    (void)state;
    absolute.aspects |= ALL(DURATION);
    absolute.tolerated = ALL(DURATION);
    relative = absolute;
    absolute.tolerances[BTAP_ASPECT_DURATION].absolute = 3000000;
    relative.tolerances[BTAP_ASPECT_DURATION].relative = 100000;
    write_memory(&a);
    write_memory(&b);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const struct btap_compared one = {.transaction = &a};
        const struct btap_compared other = {.transaction = &b};
        const uint64_t expected = cases[i].differs ? ALL(DURATION) : 0;

        b.duration = cases[i].duration;
        assert_int_equal(btap_comparison_differences(&absolute, &one, &other), expected);
        assert_int_equal(btap_comparison_differences(&relative, &one, &other), expected);
        /* What is tolerated is no part of the key. */
        assert_int_equal(btap_comparison_key(&absolute, &one),
                         btap_comparison_key(&absolute, &other));
    }
}

/* A step is the same one whatever came of it, but another one at another address. */
static void a_step_is_what_it_is_about(void **state)
{
    const struct btap_comparison comparison = btap_comparison_default();
    struct btap_transaction a;
    struct btap_transaction b;
    const struct btap_compared one = {.transaction = &a};
    const struct btap_compared other = {.transaction = &b, .has_crc32 = true};

    (void)state;
    write_memory(&a);
    write_memory(&b);
    b.status = BTAP_NO_REPLY;
    b.phase = BTAP_PHASE_DATA;
    b.length = 16;
    assert_int_equal(btap_comparison_step(&comparison, &one),
                     btap_comparison_step(&comparison, &other));
    b.address += 256;
    assert_int_not_equal(btap_comparison_step(&comparison, &one),
                         btap_comparison_step(&comparison, &other));
}

static void values_in_words(void **state)
{
    struct btap_transaction transaction;
    const struct btap_compared compared = {
        .transaction = &transaction, .has_crc32 = true, .crc32 = 0xcafe};
    static const struct {
        enum btap_aspect aspect;
        const char *words;
    } cases[] = {
        {BTAP_ASPECT_COMMAND, "write-memory"},
        {BTAP_ASPECT_STATUS, "ok"},
        {BTAP_ASPECT_PHASE, "-"},
        {BTAP_ASPECT_ADDRESS, "0x08000400"},
        {BTAP_ASPECT_LENGTH, "256"},
        {BTAP_ASPECT_CRC32, "0x0000cafe"},
        {BTAP_ASPECT_DURATION, "0.030000 s"},
        {BTAP_ASPECT_POLLS, "-"},
        {BTAP_ASPECT_LIST, "1-3 9, of 5"},
        {BTAP_ASPECT_PID, "0x413"},
        {BTAP_ASPECT_VERSION, "3.1"},
        {BTAP_ASPECT_WARNINGS, "checksum-mismatch"},
        {BTAP_ASPECT_NOTES, "already-synced, checksum-mismatch"},
    };
    static const uint16_t pages[] = {1, 2, 3, 9};
    char text[BTAP_ASPECT_TEXT_SIZE];

    (void)state;
    write_memory(&transaction);
    transaction.has |= BTAP_HAS_PID | BTAP_HAS_VERSION;
    transaction.pid = 0x413;
    transaction.version = 0x31;
    transaction.list_kind = BTAP_LIST_PAGES;
    transaction.list_length = 4;
    transaction.list_announced = 5;
    memcpy(transaction.list, pages, sizeof(pages));
    add_note(&transaction, BTAP_NOTE_ALREADY_SYNCED);
    add_note(&transaction, BTAP_NOTE_CHECKSUM_MISMATCH);
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        assert_string_equal(btap_aspect_text(cases[i].aspect, &compared, text, sizeof(text)),
                            cases[i].words);
    assert_true(btap_aspect_is_present(BTAP_ASPECT_PID, &compared));
    assert_false(btap_aspect_is_present(BTAP_ASPECT_PHASE, &compared));
    /* Cut, and still terminated, whatever the room */
    for (size_t size = 1; size < 40; size++)
        assert_true(strlen(btap_aspect_text(BTAP_ASPECT_NOTES, &compared, text, size)) < size);
}

/** A Special with so many bytes of status. */
static void special(struct btap_transaction *transaction, uint16_t length, uint8_t last)
{
    *transaction = (struct btap_transaction){
        .transport = BTAP_USART,
        .command = BTAP_SPECIAL,
        .has = BTAP_HAS_SPECIAL_STATUS | BTAP_HAS_SUBCOMMAND,
        .subcommand = 0x0102,
        .special_status_length = length,
        .special_status = {0xde, 0xad, last},
    };
}

static void bytes_of_a_status_count(void **state)
{
    const struct btap_comparison comparison = btap_comparison_default();
    struct btap_transaction a;
    struct btap_transaction b;

    (void)state;
    special(&a, 3, 0x01);
    special(&b, 3, 0x02);
    assert_int_equal(compare(&comparison, &a, &b), ALL(SPECIAL_STATUS));
    special(&b, 4, 0x01);
    assert_int_equal(compare(&comparison, &a, &b), ALL(SPECIAL_STATUS));
    special(&a, 2, 0x01); /* what is not of it does not count */
    special(&b, 2, 0x02);
    assert_int_equal(compare(&comparison, &a, &b), 0);
    b.has = BTAP_HAS_SUBCOMMAND;
    assert_int_equal(compare(&comparison, &a, &b), ALL(SPECIAL_STATUS));
}

/* Every warning is another one than every other. */
static void each_warning_is_its_own(void **state)
{
    const struct btap_comparison comparison = btap_comparison_default();

    (void)state;
    for (unsigned i = 0; i < BTAP_NOTE_COUNT; i++) {
        struct btap_transaction a;

        write_memory(&a);
        add_note(&a, (enum btap_note_id)i);
        for (unsigned j = 0; j < i; j++) {
            const bool alike = btap_note_severity((enum btap_note_id)i) < BTAP_WARN &&
                               btap_note_severity((enum btap_note_id)j) < BTAP_WARN;
            struct btap_transaction b;

            write_memory(&b);
            add_note(&b, (enum btap_note_id)j);
            assert_int_equal(compare(&comparison, &a, &b), alike ? 0 : ALL(WARNINGS));
        }
    }
}

/* Behind the notes, the entries, the status stands what was there before. */
static void what_lies_behind_a_list_does_not_count(void **state)
{
    struct btap_comparison comparison = btap_comparison_default();
    struct btap_transaction a;
    struct btap_transaction b;

    (void)state;
    comparison.aspects |= ALL(NOTES);
    erase(&a, 3, 4);
    add_note(&a, BTAP_NOTE_ALREADY_SYNCED);
    b = a;
    b.notes[1].id = BTAP_NOTE_CHECKSUM_MISMATCH;
    b.list[2] = 77;
    assert_int_equal(compare(&comparison, &a, &b), 0);
}

/* A list with as many entries, but announced as longer, or of commands, which no order makes alike.
 */
static void lists_count_as_they_were_announced(void **state)
{
    struct btap_comparison comparison = btap_comparison_default();
    struct btap_transaction a;
    struct btap_transaction b;

    (void)state;
    erase(&a, 3, 4);
    erase(&b, 3, 4);
    b.list_announced = 3;
    assert_int_equal(compare(&comparison, &a, &b), ALL(LIST));
    erase(&b, 3, 4);
    b.list_kind = BTAP_LIST_SECTORS;
    assert_int_equal(compare(&comparison, &a, &b), ALL(LIST));
    comparison.any_list_order = true;
    erase(&a, 3, 4);
    erase(&b, 4, 3);
    a.list_kind = BTAP_LIST_COMMANDS;
    b.list_kind = BTAP_LIST_COMMANDS;
    assert_int_equal(compare(&comparison, &a, &b), ALL(LIST));
    erase(&a, 0, 0);
    erase(&b, 0, 0);
    b.list_length = 1;
    assert_int_equal(compare(&comparison, &a, &b), ALL(LIST));
}

/* A block of DFU that has an address is that address (AN3156 sections 4 and 5.1). */
static void a_block_counts_where_no_address_is_known(void **state)
{
    const struct btap_comparison comparison = btap_comparison_default();
    struct btap_transaction a;
    struct btap_transaction b;

    (void)state;
    write_memory(&a);
    a.has = BTAP_HAS_BLOCK | BTAP_HAS_ADDRESS;
    b = a;
    b.block = 7;
    assert_int_equal(compare(&comparison, &a, &b), 0);
    a.has = BTAP_HAS_BLOCK;
    b.has = BTAP_HAS_BLOCK;
    assert_int_equal(compare(&comparison, &a, &b), ALL(BLOCK));
}

/* Half of 1999999 ns is 999999 and some; half of 4e18 ns, which times 500000 ppm fits no 64 bits,
 * is 2e18. */
static void relative_tolerances_of_large_amounts(void **state)
{
    static const struct {
        btap_ns first;
        btap_ns second;
        bool differs;
    } cases[] = {
        {1999999, 2999998, false},
        {1999999, 2999999, true},
        {1999999, 1000000, false},
        {1999999, 999999, true},
        {4000000000000000000, 6000000000000000000, false},
        {4000000000000000000, 6000000000000000001, true},
    };
    struct btap_comparison comparison = btap_comparison_default();
    struct btap_transaction a;
    struct btap_transaction b;

    (void)state;
    comparison.aspects |= ALL(DURATION);
    comparison.tolerated = ALL(DURATION);
    comparison.tolerances[BTAP_ASPECT_DURATION].relative = 500000;
    write_memory(&a);
    write_memory(&b);
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const struct btap_compared one = {.transaction = &a};
        const struct btap_compared other = {.transaction = &b};

        a.duration = cases[i].first;
        b.duration = cases[i].second;
        assert_int_equal(btap_comparison_differences(&comparison, &one, &other),
                         cases[i].differs ? ALL(DURATION) : 0);
    }
}

static const char *text_of(enum btap_aspect aspect, const struct btap_transaction *transaction)
{
    static char text[BTAP_ASPECT_TEXT_SIZE];
    const struct btap_compared compared = {.transaction = transaction, .pause = 1500000};

    return btap_aspect_text(aspect, &compared, text, sizeof(text));
}

static void more_values_in_words(void **state)
{
    struct btap_transaction transaction;

    (void)state;
    special(&transaction, 3, 0x01);
    assert_string_equal(text_of(BTAP_ASPECT_SPECIAL_STATUS, &transaction), "de ad 01");
    assert_string_equal(text_of(BTAP_ASPECT_SUBCOMMAND, &transaction), "0x0102");
    assert_string_equal(text_of(BTAP_ASPECT_TRANSPORT, &transaction), "usart");
    assert_string_equal(text_of(BTAP_ASPECT_PAUSE, &transaction), "0.001500 s");
    erase(&transaction, 3, 4);
    assert_string_equal(text_of(BTAP_ASPECT_LIST, &transaction), "3-4");
    erase(&transaction, 3, 5);
    assert_string_equal(text_of(BTAP_ASPECT_LIST, &transaction), "3 5");
    erase(&transaction, 4, 3);
    assert_string_equal(text_of(BTAP_ASPECT_LIST, &transaction), "4 3");
    transaction.list_length = 0;
    assert_string_equal(text_of(BTAP_ASPECT_LIST, &transaction), "of 2");
    transaction.list_announced = 0;
    assert_string_equal(text_of(BTAP_ASPECT_LIST, &transaction), "");
    write_memory(&transaction);
    assert_string_equal(text_of(BTAP_ASPECT_OPCODE, &transaction), "0x31");
    transaction.has = BTAP_HAS_OPTION_BYTES | BTAP_HAS_POLLS;
    transaction.option_bytes[0] = 0xa5;
    transaction.option_bytes[1] = 0x5a;
    transaction.busy = 2345678901;
    transaction.poll_timeout_ms = 1234;
    assert_string_equal(text_of(BTAP_ASPECT_OPTION_BYTES, &transaction), "0xa55a");
    assert_string_equal(text_of(BTAP_ASPECT_BUSY, &transaction), "2.345678 s");
    assert_string_equal(text_of(BTAP_ASPECT_POLL_TIMEOUT, &transaction), "1.234000 s");
    assert_string_equal(text_of(BTAP_ASPECT_POLLS, &transaction), "0");
}

/* As snprintf() does: what does not fit is cut, and nothing behind it is touched. */
static void words_keep_to_their_room(void **state)
{
    static const enum btap_aspect aspects[] = {BTAP_ASPECT_SPECIAL_STATUS, BTAP_ASPECT_LIST,
                                               BTAP_ASPECT_NOTES, BTAP_ASPECT_SUBCOMMAND};
    struct btap_transaction transaction;
    const struct btap_compared compared = {.transaction = &transaction};

    (void)state;
    special(&transaction, 8, 0x01);
    transaction.list_kind = BTAP_LIST_PAGES;
    transaction.list_announced = 900;
    transaction.list_length = 4;
    transaction.list[0] = 10;
    transaction.list[1] = 30;
    transaction.list[2] = 50;
    transaction.list[3] = 51;
    add_note(&transaction, BTAP_NOTE_CHECKSUM_MISMATCH);
    add_note(&transaction, BTAP_NOTE_ALREADY_SYNCED);
    for (size_t i = 0; i < COUNT_OF(aspects); i++) {
        char whole[80];

        btap_aspect_text(aspects[i], &compared, whole, sizeof(whole));
        for (size_t size = 1; size <= strlen(whole); size++) {
            char text[80];

            memset(text, '#', sizeof(text));
            btap_aspect_text(aspects[i], &compared, text, size);
            assert_int_equal(strlen(text), size - 1);
            assert_memory_equal(text, whole, size - 1);
            for (size_t j = size; j < sizeof(text); j++)
                assert_int_equal(text[j], '#');
        }
    }
}

static void aspects_that_are_amounts_and_times(void **state)
{
    (void)state;
    for (unsigned i = 0; i < BTAP_ASPECT_COUNT; i++) {
        const uint64_t bit = BTAP_ASPECT_BIT(i);
        const uint64_t times = ALL(DURATION) | ALL(PAUSE) | ALL(BUSY) | ALL(POLL_TIMEOUT);
        const uint64_t amounts = times | ALL(LENGTH) | ALL(TRANSFERRED) | ALL(SENT_LENGTH) |
                                 ALL(SENT2_LENGTH) | ALL(RECEIVED_LENGTH) | ALL(POLLS);

        assert_int_equal(btap_aspect_is_time((enum btap_aspect)i), (times & bit) != 0);
        assert_int_equal(btap_aspect_is_amount((enum btap_aspect)i), (amounts & bit) != 0);
    }
    assert_string_equal(btap_aspect_name(BTAP_ASPECT_COUNT), "unknown");
}

static void every_aspect_has_a_name(void **state)
{
    enum btap_aspect aspect;

    (void)state;
    for (unsigned i = 0; i < BTAP_ASPECT_COUNT; i++) {
        assert_true(btap_aspect_by_name(btap_aspect_name((enum btap_aspect)i), &aspect));
        assert_int_equal(aspect, i);
    }
    assert_false(btap_aspect_by_name("speed", &aspect));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(place_and_time_do_not_count),
        cmocka_unit_test(members_that_are_not_there_do_not_count),
        cmocka_unit_test(each_change_is_told_by_its_name),
        cmocka_unit_test(absence_is_not_zero),
        cmocka_unit_test(payload_counts_by_its_sum),
        cmocka_unit_test(pages_count_in_their_order),
        cmocka_unit_test(warnings_count_and_notes_do_not),
        cmocka_unit_test(amounts_within_a_tolerance),
        cmocka_unit_test(a_step_is_what_it_is_about),
        cmocka_unit_test(values_in_words),
        cmocka_unit_test(bytes_of_a_status_count),
        cmocka_unit_test(each_warning_is_its_own),
        cmocka_unit_test(what_lies_behind_a_list_does_not_count),
        cmocka_unit_test(lists_count_as_they_were_announced),
        cmocka_unit_test(a_block_counts_where_no_address_is_known),
        cmocka_unit_test(relative_tolerances_of_large_amounts),
        cmocka_unit_test(more_values_in_words),
        cmocka_unit_test(words_keep_to_their_room),
        cmocka_unit_test(aspects_that_are_amounts_and_times),
        cmocka_unit_test(every_aspect_has_a_name),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
