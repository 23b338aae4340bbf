/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Where a recording goes: a file, a pipe or standard output, unbuffered. What was written whole
 * stays whole. Only outlet_open() and outlet_close() wait for the reader of a pipe, until a signal
 * (base/interrupt.h): what he does not take in time waits in a backlog, and what does not fit in is
 * left out, counted and told.
 */
#ifndef SNIFFER_RECORD_OUTLET_H
#define SNIFFER_RECORD_OUTLET_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>

enum outlet_result {
    OUTLET_DONE,
    OUTLET_FAILED,   /**< errno tells why; a file was cut back to what was written before */
    OUTLET_UNREAD,   /**< a pipe that nobody reads any more */
    OUTLET_LEFT_OUT, /**< of outlet_offer(): a pipe's reader is too slow for it */
};

struct backlog;

struct outlet {
    int fd;                  /**< -1: none */
    bool standard;           /**< it is standard output or error, which stays open */
    bool terminal;           /**< who sees it is shown lines that have not ended, too */
    bool regular;            /**< it can be cut back */
    const char *name;        /**< for messages */
    const char *path;        /**< of a file that outlet_begin() still has to empty; NULL */
    bool created;            /**< that file was not there before */
    bool whole;              /**< it ends where something ends that was written whole */
    off_t end;               /**< of a regular file: where the next bytes go */
    uint64_t written;        /**< bytes since it was opened, those of a backlog too */
    struct backlog *backlog; /**< NULL: nothing had to wait yet */
    uint64_t offered;        /**< by outlet_offer() */
    uint64_t left_out;       /**< of them */
    bool lost;               /**< what had to be written was not read in time either */
    size_t line_length;      /**< of a stream: what waits for the end of its line */
    size_t line_size;
    char *line;
};

/**
 * Opens a file, which loses what was in it. Its rights are those that the umask leaves. For a named
 * pipe's reader it is waited, and a message says so.
 *
 * @return false: errno; EINTR: a signal ended waiting, ENOTSUP: a terminal, whatever is behind it.
 *         Nothing to close
 */
bool outlet_open(struct outlet *outlet, const char *path);

/**
 * The same, but what is in a file stays until outlet_begin() or the first byte is written. Closed
 * before, the file is what it was, or is not there.
 *
 * @param path kept until then
 */
bool outlet_open_late(struct outlet *outlet, const char *path);

/**
 * Holds a named pipe open, so that its reader sees an end even if nobody writes to it. For the
 * reader it is waited, until a signal is caught.
 *
 * @return to be closed by the caller; -1: there is no such pipe, or no reader came
 */
int outlet_hold(const char *path);

/** What was in the file goes, if it did not yet. @return false: errno */
bool outlet_begin(struct outlet *outlet);

/** Standard output or error, which may be a terminal. */
void outlet_open_standard(struct outlet *outlet, int fd);

/** Hands bytes to the kernel, in one call where it takes them so. */
enum outlet_result outlet_write(struct outlet *outlet, const uint8_t *bytes, size_t length);

/** The same with what may be left out: all of it, or nothing. */
enum outlet_result outlet_offer(struct outlet *outlet, const uint8_t *bytes, size_t length);

/**
 * A stream that offers it whole lines; fclose() frees the stream, and comes before outlet_close().
 * Writing fails with EPIPE where that is OUTLET_UNREAD.
 */
FILE *outlet_stream(struct outlet *outlet);

/** Whether it is a pipe that nobody reads any more. */
bool outlet_is_unread(const struct outlet *outlet);

/**
 * Closes it; of one that is closed, nothing. A message says what was left out, or not read in time.
 *
 * @return false: errno; what was written may be lost
 */
bool outlet_close(struct outlet *outlet);

/** Of one that is closed: whether its reader got all that there was, unless he went. */
bool outlet_is_complete(const struct outlet *outlet);

#endif
