/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host_usart.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ACK 0x79

/** Between the host's answer to something and its next bytes. */
#define THINK (20 * SIM_US)

static void on_emit(void *context, uint32_t delay_us, const uint8_t *bytes, size_t length)
{
    struct usart_host *host = context;
    struct usart_pending *pending = &host->pending[host->pending_length];
    sim_ns due = host->clock.now + delay_us * SIM_US;

    if (host->pending_length == USART_PENDING_MAX || length > sizeof(pending->bytes)) {
        fprintf(stderr, "host_usart: more answers than a scenario can have\n");
        exit(2);
    }
    /* The device's line carries one byte after the other. */
    if (host->pending_length && due < pending[-1].due)
        due = pending[-1].due;
    pending->due = due;
    pending->length = length;
    pending->taken = 0;
    memcpy(pending->bytes, bytes, length);
    host->pending_length++;
}

void usart_host_init(struct usart_host *host, struct serial_wire *wire, struct usart_device *device,
                     const struct usart_device_config *config)
{
    struct usart_device_config connected = *config;

    host->clock.now = SIM_EPOCH;
    host->wire = wire;
    host->device = device;
    host->settings = (struct serial_settings){115200, 'E', 8, 1};
    host->echo = false;
    host->reply = false;
    host->no_wait = false;
    host->unrecorded = 0;
    host->split = 0;
    host->pause = 0;
    host->timeout = 1 * SIM_S;
    host->pending_length = 0;
    connected.emit = on_emit;
    connected.context = host;
    usart_device_init(device, &connected);
}

void usart_host_open(struct usart_host *host)
{
    host->wire->open(host->wire, host->clock.now, &host->settings);
    usart_host_wait(host, 1 * SIM_MS);
    host->wire->lines(host->wire, host->clock.now, true, true);
    usart_host_wait(host, 10 * SIM_MS);
}

static sim_ns time_on_line(const struct usart_host *host, size_t length)
{
    int64_t bits =
        1 + host->settings.data_bits + (host->settings.parity != 'N') + host->settings.stop_bits;
    return (sim_ns)length * bits * SIM_S / host->settings.baud;
}

void usart_host_wait(struct usart_host *host, sim_ns time)
{
    host->clock.now += time;
}

static void record_sent(struct usart_host *host, const uint8_t *bytes, size_t length)
{
    size_t most = host->split ? host->split : length;

    for (size_t at = 0; at < length; at += most) {
        size_t part = length - at < most ? length - at : most;
        host->wire->transmit(host->wire, host->clock.now + time_on_line(host, at), bytes + at,
                             part);
    }
    if (host->echo)
        host->wire->receive(host->wire, host->clock.now + time_on_line(host, length), bytes,
                            length);
}

void usart_host_send(struct usart_host *host, const uint8_t *bytes, size_t length)
{
    for (; host->pause > 0 && length > 1; bytes++, length--) {
        record_sent(host, bytes, 1);
        host->clock.now += time_on_line(host, 1) + host->pause;
        usart_device_receive(host->device, bytes[0]);
    }
    record_sent(host, bytes, length - host->unrecorded);
    host->unrecorded = 0;
    for (size_t i = 0; i < length; i++) {
        host->clock.now += time_on_line(host, 1);
        usart_device_receive(host->device, bytes[i]);
    }
}

/** The device waits for the reply to each of its bytes, which says nothing to it. */
static void record_replied(struct usart_host *host, const struct usart_pending *pending)
{
    for (size_t i = 0; i < pending->length; i++) {
        host->clock.now += time_on_line(host, 1);
        host->wire->receive(host->wire, host->clock.now, &pending->bytes[i], 1);
        host->clock.now += THINK;
        host->wire->transmit(host->wire, host->clock.now, &pending->bytes[i], 1);
        host->clock.now += time_on_line(host, 1);
    }
}

/** Takes from the first of the pending answers; the rest of it stays. */
static size_t take(struct usart_host *host, uint8_t *bytes, size_t length)
{
    struct usart_pending *first = &host->pending[0];
    size_t part = first->length - first->taken;

    if (first->taken == 0) {
        if (host->clock.now < first->due)
            host->clock.now = first->due;
        if (host->reply) {
            record_replied(host, first);
        } else {
            host->clock.now += time_on_line(host, first->length);
            host->wire->receive(host->wire, host->clock.now, first->bytes, first->length);
        }
    }
    if (part > length)
        part = length;
    if (bytes)
        memcpy(bytes, first->bytes + first->taken, part);
    first->taken += part;
    if (first->taken == first->length) {
        host->pending_length--;
        memmove(first, first + 1, host->pending_length * sizeof(*first));
    }
    return part;
}

size_t usart_host_receive(struct usart_host *host, uint8_t *bytes, size_t length)
{
    sim_ns until = host->clock.now + host->timeout;
    size_t have = 0;

    while (have < length && host->pending_length && host->pending[0].due <= until)
        have += take(host, bytes + have, length - have);
    host->clock.now = have < length ? until : host->clock.now + THINK;
    return have;
}

void usart_host_drain(struct usart_host *host, sim_ns time)
{
    sim_ns until = host->clock.now + time;

    while (host->pending_length && host->pending[0].due <= until)
        take(host, NULL, sizeof(host->pending[0].bytes));
    if (host->clock.now < until)
        host->clock.now = until;
}

bool usart_host_acknowledged(struct usart_host *host)
{
    uint8_t byte;

    if (host->no_wait)
        return true;
    return usart_host_receive(host, &byte, 1) == 1 && byte == ACK;
}

/** Sends bytes and the XOR of them, waits for the answer. */
static bool send_group(struct usart_host *host, const uint8_t *bytes, size_t length)
{
    uint8_t group[1100];

    memcpy(group, bytes, length);
    group[length] = sim_xor(bytes, length);
    usart_host_send(host, group, length + 1);
    return usart_host_acknowledged(host);
}

bool usart_host_sync(struct usart_host *host)
{
    static const uint8_t byte = 0x7F;
    usart_host_send(host, &byte, 1);
    return usart_host_acknowledged(host);
}

bool usart_host_command(struct usart_host *host, uint8_t opcode)
{
    const uint8_t bytes[] = {opcode, (uint8_t)~opcode};
    usart_host_send(host, bytes, sizeof(bytes));
    return usart_host_acknowledged(host);
}

static bool send_word(struct usart_host *host, uint32_t word)
{
    uint8_t bytes[4];
    sim_put_be32(bytes, word);
    return send_group(host, bytes, sizeof(bytes));
}

bool usart_host_address(struct usart_host *host, uint32_t address)
{
    return send_word(host, address);
}

/** A command whose reply tells its own length in its first byte. */
static bool ask_counted(struct usart_host *host, uint8_t opcode)
{
    uint8_t reply[257];

    return usart_host_command(host, opcode) && usart_host_receive(host, reply, 1) == 1 &&
           usart_host_receive(host, reply + 1, reply[0] + 1u) == reply[0] + 1u &&
           usart_host_acknowledged(host);
}

bool usart_host_get(struct usart_host *host)
{
    return ask_counted(host, 0x00);
}

bool usart_host_get_version(struct usart_host *host)
{
    uint8_t reply[3];
    return usart_host_command(host, 0x01) && usart_host_receive(host, reply, 3) == 3 &&
           usart_host_acknowledged(host);
}

bool usart_host_get_id(struct usart_host *host)
{
    return ask_counted(host, 0x02);
}

bool usart_host_read(struct usart_host *host, uint32_t address, size_t length)
{
    uint8_t data[256];
    uint8_t count = (uint8_t)(length - 1);
    const uint8_t bytes[] = {count, (uint8_t)~count};

    if (!usart_host_command(host, 0x11) || !usart_host_address(host, address))
        return false;
    usart_host_send(host, bytes, sizeof(bytes));
    return usart_host_acknowledged(host) && usart_host_receive(host, data, length) == length;
}

bool usart_host_go(struct usart_host *host, uint32_t address)
{
    return usart_host_command(host, 0x21) && usart_host_address(host, address);
}

bool usart_host_write(struct usart_host *host, uint32_t address, const uint8_t *bytes,
                      size_t length)
{
    uint8_t data[257];

    if (!usart_host_command(host, 0x31) || !usart_host_address(host, address))
        return false;
    data[0] = (uint8_t)(length - 1);
    memcpy(data + 1, bytes, length);
    return send_group(host, data, length + 1);
}

bool usart_host_erase(struct usart_host *host, uint8_t first, uint8_t last)
{
    uint8_t list[256] = {(uint8_t)(last - first)};
    size_t length = 1;

    if (!usart_host_command(host, 0x43))
        return false;
    for (unsigned page = first; page <= last; page++)
        list[length++] = (uint8_t)page;
    return send_group(host, list, length);
}

bool usart_host_extended_erase(struct usart_host *host, uint16_t first, uint16_t last)
{
    uint8_t list[1024];
    size_t length = 2;

    if (!usart_host_command(host, 0x44))
        return false;
    sim_put_be16(list, (uint16_t)(last - first));
    for (unsigned page = first; page <= last; page++, length += 2)
        sim_put_be16(list + length, (uint16_t)page);
    return send_group(host, list, length);
}

bool usart_host_special_erase(struct usart_host *host, uint16_t code)
{
    uint8_t bytes[2];

    sim_put_be16(bytes, code);
    return usart_host_command(host, 0x44) && send_group(host, bytes, sizeof(bytes));
}

bool usart_host_write_protect(struct usart_host *host, uint8_t first, uint8_t last)
{
    uint8_t list[257] = {(uint8_t)(last - first)};
    size_t length = 1;

    if (!usart_host_command(host, 0x63))
        return false;
    for (unsigned sector = first; sector <= last; sector++)
        list[length++] = (uint8_t)sector;
    return send_group(host, list, length);
}

bool usart_host_protection(struct usart_host *host, uint8_t opcode)
{
    return usart_host_command(host, opcode) && usart_host_acknowledged(host);
}

bool usart_host_checksum(struct usart_host *host, uint32_t address, uint32_t words, bool full)
{
    uint8_t reply[5];

    if (!usart_host_command(host, 0xA1) || !usart_host_address(host, address) ||
        !send_word(host, words))
        return false;
    if (full && (!send_word(host, 0x04C11DB7) || !send_word(host, 0xFFFFFFFF)))
        return false;
    if (!(full && host->device->config.one_checksum_ack) && !usart_host_acknowledged(host))
        return false;
    return usart_host_receive(host, reply, 5) == 5;
}

static bool send_packet(struct usart_host *host, const uint8_t *bytes, size_t length)
{
    uint8_t packet[1026];

    sim_put_be16(packet, (uint16_t)length);
    memcpy(packet + 2, bytes, length);
    return send_group(host, packet, length + 2);
}

static bool receive_packet(struct usart_host *host)
{
    uint8_t packet[258];

    if (usart_host_receive(host, packet, 2) != 2 || sim_be16(packet) > 256)
        return false;
    return sim_be16(packet) == 0 ||
           usart_host_receive(host, packet + 2, sim_be16(packet)) == sim_be16(packet);
}

static bool start_special(struct usart_host *host, uint8_t opcode, uint16_t subcommand)
{
    uint8_t bytes[2];

    sim_put_be16(bytes, subcommand);
    return usart_host_command(host, opcode) && send_group(host, bytes, sizeof(bytes));
}

bool usart_host_special(struct usart_host *host, uint16_t subcommand, const uint8_t *bytes,
                        size_t length)
{
    return start_special(host, 0x50, subcommand) && send_packet(host, bytes, length) &&
           receive_packet(host) && receive_packet(host) && usart_host_acknowledged(host);
}

bool usart_host_extended_special(struct usart_host *host, uint16_t subcommand, const uint8_t *first,
                                 size_t first_length, const uint8_t *second, size_t second_length)
{
    return start_special(host, 0x51, subcommand) && send_packet(host, first, first_length) &&
           send_packet(host, second, second_length) && receive_packet(host) &&
           usart_host_acknowledged(host);
}
