/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "capture/candump.h"

#include <string.h>

/**
 * Reads one line without its end.
 *
 * @param[out] length of the whole line; more than CANDUMP_LINE_SIZE if it was cut
 * @return false at the end of the file
 */
static bool read_line(FILE *file, char line[static CANDUMP_LINE_SIZE], size_t *length)
{
    int character;

    *length = 0;
    while ((character = getc(file)) != EOF && character != '\n') {
        if (*length < CANDUMP_LINE_SIZE)
            line[*length] = (char)character;
        (*length)++;
    }
    return character != EOF || *length > 0;
}

static bool is_blank(const char *line, size_t length)
{
    return length == 0 || line[0] == '#' || (length == 1 && line[0] == '\r');
}

bool candump_next(struct candump_reader *reader, struct btap_record *record)
{
    char line[CANDUMP_LINE_SIZE];
    size_t length;

    while (read_line(reader->file, line, &length) && !ferror(reader->file)) {
        reader->lines++;
        if (is_blank(line, length))
            continue;
        if (length <= CANDUMP_LINE_SIZE &&
            btap_candump_record(line, length, reader->bytes, reader->interface, record)) {
            reader->packets++;
            return true;
        }
        if (reader->malformed++ == 0) {
            reader->malformed_line = reader->lines;
            reader->malformed_packet = reader->packets + 1;
        }
    }
    return false;
}
