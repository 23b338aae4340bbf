/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "formats/reader/queue.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/allocate.h"

static uint32_t add_interface(void *context, const struct traffic_interface *interface)
{
    return queue_interface(context, interface->linktype, interface->name, interface->at_tool,
                           interface->lacks);
}

static void add_record(void *context, const struct traffic_record *record)
{
    struct queue *queue = context;
    size_t size;

    queue->records =
        grow(queue->records, queue->length, &queue->room, sizeof(struct traffic_record *));
    queue->records[queue->length++] = traffic_record_copy(record, &size);
}

void queue_init(struct queue *queue)
{
    queue->sink = (struct traffic_sink){queue, add_interface, add_record};
}

uint32_t queue_interface(struct queue *queue, uint32_t linktype, const char *name, bool at_tool,
                         uint32_t lacks)
{
    struct queue_interface *interface = queue->interfaces;
    char cut[BTAP_INTERFACE_NAME_SIZE] = "";
    size_t i = 0;

    snprintf(cut, sizeof(cut), "%s", name);
    for (; i < queue->interfaces_length; i++, interface++)
        if (interface->linktype == linktype && strcmp(interface->name, cut) == 0)
            return (uint32_t)i;
    if (i == QUEUE_INTERFACES_MAX)
        return QUEUE_INTERFACES_MAX - 1;
    *interface = (struct queue_interface){
        .linktype = linktype,
        .at_tool = at_tool,
        .lacks = lacks,
    };
    memcpy(interface->name, cut, sizeof(cut));
    queue->interfaces_length++;
    return (uint32_t)i;
}

void queue_lacks(struct queue *queue, uint32_t lacks)
{
    for (size_t i = 0; i < queue->interfaces_length; i++)
        queue->interfaces[i].lacks |= lacks;
}

bool queue_next(struct queue *queue, struct btap_record *record)
{
    const struct queue_interface *interface;
    const struct traffic_record *next;

    free(queue->record);
    queue->record = NULL;
    if (queue->taken == queue->length) {
        queue->taken = 0;
        queue->length = 0;
        return false;
    }
    next = queue->record = queue->records[queue->taken++];
    interface = &queue->interfaces[next->interface_id];
    *record = (struct btap_record){
        .linktype = interface->linktype,
        .interface_id = next->interface_id,
        .interface = interface->name[0] != '\0' ? interface->name : NULL,
        .time = next->time,
        .direction = next->direction,
        .bytes = next->bytes,
        .captured = next->captured,
        .length = next->length,
        .at_tool = interface->at_tool,
        .lacks = interface->lacks,
    };
    if (next->comment != NULL)
        btap_record_comment(record, next->comment, (uint32_t)strlen(next->comment));
    return true;
}

void queue_release(struct queue *queue)
{
    while (queue->taken < queue->length)
        free(queue->records[queue->taken++]);
    free(queue->record);
    free(queue->records);
    *queue = (struct queue){0};
}
