/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What AN3154 has for itself; where the note is silent, as ST's Open Bootloader does it.
 */
#include "simulate/can_dialect.h"

enum {
    SYNC_ID = 0x79,
    FRAME = 8,
    ALL = 0xFF, /* pages: a global erase */
};

/** 3.5: bit rates by their codes; 0 is none. */
static const uint32_t rates[] = {0, 125000, 250000, 500000, 1000000};

/** The first answer has the old rate, the second one the new. */
static void do_speed(struct can_device *device, uint8_t code)
{
    const struct can_device_config *config = &device->config;

    if (code == 0 || code >= SIM_COUNT(rates) ||
        (config->has_rate != NULL && !config->has_rate(config->context, rates[code])))
        sim_can_nack(device);
    else if (sim_can_acknowledge(device, CAN_COMMAND, CAN_ANSWER_US))
        sim_can_last_ack(device, CAN_OPERATION, CAN_FRAME_US);
}

/** 3.9: the number less one, then a byte a page; the number is acknowledged too. */
static void do_erase(struct can_device *device, uint8_t number)
{
    const struct can_device_config *config = &device->config;

    if (!sim_can_acknowledge(device, CAN_COMMAND, CAN_ANSWER_US))
        return;
    if (number == ALL) {
        if (config->three_mass_acks && !sim_can_acknowledge(device, CAN_OPERATION, CAN_ANSWER_US))
            return;
        sim_memory_erase_all(&device->memory);
        sim_can_last_ack(device, CAN_OPERATION, CAN_MASS_ERASE_US);
    } else if (config->one_list_ack || sim_can_acknowledge(device, CAN_OPERATION, CAN_ANSWER_US)) {
        sim_can_collect(device, CAN_STEP_PAGES, number + 1u);
    }
}

static void classic_command(struct can_device *device, const struct sim_can_frame *frame)
{
    switch (device->opcode) {
    case CAN_SPEED:
        do_speed(device, frame->data[0]);
        break;
    case CAN_ERASE:
        do_erase(device, frame->data[0]);
        break;
    default: /* 3.10, Write Protect: as Erase, but that the number gets no answer of its own */
        if (sim_can_acknowledge(device, CAN_COMMAND, CAN_ANSWER_US))
            sim_can_collect(device, CAN_STEP_SECTORS, frame->data[0] + 1u);
        break;
    }
}

/** 3.8: one ACK a frame. Of a list of pages only full frames have one: the answer to the last of
 * the others is that to the erase. */
static bool classic_answer_frame(struct can_device *device, size_t part)
{
    return (device->step == CAN_STEP_PAGES && part < FRAME) ||
           sim_can_acknowledge(device, CAN_DATA_FRAME, CAN_ANSWER_US);
}

static void classic_collected(struct can_device *device)
{
    for (size_t i = 0; i < device->length; i++)
        sim_memory_erase_page(&device->memory, device->buffer[i]);
    sim_can_last_ack(device, CAN_DATA, (uint32_t)device->length * CAN_PAGE_ERASE_US);
}

static bool classic_detects(const struct sim_can_frame *frame)
{
    return frame->id == SYNC_ID;
}

static bool classic_send_rest(struct can_device *device, uint8_t *bytes, size_t length)
{
    if (!device->config.rest_by_bytes || length == FRAME)
        return sim_can_reply(device, bytes, length, length);
    for (size_t i = 0; i + 1 < length; i++)
        sim_can_emit(device, CAN_FRAME_US, true, bytes + i, 1);
    return sim_can_reply(device, bytes + length - 1, 1, 1);
}

const struct can_dialect can_dialect_classic = {
    .frame_max = FRAME,
    .detects = classic_detects,
    .send_rest = classic_send_rest,
    .command = classic_command,
    .answer_frame = classic_answer_frame,
    .collected = classic_collected,
};
