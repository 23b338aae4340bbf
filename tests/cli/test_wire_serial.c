/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A serial port as a wire, on pseudo-terminals: what it sends, what it waits for, how it ends.
 * Parity is a real port's, and so tested in the virtual machine (tests/vm).
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <termios.h>
#include <unistd.h>

#include "base/clock.h"
#include "port/termios2.h"
#include "port/wire_open.h"
#include "said.h"
#include "test.h"

#define MS ((btap_ns)CLOCK_NS_PER_MS)

/** A pseudo-terminal, and the wire to its end. */
struct rig {
    int master;
    char path[64];
    struct wire *wire;
};

static void make_pty(struct rig *rig)
{
    rig->master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
    assert_true(rig->master >= 0);
    assert_int_equal(grantpt(rig->master), 0);
    assert_int_equal(unlockpt(rig->master), 0);
    assert_int_equal(ptsname_r(rig->master, rig->path, sizeof(rig->path)), 0);
}

/** @return what was said; the wire may be NULL */
static const char *open_wire(struct rig *rig, const struct btap_serial_settings *settings)
{
    said_begin();
    rig->wire = wire_serial_open(rig->path, settings);
    return said_end();
}

static void open_rig(struct rig *rig)
{
    const struct btap_serial_settings settings = {0};

    make_pty(rig);
    assert_string_equal(open_wire(rig, &settings), "");
    assert_non_null(rig->wire);
}

static void close_rig(struct rig *rig)
{
    wire_close(rig->wire);
    if (rig->master >= 0)
        close(rig->master);
}

static enum wire_result send_bytes(struct wire *wire, const void *bytes, size_t length)
{
    return wire_send(wire,
                     &(struct wire_message){.kind = WIRE_BYTES, .bytes = bytes, .length = length});
}

static enum wire_result receive(struct rig *rig, struct wire_received *received, btap_ns patience)
{
    return wire_receive(rig->wire, received, clock_monotonic() + patience);
}

static void put(const struct rig *rig, const void *bytes, size_t length)
{
    assert_int_equal(write(rig->master, bytes, length), length);
}

/** 8E1 at 115200 is asked for; a pseudo-terminal drops the parity, and nothing is said of it. */
static void what_it_says_of_itself(void **state)
{
    struct btap_serial_settings found;
    struct termios termios;
    struct rig rig;

    (void)state;
    open_rig(&rig);
    assert_int_equal(rig.wire->kind->medium, WIRE_SERIAL);
    assert_string_equal(rig.wire->name, rig.path + strlen("/dev/"));
    assert_true(rig.wire->is_pty);
    assert_int_equal(rig.wire->settings.baud, 115200);
    assert_int_equal(rig.wire->settings.data_bits, 8);
    assert_int_equal(rig.wire->settings.parity, BTAP_PARITY_NONE);
    assert_int_equal(rig.wire->settings.half_stop_bits, 2);
    assert_null(rig.wire->usb);
    assert_null(rig.wire->usb_serial);
    assert_true(termios2_settings(rig.master, &found));
    assert_int_equal(found.baud, 115200);
    assert_int_equal(tcgetattr(rig.master, &termios), 0);
    assert_int_equal(termios.c_cflag & (CSIZE | PARENB | CSTOPB), CS8);
    assert_int_equal(termios.c_lflag & (ECHO | ICANON | ISIG), 0);
    close_rig(&rig);
}

static void another_rate(void **state)
{
    const struct btap_serial_settings settings = {.baud = 57600, .parity = BTAP_PARITY_EVEN};
    struct btap_serial_settings found;
    struct rig rig;

    (void)state;
    make_pty(&rig);
    assert_string_equal(open_wire(&rig, &settings), "");
    assert_int_equal(rig.wire->settings.baud, 57600);
    assert_true(termios2_settings(rig.master, &found));
    assert_int_equal(found.baud, 57600);
    close_rig(&rig);
}

static void bytes_both_ways(void **state)
{
    static const uint8_t all[] = {0x7f, 0x00, 0xff, 0xff, 0x00, 0x0a, 0x0d, 0x03, 0x11, 0x13};
    const btap_ns started = clock_now();
    struct wire_received received;
    uint8_t found[sizeof(all)];
    struct rig rig;

    (void)state;
    open_rig(&rig);
    assert_int_equal(send_bytes(rig.wire, all, sizeof(all)), WIRE_DONE);
    assert_int_equal(read(rig.master, found, sizeof(found)), sizeof(all));
    assert_memory_equal(found, all, sizeof(all));

    put(&rig, all, sizeof(all));
    assert_int_equal(receive(&rig, &received, 10000 * MS), WIRE_DONE);
    assert_int_equal(received.length, sizeof(all));
    assert_memory_equal(received.bytes, all, sizeof(all));
    assert_false(received.parity_error || received.framing_error);
    assert_true(received.time >= started && received.time <= clock_now());
    close_rig(&rig);
}

static void silence_ends_at_the_deadline(void **state)
{
    struct wire_received received;
    struct rig rig;
    btap_ns started;

    (void)state;
    open_rig(&rig);
    started = clock_monotonic();
    assert_int_equal(receive(&rig, &received, 50 * MS), WIRE_QUIET);
    assert_true(clock_monotonic() - started >= 50 * MS);
    /* What is there is received though the deadline is over. */
    assert_int_equal(receive(&rig, &received, -1000 * MS), WIRE_QUIET);
    put(&rig, "\x79", 1);
    assert_int_equal(receive(&rig, &received, -1000 * MS), WIRE_DONE);
    assert_int_equal(received.bytes[0], 0x79);
    close_rig(&rig);
}

static void what_came_before_is_dropped(void **state)
{
    struct wire_received received;
    struct rig rig;

    (void)state;
    make_pty(&rig);
    put(&rig, "\x1f\x1f", 2);
    open_wire(&rig, &(struct btap_serial_settings){0});
    assert_int_equal(receive(&rig, &received, 0), WIRE_QUIET);
    close_rig(&rig);
}

/** Reads slowly, as a device does, so that the port is full now and then. */
struct slow {
    int master;
    uint8_t *bytes;
    size_t length;
    size_t wanted;
};

static void *read_slowly(void *context)
{
    struct slow *slow = context;

    while (slow->length < slow->wanted) {
        const ssize_t got =
            read(slow->master, slow->bytes + slow->length, slow->wanted - slow->length);

        if (got <= 0)
            break;
        slow->length += (size_t)got;
        usleep(500);
    }
    return NULL;
}

/** A pseudo-terminal takes some 20 kB at once. */
static void more_than_the_port_takes_at_once(void **state)
{
    enum { LENGTH = 200000 };
    uint8_t *bytes = malloc(LENGTH);
    struct slow slow = {.bytes = malloc(LENGTH), .wanted = LENGTH};
    pthread_t reader;
    struct rig rig;

    (void)state;
    for (size_t i = 0; i < LENGTH; i++)
        bytes[i] = (uint8_t)(i * 31 + i / 256);
    open_rig(&rig);
    slow.master = rig.master;
    assert_int_equal(pthread_create(&reader, NULL, read_slowly, &slow), 0);
    assert_int_equal(send_bytes(rig.wire, bytes, LENGTH), WIRE_DONE);
    pthread_join(reader, NULL);
    assert_int_equal(slow.length, LENGTH);
    assert_memory_equal(slow.bytes, bytes, LENGTH);
    free(bytes);
    free(slow.bytes);
    close_rig(&rig);
}

static volatile sig_atomic_t alarms;

static void on_alarm(int number)
{
    (void)number;
    alarms++;
}

/** Ctrl-C is asked for between commands: no wait ends for it. */
static void a_signal_ends_no_wait(void **state)
{
    const struct sigaction action = {.sa_handler = on_alarm};
    const struct itimerval often = {{0, 5000}, {0, 5000}};
    struct wire_received received;
    struct rig rig;
    btap_ns started;

    (void)state;
    open_rig(&rig);
    sigaction(SIGALRM, &action, NULL);
    alarms = 0;
    setitimer(ITIMER_REAL, &often, NULL);
    started = clock_monotonic();
    assert_int_equal(receive(&rig, &received, 200 * MS), WIRE_QUIET);
    setitimer(ITIMER_REAL, &(struct itimerval){0}, NULL);
    assert_true(clock_monotonic() - started >= 200 * MS);
    assert_true(alarms > 0);
    close_rig(&rig);
}

static void the_other_end_is_closed(void **state)
{
    struct wire_received received;
    struct rig rig;
    char expected[160];

    (void)state;
    open_rig(&rig);
    close(rig.master);
    rig.master = -1;
    said_begin();
    assert_int_equal(receive(&rig, &received, 10000 * MS), WIRE_GONE);
    assert_int_equal(receive(&rig, &received, 10000 * MS), WIRE_GONE);
    assert_int_equal(send_bytes(rig.wire, "\x7f", 1), WIRE_GONE);
    snprintf(expected, sizeof(expected),
             "boottap: %s: the port is gone (hung up); the program that offered it "
             "closed it\n",
             rig.path + strlen("/dev/"));
    assert_string_equal(said_end(), expected);
    close_rig(&rig);

    open_rig(&rig);
    close(rig.master);
    rig.master = -1;
    said_begin();
    assert_int_equal(send_bytes(rig.wire, "\x7f", 1), WIRE_GONE);
    /* Writing fails with EIO, reading ends: it is the same. */
    snprintf(expected, sizeof(expected),
             "boottap: %s: the port is gone (hung up); the program that offered it "
             "closed it\n",
             rig.path + strlen("/dev/"));
    assert_string_equal(said_end(), expected);
    close_rig(&rig);
}

static void lines_that_it_has_not(void **state)
{
    const struct wire_message lines = {
        .kind = WIRE_LINES, .lines = BTAP_LINE_DTR, .mask = BTAP_LINE_DTR};
    struct rig rig;

    (void)state;
    open_rig(&rig);
    said_begin();
    assert_int_equal(wire_send(rig.wire, &lines), WIRE_GONE);
    assert_non_null(strstr(said_end(), "DTR and RTS cannot be moved: a pseudo-terminal has none"));
    close_rig(&rig);
}

/** By whatever name; and the second one has not opened it. */
static void two_of_them(void **state)
{
    char expected[160];
    struct rig rig;
    struct rig second;

    (void)state;
    open_rig(&rig);
    second = rig;
    snprintf(second.path, sizeof(second.path), "/tmp/boottap-test-%ld", (long)getpid());
    assert_int_equal(symlink(rig.path, second.path), 0);
    snprintf(expected, sizeof(expected),
             "boottap: %s: another replay has it (process %ld); end that first\n", second.path,
             (long)getpid());
    assert_string_equal(open_wire(&second, &(struct btap_serial_settings){0}), expected);
    assert_null(second.wire);
    wire_close(rig.wire);
    assert_string_equal(open_wire(&second, &(struct btap_serial_settings){0}), "");
    unlink(second.path);
    close_rig(&second);
}

static void what_is_no_port(void **state)
{
    struct rig rig = {.master = -1};

    (void)state;
    strcpy(rig.path, "/dev/null");
    assert_string_not_equal(open_wire(&rig, &(struct btap_serial_settings){0}), "");
    assert_null(rig.wire);
    strcpy(rig.path, "/dev/tty-that-is-not-there");
    assert_non_null(strstr(open_wire(&rig, &(struct btap_serial_settings){0}), "not there"));
    assert_null(rig.wire);
    wire_close(rig.wire);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_it_says_of_itself),
        cmocka_unit_test(another_rate),
        cmocka_unit_test(bytes_both_ways),
        cmocka_unit_test(silence_ends_at_the_deadline),
        cmocka_unit_test(what_came_before_is_dropped),
        cmocka_unit_test(more_than_the_port_takes_at_once),
        cmocka_unit_test(a_signal_ends_no_wait),
        cmocka_unit_test(the_other_end_is_closed),
        cmocka_unit_test(lines_that_it_has_not),
        cmocka_unit_test(two_of_them),
        cmocka_unit_test(what_is_no_port),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
