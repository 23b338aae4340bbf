/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "port/can_socket.h"

#include <errno.h>
#include <linux/can/error.h>
#include <linux/can/raw.h>
#include <linux/sock_diag.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/interrupt.h"
#include "base/message.h"

/** What the kernel may keep for this program; a frame takes about a kilobyte. */
#define ROOM (32 * 1024 * 1024)

/** An interface whose queue is full for so long gets nothing onto the bus. */
#define SEND_PATIENCE (5 * (btap_ns)CLOCK_NS_PER_SECOND)

bool can_socket_find(const char *name, enum can_link_use use, struct can_link *link)
{
    char words[CAN_LINK_MISSING_SIZE];

    if (can_link_find(&machine_here, name, link)) {
        if (!can_link_missing(link, use, words))
            return true;
        message("%s: %s", name, words);
        return false;
    }
    if (strncmp(name, "vcan", 4) == 0)
        message("%s: there is no such interface: sudo ip link add dev %s type vcan && sudo ip link "
                "set %s mtu %d up",
                name, name, name, (int)CANFD_MTU);
    else
        message("%s: there is no such CAN interface; 'boottap list' names those that there are",
                name);
    return false;
}

/** The rates that an interface would have, in words. */
static const char *rates_of(enum can_link_use use)
{
    switch (use) {
    case CAN_LINK_TO_LISTEN:
        return "the FDCAN bootloader (AN5405) has 250000, data 1000000, the one of classic CAN "
               "(AN3154) 125000 until a Speed command";
    case CAN_LINK_TO_FD:
        return "AN5405's bootloader has 250000, data 1000000";
    case CAN_LINK_TO_CLASSIC:
        return "AN3154's bootloader has 125000";
    }
    return "";
}

/** With other rates there are errors only, and the errors disturb the bus. */
void can_socket_check(const struct can_link *link, enum can_link_use use)
{
    const struct can_rates *rates = &link->rates;
    char data[32] = "";

    if (rates->data > 0)
        snprintf(data, sizeof(data), ", data %u bit/s", rates->data);
    if (!can_link_has_rates(link, use))
        message("%s: set to %u bit/s%s; %s", link->name, rates->nominal, data, rates_of(use));
    else if (use == CAN_LINK_TO_LISTEN && !link->fd)
        message("%s: takes classic frames only: the classic CAN bootloader (AN3154) can be heard, "
                "FDCAN's (AN5405) not",
                link->name);
}

static bool set_up(int fd)
{
    const int on = 1;
    const int room = ROOM;
    const can_err_mask_t errors = CAN_ERR_MASK;

    if (setsockopt(fd, SOL_CAN_RAW, CAN_RAW_FD_FRAMES, &on, sizeof(on)) != 0 ||
        setsockopt(fd, SOL_CAN_RAW, CAN_RAW_ERR_FILTER, &errors, sizeof(errors)) != 0 ||
        setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof(on)) != 0)
        return false;
    /* The first needs privileges, the second gives less. */
    return setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof(room)) == 0 ||
           setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &room, sizeof(room)) == 0;
}

bool can_socket_open(struct can_socket *can, const char *name)
{
    *can = (struct can_socket){.name = name};
    can->fd = socket(PF_CAN, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, CAN_RAW);
    if (can->fd >= 0 && set_up(can->fd))
        return true;
    message("%s: no CAN socket is to be had: %s%s", name, strerror(errno),
            errno == EAFNOSUPPORT || errno == EPROTONOSUPPORT ? ": sudo modprobe can-raw" : "");
    can_socket_close(can);
    return false;
}

bool can_socket_bind(struct can_socket *can)
{
    const struct sockaddr_can address = {
        .can_family = AF_CAN,
        .can_ifindex = (int)if_nametoindex(can->name),
    };

    /* Number 0 would be all interfaces. */
    if (address.can_ifindex != 0 &&
        bind(can->fd, (const struct sockaddr *)&address, sizeof(address)) == 0)
        return true;
    message("%s: %s", can->name, strerror(address.can_ifindex == 0 ? ENODEV : errno));
    return false;
}

static btap_ns stamp_of(struct cmsghdr *message)
{
    struct timespec stamp;

    memcpy(&stamp, CMSG_DATA(message), sizeof(stamp));
    return (btap_ns)stamp.tv_sec * CLOCK_NS_PER_SECOND + stamp.tv_nsec;
}

/** When the kernel got the frame. Frames of two processors may differ by microseconds from the
 * order in which they come; records do not. */
static btap_ns time_of(struct can_socket *can, struct msghdr *header)
{
    const btap_ns most = 10 * CLOCK_NS_PER_MS;
    btap_ns time = clock_now();

    for (struct cmsghdr *one = CMSG_FIRSTHDR(header); one != NULL; one = CMSG_NXTHDR(header, one))
        if (one->cmsg_level == SOL_SOCKET && one->cmsg_type == SO_TIMESTAMPNS)
            time = stamp_of(one);
    if (time < can->last && can->last - time < most)
        time = can->last;
    can->last = time;
    return time;
}

/** Says why there is no interface any more, if so. @return whether it is still there */
static bool survives(const struct can_socket *can, int cause, const char *what)
{
    switch (cause) {
    case EAGAIN:
    case EINTR:
    case ENOBUFS:
        return true;
    case ENETDOWN:
        message("%s: the interface went down", can->name);
        return false;
    case ENODEV:
    case ENXIO:
        message("%s: the interface is gone", can->name);
        return false;
    default:
        message("%s: %s failed: %s", can->name, what, strerror(cause));
        return false;
    }
}

int can_socket_receive(struct can_socket *can, struct can_socket_frame *frame)
{
    union {
        struct cmsghdr align;
        uint8_t bytes[CMSG_SPACE(sizeof(struct timespec)) + 64];
    } control;
    struct iovec vector = {&frame->frame, sizeof(frame->frame)};
    struct msghdr header = {.msg_iov = &vector, .msg_iovlen = 1, .msg_control = &control};
    ssize_t size;

    /* What is no frame is passed over. */
    do {
        header.msg_controllen = sizeof(control);
        size = recvmsg(can->fd, &header, 0);
    } while (size >= 0 && size != CAN_MTU && size != CANFD_MTU);
    if (size < 0)
        return survives(can, errno, "receiving") ? 0 : -1;
    frame->fd = size == CANFD_MTU;
    frame->local = (header.msg_flags & MSG_DONTROUTE) != 0;
    frame->time = time_of(can, &header);
    return 1;
}

/** Waits for room in the queue. A full one of the interface itself is not told by poll(). */
static void await_room(const struct can_socket *can)
{
    struct pollfd fd = {.fd = can->fd, .events = POLLOUT};

    if (errno == ENOBUFS)
        interrupt_poll(NULL, 0, 1);
    else
        interrupt_poll(&fd, 1, 1);
}

bool can_socket_send(struct can_socket *can, const struct canfd_frame *frame, bool fd)
{
    const size_t size = fd ? CANFD_MTU : CAN_MTU;
    const btap_ns deadline = clock_monotonic() + SEND_PATIENCE;

    while (send(can->fd, frame, size, 0) != (ssize_t)size) {
        if (!survives(can, errno, "sending"))
            return false;
        if (clock_monotonic() > deadline) {
            message("%s: no frame gets onto the bus; are the device and the bus's termination "
                    "there, and the bit rates right?",
                    can->name);
            return false;
        }
        await_room(can);
    }
    return true;
}

bool can_socket_dropped(const struct can_socket *can, uint32_t *dropped)
{
    uint32_t counts[SK_MEMINFO_VARS] = {0};
    socklen_t size = sizeof(counts);

    if (getsockopt(can->fd, SOL_SOCKET, SO_MEMINFO, counts, &size) != 0)
        return false;
    *dropped = counts[SK_MEMINFO_DROPS];
    return true;
}

void can_socket_close(struct can_socket *can)
{
    if (can->fd >= 0)
        close(can->fd);
    can->fd = -1;
}
