/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Serves a simulated USART bootloader on a pseudo-terminal in real time, and records both
 * directions. For real flashing tools: stm32flash -m 8n1 (a pty has no parity).
 */
#include "capture.h"
#include "products.h"
#include "simulate/usart_device.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

static volatile sig_atomic_t stopped;

struct server {
    int master;
    struct sim_capture *capture; /**< NULL: nothing is recorded */
    long baud;                   /**< bytes take as long as on a line of that rate; 0: no time */
    struct usart_device device;
};

static void on_signal(int number)
{
    (void)number;
    stopped = 1;
}

static sim_ns now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_REALTIME, &time);
    return time.tv_sec * SIM_S + time.tv_nsec;
}

static void die(const char *what)
{
    fprintf(stderr, "pty_device: %s: %s\n", what, strerror(errno));
    exit(2);
}

static void record(struct server *server, enum sim_rtac event, const uint8_t *bytes, size_t length)
{
    if (server->capture)
        sim_write_rtac(server->capture, now(), event, RTAC_DTR | RTAC_RTS, bytes, length);
}

/** Lets the time pass that bytes take on the line: 11 bits each, at 8E1. */
static void pass_line(const struct server *server, size_t length)
{
    const long long ns = server->baud > 0 ? (long long)length * 11 * SIM_S / server->baud : 0;
    const struct timespec time = {(time_t)(ns / SIM_S), (long)(ns % SIM_S)};

    if (ns > 0)
        nanosleep(&time, NULL);
}

static void on_emit(void *context, uint32_t delay_us, const uint8_t *bytes, size_t length)
{
    struct server *server = context;
    struct timespec delay = {delay_us / 1000000, (long)(delay_us % 1000000) * 1000};

    /* A host may have closed its end: what it does not take is lost, as on a line. */
    nanosleep(&delay, NULL);
    pass_line(server, length);
    record(server, RTAC_RX, bytes, length);
    if (write(server->master, bytes, length) < 0 && errno != EIO && errno != EAGAIN)
        die("write");
}

struct named_fault {
    const char *name;
    struct usart_fault fault;
};

static const struct named_fault named_faults[] = {
    {"erase-nack", {.kind = USART_NACK, .opcode = 0x44, .phase = USART_DATA}},
    {"write-nack", {.kind = USART_NACK, .opcode = 0x31, .phase = USART_DATA, .skip = 20}},
    {"write-address-nack", {.kind = USART_NACK, .opcode = 0x31, .phase = USART_ADDRESS, .skip = 8}},
    {"write-retry",
     {.kind = USART_NACK, .opcode = 0x31, .phase = USART_DATA, .skip = 5, .times = 1}},
    {"sync-glitch", {.kind = USART_GLITCH, .phase = USART_SYNC, .byte = 0x00}},
    {"sync-silence", {.kind = USART_SILENCE, .phase = USART_SYNC}},
    {"get-garbage", {.kind = USART_GARBAGE, .opcode = 0x00, .phase = USART_COMMAND, .byte = 0x55}},
    {"read-silence", {.kind = USART_SILENCE, .opcode = 0x11, .phase = USART_ADDRESS, .skip = 3}},
};

static void set_fault(struct usart_device_config *config, const char *name)
{
    if (strcmp(name, "read-protected") == 0) {
        config->read_protected = true;
        return;
    }
    if (strcmp(name, "two-nacks") == 0) {
        config->read_protected = true;
        config->two_nacks = true;
        return;
    }
    if (strcmp(name, "synchronised") == 0) {
        config->synchronised = true;
        return;
    }
    if (strcmp(name, "application") == 0) {
        config->application = true;
        config->text = "boot: ready\r\n";
        return;
    }
    for (size_t i = 0; i < SIM_COUNT(named_faults); i++) {
        if (strcmp(name, named_faults[i].name) == 0 && config->faults_length < USART_FAULTS_MAX) {
            config->faults[config->faults_length++] = named_faults[i].fault;
            return;
        }
    }
    fprintf(stderr, "pty_device: no fault %s; known:", name);
    for (size_t i = 0; i < SIM_COUNT(named_faults); i++)
        fprintf(stderr, " %s", named_faults[i].name);
    fprintf(stderr, " read-protected two-nacks synchronised application\n");
    exit(2);
}

/** Opens a raw pty; the slave stays open so that hosts may come and go. */
static int open_pty(const char *link_path)
{
    struct termios termios;
    const char *name;
    int master = posix_openpt(O_RDWR | O_NOCTTY);
    int slave;

    if (master < 0 || grantpt(master) < 0 || unlockpt(master) < 0)
        die("pty");
    name = ptsname(master);
    slave = name ? open(name, O_RDWR | O_NOCTTY) : -1;
    if (slave < 0 || tcgetattr(slave, &termios) < 0)
        die("pty");
    termios.c_iflag = 0;
    termios.c_oflag = 0;
    termios.c_lflag = 0;
    termios.c_cflag = CS8 | CREAD | CLOCAL;
    if (tcsetattr(slave, TCSANOW, &termios) < 0)
        die("pty");
    if (link_path) {
        unlink(link_path);
        if (symlink(name, link_path) < 0)
            die(link_path);
    }
    printf("%s\n", name);
    fflush(stdout);
    return master;
}

static void serve(struct server *server)
{
    struct pollfd readable = {.fd = server->master, .events = POLLIN};
    uint8_t bytes[1024];

    while (!stopped) {
        ssize_t length;
        if (poll(&readable, 1, 200) <= 0)
            continue;
        length = read(server->master, bytes, sizeof(bytes));
        if (length <= 0)
            continue;
        pass_line(server, (size_t)length);
        record(server, RTAC_TX, bytes, (size_t)length);
        for (ssize_t i = 0; i < length; i++)
            usart_device_receive(&server->device, bytes[i]);
    }
}

static void usage(FILE *out)
{
    fprintf(out, "usage: pty_device [--product NAME] [--fault NAME]... [--short-checksum]\n"
                 "                  [--link PATH] [--record FILE] [--baud RATE]\n"
                 "Prints the pty's name and serves until it gets SIGTERM or SIGINT.\n");
}

int main(int argc, char **argv)
{
    static const struct option options[] = {
        {"product", required_argument, NULL, 'p'}, {"fault", required_argument, NULL, 'f'},
        {"link", required_argument, NULL, 'l'},    {"record", required_argument, NULL, 'w'},
        {"baud", required_argument, NULL, 'b'},    {"short-checksum", no_argument, NULL, 'c'},
        {"help", no_argument, NULL, 'h'},          {NULL, 0, NULL, 0},
    };
    static struct server server;
    struct usart_device_config config = {.emit = on_emit, .context = &server};
    struct sigaction action = {.sa_handler = on_signal};
    const char *link_path = NULL;
    const char *record_path = NULL;
    int letter;

    config.product = usart_product_by_name("g071");
    while ((letter = getopt_long(argc, argv, "p:f:l:w:b:ch", options, NULL)) != -1) {
        switch (letter) {
        case 'p':
            config.product = usart_product_by_name(optarg);
            break;
        case 'f':
            set_fault(&config, optarg);
            break;
        case 'l':
            link_path = optarg;
            break;
        case 'w':
            record_path = optarg;
            break;
        case 'b':
            server.baud = strtol(optarg, NULL, 10);
            break;
        case 'c':
            config.short_checksum = true;
            break;
        case 'h':
            usage(stdout);
            return 0;
        default:
            usage(stderr);
            return 2;
        }
    }
    if (!config.product) {
        fprintf(stderr, "pty_device: no such product\n");
        return 2;
    }
    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGINT, &action, NULL);
    usart_device_init(&server.device, &config);
    if (record_path) {
        const struct sim_capture_options rtac = {.linktype = SIM_RTAC};
        server.capture = sim_capture_open(record_path, &rtac);
    }
    server.master = open_pty(link_path);
    serve(&server);
    if (server.capture)
        sim_capture_close(server.capture);
    if (link_path)
        unlink(link_path);
    return 0;
}
