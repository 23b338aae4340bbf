/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What a report is made of: escaping, words, the timeline, the memory, the list.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/html.h"
#include "report/list.h"
#include "report/memory.h"
#include "report/part.h"
#include "report/timeline.h"
#include "test.h"

#define MS 1000000

/** A string that a test writes to. */
struct text {
    FILE *to;
    char *words;
    size_t length;
};

/** The stream keeps the text's address: it must stay where it is. */
static void open_text(struct text *text)
{
    text->to = open_memstream(&text->words, &text->length);
    assert_non_null(text->to);
}

static void assert_text(struct text *text, const char *expected)
{
    assert_int_equal(fclose(text->to), 0);
    assert_string_equal(text->words, expected);
    free(text->words);
}

/* HTML 13.1.2.4 and 13.1.3: these five end or begin something in text and quoted attributes.
   RFC 3629: C3 A9 is e acute, FF occurs nowhere, E2 82 breaks off. U+202E (E2 80 AE) turns the
   direction of what follows, U+0085 (C2 85) is a control character. */
static void text_from_outside_stays_text(void **state)
{
    /* As bytes, so that nobody's editor is turned. */
    static const char turned[] = {'\xe2', '\x80', '\xae', 'g', 'n', 'p', '.', 'e', 'x', 'e', 0};
    static const char isolated[] = {'\xe2', '\x81', '\xa6', '\xc2', '\x85', '\xd8', '\x9c', 0};
    const struct {
        const char *text;
        const char *expected;
    } cases[] = {
        {"plain 0x08000000", "plain 0x08000000"},
        {"<script>alert('x')</script>", "&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;"},
        {"\" onload=\"x", "&quot; onload=&quot;x"},
        {"&lt;", "&amp;lt;"},
        {"a\x01\x1b[31m\x7f\n", "a\\x01\\x1b[31m\\x7f\\x0a"},
        {"caf\xc3\xa9", "caf\xc3\xa9"},
        {"\xff<", "\xef\xbf\xbd&lt;"},
        {"\xe2\x82<b>", "\xef\xbf\xbd\xef\xbf\xbd&lt;b&gt;"},
        {turned, "\\u202egnp.exe"},
        {isolated, "\\u2066\\u0085\\u061c"},
        {"\xf0\x9f\x98\x80", "\xf0\x9f\x98\x80"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct text text;

        open_text(&text);
        html_text(text.to, cases[i].text);
        assert_text(&text, cases[i].expected);
    }
}

static void markup_stands_in_the_format_only(void **state)
{
    struct text text;

    (void)state;
    open_text(&text);
    html_print(text.to, "<a href=\"#s%u\" width=\"%.3f%%\">%s</a>", 7u, 12.5, "<b>");
    html_print(text.to, "0x%08" PRIx32 " %" PRIu64 " %02X", (uint32_t)0x8000400, UINT64_MAX, 0xau);
    assert_text(&text, "<a href=\"#s7\" width=\"12.500%\">&lt;b&gt;</a>"
                       "0x08000400 18446744073709551615 0A");
}

static void sizes_times_and_counts_in_words(void **state)
{
    static const struct {
        uint64_t bytes;
        const char *expected;
    } sizes[] = {
        {0, "0" HTML_SPACE "bytes"},       {1, "1" HTML_SPACE "byte"},
        {904, "904" HTML_SPACE "bytes"},   {1024, "1" HTML_SPACE "KiB"},
        {20480, "20" HTML_SPACE "KiB"},    {5000, "4.9" HTML_SPACE "KiB"},
        {1572864, "1.5" HTML_SPACE "MiB"}, {4294967296, "4" HTML_SPACE "GiB"},
    };
    static const struct {
        btap_ns time;
        const char *expected;
    } times[] = {
        {0, "0" HTML_SPACE "s"},
        {177000, "177" HTML_SPACE "\xc2\xb5s"},
        {74700000, "74.7" HTML_SPACE "ms"},
        {699373000, "699" HTML_SPACE "ms"},
        {1200000000, "1.20" HTML_SPACE "s"},
        {35000000000, "35.0" HTML_SPACE "s"},
        {125000000000, "2" HTML_SPACE "min" HTML_SPACE "05" HTML_SPACE "s"},
        {7199000000000, "119" HTML_SPACE "min" HTML_SPACE "59" HTML_SPACE "s"},
        {30850249000000, "8" HTML_SPACE "h" HTML_SPACE "34" HTML_SPACE "min"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(sizes); i++)
        assert_string_equal(words_bytes(sizes[i].bytes).text, sizes[i].expected);
    for (size_t i = 0; i < COUNT_OF(times); i++)
        assert_string_equal(words_duration(times[i].time).text, times[i].expected);
    assert_string_equal(words_count(1055).text, "1055");
    assert_string_equal(words_count(12345).text, "12\xe2\x80\xaf"
                                                 "345");
    assert_string_equal(words_count(UINT64_MAX).text, "18\xe2\x80\xaf"
                                                      "446\xe2\x80\xaf"
                                                      "744\xe2\x80\xaf"
                                                      "073\xe2\x80\xaf"
                                                      "709\xe2\x80\xaf"
                                                      "551\xe2\x80\xaf"
                                                      "615");
    /* 1436509052 s is 2015-07-10 06:17:32 UTC, as date -u -d @1436509052 says. */
    assert_string_equal(words_moment(1436509052249713000).text,
                        "2015-07-10" HTML_SPACE "06:17:32" HTML_SPACE "UTC");
}

/** A write of 256 bytes, the index-th of one every 10 ms that takes 8. */
static struct timeline_span write_span(uint32_t index)
{
    return (struct timeline_span){
        .activity = ACTIVITY_WRITE,
        .addressed = true,
        .range = {0x08000000 + 256 * index, 0x080000ff + 256 * index},
        .start = (btap_ns)index * 10 * MS,
        .end = (btap_ns)index * 10 * MS + 8 * MS,
        .busy = 1 * MS,
        .count = 1,
        .n = index + 1,
    };
}

static void a_short_session_keeps_every_command(void **state)
{
    struct timeline *timeline = calloc(1, sizeof(*timeline));

    (void)state;
    assert_non_null(timeline);
    for (uint32_t i = 0; i < 5; i++) {
        const struct timeline_span span = write_span(i);

        timeline_add(timeline, &span);
    }
    assert_int_equal(timeline->length, 5);
    assert_int_equal(timeline->spans[4].n, 5);
    assert_int_equal(timeline->counts[ACTIVITY_WRITE], 5);
    assert_int_equal(timeline->times[ACTIVITY_WRITE], 40 * MS);
    assert_int_equal(timeline->busy, 5 * MS);
    /* 0 to 48 ms, four pauses of 2 ms */
    assert_int_equal(timeline_idle(timeline), 8 * MS);
    timeline_release(timeline);
    free(timeline);
}

/* 100 000 writes, every 1000th of which fails: nothing is lost but the borders between them. */
static void a_long_session_is_joined_and_stays_bounded(void **state)
{
    struct timeline *timeline = calloc(1, sizeof(*timeline));
    uint64_t sound = 0;
    uint64_t failed = 0;
    uint32_t last = 0;

    (void)state;
    assert_non_null(timeline);
    for (uint32_t i = 0; i < 100000; i++) {
        struct timeline_span span = write_span(i);

        span.failed = i % 1000 == 999;
        timeline_add(timeline, &span);
    }
    assert_in_range(timeline->length, 100, TIMELINE_SPANS_MAX);
    for (uint32_t i = 0; i < timeline->length; i++) {
        const struct timeline_span *span = &timeline->spans[i];

        *(span->failed ? &failed : &sound) += span->count;
        if (span->range.last > last)
            last = span->range.last;
    }
    assert_int_equal(sound, 99900);
    assert_int_equal(failed, 100);
    assert_int_equal(last, 0x08000000 + 256 * 100000 - 1);
    assert_int_equal(timeline->times[ACTIVITY_WRITE], (btap_ns)800000 * MS);
    timeline_release(timeline);
    free(timeline);
}

/** Whether any span stands for writes that do not follow each other, of 100 000. */
static bool any_scattered(uint32_t blocks)
{
    struct timeline *timeline = calloc(1, sizeof(*timeline));
    bool scattered = false;

    assert_non_null(timeline);
    for (uint32_t i = 0; i < 100000; i++) {
        struct timeline_span span = write_span(i);

        span.range = write_span(i % blocks).range;
        timeline_add(timeline, &span);
    }
    for (uint32_t i = 0; i < timeline->length; i++)
        scattered |= timeline->spans[i].scattered;
    timeline_release(timeline);
    free(timeline);
    return scattered;
}

/* 4 KiB again and again, 6250 times, are no line from the first address to the last; 391 times 64
 * KiB are a line each. */
static void what_goes_round_is_no_line(void **state)
{
    (void)state;
    assert_true(any_scattered(16));
    assert_false(any_scattered(256));
    assert_false(any_scattered(100000));
}

/* Times at both ends of what a capture can hold, in no order, nothing follows anything. */
static void absurd_times_stay_bounded(void **state)
{
    struct timeline *timeline = calloc(1, sizeof(*timeline));

    (void)state;
    assert_non_null(timeline);
    for (uint32_t i = 0; i < 10000; i++) {
        struct timeline_span span = write_span(0);

        span.activity = (enum activity)(i % ACTIVITY_COUNT);
        span.failed = i % 2 == 0;
        span.start = i % 3 == 0 ? 0 : (INT64_MAX / 3) * (i % 3);
        span.end = i % 3 == 0 ? INT64_MAX : span.start;
        span.range.first = i * 7919;
        span.range.last = span.range.first;
        timeline_add(timeline, &span);
    }
    assert_in_range(timeline->length, 1, TIMELINE_SPANS_MAX);
    assert_int_equal(timeline->times[0], INT64_MAX);
    timeline_release(timeline);
    free(timeline);
}

static void ranges_that_touch_become_one(void **state)
{
    struct ranges ranges = {0};

    (void)state;
    ranges_add(&ranges, (struct btap_range){0x1000, 0x1fff});
    ranges_add(&ranges, (struct btap_range){0x3000, 0x3fff});
    ranges_add(&ranges, (struct btap_range){0, 0xff});
    assert_int_equal(ranges.length, 3);
    assert_int_equal(ranges_cover(&ranges, (struct btap_range){0x80, 0x1000}), 0x80 + 1);
    ranges_add(&ranges, (struct btap_range){0x2000, 0x2fff});
    assert_int_equal(ranges.length, 2);
    assert_int_equal(ranges.list[1].first, 0x1000);
    assert_int_equal(ranges.list[1].last, 0x3fff);
    ranges_add(&ranges, (struct btap_range){0xfffffff0, UINT32_MAX});
    ranges_add(&ranges, (struct btap_range){0x10, UINT32_MAX});
    assert_int_equal(ranges.length, 1);
    assert_int_equal(ranges_size(&ranges), 4294967296);
    ranges_release(&ranges);
}

static void read_back(struct image *image, uint32_t address, const uint8_t *bytes, uint32_t length)
{
    struct btap_verification unused = {0};

    image_read_back(image, address, bytes, length, 1, &unused);
}

static struct memory_count count_at(const struct memory *memory, uint32_t first, uint32_t last)
{
    return memory_count(memory, (struct btap_range){first, last});
}

/* 6 bytes across the border of two kept pages, at 0x080003fd; 5 of them read back, one other. */
static void memory_knows_what_was_read_back(void **state)
{
    static const uint8_t written[6] = {1, 2, 3, 4, 5, 6};
    static const uint8_t read[5] = {1, 2, 3, 9, 5};
    size_t room = REPORT_PAGES_MAX;
    struct image image = {.room = &room};
    struct memory memory = {.image = &image};
    struct memory_count count;

    (void)state;
    image_erase(&image, &(struct btap_range){0x08000000, 0x080007ff});
    image_write(&image, 0x080003fd, written, sizeof(written));
    count = count_at(&memory, 0, UINT32_MAX);
    assert_int_equal(count.erased, 2048);
    assert_int_equal(count.written, 6);
    assert_int_equal(count.verified, 0);
    read_back(&image, 0x080003fd, read, sizeof(read));
    count = count_at(&memory, 0x08000000, 0x08000fff);
    assert_int_equal(count.verified, 4);
    assert_int_equal(count.differs, 1);
    count = count_at(&memory, 0x08000400, 0x08000400);
    assert_int_equal(count.differs, 1);
    /* Written again, and read again */
    image_write(&image, 0x08000400, read + 3, 1);
    read_back(&image, 0x080003fd, read, sizeof(read));
    count = count_at(&memory, 0, UINT32_MAX);
    assert_int_equal(count.verified, 5);
    assert_int_equal(count.differs, 0);
    image_release(&image);
    memory_release(&memory);
}

static void an_erase_takes_back_what_was_written(void **state)
{
    static const uint8_t bytes[8] = {0};
    size_t room = REPORT_PAGES_MAX;
    struct image image = {.room = &room};
    struct memory memory = {.image = &image};
    struct ranges touched;

    (void)state;
    image_write(&image, 0x08000000, bytes, 8);
    image_write(&image, 0x08000800, bytes, 8);
    image_erase(&image, &(struct btap_range){0x08000000, 0x080003ff});
    assert_int_equal(count_at(&memory, 0, UINT32_MAX).written, 8);
    touched = memory_touched(&memory, false);
    assert_int_equal(touched.length, 1);
    assert_int_equal(touched.list[0].first, 0x08000800);
    assert_int_equal(touched.list[0].last, 0x08000807);
    ranges_release(&touched);
    image_release(&image);
    memory_release(&memory);
}

/* The last 4 bytes there are: 8 do not fit. */
static void memory_ends_with_the_addresses(void **state)
{
    static const uint8_t bytes[8] = {0};
    size_t room = REPORT_PAGES_MAX;
    struct image image = {.room = &room};
    struct memory memory = {.image = &image};

    (void)state;
    image_write(&image, 0xfffffffc, bytes, 8);
    read_back(&image, 0xfffffffc, bytes, 8);
    assert_int_equal(count_at(&memory, 0, UINT32_MAX).verified, 4);
    image_release(&image);
    memory_release(&memory);
}

/* One page more than are kept: 1024 bytes each, 8192 pages. */
static void memory_is_bounded(void **state)
{
    static const uint8_t byte[1] = {0};
    size_t room = REPORT_PAGES_MAX;
    struct image image = {.room = &room};
    struct memory memory = {.image = &image};

    (void)state;
    for (uint32_t i = 0; i < 8193; i++)
        image_write(&image, i * 2048, byte, 1);
    assert_int_equal(image.unkept, 1);
    assert_int_equal(count_at(&memory, 0, UINT32_MAX).written, 8192);
    image_release(&image);
    memory_release(&memory);
}

/** Transactions of 256 bytes each. */
static void add_items(struct list *list, uint64_t from, uint64_t to, enum btap_command command,
                      enum btap_status status)
{
    struct btap_transaction *transaction = calloc(1, sizeof(*transaction));

    assert_non_null(transaction);
    transaction->command = command;
    transaction->status = status;
    transaction->has = BTAP_HAS_LENGTH;
    transaction->length = 256;
    for (uint64_t n = from; n <= to; n++) {
        transaction->n = n;
        list_add(list, transaction);
    }
    free(transaction);
}

/* 10 000 writes, of which the 5000th failed: 32 and 8 of the stretch before it, likewise after it.
   4999 - 40 and 5000 - 40 are counted. */
static void what_is_repeated_is_folded(void **state)
{
    struct list list = {0};

    (void)state;
    add_items(&list, 1, 4999, BTAP_WRITE_MEMORY, BTAP_OK);
    add_items(&list, 5000, 5000, BTAP_WRITE_MEMORY, BTAP_NACK);
    add_items(&list, 5001, 10000, BTAP_WRITE_MEMORY, BTAP_OK);
    list_finish(&list);
    assert_int_equal(list.added, 10000);
    assert_int_equal(list_length(&list), 81);
    assert_int_equal(list_item(&list, 31)->n, 32);
    assert_int_equal(list_item(&list, 32)->n, 4992);
    assert_int_equal(list_item(&list, 32)->before->count, 4959);
    assert_int_equal(list_item(&list, 32)->before->failed, 0);
    assert_int_equal(list_item(&list, 32)->before->kinds_length, 1);
    assert_int_equal(list_item(&list, 32)->before->kinds[0].shortest, 256);
    assert_int_equal(list_item(&list, 32)->before->kinds[0].longest, 256);
    assert_int_equal(list_item(&list, 40)->n, 5000);
    assert_null(list_item(&list, 40)->before);
    assert_int_equal(list_item(&list, 73)->before->count, 4960);
    assert_int_equal(list_item(&list, 80)->n, 10000);
    list_release(&list);
}

/* Alternating, as with dfu-util: both kinds are counted. 5 kinds are one too many. */
static void a_gap_tells_kinds_apart(void **state)
{
    static const enum btap_command commands[] = {BTAP_WRITE_MEMORY, BTAP_READ_MEMORY, BTAP_GET,
                                                 BTAP_GET_ID, BTAP_GET_VERSION};
    struct list list = {0};
    const struct list_gap *gap;

    (void)state;
    for (uint64_t n = 1; n <= 540; n++)
        add_items(&list, n, n, commands[n % 5], BTAP_OK);
    list_finish(&list);
    assert_int_equal(list_length(&list), 40);
    gap = list_item(&list, 32)->before;
    assert_int_equal(gap->count, 500);
    assert_int_equal(gap->kinds_length, 4);
    for (unsigned i = 0; i < 4; i++)
        assert_int_equal(gap->kinds[i].count, 100);
    list_release(&list);
}

/* 120 and 120 are kept of 5000, the rest is counted before the first of the last. */
static void a_list_of_failures_is_bounded(void **state)
{
    struct list list = {0};

    (void)state;
    add_items(&list, 1, 5000, BTAP_WRITE_MEMORY, BTAP_NACK);
    list_finish(&list);
    assert_int_equal(list_length(&list), 240);
    assert_int_equal(list_item(&list, 119)->n, 120);
    assert_int_equal(list_item(&list, 120)->n, 4881);
    assert_int_equal(list_item(&list, 120)->before->count, 4760);
    assert_int_equal(list_item(&list, 120)->before->failed, 4760);
    list_release(&list);
}

/** Items and what is left out before them, together. */
static uint64_t told(const struct list *list)
{
    uint64_t count = list_length(list);

    for (size_t i = 0; i < list_length(list); i++)
        if (list_item(list, i)->before != NULL)
            count += list_item(list, i)->before->count;
    return count;
}

/* A row takes at least 260 bytes: 5000 hold at most 19, and the last one in any case. */
static void a_list_is_cut_to_its_room(void **state)
{
    struct list list = {0};
    bool failure = false;

    (void)state;
    add_items(&list, 1, 100, BTAP_WRITE_MEMORY, BTAP_OK);
    add_items(&list, 101, 101, BTAP_WRITE_MEMORY, BTAP_NACK);
    add_items(&list, 102, 200, BTAP_WRITE_MEMORY, BTAP_OK);
    list_finish(&list);
    assert_int_equal(told(&list), 200);
    list_fit(&list, 5000);
    assert_in_range(list_length(&list), 5, 20);
    assert_int_equal(told(&list), 200);
    assert_int_equal(list_item(&list, 0)->n, 1);
    assert_int_equal(list_item(&list, list_length(&list) - 1)->n, 200);
    for (size_t i = 0; i < list_length(&list); i++)
        failure |= list_item(&list, i)->n == 101;
    assert_true(failure);
    list_fit(&list, 0);
    assert_int_equal(list_length(&list), 1);
    assert_int_equal(told(&list), 200);
    list_release(&list);
}

/* 1000 spans that nothing joins but nearness: at most as many as asked for, and none is lost. */
static void a_timeline_is_cut_to_its_room(void **state)
{
    struct timeline *timeline = calloc(1, sizeof(*timeline));
    uint64_t count = 0;

    (void)state;
    assert_non_null(timeline);
    for (uint32_t i = 0; i < 1000; i++) {
        struct timeline_span span = write_span(i);

        span.activity = (enum activity)(i % ACTIVITY_COUNT);
        timeline_add(timeline, &span);
    }
    assert_int_equal(timeline->length, 1000);
    timeline_reduce(timeline, 24);
    assert_in_range(timeline->length, ACTIVITY_COUNT, 24);
    for (uint32_t i = 0; i < timeline->length; i++)
        count += timeline->spans[i].count;
    assert_int_equal(count, 1000);
    /* No fewer than one a lane */
    timeline_reduce(timeline, 1);
    assert_int_equal(timeline->length, ACTIVITY_COUNT);
    timeline_release(timeline);
    free(timeline);
}

/* A number stays with its unit; other spaces are left alone. */
static void a_number_and_its_unit_stand_together(void **state)
{
    (void)state;
    assert_string_equal(part_text("Write Memory 0x08000400 256 bytes, 5 % in 2 s").text,
                        "Write Memory 0x08000400 256" HTML_SPACE "bytes, 5" HTML_SPACE
                        "% in 2" HTML_SPACE "s");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_from_outside_stays_text),
        cmocka_unit_test(markup_stands_in_the_format_only),
        cmocka_unit_test(sizes_times_and_counts_in_words),
        cmocka_unit_test(a_short_session_keeps_every_command),
        cmocka_unit_test(a_long_session_is_joined_and_stays_bounded),
        cmocka_unit_test(what_goes_round_is_no_line),
        cmocka_unit_test(absurd_times_stay_bounded),
        cmocka_unit_test(ranges_that_touch_become_one),
        cmocka_unit_test(memory_knows_what_was_read_back),
        cmocka_unit_test(an_erase_takes_back_what_was_written),
        cmocka_unit_test(memory_ends_with_the_addresses),
        cmocka_unit_test(memory_is_bounded),
        cmocka_unit_test(what_is_repeated_is_folded),
        cmocka_unit_test(a_gap_tells_kinds_apart),
        cmocka_unit_test(a_list_of_failures_is_bounded),
        cmocka_unit_test(a_list_is_cut_to_its_room),
        cmocka_unit_test(a_timeline_is_cut_to_its_room),
        cmocka_unit_test(a_number_and_its_unit_stand_together),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
