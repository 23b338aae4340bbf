/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "formats/reader/log.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/allocate.h"

/** One unknown line in so many is much. */
#define MUCH 4

bool log_start(struct reader *reader, const struct log_format *format)
{
    struct log *log = allocate(sizeof(*log));

    log->format = format;
    log->reader = reader;
    log->state = allocate(format->state_size);
    queue_init(&log->queue);
    reader->state = log;
    return true;
}

/** Adds to the line in hand. */
static void add(struct log *log, const uint8_t *bytes, size_t length)
{
    const size_t most = LOG_LINE_MAX - log->length;
    const size_t taken = length < most ? length : most;

    if (log->length + taken + 1 > log->room) {
        log->room = 2 * (log->length + taken + 1);
        log->line = reallocate(log->line, log->room);
    }
    memcpy(log->line + log->length, bytes, taken);
    log->length += taken;
    log->line[log->length] = '\0';
    if (taken < length && log->cut++ == 0 && log->damaged++ == 0)
        log->damaged_line = log->number + 1;
}

/** Length up to the line's end, which is LF, CR, or both. */
static size_t to_line_end(const uint8_t *bytes, size_t length)
{
    const uint8_t *lf = memchr(bytes, '\n', length);
    const size_t line = lf != NULL ? (size_t)(lf - bytes) : length;
    const uint8_t *cr = memchr(bytes, '\r', line);

    return cr != NULL ? (size_t)(cr - bytes) : line;
}

/** Reads on to the end of the line in hand. @return READER_END where there is none */
static enum reader_result read_line(struct reader *reader)
{
    struct log *log = reader->state;
    enum reader_result result;

    while ((result = reader_fill(reader, 1)) == READER_NEXT) {
        const size_t length = to_line_end(reader->record, reader->have);
        const bool ends = length < reader->have;

        add(log, reader->record, length);
        reader_advance(reader, length + ends);
        if (ends)
            return READER_NEXT;
    }
    return result != READER_END || log->length == 0 || reader->growing ? result : READER_NEXT;
}

/** Takes off what does not belong to the line. @return its length */
static size_t trim(struct log *log, char **line)
{
    size_t length = log->length;

    *line = log->line;
    if (log->number == 1 && length >= 3 && memcmp(*line, "\xef\xbb\xbf", 3) == 0) {
        *line += 3;
        length -= 3;
    }
    while (length > 0 && strchr(" \t", (*line)[length - 1]) != NULL)
        length--;
    /* A zero, which slsnif writes, ends no line. */
    for (size_t i = 0; i < length; i++)
        if ((*line)[i] == '\0')
            (*line)[i] = ' ';
    (*line)[length] = '\0';
    return length;
}

/** The line without one mark of a quotation. @return false: it has none */
static bool unquote(char **line, size_t *length)
{
    char *at = *line;

    at += strspn(at, " \t");
    if (*at != '>')
        return false;
    at++;
    if (*at == ' ')
        at++;
    *line = at;
    *length = strlen(at); /* the format may have shortened the line */
    return *length > 0;
}

static void take(struct log *log)
{
    char *line;
    size_t length = trim(log, &line);
    enum log_line kind;

    if (strspn(line, "> \t") == length)
        return;
    log->filled++;
    do
        kind = log->format->line(log, line, length);
    while (kind == LOG_UNKNOWN && unquote(&line, &length));
    /* Nothing but marks is an empty line. */
    if (length == 0) {
        log->filled--;
        return;
    }
    if (kind == LOG_UNKNOWN && log->unknown++ == 0)
        log->unknown_line = log->number;
    else if (kind == LOG_DAMAGED && log->damaged++ == 0)
        log->damaged_line = log->number;
}

/** Says at the end what was skipped. */
static void tell_skipped(struct reader *reader)
{
    const struct log *log = reader->state;

    if (log->damaged > 0)
        reader_damaged(reader,
                       "line %" PRIu64 " is not as %s has it; skipped %" PRIu64 " such line%s",
                       log->damaged_line, reader->format->kind.name, log->damaged,
                       log->damaged == 1 ? "" : "s");
    else if (log->unknown > 0 && log->unknown >= log->filled / MUCH)
        reader_remark(reader,
                      "%" PRIu64 " of %" PRIu64 " lines are not of %s and were skipped, the first "
                      "is line %" PRIu64,
                      log->unknown, log->filled, reader->format->kind.name, log->unknown_line);
}

enum reader_result log_next(struct reader *reader, struct btap_record *record)
{
    struct log *log = reader->state;
    enum reader_result result;

    while (!queue_next(&log->queue, record)) {
        result = log->ended ? READER_END : read_line(reader);
        if (result == READER_NEXT) {
            log->number++;
            take(log);
            log->length = 0;
        } else if (result == READER_END && !log->ended && !reader->growing) {
            log->ended = true;
            if (log->format->end != NULL)
                log->format->end(log);
            tell_skipped(reader);
        } else {
            return result;
        }
    }
    return READER_NEXT;
}

void log_release(struct reader *reader)
{
    struct log *log = reader->state;

    if (log->format->release != NULL)
        log->format->release(log);
    queue_release(&log->queue);
    free(log->state);
    free(log->line);
}
