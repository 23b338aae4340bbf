/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Tables of levels, a column a channel:
 *   sigrok   lines of `;` that tell rate and channels, names or units, then a row a sample, with
 *            its time or without
 *   DSView   lines of `;`, `Time(s), NAME, ...`, then a row a change or a sample
 *   Saleae   `Time [s],NAME,...`, then a row a change; times are seconds or ISO 8601
 *   Kingst   and Saleae Logic 1: `Time[s], NAME, ...`, with a blank behind each comma
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "formats/analyser/analyser.h"
#include "formats/analyser/sigrok_metadata.h"
#include "formats/reader/log.h"
#include "formats/reader/probe.h"
#include "formats/reader/scan.h"

/** Columns that are looked at. */
#define COLUMNS_MAX (ANALYSER_CHANNELS_MAX + 1)

/** Fields of a row: a time with a comma in it is two. */
#define FIELDS_MAX (COLUMNS_MAX + 1)

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
    char separator;
    bool dated;    /**< times are of the calendar: the first is the analyser's origin */
    double origin; /**< the first time, if they are not */
    int64_t at_ps;
    size_t columns_length;
    char names[COLUMNS_MAX][ANALYSER_NAME_SIZE]; /**< of channels, as sigrok lists them */
    size_t names_length;
    size_t channel_of[COLUMNS_MAX]; /**< NO_COLUMN: holds no levels */
};

/** Spreadsheets whose numbers have commas, and some programs when asked, write other ones. */
static char separator_of(const char *line)
{
    if (strchr(line, ';') != NULL)
        return ';';
    return strchr(line, '\t') != NULL ? '\t' : ',';
}

/** A field of a line, without spaces and quotes around it. @return NULL: there is none */
static char *next_field(char **rest, char separator)
{
    const char marks[] = {separator, '\0'};
    char *field = *rest;
    char *end;

    if (field == NULL)
        return NULL;
    field += strspn(field, " ");
    end = field;
    if (*field == '"') {
        field++;
        end = field + strcspn(field, "\"");
    }
    end += strcspn(end, marks);
    *rest = *end != '\0' ? end + 1 : NULL;
    *end = '\0';
    while (end > field && strchr(" \t\"", end[-1]) != NULL)
        *--end = '\0';
    return field;
}

/** @return how many fields there are; those beyond FIELDS_MAX are left out */
static size_t split(char *line, char separator, char *fields[FIELDS_MAX])
{
    size_t count = 0;

    while (count < FIELDS_MAX && (fields[count] = next_field(&line, separator)) != NULL)
        count++;
    return count;
}

/* What stands before the rows */

/** `; Channels (2/8): D0, D1` */
static void take_channels(struct table *table, char *list)
{
    char *name;

    while ((name = next_field(&list, ',')) != NULL && table->names_length < COLUMNS_MAX)
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

/** Whether a column's name is that of times. @param[out] unit_s of them; 0: not told */
static bool is_time(const char *name, double *unit_s)
{
    static const struct {
        const char *name;
        double unit_s;
    } units[] = {
        {"Time [s]", 1},       {"Time[s]", 1},         {"Time(s)", 1},
        {"seconds", 1},        {"milliseconds", 1e-3}, {"microseconds", 1e-6},
        {"nanoseconds", 1e-9}, {"picoseconds", 1e-12}, {"femtoseconds", 1e-15},
        {"Time", 0},
    };

    for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++)
        if (strcmp(name, units[i].name) == 0) {
            *unit_s = units[i].unit_s;
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
    table->separator = separator_of(line);
    for (size_t i = 0; (name = next_field(&line, table->separator)) != NULL; i++) {
        if (i == 0 && is_time(name, &table->unit_s)) {
            table->has_time = true;
            table->channel_of[table->columns_length++] = NO_COLUMN;
        } else {
            add_column(table, name);
        }
    }
    find_unit(table);
}

/* Rows */

/** `2025-03-14T10:15:21.500000000Z` */
static bool is_date_time(const char *field, btap_ns *time)
{
    return scan_date_time(&field, time) && *field == '\0';
}

/** `0.0010087`, `1e-06`, `0,0010087` */
static bool is_number(char *field, double *number)
{
    char *comma = strchr(field, ',');
    char *end;

    if (comma != NULL)
        *comma = '.';
    *number = strtod(field, &end);
    return end != field && *end == '\0';
}

/** Picoseconds since the first row. @return false: no time of a capture */
static bool since_first(struct table *table, char *field, int64_t *ps)
{
    btap_ns time = 0;
    double seconds;
    const bool dated = is_date_time(field, &time);

    if (table->rows == 0) {
        table->dated = dated;
        table->analyser.origin = time;
    }
    if (dated != table->dated || (!dated && !is_number(field, &seconds)))
        return false;
    if (dated) {
        time -= table->analyser.origin;
        if (time < 0 || time >= (btap_ns)ANALYSER_SECONDS_MAX * SCAN_NS_PER_S)
            return false;
        *ps = time * LEVELS_PS_PER_NS;
        return true;
    }
    seconds *= table->unit_s;
    if (table->rows == 0)
        table->origin = seconds;
    seconds -= table->origin;
    if (!(seconds >= 0 && seconds < ANALYSER_SECONDS_MAX))
        return false;
    *ps = (int64_t)(seconds * (double)LEVELS_PS_PER_S);
    return true;
}

static bool take_time(struct table *table, char *field)
{
    int64_t ps;

    if (!since_first(table, field, &ps) || ps < table->at_ps)
        return false;
    table->at_ps = ps;
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

/** A program that writes numbers with commas writes them between commas, too: `0,001,1,1`. */
static void join_time(const struct table *table, char *fields[FIELDS_MAX], size_t *count)
{
    if (!table->has_time || table->separator != ',' || *count != table->columns_length + 1 ||
        fields[*count - 1][0] == '\0' || strchr(fields[0], '.') != NULL ||
        fields[1] != fields[0] + strlen(fields[0]) + 1)
        return;
    fields[1][-1] = ',';
    memmove(fields + 1, fields + 2, (*count - 2) * sizeof(*fields));
    --*count;
}

static enum log_line take_row(struct table *table, char *line)
{
    enum log_line kind = LOG_UNKNOWN;
    char *fields[FIELDS_MAX];
    size_t count = split(line, table->separator, fields);

    if (!table->has_time)
        table->at_ps = analyser_time(table->rows, table->rate != 0 ? table->rate : 1000000);
    join_time(table, fields, &count);
    for (size_t i = 0; i < count && i < table->columns_length; i++) {
        if (i == 0 && table->has_time) {
            if (!take_time(table, fields[i]))
                return LOG_UNKNOWN;
        } else if (take_level(table, i, fields[i])) {
            kind = LOG_KNOWN;
        }
    }
    table->rows += kind == LOG_KNOWN;
    return kind;
}

static bool is_row(const char *line)
{
    return (line[0] == '0' || line[0] == '1') && strchr(",;\t", line[1]) != NULL;
}

/** Nothing names the columns: as many as there are values. */
static void count_columns(struct table *table, const char *line)
{
    table->has_header = true;
    table->separator = separator_of(line);
    for (const char *at = line; at != NULL; at = strchr(at, table->separator)) {
        add_column(table, "logic");
        at += *at == table->separator;
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
    if (text[0] == '>' || (table->rate == 0 && strncmp(text + (text[0] == '"'), "Time", 4) != 0))
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
           first_line_looks(first, "; CSV, generated by libsigrok") ||
           first_line_looks(first, "; CSV, generated by DSView");
}

static size_t split_copy(const char *line, char *copy, size_t size, char *fields[FIELDS_MAX])
{
    snprintf(copy, size, "%s", line);
    return split(copy, separator_of(copy), fields);
}

/** `Time [s],Channel 0,Channel 1`; a table of characters has other columns. */
static bool is_header(const char *line)
{
    char copy[PROBE_LINE_SIZE];
    char *fields[FIELDS_MAX];
    const size_t count = split_copy(line, copy, sizeof(copy), fields);
    double unit_s;

    if (count < 2 || strncmp(fields[0], "Time", 4) != 0 || !is_time(fields[0], &unit_s) ||
        unit_s == 0 || strcmp(fields[1], "Value") == 0)
        return false;
    for (size_t i = 1; i < count; i++)
        if (strcmp(fields[i], "Parity Error") == 0)
            return false;
    return true;
}

/** A time, then levels, or the volts of an analogue channel. */
static bool is_level_row(const char *line)
{
    char copy[PROBE_LINE_SIZE];
    char *fields[FIELDS_MAX];
    const size_t count = split_copy(line, copy, sizeof(copy), fields);
    btap_ns time;
    double number;

    if (count < 2 || fields[1][0] == '\0' ||
        (!is_date_time(fields[0], &time) && !is_number(fields[0], &number)))
        return false;
    for (size_t i = 1; i < count; i++)
        if (fields[i][0] != '\0' && strcmp(fields[i], "X") != 0 && !is_number(fields[i], &number))
            return false;
    return true;
}

static bool probe_saleae(const struct first *first)
{
    return !probe_sigrok(first) && probe_lines(first, is_header).known > 0 &&
           probe_lines(first, is_level_row).known > 0;
}

const struct reader_format reader_sigrok_csv = {
    .kind = {KIND_CAPTURE, "samples of a logic analyser (CSV of sigrok or DSView)", "",
             probe_sigrok},
    .start = start,
    .next = log_next,
    .release = log_release,
};

const struct reader_format reader_saleae_csv = {
    .kind = {KIND_CAPTURE, "digital levels of Saleae Logic or Kingst (CSV)", "", probe_saleae},
    .start = start,
    .next = log_next,
    .release = log_release,
};
