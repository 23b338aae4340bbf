/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Records of link type 220, byte by byte (the kernel's Documentation/usb/usbmon.rst), and what is
 * told of a device from a directory that looks like /sys/bus/usb/devices (Documentation/ABI:
 * sysfs-bus-usb).
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "live/usb_describe.h"
#include "program.h"
#include "test.h"
#include "traffic/usb_record.h"

#define TIME (1700000000 * (btap_ns)1000000000 + 123456789)

/** What the sink was told. */
struct heard {
    size_t records;
    struct traffic_record last;
    uint8_t bytes[512];
    size_t descriptors_length;
    char descriptors[4096]; /**< each as a line in hexadecimal, its wValue first */
};

static void keep_record(void *context, const struct traffic_record *record)
{
    struct heard *heard = context;

    heard->records++;
    heard->last = *record;
    assert_in_range(record->captured, USB_RECORD_HEADER_SIZE, sizeof(heard->bytes));
    memcpy(heard->bytes, record->bytes, record->captured);
}

static void print_bytes(struct heard *heard, const char *before, const uint8_t *bytes, size_t count)
{
    char *text = heard->descriptors;
    size_t length = heard->descriptors_length;

    length += (size_t)snprintf(text + length, sizeof(heard->descriptors) - length, "%s", before);
    for (size_t i = 0; i < count; i++)
        length +=
            (size_t)snprintf(text + length, sizeof(heard->descriptors) - length, "%02x", bytes[i]);
    heard->descriptors_length = length;
}

/** Prints the setup of each submission and the data of each completion. */
static void print_record(void *context, const struct traffic_record *record)
{
    struct heard *heard = context;

    assert_string_equal(record->comment, USB_RECORD_ADDED);
    assert_int_equal(record->time, TIME);
    assert_int_equal(record->interface_id, 5);
    if (heard->records++ % 2 == 0)
        print_bytes(heard, "", record->bytes + 40, 8);
    else
        print_bytes(heard, " ", record->bytes + 64, record->captured - 64);
    if (heard->records % 2 == 0)
        print_bytes(heard, "\n", NULL, 0);
}

static void assert_record(const struct usb_record *record, const uint8_t *expected, size_t captured,
                          uint32_t length)
{
    struct heard heard = {0};
    const struct traffic_sink sink = {.context = &heard, .record = keep_record};

    usb_record_send(&sink, 3, record, "why");
    assert_int_equal(heard.records, 1);
    assert_int_equal(heard.last.interface_id, 3);
    assert_int_equal(heard.last.time, TIME);
    assert_int_equal(heard.last.direction, BTAP_DIRECTION_UNKNOWN);
    assert_string_equal(heard.last.comment, "why");
    assert_int_equal(heard.last.length, length);
    assert_int_equal(heard.last.captured, captured);
    assert_memory_equal(heard.bytes, expected, captured);
}

/* 1700000000 s is 0x6553f100, 123456 us 0x1e240, -115 0xffffff8d. */
static void a_control_write_carries_its_setup_and_data(void **state)
{
    static const uint8_t setup[] = {0x21, 0x01, 0x02, 0x00, 0x00, 0x00, 0x04, 0x00};
    static const uint8_t data[] = {1, 2, 3, 4};
    static const uint8_t expected[] = {
        0x08, 0x07, 0x06, 0x05, 0x04, 0x03, 0x02, 0x01, 'S', 2, 0x00, 0x11, 0x02, 0x01,
        0,    0,    0x00, 0xf1, 0x53, 0x65, 0,    0,    0,   0, 0x40, 0xe2, 0x01, 0,
        0x8d, 0xff, 0xff, 0xff, 4,    0,    0,    0,    4,   0, 0,    0,    0x21, 0x01,
        0x02, 0x00, 0x00, 0x00, 0x04, 0x00, 0,    0,    0,   0, 0,    0,    0,    0,
        0x40, 0,    0,    0,    0,    0,    0,    0,    1,   2, 3,    4,
    };
    const struct usb_record record = {
        .id = 0x0102030405060708,
        .transfer_type = 2,
        .device = 0x11,
        .bus = 0x0102,
        .setup = setup,
        .status = -EINPROGRESS,
        .length = 4,
        .flags = 0x40,
        .time = TIME,
        .data = data,
        .captured = 4,
        .data_length = 4,
    };

    (void)state;
    assert_record(&record, expected, sizeof(expected), 68);
}

/* A bulk read that brought 600 bytes, of which 2 were kept. */
static void a_completed_read_carries_its_data(void **state)
{
    static const uint8_t data[] = {0xaa, 0xbb};
    static const uint8_t expected[] = {
        1,    0,    0,    0, 0, 0, 0, 0,    'C',  3,    0x81, 7, 1, 0,    '-',  0,    0x00,
        0xf1, 0x53, 0x65, 0, 0, 0, 0, 0x40, 0xe2, 0x01, 0,    0, 0, 0,    0,    0x58, 0x02,
        0,    0,    2,    0, 0, 0, 0, 0,    0,    0,    0,    0, 0, 0,    0,    0,    0,
        0,    0,    0,    0, 0, 0, 0, 0,    0,    0,    0,    0, 0, 0xaa, 0xbb,
    };
    const struct usb_record record = {
        .id = 1,
        .completion = true,
        .transfer_type = 3,
        .endpoint = 0x81,
        .device = 7,
        .bus = 1,
        .length = 600,
        .time = TIME,
        .data = data,
        .captured = 2,
        .data_length = 600,
    };

    (void)state;
    assert_record(&record, expected, sizeof(expected), 664);
}

/** The data flag of a record without data. */
static uint8_t flag_of(bool completion, uint8_t endpoint, uint32_t length)
{
    const struct usb_record record = {
        .completion = completion, .transfer_type = 3, .endpoint = endpoint, .length = length};
    struct heard heard = {0};
    const struct traffic_sink sink = {.context = &heard, .record = keep_record};

    usb_record_send(&sink, 0, &record, NULL);
    assert_int_equal(heard.last.captured, 64);
    assert_int_equal(heard.bytes[14], '-');
    return heard.bytes[15];
}

static void a_half_without_data_says_why(void **state)
{
    (void)state;
    assert_int_equal(flag_of(false, 0x81, 64), '<');
    assert_int_equal(flag_of(true, 0x81, 0), 0);
    assert_int_equal(flag_of(true, 0x81, 5), 'D');
    assert_int_equal(flag_of(false, 0x01, 0), 0);
    assert_int_equal(flag_of(false, 0x01, 5), 'D');
    assert_int_equal(flag_of(true, 0x01, 5), '>');
}

static void a_submission_that_failed(void **state)
{
    static const uint8_t expected[] = {
        9,    0,    0,    0,    0, 0, 0, 0, 'E',  3,    0x01, 7, 1,    0,    '-',  'E',
        0x00, 0xf1, 0x53, 0x65, 0, 0, 0, 0, 0x40, 0xe2, 0x01, 0, 0xed, 0xff, 0xff, 0xff,
        0,    0,    0,    0,    0, 0, 0, 0, 0,    0,    0,    0, 0,    0,    0,    0,
        0,    0,    0,    0,    0, 0, 0, 0, 0,    0,    0,    0, 0,    0,    0,    0,
    };
    const struct usb_record record = {
        .id = 9,
        .completion = true,
        .failed = true,
        .transfer_type = 3,
        .endpoint = 0x01,
        .device = 7,
        .bus = 1,
        .status = -ENODEV, /* -19 */
        .time = TIME,
    };

    (void)state;
    assert_record(&record, expected, sizeof(expected), 64);
}

static void save_text(const char *name, const char *text)
{
    write_file(name, text, strlen(text));
}

/* Two configurations; the second has one interface with two alternate settings. */
static const uint8_t descriptors[] = {
    18,   1,    0x00, 0x01, 0,    0,    0, 64,   0x83,
    0x04, 0x11, 0xdf, 0x00, 0x22, 1,    2, 3,    2,  /* device */
    9,    2,    9,    0,    0,    1,    0, 0xc0, 50, /* configuration 1 */
    9,    2,    36,   0,    1,    2,    4, 0xc0, 50, /* configuration 2, named by string 4 */
    9,    4,    0,    0,    0,    0xfe, 1, 2,    5,  /* interface 0, alternate 0: string 5 */
    9,    4,    0,    1,    0,    0xfe, 1, 2,    6,  /* alternate 1: string 6 */
    9,    0x21, 0x0b, 0xff, 0,    0,    8, 0x1a, 1,  /* DFU functional */
};

/** A directory as sysfs shows device 1-2, which is number 7 of bus 1. */
static void make_sysfs(size_t descriptors_length)
{
    mkdir("sys", 0700);
    mkdir("sys/1-0:1.0", 0700);
    mkdir("sys/usb1", 0700);
    save_text("sys/usb1/busnum", "1\n");
    save_text("sys/usb1/devnum", "1\n");
    mkdir("sys/1-2", 0700);
    save_text("sys/1-2/busnum", "1\n");
    save_text("sys/1-2/devnum", "7\n");
    save_text("sys/1-2/bConfigurationValue", "2\n");
    write_file("sys/1-2/descriptors", descriptors, descriptors_length);
    save_text("sys/1-2/manufacturer", "ST\n");
    save_text("sys/1-2/product", "\xc3\xbc\xf0\x9f\x98\x80\n"); /* u with dots, U+1F600 */
    save_text("sys/1-2/configuration", "C\n");
    mkdir("sys/1-2/1-2:2.0", 0700);
    save_text("sys/1-2/1-2:2.0/bAlternateSetting", " 1\n");
    save_text("sys/1-2/1-2:2.0/interface", "@I\n");
}

static bool describe(struct heard *heard, const char *path, uint16_t bus, uint8_t address)
{
    const struct traffic_sink sink = {.context = heard, .record = print_record};

    *heard = (struct heard){0};
    return usb_describe_from(path, &sink, 5, bus, address, TIME);
}

static void a_device_is_told_as_if_it_had_been_asked(void **state)
{
    struct heard heard;

    (void)state;
    make_sysfs(sizeof(descriptors));
    assert_true(describe(&heard, "sys", 1, 7));
    assert_string_equal(heard.descriptors, "8006000100001200 1201000100000040830411df002201020302\n"
                                           /* the configuration in force first, then its names */
                                           "8006010200002400 09022400010204c032"
                                           "0904000000fe010205"
                                           "0904000100fe010206"
                                           "09210bff0000081a01\n"
                                           "800604030904ff00 04034300\n"
                                           "800606030904ff00 060340004900\n"
                                           "8006000200000900 09020900000100c032\n"
                                           "800601030904ff00 060353005400\n"
                                           "800602030904ff00 0803fc003dd800de\n");
}

static void what_sysfs_does_not_tell(void **state)
{
    struct heard heard;

    (void)state;
    make_sysfs(sizeof(descriptors));
    assert_false(describe(&heard, "sys", 1, 8));
    assert_false(describe(&heard, "sys", 2, 7));
    assert_false(describe(&heard, "sys", 1, 1));
    assert_false(describe(&heard, "nowhere", 1, 7));
    assert_int_equal(heard.records, 0);
}

/* Whatever the descriptors are cut to or say, nothing outside of them is read. */
static void damaged_descriptors(void **state)
{
    struct heard heard;
    uint8_t damaged[sizeof(descriptors)];

    (void)state;
    for (size_t length = 0; length < sizeof(descriptors); length++) {
        make_sysfs(length);
        assert_int_equal(describe(&heard, "sys", 1, 7), length >= 18);
    }
    for (size_t at = 18; at < sizeof(descriptors); at++) {
        memcpy(damaged, descriptors, sizeof(descriptors));
        damaged[at] = 0xff;
        write_file("sys/1-2/descriptors", damaged, sizeof(damaged));
        assert_true(describe(&heard, "sys", 1, 7));
        damaged[at] = 0;
        write_file("sys/1-2/descriptors", damaged, sizeof(damaged));
        assert_true(describe(&heard, "sys", 1, 7));
    }
    /* a configuration cut short is told as far as it goes */
    make_sysfs(18 + 9 + 12);
    assert_true(describe(&heard, "sys", 1, 7));
    assert_non_null(strstr(heard.descriptors, "8006010200000c00 090224000102"
                                              "04c032090400\n"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_control_write_carries_its_setup_and_data),
        cmocka_unit_test(a_completed_read_carries_its_data),
        cmocka_unit_test(a_half_without_data_says_why),
        cmocka_unit_test(a_submission_that_failed),
        cmocka_unit_test(a_device_is_told_as_if_it_had_been_asked),
        cmocka_unit_test(what_sysfs_does_not_tell),
        cmocka_unit_test(damaged_descriptors),
    };

    return cmocka_run_group_tests(tests, enter_directory, leave_directory);
}
