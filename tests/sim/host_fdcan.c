/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host_fdcan.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ACK 0x79

#define THINK (30 * SIM_US)

static void on_emit(void *context, uint32_t delay_us, const struct sim_can_frame *frame)
{
    struct fdcan_host *host = context;
    struct fdcan_pending *pending = &host->pending[host->pending_length];
    sim_ns from = host->clock.now;

    if (host->pending_length == FDCAN_PENDING_MAX) {
        fprintf(stderr, "host_fdcan: more answers than a scenario can have\n");
        exit(2);
    }
    /* One frame after the other: the delay counts from the one before. */
    if (host->pending_length && from < pending[-1].due)
        from = pending[-1].due;
    pending->due = from + delay_us * SIM_US;
    pending->frame = *frame;
    host->pending_length++;
}

void fdcan_host_init(struct fdcan_host *host, struct sim_capture *capture,
                     struct can_device *device, const struct can_device_config *config)
{
    struct can_device_config connected = *config;

    host->clock.now = SIM_EPOCH;
    host->capture = capture;
    host->device = device;
    host->base = 0;
    host->classic = false;
    host->dummy_byte = false;
    host->other_nodes = false;
    host->foreign = 0;
    host->timeout = 1 * SIM_S;
    host->pending_length = 0;
    connected.emit = on_emit;
    connected.context = host;
    can_device_init(device, &connected);
}

/** A frame needs 80 bits at 250 kbit/s and its payload at 1 Mbit/s, more or less. */
static sim_ns time_on_bus(size_t length)
{
    return 320 * SIM_US + (sim_ns)length * 8 * SIM_US;
}

void fdcan_host_wait(struct fdcan_host *host, sim_ns time)
{
    host->clock.now += time;
}

static void record(struct fdcan_host *host, const struct sim_can_frame *frame)
{
    sim_write_can(host->capture, host->clock.now, frame);
}

void fdcan_host_foreign(struct fdcan_host *host, const struct sim_can_frame *frame)
{
    host->clock.now += time_on_bus(frame->length);
    record(host, frame);
}

void fdcan_host_say(struct fdcan_host *host, uint32_t id, const uint8_t *bytes, size_t length)
{
    struct sim_can_frame frame = {
        .id = id, .fd = true, .rate_switch = true, .length = (uint8_t)length};

    if (length > 0)
        memcpy(frame.data, bytes, length);
    fdcan_host_foreign(host, &frame);
}

/** A motor controller's status and an instrument's cycle, as any bus has them. */
static void other_node_speaks(struct fdcan_host *host)
{
    struct sim_can_frame frame = {.id = host->foreign % 2 ? 0x3A5 : 0x6F1, .length = 8};

    if (!host->other_nodes)
        return;
    sim_put_be32(frame.data, host->foreign);
    sim_put_be32(frame.data + 4, ~host->foreign);
    host->foreign++;
    fdcan_host_foreign(host, &frame);
}

void fdcan_host_send(struct fdcan_host *host, uint32_t id, const uint8_t *bytes, size_t length)
{
    struct sim_can_frame frame = {
        .id = id, .fd = !host->classic, .rate_switch = !host->classic, .length = (uint8_t)length};

    if (length)
        memcpy(frame.data, bytes, length);
    other_node_speaks(host);
    fdcan_host_drain(host, time_on_bus(length)); /* what the device sends meanwhile */
    record(host, &frame);
    can_device_receive(host->device, &frame);
}

static void take(struct fdcan_host *host, struct sim_can_frame *frame)
{
    struct fdcan_pending *first = &host->pending[0];

    if (host->clock.now < first->due)
        host->clock.now = first->due;
    record(host, &first->frame);
    *frame = first->frame;
    host->pending_length--;
    memmove(first, first + 1, host->pending_length * sizeof(*first));
}

bool fdcan_host_receive(struct fdcan_host *host, struct sim_can_frame *frame)
{
    sim_ns until = host->clock.now + host->timeout;

    if (host->pending_length == 0 || host->pending[0].due > until) {
        host->clock.now = until;
        return false;
    }
    take(host, frame);
    host->clock.now += THINK;
    return true;
}

void fdcan_host_drain(struct fdcan_host *host, sim_ns time)
{
    sim_ns until = host->clock.now + time;
    struct sim_can_frame frame;

    while (host->pending_length && host->pending[0].due <= until)
        take(host, &frame);
    if (host->clock.now < until)
        host->clock.now = until;
}

bool fdcan_host_acknowledged(struct fdcan_host *host)
{
    struct sim_can_frame frame;
    return fdcan_host_receive(host, &frame) && frame.length == 1 && frame.data[0] == ACK;
}

static bool command(struct fdcan_host *host, uint8_t opcode, const uint8_t *bytes, size_t length)
{
    fdcan_host_send(host, host->base | opcode, bytes, length);
    return fdcan_host_acknowledged(host);
}

bool fdcan_host_detect(struct fdcan_host *host)
{
    static const uint8_t byte = 0x5A;
    fdcan_host_send(host, 0x111, &byte, 1);
    return host->device->config.detection_silent ? (fdcan_host_drain(host, host->timeout), true)
                                                 : fdcan_host_acknowledged(host);
}

/** Takes frames until the ACK that closes a reply of so many of them. */
static bool receive_reply(struct fdcan_host *host, size_t frames)
{
    struct sim_can_frame frame;

    for (size_t i = 0; i < frames; i++)
        if (!fdcan_host_receive(host, &frame))
            return false;
    return fdcan_host_acknowledged(host);
}

bool fdcan_host_get(struct fdcan_host *host)
{
    struct sim_can_frame count;

    return command(host, 0x00, NULL, 0) && fdcan_host_receive(host, &count) &&
           receive_reply(host, 1u + count.data[0]);
}

bool fdcan_host_get_version(struct fdcan_host *host)
{
    return command(host, 0x01, NULL, 0) && receive_reply(host, 2);
}

bool fdcan_host_get_id(struct fdcan_host *host)
{
    return command(host, 0x02, NULL, 0) && receive_reply(host, 1);
}

bool fdcan_host_read(struct fdcan_host *host, uint32_t address, size_t length)
{
    uint8_t bytes[5];

    sim_put_be32(bytes, address);
    bytes[4] = (uint8_t)(length - 1);
    return command(host, 0x11, bytes, sizeof(bytes)) && receive_reply(host, (length + 63) / 64);
}

bool fdcan_host_go(struct fdcan_host *host, uint32_t address)
{
    uint8_t bytes[4];

    sim_put_be32(bytes, address);
    return command(host, 0x21, bytes, sizeof(bytes)) &&
           (host->device->config.one_go_ack || fdcan_host_acknowledged(host));
}

/** Data in frames of 64 bytes, the last one filled up with 00. */
static void send_data(struct fdcan_host *host, uint8_t opcode, const uint8_t *bytes, size_t length)
{
    for (size_t at = 0; at < length; at += 64) {
        uint8_t frame[64] = {0};
        memcpy(frame, bytes + at, length - at < 64 ? length - at : 64);
        fdcan_host_send(host, host->base | opcode, frame, sizeof(frame));
    }
}

bool fdcan_host_write(struct fdcan_host *host, uint32_t address, const uint8_t *bytes,
                      size_t length)
{
    uint8_t head[5];

    sim_put_be32(head, address);
    head[4] = (uint8_t)(length - 1);
    if (!command(host, 0x31, head, sizeof(head)))
        return false;
    send_data(host, 0x31, bytes, length);
    return fdcan_host_acknowledged(host);
}

bool fdcan_host_erase_pages(struct fdcan_host *host, uint16_t first, uint16_t last)
{
    uint8_t count[2];
    uint8_t list[512];
    size_t length = 0;

    sim_put_be16(count, (uint16_t)(last - first + 1)); /* the exact number on this wire */
    if (!command(host, 0x44, count, sizeof(count)) ||
        !(host->device->config.one_list_ack || fdcan_host_acknowledged(host)))
        return false;
    for (unsigned page = first; page <= last; page++, length += 2)
        sim_put_be16(list + length, (uint16_t)page);
    send_data(host, 0x44, list, length);
    return fdcan_host_acknowledged(host);
}

bool fdcan_host_special_erase(struct fdcan_host *host, uint16_t code)
{
    uint8_t bytes[2];

    sim_put_be16(bytes, code);
    return command(host, 0x44, bytes, sizeof(bytes)) && fdcan_host_acknowledged(host);
}

bool fdcan_host_write_protect(struct fdcan_host *host, uint8_t first, uint8_t last)
{
    uint8_t list[64];
    size_t length = 1;

    list[0] = (uint8_t)(last - first + 1);
    for (unsigned sector = first; sector <= last && length < 8; sector++)
        list[length++] = (uint8_t)sector;
    if (!host->device->config.sectors_apart)
        return command(host, 0x63, list, length) && fdcan_host_acknowledged(host);
    if (!command(host, 0x63, list, 1))
        return false;
    fdcan_host_send(host, host->base | 0x63, list, length);
    return fdcan_host_acknowledged(host);
}

bool fdcan_host_protection(struct fdcan_host *host, uint8_t opcode)
{
    static const uint8_t dummy = 0x00;
    return command(host, opcode, &dummy, host->dummy_byte ? 1 : 0) && fdcan_host_acknowledged(host);
}

static bool send_packet(struct fdcan_host *host, uint8_t opcode, const uint8_t *bytes,
                        size_t length)
{
    uint8_t size[2];

    sim_put_be16(size, (uint16_t)length);
    fdcan_host_send(host, host->base | opcode, size, sizeof(size));
    send_data(host, opcode, bytes, length);
    return fdcan_host_acknowledged(host);
}

static bool start_special(struct fdcan_host *host, uint8_t opcode, uint16_t subcommand)
{
    uint8_t bytes[2];

    sim_put_be16(bytes, subcommand);
    return command(host, opcode, bytes, sizeof(bytes)) && fdcan_host_acknowledged(host);
}

bool fdcan_host_special(struct fdcan_host *host, uint16_t subcommand, const uint8_t *bytes,
                        size_t length)
{
    return start_special(host, 0x50, subcommand) && send_packet(host, 0x50, bytes, length) &&
           receive_reply(host, 1);
}

bool fdcan_host_extended_special(struct fdcan_host *host, uint16_t subcommand, const uint8_t *first,
                                 size_t first_length, const uint8_t *second, size_t second_length)
{
    return start_special(host, 0x51, subcommand) && send_packet(host, 0x51, first, first_length) &&
           send_packet(host, 0x51, second, second_length) && receive_reply(host, 1);
}
