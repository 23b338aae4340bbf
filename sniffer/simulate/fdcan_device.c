/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * AN5405, section by section, as the device sees it; where the note is silent, as ST's Open
 * Bootloader and the known ROMs do it.
 */
#include "simulate/fdcan_device.h"

#include <string.h>

enum {
    ACK = 0x79,
    NACK = 0x1F,
    DETECTION_ID = 0x111,
    DETECTION_BYTE = 0x5A,

    GET = 0x00,
    GET_VERSION = 0x01,
    GET_ID = 0x02,
    READ = 0x11,
    GO = 0x21,
    WRITE = 0x31,
    ERASE = 0x44,
    SPECIAL = 0x50,
    EXTENDED_SPECIAL = 0x51,
    WRITE_PROTECT = 0x63,
    WRITE_UNPROTECT = 0x73,
    READOUT_PROTECT = 0x82,
    READOUT_UNPROTECT = 0x92,

    KNOWN_SUBCOMMAND = 0x0001,
    LIST_FRAME = 64, /* bytes of the one frame in which page numbers come */
};

/** How long things take, in microseconds. */
enum {
    ANSWER_US = 150,
    FRAME_US = 200,
    PROGRAM_US = 3000,
    PAGE_ERASE_US = 22000,
    MASS_ERASE_US = 90000,
    PROTECT_US = 30000,
};

enum step {
    STEP_COMMAND,
    STEP_WRITE_DATA,
    STEP_PAGES,
    STEP_SECTORS,
    STEP_SPECIAL_SIZE,
    STEP_SPECIAL_DATA,
    STEP_SECOND_SIZE,
    STEP_SECOND_DATA,
};

void fdcan_device_init(struct fdcan_device *device, const struct fdcan_device_config *config)
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
    fdcan_device_reset(device);
}

void fdcan_device_reset(struct fdcan_device *device)
{
    device->detected = !device->config.detection_required;
    device->gone = false;
    device->step = STEP_COMMAND;
    device->opcode = 0;
    device->host_id = 0;
}

static uint16_t reply_id(const struct fdcan_device *device, bool ack)
{
    switch (device->config.replies) {
    case FDCAN_REPLY_OPCODE:
        return device->opcode == READOUT_UNPROTECT ? 0x111 : device->opcode;
    case FDCAN_REPLY_111:
        return 0x111;
    case FDCAN_REPLY_H7:
        return ack ? device->opcode : device->host_id;
    case FDCAN_REPLY_HOST_ID:
        break;
    }
    return device->host_id;
}

static void emit(struct fdcan_device *device, uint32_t delay_us, bool ack, const uint8_t *bytes,
                 size_t length)
{
    struct sim_can_frame frame = {
        .id = reply_id(device, ack), .fd = true, .rate_switch = true, .length = (uint8_t)length};

    memcpy(frame.data, bytes, length);
    device->config.emit(device->config.context, delay_us, &frame);
}

static void nack(struct fdcan_device *device)
{
    static const uint8_t byte = NACK;
    emit(device, ANSWER_US, false, &byte, 1);
    device->step = STEP_COMMAND;
}

static const struct fdcan_fault *due_fault(struct fdcan_device *device, enum fdcan_phase phase)
{
    const struct fdcan_fault *due = NULL;

    for (size_t i = 0; i < device->config.faults_length; i++) {
        struct fdcan_fault *fault = &device->config.faults[i];
        if (fault->phase != phase || (fault->opcode >= 0 && fault->opcode != device->opcode))
            continue;
        if (sim_fault_due(&fault->seen, fault->skip, fault->times) && !due)
            due = fault;
    }
    return due;
}

static void unplug(struct fdcan_device *device)
{
    device->unplugged = true;
    device->gone = true;
}

/**
 * The last frame of what a command sends, unless a fault is due.
 *
 * @param used bytes of it that are not padding
 * @return false: nothing follows it
 */
static bool reply(struct fdcan_device *device, uint8_t *bytes, size_t used, size_t length)
{
    const struct fdcan_fault *fault = due_fault(device, FDCAN_REPLY);

    device->step = STEP_COMMAND;
    if (fault && fault->kind == FDCAN_UNPLUG)
        unplug(device);
    if (fault && (fault->kind == FDCAN_UNPLUG || fault->kind == FDCAN_SILENCE))
        return false;
    if (fault && fault->kind == FDCAN_SHORT)
        length -= fault->byte < length ? fault->byte : length;
    else if (fault && fault->kind == FDCAN_WRONG)
        bytes[used - 1] ^= fault->byte;
    emit(device, fault && fault->kind == FDCAN_LATE ? fault->delay_us : FRAME_US, true, bytes,
         length);
    return true;
}

/** Acknowledges, unless a fault is due. False: the command is aborted. */
static bool acknowledge(struct fdcan_device *device, enum fdcan_phase phase, uint32_t delay_us)
{
    static const uint8_t byte = ACK;
    const struct fdcan_fault *fault = due_fault(device, phase);

    if (!fault) {
        emit(device, delay_us, true, &byte, 1);
        return true;
    }
    switch (fault->kind) {
    case FDCAN_LATE:
        emit(device, fault->delay_us, true, &byte, 1);
        return true;
    case FDCAN_UNPLUG:
        unplug(device);
        break;
    case FDCAN_NACK:
        nack(device);
        break;
    case FDCAN_GARBAGE:
        emit(device, delay_us, true, &fault->byte, 1);
        break;
    case FDCAN_SILENCE:
    case FDCAN_SHORT:
    case FDCAN_WRONG:
        break;
    }
    device->step = STEP_COMMAND;
    return false;
}

static void last_ack(struct fdcan_device *device, enum fdcan_phase phase, uint32_t delay_us)
{
    acknowledge(device, phase, delay_us);
    device->step = STEP_COMMAND;
}

/** The last ACK of a command that changes option bytes: a system reset follows. */
static void ack_and_reset(struct fdcan_device *device, enum fdcan_phase phase, uint32_t delay_us)
{
    if (acknowledge(device, phase, delay_us))
        device->detected = !device->config.detection_required;
    device->step = STEP_COMMAND;
}

static bool is_restricted(uint8_t opcode)
{
    switch (opcode) {
    case READ:
    case GO:
    case WRITE:
    case ERASE:
    case WRITE_PROTECT:
    case WRITE_UNPROTECT:
    case READOUT_PROTECT:
        return true;
    default:
        return false;
    }
}

static void do_get(struct fdcan_device *device)
{
    const struct fdcan_product *product = device->config.product;
    const uint8_t head[] = {product->commands_length, device->config.version};
    uint8_t last;

    if (!acknowledge(device, FDCAN_COMMAND, ANSWER_US))
        return;
    for (size_t i = 0; i < sizeof(head); i++)
        emit(device, FRAME_US, true, &head[i], 1);
    for (size_t i = 0; i + 1 < product->commands_length; i++)
        emit(device, FRAME_US, true, &product->commands[i], 1);
    last = product->commands[product->commands_length - 1];
    if (reply(device, &last, 1, 1))
        last_ack(device, FDCAN_OPERATION, FRAME_US);
}

static void do_get_version(struct fdcan_device *device)
{
    uint8_t dummies[] = {0x00, 0x00};

    if (!acknowledge(device, FDCAN_COMMAND, ANSWER_US))
        return;
    emit(device, FRAME_US, true, &device->config.version, 1);
    if (reply(device, dummies, sizeof(dummies), sizeof(dummies)))
        last_ack(device, FDCAN_OPERATION, FRAME_US);
}

static void do_get_id(struct fdcan_device *device)
{
    uint8_t pid[2];

    sim_put_be16(pid, device->config.product->pid);
    if (!acknowledge(device, FDCAN_COMMAND, ANSWER_US))
        return;
    if (reply(device, pid, sizeof(pid), sizeof(pid)))
        last_ack(device, FDCAN_OPERATION, FRAME_US);
}

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

static void do_read(struct fdcan_device *device, size_t length)
{
    if (!sim_memory_valid(&device->memory, device->address, false)) {
        nack(device);
        return;
    }
    if (!acknowledge(device, FDCAN_COMMAND, ANSWER_US))
        return;
    for (size_t at = 0; at < length; at += 64) {
        size_t part = length - at < 64 ? length - at : 64;
        uint8_t bytes[64];
        memset(bytes, 0xFF, sizeof(bytes));
        sim_memory_read(&device->memory, device->address + (uint32_t)at, bytes, part);
        if (at + part < length)
            emit(device, FRAME_US, true, bytes, sizeof(bytes));
        else if (!reply(device, bytes, part,
                        device->config.short_last_frame ? legal_length(part) : 64))
            return;
    }
    last_ack(device, FDCAN_OPERATION, FRAME_US);
}

static void do_go(struct fdcan_device *device)
{
    if (!acknowledge(device, FDCAN_COMMAND, ANSWER_US))
        return;
    if (!sim_memory_starts(&device->memory, device->address)) {
        nack(device);
        return;
    }
    if (!device->config.one_go_ack && !acknowledge(device, FDCAN_OPERATION, ANSWER_US))
        return;
    device->gone = true;
}

static void collect(struct fdcan_device *device, enum step step, size_t expected)
{
    device->step = (int)step;
    device->expected = expected;
    device->length = 0;
}

static void do_write(struct fdcan_device *device, size_t length)
{
    if (!sim_memory_valid(&device->memory, device->address, true))
        nack(device);
    else if (acknowledge(device, FDCAN_COMMAND, ANSWER_US))
        collect(device, STEP_WRITE_DATA, length);
}

static void do_erase(struct fdcan_device *device, uint16_t code)
{
    if (!acknowledge(device, FDCAN_COMMAND, ANSWER_US))
        return;
    if (code >= 0xFFF0 && (code < 0xFFFD || device->memory.no_mass_erase)) {
        nack(device);
    } else if (code >= 0xFFFD) {
        if (code == 0xFFFF)
            sim_memory_erase_all(&device->memory);
        else
            sim_memory_erase_bank(&device->memory, 0xFFFEu - code);
        last_ack(device, FDCAN_OPERATION, MASS_ERASE_US);
    } else if (device->config.one_list_ack || acknowledge(device, FDCAN_OPERATION, ANSWER_US)) {
        device->pages = code;
        collect(device, STEP_PAGES,
                device->config.one_list_frame && code > LIST_FRAME / 2 ? LIST_FRAME : 2u * code);
    }
}

static void do_write_protect(struct fdcan_device *device, const struct sim_can_frame *frame)
{
    const uint8_t count = frame->data[0];

    if (!acknowledge(device, FDCAN_COMMAND, ANSWER_US))
        return;
    if (device->config.sectors_apart) {
        collect(device, STEP_SECTORS, 1u + count);
        return;
    }
    sim_memory_protect(&device->memory, frame->data + 1, count < 63 ? count : 63);
    ack_and_reset(device, FDCAN_OPERATION, PROTECT_US);
}

static void do_protection(struct fdcan_device *device)
{
    uint32_t took = PROTECT_US;

    if (!acknowledge(device, FDCAN_COMMAND, ANSWER_US))
        return;
    if (device->opcode == READOUT_PROTECT) {
        device->config.read_protected = true;
    } else if (device->opcode == READOUT_UNPROTECT) {
        device->config.read_protected = false;
        sim_memory_wipe(&device->memory);
        took = ANSWER_US; /* both answers come before the erase */
    } else {
        sim_memory_protect_all(&device->memory, false);
    }
    ack_and_reset(device, FDCAN_OPERATION, took);
}

static void do_special(struct fdcan_device *device, const struct sim_can_frame *frame)
{
    if (!acknowledge(device, FDCAN_COMMAND, ANSWER_US))
        return;
    if (sim_be16(frame->data) != KNOWN_SUBCOMMAND)
        nack(device);
    else if (acknowledge(device, FDCAN_OPERATION, ANSWER_US))
        collect(device, STEP_SPECIAL_SIZE, 2);
}

static void on_command(struct fdcan_device *device, const struct sim_can_frame *frame)
{
    const struct fdcan_product *product = device->config.product;

    device->host_id = (uint16_t)frame->id;
    device->opcode = (uint8_t)frame->id;
    /* AN5405 table 3: V2.1 checks that the identifier is one byte. */
    if ((device->config.version >= 0x21 && frame->id > 0xFF) ||
        !memchr(product->commands, device->opcode, product->commands_length)) {
        nack(device);
        return;
    }
    if (device->config.read_protected && is_restricted(device->opcode)) {
        if (!device->config.silent_if_protected)
            nack(device);
        return;
    }
    device->address = sim_be32(frame->data);
    switch (device->opcode) {
    case GET:
        do_get(device);
        break;
    case GET_VERSION:
        do_get_version(device);
        break;
    case GET_ID:
        do_get_id(device);
        break;
    case READ:
        do_read(device, frame->data[4] + 1u);
        break;
    case GO:
        do_go(device);
        break;
    case WRITE:
        do_write(device, frame->data[4] + 1u);
        break;
    case ERASE:
        do_erase(device, sim_be16(frame->data));
        break;
    case WRITE_PROTECT:
        do_write_protect(device, frame);
        break;
    case SPECIAL:
    case EXTENDED_SPECIAL:
        do_special(device, frame);
        break;
    default: /* Write Unprotect, Readout Protect, Readout Unprotect */
        do_protection(device);
        break;
    }
}

/** Data and status of Special in one frame, as the Open Bootloader packs them. */
static void answer_special(struct fdcan_device *device)
{
    static const uint8_t special[] = {0x00, 0x00, 0x00, 0x01, 0x00};
    static const uint8_t extended[] = {0x00, 0x01, 0x00};

    if (device->opcode == SPECIAL)
        emit(device, FRAME_US, true, special, sizeof(special));
    else
        emit(device, FRAME_US, true, extended, sizeof(extended));
    last_ack(device, FDCAN_OPERATION, FRAME_US);
}

static void on_special_data(struct fdcan_device *device)
{
    if (!acknowledge(device, FDCAN_DATA, ANSWER_US))
        return;
    if (device->opcode == SPECIAL)
        answer_special(device);
    else
        collect(device, STEP_SECOND_SIZE, 2);
}

static void on_second_data(struct fdcan_device *device)
{
    if (acknowledge(device, FDCAN_SECOND_DATA, ANSWER_US))
        answer_special(device);
}

/** The size of a packet of Special; one without data is complete with it. */
static void on_size(struct fdcan_device *device, enum step next, size_t limit)
{
    size_t size = sim_be16(device->buffer);

    if (size > limit) {
        nack(device);
        return;
    }
    collect(device, next, size);
    if (size == 0 && next == STEP_SPECIAL_DATA)
        on_special_data(device);
    else if (size == 0)
        on_second_data(device);
}

/**
 * The numbers that did not fit into the list's frame are what earlier data left in the buffer, as
 * in ST's Open Bootloader; no further than the buffer reaches.
 */
static void erase_pages(struct fdcan_device *device)
{
    const size_t room = sizeof(device->buffer) / 2;
    const size_t pages = device->pages < room ? device->pages : room;

    for (size_t i = 0; i < pages; i++)
        sim_memory_erase_page(&device->memory, sim_be16(device->buffer + 2 * i));
    last_ack(device, FDCAN_DATA, (uint32_t)pages * PAGE_ERASE_US);
}

static void on_collected(struct fdcan_device *device)
{
    switch ((enum step)device->step) {
    case STEP_WRITE_DATA:
        sim_memory_write(&device->memory, device->address, device->buffer, device->length);
        last_ack(device, FDCAN_DATA, PROGRAM_US);
        break;
    case STEP_PAGES:
        erase_pages(device);
        break;
    case STEP_SECTORS:
        sim_memory_protect(&device->memory, device->buffer + 1, device->length - 1);
        ack_and_reset(device, FDCAN_DATA, PROTECT_US);
        break;
    case STEP_SPECIAL_SIZE:
        on_size(device, STEP_SPECIAL_DATA, 128);
        break;
    case STEP_SPECIAL_DATA:
        on_special_data(device);
        break;
    case STEP_SECOND_SIZE:
        on_size(device, STEP_SECOND_DATA, 1024);
        break;
    case STEP_SECOND_DATA:
        on_second_data(device);
        break;
    case STEP_COMMAND:
        break;
    }
}

void fdcan_device_receive(struct fdcan_device *device, const struct sim_can_frame *frame)
{
    size_t part = frame->length;

    if (device->gone || !frame->fd || frame->extended || frame->error)
        return;
    if (!device->detected) {
        device->host_id = (uint16_t)frame->id;
        device->opcode = (uint8_t)frame->id;
        device->detected =
            frame->id == DETECTION_ID && frame->length == 1 && frame->data[0] == DETECTION_BYTE;
        if (device->detected && !device->config.detection_silent)
            device->detected = acknowledge(device, FDCAN_DETECTION, ANSWER_US);
        return;
    }
    if (device->step == STEP_COMMAND) {
        on_command(device, frame);
        return;
    }
    if (part > device->expected - device->length)
        part = device->expected - device->length; /* padding is not read */
    if (part > sizeof(device->buffer) - device->length)
        part = sizeof(device->buffer) - device->length;
    memcpy(device->buffer + device->length, frame->data, part);
    device->length += part;
    if (device->length >= device->expected)
        on_collected(device);
}
