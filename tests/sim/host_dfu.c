/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host_dfu.h"

#include <string.h>

enum {
    TYPE_OUT = 0x21, /* class request to an interface (DFU 1.1 table 3.2) */
    TYPE_IN = 0xA1,
    HOST_TIMEOUT_MS = 5000,
    POLLS_MAX = 12, /* where a device never leaves dfuDNBUSY */
};

void dfu_host_init(struct dfu_host *host, struct sim_capture *capture, struct dfu_device *device,
                   const struct dfu_device_config *config)
{
    memset(host, 0, sizeof(*host));
    host->clock.now = SIM_EPOCH;
    host->capture = capture;
    host->device = device;
    host->address = 12;
    host->bus = 1;
    dfu_device_init(device, config);
}

void dfu_host_wait(struct dfu_host *host, sim_ns time)
{
    host->clock.now += time;
}

static void record(struct dfu_host *host, const struct sim_usb_record *usb)
{
    uint64_t lost = host->lost_count ? host->lost_count : 1;

    host->records++;
    if (host->lost_record == 0 || host->records < host->lost_record ||
        host->records >= host->lost_record + lost)
        sim_write_usb(host->capture, usb);
}

static enum sim_usb_status usb_status(enum dfu_outcome outcome)
{
    switch (outcome) {
    case DFU_STALLED:
        return USB_STALLED;
    case DFU_LEFT_BUS:
        return USB_GONE;
    case DFU_BUS_ERROR:
        return USB_PROTOCOL_ERROR;
    case DFU_NO_ANSWER:
        return USB_CANCELLED; /* by the host's driver, after its time-out */
    case DFU_TIMED_OUT:
        return USB_TIMEOUT;
    case DFU_BABBLED:
        return USB_BABBLE;
    case DFU_CUT_SHORT:
        return USB_SHORT_READ;
    case DFU_DONE:
        break;
    }
    return USB_OK;
}

bool dfu_host_control(struct dfu_host *host, const struct usb_setup *setup, const uint8_t *data)
{
    bool in = (setup->request_type & 0x80) != 0;
    uint8_t setup_bytes[8];
    struct sim_usb_record usb = {
        .at = host->clock.now,
        .id = 0xFFFF888100000000u + host->urbs++ % 3 * 0x80, /* the kernel reuses them */
        .transfer = USB_CONTROL,
        .endpoint = in ? 0x80 : 0x00,
        .device = host->address,
        .bus = host->bus,
        .setup = setup_bytes,
        .length = setup->length,
        .data = in || setup->length == 0 ? NULL : data,
    };

    usb_setup_pack(setup_bytes, setup);
    record(host, &usb);
    dfu_device_request(host->device, host->clock.now, setup, data, &host->answer);
    if (host->answer.outcome == DFU_NO_ANSWER || host->answer.outcome == DFU_TIMED_OUT)
        host->clock.now += HOST_TIMEOUT_MS * SIM_MS;
    else
        host->clock.now += 150 * SIM_US + setup->length * SIM_US;
    usb.at = host->clock.now;
    usb.completion = true;
    usb.setup = NULL;
    usb.status = usb_status(host->answer.outcome);
    usb.data = NULL;
    usb.length = 0;
    if (host->answer.outcome == DFU_DONE) {
        usb.length = in ? (uint32_t)host->answer.length : setup->length;
        usb.data = in && usb.length ? host->answer.data : NULL;
    }
    record(host, &usb);
    host->clock.now += 100 * SIM_US;
    return host->answer.outcome == DFU_DONE;
}

static bool standard(struct dfu_host *host, uint8_t type, uint8_t request, uint16_t value,
                     uint16_t index, uint16_t length)
{
    const struct usb_setup setup = {type, request, value, index, length};
    return dfu_host_control(host, &setup, NULL);
}

/** The device's first string that names an alternate setting. */
#define FIRST_NAME 4

/** Strings from a first one on, those that there are, up to a last one. */
static void get_strings(struct dfu_host *host, uint16_t first, uint16_t last)
{
    for (uint16_t index = first; index <= last; index++)
        if (index < FIRST_NAME || host->device->config.product->alternates[index - FIRST_NAME])
            standard(host, 0x80, 0x06, (uint16_t)(0x0300 | index), 0x0409, 255);
}

static void get_descriptors(struct dfu_host *host)
{
    standard(host, 0x80, 0x06, 0x0100, 0, 18);
    standard(host, 0x80, 0x06, 0x0200, 0, 9);
    standard(host, 0x80, 0x06, 0x0200, 0, sim_le16(host->answer.data + 2));
    standard(host, 0x80, 0x06, 0x0300, 0, 255);
}

void dfu_host_enumerate(struct dfu_host *host)
{
    get_descriptors(host);
    get_strings(host, 1, FIRST_NAME + DFU_ALTERNATES_MAX - 1);
    standard(host, 0x00, 0x09, 1, 0, 0);
}

void dfu_host_attach(struct dfu_host *host)
{
    get_descriptors(host);
    get_strings(host, 1, FIRST_NAME);
    standard(host, 0x00, 0x09, 1, 0, 0);
}

void dfu_host_list(struct dfu_host *host)
{
    get_strings(host, FIRST_NAME, FIRST_NAME + DFU_ALTERNATES_MAX - 1);
}

static bool class_request(struct dfu_host *host, uint8_t type, uint8_t request, uint16_t value,
                          const uint8_t *bytes, size_t length)
{
    const struct usb_setup setup = {type, request, value, 0, (uint16_t)length};
    return dfu_host_control(host, &setup, bytes);
}

bool dfu_host_read_string(struct dfu_host *host, uint8_t index)
{
    return standard(host, 0x80, 0x06, (uint16_t)(0x0300 | index), 0x0409, 255);
}

bool dfu_host_set_interface(struct dfu_host *host, uint8_t alternate)
{
    return standard(host, 0x01, 0x0B, alternate, 0, 0);
}

bool dfu_host_download(struct dfu_host *host, uint16_t block, const uint8_t *bytes, size_t length)
{
    return class_request(host, TYPE_OUT, DFU_DNLOAD, block, bytes, length);
}

bool dfu_host_upload(struct dfu_host *host, uint16_t block, size_t length)
{
    return class_request(host, TYPE_IN, DFU_UPLOAD, block, NULL, length);
}

bool dfu_host_get_status(struct dfu_host *host, struct dfu_report *report)
{
    const uint8_t *reply = host->answer.data;

    if (!class_request(host, TYPE_IN, DFU_GETSTATUS, 0, NULL, 6))
        return false;
    report->status = reply[0];
    report->poll_ms = reply[1] | (uint32_t)reply[2] << 8 | (uint32_t)reply[3] << 16;
    report->state = reply[4];
    return true;
}

bool dfu_host_get_state(struct dfu_host *host)
{
    return class_request(host, TYPE_IN, DFU_GETSTATE, 0, NULL, 1);
}

bool dfu_host_clear_status(struct dfu_host *host)
{
    return class_request(host, TYPE_OUT, DFU_CLRSTATUS, 0, NULL, 0);
}

bool dfu_host_abort(struct dfu_host *host)
{
    return class_request(host, TYPE_OUT, DFU_ABORT, 0, NULL, 0);
}

bool dfu_host_detach(struct dfu_host *host)
{
    return class_request(host, TYPE_OUT, DFU_DETACH, 1000, NULL, 0);
}

bool dfu_host_poll(struct dfu_host *host)
{
    struct dfu_report report = {0};
    int stalls = 0;

    for (int polls = 0; polls < POLLS_MAX; polls++) {
        if (!dfu_host_get_status(host, &report)) {
            /* As dfu-util: a stall here is tried again, three times at most. */
            if (host->answer.outcome != DFU_STALLED || ++stalls > 3)
                return false;
            dfu_host_wait(host, 3 * SIM_MS);
            continue;
        }
        if (report.state != DFU_DNBUSY && report.state != DFU_MANIFEST)
            return report.state != DFU_ERROR;
        dfu_host_wait(host, report.poll_ms * SIM_MS);
    }
    return false;
}

static bool dfuse_command(struct dfu_host *host, uint8_t command, const uint32_t *address)
{
    uint8_t bytes[5] = {command};

    if (address)
        sim_put_le32(bytes + 1, *address);
    return dfu_host_download(host, 0, bytes, address ? 5 : 1) && dfu_host_poll(host);
}

bool dfu_host_set_address(struct dfu_host *host, uint32_t address)
{
    return dfuse_command(host, 0x21, &address);
}

bool dfu_host_erase(struct dfu_host *host, uint32_t address)
{
    return dfuse_command(host, 0x41, &address);
}

bool dfu_host_mass_erase(struct dfu_host *host)
{
    return dfuse_command(host, 0x41, NULL);
}

bool dfu_host_read_unprotect(struct dfu_host *host)
{
    return dfuse_command(host, 0x92, NULL);
}

bool dfu_host_write(struct dfu_host *host, uint16_t block, const uint8_t *bytes, size_t length)
{
    return dfu_host_download(host, block, bytes, length) && dfu_host_poll(host);
}

bool dfu_host_leave(struct dfu_host *host, uint16_t block)
{
    struct dfu_report report;
    return dfu_host_download(host, block, NULL, 0) && dfu_host_get_status(host, &report);
}

void dfu_host_start(struct dfu_host *host, uint8_t alternate)
{
    struct dfu_report report = {0};

    dfu_host_set_interface(host, alternate);
    if (!dfu_host_get_status(host, &report))
        return;
    if (report.state == DFU_ERROR) {
        dfu_host_clear_status(host);
        dfu_host_get_status(host, &report);
    } else if (report.state == DFU_DNLOAD_IDLE || report.state == DFU_UPLOAD_IDLE) {
        dfu_host_abort(host);
        dfu_host_get_status(host, &report);
    }
}
