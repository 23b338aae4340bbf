/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cable.h"

#include <string.h>

#define PACKET_MAX 64 /* of bulk endpoints and of endpoint 0 at full speed */
#define TRIES      3

enum {
    PID_OUT = 0xE1,
    PID_IN = 0x69,
    PID_SETUP = 0x2D,
    PID_DATA0 = 0xC3,
    PID_DATA1 = 0x4B,
    PID_ACK = 0xD2,
    PID_NAK = 0x5A,
    PID_STALL = 0x1E,
};

/** Where packets go, and when. */
struct wire {
    sim_ns at;
    sim_packet *packet;
    void *context;
    uint8_t device;
    uint8_t endpoint;
};

/** Bits lowest first into a register that shifts left, as USB 2.0 section 8.3.5 draws it. */
static uint32_t crc_of(const uint8_t *bytes, size_t bits, unsigned width, uint32_t polynomial)
{
    const uint32_t all = (1u << width) - 1;
    uint32_t crc = all;
    uint32_t mirrored = 0;

    for (size_t i = 0; i < bits; i++) {
        const uint32_t bit = (uint32_t)bytes[i / 8] >> i % 8 & 1u;
        const uint32_t top = crc >> (width - 1);

        crc = crc << 1 & all;
        if (bit != top)
            crc ^= polynomial;
    }
    crc = ~crc & all;
    for (unsigned i = 0; i < width; i++)
        mirrored |= (crc >> i & 1u) << (width - 1 - i);
    return mirrored;
}

static void send(struct wire *wire, const uint8_t *bytes, size_t length)
{
    wire->packet(wire->context, wire->at, bytes, length);
    /* SYNC, 12 Mbit/s, and the turn of the bus */
    wire->at += (sim_ns)(length + 3) * 8 * SIM_US / 12;
}

static void token(struct wire *wire, uint8_t pid)
{
    const uint16_t fields = (uint16_t)(wire->device | wire->endpoint << 7);
    uint8_t bytes[3] = {pid, (uint8_t)fields, (uint8_t)(fields >> 8)};

    bytes[2] |= (uint8_t)(crc_of(bytes + 1, 11, 5, 0x05) << 3);
    send(wire, bytes, 3);
}

static void data_packet(struct wire *wire, bool odd, const uint8_t *data, size_t length)
{
    uint8_t bytes[1 + PACKET_MAX + 2] = {odd ? PID_DATA1 : PID_DATA0};
    uint32_t crc;

    if (length)
        memcpy(bytes + 1, data, length);
    crc = crc_of(bytes + 1, length * 8, 16, 0x8005);
    sim_put_le16(bytes + 1 + length, (uint16_t)crc);
    send(wire, bytes, length + 3);
}

static void handshake(struct wire *wire, uint8_t pid)
{
    send(wire, &pid, 1);
}

static void move(struct wire *wire, uint8_t pid, bool odd, const uint8_t *data, size_t length)
{
    token(wire, pid);
    data_packet(wire, odd, data, length);
    handshake(wire, PID_ACK);
}

/** Data in packets, and one that is short at the end if need be. @return whether the next is odd */
static bool move_all(struct wire *wire, uint8_t pid, bool odd, const uint8_t *data, size_t length)
{
    for (size_t at = 0; at < length; at += PACKET_MAX) {
        const size_t left = length - at;

        move(wire, pid, odd, data + at, left < PACKET_MAX ? left : PACKET_MAX);
        odd = !odd;
    }
    return odd;
}

static void unanswered(struct wire *wire, uint8_t pid)
{
    for (int i = 0; i < TRIES; i++)
        token(wire, pid);
}

static void control(struct wire *wire, const struct sim_usb_record *submission,
                    const struct sim_usb_record *completion, const uint8_t *data, uint32_t length)
{
    const bool in = (submission->setup[0] & 0x80) != 0;
    const bool wants = submission->setup[6] || submission->setup[7];
    const uint8_t status = wants && in ? PID_OUT : PID_IN;

    wire->endpoint = 0;
    move(wire, PID_SETUP, false, submission->setup, 8);
    if (completion->status == USB_STALLED && in) {
        token(wire, PID_IN);
        handshake(wire, PID_STALL);
        return;
    }
    if (wants && !in)
        move_all(wire, PID_OUT, true, data, length);
    wire->at = completion->at - 100 * SIM_US > wire->at ? completion->at - 100 * SIM_US : wire->at;
    token(wire, wants && in ? PID_IN : status);
    if (completion->status == USB_STALLED) {
        handshake(wire, PID_STALL);
        return;
    }
    if (completion->status != USB_OK && completion->status != USB_SHORT_READ) {
        unanswered(wire, status);
        return;
    }
    handshake(wire, PID_NAK);
    if (wants && in)
        move_all(wire, PID_IN, true, data, length);
    move(wire, status, true, NULL, 0);
}

static void other(struct sim_cable *cable, struct wire *wire, bool in, const uint8_t *data,
                  uint32_t length)
{
    uint8_t *odd = &cable->odd[in][wire->device][wire->endpoint];

    *odd = move_all(wire, in ? PID_IN : PID_OUT, *odd, data, length);
}

void sim_cable_transfer(struct sim_cable *cable, const struct sim_usb_record *submission,
                        const struct sim_usb_record *completion, const uint8_t *data,
                        uint32_t length, sim_packet *packet, void *context)
{
    struct wire wire = {
        .at = submission->at,
        .packet = packet,
        .context = context,
        .device = submission->device,
        .endpoint = submission->endpoint & 0x0F,
    };
    const bool in = (submission->endpoint & 0x80) != 0;

    if (submission->transfer == USB_CONTROL) {
        control(&wire, submission, completion, data, length);
        return;
    }
    if (in)
        wire.at = completion->at;
    other(cable, &wire, in, data, length);
}
