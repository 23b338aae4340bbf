/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Whether a program has the slave open shows in the master's state of hang-up, and nowhere else: so
 * the slave is not held open here. That the next one opens it is told by inotify; so is it where
 * one closes and another opens it between two looks.
 */
#include "port/pty.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include "base/allocate.h"
#include "base/caller.h"
#include "base/message.h"
#include "port/pty_link.h"
#include "port/termios2.h"

struct pty {
    int master;
    int events; /**< inotify */
    int watch;
    int users;        /**< programs that have it open, as far as is known */
    const char *link; /**< NULL: none */
    char path[32];    /**< of the slave */
};

static void watch(struct pty *pty)
{
    pty->watch = inotify_add_watch(pty->events, pty->path, IN_OPEN | IN_CLOSE);
}

/** Whether no program has the slave open. */
static bool is_hung_up(const struct pty *pty)
{
    struct pollfd master = {.fd = pty->master};

    return poll(&master, 1, 0) > 0 && (master.revents & POLLHUP) != 0;
}

/**
 * Under sudo the tool runs as the user, and could not open what belongs to root.
 *
 * @return false: errno
 */
static bool give_to_user(const struct pty *pty)
{
    struct caller user;

    return !caller_find(&user) || chown(pty->path, user.uid, (gid_t)-1) == 0;
}

/** @return false: errno */
static bool set_up(struct pty *pty)
{
    int on = 1;
    int locked = 0;
    unsigned int number;
    int slave;
    bool done;

    pty->master = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
    pty->events = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
    if (pty->master < 0 || pty->events < 0 || ioctl(pty->master, TIOCSPTLCK, &locked) != 0 ||
        ioctl(pty->master, TIOCGPTN, &number) != 0)
        return false;
    snprintf(pty->path, sizeof(pty->path), "/dev/pts/%u", number);
    if (!give_to_user(pty))
        return false;
    /* Until the slave was opened once the master tells no hang-up. */
    slave = open(pty->path, O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (slave < 0)
        return false;
    done = termios2_set_mode(slave, TERMIOS2_TOLD) && ioctl(pty->master, TIOCPKT, &on) == 0;
    close(slave);
    watch(pty);
    return done && pty->watch >= 0;
}

struct pty *pty_open(const char *link)
{
    struct pty *pty = allocate(sizeof(*pty));

    pty->master = -1;
    pty->events = -1;
    if (!set_up(pty)) {
        message("no pseudo-terminal to be had for the tool: %s", strerror(errno));
        pty_close(pty);
        return NULL;
    }
    if (link != NULL && !pty_link_make(link, pty->path)) {
        pty_close(pty);
        return NULL;
    }
    pty->link = link;
    return pty;
}

static void close_descriptors(const struct pty *pty)
{
    if (pty->master >= 0)
        close(pty->master);
    if (pty->events >= 0)
        close(pty->events);
}

void pty_close(struct pty *pty)
{
    if (pty->link != NULL)
        pty_link_remove(pty->link, pty->path);
    close_descriptors(pty);
    free(pty);
}

const char *pty_path(const struct pty *pty)
{
    return pty->path;
}

int pty_descriptor(const struct pty *pty)
{
    return pty->master;
}

int pty_watch_descriptor(const struct pty *pty)
{
    return pty->events;
}

bool pty_is_open(const struct pty *pty)
{
    return pty->users > 0;
}

/** Counts opens and closes. @return whether none had it open at some moment, and one did later */
static bool count_users(struct pty *pty)
{
    _Alignas(struct inotify_event) char events[1024];
    bool changed = false;
    ssize_t length;

    while ((length = read(pty->events, events, sizeof(events))) > 0) {
        for (ssize_t at = 0; at < length;) {
            const struct inotify_event *event = (const void *)(events + at);

            if (event->mask & IN_OPEN) {
                changed |= pty->users == 0;
                pty->users++;
            } else if ((event->mask & IN_CLOSE) != 0 && pty->users > 0) {
                pty->users--;
            }
            at += (ssize_t)(sizeof(*event) + event->len);
        }
    }
    return changed;
}

enum pty_users pty_users(struct pty *pty)
{
    const bool before = pty->users > 0;
    const bool changed = count_users(pty);

    /* Events that are alike are told once: the count may be wrong, the hang-up is not. */
    if (is_hung_up(pty))
        pty->users = 0;
    else if (pty->users == 0)
        pty->users = 1;
    if (pty->users == 0)
        return before || changed ? PTY_LEFT : PTY_SAME;
    if (!before)
        return PTY_CAME;
    return changed ? PTY_CHANGED : PTY_SAME;
}

/** Puts another one in the place of one that nobody can open any more. */
static void replace(struct pty *pty)
{
    struct pty next = {.master = -1, .events = -1, .link = pty->link};
    struct btap_serial_settings settings;
    const bool linked = pty->link != NULL;

    if (!set_up(&next)) {
        message("%s: a program has locked it, and no other one is to be had: %s", pty->path,
                strerror(errno));
        close_descriptors(&next);
        return;
    }
    if (pty_settings(pty, &settings))
        pty_set_settings(&next, &settings);
    if (!linked)
        message("%s: the tool has locked it for good (TIOCEXCL); give the next one the port %s",
                pty->path, next.path);
    if (linked && !pty_link_make(pty->link, next.path)) {
        close_descriptors(&next);
        return;
    }
    close_descriptors(pty);
    *pty = next;
}

void pty_renew(struct pty *pty)
{
    int slave;
    int error;

    /* Opening it makes events of its own, which are not to be taken for a program's. */
    inotify_rm_watch(pty->events, pty->watch);
    slave = open(pty->path, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
    error = errno;
    if (slave >= 0) {
        tcflush(slave, TCIFLUSH);
        if (pty->users == 0)
            termios2_set_mode(slave, TERMIOS2_TOLD);
        close(slave);
    }
    watch(pty);
    if (slave < 0 && error == EBUSY && pty->users == 0)
        replace(pty);
}

size_t pty_read(struct pty *pty, uint8_t *bytes, size_t size, struct pty_news *news)
{
    const ssize_t length = read(pty->master, bytes, size);

    *news = (struct pty_news){0};
    if (length <= 0)
        return 0;
    /* The first byte tells what this is (tty_ioctl(4), TIOCPKT). */
    if (bytes[0] == TIOCPKT_DATA) {
        memmove(bytes, bytes + 1, (size_t)length - 1);
        return (size_t)length - 1;
    }
    news->flushed_input = (bytes[0] & TIOCPKT_FLUSHREAD) != 0;
    news->flushed_output = (bytes[0] & TIOCPKT_FLUSHWRITE) != 0;
    news->set = (bytes[0] & TIOCPKT_IOCTL) != 0;
    news->told = true;
    return 0;
}

size_t pty_write(struct pty *pty, const uint8_t *bytes, size_t length)
{
    const ssize_t written = write(pty->master, bytes, length);

    return written > 0 ? (size_t)written : 0;
}

bool pty_settings(const struct pty *pty, struct btap_serial_settings *settings)
{
    return termios2_settings(pty->master, settings);
}

bool pty_set_settings(struct pty *pty, const struct btap_serial_settings *settings)
{
    struct btap_serial_settings without = *settings;

    without.parity = BTAP_PARITY_NONE;
    return termios2_configure(pty->master, &without);
}
