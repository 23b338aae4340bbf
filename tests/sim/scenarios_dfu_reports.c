/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Failures as public reports tell them, several devices to a capture: each is a session of its own.
 */
#include <string.h>

#include "host_dfu.h"
#include "products.h"
#include "scenario.h"

#define FLASH 0x08000000u
#define MIB   (1024u * 1024u)

static struct sim_capture *capture;
static struct dfu_device device;
static struct dfu_host host;
static struct dfu_product product;
static struct dfu_report report;
static uint8_t data[1024];

static void begin(const char *path)
{
    const struct sim_capture_options options = {.linktype = SIM_USBMON_MMAPPED};

    capture = sim_capture_open(path, &options);
    memset(&host, 0, sizeof(host));
    sim_firmware(data, sizeof(data));
}

static void end(void)
{
    sim_capture_close(capture);
}

/** The next device on the bus, a second later: enumerated and idle. */
static void plug_product(const struct dfu_product *next, struct dfu_device_config config)
{
    const sim_ns before = host.clock.now;
    const uint8_t address = host.address;

    config.product = next;
    dfu_host_init(&host, capture, &device, &config);
    if (before != 0) {
        host.clock.now = before + SIM_S;
        host.address = (uint8_t)(address + 1);
    }
    dfu_host_enumerate(&host);
}

static void plug(const char *name, struct dfu_device_config config)
{
    plug_product(dfu_product_by_name(name), config);
}

static void plug_fault(const char *name, struct dfu_fault fault)
{
    plug(name, (struct dfu_device_config){.faults_length = 1, .faults = {fault}});
}

/** GETSTATUS answers this once, after others: no poll time-out. */
static struct dfu_fault answers(uint32_t skip, uint8_t status, uint8_t state, uint8_t string)
{
    return (struct dfu_fault){.kind = DFU_FAULT_ANSWER,
                              .request = DFU_GETSTATUS,
                              .skip = skip,
                              .times = 1,
                              .reply_length = 6,
                              .reply = {status, 0, 0, 0, state, string}};
}

/* dfuERROR that nobody's command shows */

static void error_states(const char *path)
{
    struct dfu_device_config config = {.firmware_corrupt = true, .faults_length = 1};

    begin(path);
    /* ST's device code makes an error of a CLRSTATUS in dfuIDLE; the host ends there ... */
    plug_fault("f072", answers(0, 0x0E, DFU_ERROR, 0));
    dfu_host_clear_status(&host);
    dfu_host_get_status(&host, &report);
    /* ... or sends a second one: then nothing is wrong. */
    plug_fault("f072", answers(0, 0x0E, DFU_ERROR, 0));
    dfu_host_clear_status(&host);
    dfu_host_get_status(&host, &report);
    dfu_host_clear_status(&host);
    dfu_host_get_status(&host, &report);
    /* errFIRMWARE that CLRSTATUS does not end */
    config.faults[0] = answers(1, STATUS_FIRMWARE, DFU_ERROR, 0);
    plug("f072", config);
    dfu_host_start(&host, 0);
    /* An error after an upload that went well */
    plug_fault("f072", answers(1, STATUS_TARGET, DFU_ERROR, 0));
    dfu_host_start(&host, 0);
    dfu_host_upload(&host, 2, 256);
    dfu_host_get_status(&host, &report);
    end();
}

/* What a host begins with is stalled */

static void standard_stalled(const char *path)
{
    begin(path);
    plug("plain", (struct dfu_device_config){.set_interface_stalls = true});
    dfu_host_start(&host, 0);
    plug("f072", (struct dfu_device_config){0});
    dfu_host_start(&host, 5);
    plug("f072", (struct dfu_device_config){.set_configuration_stalls = true});
    dfu_host_get_status(&host, &report);
    /* The host does not mind. */
    plug("plain", (struct dfu_device_config){.set_interface_stalls = true});
    dfu_host_start(&host, 0);
    dfu_host_write(&host, 0, data, 256);
    dfu_host_write(&host, 1, NULL, 0);
    end();
}

/* The device's own words, and errVENDOR */

static void own_words(const char *path)
{
    struct dfu_device_config config = {
        .words = "Overwrite of the bootloader refused",
        .faults_length = 1,
    };

    begin(path);
    /* An erase that micropython's bootloader refuses: errADDRESS, and a string */
    product = *dfu_product_by_name("f405");
    product.vendor = 0xF055;
    product.product = 0x9800;
    config.faults[0] = answers(2, 0x08, DFU_ERROR, DFU_WORDS);
    plug_product(&product, config);
    dfu_host_start(&host, 0);
    dfu_host_erase(&host, FLASH);
    dfu_host_read_string(&host, DFU_WORDS);
    /* errVENDOR of another vendor's bootloader */
    plug_fault("gd32", answers(1, STATUS_VENDOR, DFU_ERROR, 0));
    dfu_host_start(&host, 0);
    dfu_host_erase(&host, FLASH);
    /* errVENDOR of ST's, but for a block after others that it wrote */
    plug_fault("f072", (struct dfu_fault){.kind = DFU_FAULT_STATUS,
                                          .request = DFU_DNLOAD,
                                          .skip = 3,
                                          .times = 1,
                                          .status = STATUS_VENDOR});
    dfu_host_start(&host, 0);
    dfu_host_erase(&host, FLASH);
    dfu_host_set_address(&host, FLASH);
    dfu_host_write(&host, 2, data, 256);
    dfu_host_write(&host, 3, data, 256);
    end();
}

/* Time */

static void impatient(const char *path)
{
    static const uint8_t erase[] = {0x41, 0x00, 0x00, 0x00, 0x08};
    static const uint8_t erase_all[] = {0x41};
    static const uint8_t erase_above[] = {0x41, 0x00, 0x00, 0x10, 0x08};
    /* dfuDNBUSY for 10 s and more */
    struct dfu_fault slow = {.kind = DFU_FAULT_ANSWER,
                             .request = DFU_GETSTATUS,
                             .skip = 1,
                             .times = 1,
                             .reply_length = 6,
                             .reply = {0x00, 0x10, 0x27, 0x00, DFU_DNBUSY, 0x00}};

    begin(path);
    /* The host asks no more, though the device wanted 10 s. */
    plug_fault("f072", slow);
    dfu_host_start(&host, 0);
    dfu_host_download(&host, 0, erase, sizeof(erase));
    dfu_host_get_status(&host, &report);
    dfu_host_wait(&host, 20 * SIM_S);
    /* It asks at once. */
    plug("l476", (struct dfu_device_config){.stall_while_busy = true});
    dfu_host_start(&host, 0);
    dfu_host_download(&host, 0, erase, sizeof(erase));
    dfu_host_get_status(&host, &report);
    dfu_host_get_status(&host, &report);
    /* It waits 5 s for a mass erase of 8 s. */
    plug_fault("f405", (struct dfu_fault){.kind = DFU_FAULT_OUTCOME,
                                          .request = DFU_GETSTATUS,
                                          .skip = 2,
                                          .times = 1,
                                          .outcome = DFU_NO_ANSWER});
    dfu_host_start(&host, 0);
    dfu_host_download(&host, 0, erase_all, sizeof(erase_all));
    dfu_host_get_status(&host, &report);
    dfu_host_wait(&host, 100 * SIM_MS);
    dfu_host_get_status(&host, &report);
    /* CLRSTATUS after 20 ms of 500 */
    plug("f405", (struct dfu_device_config){0});
    dfu_host_start(&host, 0);
    dfu_host_download(&host, 0, erase, sizeof(erase));
    dfu_host_get_status(&host, &report);
    dfu_host_wait(&host, 20 * SIM_MS);
    dfu_host_clear_status(&host);
    /* An STM32H743 above its first megabyte: busy for as long as anybody asks */
    product = *dfu_product_by_name("h743");
    product.alternates[0] = "@Internal Flash   /0x08000000/16*128Kg";
    plug_product(&product, (struct dfu_device_config){.stuck_busy = true});
    dfu_host_start(&host, 0);
    dfu_host_download(&host, 0, erase_above, sizeof(erase_above));
    (void)dfu_host_poll(&host);
    dfu_host_wait(&host, 20 * SIM_S);
    plug("f072", (struct dfu_device_config){0});
    end();
}

/* After a good part of the work */

static void midway(const char *path)
{
    begin(path);
    /* The fifth block stalls, for no reason of its own. */
    plug_fault("f405",
               (struct dfu_fault){.kind = DFU_FAULT_STALL, .request = DFU_DNLOAD, .skip = 6});
    dfu_host_start(&host, 0);
    dfu_host_erase(&host, FLASH);
    dfu_host_set_address(&host, FLASH);
    for (uint16_t block = 2; block < 7; block++)
        dfu_host_write(&host, block, data, sizeof(data));
    /* The second does: the request may be at fault. */
    plug_fault("f405",
               (struct dfu_fault){.kind = DFU_FAULT_STALL, .request = DFU_DNLOAD, .skip = 3});
    dfu_host_start(&host, 0);
    dfu_host_erase(&host, FLASH);
    dfu_host_set_address(&host, FLASH);
    dfu_host_write(&host, 2, data, sizeof(data));
    dfu_host_write(&host, 3, data, sizeof(data));
    /* A plain device: errUNKNOWN in the fifth block */
    plug_fault("plain", (struct dfu_fault){.kind = DFU_FAULT_STATUS,
                                           .request = DFU_DNLOAD,
                                           .skip = 4,
                                           .status = (enum dfu_status)0x0E});
    dfu_host_start(&host, 0);
    for (uint16_t block = 0; block < 5; block++)
        dfu_host_write(&host, block, data, sizeof(data));
    /* A tool that aligned down to 8 bytes below the flash, and then starts the old program */
    plug("f072", (struct dfu_device_config){0});
    dfu_host_start(&host, 0);
    dfu_host_set_address(&host, FLASH - 8);
    dfu_host_clear_status(&host);
    dfu_host_set_address(&host, FLASH);
    dfu_host_leave(&host, 2);
    dfu_host_get_status(&host, &report);
    end();
}

/* STM32MP: partitions, bcdDFU 0x0110 */

static void partitions(const char *path)
{
    struct dfu_device_config config = {
        .faults_length = 1,
        .faults = {{.kind = DFU_FAULT_STALL, .request = DFU_GETSTATUS, .skip = 15}},
    };

    begin(path);
    product = *dfu_product_by_name("plain");
    product.vendor = 0x0483;
    product.product = 0xDF11;
    product.attributes = 0x0B; /* not manifestation tolerant */
    product.alternates[0] = "@Partition0 /0x00/1*256Ke";
    product.alternates[1] = "@FSBL /0x01/1*1Me";
    product.alternates[2] = "@virtual /0xF1/1*512Ba";
    plug_product(&product, config);
    dfu_host_start(&host, 0);
    for (uint16_t block = 0; block < 2; block++)
        dfu_host_write(&host, block, data, sizeof(data));
    dfu_host_write(&host, 2, data, 100);
    dfu_host_write(&host, 3, NULL, 0);
    /* The next image, counted from 2; its program hangs. */
    dfu_host_start(&host, 1);
    dfu_host_write(&host, 2, data, sizeof(data));
    dfu_host_write(&host, 3, data, 500);
    dfu_host_download(&host, 4, NULL, 0);
    dfu_host_get_status(&host, &report); /* dfuMANIFEST */
    dfu_host_wait(&host, 5 * SIM_MS);
    dfu_host_get_status(&host, &report);
    end();
}

const struct scenario dfu_report_scenarios[] = {
    {"dfu-error-states.pcap", error_states},
    {"dfu-standard-stalled.pcap", standard_stalled},
    {"dfu-own-words.pcap", own_words},
    {"dfu-impatient.pcap", impatient},
    {"dfu-midway.pcap", midway},
    {"dfu-partitions.pcap", partitions},
    {NULL, NULL},
};
