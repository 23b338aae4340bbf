/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "can_wire.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "products.h"
#include "test.h"

#define US 1000

/** An answer that is later than this is one that the test wants late. */
#define LATE_US 1000000

static void add(struct can_wire *wire, btap_ns due, const struct wire_frame *frame)
{
    assert_true(wire->waiting_length < CAN_WIRE_WAITING_MAX);
    wire->waiting[wire->waiting_length].due = due;
    wire->waiting[wire->waiting_length++].frame = *frame;
}

/** Whether the device's frames are FD frames. */
static bool is_fd(const struct can_wire *wire)
{
    return wire->device.config.product->dialect == &can_dialect_fd;
}

/** A motor controller's status, on an identifier of its own and on one of the bootloader's. */
static void other_node_speaks(struct can_wire *wire)
{
    const bool fd = is_fd(wire);
    const struct wire_frame frames[] = {
        {.id = 0x3a5, .fd = fd, .length = 8, .data = {1, 2, 3, 4, 5, 6, 7, 8}},
        {.id = 0x111, .fd = !fd, .length = 1, .data = {0x1f}}, /* of the other kind */
        {.id = 0x111, .extended = true, .fd = true, .length = 1, .data = {0x1f}},
        {.id = 4, .error = true, .length = 8},
    };

    for (size_t i = 0; wire->others && i < COUNT_OF(frames); i++)
        add(wire, 0, &frames[i]);
}

static void on_emit(void *context, uint32_t delay_us, const struct sim_can_frame *frame)
{
    struct can_wire *wire = context;
    struct wire_frame one = {.id = frame->id,
                             .extended = frame->extended,
                             .fd = frame->fd,
                             .brs = frame->rate_switch,
                             .length = frame->length};

    memcpy(one.data, frame->data, sizeof(one.data));
    if (wire->mute)
        return;
    other_node_speaks(wire);
    add(wire, delay_us >= LATE_US ? clock_monotonic() + (delay_us - LATE_US) * (btap_ns)US : 0,
        &one);
}

void can_wire_add(struct can_wire *wire, uint32_t id, const uint8_t *bytes, uint8_t length)
{
    const bool fd = is_fd(wire);
    struct wire_frame frame = {.id = id, .fd = fd, .brs = fd, .length = length};

    memcpy(frame.data, bytes, length);
    add(wire, 0, &frame);
}

static uint32_t any(struct can_wire *wire)
{
    wire->seed = wire->seed * 1664525 + 1013904223;
    return wire->seed >> 16;
}

/** Frames on identifiers of a bootloader, many of them like answers, of any length and contents. */
static void babble(struct can_wire *wire, uint32_t id)
{
    const uint8_t lengths[] = {0, 1, 1, 1, 2, 2, 5, 8, is_fd(wire) ? 64 : 8};
    static const uint8_t likely[] = {0x79, 0x79, 0x79, 0x1f, 0x00, 0x01, 0xff};

    wire->waiting_length = 0;
    for (uint32_t frames = any(wire) % 12; frames > 0; frames--) {
        uint8_t bytes[64];

        for (size_t i = 0; i < sizeof(bytes); i++)
            bytes[i] =
                any(wire) % 4 > 0 ? likely[any(wire) % COUNT_OF(likely)] : (uint8_t)any(wire);
        can_wire_add(wire, any(wire) % 3 > 0 ? id : 0x111, bytes,
                     lengths[any(wire) % COUNT_OF(lengths)]);
    }
}

static void write_down(struct can_wire *wire, const struct wire_frame *frame)
{
    size_t length = strlen(wire->log);

    assert_true(length + 256 < sizeof(wire->log));
    length += (size_t)sprintf(wire->log + length, "%03x ", frame->id);
    for (uint8_t i = 0; i < frame->length; i++)
        length += (size_t)sprintf(wire->log + length, "%02x", frame->data[i]);
    strcpy(wire->log + length, "\n");
}

static enum wire_result send(struct wire *wire, const struct wire_message *message)
{
    struct can_wire *self = (struct can_wire *)wire;
    const struct wire_frame *frame = message->frame;
    const uint8_t protected_before = self->device.config.read_protected;
    struct sim_can_frame one = {.id = frame->id,
                                .extended = frame->extended,
                                .fd = frame->fd,
                                .rate_switch = frame->brs,
                                .length = frame->length};

    assert_int_equal(message->kind, WIRE_FRAME);
    /* ISO 11898-1 */
    assert_true(frame->length <= 8 || frame->length == 12 || frame->length == 16 ||
                frame->length == 20 || frame->length == 24 || frame->length == 32 ||
                frame->length == 48 || frame->length == 64);
    if (self->unplugged)
        return WIRE_GONE;
    write_down(self, frame);
    self->last = *frame;
    memcpy(one.data, frame->data, sizeof(one.data));
    if (self->seed != 0)
        babble(self, frame->id);
    else if (clock_monotonic() >= self->deaf_until)
        can_device_receive(&self->device, &one);
    if (protected_before != self->device.config.read_protected)
        self->deaf_until = clock_monotonic() + self->deaf_for;
    return WIRE_DONE;
}

static void sleep_until(btap_ns time)
{
    const struct timespec until = {time / CLOCK_NS_PER_SECOND, time % CLOCK_NS_PER_SECOND};

    while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL) != 0)
        ;
}

static enum wire_result receive(struct wire *wire, struct wire_received *received, btap_ns deadline)
{
    struct can_wire *self = (struct can_wire *)wire;

    if (self->unplugged)
        return WIRE_GONE;
    if (self->waiting_length == 0 || self->waiting[0].due > deadline) {
        sleep_until(deadline);
        return WIRE_QUIET;
    }
    sleep_until(self->waiting[0].due);
    *received = (struct wire_received){.time = clock_now(), .frame = self->waiting[0].frame};
    self->waiting_length--;
    memmove(&self->waiting[0], &self->waiting[1], self->waiting_length * sizeof(self->waiting[0]));
    return WIRE_DONE;
}

static void close_wire(struct wire *wire)
{
    (void)wire;
}

static const struct wire_kind kind = {
    .medium = WIRE_CAN, .send = send, .receive = receive, .close = close_wire};

void can_wire_open(struct can_wire *wire, const char *product,
                   const struct can_device_config *config)
{
    struct can_device_config own = *config;

    memset(wire, 0, sizeof(*wire));
    own.product = can_product_by_name(product);
    own.emit = on_emit;
    own.context = wire;
    wire->wire = (struct wire){.kind = &kind, .name = "can0"};
    can_device_init(&wire->device, &own);
}

const char *can_wire_log(struct can_wire *wire)
{
    static char log[sizeof(wire->log)];

    memcpy(log, wire->log, sizeof(log));
    wire->log[0] = '\0';
    return log;
}
