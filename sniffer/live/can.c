/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A CAN interface, by a raw socket of Linux (Documentation/networking/can.rst), which never sends.
 * libpcap before 1.10.5 loses the flags of FD frames; here they are recorded as
 * LINKTYPE_CAN_SOCKETCAN wants them.
 */
#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <linux/can.h>
#include <linux/can/error.h>
#include <linux/can/raw.h>
#include <linux/sock_diag.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/allocate.h"
#include "base/clock.h"
#include "base/message.h"
#include "live/can_record.h"
#include "live/source.h"
#include "port/can_link.h"

/** Frames that one read() fetches: about as many as the kernel keeps, so that other sources get
 * their turn. */
#define FRAMES_AT_ONCE 100000

/** What the kernel may keep for this program; a frame takes about a kilobyte. */
#define ROOM (32 * 1024 * 1024)

struct can {
    struct source source;
    int fd;
    struct can_link link;
    const struct live_sink *sink;
    uint32_t interface_id;
    uint64_t received;
    btap_ns last; /**< time of the record before */
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

static bool find_link(const char *operand, struct can_link *link)
{
    char words[CAN_LINK_MISSING_SIZE];

    if (can_link_find(&machine_here, operand, link)) {
        if (!can_link_missing(link, words))
            return true;
        message("%s: %s", operand, words);
        return false;
    }
    if (strncmp(operand, "vcan", 4) == 0)
        message("%s: there is no such interface: sudo ip link add dev %s type vcan && sudo ip link "
                "set %s mtu %d up",
                operand, operand, operand, (int)CANFD_MTU);
    else
        message("%s: there is no such CAN interface; 'boottap list' names those that there are",
                operand);
    return false;
}

/** Rates other than the bootloader's show errors only, and the errors disturb the bus. */
static void check_rates(const struct can_link *link)
{
    const struct can_rates *rates = &link->rates;

    if (rates->nominal == 0 || (rates->nominal == CAN_LINK_NOMINAL && rates->data == CAN_LINK_DATA))
        return;
    message("%s: set to %u bit/s, data %u bit/s; AN5405's bootloader has %d and %d", link->name,
            rates->nominal, rates->data, CAN_LINK_NOMINAL, CAN_LINK_DATA);
}

/** All frames, error frames too, with the time at which the kernel got them. */
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

static struct source *can_open(const char *operand, const struct source_options *options)
{
    struct can_link link;
    struct can *can;
    int fd;

    (void)options;
    if (!find_link(operand, &link))
        return NULL;
    check_rates(&link);
    fd = socket(PF_CAN, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, CAN_RAW);
    if (fd < 0 || !set_up(fd)) {
        message("%s: no CAN socket is to be had: %s%s", operand, strerror(errno),
                errno == EAFNOSUPPORT || errno == EPROTONOSUPPORT ? ": sudo modprobe can-raw" : "");
        if (fd >= 0)
            close(fd);
        return NULL;
    }
    can = allocate(sizeof(*can));
    can->source = (struct source){&source_can, operand};
    can->fd = fd;
    can->link = link;
    return &can->source;
}

static void describe(const struct can_link *link, char *words, size_t size)
{
    if (link->rates.nominal == 0)
        snprintf(words, size, "CAN FD interface (%s)",
                 link->rates.kind[0] != '\0' ? link->rates.kind : "bit rates not known");
    else
        snprintf(words, size, "CAN FD interface, %u bit/s, data %u bit/s", link->rates.nominal,
                 link->rates.data);
}

static bool can_start(struct source *source, const struct live_sink *sink)
{
    struct can *can = (struct can *)source;
    const struct sockaddr_can address = {
        .can_family = AF_CAN,
        .can_ifindex = (int)if_nametoindex(source->name),
    };
    char description[80];
    const struct live_interface interface = {
        .linktype = BTAP_LINKTYPE_CAN_SOCKETCAN,
        .name = source->name,
        .description = description,
        .speed = can->link.rates.nominal,
    };

    /* Number 0 would be all interfaces. */
    if (address.can_ifindex == 0 ||
        bind(can->fd, (const struct sockaddr *)&address, sizeof(address)) != 0) {
        message("%s: %s", source->name,
                address.can_ifindex == 0 ? strerror(ENODEV) : strerror(errno));
        return false;
    }
    describe(&can->link, description, sizeof(description));
    can->sink = sink;
    can->interface_id = sink->interface(sink->context, &interface);
    return true;
}

static size_t can_poll(struct source *source, struct pollfd *fds, btap_ns *deadline)
{
    const struct can *can = (const struct can *)source;

    *deadline = SOURCE_NO_DEADLINE;
    fds[0] = (struct pollfd){.fd = can->fd, .events = POLLIN};
    return 1;
}

static btap_ns stamp_of(struct cmsghdr *message)
{
    struct timespec stamp;

    memcpy(&stamp, CMSG_DATA(message), sizeof(stamp));
    return (btap_ns)stamp.tv_sec * CLOCK_NS_PER_SECOND + stamp.tv_nsec;
}

/** When the kernel got the frame. Frames of two processors may differ by microseconds from the
 * order in which they come; records do not. */
static btap_ns time_of(struct can *can, struct msghdr *header)
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

static void hand_over(struct can *can, struct msghdr *header, size_t size)
{
    struct canfd_frame *frame = header->msg_iov->iov_base;
    /* Such a frame was sent by a program of this machine; on a bus both may be. */
    const bool own = (header->msg_flags & MSG_DONTROUTE) != 0;

    can->received++;
    can_record_send(can->sink, can->interface_id, time_of(can, header),
                    own ? BTAP_HOST_TO_DEVICE : BTAP_DEVICE_TO_HOST, frame, size);
}

/** @return SOURCE_RUNS: there is none now */
static enum source_state lost(const struct can *can)
{
    switch (errno) {
    case EAGAIN:
    case EINTR:
        return SOURCE_RUNS;
    case ENETDOWN:
        message("%s: the interface went down", can->source.name);
        return SOURCE_GONE;
    case ENODEV:
        message("%s: the interface is gone", can->source.name);
        return SOURCE_GONE;
    default:
        message("%s: receiving failed: %s", can->source.name, strerror(errno));
        return SOURCE_GONE;
    }
}

static enum source_state can_read(struct source *source)
{
    struct can *can = (struct can *)source;

    for (int i = 0; i < FRAMES_AT_ONCE; i++) {
        struct canfd_frame frame;
        union {
            struct cmsghdr align;
            uint8_t bytes[CMSG_SPACE(sizeof(struct timespec)) + 64];
        } control;
        struct iovec vector = {&frame, sizeof(frame)};
        struct msghdr header = {.msg_iov = &vector,
                                .msg_iovlen = 1,
                                .msg_control = &control,
                                .msg_controllen = sizeof(control)};
        const ssize_t size = recvmsg(can->fd, &header, 0);

        if (size < 0)
            return lost(can);
        if (size == CAN_MTU || size == CANFD_MTU)
            hand_over(can, &header, (size_t)size);
    }
    return SOURCE_RUNS;
}

static void can_statistics(struct source *source, uint32_t interface_id,
                           struct live_statistics *statistics)
{
    const struct can *can = (const struct can *)source;
    uint32_t counts[SK_MEMINFO_VARS] = {0};
    socklen_t size = sizeof(counts);

    (void)interface_id;
    statistics->known = getsockopt(can->fd, SOL_SOCKET, SO_MEMINFO, counts, &size) == 0;
    if (!statistics->known)
        return;
    statistics->dropped = counts[SK_MEMINFO_DROPS];
    statistics->received = can->received + statistics->dropped;
}

static void can_close(struct source *source)
{
    struct can *can = (struct can *)source;

    close(can->fd);
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
