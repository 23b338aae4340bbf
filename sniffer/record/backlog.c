/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "record/backlog.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "base/allocate.h"
#include "base/interrupt.h"

/** So long a reader is waited for after a signal that asked to end. */
#define READER_PATIENCE_MS 500

/** So much is written at once. */
#define PIECE_SIZE ((size_t)PIPE_BUF)

struct backlog {
    int fd;
    int settled; /**< an eventfd: all is written, or writing failed */
    int ends;    /**< an eventfd: the thread is to end */
    pthread_t thread;
    pthread_mutex_t mutex;
    pthread_cond_t added;
    /* Below: under the mutex. */
    size_t head;
    size_t length;
    int error;
    bool ending;
    bool ended;     /**< the thread needs none of this any more */
    bool abandoned; /**< nobody waits for the thread: it releases this */
    uint8_t *ring;  /**< of BACKLOG_SIZE bytes; memory that was never needed is not taken */
};

/** Bytes from the head on that lie behind one another. */
static size_t piece_at_head(const struct backlog *backlog)
{
    const size_t straight = BACKLOG_SIZE - backlog->head;
    const size_t length = backlog->length < straight ? backlog->length : straight;

    return length < PIECE_SIZE ? length : PIECE_SIZE;
}

static void settle(const struct backlog *backlog)
{
    eventfd_write(backlog->settled, 1);
}

/** What was written gives way; so does all, if writing failed. */
static void take_written(struct backlog *backlog, ssize_t written, int error)
{
    if (written >= 0) {
        backlog->length -= (size_t)written;
        backlog->head = (backlog->head + (size_t)written) % BACKLOG_SIZE;
        /* From the start again: the less of the ring is touched, the less memory it takes. */
        if (backlog->length == 0)
            backlog->head = 0;
    } else if (error != EINTR && error != EAGAIN) {
        backlog->error = error;
    }
    if (backlog->length == 0 || backlog->error != 0)
        settle(backlog);
}

/** Waits for the reader without the mutex; what has room for it then is written at once. */
static ssize_t write_piece(const struct backlog *backlog, const uint8_t *piece, size_t length)
{
    struct pollfd either[] = {{.fd = backlog->fd, .events = POLLOUT},
                              {.fd = backlog->ends, .events = POLLIN}};

    if (poll(either, 2, -1) > 0 && either[0].revents != 0)
        return write(backlog->fd, piece, length);
    errno = EAGAIN;
    return -1;
}

static void release(struct backlog *backlog)
{
    close(backlog->settled);
    close(backlog->ends);
    pthread_cond_destroy(&backlog->added);
    pthread_mutex_destroy(&backlog->mutex);
    free(backlog->ring);
    free(backlog);
}

static void *write_on(void *context)
{
    struct backlog *backlog = context;
    uint8_t piece[PIECE_SIZE];
    bool abandoned;

    pthread_mutex_lock(&backlog->mutex);
    while (!backlog->ending) {
        size_t length;
        ssize_t written;
        int error;

        if (backlog->length == 0 || backlog->error != 0) {
            pthread_cond_wait(&backlog->added, &backlog->mutex);
            continue;
        }
        length = piece_at_head(backlog);
        memcpy(piece, backlog->ring + backlog->head, length);
        pthread_mutex_unlock(&backlog->mutex);
        written = write_piece(backlog, piece, length);
        error = errno;
        pthread_mutex_lock(&backlog->mutex);
        take_written(backlog, written, error);
    }
    backlog->ended = true;
    abandoned = backlog->abandoned;
    pthread_mutex_unlock(&backlog->mutex);
    if (abandoned)
        release(backlog);
    return NULL;
}

static bool start_thread(struct backlog *backlog)
{
    sigset_t all;
    sigset_t before;
    bool started;

    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    started = pthread_create(&backlog->thread, NULL, write_on, backlog) == 0;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return started;
}

struct backlog *backlog_start(int fd)
{
    struct backlog *backlog = allocate(sizeof(*backlog));

    *backlog = (struct backlog){.fd = fd,
                                .settled = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK),
                                .ends = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK),
                                .ring = allocate(BACKLOG_SIZE)};
    pthread_mutex_init(&backlog->mutex, NULL);
    pthread_cond_init(&backlog->added, NULL);
    if (backlog->settled >= 0 && backlog->ends >= 0 && start_thread(backlog))
        return backlog;
    release(backlog);
    return NULL;
}

bool backlog_is_empty(struct backlog *backlog)
{
    bool empty;

    pthread_mutex_lock(&backlog->mutex);
    empty = backlog->length == 0 && backlog->error == 0;
    pthread_mutex_unlock(&backlog->mutex);
    return empty;
}

int backlog_error(struct backlog *backlog)
{
    int error;

    pthread_mutex_lock(&backlog->mutex);
    error = backlog->error;
    pthread_mutex_unlock(&backlog->mutex);
    return error;
}

size_t backlog_room(struct backlog *backlog)
{
    size_t room;

    pthread_mutex_lock(&backlog->mutex);
    room = BACKLOG_SIZE - backlog->length;
    pthread_mutex_unlock(&backlog->mutex);
    return room;
}

static void append(struct backlog *backlog, const uint8_t *bytes, size_t length)
{
    const size_t tail = (backlog->head + backlog->length) % BACKLOG_SIZE;
    const size_t straight = BACKLOG_SIZE - tail < length ? BACKLOG_SIZE - tail : length;
    eventfd_t value;

    memcpy(backlog->ring + tail, bytes, straight);
    memcpy(backlog->ring, bytes + straight, length - straight);
    backlog->length += length;
    eventfd_read(backlog->settled, &value);
}

bool backlog_add(struct backlog *backlog, const uint8_t *bytes, size_t length)
{
    bool fits;

    pthread_mutex_lock(&backlog->mutex);
    fits = length <= BACKLOG_SIZE - backlog->length;
    if (fits && backlog->error == 0)
        append(backlog, bytes, length);
    pthread_cond_signal(&backlog->added);
    pthread_mutex_unlock(&backlog->mutex);
    return fits;
}

/** Waits until all is written, writing failed, or a signal left the reader little time. */
static void await_reader(struct backlog *backlog)
{
    struct pollfd settled = {.fd = backlog->settled, .events = POLLIN};

    if (backlog_is_empty(backlog) || backlog_error(backlog) != 0)
        return;
    while (interrupt_signal == 0)
        if (interrupt_poll(&settled, 1, -1) > 0)
            return;
    poll(&settled, 1, READER_PATIENCE_MS);
}

/** Whether the thread has ended within a second. A terminal that has room may have less than a
 * write wants, which waits then, and the thread with it: it is left alone. */
static bool join(struct backlog *backlog)
{
    struct timespec until;
    bool ended;

    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec++;
    if (pthread_timedjoin_np(backlog->thread, NULL, &until) == 0)
        return true;
    pthread_mutex_lock(&backlog->mutex);
    ended = backlog->ended;
    backlog->abandoned = !ended;
    if (!ended)
        pthread_detach(backlog->thread);
    pthread_mutex_unlock(&backlog->mutex);
    if (ended)
        pthread_join(backlog->thread, NULL);
    return ended;
}

size_t backlog_end(struct backlog *backlog)
{
    size_t left;

    await_reader(backlog);
    pthread_mutex_lock(&backlog->mutex);
    backlog->ending = true;
    left = backlog->length;
    pthread_cond_signal(&backlog->added);
    pthread_mutex_unlock(&backlog->mutex);
    eventfd_write(backlog->ends, 1);
    if (!join(backlog))
        return left;
    left = backlog->length;
    release(backlog);
    return left;
}
