/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Tables of levels, a column a channel:
 *   sigrok   lines of `;` that tell rate and channels, names or units, then a row a sample, with
 * its time or without Saleae   `Time [s],NAME,...`, then a row a change
 */
#include <stdlib.h>
#include <string.h>

#include "formats/analyser/analyser.h"
#include "formats/analyser/sigrok_metadata.h"
#include "formats/reader/log.h"

/** Columns that are looked at. */
#define COLUMNS_MAX (ANALYSER_CHANNELS_MAX + 1)

/** Of a column that is no channel. */
#define NO_COLUMN SIZE_MAX

struct table {
    struct analyser analyser;
    bool started;
    bool has_header;
    bool has_time; /**< the first column */
    double unit_s; /**< of times; 0: not told */
    uint64_t rate; /**< 0: not told */
    uint64_t rows;
    double origin; /**< the first time */
    int64_t at_ps;
    size_t columns_length;
    char names[COLUMNS_MAX][ANALYSER_NAME_SIZE]; /**< of channels, as sigrok lists them */
    size_t names_length;
    size_t channel_of[COLUMNS_MAX]; /**< NO_COLUMN: holds no levels */
};

/** A field of a line, without spaces and quotes around it. @return NULL: there is none */
static char *next_field(char **rest)
{
    char *field = strsep(rest, ",");
    size_t length;

    if (field == NULL)
        return NULL;
    field += strspn(field, " \t\"");
    length = strlen(field);
    while (length > 0 && strchr(" \t\"", field[length - 1]) != NULL)
        field[--length] = '\0';
    return field;
}

/* What stands before the rows */

/** `; Channels (2/8): D0, D1` */
static void take_channels(struct table *table, char *list)
{
    char *name;

    while ((name = next_field(&list)) != NULL && table->names_length < COLUMNS_MAX)
        if (name[0] != '\0')
            strncat(table->names[table->names_length++], name, ANALYSER_NAME_SIZE - 1);
}

static void take_comment(struct table *table, char *line)
{
    char *value = strchr(line, ':');

    if (value == NULL)
        return;
    value++;
    if (strstr(line, "Channels (") != NULL)
        take_channels(table, value);
    else if (strstr(line, "Samplerate:") != NULL)
        table->rate = sigrok_rate(value + strspn(value, " "));
}

/** Whether a column's name is that of times; also what their unit is, if that is told. */
static bool is_time(struct table *table, const char *name)
{
    static const struct {
        const char *name;
        double unit_s;
    } units[] = {
        {"Time [s]", 1},        {"Time[s]", 1},          {"seconds", 1},
        {"milliseconds", 1e-3}, {"microseconds", 1e-6},  {"nanoseconds", 1e-9},
        {"picoseconds", 1e-12}, {"femtoseconds", 1e-15}, {"Time", 0},
    };

    for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++)
        if (strcmp(name, units[i].name) == 0) {
            table->unit_s = units[i].unit_s;
            return true;
        }
    return false;
}

/** `Time` alone: sigrok takes the largest unit in which a sample takes one or more. */
static void find_unit(struct table *table)
{
    double unit = 1;

    while (table->unit_s == 0 && table->rate != 0 && unit * (double)table->rate > 1.000001)
        unit /= 1000;
    if (table->unit_s == 0)
        table->unit_s = unit;
}

static void add_column(struct table *table, const char *name)
{
    const size_t channel = table->columns_length - table->has_time;
    const bool unit = strcmp(name, "logic") == 0;
    const char *known = channel < table->names_length ? table->names[channel] : name;

    if (table->columns_length == COLUMNS_MAX)
        return;
    if (unit)
        name = known;
    table->channel_of[table->columns_length++] = analyser_add(&table->analyser, name, strlen(name));
}

static void take_header(struct table *table, char *line)
{
    char *name;

    table->has_header = true;
    for (size_t i = 0; (name = next_field(&line)) != NULL; i++) {
        if (i == 0 && is_time(table, name)) {
            table->has_time = true;
            table->channel_of[table->columns_length++] = NO_COLUMN;
        } else {
            add_column(table, name);
        }
    }
    find_unit(table);
}

/* Rows */

/** The time of day is all that counts of `2025-03-14T10:15:21.500000000+00:00`. */
static bool iso_time(const char *field, double *seconds)
{
    const char *clock = strchr(field, 'T');
    char *end;
    double value = 0;

    if (clock == NULL)
        return false;
    for (int i = 0; i < 3; i++) {
        value = 60 * value + strtod(clock + 1, &end);
        if (end == clock + 1 || (i < 2 && *end != ':'))
            return false;
        clock = end;
    }
    *seconds = value;
    return true;
}

static bool take_time(struct table *table, const char *field)
{
    char *end;
    double seconds = strtod(field, &end) * table->unit_s;

    if (end == field || (*end != '\0' && !iso_time(field, &seconds)))
        return false;
    if (table->rows == 0)
        table->origin = seconds;
    seconds -= table->origin;
    if (!(seconds >= 0 && seconds < ANALYSER_SECONDS_MAX))
        return false;
    seconds *= (double)LEVELS_PS_PER_S;
    if (seconds < (double)table->at_ps)
        return false;
    table->at_ps = (int64_t)seconds;
    return true;
}

static bool take_level(struct table *table, size_t column, const char *field)
{
    const size_t channel = table->channel_of[column];

    if (strcmp(field, "X") == 0 || channel == NO_COLUMN)
        return true;
    if (strcmp(field, "0") != 0 && strcmp(field, "1") != 0)
        return false;
    if (channel < ANALYSER_CHANNELS_MAX)
        analyser_level(&table->analyser, channel, table->at_ps, field[0] == '1');
    return true;
}

static enum log_line take_row(struct table *table, char *line)
{
    enum log_line kind = LOG_UNKNOWN;
    char *field;

    if (!table->has_time)
        table->at_ps = analyser_time(table->rows, table->rate != 0 ? table->rate : 1000000);
    for (size_t i = 0; (field = next_field(&line)) != NULL && i < table->columns_length; i++) {
        if (i == 0 && table->has_time) {
            if (!take_time(table, field))
                return LOG_UNKNOWN;
        } else if (take_level(table, i, field)) {
            kind = LOG_KNOWN;
        }
    }
    table->rows += kind == LOG_KNOWN;
    return kind;
}

static bool is_row(const char *line)
{
    return (line[0] == '0' || line[0] == '1') && (line[1] == ',' || line[1] == '\0');
}

/** Nothing names the columns: as many as there are values. */
static void count_columns(struct table *table, const char *line)
{
    table->has_header = true;
    for (const char *at = line; at != NULL; at = strchr(at, ',')) {
        add_column(table, "logic");
        at += *at == ',';
    }
}

static void begin(struct log *log)
{
    struct table *table = log->state;

    if (!table->started)
        analyser_start(&table->analyser, &log->queue);
    table->started = true;
}

static enum log_line line(struct log *log, char *text, size_t length)
{
    struct table *table = log->state;

    (void)length;
    begin(log);
    if (text[0] == ';') {
        take_comment(table, text);
        return LOG_KNOWN;
    }
    if (table->has_header)
        return text[0] == '>' ? LOG_UNKNOWN : take_row(table, text);
    if (is_row(text)) {
        count_columns(table, text);
        return take_row(table, text);
    }
    if (text[0] == '>' || (table->rate == 0 && strncmp(text, "Time", 4) != 0))
        return LOG_UNKNOWN;
    take_header(table, text);
    return LOG_KNOWN;
}

static void end(struct log *log)
{
    struct table *table = log->state;

    begin(log);
    analyser_end(&table->analyser, log->reader, table->at_ps);
}

static void release(struct log *log)
{
    struct table *table = log->state;

    analyser_release(&table->analyser);
}

static const struct log_format format = {
    .state_size = sizeof(struct table),
    .line = line,
    .end = end,
    .release = release,
};

static bool start(struct reader *reader)
{
    return log_start(reader, &format);
}

static bool probe_sigrok(const struct first *first)
{
    return first_line_looks(first, "; CSV generated by libsigrok") ||
           first_line_looks(first, "; CSV, generated by libsigrok");
}

/** A table of characters has other columns; the levels show in the first row. */
static bool probe_saleae(const struct first *first)
{
    return (first_line_looks(first, "Time [s],") || first_line_looks(first, "Time[s],")) &&
           !first_has(first, "],Value,") && !first_has(first, ",Parity Error,") &&
           (first_line_looks(first, "9.9,0") || first_line_looks(first, "9.9,1") ||
            first_line_looks(first, "-9.9,0") || first_line_looks(first, "-9.9,1"));
}

const struct reader_format reader_sigrok_csv = {
    .kind = {KIND_CAPTURE, "samples of a logic analyser (sigrok CSV)", "", probe_sigrok},
    .start = start,
    .next = log_next,
    .release = log_release,
};

const struct reader_format reader_saleae_csv = {
    .kind = {KIND_CAPTURE, "digital levels of Saleae Logic (CSV)", "", probe_saleae},
    .start = start,
    .next = log_next,
    .release = log_release,
};
