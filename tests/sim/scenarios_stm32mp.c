/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The boot stages of an STM32MP on USB (AN5275): TF-A, which takes a FIP, and U-Boot, which takes a
 * FlashLayout. What a phase says stands in the device's memory while it is uploaded.
 */
#include <string.h>

#include "host_dfu.h"
#include "products.h"
#include "scenario.h"

/* Alternate settings */
enum { FIRST, FSBL, SSBL, VIRTUAL };

/** Address of the download buffer, 0xFFFFFFFF for none; offset 0 */
#define PHASE(id, address0, address1, address2, address3)                                          \
    id, address0, address1, address2, address3, 0, 0, 0, 0

static const uint8_t wants_ssbl[] = {PHASE(0x03, 0x00, 0x00, 0x00, 0xC0)};
static const uint8_t wants_detach[] = {PHASE(0x00, 0xFF, 0xFF, 0xFF, 0xFF), 0x01};
static const uint8_t wants_layout[] = {PHASE(0x00, 0x00, 0x00, 0x00, 0xC0), 0x00};
static const uint8_t gives_up[] = {PHASE(0xFF, 0xFF, 0xFF, 0xFF, 0xFF),
                                   'F',
                                   'I',
                                   'P',
                                   ' ',
                                   'H',
                                   'e',
                                   'a',
                                   'd',
                                   'e',
                                   'r',
                                   ' ',
                                   'f',
                                   'a',
                                   'i',
                                   'l',
                                   'e',
                                   'd'};

static struct sim_capture *capture;
static struct dfu_device device;
static struct dfu_host host;
static struct dfu_product product;
static struct dfu_report report;
static uint8_t image[1024];

static void begin(const char *path)
{
    const struct sim_capture_options options = {.linktype = SIM_USBMON_MMAPPED};

    capture = sim_capture_open(path, &options);
    memset(&host, 0, sizeof(host));
    sim_firmware(image, sizeof(image));
    product = *dfu_product_by_name("plain");
    product.vendor = 0x0483;
    product.product = 0xDF11;
    product.attributes = 0x0F; /* manifestation tolerant */
}

/** A boot stage enumerates, a second after the one before. */
static void plug(const char *const names[4], size_t faults_length, struct dfu_fault fault)
{
    const sim_ns before = host.clock.now;
    const uint8_t address = host.address;
    const struct dfu_device_config config = {
        .product = &product, .faults_length = faults_length, .faults = {fault}};

    memcpy(product.alternates, names, sizeof(product.alternates));
    dfu_host_init(&host, capture, &device, &config);
    if (before != 0) {
        host.clock.now = before + SIM_S;
        host.address = (uint8_t)(address + 1);
    }
    dfu_host_enumerate(&host);
}

static void plug_tfa(size_t faults_length, struct dfu_fault fault)
{
    static const char *const names[] = {"@Partition0 /0x00/1*256Ke", "@FSBL /0x01/1*1Me",
                                        "@Partition3 /0x03/1*16Me", "@virtual /0xF1/1*512Ba"};

    plug(names, faults_length, fault);
}

static void upload(const uint8_t *bytes, size_t length, size_t asked)
{
    const uint32_t size = product.flash_size;

    memcpy(device.memory.flash, bytes, length);
    product.flash_size = (uint32_t)length;
    dfu_host_upload(&host, 0, asked);
    product.flash_size = size;
}

static void get_phase(const uint8_t *phase, size_t length)
{
    dfu_host_start(&host, VIRTUAL);
    upload(phase, length, 512);
}

/** Two blocks and the end; the device manifests and is idle again. */
static void download(uint8_t alternate, size_t last)
{
    dfu_host_start(&host, alternate);
    dfu_host_write(&host, 0, image, sizeof(image));
    dfu_host_write(&host, 1, image, last);
    dfu_host_write(&host, 2, NULL, 0);
}

static void put_head(const char *head, size_t length)
{
    memcpy(image, head, length);
}

static void put_stm32_head(void)
{
    put_head("STM2", 4);
    memcpy(image + 72, "\x00\x00\x01\x00", 4); /* version 1.0 */
    memcpy(image + 76, "\x00\x06\x00\x00", 4); /* 1536 bytes */
    memcpy(image + 80, "\x00\x30\xFC\x2F", 4); /* entry point */
    memcpy(image + 88, "\x00\x25\xFC\x2F", 4); /* load address */
}

/** The ROM takes an FSBL, TF-A a FIP, U-Boot a FlashLayout; then the OTP are read, and written. */
static void flash(const char *path)
{
    static const char *const rom[] = {"@Partition0 /0x00/1*256Ke", "@FSBL /0x01/1*1Me",
                                      "@Partition2 /0x02/1*1Me", "@virtual /0xF1/1*512Ba"};
    static const char *const u_boot[] = {"@FlashLayout/0x00/1*256Ke", "@OTP/0xf2/1*776Be",
                                         "@PMIC/0xf4/1*8Be", "@virtual/0xf1/1*512Be"};
    static const uint8_t otp[776] = {2, 0, 0, 0, 1};
    static const uint8_t set[] = {0x00, 0x00, 0x00, 0x00, 0x00};

    begin(path);
    plug(rom, 0, (struct dfu_fault){0});
    put_stm32_head();
    download(FSBL, 604);
    /* It starts U-Boot, and answers no more. */
    plug_tfa(1, (struct dfu_fault){.kind = DFU_FAULT_LEAVE, .request = DFU_GETSTATE});
    get_phase(wants_ssbl, sizeof(wants_ssbl));
    put_head("\x01\x00\x64\xAA\x78\x56\x34\x12", 8);
    download(SSBL, 300);
    get_phase(wants_detach, sizeof(wants_detach));
    dfu_host_detach(&host);
    dfu_host_get_state(&host);
    plug(u_boot, 0, (struct dfu_fault){0});
    get_phase(wants_layout, sizeof(wants_layout));
    dfu_host_start(&host, VIRTUAL);
    dfu_host_write(&host, 0, set, sizeof(set)); /* sets the phase */
    dfu_host_start(&host, VIRTUAL);
    put_head("#Opt\tId\tName\t", 13);
    download(FIRST, 100);
    dfu_host_start(&host, 1);
    upload(otp, sizeof(otp), 1024);
    dfu_host_start(&host, 1);
    dfu_host_write(&host, 0, otp, sizeof(otp));
    dfu_host_write(&host, 1, NULL, 0);
    sim_capture_close(capture);
}

static void refused(const char *path)
{
    const struct dfu_fault stall = {
        .kind = DFU_FAULT_STALL, .request = DFU_DNLOAD, .status = STATUS_TARGET};

    begin(path);
    plug_tfa(1, stall); /* which was to get the FIP */
    get_phase(wants_ssbl, sizeof(wants_ssbl));
    put_stm32_head();
    dfu_host_start(&host, FSBL);
    dfu_host_download(&host, 0, image, sizeof(image));
    plug_tfa(1, stall); /* the same, and the host does not ask */
    dfu_host_start(&host, FSBL);
    dfu_host_download(&host, 0, image, sizeof(image));
    plug_tfa(0, (struct dfu_fault){0});
    get_phase(wants_ssbl, sizeof(wants_ssbl));
    download(SSBL, 300);
    get_phase(gives_up, sizeof(gives_up));
    plug_tfa(0, (struct dfu_fault){0});
    download(SSBL, 300);
    get_phase(wants_detach, sizeof(wants_detach));
    dfu_host_get_status(&host, &report);
    sim_capture_close(capture);
}

const struct scenario stm32mp_scenarios[] = {
    {"dfu-stm32mp-flash.pcap", flash},
    {"dfu-stm32mp-refused.pcap", refused},
    {NULL, NULL},
};
