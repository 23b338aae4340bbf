/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What the FDCAN decoder tells of a transaction beside its line: spans, data, lengths (AN5405).
 */
#include "can_rig.h"

/** The first span of a field in a transaction. */
static const struct collected_span *span_of(const struct can_rig *rig, uint64_t n,
                                            enum btap_field field)
{
    for (size_t i = 0; i < rig->collector.spans_length; i++)
        if (rig->collector.spans[i].span.n == n && rig->collector.spans[i].span.field == field)
            return &rig->collector.spans[i];
    fail_msg("no span of %s", btap_field_name(field));
    return NULL;
}

static void assert_span(const struct can_rig *rig, uint64_t n, enum btap_field field,
                        uint64_t packet, uint32_t offset, uint32_t length, uint64_t value)
{
    const struct btap_span *span = &span_of(rig, n, field)->span;

    assert_int_equal(span->packet, packet);
    assert_int_equal(span->offset, offset);
    assert_int_equal(span->length, length);
    assert_int_equal(span->value, value);
    assert_true(span->last);
    assert_false(span->bad);
}

/* Data starts at offset 8 of a record (LINKTYPE_CAN_SOCKETCAN), the identifier at 0 */
static void write_tells_its_fields_and_data(void **state)
{
    static const char *const frames[] = {"031 08 00 04 00 41", "031 79", "031 64*01",
                                         "031 02 03 6*00",     "031 79", NULL};
    struct can_rig rig;
    const struct btap_transaction *write;
    const struct collected_data *data;

    (void)state;
    can_rig_open(&rig);
    can_rig_feed_all(&rig, frames);
    btap_can_finish(&rig.can);
    can_rig_assert_line(&rig, 0, "Write Memory 0x08000400 66 bytes | ok");
    write = &rig.collector.transactions[0];
    assert_int_equal(write->transferred, 66);
    assert_int_equal(write->request_id, 0x31);
    assert_int_equal(write->reply_id, 0x31);
    assert_true(write->has & BTAP_HAS_CAN_ID);
    assert_true(write->has & BTAP_HAS_REPLY_ID);
    assert_int_equal(write->first_packet, 1);
    assert_int_equal(write->last_packet, 5);
    assert_int_equal(write->time, 0);
    assert_int_equal(write->duration, 8000000);

    assert_span(&rig, 1, BTAP_FIELD_CAN_ID, 1, 0, 4, 0x31);
    assert_span(&rig, 1, BTAP_FIELD_OPCODE, 1, 0, 4, 0x31);
    assert_span(&rig, 1, BTAP_FIELD_ADDRESS, 1, 8, 4, 0x08000400);
    assert_span(&rig, 1, BTAP_FIELD_BYTE_COUNT, 1, 12, 1, 0x41);
    assert_span(&rig, 1, BTAP_FIELD_ANSWER, 2, 8, 1, 0x79);
    assert_span(&rig, 1, BTAP_FIELD_PADDING, 4, 10, 6, 0);
    assert_int_equal(span_of(&rig, 1, BTAP_FIELD_ADDRESS)->span.direction, BTAP_HOST_TO_DEVICE);
    assert_int_equal(span_of(&rig, 1, BTAP_FIELD_ANSWER)->span.direction, BTAP_DEVICE_TO_HOST);

    assert_int_equal(rig.collector.data_length, 2);
    data = rig.collector.data;
    assert_int_equal(data[0].data.address, 0x08000400);
    assert_int_equal(data[0].data.length, 64);
    assert_int_equal(data[0].data.packet, 3);
    assert_int_equal(data[0].data.offset, 8);
    assert_true(data[0].data.written);
    assert_int_equal(data[1].data.address, 0x08000440);
    assert_int_equal(data[1].data.length, 2);
    assert_memory_equal(data[1].data.bytes, "\x02\x03", 2);
    can_rig_close(&rig);
}

static void read_tells_its_data_without_padding(void **state)
{
    static const char *const frames[] = {"011 20 00 00 00 42", "111 79", "111 64*01",
                                         "111 02 03 04 61*ff", "111 79", NULL};
    struct can_rig rig;

    (void)state;
    can_rig_open(&rig);
    can_rig_feed_all(&rig, frames);
    btap_can_finish(&rig.can);
    can_rig_assert_line(&rig, 0, "Read Memory 0x20000000 67 bytes | ok");
    assert_int_equal(rig.collector.transactions[0].request_id, 0x11);
    assert_int_equal(rig.collector.transactions[0].reply_id, 0x111);
    assert_int_equal(rig.collector.transactions[0].transferred, 67);
    assert_int_equal(rig.collector.data_length, 2);
    assert_false(rig.collector.data[1].data.written);
    assert_int_equal(rig.collector.data[1].data.address, 0x20000040);
    assert_memory_equal(rig.collector.data[1].data.bytes, "\x02\x03\x04", 3);
    assert_span(&rig, 1, BTAP_FIELD_PADDING, 4, 11, 61, 0);
    assert_int_equal(span_of(&rig, 1, BTAP_FIELD_DATA)->span.direction, BTAP_DEVICE_TO_HOST);
    can_rig_close(&rig);
}

/* 3.12: the size frame, 70 bytes of data; the device's two bytes of data, three of status */
static void special_tells_its_packets(void **state)
{
    static const char *const frames[] = {
        "050 12 34",          "050 79",   "050 79", "050 00 46",
        "050 64*aa",          "050 6*ab", "050 79", "050 00 02 de ad",
        "050 00 03 01 02 03", "050 79",   NULL};
    struct can_rig rig;
    const struct btap_transaction *special;

    (void)state;
    can_rig_open(&rig);
    can_rig_feed_all(&rig, frames);
    btap_can_finish(&rig.can);
    can_rig_assert_line(&rig, 0, "Special 0x1234 | ok");
    special = &rig.collector.transactions[0];
    assert_int_equal(special->sent_length, 70);
    assert_int_equal(special->received_length, 2);
    assert_true(special->has & BTAP_HAS_SPECIAL_STATUS);
    assert_int_equal(special->special_status_length, 3);
    assert_memory_equal(special->special_status, "\x01\x02\x03", 3);
    assert_span(&rig, 1, BTAP_FIELD_SUBCOMMAND, 1, 8, 2, 0x1234);
    assert_span(&rig, 1, BTAP_FIELD_DATA_LENGTH, 4, 8, 2, 70);
    assert_span(&rig, 1, BTAP_FIELD_STATUS_LENGTH, 9, 8, 2, 3);
    assert_span(&rig, 1, BTAP_FIELD_STATUS_DATA, 9, 10, 3, 0);
    can_rig_close(&rig);
}

static void special_that_is_refused_has_no_status(void **state)
{
    static const char *const frames[] = {"050 12 34", "050 79", "050 79",
                                         "050 00 02", "050 1f", NULL};
    struct can_rig rig;

    (void)state;
    can_rig_open(&rig);
    can_rig_feed_all(&rig, can_rig_preamble);
    can_rig_feed_all(&rig, frames);
    btap_can_finish(&rig.can);
    assert_int_equal(rig.collector.transactions[1].sent_length, 2);
    assert_false(rig.collector.transactions[1].has & BTAP_HAS_SPECIAL_STATUS);
    can_rig_close(&rig);
}

static void extended_special_tells_both_packets(void **state)
{
    static const char *const frames[] = {
        "051 12 34", "051 79", "051 79", "051 00 01",    "051 bb", "051 79", "051 00 41",
        "051 64*cc", "051 cd", "051 79", "051 00 01 00", "051 79", NULL};
    struct can_rig rig;
    const struct btap_transaction *special;

    (void)state;
    can_rig_open(&rig);
    can_rig_feed_all(&rig, frames);
    btap_can_finish(&rig.can);
    can_rig_assert_line(&rig, 0, "Extended Special 0x1234 | ok");
    special = &rig.collector.transactions[0];
    assert_int_equal(special->sent_length, 1);
    assert_int_equal(special->sent2_length, 65);
    assert_int_equal(special->received_length, 0);
    assert_int_equal(special->special_status_length, 1);
    can_rig_close(&rig);
}

/* A snapshot length of 24: 16 bytes of each frame, of which 64 were sent */
static void truncated_data_frames_keep_their_place(void **state)
{
    uint8_t data[64];
    struct btap_can_frame frame;
    struct can_rig rig;

    (void)state;
    can_rig_open(&rig);
    can_rig_feed_text(&rig, "031 08 00 00 00 7f");
    can_rig_feed_text(&rig, "031 79");
    for (int i = 0; i < 2; i++) {
        frame = can_rig_frame(&rig, "031 64*33", data);
        frame.captured = 16;
        assert_true(can_rig_feed(&rig, frame));
    }
    can_rig_feed_text(&rig, "031 79");
    btap_can_finish(&rig.can);
    can_rig_assert_line(&rig, 0, "Write Memory 0x08000000 128 bytes | ok");
    assert_int_equal(rig.collector.data_length, 2);
    assert_int_equal(rig.collector.data[0].data.length, 16);
    assert_int_equal(rig.collector.data[1].data.address, 0x08000040);
    can_rig_close(&rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(write_tells_its_fields_and_data),
        cmocka_unit_test(read_tells_its_data_without_padding),
        cmocka_unit_test(special_tells_its_packets),
        cmocka_unit_test(special_that_is_refused_has_no_status),
        cmocka_unit_test(extended_special_tells_both_packets),
        cmocka_unit_test(truncated_data_frames_keep_their_place),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
