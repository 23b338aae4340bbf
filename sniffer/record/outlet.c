/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "record/outlet.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/allocate.h"
#include "base/exit_status.h"
#include "base/interrupt.h"
#include "base/message.h"
#include "record/backlog.h"

/** How often it is looked whether a named pipe has a reader. */
#define READER_EVERY_MS 50

static bool is_regular(int fd)
{
    struct stat status;

    return fstat(fd, &status) == 0 && S_ISREG(status.st_mode);
}

/** Whether opening failed as there is nobody who reads the named pipe. */
static bool lacks_reader(const char *path)
{
    struct stat status;

    return errno == ENXIO && stat(path, &status) == 0 && S_ISFIFO(status.st_mode);
}

/** open() itself would wait for a reader as well, and no signal could end that. */
static int open_path(const char *path, int more)
{
    const int flags = O_WRONLY | O_CREAT | more | O_CLOEXEC | O_NONBLOCK | O_NOCTTY;
    int fd = open(path, flags, 0666);

    if (fd >= 0 || !lacks_reader(path))
        return fd;
    message("%s: waiting for a program that reads this pipe", path);
    while (interrupt_signal == 0) {
        interrupt_poll(NULL, 0, READER_EVERY_MS);
        fd = open(path, flags, 0666);
        if (fd >= 0 || !lacks_reader(path))
            return fd;
    }
    errno = EINTR;
    return -1;
}

static bool open_with(struct outlet *outlet, const char *path, int more)
{
    int fd = open_path(path, more);

    if (fd >= 0 && isatty(fd)) {
        close(fd);
        errno = ENOTSUP;
        fd = -1;
    }
    *outlet = (struct outlet){
        .fd = fd, .name = path, .regular = fd >= 0 && is_regular(fd), .whole = true};
    return fd >= 0;
}

int outlet_hold(const char *path)
{
    struct stat status;
    int fd;

    if (stat(path, &status) != 0 || !S_ISFIFO(status.st_mode))
        return -1;
    do
        fd = open(path, O_WRONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    while (fd < 0 && lacks_reader(path) && poll(NULL, 0, READER_EVERY_MS) == 0);
    return fd;
}

bool outlet_open(struct outlet *outlet, const char *path)
{
    return open_with(outlet, path, O_TRUNC);
}

bool outlet_open_late(struct outlet *outlet, const char *path)
{
    const bool there = access(path, F_OK) == 0;

    if (!open_with(outlet, path, 0))
        return false;
    if (outlet->regular) {
        outlet->path = path;
        outlet->created = !there;
    }
    return true;
}

bool outlet_begin(struct outlet *outlet)
{
    const bool late = outlet->path != NULL;

    outlet->path = NULL;
    return !late || ftruncate(outlet->fd, 0) == 0;
}

void outlet_open_standard(struct outlet *outlet, int fd)
{
    const int flags = fcntl(fd, F_GETFL);

    *outlet = (struct outlet){
        .fd = fd,
        .name = fd == STDOUT_FILENO ? "standard output" : "standard error",
        .standard = true,
        .terminal = isatty(fd) == 1,
        .whole = true,
        .regular = is_regular(fd),
    };
    /* The shell may have opened the file at its end (>>) or written to it before. */
    if (outlet->regular)
        outlet->end = lseek(fd, 0, flags >= 0 && (flags & O_APPEND) != 0 ? SEEK_END : SEEK_CUR);
}

/** Whether a write does not wait. A pipe that has room has it for PIPE_BUF. */
static bool has_room(int fd)
{
    struct pollfd room = {.fd = fd, .events = POLLOUT};

    return poll(&room, 1, 0) > 0;
}

/**
 * Writes on until all is written, or it would have to wait for a reader.
 *
 * @param[out] done bytes that were written
 * @return false: errno
 */
static bool write_all(const struct outlet *outlet, const uint8_t *bytes, size_t length,
                      size_t *done)
{
    for (*done = 0; *done < length;) {
        const size_t left = length - *done;
        const size_t most = outlet->regular || left < PIPE_BUF ? left : PIPE_BUF;
        ssize_t written;

        if (!outlet->regular && !has_room(outlet->fd))
            return true;
        written = write(outlet->fd, bytes + *done, most);
        if (written >= 0)
            *done += (size_t)written;
        else if (errno == EAGAIN)
            return true;
        else if (errno != EINTR)
            return false;
    }
    return true;
}

/**
 * Writes without the signals that a closed pipe and a limit of file size would end the program
 * with: a tool whose bytes pass through must not suffer from a recording that cannot go on.
 */
static bool write_quietly(const struct outlet *outlet, const uint8_t *bytes, size_t length,
                          size_t *done)
{
    static const struct timespec now = {0};
    sigset_t signals;
    sigset_t before;
    bool written;
    int error;

    sigemptyset(&signals);
    sigaddset(&signals, SIGPIPE);
    sigaddset(&signals, SIGXFSZ);
    sigprocmask(SIG_BLOCK, &signals, &before);
    written = write_all(outlet, bytes, length, done);
    error = errno;
    if (!written && (error == EPIPE || error == EFBIG))
        sigtimedwait(&signals, NULL, &now);
    sigprocmask(SIG_SETMASK, &before, NULL);
    errno = error;
    return written;
}

/** Hands on what the reader takes at once, and keeps the rest for him. @return false: errno */
static bool write_or_keep(struct outlet *outlet, const uint8_t *bytes, size_t length)
{
    size_t done = 0;

    if ((outlet->backlog == NULL || backlog_is_empty(outlet->backlog)) &&
        !write_quietly(outlet, bytes, length, &done))
        return false;
    if (done == length)
        return true;
    if (outlet->backlog == NULL)
        outlet->backlog = backlog_start(outlet->fd);
    if (outlet->backlog == NULL || !backlog_add(outlet->backlog, bytes + done, length - done)) {
        errno = ENOBUFS;
        return false;
    }
    errno = backlog_error(outlet->backlog);
    return errno == 0;
}

enum outlet_result outlet_write(struct outlet *outlet, const uint8_t *bytes, size_t length)
{
    int error;

    if (!outlet_begin(outlet))
        return OUTLET_FAILED;
    if (write_or_keep(outlet, bytes, length)) {
        outlet->end += (off_t)length;
        outlet->written += length;
        return OUTLET_DONE;
    }
    error = errno;
    outlet->whole = outlet->regular && ftruncate(outlet->fd, outlet->end) == 0 &&
                    lseek(outlet->fd, outlet->end, SEEK_SET) == outlet->end;
    errno = error;
    return error == EPIPE ? OUTLET_UNREAD : OUTLET_FAILED;
}

enum outlet_result outlet_offer(struct outlet *outlet, const uint8_t *bytes, size_t length)
{
    outlet->offered++;
    if (outlet->backlog == NULL || backlog_error(outlet->backlog) != 0 ||
        backlog_room(outlet->backlog) >= length + BACKLOG_RESERVE)
        return outlet_write(outlet, bytes, length);
    /* Of standard error nobody would read it. */
    if (outlet->left_out++ == 0 && outlet->fd != STDERR_FILENO)
        message("%s: its reader is too slow: what he does not take is left out from here on, and "
                "counted",
                outlet->name);
    return OUTLET_LEFT_OUT;
}

/** Offers what is there up to the end of a line. @return false: errno */
static bool offer_lines(struct outlet *outlet, const char *end)
{
    const size_t length = (size_t)(end - outlet->line);

    switch (outlet_offer(outlet, (const uint8_t *)outlet->line, length)) {
    case OUTLET_DONE:
    case OUTLET_LEFT_OUT:
        break;
    case OUTLET_UNREAD:
        errno = EPIPE;
        return false;
    case OUTLET_FAILED:
        return false;
    }
    outlet->line_length -= length;
    memmove(outlet->line, end, outlet->line_length);
    return true;
}

/** The stream's: tells what was taken. */
static ssize_t write_stream(void *context, const char *bytes, size_t length)
{
    struct outlet *outlet = context;
    char *end;

    while (outlet->line_size - outlet->line_length < length)
        outlet->line = grow(outlet->line, outlet->line_size, &outlet->line_size, 1);
    memcpy(outlet->line + outlet->line_length, bytes, length);
    outlet->line_length += length;
    end = outlet->line + outlet->line_length - 1;
    if (!outlet->terminal)
        end = memrchr(outlet->line, '\n', outlet->line_length);
    return end == NULL || offer_lines(outlet, end + 1) ? (ssize_t)length : 0;
}

/** What is left has no end of a line. */
static int close_stream(void *context)
{
    struct outlet *outlet = context;
    const bool written =
        outlet->line_length == 0 || offer_lines(outlet, outlet->line + outlet->line_length);

    free(outlet->line);
    outlet->line = NULL;
    outlet->line_length = 0;
    outlet->line_size = 0;
    return written ? 0 : EOF;
}

FILE *outlet_stream(struct outlet *outlet)
{
    const cookie_io_functions_t functions = {.write = write_stream, .close = close_stream};
    FILE *stream = fopencookie(outlet, "w", functions);

    if (stream != NULL)
        return stream;
    message("out of memory");
    exit(EXIT_TROUBLE);
}

bool outlet_is_unread(const struct outlet *outlet)
{
    struct pollfd reader = {.fd = outlet->fd};

    return !outlet->regular && poll(&reader, 1, 0) == 1 && (reader.revents & POLLERR) != 0;
}

/** Waits for the reader, as far as he may be waited for. */
static void end_backlog(struct outlet *outlet)
{
    const bool failed = backlog_error(outlet->backlog) != 0;
    const size_t left = backlog_end(outlet->backlog);

    outlet->backlog = NULL;
    if (failed || left == 0)
        return;
    outlet->lost = true;
    message("%s: its reader did not take the last %zu bytes", outlet->name, left);
}

bool outlet_close(struct outlet *outlet)
{
    const int fd = outlet->fd;

    outlet->fd = -1;
    if (outlet->backlog != NULL)
        end_backlog(outlet);
    if (fd >= 0 && outlet->left_out > 0)
        message("%s: %" PRIu64 " of %" PRIu64 " pieces were left out, as its reader was too slow",
                outlet->name, outlet->left_out, outlet->offered);
    if (fd >= 0 && outlet->path != NULL && outlet->created)
        unlink(outlet->path);
    return fd < 0 || outlet->standard || close(fd) == 0;
}

bool outlet_is_complete(const struct outlet *outlet)
{
    return outlet->left_out == 0 && !outlet->lost;
}
