/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A raw socket of Linux on a CAN interface (the kernel's Documentation/networking/can.rst): all
 * frames of the bus, classic ones and error frames too, with the time at which the kernel got them.
 * What this socket sends it does not receive; what other programs of this machine send it does.
 * Functions say in messages what is wrong.
 */
#ifndef SNIFFER_PORT_CAN_SOCKET_H
#define SNIFFER_PORT_CAN_SOCKET_H

#include <linux/can.h>

#include "boottap/types.h"
#include "port/can_link.h"

struct can_socket {
    const char *name; /**< of the interface */
    int fd;
    btap_ns last; /**< time of the frame before */
};

/** A frame that was received. */
struct can_socket_frame {
    struct canfd_frame frame; /**< as the kernel has it */
    bool fd;                  /**< else it is a classic one */
    bool local;               /**< a program of this machine sent it */
    btap_ns time;             /**< since 1970; not before that of the frame before it */
};

/** Finds an interface that is up and takes the frames. @return false: a message says what to do */
bool can_socket_find(const char *name, enum can_link_use use, struct can_link *link);

/** Says so if an interface cannot be all that the bootloader may want: other bit rates, or classic
 * frames only. */
void can_socket_check(const struct can_link *link, enum can_link_use use);

/**
 * Opens a socket, which receives nothing before it is bound.
 *
 * @param name kept
 * @return false: a message says why
 */
bool can_socket_open(struct can_socket *can, const char *name);

/** Binds it to its interface. @return false: likewise */
bool can_socket_bind(struct can_socket *can);

/**
 * Receives a frame, if there is one.
 *
 * @return 1; 0: there is none now; -1: the interface is gone, which a message said
 */
int can_socket_receive(struct can_socket *can, struct can_socket_frame *frame);

/**
 * Sends a frame; waits for room in the interface's queue, some seconds at most.
 *
 * @param fd it is an FD frame
 * @return false: the interface is gone, or sends nothing; a message says so
 */
bool can_socket_send(struct can_socket *can, const struct canfd_frame *frame, bool fd);

/** Frames that came and were lost, for want of room. @return false: not known */
bool can_socket_dropped(const struct can_socket *can, uint32_t *dropped);

/** @param can one that failed to open is none */
void can_socket_close(struct can_socket *can);

#endif
