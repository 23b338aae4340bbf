/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A CAN interface, by a raw socket of Linux, which never sends. libpcap before 1.10.5 loses the
 * flags of FD frames; here they are recorded as LINKTYPE_CAN_SOCKETCAN wants them.
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/allocate.h"
#include "live/source.h"
#include "port/can_socket.h"
#include "traffic/can_record.h"

/** Frames that one read() fetches: about as many as the kernel keeps, so that other sources get
 * their turn. */
#define FRAMES_AT_ONCE 100000

struct can {
    struct source source;
    struct can_socket socket;
    struct can_link link;
    const struct traffic_sink *sink;
    uint32_t interface_id;
    uint64_t received;
};

/** `can0`, `vcan1`: what CAN interfaces are named if nobody names them otherwise. */
static bool looks_like_can(const char *operand)
{
    static const char *const prefixes[] = {"can", "vcan", "slcan", "vxcan"};

    for (size_t i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++) {
        const size_t length = strlen(prefixes[i]);

        if (strncmp(operand, prefixes[i], length) == 0 && isdigit((unsigned char)operand[length]) &&
            operand[length + strspn(operand + length, "0123456789")] == '\0')
            return true;
    }
    return false;
}

static bool can_names(const char *operand)
{
    struct can_link link;

    return looks_like_can(operand) || can_link_find(&machine_here, operand, &link);
}

static struct source *can_open(const char *operand, const struct source_options *options)
{
    struct can_socket socket;
    struct can_link link;
    struct can *can;

    (void)options;
    if (!can_socket_find(operand, CAN_LINK_TO_LISTEN, &link))
        return NULL;
    can_socket_check(&link, CAN_LINK_TO_LISTEN);
    if (!can_socket_open(&socket, operand))
        return NULL;
    can = allocate(sizeof(*can));
    can->source = (struct source){&source_can, operand};
    can->socket = socket;
    can->link = link;
    return &can->source;
}

static void describe(const struct can_link *link, char *words, size_t size)
{
    const struct can_rates *rates = &link->rates;
    int length = snprintf(words, size, "CAN%s interface", link->fd ? " FD" : "");

    if (rates->nominal == 0)
        snprintf(words + length, size - (size_t)length, " (%s)",
                 rates->kind[0] != '\0' ? rates->kind : "bit rates not known");
    else
        length += snprintf(words + length, size - (size_t)length, ", %u bit/s", rates->nominal);
    if (rates->data > 0)
        snprintf(words + length, size - (size_t)length, ", data %u bit/s", rates->data);
}

static bool can_start(struct source *source, const struct traffic_sink *sink)
{
    struct can *can = (struct can *)source;
    char description[80];
    const struct traffic_interface interface = {
        .linktype = BTAP_LINKTYPE_CAN_SOCKETCAN,
        .name = source->name,
        .description = description,
        .speed = can->link.rates.nominal,
    };

    if (!can_socket_bind(&can->socket))
        return false;
    describe(&can->link, description, sizeof(description));
    can->sink = sink;
    can->interface_id = sink->interface(sink->context, &interface);
    return true;
}

static size_t can_poll(struct source *source, struct pollfd *fds, btap_ns *deadline)
{
    const struct can *can = (const struct can *)source;

    *deadline = SOURCE_NO_DEADLINE;
    fds[0] = (struct pollfd){.fd = can->socket.fd, .events = POLLIN};
    return 1;
}

static void hand_over(struct can *can, struct can_socket_frame *received)
{
    can->received++;
    /* On a bus a program of this machine may be either. */
    can_record_send(can->sink, can->interface_id, received->time,
                    received->local ? BTAP_HOST_TO_DEVICE : BTAP_DEVICE_TO_HOST, &received->frame,
                    received->fd ? CANFD_MTU : CAN_MTU);
}

static enum source_state can_read(struct source *source)
{
    struct can *can = (struct can *)source;

    for (int i = 0; i < FRAMES_AT_ONCE; i++) {
        struct can_socket_frame received;
        const int found = can_socket_receive(&can->socket, &received);

        if (found <= 0)
            return found == 0 ? SOURCE_RUNS : SOURCE_GONE;
        hand_over(can, &received);
    }
    return SOURCE_RUNS;
}

static void can_statistics(struct source *source, uint32_t interface_id,
                           struct traffic_statistics *statistics)
{
    const struct can *can = (const struct can *)source;
    uint32_t dropped;

    (void)interface_id;
    statistics->known = can_socket_dropped(&can->socket, &dropped);
    if (!statistics->known)
        return;
    statistics->dropped = dropped;
    statistics->received = can->received + dropped;
}

static void can_close(struct source *source)
{
    struct can *can = (struct can *)source;

    can_socket_close(&can->socket);
    free(can);
}

const struct source_kind source_can = {
    .names = can_names,
    .open = can_open,
    .start = can_start,
    .poll = can_poll,
    .read = can_read,
    .statistics = can_statistics,
    .close = can_close,
};
