/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A bootloader on a CAN interface of Linux: FDCAN, or classic CAN.
 */
#include <errno.h>
#include <linux/can.h>
#include <linux/can/raw.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/exit_status.h"
#include "base/interrupt.h"
#include "base/message.h"
#include "port/can_link.h"
#include "simulate/series.h"
#include "simulate/stage.h"

struct on_can {
    struct stage *stage;
    const char *interface;
    enum can_link_use use;
    struct can_link link;
    int socket;
    bool failed;
    struct can_device device;
};

/** `031`, and words for what a frame of the bootloader never is. */
static void log_frame(struct on_can *on, const char *who, const struct sim_can_frame *frame)
{
    char words[32];

    snprintf(words, sizeof(words), frame->extended ? "%08x%s" : "%03x%s", (unsigned)frame->id,
             frame->error                               ? " error"
             : frame->fd == (on->use == CAN_LINK_TO_FD) ? ""
             : frame->fd                                ? " fd"
                                                        : " classic");
    log_bytes(&on->stage->log, who, words, frame->data, frame->length);
}

static void on_emit(void *context, uint32_t delay_us, const struct sim_can_frame *frame)
{
    struct on_can *on = context;
    struct canfd_frame out = {
        .can_id = frame->id,
        .len = frame->length,
        .flags = frame->rate_switch ? CANFD_BRS : 0,
    };

    const size_t size = frame->fd ? CANFD_MTU : CAN_MTU;

    memcpy(out.data, frame->data, frame->length);
    stage_work(on->stage, delay_us);
    if (stage_is_over())
        return;
    log_frame(on, "device", frame);
    if (write(on->socket, &out, size) == (ssize_t)size || errno == ENOBUFS)
        return;
    message("%s: %s", on->interface, strerror(errno));
    on->failed = true;
}

/** A part whose rate cannot be set says no; the host goes on at the old one. */
static bool has_rate(void *context, uint32_t bits_per_second)
{
    const struct on_can *on = context;

    if (can_link_stays(&on->link, bits_per_second))
        return true;
    message("%s: a Speed command for %u bit/s is refused: the interface stays as it is set",
            on->interface, (unsigned)bits_per_second);
    return false;
}

/** Says what is in the way of the interface. @return false */
static bool explain(const struct on_can *on, int cause)
{
    const char *interface = on->interface;
    char words[CAN_LINK_MISSING_SIZE];
    struct can_link link;

    if (cause == EAFNOSUPPORT || cause == EPROTONOSUPPORT)
        message("%s: this kernel has no CAN: modprobe can-raw vcan, as root", interface);
    else if (!can_link_find(&machine_here, interface, &link))
        message("%s: no such CAN interface; a virtual one is made by: ip link add dev %s type vcan "
                "&& ip link set %s mtu 72 up",
                interface, interface, interface);
    else if (can_link_missing(&link, on->use, words))
        message("%s: %s", interface, words);
    else
        message("%s: %s", interface, strerror(cause));
    return false;
}

/** @return false: a message says why */
static bool open_can(struct on_can *on)
{
    struct sockaddr_can address = {.can_family = AF_CAN};
    char words[CAN_LINK_MISSING_SIZE];
    const int enabled = 1;

    on->socket = socket(PF_CAN, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, CAN_RAW);
    if (on->socket < 0)
        return explain(on, errno);
    if (!can_link_find(&machine_here, on->interface, &on->link))
        return explain(on, ENODEV);
    address.can_ifindex = (int)if_nametoindex(on->interface);
    if (address.can_ifindex == 0 ||
        setsockopt(on->socket, SOL_CAN_RAW, CAN_RAW_FD_FRAMES, &enabled, sizeof(enabled)) < 0 ||
        bind(on->socket, (const struct sockaddr *)&address, sizeof(address)) < 0)
        return explain(on, errno);
    if (!can_link_missing(&on->link, on->use, words))
        return true;
    message("%s: %s", on->interface, words);
    return false;
}

static void reset(struct on_can *on)
{
    log_event(&on->stage->log, "reset");
    can_device_reset(&on->device);
}

static void receive(struct on_can *on, const struct canfd_frame *in, size_t size)
{
    const struct sim_can_frame given = {
        .id = in->can_id & CAN_EFF_MASK,
        .extended = (in->can_id & CAN_EFF_FLAG) != 0,
        .error = (in->can_id & CAN_ERR_FLAG) != 0,
        .fd = size == CANFD_MTU,
        .rate_switch = (in->flags & CANFD_BRS) != 0,
        .length = in->len <= sizeof(in->data) ? in->len : sizeof(in->data),
    };
    struct sim_can_frame frame = given;
    const bool ran = on->device.gone;

    memcpy(frame.data, in->data, frame.length);
    log_frame(on, "host", &frame);
    can_device_receive(&on->device, &frame);
    if (on->device.gone && !ran && !on->device.unplugged)
        log_event(&on->stage->log, "application-started");
}

/** @return false: the interface is gone */
static bool take(struct on_can *on)
{
    struct canfd_frame in;
    ssize_t size;

    while ((size = read(on->socket, &in, sizeof(in))) == CAN_MTU || size == CANFD_MTU) {
        receive(on, &in, (size_t)size);
        if (on->failed || on->device.unplugged || stage_is_over())
            return !on->failed;
    }
    if (size < 0 && (errno == EAGAIN || errno == EINTR))
        return true;
    message("%s: %s", on->interface, size < 0 ? strerror(errno) : "cannot be read");
    return false;
}

/** @return an exit status */
static int serve(struct on_can *on)
{
    while (!stage_is_over()) {
        struct pollfd readable = {.fd = on->socket, .events = POLLIN};
        const bool restarts = on->device.gone && on->stage->wanted->restart;

        /* Waits for a pause of the host's to keep what it wrote. */
        const int ready = interrupt_poll(&readable, 1,
                                         restarts ? (int)(STAGE_RESTART / SIM_MS)
                                         : on->stage->memory->changed ? 1000
                                                                      : -1);
        if (stage_is_reset() || (ready == 0 && restarts))
            reset(on);
        if (ready == 0 && !stage_keep(on->stage))
            return EXIT_TROUBLE;
        if (ready > 0 && !take(on))
            return EXIT_TROUBLE;
        if (on->device.unplugged) {
            log_event(&on->stage->log, "unplugged");
            message("%s: silent for good, as a fault asked for", on->interface);
            return EXIT_DONE;
        }
    }
    return EXIT_DONE;
}

/** Which identifier the answers of a series on FDCAN carry, as far as that is known. */
static enum can_replies replies_of(const struct btap_product *product)
{
    if (strcmp(product->series, "L5") == 0)
        return CAN_REPLY_OPCODE;
    if (strcmp(product->series, "H7") == 0)
        return CAN_REPLY_H7;
    return CAN_REPLY_HOST_ID;
}

static void configure(struct on_can *on)
{
    const struct stage *stage = on->stage;
    const bool fd = on->use == CAN_LINK_TO_FD;
    struct can_device_config config = {
        .product = fd ? &stage->part.fdcan : &stage->part.can,
        .memory = &stage->part.memory,
        .replies = fd ? replies_of(stage->part.product) : CAN_REPLY_HOST_ID,
        /* AN5405 table 3; AN3154 section 1 */
        .detection_required = !fd || stage->part.fdcan.version > 0x21,
        .one_list_frame = true,
        .read_protected = stage->wanted->read_protected,
        .faults_length = stage->faults.can_length,
        .emit = on_emit,
        .has_rate = has_rate,
        .context = on,
    };

    memcpy(config.faults, stage->faults.can, sizeof(config.faults));
    can_device_init(&on->device, &config);
    on->device.gone = stage->wanted->application;
    on->stage->memory = &on->device.memory;
}

int stage_can(struct stage *stage)
{
    static struct on_can on;
    int status = EXIT_TROUBLE;

    on = (struct on_can){
        .stage = stage,
        .interface = strchr(stage->wanted->on, ':') + 1,
        .use = stage->wanted->kind == SIM_FDCAN ? CAN_LINK_TO_FD : CAN_LINK_TO_CLASSIC,
    };
    if (open_can(&on)) {
        configure(&on);
        stage_ready(stage, on.interface);
        status = serve(&on);
    }
    if (on.socket >= 0)
        close(on.socket);
    return status;
}
