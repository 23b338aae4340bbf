/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Records of LINKTYPE_USB_DARWIN written out byte by byte: bcdVersion, header's length, request,
 * length, status, frames, id, location, speed, address, endpoint, type; then setup or data.
 */
#include <string.h>

#include "link/link.h"
#include "test.h"

/* GETSTATUS of device 7 on bus 0x14 */
static const uint8_t submission[40] = {
    0x00, 0x01, 32,   0,    0x06, 0x00, 0x00, 0x00, /* 0 submission, 6 bytes wanted */
    0,    0,    0,    0,    0,    0,    0,    0,    /* 8 status, frames */
    0x08, 0x07, 0x06, 0x05, 0x04, 0x03, 0x02, 0x01, /* 16 id */
    0x00, 0x00, 0x20, 0x14, 1,    7,    0x80, 0,    /* 24 location, full speed, device, control */
    0xa1, 0x03, 0x34, 0x12, 0x78, 0x56, 0x06, 0x00, /* 32 setup */
};

/* The 5 bytes of a Set Address Pointer, with its completion */
static const uint8_t completion[37] = {
    0x00, 0x01, 32,   1,    0x05, 0x00, 0x00, 0x00, /**/
    0,    0,    0,    0,    0,    0,    0,    0,    /**/
    0x09, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, /**/
    0x00, 0x00, 0x20, 0x14, 1,    7,    0x00, 0,    /**/
    0x21, 0x00, 0x00, 0x00, 0x08,
};

static struct btap_record record_of(const uint8_t *bytes, uint32_t length)
{
    return (struct btap_record){
        .linktype = BTAP_LINKTYPE_USB_DARWIN,
        .interface_id = 3,
        .packet = 17,
        .time = 5000,
        .bytes = bytes,
        .captured = length,
        .length = length,
    };
}

static struct link_urb parsed(const uint8_t *bytes, uint32_t length)
{
    const struct btap_record record = record_of(bytes, length);
    struct link_urb urb;

    memset(&urb, 0xff, sizeof(urb));
    assert_true(link_parse_darwin(&record, &urb));
    assert_true(urb.late);
    assert_null(urb.pieces);
    assert_int_equal(urb.pieces_length, 0);
    assert_int_equal(urb.interface_id, 3);
    assert_int_equal(urb.at.packet, 17);
    assert_int_equal(urb.at.time, 5000);
    return urb;
}

static void a_submission_with_its_setup(void **state)
{
    const struct link_urb urb = parsed(submission, sizeof(submission));

    (void)state;
    assert_int_equal(urb.id, UINT64_C(0x0102030405060708));
    assert_int_equal(urb.stage, LINK_URB_SUBMIT);
    assert_int_equal(urb.type, LINK_URB_CONTROL);
    assert_int_equal(urb.bus, 0x14);
    assert_int_equal(urb.device, 7);
    assert_int_equal(urb.endpoint, 0x80);
    assert_int_equal(urb.status, BTAP_USB_OK);
    assert_true(urb.setup_known);
    assert_int_equal(urb.setup_offset, 32);
    assert_int_equal(urb.setup.request_type, 0xa1);
    assert_int_equal(urb.setup.request, 3);
    assert_int_equal(urb.setup.value, 0x1234);
    assert_int_equal(urb.setup.index, 0x5678);
    assert_int_equal(urb.setup.length, 6);
    assert_int_equal(urb.length, 0);
    assert_int_equal(urb.captured, 0);
}

static void a_completion_with_what_was_sent(void **state)
{
    const struct link_urb urb = parsed(completion, sizeof(completion));

    (void)state;
    assert_int_equal(urb.id, 9);
    assert_int_equal(urb.stage, LINK_URB_COMPLETE);
    assert_false(urb.setup_known);
    assert_int_equal(urb.length, 5);
    assert_int_equal(urb.captured, 5);
    assert_int_equal(urb.at.offset, 32);
    assert_ptr_equal(urb.data, completion + 32);
}

/* The record was cut, or holds more than went over. */
static void lengths_that_differ(void **state)
{
    uint8_t bytes[sizeof(completion)];
    struct link_urb urb;

    (void)state;
    urb = parsed(completion, 34);
    assert_int_equal(urb.length, 5);
    assert_int_equal(urb.captured, 2);
    memcpy(bytes, completion, sizeof(bytes));
    bytes[4] = 3;
    urb = parsed(bytes, sizeof(bytes));
    assert_int_equal(urb.length, 3);
    assert_int_equal(urb.captured, 3);
    memcpy(bytes, submission, sizeof(bytes));
    urb = parsed(bytes, sizeof(bytes));
    assert_false(urb.setup_known);
    assert_int_equal(urb.captured, 0);
}

static void other_types(void **state)
{
    static const enum link_urb_type types[] = {LINK_URB_CONTROL, LINK_URB_ISOCHRONOUS,
                                               LINK_URB_BULK, LINK_URB_INTERRUPT, LINK_URB_OTHER};
    uint8_t bytes[sizeof(submission)];
    struct link_urb urb;

    (void)state;
    memcpy(bytes, submission, sizeof(bytes));
    for (size_t i = 0; i < COUNT_OF(types); i++) {
        bytes[31] = (uint8_t)i;
        urb = parsed(bytes, sizeof(bytes));
        assert_int_equal(urb.type, types[i]);
        assert_int_equal(urb.setup_known, i == 0);
        /* what a read of other types asks for */
        assert_int_equal(urb.length, i == 0 ? 0 : 6);
        assert_int_equal(urb.captured, 0);
    }
}

static void statuses(void **state)
{
    static const struct {
        uint8_t bytes[4];
        enum btap_usb_status status;
    } all[] = {
        {{0, 0, 0, 0}, BTAP_USB_OK},
        {{0xc0, 0x02, 0x00, 0xe0}, BTAP_USB_GONE},
        {{0xd6, 0x02, 0x00, 0xe0}, BTAP_USB_TIMEOUT},
        {{0xe7, 0x02, 0x00, 0xe0}, BTAP_USB_SHORT},
        {{0xe8, 0x02, 0x00, 0xe0}, BTAP_USB_BABBLE},
        {{0xeb, 0x02, 0x00, 0xe0}, BTAP_USB_CANCELLED},
        {{0xed, 0x02, 0x00, 0xe0}, BTAP_USB_BUS_ERROR},
        {{0x4f, 0x40, 0x00, 0xe0}, BTAP_USB_STALL},
        {{0x51, 0x40, 0x00, 0xe0}, BTAP_USB_TIMEOUT},
        {{0x00, 0x50, 0x00, 0xe0}, BTAP_USB_STALL},
        {{0xbc, 0x02, 0x00, 0xe0}, BTAP_USB_OTHER},
    };
    uint8_t bytes[sizeof(completion)];
    struct link_urb urb;

    (void)state;
    memcpy(bytes, completion, sizeof(bytes));
    for (size_t i = 0; i < COUNT_OF(all); i++) {
        memcpy(bytes + 8, all[i].bytes, 4);
        urb = parsed(bytes, sizeof(bytes));
        assert_int_equal(urb.status, all[i].status);
    }
    assert_int_equal((uint32_t)urb.raw_status, 0xe00002bc);
    bytes[3] = 0;
    assert_int_equal(parsed(bytes, sizeof(bytes)).status, BTAP_USB_OK);
}

static void malformed_records(void **state)
{
    static const struct {
        size_t at;
        uint8_t value;
    } wrong[] = {{2, 31}, {2, 41}, {3, 2}};
    uint8_t bytes[sizeof(submission)];
    struct link_urb urb;

    (void)state;
    for (uint32_t cut = 0; cut <= sizeof(submission); cut++) {
        const struct btap_record record = record_of(submission, cut);

        assert_int_equal(link_parse_darwin(&record, &urb), cut >= 32);
    }
    for (size_t i = 0; i < COUNT_OF(wrong); i++) {
        const struct btap_record record = record_of(bytes, sizeof(bytes));

        memcpy(bytes, submission, sizeof(bytes));
        bytes[wrong[i].at] = wrong[i].value;
        assert_false(link_parse_darwin(&record, &urb));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_submission_with_its_setup),
        cmocka_unit_test(a_completion_with_what_was_sent),
        cmocka_unit_test(lengths_that_differ),
        cmocka_unit_test(other_types),
        cmocka_unit_test(statuses),
        cmocka_unit_test(malformed_records),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
