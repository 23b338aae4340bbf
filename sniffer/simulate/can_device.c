/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What AN5405 and AN3154 have in common, section by section, as the device sees it; where the notes
 * are silent, as ST's Open Bootloader and the known ROMs do it.
 */
#include "simulate/can_device.h"

#include <string.h>

#include "simulate/can_dialect.h"

void can_device_init(struct can_device *device, const struct can_device_config *config)
{
    device->config = *config;
    if (device->config.version == 0)
        device->config.version = config->product->version;
    if (config->memory)
        device->memory = *config->memory;
    else
        sim_memory_init(&device->memory, &device->room, config->product->flash_size,
                        config->product->page_size);
    device->unplugged = false;
    memset(device->buffer, 0, sizeof(device->buffer));
    can_device_reset(device);
}

void can_device_reset(struct can_device *device)
{
    device->detected = !device->config.detection_required;
    device->gone = false;
    device->step = CAN_STEP_COMMAND;
    device->opcode = 0;
    device->host_id = 0;
}

static bool is_restricted(uint8_t opcode)
{
    switch (opcode) {
    case CAN_READ:
    case CAN_GO:
    case CAN_WRITE:
    case CAN_ERASE:
    case CAN_EXTENDED_ERASE:
    case CAN_WRITE_PROTECT:
    case CAN_WRITE_UNPROTECT:
    case CAN_READOUT_PROTECT:
        return true;
    default:
        return false;
    }
}

static void do_get(struct can_device *device)
{
    const struct can_product *product = device->config.product;
    const uint8_t head[] = {product->commands_length, device->config.version};
    uint8_t last;

    if (!sim_can_acknowledge(device, CAN_COMMAND, CAN_ANSWER_US))
        return;
    for (size_t i = 0; i < sizeof(head); i++)
        sim_can_emit(device, CAN_FRAME_US, true, &head[i], 1);
    for (size_t i = 0; i + 1 < product->commands_length; i++)
        sim_can_emit(device, CAN_FRAME_US, true, &product->commands[i], 1);
    last = product->commands[product->commands_length - 1];
    if (sim_can_reply(device, &last, 1, 1))
        sim_can_last_ack(device, CAN_OPERATION, CAN_FRAME_US);
}

static void do_get_version(struct can_device *device)
{
    uint8_t dummies[] = {0x00, 0x00};

    if (!sim_can_acknowledge(device, CAN_COMMAND, CAN_ANSWER_US))
        return;
    sim_can_emit(device, CAN_FRAME_US, true, &device->config.version, 1);
    if (sim_can_reply(device, dummies, sizeof(dummies), sizeof(dummies)))
        sim_can_last_ack(device, CAN_OPERATION, CAN_FRAME_US);
}

static void do_get_id(struct can_device *device)
{
    uint8_t pid[2];

    sim_put_be16(pid, device->config.product->pid);
    if (!sim_can_acknowledge(device, CAN_COMMAND, CAN_ANSWER_US))
        return;
    if (sim_can_reply(device, pid, sizeof(pid), sizeof(pid)))
        sim_can_last_ack(device, CAN_OPERATION, CAN_FRAME_US);
}

static void do_read(struct can_device *device, size_t length)
{
    const struct can_dialect *dialect = device->config.product->dialect;
    uint8_t bytes[64];

    if (!sim_memory_valid(&device->memory, device->address, false)) {
        sim_can_nack(device);
        return;
    }
    if (!sim_can_acknowledge(device, CAN_COMMAND, CAN_ANSWER_US))
        return;
    for (size_t at = 0; at < length; at += dialect->frame_max) {
        const size_t part = length - at < dialect->frame_max ? length - at : dialect->frame_max;

        sim_memory_read(&device->memory, device->address + (uint32_t)at, bytes, part);
        if (at + part < length)
            sim_can_emit(device, CAN_FRAME_US, true, bytes, part);
        else if (!dialect->send_rest(device, bytes, part))
            return;
    }
    sim_can_last_ack(device, CAN_OPERATION, CAN_FRAME_US);
}

/** AN3154 has one ACK for command and address. */
static void do_go(struct can_device *device)
{
    const bool starts = sim_memory_starts(&device->memory, device->address);
    const bool fd = device->config.product->dialect->fd;

    if (!starts && !fd) {
        sim_can_nack(device);
        return;
    }
    if (!sim_can_acknowledge(device, CAN_COMMAND, CAN_ANSWER_US))
        return;
    if (!starts) {
        sim_can_nack(device);
        return;
    }
    if (fd && !device->config.one_go_ack &&
        !sim_can_acknowledge(device, CAN_OPERATION, CAN_ANSWER_US))
        return;
    device->gone = true;
}

static void do_write(struct can_device *device, size_t length)
{
    if (!sim_memory_valid(&device->memory, device->address, true))
        sim_can_nack(device);
    else if (sim_can_acknowledge(device, CAN_COMMAND, CAN_ANSWER_US))
        sim_can_collect(device, CAN_STEP_WRITE, length);
}

static void do_protection(struct can_device *device)
{
    uint32_t took = CAN_PROTECT_US;

    if (!sim_can_acknowledge(device, CAN_COMMAND, CAN_ANSWER_US))
        return;
    if (device->opcode == CAN_READOUT_PROTECT) {
        device->config.read_protected = true;
    } else if (device->opcode == CAN_READOUT_UNPROTECT) {
        device->config.read_protected = false;
        sim_memory_wipe(&device->memory);
        took = CAN_ANSWER_US; /* both answers come before the erase */
    } else {
        sim_memory_protect_all(&device->memory, false);
    }
    sim_can_ack_and_reset(device, CAN_OPERATION, took);
}

/** AN5405 table 3: V2.1 checks that the identifier is one byte. */
static bool knows(const struct can_device *device, const struct sim_can_frame *frame)
{
    const struct can_product *product = device->config.product;

    return (frame->id <= 0xFF || !product->dialect->fd || device->config.version < 0x21) &&
           memchr(product->commands, device->opcode, product->commands_length) != NULL;
}

static void perform(struct can_device *device, const struct sim_can_frame *frame)
{
    device->address = sim_be32(frame->data);
    switch (device->opcode) {
    case CAN_GET:
        do_get(device);
        break;
    case CAN_GET_VERSION:
        do_get_version(device);
        break;
    case CAN_GET_ID:
        do_get_id(device);
        break;
    case CAN_READ:
        do_read(device, frame->data[4] + 1u);
        break;
    case CAN_GO:
        do_go(device);
        break;
    case CAN_WRITE:
        do_write(device, frame->data[4] + 1u);
        break;
    case CAN_WRITE_UNPROTECT:
    case CAN_READOUT_PROTECT:
    case CAN_READOUT_UNPROTECT:
        do_protection(device);
        break;
    default:
        device->config.product->dialect->command(device, frame);
        break;
    }
}

static void on_command(struct can_device *device, const struct sim_can_frame *frame)
{
    device->host_id = (uint16_t)frame->id;
    device->opcode = (uint8_t)frame->id;
    if (knows(device, frame) && (!device->config.read_protected || !is_restricted(device->opcode)))
        perform(device, frame);
    else if (!knows(device, frame) || !device->config.silent_if_protected)
        sim_can_nack(device);
}

static void on_collected(struct can_device *device)
{
    const struct can_dialect *dialect = device->config.product->dialect;
    const size_t head = dialect->fd ? 1 : 0; /* the number of sectors once more */

    switch ((enum can_step)device->step) {
    case CAN_STEP_WRITE:
        sim_memory_write(&device->memory, device->address, device->buffer, device->length);
        sim_can_last_ack(device, CAN_DATA, CAN_PROGRAM_US);
        break;
    case CAN_STEP_SECTORS:
        sim_memory_protect(&device->memory, device->buffer + head, device->length - head);
        sim_can_ack_and_reset(device, CAN_DATA, CAN_PROTECT_US);
        break;
    case CAN_STEP_COMMAND:
    case CAN_STEP_PAGES:
    case CAN_STEP_SPECIAL_SIZE:
    case CAN_STEP_SPECIAL_DATA:
    case CAN_STEP_SECOND_SIZE:
    case CAN_STEP_SECOND_DATA:
        dialect->collected(device);
        break;
    }
}

static void on_data(struct can_device *device, const struct sim_can_frame *frame)
{
    const struct can_dialect *dialect = device->config.product->dialect;
    size_t part = frame->length;

    if (part > device->expected - device->length)
        part = device->expected - device->length; /* padding is not read */
    if (part > sizeof(device->buffer) - device->length)
        part = sizeof(device->buffer) - device->length;
    memcpy(device->buffer + device->length, frame->data, part);
    device->length += part;
    if (dialect->answer_frame != NULL && !dialect->answer_frame(device, part))
        return;
    if (device->length >= device->expected)
        on_collected(device);
}

static void detect(struct can_device *device, const struct sim_can_frame *frame)
{
    device->host_id = (uint16_t)frame->id;
    device->opcode = (uint8_t)frame->id;
    device->detected = device->config.product->dialect->detects(frame);
    if (device->detected && !device->config.detection_silent)
        device->detected = sim_can_acknowledge(device, CAN_DETECTION, CAN_ANSWER_US);
}

void can_device_receive(struct can_device *device, const struct sim_can_frame *frame)
{
    if (device->gone || frame->fd != device->config.product->dialect->fd || frame->extended ||
        frame->error)
        return;
    if (!device->detected)
        detect(device, frame);
    else if (device->step == CAN_STEP_COMMAND)
        on_command(device, frame);
    else
        on_data(device, frame);
}
