/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Expected values: www.tcpdump.org/linktypes/LINKTYPE_RTAC_SERIAL.html.
 */
#include "link/link.h"

#include <stdlib.h>
#include <string.h>

#include "test.h"

#define ALL_LINES                                                                                  \
    (BTAP_LINE_CTS | BTAP_LINE_DCD | BTAP_LINE_DSR | BTAP_LINE_RTS | BTAP_LINE_DTR | BTAP_LINE_RI)

/** A record of this type and state of lines, then payload; bytes lives until the next call. */
static struct btap_record make(uint8_t type, uint8_t lines, const char *payload)
{
    static uint8_t bytes[64];
    const uint32_t length = (uint32_t)strlen(payload);

    memset(bytes, 0, sizeof(bytes));
    memcpy(bytes, "\x5f\x5e\x10\x00\x00\x0f\x42\x3f", 8);
    bytes[8] = type;
    bytes[9] = lines;
    memcpy(bytes + 12, payload, length);
    return (struct btap_record){
        .linktype = BTAP_LINKTYPE_RTAC_SERIAL,
        .packet = 5,
        .time = 1600000000999999000,
        .bytes = bytes,
        .captured = 12 + length,
        .length = 12 + length,
    };
}

static void data_records_hold_chunks(void **state)
{
    static const enum btap_direction directions[] = {
        [0] = BTAP_DIRECTION_UNKNOWN, /* STATUS_CHANGE */
        [1] = BTAP_HOST_TO_DEVICE,    /* DATA_TX_START */
        [2] = BTAP_DEVICE_TO_HOST,    /* DATA_RX_START */
        [3] = BTAP_HOST_TO_DEVICE,    /* DATA_TX_END */
        [4] = BTAP_DEVICE_TO_HOST,    /* DATA_RX_END */
    };

    (void)state;
    for (size_t type = 0; type < COUNT_OF(directions); type++) {
        const struct btap_record record = make((uint8_t)type, 0, "\x31\xce");
        struct link_rtac rtac;

        assert_true(link_parse_rtac(&record, &rtac));
        assert_true(rtac.has_chunk);
        assert_false(rtac.has_event);
        assert_int_equal(rtac.chunk.direction, directions[type]);
        assert_int_equal(rtac.chunk.at.packet, 5);
        assert_int_equal(rtac.chunk.at.offset, 12);
        assert_int_equal(rtac.chunk.at.time, 1600000000999999000);
        assert_int_equal(rtac.chunk.length, 2);
        assert_memory_equal(rtac.chunk.bytes, "\x31\xce", 2);
    }
}

static void data_records_may_be_empty(void **state)
{
    (void)state;
    for (uint8_t type = 0; type <= 4; type++) {
        const struct btap_record record = make(type, 0, "");
        struct link_rtac rtac;

        assert_true(link_parse_rtac(&record, &rtac));
        assert_false(rtac.has_chunk);
        assert_false(rtac.has_event);
        assert_true(rtac.has_lines);
    }
}

static void error_records_hold_events(void **state)
{
    static const struct {
        uint8_t type;
        enum btap_serial_event_kind kind;
        enum btap_direction direction;
    } vectors[] = {
        {0x05, BTAP_SERIAL_LOST, BTAP_DIRECTION_UNKNOWN}, /* CAPTURE_DATA_LOST */
        {0x07, BTAP_SERIAL_FRAMING_ERROR, BTAP_DEVICE_TO_HOST},
        {0x08, BTAP_SERIAL_PARITY_ERROR, BTAP_DEVICE_TO_HOST},
        {0x09, BTAP_SERIAL_BREAK, BTAP_DEVICE_TO_HOST},
        {0x0a, BTAP_SERIAL_OVERFLOW, BTAP_DEVICE_TO_HOST},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(vectors); i++) {
        const struct btap_record record = make(vectors[i].type, 0, "");
        struct link_rtac rtac;

        assert_true(link_parse_rtac(&record, &rtac));
        assert_true(rtac.has_event);
        assert_false(rtac.has_chunk);
        assert_int_equal(rtac.event.kind, vectors[i].kind);
        assert_int_equal(rtac.event.direction, vectors[i].direction);
        assert_int_equal(rtac.event.count, 0);
        assert_int_equal(rtac.event.at.packet, 5);
        assert_int_equal(rtac.event.at.offset, 8);
        assert_int_equal(rtac.event.at.time, 1600000000999999000);
    }
}

static void error_records_may_hold_the_byte_too(void **state)
{
    const struct btap_record record = make(0x08, 0, "\x1f");
    struct link_rtac rtac;

    (void)state;
    assert_true(link_parse_rtac(&record, &rtac));
    assert_true(rtac.has_event);
    assert_true(rtac.has_chunk);
    assert_int_equal(rtac.chunk.direction, BTAP_DEVICE_TO_HOST);
    assert_int_equal(rtac.chunk.length, 1);
}

static void records_about_the_capture_hold_no_data(void **state)
{
    struct btap_record record = make(0x06, 0, "end");
    struct link_rtac rtac;

    (void)state;
    assert_true(link_parse_rtac(&record, &rtac));
    assert_false(rtac.has_chunk);
    assert_false(rtac.has_event);
    record = make(0x05, 0, "end");
    assert_true(link_parse_rtac(&record, &rtac));
    assert_false(rtac.has_chunk);
    assert_true(rtac.has_event);
}

static void every_control_line(void **state)
{
    static const struct {
        uint8_t bits;
        uint8_t lines;
    } vectors[] = {
        {0x00, 0},
        {0x01, BTAP_LINE_CTS},
        {0x02, BTAP_LINE_DCD},
        {0x04, BTAP_LINE_DSR},
        {0x08, BTAP_LINE_RTS},
        {0x10, BTAP_LINE_DTR},
        {0x20, BTAP_LINE_RI},
        {0x40, 0}, /* MBOK */
        {0x80, 0}, /* not defined */
        {0xff, ALL_LINES},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(vectors); i++) {
        const struct btap_record record = make(0x00, vectors[i].bits, "");
        struct link_rtac rtac;

        assert_true(link_parse_rtac(&record, &rtac));
        assert_true(rtac.has_lines);
        assert_int_equal(rtac.lines, vectors[i].lines);
        assert_int_equal(rtac.lines_known, ALL_LINES);
    }
}

static void unknown_event_types_are_malformed(void **state)
{
    (void)state;
    for (unsigned type = 0x0b; type <= 0xff; type++) {
        const struct btap_record record = make((uint8_t)type, 0, "\x79");
        struct link_rtac rtac;

        assert_false(link_parse_rtac(&record, &rtac));
    }
}

static void records_cut_at_every_length(void **state)
{
    const struct btap_record whole = make(0x02, 0x18, "\x79\x04\x13");

    (void)state;
    for (uint32_t captured = 0; captured <= 15; captured++) {
        struct btap_record record = whole;
        uint8_t *bytes = malloc(captured > 0 ? captured : 1);
        struct link_rtac rtac;
        bool parsed;

        assert_non_null(bytes);
        memcpy(bytes, whole.bytes, captured);
        record.bytes = captured > 0 ? bytes : NULL;
        record.captured = captured;
        parsed = link_parse_rtac(&record, &rtac);
        assert_int_equal(parsed, captured >= 12);
        assert_int_equal(rtac.has_chunk, captured >= 12);
        if (captured >= 12) {
            assert_int_equal(rtac.chunk.length, captured - 12);
            assert_int_equal(rtac.chunk.direction, BTAP_DEVICE_TO_HOST);
            assert_memory_equal(rtac.chunk.bytes, "\x79\x04\x13", captured - 12);
        }
        free(bytes);
    }
}

/* The original length of the record is less than what it holds: some writers count the payload only
 */
static void records_longer_than_their_length_hold_chunks(void **state)
{
    struct btap_record record = make(0x02, 0x18, "\x79");
    struct link_rtac rtac;

    (void)state;
    record.length = 1;
    assert_true(link_parse_rtac(&record, &rtac));
    assert_true(rtac.has_chunk);
    assert_int_equal(rtac.chunk.length, 1);
    assert_int_equal(rtac.chunk.bytes[0], 0x79);
}

/** Only a STATUS_CHANGE tells settings, and only in a comment of the documented form. */
static void settings_stand_in_a_comment(void **state)
{
    static const char comment[] = "boottap serial: 57600 8N1";
    struct link_rtac rtac;

    (void)state;
    for (uint8_t type = 0; type <= 0x0a; type++) {
        struct btap_record record = make(type, 0x10, "");

        record.comment = comment;
        record.comment_length = sizeof(comment) - 1;
        assert_true(link_parse_rtac(&record, &rtac));
        if (type != 0) {
            assert_true(!rtac.has_event || rtac.event.kind != BTAP_SERIAL_SETTINGS);
            continue;
        }
        assert_true(rtac.has_event);
        assert_true(rtac.has_lines);
        assert_false(rtac.has_chunk);
        assert_int_equal(rtac.event.kind, BTAP_SERIAL_SETTINGS);
        assert_int_equal(rtac.event.direction, BTAP_HOST_TO_DEVICE);
        assert_int_equal(rtac.event.at.packet, 5);
        assert_int_equal(rtac.event.at.time, 1600000000999999000);
        assert_int_equal(rtac.event.settings.baud, 57600);
        assert_int_equal(rtac.event.settings.parity, BTAP_PARITY_NONE);
        record.comment_length--;
        assert_true(link_parse_rtac(&record, &rtac));
        assert_false(rtac.has_event);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(settings_stand_in_a_comment),
        cmocka_unit_test(data_records_hold_chunks),
        cmocka_unit_test(data_records_may_be_empty),
        cmocka_unit_test(error_records_hold_events),
        cmocka_unit_test(error_records_may_hold_the_byte_too),
        cmocka_unit_test(records_about_the_capture_hold_no_data),
        cmocka_unit_test(every_control_line),
        cmocka_unit_test(unknown_event_types_are_malformed),
        cmocka_unit_test(records_cut_at_every_length),
        cmocka_unit_test(records_longer_than_their_length_hold_chunks),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
