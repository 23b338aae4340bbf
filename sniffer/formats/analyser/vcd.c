/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Value change dumps (IEEE 1364-2005 section 18), as sigrok, PulseView and simulators write them:
 * words between spaces and line ends. Signals of one bit are read.
 */
#include <stdlib.h>
#include <string.h>

#include "formats/analyser/analyser.h"
#include "formats/reader/log.h"

/** Longest code that stands for a signal. */
#define CODE_SIZE 12

/** Words of a definition that are kept: `wire 1 ! NAME`. */
#define WORDS 4

/** No capture is so long. */
#define TIME_MAX 9e18

enum section {
    VALUES,  /**< none: changes of values */
    SKIPPED, /**< to its $end */
    TIMESCALE,
    VARIABLE,
};

struct vcd {
    struct analyser analyser;
    bool started;
    enum section section;
    size_t words_length;
    char words[WORDS][ANALYSER_NAME_SIZE];
    char codes[ANALYSER_CHANNELS_MAX][CODE_SIZE]; /**< of the analyser's channels */
    bool skip_code;                               /**< it follows a value of many bits */
    double unit_ps;                               /**< length of a step of time; 0: not told */
    double origin;                                /**< the first time */
    bool has_origin;
    int64_t at_ps;
};

static bool probe(const struct first *first)
{
    return (first_starts(first, "$") && first_has(first, "$end") &&
            (first_starts(first, "$date") || first_starts(first, "$version") ||
             first_starts(first, "$timescale") || first_starts(first, "$comment") ||
             first_starts(first, "$scope"))) ||
           (first_line_looks(first, "$timescale") && first_has(first, "$var "));
}

/* The header */

/** `1 us`, `10ns` */
static void take_timescale(struct vcd *vcd)
{
    static const struct {
        const char *unit;
        double ps;
    } units[] = {{"fs", 1e-3}, {"ps", 1}, {"ns", 1e3}, {"us", 1e6}, {"ms", 1e9}, {"s", 1e12}};
    char *unit;
    const double number = strtod(vcd->words[0], &unit);

    if (*unit == '\0' && vcd->words_length > 1)
        unit = vcd->words[1];
    for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++)
        if (strcmp(unit, units[i].unit) == 0 && number >= 1 && number <= 1000)
            vcd->unit_ps = number * units[i].ps;
}

static void take_variable(struct vcd *vcd)
{
    const char *name = vcd->words[3];
    size_t channel;

    if (vcd->words_length < WORDS || strcmp(vcd->words[1], "1") != 0 ||
        strlen(vcd->words[2]) >= CODE_SIZE)
        return;
    channel = analyser_add(&vcd->analyser, name, strlen(name));
    if (channel < ANALYSER_CHANNELS_MAX)
        memcpy(vcd->codes[channel], vcd->words[2], strlen(vcd->words[2]) + 1);
}

static void take_section_word(struct vcd *vcd, const char *word)
{
    if (strcmp(word, "$end") == 0) {
        if (vcd->section == TIMESCALE)
            take_timescale(vcd);
        else if (vcd->section == VARIABLE)
            take_variable(vcd);
        vcd->section = VALUES;
    } else if (vcd->section != SKIPPED && vcd->words_length < WORDS) {
        strncat(vcd->words[vcd->words_length++], word, ANALYSER_NAME_SIZE - 1);
    }
}

static bool take_keyword(struct vcd *vcd, const char *word)
{
    static const struct {
        const char *word;
        enum section section;
    } keywords[] = {
        {"$timescale", TIMESCALE}, {"$var", VARIABLE},           {"$date", SKIPPED},
        {"$version", SKIPPED},     {"$comment", SKIPPED},        {"$scope", SKIPPED},
        {"$upscope", SKIPPED},     {"$enddefinitions", SKIPPED}, {"$attrbegin", SKIPPED},
        {"$attrend", SKIPPED},     {"$dumpvars", VALUES},        {"$dumpall", VALUES},
        {"$dumpon", VALUES},       {"$dumpoff", VALUES},         {"$end", VALUES},
    };

    for (size_t i = 0; i < sizeof(keywords) / sizeof(keywords[0]); i++)
        if (strcmp(word, keywords[i].word) == 0) {
            vcd->section = keywords[i].section;
            vcd->words_length = 0;
            memset(vcd->words, 0, sizeof(vcd->words));
            return true;
        }
    return false;
}

/* Values */

static enum log_line take_time(struct vcd *vcd, const char *word)
{
    char *end;
    const double steps = strtod(word + 1, &end);
    double ps;

    if (end == word + 1 || *end != '\0' || !(steps >= 0))
        return LOG_UNKNOWN;
    if (!vcd->has_origin) {
        vcd->has_origin = true;
        vcd->origin = steps;
    }
    ps = (steps - vcd->origin) * (vcd->unit_ps > 0 ? vcd->unit_ps : 1e3);
    if (!(ps >= (double)vcd->at_ps && ps < TIME_MAX))
        return LOG_DAMAGED;
    vcd->at_ps = (int64_t)ps;
    return LOG_KNOWN;
}

/** `1!`; an unknown level, x or z, is taken as none. */
static void take_value(struct vcd *vcd, bool high, const char *code)
{
    for (size_t i = 0; i < vcd->analyser.channels_length; i++)
        if (strcmp(vcd->codes[i], code) == 0)
            analyser_level(&vcd->analyser, i, vcd->at_ps, high);
}

static enum log_line take_word(struct vcd *vcd, const char *word)
{
    if (vcd->section != VALUES) {
        take_section_word(vcd, word);
        return LOG_KNOWN;
    }
    if (vcd->skip_code) {
        vcd->skip_code = false;
        return LOG_KNOWN;
    }
    switch (word[0]) {
    case '#':
        return take_time(vcd, word);
    case '$':
        return take_keyword(vcd, word) ? LOG_KNOWN : LOG_UNKNOWN;
    case '0':
    case '1':
        take_value(vcd, word[0] == '1', word + 1);
        return word[1] != '\0' ? LOG_KNOWN : LOG_UNKNOWN;
    case 'x':
    case 'X':
    case 'z':
    case 'Z':
        return word[1] != '\0' ? LOG_KNOWN : LOG_UNKNOWN;
    case 'b':
    case 'B':
    case 'r':
    case 'R':
    case 's':
        vcd->skip_code = true;
        return LOG_KNOWN;
    default:
        return LOG_UNKNOWN;
    }
}

static void begin(struct log *log)
{
    struct vcd *vcd = log->state;

    if (!vcd->started)
        analyser_start(&vcd->analyser, &log->queue);
    vcd->started = true;
}

static enum log_line line(struct log *log, char *text, size_t length)
{
    struct vcd *vcd = log->state;
    char *rest = text;
    char *word;

    (void)length;
    begin(log);
    while ((word = strsep(&rest, " \t")) != NULL) {
        const enum log_line kind = word[0] != '\0' ? take_word(vcd, word) : LOG_KNOWN;

        if (kind == LOG_KNOWN)
            continue;
        /* As it was: it comes again without the marks of a quotation. */
        if (rest != NULL)
            rest[-1] = ' ';
        return kind;
    }
    return LOG_KNOWN;
}

static void end(struct log *log)
{
    struct vcd *vcd = log->state;

    begin(log);
    analyser_end(&vcd->analyser, log->reader, vcd->at_ps);
}

static void release(struct log *log)
{
    struct vcd *vcd = log->state;

    analyser_release(&vcd->analyser);
}

static const struct log_format format = {
    .state_size = sizeof(struct vcd),
    .line = line,
    .end = end,
    .release = release,
};

static bool start(struct reader *reader)
{
    return log_start(reader, &format);
}

const struct reader_format reader_vcd = {
    .kind = {KIND_CAPTURE, "a waveform of a logic analyser (VCD)", "", probe},
    .start = start,
    .next = log_next,
    .release = log_release,
};
