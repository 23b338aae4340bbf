/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Sessions that hold one rule of diagnose, or nearly all of its evidence and must not.
 */
#include <string.h>

#include "host_dfu.h"
#include "host_fdcan.h"
#include "products.h"
#include "scenario.h"
#include "session_usart.h"

#define FLASH 0x08000000u

static uint8_t firmware[2048];

/** A fault at a command that no host sends. */
static const struct usart_fault never = {
    .kind = USART_NACK, .opcode = 0x99, .phase = USART_COMMAND};

/* USART */

static struct usart_host *usart_begin(const char *path, const char *product,
                                      struct usart_device_config config)
{
    struct usart_host *host = usart_session_begin(path, product, config, RTAC_BOTH);

    sim_firmware(firmware, sizeof(firmware));
    usart_host_open(host);
    return host;
}

static struct usart_host *usart_begin_fault(const char *path, const char *product,
                                            struct usart_fault fault)
{
    struct usart_host *host = usart_begin(
        path, product, (struct usart_device_config){.faults_length = 1, .faults = {fault}});

    usart_host_sync(host);
    usart_host_get(host);
    usart_host_get_id(host);
    return host;
}

/** TX and RX touch each other, and no device is there. */
static void echo_only(const char *path)
{
    struct usart_host *host =
        usart_begin(path, "f405",
                    (struct usart_device_config){
                        .faults_length = 1,
                        .faults = {{.kind = USART_SILENCE, .opcode = -1, .phase = USART_SYNC}}});

    host->echo = true;
    usart_host_sync(host);
    usart_host_sync(host);
    usart_host_sync(host);
    usart_session_end();
}

/** Four pages announced, two sent, and the tool gives up for good. */
static void erase_open(const char *path)
{
    static const uint8_t list[] = {0x00, 0x03, 0x00, 0x00, 0x00, 0x01};
    struct usart_host *host = usart_begin_fault(path, "g071", never);

    usart_host_command(host, 0x44);
    usart_host_send(host, list, sizeof(list));
    usart_session_end();
}

/** Five pages announced, four sent; the tool tries again, and its two 0x7F fill the list. */
static void erase_filled(const char *path)
{
    static const uint8_t list[] = {0x00, 0x04, 0x00, 0x00, 0x00, 0x01,
                                   0x00, 0x02, 0x00, 0x03, 0x04};
    struct usart_host *host = usart_begin_fault(
        path, "g071",
        (struct usart_fault){.kind = USART_NACK, .opcode = 0x44, .phase = USART_DATA});

    usart_host_command(host, 0x44);
    usart_host_send(host, list, sizeof(list));
    usart_host_wait(host, 5 * SIM_S);
    usart_host_sync(host);
    usart_host_sync(host); /* NACK: 0x047F is no page */
    usart_session_end();
}

/** Two of four blocks are refused once: 16 bytes each. */
static void writes_repeated(const char *path)
{
    const struct usart_fault nack = {
        .kind = USART_NACK, .opcode = 0x31, .phase = USART_DATA, .times = 2, .skip = 1};
    struct usart_host *host = usart_begin_fault(path, "f103", nack);

    usart_host_erase(host, 0, 0);
    for (uint32_t block = 0; block < 4; block++)
        while (!usart_host_write(host, FLASH + 16 * block, firmware + 16 * block, 16)) {
        }
    usart_session_end();
}

/** 8N1 with pauses between the bytes: 01 FE and 02 FD pass, 00 FF does not. */
static void parity_passes(const char *path)
{
    struct usart_host *host =
        usart_begin(path, "g071",
                    (struct usart_device_config){
                        .faults_length = 1,
                        .faults = {{.kind = USART_NACK, .opcode = 0x00, .phase = USART_COMMAND}}});

    host->pause = 5 * SIM_MS;
    usart_host_sync(host);
    usart_host_get(host);
    usart_host_get_version(host);
    usart_host_get_id(host);
    usart_session_end();
}

/** Noise: Get is refused once; the device takes it the second time. */
static void get_refused_once(const char *path)
{
    struct usart_host *host = usart_begin(
        path, "g071",
        (struct usart_device_config){
            .faults_length = 1,
            .faults = {{.kind = USART_NACK, .opcode = 0x00, .phase = USART_COMMAND, .times = 1}}});

    usart_host_sync(host);
    usart_host_get(host);
    usart_host_get(host);
    usart_host_get_id(host);
    usart_session_end();
}

/** The recorder starts when the port is open. */
static void no_device(const char *path, bool reset_before)
{
    struct usart_host *host = usart_session_begin(
        path, "g071",
        (struct usart_device_config){
            .faults_length = 1,
            .faults = {{.kind = USART_SILENCE, .opcode = -1, .phase = USART_SYNC}}},
        RTAC_BOTH);
    struct serial_wire *wire = host->wire;

    usart_session()->rtac.off = true;
    usart_host_open(host);
    usart_session()->rtac.off = false;
    if (reset_before) {
        wire->lines(wire, host->clock.now, true, false);
        usart_host_wait(host, 10 * SIM_MS);
        wire->lines(wire, host->clock.now, true, true);
        usart_host_wait(host, 10 * SIM_MS);
    }
    usart_host_sync(host);
    usart_host_sync(host);
    wire->lines(wire, host->clock.now, false, false); /* the port is closed */
    usart_session_end();
}

static void lines_at_close(const char *path)
{
    no_device(path, false);
}

static void reset_by_lines(const char *path)
{
    no_device(path, true);
}

/** The erase inside Readout Unprotect fails. */
static void unprotect_refused(const char *path)
{
    struct usart_host *host = usart_begin_fault(
        path, "f103",
        (struct usart_fault){.kind = USART_NACK, .opcode = 0x92, .phase = USART_OPERATION});

    usart_host_protection(host, 0x92);
    usart_session_end();
}

static void erase_list(const char *path, const uint8_t *list, size_t length)
{
    struct usart_host *host = usart_begin_fault(path, "f103", never);

    usart_host_command(host, 0x43);
    usart_host_send(host, list, length);
    usart_host_acknowledged(host);
    usart_session_end();
}

/** As CubeProgrammer 2.13 did on an F103: pages 1, 3, 5 were meant. */
static void phantom_page(const char *path)
{
    static const uint8_t list[] = {0x03, 0x01, 0x03, 0x05, 0x00, 0x04};
    erase_list(path, list, sizeof(list));
}

static void page_0_first(const char *path)
{
    static const uint8_t list[] = {0x03, 0x00, 0x01, 0x03, 0x05, 0x04};
    erase_list(path, list, sizeof(list));
}

static struct usart_host *slow_erase(const char *path)
{
    struct usart_host *host = usart_begin_fault(
        path, "f405",
        (struct usart_fault){
            .kind = USART_LATE, .opcode = 0x44, .phase = USART_DATA, .delay_us = 20000000});

    host->timeout = 35 * SIM_S;
    usart_host_special_erase(host, 0xFFFF);
    return host;
}

/** 20 s, and the tool is gone by then. */
static void erase_slow(const char *path)
{
    slow_erase(path);
    usart_session_end();
}

static void erase_slow_write(const char *path)
{
    struct usart_host *host = slow_erase(path);

    usart_host_write(host, FLASH, firmware, 16);
    usart_session_end();
}

/** Refused right behind the block before, where no flash ends. */
static void write_refused_inside(const char *path)
{
    struct usart_host *host = usart_begin_fault(
        path, "f103",
        (struct usart_fault){
            .kind = USART_NACK, .opcode = 0x31, .phase = USART_ADDRESS, .skip = 1});

    usart_host_erase(host, 0, 0);
    usart_host_write(host, FLASH, firmware, 256);
    usart_host_write(host, FLASH + 256, firmware + 256, 256);
    usart_session_end();
}

static void read_refused(const char *path, uint32_t address)
{
    struct usart_host *host = usart_begin_fault(
        path, "f405",
        (struct usart_fault){.kind = USART_NACK, .opcode = 0x11, .phase = USART_ADDRESS});

    usart_host_read(host, address, 12);
    usart_session_end();
}

/** The unique id of an F4, at its own address. */
static void id_refused(const char *path)
{
    read_refused(path, 0x1FFF7A10);
}

static void system_memory_refused(const char *path)
{
    read_refused(path, 0x1FFF0000);
}

/** A part with two slow answers: it comes back from its reset and is found again. */
static void found_after_reset(const char *path)
{
    struct usart_host *host = usart_begin_fault(
        path, "g071",
        (struct usart_fault){
            .kind = USART_SILENCE, .opcode = 0x11, .phase = USART_COMMAND, .times = 1});

    usart_host_protection(host, 0x73);
    usart_host_wait(host, 100 * SIM_MS);
    usart_device_reset(host->device);
    host->timeout = 200 * SIM_MS;
    usart_host_sync(host);
    usart_host_read(host, FLASH, 4); /* silence, and not for the reset */
    usart_host_get_id(host);
    usart_session_end();
}

/** Synchronised before the recorder starts; the tool tries once and gives up. */
static void sync_refused(const char *path)
{
    struct usart_host *host = usart_session_begin(
        path, "f103", (struct usart_device_config){.synchronised = true}, RTAC_BOTH);

    usart_session()->rtac.off = true;
    usart_host_open(host);
    usart_host_sync(host);
    usart_session()->rtac.off = false;
    usart_host_sync(host);
    usart_session_end();
}

/** A radio module between: Get is lost, then seven bytes of its answer, then Get again. */
static void get_unheard(const char *path)
{
    struct usart_host *host =
        usart_begin(path, "f405",
                    (struct usart_device_config){
                        .faults_length = 3,
                        .faults = {{.kind = USART_SILENCE, .phase = USART_COMMAND, .times = 1},
                                   {.kind = USART_SHORT, .phase = USART_REPLY, .byte = 7},
                                   {.kind = USART_SILENCE, .phase = USART_COMMAND, .skip = 2}}});

    usart_host_sync(host);
    usart_host_get(host);
    usart_host_get(host);
    usart_host_get(host);
    usart_session_end();
}

/** An STM8, asked for its commands, then written to as if it were an STM32. */
static void stm8(const char *path)
{
    struct usart_host *host = usart_begin(
        path, "stm8",
        (struct usart_device_config){
            .faults_length = 1,
            .faults = {{.kind = USART_SILENCE, .opcode = 0x31, .phase = USART_COMMAND}}});

    usart_host_sync(host);
    usart_host_get(host);
    usart_host_wait(host, 1 * SIM_S);
    usart_device_reset(host->device);
    usart_host_sync(host);
    usart_host_get(host);
    usart_host_command(host, 0x31);
    usart_host_command(host, 0x31);
    usart_session_end();
}

/** An F405, which has 0x44, is erased with 0x43: after Get, and by a host that does not ask. */
static void other_erase(const char *path)
{
    struct usart_host *host = usart_begin(path, "f405", (struct usart_device_config){0});

    usart_host_sync(host);
    usart_host_get(host);
    usart_host_erase(host, 0, 0);
    usart_host_go(host, FLASH); /* all the same */
    usart_device_reset(host->device);
    usart_host_wait(host, 1 * SIM_S);
    usart_host_sync(host);
    usart_host_get_id(host);
    usart_host_read(host, FLASH, 4);
    usart_host_erase(host, 0, 0);
    usart_session_end();
}

/** The device hears a byte more than the host sends, refuses it, and all that follows. */
static void stray_refusal(const char *path)
{
    struct usart_host *host =
        usart_begin(path, "f405",
                    (struct usart_device_config){
                        .faults_length = 2,
                        .faults = {{.kind = USART_SURPLUS, .phase = USART_SYNC, .byte = 0x1F},
                                   {.kind = USART_NACK, .opcode = -1, .phase = USART_COMMAND}}});

    usart_host_sync(host);
    usart_host_drain(host, 10 * SIM_MS);
    usart_host_get(host);
    usart_host_get_id(host);
    usart_session_end();
}

/** Get ID is refused: with a pause behind 02, which passes without the parity bit too. */
static void id_denied(const char *path)
{
    struct usart_host *host =
        usart_begin(path, "f405",
                    (struct usart_device_config){
                        .faults_length = 1,
                        .faults = {{.kind = USART_NACK, .opcode = 0x02, .phase = USART_COMMAND}}});
    static const uint8_t opcode = 0x02;
    static const uint8_t complement = 0xFD;

    usart_host_sync(host);
    usart_host_send(host, &opcode, 1);
    usart_host_wait(host, 10 * SIM_MS);
    usart_host_send(host, &complement, 1);
    usart_host_acknowledged(host);
    usart_session_end();
}

/** A host that never asks for the list: its first command is refused. */
static void refused_unlisted(const char *path)
{
    struct usart_host *host =
        usart_begin(path, "f405", (struct usart_device_config){.read_protected = true});

    usart_host_sync(host);
    usart_host_read(host, FLASH, 4);
    usart_session_end();
}

/** The read protection is removed, and Write Memory is refused all the same. */
static void refused_unprotected(const char *path)
{
    struct usart_host *host = usart_begin_fault(
        path, "f103",
        (struct usart_fault){.kind = USART_NACK, .opcode = 0x31, .phase = USART_COMMAND});

    usart_host_protection(host, 0x92);
    usart_host_wait(host, 100 * SIM_MS);
    usart_device_reset(host->device);
    usart_host_sync(host);
    usart_host_get(host);
    usart_host_write(host, FLASH, firmware, 16);
    usart_session_end();
}

/** The host sets the read protection, and reads all the same. */
static void protected_before(const char *path)
{
    struct usart_host *host = usart_begin_fault(path, "g071", never);

    usart_host_protection(host, 0x82);
    usart_host_wait(host, 100 * SIM_MS);
    usart_device_reset(host->device);
    usart_host_sync(host);
    usart_host_read(host, FLASH, 4);
    usart_session_end();
}

/** The read protection is removed; the part comes back with its application. */
static void unprotected_and_gone(const char *path)
{
    struct usart_host *host = usart_begin_fault(path, "f405", never);

    usart_host_protection(host, 0x92);
    host->timeout = 500 * SIM_MS;
    usart_host_wait(host, SIM_S);
    host->device->gone = true;
    usart_host_sync(host);
    usart_host_sync(host);
    usart_session_end();
}

/** The data of a write get no answer, and neither does a new 0x7F. */
static void lost_in_mid_session(const char *path)
{
    struct usart_host *host = usart_begin_fault(path, "f103", never);

    usart_host_write(host, FLASH, firmware, 16);
    host->timeout = 500 * SIM_MS;
    host->device->gone = true;
    usart_host_write(host, FLASH + 16, firmware + 16, 16);
    usart_host_sync(host);
    usart_host_sync(host);
    usart_session_end();
}

/** Addresses with their least significant byte first. */
static void address_reversed(const char *path)
{
    struct usart_host *host = usart_begin_fault(path, "f405", never);

    usart_host_read(host, 0x00000008, 16);
    usart_host_write(host, 0x00010008, firmware, 16);
    usart_session_end();
}

/** The RAM that the bootloader uses itself (AN3155 table 3, V2.2). */
static void ram_refused(const char *path)
{
    struct usart_host *host = usart_begin_fault(
        path, "f103",
        (struct usart_fault){.kind = USART_NACK, .opcode = 0x31, .phase = USART_ADDRESS});

    usart_host_write(host, 0x20000000, firmware, 16);
    usart_session_end();
}

/** One byte, and what the device says to it at once. */
static void send_slowly(struct usart_host *host, uint8_t byte)
{
    usart_host_send(host, &byte, 1);
    usart_host_drain(host, 10 * SIM_MS);
}

/** 0x7F and 0x80 together: the device takes 80 for half a command, then 00, FF for the next. */
static void stray_byte(const char *path)
{
    static const uint8_t sync[] = {0x7F, 0x80};
    struct usart_host *host = usart_begin(path, "f405", (struct usart_device_config){0});

    usart_host_send(host, sync, sizeof(sync));
    usart_host_drain(host, 10 * SIM_MS);
    send_slowly(host, 0x00);
    send_slowly(host, 0xFF);
    send_slowly(host, 0x02);
    send_slowly(host, 0xFD);
    usart_session_end();
}

/** A bit of an ACK flips on the way, then one of the answer to Go, and the capture ends. */
static void answer_damaged(const char *path)
{
    struct usart_host *host = usart_begin(
        path, "f405",
        (struct usart_device_config){
            .faults_length = 2,
            .faults = {
                {.kind = USART_GARBAGE, .opcode = 0x02, .phase = USART_COMMAND, .byte = 0x7B},
                {.kind = USART_GARBAGE, .opcode = 0x21, .phase = USART_ADDRESS, .byte = 0x3F}}});

    usart_host_sync(host);
    usart_host_get_id(host);
    usart_host_go(host, FLASH);
    usart_session_end();
}

/** The count is that of the bytes, not one less; the host resets the device and tries again. */
static void count_too_large(const char *path)
{
    static const uint8_t data[] = {0x04, 0x01, 0x02, 0x03, 0x04, 0x00};
    struct usart_host *host = usart_begin_fault(path, "f103", never);

    for (int attempt = 0; attempt < 2; attempt++) {
        usart_host_command(host, 0x31);
        usart_host_address(host, FLASH);
        usart_host_send(host, data, sizeof(data));
        usart_host_wait(host, 1 * SIM_S);
        usart_device_reset(host->device);
        usart_host_sync(host);
    }
    usart_session_end();
}

/* DFU */

static struct sim_capture *capture;
static struct dfu_device dfu_device;
static struct dfu_host dfu;

static void open_usb(const char *path)
{
    const struct sim_capture_options options = {.linktype = SIM_USBMON_MMAPPED};

    sim_firmware(firmware, sizeof(firmware));
    capture = sim_capture_open(path, &options);
}

static void end(void)
{
    sim_capture_close(capture);
}

static void dfu_begin(const char *path, const char *product, struct dfu_device_config config)
{
    config.product = dfu_product_by_name(product);
    open_usb(path);
    dfu_host_init(&dfu, capture, &dfu_device, &config);
    dfu_host_enumerate(&dfu);
}

/** What the kernel alone does. */
static void dfu_attach(const char *path, const char *product)
{
    const struct dfu_device_config config = {.product = dfu_product_by_name(product)};

    open_usb(path);
    dfu_host_init(&dfu, capture, &dfu_device, &config);
    dfu_host_attach(&dfu);
}

/** Enumerated by the kernel, and no tool gets hold of it. */
static void never_asked(const char *path)
{
    dfu_attach(path, "f072");
    end();
}

/** dfu-util -l: it reads what the device has, and sends it no DFU request. */
static void listed(const char *path)
{
    dfu_attach(path, "f072");
    dfu_host_wait(&dfu, 500 * SIM_MS);
    dfu_host_list(&dfu);
    end();
}

/** The run-time interface of an application, which nobody needs to ask. */
static void run_time(const char *path)
{
    dfu_begin(path, "plain", (struct dfu_device_config){.application = true});
    end();
}

/** A GET_DESCRIPTOR(device) to a new device that has no address yet, and its failure. */
static void fail_descriptor(sim_ns at, enum sim_usb_status status)
{
    static const uint8_t setup[] = {0x80, 0x06, 0x00, 0x01, 0x00, 0x00, 0x40, 0x00};
    struct sim_usb_record usb = {
        .at = SIM_EPOCH + at,
        .id = 0xFFFF888100000000u,
        .transfer = USB_CONTROL,
        .endpoint = 0x80,
        .bus = 1,
        .setup = setup,
        .length = 64,
    };

    sim_write_usb(capture, &usb);
    usb.at += 5 * SIM_MS;
    usb.completion = true;
    usb.setup = NULL;
    usb.length = 0;
    usb.status = status;
    sim_write_usb(capture, &usb);
}

/** Linux tries three times, and again after a reset of the port. */
static void enumeration_failed(const char *path)
{
    open_usb(path);
    for (int i = 0; i < 6; i++)
        fail_descriptor(i * 100 * SIM_MS, USB_PROTOCOL_ERROR);
    end();
}

/** The first try fails, the next one does not. */
static void enumeration_retried(const char *path)
{
    static const uint8_t descriptor[18] = {18, 1, 0, 2, 0, 0, 0, 64};
    struct sim_usb_record usb = {
        .at = SIM_EPOCH + 100 * SIM_MS,
        .id = 0xFFFF888100000000u,
        .completion = true,
        .transfer = USB_CONTROL,
        .endpoint = 0x80,
        .bus = 1,
        .length = sizeof(descriptor),
        .data = descriptor,
    };
    static const uint8_t setup[] = {0x80, 0x06, 0x00, 0x01, 0x00, 0x00, 0x40, 0x00};
    struct sim_usb_record submission = usb;

    open_usb(path);
    fail_descriptor(0, USB_STALLED);
    submission.completion = false;
    submission.setup = setup;
    submission.length = 64;
    submission.data = NULL;
    sim_write_usb(capture, &submission);
    usb.at += 2 * SIM_MS;
    sim_write_usb(capture, &usb);
    end();
}

/** Erased, written, left: and the part is back in its bootloader. */
static void leave_and_return(const char *path, uint8_t address, sim_ns after)
{
    dfu_begin(path, "l476", (struct dfu_device_config){0});
    dfu_host_start(&dfu, 0);
    dfu_host_erase(&dfu, FLASH);
    dfu_host_set_address(&dfu, FLASH);
    dfu_host_write(&dfu, 2, firmware, 2048);
    dfu_host_set_address(&dfu, FLASH);
    dfu_host_leave(&dfu, 2);
    dfu_host_wait(&dfu, after);
    dfu_device_init(&dfu_device,
                    &(struct dfu_device_config){.product = dfu_product_by_name("l476")});
    dfu.address = address;
    dfu_host_enumerate(&dfu);
    end();
}

static void back_in_bootloader(const char *path)
{
    leave_and_return(path, 13, 1200 * SIM_MS);
}

/** The host gives the address out again. */
static void back_at_once(const char *path)
{
    leave_and_return(path, 12, 800 * SIM_MS);
}

/** By hand, a minute later. */
static void back_later(const char *path)
{
    leave_and_return(path, 13, 60 * SIM_S);
}

static void leave_not_triggered(const char *path)
{
    dfu_begin(path, "f072", (struct dfu_device_config){0});
    dfu_host_start(&dfu, 0);
    dfu_host_set_address(&dfu, FLASH);
    dfu_host_download(&dfu, 2, NULL, 0);
    dfu_host_abort(&dfu);
    end();
}

static void leave_unconfirmed(const char *path)
{
    dfu_begin(path, "f072", (struct dfu_device_config){0});
    dfu_host_start(&dfu, 0);
    dfu_host_set_address(&dfu, FLASH);
    dfu_host_download(&dfu, 2, NULL, 0);
    end();
}

/** An F405's mass erase takes 8 s and says 100 ms; the tool gives up after 2. */
static void erase_busy(const char *path)
{
    static const uint8_t command = 0x41;
    struct dfu_report report;

    dfu_begin(path, "f405", (struct dfu_device_config){0});
    dfu_host_start(&dfu, 0);
    dfu_host_download(&dfu, 0, &command, 1);
    for (int polls = 0; polls < 20; polls++) {
        dfu_host_get_status(&dfu, &report);
        dfu_host_wait(&dfu, 100 * SIM_MS);
    }
    end();
}

/** Unplugged after a mass erase, which may be all that was wanted. */
static void erased_and_pulled(const char *path)
{
    struct usb_setup setup = {0x80, 0x06, 0x0300, 0, 255};

    dfu_begin(path, "f072", (struct dfu_device_config){0});
    dfu_host_start(&dfu, 0);
    dfu_host_mass_erase(&dfu);
    dfu_host_wait(&dfu, 3 * SIM_S);
    dfu_device.gone = true;
    dfu_host_control(&dfu, &setup, NULL);
    end();
}

/* FDCAN */

static struct can_device can_device;
static struct fdcan_host fdcan;

static void fdcan_begin(const char *path, const char *product, struct can_device_config config)
{
    config.product = can_product_by_name(product);
    capture = sim_capture_open(path, &(struct sim_capture_options){.linktype = SIM_CAN});
    fdcan_host_init(&fdcan, capture, &can_device, &config);
}

/** linux/can/error.h: a protocol violation 0x08 and a bus error 0x80 with each frame. */
static void bit_rate(const char *path)
{
    const struct sim_can_frame bus_error = {.id = 0x88, .error = true, .length = 8};

    fdcan_begin(path, "c092",
                (struct can_device_config){
                    .faults_length = 1,
                    .faults = {{.kind = CAN_SILENCE, .opcode = -1, .phase = CAN_COMMAND}}});
    fdcan_host_get(&fdcan);
    fdcan_host_foreign(&fdcan, &bus_error);
    fdcan_host_get_id(&fdcan);
    fdcan_host_foreign(&fdcan, &bus_error);
    end();
}

/** Write Unprotect resets the device; the host goes on without finding it again. */
static void silent_after_reset(const char *path)
{
    fdcan_begin(path, "g474",
                (struct can_device_config){
                    .faults_length = 1,
                    .faults = {{.kind = CAN_SILENCE, .opcode = 0x02, .phase = CAN_COMMAND}}});
    fdcan.timeout = 500 * SIM_MS;
    fdcan_host_get(&fdcan);
    fdcan_host_protection(&fdcan, 0x73);
    fdcan_host_get_id(&fdcan);
    fdcan_host_get_id(&fdcan);
    end();
}

/** Pages 4 to 7 in one byte each: a device that reads two takes them for 0x0405 and 0x0607. */
static void erase_list_bytes(const char *path)
{
    static const uint8_t announced[] = {0x00, 0x04};
    static const uint8_t list[64] = {0x04, 0x05, 0x06, 0x07};

    fdcan_begin(path, "g474", (struct can_device_config){0});
    fdcan_host_get_id(&fdcan);
    fdcan_host_send(&fdcan, 0x44, announced, sizeof(announced));
    fdcan_host_acknowledged(&fdcan);
    fdcan_host_acknowledged(&fdcan);
    fdcan_host_send(&fdcan, 0x44, list, sizeof(list));
    fdcan_host_acknowledged(&fdcan);
    fdcan_host_get_id(&fdcan);
    end();
}

const struct scenario diagnosis_scenarios[] = {
    {"usart-echo-only.pcap", echo_only},
    {"usart-erase-open.pcap", erase_open},
    {"usart-erase-filled.pcap", erase_filled},
    {"usart-writes-repeated.pcap", writes_repeated},
    {"usart-parity-passes.pcap", parity_passes},
    {"usart-get-refused-once.pcap", get_refused_once},
    {"usart-lines-at-close.pcap", lines_at_close},
    {"usart-reset-by-lines.pcap", reset_by_lines},
    {"usart-unprotect-refused.pcap", unprotect_refused},
    {"usart-phantom-page.pcap", phantom_page},
    {"usart-page-0-first.pcap", page_0_first},
    {"usart-erase-slow.pcap", erase_slow},
    {"usart-erase-slow-write.pcap", erase_slow_write},
    {"usart-write-refused-inside.pcap", write_refused_inside},
    {"usart-id-refused.pcap", id_refused},
    {"usart-system-memory-refused.pcap", system_memory_refused},
    {"usart-found-after-reset.pcap", found_after_reset},
    {"usart-sync-refused.pcap", sync_refused},
    {"usart-get-unheard.pcap", get_unheard},
    {"usart-stm8.pcap", stm8},
    {"usart-other-erase.pcap", other_erase},
    {"usart-stray-refusal.pcap", stray_refusal},
    {"usart-id-denied.pcap", id_denied},
    {"usart-refused-unlisted.pcap", refused_unlisted},
    {"usart-refused-unprotected.pcap", refused_unprotected},
    {"usart-protected-before.pcap", protected_before},
    {"usart-unprotected-gone.pcap", unprotected_and_gone},
    {"usart-lost-mid-session.pcap", lost_in_mid_session},
    {"usart-address-reversed.pcap", address_reversed},
    {"usart-ram-refused.pcap", ram_refused},
    {"usart-stray-byte.pcap", stray_byte},
    {"usart-answer-damaged.pcap", answer_damaged},
    {"usart-count-too-large.pcap", count_too_large},
    {"dfu-listed.pcap", listed},
    {"dfu-never-asked.pcap", never_asked},
    {"dfu-run-time.pcap", run_time},
    {"dfu-enumeration-failed.pcap", enumeration_failed},
    {"dfu-enumeration-retried.pcap", enumeration_retried},
    {"dfu-back-in-bootloader.pcap", back_in_bootloader},
    {"dfu-back-at-once.pcap", back_at_once},
    {"dfu-back-later.pcap", back_later},
    {"dfu-leave-not-triggered.pcap", leave_not_triggered},
    {"dfu-leave-unconfirmed.pcap", leave_unconfirmed},
    {"dfu-erase-busy.pcap", erase_busy},
    {"dfu-erased-and-pulled.pcap", erased_and_pulled},
    {"fdcan-bit-rate.pcap", bit_rate},
    {"fdcan-silent-after-reset.pcap", silent_after_reset},
    {"fdcan-erase-list-bytes.pcap", erase_list_bytes},
    {NULL, NULL},
};
