/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/place.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/allocate.h"

/** As many links as Linux follows. */
#define LINKS_MAX 40

/** Bytes of a path up to its last name. */
static size_t directory_length(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash != NULL ? (size_t)(slash - path) + 1 : 0;
}

/** The first bytes of a path, and what follows there. Allocated. */
static char *join(const char *directory, size_t length, const char *between, const char *name)
{
    const size_t size = length + strlen(between) + strlen(name) + 1;
    char *path = allocate(size);

    snprintf(path, size, "%.*s%s%s", (int)length, directory, between, name);
    return path;
}

/** Where a symbolic link leads. @return allocated; NULL: it is none */
static char *behind_link(const char *path)
{
    char target[PATH_MAX];
    const ssize_t length = readlink(path, target, sizeof(target) - 1);

    if (length < 0)
        return NULL;
    target[length] = '\0';
    return target[0] == '/' ? strdup(target) : join(path, directory_length(path), "", target);
}

/** The whole path of a file that is not there. @return allocated; NULL: errno */
static char *whole(const char *path)
{
    const size_t length = directory_length(path);
    char *directory = length > 0 ? join(path, length, "", "") : strdup(".");
    char *real = realpath(directory, NULL);
    char *joined = NULL;

    free(directory);
    if (real != NULL)
        joined = join(real, strlen(real), strcmp(real, "/") == 0 ? "" : "/", path + length);
    free(real);
    return joined;
}

char *place_follow(const char *path)
{
    char *at = strdup(path);

    for (unsigned links = 0; links < LINKS_MAX; links++) {
        char *found = realpath(at, NULL);
        char *next = NULL;

        if (found == NULL && errno == ENOENT) {
            next = behind_link(at);
            found = next == NULL ? whole(at) : NULL;
        }
        if (next == NULL) {
            free(at);
            return found;
        }
        free(at);
        at = next;
    }
    free(at);
    errno = ELOOP;
    return NULL;
}

static bool is_standard(const struct place *place)
{
    return strcmp(place->path, PLACE_STANDARD) == 0;
}

static bool look(const struct place *place, struct stat *status)
{
    if (is_standard(place))
        return fstat(place->written ? STDOUT_FILENO : STDIN_FILENO, status) == 0;
    return stat(place->path, status) == 0;
}

/** Whether two files will be the same that are not there. */
static bool will_be_same(const struct place *one, const struct place *other)
{
    char *first = place_follow(one->path);
    char *second = place_follow(other->path);
    const bool same = first != NULL && second != NULL && strcmp(first, second) == 0;

    free(first);
    free(second);
    return same;
}

bool place_is_same(struct place one, struct place other)
{
    struct stat first;
    struct stat second;
    const bool one_there = look(&one, &first);
    const bool other_there = look(&other, &second);

    if (!one_there && !other_there)
        return !is_standard(&one) && !is_standard(&other) && will_be_same(&one, &other);
    if (!one_there || !other_there)
        return false;
    if (S_ISBLK(first.st_mode) && S_ISBLK(second.st_mode))
        return first.st_rdev == second.st_rdev;
    return S_ISREG(first.st_mode) && first.st_dev == second.st_dev && first.st_ino == second.st_ino;
}
