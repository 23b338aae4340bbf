/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * usbfs (linux/usbdevice_fs.h) as boottap run tells it: the ioctls of a tool, and the records of
 * link type 220 that come of them.
 */
#include <errno.h>
#include <linux/usbdevice_fs.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "test.h"
#include "trace_fixture.h"

/* No machine has so many buses: sysfs knows nothing of it. */
#define PATH "/dev/bus/usb/250/099"

static struct trace_heard heard;

static uint32_t get_32(const uint8_t *bytes)
{
    uint32_t value;

    memcpy(&value, bytes, sizeof(value));
    return value;
}

/** URBs by the order of their first appearance. */
static size_t number_of(uint64_t id)
{
    size_t at = 0;

    while (at < heard.ids_length && heard.ids[at] != id)
        at++;
    assert_in_range(at, 0, COUNT_OF(heard.ids) - 1);
    heard.ids[at] = id;
    if (at == heard.ids_length)
        heard.ids_length++;
    return at + 1;
}

/** S, C or E; URB; type:device:endpoint, setup, status, length, flags, data or why there is none */
static void print_record(struct trace_heard *to, const struct traffic_record *record)
{
    const uint8_t *bytes = record->bytes;
    uint64_t id;

    memcpy(&id, bytes, sizeof(id));
    assert_int_equal(get_32(bytes + 12) & 0xffff, 250);
    assert_int_equal(get_32(bytes + 36), record->captured - 64);
    assert_int_equal(get_32(bytes + 16), record->time / 1000000000);
    assert_int_equal(get_32(bytes + 24), record->time % 1000000000 / 1000);
    trace_print(to, "%c%zu %u:%u:%02x ", bytes[8], number_of(id), bytes[9], bytes[11], bytes[10]);
    if (bytes[14] == 0)
        trace_print_bytes(to, bytes + 40, 8);
    else
        trace_print(to, "%c", bytes[14]);
    trace_print(to, " %d %u %x ", (int)get_32(bytes + 28), get_32(bytes + 32), get_32(bytes + 56));
    if (bytes[15] != 0)
        trace_print(to, "%c", bytes[15]);
    trace_print_bytes(to, bytes + 64, record->captured - 64);
    if (record->comment != NULL)
        trace_print(to, " (%s)", record->comment);
    trace_print(to, "\n");
}

static struct trace_file *open_device(void)
{
    const struct trace_call call = {.number = SYS_openat};
    struct trace_file *file;

    trace_heard_init(&heard, print_record);
    file = trace_usbfs.open(&call, 5, PATH, &heard.sink);
    assert_non_null(file);
    assert_ptr_equal(file->kind, &trace_usbfs);
    return file;
}

/** What close says. */
static void close_device(struct trace_file *file, const char *expected)
{
    trace_usbfs.close(file, heard.last);
    trace_assert_heard(&heard, expected);
}

static struct trace_call ioctl_of(unsigned long request, const void *argument)
{
    return (struct trace_call){
        .number = SYS_ioctl,
        .arguments = {5, request, (uintptr_t)argument},
    };
}

static void enter(struct trace_file *file, unsigned long request, const void *argument)
{
    struct trace_call call = ioctl_of(request, argument);

    trace_enter(file, &call);
}

static void leave(struct trace_file *file, unsigned long request, const void *argument,
                  int64_t result)
{
    struct trace_call call = ioctl_of(request, argument);

    trace_enter(file, &(struct trace_call){.number = SYS_read}); /* lets time pass */
    call.process = getpid();
    call.thread = getpid();
    trace_leave(file, &call, result);
}

static void submit(struct trace_file *file, const struct usbdevfs_urb *urb)
{
    enter(file, USBDEVFS_SUBMITURB, urb);
    leave(file, USBDEVFS_SUBMITURB, urb, 0);
}

/** The kernel hands a URB back. */
static void reap(struct trace_file *file, struct usbdevfs_urb *urb, int status, int length)
{
    const struct usbdevfs_urb *reaped = urb;

    enter(file, USBDEVFS_REAPURBNDELAY, &reaped);
    urb->status = status;
    urb->actual_length = length;
    leave(file, USBDEVFS_REAPURBNDELAY, &reaped, 0);
}

static void which_files_are_devices(void **state)
{
    const struct stat device = {.st_mode = S_IFCHR, .st_rdev = makedev(189, 6)};
    const struct stat terminal = {.st_mode = S_IFCHR, .st_rdev = makedev(188, 0)};
    const struct stat file = {.st_mode = S_IFREG, .st_rdev = makedev(189, 6)};
    const struct trace_call call = {.number = SYS_openat};

    (void)state;
    assert_true(trace_usbfs.is("/dev/bus/usb/001/007", &device));
    assert_false(trace_usbfs.is("/dev/bus/usb/001/007", &terminal));
    assert_false(trace_usbfs.is("/dev/bus/usb/001/007", &file));
    assert_false(trace_usbfs.is("/tmp/device", &device));
    assert_null(trace_usbfs.open(&call, 5, "/dev/bus/usb/001", &heard.sink));
    assert_null(trace_usbfs.open(&call, 5, "/dev/bus/usb/001/x", &heard.sink));
    assert_null(trace_usbfs.open(&call, 5, "/dev/bus/usb/001/000", &heard.sink));
    assert_null(trace_usbfs.open(&call, 5, "/dev/bus/usb/001/999", &heard.sink));
}

/* libusb opens every device, asks what usbfs can and claims an interface; none of this is traffic.
 */
static void a_device_that_is_only_looked_at_is_not_told(void **state)
{
    struct trace_file *file = open_device();
    const uint32_t interface = 0;
    uint32_t capabilities = 0;

    (void)state;
    enter(file, USBDEVFS_GET_CAPABILITIES, &capabilities);
    leave(file, USBDEVFS_GET_CAPABILITIES, &capabilities, 0);
    enter(file, USBDEVFS_CLAIMINTERFACE, &interface);
    leave(file, USBDEVFS_CLAIMINTERFACE, &interface, 0);
    enter(file, USBDEVFS_REAPURBNDELAY, &capabilities);
    leave(file, USBDEVFS_REAPURBNDELAY, &capabilities, -EAGAIN);
    trace_enter(file, &(struct trace_call){.number = SYS_read});
    leave(file, USBDEVFS_RESET, NULL, -EPERM);
    close_device(file, "");
}

/* DFU_DNLOAD of a block and DFU_GETSTATUS, as dfu-util's libusb asks for them. */
static void control_urbs(void **state)
{
    struct trace_file *file = open_device();
    uint8_t download[] = {0x21, 1, 2, 0, 0, 0, 4, 0, 0xde, 0xad, 0xbe, 0xef};
    uint8_t get_status[8 + 6] = {0xa1, 3, 0, 0, 0, 0, 6, 0};
    struct usbdevfs_urb urb = {
        .type = USBDEVFS_URB_TYPE_CONTROL, .buffer = download, .buffer_length = sizeof(download)};

    (void)state;
    submit(file, &urb);
    reap(file, &urb, 0, 4);
    trace_assert_heard(&heard, "interface usbmon250 (220)\n"
                               "S1 2:99:00 2101020000000400 -115 4 0 deadbeef\n"
                               "C1 2:99:00 - 0 4 0 >\n");
    urb.buffer = get_status;
    urb.buffer_length = sizeof(get_status);
    submit(file, &urb);
    memcpy(get_status + 8, "\0\1\2\3\4\5", 6);
    reap(file, &urb, 0, 6);
    /* the same address is another URB now */
    trace_assert_heard(&heard, "S2 2:99:80 a103000000000600 -115 6 200 <\n"
                               "C2 2:99:80 - 0 6 200 000102030405\n");
    /* 2 of 6 bytes, then a stall */
    submit(file, &urb);
    reap(file, &urb, 0, 2);
    submit(file, &urb);
    reap(file, &urb, -EPIPE, 0);
    trace_assert_heard(&heard, "S3 2:99:80 a103000000000600 -115 6 200 <\n"
                               "C3 2:99:80 - 0 2 200 0001\n"
                               "S4 2:99:80 a103000000000600 -115 6 200 <\n"
                               "C4 2:99:80 - -32 0 200 \n");
    close_device(file, "");
}

/* Two reads wait while bytes are written; the second read is cancelled. */
static void bulk_and_interrupt_urbs(void **state)
{
    struct trace_file *file = open_device();
    uint8_t in[64] = {0x79};
    uint8_t out[] = {0x7f};
    struct usbdevfs_urb read = {.type = USBDEVFS_URB_TYPE_BULK,
                                .endpoint = 0x81,
                                .flags = USBDEVFS_URB_SHORT_NOT_OK | USBDEVFS_URB_BULK_CONTINUATION,
                                .buffer = in,
                                .buffer_length = sizeof(in)};
    struct usbdevfs_urb event = {
        .type = USBDEVFS_URB_TYPE_INTERRUPT, .endpoint = 0x82, .buffer = in, .buffer_length = 10};
    struct usbdevfs_urb write = {.type = USBDEVFS_URB_TYPE_BULK,
                                 .endpoint = 0x02,
                                 .flags = USBDEVFS_URB_ZERO_PACKET,
                                 .buffer = out,
                                 .buffer_length = sizeof(out)};

    (void)state;
    submit(file, &read);
    submit(file, &event);
    submit(file, &write);
    reap(file, &write, 0, 1);
    reap(file, &read, 0, 1);
    enter(file, USBDEVFS_DISCARDURB, &event);
    leave(file, USBDEVFS_DISCARDURB, &event, 0);
    reap(file, &event, -ENOENT, 0);
    close_device(file, "interface usbmon250 (220)\n"
                       "S1 3:99:81 - -115 64 201 <\n"
                       "S2 1:99:82 - -115 10 200 <\n"
                       "S3 3:99:02 - -115 1 40 7f\n"
                       "C3 3:99:02 - 0 1 40 >\n"
                       "C1 3:99:81 - 0 1 201 79\n"
                       "C2 1:99:82 - -2 0 200 \n");
}

static void isochronous_urbs_are_left_out(void **state)
{
    struct trace_file *file = open_device();
    struct usbdevfs_urb urb = {.type = USBDEVFS_URB_TYPE_ISO, .endpoint = 0x83};

    (void)state;
    submit(file, &urb);
    reap(file, &urb, 0, 0);
    close_device(file, "");
}

/* The kernel refuses what a device that left is asked, and hands back what waited. */
static void a_device_that_leaves(void **state)
{
    struct trace_file *file = open_device();
    uint8_t bytes[8] = {0};
    struct usbdevfs_urb one = {.type = USBDEVFS_URB_TYPE_BULK,
                               .endpoint = 0x81,
                               .buffer = bytes,
                               .buffer_length = sizeof(bytes)};
    struct usbdevfs_urb other = one;

    (void)state;
    submit(file, &one);
    reap(file, &one, -ESHUTDOWN, 0);
    enter(file, USBDEVFS_SUBMITURB, &one);
    leave(file, USBDEVFS_SUBMITURB, &one, -ENODEV);
    trace_assert_heard(&heard, "interface usbmon250 (220)\n"
                               "S1 3:99:81 - -115 8 200 <\n"
                               "C1 3:99:81 - -108 0 200 \n"
                               "S2 3:99:81 - -115 8 200 <\n"
                               "E2 3:99:81 - -19 0 200 E\n");
    /* an old kernel hands nothing back */
    submit(file, &one);
    submit(file, &other);
    enter(file, USBDEVFS_REAPURB, &other);
    leave(file, USBDEVFS_REAPURB, &other, -ENODEV);
    close_device(file, "S3 3:99:81 - -115 8 200 <\n"
                       "S4 3:99:81 - -115 8 200 <\n"
                       "C3 3:99:81 - -108 0 200 \n"
                       "C4 3:99:81 - -108 0 200 \n");
}

static void what_waits_at_the_end_is_cancelled(void **state)
{
    struct trace_file *file = open_device();
    uint8_t bytes[8];
    struct usbdevfs_urb urb = {.type = USBDEVFS_URB_TYPE_BULK,
                               .endpoint = 0x81,
                               .buffer = bytes,
                               .buffer_length = sizeof(bytes)};

    (void)state;
    submit(file, &urb);
    close_device(file, "interface usbmon250 (220)\n"
                       "S1 3:99:81 - -115 8 200 <\n"
                       "C1 3:99:81 - -2 0 200 \n");
}

/* usb_start_wait_urb() of the kernel cancels what takes too long, or what a signal ends. */
static void calls_that_wait_for_their_transfer(void **state)
{
    static const struct {
        int result;
        char type;
        const char *completion; /**< from its status on */
    } ends[] = {
        {3, 'C', "0 3 0 010203"},    {-EPIPE, 'C', "-32 0 0 "},   {-ETIMEDOUT, 'C', "-2 0 0 "},
        {-EINTR, 'C', "-2 0 0 "},    {-EPROTO, 'C', "-71 0 0 "},  {-ESHUTDOWN, 'C', "-108 0 0 "},
        {-ENODEV, 'E', "-19 0 0 E"}, {-EINVAL, 'E', "-22 0 0 E"},
    };
    struct trace_file *file = open_device();
    uint8_t answer[6] = {1, 2, 3};
    struct usbdevfs_ctrltransfer control = {.bRequestType = 0xa1,
                                            .bRequest = 3,
                                            .wValue = 0x0102,
                                            .wIndex = 0x0304,
                                            .wLength = 6,
                                            .timeout = 1000,
                                            .data = answer};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(ends); i++) {
        char expected[256];

        enter(file, USBDEVFS_CONTROL, &control);
        leave(file, USBDEVFS_CONTROL, &control, ends[i].result);
        snprintf(expected, sizeof(expected),
                 "%sS%zu 2:99:80 a103020104030600 -115 6 0 <\n%c%zu 2:99:80 - %s\n",
                 i == 0 ? "interface usbmon250 (220)\n" : "", i + 1, ends[i].type, i + 1,
                 ends[i].completion);
        trace_assert_heard(&heard, expected);
    }
    close_device(file, "");
}

static void calls_that_write_or_have_no_data(void **state)
{
    struct trace_file *file = open_device();
    uint8_t bytes[] = {0x0a, 0x0b};
    struct usbdevfs_ctrltransfer control = {
        .bRequestType = 0x40, .bRequest = 9, .wLength = 2, .data = bytes};
    struct usbdevfs_ctrltransfer nothing = {.bRequestType = 0xc0, .bRequest = 1};
    struct usbdevfs_bulktransfer out = {.ep = 0x02, .len = 2, .data = bytes};
    struct usbdevfs_bulktransfer in = {.ep = 0x81, .len = 2, .data = bytes};

    (void)state;
    enter(file, USBDEVFS_CONTROL, &control);
    leave(file, USBDEVFS_CONTROL, &control, 2);
    enter(file, USBDEVFS_CONTROL, &nothing);
    leave(file, USBDEVFS_CONTROL, &nothing, 0);
    enter(file, USBDEVFS_BULK, &out);
    leave(file, USBDEVFS_BULK, &out, 2);
    enter(file, USBDEVFS_BULK, &in);
    leave(file, USBDEVFS_BULK, &in, 1);
    close_device(file, "interface usbmon250 (220)\n"
                       "S1 2:99:00 4009000000000200 -115 2 0 0a0b\n"
                       "C1 2:99:00 - 0 2 0 >\n"
                       /* without data a transfer is none that reads, as usbmon sees it */
                       "S2 2:99:00 c001000000000000 -115 0 0 \n"
                       "C2 2:99:00 - 0 0 0 >\n"
                       "S3 3:99:02 - -115 2 0 0a0b\n"
                       "C3 3:99:02 - 0 2 0 >\n"
                       "S4 3:99:81 - -115 2 0 <\n"
                       "C4 3:99:81 - 0 1 0 0a\n");
}

/* USB 2.0 section 9.4: SET_INTERFACE 01 0B, SET_CONFIGURATION 00 09, CLEAR_FEATURE of an endpoint's
 * halt 02 01, SET_ADDRESS 00 05. */
static void settings_are_requests(void **state)
{
    struct trace_file *file = open_device();
    const struct usbdevfs_setinterface interface = {.interface = 3, .altsetting = 1};
    const uint32_t configuration = 2;
    const uint32_t endpoint = 0x81;

    (void)state;
    enter(file, USBDEVFS_SETCONFIGURATION, &configuration);
    leave(file, USBDEVFS_SETCONFIGURATION, &configuration, 0);
    enter(file, USBDEVFS_SETINTERFACE, &interface);
    leave(file, USBDEVFS_SETINTERFACE, &interface, -EPIPE);
    enter(file, USBDEVFS_CLEAR_HALT, &endpoint);
    leave(file, USBDEVFS_CLEAR_HALT, &endpoint, 0);
    enter(file, USBDEVFS_RESET, NULL);
    leave(file, USBDEVFS_RESET, NULL, 0);
    close_device(file, "interface usbmon250 (220)\n"
                       "S1 2:99:00 0009020000000000 -115 0 0 \n"
                       "C1 2:99:00 - 0 0 0 >\n"
                       "S2 2:99:00 010b010003000000 -115 0 0 \n"
                       "C2 2:99:00 - -32 0 0 >\n"
                       "S3 2:99:00 0201000081000000 -115 0 0 \n"
                       "C3 2:99:00 - 0 0 0 >\n"
                       "S4 2:0:00 0005630000000000 -115 0 0  (boottap: the tool reset the device "
                       "(USBDEVFS_RESET))\n"
                       "C4 2:0:00 - 0 0 0 >\n");
}

/* Nothing that a tool hands over makes more than a record of 64 KiB. */
static void memory_that_cannot_be_read(void **state)
{
    static uint8_t large[70000];
    struct trace_file *file = open_device();
    struct usbdevfs_urb urb = {
        .type = USBDEVFS_URB_TYPE_BULK, .endpoint = 0x02, .buffer = (void *)8, .buffer_length = 5};
    const struct usbdevfs_urb control = {.type = USBDEVFS_URB_TYPE_CONTROL, .buffer = NULL};

    (void)state;
    enter(file, USBDEVFS_SUBMITURB, (void *)8);
    leave(file, USBDEVFS_SUBMITURB, (void *)8, -EFAULT);
    enter(file, USBDEVFS_CONTROL, NULL);
    leave(file, USBDEVFS_CONTROL, NULL, -EFAULT);
    enter(file, USBDEVFS_REAPURB, NULL);
    leave(file, USBDEVFS_REAPURB, NULL, 0);
    trace_assert_heard(&heard, "");
    submit(file, &urb);
    enter(file, USBDEVFS_SUBMITURB, &control);
    leave(file, USBDEVFS_SUBMITURB, &control, -EFAULT);
    trace_assert_heard(&heard, "interface usbmon250 (220)\n"
                               "S1 3:99:02 - -115 5 0 D\n"
                               "S2 2:99:00 - -115 0 0 \n"
                               "E2 2:99:00 - -14 0 0 E\n");
    reap(file, &urb, 0, 5);
    trace_assert_heard(&heard, "C1 3:99:02 - 0 5 0 >\n");
    urb.endpoint = 0x81;
    urb.buffer = large;
    urb.buffer_length = -1;
    submit(file, &urb);
    trace_assert_heard(&heard, "S3 3:99:81 - -115 2146483647 200 <\n");
    close_device(file, "C3 3:99:81 - -2 0 200 \n");
    /* more than was asked for */
    file = open_device();
    urb.buffer_length = 2;
    submit(file, &urb);
    reap(file, &urb, 0, -1);
    close_device(file, "interface usbmon250 (220)\n"
                       "S1 3:99:81 - -115 2 200 <\n"
                       "C1 3:99:81 - 0 2 200 0000\n");
}

static void print_sizes(struct trace_heard *to, const struct traffic_record *record)
{
    trace_print(to, "%u of %u\n", record->captured, record->length);
}

static void a_large_transfer_is_cut(void **state)
{
    static uint8_t large[70000];
    struct trace_file *file = open_device();
    struct usbdevfs_urb urb = {.type = USBDEVFS_URB_TYPE_BULK,
                               .endpoint = 0x02,
                               .buffer = large,
                               .buffer_length = sizeof(large)};

    (void)state;
    heard.print = print_sizes;
    submit(file, &urb);
    reap(file, &urb, 0, sizeof(large));
    close_device(file, "interface usbmon250 (220)\n"
                       "65600 of 70064\n"
                       "64 of 64\n");
}

/* Of 200 URBs under way all end, each with the id that it began with. */
static void more_urbs_than_are_followed(void **state)
{
    static struct usbdevfs_urb *urbs[200];
    static uint64_t ids[COUNT_OF(urbs)];
    static uint8_t bytes[8];
    struct trace_file *file = open_device();

    (void)state;
    for (size_t i = 0; i < COUNT_OF(urbs); i++) {
        urbs[i] = calloc(1, sizeof(*urbs[i]));
        assert_non_null(urbs[i]);
        urbs[i]->type = USBDEVFS_URB_TYPE_BULK;
        urbs[i]->endpoint = 0x81;
        urbs[i]->buffer = bytes;
        urbs[i]->buffer_length = sizeof(bytes);
        heard.ids_length = 0;
        submit(file, urbs[i]);
        ids[i] = heard.ids[0];
        heard.length = 0;
    }
    for (size_t i = 0; i < COUNT_OF(urbs); i++) {
        heard.ids_length = 0;
        reap(file, urbs[i], 0, 0);
        assert_int_equal(heard.ids_length, 1);
        assert_int_equal(heard.ids[0], ids[i]);
        heard.length = 0;
        free(urbs[i]);
    }
    heard.text[0] = '\0';
    close_device(file, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(which_files_are_devices),
        cmocka_unit_test(a_device_that_is_only_looked_at_is_not_told),
        cmocka_unit_test(control_urbs),
        cmocka_unit_test(bulk_and_interrupt_urbs),
        cmocka_unit_test(isochronous_urbs_are_left_out),
        cmocka_unit_test(a_device_that_leaves),
        cmocka_unit_test(what_waits_at_the_end_is_cancelled),
        cmocka_unit_test(calls_that_wait_for_their_transfer),
        cmocka_unit_test(calls_that_write_or_have_no_data),
        cmocka_unit_test(settings_are_requests),
        cmocka_unit_test(memory_that_cannot_be_read),
        cmocka_unit_test(a_large_transfer_is_cut),
        cmocka_unit_test(more_urbs_than_are_followed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
