/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Files that may be compressed, read as if they were not: gzip, zstd and xz, told apart by content.
 * Members that follow one another are read as one. Memory is bounded, however much there is.
 */
#ifndef SNIFFER_BASE_UNPACK_H
#define SNIFFER_BASE_UNPACK_H

#include <stdint.h>
#include <sys/types.h>

/** Most memory that unpacking takes, as the file demands it: what zstd and xz -9 make fits. */
#define UNPACK_MEMORY_MAX (128u * 1024 * 1024)

struct unpack;

/** @param fd stays the caller's @return to be released with unpack_free() */
struct unpack *unpack_new(int fd);

/**
 * Reads on.
 *
 * @return bytes read; 0: there are none for now, for unpack_trouble() or an interrupt if not the
 *         end; -1: errno
 */
ssize_t unpack_read(struct unpack *unpack, void *bytes, size_t length);

/** What the file is compressed with; NULL: it is not. Known once something was read. */
const char *unpack_packing(const struct unpack *unpack);

/** Why nothing more can be unpacked: the data is damaged, or cut short. NULL: nothing is wrong. */
const char *unpack_trouble(const struct unpack *unpack);

/** @param unpack may be NULL */
void unpack_free(struct unpack *unpack);

#endif
