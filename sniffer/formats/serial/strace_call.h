/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Lines of strace: `[pid 4242] 10:15:21.335159 write(3, "\x7f", 1) = 1 <0.000012>`.
 */
#ifndef SNIFFER_FORMATS_SERIAL_STRACE_CALL_H
#define SNIFFER_FORMATS_SERIAL_STRACE_CALL_H

#include "formats/reader/log.h"
#include "formats/reader/scan.h"

/** Processes of which a call is under way at once. */
#define STRACE_CALLS_MAX 64

/** One call, whole. */
struct strace_call {
    uint64_t pid; /**< 0: not told */
    bool has_time;
    btap_ns entered;
    btap_ns ended;
    const char *name; /**< name_length characters */
    size_t name_length;
    const char *arguments; /**< behind the parenthesis */
    const char *result;    /**< behind `= ` */
};

/** A call that is under way while others are told of. */
struct strace_unfinished {
    bool used;
    uint64_t pid;
    btap_ns entered;
    char *text; /**< from its name on */
};

/** What is kept from line to line. Start with zero. */
struct strace_lines {
    struct scan_days days;
    btap_ns relative; /**< sum of times that stand as lengths */
    struct strace_unfinished unfinished[STRACE_CALLS_MAX];
    char *joined; /**< the text of a call that was told in two lines */
};

enum strace_line {
    STRACE_UNKNOWN, /**< no line of strace */
    STRACE_OTHER,   /**< one that is no call, or only the beginning of one */
    STRACE_CALL,
};

/**
 * Takes a line.
 *
 * @param[out] call valid until the next line, if STRACE_CALL
 */
enum strace_line strace_take(struct strace_lines *lines, const char *line,
                             struct strace_call *call);

/**
 * Undoes what word processors and blogs make of a line: curly quotes, ellipses, spaces that do not
 * break. strace itself writes ASCII alone.
 */
void strace_straighten(char *line);

/** Whether the call has this name. */
bool strace_is(const struct strace_call *call, const char *name);

void strace_release(struct strace_lines *lines);

/** Skips `<...>` behind a descriptor, with which -y names its file. */
void strace_skip_path(const char **at);

/**
 * One byte of a string as strace escapes it.
 *
 * @param at within the quotes
 * @return false: the string ends, or is damaged
 */
bool strace_byte(const char **at, uint8_t *byte);

/** Decodes a whole string, cut to size with a zero behind it. @param at at the first quote */
bool strace_string(const char **at, char *text, size_t size);

#endif
