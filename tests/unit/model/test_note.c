/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What holds for every note of every list.
 */
#include "boottap/note.h"

#include <stdio.h>
#include <string.h>

#include "test.h"
#include "words.h"

static const char *const texts[] = {
#define BTAP_NOTE_DEF(id, name, severity, text) [BTAP_NOTE_##id] = text,
#include "boottap/notes_dfu.def"
#include "boottap/notes_fdcan.def"
#include "boottap/notes_link.def"
#include "boottap/notes_usart.def"
#undef BTAP_NOTE_DEF
};

static void names_are_unique_and_kebab_case(void **state)
{
    (void)state;
    for (size_t i = 0; i < BTAP_NOTE_COUNT; i++) {
        assert_true(is_kebab_case(btap_note_name((enum btap_note_id)i)));
        for (size_t j = 0; j < i; j++)
            assert_string_not_equal(btap_note_name((enum btap_note_id)i),
                                    btap_note_name((enum btap_note_id)j));
    }
    assert_string_equal(btap_note_name(BTAP_NOTE_COUNT), "unknown");
}

static void texts_take_up_to_three_unsigned_values(void **state)
{
    (void)state;
    for (size_t i = 0; i < BTAP_NOTE_COUNT; i++)
        assert_in_range(conversions(texts[i]), 0, BTAP_NOTE_ARGS);
}

static void texts_are_short_plain_and_without_full_stop(void **state)
{
    (void)state;
    for (size_t i = 0; i < BTAP_NOTE_COUNT; i++) {
        const size_t length = strlen(texts[i]);

        assert_in_range(length, 10, 160);
        assert_int_not_equal(texts[i][length - 1], '.');
        assert_int_not_equal(texts[i][length - 1], ' ');
        assert_null(strchr(texts[i], '\n'));
        for (size_t j = 0; j < length; j++)
            assert_in_range(texts[i][j], 0x20, 0x7e);
    }
}

static void every_text_fits_with_the_largest_values(void **state)
{
    char text[BTAP_NOTE_TEXT_SIZE];

    (void)state;
    for (size_t i = 0; i < BTAP_NOTE_COUNT; i++) {
        const struct btap_note note = {
            .id = (enum btap_note_id)i,
            .arg = {UINT32_MAX, UINT32_MAX, UINT32_MAX},
        };

        assert_ptr_equal(btap_note_text(&note, text, sizeof(text)), text);
        assert_true(strlen(text) < sizeof(text) - 1);
        /* Names of values may follow. */
        assert_int_equal(strchr(texts[i], '%') == NULL,
                         strncmp(text, texts[i], strlen(texts[i])) == 0);
    }
}

static void values_stand_in_their_order(void **state)
{
    const struct btap_note note = {.id = BTAP_NOTE_TRUNCATED, .arg = {40, 64, 0}};
    char text[BTAP_NOTE_TEXT_SIZE];

    (void)state;
    assert_string_equal(btap_note_text(&note, text, sizeof(text)),
                        "the record holds 40 of 64 bytes, the rest was not recorded");
    assert_string_equal(btap_note_name(BTAP_NOTE_TRUNCATED), "truncated-packet");
    assert_int_equal(btap_note_severity(BTAP_NOTE_TRUNCATED), BTAP_WARN);
    assert_string_equal(btap_note_text(&note, text, 11), "the record");
}

static void assert_text(enum btap_note_id id, uint32_t value, const char *expected)
{
    const struct btap_note note = {.id = id, .arg = {value}};
    char text[BTAP_NOTE_TEXT_SIZE];
    char cut[8];

    assert_string_equal(btap_note_text(&note, text, sizeof(text)), expected);
    btap_note_text(&note, cut, sizeof(cut));
    assert_int_equal(strlen(cut), sizeof(cut) - 1);
    assert_int_equal(strncmp(cut, expected, sizeof(cut) - 1), 0);
}

/* Classes as linux/can/error.h has them; errno 121 is EREMOTEIO, 200 nobody's; 0xC0000011 is a USBD
 * status. */
static void values_have_names(void **state)
{
    (void)state;
    assert_text(BTAP_NOTE_CAN_ERROR, 0x2, "error on the bus: lost arbitration");
    assert_text(BTAP_NOTE_CAN_ERROR, 0x88, "error on the bus: protocol violation, bus error");
    assert_text(BTAP_NOTE_CAN_ERROR, 0x401, "error on the bus: transmit time-out, classes 0x400");
    assert_text(BTAP_NOTE_CAN_ERROR, 0x8000, "error on the bus: classes 0x8000");
    assert_text(BTAP_NOTE_TRANSFER_FAILED, 0xffffff87,
                "the transfer failed with status -121 (EREMOTEIO)");
    assert_text(BTAP_NOTE_TRANSFER_FAILED, 0xffffff38, "the transfer failed with status -200");
    assert_text(BTAP_NOTE_TRANSFER_FAILED, 0xc0000011,
                "the transfer failed with status 0xc0000011");
    assert_text(BTAP_NOTE_BYTES_LOST, 0, "bytes are missing from the capture here");
    assert_text(BTAP_NOTE_BYTES_LOST, 12, "bytes are missing from the capture here: 12");
}

/* Documentation/driver-api/usb/error-codes.rst and the numbers of errno.h on Linux */
static void every_status_of_linux_has_its_name(void **state)
{
    static const struct {
        unsigned number;
        const char *name;
    } errors[] = {
        {2, "ENOENT"},      {18, "EXDEV"},      {19, "ENODEV"},      {32, "EPIPE"},
        {62, "ETIME"},      {63, "ENOSR"},      {70, "ECOMM"},       {71, "EPROTO"},
        {75, "EOVERFLOW"},  {84, "EILSEQ"},     {104, "ECONNRESET"}, {108, "ESHUTDOWN"},
        {110, "ETIMEDOUT"}, {121, "EREMOTEIO"},
    };
    char expected[BTAP_NOTE_TEXT_SIZE];

    (void)state;
    for (size_t i = 0; i < COUNT_OF(errors); i++) {
        snprintf(expected, sizeof(expected), "the transfer failed with status -%u (%s)",
                 errors[i].number, errors[i].name);
        assert_text(BTAP_NOTE_TRANSFER_FAILED, 0 - errors[i].number, expected);
    }
    /* The kernel's errno numbers end at 4095. */
    assert_text(BTAP_NOTE_TRANSFER_FAILED, 0xfffff001, "the transfer failed with status -4095");
    assert_text(BTAP_NOTE_TRANSFER_FAILED, 0xfffff000,
                "the transfer failed with status 0xfffff000");
}

/* linux/can/error.h */
static void every_class_of_error_frames_has_its_name(void **state)
{
    static const char *const classes[] = {
        "transmit time-out",
        "lost arbitration",
        "controller problem",
        "protocol violation",
        "transceiver status",
        "no acknowledge",
        "bus off",
        "bus error",
        "controller restarted",
        "error counters",
    };
    char expected[BTAP_NOTE_TEXT_SIZE];

    (void)state;
    for (size_t i = 0; i < COUNT_OF(classes); i++) {
        snprintf(expected, sizeof(expected), "error on the bus: %s", classes[i]);
        assert_text(BTAP_NOTE_CAN_ERROR, 1u << i, expected);
    }
    assert_text(BTAP_NOTE_CAN_ERROR, 0, "error on the bus");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_are_unique_and_kebab_case),
        cmocka_unit_test(texts_take_up_to_three_unsigned_values),
        cmocka_unit_test(texts_are_short_plain_and_without_full_stop),
        cmocka_unit_test(every_text_fits_with_the_largest_values),
        cmocka_unit_test(values_have_names),
        cmocka_unit_test(every_status_of_linux_has_its_name),
        cmocka_unit_test(every_class_of_error_frames_has_its_name),
        cmocka_unit_test(values_stand_in_their_order),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
