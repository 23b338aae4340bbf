/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Expected values: Silicon Labs AN571 (requests, line control); escape sequences of event mode as
 * Linux's driver reads them.
 */
#include "adapter_rig.h"

#include <stdio.h>
#include <string.h>

#include "test.h"

static void chip(struct rig *rig)
{
    rig_init(rig);
    rig_device(rig, 0x10c4, 0xea60, 0x0100);
    rig_interface(rig, 0, 0xff, 0x00);
    rig_endpoint(rig, 0x81, 0, 2, 64);
    rig_endpoint(rig, 0x01, 0, 2, 64);
}

static void chip_in_event_mode(struct rig *rig)
{
    chip(rig);
    rig_control(rig, 0x41, 0x15, 0x00ec, 0, NULL);
}

static void settings_of_115200_8e1(void **state)
{
    struct rig rig;

    (void)state;
    chip(&rig);
    rig_control(&rig, 0x41, 0x00, 1, 0, NULL);
    rig_control(&rig, 0x41, 0x1e, 0, 0, "00c20100");
    rig_control(&rig, 0x41, 0x03, 0x0820, 0, NULL);
    rig_control(&rig, 0x41, 0x1e, 0, 0, "00c20100");
    rig_control(&rig, 0x41, 0x03, 0x0820, 0, NULL);
    rig_expect(&rig, "0=115200-??? 0=115200-8E1");
}

static void rates_old_and_new(void **state)
{
    static const struct {
        uint8_t request;
        uint16_t value;
        const char *data;
        const char *expected;
    } vectors[] = {
        {0x1e, 0, "80250000", "0=9600-???"},
        {0x1e, 0, "b8c20100", "0=115200-???"}, /* 115384: 24 MHz / 208 */
        {0x1e, 0, "c4150e00", "0=921600-???"}, /* 923076: 24 MHz / 26 */
        {0x1e, 0, "20c50100", "0=116000-???"}, /* no chip makes that of 115200 */
        {0x01, 0x0180, NULL, "0=9600-???"},    /* 3686400 / 384 */
        {0x01, 0x0020, NULL, "0=115200-???"},  /* 3686400 / 32 */
        {0x01, 0x0003, NULL, "0=1228800-???"},
        {0x01, 0x0000, NULL, ""},
        {0x1e, 0, "00c201", ""},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(vectors); i++) {
        struct rig rig;

        chip(&rig);
        rig_control(&rig, 0x41, vectors[i].request, vectors[i].value, 0, vectors[i].data);
        rig_expect(&rig, vectors[i].expected);
    }
}

static void every_line_control(void **state)
{
    static const struct {
        uint16_t value;
        const char *expected;
    } vectors[] = {
        {0x0800, "0=?-8N1"}, {0x0810, "0=?-8O1"}, {0x0820, "0=?-8E1"}, {0x0711, "0=?-7O1.5"},
        {0x0832, "0=?-8M2"}, {0x0540, "0=?-5S1"}, {0x0853, "0=?-8??"},
    };
    struct rig rig;

    (void)state;
    chip(&rig);
    for (size_t i = 0; i < COUNT_OF(vectors); i++) {
        rig_control(&rig, 0x41, 0x03, vectors[i].value, 0, NULL);
        rig_expect(&rig, vectors[i].expected);
    }
}

static void lines_and_break(void **state)
{
    struct rig rig;

    (void)state;
    chip(&rig);
    rig_control(&rig, 0x41, 0x07, 0x0101, 0, NULL);
    rig_control(&rig, 0x41, 0x07, 0x0202, 0, NULL);
    rig_control(&rig, 0x41, 0x07, 0x0300, 0, NULL);
    rig_control(&rig, 0x41, 0x07, 0x0300, 0, NULL);
    rig_control(&rig, 0x41, 0x07, 0x0303, 0, NULL);
    rig_control(&rig, 0x41, 0x05, 1, 0, NULL);
    rig_expect(&rig, "0~dtr+ 0~dtr+rts+ 0~dtr-rts- 0~dtr+rts+ 0>0!break");
    rig_control(&rig, 0x41, 0x05, 0, 0, NULL);
    rig_control(&rig, 0xc0, 0x08, 0, 0, "a3");
    rig_control(&rig, 0xc1, 0x08, 0, 0, NULL);
    rig_expect(&rig, "");
    rig_control(&rig, 0xc1, 0x08, 0, 0, "a3");
    rig_expect(&rig, "0~dtr+rts+cts-dsr+dcd+ri-");
}

static void refused_requests_change_nothing(void **state)
{
    struct rig rig;

    (void)state;
    chip(&rig);
    rig_control_status(&rig, 0x41, 0x1e, 0, 0, "00c20100", BTAP_USB_STALL);
    rig_control_status(&rig, 0x41, 0x03, 0x0820, 0, NULL, BTAP_USB_STALL);
    rig_control_status(&rig, 0x41, 0x07, 0x0303, 0, NULL, BTAP_USB_STALL);
    rig_control_status(&rig, 0x41, 0x15, 0x00ec, 0, NULL, BTAP_USB_STALL);
    rig_in(&rig, 0x81, "ec00");
    rig_expect(&rig, "0<0:ec00");
}

static void data_are_raw_without_event_mode(void **state)
{
    struct rig rig;

    (void)state;
    chip(&rig);
    rig_out(&rig, 0x01, "7f");
    rig_in(&rig, 0x81, "79ec0104");
    rig_expect(&rig, "0>0:7f 0<0:79ec0104");
}

static void every_escape_sequence(void **state)
{
    static const struct {
        const char *data;
        const char *expected;
    } vectors[] = {
        {"79 ec00 1f", "0<0:79 0<1:ec 0<3:1f"},
        {"ec00 ec00", "0<0:ec 0<2:ec"},
        {"ec01 00 55", "0<3:55"},
        {"ec01 02 55", "0<3!overflow 0<3:55"},
        {"ec01 04 55", "0<3!parity 0<3:55"},
        {"ec01 08 55", "0<3!framing 0<3:55"},
        {"ec01 10 00", "0<3!break 0<3:00"},
        {"ec01 1e ec", "0<3!overflow 0<3!break 0<3!parity 0<3!framing 0<3:ec"},
        {"ec02 04", "0<2!parity"},
        {"ec02 61", ""}, /* data ready, transmitter empty */
        {"ec03 b0 79", "0~cts+dsr+dcd+ri- 0<3:79"},
        {"ec07 79", "0<2:79"}, /* no such sequence */
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(vectors); i++) {
        struct rig rig;

        chip_in_event_mode(&rig);
        rig_in(&rig, 0x81, vectors[i].data);
        rig_expect(&rig, vectors[i].expected);
    }
}

static void out_data_are_raw_in_event_mode(void **state)
{
    struct rig rig;

    (void)state;
    chip_in_event_mode(&rig);
    rig_out(&rig, 0x01, "ec00");
    rig_expect(&rig, "0>0:ec00");
}

/** The log without places, and with bytes joined: what must not depend on the cuts. */
static void digest(const struct rig *rig, char *text, size_t size)
{
    size_t length = 0;

    for (const char *word = rig->log; *word != '\0';) {
        const char *mark = word + strcspn(word, ":!~ ");

        if (*mark == ':')
            mark++;
        while (*mark != '\0' && *mark != ' ') {
            assert_true(length + 1 < size);
            text[length++] = *mark++;
        }
        word = *mark == ' ' ? mark + 1 : mark;
    }
    text[length] = '\0';
}

static void sequences_split_at_every_byte(void **state)
{
    static const uint8_t stream[] = {0x79, 0xec, 0x00, 0xec, 0x01, 0x04, 0x55, 0xec, 0x02,
                                     0x10, 0xec, 0x03, 0x30, 0xec, 0x01, 0x00, 0xec, 0x1f};
    static const char expected[] = "79ec!parity55!break~cts+dsr+dcd-ri-ec1f";
    const uint32_t length = sizeof(stream);
    char text[256];

    (void)state;
    for (uint32_t a = 0; a <= length; a++)
        for (uint32_t b = a; b <= length; b++) {
            struct rig rig;

            chip_in_event_mode(&rig);
            rig_bulk(&rig, 0x81, stream, a, a);
            rig_bulk(&rig, 0x81, stream + a, b - a, b - a);
            rig_bulk(&rig, 0x81, stream + b, length - b, length - b);
            digest(&rig, text, sizeof(text));
            assert_string_equal(text, expected);
        }
    for (size_t round = 0; round < 2; round++) {
        struct rig rig;

        chip_in_event_mode(&rig);
        for (uint32_t i = 0; i < length; i++)
            rig_bulk(&rig, 0x81, stream + i, 1, 1);
        digest(&rig, text, sizeof(text));
        assert_string_equal(text, expected);
    }
}

/* Its escape byte ends the transfer before: the place is that of the sequence's end. */
static void a_literal_split_between_transfers_has_a_place(void **state)
{
    struct rig rig;

    (void)state;
    chip_in_event_mode(&rig);
    rig_in(&rig, 0x81, "79ec");
    rig_in(&rig, 0x81, "001f");
    rig_expect(&rig, "0<0:79 0<0:ec 0<1:1f");
}

static void any_byte_may_be_the_escape(void **state)
{
    struct rig rig;

    (void)state;
    chip(&rig);
    rig_control(&rig, 0x41, 0x15, 0x0001, 0, NULL);
    rig_in(&rig, 0x81, "0100 ec 0101 04 01");
    rig_expect(&rig, "0<0:01 0<2:ec 0<6!parity 0<6:01");
}

static void event_mode_ends_by_request_and_with_the_port(void **state)
{
    struct rig rig;

    (void)state;
    chip_in_event_mode(&rig);
    rig_control(&rig, 0x41, 0x15, 0, 0, NULL);
    rig_in(&rig, 0x81, "ec00");
    rig_expect(&rig, "0<0:ec00");

    chip_in_event_mode(&rig);
    rig_control(&rig, 0x41, 0x00, 1, 0, NULL);
    rig_in(&rig, 0x81, "79ec");
    rig_control(&rig, 0x41, 0x00, 0, 0, NULL);
    rig_in(&rig, 0x81, "00ec00");
    rig_expect(&rig, "0<0:79 0<0:00ec00");

    /* A new start of event mode forgets half a sequence of the one before. */
    chip_in_event_mode(&rig);
    rig_in(&rig, 0x81, "ec");
    rig_control(&rig, 0x41, 0x15, 0x00ec, 0, NULL);
    rig_in(&rig, 0x81, "0079");
    rig_expect(&rig, "0<0:0079");
}

/* ulErrors: b0 break, b1 framing, b2 hardware overrun, b3 queue overrun, b4 parity */
static void comm_status_tells_errors(void **state)
{
    static const char rest[] = "000000 00000000 00000000 00000000 000000";
    static const struct {
        const char *errors;
        const char *expected;
    } vectors[] = {
        {"00", ""},
        {"01", "0<0!break"},
        {"02", "0<0!framing"},
        {"04", "0<0!overflow"},
        {"08", "0<0!overflow"},
        {"10", "0<0!parity"},
        {"1f", "0<0!overflow 0<0!break 0<0!parity 0<0!framing"},
    };
    struct rig rig;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(vectors); i++) {
        char answer[64];

        snprintf(answer, sizeof(answer), "%s%s", vectors[i].errors, rest);
        chip(&rig);
        rig_control(&rig, 0x41, 0x00, 1, 0, NULL);
        rig_control(&rig, 0xc1, 0x10, 0, 0, answer); /* from before the port was opened */
        rig_expect(&rig, "");
        rig_control(&rig, 0xc1, 0x10, 0, 0, answer);
        rig_expect(&rig, vectors[i].expected);
        rig_control(&rig, 0x41, 0x15, 0x00ec, 0, NULL); /* the events tell them one by one */
        rig_control(&rig, 0xc1, 0x10, 0, 0, answer);
        rig_expect(&rig, "");
    }
}

static void transfers_cut_at_every_length(void **state)
{
    static const uint8_t urb[] = {0x79, 0xec, 0x01, 0x04, 0x55, 0xec, 0x00, 0x1f};
    static const char *const expected[] = {
        "0<0!lost8",
        "0<0:79 0<1!lost7",
        "0<0:79 0<2!lost6",
        "0<0:79 0<3!lost5",
        "0<0:79 0<4!lost4",
        "0<0:79 0<4!parity 0<4:55 0<5!lost3",
        "0<0:79 0<4!parity 0<4:55 0<6!lost2",
        "0<0:79 0<4!parity 0<4:55 0<5:ec 0<7!lost1",
        "0<0:79 0<4!parity 0<4:55 0<5:ec 0<7:1f",
    };

    (void)state;
    for (uint32_t captured = 0; captured <= sizeof(urb); captured++) {
        struct rig rig;

        chip_in_event_mode(&rig);
        rig_bulk(&rig, 0x81, urb, sizeof(urb), captured);
        rig_expect(&rig, expected[captured]);
        /* What is missing may have ended the sequence: the next transfer starts anew. */
        rig_in(&rig, 0x81, "00");
        rig_expect(&rig, "0<0:00");
    }
}

static void two_ports_of_a_cp2105(void **state)
{
    struct rig rig;

    (void)state;
    for (int known = 0; known < 2; known++) {
        rig_init(&rig);
        rig_device(&rig, 0x10c4, 0xea70, 0x0100);
        if (known) {
            for (uint8_t i = 0; i < 2; i++) {
                rig_interface(&rig, i, 0xff, 0x00);
                rig_endpoint(&rig, (uint8_t)(0x81 + i), i, 2, 64);
                rig_endpoint(&rig, (uint8_t)(0x01 + i), i, 2, 64);
            }
        }
        rig_control(&rig, 0x41, 0x1e, 0, 1, "00c20100");
        rig_control(&rig, 0x41, 0x15, 0x00ec, 1, NULL);
        rig_out(&rig, 0x02, "7f");
        rig_in(&rig, 0x82, "ec00");
        rig_in(&rig, 0x81, "ec00");
        rig_out(&rig, 0x01, "aa");
        rig_expect(&rig, "1=115200-??? 1>0:7f 1<0:ec 0<0:ec00 0>0:aa");
    }
}

static void one_port_by_requests_alone(void **state)
{
    struct rig rig;

    (void)state;
    rig_init(&rig);
    rig_control(&rig, 0x41, 0x1e, 0, 0, "00c20100");
    rig_control(&rig, 0x41, 0x15, 0x00ec, 0, NULL);
    rig_out(&rig, 0x02, "7f");
    rig_in(&rig, 0x82, "79ec00");
    rig_control(&rig, 0x41, 0x03, 0x0820, 9, NULL); /* no such port */
    rig_expect(&rig, "0=115200-??? 0>0:7f 0<0:79 0<1:ec");
    assert_int_equal(rig.adapter.kind, BTAP_ADAPTER_CP210X);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(settings_of_115200_8e1),
        cmocka_unit_test(rates_old_and_new),
        cmocka_unit_test(every_line_control),
        cmocka_unit_test(lines_and_break),
        cmocka_unit_test(refused_requests_change_nothing),
        cmocka_unit_test(data_are_raw_without_event_mode),
        cmocka_unit_test(every_escape_sequence),
        cmocka_unit_test(out_data_are_raw_in_event_mode),
        cmocka_unit_test(sequences_split_at_every_byte),
        cmocka_unit_test(a_literal_split_between_transfers_has_a_place),
        cmocka_unit_test(any_byte_may_be_the_escape),
        cmocka_unit_test(event_mode_ends_by_request_and_with_the_port),
        cmocka_unit_test(comm_status_tells_errors),
        cmocka_unit_test(transfers_cut_at_every_length),
        cmocka_unit_test(two_ports_of_a_cp2105),
        cmocka_unit_test(one_port_by_requests_alone),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
