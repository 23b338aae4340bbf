/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "capture/reader.h"

#include <stdarg.h>
#include <stdlib.h>

#include "base/allocate.h"

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

enum reader_result reader_fill(struct reader *reader, size_t length)
{
    if (length > reader->buffer_size) {
        reader->buffer = reallocate(reader->buffer, length);
        reader->buffer_size = length;
    }
    if (reader->have < length)
        reader->have +=
            fread(reader->buffer + reader->have, 1, length - reader->have, reader->file);
    reader->problem[0] = '\0';
    if (reader->have >= length)
        return READER_NEXT;
    if (ferror(reader->file))
        return READER_UNREADABLE;
    /* Else the end of the file would stay its end when it has grown. */
    clearerr(reader->file);
    return reader->have == 0 ? READER_END : READER_CUT_SHORT;
}

void reader_release(struct reader *reader)
{
    if (reader->state != NULL && reader->format->release != NULL)
        reader->format->release(reader);
    free(reader->state);
    free(reader->buffer);
    *reader = (struct reader){.file = reader->file};
}
