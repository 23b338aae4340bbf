/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Lines in the forms that the comment of sprint_canframe() in can-utils' lib.h lists.
 */
#include <stdlib.h>
#include <string.h>

#include "formats/candump.h"
#include "test.h"

struct line {
    bool ok;
    uint8_t bytes[CANDUMP_RECORD_SIZE];
    char interface[BTAP_INTERFACE_NAME_SIZE];
    struct btap_record record;
    /** The bytes as LINKTYPE_CAN_SOCKETCAN (www.tcpdump.org/linktypes) lays them out */
    struct {
        uint32_t id;
        bool extended;
        bool remote;
        bool error;
        bool fd;
        uint8_t length;
        const uint8_t *data;
    } frame;
};

/** Parses a line. Its bytes lie in *line, to which frame points. */
static void parse(const char *text, struct line *line)
{
    const size_t length = strlen(text);
    char *copy = malloc(length > 0 ? length : 1);
    const uint8_t *bytes = line->bytes;

    /* Without the terminating zero: nothing behind the line may be read. */
    assert_non_null(copy);
    memcpy(copy, text, length);
    memset(line, 0, sizeof(*line));
    line->record = (struct btap_record){.at_tool = true, .added = true, .comment = "of before"};
    line->ok = candump_record(copy, length, line->bytes, line->interface, &line->record);
    free(copy);
    if (!line->ok)
        return;
    assert_false(line->record.at_tool || line->record.added);
    assert_null(line->record.comment);
    line->frame.id =
        (bytes[0] & 0x1fu) << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
    line->frame.extended = (bytes[0] & 0x80) != 0;
    line->frame.remote = (bytes[0] & 0x40) != 0;
    line->frame.error = (bytes[0] & 0x20) != 0;
    line->frame.fd = (bytes[5] & 0x04) != 0;
    line->frame.length = bytes[4];
    line->frame.data = bytes + 8;
    assert_ptr_equal(line->record.bytes, line->bytes);
    assert_int_equal(line->record.interface_id, 0);
    assert_ptr_equal(line->record.interface, line->interface);
}

static void fd_line(void **state)
{
    struct line line;

    (void)state;
    parse("(1436509052.249713) vcan0 111##15A", &line);
    assert_true(line.ok);
    assert_int_equal(line.record.linktype, BTAP_LINKTYPE_CAN_SOCKETCAN);
    assert_int_equal(line.record.time, 1436509052249713000);
    assert_int_equal(line.record.captured, 72);
    assert_int_equal(line.record.length, 72);
    assert_string_equal(line.interface, "vcan0");
    assert_true(line.frame.fd);
    assert_int_equal(line.frame.id, 0x111);
    assert_int_equal(line.frame.length, 1);
    assert_int_equal(line.frame.data[0], 0x5a);
    assert_int_equal(line.record.direction, BTAP_DIRECTION_UNKNOWN);
    /* bit-rate switch as told, and "this is FD" */
    assert_int_equal(line.bytes[5], 0x05);
}

static void fd_line_without_data_or_flags(void **state)
{
    struct line line;

    (void)state;
    parse("(1.000001) can1 000##0", &line);
    assert_true(line.ok);
    assert_true(line.frame.fd);
    assert_int_equal(line.frame.id, 0);
    assert_int_equal(line.frame.length, 0);
}

static void fd_line_of_64_bytes(void **state)
{
    static const char text[] = "(1.000001) can1 031##1"
                               "000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F"
                               "202122232425262728292A2B2C2D2E2F303132333435363738393A3B3C3D3E3F";
    struct line line;
    char longer[sizeof(text) + 2];

    (void)state;
    parse(text, &line);
    assert_true(line.ok);
    assert_int_equal(line.frame.length, 64);
    for (unsigned i = 0; i < 64; i++)
        assert_int_equal(line.frame.data[i], i);
    memcpy(longer, text, sizeof(text));
    memcpy(longer + sizeof(text) - 1, "40", 3);
    parse(longer, &line);
    assert_false(line.ok);
}

static void classic_line(void **state)
{
    struct line line;

    (void)state;
    parse("(1436509052.650004) can0 042#2B2AFBBA\n", &line);
    assert_true(line.ok);
    assert_int_equal(line.record.captured, 16);
    assert_int_equal(line.record.length, 16);
    assert_false(line.frame.fd);
    assert_false(line.frame.extended);
    assert_int_equal(line.frame.id, 0x42);
    assert_int_equal(line.frame.length, 4);
    assert_int_equal(line.frame.data[3], 0xba);
    parse("(1.5) can0 042#", &line);
    assert_true(line.ok);
    assert_int_equal(line.frame.length, 0);
    parse("(1.5) can0 042#11.22.33", &line);
    assert_true(line.ok);
    assert_int_equal(line.frame.length, 3);
}

/* The raw DLC that stands behind an 8-byte frame goes where Linux keeps it: byte 7 */
static void classic_line_with_a_raw_dlc(void **state)
{
    struct line line;

    (void)state;
    parse("(1.5) can0 123#1122334455667788_E", &line);
    assert_true(line.ok);
    assert_int_equal(line.frame.length, 8);
    assert_int_equal(line.bytes[7], 14);
    assert_false(line.frame.fd);
}

static void extended_remote_and_error_lines(void **state)
{
    struct line line;

    (void)state;
    parse("(1.5) can0 18DAF110#01", &line);
    assert_true(line.ok);
    assert_true(line.frame.extended);
    assert_int_equal(line.frame.id, 0x18daf110);
    parse("(1.5) can0 123#R", &line);
    assert_true(line.ok);
    assert_true(line.frame.remote);
    parse("(1.5) can0 123#R4", &line);
    assert_true(line.ok);
    assert_true(line.frame.remote);
    assert_int_equal(line.bytes[4], 4);
    parse("(1.5) can0 123#R8_E", &line);
    assert_true(line.ok);
    /* "nobody acknowledged" as candump -e shows it: class 0x20 with bit 29 */
    parse("(1.5) can0 20000020#0000000000000000", &line);
    assert_true(line.ok);
    assert_true(line.frame.error);
    assert_false(line.frame.extended);
    assert_int_equal(line.frame.id, 0x20);
}

static void fraction_in_micro_and_nanoseconds(void **state)
{
    struct line line;

    (void)state;
    parse("(0000000012.000345) c 000##0", &line);
    assert_int_equal(line.record.time, 12000345000);
    parse("(12.000345678) c 000##0", &line);
    assert_int_equal(line.record.time, 12000345678);
}

static void direction_of_candump_x(void **state)
{
    struct line line;

    (void)state;
    parse("(1.5) can0 111##15A T", &line);
    assert_true(line.ok);
    assert_int_equal(line.record.direction, BTAP_HOST_TO_DEVICE);
    parse("(1.5) can0 111##15A R\r\n", &line);
    assert_true(line.ok);
    assert_int_equal(line.record.direction, BTAP_DIRECTION_UNKNOWN);
}

static void long_interface_names_are_cut(void **state)
{
    struct line line;

    (void)state;
    parse("(1.5) interface-with-a-long-name 111##15A", &line);
    assert_true(line.ok);
    assert_string_equal(line.interface, "interface-with-");
}

static void other_lines_are_refused(void **state)
{
    static const char *const lines[] = {
        "",
        "\n",
        "# comment",
        "  can0  123   [4]  DE AD BE EF",                 /* candump without -L */
        "1436509052.249713 can0 123#00",                  /* no brackets */
        "(1.5) can0 20000080##DEA7000000000000000000000", /* an error frame, which are classic */
        "(1436509052) can0 123#00",                       /* no fraction */
        "(1436509052.) can0 123#00",                      /* the same */
        "(.249713) can0 123#00",                          /* no seconds */
        "(1.0000000001) can0 123#00",                     /* ten digits of a second */
        "(9223372036.0) can0 123#00",                     /* beyond 64 bits of nanoseconds */
        "(99999999999999999999999.0) can0 1#00",          /* the same */
        "(1.5)can0 123#00",                               /* no space */
        "(1.5)  123#00",                                  /* no interface */
        "(1.5) can0",                                     /* no frame */
        "(1.5) can0 123",                                 /* no separator */
        "(1.5) can0 12#00",                               /* two digits of an identifier */
        "(1.5) can0 1234#00",                             /* four */
        "(1.5) can0 123456789#00",                        /* nine */
        "(1.5) can0 800#00",                              /* over 11 bits */
        "(1.5) can0 80000123#00",                         /* bit 31 in the text */
        "(1.5) can0 123#0",                               /* half a byte */
        "(1.5) can0 123#001122334455667788",              /* nine bytes of a classic frame */
        "(1.5) can0 123#0g",                              /* no digit */
        "(1.5) can0 123#R9",                              /* nine bytes asked for */
        "(1.5) can0 123#1122334455667788_8",              /* no raw DLC above 8 */
        "(1.5) can0 123##",                               /* no flags */
        "(1.5) can0 123##1001",                           /* half a byte */
        "(1.5) can0 123#81:00:12345678#1122",             /* CAN XL */
        "(1.5) can0 123#00 X",                            /* no direction */
        "(1.5) can0 123#00 T T",                          /* more behind it */
    };
    struct line line;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(lines); i++) {
        parse(lines[i], &line);
        if (line.ok)
            fail_msg("accepted: %s", lines[i]);
        assert_null(line.record.bytes);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fd_line),
        cmocka_unit_test(fd_line_without_data_or_flags),
        cmocka_unit_test(fd_line_of_64_bytes),
        cmocka_unit_test(classic_line),
        cmocka_unit_test(classic_line_with_a_raw_dlc),
        cmocka_unit_test(extended_remote_and_error_lines),
        cmocka_unit_test(fraction_in_micro_and_nanoseconds),
        cmocka_unit_test(direction_of_candump_x),
        cmocka_unit_test(long_interface_names_are_cut),
        cmocka_unit_test(other_lines_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
