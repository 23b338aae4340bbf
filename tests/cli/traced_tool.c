/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A tool to be followed: static, and with the rare system calls. The device at `port` answers as
 * the bootloader does, keeps what it gets, or sends it back: see test_trace.c.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#define MANY   (8u * 1024 * 1024)
#define VECTOR 5

static volatile sig_atomic_t signals;
static char **own_arguments;

static int open_port(int flags)
{
    const int port = open("port", O_RDWR | O_NOCTTY | flags);

    if (port < 0)
        exit(9);
    return port;
}

static void send_byte(int port, uint8_t byte)
{
    if (write(port, &byte, 1) != 1)
        exit(8);
}

static void expect(int port, uint8_t wanted)
{
    uint8_t byte = 0;

    if (read(port, &byte, 1) != 1 || byte != wanted)
        exit(7);
}

/** Get Version after synchronisation, through three descriptors. */
static int duplicates(void)
{
    const int port = open_port(0);
    const int second = dup(port);
    const int third = dup2(port, 200);

    send_byte(port, 0x7F);
    expect(second, 0x79);
    close(port);
    send_byte(third, 0x01);
    send_byte(second, 0xFE);
    close(second);
    for (size_t i = 0; i < 5; i++)
        expect(fcntl(third, F_DUPFD, 300), (const uint8_t[]){0x79, 0x31, 0, 0, 0x79}[i]);
    syscall(SYS_close_range, 300, 400, 0);
    if (dup2(STDIN_FILENO, third) != third) /* the last one closes */
        return 6;
    send_byte(STDOUT_FILENO, '.');
    return 0;
}

static void *read_in_thread(void *port)
{
    expect(*(int *)port, 0x79);
    return NULL;
}

/** One thread waits for what another one causes. */
static int threads(void)
{
    int port = open_port(0);
    pthread_t reader;

    for (int i = 0; i < 20; i++) {
        pthread_create(&reader, NULL, read_in_thread, &port);
        usleep(i % 4 * 1000);
        if (i == 0)
            send_byte(port, 0x7F);
        else if (write(port, "\x02\xFD", 2) != 2) /* Get ID */
            return 6;
        pthread_join(reader, NULL);
        if (i > 0)
            for (size_t at = 0; at < 4; at++)
                expect(port, (const uint8_t[]){0x01, 0x04, 0x60, 0x79}[at]);
    }
    return 0;
}

static void *execute_in_thread(void *port)
{
    char descriptor[16];
    char *arguments[] = {own_arguments[0], (char *)"inherited", descriptor, NULL};

    snprintf(descriptor, sizeof(descriptor), "%d", *(int *)port);
    execv(own_arguments[0], arguments);
    exit(6);
}

/** A thread becomes another program, which has the port open, and not the one that is closed. */
static int executes(void)
{
    int port = open_port(0);
    const int closed = open_port(O_CLOEXEC);
    pthread_t thread;

    send_byte(port, 0x11);
    send_byte(closed, 0x22);
    pthread_create(&thread, NULL, execute_in_thread, &port);
    pthread_join(thread, NULL);
    return 6;
}

static uint8_t pattern(size_t at)
{
    return (uint8_t)(at ^ at >> 8 ^ at >> 16);
}

static uint8_t *make_many(void)
{
    uint8_t *bytes = malloc(MANY);

    if (bytes == NULL)
        exit(5);
    for (size_t i = 0; i < MANY; i++)
        bytes[i] = pattern(i);
    return bytes;
}

/** One process writes, another one reads what comes back. */
static int echo(void)
{
    const int port = open_port(0);
    uint8_t *bytes = make_many();
    uint8_t *back = malloc(MANY);
    size_t done = 0;
    int status;

    if (fork() == 0) {
        while (done < MANY) {
            const ssize_t part = write(port, bytes + done, MANY - done);

            if (part < 0)
                _exit(1);
            done += (size_t)part;
        }
        _exit(0);
    }
    while (done < MANY) {
        const ssize_t part = read(port, back + done, MANY - done);

        if (part <= 0)
            return 4;
        done += (size_t)part;
    }
    if (wait(&status) < 0 || status != 0)
        return 3;
    return memcmp(bytes, back, MANY) == 0 ? 0 : 2;
}

/** Parts of different lengths, one of them empty, in one call. */
static int vector(void)
{
    const int port = open_port(0);
    uint8_t *bytes = make_many();
    struct iovec parts[VECTOR];
    const size_t lengths[VECTOR] = {1, 100000, 0, 65536, 34463};
    size_t total = 0;
    ssize_t done;

    for (size_t i = 0; i < VECTOR; i++) {
        parts[i] = (struct iovec){bytes + total, lengths[i]};
        total += lengths[i];
    }
    done = writev(port, parts, VECTOR);
    return done == (ssize_t)total ? 0 : 2;
}

/** Writes more than a port takes at once: what it took counts, and nothing twice. */
static int partial(void)
{
    const int port = open_port(O_NONBLOCK);
    uint8_t *bytes = make_many();
    size_t done = 0;

    while (done < 300000) {
        const ssize_t part = write(port, bytes + done, 300000 - done);

        if (part < 0 && errno != EAGAIN)
            return 2;
        if (part < 0)
            usleep(100);
        else
            done += (size_t)part;
    }
    return 0;
}

static void count(int number)
{
    (void)number;
    signals++;
}

/** Waits in a read, which signals restart, for one signal, and a while for more. @return how many
 * came */
static int counts(void)
{
    struct sigaction action = {.sa_handler = count, .sa_flags = SA_RESTART};

    sigaction(SIGINT, &action, NULL);
    send_byte(open_port(0), 0x33); /* it is ready */
    while (signals == 0)
        usleep(1000);
    for (int i = 0; i < 300; i++)
        usleep(1000);
    return signals;
}

/** The same, out of reach of the terminal's keys. */
static int counts_apart(void)
{
    return setpgid(0, 0) == 0 ? counts() : 9;
}

static int uses_io_uring(void)
{
    uint8_t parameters[120] = {0};

    return syscall(SYS_io_uring_setup, 4, parameters) < 0 ? 1 : 0;
}

int main(int argc, char **argv)
{
    static const struct {
        const char *name;
        int (*run)(void);
    } deeds[] = {
        {"duplicates", duplicates},  {"threads", threads},
        {"executes", executes},      {"echo", echo},
        {"vector", vector},          {"partial", partial},
        {"counts", counts},          {"counts_apart", counts_apart},
        {"io_uring", uses_io_uring},
    };

    own_arguments = argv;
    if (argc == 3 && strcmp(argv[1], "inherited") == 0) {
        send_byte((int)strtol(argv[2], NULL, 10), 0x44);
        return 0;
    }
    if (argc == 2 && strcmp(argv[1], "user") == 0)
        return geteuid() == 0 ? 0 : 1;
    for (size_t i = 0; argc == 2 && i < sizeof(deeds) / sizeof(deeds[0]); i++)
        if (strcmp(argv[1], deeds[i].name) == 0)
            return deeds[i].run();
    return 10;
}
