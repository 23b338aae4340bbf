/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The comment of a STATUS_CHANGE record, as docs/recording.md has it.
 */
#include <stdlib.h>
#include <string.h>

#include "link/link.h"
#include "test.h"

static const struct {
    const char *text;
    struct btap_serial_settings settings;
} comments[] = {
    {"boottap serial: 115200 8E1", {115200, 8, BTAP_PARITY_EVEN, 2}},
    {"boottap serial: 9600 8N1", {9600, 8, BTAP_PARITY_NONE, 2}},
    {"boottap serial: 57600 7O2", {57600, 7, BTAP_PARITY_ODD, 4}},
    {"boottap serial: 4294967295 5M1.5", {4294967295, 5, BTAP_PARITY_MARK, 3}},
    {"boottap serial: 1 9S?", {1, 9, BTAP_PARITY_SPACE, 0}},
    {"boottap serial: ? ???", {0, 0, BTAP_PARITY_UNKNOWN, 0}},
};

static void settings_are_written(void **state)
{
    char text[BTAP_SERIAL_COMMENT_SIZE];

    (void)state;
    for (size_t i = 0; i < COUNT_OF(comments); i++)
        assert_string_equal(btap_serial_comment(&comments[i].settings, text, sizeof(text)),
                            comments[i].text);
}

/** Reads from memory that ends where the text does. */
static bool parse(const char *text, size_t length, struct btap_serial_settings *settings)
{
    char *copy = malloc(length > 0 ? length : 1);
    bool parsed;

    assert_non_null(copy);
    memcpy(copy, text, length);
    parsed = link_parse_serial_comment(copy, (uint32_t)length, settings);
    free(copy);
    return parsed;
}

static void settings_are_read(void **state)
{
    struct btap_serial_settings settings;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(comments); i++) {
        assert_true(parse(comments[i].text, strlen(comments[i].text), &settings));
        assert_int_equal(settings.baud, comments[i].settings.baud);
        assert_int_equal(settings.data_bits, comments[i].settings.data_bits);
        assert_int_equal(settings.parity, comments[i].settings.parity);
        assert_int_equal(settings.half_stop_bits, comments[i].settings.half_stop_bits);
    }
}

static void words_of_a_tool_are_read(void **state)
{
    enum btap_serial_event_kind kind;

    (void)state;
    assert_true(link_parse_serial_word("boottap serial: the tool waited in vain", 39, &kind));
    assert_int_equal(kind, BTAP_SERIAL_TIMEOUT);
    assert_true(link_parse_serial_word("boottap serial: a command begins", 32, &kind));
    assert_int_equal(kind, BTAP_SERIAL_COMMAND);
    assert_false(link_parse_serial_word("boottap serial: a command begins", 31, &kind));
    assert_false(link_parse_serial_word("boottap serial: 115200 8E1", 26, &kind));
    assert_false(link_parse_serial_word(NULL, 0, &kind));
}

static void other_comments_are_none(void **state)
{
    static const char *const others[] = {
        "",
        "115200 8E1",
        "Boottap serial: 115200 8E1",
        "boottap serial: ",
        "boottap serial: 8E1",
        "boottap serial: 115200",
        "boottap serial: 115200 ",
        "boottap serial: 115200  8E1",
        "boottap serial: 4294967296 8E1",
        "boottap serial: -1 8E1",
        "boottap serial: 115200 10E1",
        "boottap serial: 115200 8e1",
        "boottap serial: 115200 8E3",
        "boottap serial: 115200 8E1.",
        "boottap serial: 115200 8E1 ",
        "boottap serial: 115200 8E",
    };
    struct btap_serial_settings settings;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(others); i++)
        assert_false(parse(others[i], strlen(others[i]), &settings));
    /* Cut anywhere but before `.5`, it is none. */
    for (size_t length = 0; length < strlen(comments[3].text) - 2; length++)
        assert_false(parse(comments[3].text, length, &settings));
    assert_false(link_parse_serial_comment(NULL, 0, &settings));
}

static void take(struct btap_record *record, const char *comment)
{
    btap_record_comment(record, comment, (uint32_t)strlen(comment));
}

static void comments_that_say_something_are_taken(void **state)
{
    struct btap_record serial = {.linktype = BTAP_LINKTYPE_RTAC_SERIAL};
    struct btap_record usb = {.linktype = BTAP_LINKTYPE_USB_LINUX_MMAPPED};

    (void)state;
    take(&serial, "a comment of mine");
    take(&serial, "boottap serial:"); /* shorter than the form */
    take(&serial, "added by boottap: nothing that a serial line has");
    assert_null(serial.comment);
    assert_false(serial.added);
    take(&serial, "boottap serial: 9600 8N1");
    take(&serial, "boottap serial: 115200 8E1"); /* the first one counts */
    assert_int_equal(serial.comment_length, strlen("boottap serial: 9600 8N1"));
    assert_memory_equal(serial.comment, "boottap serial: 9600 8N1", serial.comment_length);
    take(&usb, "boottap serial: 9600 8N1");
    assert_null(usb.comment);
    assert_false(usb.added);
    take(&usb, "added by boottap from what the system knows");
    take(&usb, "a comment of mine");
    assert_true(usb.added);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(comments_that_say_something_are_taken),
        cmocka_unit_test(settings_are_written),
        cmocka_unit_test(settings_are_read),
        cmocka_unit_test(words_of_a_tool_are_read),
        cmocka_unit_test(other_comments_are_none),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
