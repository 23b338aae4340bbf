/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Memory for the program. It ends with a message and EXIT_TROUBLE where there is none.
 */
#ifndef SNIFFER_BASE_ALLOCATE_H
#define SNIFFER_BASE_ALLOCATE_H

#include <stddef.h>

/** Allocates zeroed memory; the caller frees it. Never NULL. */
void *allocate(size_t size);

/** Changes the size of allocated memory, NULL for none yet. Never NULL. */
void *reallocate(void *memory, size_t size);

/**
 * Makes room for one more element at the end of a list: twice as much as before where there is
 * none.
 *
 * @param list NULL for none yet
 * @param[in,out] room elements that the list has room for
 * @param size of an element
 * @return the list, perhaps in another place
 */
void *grow(void *list, size_t length, size_t *room, size_t size);

#endif
