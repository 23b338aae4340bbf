/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "record/outlet.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/exit_status.h"
#include "base/interrupt.h"
#include "base/message.h"

/** How often it is looked whether a named pipe has a reader. */
#define READER_EVERY_MS 50

/** So long a reader is waited for after a signal that asked to end. */
#define READER_PATIENCE_MS 500

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
    *outlet = (struct outlet){.fd = fd, .regular = fd >= 0 && is_regular(fd), .whole = true};
    return fd >= 0;
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

void outlet_open_standard(struct outlet *outlet)
{
    const int flags = fcntl(STDOUT_FILENO, F_GETFL);

    *outlet = (struct outlet){
        .fd = STDOUT_FILENO,
        .standard = true,
        .whole = true,
        .regular = is_regular(STDOUT_FILENO),
    };
    /* The shell may have opened the file at its end (>>) or written to it before. */
    if (outlet->regular)
        outlet->end =
            lseek(STDOUT_FILENO, 0, flags >= 0 && (flags & O_APPEND) != 0 ? SEEK_END : SEEK_CUR);
}

/** Waits until a pipe has room. @return false: EPIPE, as a signal ended waiting for it */
static bool await_room(int fd)
{
    struct pollfd room = {.fd = fd, .events = POLLOUT};
    bool ready = false;

    while (!ready && interrupt_signal == 0)
        ready = interrupt_poll(&room, 1, -1) > 0;
    ready = ready || poll(&room, 1, READER_PATIENCE_MS) > 0;
    if (!ready)
        errno = EPIPE;
    return ready;
}

/** Writes on until all is written. @return false: errno */
static bool write_all(const struct outlet *outlet, const uint8_t *bytes, size_t length)
{
    while (length > 0) {
        /* A pipe that has room has it for so much, so that only await_room() waits. */
        const size_t most = outlet->regular || length < PIPE_BUF ? length : PIPE_BUF;
        ssize_t written;

        if (!outlet->regular && !await_room(outlet->fd))
            return false;
        written = write(outlet->fd, bytes, most);
        if (written >= 0) {
            bytes += written;
            length -= (size_t)written;
        } else if (errno != EINTR && errno != EAGAIN) {
            return false;
        }
    }
    return true;
}

/**
 * Writes without the signals that a closed pipe and a limit of file size would end the program
 * with: a tool whose bytes pass through must not suffer from a recording that cannot go on.
 */
static bool write_quietly(const struct outlet *outlet, const uint8_t *bytes, size_t length)
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
    written = write_all(outlet, bytes, length);
    error = errno;
    if (!written && (error == EPIPE || error == EFBIG))
        sigtimedwait(&signals, NULL, &now);
    sigprocmask(SIG_SETMASK, &before, NULL);
    errno = error;
    return written;
}

enum outlet_result outlet_write(struct outlet *outlet, const uint8_t *bytes, size_t length)
{
    int error;

    if (!outlet_begin(outlet))
        return OUTLET_FAILED;
    if (write_quietly(outlet, bytes, length)) {
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

/** The stream's: tells what was written. */
static ssize_t write_stream(void *outlet, const char *bytes, size_t length)
{
    switch (outlet_write(outlet, (const uint8_t *)bytes, length)) {
    case OUTLET_DONE:
        return (ssize_t)length;
    case OUTLET_UNREAD:
        errno = EPIPE;
        break;
    case OUTLET_FAILED:
        break;
    }
    return 0;
}

FILE *outlet_stream(struct outlet *outlet)
{
    const cookie_io_functions_t functions = {.write = write_stream};
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

bool outlet_close(struct outlet *outlet)
{
    const int fd = outlet->fd;

    outlet->fd = -1;
    if (fd >= 0 && outlet->path != NULL && outlet->created)
        unlink(outlet->path);
    return fd < 0 || outlet->standard || close(fd) == 0;
}
