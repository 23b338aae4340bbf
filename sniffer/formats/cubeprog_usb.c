/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The lines of STM32CubeProgrammer's log that tell of USB DFU, made into control transfers:
 *   DFU status = 0            before version 2.4; then: DFU status = 0 : OK
 *   DFU State = 9             likewise:                 DFU state = 9 : dfuUPLOAD-IDLE
 *   sending an abort request
 *   sending a clear status request
 *   sending a page erase request @: 0x08000000
 *   setting the address pointer to address: 0x08000000
 *   data: 4100000008          what was sent, whole
 *   receiving packet nbr: 0   an upload, whose data are not printed
 *   libusb control transfer error: -9
 * and one field of a descriptor a line, `|_idVendor : 0x0483`. The order is right; what the log
 * does not print is the numbers of blocks (2 is the first, as AN3156 has it), the time that the
 * device asks for, and how much an upload asked for.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/allocate.h"
#include "formats/cubeprog.h"
#include "traffic/usb_record.h"

/** Where the device is, as no line tells: any place but a root hub's. */
enum { BUS = 1, DEVICE = 2 };

enum {
    CONTROL = 2,
    ENDPOINT_IN = 0x80,
    CLASS_OUT = 0x21,
    CLASS_IN = 0xa1,
    STANDARD_IN = 0x80,

    DNLOAD = 1,
    UPLOAD = 2,
    GETSTATUS = 3,
    CLRSTATUS = 4,
    ABORT = 6,
    GET_DESCRIPTOR = 6,

    STATUS_SIZE = 6,
    COMMAND_SIZE = 5,
    SET_ADDRESS = 0x21, /* AN3156 table 3 */
    ERASE = 0x41,
    READ_UNPROTECT = 0x92,
    FIRST_BLOCK = 2,

    DEVICE_DESCRIPTOR = 1,
    CONFIGURATION_DESCRIPTOR = 2,
};

/** What the bootloaders take at once where no descriptor tells. */
#define TRANSFER_SIZE 2048

static uint32_t interface_of(struct log *log)
{
    const struct cubeprog *cube = log->state;

    queue_lacks(&log->queue, cubeprog_lacks(cube));
    return queue_interface(&log->queue, BTAP_LINKTYPE_USB_LINUX_MMAPPED, "", false,
                           BTAP_LACKS_REPLIES | BTAP_LACKS_POLL_TIMES | BTAP_LACKS_DATA |
                               cubeprog_lacks(cube));
}

static void put(struct log *log, struct usb_record *record)
{
    struct cubeprog *cube = log->state;

    record->transfer_type = CONTROL;
    record->bus = BUS;
    record->device = DEVICE;
    record->time = cube->time;
    usb_record_send(&log->queue.sink, interface_of(log), record, NULL);
    cube->traffic = true;
}

/** The first half of a transfer. @return the number of its URB */
static uint64_t submit(struct log *log, const uint8_t setup[8], const uint8_t *data,
                       uint32_t length)
{
    struct cubeprog *cube = log->state;
    const bool in = (setup[0] & ENDPOINT_IN) != 0;

    cube->urbs++;
    put(log, &(struct usb_record){
                 .id = cube->urbs,
                 .endpoint = in ? ENDPOINT_IN : 0,
                 .setup = setup,
                 .status = -EINPROGRESS,
                 .length = length,
                 .data = data,
                 .captured = data != NULL ? length : 0,
                 .data_length = data != NULL ? length : 0,
             });
    return cube->urbs;
}

/** The other half. @param data NULL: none, or the log does not hold them */
static void complete(struct log *log, uint64_t urb, bool in, int status, const uint8_t *data,
                     uint32_t length)
{
    put(log, &(struct usb_record){
                 .id = urb,
                 .completion = true,
                 .endpoint = in ? ENDPOINT_IN : 0,
                 .status = status,
                 .length = length,
                 .data = data,
                 .captured = data != NULL ? length : 0,
                 .data_length = in ? length : 0,
             });
}

static void make_setup(uint8_t setup[8], uint8_t type, uint8_t request, uint16_t value,
                       uint32_t length)
{
    const uint8_t bytes[8] = {
        type, request, (uint8_t)value,  (uint8_t)(value >> 8),
        0,    0,       (uint8_t)length, (uint8_t)(length >> 8),
    };

    memcpy(setup, bytes, sizeof(bytes));
}

/** A transfer that reads what the log prints, both halves. */
static void read_whole(struct log *log, uint8_t type, uint8_t request, uint16_t value,
                       const uint8_t *data, uint32_t length)
{
    uint8_t setup[8];

    make_setup(setup, type, request, value, length);
    complete(log, submit(log, setup, NULL, length), true, 0, data, length);
}

/* Descriptors */

static const struct {
    const char *name;
    uint8_t at;
    uint8_t size;
} device_fields[] = {
    {"bcdUSB", 2, 2},          {"bDeviceClass", 4, 1},   {"bDeviceSubClass", 5, 1},
    {"bDeviceProtocol", 6, 1}, {"bMaxPacketSize", 7, 1}, {"idVendor", 8, 2},
    {"idProduct", 10, 2},      {"bcdDevice", 12, 2},     {"iManufacturer", 14, 1},
    {"iProduct", 15, 1},       {"iSerialNumber", 16, 1}, {"bNumConfigurations", 17, 1},
};

/** `|_idVendor : 0x0483`. @return whether the line is a field of a descriptor */
static bool take_field(struct cubeprog *cube, const char *line)
{
    struct cubeprog_descriptors *descriptors = &cube->descriptors;
    const char *name = cubeprog_behind(line, "|_");
    const char *colon = name != NULL ? strchr(name, ':') : NULL;
    unsigned long value;

    if (colon == NULL)
        return name != NULL;
    value = strtoul(colon + 1, NULL, 0);
    for (size_t i = 0; i < sizeof(device_fields) / sizeof(device_fields[0]); i++) {
        if (strncmp(name, device_fields[i].name, strlen(device_fields[i].name)) != 0)
            continue;
        descriptors->device[device_fields[i].at] = (uint8_t)value;
        if (device_fields[i].size == 2)
            descriptors->device[device_fields[i].at + 1] = (uint8_t)(value >> 8);
        descriptors->known |= 1u << i;
    }
    if (strncmp(name, "wTransferSize", strlen("wTransferSize")) == 0) {
        descriptors->transfer_size = (uint16_t)value;
        descriptors->functional = true;
    } else if (strncmp(name, "bcdDFUVersion", strlen("bcdDFUVersion")) == 0) {
        descriptors->bcd_dfu = (uint16_t)value;
    } else if (strncmp(name, "bmAttributes", strlen("bmAttributes")) == 0) {
        descriptors->attributes = (uint8_t)value;
    }
    return true;
}

/** Configuration, interface and functional descriptor (DFU 1.1 section 4.2), of what is known. */
static void put_configuration(struct log *log, const struct cubeprog_descriptors *descriptors)
{
    const uint16_t size = descriptors->transfer_size;
    const uint16_t bcd = descriptors->bcd_dfu != 0 ? descriptors->bcd_dfu : 0x011a;
    const uint8_t bytes[] = {
        9,
        2,
        27,
        0,
        1,
        1,
        0,
        0xc0,
        50, /* configuration */
        9,
        4,
        0,
        0,
        0,
        0xfe,
        1,
        2,
        0, /* interface */
        9,
        0x21,
        descriptors->attributes,
        0xff,
        0,
        (uint8_t)size,
        (uint8_t)(size >> 8),
        (uint8_t)bcd,
        (uint8_t)(bcd >> 8),
    };

    read_whole(log, STANDARD_IN, GET_DESCRIPTOR, CONFIGURATION_DESCRIPTOR << 8, bytes,
               sizeof(bytes));
}

/** Before the first request: who the device is, if the log told it. */
static void put_descriptors(struct log *log)
{
    struct cubeprog *cube = log->state;
    struct cubeprog_descriptors *descriptors = &cube->descriptors;
    const bool identified = descriptors->device[9] != 0 || descriptors->device[8] != 0;

    if (descriptors->sent || !identified)
        return;
    descriptors->device[0] = sizeof(descriptors->device);
    descriptors->device[1] = DEVICE_DESCRIPTOR;
    descriptors->sent = true;
    read_whole(log, STANDARD_IN, GET_DESCRIPTOR, DEVICE_DESCRIPTOR << 8, descriptors->device,
               sizeof(descriptors->device));
    if (descriptors->functional)
        put_configuration(log, descriptors);
}

/* Requests */

/** The request before is over; a DNLOAD whose data the log does not print is what they must be. */
static void finish(struct log *log, int status)
{
    struct cubeprog *cube = log->state;
    struct cubeprog_request *request = &cube->request;
    const bool in = request->request == UPLOAD;
    uint8_t setup[8];

    if (!request->open)
        return;
    put_descriptors(log);
    make_setup(setup, in ? CLASS_IN : CLASS_OUT, request->request, request->value, request->length);
    request->urb = submit(log, setup, in ? NULL : request->data, request->length);
    complete(log, request->urb, in, status, NULL, status == 0 || !in ? request->length : 0);
    request->open = false;
}

static void begin(struct log *log, uint8_t number, uint16_t value, const uint8_t *data,
                  uint32_t length)
{
    struct cubeprog *cube = log->state;
    struct cubeprog_request *request = &cube->request;

    finish(log, 0);
    if (length > request->room) {
        request->data = reallocate(request->data, length);
        request->room = length;
    }
    if (data != NULL)
        memcpy(request->data, data, length);
    request->open = true;
    request->told = false;
    request->request = number;
    request->value = value;
    request->length = length;
}

/** A command in a DNLOAD of block 0: its code and an address (AN3156 sections 5.2 and 5.3). */
static void begin_command(struct log *log, uint8_t code, const char *address)
{
    struct cubeprog *cube = log->state;
    const unsigned long value = strtoul(address + strspn(address, " "), NULL, 0);
    const uint8_t command[COMMAND_SIZE] = {
        code, (uint8_t)value, (uint8_t)(value >> 8), (uint8_t)(value >> 16), (uint8_t)(value >> 24),
    };

    begin(log, DNLOAD, 0, command, sizeof(command));
    cube->block = FIRST_BLOCK;
}

static bool is_command(const uint8_t *bytes, size_t length)
{
    return (length == COMMAND_SIZE && (bytes[0] == SET_ADDRESS || bytes[0] == ERASE)) ||
           (length == 1 && (bytes[0] == ERASE || bytes[0] == READ_UNPROTECT));
}

/** `data: 4100000008`: of the command that the line before announces, or of the next block. */
static void take_data(struct log *log, char *text)
{
    struct cubeprog *cube = log->state;
    struct cubeprog_request *request = &cube->request;
    uint8_t *bytes;
    const size_t length = cubeprog_bytes(text, &bytes);

    if (length == 0 || length > UINT16_MAX)
        return;
    if (request->open && request->request == DNLOAD && !request->told &&
        request->length == length && memcmp(request->data, bytes, length) == 0) {
        request->told = true;
        return;
    }
    if (cube->block < FIRST_BLOCK || is_command(bytes, length))
        cube->block = FIRST_BLOCK;
    begin(log, DNLOAD, is_command(bytes, length) ? 0 : cube->block++, bytes, (uint32_t)length);
    request->told = true;
}

/** `receiving packet nbr: 0` */
static void take_upload(struct log *log, const char *text)
{
    struct cubeprog *cube = log->state;
    const uint32_t size = cube->descriptors.functional && cube->descriptors.transfer_size > 0
                              ? cube->descriptors.transfer_size
                              : TRANSFER_SIZE;
    const uint32_t length =
        cube->upload_left > 0 && cube->upload_left < size ? cube->upload_left : size;

    cube->upload_left -= cube->upload_left < length ? cube->upload_left : length;
    begin(log, UPLOAD, (uint16_t)(strtoul(text, NULL, 10) + FIRST_BLOCK), NULL, length);
}

/** What libusb's errors are to usbmon. */
static void take_error(struct log *log, const char *text)
{
    static const struct {
        long libusb;
        int status;
    } errors[] = {{-1, -EPROTO}, {-4, -ENODEV}, {-7, -ETIMEDOUT}, {-8, -EOVERFLOW}, {-9, -EPIPE}};
    const long number = strtol(text, NULL, 10);
    int status = -EPROTO;

    for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++)
        if (errors[i].libusb == number)
            status = errors[i].status;
    finish(log, status);
}

/** `DFU status = 0`, or `DFU state = 2`. @return whether the line is one of the two */
static bool take_status(struct log *log, const char *line)
{
    struct cubeprog *cube = log->state;
    const char *status = cubeprog_behind(line, "DFU status = ");
    const char *state = cubeprog_behind(line, "DFU state = ");

    if (state == NULL)
        state = cubeprog_behind(line, "DFU State = ");
    if (status != NULL) {
        cube->status = (uint8_t)strtoul(status, NULL, 10);
        cube->has_status = true;
        return true;
    }
    if (state == NULL)
        return false;
    if (cube->has_status) {
        const uint8_t answer[STATUS_SIZE] = {
            cube->status, 0, 0, 0, (uint8_t)strtoul(state, NULL, 10), 0,
        };

        finish(log, 0);
        put_descriptors(log);
        read_whole(log, CLASS_IN, GETSTATUS, 0, answer, sizeof(answer));
    }
    cube->has_status = false;
    return true;
}

static bool take_request(struct log *log, char *line)
{
    struct cubeprog *cube = log->state;
    const char *behind;

    if (cubeprog_behind(line, "sending an abort request") != NULL)
        begin(log, ABORT, 0, NULL, 0);
    else if (cubeprog_behind(line, "sending a clear status request") != NULL)
        begin(log, CLRSTATUS, 0, NULL, 0);
    else if ((behind = cubeprog_behind(line, "sending a page erase request @:")) != NULL)
        begin_command(log, ERASE, behind);
    else if ((behind = cubeprog_behind(line, "setting the address pointer to address:")) != NULL)
        begin_command(log, SET_ADDRESS, behind);
    else if ((behind = cubeprog_behind(line, "receiving packet nbr:")) != NULL)
        take_upload(log, behind);
    else if ((behind = cubeprog_behind(line, "libusb control transfer error:")) != NULL)
        take_error(log, behind);
    else if (strncmp(line + strspn(line, " :"), "data: ", 6) == 0)
        take_data(log, strstr(line, "data: ") + 6);
    else
        return false;
    cube->has_status = false;
    return true;
}

bool cubeprog_usb(struct log *log, char *line)
{
    struct cubeprog *cube = log->state;
    const char *size = cubeprog_behind(line, "Size ");

    if (cubeprog_behind(line, "STM32CubeProgrammer") != NULL) {
        finish(log, 0);
        cube->descriptors = (struct cubeprog_descriptors){0};
        return false;
    }
    if (cubeprog_behind(line, "UPLOADING") != NULL)
        cube->upload_left = 0;
    else if (size != NULL && strstr(size, "Bytes") != NULL)
        cube->upload_left = (uint32_t)strtoul(size + strspn(size, " :"), NULL, 10);
    return take_field(cube, line) || take_status(log, line) || take_request(log, line);
}

void cubeprog_usb_end(struct log *log)
{
    finish(log, 0);
}

void cubeprog_usb_release(struct cubeprog *cube)
{
    free(cube->request.data);
}
