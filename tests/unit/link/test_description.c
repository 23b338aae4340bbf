/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What an interface's description says of its records, written and read.
 */
#include <string.h>

#include "boottap/record.h"
#include "test.h"

static const struct {
    bool at_tool;
    uint32_t lacks;
    const char *words;
    const char *description;
} cases[] = {
    {false, 0, "ttyUSB0", "ttyUSB0"},
    {true, 0, "ttyUSB0", "boottap run: ttyUSB0"},
    {true, 0, "boottap run: ttyUSB0", "boottap run: ttyUSB0"},
    {false, BTAP_LACKS_REPLIES, "a log", "boottap log: without replies: a log"},
    {false, BTAP_LACKS_TIMES | BTAP_LACKS_REPLIES, "a log",
     "boottap log: without replies, times: a log"},
    {true, BTAP_LACKS_DATA | BTAP_LACKS_POLL_TIMES, "x",
     "boottap run: without poll times, data: x"},
    {false, BTAP_LACKS_ALL, "", "boottap log: without replies, times, poll times, data: "},
};

static void a_description_comes_back(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct btap_record record = {0};
        char text[BTAP_DESCRIPTION_SIZE];

        assert_string_equal(btap_interface_description(cases[i].at_tool, cases[i].lacks,
                                                       cases[i].words, text, sizeof(text)),
                            cases[i].description);
        btap_record_description(&record, text, strlen(text));
        assert_int_equal(record.at_tool, cases[i].at_tool);
        assert_int_equal(record.lacks, cases[i].lacks);
        assert_string_equal(btap_interface_description(cases[i].at_tool, cases[i].lacks,
                                                       cases[i].description, text, sizeof(text)),
                            cases[i].description);
    }
}

/* Words of others, and what a later version may write. */
static void what_it_does_not_know_says_nothing(void **state)
{
    static const char *const texts[] = {"", "without replies: a log", "boottap log",
                                        "boottap log: without replies",
                                        "boottap log: without smells: a log"};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(texts); i++) {
        struct btap_record record = {0};

        btap_record_description(&record, texts[i], strlen(texts[i]));
        assert_int_equal(record.lacks, 0);
        assert_false(record.at_tool);
    }
}

static void what_a_later_version_adds_is_passed_over(void **state)
{
    static const char text[] = "boottap log: without smells, times, light and sound: a log";
    struct btap_record record = {0};

    (void)state;
    btap_record_description(&record, text, strlen(text));
    assert_int_equal(record.lacks, BTAP_LACKS_TIMES);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_description_comes_back),
        cmocka_unit_test(what_a_later_version_adds_is_passed_over),
        cmocka_unit_test(what_it_does_not_know_says_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
