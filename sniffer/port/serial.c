/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "port/serial.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/serial.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <termios.h>
#include <unistd.h>

#include "base/allocate.h"
#include "base/message.h"
#include "port/backend.h"
#include "port/termios2.h"
#include "port/trouble.h"

/** Numbers of the slaves of pseudo-terminals (the kernel's admin-guide/devices.txt). */
#define PTY_MAJOR_FIRST 136
#define PTY_MAJOR_LAST  143

/** A rate may be off by so much, in percent: a UART's divisor makes it so. */
#define RATE_TOLERANCE 3

struct serial {
    const struct serial_backend *backend;
    void *handle;
    int fd;
    const char *path; /**< as named */
    char *device;     /**< where that leads to */
    bool marks;
    bool latency_lowered;
};

struct btap_serial_settings serial_bootloader_settings(uint32_t baud)
{
    return (struct btap_serial_settings){
        .baud = baud, .data_bits = 8, .parity = BTAP_PARITY_EVEN, .half_stop_bits = 2};
}

/** Follows links, as libserialport knows a port by its own name only. */
char *serial_find(const char *path)
{
    char *device = realpath(path, NULL);
    char *longer;

    if (device != NULL || strchr(path, '/') != NULL || errno != ENOENT)
        return device;
    longer = allocate(strlen(path) + sizeof("/dev/"));
    sprintf(longer, "/dev/%s", path);
    device = realpath(longer, NULL);
    free(longer);
    return device;
}

/** @return NULL: errno */
static const struct serial_backend *choose_backend(const char *device)
{
    struct stat status;

    if (stat(device, &status) != 0)
        return NULL;
    if (!S_ISCHR(status.st_mode)) {
        errno = ENOTTY;
        return NULL;
    }
    return major(status.st_rdev) >= PTY_MAJOR_FIRST && major(status.st_rdev) <= PTY_MAJOR_LAST
               ? &serial_pty
               : &serial_real;
}

/**
 * The lock is what terminal programs agree on; TIOCEXCL holds against all but root. On a
 * pseudo-terminal that would outlive this program, and lock out the one at its other end.
 */
static bool lock(const struct serial *serial)
{
    return flock(serial->fd, LOCK_EX | LOCK_NB) == 0 &&
           (serial->backend->is_pty || ioctl(serial->fd, TIOCEXCL) == 0);
}

/** @return whether it is open; errno */
static bool open_handle(struct serial *serial, enum serial_access access)
{
    serial->backend = choose_backend(serial->device);
    if (serial->backend == NULL)
        return false;
    serial->handle = serial->backend->open(serial->device, access, &serial->fd);
    /* Not every version of the library sets it. */
    return serial->handle != NULL && fcntl(serial->fd, F_SETFD, FD_CLOEXEC) == 0 && lock(serial);
}

struct serial *serial_open(const char *path, const struct serial_options *options)
{
    struct serial *serial = allocate(sizeof(*serial));

    serial->path = path;
    serial->device = serial_find(path);
    if (serial->device == NULL || !open_handle(serial, options->access)) {
        trouble_explain(path, serial->device != NULL ? serial->device : path, errno);
        serial_close(serial);
        return NULL;
    }
    serial->marks = options->marks && !serial->backend->is_pty;
    if (!serial->backend->is_pty)
        trouble_warn_of_others(path, serial->device);
    if (serial_configure(serial, &options->settings))
        return serial;
    serial_close(serial);
    return NULL;
}

/** @return whether it is low now, as far as the driver says */
static bool set_low_latency(const struct serial *serial, bool low)
{
    const int flag = (int)ASYNC_LOW_LATENCY;
    struct serial_struct state;

    if (ioctl(serial->fd, TIOCGSERIAL, &state) != 0)
        return false;
    state.flags = low ? state.flags | flag : state.flags & ~flag;
    return ioctl(serial->fd, TIOCSSERIAL, &state) == 0 && low;
}

void serial_close(struct serial *serial)
{
    if (serial->latency_lowered)
        set_low_latency(serial, false);
    if (serial->handle != NULL)
        serial->backend->close(serial->handle);
    free(serial->device);
    free(serial);
}

const char *serial_name(const struct serial *serial)
{
    const char *last = strrchr(serial->path, '/');

    if (strncmp(serial->path, "/dev/", 5) == 0)
        return serial->path + 5;
    return last != NULL ? last + 1 : serial->path;
}

void serial_say_gone(const struct serial *serial, int cause)
{
    /* A terminal that has hung up ends what is read, or fails with EIO, as it happens. */
    const bool hung_up = cause == 0 || cause == EIO;

    message("%s: the port is gone (%s); %s", serial_name(serial),
            hung_up ? "hung up" : strerror(cause),
            serial_is_pty(serial) ? "the program that offered it closed it"
                                  : "was the adapter unplugged?");
}

int serial_descriptor(const struct serial *serial)
{
    return serial->fd;
}

bool serial_is_pty(const struct serial *serial)
{
    return serial->backend->is_pty;
}

bool serial_marks(const struct serial *serial)
{
    return serial->marks;
}

static bool is_near(uint32_t rate, uint32_t wanted)
{
    const uint32_t off = rate > wanted ? rate - wanted : wanted - rate;

    return (uint64_t)off * 100 <= (uint64_t)wanted * RATE_TOLERANCE;
}

/** Whether a real port runs as it was told; some drivers take what they can, and say nothing. */
static bool check(const struct serial *serial, const struct btap_serial_settings *wanted)
{
    struct btap_serial_settings found;

    if (serial->backend->is_pty)
        return true;
    if (!termios2_settings(serial->fd, &found)) {
        message("%s: %s", serial->path, strerror(errno));
        return false;
    }
    if (!is_near(found.baud, wanted->baud)) {
        message("%s: the port cannot run at %u baud (it offers %u); choose another rate",
                serial->path, wanted->baud, found.baud);
        return false;
    }
    if (found.parity == wanted->parity && found.data_bits == wanted->data_bits &&
        found.half_stop_bits == wanted->half_stop_bits)
        return true;
    message("%s: the port does not take 8 data bits with even parity, which the bootloader needs; "
            "use another adapter",
            serial->path);
    return false;
}

bool serial_configure(struct serial *serial, const struct btap_serial_settings *settings)
{
    struct btap_serial_settings taken = *settings;

    /* The kernel refuses a pseudo-terminal's parity where nothing else changes, and drops it else.
     */
    if (serial->backend->is_pty)
        taken.parity = BTAP_PARITY_NONE;
    if (!termios2_configure(serial->fd, &taken) ||
        !termios2_set_mode(serial->fd, serial->marks ? TERMIOS2_MARKED : TERMIOS2_RAW)) {
        message("%s: cannot be set to %u baud: %s", serial->path, settings->baud, strerror(errno));
        return false;
    }
    return check(serial, settings);
}

ssize_t serial_read(struct serial *serial, uint8_t *bytes, size_t size)
{
    const ssize_t length = read(serial->fd, bytes, size);

    if (length > 0)
        return length;
    if (length < 0 && (errno == EAGAIN || errno == EINTR))
        return 0;
    if (length == 0)
        errno = 0;
    return -1;
}

ssize_t serial_write(struct serial *serial, const uint8_t *bytes, size_t length)
{
    const ssize_t written = write(serial->fd, bytes, length);

    return written < 0 && (errno == EAGAIN || errno == EINTR) ? 0 : written;
}

bool serial_is_drained(const struct serial *serial)
{
    int waiting;
    unsigned int status;

    if (ioctl(serial->fd, TIOCOUTQ, &waiting) == 0 && waiting > 0)
        return false;
    /* What is still in the UART, where the driver can tell. */
    return ioctl(serial->fd, TIOCSERGETLSR, &status) != 0 || (status & TIOCSER_TEMT) != 0;
}

void serial_flush_input(struct serial *serial)
{
    tcflush(serial->fd, TCIFLUSH);
}

void serial_flush_output(struct serial *serial)
{
    tcflush(serial->fd, TCOFLUSH);
}

static const struct {
    uint8_t line;
    int bit;
} modem_bits[] = {
    {BTAP_LINE_DTR, TIOCM_DTR}, {BTAP_LINE_RTS, TIOCM_RTS}, {BTAP_LINE_CTS, TIOCM_CTS},
    {BTAP_LINE_DSR, TIOCM_DSR}, {BTAP_LINE_DCD, TIOCM_CD},  {BTAP_LINE_RI, TIOCM_RI},
};

#define MODEM_BITS (sizeof(modem_bits) / sizeof(modem_bits[0]))

bool serial_set_lines(struct serial *serial, uint8_t lines, uint8_t mask)
{
    int on = 0;
    int off = 0;

    for (size_t i = 0; i < MODEM_BITS; i++) {
        if ((mask & modem_bits[i].line) == 0)
            continue;
        if (lines & modem_bits[i].line)
            on |= modem_bits[i].bit;
        else
            off |= modem_bits[i].bit;
    }
    return (on == 0 || ioctl(serial->fd, TIOCMBIS, &on) == 0) &&
           (off == 0 || ioctl(serial->fd, TIOCMBIC, &off) == 0);
}

uint8_t serial_lines(const struct serial *serial)
{
    uint8_t lines = 0;
    int bits;

    if (ioctl(serial->fd, TIOCMGET, &bits) != 0)
        return 0;
    for (size_t i = 0; i < MODEM_BITS; i++)
        if (bits & modem_bits[i].bit)
            lines |= modem_bits[i].line;
    return lines;
}

bool serial_counters(const struct serial *serial, struct serial_counters *counters)
{
    struct serial_icounter_struct counted;

    if (ioctl(serial->fd, TIOCGICOUNT, &counted) != 0)
        return false;
    *counters = (struct serial_counters){
        .parity = (uint32_t)counted.parity,
        .framing = (uint32_t)counted.frame,
        .breaks = (uint32_t)counted.brk,
        .overruns = (uint32_t)counted.overrun + (uint32_t)counted.buf_overrun,
    };
    return true;
}

bool serial_lower_latency(struct serial *serial)
{
    struct serial_struct state;

    if (ioctl(serial->fd, TIOCGSERIAL, &state) == 0 && (state.flags & (int)ASYNC_LOW_LATENCY) != 0)
        return true;
    serial->latency_lowered = set_low_latency(serial, true);
    return serial->latency_lowered;
}
