/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * DFU 1.1 appendix A and AN3156, as the device sees them.
 */
#include "simulate/dfu_device.h"

#include <string.h>

enum {
    COMMAND_GET = 0x00,
    COMMAND_SET_ADDRESS = 0x21,
    COMMAND_ERASE = 0x41,
    COMMAND_READ_UNPROTECT = 0x92,

    MANIFEST_POLL_MS = 1,
};

void dfu_device_init(struct dfu_device *device, const struct dfu_device_config *config)
{
    const struct dfu_product *product = config->product;

    memset(device, 0, sizeof(*device));
    device->config = *config;
    if (config->memory != NULL) {
        device->memory = *config->memory;
    } else {
        sim_memory_init(&device->memory, &device->room, product->flash_size,
                        product->sectors[0].size);
        device->memory.options_start = product->options_start;
        memcpy(device->memory.runs, product->sectors, sizeof(product->sectors));
    }
    dfu_device_reset(device);
    if (config->application)
        device->state = APP_IDLE;
    if (config->firmware_corrupt) {
        device->state = DFU_ERROR;
        device->status = STATUS_FIRMWARE;
    }
}

void dfu_device_reset(struct dfu_device *device)
{
    device->state = DFU_IDLE;
    device->status = STATUS_OK;
    device->gone = false;
    device->resets = false;
    device->alternate = 0;
    device->configuration = 1;
    device->pointer = device->memory.flash_start;
    device->pointer_set = false;
    device->failure = STATUS_OK;
    device->leaves_when_done = false;
    device->poll_ms = 0;
}

static bool is_dfuse(const struct dfu_device *device)
{
    return device->config.product->bcd_dfu == DFU_BCD_DFUSE;
}

/** DFU 1.1 section 3: a request that does not fit stalls the pipe and leads to dfuERROR. */
static void refuse(struct dfu_device *device, struct dfu_answer *answer, enum dfu_status status)
{
    answer->outcome = DFU_STALLED;
    device->state = DFU_ERROR;
    device->status = status;
}

static bool is_address(const struct dfu_device *device, uint32_t address, bool for_write)
{
    return sim_memory_valid(&device->memory, address, for_write && device->memory.is_part);
}

static enum dfu_status erase(struct dfu_device *device)
{
    if (device->length == 1) {
        if (device->memory.no_mass_erase)
            return STATUS_TARGET;
        sim_memory_erase_all(&device->memory);
        return STATUS_OK;
    }
    return device->length == 5 && sim_memory_erase_at(&device->memory, sim_le32(device->buffer + 1))
               ? STATUS_OK
               : STATUS_TARGET;
}

/** AN3156 section 5.4; flash that is not protected stays as it is. */
static void unprotect(struct dfu_device *device)
{
    if (device->memory.is_part && !device->config.read_protected)
        memset(device->memory.ram, 0, device->memory.ram_size);
    else
        sim_memory_wipe(&device->memory);
    device->config.read_protected = false;
}

/** Starts a command of block 0; its status once it is over. */
static enum dfu_status start_command(struct dfu_device *device, uint32_t *took_ms)
{
    const struct dfu_product *product = device->config.product;

    switch (device->buffer[0]) {
    case COMMAND_SET_ADDRESS:
        device->poll_ms = product->write_poll_ms;
        *took_ms = device->poll_ms;
        if (device->length != 5 || !is_address(device, sim_le32(device->buffer + 1), false))
            return STATUS_TARGET;
        device->pointer = sim_le32(device->buffer + 1);
        device->pointer_set = true;
        return STATUS_OK;
    case COMMAND_ERASE:
        device->poll_ms =
            device->length == 1 ? product->mass_erase_poll_ms : product->erase_poll_ms;
        *took_ms = device->length == 1 ? product->mass_erase_ms : product->erase_poll_ms;
        return erase(device);
    case COMMAND_READ_UNPROTECT:
        device->poll_ms = product->mass_erase_poll_ms;
        *took_ms = product->mass_erase_ms;
        unprotect(device);
        device->leaves_when_done = true;
        return STATUS_OK;
    default:
        return STATUS_STALLED_PACKET;
    }
}

static enum dfu_status start_write(struct dfu_device *device, uint32_t *took_ms)
{
    const struct dfu_product *product = device->config.product;
    uint32_t address = device->pointer + (device->block - 2u) * product->transfer_size;

    device->poll_ms = product->write_poll_ms;
    *took_ms = product->write_poll_ms;
    if (!is_dfuse(device)) {
        sim_memory_write(&device->memory, SIM_FLASH_START + device->plain_offset, device->buffer,
                         device->length);
        device->plain_offset += (uint32_t)device->length;
        return STATUS_OK;
    }
    if (device->block == 1 || !is_address(device, address, true))
        return STATUS_TARGET;
    sim_memory_write(&device->memory, address, device->buffer, device->length);
    device->leaves_when_done = address == device->memory.options_start;
    return STATUS_OK;
}

/** The first GETSTATUS after a DNLOAD starts what it asks for (AN3156 section 5). */
static void start_operation(struct dfu_device *device, sim_ns now)
{
    bool is_command = is_dfuse(device) && device->block == 0;
    bool allowed = is_command && (device->buffer[0] == COMMAND_SET_ADDRESS ||
                                  device->buffer[0] == COMMAND_READ_UNPROTECT);
    enum dfu_status failure = device->failure;
    uint32_t took_ms = 0;

    device->leaves_when_done = false;
    if (device->config.read_protected && !allowed) {
        device->state = DFU_ERROR;
        device->status = STATUS_VENDOR;
        device->poll_ms = 0;
        return;
    }
    device->failure = is_command ? start_command(device, &took_ms) : start_write(device, &took_ms);
    if (failure != STATUS_OK)
        device->failure = failure;
    if (device->takes.given)
        took_ms = device->takes.ms;
    if (device->polls.given)
        device->poll_ms = device->polls.ms;
    device->state = DFU_DNBUSY;
    device->busy_until = now + took_ms * SIM_MS;
}

static void end_operation(struct dfu_device *device)
{
    if (device->leaves_when_done) {
        device->gone = true;
        device->resets = true;
        return;
    }
    device->state = device->failure == STATUS_OK ? DFU_DNLOAD_IDLE : DFU_ERROR;
    device->status = device->failure;
    device->failure = STATUS_OK;
}

static void start_manifest(struct dfu_device *device, sim_ns now)
{
    if (device->config.needs_address_to_leave && !device->pointer_set) {
        device->state = DFU_ERROR;
        device->status = STATUS_TARGET;
        return;
    }
    if (device->failure != STATUS_OK) {
        device->state = DFU_ERROR;
        device->status = device->failure;
        device->failure = STATUS_OK;
        return;
    }
    device->state = DFU_MANIFEST;
    device->poll_ms = MANIFEST_POLL_MS;
    device->busy_until = now + MANIFEST_POLL_MS * SIM_MS;
    device->leaves_when_done = is_dfuse(device);
}

/** Moves the state machine at a GETSTATUS. False: the device is busy and stalls. */
static bool advance(struct dfu_device *device, sim_ns now)
{
    switch (device->state) {
    case DFU_DNLOAD_SYNC:
        start_operation(device, now);
        if (device->config.never_busy)
            end_operation(device);
        break;
    case DFU_DNBUSY:
        if (device->config.stuck_busy)
            break;
        if (now >= device->busy_until)
            end_operation(device);
        else if (device->config.stall_while_busy)
            return false;
        break;
    case DFU_MANIFEST_SYNC:
        start_manifest(device, now);
        break;
    case DFU_MANIFEST:
        if (device->leaves_when_done)
            device->gone = true;
        else
            device->state = DFU_IDLE;
        break;
    default:
        break;
    }
    return true;
}

static void on_get_status(struct dfu_device *device, sim_ns now, const struct usb_setup *setup,
                          struct dfu_answer *answer)
{
    uint8_t reply[6] = {0};

    if (!advance(device, now)) {
        answer->outcome = DFU_STALLED;
        return;
    }
    if (device->gone) {
        answer->outcome = DFU_LEFT_BUS;
        return;
    }
    reply[0] = (uint8_t)device->status;
    sim_put_le16(reply + 1, (uint16_t)device->poll_ms);
    reply[4] = (uint8_t)device->state;
    dfu_answer_bytes(answer, setup, reply, sizeof(reply));
}

static void on_download(struct dfu_device *device, const struct usb_setup *setup,
                        const uint8_t *data, struct dfu_answer *answer)
{
    if ((device->state != DFU_IDLE && device->state != DFU_DNLOAD_IDLE) ||
        setup->length > device->config.product->transfer_size ||
        (setup->length == 0 && device->state == DFU_IDLE && !is_dfuse(device))) {
        refuse(device, answer, STATUS_STALLED_PACKET);
        return;
    }
    if (device->state == DFU_IDLE)
        device->plain_offset = 0;
    device->block = setup->value;
    device->length = setup->length;
    if (setup->length == 0) {
        device->state = DFU_MANIFEST_SYNC;
        device->gone = device->config.leave_without_status;
        if (device->gone)
            answer->outcome = DFU_LEFT_BUS;
        return;
    }
    memcpy(device->buffer, data, setup->length);
    device->state = DFU_DNLOAD_SYNC;
}

/** Read Memory (AN3156 section 4.1): an address without memory is errTARGET, as when it is set. */
static void read_memory(struct dfu_device *device, const struct usb_setup *setup,
                        struct dfu_answer *answer)
{
    const uint32_t address =
        device->pointer + (setup->value - 2u) * device->config.product->transfer_size;

    if (!is_address(device, address, false) ||
        (setup->length > 0 && !is_address(device, address + setup->length - 1u, false))) {
        refuse(device, answer, STATUS_TARGET);
        return;
    }
    answer->length = setup->length;
    sim_memory_read(&device->memory, address, answer->data, answer->length);
}

static void on_upload(struct dfu_device *device, const struct usb_setup *setup,
                      struct dfu_answer *answer)
{
    static const uint8_t commands[] = {COMMAND_GET, COMMAND_SET_ADDRESS, COMMAND_ERASE,
                                       COMMAND_READ_UNPROTECT};
    const struct dfu_product *product = device->config.product;
    uint32_t left;

    if (device->state != DFU_IDLE && device->state != DFU_UPLOAD_IDLE) {
        refuse(device, answer, STATUS_STALLED_PACKET);
        return;
    }
    if (device->state == DFU_IDLE)
        device->plain_offset = 0;
    device->state = DFU_UPLOAD_IDLE;
    if (!is_dfuse(device)) {
        left = product->flash_size - device->plain_offset;
        answer->length = setup->length < left ? setup->length : left;
        sim_memory_read(&device->memory, SIM_FLASH_START + device->plain_offset, answer->data,
                        answer->length);
        device->plain_offset += (uint32_t)answer->length;
        if (answer->length < setup->length)
            device->state = DFU_IDLE;
    } else if (setup->value == 0) {
        dfu_answer_bytes(answer, setup, commands, sizeof(commands));
        device->state = DFU_IDLE;
    } else if (device->config.read_protected) {
        refuse(device, answer, STATUS_VENDOR);
    } else if (setup->value == 1 || setup->length > product->transfer_size) {
        refuse(device, answer, STATUS_STALLED_PACKET);
    } else {
        read_memory(device, setup, answer);
    }
}

static void on_clear_status(struct dfu_device *device, struct dfu_answer *answer)
{
    if (device->state != DFU_ERROR && device->config.clear_status_stalls) {
        answer->outcome = DFU_STALLED;
        return;
    }
    if (device->state == DFU_DNBUSY && device->config.stuck_busy && ++device->stuck_clears == 1) {
        /* What CubeProgrammer meets on H743 rev V: an error first, then idle. */
        device->state = DFU_ERROR;
        device->status = STATUS_STALLED_PACKET;
        return;
    }
    device->state = DFU_IDLE;
    device->status = STATUS_OK;
    device->poll_ms = 0;
}

static void on_class(struct dfu_device *device, sim_ns now, const struct usb_setup *setup,
                     const uint8_t *data, struct dfu_answer *answer)
{
    uint8_t state = (uint8_t)device->state;

    switch (setup->request) {
    case DFU_DETACH:
        if (device->state == APP_IDLE)
            device->state = APP_DETACH;
        break;
    case DFU_DNLOAD:
        on_download(device, setup, data, answer);
        break;
    case DFU_UPLOAD:
        on_upload(device, setup, answer);
        break;
    case DFU_GETSTATUS:
        on_get_status(device, now, setup, answer);
        break;
    case DFU_CLRSTATUS:
        on_clear_status(device, answer);
        break;
    case DFU_GETSTATE:
        dfu_answer_bytes(answer, setup, &state, 1);
        break;
    case DFU_ABORT:
        device->state = DFU_IDLE;
        device->plain_offset = 0;
        break;
    default:
        answer->outcome = DFU_STALLED;
        break;
    }
}

sim_ns dfu_device_leaves(const struct dfu_device *device)
{
    const bool at_work = device->state == DFU_DNBUSY || device->state == DFU_MANIFEST;

    return at_work && device->leaves_when_done ? device->busy_until : 0;
}

void dfu_device_leave(struct dfu_device *device)
{
    device->resets = device->state == DFU_DNBUSY;
    device->gone = true;
}

/** The command that a DNLOAD is (AN3156 section 3). */
static enum dfu_command command_of_download(const struct dfu_device *device,
                                            const struct usb_setup *setup, const uint8_t *data)
{
    if (setup->length == 0)
        return DFU_COMMAND_LEAVE;
    if (!is_dfuse(device) || setup->value != 0)
        return DFU_COMMAND_WRITE_MEMORY;
    switch (data[0]) {
    case COMMAND_SET_ADDRESS:
        return DFU_COMMAND_SET_ADDRESS;
    case COMMAND_ERASE:
        return DFU_COMMAND_ERASE;
    case COMMAND_READ_UNPROTECT:
        return DFU_COMMAND_READ_UNPROTECT;
    default:
        return DFU_COMMAND_ANY;
    }
}

/** The command that a request belongs to. */
static enum dfu_command command_of(const struct dfu_device *device, const struct usb_setup *setup,
                                   const uint8_t *data)
{
    static const enum dfu_command others[] = {
        [DFU_DETACH] = DFU_COMMAND_DETACH,
        [DFU_GETSTATUS] = DFU_COMMAND_GET_STATUS,
        [DFU_CLRSTATUS] = DFU_COMMAND_CLEAR_STATUS,
        [DFU_GETSTATE] = DFU_COMMAND_GET_STATE,
        [DFU_ABORT] = DFU_COMMAND_ABORT,
    };

    if (setup->request == DFU_DNLOAD)
        return command_of_download(device, setup, data);
    if (setup->request == DFU_UPLOAD)
        return is_dfuse(device) && setup->value == 0 ? DFU_COMMAND_GET : DFU_COMMAND_READ_MEMORY;
    if (setup->request == DFU_GETSTATUS &&
        (device->state == DFU_DNLOAD_SYNC || device->state == DFU_DNBUSY ||
         device->state == DFU_MANIFEST_SYNC || device->state == DFU_MANIFEST))
        return device->command;
    return setup->request < SIM_COUNT(others) ? others[setup->request] : DFU_COMMAND_ANY;
}

/** The fault that is due at this request; NULL if none. */
static const struct dfu_fault *due_fault(struct dfu_device *device, uint8_t request,
                                         enum dfu_command command)
{
    const struct dfu_fault *due = NULL;

    for (size_t i = 0; i < device->config.faults_length; i++) {
        struct dfu_fault *fault = &device->config.faults[i];
        if ((uint8_t)fault->request != request ||
            (fault->command != DFU_COMMAND_ANY && fault->command != command))
            continue;
        if (sim_fault_due(&fault->seen, fault->skip, fault->times) && !due)
            due = fault;
    }
    return due;
}

/** Whether a fault takes the place of the answer. */
static bool misbehave(struct dfu_device *device, const struct dfu_fault *fault,
                      const struct usb_setup *setup, struct dfu_answer *answer)
{
    switch (fault->kind) {
    case DFU_FAULT_STALL:
        refuse(device, answer, fault->status ? fault->status : STATUS_STALLED_PACKET);
        break;
    case DFU_FAULT_LEAVE:
        device->gone = true;
        device->unplugged = true;
        answer->outcome = DFU_LEFT_BUS;
        break;
    case DFU_FAULT_OUTCOME:
        answer->outcome = fault->outcome;
        break;
    case DFU_FAULT_ANSWER:
        dfu_answer_bytes(answer, setup, fault->reply, fault->reply_length);
        break;
    case DFU_FAULT_STATUS:
        device->failure = fault->status;
        return false;
    case DFU_FAULT_LATE:
        answer->delay_ms = fault->ms;
        return false;
    case DFU_FAULT_BUSY:
        device->takes = (struct dfu_time){true, fault->ms};
        return false;
    case DFU_FAULT_POLL:
        device->polls = (struct dfu_time){true, fault->ms};
        return false;
    case DFU_FAULT_WRONG:
    case DFU_FAULT_SHORT:
        return false;
    }
    return true;
}

/** What a fault makes of data that the device sends. */
static void spoil(const struct dfu_fault *fault, struct dfu_answer *answer)
{
    if (answer->outcome != DFU_DONE || answer->length == 0)
        return;
    if (fault->kind == DFU_FAULT_WRONG)
        answer->data[answer->length - 1] ^= fault->byte;
    else if (fault->kind == DFU_FAULT_SHORT)
        answer->length -= fault->byte < answer->length ? fault->byte : answer->length;
}

static void on_class_or_fault(struct dfu_device *device, sim_ns now, const struct usb_setup *setup,
                              const uint8_t *data, struct dfu_answer *answer)
{
    const enum dfu_command command = command_of(device, setup, data);
    const struct dfu_fault *fault = due_fault(device, setup->request, command);

    if (setup->request == DFU_DNLOAD) {
        device->command = command;
        device->takes.given = false;
        device->polls.given = false;
    }
    if (fault != NULL && misbehave(device, fault, setup, answer))
        return;
    on_class(device, now, setup, data, answer);
    if (fault != NULL)
        spoil(fault, answer);
}

void dfu_device_request(struct dfu_device *device, sim_ns now, const struct usb_setup *setup,
                        const uint8_t *data, struct dfu_answer *answer)
{
    answer->outcome = DFU_DONE;
    answer->length = 0;
    answer->delay_ms = 0;
    if (device->gone) {
        answer->outcome = DFU_LEFT_BUS;
        return;
    }
    switch (setup->request_type & 0x60) {
    case 0x00:
        dfu_device_standard(device, setup, answer);
        break;
    case 0x20:
        on_class_or_fault(device, now, setup, data, answer);
        break;
    default:
        answer->outcome = DFU_STALLED;
        break;
    }
}
