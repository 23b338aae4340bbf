/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Sessions of classic CAN (AN3154), both sides scripted: an STM32F405 as hosts such as can-prog see
 * it, and the forms in which ST's Open Bootloader answers.
 */
#include "capture.h"
#include "hex.h"
#include "scenario.h"

#define FLASH 0x08000000u

/* linux/can/error.h: class ACK, bus error */
#define NO_ACK    0x20u
#define BUS_ERROR 0x88u

static struct sim_capture *capture;
static struct sim_clock can_clock;
static uint32_t bit_rate;
static bool other_nodes;
static uint32_t foreign;

static void begin_as(const char *path, struct sim_capture_options options)
{
    capture = sim_capture_open(path, &options);
    can_clock.now = SIM_EPOCH;
    bit_rate = 125000;
    other_nodes = false;
    foreign = 0;
}

static void begin(const char *path)
{
    begin_as(path, (struct sim_capture_options){.linktype = SIM_CAN});
}

static void end(void)
{
    sim_capture_close(capture);
}

static void pause(unsigned ms)
{
    can_clock.now += ms * SIM_MS;
}

/** A classic frame has 47 bits and its payload, stuff bits aside. */
static void put(const struct sim_can_frame *frame)
{
    can_clock.now += (47 + 8 * (sim_ns)frame->length) * SIM_S / bit_rate;
    sim_write_can(capture, can_clock.now, frame);
}

/** A motor controller's status, as any bus has it. */
static void other_node_speaks(void)
{
    struct sim_can_frame frame = {.id = 0x3A5, .length = 8};

    sim_put_be32(frame.data, foreign);
    sim_put_be32(frame.data + 4, ~foreign);
    foreign++;
    put(&frame);
}

static void send(uint32_t id, const uint8_t *bytes, size_t length)
{
    struct sim_can_frame frame = {.id = id, .length = (uint8_t)length};

    if (length > 0)
        memcpy(frame.data, bytes, length);
    if (other_nodes)
        other_node_speaks();
    put(&frame);
    can_clock.now += 30 * SIM_US;
}

/** Frames as `ID BYTES...` in hexadecimal, up to a NULL. */
static void say(const char *const *frames)
{
    for (; *frames != NULL; frames++) {
        char *bytes;
        const uint32_t id = (uint32_t)strtoul(*frames, &bytes, 16);
        uint8_t data[8];

        send(id, data, hex_parse(bytes, data, sizeof(data)));
    }
}

#define SAY(...) say((const char *const[]){__VA_ARGS__, NULL})

static void error(uint32_t classes)
{
    const struct sim_can_frame frame = {.id = classes, .error = true, .length = 8};

    sim_write_can(capture, can_clock.now, &frame);
    can_clock.now += SIM_MS;
}

static void answer(uint32_t id)
{
    static const uint8_t ack = 0x79;

    send(id, &ack, 1);
}

static void synchronise(void)
{
    SAY("079", "079 79");
}

/** Get of version 2.0 with 12 commands, Get Version, Get ID of an STM32F405. */
static void identify(void)
{
    SAY("000", "000 79", "000 0c", "000 20", "000 00", "000 01", "000 02", "000 03", "000 11",
        "000 21", "000 31", "000 43", "000 63", "000 73", "000 82", "000 92", "000 79");
    SAY("001", "001 79", "001 20", "001 00 00", "001 79");
    SAY("002", "002 79", "002 04 13", "002 79");
}

static void send_place(uint32_t id, uint32_t address, size_t length)
{
    uint8_t bytes[5];

    sim_put_be32(bytes, address);
    bytes[4] = (uint8_t)(length - 1);
    send(id, bytes, sizeof(bytes));
    answer(id);
}

/** Each data frame is acknowledged, and the end. */
static void write_block(uint32_t address, const uint8_t *bytes, size_t length)
{
    send_place(0x31, address, length);
    for (size_t i = 0; i < length; i += 8) {
        send(0x04, bytes + i, length - i < 8 ? length - i : 8);
        answer(0x31);
    }
    pause(2);
    answer(0x31);
}

/** @param single what is left after the full frames comes a byte a frame (OpenBL) */
static void read_block(uint32_t address, const uint8_t *bytes, size_t length, bool single)
{
    send_place(0x11, address, length);
    for (size_t i = 0; i < length;) {
        const size_t left = length - i;
        const size_t size = left >= 8 ? 8 : single ? 1 : left;

        send(0x11, bytes + i, size);
        i += size;
    }
    answer(0x11);
}

/** Erase of sector 0, one full and one short block, read back, start. */
static void flash_all(bool single)
{
    uint8_t firmware[356];

    sim_firmware(firmware, sizeof(firmware));
    synchronise();
    identify();
    SAY("043 00", "043 79", "043 00", "043 79");
    pause(300);
    SAY("043 79");
    write_block(FLASH, firmware, 256);
    write_block(FLASH + 256, firmware + 256, 100);
    read_block(FLASH, firmware, 256, single);
    read_block(FLASH + 256, firmware + 256, 100, single);
    SAY("021 08 00 00 00", "021 79");
}

static void flash(const char *path)
{
    begin(path);
    flash_all(false);
    end();
}

static void flash_log(const char *path)
{
    begin_as(path, (struct sim_capture_options){.linktype = SIM_CANDUMP});
    flash_all(false);
    end();
}

static void flash_openbl(const char *path)
{
    begin(path);
    flash_all(true);
    end();
}

static void among_others(const char *path)
{
    begin(path);
    other_nodes = true;
    flash_all(false);
    end();
}

/** Every form of erase, the protections, Speed; OpenBL's answers where they differ. */
static void forms(const char *path)
{
    begin(path);
    synchronise();
    identify();
    SAY("003 03", "003 79");
    bit_rate = 500000;
    pause(303);
    SAY("003 79");
    SAY("043 08", "043 79", "043 79", "043 00 01 02 03 04 05 06 07", "043 79", "043 08", "043 79");
    SAY("043 ff", "043 79");
    pause(6000);
    SAY("043 79");
    SAY("043 ff", "043 79");
    pause(6000);
    SAY("043 79", "043 79");
    SAY("063 01", "063 79", "063 00 01", "063 79", "063 79");
    pause(1000);
    bit_rate = 125000;
    synchronise();
    SAY("073", "073 79", "073 79");
    pause(1000);
    synchronise();
    SAY("082", "082 79", "082 79");
    pause(1000);
    synchronise();
    SAY("092", "092 79");
    pause(6000);
    SAY("092 79");
    end();
}

/** Erase and Write Memory refused, as under read protection; Get tells that they are known. */
static void read_protected(const char *path)
{
    begin(path);
    synchronise();
    identify();
    SAY("043 ff", "043 1f", "031 08 00 00 00 ff", "031 1f");
    end();
}

/** Each command refused, at each point where it can be. */
static void nacks(const char *path)
{
    begin(path);
    SAY("079", "079 1f");
    SAY("000", "000 1f", "001", "001 1f", "002", "002 1f");
    SAY("003 05", "003 1f", "003 04", "003 79", "003 1f");
    SAY("011 08 00 00 00 ff", "011 1f", "021 08 00 00 00", "021 1f");
    SAY("031 08 00 00 00 07", "031 1f", "031 08 00 00 00 07", "031 79", "004 01 02 03", "031 1f");
    SAY("031 08 00 00 00 07", "031 79", "004 01 02 03 04 05 06 07 08", "031 79", "031 1f");
    SAY("043 ff", "043 1f", "043 ff", "043 79", "043 1f", "043 00", "043 79", "043 00", "043 1f");
    SAY("063 00", "063 1f", "063 00", "063 79", "063 00", "063 1f");
    SAY("073", "073 1f", "082", "082 1f", "092", "092 1f", "092", "092 79", "092 1f");
    SAY("044 ff ff", "044 1f", "004 01 02 03 04 05 06 07 08", "004 1f");
    end();
}

static void no_sync(const char *path)
{
    begin(path);
    for (int i = 0; i < 3; i++) {
        SAY("079");
        pause(1000);
    }
    end();
}

static void nobody(const char *path)
{
    begin(path);
    for (int i = 0; i < 3; i++) {
        SAY("079");
        error(NO_ACK);
        pause(1000);
    }
    end();
}

static void wrong_rate(const char *path)
{
    begin(path);
    for (int i = 0; i < 3; i++) {
        SAY("079");
        error(BUS_ERROR);
        pause(1000);
    }
    end();
}

/** Synchronised already, and the host takes the NACK for the end. */
static void sync_refused(const char *path)
{
    begin(path);
    SAY("079", "079 1f");
    end();
}

/** Synchronised already; the erase gets no answer. */
static void erase_unanswered(const char *path)
{
    begin(path);
    SAY("079", "079 1f");
    identify();
    for (int i = 0; i < 2; i++) {
        SAY("043 ff");
        pause(30000);
    }
    end();
}

/** The device takes the new rate, the host does not. */
static void speed_silent(const char *path)
{
    begin(path);
    synchronise();
    identify();
    SAY("003 04", "003 79");
    pause(1000);
    SAY("000");
    pause(1000);
    SAY("000");
    pause(1000);
    end();
}

static void speed_refused(const char *path)
{
    begin(path);
    synchronise();
    identify();
    SAY("003 08", "003 1f");
    end();
}

/** The second data frame gets no ACK, then nothing does. */
static void data_lost(const char *path)
{
    begin(path);
    synchronise();
    identify();
    SAY("031 08 00 00 00 ff", "031 79", "004 01 02 03 04 05 06 07 08", "031 79",
        "004 09 0a 0b 0c 0d 0e 0f 10");
    pause(1000);
    SAY("079");
    pause(1000);
    SAY("079");
    pause(1000);
    end();
}

/** The host does not wait for the ACK of each data frame; all of them come. */
static void no_wait(const char *path)
{
    begin(path);
    synchronise();
    identify();
    SAY("043 ff", "043 79");
    pause(6000);
    SAY("043 79");
    SAY("031 08 00 00 00 17", "031 79", "004 01 02 03 04 05 06 07 08",
        "004 09 0a 0b 0c 0d 0e 0f 10", "004 11 12 13 14 15 16 17 18", "031 79", "031 79", "031 79",
        "031 79");
    end();
}

/** Frames that hold too little, answers that are none, a read that stops. */
static void odd_frames(const char *path)
{
    begin(path);
    synchronise();
    identify();
    SAY("043", "043 1f", "021 08 00", "021 1f");
    SAY("002", "002 55");
    SAY("011 08 00 00 00 0f", "011 79", "011 01 02 03 04 05 06 07 08");
    pause(1000);
    SAY("031 08 00 00 00 0f", "031 79", "004 01 02 03 04", "031 79", "004 05 06 07 08", "031 79",
        "031 79");
    SAY("002");
    end();
}

/** Two data frames, read back, and the start. */
static void write_read_and_go(void)
{
    SAY("031 08 00 00 00 0f", "031 79", "004 00 50 00 20 c1 01 00 08", "031 79",
        "004 79 1f 0a 0d 22 2c 7f 41", "031 79", "031 79");
    SAY("011 08 00 00 00 0f", "011 79", "011 00 50 00 20 c1 01 00 08",
        "011 79 1f 0a 0d 22 2c 7f 41", "011 79");
    SAY("021 08 00 00 00", "021 79");
}

/** The recorder was started when the host had identified the device. */
static void joined(const char *path)
{
    begin(path);
    SAY("043 ff", "043 79");
    pause(6000);
    SAY("043 79");
    write_read_and_go();
    end();
}

/** The same amid an Erase: its list and two ACKs are left, and another Erase comes. */
static void joined_in_list(const char *path)
{
    begin(path);
    SAY("043 02", "043 79", "043 79");
    pause(900);
    SAY("043 00", "043 79", "043 03", "043 79");
    pause(900);
    SAY("043 79");
    write_read_and_go();
    end();
}

/** Commands without payload have one byte: their DLC is not important (AN2662). */
static void one_byte_each(const char *path)
{
    begin(path);
    SAY("079 00", "079 79", "002 00", "002 79", "002 04 13", "002 79");
    SAY("043 ff", "043 79");
    pause(6000);
    SAY("043 79");
    write_read_and_go();
    end();
}

const struct scenario can_scenarios[] = {
    {"can-flash.pcap", flash},
    {"can-flash-candump.log", flash_log},
    {"can-flash-openbl.pcap", flash_openbl},
    {"can-other-nodes.pcap", among_others},
    {"can-forms.pcap", forms},
    {"can-read-protected.pcap", read_protected},
    {"can-nacks.pcap", nacks},
    {"can-joined.pcap", joined},
    {"can-joined-in-list.pcap", joined_in_list},
    {"can-one-byte-each.pcap", one_byte_each},
    {"can-no-sync.pcap", no_sync},
    {"can-nobody.pcap", nobody},
    {"can-wrong-rate.pcap", wrong_rate},
    {"can-erase-unanswered.pcap", erase_unanswered},
    {"can-sync-refused.pcap", sync_refused},
    {"can-speed-silent.pcap", speed_silent},
    {"can-speed-refused.pcap", speed_refused},
    {"can-data-lost.pcap", data_lost},
    {"can-no-wait.pcap", no_wait},
    {"can-odd-frames.pcap", odd_frames},
    {0},
};
