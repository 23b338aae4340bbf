/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What holds for every note of every list.
 */
#include "boottap/note.h"

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
        assert_int_equal(strchr(texts[i], '%') == NULL, strcmp(text, texts[i]) == 0);
    }
}

static void values_stand_in_their_order(void **state)
{
    const struct btap_note note = {.id = BTAP_NOTE_TRUNCATED, .arg = {40, 64, 0}};
    char text[BTAP_NOTE_TEXT_SIZE];

    (void)state;
    assert_string_equal(btap_note_text(&note, text, sizeof(text)),
                        "the record holds 40 of 64 bytes, the snapshot length cut the rest");
    assert_string_equal(btap_note_name(BTAP_NOTE_TRUNCATED), "truncated-packet");
    assert_int_equal(btap_note_severity(BTAP_NOTE_TRUNCATED), BTAP_WARN);
    assert_string_equal(btap_note_text(&note, text, 11), "the record");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_are_unique_and_kebab_case),
        cmocka_unit_test(texts_take_up_to_three_unsigned_values),
        cmocka_unit_test(texts_are_short_plain_and_without_full_stop),
        cmocka_unit_test(every_text_fits_with_the_largest_values),
        cmocka_unit_test(values_stand_in_their_order),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
