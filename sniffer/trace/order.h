/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Stands between the kinds and the sink and keeps records in the order of their times. What a write
 * carried is known when it ends, and its time is that of its entry: what another thread reads
 * meanwhile, the answer perhaps, waits for it. Nothing is handed over but by order_flush(), so that
 * the tool can go on before its records are looked at.
 */
#ifndef SNIFFER_TRACE_ORDER_H
#define SNIFFER_TRACE_ORDER_H

#include "traffic/traffic.h"

/** Calls that records wait for, at a time. For further ones they do not. */
#define ORDER_CALLS_MAX 32

struct order_record;
struct order_interface;

struct order {
    struct traffic_sink sink; /**< for the kinds */
    const struct traffic_sink *to;
    struct order_interface *interfaces;
    size_t interfaces_length;
    size_t interfaces_room;
    btap_ns calls[ORDER_CALLS_MAX]; /**< entries of the calls that are waited for */
    size_t calls_length;
    struct order_record *first; /**< what waits, by time */
    size_t waiting;             /**< bytes of it */
    btap_ns last;               /**< time of what was handed over last */
};

/** @param order stays where it is until order_end() */
void order_init(struct order *order, const struct traffic_sink *to);

/** A call began whose record will have the time of its entry. */
void order_begin(struct order *order, btap_ns entry);

/**
 * It ends: what waited for it may go once its own record came.
 *
 * @return false: it took so long that others did not wait; its record has the time of its end
 */
bool order_finish(struct order *order, btap_ns entry);

/** Hands over all that need not wait any more. */
void order_flush(struct order *order);

/** Hands over all, and frees. */
void order_end(struct order *order);

#endif
