/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * DFU sessions in which something goes wrong: the device, the bus, the host or the recorder.
 */
#include "host_dfu.h"
#include "products.h"
#include "scenario.h"

#define FLASH 0x08000000u

static struct sim_capture *capture;
static struct dfu_device device;
static struct dfu_host host;

static void begin(const char *path, const char *product, struct dfu_device_config config)
{
    const struct sim_capture_options options = {.linktype = SIM_USBMON_MMAPPED};

    config.product = dfu_product_by_name(product);
    capture = sim_capture_open(path, &options);
    dfu_host_init(&host, capture, &device, &config);
    dfu_host_enumerate(&host);
    dfu_host_start(&host, 0);
}

static void begin_fault(const char *path, const char *product, struct dfu_fault fault)
{
    const struct dfu_device_config config = {.faults_length = 1, .faults = {fault}};
    begin(path, product, config);
}

static void end(void)
{
    sim_capture_close(capture);
}

/** AN3156: what needs the flash is refused with errVENDOR. */
static void read_protected(const char *path)
{
    const struct dfu_device_config config = {.read_protected = true};
    struct dfu_report report;

    begin(path, "f072", config);
    dfu_host_upload(&host, 2, 2048); /* stall */
    dfu_host_get_status(&host, &report);
    dfu_host_clear_status(&host);
    dfu_host_erase(&host, FLASH); /* errVENDOR at the first GETSTATUS */
    dfu_host_clear_status(&host);
    dfu_host_set_address(&host, FLASH);
    end();
}

/** Addresses that the device does not have: errTARGET at the second GETSTATUS. */
static void bad_address(const char *path)
{
    const struct dfu_device_config config = {0};

    begin(path, "f072", config);
    dfu_host_set_address(&host, 0x60000000);
    dfu_host_clear_status(&host);
    dfu_host_erase(&host, 0x08020000); /* just behind the last page */
    dfu_host_clear_status(&host);
    end();
}

static void write_error(const char *path)
{
    uint8_t data[256];

    begin_fault(path, "f072",
                (struct dfu_fault){.kind = DFU_FAULT_STATUS,
                                   .request = DFU_DNLOAD,
                                   .skip = 2,
                                   .times = 1,
                                   .status = STATUS_VERIFY});
    sim_firmware(data, sizeof(data));
    dfu_host_erase(&host, FLASH);
    dfu_host_set_address(&host, FLASH);
    dfu_host_write(&host, 2, data, sizeof(data));    /* errVERIFY */
    dfu_host_download(&host, 2, data, sizeof(data)); /* without CLRSTATUS: stall */
    dfu_host_clear_status(&host);
    end();
}

/** L476: GETSTATUS stalls while the erase is at work; the host tries again. */
static void stall_busy(const char *path)
{
    const struct dfu_device_config config = {.stall_while_busy = true};
    struct dfu_report report;
    static const uint8_t command = 0x41;

    begin(path, "l476", config);
    dfu_host_download(&host, 0, &command, 1);
    dfu_host_get_status(&host, &report);
    dfu_host_wait(&host, report.poll_ms * SIM_MS); /* 10 of 50 ms */
    dfu_host_get_status(&host, &report);           /* stall */
    dfu_host_wait(&host, 20 * SIM_MS);
    dfu_host_get_status(&host, &report); /* stall */
    dfu_host_wait(&host, 40 * SIM_MS);
    dfu_host_get_status(&host, &report);
    dfu_host_abort(&host);
    end();
}

/** 2048 bytes to a device that takes 1024 at a time. */
static void oversize(const char *path)
{
    const struct dfu_device_config config = {0};
    struct dfu_report report;
    uint8_t data[2048];

    begin(path, "h743", config);
    sim_firmware(data, sizeof(data));
    dfu_host_set_address(&host, FLASH);
    dfu_host_download(&host, 2, data, sizeof(data)); /* stall */
    dfu_host_get_status(&host, &report);
    dfu_host_clear_status(&host);
    end();
}

/** Unplugged while a block is on its way. */
static void unplug(const char *path)
{
    uint8_t data[2048];

    begin_fault(path, "f072",
                (struct dfu_fault){.kind = DFU_FAULT_LEAVE, .request = DFU_DNLOAD, .skip = 3});
    sim_firmware(data, sizeof(data));
    dfu_host_erase(&host, FLASH);
    dfu_host_set_address(&host, FLASH);
    dfu_host_write(&host, 2, data, sizeof(data));
    dfu_host_download(&host, 3, data, sizeof(data)); /* gone */
    end();
}

/** H743 rev V: the erase never leaves dfuDNBUSY; CubeProgrammer clears the status twice. */
static void stuck_busy(const char *path)
{
    const struct dfu_device_config config = {.stuck_busy = true};
    struct dfu_report report;
    uint8_t command[5] = {0x41, 0x00, 0x00, 0x00, 0x08};

    begin(path, "h743", config);
    dfu_host_download(&host, 0, command, sizeof(command));
    for (int polls = 0; polls < 4; polls++) {
        dfu_host_get_status(&host, &report);
        dfu_host_wait(&host, report.poll_ms * SIM_MS);
    }
    dfu_host_clear_status(&host);
    dfu_host_get_status(&host, &report); /* dfuERROR */
    dfu_host_clear_status(&host);
    dfu_host_get_status(&host, &report); /* dfuIDLE */
    end();
}

/** C071: leaving without a Set Address Pointer before is refused. */
static void leave_refused(const char *path)
{
    const struct dfu_device_config config = {.needs_address_to_leave = true};
    struct dfu_report report;

    begin(path, "f072", config);
    dfu_host_leave(&host, 2);
    dfu_host_get_status(&host, &report);
    dfu_host_clear_status(&host);
    dfu_host_set_address(&host, FLASH);
    dfu_host_leave(&host, 2);
    end();
}

/** Requests where they do not belong: DFU 1.1 appendix A. */
static void wrong_state(const char *path)
{
    const struct dfu_device_config config = {.clear_status_stalls = true};
    struct dfu_report report;
    uint8_t data[64];

    begin(path, "f072", config);
    dfu_host_clear_status(&host); /* in dfuIDLE: stall (C5) */
    dfu_host_set_address(&host, FLASH);
    dfu_host_upload(&host, 2, 64); /* in dfuDNLOAD-IDLE: stall */
    dfu_host_get_status(&host, &report);
    dfu_host_clear_status(&host);
    sim_firmware(data, sizeof(data));
    dfu_host_download(&host, 2, data, sizeof(data)); /* never triggered by a GETSTATUS */
    dfu_host_abort(&host);
    dfu_host_get_status(&host, &report);
    end();
}

/** Block 1 is reserved; 0x91 is a command of radios, 0x77 of nobody. */
static void odd_downloads(const char *path)
{
    const struct dfu_device_config config = {0};
    static const uint8_t radio[] = {0x91, 0x01};
    static const uint8_t unknown[] = {0x77};
    uint8_t data[64];

    begin(path, "f072", config);
    sim_firmware(data, sizeof(data));
    dfu_host_write(&host, 1, data, sizeof(data)); /* errTARGET */
    dfu_host_clear_status(&host);
    dfu_host_write(&host, 0, radio, sizeof(radio)); /* errSTALLEDPKT */
    dfu_host_clear_status(&host);
    dfu_host_write(&host, 0, unknown, sizeof(unknown));
    dfu_host_clear_status(&host);
    end();
}

/** Outside the layout, off a page border, to memory that cannot be written. */
static void off_layout(const char *path)
{
    const struct dfu_device_config config = {0};
    uint8_t data[64];

    begin(path, "f072", config);
    sim_firmware(data, sizeof(data));
    dfu_host_erase(&host, FLASH + 0x410); /* in the middle of a page */
    dfu_host_set_address(&host, 0x20000000);
    dfu_host_write(&host, 2, data, sizeof(data)); /* RAM is in no layout; the ROM takes it */
    end();
}

static void bus_error(const char *path)
{
    begin_fault(path, "f072",
                (struct dfu_fault){.kind = DFU_FAULT_OUTCOME,
                                   .outcome = DFU_BUS_ERROR,
                                   .request = DFU_DNLOAD,
                                   .skip = 1,
                                   .times = 1});
    dfu_host_erase(&host, FLASH);
    dfu_host_set_address(&host, FLASH); /* -EPROTO */
    dfu_host_set_address(&host, FLASH);
    end();
}

static void no_answer(const char *path)
{
    begin_fault(path, "f072",
                (struct dfu_fault){.kind = DFU_FAULT_OUTCOME,
                                   .outcome = DFU_NO_ANSWER,
                                   .request = DFU_UPLOAD,
                                   .skip = 0,
                                   .times = 1});
    dfu_host_upload(&host, 2, 2048); /* cancelled after 5 s */
    dfu_host_upload(&host, 2, 2048);
    end();
}

/** One write for every error that DFU 1.1 has a number for. */
static void every_error(const char *path)
{
    static const uint8_t words[] = {1, 2, 3, 4};
    const struct dfu_device_config config = {
        .faults_length = 1,
        .faults = {{.kind = DFU_FAULT_STATUS, .request = DFU_DNLOAD, .status = STATUS_TARGET}}};

    begin(path, "f072", config);
    for (int status = STATUS_TARGET; status <= STATUS_STALLED_PACKET; status++) {
        device.config.faults[0].status = (enum dfu_status)status;
        dfu_host_write(&host, 2, words, sizeof(words));
        dfu_host_clear_status(&host);
    }
    end();
}

/** Answers that are none of DFU, and ways in which a transfer can fail on the bus. */
static void odd_answers(const char *path)
{
    const struct dfu_device_config config = {
        .faults_length = 4,
        .faults = {
            {.kind = DFU_FAULT_ANSWER, /* a status of three bytes */
             .request = DFU_GETSTATUS,
             .skip = 1,
             .times = 1,
             .reply_length = 3},
            {.kind = DFU_FAULT_ANSWER, /* after a Set Address Pointer: dfuUPLOAD-IDLE */
             .request = DFU_GETSTATUS,
             .skip = 2,
             .times = 1,
             .reply_length = 6,
             .reply = {0, 0, 0, 0, 9, 0}},
            {.kind = DFU_FAULT_ANSWER, /* Get: no commands */
             .request = DFU_UPLOAD,
             .times = 1,
             .reply_length = 6,
             .reply = {0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF}},
            {.kind = DFU_FAULT_ANSWER, /* a block that is shorter than asked for */
             .request = DFU_UPLOAD,
             .skip = 1,
             .times = 1,
             .reply_length = 8},
        }};
    static const uint8_t set_address[] = {0x21, 0x00, 0x00, 0x00, 0x08};
    struct dfu_report report;

    begin(path, "f072", config);
    dfu_host_get_status(&host, &report);
    dfu_host_download(&host, 0, set_address, sizeof(set_address));
    dfu_host_get_status(&host, &report);
    dfu_host_abort(&host);
    dfu_host_upload(&host, 0, 64);
    dfu_host_upload(&host, 2, 64);
    dfu_host_abort(&host);
    end();
}

static void failed_transfers(const char *path)
{
    const struct dfu_device_config config = {
        .faults_length = 3,
        .faults = {
            {.kind = DFU_FAULT_OUTCOME, .outcome = DFU_BABBLED, .request = DFU_UPLOAD, .times = 1},
            {.kind = DFU_FAULT_OUTCOME,
             .outcome = DFU_CUT_SHORT,
             .request = DFU_UPLOAD,
             .skip = 1,
             .times = 1},
            {.kind = DFU_FAULT_OUTCOME,
             .outcome = DFU_TIMED_OUT,
             .request = DFU_UPLOAD,
             .skip = 2,
             .times = 1},
        }};

    begin(path, "f072", config);
    dfu_host_set_address(&host, FLASH);
    dfu_host_abort(&host);
    for (int i = 0; i < 4; i++)
        dfu_host_upload(&host, 2, 64);
    end();
}

/** A device that is never busy, and a host that does not wait for one that is. */
static void hasty(const char *path)
{
    const struct dfu_device_config config = {.never_busy = true};
    static const uint8_t erase[] = {0x41, 0x00, 0x00, 0x00, 0x08};
    struct dfu_report report;

    begin(path, "f072", config);
    dfu_host_set_address(&host, FLASH);
    device.config.never_busy = false;
    dfu_host_download(&host, 0, erase, sizeof(erase));
    dfu_host_get_status(&host, &report);               /* dfuDNBUSY for 40 ms */
    dfu_host_download(&host, 0, erase, sizeof(erase)); /* stall */
    dfu_host_get_status(&host, &report);
    dfu_host_clear_status(&host);
    dfu_host_download(&host, 0, erase, sizeof(erase));
    dfu_host_get_status(&host, &report);
    dfu_host_wait(&host, 5 * SIM_MS); /* of 40 */
    dfu_host_get_status(&host, &report);
    dfu_host_wait(&host, 40 * SIM_MS);
    dfu_host_get_status(&host, &report);
    end();
}

/** DfuSe commands to a plain DFU device, which takes them for firmware. */
static void wrong_dialect(const char *path)
{
    const struct dfu_device_config config = {0};

    begin(path, "plain", config);
    dfu_host_set_address(&host, FLASH);
    dfu_host_erase(&host, FLASH);
    dfu_host_abort(&host);
    end();
}

/** Commands of a length that AN3156 does not know. */
static void odd_lengths(const char *path)
{
    const struct dfu_device_config config = {0};
    static const uint8_t set_address[] = {0x21, 0x00, 0x08};
    static const uint8_t read_unprotect[] = {0x92, 0x00};

    begin(path, "f072", config);
    dfu_host_write(&host, 0, set_address, sizeof(set_address)); /* errTARGET */
    dfu_host_clear_status(&host);
    dfu_host_write(&host, 0, read_unprotect, sizeof(read_unprotect)); /* taken, resets */
    end();
}

/** What the layout string forbids: erase of OTP, write of ROM, read of a key store. */
static void forbidden(const char *path)
{
    const struct dfu_device_config config = {0};
    uint8_t data[64];

    begin(path, "l476", config);
    sim_firmware(data, sizeof(data));
    dfu_host_set_interface(&host, 1);
    dfu_host_erase(&host, 0x1FFF0000); /* errTARGET */
    dfu_host_clear_status(&host);
    dfu_host_set_address(&host, 0x1FFF0000);
    dfu_host_write(&host, 2, data, sizeof(data)); /* goes nowhere, told as done */
    dfu_host_set_interface(&host, 2);
    dfu_host_set_address(&host, 0x20000000);
    dfu_host_abort(&host);
    dfu_host_upload(&host, 2, 64);
    end();
}

/** Pulled while nothing is going on; a string is asked for after that. */
static void pulled(const char *path)
{
    const struct dfu_device_config config = {0};
    const struct usb_setup string = {0x80, 0x06, 0x0303, 0x0409, 255};

    begin(path, "f072", config);
    dfu_host_erase(&host, FLASH);
    device.gone = true;
    dfu_host_control(&host, &string, NULL);
    end();
}

/** The kernel's ring was full for a whole command: an erase is seen at work only. */
static void lost_command(const char *path)
{
    const struct dfu_device_config config = {0};
    uint8_t data[128];

    begin(path, "f072", config);
    sim_firmware(data, sizeof(data));
    dfu_host_set_address(&host, FLASH);
    host.lost_record = host.records + 1; /* DNLOAD, both halves */
    host.lost_count = 2;
    dfu_host_set_address(&host, FLASH + 0x800);
    dfu_host_write(&host, 2, data, sizeof(data));
    end();
}

/** The capture lacks halves of transfers: the kernel's ring was full. */
static void lost_halves(const char *path)
{
    const struct dfu_device_config config = {0};
    uint8_t data[128];

    begin(path, "f072", config);
    sim_firmware(data, sizeof(data));
    dfu_host_erase(&host, FLASH);
    dfu_host_set_address(&host, FLASH);
    host.lost_record = host.records + 2; /* the DNLOAD's completion */
    dfu_host_write(&host, 2, data, sizeof(data));
    host.lost_record = host.records + 3; /* the first GETSTATUS's submission */
    dfu_host_set_address(&host, FLASH);
    dfu_host_abort(&host);
    end();
}

/** Recorded with tcpdump -s 96: setup and 32 bytes are kept. */
static void cut_records(const char *path)
{
    const struct sim_capture_options options = {.linktype = SIM_USBMON_MMAPPED, .snaplen = 96};
    const struct dfu_device_config config = {.product = dfu_product_by_name("f072")};
    uint8_t data[2048];

    capture = sim_capture_open(path, &options);
    dfu_host_init(&host, capture, &device, &config);
    sim_firmware(data, sizeof(data));
    dfu_host_start(&host, 0);
    dfu_host_set_address(&host, FLASH);
    dfu_host_write(&host, 2, data, sizeof(data));
    dfu_host_abort(&host);
    dfu_host_upload(&host, 2, 2048);
    end();
}

/** The capture ends while an erase is at work. */
static void incomplete(const char *path)
{
    const struct dfu_device_config config = {0};
    struct dfu_report report;
    static const uint8_t command[5] = {0x41, 0x00, 0x00, 0x00, 0x08};

    begin(path, "f072", config);
    dfu_host_download(&host, 0, command, sizeof(command));
    dfu_host_get_status(&host, &report);
    end();
}

const struct scenario dfu_fault_scenarios[] = {
    {"dfu-read-protected.pcap", read_protected},
    {"dfu-bad-address.pcap", bad_address},
    {"dfu-write-error.pcap", write_error},
    {"dfu-stall-busy.pcap", stall_busy},
    {"dfu-oversize.pcap", oversize},
    {"dfu-unplug.pcap", unplug},
    {"dfu-stuck-busy.pcap", stuck_busy},
    {"dfu-leave-refused.pcap", leave_refused},
    {"dfu-wrong-state.pcap", wrong_state},
    {"dfu-odd-downloads.pcap", odd_downloads},
    {"dfu-off-layout.pcap", off_layout},
    {"dfu-bus-error.pcap", bus_error},
    {"dfu-no-answer.pcap", no_answer},
    {"dfu-lost-halves.pcap", lost_halves},
    {"dfu-cut-records.pcap", cut_records},
    {"dfu-incomplete.pcap", incomplete},
    {"dfu-every-error.pcap", every_error},
    {"dfu-odd-answers.pcap", odd_answers},
    {"dfu-failed-transfers.pcap", failed_transfers},
    {"dfu-hasty.pcap", hasty},
    {"dfu-wrong-dialect.pcap", wrong_dialect},
    {"dfu-odd-lengths.pcap", odd_lengths},
    {"dfu-forbidden.pcap", forbidden},
    {"dfu-pulled.pcap", pulled},
    {"dfu-lost-command.pcap", lost_command},
    {NULL, NULL},
};
