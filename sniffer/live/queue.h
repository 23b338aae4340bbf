/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Bytes on their way, as many as fit.
 */
#ifndef SNIFFER_LIVE_QUEUE_H
#define SNIFFER_LIVE_QUEUE_H

#include <stddef.h>
#include <stdint.h>

/** Room of a queue. */
#define QUEUE_SIZE 65536

/** Zero: empty. The bytes are those from head on. */
struct queue {
    size_t head;
    size_t length;
    uint8_t bytes[QUEUE_SIZE];
};

static inline size_t queue_room(const struct queue *queue)
{
    return QUEUE_SIZE - queue->length;
}

/** @param length queue_room() or less */
void queue_add(struct queue *queue, const uint8_t *bytes, size_t length);

/** Its first bytes. */
static inline const uint8_t *queue_first(const struct queue *queue)
{
    return queue->bytes + queue->head;
}

/** Drops its first bytes. @param length those that are there, or less */
void queue_drop(struct queue *queue, size_t length);

#endif
