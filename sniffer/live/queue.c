/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "live/queue.h"

#include <string.h>

void queue_add(struct queue *queue, const uint8_t *bytes, size_t length)
{
    if (QUEUE_SIZE - queue->head - queue->length < length) {
        memmove(queue->bytes, queue_first(queue), queue->length);
        queue->head = 0;
    }
    memcpy(queue->bytes + queue->head + queue->length, bytes, length);
    queue->length += length;
}

void queue_drop(struct queue *queue, size_t length)
{
    queue->length -= length;
    queue->head = queue->length > 0 ? queue->head + length : 0;
}
