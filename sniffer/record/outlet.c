/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "record/outlet.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static bool is_regular(int fd)
{
    struct stat status;

    return fstat(fd, &status) == 0 && S_ISREG(status.st_mode);
}

bool outlet_open(struct outlet *outlet, const char *path)
{
    const int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);

    *outlet = (struct outlet){.fd = fd, .regular = fd >= 0 && is_regular(fd), .whole = true};
    return fd >= 0;
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

/** Writes on until all is written. @return false: errno */
static bool write_all(int fd, const uint8_t *bytes, size_t length)
{
    struct pollfd room = {.fd = fd, .events = POLLOUT};

    while (length > 0) {
        const ssize_t written = write(fd, bytes, length);

        if (written >= 0) {
            bytes += written;
            length -= (size_t)written;
        } else if (errno == EAGAIN) {
            /* Standard output that another program made non-blocking */
            poll(&room, 1, -1);
        } else if (errno != EINTR) {
            return false;
        }
    }
    return true;
}

/**
 * Writes without the signals that a closed pipe and a limit of file size would end the program
 * with: a tool whose bytes pass through must not suffer from a recording that cannot go on.
 */
static bool write_quietly(int fd, const uint8_t *bytes, size_t length)
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
    written = write_all(fd, bytes, length);
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

    if (write_quietly(outlet->fd, bytes, length)) {
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

bool outlet_is_unread(const struct outlet *outlet)
{
    struct pollfd reader = {.fd = outlet->fd};

    return !outlet->regular && poll(&reader, 1, 0) == 1 && (reader.revents & POLLERR) != 0;
}

bool outlet_close(struct outlet *outlet)
{
    const int fd = outlet->fd;

    outlet->fd = -1;
    return fd < 0 || outlet->standard || close(fd) == 0;
}
