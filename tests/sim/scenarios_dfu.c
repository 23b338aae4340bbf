/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * DFU sessions that go well, as dfu-util and others do them.
 */
#include "host_dfu.h"
#include "products.h"
#include "scenario.h"

#define FLASH 0x08000000u

static struct sim_capture *capture;
static struct dfu_device device;
static struct dfu_host host;

static void begin_as(const char *path, const char *product, struct dfu_device_config config,
                     enum sim_linktype linktype)
{
    const struct sim_capture_options options = {.linktype = linktype};

    config.product = dfu_product_by_name(product);
    capture = sim_capture_open(path, &options);
    dfu_host_init(&host, capture, &device, &config);
}

static void begin(const char *path, const char *product)
{
    const struct dfu_device_config config = {0};
    begin_as(path, product, config, SIM_USBMON_MMAPPED);
}

static void end(void)
{
    sim_capture_close(capture);
}

/** One Set Address Pointer before each block, which is always number 2. */
static void write_block(uint32_t address, const uint8_t *bytes, size_t length)
{
    dfu_host_set_address(&host, address);
    dfu_host_write(&host, 2, bytes, length);
}

/** dfu-util 0.10 and later: erase everything, then write everything; 5000 bytes, 2 KiB pages. */
static void download_0_11(void)
{
    struct dfu_report report;
    uint8_t firmware[5000];

    sim_firmware(firmware, sizeof(firmware));
    dfu_host_start(&host, 0);
    for (uint32_t at = 0; at < sizeof(firmware); at += 2048)
        dfu_host_erase(&host, FLASH + at);
    for (uint32_t at = 0; at < sizeof(firmware); at += 2048)
        write_block(FLASH + at, firmware + at,
                    sizeof(firmware) - at < 2048 ? sizeof(firmware) - at : 2048);
    dfu_host_set_address(&host, FLASH);
    dfu_host_leave(&host, 2);
    dfu_host_wait(&host, 1 * SIM_MS);
    dfu_host_get_status(&host, &report); /* gone, as it should be */
}

static void download(const char *path)
{
    begin(path, "f072");
    dfu_host_enumerate(&host);
    download_0_11();
    end();
}

static void download_usbpcap(const char *path)
{
    const struct dfu_device_config config = {0};
    begin_as(path, "f072", config, SIM_USBPCAP);
    dfu_host_enumerate(&host);
    download_0_11();
    end();
}

static void download_darwin(const char *path)
{
    const struct dfu_device_config config = {0};
    begin_as(path, "f072", config, SIM_DARWIN);
    dfu_host_enumerate(&host);
    download_0_11();
    end();
}

static void download_packets(const char *path)
{
    const struct dfu_device_config config = {0};
    begin_as(path, "f072", config, SIM_USB_2_0);
    dfu_host_enumerate(&host);
    download_0_11();
    end();
}

static void download_189(const char *path)
{
    const struct dfu_device_config config = {0};
    begin_as(path, "f072", config, SIM_USBMON);
    download_0_11();
    end();
}

/**
 * dfu-util 0.9 on a part whose flash is empty: it starts in dfuERROR, errFIRMWARE; erase, address
 * and data of each page in turn. usbmon started after enumeration.
 */
static void download_0_9(const char *path)
{
    const struct dfu_device_config config = {.firmware_corrupt = true};
    uint8_t firmware[4096];

    begin_as(path, "f072", config, SIM_USBMON_MMAPPED);
    sim_firmware(firmware, sizeof(firmware));
    dfu_host_start(&host, 0);
    for (uint32_t at = 0; at < sizeof(firmware); at += 2048) {
        dfu_host_erase(&host, FLASH + at);
        write_block(FLASH + at, firmware + at, 2048);
    }
    dfu_host_abort(&host);
    end();
}

/** One Set Address Pointer, then blocks 2, 3, 4; the last is short. */
static void upload(const char *path)
{
    begin(path, "f072");
    dfu_host_enumerate(&host);
    dfu_host_start(&host, 0);
    dfu_host_set_address(&host, FLASH);
    dfu_host_abort(&host); /* out of dfuDNLOAD-IDLE */
    dfu_host_upload(&host, 2, 2048);
    dfu_host_upload(&host, 3, 2048);
    dfu_host_upload(&host, 4, 904);
    dfu_host_abort(&host);
    end();
}

/** Get, then a read with no pointer set: flash is the default. */
static void get(const char *path)
{
    begin(path, "f405");
    dfu_host_enumerate(&host);
    dfu_host_start(&host, 0);
    dfu_host_upload(&host, 0, 64);
    dfu_host_get_state(&host);
    dfu_host_upload(&host, 2, 64);
    dfu_host_abort(&host);
    end();
}

/** The F405 says 100 ms and needs 8 s. */
static void mass_erase(const char *path)
{
    struct dfu_report report;
    static const uint8_t command = 0x41;

    begin(path, "f405");
    dfu_host_enumerate(&host);
    dfu_host_start(&host, 0);
    dfu_host_download(&host, 0, &command, 1);
    dfu_host_get_status(&host, &report);
    dfu_host_wait(&host, report.poll_ms * SIM_MS);
    dfu_host_get_status(&host, &report); /* still busy */
    dfu_host_wait(&host, 8 * SIM_S);
    dfu_host_get_status(&host, &report);
    dfu_host_abort(&host);
    end();
}

/** Writing option bytes resets the device (AN3156 section 5.1). */
static void option_bytes(const char *path)
{
    struct dfu_report report;
    static const uint8_t options[16] = {0xAA, 0x55, 0xFF, 0x00, 0xFF, 0x00, 0xFF, 0x00,
                                        0xFF, 0x00, 0xFF, 0x00, 0xFF, 0x00, 0xFF, 0x00};

    begin(path, "f072");
    dfu_host_enumerate(&host);
    dfu_host_start(&host, 1);
    dfu_host_set_address(&host, 0x1FFFF800);
    dfu_host_download(&host, 2, options, sizeof(options));
    dfu_host_get_status(&host, &report);
    dfu_host_wait(&host, report.poll_ms * SIM_MS);
    dfu_host_get_status(&host, &report); /* gone */
    end();
}

static void read_unprotect(const char *path)
{
    const struct dfu_device_config config = {.read_protected = true};

    begin_as(path, "f072", config, SIM_USBMON_MMAPPED);
    dfu_host_enumerate(&host);
    dfu_host_start(&host, 0);
    dfu_host_read_unprotect(&host);
    end();
}

/** As dfu-util does it: no GETSTATUS behind dfuDNBUSY. The device comes back under a new address.
 */
static void read_unprotect_and_return(const char *path)
{
    static const uint8_t command = 0x92;
    struct dfu_device_config config = {.read_protected = true};
    struct dfu_report report;

    begin_as(path, "f072", config, SIM_USBMON_MMAPPED);
    dfu_host_enumerate(&host);
    dfu_host_start(&host, 0);
    dfu_host_download(&host, 0, &command, 1);
    dfu_host_get_status(&host, &report);
    dfu_host_wait(&host, 2 * SIM_S);
    config = device.config;
    config.read_protected = false;
    dfu_device_init(&device, &config);
    host.address++;
    dfu_host_enumerate(&host);
    dfu_host_start(&host, 0);
    end();
}

/** GD32: plain bytes in the serial string, gone during the zero-length DNLOAD. */
static void gd32(const char *path)
{
    const struct dfu_device_config config = {.leave_without_status = true};
    uint8_t firmware[1024];

    begin_as(path, "gd32", config, SIM_USBMON_MMAPPED);
    sim_firmware(firmware, sizeof(firmware));
    dfu_host_enumerate(&host);
    dfu_host_start(&host, 0);
    dfu_host_erase(&host, FLASH);
    write_block(FLASH, firmware, sizeof(firmware));
    dfu_host_leave(&host, 2);
    end();
}

/** Plain DFU 1.1: three blocks, end of the download, and back up again. */
static void plain(const char *path)
{
    struct dfu_report report;
    uint8_t firmware[2500];

    begin(path, "plain");
    sim_firmware(firmware, sizeof(firmware));
    dfu_host_enumerate(&host);
    dfu_host_start(&host, 0);
    dfu_host_write(&host, 0, firmware, 1024);
    dfu_host_write(&host, 1, firmware + 1024, 1024);
    dfu_host_write(&host, 2, firmware + 2048, 452);
    dfu_host_leave(&host, 3);
    dfu_host_get_status(&host, &report); /* manifestation tolerant: dfuIDLE again */
    dfu_host_upload(&host, 0, 1024);
    dfu_host_upload(&host, 1, 1024);
    dfu_host_abort(&host);
    end();
}

/** usbmon started in the middle of a block: what is certain comes only after it. */
static void joined(const char *path)
{
    const struct dfu_device_config config = {0};
    uint8_t data[32];

    begin_as(path, "f072", config, SIM_USBMON_MMAPPED);
    sim_firmware(data, sizeof(data));
    host.lost_record = 1; /* the interface, the status, the pointer */
    host.lost_count = 4 + 6;
    dfu_host_start(&host, 0);
    dfu_host_set_address(&host, FLASH);
    dfu_host_write(&host, 2, data, sizeof(data));
    dfu_host_write(&host, 3, data, sizeof(data));
    dfu_host_abort(&host);
    end();
}

/** The same with an upload of a plain DFU device: no more than its first bytes are remembered. */
static void joined_upload(const char *path)
{
    struct dfu_report report;

    begin(path, "plain");
    dfu_host_upload(&host, 0, 1024);
    dfu_host_upload(&host, 1, 1024);
    dfu_host_get_status(&host, &report);
    end();
}

/** More devices at once than anything follows: each is asked for its status. */
static void many_devices(const char *path)
{
    struct dfu_report report;

    begin(path, "f072");
    for (uint8_t address = 1; address <= 70; address++) {
        host.address = address;
        dfu_host_get_status(&host, &report);
    }
    end();
}

/** The application's run-time interface: DETACH, then it is gone. */
static void detach(const char *path)
{
    const struct dfu_device_config config = {.application = true};

    begin_as(path, "plain", config, SIM_USBMON_MMAPPED);
    dfu_host_enumerate(&host);
    dfu_host_get_state(&host);
    dfu_host_detach(&host);
    end();
}

const struct scenario dfu_scenarios[] = {
    {"dfu-download.pcap", download},
    {"dfu-download-usbpcap.pcap", download_usbpcap},
    {"dfu-download-darwin.pcap", download_darwin},
    {"dfu-download-packets.pcap", download_packets},
    {"dfu-download-189.pcap", download_189},
    {"dfu-download-0.9.pcap", download_0_9},
    {"dfu-upload.pcap", upload},
    {"dfu-get.pcap", get},
    {"dfu-mass-erase.pcap", mass_erase},
    {"dfu-option-bytes.pcap", option_bytes},
    {"dfu-read-unprotect.pcap", read_unprotect},
    {"dfu-read-unprotect-return.pcap", read_unprotect_and_return},
    {"dfu-gd32.pcap", gd32},
    {"dfu-plain.pcap", plain},
    {"dfu-detach.pcap", detach},
    {"dfu-joined.pcap", joined},
    {"dfu-joined-upload.pcap", joined_upload},
    {"dfu-many-devices.pcap", many_devices},
    {NULL, NULL},
};
