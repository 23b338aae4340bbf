/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "base/allocate.h"

#include <stdlib.h>

#include "base/exit_status.h"
#include "base/message.h"

void *allocate(size_t size)
{
    void *memory = calloc(1, size);

    if (memory == NULL) {
        message("out of memory");
        exit(EXIT_TROUBLE);
    }
    return memory;
}

void *reallocate(void *memory, size_t size)
{
    void *larger = realloc(memory, size);

    if (larger == NULL) {
        message("out of memory");
        exit(EXIT_TROUBLE);
    }
    return larger;
}

void *grow(void *list, size_t length, size_t *room, size_t size)
{
    if (length < *room)
        return list;
    *room = 2 * *room + 16;
    return reallocate(list, *room * size);
}
