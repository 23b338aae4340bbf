/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The program's smaller parts: numbers, ranges, filters, lines, and collecting what belongs to a
 * transaction.
 */
#include <string.h>

#include "base/line.h"
#include "cli/filter.h"
#include "cli/parse.h"
#include "decode/collect.h"
#include "output_fixture.h"
#include "test.h"

static void numbers_are_decimal_or_hexadecimal(void **state)
{
    static const char *const wrong[] = {"", "0x", "x", "-1", "+1", " 1", "1 ", "08000000h", "0x1g"};
    uint64_t value = 7;

    (void)state;
    assert_true(parse_number("0", 0, &value));
    assert_int_equal(value, 0);
    assert_true(parse_number("65535", 65535, &value));
    assert_int_equal(value, 65535);
    assert_false(parse_number("65536", 65535, &value));
    assert_true(parse_number("0x08fF", UINT32_MAX, &value));
    assert_int_equal(value, 2303);
    assert_true(parse_number("18446744073709551615", UINT64_MAX, &value));
    assert_true(value == UINT64_MAX);
    assert_false(parse_number("18446744073709551616", UINT64_MAX, &value));
    for (size_t i = 0; i < COUNT_OF(wrong); i++)
        assert_false(parse_number(wrong[i], UINT64_MAX, &value));
}

static void ranges_are_from_to_or_start_and_length(void **state)
{
    static const struct {
        const char *text;
        uint32_t first;
        uint32_t last;
    } right[] = {
        {"0x08000000-0x0801ffff", 0x08000000, 0x0801ffff},
        {"0x08000000+2048", 0x08000000, 0x080007ff},
        {"0x08000000+1", 0x08000000, 0x08000000},
        {"0x1fff0000", 0x1fff0000, 0x1fff0000},
        {"0-0xffffffff", 0, 0xffffffff},
        {"0+0x100000000", 0, 0xffffffff},
    };
    static const char *const wrong[] = {
        "",  "-",     "1-",           "-1", "2-1", "1+0", "1+", "0xffffffff+2", "0x100000000",
        "a", "1-2-3", "1-0x100000000"};
    struct btap_range range;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(right); i++) {
        assert_true(parse_range(right[i].text, &range));
        assert_int_equal(range.first, right[i].first);
        assert_int_equal(range.last, right[i].last);
    }
    for (size_t i = 0; i < COUNT_OF(wrong); i++)
        assert_false(parse_range(wrong[i], &range));
}

static void an_empty_filter_lets_all_through(void **state)
{
    const struct filter filter = {0};
    const struct btap_transaction transaction = write_transaction(1);

    (void)state;
    assert_true(filter_link(&filter, &serial_link));
    assert_true(filter_transaction(&filter, &transaction));
    assert_true(filter_outside(&filter));
}

static void a_filter_of_names_takes_lists(void **state)
{
    struct filter filter = {0};
    struct btap_transaction transaction = write_transaction(1);

    (void)state;
    assert_true(filter_add_commands(&filter, "read-memory,write-memory"));
    assert_true(filter_add_statuses(&filter, "nack"));
    assert_true(filter_add_statuses(&filter, "error"));
    assert_false(filter_transaction(&filter, &transaction));
    transaction.status = BTAP_DFU_ERROR;
    assert_true(filter_transaction(&filter, &transaction));
    transaction.command = BTAP_GO;
    assert_false(filter_transaction(&filter, &transaction));
    assert_false(filter_outside(&filter));
    assert_false(filter_add_commands(&filter, "go,,get"));
}

/* write_transaction() touches 0x08000400 to 0x080004ff. */
static void a_filter_of_addresses_wants_an_overlap(void **state)
{
    static const struct {
        const char *range;
        bool expected;
    } cases[] = {
        {"0x08000000-0x080003ff", false},
        {"0x08000000-0x08000400", true},
        {"0x080004ff", true},
        {"0x08000500", false},
        {"0x08000480+1", true},
        {"0,0x08000400", true},
    };
    struct btap_transaction transaction = write_transaction(1);

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct filter filter = {0};

        assert_true(filter_add_ranges(&filter, cases[i].range));
        assert_int_equal(filter_transaction(&filter, &transaction), cases[i].expected);
        transaction.has &= ~(uint32_t)BTAP_HAS_ADDRESS;
        assert_false(filter_transaction(&filter, &transaction));
        transaction.has |= BTAP_HAS_ADDRESS;
    }
}

static void a_filter_of_links_takes_their_names(void **state)
{
    struct filter filter = {0};

    (void)state;
    assert_true(filter_add_links(&filter, "usb:1.28,can:vcan0"));
    assert_true(filter_link(&filter, &usb_link));
    assert_true(filter_link(&filter, &can_link));
    assert_false(filter_link(&filter, &serial_link));
    assert_true(filter_outside(&filter));
    filter = (struct filter){0};
    assert_true(filter_add_transports(&filter, "fdcan"));
    assert_false(filter_link(&filter, &usb_link));
    assert_true(filter_link(&filter, &can_link));
}

/* RFC 3629 section 4: overlong forms, surrogates and what is above U+10FFFF are no UTF-8. */
static void utf8_is_told_from_other_bytes(void **state)
{
    static const struct {
        const char *text;
        size_t length;
    } cases[] = {
        {"a", 1},
        {"\xc3\xa9", 2},
        {"\xe2\x82\xac", 3},
        {"\xf0\x9f\x98\x80", 4},
        {"\xf4\x8f\xbf\xbf", 4},
        {"\x80", 0},
        {"\xc3", 0},
        {"\xc0\xaf", 0},
        {"\xe0\x9f\xbf", 0},
        {"\xed\xa0\x80", 0},
        {"\xe2\x82", 0},
        {"\xf0\x8f\xbf\xbf", 0},
        {"\xf4\x90\x80\x80", 0},
        {"\xf5\x80\x80\x80", 0},
        {"\xff", 0},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        assert_int_equal(utf8_length(cases[i].text), cases[i].length);
}

/* Controls, Unicode UAX 9 table 4, and what is no character; é, €, µ and an emoji stay. */
static void what_a_terminal_would_obey_is_escaped(void **state)
{
    static const struct {
        const char *text;
        const char *escaped;
    } cases[] = {
        {"a\x1b[31m\x07\x7f", "a\\x1b[31m\\x07\\x7f"},
        {"\xc2\x9b"
         "2J",
         "\\u009b2J"},
        {"\xff\xc3", "\\xff\\xc3"},
        {"\xed\xa0\x80", "\\xed\\xa0\\x80"},
        /* NOLINTNEXTLINE(misc-misleading-bidirectional): what is tested */
        {"\xe2\x80\xaegnp.exe", "\\u202egnp.exe"},
        {"\xe2\x81\xa6\xe2\x81\xa9\xd8\x9c", "\\u2066\\u2069\\u061c"},
        {"\xe2\x80\xa8\xef\xbb\xbf", "\\u2028\\ufeff"},
        {"\xef\xbf\xbe\xef\xbf\xbf\xf0\x9f\xbf\xbe", "\\ufffe\\uffff\\U0001fffe"},
        {"\xc3\xa9\xe2\x82\xac\xc2\xb5\xf0\x9f\x98\x80\xef\xbf\xbd",
         "\xc3\xa9\xe2\x82\xac\xc2\xb5\xf0\x9f\x98\x80\xef\xbf\xbd"},
    };
    static struct line line;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        line_start(&line);
        line_text(&line, cases[i].text);
        line_escaped(&line, cases[i].text);
        line_format(&line, "%s\t", cases[i].text);
        line_text(&line, "\t");
        line_escaped(&line, "\t");
        line.text[line.length] = '\0';
        assert_memory_equal(line.text, cases[i].escaped, strlen(cases[i].escaped));
        assert_int_equal(line.length, 3 * strlen(cases[i].escaped) + 2 + 4);
        assert_string_equal(line.text + line.length - 6, "\t\t\\x09");
    }
    /* A sequence of our own */
    line_start(&line);
    line_control(&line, "\x1b[0m");
    assert_int_equal(line.length, 4);
}

static void a_line_is_cut_at_its_size(void **state)
{
    static struct line line;

    (void)state;
    line_start(&line);
    for (size_t i = 0; i < LINE_SIZE; i++)
        line_text(&line, "abc");
    assert_int_equal(line.length, LINE_SIZE - 1);
    line_to_column(&line, 2 * LINE_SIZE);
    line_decimal(&line, 12345, 20);
    line_right_align(&line, LINE_SIZE - 2, 10);
    assert_int_equal(line.length, LINE_SIZE - 1);
}

static struct btap_span span_of(uint64_t n, enum btap_field field, uint64_t packet,
                                const char *bytes, bool last)
{
    return (struct btap_span){
        .n = n,
        .packet = packet,
        .offset = 12,
        .length = (uint32_t)strlen(bytes),
        .field = field,
        .bytes = (const uint8_t *)bytes,
        .value = 0x08000400,
        .last = last,
    };
}

static void a_field_in_pieces_is_one_field(void **state)
{
    static struct collected collected;
    const struct btap_span spans[] = {
        span_of(1, BTAP_FIELD_ADDRESS, 5, "ab", false),
        span_of(1, BTAP_FIELD_ADDRESS, 7, "c", true),
        span_of(1, BTAP_FIELD_ADDRESS, 8, "d", true),
        span_of(1, BTAP_FIELD_DATA, 9, "ef", true),
        span_of(1, BTAP_FIELD_DATA, 10, "g", true),
    };

    (void)state;
    collected_clear(&collected);
    for (size_t i = 0; i < COUNT_OF(spans); i++) {
        assert_true(collected_accepts(&collected, &spans[i]));
        collected_add_span(&collected, &spans[i]);
    }
    /* Values stay apart, bytes without a value join. */
    assert_int_equal(collected.fields_length, 3);
    assert_int_equal(collected.fields[0].first_packet, 5);
    assert_int_equal(collected.fields[0].last_packet, 7);
    assert_int_equal(collected.fields[0].length, 3);
    assert_true(collected.fields[0].complete);
    assert_int_equal(collected.fields[0].value, 0x08000400);
    assert_int_equal(collected.fields[2].length, 3);
    assert_int_equal(collected.fields[2].last_packet, 10);
    assert_memory_equal(collected.bytes, "abcdefg", 7);
}

static void bytes_that_are_gone_are_counted(void **state)
{
    static struct collected collected;
    struct btap_span span = span_of(1, BTAP_FIELD_SKIPPED, 5, "abc", true);

    (void)state;
    collected_clear(&collected);
    span.bytes = NULL;
    collected_add_span(&collected, &span);
    assert_int_equal(collected.fields[0].length, 3);
    assert_int_equal(collected.fields[0].kept, 0);
    assert_false(collected.fields[0].bytes_known);
}

static void what_finds_no_room_is_counted(void **state)
{
    static struct collected collected;
    static uint8_t block[COLLECT_BYTES_MAX - 2];
    struct btap_span span = span_of(1, BTAP_FIELD_PAGE, 5, "ab", true);

    (void)state;
    collected_clear(&collected);
    for (size_t i = 0; i < COLLECT_FIELDS_MAX + 3; i++)
        collected_add_span(&collected, &span);
    assert_int_equal(collected.fields_length, COLLECT_FIELDS_MAX);
    assert_int_equal(collected.fields_omitted, 3);

    collected_clear(&collected);
    span = span_of(1, BTAP_FIELD_DATA, 5, "abcd", true);
    span.bytes = block;
    span.length = sizeof(block);
    collected_add_span(&collected, &span);
    span = span_of(1, BTAP_FIELD_DATA, 6, "abcd", true);
    collected_add_span(&collected, &span);
    assert_int_equal(collected.fields[0].length, COLLECT_BYTES_MAX + 2);
    assert_int_equal(collected.fields[0].kept, COLLECT_BYTES_MAX);
}

/* What lies outside transactions is told in pieces, however long it goes on. */
static void another_transaction_is_not_accepted(void **state)
{
    static struct collected collected;
    static uint8_t block[COLLECT_BYTES_MAX];
    struct btap_span outside = span_of(0, BTAP_FIELD_SKIPPED, 5, "ab", true);
    const struct btap_span inside = span_of(1, BTAP_FIELD_ADDRESS, 6, "ab", true);

    (void)state;
    collected_clear(&collected);
    collected_add_span(&collected, &outside);
    assert_true(collected_accepts(&collected, &outside));
    assert_false(collected_accepts(&collected, &inside));
    outside.bytes = block;
    outside.length = sizeof(block) - 2;
    collected_add_span(&collected, &outside);
    assert_false(collected_accepts(&collected, &outside));
}

static void add_data(struct collect *collect, const struct btap_link *link, const char *bytes)
{
    const struct btap_data data = {
        .n = 1, .length = (uint32_t)strlen(bytes), .bytes = (const uint8_t *)bytes};

    collected_add_data(collect_link(collect, link), &data);
}

/* CRC-32 as zlib has it: CBF43926, its published check value, of "123456789"; 352441C2 of "abc" */
static void links_at_the_same_time_do_not_mix(void **state)
{
    struct collect collect;

    (void)state;
    collect_init(&collect);
    add_data(&collect, &serial_link, "1234");
    add_data(&collect, &can_link, "a");
    add_data(&collect, &serial_link, "56789");
    add_data(&collect, &can_link, "bc");
    assert_int_equal(collect_link(&collect, &serial_link)->crc32, 0xcbf43926);
    assert_int_equal(collect_link(&collect, &can_link)->crc32, 0x352441c2);
    collected_clear(collect_link(&collect, &serial_link));
    assert_false(collect_link(&collect, &serial_link)->has_crc32);
    assert_true(collect_link(&collect, &can_link)->has_crc32);
    collect_release(&collect);
}

/* A channel of the tap goes to another link: what it had is told as the first one's. */
static void what_a_link_left_is_not_the_next_ones(void **state)
{
    struct collect collect;
    struct collected *collected;
    struct btap_link place = serial_link;

    (void)state;
    collect_init(&collect);
    add_data(&collect, &place, "1234");
    place = can_link;
    collected = collect_link(&collect, &place);
    assert_true(btap_link_same(&collected->link, &serial_link));
    assert_true(collected->has_crc32);
    collected_start(collected, &place);
    assert_true(btap_link_same(&collected->link, &can_link));
    assert_false(collected->has_crc32);
    collect_release(&collect);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_are_decimal_or_hexadecimal),
        cmocka_unit_test(ranges_are_from_to_or_start_and_length),
        cmocka_unit_test(an_empty_filter_lets_all_through),
        cmocka_unit_test(a_filter_of_names_takes_lists),
        cmocka_unit_test(a_filter_of_addresses_wants_an_overlap),
        cmocka_unit_test(a_filter_of_links_takes_their_names),
        cmocka_unit_test(utf8_is_told_from_other_bytes),
        cmocka_unit_test(what_a_terminal_would_obey_is_escaped),
        cmocka_unit_test(a_line_is_cut_at_its_size),
        cmocka_unit_test(a_field_in_pieces_is_one_field),
        cmocka_unit_test(bytes_that_are_gone_are_counted),
        cmocka_unit_test(what_finds_no_room_is_counted),
        cmocka_unit_test(another_transaction_is_not_accepted),
        cmocka_unit_test(links_at_the_same_time_do_not_mix),
        cmocka_unit_test(what_a_link_left_is_not_the_next_ones),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
