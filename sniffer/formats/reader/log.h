/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What readers of text share: lines as people paste them, records out of lines.
 *
 * Line ends of any kind, a byte order mark, spaces at the end are taken off; empty lines do not
 * come. A line that a format does not know comes again without the marks of a quotation before it
 * (`> `). What it then does not know either is skipped and counted, and told at the end where it is
 * much.
 */
#ifndef SNIFFER_FORMATS_READER_LOG_H
#define SNIFFER_FORMATS_READER_LOG_H

#include "formats/reader/queue.h"
#include "formats/reader/reader.h"

/** Longer lines are cut there, and told. */
#define LOG_LINE_MAX ((size_t)256 * 1024)

enum log_line {
    LOG_UNKNOWN, /**< no line of this format */
    LOG_KNOWN,   /**< it is one, whatever came of it */
    LOG_DAMAGED, /**< it begins as one, and cannot be right: told in any case */
};

struct log;

/** A format of text. */
struct log_format {
    size_t state_size; /**< of the format's own state, which starts with zero */
    /** Takes a line. @param line zero-terminated, length bytes without a zero; may be changed */
    enum log_line (*line)(struct log *log, char *line, size_t length);
    /** The log ends: what is held back comes out. NULL: nothing is. */
    void (*end)(struct log *log);
    /** Frees what the state holds, not the state itself. NULL: nothing. */
    void (*release)(struct log *log);
};

/** A log that is read: a reader's state. */
struct log {
    const struct log_format *format;
    struct reader *reader;
    void *state;        /**< the format's own */
    struct queue queue; /**< where records go: queue.sink */
    uint64_t number;    /**< of the line in hand, from 1 */
    uint64_t filled;    /**< lines that were not empty */
    uint64_t unknown;
    uint64_t unknown_line; /**< the first of them */
    uint64_t damaged;
    uint64_t damaged_line;
    uint64_t cut; /**< lines that were too long */
    bool ended;
    size_t length; /**< of the line in hand; at most LOG_LINE_MAX is kept */
    size_t room;
    char *line;
};

/** Begins to read: the reader's state becomes a log. For a format's start(). @return true */
bool log_start(struct reader *reader, const struct log_format *format);

/** A format's next(). */
enum reader_result log_next(struct reader *reader, struct btap_record *record);

/** A format's release(). */
void log_release(struct reader *reader);

#endif
