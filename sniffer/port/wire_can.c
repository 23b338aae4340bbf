/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A CAN interface as a wire.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/allocate.h"
#include "base/interrupt.h"
#include "port/can_socket.h"
#include "port/lock.h"
#include "port/wire_open.h"

struct wire_can {
    struct wire wire;
    int lock;
    struct can_socket socket;
    bool gone;
};

static struct wire_can *self(struct wire *wire)
{
    return (struct wire_can *)wire; /* its first member */
}

static enum wire_result send_message(struct wire *wire, const struct wire_message *message)
{
    struct wire_can *can = self(wire);
    const struct wire_frame *frame = message->frame;
    struct canfd_frame out = {.can_id = 0};

    if (can->gone || message->kind != WIRE_FRAME || frame->length > (frame->fd ? 64 : 8))
        return WIRE_GONE;
    out.can_id = frame->id | (frame->extended ? CAN_EFF_FLAG : 0);
    out.len = frame->length;
    out.flags = frame->fd && frame->brs ? CANFD_BRS : 0;
    memcpy(out.data, frame->data, frame->length);
    can->gone = !can_socket_send(&can->socket, &out, frame->fd);
    return can->gone ? WIRE_GONE : WIRE_DONE;
}

/** Makes a frame of what the kernel has. */
static void take(const struct can_socket_frame *in, struct wire_received *received)
{
    const struct canfd_frame *from = &in->frame;
    struct wire_frame *frame = &received->frame;
    const size_t room = in->fd ? CANFD_MAX_DLEN : CAN_MAX_DLEN;
    const bool extended = (from->can_id & CAN_EFF_FLAG) != 0;

    received->time = in->time;
    *frame = (struct wire_frame){
        .error = (from->can_id & CAN_ERR_FLAG) != 0,
        .extended = extended,
        .id = from->can_id & (extended ? CAN_EFF_MASK : CAN_SFF_MASK),
        .fd = in->fd,
        .brs = in->fd && (from->flags & CANFD_BRS) != 0,
        .length = (uint8_t)(from->len < room ? from->len : room),
    };
    if (frame->error)
        frame->id = from->can_id & CAN_ERR_MASK;
    if ((from->can_id & CAN_RTR_FLAG) != 0)
        frame->length = 0;
    memcpy(frame->data, from->data, frame->length);
}

/** Waits for a frame. @return false: the deadline came */
static bool await(const struct wire_can *can, btap_ns deadline)
{
    struct pollfd fd = {.fd = can->socket.fd, .events = POLLIN};

    return interrupt_await(&fd, 1, deadline);
}

static enum wire_result receive(struct wire *wire, struct wire_received *received, btap_ns deadline)
{
    struct wire_can *can = self(wire);

    received->length = 0;
    while (!can->gone) {
        struct can_socket_frame frame;
        const int found = can_socket_receive(&can->socket, &frame);

        if (found > 0) {
            take(&frame, received);
            return WIRE_DONE;
        }
        can->gone = found < 0;
        if (found == 0 && !await(can, deadline))
            return WIRE_QUIET;
    }
    return WIRE_GONE;
}

static void close_can(struct wire *wire)
{
    struct wire_can *can = self(wire);

    can_socket_close(&can->socket);
    lock_release(can->lock);
    free(can);
}

static const struct wire_kind kind = {
    .medium = WIRE_CAN,
    .send = send_message,
    .receive = receive,
    .close = close_can,
};

/** @return false: a message says why */
static bool open_socket(struct wire_can *can, enum can_link_use use)
{
    const char *name = can->wire.name;
    struct can_link link;
    char words[64];

    if (!can_socket_find(name, use, &link))
        return false;
    can_socket_check(&link, use);
    snprintf(words, sizeof(words), "can %s", name);
    can->lock = lock_take(words, name);
    return can->lock >= 0 && can_socket_open(&can->socket, name) && can_socket_bind(&can->socket);
}

struct wire *wire_can_open(const char *interface, bool fd)
{
    struct wire_can *can = allocate(sizeof(*can));

    can->wire.kind = &kind;
    can->wire.name = interface;
    can->lock = -1;
    can->socket.fd = -1;
    if (open_socket(can, fd ? CAN_LINK_TO_FD : CAN_LINK_TO_CLASSIC))
        return &can->wire;
    close_can(&can->wire);
    return NULL;
}
