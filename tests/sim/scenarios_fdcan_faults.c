/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * FDCAN hosts that cannot work, and what devices and recorders make of them. Both sides are played
 * by hand; devices count as ST's Open Bootloader does.
 */
#include "host_fdcan.h"
#include "products.h"
#include "scenario.h"

enum {
    GET = 0x00,
    GET_ID = 0x02,
    READ = 0x11,
    GO = 0x21,
    WRITE = 0x31,
    ERASE = 0x44,
    SPECIAL = 0x50,
    WRITE_PROTECT = 0x63,
    READOUT_PROTECT = 0x82,
};

enum { ACK = 0x79, NACK = 0x1F };

static struct sim_capture *capture;
static struct can_device device;
static struct fdcan_host host;

static void begin(const char *path)
{
    const struct can_device_config config = {.product = can_product_by_name("g474")};

    capture = sim_capture_open(path, &(struct sim_capture_options){.linktype = SIM_CAN});
    fdcan_host_init(&host, capture, &device, &config);
}

static void end(void)
{
    sim_capture_close(capture);
}

static void say(uint32_t id, const uint8_t *bytes, size_t length)
{
    fdcan_host_say(&host, id, bytes, length);
}

#define SAY(id, ...) say(id, (const uint8_t[]){__VA_ARGS__}, sizeof((const uint8_t[]){__VA_ARGS__}))

static void pause(uint32_t milliseconds)
{
    fdcan_host_wait(&host, milliseconds * SIM_MS);
}

/** linux/can/error.h: nobody acknowledged what this machine sent. */
static void no_acknowledge(void)
{
    fdcan_host_foreign(&host, &(struct sim_can_frame){.id = 0x20, .error = true, .length = 8});
}

/** Nobody acknowledges the host's frames from the first on. */
static void unheard(const char *path)
{
    begin(path);
    for (int i = 0; i < 2; i++) {
        say(GET, NULL, 0);
        no_acknowledge();
        pause(1000);
    }
    end();
}

/** Go starts the application, which does not use this bus; the host asks on. */
static void left_bootloader(const char *path)
{
    begin(path);
    fdcan_host_get_id(&host);
    fdcan_host_go(&host, 0x08000000);
    pause(3000);
    for (int i = 0; i < 2; i++) {
        say(GET, NULL, 0);
        no_acknowledge();
        pause(1000);
    }
    end();
}

/** A unit of 32 bytes at 0x08000000 and more, and what is read of it then. */
static void write_and_read_back(uint8_t high, const uint8_t written[32], const uint8_t read[32])
{
    SAY(WRITE, 0x08, high, 0x00, 0x00, 0x1f);
    SAY(WRITE, ACK);
    say(WRITE, written, 32);
    SAY(WRITE, ACK);
    SAY(READ, 0x08, high, 0x00, 0x00, 0x1f);
    SAY(READ, ACK);
    say(READ, read, 32);
    SAY(READ, ACK);
}

/** A host that counts one page less than it means: 0 pages, and none is erased. */
static void erase_none(const char *path)
{
    static const uint8_t list[64] = {0x00};
    static const uint8_t written[32] = {0x12, 0x34, 0x56, 0x78};
    static const uint8_t read[32] = {0x02, 0x24, 0x50, 0x08};

    begin(path);
    say(GET_ID, NULL, 0);
    SAY(GET_ID, ACK);
    SAY(GET_ID, 0x04, 0x69);
    SAY(GET_ID, ACK);
    SAY(ERASE, 0x00, 0x00);
    SAY(ERASE, ACK);
    SAY(ERASE, ACK);
    say(ERASE, list, sizeof(list));
    SAY(ERASE, ACK);
    write_and_read_back(0x00, written, read);
    end();
}

/** A host that sends 29-bit identifiers. */
static void extended(const char *path)
{
    static const struct sim_can_frame frames[] = {
        {.id = GET, .extended = true, .fd = true, .rate_switch = true},
        {.id = GET_ID, .extended = true, .fd = true, .rate_switch = true},
        {.id = 0x111,
         .extended = true,
         .fd = true,
         .rate_switch = true,
         .length = 1,
         .data = {0x5A}},
    };

    begin(path);
    for (size_t i = 0; i < SIM_COUNT(frames); i++) {
        fdcan_host_foreign(&host, &frames[i]);
        pause(1000);
    }
    end();
}

/** 40 pages in two list frames, of which one is read; then 32 bytes in four frames of 8, of which
 * one is read. */
static void small_frames(const char *path)
{
    uint8_t list[64];
    uint8_t data[8];

    begin(path);
    fdcan_host_get_id(&host);
    SAY(ERASE, 0x00, 0x28);
    SAY(ERASE, ACK);
    SAY(ERASE, ACK);
    for (uint8_t i = 0; i < 32; i++) {
        list[2 * i] = 0;
        list[2 * i + 1] = i;
    }
    say(ERASE, list, sizeof(list));
    pause(600);
    SAY(ERASE, ACK);
    SAY(ERASE, 0, 32, 0, 33, 0, 34, 0, 35, 0, 36, 0, 37, 0, 38, 0, 39);
    SAY(ERASE, NACK);
    sim_firmware(data, sizeof(data));
    SAY(WRITE, 0x08, 0x00, 0x00, 0x00, 0x1F);
    SAY(WRITE, ACK);
    say(WRITE, data, sizeof(data));
    pause(1);
    SAY(WRITE, ACK);
    for (int i = 0; i < 3; i++) {
        say(WRITE, data, sizeof(data));
        SAY(WRITE, NACK);
    }
    end();
}

/** Opcodes as data on 0x111: a device before protocol 2.2 takes each for Read Memory. */
static void opcode_in_data(const char *path)
{
    begin(path);
    SAY(0x111, GET);
    SAY(0x111, NACK);
    pause(1500);
    SAY(0x111, GET_ID);
    SAY(0x111, NACK);
    pause(1500);
    SAY(0x111, ERASE, 0xFF, 0xFF);
    SAY(0x111, NACK);
    end();
}

/** The detection frame in forms that a device after protocol 2.2, and one before, do not take. */
static void detection_forms(const char *path)
{
    begin(path);
    SAY(0x111, 0x5A, 0, 0, 0, 0, 0, 0, 0);
    SAY(0x111, NACK);
    pause(1000);
    SAY(0x011, 0x5A);
    pause(1000);
    SAY(0x011, 0x5A);
    pause(1000);
    SAY(0x011, 0x5A);
    end();
}

static void detection_refused_last(const char *path)
{
    begin(path);
    SAY(0x111, 0x5A);
    SAY(0x111, NACK);
    end();
}

/** Commands whose parameters come too late or not at all. */
static void short_commands(const char *path)
{
    begin(path);
    fdcan_host_get_id(&host);
    say(ERASE, NULL, 0);
    SAY(ERASE, ACK);
    SAY(ERASE, NACK);
    say(GO, NULL, 0);
    SAY(GO, NACK);
    say(SPECIAL, NULL, 0);
    SAY(SPECIAL, ACK);
    SAY(SPECIAL, NACK);
    SAY(SPECIAL, 0x00, 0x01, 0x01);
    SAY(SPECIAL, ACK);
    SAY(SPECIAL, NACK);
    say(WRITE_PROTECT, NULL, 0);
    SAY(WRITE_PROTECT, NACK);
    end();
}

/** A session in which one thing after the other breaks off. */
static void broken_off(const char *path)
{
    uint8_t data[64];

    begin(path);
    sim_firmware(data, sizeof(data));
    fdcan_host_get_id(&host);
    SAY(READ, 0x08, 0x00, 0x00, 0x00, 0xFF); /* 256 bytes are asked for, 64 come */
    SAY(READ, ACK);
    say(READ, data, sizeof(data));
    SAY(READ, NACK);
    SAY(WRITE, 0x08, 0x00, 0x00, 0x00, 0x3F); /* all sent, no answer */
    SAY(WRITE, ACK);
    say(WRITE, data, sizeof(data));
    pause(2000);
    SAY(WRITE, 0x08, 0x00, 0x01, 0x00, 0xFF); /* 64 of 256 sent */
    SAY(WRITE, ACK);
    say(WRITE, data, sizeof(data));
    pause(2000);
    say(GET_ID, NULL, 0); /* taken for data, twice */
    pause(2000);
    say(GET_ID, NULL, 0);
    pause(2000);
    say(GET_ID, NULL, 0); /* data complete; then the supply is gone */
    no_acknowledge();
    pause(2000);
    SAY(GO, 0x08, 0x00, 0x00, 0x00);
    no_acknowledge();
    pause(6000);
    no_acknowledge();
    end();
}

/** The device waits for more than comes, until it is reset by hand. */
static void reset_and_detect(void)
{
    pause(2000);
    SAY(0x111, 0x5A);
    SAY(0x111, ACK);
}

/** Addresses, lists and counts that a host has got wrong. */
static void wrong_counts(const char *path)
{
    uint8_t data[64];

    begin(path);
    sim_firmware(data, sizeof(data));
    fdcan_host_get_id(&host);
    SAY(READ, 0x00, 0x00, 0x00, 0x08, 0x0F); /* 0x08000000, LSB first */
    SAY(READ, NACK);
    SAY(ERASE, 0x00, 0x02, 0x00, 0x00, 0x00, 0x01); /* pages 0 and 1 in the command's frame */
    SAY(ERASE, ACK);
    SAY(ERASE, ACK);
    reset_and_detect();
    SAY(ERASE, 0x00, 0x02); /* no list at all */
    SAY(ERASE, ACK);
    SAY(ERASE, ACK);
    reset_and_detect();
    SAY(WRITE, 0x08, 0x00, 0x00, 0x00, 0x40); /* 64 in place of 63 */
    SAY(WRITE, ACK);
    say(WRITE, data, sizeof(data));
    reset_and_detect();
    end();
}

/** Sectors 0 to 2 of an STM32H723 in one byte each: 00 01 02 00 are pages 1 and 512. What sector 2
 * held is programmed over, a whole unit of 32 bytes. */
static void erase_list_readback(const char *path)
{
    static const uint8_t list[64] = {0x00, 0x01, 0x02};
    static const uint8_t written[32] = {0x12, 0x34, 0x56, 0x78};
    static const uint8_t read[32] = {0x02, 0x24, 0x50, 0x08};

    begin(path);
    say(GET_ID, NULL, 0);
    SAY(GET_ID, ACK);
    SAY(GET_ID, 0x04, 0x83);
    SAY(GET_ID, ACK);
    SAY(ERASE, 0x00, 0x03);
    SAY(ERASE, ACK);
    SAY(ERASE, ACK);
    say(ERASE, list, sizeof(list));
    pause(1500);
    SAY(ERASE, ACK);
    write_and_read_back(0x04, written, read);
    end();
}

/** A command is refused at once by a device whose list of commands nobody asked for. */
static void refused_at_once(const char *path)
{
    begin(path);
    say(GET_ID, NULL, 0);
    SAY(GET_ID, ACK);
    SAY(GET_ID, 0x04, 0x69);
    SAY(GET_ID, ACK);
    say(READOUT_PROTECT, NULL, 0);
    SAY(READOUT_PROTECT, NACK);
    end();
}

/** The recorder missed the second of two data frames. */
static void frames_lost(const char *path)
{
    uint8_t data[64];

    begin(path);
    sim_firmware(data, sizeof(data));
    fdcan_host_get_id(&host);
    fdcan_host_special_erase(&host, 0xFFFF);
    SAY(WRITE, 0x08, 0x00, 0x00, 0x00, 0x7F);
    SAY(WRITE, ACK);
    say(WRITE, data, sizeof(data));
    pause(1);
    SAY(WRITE, ACK);
    end();
}

/** The recorder writes what its own machine sends down twice; the data are four equal frames. */
static void recorded_twice(const char *path)
{
    static const uint8_t blank[64] = {0};
    static const uint8_t mass[] = {0xFF, 0xFF};
    static const uint8_t write[] = {0x08, 0x00, 0x00, 0x00, 0xFF};

    begin(path);
    say(GET_ID, NULL, 0);
    say(GET_ID, NULL, 0);
    SAY(GET_ID, ACK);
    SAY(GET_ID, 0x04, 0x69);
    SAY(GET_ID, ACK);
    say(ERASE, mass, sizeof(mass));
    say(ERASE, mass, sizeof(mass));
    SAY(ERASE, ACK);
    pause(300);
    SAY(ERASE, ACK);
    say(WRITE, write, sizeof(write));
    say(WRITE, write, sizeof(write));
    SAY(WRITE, ACK);
    for (int i = 0; i < 8; i++)
        say(WRITE, blank, sizeof(blank));
    pause(2);
    SAY(WRITE, ACK);
    end();
}

const struct scenario fdcan_fault_scenarios[] = {
    {"fdcan-unheard.pcap", unheard},
    {"fdcan-left-bootloader.pcap", left_bootloader},
    {"fdcan-extended.pcap", extended},
    {"fdcan-small-frames.pcap", small_frames},
    {"fdcan-opcode-in-data.pcap", opcode_in_data},
    {"fdcan-detection-forms.pcap", detection_forms},
    {"fdcan-detection-refused.pcap", detection_refused_last},
    {"fdcan-short-commands.pcap", short_commands},
    {"fdcan-broken-off.pcap", broken_off},
    {"fdcan-wrong-counts.pcap", wrong_counts},
    {"fdcan-erase-list-readback.pcap", erase_list_readback},
    {"fdcan-refused-at-once.pcap", refused_at_once},
    {"fdcan-frames-lost.pcap", frames_lost},
    {"fdcan-recorded-twice.pcap", recorded_twice},
    {"fdcan-erase-none.pcap", erase_none},
    {NULL, NULL},
};
