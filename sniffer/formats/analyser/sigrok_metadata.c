/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "formats/analyser/sigrok_metadata.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/** No analyser samples faster. */
#define RATE_MAX 1e12

uint64_t sigrok_rate(const char *text)
{
    char *unit;
    double rate = strtod(text, &unit);

    unit += strspn(unit, " ");
    if (*unit == 'k' || *unit == 'K')
        rate *= 1e3;
    else if (*unit == 'M')
        rate *= 1e6;
    else if (*unit == 'G')
        rate *= 1e9;
    return rate >= 1 && rate <= RATE_MAX ? (uint64_t)(rate + 0.5) : 0;
}

static void take_probe(struct sigrok_metadata *metadata, const char *number, const char *name)
{
    char *end;
    const unsigned long probe = strtoul(number, &end, 10);

    if (*end == '\0' && probe >= 1 && probe <= SIGROK_PROBES_MAX)
        snprintf(metadata->names[probe - 1], SIGROK_NAME_SIZE, "%s", name);
}

static void take(struct sigrok_metadata *metadata, const char *key, const char *value)
{
    if (strcmp(key, "samplerate") == 0)
        metadata->rate = sigrok_rate(value);
    else if (strcmp(key, "unitsize") == 0)
        metadata->unit_size = (uint32_t)strtoul(value, NULL, 10);
    else if (strcmp(key, "capturefile") == 0)
        snprintf(metadata->file, sizeof(metadata->file), "%s", value);
    else if (strncmp(key, "probe", 5) == 0)
        take_probe(metadata, key + 5, value);
}

/** What is wrong with it; NULL: nothing. */
static const char *check(const struct sigrok_metadata *metadata)
{
    if (metadata->file[0] == '\0')
        return "a session of analogue channels only; record the lines as digital channels";
    if (metadata->rate == 0)
        return "its metadata tell no sample rate, so that bits cannot be told from one another";
    if (metadata->unit_size == 0 || metadata->unit_size > SIGROK_UNIT_MAX)
        return "its metadata tell no size of a sample (unitsize)";
    return NULL;
}

const char *sigrok_metadata_read(char *text, struct sigrok_metadata *metadata)
{
    bool wanted = false;
    char *rest = text;
    char *line;

    while ((line = strsep(&rest, "\r\n")) != NULL) {
        char *value = strchr(line, '=');

        if (line[0] == '[') {
            wanted = strncmp(line, "[device 1]", strlen("[device 1]")) == 0;
        } else if (wanted && value != NULL) {
            *value++ = '\0';
            take(metadata, line, value + strspn(value, " "));
        }
    }
    /* Bytes that a sample does not have hold no probe. */
    for (uint32_t i = metadata->unit_size < 8 ? 8 * metadata->unit_size : SIGROK_PROBES_MAX;
         i < SIGROK_PROBES_MAX; i++)
        metadata->names[i][0] = '\0';
    return check(metadata);
}
