/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Traces of strace of a tool on a serial port: what it wrote and read there, and how it set the
 * port.
 */
#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "formats/reader/probe.h"
#include "formats/serial/serial_log.h"
#include "formats/serial/strace_call.h"
#include "formats/serial/strace_files.h"
#include "formats/serial/strace_settings.h"

#define PATH_SIZE    256
#define STANDARD_FDS 3 /* descriptors below are not a port's unless the log shows it */
#define SYNC         0x7f

struct strace {
    struct serial_log serial;
    struct strace_lines lines;
    struct strace_files files;
    bool has_times;
    btap_ns last;      /**< time of the newest call */
    uint64_t usb;      /**< requests to a USB device, whose bytes do not show */
    uint64_t cut;      /**< calls that strace cut the bytes of */
    uint64_t cut_line; /**< the first of them */
};

/** A probe has no state of its own to give. */
static bool knows(const char *text)
{
    static const char *const names[] = {"write", "read",   "openat", "open",  "ioctl",
                                        "close", "execve", "readv",  "writev"};
    struct strace_lines lines = {0};
    struct strace_call call;
    char line[PROBE_LINE_SIZE];
    bool known = false;

    snprintf(line, sizeof(line), "%s", text);
    strace_straighten(line);
    if (strace_take(&lines, line, &call) == STRACE_CALL)
        for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
            known = known || strace_is(&call, names[i]);
    strace_release(&lines);
    return known;
}

static bool probe(const struct first *first)
{
    const bool usb = first_has(first, "USBDEVFS_");

    /* Of USB only what a serial tool looks at beside its port. */
    return (!usb || first_has(first, "/dev/tty")) && probe_lines(first, knows).known > 0;
}

/** A number and the comma or parenthesis behind it. */
static bool take_fd(const char **at, uint32_t *fd)
{
    uint64_t number;

    if (!scan_decimal(at, &number) || number > UINT16_MAX)
        return false;
    *fd = (uint32_t)number;
    strace_skip_path(at);
    if (scan_word(at, ","))
        scan_spaces(at);
    return true;
}

/** What the call returned, if that is no error. */
static bool result_of(const struct strace_call *call, uint64_t *number)
{
    const char *at = call->result;

    if (scan_word(&at, "0x"))
        return false;
    return scan_decimal(&at, number);
}

/** The first argument that is a string is the path. */
static void opens(struct strace *state, const struct strace_call *call, uint32_t program)
{
    const char *at = strchr(call->arguments, '"');
    char path[PATH_SIZE];
    struct strace_file *file;
    uint64_t fd;

    if (!result_of(call, &fd) || fd > UINT16_MAX || at == NULL ||
        !strace_string(&at, path, sizeof(path)))
        return;
    strace_forget(&state->files, program, (uint32_t)fd);
    file = strace_file(&state->files, program, (uint32_t)fd);
    if (file != NULL)
        strace_opened(file, path);
}

static void copies(struct strace *state, const struct strace_call *call, uint32_t program)
{
    const char *at = call->arguments;
    const struct strace_file *from;
    struct strace_file *to;
    uint32_t fd;
    uint64_t copy;

    if (!take_fd(&at, &fd) || !result_of(call, &copy) || copy > UINT16_MAX || copy == fd ||
        (strace_is(call, "fcntl") && strncmp(at, "F_DUPFD", strlen("F_DUPFD")) != 0))
        return;
    from = strace_file(&state->files, program, fd);
    strace_forget(&state->files, program, (uint32_t)copy);
    to = strace_file(&state->files, program, (uint32_t)copy);
    if (from == NULL || to == NULL)
        return;
    *to = *from;
    to->fd = (uint32_t)copy;
}

static void closes(struct strace *state, const struct strace_call *call, uint32_t program)
{
    const char *at = call->arguments;
    uint64_t result;
    uint32_t fd;

    if (take_fd(&at, &fd) && result_of(call, &result))
        strace_forget(&state->files, program, fd);
}

/** Whose records follow. */
static void use_file(struct strace *state, const struct strace_file *file)
{
    state->serial.name = file->name;
    state->serial.lines = file->lines;
    state->serial.at_tool = true;
    state->serial.lacks = state->has_times ? 0 : BTAP_LACKS_TIMES;
}

/** Whether what was written first to a descriptor that was not seen opened is a bootloader's. */
static bool begins_session(const char *at, uint64_t length)
{
    uint8_t first = 0;
    uint8_t second = 0;

    if (!scan_word(&at, "\"") || length == 0 || length > 2 || !strace_byte(&at, &first))
        return false;
    if (length == 1)
        return first == SYNC;
    return strace_byte(&at, &second) && (first ^ second) == UINT8_MAX;
}

/** Whether a descriptor is a port: -y tells, or how it was used. */
static bool is_port(struct strace_file *file, const struct strace_call *call, const char *data,
                    uint64_t length)
{
    const char *name = strchr(call->arguments, '<');
    char path[PATH_SIZE] = "";

    if (file->kind == STRACE_NOT_SEEN && name != NULL && isdigit((unsigned char)name[-1])) {
        strncat(path, name + 1,
                strcspn(name + 1, "<>") < sizeof(path) - 1 ? strcspn(name + 1, "<>")
                                                           : sizeof(path) - 1);
        strace_opened(file, path);
    }
    if (file->kind == STRACE_NOT_SEEN && file->fd >= STANDARD_FDS && begins_session(data, length)) {
        file->kind = STRACE_PORT;
        snprintf(file->name, sizeof(file->name), "fd %u", file->fd);
    }
    return file->kind == STRACE_PORT;
}

/** Puts the bytes of all strings of the call into the block, up to the first that was cut. */
static void take_strings(struct strace *state, struct log *log, const char *at)
{
    for (at = strchr(at, '"'); at != NULL; at = strchr(at, '"')) {
        uint8_t byte;

        at++;
        while (!serial_log_is_full(&state->serial) && strace_byte(&at, &byte))
            serial_log_byte(&state->serial, log, byte);
        if (serial_log_is_full(&state->serial) || !scan_word(&at, "\"") || scan_word(&at, "..."))
            return;
    }
}

static void moves(struct strace *state, struct log *log, const struct strace_call *call,
                  enum btap_direction direction)
{
    const uint32_t program = strace_program(&state->files, call->pid);
    const char *at = call->arguments;
    struct strace_file *file;
    uint64_t length;
    uint32_t fd;

    if (!take_fd(&at, &fd))
        return;
    if (!result_of(call, &length))
        length = 0;
    file = strace_file(&state->files, program, fd);
    if (file == NULL || !is_port(file, call, at, length) || length == 0)
        return;
    use_file(state, file);
    serial_log_begin(&state->serial, log, direction,
                     direction == BTAP_HOST_TO_DEVICE ? call->entered : call->ended, length);
    take_strings(state, log, at);
    if (!serial_log_is_full(&state->serial) && state->cut++ == 0)
        state->cut_line = log->number;
    serial_log_end(&state->serial, log);
}

static bool is_same(const struct btap_serial_settings *a, const struct btap_serial_settings *b)
{
    return a->baud == b->baud && a->data_bits == b->data_bits && a->parity == b->parity &&
           a->half_stop_bits == b->half_stop_bits;
}

static void use_settings(struct strace *state, struct log *log, struct strace_file *file,
                         const char *at, btap_ns time)
{
    struct btap_serial_settings settings;

    if (!strace_settings(at, &settings))
        return;
    if (file->kind == STRACE_NOT_SEEN && file->fd >= STANDARD_FDS)
        snprintf(file->name, sizeof(file->name), "fd %u", file->fd);
    else if (file->kind == STRACE_NOT_SEEN)
        return;
    file->kind = STRACE_PORT;
    if (is_same(&file->settings, &settings))
        return;
    file->settings = settings;
    use_file(state, file);
    serial_log_event(&state->serial, log, SERIAL_RECORD_STATUS, time, &settings);
}

static void use_lines(struct strace *state, struct log *log, struct strace_file *file,
                      const char *at, btap_ns time)
{
    const uint8_t outputs = BTAP_LINE_DTR | BTAP_LINE_RTS;
    const bool sets = scan_word(&at, "TIOCMBIS, ");
    const bool clears = !sets && scan_word(&at, "TIOCMBIC, ");
    uint8_t lines;

    if (!sets && !clears && !scan_word(&at, "TIOCMSET, "))
        return;
    if (!strace_lines(at, &lines))
        return;
    lines &= outputs;
    if (sets)
        file->lines |= lines;
    else if (clears)
        file->lines &= (uint8_t)~lines;
    else
        file->lines = lines;
    use_file(state, file);
    serial_log_event(&state->serial, log, SERIAL_RECORD_STATUS, time, NULL);
}

/** `TCSETS`, `SNDCTL_TMR_START or TCSETS`, `TCSETSW2`: behind them, the termios */
static const char *sets_port(const char *at)
{
    const char *name = strstr(at, "TCSETS");

    if (name == NULL || (name > at && strstr(at, " or TCSETS") == NULL))
        return NULL;
    at = name + strcspn(name, ",");
    if (!scan_word(&at, ","))
        return NULL;
    scan_spaces(&at);
    return at;
}

static void controls(struct strace *state, struct log *log, const struct strace_call *call)
{
    const uint32_t program = strace_program(&state->files, call->pid);
    const char *at = call->arguments;
    const char *termios;
    struct strace_file *file;
    uint64_t result;
    uint32_t fd;

    if (strstr(at, "USBDEVFS_") != NULL)
        state->usb++;
    if (!take_fd(&at, &fd) || !result_of(call, &result))
        return;
    file = strace_file(&state->files, program, fd);
    termios = sets_port(at);
    if (file == NULL)
        return;
    if (termios != NULL)
        use_settings(state, log, file, termios, call->ended);
    if (file->kind != STRACE_PORT)
        return;
    use_lines(state, log, file, at, call->ended);
    /* With another argument TCSBRK only waits until all was sent. */
    if (strncmp(at, "TCSBRK, 0)", strlen("TCSBRK, 0)")) == 0 ||
        strncmp(at, "TCSBRKP", strlen("TCSBRKP")) == 0 ||
        strncmp(at, "TIOCSBRK", strlen("TIOCSBRK")) == 0) {
        use_file(state, file);
        serial_log_event(&state->serial, log, SERIAL_RECORD_BREAK, call->ended, NULL);
    }
}

static void executes(struct strace *state, const struct strace_call *call)
{
    uint64_t result;

    if (result_of(call, &result) && result == 0)
        strace_executed(&state->files, call->pid);
}

static bool is_one_of(const struct strace_call *call, const char *const *names)
{
    for (; *names != NULL; names++)
        if (strace_is(call, *names))
            return true;
    return false;
}

static void take_call(struct strace *state, struct log *log, const struct strace_call *call)
{
    static const char *const opening[] = {"openat", "open", "openat2", NULL};
    static const char *const copying[] = {"dup", "dup2", "dup3", "fcntl", NULL};
    static const char *const writing[] = {"write", "writev", "pwrite64", NULL};
    static const char *const reading[] = {"read", "readv", "pread64", NULL};
    const uint32_t program = strace_program(&state->files, call->pid);

    if (is_one_of(call, writing))
        moves(state, log, call, BTAP_HOST_TO_DEVICE);
    else if (is_one_of(call, reading))
        moves(state, log, call, BTAP_DEVICE_TO_HOST);
    else if (strace_is(call, "ioctl"))
        controls(state, log, call);
    else if (is_one_of(call, opening))
        opens(state, call, program);
    else if (is_one_of(call, copying))
        copies(state, call, program);
    else if (strace_is(call, "close"))
        closes(state, call, program);
    else if (strace_is(call, "execve"))
        executes(state, call);
}

static enum log_line take_line(struct log *log, char *line, size_t length)
{
    struct strace *state = log->state;
    struct strace_call call;

    (void)length;
    strace_straighten(line);
    switch (strace_take(&state->lines, line, &call)) {
    case STRACE_UNKNOWN:
        return LOG_UNKNOWN;
    case STRACE_OTHER:
        break;
    case STRACE_CALL:
        state->has_times = state->has_times || call.has_time;
        take_call(state, log, &call);
        break;
    }
    if (call.has_time && call.ended > state->last)
        state->last = call.ended;
    return LOG_KNOWN;
}

static void end(struct log *log)
{
    const struct strace *state = log->state;

    serial_log_at_end(log);
    log->reader->until = state->last;
    if (state->usb > 0 && state->serial.blocks == 0)
        reader_damaged(log->reader,
                       "strace does not show the bytes of USB requests; record the next try with: "
                       "boottap run -w flash.pcapng -- TOOL");
    else if (state->cut > 0)
        snprintf(log->reader->remark, sizeof(log->reader->remark),
                 "strace cut the bytes of %" PRIu64 " call%s off, the first in line %" PRIu64
                 "; with -s 600 it shows all",
                 state->cut, state->cut == 1 ? "" : "s", state->cut_line);
}

static void release(struct log *log)
{
    struct strace *state = log->state;

    serial_log_release(log);
    strace_release(&state->lines);
}

static const struct log_format format = {
    .state_size = sizeof(struct strace),
    .line = take_line,
    .end = end,
    .release = release,
};

static bool start(struct reader *reader)
{
    return log_start(reader, &format);
}

const struct reader_format reader_strace = {
    .kind = {KIND_CAPTURE, "a trace of strace", "", probe},
    .start = start,
    .next = log_next,
    .release = log_release,
};
