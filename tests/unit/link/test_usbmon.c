/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Records written out byte by byte after Linux Documentation/usb/usbmon.rst.
 */
#include <string.h>

#include "link/link.h"
#include "test.h"

/* A GETSTATUS submission: id 0xffff8801_02030405, endpoint 0x80, device 28, bus 1. */
static const uint8_t submission[64] = {
    0x05, 0x04, 0x03, 0x02, 0x01, 0x88, 0xff, 0xff, /* 0 id */
    'S',  2,    0x80, 28,   0x01, 0x00, 0,    '<',  /* 8 type, control, endpoint, device, bus */
    0xb8, 0xd3, 0x47, 0x59, 0,    0,    0,    0,    /* 16 seconds */
    0xe3, 0xb5, 0x0e, 0x00, 0x8d, 0xff, 0xff, 0xff, /* 24 microseconds, status -115 */
    0x06, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, /* 32 length 6, captured 0 */
    0xa1, 0x03, 0x34, 0x12, 0x78, 0x56, 0x06, 0x00, /* 40 setup */
    0,    0,    0,    0,    0,    0,    0,    0,    /* 48 interval, start frame */
    0x00, 0x02, 0x00, 0x00, 0,    0,    0,    0,    /* 56 flags, descriptors 0 */
};

/* Its completion with the 6 bytes of status. */
static const uint8_t completion[70] = {
    0x05, 0x04, 0x03, 0x02, 0x01, 0x88, 0xff, 0xff, /**/
    'C',  2,    0x80, 28,   0x01, 0x00, '-',  0,    /**/
    0xb8, 0xd3, 0x47, 0x59, 0,    0,    0,    0,    /**/
    0x61, 0xb6, 0x0e, 0x00, 0x00, 0x00, 0x00, 0x00, /* status 0 */
    0x06, 0x00, 0x00, 0x00, 0x06, 0x00, 0x00, 0x00, /* length 6, captured 6 */
    0xde, 0xad, 0xbe, 0xef, 0xde, 0xad, 0xbe, 0xef, /* not a setup */
    0,    0,    0,    0,    0,    0,    0,    0,    /**/
    0x00, 0x02, 0x00, 0x00, 0,    0,    0,    0,    /**/
    0x00, 0x28, 0x00, 0x00, 0x04, 0x00,
};

/* A SET_LINE_CODING submission as a big-endian machine records it: bus 0x0203. */
static const uint8_t big_endian_submission[71] = {
    0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x08, /**/
    'S',  2,    0x00, 5,    0x02, 0x03, 0,    0,    /**/
    0,    0,    0,    0,    0x59, 0x47, 0xd3, 0xb8, /**/
    0x00, 0x0e, 0xb5, 0xe3, 0xff, 0xff, 0xff, 0x8d, /**/
    0x00, 0x00, 0x00, 0x07, 0x00, 0x00, 0x00, 0x07, /**/
    0x21, 0x20, 0x00, 0x00, 0x01, 0x00, 0x07, 0x00, /* the setup stays little-endian */
    0,    0,    0,    0,    0,    0,    0,    0,    /**/
    0,    0,    0,    0,    0,    0,    0,    0,    /**/
    0x00, 0xc2, 0x01, 0x00, 0x00, 0x02, 0x08,
};

/* A bulk completion on endpoint 2 OUT with the short header; nothing follows: '>'. */
static const uint8_t short_header[48] = {
    0x10, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, /**/
    'C',  3,    0x02, 9,    0x04, 0x00, '-',  '>',  /**/
    0,    0,    0,    0,    0,    0,    0,    0,    /**/
    0,    0,    0,    0,    0x94, 0xff, 0xff, 0xff, /* status -108 */
    0x03, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, /**/
    0,    0,    0,    0,    0,    0,    0,    0,    /**/
};

/* An isochronous completion with two descriptors and three bytes of data. */
static const uint8_t isochronous[99] = {
    0x10, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, /**/
    'C',  0,    0x81, 9,    0x04, 0x00, '-',  0,    /**/
    0,    0,    0,    0,    0,    0,    0,    0,    /**/
    0,    0,    0,    0,    0,    0,    0,    0,    /**/
    0x03, 0x00, 0x00, 0x00, 0x23, 0x00, 0x00, 0x00, /* length 3, captured 35 */
    0,    0,    0,    0,    0x02, 0,    0,    0,    /* errors 0, descriptors 2 */
    0x01, 0,    0,    0,    0,    0,    0,    0,    /**/
    0,    0,    0,    0,    0x02, 0,    0,    0,    /* 60 descriptors 2 */
    0,    0,    0,    0,    0,    0,    0,    0,    /**/
    0x02, 0,    0,    0,    0,    0,    0,    0,    /**/
    0,    0,    0,    0,    0x02, 0,    0,    0,    /**/
    0x01, 0,    0,    0,    0,    0,    0,    0,    /**/
    0xaa, 0xbb, 0xcc,
};

static struct btap_record record_of(uint32_t linktype, const uint8_t *bytes, uint32_t length)
{
    return (struct btap_record){
        .linktype = linktype,
        .interface_id = 3,
        .packet = 17,
        .time = 1234567890,
        .bytes = bytes,
        .captured = length,
        .length = length,
    };
}

static void submission_of_a_control_transfer(void **state)
{
    const struct btap_record record =
        record_of(BTAP_LINKTYPE_USB_LINUX_MMAPPED, submission, sizeof(submission));
    struct link_urb urb;

    (void)state;
    assert_true(link_parse_usbmon(&record, &urb));
    assert_int_equal(urb.stage, LINK_URB_SUBMIT);
    assert_int_equal(urb.type, LINK_URB_CONTROL);
    assert_true(urb.id == 0xffff880102030405u);
    assert_int_equal(urb.interface_id, 3);
    assert_int_equal(urb.bus, 1);
    assert_int_equal(urb.device, 28);
    assert_int_equal(urb.endpoint, 0x80);
    assert_int_equal(urb.status, BTAP_USB_OK);
    assert_int_equal(urb.raw_status, -115);
    assert_int_equal(urb.length, 6);
    assert_int_equal(urb.captured, 0);
    assert_true(urb.setup_known);
    assert_int_equal(urb.setup_offset, 40);
    assert_int_equal(urb.setup.request_type, 0xa1);
    assert_int_equal(urb.setup.request, 0x03);
    assert_int_equal(urb.setup.value, 0x1234);
    assert_int_equal(urb.setup.index, 0x5678);
    assert_int_equal(urb.setup.length, 6);
    assert_int_equal(urb.at.packet, 17);
    assert_true(urb.at.time == 1234567890);
}

static void completion_of_a_control_transfer(void **state)
{
    const struct btap_record record =
        record_of(BTAP_LINKTYPE_USB_LINUX_MMAPPED, completion, sizeof(completion));
    struct link_urb urb;

    (void)state;
    assert_true(link_parse_usbmon(&record, &urb));
    assert_int_equal(urb.stage, LINK_URB_COMPLETE);
    assert_false(urb.setup_known);
    assert_int_equal(urb.status, BTAP_USB_OK);
    assert_int_equal(urb.length, 6);
    assert_int_equal(urb.captured, 6);
    assert_int_equal(urb.at.offset, 64);
    assert_ptr_equal(urb.data, completion + 64);
}

static void header_in_big_endian_order(void **state)
{
    struct btap_record record = record_of(BTAP_LINKTYPE_USB_LINUX_MMAPPED, big_endian_submission,
                                          sizeof(big_endian_submission));
    struct link_urb urb;

    (void)state;
    record.big_endian = true;
    assert_true(link_parse_usbmon(&record, &urb));
    assert_true(urb.id == 0x0102030405060708u);
    assert_int_equal(urb.bus, 0x0203);
    assert_int_equal(urb.device, 5);
    assert_int_equal(urb.length, 7);
    assert_int_equal(urb.captured, 7);
    assert_int_equal(urb.raw_status, -115);
    assert_true(urb.setup_known);
    assert_int_equal(urb.setup.index, 1);
    assert_int_equal(urb.setup.length, 7);
    assert_int_equal(urb.data[1], 0xc2);
}

static void short_header_of_linktype_189(void **state)
{
    const struct btap_record record =
        record_of(BTAP_LINKTYPE_USB_LINUX, short_header, sizeof(short_header));
    struct link_urb urb;

    (void)state;
    assert_true(link_parse_usbmon(&record, &urb));
    assert_int_equal(urb.type, LINK_URB_BULK);
    assert_int_equal(urb.endpoint, 0x02);
    assert_int_equal(urb.bus, 4);
    assert_int_equal(urb.status, BTAP_USB_GONE);
    assert_int_equal(urb.raw_status, -108);
    assert_int_equal(urb.length, 3);
    assert_int_equal(urb.captured, 0);
    assert_false(urb.setup_known);
}

static void data_of_linktype_189_follow_48_bytes(void **state)
{
    uint8_t bytes[50] = {0};
    struct btap_record record = record_of(BTAP_LINKTYPE_USB_LINUX, bytes, sizeof(bytes));
    struct link_urb urb;

    (void)state;
    memcpy(bytes, short_header, sizeof(short_header));
    bytes[10] = 0x81; /* IN */
    bytes[15] = 0;    /* data follow */
    bytes[32] = 2;    /* length */
    bytes[36] = 2;    /* captured */
    assert_true(link_parse_usbmon(&record, &urb));
    assert_int_equal(urb.at.offset, 48);
    assert_int_equal(urb.captured, 2);
    assert_int_equal(urb.length, 2);
}

static void isochronous_descriptors_stand_before_the_data(void **state)
{
    struct btap_record record =
        record_of(BTAP_LINKTYPE_USB_LINUX_MMAPPED, isochronous, sizeof(isochronous));
    uint8_t contradictory[sizeof(isochronous)];
    struct link_urb urb;

    (void)state;
    assert_true(link_parse_usbmon(&record, &urb));
    assert_int_equal(urb.type, LINK_URB_ISOCHRONOUS);
    assert_int_equal(urb.at.offset, 96); /* 64 + 2 * 16 */
    assert_int_equal(urb.captured, 3);
    assert_int_equal(urb.data[0], 0xaa);

    /* More descriptors than bytes were captured: 3 * 16 > 35. */
    memcpy(contradictory, isochronous, sizeof(contradictory));
    contradictory[60] = 3;
    record.bytes = contradictory;
    assert_false(link_parse_usbmon(&record, &urb));
}

/* Documentation/driver-api/usb/error-codes.rst; the errno values of x86 and ARM */
static void status_is_made_the_same_for_all(void **state)
{
    static const struct {
        int32_t error;
        enum btap_usb_status status;
    } expected[] = {
        {0, BTAP_USB_OK},       {-2, BTAP_USB_CANCELLED},    {-19, BTAP_USB_GONE},
        {-32, BTAP_USB_STALL},  {-62, BTAP_USB_BUS_ERROR},   {-71, BTAP_USB_BUS_ERROR},
        {-75, BTAP_USB_BABBLE}, {-84, BTAP_USB_BUS_ERROR},   {-104, BTAP_USB_CANCELLED},
        {-108, BTAP_USB_GONE},  {-110, BTAP_USB_TIMEOUT},    {-121, BTAP_USB_SHORT},
        {-12, BTAP_USB_OTHER},  {INT32_MIN, BTAP_USB_OTHER}, {5, BTAP_USB_OTHER},
    };
    uint8_t bytes[sizeof(short_header)];
    const struct btap_record record = record_of(BTAP_LINKTYPE_USB_LINUX, bytes, sizeof(bytes));

    (void)state;
    memcpy(bytes, short_header, sizeof(bytes));
    for (size_t i = 0; i < COUNT_OF(expected); i++) {
        uint32_t error = (uint32_t)expected[i].error;
        struct link_urb urb;

        for (int j = 0; j < 4; j++)
            bytes[28 + j] = (uint8_t)(error >> 8 * j);
        assert_true(link_parse_usbmon(&record, &urb));
        assert_int_equal(urb.status, expected[i].status);
        assert_int_equal(urb.raw_status, expected[i].error);
    }
}

static void failed_submission_tells_its_error(void **state)
{
    uint8_t bytes[sizeof(submission)];
    const struct btap_record record =
        record_of(BTAP_LINKTYPE_USB_LINUX_MMAPPED, bytes, sizeof(bytes));
    struct link_urb urb;

    (void)state;
    memcpy(bytes, submission, sizeof(bytes));
    bytes[8] = 'E';
    bytes[14] = '-';
    bytes[15] = 'E';
    bytes[28] = 0xed; /* -19 */
    assert_true(link_parse_usbmon(&record, &urb));
    assert_int_equal(urb.stage, LINK_URB_FAILED);
    assert_int_equal(urb.status, BTAP_USB_GONE);
    assert_int_equal(urb.captured, 0);
    assert_int_equal(urb.length, 0);
    assert_false(urb.setup_known);
}

static void data_flag_tells_that_no_data_follow(void **state)
{
    uint8_t bytes[sizeof(completion)];
    const struct btap_record record =
        record_of(BTAP_LINKTYPE_USB_LINUX_MMAPPED, bytes, sizeof(bytes));
    static const uint8_t flags[] = {'<', '>', 'Z', 'D', 'E', 1};

    (void)state;
    memcpy(bytes, completion, sizeof(bytes));
    for (size_t i = 0; i < COUNT_OF(flags); i++) {
        struct link_urb urb;

        bytes[15] = flags[i];
        assert_true(link_parse_usbmon(&record, &urb));
        assert_int_equal(urb.captured, 0);
        assert_int_equal(urb.length, 6);
    }
}

/* As the converter of a public capture writes: length 0 although data follow, setup repeated. */
static void odd_converter_leaves_the_length_zero(void **state)
{
    uint8_t bytes[sizeof(completion)];
    const struct btap_record record =
        record_of(BTAP_LINKTYPE_USB_LINUX_MMAPPED, bytes, sizeof(bytes));
    struct link_urb urb;

    (void)state;
    memcpy(bytes, completion, sizeof(bytes));
    bytes[10] = 0; /* no IN bit */
    bytes[14] = 0; /* setup valid */
    bytes[32] = 0;
    memcpy(bytes + 40, submission + 40, 8);
    assert_true(link_parse_usbmon(&record, &urb));
    assert_int_equal(urb.length, 6);
    assert_int_equal(urb.captured, 6);
    assert_true(urb.setup_known);
    assert_int_equal(urb.setup.request_type, 0xa1);
}

static void bytes_behind_the_data_are_none_of_it(void **state)
{
    uint8_t bytes[sizeof(completion) + 2] = {0};
    const struct btap_record record =
        record_of(BTAP_LINKTYPE_USB_LINUX_MMAPPED, bytes, sizeof(bytes));
    struct link_urb urb;

    (void)state;
    memcpy(bytes, completion, sizeof(completion));
    assert_true(link_parse_usbmon(&record, &urb));
    assert_int_equal(urb.captured, 6);
    assert_int_equal(urb.length, 6);
}

static void nonsense_is_malformed(void **state)
{
    static const struct {
        uint32_t at;
        uint8_t value;
    } wrong[] = {{8, 'X'}, {8, 0}, {9, 4}, {9, 0xff}};
    uint8_t bytes[sizeof(completion)];
    const struct btap_record record =
        record_of(BTAP_LINKTYPE_USB_LINUX_MMAPPED, bytes, sizeof(bytes));
    struct link_urb urb;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(wrong); i++) {
        memcpy(bytes, completion, sizeof(bytes));
        bytes[wrong[i].at] = wrong[i].value;
        assert_false(link_parse_usbmon(&record, &urb));
    }
}

static void cut_everywhere(void **state, uint32_t linktype, uint32_t header, const uint8_t *bytes,
                           uint32_t length)
{
    (void)state;
    for (uint32_t cut = 0; cut <= length; cut++) {
        uint8_t *exact = test_malloc(cut + (cut == 0)); /* sanitizers see reads behind it */
        struct btap_record record = record_of(linktype, exact, cut);
        struct link_urb urb;

        memcpy(exact, bytes, cut);
        record.length = length;
        assert_int_equal(link_parse_usbmon(&record, &urb), cut >= header);
        if (cut >= header) {
            assert_in_range(urb.captured, 0, cut - header);
            assert_true(urb.length >= urb.captured);
        }
        test_free(exact);
    }
}

static void records_cut_at_every_length(void **state)
{
    cut_everywhere(state, BTAP_LINKTYPE_USB_LINUX_MMAPPED, 64, submission, sizeof(submission));
    cut_everywhere(state, BTAP_LINKTYPE_USB_LINUX_MMAPPED, 64, completion, sizeof(completion));
    cut_everywhere(state, BTAP_LINKTYPE_USB_LINUX_MMAPPED, 64, isochronous, sizeof(isochronous));
    cut_everywhere(state, BTAP_LINKTYPE_USB_LINUX, 48, short_header, sizeof(short_header));
}

static void cut_data_keep_their_length(void **state)
{
    struct btap_record record = record_of(BTAP_LINKTYPE_USB_LINUX_MMAPPED, completion, 66);
    struct link_urb urb;

    (void)state;
    record.length = 70;
    assert_true(link_parse_usbmon(&record, &urb));
    assert_int_equal(urb.captured, 2);
    assert_int_equal(urb.length, 6);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(submission_of_a_control_transfer),
        cmocka_unit_test(completion_of_a_control_transfer),
        cmocka_unit_test(header_in_big_endian_order),
        cmocka_unit_test(short_header_of_linktype_189),
        cmocka_unit_test(data_of_linktype_189_follow_48_bytes),
        cmocka_unit_test(isochronous_descriptors_stand_before_the_data),
        cmocka_unit_test(status_is_made_the_same_for_all),
        cmocka_unit_test(failed_submission_tells_its_error),
        cmocka_unit_test(data_flag_tells_that_no_data_follow),
        cmocka_unit_test(odd_converter_leaves_the_length_zero),
        cmocka_unit_test(bytes_behind_the_data_are_none_of_it),
        cmocka_unit_test(nonsense_is_malformed),
        cmocka_unit_test(records_cut_at_every_length),
        cmocka_unit_test(cut_data_keep_their_length),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
