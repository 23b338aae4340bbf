/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A serial port as a wire: a real one, or the end of a pseudo-terminal.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "base/allocate.h"
#include "base/clock.h"
#include "base/interrupt.h"
#include "base/message.h"
#include "port/line_errors.h"
#include "port/lock.h"
#include "port/marks.h"
#include "port/serial.h"
#include "port/wire_open.h"

/** A port that takes nothing for so long has a device that holds it up, or none. */
#define SEND_PATIENCE (5 * (btap_ns)CLOCK_NS_PER_SECOND)

struct wire_serial {
    struct wire wire;
    int lock;
    struct serial *serial;
    struct line_errors errors;
    struct marks marks;
    bool marked; /**< the byte before was */
    bool gone;
    /** What was read and not received yet: bytes[at] up to bytes[length]. */
    uint8_t bytes[sizeof(((struct wire_received *)NULL)->bytes)];
    size_t at;
    size_t length;
    btap_ns time; /**< when it was read */
};

static struct wire_serial *self(struct wire *wire)
{
    return (struct wire_serial *)wire; /* its first member */
}

static enum wire_result say_gone(struct wire_serial *port, int cause)
{
    if (!port->gone)
        serial_say_gone(port->serial, cause);
    port->gone = true;
    return WIRE_GONE;
}

/** Waits until the port is ready. @return false: the deadline came */
static bool await(const struct wire_serial *port, short events, btap_ns deadline)
{
    struct pollfd fd = {.fd = serial_descriptor(port->serial), .events = events};

    return interrupt_await(&fd, 1, deadline);
}

/* To the device */

static enum wire_result send_bytes(struct wire_serial *port, const uint8_t *bytes, size_t length)
{
    const btap_ns deadline = clock_monotonic() + SEND_PATIENCE;

    while (length > 0) {
        const ssize_t written = serial_write(port->serial, bytes, length);

        if (written < 0)
            return say_gone(port, errno);
        bytes += written;
        length -= (size_t)written;
        if (written == 0 && !await(port, POLLOUT, deadline)) {
            message("%s: the port takes no more bytes; is something wrong with the adapter or with "
                    "the program behind it?",
                    port->wire.name);
            port->gone = true;
            return WIRE_GONE;
        }
    }
    return WIRE_DONE;
}

static enum wire_result move_lines(struct wire_serial *port, uint8_t lines, uint8_t mask)
{
    if (serial_set_lines(port->serial, lines, mask))
        return WIRE_DONE;
    message("%s: DTR and RTS cannot be moved: %s", port->wire.name,
            port->wire.is_pty ? "a pseudo-terminal has none" : strerror(errno));
    port->gone = true;
    return WIRE_GONE;
}

static enum wire_result send_message(struct wire *wire, const struct wire_message *message)
{
    struct wire_serial *port = self(wire);

    if (port->gone)
        return WIRE_GONE;
    switch (message->kind) {
    case WIRE_BYTES:
        return send_bytes(port, message->bytes, message->length);
    case WIRE_LINES:
        return move_lines(port, message->lines, message->mask);
    case WIRE_FRAME:
    case WIRE_CONTROL:
        break;
    }
    return WIRE_GONE;
}

/* From the device */

/** Reads what is there. @return WIRE_QUIET: nothing is */
static enum wire_result fill(struct wire_serial *port)
{
    const ssize_t length = serial_read(port->serial, port->bytes, sizeof(port->bytes));

    if (length < 0)
        return say_gone(port, errno);
    port->at = 0;
    port->length = (size_t)length;
    port->time = clock_now();
    return length > 0 ? WIRE_DONE : WIRE_QUIET;
}

static void put_error(struct wire_received *received, enum line_error error)
{
    received->parity_error = error == LINE_ERROR_PARITY;
    received->framing_error = error == LINE_ERROR_FRAMING || error == LINE_ERROR_BREAK;
}

/** Takes good bytes up to one with an error, or that one. */
static void take(struct wire_serial *port, struct wire_received *received)
{
    struct serial_counters happened = line_errors_ask(&port->errors, port->serial);

    while (port->at < port->length && !received->parity_error && !received->framing_error) {
        const struct marks before = port->marks;
        enum line_error error = LINE_ERROR_NONE;
        struct mark mark;
        const size_t used =
            marks_next(&port->marks, port->bytes + port->at, port->length - port->at, &mark);

        if (mark.kind == MARK_ERROR && received->length > 0) {
            port->marks = before;
            return;
        }
        if (mark.kind == MARK_ERROR)
            error = line_errors_name(&port->errors, &happened, *mark.bytes, port->marked);
        if (mark.kind != MARK_NONE)
            port->marked = mark.kind == MARK_ERROR;
        put_error(received, error);
        memcpy(received->bytes + received->length, mark.bytes, mark.length);
        received->length += mark.length;
        port->at += used;
    }
}

/** Likewise; a port without marks has only good bytes. */
static void take_next(struct wire_serial *port, struct wire_received *received)
{
    received->time = port->time;
    if (serial_marks(port->serial)) {
        take(port, received);
        return;
    }
    received->length = port->length - port->at;
    memcpy(received->bytes, port->bytes + port->at, received->length);
    port->at = port->length;
}

static enum wire_result receive(struct wire *wire, struct wire_received *received, btap_ns deadline)
{
    struct wire_serial *port = self(wire);

    received->length = 0;
    received->parity_error = false;
    received->framing_error = false;
    while (!port->gone) {
        if (port->at < port->length)
            take_next(port, received);
        if (received->length > 0)
            return WIRE_DONE;
        if (fill(port) == WIRE_QUIET && !await(port, POLLIN, deadline))
            return WIRE_QUIET;
    }
    return WIRE_GONE;
}

/* Opening and closing */

static void close_port(struct wire *wire)
{
    struct wire_serial *port = self(wire);

    if (port->serial != NULL)
        serial_close(port->serial);
    lock_release(port->lock);
    free(port);
}

static const struct wire_kind kind = {
    .medium = WIRE_SERIAL,
    .send = send_message,
    .receive = receive,
    .close = close_port,
};

/** @return false: another replay has it, which was said. A port that is not there has no lock. */
static bool lock(struct wire_serial *port, const char *path)
{
    char *device = serial_find(path);
    struct stat status;
    char words[64];

    port->lock = -1;
    if (device == NULL || stat(device, &status) != 0) {
        free(device);
        return true;
    }
    free(device);
    snprintf(words, sizeof(words), "tty %u:%u", major(status.st_rdev), minor(status.st_rdev));
    port->lock = lock_take(words, path);
    return port->lock >= 0;
}

static struct btap_serial_settings complete(const struct btap_serial_settings *wanted)
{
    struct btap_serial_settings settings = serial_bootloader_settings(SERIAL_DEFAULT_BAUD);

    if (wanted->baud != 0)
        settings.baud = wanted->baud;
    if (wanted->data_bits != 0)
        settings.data_bits = wanted->data_bits;
    if (wanted->parity != BTAP_PARITY_UNKNOWN)
        settings.parity = wanted->parity;
    if (wanted->half_stop_bits != 0)
        settings.half_stop_bits = wanted->half_stop_bits;
    return settings;
}

struct wire *wire_serial_open(const char *path, const struct btap_serial_settings *settings)
{
    struct wire_serial *port = allocate(sizeof(*port));
    const struct serial_options options = {
        .access = SERIAL_TALKS, .settings = complete(settings), .marks = true};

    port->wire.kind = &kind;
    port->wire.settings = options.settings;
    if (lock(port, path))
        port->serial = serial_open(path, &options);
    if (port->serial == NULL) {
        close_port(&port->wire);
        return NULL;
    }
    port->wire.name = serial_name(port->serial);
    port->wire.is_pty = serial_is_pty(port->serial);
    if (port->wire.is_pty)
        port->wire.settings.parity = BTAP_PARITY_NONE;
    serial_lower_latency(port->serial);
    serial_flush_input(port->serial);
    line_errors_start(&port->errors, port->serial);
    return &port->wire;
}
