/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "simulate/usbip.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/interrupt.h"

#define STATUS "/sys/devices/platform/vhci_hcd.0/status"

#define HEADER_LENGTH 48
#define TRANSFER_MAX  65536
#define PENDING_MAX   64

/* VDEV_ST_NULL of the kernel's usbip_common.h */
#define PORT_IS_FREE 4

enum usbip_command {
    CMD_SUBMIT = 1,
    CMD_UNLINK = 2,
    RET_SUBMIT = 3,
    RET_UNLINK = 4,
};

/** Where things stand in a header; all are big-endian. */
enum usbip_offset {
    AT_COMMAND = 0,
    AT_SEQUENCE = 4,
    AT_DIRECTION = 12, /* 0 OUT, 1 IN */
    AT_ENDPOINT = 16,
    AT_STATUS = 20,          /* of both answers */
    AT_ACTUAL = 24,          /* RET_SUBMIT */
    AT_LENGTH = 24,          /* CMD_SUBMIT */
    AT_UNLINK_SEQUENCE = 20, /* CMD_UNLINK */
    AT_SETUP = 40,
};

/** An IN transfer, or one that the device does not answer, until it ends. */
struct pending {
    uint32_t sequence;
    uint8_t endpoint;
    uint32_t length;
};

struct server {
    const struct usb_function *function;
    int socket;
    bool gone;
    size_t pending_length;
    struct pending pending[PENDING_MAX];
    uint8_t data[TRANSFER_MAX];
};

static bool read_all(int file, uint8_t *bytes, size_t length)
{
    while (length > 0) {
        const ssize_t got = read(file, bytes, length);

        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return false;
        bytes += got;
        length -= (size_t)got;
    }
    return true;
}

static void write_all(struct server *server, const uint8_t *bytes, size_t length)
{
    while (length > 0 && !server->gone) {
        const ssize_t put = send(server->socket, bytes, length, MSG_NOSIGNAL);

        if (put < 0 && errno == EINTR)
            continue;
        if (put <= 0) {
            server->gone = true;
            return;
        }
        bytes += put;
        length -= (size_t)put;
    }
}

/** status: 0 or a negative errno of Linux. */
static void answer_submit(struct server *server, uint32_t sequence, int status, size_t actual,
                          const uint8_t *data, size_t data_length)
{
    uint8_t header[HEADER_LENGTH] = {0};

    sim_put_be32(header + AT_COMMAND, RET_SUBMIT);
    sim_put_be32(header + AT_SEQUENCE, sequence);
    sim_put_be32(header + AT_STATUS, (uint32_t)status);
    sim_put_be32(header + AT_ACTUAL, (uint32_t)actual);
    write_all(server, header, sizeof(header));
    write_all(server, data, data_length);
}

static void keep(struct server *server, uint32_t sequence, uint8_t endpoint, uint32_t length)
{
    if (server->pending_length == PENDING_MAX)
        answer_submit(server, sequence, -ENOMEM, 0, NULL, 0);
    else
        server->pending[server->pending_length++] = (struct pending){sequence, endpoint, length};
}

static void forget(struct server *server, size_t index)
{
    server->pending_length--;
    memmove(&server->pending[index], &server->pending[index + 1],
            (server->pending_length - index) * sizeof(server->pending[0]));
}

static void on_control(struct server *server, uint32_t sequence, const uint8_t *header)
{
    static struct dfu_answer answer;
    struct usb_setup setup;
    bool in;

    usb_setup_parse(&setup, header + AT_SETUP);
    in = setup.request_type & 0x80;
    answer.outcome = DFU_DONE;
    answer.length = 0;
    answer.delay_ms = 0;
    server->function->control(server->function->context, clock_now(), &setup,
                              in || setup.length == 0 ? NULL : server->data, &answer);
    if (answer.delay_ms > 0)
        interrupt_poll(NULL, 0, (int)answer.delay_ms);
    switch (answer.outcome) {
    case DFU_DONE:
        if (in)
            answer_submit(server, sequence, 0, answer.length, answer.data, answer.length);
        else
            answer_submit(server, sequence, 0, setup.length, NULL, 0);
        break;
    case DFU_STALLED:
        answer_submit(server, sequence, -EPIPE, 0, NULL, 0);
        break;
    case DFU_BUS_ERROR:
        answer_submit(server, sequence, -EPROTO, 0, NULL, 0);
        break;
    case DFU_BABBLED:
        answer_submit(server, sequence, -EOVERFLOW, 0, NULL, 0);
        break;
    case DFU_CUT_SHORT:
        answer_submit(server, sequence, -EREMOTEIO, 0, NULL, 0);
        break;
    case DFU_NO_ANSWER:
    case DFU_TIMED_OUT:
        keep(server, sequence, 0, 0);
        break;
    case DFU_LEFT_BUS:
        server->gone = true;
        break;
    }
}

static void log_submit(const struct server *server, const uint8_t *header, uint8_t endpoint,
                       bool in)
{
    FILE *log = server->function->log;

    if (log == NULL)
        return;
    fprintf(log, "%s %u", in ? "in" : "out", endpoint);
    for (int i = 0; endpoint == 0 && i < 8; i++)
        fprintf(log, " %02x", header[AT_SETUP + i]);
    fprintf(log, "\n");
    fflush(log);
}

static void on_submit(struct server *server, const uint8_t *header)
{
    const uint32_t sequence = sim_be32(header + AT_SEQUENCE);
    const uint32_t length = sim_be32(header + AT_LENGTH);
    const uint8_t endpoint = (uint8_t)sim_be32(header + AT_ENDPOINT);
    const bool in = sim_be32(header + AT_DIRECTION) == 1;

    log_submit(server, header, endpoint, in);
    if (length > TRANSFER_MAX || (!in && !read_all(server->socket, server->data, length))) {
        server->gone = true;
        return;
    }
    if (endpoint == 0) {
        on_control(server, sequence, header);
    } else if (in) {
        keep(server, sequence, endpoint, length);
    } else {
        server->function->out(server->function->context, clock_now(), endpoint, server->data,
                              length);
        answer_submit(server, sequence, 0, length, NULL, 0);
    }
}

static void on_unlink(struct server *server, const uint8_t *header)
{
    const uint32_t unlinked = sim_be32(header + AT_UNLINK_SEQUENCE);
    uint8_t answer[HEADER_LENGTH] = {0};

    sim_put_be32(answer + AT_COMMAND, RET_UNLINK);
    memcpy(answer + AT_SEQUENCE, header + AT_SEQUENCE, 4);
    for (size_t i = 0; i < server->pending_length; i++) {
        if (server->pending[i].sequence == unlinked) {
            forget(server, i);
            sim_put_be32(answer + AT_STATUS, (uint32_t)-ECONNRESET);
            break;
        }
    }
    write_all(server, answer, sizeof(answer));
}

static void answer_pending(struct server *server)
{
    const struct usb_function *function = server->function;
    size_t i = 0;

    while (function->in != NULL && i < server->pending_length) {
        const struct pending pending = server->pending[i];
        size_t length;

        if (pending.endpoint != 0 && function->in(function->context, clock_now(), pending.endpoint,
                                                  server->data, pending.length, &length)) {
            forget(server, i);
            answer_submit(server, pending.sequence, 0, length, server->data, length);
        } else {
            i++;
        }
    }
}

static int wait_ms(const struct server *server)
{
    const struct usb_function *function = server->function;
    const sim_ns now = clock_now();
    const sim_ns leaves = function->leaves != NULL ? function->leaves(function->context) : 0;
    sim_ns wait = leaves != 0 ? leaves - now : SIM_S;

    if (function->due != NULL && server->pending_length > 0) {
        const sim_ns due = function->due(function->context, now) - now;

        wait = due < wait ? due : wait;
    }
    return wait <= 0 ? 0 : (int)(wait / SIM_MS) + 1;
}

/** Whether the device leaves the bus now. */
static bool leaves(const struct server *server)
{
    const struct usb_function *function = server->function;
    const sim_ns at = function->leaves != NULL ? function->leaves(function->context) : 0;

    return at != 0 && at <= clock_now();
}

static void serve(struct server *server)
{
    struct pollfd readable = {.fd = server->socket, .events = POLLIN};
    uint8_t header[HEADER_LENGTH];

    while (!server->gone && interrupt_signal == 0) {
        answer_pending(server);
        if (interrupt_poll(&readable, 1, wait_ms(server)) <= 0) {
            server->gone = leaves(server);
            continue;
        }
        if (!read_all(server->socket, header, sizeof(header)))
            return;
        if (sim_be32(header + AT_COMMAND) == CMD_SUBMIT)
            on_submit(server, header);
        else if (sim_be32(header + AT_COMMAND) == CMD_UNLINK)
            on_unlink(server, header);
        else
            return;
    }
}

/** A port of the high-speed hub in which nothing is plugged; its lines begin `hs  0000 004`. */
static unsigned long free_port(void)
{
    FILE *status = fopen(STATUS, "re");
    char text[160];
    unsigned long port = 0;

    while (status != NULL && fgets(text, sizeof(text), status) != NULL) {
        char *end;
        unsigned long number;

        if (strncmp(text, "hs ", 3) != 0)
            continue;
        number = strtoul(text + 3, &end, 10);
        if (strtoul(end, NULL, 10) == PORT_IS_FREE) {
            port = number;
            break;
        }
    }
    if (status != NULL)
        fclose(status);
    return port;
}

/** Hands the kernel its end of the socket pair: "port socket devid speed". */
static int attach(int kernel_end)
{
    const int full_speed = 2;
    const int devid = 1 << 16 | 2;
    char text[64];
    const int length =
        snprintf(text, sizeof(text), "%lu %d %d %d", free_port(), kernel_end, devid, full_speed);
    const int file = open(USBIP_ATTACH, O_WRONLY | O_CLOEXEC);
    ssize_t put;

    if (file < 0)
        return -1;
    put = write(file, text, (size_t)length);
    close(file);
    return put == length ? 0 : -1;
}

enum usbip_end usbip_serve(const struct usb_function *function)
{
    static struct server server;
    int ends[2];

    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0)
        return USBIP_REFUSED;
    server = (struct server){.function = function, .socket = ends[0]};
    if (attach(ends[1]) < 0) {
        const int cause = errno;

        close(ends[0]);
        close(ends[1]);
        errno = cause;
        return USBIP_REFUSED;
    }
    close(ends[1]);
    if (function->attached != NULL)
        function->attached(function->context);
    serve(&server);
    close(server.socket);
    return interrupt_signal != 0 ? USBIP_INTERRUPTED : USBIP_LEFT;
}
