/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/files.h"

#include <string.h>

#include "base/place.h"
#include "cli/options.h"

/** Two outputs to standard output are for the command to tell of: what it prints differs. */
static bool are_both_standard(const struct file_use *one, const struct file_use *other)
{
    return strcmp(one->path, PLACE_STANDARD) == 0 && strcmp(other->path, PLACE_STANDARD) == 0;
}

static bool check_pair(const struct file_use *one, const struct file_use *other)
{
    const struct file_use *output = one->written ? one : other;
    const struct file_use *beside = one->written ? other : one;

    if (one->path == NULL || other->path == NULL || !output->written ||
        (beside->written && are_both_standard(one, other)) ||
        !place_is_same((struct place){one->path, one->written},
                       (struct place){other->path, other->written}))
        return true;
    if (beside->written)
        return misused("%s and %s name the same file '%s'", one->what, other->what,
                       strcmp(one->path, PLACE_STANDARD) == 0 ? other->path : one->path);
    return misused("%s would be written over '%s', which is read", output->what,
                   strcmp(beside->path, PLACE_STANDARD) == 0 ? output->path : beside->path);
}

bool files_are_apart(const struct file_use *files, size_t length)
{
    for (size_t i = 0; i < length; i++)
        for (size_t j = i + 1; j < length; j++)
            if (!check_pair(&files[i], &files[j]))
                return false;
    return true;
}

bool files_spare(const struct file_use *output, const char *const *inputs, size_t length)
{
    for (size_t i = 0; i < length; i++)
        if (!check_pair(output, &(struct file_use){.path = inputs[i]}))
            return false;
    return true;
}
