/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Tables of Saleae Logic's serial analyzers: of Logic 1 `Time [s],Value,Parity Error,Framing
 * Error`, of Logic 2 `name,type,start_time,duration,data`, with the columns in any order. The name
 * is what the user called the analyzer: it tells the side.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "formats/reader/probe.h"
#include "formats/reader/scan.h"
#include "formats/serial/serial_log.h"

#define COLUMNS_MAX  16
#define HEX_PREFIX   "0x"
#define NONE         SIZE_MAX
#define TIME_DIGITS  9
#define THREE_DIGITS 3

enum column {
    COLUMN_TIME,
    COLUMN_VALUE,
    COLUMN_NAME,
    COLUMN_TYPE,
    COLUMN_PARITY,
    COLUMN_FRAMING,
    COLUMN_ERROR,
    COLUMNS,
};

struct saleae_table {
    struct serial_log serial;
    bool has_columns;
    size_t place[COLUMNS]; /**< of each column; NONE: the table has none */
    uint64_t values;
    bool decimal;         /**< of three digits each */
    uint64_t unreadable;  /**< values that may mean several bytes */
    uint64_t first_line;  /**< of the first of them */
    char first_value[16]; /**< likewise */
};

/** Cuts a line into its cells, without their quotes. @return how many */
static size_t split(char *line, char *cells[COLUMNS_MAX])
{
    const char mark = strchr(line, ',') == NULL && strchr(line, ';') != NULL ? ';' : ',';
    size_t count = 0;

    while (count < COLUMNS_MAX) {
        char *end = line;

        cells[count++] = line;
        if (*line == '"') {
            cells[count - 1]++;
            end = line + 1 + strcspn(line + 1, "\"");
            if (*end == '"')
                *end++ = '\0';
        }
        end += strcspn(end, mark == ',' ? "," : ";");
        if (*end == '\0')
            break;
        *end = '\0';
        line = end + 1;
    }
    return count;
}

static bool is_one_of(const char *word, const char *const *words)
{
    for (; *words != NULL; words++)
        if (strcasecmp(word, *words) == 0)
            return true;
    return false;
}

/** The columns, by their heads. @return false: no table of bytes with times */
static bool parse_heads(char *line, size_t place[COLUMNS])
{
    static const char *const heads[COLUMNS][5] = {
        [COLUMN_TIME] = {"Time [s]", "start_time", "Start", "Time"},
        [COLUMN_VALUE] = {"Value", "data", "Decoded Protocol Result"},
        [COLUMN_NAME] = {"name", "Analyzer Name"},
        [COLUMN_TYPE] = {"type"},
        [COLUMN_PARITY] = {"Parity Error"},
        [COLUMN_FRAMING] = {"Framing Error"},
        [COLUMN_ERROR] = {"error"},
    };
    char *cells[COLUMNS_MAX];
    const size_t count = split(line, cells);

    for (size_t column = 0; column < COLUMNS; column++) {
        place[column] = NONE;
        for (size_t i = 0; i < count; i++)
            if (is_one_of(cells[i], heads[column]))
                place[column] = i;
    }
    return place[COLUMN_TIME] != NONE && place[COLUMN_VALUE] != NONE;
}

static bool knows(const char *line)
{
    char copy[256] = "";
    size_t place[COLUMNS];

    snprintf(copy, sizeof(copy), "%s", line);
    return parse_heads(copy, place) &&
           (place[COLUMN_NAME] != NONE || place[COLUMN_PARITY] != NONE ||
            strncmp(line, "Time [s]", strlen("Time [s]")) == 0);
}

static bool probe(const struct first *first)
{
    return probe_lines(first, knows).known > 0;
}

/** `0.0006025`, `2.375e-05`, `2025-03-14T10:15:21.5Z`, with `+01:00` behind it */
static bool parse_time(const char *at, btap_ns *time)
{
    const char *plain = at;
    double seconds;
    char *end;

    if (scan_date_time(&at, time))
        return true;
    if (scan_seconds(&plain, time) && *plain == '\0')
        return true;
    seconds = strtod(at, &end);
    if (end == at || *end != '\0' || !(seconds > -1e9) || !(seconds < 4e9))
        return false;
    /* Before the trigger times are negative; the records' cannot be. */
    *time = seconds > 0 ? (btap_ns)(seconds * SCAN_NS_PER_S + 0.5) : 0;
    return true;
}

/**
 * A value: `0x7F`, or `127` where the first value of a table shows that numbers of three digits are
 * decimal. What is left may be a character as well as a number.
 */
static bool parse_value(struct saleae_table *state, const char *at, uint8_t *byte)
{
    const bool first = state->values++ == 0;
    uint64_t number;

    if (scan_word_any_case(&at, HEX_PREFIX))
        return scan_hex_byte(&at, byte);
    if (first)
        state->decimal = strspn(at, "0123456789") == THREE_DIGITS;
    if (!state->decimal || !scan_decimal(&at, &number) || number > UINT8_MAX || *at != '\0')
        return false;
    *byte = (uint8_t)number;
    return true;
}

static const char *cell(char *const *cells, size_t count, size_t place)
{
    return place < count ? cells[place] : "";
}

static bool is_set(const char *text)
{
    return *text != '\0' && strcasecmp(text, "false") != 0 && strcmp(text, "0") != 0;
}

/** What is wrong with a byte; SERIAL_RECORD_STATUS: nothing */
static enum serial_record_event error_of(const struct saleae_table *state, char *const *cells,
                                         size_t count)
{
    const char *error = cell(cells, count, state->place[COLUMN_ERROR]);

    if (is_set(cell(cells, count, state->place[COLUMN_FRAMING])) ||
        strcasestr(error, "fram") != NULL)
        return SERIAL_RECORD_FRAMING_ERROR;
    if (is_set(cell(cells, count, state->place[COLUMN_PARITY])) ||
        strcasestr(error, "parity") != NULL)
        return SERIAL_RECORD_PARITY_ERROR;
    return SERIAL_RECORD_STATUS;
}

static void count_unreadable(struct saleae_table *state, const struct log *log, const char *value)
{
    if (state->unreadable++ > 0)
        return;
    state->first_line = log->number;
    strncat(state->first_value, value, sizeof(state->first_value) - 1);
}

static enum log_line take_line(struct log *log, char *line, size_t length)
{
    struct saleae_table *state = log->state;
    char *cells[COLUMNS_MAX];
    const char *value;
    const char *type;
    uint8_t byte;
    btap_ns time;
    size_t count;

    (void)length;
    log->reader->digits = TIME_DIGITS;
    if (!state->has_columns || knows(line)) {
        if (!knows(line))
            return LOG_UNKNOWN;
        state->has_columns = parse_heads(line, state->place);
        return LOG_KNOWN;
    }
    count = split(line, cells);
    if (!parse_time(cell(cells, count, state->place[COLUMN_TIME]), &time))
        return LOG_UNKNOWN;
    type = cell(cells, count, state->place[COLUMN_TYPE]);
    value = cell(cells, count, state->place[COLUMN_VALUE]);
    if (*type != '\0' && strcasecmp(type, "data") != 0)
        return LOG_KNOWN;
    if (!parse_value(state, value, &byte)) {
        count_unreadable(state, log, value);
        return LOG_KNOWN;
    }
    serial_log_labelled(&state->serial, log, cell(cells, count, state->place[COLUMN_NAME]), time,
                        error_of(state, cells, count), &byte);
    return LOG_KNOWN;
}

static void end(struct log *log)
{
    const struct saleae_table *state = log->state;

    serial_log_at_end(log);
    if (state->unreadable > 0)
        reader_damaged(log->reader,
                       "line %" PRIu64 ": '%s' is not a byte in hexadecimal (0x7F), and may mean "
                       "several; skipped %" PRIu64 " such value%s: set the analyzer to show "
                       "hexadecimal, and export again",
                       state->first_line, state->first_value, state->unreadable,
                       state->unreadable == 1 ? "" : "s");
    else if (state->decimal && log->reader->remark[0] == '\0')
        snprintf(log->reader->remark, sizeof(log->reader->remark),
                 "values without 0x were taken for decimal numbers, as the first has three digits");
}

static const struct log_format format = {
    .state_size = sizeof(struct saleae_table),
    .line = take_line,
    .end = end,
    .release = serial_log_release,
};

static bool start(struct reader *reader)
{
    return log_start(reader, &format);
}

const struct reader_format reader_saleae_table = {
    .kind = {KIND_CAPTURE, "a serial table of Saleae Logic", "", probe},
    .start = start,
    .next = log_next,
    .release = log_release,
};
