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
#include "formats/cubeprog/usb.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/allocate.h"
#include "formats/cubeprog/transfer.h"

enum {
    CLASS_OUT = 0x21,
    CLASS_IN = 0xa1,

    DNLOAD = 1,
    UPLOAD = 2,
    GETSTATUS = 3,
    CLRSTATUS = 4,
    ABORT = 6,

    STATUS_SIZE = 6,
    COMMAND_SIZE = 5,
    SET_ADDRESS = 0x21, /* AN3156 table 3 */
    ERASE = 0x41,
    READ_UNPROTECT = 0x92,
    FIRST_BLOCK = 2,
};

/** What the bootloaders take at once where no descriptor tells. */
#define TRANSFER_SIZE 2048

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
    cubeprog_describe(log);
    cubeprog_setup(setup, in ? CLASS_IN : CLASS_OUT, request->request, request->value,
                   request->length);
    request->urb = cubeprog_submit(log, setup, in ? NULL : request->data, request->length);
    cubeprog_complete(log, request->urb, in, status, NULL,
                      status == 0 || !in ? request->length : 0);
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
        cubeprog_describe(log);
        cubeprog_read(log, CLASS_IN, GETSTATUS, 0, answer, sizeof(answer));
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
    return cubeprog_field(cube, line) || take_status(log, line) || take_request(log, line);
}

void cubeprog_usb_end(struct log *log)
{
    finish(log, 0);
}

void cubeprog_usb_release(struct cubeprog *cube)
{
    free(cube->request.data);
}
