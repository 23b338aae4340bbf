/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * JSON that is written while it is made: commas and brackets, pieces across the end of the buffer.
 */
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "test.h"

/** What is written into memory. */
struct page {
    FILE *file;
    char *text;
    size_t length;
};

static void open_page(struct page *page)
{
    page->file = open_memstream(&page->text, &page->length);
    assert_non_null(page->file);
}

static void assert_page(struct page *page, const char *expected)
{
    assert_int_equal(fclose(page->file), 0);
    assert_string_equal(page->text, expected);
    free(page->text);
}

static void commas_stand_between_members_and_entries(void **state)
{
    struct page page;
    struct json json;

    (void)state;
    open_page(&page);
    json_begin(&json, page.file, "t");
    json_open_list(&json, "empty");
    json_close_list(&json);
    json_open_list(&json, "list");
    json_add_number(&json, NULL, UINT64_MAX);
    json_open_object(&json, NULL);
    json_close_object(&json);
    json_open_object(&json, NULL);
    json_add_boolean(&json, "a", true);
    json_add_boolean(&json, "b", false);
    json_close_object(&json);
    json_add_text(&json, NULL, "");
    json_close_list(&json);
    json_add_number(&json, "last", 0);
    json_end(&json);
    assert_page(&page, "{\"type\":\"t\",\"v\":1,\"empty\":[],\"list\":[18446744073709551615,{},"
                       "{\"a\":true,\"b\":false},\"\"],\"last\":0}\n");
}

static void times_keep_sign_and_zeros(void **state)
{
    struct page page;
    struct json json;

    (void)state;
    open_page(&page);
    json_begin(&json, page.file, "t");
    json_add_time(&json, INT64_MIN, 9);
    json_add_seconds(&json, "a", -1000, 6);
    json_add_seconds(&json, "b", 1000000999, 6);
    json_add_milliseconds(&json, "c", 7005000);
    json_end(&json);
    assert_page(&page, "{\"type\":\"t\",\"v\":1,\"time\":-9223372036.854775808,"
                       "\"time_ns\":-9223372036854775808,\"a\":-0.000001,\"b\":1.000000,"
                       "\"c\":7.005}\n");
}

/* Wherever in the buffer a piece begins, it is whole: every place of its end is tried. */
static void pieces_are_whole_at_the_end_of_the_buffer(void **state)
{
    static char text[JSON_BUFFER_SIZE + 1];
    static char expected[JSON_BUFFER_SIZE + 200];
    static const uint8_t bytes[30] = {0x12, 0xab};

    (void)state;
    for (size_t length = JSON_BUFFER_SIZE - 200; length < JSON_BUFFER_SIZE; length++) {
        struct page page;
        struct json json;

        memset(text, 'x', length);
        text[length] = '\0';
        snprintf(
            expected, sizeof(expected),
            "{\"type\":\"t\",\"v\":1,\"k\":\"%s\",\"e\":\"\\\"\\u001b\\ud83f\\udffe\xef\xbf\xbd"
            "\",\"s\":-5.000000042,\"h\":\"12ab"
            "00000000000000000000000000000000000000000000000000000000\"}\n",
            text);
        open_page(&page);
        json_begin(&json, page.file, "t");
        json_add_text(&json, "k", text);
        json_add_text(&json, "e", "\"\033\xf0\x9f\xbf\xbe\xff");
        json_add_seconds(&json, "s", -5000000042, 9);
        json_add_hex(&json, "h", bytes, sizeof(bytes));
        json_end(&json);
        assert_page(&page, expected);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(commas_stand_between_members_and_entries),
        cmocka_unit_test(times_keep_sign_and_zeros),
        cmocka_unit_test(pieces_are_whole_at_the_end_of_the_buffer),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
