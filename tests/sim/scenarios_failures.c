/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Sessions that end in a failure which the other scenarios only touch: for the rules of diagnose.
 */
#include "host_dfu.h"
#include "host_fdcan.h"
#include "products.h"
#include "scenario.h"
#include "session_usart.h"

#define FLASH 0x08000000u

static struct usart_host *usart_begin(const char *path, const char *product,
                                      struct usart_device_config config)
{
    struct usart_host *host = usart_session_begin(path, product, config, RTAC_BOTH);

    usart_host_open(host);
    return host;
}

static struct usart_host *usart_begin_fault(const char *path, const char *product,
                                            struct usart_fault fault)
{
    return usart_begin(path, product,
                       (struct usart_device_config){.faults_length = 1, .faults = {fault}});
}

static void identify(struct usart_host *host)
{
    usart_host_sync(host);
    usart_host_get(host);
    usart_host_get_id(host);
}

/** The page is write-protected: the ROM acknowledges and writes nothing. */
static void write_protected(const char *path)
{
    static const uint8_t data[] = {0x3C, 0x3C, 0x3C, 0x3C, 0x3C, 0x3C, 0x3C, 0x3C};
    struct usart_host *host = usart_begin(path, "g071", (struct usart_device_config){0});

    identify(host);
    usart_host_extended_erase(host, 0, 0);
    usart_host_write(host, FLASH, data, sizeof(data));
    sim_memory_erase_page(&host->device->memory, 0);
    usart_host_read(host, FLASH, sizeof(data)); /* FF FF FF FF */
    usart_session_end();
}

static void wrong_rate(const char *path)
{
    struct usart_host *host = usart_begin_fault(
        path, "g071",
        (struct usart_fault){.kind = USART_GARBAGE, .phase = USART_SYNC, .byte = 0xE6});

    usart_host_sync(host);
    usart_host_sync(host);
    usart_session_end();
}

/** 8N1, and a recorder that does not know it: 7F passes, Get's 00 does not. */
static void no_parity(const char *path)
{
    struct usart_host *host =
        usart_begin(path, "g071", (struct usart_device_config){.wrong_parity = true});

    usart_host_sync(host);
    usart_host_get(host);
    usart_session_end();
}

/** The tool is started again without a reset, and gives up. */
static void half_command(const char *path)
{
    struct usart_host *host = usart_begin(path, "g071", (struct usart_device_config){0});

    host->timeout = 200 * SIM_MS;
    identify(host);
    usart_host_wait(host, 2 * SIM_S);
    usart_host_sync(host); /* silence: half a command */
    usart_host_get(host);  /* 7F 00: NACK */
    usart_session_end();
}

/** Four pages announced, two sent. */
static void erase_short(const char *path)
{
    static const uint8_t list[] = {0x00, 0x03, 0x00, 0x00, 0x00, 0x02};
    struct usart_host *host = usart_begin(path, "g071", (struct usart_device_config){0});

    host->timeout = 500 * SIM_MS;
    identify(host);
    usart_host_command(host, 0x44);
    usart_host_send(host, list, sizeof(list));
    usart_host_acknowledged(host); /* silence */
    usart_host_get_id(host);       /* taken for page numbers */
    usart_session_end();
}

static void after_reset(const char *path)
{
    struct usart_host *host = usart_begin(path, "g071", (struct usart_device_config){0});

    host->timeout = 500 * SIM_MS;
    identify(host);
    usart_host_protection(host, 0x73);
    usart_host_wait(host, 100 * SIM_MS);
    usart_host_get(host); /* no 0x7F before: silence */
    usart_host_get(host);
    usart_session_end();
}

/** The same, and the recording ends with the first of them. */
static void after_reset_last(const char *path)
{
    struct usart_host *host = usart_begin(path, "g071", (struct usart_device_config){0});

    identify(host);
    usart_host_protection(host, 0x92);
    usart_host_wait(host, 100 * SIM_MS);
    usart_host_get(host);
    usart_session_end();
}

/** Three pages counted as four: the device takes their checksum for the fourth, and waits. */
static void erase_miscounted(const char *path)
{
    static const uint8_t list[] = {0x03, 0x04, 0x05, 0x06, 0x04};
    struct usart_host *host = usart_begin(path, "f103", (struct usart_device_config){0});

    identify(host);
    usart_host_command(host, 0x43);
    usart_host_send(host, list, sizeof(list));
    usart_session_end();
}

/** Katapult's Connect, twice; ST's bootloader says nothing to it. */
static void katapult(const char *path)
{
    static const uint8_t request[] = {0x01, 0x88, 0x11, 0x00, 0xF1, 0x7C, 0x99, 0x03};
    struct usart_host *host = usart_begin(path, "f103", (struct usart_device_config){0});

    usart_host_send(host, request, sizeof(request));
    usart_host_wait(host, 2 * SIM_S);
    usart_host_send(host, request, sizeof(request));
    usart_session_end();
}

/** The erase is never answered; after a reset the device is. */
static void erase_unanswered(const char *path)
{
    struct usart_host *host = usart_begin_fault(
        path, "f405",
        (struct usart_fault){.kind = USART_SILENCE, .opcode = 0x44, .phase = USART_DATA});

    identify(host);
    host->timeout = 5 * SIM_S;
    usart_host_special_erase(host, 0xFFFF);
    usart_device_reset(host->device);
    usart_host_sync(host);
    usart_host_get_id(host);
    usart_session_end();
}

/** An L0 has no mass erase, and its pages end at 511. */
static void l0(const char *path)
{
    const struct usart_device_config config = {
        .faults_length = 2,
        .faults = {{.kind = USART_NACK, .opcode = 0x44, .phase = USART_DATA},
                   {.kind = USART_NACK, .opcode = 0x11, .phase = USART_ADDRESS}}};
    struct usart_host *host = usart_begin(path, "l053", config);

    identify(host);
    usart_host_special_erase(host, 0xFFFF);
    usart_host_extended_erase(host, 510, 513);
    usart_host_read(host, 0x1FF8007C, 4);
    usart_session_end();
}

/** 600 pages at once; the device takes 512. */
static void l1_pages(const char *path)
{
    static uint8_t list[2 + 2 * 600 + 1] = {0x02, 0x57};
    struct usart_host *host = usart_begin_fault(
        path, "l152",
        (struct usart_fault){.kind = USART_NACK, .opcode = 0x44, .phase = USART_DATA});

    host->timeout = 20 * SIM_S;
    identify(host);
    usart_host_command(host, 0x44);
    for (size_t page = 0; page < 600; page++) {
        list[2 + 2 * page] = (uint8_t)(page >> 8);
        list[3 + 2 * page] = (uint8_t)page;
    }
    list[sizeof(list) - 1] = sim_xor(list, sizeof(list) - 1);
    usart_host_send(host, list, sizeof(list));
    usart_host_acknowledged(host); /* NACK */
    usart_session_end();
}

/** The image goes on where the flash ends. */
static void image_too_big(const char *path)
{
    const uint32_t last = FLASH + 128 * 1024 - 256;
    struct usart_host *host = usart_begin(path, "f103", (struct usart_device_config){0});
    uint8_t data[256];

    sim_firmware(data, sizeof(data));
    identify(host);
    usart_host_erase(host, 127, 127);
    usart_host_write(host, last, data, sizeof(data));
    usart_host_write(host, last + 256, data, sizeof(data)); /* NACK */
    usart_session_end();
}

static void read_end(const char *path)
{
    struct usart_host *host = usart_begin_fault(
        path, "g071",
        (struct usart_fault){.kind = USART_NACK, .opcode = 0x11, .phase = USART_LENGTH});

    identify(host);
    usart_host_read(host, FLASH, 32);
    usart_session_end();
}

static void write_silent(const char *path)
{
    struct usart_host *host = usart_begin_fault(
        path, "g071",
        (struct usart_fault){.kind = USART_SILENCE, .opcode = 0x31, .phase = USART_DATA});
    uint8_t data[16];

    sim_firmware(data, sizeof(data));
    identify(host);
    usart_host_extended_erase(host, 0, 0);
    usart_host_write(host, FLASH, data, sizeof(data));
    usart_host_get_id(host);
    usart_session_end();
}

/** Refused and silent for no reason that the wire shows. */
static void unexplained(const char *path)
{
    const struct usart_device_config config = {
        .faults_length = 2,
        .faults = {{.kind = USART_NACK, .opcode = 0x63, .phase = USART_DATA},
                   {.kind = USART_SILENCE, .opcode = 0x21, .phase = USART_ADDRESS}}};
    struct usart_host *host = usart_begin(path, "g071", config);

    host->timeout = 500 * SIM_MS;
    identify(host);
    usart_host_write_protect(host, 0, 1); /* NACK */
    usart_host_go(host, FLASH);           /* silence */
    usart_host_get_id(host);
    usart_session_end();
}

/* DFU */

static struct sim_capture *capture;
static struct dfu_device dfu_device;
static struct dfu_host dfu;

static void dfu_begin(const char *path, const char *product, struct dfu_device_config config)
{
    const struct sim_capture_options options = {.linktype = SIM_USBMON_MMAPPED};

    config.product = dfu_product_by_name(product);
    capture = sim_capture_open(path, &options);
    dfu_host_init(&dfu, capture, &dfu_device, &config);
    dfu_host_enumerate(&dfu);
    dfu_host_start(&dfu, 0);
}

static void end(void)
{
    sim_capture_close(capture);
}

static void dfu_faulty_erase(const char *path, struct dfu_fault fault)
{
    dfu_begin(path, "l476", (struct dfu_device_config){.faults_length = 1, .faults = {fault}});
    dfu_host_erase(&dfu, FLASH);
    dfu_host_abort(&dfu);
    end();
}

/** DfuSe to a plain DFU device, which refuses the second command. */
static void dialect_refused(const char *path)
{
    const struct dfu_device_config config = {
        .faults_length = 1,
        .faults = {{.kind = DFU_FAULT_STALL, .request = DFU_DNLOAD, .skip = 1}}};

    dfu_begin(path, "plain", config);
    dfu_host_set_address(&dfu, FLASH);
    dfu_host_erase(&dfu, FLASH); /* stall */
    end();
}

/** C071: the host leaves without an address and gives up. */
static void leave_failed(const char *path)
{
    dfu_begin(path, "f072", (struct dfu_device_config){.needs_address_to_leave = true});
    dfu_host_leave(&dfu, 2);
    end();
}

/** L4: GETSTATUS stalls, and the host takes it for the end. */
static void poll_stalled(const char *path)
{
    dfu_faulty_erase(
        path, (struct dfu_fault){.kind = DFU_FAULT_STALL, .request = DFU_GETSTATUS, .skip = 2});
}

/** The same with a host that then ends without a word. */
static void poll_stalled_last(const char *path)
{
    dfu_begin(path, "l476",
              (struct dfu_device_config){
                  .faults_length = 1,
                  .faults = {{.kind = DFU_FAULT_STALL, .request = DFU_GETSTATUS, .skip = 2}}});
    dfu_host_erase(&dfu, FLASH);
    end();
}

/** The host does not wait for the erase. */
static void no_wait(const char *path)
{
    static const uint8_t command[] = {0x41, 0x00, 0x00, 0x00, 0x08};
    struct dfu_report report;

    dfu_begin(path, "f072", (struct dfu_device_config){0});
    dfu_host_download(&dfu, 0, command, sizeof(command));
    dfu_host_get_status(&dfu, &report);                   /* dfuDNBUSY */
    dfu_host_download(&dfu, 0, command, sizeof(command)); /* stall */
    end();
}

static void bus_failed(const char *path)
{
    dfu_faulty_erase(path, (struct dfu_fault){.kind = DFU_FAULT_OUTCOME,
                                              .request = DFU_DNLOAD,
                                              .outcome = DFU_BUS_ERROR});
}

static void host_gave_up(const char *path)
{
    dfu_faulty_erase(path, (struct dfu_fault){.kind = DFU_FAULT_OUTCOME,
                                              .request = DFU_DNLOAD,
                                              .outcome = DFU_NO_ANSWER});
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

static void detection_missing(const char *path)
{
    fdcan_begin(path, "c092", (struct can_device_config){.detection_required = true});
    fdcan_host_get(&fdcan);
    fdcan_host_get_id(&fdcan);
    end();
}

/** The detection frame, and nobody there. */
static void nobody(const char *path)
{
    const struct can_device_config config = {
        .detection_required = true,
        .detection_silent = true,
        .faults_length = 1,
        .faults = {{.kind = CAN_SILENCE, .opcode = -1, .phase = CAN_COMMAND}}};

    fdcan_begin(path, "c092", config);
    fdcan_host_detect(&fdcan);
    fdcan_host_get(&fdcan);
    fdcan_host_get_id(&fdcan);
    end();
}

static void identifier_refused(const char *path)
{
    fdcan_begin(path, "c092", (struct can_device_config){.version = 0x21});
    fdcan.base = 0x500;
    fdcan_host_get(&fdcan);
    fdcan_host_get_id(&fdcan);
    end();
}

/** Frames that hold less than they should: of the data, and of the command. */
static void short_frames(const char *path)
{
    static const uint8_t address[] = {0x08, 0x00, 0x00, 0x00, 0x7F};
    static const uint8_t cut[] = {0x08, 0x00, 0x00};
    uint8_t data[64];

    fdcan_begin(path, "g474", (struct can_device_config){0});
    sim_firmware(data, sizeof(data));
    fdcan_host_get_id(&fdcan);
    fdcan_host_send(&fdcan, 0x11, cut, sizeof(cut)); /* Read: the address lacks its end */
    fdcan_host_acknowledged(&fdcan);
    fdcan_host_send(&fdcan, 0x31, address, sizeof(address)); /* 128 bytes announced */
    fdcan_host_acknowledged(&fdcan);
    fdcan_host_send(&fdcan, 0x31, data, sizeof(data)); /* 64 sent */
    fdcan_host_acknowledged(&fdcan);
    fdcan_host_get_id(&fdcan); /* taken for data */
    end();
}

const struct scenario failure_scenarios[] = {
    {"usart-write-protected.pcap", write_protected},
    {"usart-wrong-rate.pcap", wrong_rate},
    {"usart-no-parity.pcap", no_parity},
    {"usart-half-command.pcap", half_command},
    {"usart-erase-short.pcap", erase_short},
    {"usart-after-reset.pcap", after_reset},
    {"usart-l0.pcap", l0},
    {"usart-l1-pages.pcap", l1_pages},
    {"usart-image-too-big.pcap", image_too_big},
    {"usart-read-end.pcap", read_end},
    {"usart-write-silent.pcap", write_silent},
    {"usart-unexplained.pcap", unexplained},
    {"dfu-dialect-refused.pcap", dialect_refused},
    {"dfu-leave-failed.pcap", leave_failed},
    {"usart-after-reset-last.pcap", after_reset_last},
    {"usart-erase-miscounted.pcap", erase_miscounted},
    {"usart-katapult.pcap", katapult},
    {"usart-erase-unanswered.pcap", erase_unanswered},
    {"dfu-poll-stalled.pcap", poll_stalled},
    {"dfu-poll-stalled-last.pcap", poll_stalled_last},
    {"dfu-no-wait.pcap", no_wait},
    {"dfu-bus-failed.pcap", bus_failed},
    {"dfu-host-gave-up.pcap", host_gave_up},
    {"fdcan-detection-missing.pcap", detection_missing},
    {"fdcan-nobody.pcap", nobody},
    {"fdcan-identifier-refused.pcap", identifier_refused},
    {"fdcan-short-frames.pcap", short_frames},
    {NULL, NULL},
};
