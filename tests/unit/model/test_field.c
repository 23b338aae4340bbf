/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "boottap/sink.h"

#include <string.h>

#include "test.h"

static bool is_kebab_case(const char *name)
{
    return name[0] >= 'a' && name[0] <= 'z' && name[strlen(name) - 1] != '-' &&
           strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-") == strlen(name) &&
           strstr(name, "--") == NULL;
}

static void names_are_unique_and_kebab_case(void **state)
{
    (void)state;
    for (size_t i = 0; i < BTAP_FIELD_COUNT; i++) {
        assert_true(is_kebab_case(btap_field_name((enum btap_field)i)));
        assert_int_not_equal(btap_field_label((enum btap_field)i)[0], '\0');
        for (size_t j = 0; j < i; j++)
            assert_string_not_equal(btap_field_name((enum btap_field)i),
                                    btap_field_name((enum btap_field)j));
    }
    assert_string_equal(btap_field_name(BTAP_FIELD_COUNT), "unknown");
    assert_string_equal(btap_field_label(BTAP_FIELD_COUNT), "Unknown");
    assert_int_equal(btap_field_base(BTAP_FIELD_COUNT), BTAP_BASE_NONE);
}

/* ACK 0x79 and NACK 0x1F: AN3155 section 2; states and statuses: DFU 1.1 section 6.1.2;
   requests: DFU 1.1 table 3.2 */
static void values_are_in_words(void **state)
{
    static const struct {
        enum btap_transport transport;
        enum btap_field field;
        uint64_t value;
        const char *expected;
    } cases[] = {
        {BTAP_USART, BTAP_FIELD_ADDRESS, 0x08000400, "0x08000400"},
        {BTAP_USART, BTAP_FIELD_LENGTH, 256, "256"},
        {BTAP_USART, BTAP_FIELD_BYTE_COUNT, 255, "255 (256)"},
        {BTAP_USART, BTAP_FIELD_PAGES_LESS_1, 0, "0 (1)"},
        {BTAP_FDCAN, BTAP_FIELD_PAGE_COUNT, 10, "10"},
        {BTAP_USART, BTAP_FIELD_ANSWER, 0x79, "0x79 ACK"},
        {BTAP_USART, BTAP_FIELD_ANSWER, 0x1f, "0x1f NACK"},
        {BTAP_USART, BTAP_FIELD_ANSWER, 0x00, "0x00"},
        {BTAP_USART, BTAP_FIELD_OPCODE, 0x44, "0x44 Extended Erase"},
        {BTAP_FDCAN, BTAP_FIELD_OPCODE, 0x44, "0x44 Erase"},
        {BTAP_USART, BTAP_FIELD_OPCODE, 0x45, "0x45 Unknown command"},
        {BTAP_USART, BTAP_FIELD_VERSION, 0x31, "3.1"},
        {BTAP_USART, BTAP_FIELD_PID, 0x0413, "0x0413"},
        {BTAP_USART, BTAP_FIELD_CHECKSUM, 0x0c, "0x0c"},
        {BTAP_DFU, BTAP_FIELD_DFU_STATE, 4, "4 dfuDNBUSY"},
        {BTAP_DFU, BTAP_FIELD_DFU_STATE, 11, "11 unknown"},
        {BTAP_DFU, BTAP_FIELD_DFU_STATUS, 11, "11 errVENDOR"},
        {BTAP_DFU, BTAP_FIELD_REQUEST, 1, "1 DFU_DNLOAD"},
        {BTAP_DFU, BTAP_FIELD_REQUEST, 7, "7 unknown"},
        {BTAP_USART, BTAP_FIELD_DATA, 7, ""},
    };
    char text[BTAP_FIELD_VALUE_SIZE];

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++)
        assert_string_equal(btap_field_value(cases[i].transport, cases[i].field, cases[i].value,
                                             text, sizeof(text)),
                            cases[i].expected);
}

static void values_have_names(void **state)
{
    (void)state;
    assert_string_equal(btap_field_value_name(BTAP_USART, BTAP_FIELD_ANSWER, 0x79), "ACK");
    assert_string_equal(btap_field_value_name(BTAP_USART, BTAP_FIELD_ANSWER, 0x1f), "NACK");
    assert_null(btap_field_value_name(BTAP_USART, BTAP_FIELD_ANSWER, 0x55));
    assert_string_equal(btap_field_value_name(BTAP_USART, BTAP_FIELD_OPCODE, 0x44),
                        "Extended Erase");
    assert_string_equal(btap_field_value_name(BTAP_FDCAN, BTAP_FIELD_OPCODE, 0x44), "Erase");
    assert_string_equal(btap_field_value_name(BTAP_USART, BTAP_FIELD_OPCODE, 0x45),
                        "Unknown command");
    assert_string_equal(btap_field_value_name(BTAP_DFU, BTAP_FIELD_DFU_STATE, 4), "dfuDNBUSY");
    assert_string_equal(btap_field_value_name(BTAP_DFU, BTAP_FIELD_DFU_STATUS, 11), "errVENDOR");
    assert_string_equal(btap_field_value_name(BTAP_DFU, BTAP_FIELD_REQUEST, 6), "DFU_ABORT");
    assert_string_equal(btap_field_value_name(BTAP_DFU, BTAP_FIELD_REQUEST, 7), "unknown");
    assert_null(btap_field_value_name(BTAP_USART, BTAP_FIELD_ADDRESS, 0x08000000));
    assert_null(btap_field_value_name(BTAP_USART, BTAP_FIELD_DATA, 0));
}

static void every_value_fits(void **state)
{
    char text[BTAP_FIELD_VALUE_SIZE];

    (void)state;
    for (size_t field = 0; field < BTAP_FIELD_COUNT; field++)
        for (size_t transport = 0; transport < BTAP_TRANSPORT_COUNT; transport++)
            for (uint64_t value = 0; value < 256; value++) {
                btap_field_value((enum btap_transport)transport, (enum btap_field)field, value,
                                 text, sizeof(text));
                assert_true(strlen(text) < sizeof(text) - 1);
            }
    btap_field_value(BTAP_USART, BTAP_FIELD_LENGTH, UINT64_MAX, text, sizeof(text));
    assert_string_equal(text, "18446744073709551615");
    btap_field_value(BTAP_USART, BTAP_FIELD_ANSWER, 0x79, text, 6);
    assert_string_equal(text, "0x79 ");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_are_unique_and_kebab_case),
        cmocka_unit_test(values_are_in_words),
        cmocka_unit_test(values_have_names),
        cmocka_unit_test(every_value_fits),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
