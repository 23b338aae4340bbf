/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * FDCAN sessions: the ways in which ROMs answer, the forms of each command, and failures.
 */
#include "host_fdcan.h"
#include "products.h"
#include "scenario.h"

#define FLASH 0x08000000u

enum { WRITE_UNPROTECT = 0x73, READOUT_PROTECT = 0x82, READOUT_UNPROTECT = 0x92 };

static struct sim_capture *capture;
static struct can_device device;
static struct fdcan_host host;

static void begin_as(const char *path, const char *product, struct can_device_config config,
                     struct sim_capture_options options)
{
    config.product = can_product_by_name(product);
    capture = sim_capture_open(path, &options);
    fdcan_host_init(&host, capture, &device, &config);
}

static void begin_with(const char *path, const char *product, struct can_device_config config)
{
    begin_as(path, product, config, (struct sim_capture_options){.linktype = SIM_CAN});
}

static void begin(const char *path)
{
    begin_with(path, "g474", (struct can_device_config){0});
}

static void begin_fault(const char *path, struct can_fault fault)
{
    begin_with(path, "g474", (struct can_device_config){.faults_length = 1, .faults = {fault}});
}

static void end(void)
{
    sim_capture_close(capture);
}

static void identify(void)
{
    fdcan_host_get(&host);
    fdcan_host_get_version(&host);
    fdcan_host_get_id(&host);
}

/** Erase of ten pages, one full and one short block, read back, start. */
static void flash_all(void)
{
    uint8_t firmware[356];

    sim_firmware(firmware, sizeof(firmware));
    identify();
    fdcan_host_erase_pages(&host, 0, 9);
    fdcan_host_write(&host, FLASH, firmware, 256);
    fdcan_host_write(&host, FLASH + 256, firmware + 256, 100);
    fdcan_host_read(&host, FLASH, 256);
    fdcan_host_read(&host, FLASH + 256, 100);
    fdcan_host_go(&host, FLASH);
}

static void flash_openbl(const char *path)
{
    begin(path);
    flash_all();
    end();
}

static void flash_l5(const char *path)
{
    begin_with(path, "l552",
               (struct can_device_config){
                   .replies = CAN_REPLY_OPCODE, .short_last_frame = true, .one_go_ack = true});
    flash_all();
    end();
}

static void flash_111(const char *path)
{
    begin_with(path, "h563", (struct can_device_config){.replies = CAN_REPLY_111});
    flash_all();
    end();
}

/** The host adds 0x500 to every identifier. */
static void flash_h7(const char *path)
{
    begin_with(path, "h743", (struct can_device_config){.replies = CAN_REPLY_H7});
    host.base = 0x500;
    flash_all();
    end();
}

static void flash_in(const char *path, struct sim_capture_options options)
{
    begin_as(path, "g474", (struct can_device_config){0}, options);
    flash_all();
    end();
}

static void flash_sll(const char *path)
{
    flash_in(path, (struct sim_capture_options){.linktype = SIM_SLL});
}

static void flash_sll2(const char *path)
{
    flash_in(path, (struct sim_capture_options){.linktype = SIM_SLL2, .nanoseconds = true});
}

static void flash_pcapng(const char *path)
{
    flash_in(path, (struct sim_capture_options){.linktype = SIM_CAN, .pcapng = true});
}

static void flash_candump(const char *path)
{
    flash_in(path, (struct sim_capture_options){.linktype = SIM_CANDUMP});
}

/** libpcap 1.10.3 writes the flags of FD frames as 0. */
static void flash_no_flags(const char *path)
{
    flash_in(path, (struct sim_capture_options){.linktype = SIM_CAN, .without_can_flags = true});
}

/** Protocol 2.2: silent until the detection frame comes. */
static void detection(const char *path)
{
    begin_with(path, "c092", (struct can_device_config){.detection_required = true});
    fdcan_host_get(&host);    /* no answer */
    fdcan_host_get_id(&host); /* no answer */
    fdcan_host_detect(&host);
    fdcan_host_get(&host);
    fdcan_host_get_id(&host);
    end();
}

static void detection_silent(const char *path)
{
    begin_with(path, "c092",
               (struct can_device_config){.detection_required = true, .detection_silent = true});
    host.timeout = 100 * SIM_MS;
    fdcan_host_detect(&host);
    fdcan_host_get(&host);
    fdcan_host_get_id(&host);
    end();
}

/** ST's Open Bootloader knows no detection frame: Read Memory of 0x5A000000, one NACK. */
static void detection_unknown(const char *path)
{
    begin(path);
    fdcan_host_detect(&host);
    fdcan_host_get(&host);
    end();
}

static void read_protected(const char *path)
{
    static const uint8_t data[] = {1, 2, 3, 4};

    begin_with(path, "g474", (struct can_device_config){.read_protected = true});
    fdcan_host_get(&host);
    fdcan_host_get_id(&host);
    fdcan_host_read(&host, FLASH, 16);
    fdcan_host_write(&host, FLASH, data, sizeof(data));
    fdcan_host_special_erase(&host, 0xFFFF);
    fdcan_host_protection(&host, READOUT_UNPROTECT);
    fdcan_host_read(&host, FLASH, 16);
    end();
}

/** H7 ROM: no answer at all under read protection. */
static void silent_protection(const char *path)
{
    begin_with(path, "h743",
               (struct can_device_config){
                   .replies = CAN_REPLY_H7, .read_protected = true, .silent_if_protected = true});
    fdcan_host_get_id(&host);
    fdcan_host_read(&host, FLASH, 16);
    fdcan_host_get_id(&host);
    end();
}

static void erase_forms(const char *path)
{
    begin(path);
    fdcan_host_get_id(&host);
    fdcan_host_special_erase(&host, 0xFFFF);
    fdcan_host_special_erase(&host, 0xFFFE);
    fdcan_host_special_erase(&host, 0xFFFD);
    fdcan_host_special_erase(&host, 0xFFF0); /* reserved: ACK, NACK */
    fdcan_host_erase_pages(&host, 0, 39);    /* more than one frame holds */
    end();
}

static void erase_one_list_ack(const char *path)
{
    begin_with(path, "l552",
               (struct can_device_config){.replies = CAN_REPLY_OPCODE, .one_list_ack = true});
    fdcan_host_get_id(&host);
    fdcan_host_erase_pages(&host, 2, 4);
    fdcan_host_get_id(&host);
    end();
}

static void protection(const char *path)
{
    begin(path);
    fdcan_host_get_id(&host);
    fdcan_host_write_protect(&host, 1, 3);
    fdcan_host_protection(&host, WRITE_UNPROTECT);
    host.dummy_byte = true;
    fdcan_host_protection(&host, READOUT_PROTECT);
    fdcan_host_protection(&host, READOUT_UNPROTECT);
    end();
}

static void write_protect_apart(const char *path)
{
    begin_with(path, "l552",
               (struct can_device_config){.replies = CAN_REPLY_OPCODE, .sectors_apart = true});
    fdcan_host_get_id(&host);
    fdcan_host_write_protect(&host, 1, 3);
    fdcan_host_get_id(&host);
    end();
}

static void special(const char *path)
{
    static const uint8_t data[] = {0xDE, 0xAD, 0xBE, 0xEF};
    uint8_t packet[100];

    begin(path);
    sim_firmware(packet, sizeof(packet));
    fdcan_host_get_id(&host);
    fdcan_host_special(&host, 0x0001, data, sizeof(data));
    fdcan_host_special(&host, 0x1234, data, sizeof(data)); /* no such sub-command */
    fdcan_host_extended_special(&host, 0x0001, data, sizeof(data), packet, sizeof(packet));
    end();
}

/** Refused for every reason. */
static void nacks(const char *path)
{
    static const uint8_t data[] = {1, 2, 3, 4};

    begin_with(path, "g474",
               (struct can_device_config){
                   .faults_length = 2,
                   .faults = {{.kind = CAN_NACK, .opcode = 0x31, .phase = CAN_DATA, .times = 1},
                              {.kind = CAN_NACK, .opcode = 0x44, .phase = CAN_OPERATION}}});
    fdcan_host_get_id(&host);
    fdcan_host_read(&host, 0x60000000, 16);
    fdcan_host_write(&host, 0x60000000, data, sizeof(data));
    fdcan_host_write(&host, FLASH, data, sizeof(data)); /* after the data */
    fdcan_host_go(&host, 0x60000000);                   /* ACK, NACK */
    fdcan_host_special_erase(&host, 0xFFFF);            /* ACK, NACK: no mass erase here */
    fdcan_host_send(&host, 0xA1, NULL, 0);              /* not a command of this wire */
    fdcan_host_acknowledged(&host);
    end();
}

/** Protocol 2.1 refuses identifiers above one byte. */
static void wide_identifier(const char *path)
{
    begin_with(path, "c092", (struct can_device_config){.version = 0x21});
    host.base = 0x500;
    fdcan_host_get(&host);
    host.base = 0;
    fdcan_host_get(&host);
    end();
}

static void bad_reply(const char *path)
{
    begin_fault(
        path,
        (struct can_fault){
            .kind = CAN_GARBAGE, .opcode = 0x11, .phase = CAN_COMMAND, .times = 1, .byte = 0x55});
    fdcan_host_get_id(&host);
    fdcan_host_read(&host, FLASH, 16);
    fdcan_host_read(&host, FLASH, 16);
    end();
}

static void no_reply(const char *path)
{
    uint8_t data[64];

    begin_fault(path, (struct can_fault){
                          .kind = CAN_SILENCE, .opcode = 0x31, .phase = CAN_DATA, .times = 1});
    sim_firmware(data, sizeof(data));
    fdcan_host_get_id(&host);
    fdcan_host_write(&host, FLASH, data, sizeof(data)); /* no final ACK */
    fdcan_host_write(&host, FLASH, data, sizeof(data));
    end();
}

/** The host does not wait: after the NACK each data frame is a new Write Memory. */
static void no_wait(const char *path)
{
    static const uint8_t head[] = {0x60, 0x00, 0x00, 0x00, 0xFF};
    uint8_t data[64];

    begin(path);
    sim_firmware(data, sizeof(data));
    fdcan_host_get_id(&host);
    fdcan_host_send(&host, 0x31, head, sizeof(head));
    for (int i = 0; i < 4; i++)
        fdcan_host_send(&host, 0x31, data, sizeof(data));
    fdcan_host_drain(&host, 10 * SIM_MS);
    end();
}

/** A bus with other nodes on it. */
static void other_nodes(const char *path)
{
    begin(path);
    host.other_nodes = true;
    flash_all();
    end();
}

/** Nobody acknowledges: error frames, then classic frames that an FD device does not take. */
static void classic(const char *path)
{
    /* linux/can/error.h: class ACK 0x20, bus error 0x80. */
    const struct sim_can_frame no_ack = {.id = 0x20, .error = true, .length = 8};

    begin(path);
    host.classic = true;
    fdcan_host_get(&host);
    fdcan_host_foreign(&host, &no_ack);
    fdcan_host_foreign(&host, &no_ack);
    fdcan_host_get_id(&host);
    end();
}

/** The detection frame too goes out as a classic one, and nobody answers. */
static void classic_detection(const char *path)
{
    begin(path);
    host.classic = true;
    fdcan_host_detect(&host);
    fdcan_host_get_id(&host);
    end();
}

/** What SocketCAN tells of the controller: lost arbitration, a bus error, bus off. */
static void error_frames(const char *path)
{
    /* linux/can/error.h: classes 0x02, 0x88, 0x40. */
    static const uint32_t classes[] = {0x02, 0x88, 0x40};

    begin(path);
    fdcan_host_get_id(&host);
    for (size_t i = 0; i < SIM_COUNT(classes); i++)
        fdcan_host_foreign(&host,
                           &(struct sim_can_frame){.id = classes[i], .error = true, .length = 8});
    fdcan_host_get_id(&host);
    end();
}

static void say(uint32_t id, const uint8_t *bytes, size_t length)
{
    fdcan_host_say(&host, id, bytes, length);
}

#define SAY(id, ...) say(id, (const uint8_t[]){__VA_ARGS__}, sizeof((const uint8_t[]){__VA_ARGS__}))

enum { ACK = 0x79, NACK = 0x1F };

/** Answers that no known device gives; its side is played by hand. */
static void odd_answers(const char *path)
{
    begin(path);
    fdcan_host_get_id(&host);
    say(0x00, NULL, 0); /* Get: three announced, two listed */
    SAY(0x00, ACK);
    SAY(0x00, 3);
    SAY(0x00, 0x11);
    SAY(0x00, 0x00);
    SAY(0x00, 0x02);
    SAY(0x00, ACK);
    say(0x02, NULL, 0); /* Get ID, answered on an identifier of its own */
    SAY(0x7A2, ACK);
    SAY(0x7A2, 0x04, 0x69);
    SAY(0x7A2, ACK);
    SAY(0x11, 0x08, 0x00, 0x00, 0x00, 0x03); /* four bytes are asked for, two frames come */
    SAY(0x11, ACK);
    SAY(0x11, 1, 2, 3, 4);
    SAY(0x11, 5, 6, 7, 8);
    SAY(0x11, ACK);
    end();
}

/** Commands that a host has got wrong, and what the device makes of them. */
static void odd_commands(const char *path)
{
    static const uint8_t one_page_each[] = {1, 2, 3, 4, 5, 6, 7, 8};
    uint8_t data[64];

    begin(path);
    sim_firmware(data, sizeof(data));
    fdcan_host_get_id(&host);
    SAY(0x11, 0x08, 0x00, 0x00); /* Read: an address without its end */
    SAY(0x11, NACK);
    SAY(0x31, 0x08, 0x00, 0x00, 0x00, 0x7F); /* Write: 128 bytes announced, 64 sent */
    SAY(0x31, ACK);
    say(0x31, data, sizeof(data));
    say(0x02, NULL, 0);
    SAY(0x31, 0x08, 0x00, 0x00, 0x00, 0x3F); /* Write: 64 announced, two frames sent */
    SAY(0x31, ACK);
    say(0x31, data, sizeof(data));
    say(0x31, data, sizeof(data));
    SAY(0x31, ACK);
    SAY(0x31, NACK);
    SAY(0x31, 0x08, 0x00, 0x00, 0x00, 0x3F); /* Write: data before the ACK */
    say(0x31, data, sizeof(data));
    SAY(0x31, ACK);
    SAY(0x31, ACK);
    SAY(0x44, 0x00, 0x00); /* Erase of no pages */
    SAY(0x44, ACK);
    SAY(0x44, ACK);
    say(0x44, data, sizeof(data));
    SAY(0x44, ACK);
    SAY(0x44, 0x00, 0x08); /* Erase: one byte a page in place of two */
    SAY(0x44, ACK);
    SAY(0x44, ACK);
    say(0x44, one_page_each, sizeof(one_page_each));
    SAY(0x44, ACK);
    SAY(0x43, 0x00, 0x01); /* Erase by its number on other wires */
    SAY(0x43, ACK);
    SAY(0x43, ACK);
    SAY(0x43, 0x00, 0x05);
    SAY(0x43, ACK);
    say(0x50, NULL, 0); /* Special as the note's text has it: the sub-command comes apart */
    SAY(0x50, ACK);
    SAY(0x50, 0x00, 0x01, 0x01);
    SAY(0x50, ACK);
    SAY(0x50, 0x00, 0x00);
    SAY(0x50, ACK);
    SAY(0x50, 0x00, 0x00, 0x00, 0x00);
    SAY(0x50, ACK);
    say(0x73, NULL, 0); /* refused at once, and no Get before it tells why */
    SAY(0x73, NACK);
    end();
}

/** The detection frame is lost the first time. */
static void detection_repeated(const char *path)
{
    begin(path);
    SAY(0x111, 0x5A);
    fdcan_host_wait(&host, 500 * SIM_MS);
    SAY(0x111, 0x5A);
    SAY(0x111, ACK);
    fdcan_host_get_id(&host);
    end();
}

static void midstream(const char *path)
{
    uint8_t data[256];

    begin(path);
    sim_firmware(data, sizeof(data));
    /* Frames of a Write Memory whose command was sent before the recorder started. */
    for (size_t at = 0; at < sizeof(data); at += 64) {
        struct sim_can_frame frame = {.id = 0x31, .fd = true, .rate_switch = true, .length = 64};
        for (size_t i = 0; i < 64; i++)
            frame.data[i] = data[at + i];
        fdcan_host_foreign(&host, &frame);
    }
    fdcan_host_foreign(
        &host, &(struct sim_can_frame){
                   .id = 0x31, .fd = true, .rate_switch = true, .length = 1, .data = {0x79}});
    fdcan_host_write(&host, FLASH + 256, data, sizeof(data));
    fdcan_host_read(&host, FLASH + 256, 64);
    end();
}

static void incomplete(const char *path)
{
    static const uint8_t head[] = {0x08, 0x00, 0x00, 0x00, 0xFF};
    uint8_t data[64];

    begin(path);
    sim_firmware(data, sizeof(data));
    fdcan_host_get_id(&host);
    fdcan_host_send(&host, 0x31, head, sizeof(head));
    fdcan_host_acknowledged(&host);
    fdcan_host_send(&host, 0x31, data, sizeof(data));
    end();
}

const struct scenario fdcan_scenarios[] = {
    {"fdcan-flash.pcap", flash_openbl},
    {"fdcan-flash-l5.pcap", flash_l5},
    {"fdcan-flash-111.pcap", flash_111},
    {"fdcan-flash-h7.pcap", flash_h7},
    {"fdcan-flash-sll.pcap", flash_sll},
    {"fdcan-flash-sll2.pcap", flash_sll2},
    {"fdcan-flash-candump.log", flash_candump},
    {"fdcan-flash-pcapng.pcapng", flash_pcapng},
    {"fdcan-flash-no-flags.pcap", flash_no_flags},
    {"fdcan-detection.pcap", detection},
    {"fdcan-detection-silent.pcap", detection_silent},
    {"fdcan-detection-unknown.pcap", detection_unknown},
    {"fdcan-read-protected.pcap", read_protected},
    {"fdcan-silent-protection.pcap", silent_protection},
    {"fdcan-erase-forms.pcap", erase_forms},
    {"fdcan-erase-one-list-ack.pcap", erase_one_list_ack},
    {"fdcan-protection.pcap", protection},
    {"fdcan-write-protect-apart.pcap", write_protect_apart},
    {"fdcan-special.pcap", special},
    {"fdcan-nacks.pcap", nacks},
    {"fdcan-wide-identifier.pcap", wide_identifier},
    {"fdcan-bad-reply.pcap", bad_reply},
    {"fdcan-no-reply.pcap", no_reply},
    {"fdcan-no-wait.pcap", no_wait},
    {"fdcan-other-nodes.pcap", other_nodes},
    {"fdcan-classic.pcap", classic},
    {"fdcan-classic-detection.pcap", classic_detection},
    {"fdcan-midstream.pcap", midstream},
    {"fdcan-incomplete.pcap", incomplete},
    {"fdcan-error-frames.pcap", error_frames},
    {"fdcan-odd-answers.pcap", odd_answers},
    {"fdcan-odd-commands.pcap", odd_commands},
    {"fdcan-detection-repeated.pcap", detection_repeated},
    {NULL, NULL},
};
