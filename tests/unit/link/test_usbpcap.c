/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Records written out byte by byte after desowin.org/usbpcap/captureformat.html.
 */
#include <string.h>

#include "link/link.h"
#include "test.h"

/* DNLOAD of a Set Address Pointer as 1.5.0.0 and later write it: setup and data in one record. */
static const uint8_t setup_with_data[41] = {
    28,   0,                                        /* 0 header length */
    0x10, 0x20, 0x30, 0x40, 0x50, 0x60, 0x70, 0x80, /* 2 irpId */
    0,    0,    0,    0,                            /* 10 USBD status */
    0x1b, 0x00,                                     /* 14 URB function */
    0,                                              /* 16 info: host to device */
    0x02, 0x01,                                     /* 17 bus 258 */
    0x1c, 0x00,                                     /* 19 device 28 */
    0x00,                                           /* 21 endpoint */
    2,                                              /* 22 control */
    13,   0,    0,    0,                            /* 23 data length */
    0,                                              /* 27 stage: setup */
    0x21, 0x01, 0x00, 0x00, 0x00, 0x00, 0x05, 0x00, /* 28 setup */
    0x21, 0x00, 0x00, 0x00, 0x08,                   /* 36 data */
};

/* Completion of a GETSTATUS with its 6 bytes. */
static const uint8_t complete_with_data[34] = {
    28,   0,    0x10, 0x20, 0x30, 0x40, 0x50, 0x60, 0x70, 0x80, 0,
    0,    0,    0,    0x08, 0x00, 1,                               /* info: device to host */
    0x01, 0x00, 0x1c, 0x00, 0x80, 2,    6,    0,    0,    0,    3, /* stage: complete */
    0x00, 0x48, 0x00, 0x00, 0x05, 0x00,
};

/* Bulk IN completion, stalled. */
static const uint8_t bulk_stalled[27] = {
    27,   0,    1, 2, 3, 4, 5, 6,    7, 8, 0x04, 0x00, 0x00, 0xc0,
    0x09, 0x00, 1, 3, 0, 7, 0, 0x83, 3, 0, 0,    0,    0,
};

/* Isochronous with one packet: header of 39 + 12 bytes, two bytes of data. */
static const uint8_t isochronous[53] = {
    51,   0,    1, 2, 3, 4, 5, 6,    7, 8, 0, 0, 0, 0,
    0x0a, 0x00, 1, 3, 0, 7, 0, 0x81, 0, 2, 0, 0, 0, /**/
    0,    0,    0, 0,                               /* start frame */
    1,    0,    0, 0,                               /* packets */
    0,    0,    0, 0,                               /* errors */
    0,    0,    0, 0, 2, 0, 0, 0,    0, 0, 0, 0,    /* offset, length, status */
    0xaa, 0xbb,
};

static struct btap_record record_of(const uint8_t *bytes, uint32_t length)
{
    return (struct btap_record){
        .linktype = BTAP_LINKTYPE_USBPCAP,
        .interface_id = 2,
        .packet = 5,
        .time = 42,
        .bytes = bytes,
        .captured = length,
        .length = length,
        .big_endian = true, /* must make no difference */
    };
}

static void setup_and_out_data_in_one_record(void **state)
{
    const struct btap_record record = record_of(setup_with_data, sizeof(setup_with_data));
    struct link_urb urb;

    (void)state;
    assert_true(link_parse_usbpcap(&record, &urb));
    assert_int_equal(urb.stage, LINK_URB_SUBMIT);
    assert_int_equal(urb.type, LINK_URB_CONTROL);
    assert_true(urb.id == 0x8070605040302010u);
    assert_int_equal(urb.interface_id, 2);
    assert_int_equal(urb.bus, 258);
    assert_int_equal(urb.device, 28);
    assert_int_equal(urb.endpoint, 0);
    assert_true(urb.setup_known);
    assert_int_equal(urb.setup_offset, 28);
    assert_int_equal(urb.setup.request_type, 0x21);
    assert_int_equal(urb.setup.request, 1);
    assert_int_equal(urb.setup.length, 5);
    assert_int_equal(urb.at.offset, 36);
    assert_int_equal(urb.captured, 5);
    assert_int_equal(urb.length, 5);
    assert_int_equal(urb.data[4], 0x08);
}

static void completion_with_in_data(void **state)
{
    const struct btap_record record = record_of(complete_with_data, sizeof(complete_with_data));
    struct link_urb urb;

    (void)state;
    assert_true(link_parse_usbpcap(&record, &urb));
    assert_int_equal(urb.stage, LINK_URB_COMPLETE);
    assert_false(urb.setup_known);
    assert_int_equal(urb.status, BTAP_USB_OK);
    assert_int_equal(urb.captured, 6);
    assert_int_equal(urb.length, 6);
    assert_int_equal(urb.at.offset, 28);
}

static void old_stages_data_and_status(void **state)
{
    uint8_t bytes[sizeof(complete_with_data)];
    struct btap_record record = record_of(bytes, sizeof(bytes));
    struct link_urb urb;

    (void)state;
    memcpy(bytes, complete_with_data, sizeof(bytes));
    bytes[21] = 0; /* the endpoint's direction is not told */
    bytes[27] = 1; /* data, device to host */
    assert_true(link_parse_usbpcap(&record, &urb));
    assert_int_equal(urb.stage, LINK_URB_DATA);
    assert_int_equal(urb.endpoint, 0x80);
    assert_int_equal(urb.captured, 6);

    bytes[16] = 0; /* data, host to device */
    assert_true(link_parse_usbpcap(&record, &urb));
    assert_int_equal(urb.stage, LINK_URB_DATA);
    assert_int_equal(urb.endpoint, 0x00);

    bytes[16] = 1;
    bytes[23] = 0;
    bytes[27] = 2; /* status */
    record.captured = 28;
    assert_true(link_parse_usbpcap(&record, &urb));
    assert_int_equal(urb.stage, LINK_URB_COMPLETE);
    assert_int_equal(urb.captured, 0);
}

static void bulk_completion_with_its_status(void **state)
{
    const struct btap_record record = record_of(bulk_stalled, sizeof(bulk_stalled));
    struct link_urb urb;

    (void)state;
    assert_true(link_parse_usbpcap(&record, &urb));
    assert_int_equal(urb.type, LINK_URB_BULK);
    assert_int_equal(urb.stage, LINK_URB_COMPLETE);
    assert_int_equal(urb.endpoint, 0x83);
    assert_int_equal(urb.status, BTAP_USB_STALL);
    assert_true((uint32_t)urb.raw_status == 0xc0000004u);
    assert_int_equal(urb.captured, 0);
}

static void data_begin_where_the_header_says(void **state)
{
    struct btap_record record = record_of(isochronous, sizeof(isochronous));
    struct link_urb urb;
    uint8_t bulk[31] = {0};

    (void)state;
    assert_true(link_parse_usbpcap(&record, &urb));
    assert_int_equal(urb.type, LINK_URB_ISOCHRONOUS);
    assert_int_equal(urb.at.offset, 51);
    assert_int_equal(urb.captured, 2);

    memcpy(bulk, bulk_stalled, sizeof(bulk_stalled));
    bulk[0] = 29; /* a header longer than we know */
    bulk[23] = 2;
    record = record_of(bulk, sizeof(bulk));
    assert_true(link_parse_usbpcap(&record, &urb));
    assert_int_equal(urb.at.offset, 29);
    assert_int_equal(urb.captured, 2);
}

static void status_is_made_the_same_for_all(void **state)
{
    static const struct {
        uint32_t code;
        enum btap_usb_status status;
    } expected[] = {
        {0x00000000, BTAP_USB_OK},        {0x40000000, BTAP_USB_OK},
        {0xc0000004, BTAP_USB_STALL},     {0xc0000030, BTAP_USB_STALL},
        {0xc0000005, BTAP_USB_BUS_ERROR}, {0xc0000011, BTAP_USB_BUS_ERROR},
        {0xc0000001, BTAP_USB_BUS_ERROR}, {0xc0000012, BTAP_USB_BABBLE},
        {0xc0000008, BTAP_USB_BABBLE},    {0xc0000009, BTAP_USB_SHORT},
        {0x80000900, BTAP_USB_SHORT},     {0xc0006000, BTAP_USB_TIMEOUT},
        {0xc0007000, BTAP_USB_GONE},      {0xc0010000, BTAP_USB_CANCELLED},
        {0x80000200, BTAP_USB_OTHER},     {0xc000dead, BTAP_USB_OTHER},
    };
    uint8_t bytes[sizeof(bulk_stalled)];
    const struct btap_record record = record_of(bytes, sizeof(bytes));

    (void)state;
    memcpy(bytes, bulk_stalled, sizeof(bytes));
    for (size_t i = 0; i < COUNT_OF(expected); i++) {
        struct link_urb urb;

        for (int j = 0; j < 4; j++)
            bytes[10 + j] = (uint8_t)(expected[i].code >> 8 * j);
        assert_true(link_parse_usbpcap(&record, &urb));
        assert_int_equal(urb.status, expected[i].status);
    }
}

static void a_submission_has_no_status(void **state)
{
    uint8_t bytes[sizeof(bulk_stalled)];
    const struct btap_record record = record_of(bytes, sizeof(bytes));
    struct link_urb urb;

    (void)state;
    memcpy(bytes, bulk_stalled, sizeof(bytes));
    bytes[16] = 0;
    assert_true(link_parse_usbpcap(&record, &urb));
    assert_int_equal(urb.stage, LINK_URB_SUBMIT);
    assert_int_equal(urb.status, BTAP_USB_OK);
}

/* Transfers of type FE (IRP information) and FF (unknown) are records, though not transfers. */
static void other_transfer_types_are_not_malformed(void **state)
{
    static const uint8_t types[] = {0xfe, 0xff, 0x07};
    uint8_t bytes[sizeof(bulk_stalled)];
    const struct btap_record record = record_of(bytes, sizeof(bytes));

    (void)state;
    memcpy(bytes, bulk_stalled, sizeof(bytes));
    for (size_t i = 0; i < COUNT_OF(types); i++) {
        struct link_urb urb;

        bytes[22] = types[i];
        assert_true(link_parse_usbpcap(&record, &urb));
        assert_int_equal(urb.type, LINK_URB_OTHER);
    }
}

static void nonsense_is_malformed(void **state)
{
    static const struct {
        uint32_t at;
        uint8_t value;
    } wrong[] = {
        {0, 26}, /* header shorter than any */
        {0, 27}, /* header shorter than a control transfer's */
        {0, 42}, /* header longer than the record */
        {1, 1},  /* the same, high byte */
        {16, 1}, /* a setup stage from the device */
        {23, 7}, /* a setup stage of less than 8 bytes */
        {27, 2}, /* a status stage from the host */
        {27, 3}, /* a completion from the host */
        {27, 4}, /* no such stage */
        {27, 0xff},
    };
    uint8_t bytes[sizeof(setup_with_data)];
    const struct btap_record record = record_of(bytes, sizeof(bytes));
    struct link_urb urb;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(wrong); i++) {
        memcpy(bytes, setup_with_data, sizeof(bytes));
        bytes[wrong[i].at] = wrong[i].value;
        assert_false(link_parse_usbpcap(&record, &urb));
    }
}

static void cut_everywhere(uint32_t header, const uint8_t *bytes, uint32_t length)
{
    for (uint32_t cut = 0; cut <= length; cut++) {
        uint8_t *exact = test_malloc(cut + (cut == 0)); /* sanitizers see reads behind it */
        struct btap_record record = record_of(exact, cut);
        struct link_urb urb;

        memcpy(exact, bytes, cut);
        record.length = length;
        assert_int_equal(link_parse_usbpcap(&record, &urb), cut >= header);
        if (cut >= header) {
            assert_in_range(urb.captured, 0, cut - header);
            assert_true(urb.length >= urb.captured);
        }
        test_free(exact);
    }
}

static void records_cut_at_every_length(void **state)
{
    (void)state;
    cut_everywhere(28, setup_with_data, sizeof(setup_with_data));
    cut_everywhere(28, complete_with_data, sizeof(complete_with_data));
    cut_everywhere(27, bulk_stalled, sizeof(bulk_stalled));
    cut_everywhere(51, isochronous, sizeof(isochronous));
}

static void a_cut_setup_is_not_known(void **state)
{
    struct btap_record record = record_of(setup_with_data, 35);
    struct link_urb urb;

    (void)state;
    record.length = sizeof(setup_with_data);
    assert_true(link_parse_usbpcap(&record, &urb));
    assert_false(urb.setup_known);
    assert_int_equal(urb.captured, 0);
    assert_int_equal(urb.length, 5);

    record.captured = 38; /* two of the five bytes of data */
    assert_true(link_parse_usbpcap(&record, &urb));
    assert_true(urb.setup_known);
    assert_int_equal(urb.captured, 2);
    assert_int_equal(urb.length, 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(setup_and_out_data_in_one_record),
        cmocka_unit_test(completion_with_in_data),
        cmocka_unit_test(old_stages_data_and_status),
        cmocka_unit_test(bulk_completion_with_its_status),
        cmocka_unit_test(data_begin_where_the_header_says),
        cmocka_unit_test(status_is_made_the_same_for_all),
        cmocka_unit_test(a_submission_has_no_status),
        cmocka_unit_test(other_transfer_types_are_not_malformed),
        cmocka_unit_test(nonsense_is_malformed),
        cmocka_unit_test(records_cut_at_every_length),
        cmocka_unit_test(a_cut_setup_is_not_known),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
