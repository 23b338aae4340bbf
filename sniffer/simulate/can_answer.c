/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The answers of a bootloader on CAN, with the faults that were asked for.
 */
#include <string.h>

#include "simulate/can_dialect.h"

enum {
    ACK = 0x79,
    NACK = 0x1F,
    FIXED_ID = 0x111, /* AN5405 section 2 */
};

static uint16_t reply_id(const struct can_device *device, bool ack)
{
    switch (device->config.replies) {
    case CAN_REPLY_OPCODE:
        return device->opcode == CAN_READOUT_UNPROTECT ? FIXED_ID : device->opcode;
    case CAN_REPLY_111:
        return FIXED_ID;
    case CAN_REPLY_H7:
        return ack ? device->opcode : device->host_id;
    case CAN_REPLY_HOST_ID:
        break;
    }
    return device->host_id;
}

void sim_can_emit(struct can_device *device, uint32_t delay_us, bool ack, const uint8_t *bytes,
                  size_t length)
{
    const bool fd = device->config.product->dialect->fd;
    struct sim_can_frame frame = {
        .id = reply_id(device, ack), .fd = fd, .rate_switch = fd, .length = (uint8_t)length};

    memcpy(frame.data, bytes, length);
    device->config.emit(device->config.context, delay_us, &frame);
}

void sim_can_nack(struct can_device *device)
{
    static const uint8_t byte = NACK;
    sim_can_emit(device, CAN_ANSWER_US, false, &byte, 1);
    device->step = CAN_STEP_COMMAND;
}

static const struct can_fault *due_fault(struct can_device *device, enum can_phase phase)
{
    const struct can_fault *due = NULL;

    for (size_t i = 0; i < device->config.faults_length; i++) {
        struct can_fault *fault = &device->config.faults[i];
        if (fault->phase != phase || (fault->opcode >= 0 && fault->opcode != device->opcode))
            continue;
        if (sim_fault_due(&fault->seen, fault->skip, fault->times) && !due)
            due = fault;
    }
    return due;
}

static void unplug(struct can_device *device)
{
    device->unplugged = true;
    device->gone = true;
}

bool sim_can_reply(struct can_device *device, uint8_t *bytes, size_t used, size_t length)
{
    const struct can_fault *fault = due_fault(device, CAN_REPLY);

    device->step = CAN_STEP_COMMAND;
    if (fault && fault->kind == CAN_UNPLUG)
        unplug(device);
    if (fault && (fault->kind == CAN_UNPLUG || fault->kind == CAN_SILENCE))
        return false;
    if (fault && fault->kind == CAN_SHORT)
        length -= fault->byte < length ? fault->byte : length;
    else if (fault && fault->kind == CAN_WRONG)
        bytes[used - 1] ^= fault->byte;
    sim_can_emit(device, fault && fault->kind == CAN_LATE ? fault->delay_us : CAN_FRAME_US, true,
                 bytes, length);
    return true;
}

bool sim_can_acknowledge(struct can_device *device, enum can_phase phase, uint32_t delay_us)
{
    static const uint8_t byte = ACK;
    const struct can_fault *fault = due_fault(device, phase);

    if (!fault) {
        sim_can_emit(device, delay_us, true, &byte, 1);
        return true;
    }
    switch (fault->kind) {
    case CAN_LATE:
        sim_can_emit(device, fault->delay_us, true, &byte, 1);
        return true;
    case CAN_UNPLUG:
        unplug(device);
        break;
    case CAN_NACK:
        sim_can_nack(device);
        break;
    case CAN_GARBAGE:
        sim_can_emit(device, delay_us, true, &fault->byte, 1);
        break;
    case CAN_SILENCE:
    case CAN_SHORT:
    case CAN_WRONG:
        break;
    }
    device->step = CAN_STEP_COMMAND;
    return false;
}

void sim_can_last_ack(struct can_device *device, enum can_phase phase, uint32_t delay_us)
{
    sim_can_acknowledge(device, phase, delay_us);
    device->step = CAN_STEP_COMMAND;
}

void sim_can_ack_and_reset(struct can_device *device, enum can_phase phase, uint32_t delay_us)
{
    if (sim_can_acknowledge(device, phase, delay_us))
        device->detected = !device->config.detection_required;
    device->step = CAN_STEP_COMMAND;
}

void sim_can_collect(struct can_device *device, enum can_step step, size_t expected)
{
    device->step = (int)step;
    device->expected = expected;
    device->length = 0;
}
