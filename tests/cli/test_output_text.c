/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Text output, with columns as docs/decode.md describes them: number, time, link where there are
 * several, packets, command, outcome, duration.
 */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "output_fixture.h"
#include "test.h"

static void print(struct output_fixture *fixture, const struct btap_link *link,
                  const struct btap_transaction *transaction)
{
    fixture->output->transaction(fixture->output, link, transaction, NULL);
}

static void a_transaction_is_one_aligned_line(void **state)
{
    struct output_fixture *fixture = new_fixture(output_text_new, (struct output_options){0});
    struct btap_transaction transaction = write_transaction(3);

    (void)state;
    print(fixture, &serial_link, &transaction);
    transaction.n = 1234;
    transaction.time = SESSION_START + INT64_C(100) * 1000000000;
    transaction.first_packet = 70000;
    transaction.last_packet = 70000;
    transaction.status = BTAP_NACK;
    transaction.phase = BTAP_PHASE_ADDRESS;
    print(fixture, &serial_link, &transaction);
    assert_string_equal(end_file(fixture),
                        "     3      0.002500  5-9            Write Memory 0x08000400 256 bytes"
                        "         ok          0.001500 s\n"
                        "  1234    100.000000  70000          Write Memory 0x08000400 256 bytes"
                        "         nack (address)  0.001500 s\n");
    free_fixture(fixture);
}

static void a_second_link_brings_a_column_of_links(void **state)
{
    struct output_fixture *fixture = new_fixture(output_text_new, (struct output_options){0});
    const struct btap_transaction transaction = write_transaction(1);

    (void)state;
    print(fixture, &usb_link, &transaction);
    print(fixture, &can_link, &transaction);
    print(fixture, &usb_link, &transaction);
    assert_string_equal(
        end_file(fixture),
        "     1      0.002500  5-9            Write Memory 0x08000400 256 bytes"
        "         ok          0.001500 s\n"
        "     1      0.002500  can:vcan0     5-9            Write Memory 0x08000400 256 bytes"
        "         ok          0.001500 s\n"
        "     1      0.002500  usb:1.28      5-9            Write Memory 0x08000400 256 bytes"
        "         ok          0.001500 s\n");
    free_fixture(fixture);
}

/* A link that gives way to another leaves it its place in the tap. */
static void another_link_at_the_same_place_has_its_own_name(void **state)
{
    struct output_fixture *fixture = new_fixture(output_text_new, (struct output_options){0});
    const struct btap_transaction transaction = write_transaction(1);
    struct btap_link place = usb_link;

    (void)state;
    print(fixture, &place, &transaction);
    place = can_link;
    print(fixture, &place, &transaction);
    assert_non_null(strstr(end_file(fixture), "  can:vcan0     5-9 "));
    free_fixture(fixture);
}

static void notes_stand_under_their_transaction(void **state)
{
    struct output_fixture *fixture =
        new_fixture(output_text_new, (struct output_options){.notes = true});
    struct btap_transaction transaction = write_transaction(3);

    (void)state;
    transaction.notes_length = 1;
    transaction.notes[0] =
        (struct btap_note){.id = BTAP_NOTE_TRUNCATED, .arg = {40, 64}, .packet = 7};
    print(fixture, &serial_link, &transaction);
    assert_string_equal(
        end_file(fixture),
        "     3      0.002500  5-9            Write Memory 0x08000400 256 bytes"
        "         ok          0.001500 s\n"
        "                      7                warn truncated-packet: the record holds 40 of 64 "
        "bytes, the rest was not recorded\n");
    free_fixture(fixture);
}

static void more_notes_than_are_kept_are_counted(void **state)
{
    struct output_fixture *fixture =
        new_fixture(output_text_new, (struct output_options){.notes = true});
    struct btap_transaction transaction = write_transaction(3);

    (void)state;
    transaction.notes_length = BTAP_NOTES_MAX + 5;
    for (size_t i = 0; i < BTAP_NOTES_MAX; i++)
        transaction.notes[i].id = BTAP_NOTE_TRUNCATED;
    print(fixture, &serial_link, &transaction);
    assert_non_null(strstr(end_file(fixture), "\n                                       "
                                              "and 5 more notes\n"));
    free_fixture(fixture);
}

static void a_note_of_no_transaction_is_a_line_of_its_own(void **state)
{
    struct output_fixture *fixture =
        new_fixture(output_text_new, (struct output_options){.notes = true});
    const struct btap_note note = {
        .id = BTAP_NOTE_TRUNCATED, .arg = {40, 64}, .packet = 7, .time = SESSION_START + 1000000};

    (void)state;
    fixture->output->note(fixture->output, &serial_link, 0, &note);
    fixture->output->note(fixture->output, &serial_link, 4, &note);
    assert_string_equal(end_file(fixture),
                        "     -      0.001000  7                warn truncated-packet: the record "
                        "holds 40 of 64 bytes, the rest was not recorded\n");
    free_fixture(fixture);
}

static void fields_stand_under_with_packet_offset_bytes_and_value(void **state)
{
    static struct collected collected;
    static const uint8_t payload[20] = "0123456789abcdef\x00\x01\x7f\xff";
    struct output_fixture *fixture =
        new_fixture(output_text_new, (struct output_options){.fields = true});
    const struct btap_transaction transaction = write_transaction(3);
    const struct btap_span wrong = {
        .n = 3,
        .packet = 9,
        .offset = 12,
        .length = 1,
        .direction = BTAP_DEVICE_TO_HOST,
        .field = BTAP_FIELD_CHECKSUM,
        .bytes = (const uint8_t *)"\x0c",
        .value = 0x0c,
        .last = true,
        .bad = true,
    };

    (void)state;
    collected_clear(&collected);
    collect_field(&collected, 3, BTAP_FIELD_OPCODE, 5, 12, "\x31", 1, 0x31);
    collect_field(&collected, 3, BTAP_FIELD_ADDRESS, 6, 12, "\x08\x00\x04\x00", 4, 0x08000400);
    collect_field(&collected, 3, BTAP_FIELD_DATA, 7, 13, payload, sizeof(payload), 0);
    collected_add_span(&collected, &wrong);
    fixture->output->transaction(fixture->output, &serial_link, &transaction, &collected);
    assert_string_equal(
        end_file(fixture),
        "     3      0.002500  5-9            Write Memory 0x08000400 256 bytes"
        "         ok          0.001500 s\n"
        "                      5              +12     > Command                     31           "
        "0x31 Write Memory\n"
        "                      6              +12     > Address                     08 00 04 00  "
        "0x08000400\n"
        "                      7              +13     > Data                        20 bytes\n"
        "                                             08000400  30 31 32 33 34 35 36 37  "
        "38 39 61 62 63 64 65 66  |0123456789abcdef|\n"
        "                                             08000410  00 01 7f ff             "
        "                          |....|\n"
        "                      9              +12     < Checksum                    0c           "
        "0x0c wrong\n");
    free_fixture(fixture);
}

static void files_have_headings_where_there_are_several(void **state)
{
    struct output_fixture *fixture =
        new_fixture(output_text_new, (struct output_options){.several_files = true});

    (void)state;
    fixture->stream.name = "ot\nher";
    fixture->output->begin_file(fixture->output);
    assert_string_equal(end_file(fixture), "==> capture.pcap <==\n\n==> ot\\x0aher <==\n");
    free_fixture(fixture);
}

static void a_hostile_interface_name_reaches_no_terminal(void **state)
{
    const struct btap_link hostile = {
        .kind = BTAP_LINK_CAN, .transport = BTAP_FDCAN, .interface = "\033[2J\n\xff\xc2\x9b"};
    struct output_fixture *fixture = new_fixture(output_text_new, (struct output_options){0});
    const struct btap_transaction transaction = write_transaction(1);
    const char *text;

    (void)state;
    print(fixture, &serial_link, &transaction);
    print(fixture, &hostile, &transaction);
    text = end_file(fixture);
    assert_non_null(strstr(text, "  can:\\x1b[2J\\x0a\\xff\\u009b"));
    assert_null(strchr(text, '\033'));
    free_fixture(fixture);
}

static void colour_takes_no_place(void **state)
{
    struct output_fixture *fixture =
        new_fixture(output_text_new, (struct output_options){.colour = true});
    const struct btap_transaction transaction = write_transaction(3);

    (void)state;
    print(fixture, &serial_link, &transaction);
    assert_string_equal(end_file(fixture),
                        "     3      0.002500  5-9            Write Memory 0x08000400 256 bytes"
                        "         \033[32mok\033[0m          0.001500 s\n");
    free_fixture(fixture);
}

static void nanoseconds_are_shown_where_the_capture_has_them(void **state)
{
    struct output_fixture *fixture = new_fixture(output_text_new, (struct output_options){0});
    struct btap_transaction transaction = write_transaction(3);

    (void)state;
    fixture->stream.digits = 9;
    transaction.time++;
    transaction.duration++;
    print(fixture, &serial_link, &transaction);
    assert_string_equal(end_file(fixture),
                        "     3      0.002500001  5-9            Write Memory 0x08000400 256 bytes"
                        "         ok          0.001500001 s\n");
    free_fixture(fixture);
}

/** The time column of the second of two lines, 2.5 ms and 1 s 2.5 ms after the first packet. */
static void assert_time(const char *name, const char *expected)
{
    struct output_options options = {0};
    struct output_fixture *fixture;
    struct btap_transaction transaction = write_transaction(3);
    const char *line;

    assert_true(time_style_by_name(name, &options.time_style));
    fixture = new_fixture(output_text_new, options);
    print(fixture, &serial_link, &transaction);
    transaction.time += 1000000000;
    print(fixture, &serial_link, &transaction);
    line = strchr(end_file(fixture), '\n') + 1;
    assert_int_equal(strncmp(line, "     3  ", 8), 0);
    assert_int_equal(strncmp(line + 8, expected, strlen(expected)), 0);
    assert_int_equal(strncmp(line + 8 + strlen(expected), "  5-9  ", 7), 0);
    free_fixture(fixture);
}

/* SESSION_START is 2015-07-10 05:50:52 UTC; Kathmandu is 5 h 45 min ahead of it. */
static void times_are_formatted_as_tshark_does(void **state)
{
    enum time_style style;

    (void)state;
    assert_time("r", "    1.002500");
    assert_time("d", "    1.000000");
    assert_time("e", "1436507453.002500");
    assert_time("u", "05:50:53.002500");
    assert_time("ud", "2015-07-10 05:50:53.002500");
    setenv("TZ", "NPT-5:45", 1);
    tzset();
    assert_time("a", "11:35:53.002500");
    assert_time("ad", "2015-07-10 11:35:53.002500");
    assert_false(time_style_by_name("x", &style));
    assert_false(time_style_by_name("", &style));
}

/* A clock that was set back while recording */
static void a_time_before_the_first_packet_is_negative(void **state)
{
    struct output_fixture *fixture = new_fixture(output_text_new, (struct output_options){0});
    struct btap_transaction transaction = write_transaction(1);

    (void)state;
    transaction.time = SESSION_START - 500000;
    print(fixture, &serial_link, &transaction);
    assert_int_equal(strncmp(end_file(fixture), "     1     -0.000500  5-9", 25), 0);
    free_fixture(fixture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_transaction_is_one_aligned_line),
        cmocka_unit_test(a_second_link_brings_a_column_of_links),
        cmocka_unit_test(another_link_at_the_same_place_has_its_own_name),
        cmocka_unit_test(notes_stand_under_their_transaction),
        cmocka_unit_test(more_notes_than_are_kept_are_counted),
        cmocka_unit_test(a_note_of_no_transaction_is_a_line_of_its_own),
        cmocka_unit_test(fields_stand_under_with_packet_offset_bytes_and_value),
        cmocka_unit_test(files_have_headings_where_there_are_several),
        cmocka_unit_test(a_hostile_interface_name_reaches_no_terminal),
        cmocka_unit_test(colour_takes_no_place),
        cmocka_unit_test(nanoseconds_are_shown_where_the_capture_has_them),
        cmocka_unit_test(times_are_formatted_as_tshark_does),
        cmocka_unit_test(a_time_before_the_first_packet_is_negative),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
