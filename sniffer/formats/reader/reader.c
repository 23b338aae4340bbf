/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "formats/reader/reader.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/allocate.h"
#include "base/unpack.h"
#include "base/utf16.h"

/** Bytes read at once: many records for one system call, and still in the processor's cache. */
#define BUFFER_SIZE ((size_t)64 * 1024)

bool reader_start(struct reader *reader, const struct reader_format *format)
{
    reader->format = format;
    reader->digits = 6;
    reader->linktype = -1;
    return format->start(reader);
}

enum reader_result reader_damaged(struct reader *reader, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(reader->problem, sizeof(reader->problem), format, arguments);
    va_end(arguments);
    return READER_DAMAGED;
}

void reader_remark(struct reader *reader, const char *format, ...)
{
    char *end = reader->remark + strlen(reader->remark);
    size_t left = sizeof(reader->remark) - (size_t)(end - reader->remark);
    va_list arguments;

    if (end > reader->remark && left > 2) {
        memcpy(end, "; ", 3);
        end += 2;
        left -= 2;
    }
    va_start(arguments, format);
    vsnprintf(end, left, format, arguments);
    va_end(arguments);
}

enum reader_result reader_read(struct reader *reader, size_t length)
{
    if (length > reader->size) {
        uint8_t *buffer = allocate(length > BUFFER_SIZE ? length : BUFFER_SIZE);

        if (reader->have > 0)
            memcpy(buffer, reader->record, reader->have);
        free(reader->buffer);
        reader->buffer = buffer;
        reader->size = length > BUFFER_SIZE ? length : BUFFER_SIZE;
    } else if (reader->have > 0) {
        memmove(reader->buffer, reader->record, reader->have);
    }
    reader->record = reader->buffer;
    if (reader->unpack == NULL) {
        reader->unpack = unpack_new(reader->fd);
        reader->utf16 = utf16_new(reader->unpack);
    }
    while (reader->have < length) {
        const ssize_t got =
            utf16_read(reader->utf16, reader->buffer + reader->have, reader->size - reader->have);

        if (got < 0)
            return READER_UNREADABLE;
        if (got == 0)
            return reader->have == 0 ? READER_END : READER_CUT_SHORT;
        reader->have += (size_t)got;
    }
    return READER_NEXT;
}

const char *reader_trouble(const struct reader *reader)
{
    return reader->unpack != NULL ? unpack_trouble(reader->unpack) : NULL;
}

void reader_release(struct reader *reader)
{
    if (reader->state != NULL && reader->format->release != NULL)
        reader->format->release(reader);
    free(reader->state);
    free(reader->buffer);
    utf16_free(reader->utf16);
    unpack_free(reader->unpack);
    *reader = (struct reader){.fd = reader->fd};
}
