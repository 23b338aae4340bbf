/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Raw CAN sockets (the kernel's Documentation/networking/can.rst): the frames that the tool sends
 * and receives, as SocketCAN records. Sockets of other CAN protocols (ISO-TP, BCM, J1939) carry no
 * frames and are not followed.
 */
#include <linux/can.h>
#include <linux/can/raw.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/allocate.h"
#include "trace/call.h"

enum {
    /* Of one socket that is bound to all of them; frames of further ones are left out */
    INTERFACES_MAX = 16,
    /* Frames that were sent and may come back; the queue of a CAN interface is 10 long */
    SENT_MAX = 64,
    FILTERS_MAX = 16,

    ID_SIZE = 4,
    HEADER_SIZE = 8, /* of a frame, before its payload */
    AT_LENGTH = 4,
    AT_FLAGS = 5,   /* of a record: FD flags */
    FLAG_FD = 0x04, /* not every kernel sets it */
};

struct can_file {
    struct trace_file file;
    int bound;     /**< index of its interface; 0: all */
    bool gets_own; /**< CAN_RAW_RECV_OWN_MSGS */
    bool hides;    /**< CAN_RAW_LOOPBACK is off: no other socket gets what it sends */
    char filter[128];
    uint64_t seen; /**< number of the last frame of the tool's own that came back to it */
    size_t interfaces_length;
    struct {
        int index;
        uint32_t id;
    } interfaces[INTERFACES_MAX];
};

struct frame {
    int index; /**< of the interface; 0: not known */
    bool own;  /**< the kernel says that this socket sent it */
    size_t size;
    uint8_t bytes[CANFD_MTU]; /**< struct can_frame or canfd_frame */
};

/**
 * What the tool's sockets sent, all of them: the kernel gives that to the machine's other sockets,
 * and it is no answer of a device.
 */
static struct {
    uint64_t count;
    struct {
        const struct can_file *by;
        struct frame frame;
    } ring[SENT_MAX]; /**< number n, from 1, at n % SENT_MAX */
} sent;

/* What a call carries */

/** The calls that send and receive. The place of an argument is 0 where there is none. */
static const struct carrier {
    uint64_t number;
    bool sends;
    enum {
        BUFFER,
        VECTOR,
        HEADER,  /**< struct msghdr */
        HEADERS, /**< struct mmsghdr, and the result tells how many */
    } shape;
    uint8_t flags_at;
    uint8_t address_at;
} carriers[] = {
    {SYS_write, true, BUFFER, 0, 0},     {SYS_writev, true, VECTOR, 0, 0},
    {SYS_sendto, true, BUFFER, 3, 4},    {SYS_sendmsg, true, HEADER, 2, 0},
    {SYS_sendmmsg, true, HEADERS, 3, 0}, {SYS_read, false, BUFFER, 0, 0},
    {SYS_readv, false, VECTOR, 0, 0},    {SYS_recvfrom, false, BUFFER, 3, 4},
    {SYS_recvmsg, false, HEADER, 2, 0},  {SYS_recvmmsg, false, HEADERS, 3, 0},
};

/** @return NULL: the call carries no frame, or leaves it where it is */
static const struct carrier *carrier_of(const struct trace_call *call)
{
    for (size_t i = 0; i < sizeof(carriers) / sizeof(carriers[0]); i++) {
        const struct carrier *one = &carriers[i];

        if (one->number != call->number)
            continue;
        if (!one->sends && one->flags_at != 0 &&
            (call->arguments[one->flags_at] & (MSG_PEEK | MSG_ERRQUEUE)) != 0)
            return NULL;
        return one;
    }
    return NULL;
}

/** How many messages the call carried. */
static uint64_t count_of(const struct trace_call *call, const struct carrier *carrier)
{
    if (call->result <= 0)
        return 0;
    return carrier->shape == HEADERS ? (uint64_t)call->result : 1;
}

/** The interface in a struct sockaddr_can; 0 if there is none. */
static int read_address(const struct trace_call *call, uint64_t address)
{
    struct {
        sa_family_t family;
        int index;
    } start;

    if (address == 0 || !trace_read(call, address, &start, sizeof(start)) || start.family != AF_CAN)
        return 0;
    return start.index;
}

/** Reads what a vector leads to, as much as a frame may have, or as there came. */
static void read_vector(const struct trace_call *call, uint64_t vector, uint64_t parts,
                        uint64_t length, struct frame *frame)
{
    frame->size = trace_read_vector(call, vector, parts, frame->bytes,
                                    length < CANFD_MTU ? (size_t)length : CANFD_MTU);
}

static void read_header(const struct trace_call *call, uint64_t address, uint64_t length,
                        struct frame *frame)
{
    struct msghdr header;

    if (!trace_read(call, address, &header, sizeof(header)))
        return;
    read_vector(call, (uintptr_t)header.msg_iov, header.msg_iovlen, length, frame);
    if (header.msg_namelen > 0)
        frame->index = read_address(call, (uintptr_t)header.msg_name);
    frame->own = (header.msg_flags & MSG_CONFIRM) != 0;
}

static void read_buffer(const struct trace_call *call, const struct carrier *carrier,
                        struct frame *frame)
{
    const uint64_t length = carrier->sends ? call->arguments[2] : (uint64_t)call->result;

    if (length <= CANFD_MTU && trace_read(call, call->arguments[1], frame->bytes, (size_t)length))
        frame->size = (size_t)length;
    if (carrier->address_at != 0)
        frame->index = read_address(call, call->arguments[carrier->address_at]);
}

/** Whether it is a classic or FD frame; CAN XL is neither. */
static bool is_frame(const struct frame *frame)
{
    return (frame->size == CAN_MTU || frame->size == CANFD_MTU) &&
           frame->bytes[AT_LENGTH] <= frame->size - HEADER_SIZE;
}

/** Reads a message of a call from the tool's memory. @return false: it is no frame */
static bool read_frame(const struct can_file *can, const struct trace_call *call,
                       const struct carrier *carrier, uint64_t message, struct frame *frame)
{
    const uint64_t length = carrier->sends ? CANFD_MTU : (uint64_t)call->result;
    const uint64_t at = call->arguments[1];
    struct mmsghdr many;

    *frame = (struct frame){0};
    switch (carrier->shape) {
    case BUFFER:
        read_buffer(call, carrier, frame);
        break;
    case VECTOR:
        read_vector(call, at, call->arguments[2], length, frame);
        break;
    case HEADER:
        read_header(call, at, length, frame);
        break;
    case HEADERS:
        if (!trace_read(call, at + message * sizeof(many), &many, sizeof(many)))
            return false;
        read_header(call, at + message * sizeof(many), carrier->sends ? length : many.msg_len,
                    frame);
        break;
    }
    if (frame->index == 0)
        frame->index = can->bound;
    return is_frame(frame);
}

/* What comes back */

/** Before it goes out: another thread may receive it before the call ends. */
static void remember(const struct can_file *can, const struct frame *frame)
{
    const uint64_t number = ++sent.count;

    sent.ring[number % SENT_MAX].by = can;
    sent.ring[number % SENT_MAX].frame = *frame;
}

/** Whether a frame that was received is one that was sent: the kernel sets FLAG_FD on its way. */
static bool is_same(const struct frame *one, const struct frame *received)
{
    return (one->index == received->index || received->index == 0) && one->size == received->size &&
           memcmp(one->bytes, received->bytes, AT_FLAGS) == 0 &&
           ((one->bytes[AT_FLAGS] ^ received->bytes[AT_FLAGS]) & ~FLAG_FD) == 0 &&
           memcmp(one->bytes + HEADER_SIZE, received->bytes + HEADER_SIZE,
                  received->bytes[AT_LENGTH]) == 0;
}

/** Whether a socket received a frame that the tool sent. They come in their order. */
static bool comes_back(struct can_file *can, const struct frame *frame)
{
    uint64_t number = can->seen + 1;

    if (number + SENT_MAX <= sent.count)
        number = sent.count - SENT_MAX + 1;
    for (; number <= sent.count; number++) {
        if ((sent.ring[number % SENT_MAX].by != can || can->gets_own) &&
            is_same(&sent.ring[number % SENT_MAX].frame, frame)) {
            can->seen = number;
            return true;
        }
    }
    return frame->own;
}

/* Records */

/** Adds the interface that a frame belongs to. */
static uint32_t add_interface(const struct can_file *can, int index)
{
    const struct traffic_sink *sink = can->file.sink;
    char name[IF_NAMESIZE];
    char description[64];

    if (index == 0)
        snprintf(name, sizeof(name), "any");
    else if (if_indextoname((unsigned)index, name) == NULL)
        snprintf(name, sizeof(name), "if%d", index);
    snprintf(description, sizeof(description), "boottap run: CAN interface %s, as the tool sees it",
             name);
    return sink->interface(sink->context, &(struct traffic_interface){
                                              .linktype = BTAP_LINKTYPE_CAN_SOCKETCAN,
                                              .name = name,
                                              .description = description,
                                              .filter = can->filter[0] != '\0' ? can->filter : NULL,
                                              .at_tool = true,
                                          });
}

/** @return false: the socket has too many interfaces */
static bool find_interface(struct can_file *can, int index, uint32_t *id)
{
    size_t at = 0;

    while (at < can->interfaces_length && can->interfaces[at].index != index)
        at++;
    if (at == INTERFACES_MAX)
        return false;
    if (at == can->interfaces_length) {
        can->interfaces[at].index = index;
        can->interfaces[at].id = add_interface(can, index);
        can->interfaces_length++;
    }
    *id = can->interfaces[at].id;
    return true;
}

static void tell_frame(struct can_file *can, const struct frame *frame,
                       enum btap_direction direction, btap_ns time)
{
    uint8_t bytes[CANFD_MTU];
    uint32_t interface_id;
    canid_t id;

    if (!find_interface(can, frame->index, &interface_id))
        return;
    memcpy(&id, frame->bytes, sizeof(id));
    memcpy(bytes, frame->bytes, frame->size);
    for (size_t i = 0; i < ID_SIZE; i++)
        bytes[i] = (uint8_t)(id >> 8 * (ID_SIZE - 1 - i));
    if (frame->size == CANFD_MTU)
        bytes[AT_FLAGS] |= FLAG_FD;
    else
        bytes[AT_FLAGS] = 0;
    can->file.sink->record(can->file.sink->context, &(struct traffic_record){
                                                        .interface_id = interface_id,
                                                        .time = time,
                                                        .direction = direction,
                                                        .bytes = bytes,
                                                        .captured = (uint32_t)frame->size,
                                                        .length = (uint32_t)frame->size,
                                                    });
}

/* Settings */

/** Filters in words, as many as there is room for. */
static void set_filter(struct can_file *can, const struct can_filter *filters, size_t count,
                       bool more)
{
    static const char cut[] = " ...";
    const size_t room = sizeof(can->filter) - sizeof(cut);
    char *text = can->filter;
    size_t length;

    text[0] = '\0';
    /* None at all is how tools say that they only send, and one for all how it is anyway. Other
     * sockets have the same interface in the recording: it is not for them to be called filtered.
     */
    if (count == 0 || (count == 1 && filters[0].can_id == 0 && filters[0].can_mask == 0))
        return;
    length = (size_t)snprintf(text, room, "received: only ids");
    for (size_t i = 0; i < count; i++) {
        const canid_t id = filters[i].can_id;
        char words[32];
        /* as candump wants them */
        const size_t size =
            (size_t)snprintf(words, sizeof(words), " %03X%c%03X", id & ~CAN_INV_FILTER,
                             (id & CAN_INV_FILTER) != 0 ? '~' : ':', filters[i].can_mask);

        if (length + size > room) {
            more = true;
            break;
        }
        memcpy(text + length, words, size + 1);
        length += size;
    }
    if (more)
        memcpy(text + length, cut, sizeof(cut));
}

static void follow_filter(struct can_file *can, const struct trace_call *call)
{
    struct can_filter filters[FILTERS_MAX];
    const uint64_t count = (uint32_t)call->arguments[4] / sizeof(filters[0]);
    const size_t kept = count < FILTERS_MAX ? (size_t)count : FILTERS_MAX;

    if (trace_read(call, call->arguments[3], filters, kept * sizeof(filters[0])))
        set_filter(can, filters, kept, count > kept);
}

/** setsockopt(): level, name, value, length are arguments 1 to 4. */
static void follow_option(struct can_file *can, const struct trace_call *call)
{
    const int name = (int)call->arguments[2];
    int value = 0;

    if ((int)call->arguments[1] != SOL_CAN_RAW)
        return;
    if (name == CAN_RAW_FILTER)
        follow_filter(can, call);
    else if (!trace_read(call, call->arguments[3], &value, sizeof(value)))
        return;
    else if (name == CAN_RAW_RECV_OWN_MSGS)
        can->gets_own = value != 0;
    else if (name == CAN_RAW_LOOPBACK)
        can->hides = value == 0;
}

/** What is set already of a socket that the tool did not open itself. */
static void ask_settings(struct can_file *can, int fd)
{
    struct sockaddr_can address = {0};
    socklen_t length = sizeof(address);
    int value = 0;

    if (getsockname(fd, (struct sockaddr *)&address, &length) == 0)
        can->bound = address.can_ifindex;
    length = sizeof(value);
    if (getsockopt(fd, SOL_CAN_RAW, CAN_RAW_RECV_OWN_MSGS, &value, &length) == 0)
        can->gets_own = value != 0;
}

/* The kind */

static bool is_socket(const char *path, const struct stat *status)
{
    (void)path;
    return S_ISSOCK(status->st_mode);
}

/** The tool's socket, as a descriptor of this program; -1: it is not to be had. */
static int take_socket(const struct trace_call *call, int fd)
{
    const int process = (int)syscall(SYS_pidfd_open, call->process, 0);
    int own;

    if (process < 0)
        return -1;
    own = (int)syscall(SYS_pidfd_getfd, process, fd, 0);
    close(process);
    return own;
}

static bool is_option(int fd, int name, int wanted)
{
    socklen_t length = sizeof(int);
    int value = -1;

    return getsockopt(fd, SOL_SOCKET, name, &value, &length) == 0 && value == wanted;
}

/** The kernel does not tell the protocol of a CAN socket; no other one has this type. */
static bool is_raw_can(int fd)
{
    return is_option(fd, SO_DOMAIN, AF_CAN) && is_option(fd, SO_TYPE, SOCK_RAW);
}

/** Whether socket() made a raw CAN socket. */
static bool makes_raw_can(const struct trace_call *call)
{
    const int type = (int)call->arguments[1] & ~(SOCK_NONBLOCK | SOCK_CLOEXEC);

    return (int)call->arguments[0] == AF_CAN && type == SOCK_RAW &&
           (int)call->arguments[2] == CAN_RAW;
}

static struct can_file *make(const struct traffic_sink *sink)
{
    struct can_file *can = allocate(sizeof(*can));

    can->file = (struct trace_file){.kind = &trace_can, .sink = sink};
    can->seen = sent.count;
    return can;
}

static struct trace_file *open_can(const struct trace_call *call, int fd, const char *path,
                                   const struct traffic_sink *sink)
{
    struct can_file *can = NULL;
    int own;

    (void)path;
    if (call->number == SYS_socket)
        return makes_raw_can(call) ? &make(sink)->file : NULL;
    own = take_socket(call, fd);
    if (own < 0)
        return NULL;
    if (is_raw_can(own)) {
        can = make(sink);
        ask_settings(can, own);
    }
    close(own);
    return can != NULL ? &can->file : NULL;
}

static void enter_can(struct trace_file *file, const struct trace_call *call)
{
    const struct can_file *can = (struct can_file *)file;
    const struct carrier *carrier = carrier_of(call);
    struct frame frame;
    uint64_t count;

    if (carrier == NULL || !carrier->sends || can->hides)
        return;
    count = carrier->shape == HEADERS ? call->arguments[2] : 1;
    for (uint64_t i = 0; i < count && i < TRACE_VECTORS_MAX; i++)
        if (read_frame(can, call, carrier, i, &frame))
            remember(can, &frame);
}

static void leave_can(struct trace_file *file, const struct trace_call *call)
{
    struct can_file *can = (struct can_file *)file;
    const struct carrier *carrier = carrier_of(call);
    struct frame frame;

    if (call->number == SYS_bind && call->result == 0)
        can->bound = read_address(call, call->arguments[1]);
    else if (call->number == SYS_setsockopt && call->result == 0)
        follow_option(can, call);
    if (carrier == NULL)
        return;
    for (uint64_t i = 0; i < count_of(call, carrier); i++) {
        if (!read_frame(can, call, carrier, i, &frame))
            continue;
        if (carrier->sends)
            tell_frame(can, &frame, BTAP_HOST_TO_DEVICE, call->entered);
        else if (!comes_back(can, &frame))
            tell_frame(can, &frame, BTAP_DEVICE_TO_HOST, call->time);
    }
}

static void close_can(struct trace_file *file, btap_ns time)
{
    struct can_file *can = (struct can_file *)file;

    (void)time;
    for (size_t i = 0; i < SENT_MAX; i++)
        if (sent.ring[i].by == can)
            sent.ring[i].by = NULL;
    free(can);
}

const struct trace_kind trace_can = {
    .is = is_socket,
    .open = open_can,
    .enter = enter_can,
    .leave = leave_can,
    .close = close_can,
};
