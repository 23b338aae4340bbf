/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What AN5405 has for itself; where the note is silent, as ST's Open Bootloader and the known ROMs
 * do it.
 */
#include <string.h>

#include "simulate/can_dialect.h"

enum {
    DETECTION_ID = 0x111,
    DETECTION_BYTE = 0x5A,

    KNOWN_SUBCOMMAND = 0x0001,
    LIST_FRAME = 64, /* bytes of the one frame in which page numbers come */
};

/** The least payload length of CAN FD that holds so many bytes. */
static size_t legal_length(size_t length)
{
    static const uint8_t lengths[] = {12, 16, 20, 24, 32, 48, 64};

    if (length <= 8)
        return length;
    for (size_t i = 0; i < sizeof(lengths); i++)
        if (length <= lengths[i])
            return lengths[i];
    return 64;
}

static void do_erase(struct can_device *device, uint16_t code)
{
    if (!sim_can_acknowledge(device, CAN_COMMAND, CAN_ANSWER_US))
        return;
    if (code >= 0xFFF0 && (code < 0xFFFD || device->memory.no_mass_erase)) {
        sim_can_nack(device);
    } else if (code >= 0xFFFD) {
        if (code == 0xFFFF)
            sim_memory_erase_all(&device->memory);
        else
            sim_memory_erase_bank(&device->memory, 0xFFFEu - code);
        sim_can_last_ack(device, CAN_OPERATION, CAN_MASS_ERASE_US);
    } else if (device->config.one_list_ack ||
               sim_can_acknowledge(device, CAN_OPERATION, CAN_ANSWER_US)) {
        device->pages = code;
        sim_can_collect(device, CAN_STEP_PAGES,
                        device->config.one_list_frame && code > LIST_FRAME / 2 ? LIST_FRAME
                                                                               : 2u * code);
    }
}

static void do_write_protect(struct can_device *device, const struct sim_can_frame *frame)
{
    const uint8_t count = frame->data[0];

    if (!sim_can_acknowledge(device, CAN_COMMAND, CAN_ANSWER_US))
        return;
    if (device->config.sectors_apart) {
        sim_can_collect(device, CAN_STEP_SECTORS, 1u + count); /* and their number once more */
        return;
    }
    sim_memory_protect(&device->memory, frame->data + 1, count < 63 ? count : 63);
    sim_can_ack_and_reset(device, CAN_OPERATION, CAN_PROTECT_US);
}

static void do_special(struct can_device *device, const struct sim_can_frame *frame)
{
    if (!sim_can_acknowledge(device, CAN_COMMAND, CAN_ANSWER_US))
        return;
    if (sim_be16(frame->data) != KNOWN_SUBCOMMAND)
        sim_can_nack(device);
    else if (sim_can_acknowledge(device, CAN_OPERATION, CAN_ANSWER_US))
        sim_can_collect(device, CAN_STEP_SPECIAL_SIZE, 2);
}

/** Data and status of Special in one frame, as the Open Bootloader packs them. */
static void answer_special(struct can_device *device)
{
    static const uint8_t special[] = {0x00, 0x00, 0x00, 0x01, 0x00};
    static const uint8_t extended[] = {0x00, 0x01, 0x00};

    if (device->opcode == CAN_SPECIAL)
        sim_can_emit(device, CAN_FRAME_US, true, special, sizeof(special));
    else
        sim_can_emit(device, CAN_FRAME_US, true, extended, sizeof(extended));
    sim_can_last_ack(device, CAN_OPERATION, CAN_FRAME_US);
}

static void on_special_data(struct can_device *device)
{
    if (!sim_can_acknowledge(device, CAN_DATA, CAN_ANSWER_US))
        return;
    if (device->opcode == CAN_SPECIAL)
        answer_special(device);
    else
        sim_can_collect(device, CAN_STEP_SECOND_SIZE, 2);
}

static void on_second_data(struct can_device *device)
{
    if (sim_can_acknowledge(device, CAN_SECOND_DATA, CAN_ANSWER_US))
        answer_special(device);
}

/** The size of a packet of Special; one without data is complete with it. */
static void on_size(struct can_device *device, enum can_step next, size_t limit)
{
    size_t size = sim_be16(device->buffer);

    if (size > limit) {
        sim_can_nack(device);
        return;
    }
    sim_can_collect(device, next, size);
    if (size == 0 && next == CAN_STEP_SPECIAL_DATA)
        on_special_data(device);
    else if (size == 0)
        on_second_data(device);
}

/**
 * The numbers that did not fit into the list's frame are what earlier data left in the buffer, as
 * in ST's Open Bootloader; no further than the buffer reaches.
 */
static void erase_pages(struct can_device *device)
{
    const size_t room = sizeof(device->buffer) / 2;
    const size_t pages = device->pages < room ? device->pages : room;

    for (size_t i = 0; i < pages; i++)
        sim_memory_erase_page(&device->memory, sim_be16(device->buffer + 2 * i));
    sim_can_last_ack(device, CAN_DATA, (uint32_t)pages * CAN_PAGE_ERASE_US);
}

static void fd_collected(struct can_device *device)
{
    switch ((enum can_step)device->step) {
    case CAN_STEP_PAGES:
        erase_pages(device);
        break;
    case CAN_STEP_SPECIAL_SIZE:
        on_size(device, CAN_STEP_SPECIAL_DATA, 128);
        break;
    case CAN_STEP_SPECIAL_DATA:
        on_special_data(device);
        break;
    case CAN_STEP_SECOND_SIZE:
        on_size(device, CAN_STEP_SECOND_DATA, 1024);
        break;
    case CAN_STEP_SECOND_DATA:
        on_second_data(device);
        break;
    case CAN_STEP_COMMAND:
    case CAN_STEP_WRITE:
    case CAN_STEP_SECTORS:
        break;
    }
}

static void fd_command(struct can_device *device, const struct sim_can_frame *frame)
{
    switch (device->opcode) {
    case CAN_EXTENDED_ERASE:
        do_erase(device, sim_be16(frame->data));
        break;
    case CAN_WRITE_PROTECT:
        do_write_protect(device, frame);
        break;
    default: /* Special, Extended Special */
        do_special(device, frame);
        break;
    }
}

static bool fd_detects(const struct sim_can_frame *frame)
{
    return frame->id == DETECTION_ID && frame->length == 1 && frame->data[0] == DETECTION_BYTE;
}

/** Filled up with 0xFF to a whole frame, or to the next length that there is. */
static bool fd_send_rest(struct can_device *device, uint8_t *bytes, size_t length)
{
    uint8_t frame[64];

    memset(frame, 0xFF, sizeof(frame));
    memcpy(frame, bytes, length);
    return sim_can_reply(device, frame, length,
                         device->config.short_last_frame ? legal_length(length) : sizeof(frame));
}

const struct can_dialect can_dialect_fd = {
    .fd = true,
    .frame_max = 64,
    .detects = fd_detects,
    .send_rest = fd_send_rest,
    .command = fd_command,
    .collected = fd_collected,
};
