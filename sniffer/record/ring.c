/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "record/ring.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/allocate.h"

#define NS_PER_SECOND 1000000000

/** The suffix of a file's name with its point; the end of the path where it has none. */
static const char *suffix_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    const char *base = slash != NULL ? slash + 1 : path;
    const char *point = strrchr(base, '.');

    return point != NULL && point != base ? point : base + strlen(base);
}

/** @return allocated */
static char *name_of(const char *path, uint64_t number, btap_ns now)
{
    const char *suffix = suffix_of(path);
    const time_t seconds = (time_t)(now / NS_PER_SECOND);
    const size_t size = strlen(path) + 64;
    char *name = allocate(size);
    char time[32] = "";
    struct tm parts;

    if (localtime_r(&seconds, &parts) != NULL)
        strftime(time, sizeof(time), "%Y%m%d%H%M%S", &parts);
    snprintf(name, size, "%.*s_%05" PRIu64 "_%s%s", (int)(suffix - path), path, number, time,
             suffix);
    return name;
}

/** Keeps a name; the oldest file gives way to it where there are as many as may stay. */
static void keep(struct ring *ring, const char *name)
{
    char **oldest;

    if (ring->names_length < ring->keep) {
        ring->names =
            grow(ring->names, ring->names_length, &ring->names_size, sizeof(*ring->names));
        oldest = &ring->names[ring->names_length++];
    } else {
        oldest = &ring->names[(ring->number - 1) % ring->keep];
        unlink(*oldest);
        free(*oldest);
    }
    *oldest = strdup(name);
}

char *ring_next(struct ring *ring, btap_ns now)
{
    char *name = name_of(ring->path, ++ring->number, now);

    if (ring->keep > 0)
        keep(ring, name);
    return name;
}

void ring_release(struct ring *ring)
{
    for (size_t i = 0; i < ring->names_length; i++)
        free(ring->names[i]);
    free(ring->names);
    *ring = (struct ring){0};
}
