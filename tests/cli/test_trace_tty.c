/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What boottap run makes of calls about a real serial port, which a pseudo-terminal cannot show:
 * calls made by hand, whose memory is the test's own. Settings are those of termios(3), line bits
 * those of ioctl_tty(2), record bytes those of LINKTYPE_RTAC_SERIAL. And the order of records.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/uio.h>
#include <termios.h>
#include <unistd.h>

#include "boottap/record.h"
#include "program.h"
#include "test.h"
#include "trace/call.h"
#include "trace/order.h"
#include "traced.h"

/* The kernel's numbers and layouts (asm-generic/ioctls.h, asm-generic/termbits.h) */
enum { GETS = 0x5401, SETS = 0x5402, SETSF = 0x5404, SETS2 = 0x402C542B };

struct kernel_termios {
    uint32_t iflag, oflag, cflag, lflag;
    uint8_t line;
    uint8_t cc[19];
    uint32_t ispeed, ospeed;
};

#define S ((btap_ns)1000000000)

/** A port that the test plays the tool of. */
struct port {
    struct traffic_file *traffic;
    struct trace_file *file;
    struct trace_call call;
    int fd;
};

/** Any character device does: what it is was asked before. */
static struct port open_port(uint64_t how)
{
    struct port port = {.traffic = traffic_create(), .fd = open("/dev/null", O_RDWR | O_CLOEXEC)};

    port.call = (struct trace_call){
        .process = getpid(),
        .thread = getpid(),
        .number = how,
        .result = port.fd,
        .time = 1 * S + 2000,
    };
    port.file = trace_tty.open(&port.call, port.fd, "/dev/ttyUSB0", traffic_sink(port.traffic));
    assert_non_null(port.file);
    return port;
}

/** A call that begins and, a millisecond later, ends. */
static void make_call(struct port *port, uint64_t number, uint64_t second, uint64_t third,
                      int64_t result)
{
    struct trace_call *call = &port->call;

    call->number = number;
    call->arguments[0] = (uint64_t)port->fd;
    call->arguments[1] = second;
    call->arguments[2] = third;
    call->result = 0;
    call->time += S;
    call->entered = call->time;
    trace_tty.enter(port->file, call);
    call->time += S / 1000;
    call->result = result;
    trace_tty.leave(port->file, call);
}

static void make_ioctl(struct port *port, uint32_t request, const void *argument)
{
    make_call(port, SYS_ioctl, request, (uintptr_t)argument, 0);
}

/** Closes the port and compares the transcript behind the first lines of a port that was opened. */
static void close_port(struct port *port, const char *wanted, const char *closed)
{
    static const char opened[] = "INTERFACE ttyUSB0\nSTATUS 18 boottap: the tool opened the port\n";
    char *transcript;

    trace_tty.close(port->file, port->call.time + S);
    close(port->fd);
    assert_true(traffic_finish(port->traffic));
    transcript = read_whole("transcript", NULL);
    assert_int_equal(strncmp(transcript, opened, strlen(opened)), 0);
    assert_int_equal(strncmp(transcript + strlen(opened), wanted, strlen(wanted)), 0);
    assert_string_equal(transcript + strlen(opened) + strlen(wanted), closed);
    free(transcript);
}

#define CLOSED_DOWN "STATUS 00 boottap: the tool closed the port\n"

static void opening_raises_and_closing_drops_the_lines(void **state)
{
    struct port port = open_port(SYS_openat);

    (void)state;
    close_port(&port, "", CLOSED_DOWN);
}

static void settings_are_told_when_they_change(void **state)
{
    static const struct {
        uint32_t request;
        uint32_t cflag;
        uint32_t ospeed;
        const char *told;
    } settings[] = {
        {SETS, B115200 | CS8 | PARENB | CREAD | HUPCL, 0, "115200 8E1"},
        {SETS, B115200 | CS8 | PARENB | CREAD | HUPCL | CLOCAL, 0, NULL},
        {SETS, B115200 | CS8 | PARENB | PARODD | HUPCL, 0, "115200 8O1"},
        {SETS, B9600 | CS8 | HUPCL, 0, "9600 8N1"},
        {SETS, B9600 | CS7 | CSTOPB | HUPCL, 0, "9600 7N2"},
        {SETS, B50 | CS5 | CSTOPB | HUPCL, 0, "50 5N1.5"},
        {SETS, B4000000 | CS6 | PARENB | CMSPAR | HUPCL, 0, "4000000 6S1"},
        {SETS, B4000000 | CS6 | PARENB | CMSPAR | PARODD | HUPCL, 0, "4000000 6M1"},
        {SETS2, 0010000 | CS8 | PARENB | HUPCL, 123456, "123456 8E1"},
        {SETS, 0010000 | CS8 | HUPCL, 99, "123456 8N1"},
        {SETS2, B57600 | CS8 | PARENB | HUPCL, 57600, "57600 8E1"},
    };
    struct port port = open_port(SYS_openat);
    char wanted[1024] = "";

    (void)state;
    for (size_t i = 0; i < COUNT_OF(settings); i++) {
        const struct kernel_termios termios = {.cflag = settings[i].cflag,
                                               .ospeed = settings[i].ospeed};

        make_ioctl(&port, settings[i].request, &termios);
        if (settings[i].told != NULL)
            snprintf(wanted + strlen(wanted), sizeof(wanted) - strlen(wanted),
                     "STATUS 18 boottap serial: %s\n", settings[i].told);
    }
    close_port(&port, wanted, CLOSED_DOWN);
}

static void settings_that_were_refused_are_not_told(void **state)
{
    const struct kernel_termios termios = {.cflag = B115200 | CS8 | PARENB};
    struct port port = open_port(SYS_openat);

    (void)state;
    make_call(&port, SYS_ioctl, SETS, (uintptr_t)&termios, -EINVAL);
    close_port(&port, "", CLOSED_DOWN);
}

static void settings_that_were_found_are_told_with_the_first_bytes(void **state)
{
    const struct kernel_termios termios = {.cflag = B19200 | CS8 | PARENB};
    struct port port = open_port(SYS_openat);

    (void)state;
    make_ioctl(&port, GETS, &termios);
    make_ioctl(&port, GETS, &termios);
    make_call(&port, SYS_write, (uintptr_t) "\x7f", 1, 1);
    make_call(&port, SYS_write, (uintptr_t) "\x01\xfe", 2, 2);
    /* Without HUPCL closing leaves the lines as they are. */
    close_port(&port, "STATUS 18 boottap serial: 19200 8E1\nTX 7f 01 fe\n",
               "STATUS 18 boottap: the tool closed the port\n");
}

static void rate_0_hangs_up(void **state)
{
    const struct kernel_termios off = {.cflag = B0 | CS8 | HUPCL};
    const struct kernel_termios on = {.cflag = B1200 | CS8 | HUPCL};
    struct port port = open_port(SYS_openat);

    (void)state;
    make_ioctl(&port, SETS, &off);
    make_ioctl(&port, SETS, &on);
    close_port(&port, "STATUS 00 boottap serial: ? 8N1\nSTATUS 18 boottap serial: 1200 8N1\n",
               CLOSED_DOWN);
}

static void lines_are_told(void **state)
{
    const int dtr = TIOCM_DTR;
    const int rts = TIOCM_RTS;
    const int both = TIOCM_DTR | TIOCM_RTS;
    const int found = TIOCM_CTS | TIOCM_CAR | TIOCM_DSR | TIOCM_RNG | TIOCM_RTS;
    const int inputs = TIOCM_CTS;
    struct port port = open_port(SYS_openat);

    (void)state;
    make_ioctl(&port, TIOCMBIC, &dtr);
    make_ioctl(&port, TIOCMBIC, &rts);
    make_ioctl(&port, TIOCMBIS, &dtr);
    make_ioctl(&port, TIOCMSET, &both);
    make_ioctl(&port, TIOCMSET, &rts);
    make_ioctl(&port, TIOCMGET, &found); /* no event */
    make_ioctl(&port, TIOCMBIS, &dtr);
    make_ioctl(&port, TIOCMBIC, &inputs); /* only outputs can be set */
    close_port(&port,
               "STATUS 08\nSTATUS 00\nSTATUS 10\nSTATUS 18\nSTATUS 08\nSTATUS 3f\n"
               "STATUS 3f\n",
               "STATUS 27 boottap: the tool closed the port\n");
}

static void breaks_and_flushes_are_told(void **state)
{
    const struct kernel_termios termios = {.cflag = B1200 | CS8 | HUPCL};
    struct port port = open_port(SYS_openat);

    (void)state;
    make_ioctl(&port, TCSBRK, (const void *)1); /* tcdrain() */
    make_ioctl(&port, TCSBRK, NULL);
    make_ioctl(&port, TCSBRKP, NULL);
    make_ioctl(&port, TIOCSBRK, NULL);
    make_ioctl(&port, TIOCCBRK, NULL);
    make_ioctl(&port, TCFLSH, (const void *)0);
    make_ioctl(&port, TCFLSH, (const void *)1);
    make_ioctl(&port, TCFLSH, (const void *)2);
    make_ioctl(&port, FIONREAD, NULL);
    make_ioctl(&port, SETSF, &termios);
    close_port(&port,
               "BREAK 18 boottap: the tool sent a break\n"
               "BREAK 18 boottap: the tool sent a break\n"
               "BREAK 18 boottap: the tool began a break\n"
               "STATUS 18 boottap: the tool ended the break\n"
               "STATUS 18 boottap: the tool flushed its input\n"
               "STATUS 18 boottap: the tool flushed its output\n"
               "STATUS 18 boottap: the tool flushed its input and output\n"
               "STATUS 18 boottap serial: 1200 8N1\n"
               "STATUS 18 boottap: the tool flushed its input\n",
               CLOSED_DOWN);
}

static void only_what_was_moved_counts(void **state)
{
    struct iovec parts[] = {
        {(void *)(uintptr_t) "\x31", 1}, {NULL, 0}, {(void *)(uintptr_t) "\xce#", 2}};
    char answer[] = "\x79\x1f";
    struct port port = open_port(SYS_openat);

    (void)state;
    make_call(&port, SYS_write, (uintptr_t) "\x7f\x7f", 2, -EAGAIN);
    make_call(&port, SYS_write, (uintptr_t) "\x7f\x7f", 2, -512); /* ERESTARTSYS */
    make_call(&port, SYS_write, (uintptr_t) "\x7f\x7f", 2, 1);
    make_call(&port, SYS_read, (uintptr_t)answer, 2, 0);
    make_call(&port, SYS_read, (uintptr_t)answer, 2, 1);
    make_call(&port, SYS_writev, (uintptr_t)parts, 3, 2);
    make_call(&port, SYS_pwritev2, (uintptr_t)parts, 3, 3);
    make_call(&port, SYS_readv, (uintptr_t)parts, 3, 1);
    close_port(&port, "TX 7f\nRX 79\nTX 31 ce 31 ce 23\nRX 31\n", CLOSED_DOWN);
}

static void port_that_is_gone_is_told_once(void **state)
{
    char answer[] = "\x79";
    struct port port = open_port(SYS_openat);

    (void)state;
    make_call(&port, SYS_write, (uintptr_t) "\x7f", 1, -EIO);
    make_call(&port, SYS_read, (uintptr_t)answer, 1, -EIO);
    make_call(&port, SYS_read, (uintptr_t)answer, 1, 1);
    make_call(&port, SYS_read, (uintptr_t)answer, 1, -ENODEV);
    close_port(&port,
               "STATUS 18 boottap: the port failed: Input/output error\nRX 79\n"
               "STATUS 18 boottap: the port failed: No such device\n",
               CLOSED_DOWN);
}

static void memory_that_cannot_be_read_is_told(void **state)
{
    struct port port = open_port(SYS_openat);

    (void)state;
    make_call(&port, SYS_write, 8, 3, 3);
    close_port(&port, "LOST 18 boottap: 3 bytes are missing, the tool's memory could not be read\n",
               CLOSED_DOWN);
}

static void inherited_port_appears_when_it_is_used(void **state)
{
    struct port port = open_port(SYS_write);
    char *transcript;

    (void)state;
    make_call(&port, SYS_write, (uintptr_t) "\x7f", 1, 1);
    trace_tty.close(port.file, port.call.time);
    close(port.fd);
    traffic_finish(port.traffic);
    transcript = read_whole("transcript", NULL);
    assert_string_equal(transcript, "INTERFACE ttyUSB0\nTX 7f\n" CLOSED_DOWN);
    free(transcript);
}

static bool is(const char *path, unsigned int major_number, unsigned int minor_number, mode_t kind)
{
    const struct stat status = {.st_mode = kind, .st_rdev = makedev(major_number, minor_number)};

    return trace_tty.is(path, &status);
}

/* Numbers: Documentation/admin-guide/devices.txt of the kernel */
static void serial_ports_are_known(void **state)
{
    (void)state;
    assert_true(is("/dev/ttyS0", 4, 64, S_IFCHR));
    assert_true(is("/dev/ttyUSB0", 188, 0, S_IFCHR));
    assert_true(is("/dev/ttyACM1", 166, 1, S_IFCHR));
    assert_true(is("/dev/pts/3", 136, 3, S_IFCHR));
    assert_true(is("/dev/pts/2000", 143, 208, S_IFCHR));
    assert_false(is("/dev/tty1", 4, 1, S_IFCHR)); /* a console */
    assert_false(is("/dev/tty", 5, 0, S_IFCHR));
    assert_false(is("/dev/console", 5, 1, S_IFCHR));
    assert_false(is("/dev/ptmx", 5, 2, S_IFCHR));
    assert_false(is("/dev/null", 1, 3, S_IFCHR));
    assert_false(is("/dev/ttyUSB0", 188, 0, S_IFREG));
}

/** What came to the sink of the tests of the order: letters. */
struct letters {
    char text[64];
    uint32_t interfaces;
    btap_ns last;
};

static uint32_t on_interface(void *context, const struct traffic_interface *interface)
{
    (void)interface;
    return ((struct letters *)context)->interfaces++;
}

static void on_record(void *context, const struct traffic_record *record)
{
    struct letters *letters = context;

    assert_true(record->time >= letters->last);
    letters->last = record->time;
    letters->text[strlen(letters->text)] = (char)record->bytes[0];
    assert_string_equal(record->comment != NULL ? record->comment : "none",
                        record->bytes[0] == 'c' ? "commented" : "none");
}

static void add(struct order *order, btap_ns time, const char *letter)
{
    const struct traffic_record record = {
        .time = time,
        .bytes = (const uint8_t *)letter,
        .captured = 1,
        .length = 1,
        .comment = letter[0] == 'c' ? "commented" : NULL,
    };

    order->sink.record(order->sink.context, &record);
}

static void answer_waits_for_the_write_that_caused_it(void **state)
{
    struct letters letters = {0};
    const struct traffic_sink sink = {&letters, on_interface, on_record};
    struct order order;

    (void)state;
    order_init(&order, &sink);
    add(&order, 5, "a");
    order_flush(&order);
    assert_string_equal(letters.text, "a");
    order_begin(&order, 10);
    order_begin(&order, 15);
    add(&order, 20, "c");
    add(&order, 8, "b");
    order_flush(&order);
    assert_string_equal(letters.text, "ab");
    assert_true(order_finish(&order, 15));
    add(&order, 15, "2");
    order_flush(&order);
    assert_string_equal(letters.text, "ab");
    assert_true(order_finish(&order, 10));
    add(&order, 10, "1");
    order_flush(&order);
    assert_string_equal(letters.text, "ab12c");
    order_end(&order);
}

static void nothing_waits_for_ever(void **state)
{
    struct letters letters = {0};
    const struct traffic_sink sink = {&letters, on_interface, on_record};
    struct order order;

    (void)state;
    order_init(&order, &sink);
    order_begin(&order, 10);
    add(&order, 20, "1");
    add(&order, 20 + S, "2");
    assert_string_equal(letters.text, "");
    add(&order, 21 + S, "3");
    assert_string_equal(letters.text, "123");
    assert_false(order_finish(&order, 10));
    order_begin(&order, 30 + S);
    add(&order, 31 + S, "4");
    order_end(&order);
    assert_string_equal(letters.text, "1234");
}

static void port_that_is_opened_again_is_the_same_interface(void **state)
{
    struct letters letters = {0};
    const struct traffic_sink sink = {&letters, on_interface, on_record};
    const struct traffic_interface names[] = {
        {.linktype = 250, .name = "ttyS0"},
        {.linktype = 250, .name = "ttyS1"},
        {.linktype = 250, .name = "ttyS0"},
        {.linktype = 227, .name = "ttyS0"},
    };
    static const uint32_t numbers[] = {0, 1, 0, 2};
    struct order order;

    (void)state;
    order_init(&order, &sink);
    for (size_t i = 0; i < COUNT_OF(names); i++)
        assert_int_equal(order.sink.interface(order.sink.context, &names[i]), numbers[i]);
    order_end(&order);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(opening_raises_and_closing_drops_the_lines),
        cmocka_unit_test(settings_are_told_when_they_change),
        cmocka_unit_test(settings_that_were_refused_are_not_told),
        cmocka_unit_test(settings_that_were_found_are_told_with_the_first_bytes),
        cmocka_unit_test(rate_0_hangs_up),
        cmocka_unit_test(lines_are_told),
        cmocka_unit_test(breaks_and_flushes_are_told),
        cmocka_unit_test(only_what_was_moved_counts),
        cmocka_unit_test(port_that_is_gone_is_told_once),
        cmocka_unit_test(memory_that_cannot_be_read_is_told),
        cmocka_unit_test(inherited_port_appears_when_it_is_used),
        cmocka_unit_test(serial_ports_are_known),
        cmocka_unit_test(answer_waits_for_the_write_that_caused_it),
        cmocka_unit_test(nothing_waits_for_ever),
        cmocka_unit_test(port_that_is_opened_again_is_the_same_interface),
    };

    return cmocka_run_group_tests(tests, enter_directory, leave_directory);
}
