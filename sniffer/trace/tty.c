/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Serial ports, and pseudo-terminals that stand for one: what the tool wrote and read becomes RTAC
 * serial records, and so does what it did to the port.
 */
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <termios.h>
#include <unistd.h>

#include "base/allocate.h"
#include "base/message.h"
#include "trace/calls.h"
#include "trace/terminal.h"
#include "trace/termios.h"

/* Major numbers (the kernel's Documentation/admin-guide/devices.txt) */
enum {
    MAJOR_TTY = 4,       /**< consoles; from minor 64 on serial ports */
    MAJOR_TTY_AUX = 5,   /**< /dev/tty, /dev/console, /dev/ptmx */
    MAJOR_PTS_MIN = 136, /**< pseudo-terminals' slaves */
    MAJOR_PTS_MAX = 143,
    CONSOLES = 64,
};

/* The header of a record (www.tcpdump.org/linktypes/LINKTYPE_RTAC_SERIAL.html): seconds and
 * microseconds, then these, then 2 bytes of 0. */
enum {
    RTAC_EVENT_AT = 8,
    RTAC_LINES_AT = 9,
    RTAC_HEADER = 12,
};

enum rtac_event {
    RTAC_STATUS_CHANGE = 0x00,
    RTAC_DATA_TX_START = 0x01,
    RTAC_DATA_RX_START = 0x02,
    RTAC_CAPTURE_DATA_LOST = 0x05,
    RTAC_SERIAL_BREAK = 0x09,
};

/** Line states of a record; the others are the port's inputs. */
enum {
    RTAC_RTS = 1 << 3,
    RTAC_DTR = 1 << 4,
};

/** The kernel's bits of the lines, and the record's. */
static const struct {
    int modem;
    uint8_t rtac;
} lines[] = {
    {TIOCM_CTS, 1 << 0},   {TIOCM_CAR, 1 << 1},   {TIOCM_DSR, 1 << 2},
    {TIOCM_RTS, RTAC_RTS}, {TIOCM_DTR, RTAC_DTR}, {TIOCM_RNG, 1 << 5},
};

struct tty {
    struct trace_file file;
    char name[NAME_MAX + 1];
    /** It carries no lines and no break, and drops parity without a word: what the tool sets there
     * proves nothing and is not told. */
    bool pty;
    bool is_terminal;  /**< a pty that is a process's controlling terminal: no port, not told */
    bool is_announced; /**< interface_id is known */
    bool was_opened;   /**< by the tool; else inherited */
    bool has_failed;   /**< the last call that moved bytes, as if the port were gone */
    bool hangs_up;     /**< closing drops DTR and RTS */
    bool is_hung_up;
    uint32_t interface_id;
    uint8_t lines;
    struct btap_serial_settings settings; /**< in force, as far as known */
    struct btap_serial_settings told;     /**< likewise, in a record */
    uint8_t record[RTAC_HEADER + TRACE_BYTES_MAX];
};

static bool is_pty(dev_t device)
{
    return major(device) >= MAJOR_PTS_MIN && major(device) <= MAJOR_PTS_MAX;
}

/** Whether the kernel's list of devices has it among the terminals. */
static bool is_listed(dev_t device)
{
    static const char terminals[] = "/tty";
    char path[64];
    char target[PATH_MAX];
    ssize_t length;

    snprintf(path, sizeof(path), "/sys/dev/char/%u:%u/subsystem", major(device), minor(device));
    length = readlink(path, target, sizeof(target));
    return length >= (ssize_t)strlen(terminals) &&
           memcmp(target + length - strlen(terminals), terminals, strlen(terminals)) == 0;
}

static bool tty_is(const char *path, const struct stat *status)
{
    const unsigned int number = major(status->st_rdev);

    if (!S_ISCHR(status->st_mode) || number == MAJOR_TTY_AUX ||
        (number == MAJOR_TTY && minor(status->st_rdev) < CONSOLES))
        return false;
    return is_pty(status->st_rdev) || strncmp(path, "/dev/tty", strlen("/dev/tty")) == 0 ||
           is_listed(status->st_rdev);
}

static void put_big_endian(uint8_t *at, uint32_t value)
{
    for (int i = 3; i >= 0; i--, value >>= 8)
        at[i] = (uint8_t)value;
}

/** Hands a record over whose payload stands in its place. */
static void put(struct tty *tty, btap_ns time, enum rtac_event event, size_t payload,
                const char *comment)
{
    const struct traffic_record record = {
        .interface_id = tty->interface_id,
        .time = time,
        .direction = event == RTAC_DATA_RX_START ? BTAP_DEVICE_TO_HOST : BTAP_HOST_TO_DEVICE,
        .bytes = tty->record,
        .captured = (uint32_t)(RTAC_HEADER + payload),
        .length = (uint32_t)(RTAC_HEADER + payload),
        .comment = comment,
    };

    put_big_endian(tty->record, (uint32_t)(time / 1000000000));
    put_big_endian(tty->record + 4, (uint32_t)(time % 1000000000 / 1000));
    memset(tty->record + RTAC_EVENT_AT, 0, RTAC_HEADER - RTAC_EVENT_AT);
    tty->record[RTAC_EVENT_AT] = (uint8_t)event;
    tty->record[RTAC_LINES_AT] = tty->lines;
    tty->file.sink->record(tty->file.sink->context, &record);
}

/** The port appears with the first thing that is told of it. @return false: it is no port */
static bool announce(struct tty *tty, btap_ns time)
{
    const struct traffic_interface interface = {
        .linktype = BTAP_LINKTYPE_RTAC_SERIAL,
        .name = tty->name,
        .description = "boottap run: what the tool wrote and read, not the line",
        .snap_length = sizeof(tty->record),
        .at_tool = true,
    };

    if (tty->is_terminal || tty->is_announced)
        return !tty->is_terminal;
    tty->is_announced = true;
    tty->interface_id = tty->file.sink->interface(tty->file.sink->context, &interface);
    if (tty->was_opened)
        put(tty, time, RTAC_STATUS_CHANGE, 0, "boottap: the tool opened the port");
    return true;
}

static void tell(struct tty *tty, btap_ns time, enum rtac_event event, const char *comment)
{
    if (announce(tty, time))
        put(tty, time, event, 0, comment);
}

/** Tells rate and framing, where they are others than before. */
static void tell_settings(struct tty *tty, btap_ns time)
{
    const struct btap_serial_settings *now = &tty->settings;
    const struct btap_serial_settings *told = &tty->told;
    char comment[BTAP_SERIAL_COMMENT_SIZE];

    if (tty->pty || (now->baud == told->baud && now->data_bits == told->data_bits &&
                     now->parity == told->parity && now->half_stop_bits == told->half_stop_bits))
        return;
    tty->told = *now;
    tell(tty, time, RTAC_STATUS_CHANGE, btap_serial_comment(now, comment, sizeof(comment)));
}

static struct trace_file *tty_open(const struct trace_call *call, int fd, const char *path,
                                   const struct traffic_sink *sink)
{
    static const char folder[] = "/dev/";
    const char *last = strrchr(path, '/');
    const char *name = last != NULL ? last + 1 : path;
    char link[48];
    struct stat status;
    struct tty *tty;

    snprintf(link, sizeof(link), "/proc/%d/fd/%d", call->thread, fd);
    if (stat(link, &status) != 0)
        return NULL;
    tty = allocate(sizeof(*tty));
    tty->file = (struct trace_file){&trace_tty, sink};
    tty->pty = is_pty(status.st_rdev);
    tty->is_terminal = tty->pty && terminal_of(call->process) == status.st_rdev;
    tty->was_opened = call_role(call) == CALL_OPENS;
    if (strncmp(path, folder, strlen(folder)) == 0)
        name = path + strlen(folder);
    snprintf(tty->name, sizeof(tty->name), "%.*s", NAME_MAX, name);
    if (tty->pty)
        return &tty->file;
    /* Opening a port raises both, and closing it drops them unless the settings say otherwise. */
    tty->lines = RTAC_DTR | RTAC_RTS;
    tty->hangs_up = true;
    if (tty->was_opened)
        announce(tty, call->time);
    return &tty->file;
}

static void tty_enter(struct trace_file *file, const struct trace_call *call)
{
    /* How much of it the port takes shows at the end. */
    (void)file;
    (void)call;
}

/** Copies a part of what a call carried into the record. */
static size_t fetch(struct tty *tty, const struct trace_call *call, bool vector, uint64_t offset,
                    size_t length)
{
    uint8_t *bytes = tty->record + RTAC_HEADER;

    if (vector)
        return trace_read_vector_at(call, call->arguments[1], call->arguments[2], offset, bytes,
                                    length);
    return trace_read(call, call->arguments[1] + offset, bytes, length) ? length : 0;
}

static void tell_lost(struct tty *tty, btap_ns time, uint64_t length, const char *why)
{
    char comment[128];

    snprintf(comment, sizeof(comment), "boottap: %" PRIu64 " bytes are missing, %s", length, why);
    tell(tty, time, RTAC_CAPTURE_DATA_LOST, comment);
}

/** A call that moves bytes ended. */
static void moved(struct tty *tty, const struct trace_call *call, enum rtac_event event,
                  bool vector)
{
    const btap_ns time = event == RTAC_DATA_TX_START ? call->entered : call->time;
    const uint64_t length = (uint64_t)call->result;
    uint64_t done = 0;

    tell_settings(tty, time);
    if (!announce(tty, time))
        return;
    while (done < length) {
        const uint64_t left = length - done;
        const size_t part = left < TRACE_BYTES_MAX ? (size_t)left : TRACE_BYTES_MAX;

        if (fetch(tty, call, vector, done, part) != part) {
            tell_lost(tty, time, left, "the tool's memory could not be read");
            return;
        }
        put(tty, time, event, part, NULL);
        done += part;
    }
}

/** An error that says that there is no port any more is told, once, and to the user at once: what
 * the tool says of it may be that it got no answer. */
static void failed(struct tty *tty, const struct trace_call *call)
{
    const int error = (int)-call->result;
    char comment[128];

    if (tty->has_failed || (error != EIO && error != ENODEV && error != ENXIO))
        return;
    tty->has_failed = true;
    if (!announce(tty, call->time))
        return;
    message("serial:%s: the port failed: %s; was the adapter unplugged?", tty->name,
            strerror(error));
    snprintf(comment, sizeof(comment), "boottap: the port failed: %s", strerror(error));
    put(tty, call->time, RTAC_STATUS_CHANGE, 0, comment);
}

static void moves(struct tty *tty, const struct trace_call *call, enum rtac_event event,
                  bool vector)
{
    if (call->result < 0) {
        failed(tty, call);
        return;
    }
    tty->has_failed = false;
    if (call->result > 0)
        moved(tty, call, event, vector);
}

static void use_settings(struct tty *tty, const struct trace_call *call,
                         enum termios_request request)
{
    struct termios_settings settings;

    if (tty->pty || !termios_read(call, &settings))
        return;
    if (!settings.is_complete)
        settings.line.baud = settings.is_hung_up ? 0 : tty->settings.baud;
    tty->settings = settings.line;
    tty->hangs_up = settings.hangs_up;
    if (settings.is_hung_up)
        tty->lines &= (uint8_t) ~(RTAC_DTR | RTAC_RTS);
    else if (tty->is_hung_up)
        tty->lines |= RTAC_DTR | RTAC_RTS;
    tty->is_hung_up = settings.is_hung_up;
    /* What the tool only looked at is told before the first bytes that go with it. */
    if (request != TERMIOS_GET)
        tell_settings(tty, call->time);
}

static uint8_t rtac_lines(int modem)
{
    uint8_t state = 0;

    for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
        if ((modem & lines[i].modem) != 0)
            state |= lines[i].rtac;
    return state;
}

static void use_lines(struct tty *tty, const struct trace_call *call, uint32_t request)
{
    const uint8_t outputs = RTAC_DTR | RTAC_RTS;
    int modem;
    uint8_t state;

    if (!trace_read(call, call->arguments[2], &modem, sizeof(modem)))
        return;
    state = rtac_lines(modem);
    if (request == TIOCMGET) {
        tty->lines = state;
        return;
    }
    state &= outputs;
    if (request == TIOCMSET)
        tty->lines = (uint8_t)((tty->lines & ~outputs) | state);
    else if (request == TIOCMBIS)
        tty->lines |= state;
    else
        tty->lines &= (uint8_t)~state;
    tell(tty, call->time, RTAC_STATUS_CHANGE, NULL);
}

static void flushed(struct tty *tty, btap_ns time, uint64_t queue)
{
    static const char *const comments[] = {
        [TCIFLUSH] = "boottap: the tool flushed its input",
        [TCOFLUSH] = "boottap: the tool flushed its output",
        [TCIOFLUSH] = "boottap: the tool flushed its input and output",
    };

    if (queue < sizeof(comments) / sizeof(comments[0]))
        tell(tty, time, RTAC_STATUS_CHANGE, comments[queue]);
}

/** Lines and break, which a pty has not. */
static void use_port(struct tty *tty, const struct trace_call *call, uint32_t request)
{
    switch (request) {
    case TIOCMGET:
    case TIOCMSET:
    case TIOCMBIS:
    case TIOCMBIC:
        use_lines(tty, call, request);
        break;
    case TCSBRK:
        /* With an argument it only waits until all was sent: tcdrain(). */
        if (call->arguments[2] != 0)
            break;
        tell(tty, call->time, RTAC_SERIAL_BREAK, "boottap: the tool sent a break");
        break;
    case TCSBRKP:
        tell(tty, call->time, RTAC_SERIAL_BREAK, "boottap: the tool sent a break");
        break;
    case TIOCSBRK:
        tell(tty, call->time, RTAC_SERIAL_BREAK, "boottap: the tool began a break");
        break;
    case TIOCCBRK:
        tell(tty, call->time, RTAC_STATUS_CHANGE, "boottap: the tool ended the break");
        break;
    default:
        break;
    }
}

static void ioctl_ended(struct tty *tty, const struct trace_call *call)
{
    const uint32_t request = (uint32_t)call->arguments[1];
    const enum termios_request settings = termios_request(request);

    if (call->result < 0)
        return;
    if (settings != TERMIOS_NONE)
        use_settings(tty, call, settings);
    if (settings == TERMIOS_SET_FLUSH)
        flushed(tty, call->time, TCIFLUSH);
    else if (request == TCFLSH)
        flushed(tty, call->time, call->arguments[2]);
    else if (request == TIOCSCTTY && tty->pty)
        tty->is_terminal = true;
    else if (!tty->pty)
        use_port(tty, call, request);
}

static void tty_leave(struct trace_file *file, const struct trace_call *call)
{
    struct tty *tty = (struct tty *)file;

    switch (call->number) {
    case __NR_write:
    case __NR_pwrite64:
        moves(tty, call, RTAC_DATA_TX_START, false);
        break;
    case __NR_writev:
    case __NR_pwritev:
    case __NR_pwritev2:
        moves(tty, call, RTAC_DATA_TX_START, true);
        break;
    case __NR_read:
    case __NR_pread64:
        moves(tty, call, RTAC_DATA_RX_START, false);
        break;
    case __NR_readv:
    case __NR_preadv:
    case __NR_preadv2:
        moves(tty, call, RTAC_DATA_RX_START, true);
        break;
    case __NR_ioctl:
        ioctl_ended(tty, call);
        break;
    default:
        if (call_splices(call) && call->result > 0)
            tell_lost(tty, call->entered, (uint64_t)call->result,
                      "the tool had the kernel copy them");
        break;
    }
}

static void tty_close(struct trace_file *file, btap_ns time)
{
    struct tty *tty = (struct tty *)file;

    if (tty->hangs_up)
        tty->lines &= (uint8_t) ~(RTAC_DTR | RTAC_RTS);
    if (tty->is_announced)
        tell(tty, time, RTAC_STATUS_CHANGE, "boottap: the tool closed the port");
    free(tty);
}

const struct trace_kind trace_tty = {
    .is = tty_is,
    .open = tty_open,
    .enter = tty_enter,
    .leave = tty_leave,
    .close = tty_close,
};
