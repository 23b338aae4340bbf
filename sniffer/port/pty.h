/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A pseudo-terminal that is offered to tools as a serial port, seen from its master. Its slave is
 * raw before anybody opens it. Programs may open and close it as often as they like.
 */
#ifndef SNIFFER_PORT_PTY_H
#define SNIFFER_PORT_PTY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "boottap/event.h"

/** Most bytes that one pty_read() gives. */
#define PTY_READ_MAX 4096

struct pty;

/**
 * Makes one.
 *
 * @param link a symbolic link to make to the slave; NULL: none; kept. What stands there is
 *        replaced if it is a symbolic link that leads to a pseudo-terminal or nowhere
 * @return NULL: a message says why
 */
struct pty *pty_open(const char *link);

/** Takes the link away, if it still leads here, closes and frees. */
void pty_close(struct pty *pty);

/** The slave, `/dev/pts/5`: what a tool opens. */
const char *pty_path(const struct pty *pty);

/** The master. To be waited for only while pty_is_open(): it is in a state of hang-up else. */
int pty_descriptor(const struct pty *pty);
/** Readable when a program opened or closed the slave: then pty_users() tells more. */
int pty_watch_descriptor(const struct pty *pty);

/** What programs did with the slave since it was asked last. */
enum pty_users {
    PTY_SAME,
    PTY_CAME,    /**< one opened it, and none had it open */
    PTY_LEFT,    /**< the last one closed it; what it wrote may still be read */
    PTY_CHANGED, /**< the last one closed it, then one opened it */
};

enum pty_users pty_users(struct pty *pty);

/** Whether a program has the slave open, as pty_users() told last. */
bool pty_is_open(const struct pty *pty);

/**
 * Makes the slave new for who opens it next, or has just opened it: what was written to it and not
 * read is dropped, and where no program has it open, it is raw again. What programs do meanwhile
 * makes no descriptor readable: ask pty_users() afterwards. One that a program has locked for good
 * (TIOCEXCL) is replaced by another: descriptors and path change, and the link with them.
 */
void pty_renew(struct pty *pty);

/** What a program did beside writing; all that happened before the bytes read with it or later. */
struct pty_news {
    bool flushed_input;  /**< tcflush(TCIFLUSH): it wants nothing that was sent to it so far */
    bool flushed_output; /**< tcflush(TCOFLUSH): what it wrote and was not sent is not to be */
    bool set;            /**< it set rate or modes: pty_settings() */
    bool told;           /**< any of these, or another one that nobody has a use for */
};

/**
 * Reads what a program wrote, or its news.
 *
 * @param size above PTY_READ_MAX
 * @param[out] news of this call
 * @return bytes; 0: none now, or news
 */
size_t pty_read(struct pty *pty, uint8_t *bytes, size_t size, struct pty_news *news);

/** Writes what it takes now. @return bytes taken */
size_t pty_write(struct pty *pty, const uint8_t *bytes, size_t length);

/** The rate and framing that the program set; no parity, whatever it wanted. */
bool pty_settings(const struct pty *pty, struct btap_serial_settings *settings);

/** Sets them, as a port has some when it is opened. */
bool pty_set_settings(struct pty *pty, const struct btap_serial_settings *settings);

#endif
