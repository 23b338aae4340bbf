/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * USB devices as libusb and others reach them: /dev/bus/usb/BUS/DEV and its ioctls (usbfs, the
 * kernel's include/uapi/linux/usbdevice_fs.h), told as usbmon tells what they cause.
 *
 * A device is told once the tool talks to it: libusb opens all of them to look at them.
 */
#include <errno.h>
#include <linux/usbdevice_fs.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>

#include "base/allocate.h"
#include "live/usb_describe.h"
#include "trace/call.h"
#include "traffic/usb_record.h"

#define DEVICE_PATH "/dev/bus/usb/"

enum {
    MAJOR = 189, /* the kernel's Documentation/admin-guide/devices.txt */

    CONTROL = 2,
    BULK = 3,

    /* Transfers of a file that are followed at a time; tools have one, or a few. */
    TRANSFERS_MAX = 128,

    SETUP_SIZE = 8,
    ENDPOINT_IN = 0x80,

    SET_ADDRESS = 5,
    CLEAR_FEATURE = 1,
    SET_CONFIGURATION = 9,
    SET_INTERFACE = 11,
    TO_DEVICE = 0,
    TO_INTERFACE = 1,
    TO_ENDPOINT = 2,

    /* transfer_flags of the kernel: those that a tool may set have the same values */
    FLAGS_OF_TOOL =
        USBDEVFS_URB_SHORT_NOT_OK | USBDEVFS_URB_ZERO_PACKET | USBDEVFS_URB_NO_INTERRUPT,
    FLAG_IN = 0x200,

    LENGTH_MAX = INT32_MAX - 1000000, /* of a transfer: the kernel's USBFS_XFER_MAX */
    ADDRESS_BITS = 48,                /* of user space */
};

/** A transfer that the tool asked for. */
struct transfer {
    bool used;
    pid_t process;
    uint64_t address; /**< of what the ioctl was given, in the tool's memory */
    uint64_t id;
    uint8_t type;
    uint8_t endpoint;
    bool setup_known;
    uint8_t setup[SETUP_SIZE];
    uint64_t buffer; /**< of the data */
    uint32_t length; /**< that are asked for */
    uint32_t flags;
};

struct usbfs_file {
    struct trace_file file;
    uint16_t bus;
    uint8_t device;
    bool told; /**< the interface is there */
    uint32_t interface_id;
    uint16_t count; /**< of transfers, so that one at the address of another has another id */
    struct transfer transfers[TRANSFERS_MAX]; /**< under way */
};

/** The kernel refuses more. */
static uint32_t length_of(unsigned int length)
{
    return length < LENGTH_MAX ? length : LENGTH_MAX;
}

static void put_16(uint8_t *bytes, uint16_t value)
{
    bytes[0] = (uint8_t)value;
    bytes[1] = (uint8_t)(value >> 8);
}

/** A request without data. */
static void make_request(struct transfer *transfer, uint8_t recipient, uint8_t request,
                         uint32_t value, uint32_t index)
{
    *transfer = (struct transfer){
        .type = CONTROL,
        .setup_known = true,
        .setup = {recipient, request},
    };
    put_16(transfer->setup + 2, (uint16_t)value);
    put_16(transfer->setup + 4, (uint16_t)index);
}

/** What the setup bytes say of a control transfer. */
static void follow_setup(struct transfer *transfer)
{
    const uint8_t *setup = transfer->setup;

    transfer->length = (uint32_t)setup[6] | (uint32_t)setup[7] << 8;
    transfer->endpoint &= (uint8_t)~ENDPOINT_IN;
    if (transfer->length > 0)
        transfer->endpoint |= setup[0] & ENDPOINT_IN;
}

/* What the ioctls were given. Each returns false if the tool's memory cannot be read, or what is
 * there is no transfer that is followed. */

static bool read_urb(const struct trace_call *call, uint64_t address, struct transfer *transfer)
{
    struct usbdevfs_urb urb;

    if (!trace_read(call, address, &urb, sizeof(urb)) || urb.type == USBDEVFS_URB_TYPE_ISO ||
        urb.type > USBDEVFS_URB_TYPE_BULK)
        return false;
    *transfer = (struct transfer){
        .type = urb.type,
        .endpoint = urb.endpoint,
        .buffer = (uintptr_t)urb.buffer,
        .length = length_of((unsigned int)urb.buffer_length),
        .flags = urb.flags & FLAGS_OF_TOOL,
    };
    if (transfer->type == CONTROL) {
        transfer->setup_known = trace_read(call, transfer->buffer, transfer->setup, SETUP_SIZE);
        transfer->buffer += SETUP_SIZE;
        follow_setup(transfer);
    }
    if ((transfer->endpoint & ENDPOINT_IN) != 0)
        transfer->flags |= FLAG_IN;
    return true;
}

static bool read_control(const struct trace_call *call, uint64_t address, struct transfer *transfer)
{
    struct usbdevfs_ctrltransfer control;

    if (!trace_read(call, address, &control, sizeof(control)))
        return false;
    make_request(transfer, control.bRequestType, control.bRequest, control.wValue, control.wIndex);
    put_16(transfer->setup + 6, control.wLength);
    transfer->buffer = (uintptr_t)control.data;
    follow_setup(transfer);
    return true;
}

static bool read_bulk(const struct trace_call *call, uint64_t address, struct transfer *transfer)
{
    struct usbdevfs_bulktransfer bulk;

    if (!trace_read(call, address, &bulk, sizeof(bulk)))
        return false;
    *transfer = (struct transfer){
        .type = BULK,
        .endpoint = (uint8_t)bulk.ep,
        .length = length_of(bulk.len),
        .buffer = (uintptr_t)bulk.data,
    };
    return true;
}

static bool read_interface(const struct trace_call *call, uint64_t address,
                           struct transfer *transfer)
{
    struct usbdevfs_setinterface set;

    if (!trace_read(call, address, &set, sizeof(set)))
        return false;
    make_request(transfer, TO_INTERFACE, SET_INTERFACE, set.altsetting, set.interface);
    return true;
}

static bool read_configuration(const struct trace_call *call, uint64_t address,
                               struct transfer *transfer)
{
    uint32_t value;

    if (!trace_read(call, address, &value, sizeof(value)))
        return false;
    make_request(transfer, TO_DEVICE, SET_CONFIGURATION, value, 0);
    return true;
}

static bool read_halt(const struct trace_call *call, uint64_t address, struct transfer *transfer)
{
    uint32_t endpoint;

    if (!trace_read(call, address, &endpoint, sizeof(endpoint)))
        return false;
    make_request(transfer, TO_ENDPOINT, CLEAR_FEATURE, 0, endpoint);
    return true;
}

/** The ioctls that cause a transfer, by their number. */
static const struct request {
    uint64_t number;
    bool (*read)(const struct trace_call *call, uint64_t address, struct transfer *transfer);
    bool ends;      /**< with its transfer */
    bool tells_how; /**< many bytes went over: it is the result */
} requests[] = {
    {_IOC_NR(USBDEVFS_CONTROL), read_control, true, true},
    {_IOC_NR(USBDEVFS_BULK), read_bulk, true, true},
    {_IOC_NR(USBDEVFS_SETINTERFACE), read_interface, true, false},
    {_IOC_NR(USBDEVFS_SETCONFIGURATION), read_configuration, true, false},
    {_IOC_NR(USBDEVFS_SUBMITURB), read_urb, false, false},
    {_IOC_NR(USBDEVFS_CLEAR_HALT), read_halt, true, false},
};

/** @return the number of a usbfs ioctl; UINT64_MAX: it is none */
static uint64_t number_of(const struct trace_call *call)
{
    const uint32_t code = (uint32_t)call->arguments[1];

    return call->number == SYS_ioctl && _IOC_TYPE(code) == 'U' ? _IOC_NR(code) : UINT64_MAX;
}

static const struct request *request_of(uint64_t number)
{
    for (size_t i = 0; i < sizeof(requests) / sizeof(requests[0]); i++)
        if (requests[i].number == number)
            return &requests[i];
    return NULL;
}

/* Transfers under way */

static struct transfer *find_transfer(struct usbfs_file *usbfs, pid_t process, uint64_t address)
{
    for (size_t i = 0; i < TRANSFERS_MAX; i++) {
        struct transfer *one = &usbfs->transfers[i];

        if (one->used && one->address == address && one->process == process)
            return one;
    }
    return NULL;
}

/** Keeps a transfer. Where there is no room its id is the address alone, at its end, too. */
static void keep_transfer(struct usbfs_file *usbfs, struct transfer *transfer)
{
    struct transfer *place = find_transfer(usbfs, transfer->process, transfer->address);

    for (size_t i = 0; place == NULL && i < TRANSFERS_MAX; i++)
        if (!usbfs->transfers[i].used)
            place = &usbfs->transfers[i];
    transfer->id = transfer->address;
    if (place == NULL)
        return;
    transfer->id ^= (uint64_t)++usbfs->count << ADDRESS_BITS;
    transfer->used = true;
    *place = *transfer;
}

/** Takes the transfer that ends. @return false: there was none, and none can be made of it */
static bool take_transfer(struct usbfs_file *usbfs, const struct trace_call *call, uint64_t address,
                          const struct request *request, struct transfer *transfer)
{
    struct transfer *place = find_transfer(usbfs, call->process, address);

    if (place != NULL) {
        *transfer = *place;
        place->used = false;
        return true;
    }
    if (!request->read(call, address, transfer))
        return false;
    transfer->id = address;
    return true;
}

/* Records */

static void tell_interface(struct usbfs_file *usbfs, btap_ns time)
{
    const struct traffic_sink *sink = usbfs->file.sink;
    char description[64];
    char name[16];

    if (usbfs->told)
        return;
    usbfs->told = true;
    snprintf(name, sizeof(name), "usbmon%u", (unsigned)usbfs->bus);
    snprintf(description, sizeof(description), "boottap run: USB bus %u, as the tool sees it",
             (unsigned)usbfs->bus);
    usbfs->interface_id =
        sink->interface(sink->context, &(struct traffic_interface){
                                           .linktype = BTAP_LINKTYPE_USB_LINUX_MMAPPED,
                                           .name = name,
                                           .description = description,
                                           .at_tool = true,
                                       });
    usb_describe(sink, usbfs->interface_id, usbfs->bus, usbfs->device, time);
}

static struct usb_record record_of(const struct usbfs_file *usbfs, const struct transfer *transfer,
                                   btap_ns time)
{
    return (struct usb_record){
        .id = transfer->id,
        .transfer_type = transfer->type,
        .endpoint = transfer->endpoint,
        .device = usbfs->device,
        .bus = usbfs->bus,
        .flags = transfer->flags,
        .time = time,
    };
}

/** Adds the data, as far as they can be read, and sends the record. */
static void send_with_data(struct usbfs_file *usbfs, const struct trace_call *call,
                           const struct transfer *transfer, struct usb_record *record)
{
    const uint32_t length = record->length < TRACE_BYTES_MAX ? record->length : TRACE_BYTES_MAX;
    uint8_t *bytes = allocate(length);

    if (trace_read(call, transfer->buffer, bytes, length)) {
        record->data = bytes;
        record->captured = length;
        record->data_length = record->length;
    }
    usb_record_send(usbfs->file.sink, usbfs->interface_id, record, NULL);
    free(bytes);
}

static void tell_submission(struct usbfs_file *usbfs, const struct trace_call *call,
                            const struct transfer *transfer)
{
    struct usb_record record = record_of(usbfs, transfer, call->time);

    record.setup = transfer->setup_known ? transfer->setup : NULL;
    record.status = -EINPROGRESS;
    record.length = transfer->length;
    if (record.length > 0 && (transfer->endpoint & ENDPOINT_IN) == 0)
        send_with_data(usbfs, call, transfer, &record);
    else
        usb_record_send(usbfs->file.sink, usbfs->interface_id, &record, NULL);
}

/** @param call NULL: the tool's memory is not there any more */
static void tell_completion(struct usbfs_file *usbfs, const struct trace_call *call,
                            const struct transfer *transfer, struct usb_record *record)
{
    record->completion = true;
    if (call != NULL && record->length > 0 && (transfer->endpoint & ENDPOINT_IN) != 0)
        send_with_data(usbfs, call, transfer, record);
    else
        usb_record_send(usbfs->file.sink, usbfs->interface_id, record, NULL);
}

/** Every transfer under way ends so. */
static void end_all(struct usbfs_file *usbfs, btap_ns time, int32_t status)
{
    for (size_t i = 0; i < TRANSFERS_MAX; i++) {
        struct transfer *one = &usbfs->transfers[i];
        struct usb_record record = record_of(usbfs, one, time);

        if (!one->used)
            continue;
        record.status = status;
        tell_completion(usbfs, NULL, one, &record);
        one->used = false;
    }
}

/**
 * What became of a transfer by what its ioctl returned (error-codes.rst); the kernel cancels it
 * where it takes too long, or a signal comes.
 *
 * @return false: it was refused before anything went out
 */
static bool went_out(int64_t error, int32_t *status)
{
    *status = (int32_t)error;
    switch (-error) {
    case ETIMEDOUT:
    case EINTR:
        *status = -ENOENT;
        return true;
    case EPIPE:
    case EPROTO:
    case EILSEQ:
    case ETIME:
    case EOVERFLOW:
    case EREMOTEIO:
    case ECONNRESET:
    case ESHUTDOWN:
        return true;
    default:
        return false;
    }
}

/** An ioctl that asked for a transfer ended. */
static void leave_request(struct usbfs_file *usbfs, const struct trace_call *call,
                          const struct request *request)
{
    struct transfer transfer;
    struct usb_record record;

    if ((!request->ends && call->result >= 0) ||
        !take_transfer(usbfs, call, call->arguments[2], request, &transfer))
        return;
    tell_interface(usbfs, call->time);
    record = record_of(usbfs, &transfer, call->time);
    if (call->result < 0)
        record.failed = !(went_out(call->result, &record.status) && request->ends);
    else if (request->tells_how)
        record.length = (uint32_t)call->result;
    tell_completion(usbfs, call, &transfer, &record);
}

/** A transfer that the tool submitted before is handed back. */
static void leave_reap(struct usbfs_file *usbfs, const struct trace_call *call)
{
    const struct request *request = request_of(_IOC_NR(USBDEVFS_SUBMITURB));
    struct transfer transfer;
    struct usb_record record;
    struct usbdevfs_urb urb;
    const void *address;

    /* The device left, and older kernels hand nothing back then. */
    if (call->result == -ENODEV)
        end_all(usbfs, call->time, -ESHUTDOWN);
    if (call->result < 0 || !trace_read(call, call->arguments[2], &address, sizeof(address)) ||
        !take_transfer(usbfs, call, (uintptr_t)address, request, &transfer) ||
        !trace_read(call, (uintptr_t)address, &urb, sizeof(urb)))
        return;
    tell_interface(usbfs, call->time);
    record = record_of(usbfs, &transfer, call->time);
    record.status = urb.status;
    record.length = (uint32_t)urb.actual_length;
    if (record.length > transfer.length)
        record.length = transfer.length;
    tell_completion(usbfs, call, &transfer, &record);
}

/** The kernel gives a device that it reset its address again: usbmon shows that as a request. */
static void leave_reset(struct usbfs_file *usbfs, const struct trace_call *call)
{
    struct transfer transfer;
    struct usb_record record;

    if (call->result < 0)
        return;
    tell_interface(usbfs, call->time);
    make_request(&transfer, TO_DEVICE, SET_ADDRESS, usbfs->device, 0);
    record = record_of(usbfs, &transfer, call->time);
    record.device = 0;
    record.setup = transfer.setup;
    record.status = -EINPROGRESS;
    usb_record_send(usbfs->file.sink, usbfs->interface_id, &record,
                    "boottap: the tool reset the device (USBDEVFS_RESET)");
    record.setup = NULL;
    record.status = 0;
    record.completion = true;
    usb_record_send(usbfs->file.sink, usbfs->interface_id, &record, NULL);
}

/* The kind */

static bool is_usbfs(const char *path, const struct stat *status)
{
    return S_ISCHR(status->st_mode) && major(status->st_rdev) == MAJOR &&
           strncmp(path, DEVICE_PATH, strlen(DEVICE_PATH)) == 0;
}

/** Reads a number of at most three digits. @return what follows it; NULL: there is none, or 0 */
static const char *take_number(const char *text, unsigned long *number)
{
    char *end;

    *number = strtoul(text, &end, 10);
    return text[0] >= '0' && text[0] <= '9' && end - text <= 3 && *number > 0 ? end : NULL;
}

static struct trace_file *open_usbfs(const struct trace_call *call, int fd, const char *path,
                                     const struct traffic_sink *sink)
{
    const char *at = path + strlen(DEVICE_PATH);
    struct usbfs_file *usbfs;
    unsigned long device;
    unsigned long bus;

    (void)call;
    (void)fd;
    at = take_number(at, &bus);
    if (at == NULL || *at != '/' || take_number(at + 1, &device) == NULL || device > UINT8_MAX)
        return NULL;
    usbfs = allocate(sizeof(*usbfs));
    usbfs->file = (struct trace_file){.kind = &trace_usbfs, .sink = sink};
    usbfs->bus = (uint16_t)bus;
    usbfs->device = (uint8_t)device;
    return &usbfs->file;
}

static void enter_usbfs(struct trace_file *file, const struct trace_call *call)
{
    struct usbfs_file *usbfs = (struct usbfs_file *)file;
    const struct request *request = request_of(number_of(call));
    struct transfer transfer;

    if (request == NULL || !request->read(call, call->arguments[2], &transfer))
        return;
    tell_interface(usbfs, call->time);
    transfer.process = call->process;
    transfer.address = call->arguments[2];
    keep_transfer(usbfs, &transfer);
    tell_submission(usbfs, call, &transfer);
}

static void leave_usbfs(struct trace_file *file, const struct trace_call *call)
{
    struct usbfs_file *usbfs = (struct usbfs_file *)file;
    const uint64_t number = number_of(call);
    const struct request *request = request_of(number);

    if (request != NULL)
        leave_request(usbfs, call, request);
    else if (number == _IOC_NR(USBDEVFS_REAPURB) || number == _IOC_NR(USBDEVFS_REAPURBNDELAY))
        leave_reap(usbfs, call);
    else if (number == _IOC_NR(USBDEVFS_RESET))
        leave_reset(usbfs, call);
}

/** The kernel cancels what is under way. */
static void close_usbfs(struct trace_file *file, btap_ns time)
{
    struct usbfs_file *usbfs = (struct usbfs_file *)file;

    end_all(usbfs, time, -ENOENT);
    free(usbfs);
}

const struct trace_kind trace_usbfs = {
    .is = is_usbfs,
    .open = open_usbfs,
    .enter = enter_usbfs,
    .leave = leave_usbfs,
    .close = close_usbfs,
};
