/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Comments on their way into a capture: kept by the number of the packet that they belong to, in
 * whatever order they come.
 */
#ifndef SNIFFER_ANNOTATE_COMMENTS_H
#define SNIFFER_ANNOTATE_COMMENTS_H

#include <stddef.h>
#include <stdint.h>

/** Comments of one packet that are written; nobody reads more. */
#define COMMENTS_PER_PACKET_MAX 64

/** Bytes of all texts together: comments that come later are left out. */
#define COMMENTS_BYTES_MAX ((size_t)2 * 1024 * 1024)

struct comment;

/** Start with zero; comments_release() at the end. The program ends if memory does. */
struct comments {
    uint64_t omitted; /**< that were above COMMENTS_PER_PACKET_MAX, after comments_sort() */
    uint64_t unkept;  /**< that came when there were COMMENTS_BYTES_MAX of others */
    size_t length;
    size_t size;
    struct comment *list;
    const char **texts; /**< of list, after comments_sort() */
    size_t bytes_length;
    size_t bytes_size;
    char *bytes; /**< the texts, one after the other */
};

/** Order of the comments of one packet; within a kind they stay as they came. */
enum comment_kind {
    COMMENT_TRANSACTION,
    COMMENT_NOTE,
    COMMENT_VERDICT,
    COMMENT_FINDING,
};

/** Adds a comment, or counts it where there are too many. @param text copied */
void comments_add(struct comments *comments, uint64_t packet, enum comment_kind kind,
                  const char *text);

/** Brings them into their order: by packet, then by kind. */
void comments_sort(struct comments *comments);

/** The comments of a packet, after comments_sort(). @param[out] length may be 0 */
const char *const *comments_of(const struct comments *comments, uint64_t packet, size_t *length);

/** Adds another's comments of a packet, after comments_sort() of the other. */
void comments_join(struct comments *comments, const struct comments *others, uint64_t packet);

/** Drops all, to start again. */
void comments_clear(struct comments *comments);

void comments_release(struct comments *comments);

#endif
