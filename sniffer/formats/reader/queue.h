/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Records that a reader made at once, until they are asked for one by one: what a line of a log
 * comes to may be several, or none.
 */
#ifndef SNIFFER_FORMATS_READER_QUEUE_H
#define SNIFFER_FORMATS_READER_QUEUE_H

#include "boottap/link.h"
#include "traffic/traffic.h"

/** Interfaces that are told apart; what others carry counts to the last one. */
#define QUEUE_INTERFACES_MAX 64

struct queue_interface {
    uint32_t linktype;
    char name[BTAP_INTERFACE_NAME_SIZE]; /**< "" if it has none */
    bool at_tool;
    uint32_t lacks;
};

/** Start with zero, then queue_init(). */
struct queue {
    struct traffic_sink sink; /**< what is put here comes out of queue_next() */
    size_t interfaces_length;
    struct queue_interface interfaces[QUEUE_INTERFACES_MAX];
    size_t length;
    size_t taken; /**< of them */
    size_t room;
    struct traffic_record **records;
    struct traffic_record *record; /**< handed out last */
};

/** Sets up the sink. The queue stays where it is. */
void queue_init(struct queue *queue);

/**
 * The number of an interface: a new one for a name that was not there yet.
 *
 * @param name cut; "" for the only one
 */
uint32_t queue_interface(struct queue *queue, uint32_t linktype, const char *name, bool at_tool,
                         uint32_t lacks);

/**
 * Says that later records of all interfaces lack something, too, as a log may show that late.
 */
void queue_lacks(struct queue *queue, uint32_t lacks);

/**
 * Takes the oldest record out.
 *
 * @param[out] record valid until the next call
 * @return false: there is none
 */
bool queue_next(struct queue *queue, struct btap_record *record);

void queue_release(struct queue *queue);

#endif
