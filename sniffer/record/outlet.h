/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Where a recording goes: a file, a pipe or standard output, unbuffered. What was written whole
 * stays whole. Waiting for the reader of a pipe ends with a signal (base/interrupt.h).
 */
#ifndef SNIFFER_RECORD_OUTLET_H
#define SNIFFER_RECORD_OUTLET_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>

enum outlet_result {
    OUTLET_DONE,
    OUTLET_FAILED, /**< errno tells why; a file was cut back to what was written before */
    OUTLET_UNREAD, /**< a pipe that nobody reads any more, or whose reader was waited for in vain */
};

struct outlet {
    int fd;           /**< -1: none */
    bool standard;    /**< it is standard output, which stays open */
    bool regular;     /**< it can be cut back */
    const char *path; /**< of a file that outlet_begin() still has to empty; NULL */
    bool created;     /**< that file was not there before */
    bool whole;       /**< it ends where something ends that was written whole */
    off_t end;        /**< of a regular file: where the next bytes go */
    uint64_t written; /**< bytes since it was opened */
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

/** What was in the file goes, if it did not yet. @return false: errno */
bool outlet_begin(struct outlet *outlet);

/** Standard output. */
void outlet_open_standard(struct outlet *outlet);

/** Hands bytes to the kernel, in one call where it takes them so. */
enum outlet_result outlet_write(struct outlet *outlet, const uint8_t *bytes, size_t length);

/**
 * A stream that writes to it; fclose() frees the stream. Writing fails with EPIPE where that is
 * OUTLET_UNREAD.
 */
FILE *outlet_stream(struct outlet *outlet);

/** Whether it is a pipe that nobody reads any more. */
bool outlet_is_unread(const struct outlet *outlet);

/** Closes it; of one that is closed, nothing. @return false: errno; what was written may be lost */
bool outlet_close(struct outlet *outlet);

#endif
