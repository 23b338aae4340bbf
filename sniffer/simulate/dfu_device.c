/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * DFU 1.1 appendix A and AN3156, as the device sees them.
 */
#include "simulate/dfu_device.h"

#include <string.h>

enum {
    STRING_MANUFACTURER = 1,
    STRING_PRODUCT = 2,
    STRING_SERIAL = 3,
    STRING_ALTERNATE = 4, /* and following */

    COMMAND_GET = 0x00,
    COMMAND_SET_ADDRESS = 0x21,
    COMMAND_ERASE = 0x41,
    COMMAND_READ_UNPROTECT = 0x92,

    MANIFEST_POLL_MS = 1,
    BCD_DFUSE = 0x011A,
};

#define KB 1024u

static const struct dfu_product products[] = {
    {.name = "f072",
     .vendor = 0x0483,
     .product = 0xDF11,
     .bcd_device = 0x2200,
     .transfer_size = 2048,
     .bcd_dfu = BCD_DFUSE,
     .attributes = 0x0B,
     .alternates = {"@Internal Flash  /0x08000000/064*0002Kg",
                    "@Option Bytes  /0x1FFFF800/01*016 e"},
     .serial = "FFFFFFFEFFFF",
     .flash_size = 128 * KB,
     .options_start = 0x1FFFF800,
     .sectors = {{64, 2 * KB}},
     .erase_poll_ms = 40,
     .write_poll_ms = 72,
     .mass_erase_poll_ms = 40,
     .mass_erase_ms = 40},
    {.name = "f405",
     .vendor = 0x0483,
     .product = 0xDF11,
     .bcd_device = 0x2200,
     .transfer_size = 2048,
     .bcd_dfu = BCD_DFUSE,
     .attributes = 0x0B,
     .alternates = {"@Internal Flash  /0x08000000/04*016Kg,01*064Kg,01*128Kg",
                    "@Option Bytes  /0x1FFFC000/01*016 e",
                    "@OTP Memory /0x1FFF7800/01*512 e,01*016 e",
                    "@Device Feature/0xFFFF0000/01*004 e"},
     .serial = "315A334F3138",
     .flash_size = 256 * KB,
     .options_start = 0x1FFFC000,
     .sectors = {{4, 16 * KB}, {1, 64 * KB}, {1, 128 * KB}},
     .erase_poll_ms = 500,
     .write_poll_ms = 9,
     .mass_erase_poll_ms = 100,
     .mass_erase_ms = 8000},
    {.name = "l476",
     .vendor = 0x0483,
     .product = 0xDF11,
     .bcd_device = 0x2200,
     .transfer_size = 2048,
     .bcd_dfu = BCD_DFUSE,
     .attributes = 0x0B,
     /* The second and third are nobody's: read-only and write-only memory. */
     .alternates = {"@Internal Flash   /0x08000000/0128*0002Kg",
                    "@System Memory  /0x1FFF0000/01*002Ka", "@Key Store /0x20000000/01*001Kd"},
     .serial = "205F37913556",
     .flash_size = 256 * KB,
     .options_start = 0x1FFF7800,
     .sectors = {{128, 2 * KB}},
     .erase_poll_ms = 10,
     .write_poll_ms = 10,
     .mass_erase_poll_ms = 10,
     .mass_erase_ms = 50},
    {.name = "h743",
     .vendor = 0x0483,
     .product = 0xDF11,
     .bcd_device = 0x0200,
     .transfer_size = 1024,
     .bcd_dfu = BCD_DFUSE,
     .attributes = 0x0B,
     .alternates = {"@Internal Flash   /0x08000000/2*128Kg"},
     .serial = "200364500000",
     .flash_size = 256 * KB,
     .options_start = 0x5200201C,
     .sectors = {{2, 128 * KB}},
     .erase_poll_ms = 1000,
     .write_poll_ms = 1,
     .mass_erase_poll_ms = 100,
     .mass_erase_ms = 4000},
    {.name = "gd32",
     .vendor = 0x28E9,
     .product = 0x0189,
     .bcd_device = 0x0100,
     .transfer_size = 2048,
     .bcd_dfu = BCD_DFUSE,
     .attributes = 0x0B,
     .alternates = {"@Internal Flash  /0x08000000/512*002Kg",
                    "@Option Bytes  /0x1FFFF800/01*016 g"},
     .serial = "3CJ",
     .serial_not_utf16 = true,
     .flash_size = 128 * KB,
     .options_start = 0x1FFFF800,
     .sectors = {{128, 1 * KB}},
     .erase_poll_ms = 60,
     .write_poll_ms = 80,
     .mass_erase_poll_ms = 60,
     .mass_erase_ms = 60},
    {.name = "plain",
     .vendor = 0x1209,
     .product = 0xDB42,
     .bcd_device = 0x0111,
     .transfer_size = 1024,
     .bcd_dfu = 0x0110,
     .attributes = 0x07, /* download, upload, manifestation tolerant */
     .alternates = {"Application flash"},
     .serial = "0001",
     .flash_size = 64 * KB,
     .options_start = 0x1FFFF800,
     .sectors = {{64, 1 * KB}},
     .erase_poll_ms = 20,
     .write_poll_ms = 20,
     .mass_erase_poll_ms = 20,
     .mass_erase_ms = 20},
};

const struct dfu_product *dfu_product_by_name(const char *name)
{
    for (size_t i = 0; i < SIM_COUNT(products); i++)
        if (strcmp(products[i].name, name) == 0)
            return &products[i];
    return NULL;
}

void usb_setup_parse(struct usb_setup *setup, const uint8_t bytes[8])
{
    setup->request_type = bytes[0];
    setup->request = bytes[1];
    setup->value = sim_le16(bytes + 2);
    setup->index = sim_le16(bytes + 4);
    setup->length = sim_le16(bytes + 6);
}

void usb_setup_pack(uint8_t bytes[8], const struct usb_setup *setup)
{
    bytes[0] = setup->request_type;
    bytes[1] = setup->request;
    sim_put_le16(bytes + 2, setup->value);
    sim_put_le16(bytes + 4, setup->index);
    sim_put_le16(bytes + 6, setup->length);
}

void dfu_device_init(struct dfu_device *device, const struct dfu_device_config *config)
{
    memset(device, 0, sizeof(*device));
    device->config = *config;
    sim_memory_init(&device->memory, config->product->flash_size, config->product->sectors[0].size);
    device->memory.options_start = config->product->options_start;
    device->state = config->application ? APP_IDLE : DFU_IDLE;
    device->pointer = SIM_FLASH_START;
    device->configuration = 1;
    if (config->firmware_corrupt) {
        device->state = DFU_ERROR;
        device->status = STATUS_FIRMWARE;
    }
}

static bool is_dfuse(const struct dfu_device *device)
{
    return device->config.product->bcd_dfu == BCD_DFUSE;
}

static uint8_t alternates(const struct dfu_product *product)
{
    uint8_t count = 0;
    while (count < DFU_ALTERNATES_MAX && product->alternates[count])
        count++;
    return count;
}

/* -- descriptors: USB 2.0 section 9.6, DFU 1.1 section 4 -- */

size_t dfu_device_descriptor(const struct dfu_device *device, uint8_t bytes[18])
{
    static const uint8_t fixed[18] = {18, 0x01, 0x00, 0x01, 0, 0, 0, 64};
    const struct dfu_product *product = device->config.product;

    memcpy(bytes, fixed, 18);
    sim_put_le16(bytes + 8, product->vendor);
    sim_put_le16(bytes + 10, product->product);
    sim_put_le16(bytes + 12, product->bcd_device);
    bytes[14] = STRING_MANUFACTURER;
    bytes[15] = STRING_PRODUCT;
    bytes[16] = STRING_SERIAL;
    bytes[17] = 1;
    return 18;
}

size_t dfu_device_configuration(const struct dfu_device *device, uint8_t *bytes, size_t size)
{
    const struct dfu_product *product = device->config.product;
    uint8_t all[9 + 9 * DFU_ALTERNATES_MAX + 9];
    size_t length = 9;

    for (uint8_t i = 0; i < alternates(product); i++, length += 9) {
        const uint8_t interface[9] = {9,
                                      0x04,
                                      0,
                                      i,
                                      0,
                                      0xFE,
                                      0x01,
                                      (uint8_t)(device->config.application ? 1 : 2),
                                      (uint8_t)(STRING_ALTERNATE + i)};
        memcpy(all + length, interface, 9);
    }
    all[length] = 9;
    all[length + 1] = 0x21;
    all[length + 2] = product->attributes;
    sim_put_le16(all + length + 3, 255);
    sim_put_le16(all + length + 5, product->transfer_size);
    sim_put_le16(all + length + 7, product->bcd_dfu);
    length += 9;
    memcpy(all, (const uint8_t[]){9, 0x02, (uint8_t)length, 0, 1, 1, 0, 0xC0, 50}, 9);
    if (length > size)
        length = size;
    memcpy(bytes, all, length);
    return length;
}

static size_t string_descriptor(const struct dfu_device *device, uint8_t index, uint8_t *bytes)
{
    const struct dfu_product *product = device->config.product;
    const char *text = "";
    size_t length;

    if (index == 0) {
        memcpy(bytes, (const uint8_t[]){4, 0x03, 0x09, 0x04}, 4);
        return 4;
    }
    if (index == STRING_MANUFACTURER)
        text = "STMicroelectronics";
    else if (index == STRING_PRODUCT)
        text = is_dfuse(device) ? "STM32  BOOTLOADER" : "DFU bootloader";
    else if (index == STRING_SERIAL)
        text = product->serial;
    else if (index < STRING_ALTERNATE + alternates(product))
        text = product->alternates[index - STRING_ALTERNATE];
    else if (index == DFU_WORDS && device->config.words)
        text = device->config.words;
    else
        return 0;
    bytes[1] = 0x03;
    length = strlen(text);
    if (index == STRING_SERIAL && product->serial_not_utf16) {
        memcpy(bytes + 2, text, length);
        bytes[0] = (uint8_t)(2 + length);
        return bytes[0];
    }
    for (size_t i = 0; i < length; i++)
        sim_put_le16(bytes + 2 + 2 * i, (uint8_t)text[i]);
    bytes[0] = (uint8_t)(2 + 2 * length);
    return bytes[0];
}

static void answer_bytes(struct dfu_answer *answer, const struct usb_setup *setup,
                         const uint8_t *bytes, size_t length)
{
    answer->length = length < setup->length ? length : setup->length;
    memcpy(answer->data, bytes, answer->length);
}

static void on_descriptor(struct dfu_device *device, const struct usb_setup *setup,
                          struct dfu_answer *answer)
{
    uint8_t bytes[256];
    size_t length = 0;

    switch (setup->value >> 8) {
    case 1:
        length = dfu_device_descriptor(device, bytes);
        break;
    case 2:
        length = dfu_device_configuration(device, bytes, sizeof(bytes));
        break;
    case 3:
        length = string_descriptor(device, (uint8_t)setup->value, bytes);
        break;
    }
    if (length == 0)
        answer->outcome = DFU_STALLED;
    else
        answer_bytes(answer, setup, bytes, length);
}

static void on_standard(struct dfu_device *device, const struct usb_setup *setup,
                        struct dfu_answer *answer)
{
    static const uint8_t no_status[2] = {0, 0};

    switch (setup->request) {
    case 0x00: /* GET_STATUS */
        answer_bytes(answer, setup, no_status, 2);
        break;
    case 0x05: /* SET_ADDRESS */
        break;
    case 0x06: /* GET_DESCRIPTOR */
        on_descriptor(device, setup, answer);
        break;
    case 0x08: /* GET_CONFIGURATION */
        answer_bytes(answer, setup, &device->configuration, 1);
        break;
    case 0x09: /* SET_CONFIGURATION */
        if (device->config.set_configuration_stalls)
            answer->outcome = DFU_STALLED;
        else
            device->configuration = (uint8_t)setup->value;
        break;
    case 0x0A: /* GET_INTERFACE */
        answer_bytes(answer, setup, &device->alternate, 1);
        break;
    case 0x0B: /* SET_INTERFACE */
        if (setup->value < alternates(device->config.product) &&
            !device->config.set_interface_stalls)
            device->alternate = (uint8_t)setup->value;
        else
            answer->outcome = DFU_STALLED;
        break;
    default:
        answer->outcome = DFU_STALLED;
        break;
    }
}

/* -- DFU requests -- */

/** DFU 1.1 section 3: a request that does not fit stalls the pipe and leads to dfuERROR. */
static void refuse(struct dfu_device *device, struct dfu_answer *answer, enum dfu_status status)
{
    answer->outcome = DFU_STALLED;
    device->state = DFU_ERROR;
    device->status = status;
}

/** The sector that holds an address: its start and size; false if it is no flash address. */
static bool find_sector(const struct dfu_device *device, uint32_t address, uint32_t *start,
                        uint32_t *size)
{
    *start = SIM_FLASH_START;
    for (size_t i = 0; i < DFU_SECTORS_MAX; i++) {
        const struct dfu_sectors *run = &device->config.product->sectors[i];
        if (run->count && address >= *start && address - *start < run->count * run->size) {
            *start += (address - *start) / run->size * run->size;
            *size = run->size;
            return true;
        }
        *start += run->count * run->size;
    }
    return false;
}

static bool is_address(const struct dfu_device *device, uint32_t address)
{
    uint32_t start;
    uint32_t size;

    return find_sector(device, address, &start, &size) ||
           sim_memory_valid(&device->memory, address, false);
}

static enum dfu_status erase(struct dfu_device *device)
{
    uint32_t start;
    uint32_t size;

    if (device->length == 1) {
        sim_memory_erase_all(&device->memory);
        return STATUS_OK;
    }
    if (!find_sector(device, sim_le32(device->buffer + 1), &start, &size))
        return STATUS_TARGET;
    memset(&device->memory.flash[start - SIM_FLASH_START], 0xFF, size);
    return STATUS_OK;
}

/** Starts a command of block 0; its status once it is over. */
static enum dfu_status start_command(struct dfu_device *device, uint32_t *took_ms)
{
    const struct dfu_product *product = device->config.product;

    switch (device->buffer[0]) {
    case COMMAND_SET_ADDRESS:
        device->poll_ms = product->write_poll_ms;
        *took_ms = device->poll_ms;
        if (device->length != 5 || !is_address(device, sim_le32(device->buffer + 1)))
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
        sim_memory_erase_all(&device->memory);
        device->config.read_protected = false;
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
    if (device->block == 1 || !is_address(device, address))
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
    device->state = DFU_DNBUSY;
    device->busy_until = now + took_ms * SIM_MS;
}

static void end_operation(struct dfu_device *device)
{
    if (device->leaves_when_done) {
        device->gone = true;
        return;
    }
    device->state = device->failure == STATUS_OK ? DFU_DNLOAD_IDLE : DFU_ERROR;
    device->status = device->failure;
    device->failure = STATUS_OK;
}

static void start_manifest(struct dfu_device *device)
{
    if (device->config.needs_address_to_leave && !device->pointer_set) {
        device->state = DFU_ERROR;
        device->status = STATUS_TARGET;
        return;
    }
    device->state = DFU_MANIFEST;
    device->poll_ms = MANIFEST_POLL_MS;
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
        start_manifest(device);
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
    answer_bytes(answer, setup, reply, sizeof(reply));
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
        answer_bytes(answer, setup, commands, sizeof(commands));
        device->state = DFU_IDLE;
    } else if (device->config.read_protected) {
        refuse(device, answer, STATUS_VENDOR);
    } else if (setup->value == 1 || setup->length > product->transfer_size) {
        refuse(device, answer, STATUS_STALLED_PACKET);
    } else {
        answer->length = setup->length;
        sim_memory_read(&device->memory,
                        device->pointer + (setup->value - 2u) * product->transfer_size,
                        answer->data, answer->length);
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
        answer_bytes(answer, setup, &state, 1);
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

/** The fault that is due at this request; NULL if none. */
static const struct dfu_fault *due_fault(struct dfu_device *device, uint8_t request)
{
    const struct dfu_fault *due = NULL;

    for (size_t i = 0; i < device->config.faults_length; i++) {
        struct dfu_fault *fault = &device->config.faults[i];
        if ((uint8_t)fault->request != request)
            continue;
        fault->seen++;
        if (!due && fault->seen > fault->skip &&
            (fault->times == 0 || fault->seen <= fault->skip + fault->times))
            due = fault;
    }
    return due;
}

/** Whether a fault takes the place of the answer. */
static bool misbehave(struct dfu_device *device, const struct usb_setup *setup,
                      struct dfu_answer *answer)
{
    const struct dfu_fault *fault = due_fault(device, setup->request);

    if (!fault)
        return false;
    switch (fault->kind) {
    case DFU_FAULT_STALL:
        refuse(device, answer, STATUS_STALLED_PACKET);
        break;
    case DFU_FAULT_LEAVE:
        device->gone = true;
        answer->outcome = DFU_LEFT_BUS;
        break;
    case DFU_FAULT_OUTCOME:
        answer->outcome = fault->outcome;
        break;
    case DFU_FAULT_ANSWER:
        answer_bytes(answer, setup, fault->reply, fault->reply_length);
        break;
    case DFU_FAULT_STATUS:
        device->failure = fault->status;
        return false;
    }
    return true;
}

void dfu_device_request(struct dfu_device *device, sim_ns now, const struct usb_setup *setup,
                        const uint8_t *data, struct dfu_answer *answer)
{
    answer->outcome = DFU_DONE;
    answer->length = 0;
    if (device->gone) {
        answer->outcome = DFU_LEFT_BUS;
        return;
    }
    switch (setup->request_type & 0x60) {
    case 0x00:
        on_standard(device, setup, answer);
        break;
    case 0x20:
        if (!misbehave(device, setup, answer))
            on_class(device, now, setup, data, answer);
        break;
    default:
        answer->outcome = DFU_STALLED;
        break;
    }
}
