/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Raw CAN sockets (linux/can.h, linux/can/raw.h) as boottap run tells them: the calls of a tool,
 * and the SocketCAN records that come of them. Interface 1 is `lo` on every Linux.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <linux/can.h>
#include <linux/can/raw.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "test.h"
#include "trace_fixture.h"

#define LO 1

static struct trace_heard heard;

/** The direction, the interface, all bytes; and when it is not at the end of the call. */
static void print_record(struct trace_heard *to, const struct traffic_record *record)
{
    assert_int_equal(record->length, record->captured);
    trace_print(to, "%c%u ", record->direction == BTAP_HOST_TO_DEVICE ? '>' : '<',
                record->interface_id);
    trace_print_bytes(to, record->bytes, record->captured);
    trace_print(to, "\n");
}

static struct trace_file *open_socket(void)
{
    const struct trace_call call = {.number = SYS_socket,
                                    .arguments = {AF_CAN, SOCK_RAW | SOCK_CLOEXEC, CAN_RAW}};
    struct trace_file *file = trace_can.open(&call, 3, "socket:[1]", &heard.sink);

    assert_non_null(file);
    return file;
}

static void do_call(struct trace_file *file, const struct trace_call *like, int64_t result)
{
    struct trace_call call = *like;

    trace_enter(file, &call);
    trace_leave(file, &call, result);
}

static void bind_to(struct trace_file *file, int index)
{
    const struct sockaddr_can address = {.can_family = AF_CAN, .can_ifindex = index};
    const struct trace_call call = {.number = SYS_bind,
                                    .arguments = {3, (uintptr_t)&address, sizeof(address)}};

    do_call(file, &call, 0);
}

static void set_option(struct trace_file *file, int name, const void *value, size_t length,
                       int64_t result)
{
    const struct trace_call call = {
        .number = SYS_setsockopt,
        .arguments = {3, SOL_CAN_RAW, (uint64_t)name, (uintptr_t)value, length}};

    do_call(file, &call, result);
}

static struct trace_call write_of(const void *bytes, size_t length)
{
    return (struct trace_call){.number = SYS_write, .arguments = {3, (uintptr_t)bytes, length}};
}

static struct trace_call read_of(const void *bytes)
{
    return (struct trace_call){.number = SYS_read, .arguments = {3, (uintptr_t)bytes, 100}};
}

/** A socket that is bound, and a sink that was told nothing yet. */
static struct trace_file *open_bound(int index)
{
    struct trace_file *file;

    trace_heard_init(&heard, print_record);
    file = open_socket();
    bind_to(file, index);
    return file;
}

static const struct can_frame get = {.can_id = 0x11, .len = 2, .data = {0xaa, 0xbb}};
static const struct can_frame ack = {
    .can_id = CAN_EFF_FLAG | 0x1234567, .len = 8, .len8_dlc = 15, .data = "\x79\2\3\4\5\6\7\x8"};

static void frames_of_either_direction(void **state)
{
    struct trace_file *file = open_bound(LO);
    const struct trace_call write = write_of(&get, sizeof(get));
    const struct trace_call read = read_of(&ack);

    (void)state;
    do_call(file, &write, sizeof(get));
    do_call(file, &read, sizeof(ack));
    trace_assert_heard(&heard, "interface lo (227)\n"
                               ">0 0000001102000000aabb000000000000\n"
                               "<0 812345670800000f7902030405060708\n");
    /* neither came to anything */
    do_call(file, &write, -ENOBUFS);
    do_call(file, &read, -EAGAIN);
    do_call(file, &read, -ENETDOWN);
    trace_assert_heard(&heard, "");
    trace_can.close(file, heard.last);
}

/* The record says that it is FD where the tool, and so the kernel, did not. */
static void fd_frames(void **state)
{
    struct trace_file *file = open_bound(LO);
    const struct canfd_frame frame = {.can_id = 0x31,
                                      .len = 12,
                                      .flags = CANFD_BRS,
                                      .data = "\x79"
                                              "abcdefghijk"};
    const struct trace_call read = read_of(&frame);

    (void)state;
    do_call(file, &read, sizeof(frame));
    trace_assert_heard(&heard, "interface lo (227)\n"
                               "<0 000000310c050000796162636465666768696a6b00000000"
                               "000000000000000000000000000000000000000000000000"
                               "000000000000000000000000000000000000000000000000\n");
    trace_can.close(file, heard.last);
}

/* Cut ones, CAN XL, and longer than their structure. */
static void what_is_no_frame(void **state)
{
    struct trace_file *file = open_bound(LO);
    struct can_frame frame = ack;
    uint8_t large[2060] = {0, 0, 0, 0, 0x80};
    const struct trace_call read_large = read_of(large);
    const struct trace_call read = read_of(&frame);
    const struct trace_call unreadable = read_of((void *)8);

    (void)state;
    do_call(file, &read, 15);
    do_call(file, &read, 0);
    frame.len = 9;
    do_call(file, &read, sizeof(frame));
    do_call(file, &read_large, sizeof(large));
    do_call(file, &read_large, CAN_MTU);
    do_call(file, &unreadable, sizeof(frame));
    trace_assert_heard(&heard, "");
    trace_can.close(file, heard.last);
}

/* A socket of all interfaces: the address of each message tells its own. */
static void sockets_of_all_interfaces(void **state)
{
    struct trace_file *file = open_bound(0);
    const struct sockaddr_can lo = {.can_family = AF_CAN, .can_ifindex = LO};
    const struct sockaddr_can none = {.can_family = AF_CAN, .can_ifindex = 99999};
    const struct trace_call send = {
        .number = SYS_sendto,
        .arguments = {3, (uintptr_t)&get, sizeof(get), 0, (uintptr_t)&lo, sizeof(lo)}};
    const struct trace_call receive = {
        .number = SYS_recvfrom,
        .arguments = {3, (uintptr_t)&ack, sizeof(ack), 0, (uintptr_t)&none, 0}};
    const struct trace_call peek = {
        .number = SYS_recvfrom,
        .arguments = {3, (uintptr_t)&ack, sizeof(ack), MSG_PEEK, (uintptr_t)&lo, 0}};
    const struct trace_call read = read_of(&ack);

    (void)state;
    do_call(file, &send, sizeof(get));
    do_call(file, &peek, sizeof(ack));
    do_call(file, &receive, sizeof(ack));
    do_call(file, &read, sizeof(ack));
    trace_assert_heard(&heard, "interface lo (227)\n"
                               ">0 0000001102000000aabb000000000000\n"
                               "interface if99999 (227)\n"
                               "<1 812345670800000f7902030405060708\n"
                               "interface any (227)\n"
                               "<2 812345670800000f7902030405060708\n");
    trace_can.close(file, heard.last);
}

static void vectors_and_headers(void **state)
{
    struct trace_file *file = open_bound(LO);
    struct can_frame frames[2] = {get, ack};
    struct iovec parts[] = {{&frames[0], 5}, {(uint8_t *)&frames[0] + 5, 11}};
    struct iovec whole[] = {{&frames[0], CAN_MTU}, {&frames[1], CAN_MTU}};
    struct mmsghdr many[] = {
        {.msg_hdr = {.msg_iov = &whole[0], .msg_iovlen = 1}, .msg_len = CAN_MTU},
        {.msg_hdr = {.msg_iov = &whole[1], .msg_iovlen = 1}, .msg_len = CAN_MTU},
    };
    const struct msghdr one = {.msg_iov = parts, .msg_iovlen = 2};
    struct trace_call call = {.number = SYS_writev, .arguments = {3, (uintptr_t)parts, 2}};

    (void)state;
    do_call(file, &call, CAN_MTU);
    call.arguments[1] = (uintptr_t)&one;
    call.arguments[2] = 0;
    call.number = SYS_sendmsg;
    do_call(file, &call, CAN_MTU);
    call.arguments[1] = (uintptr_t)many;
    call.arguments[2] = 2;
    call.number = SYS_sendmmsg;
    do_call(file, &call, 2);
    trace_assert_heard(&heard, "interface lo (227)\n"
                               ">0 0000001102000000aabb000000000000\n"
                               ">0 0000001102000000aabb000000000000\n"
                               ">0 0000001102000000aabb000000000000\n"
                               ">0 812345670800000f7902030405060708\n");
    /* a device's frames, which nobody sent here */
    frames[0].data[0] = frames[1].data[0] = 1;
    call.number = SYS_recvmmsg;
    call.arguments[2] = 8;
    do_call(file, &call, 2);
    call.arguments[1] = (uintptr_t)&one;
    call.arguments[2] = 0;
    call.number = SYS_recvmsg;
    do_call(file, &call, CAN_MTU);
    call.arguments[1] = (uintptr_t)parts;
    call.arguments[2] = 2;
    call.number = SYS_readv;
    do_call(file, &call, CAN_MTU);
    trace_assert_heard(&heard, "<0 000000110200000001bb000000000000\n"
                               "<0 812345670800000f0102030405060708\n"
                               "<0 000000110200000001bb000000000000\n"
                               "<0 000000110200000001bb000000000000\n");
    trace_can.close(file, heard.last);
}

/* The kernel gives what one socket sends to the others, and to itself where that is asked for. */
static void own_frames_that_come_back_are_told_once(void **state)
{
    struct trace_file *sender = open_bound(LO);
    struct trace_file *other = open_socket();
    const int on = 1;
    const int off = 0;
    const struct trace_call write = write_of(&get, sizeof(get));
    const struct trace_call read = read_of(&get);
    struct trace_call both = write;

    (void)state;
    bind_to(other, LO);
    do_call(sender, &write, sizeof(get));
    trace_assert_heard(&heard, "interface lo (227)\n"
                               ">0 0000001102000000aabb000000000000\n");
    do_call(other, &read, sizeof(get));
    trace_assert_heard(&heard, "");
    /* once more is somebody else's, and so is what the sender gets */
    do_call(other, &read, sizeof(get));
    do_call(sender, &read, sizeof(get));
    trace_assert_heard(&heard, "interface lo (227)\n"
                               "<1 0000001102000000aabb000000000000\n"
                               "<0 0000001102000000aabb000000000000\n");

    set_option(sender, CAN_RAW_RECV_OWN_MSGS, &on, sizeof(on), 0);
    do_call(sender, &write, sizeof(get));
    do_call(sender, &read, sizeof(get));
    trace_assert_heard(&heard, ">0 0000001102000000aabb000000000000\n");

    /* another thread has it before the call that sends it ends */
    trace_enter(sender, &both);
    do_call(other, &read, sizeof(get));
    do_call(other, &read, sizeof(get));
    trace_assert_heard(&heard, "");

    set_option(sender, CAN_RAW_LOOPBACK, &off, sizeof(off), 0);
    do_call(sender, &write, sizeof(get));
    do_call(other, &read, sizeof(get));
    trace_assert_heard(&heard, ">0 0000001102000000aabb000000000000\n"
                               "<1 0000001102000000aabb000000000000\n");
    trace_can.close(sender, heard.last);
    trace_can.close(other, heard.last);
}

/* A newer kernel marks an FD frame as one; an older one does not. */
static void an_fd_frame_comes_back_with_its_flag(void **state)
{
    struct trace_file *sender = open_bound(LO);
    struct trace_file *other = open_socket();
    struct canfd_frame frame = {.can_id = 0x31, .len = 12, .flags = CANFD_BRS};
    const struct trace_call write = write_of(&frame, sizeof(frame));
    const struct trace_call read = read_of(&frame);

    (void)state;
    bind_to(other, LO);
    do_call(sender, &write, sizeof(frame));
    do_call(sender, &write, sizeof(frame));
    heard.length = 0;
    heard.text[0] = '\0';
    do_call(other, &read, sizeof(frame));
    frame.flags |= 4;
    do_call(other, &read, sizeof(frame));
    trace_assert_heard(&heard, "");
    frame.flags = 0; /* another frame: without the switch of the bit rate */
    do_call(sender, &write, sizeof(frame));
    frame.flags = CANFD_BRS;
    heard.length = 0;
    do_call(other, &read, sizeof(frame));
    assert_int_equal(heard.text[heard.length - 1], '\n');
    assert_non_null(strstr(heard.text, "<1 000000310c05"));
    trace_can.close(sender, heard.last);
    trace_can.close(other, heard.last);
}

static void the_kernel_says_what_is_the_sockets_own(void **state)
{
    struct trace_file *file = open_bound(LO);
    struct can_frame frame = ack;
    struct iovec part = {&frame, sizeof(frame)};
    struct msghdr header = {.msg_iov = &part, .msg_iovlen = 1, .msg_flags = MSG_CONFIRM};
    const struct trace_call call = {.number = SYS_recvmsg, .arguments = {3, (uintptr_t)&header}};

    (void)state;
    do_call(file, &call, sizeof(frame));
    trace_assert_heard(&heard, "");
    header.msg_flags = MSG_DONTROUTE;
    do_call(file, &call, sizeof(frame));
    trace_assert_heard(&heard, "interface lo (227)\n"
                               "<0 812345670800000f7902030405060708\n");
    trace_can.close(file, heard.last);
}

/** Sets filters, sends a frame, and looks what is said of the interface. */
static void assert_filter(const struct can_filter *filters, size_t count, const char *expected)
{
    struct trace_file *file = open_bound(LO);
    const struct trace_call write = write_of(&get, sizeof(get));

    set_option(file, CAN_RAW_FILTER, filters, count * sizeof(*filters), 0);
    do_call(file, &write, sizeof(get));
    *strchr(heard.text, '\n') = '\0';
    heard.length = 0;
    assert_string_equal(heard.text, expected);
    trace_can.close(file, heard.last);
}

static void filters_in_words(void **state)
{
    static const struct can_filter filters[20] = {
        {.can_id = 0x123, .can_mask = 0x7ff},
        {.can_id = CAN_INV_FILTER | 0x200, .can_mask = 0xc00007f0},
    };
    static const struct can_filter all = {0};

    (void)state;
    assert_filter(NULL, 0, "interface lo (227)");
    assert_filter(&all, 1, "interface lo (227)");
    assert_filter(filters, 2, "interface lo (227) received: only ids 123:7FF 200~C00007F0");
    /* as many as 127 characters hold */
    assert_filter(filters, 20,
                  "interface lo (227) received: only ids 123:7FF 200~C00007F0 000:000 000:000 "
                  "000:000 000:000 000:000 000:000 000:000 000:000 000:000 000:000 ...");
}

static void an_option_that_was_refused_changes_nothing(void **state)
{
    const struct can_filter filter = {.can_id = 0x123, .can_mask = 0x7ff};
    struct trace_file *file = open_bound(LO);
    const struct trace_call write = write_of(&get, sizeof(get));

    (void)state;
    set_option(file, CAN_RAW_FILTER, &filter, sizeof(filter), -EINVAL);
    do_call(file, &write, sizeof(get));
    trace_assert_heard(&heard, "interface lo (227)\n"
                               ">0 0000001102000000aabb000000000000\n");
    trace_can.close(file, heard.last);
}

/* What is inherited is asked itself: sockets of other kinds are not followed. */
static void which_sockets_are_followed(void **state)
{
    const struct stat is_socket = {.st_mode = S_IFSOCK};
    const struct stat is_file = {.st_mode = S_IFREG};
    struct trace_call call = {.number = SYS_socket,
                              .arguments = {AF_CAN, SOCK_DGRAM, CAN_BCM},
                              .process = getpid(),
                              .thread = getpid()};
    const int inet = socket(AF_INET, SOCK_DGRAM, 0);
    const int can = socket(AF_CAN, SOCK_RAW, CAN_RAW);
    struct trace_file *file;

    (void)state;
    assert_true(trace_can.is("socket:[1]", &is_socket));
    assert_false(trace_can.is("/tmp/x", &is_file));
    assert_null(trace_can.open(&call, 3, "socket:[1]", &heard.sink));
    call.number = SYS_write;
    assert_null(trace_can.open(&call, inet, "socket:[1]", &heard.sink));
    assert_null(trace_can.open(&call, 99999, "socket:[1]", &heard.sink));
    close(inet);
    if (can < 0)
        skip(); /* a kernel without CAN: only the virtual machine has it */
    file = trace_can.open(&call, can, "socket:[1]", &heard.sink);
    assert_non_null(file);
    trace_can.close(file, heard.last);
    close(can);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(frames_of_either_direction),
        cmocka_unit_test(fd_frames),
        cmocka_unit_test(what_is_no_frame),
        cmocka_unit_test(sockets_of_all_interfaces),
        cmocka_unit_test(vectors_and_headers),
        cmocka_unit_test(own_frames_that_come_back_are_told_once),
        cmocka_unit_test(an_fd_frame_comes_back_with_its_flag),
        cmocka_unit_test(the_kernel_says_what_is_the_sockets_own),
        cmocka_unit_test(filters_in_words),
        cmocka_unit_test(an_option_that_was_refused_changes_nothing),
        cmocka_unit_test(which_sockets_are_followed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
