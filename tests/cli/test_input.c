/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * pcapng files as dumpcap, mergecap and others write them, through boottap decode: many interfaces,
 * sections, blocks that are not understood, and damage. Block layouts are those of
 * draft-ietf-opsawg-pcapng sections 4.1 to 4.4.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "program.h"
#include "test.h"

enum {
    INTERFACE = 1,
    SIMPLE_PACKET = 3,
    NAME_RESOLUTION = 4,
    STATISTICS = 5,
    ENHANCED_PACKET = 6,
    DECRYPTION_SECRETS = 10,
    NOBODY_KNOWS = 0x7777,
    SECTION = 0x0A0D0D0A,
};

enum {
    ETHERNET = 1,
    CAN_SOCKETCAN = 227,
    RTAC_SERIAL = 250,
};

/** A file in the making. */
struct file {
    bool big_endian; /**< of the section in hand */
    size_t length;
    uint8_t bytes[4096];
};

static void put(struct file *file, uint64_t value, unsigned int size)
{
    for (unsigned int i = 0; i < size; i++) {
        const unsigned int shift = 8 * (file->big_endian ? size - 1 - i : i);

        file->bytes[file->length++] = (uint8_t)(value >> shift);
    }
}

static void put_bytes(struct file *file, const void *bytes, size_t length)
{
    memcpy(file->bytes + file->length, bytes, length);
    file->length += length;
    while (file->length % 4 != 0)
        file->bytes[file->length++] = 0;
}

/** Starts a block. @return where, for end_block() */
static size_t begin_block(struct file *file, uint32_t type)
{
    const size_t start = file->length;

    put(file, type, 4);
    put(file, 0, 4);
    return start;
}

static void end_block(struct file *file, size_t start)
{
    const size_t end = file->length;
    const uint32_t length = (uint32_t)(end + 4 - start);

    file->length = start + 4;
    put(file, length, 4);
    file->length = end;
    put(file, length, 4);
}

static void put_block(struct file *file, uint32_t type, const void *bytes, size_t length)
{
    const size_t start = begin_block(file, type);

    put_bytes(file, bytes, length);
    end_block(file, start);
}

static void put_section(struct file *file, bool big_endian)
{
    size_t start;

    file->big_endian = big_endian;
    start = begin_block(file, SECTION);
    put(file, 0x1A2B3C4D, 4);
    put(file, 1, 2);
    put(file, 0, 2);
    put(file, UINT64_MAX, 8);
    end_block(file, start);
}

/** @param name "" none. @param resolution if_tsresol; 6 is left out, as it is the default */
static void put_interface(struct file *file, unsigned int linktype, const char *name,
                          uint8_t resolution)
{
    const size_t start = begin_block(file, INTERFACE);

    put(file, linktype, 2);
    put(file, 0, 2);
    put(file, 0, 4);
    if (name[0] != '\0') {
        put(file, 2, 2);
        put(file, strlen(name), 2);
        put_bytes(file, name, strlen(name));
    }
    if (resolution != 6) {
        put(file, 9, 2);
        put(file, 1, 2);
        put_bytes(file, &resolution, 1);
    }
    put(file, 0, 4);
    end_block(file, start);
}

static void put_packet(struct file *file, uint32_t interface, uint64_t ticks, const void *bytes,
                       size_t length)
{
    const size_t start = begin_block(file, ENHANCED_PACKET);

    put(file, interface, 4);
    put(file, ticks >> 32, 4);
    put(file, ticks & UINT32_MAX, 4);
    put(file, length, 4);
    put(file, length, 4);
    put_bytes(file, bytes, length);
    end_block(file, start);
}

/* A record of RTAC serial: time (8 bytes), event (1 transmit, 2 receive), lines, 2 bytes of 0,
 * data. A device that answers 0x7F with 0x79, then Get Version (AN3155 section 3.2). */
#define TRANSMIT "\0\0\0\0\0\0\0\0\x01\0\0\0"
#define RECEIVE  "\0\0\0\0\0\0\0\0\x02\0\0\0"

static const char *const serial[] = {TRANSMIT "\x7f", RECEIVE "\x79", TRANSMIT "\x01\xfe",
                                     RECEIVE "\x79\x31\0\0\x79"};
static const size_t serial_lengths[] = {13, 13, 14, 17};

/* A SocketCAN FD frame: identifier (big-endian), length, flags (4 FDF), 2 bytes of 0, data.
 * Get Version of AN5405 section 3.2: identifier 1, answered ACK, version 1.1, ACK. */
static const char *const can[] = {"\0\0\0\x01\0\x04\0\0", "\0\0\0\x01\x01\x04\0\0\x79",
                                  "\0\0\0\x01\x01\x04\0\0\x11", "\0\0\0\x01\x01\x04\0\0\x79"};
static const size_t can_lengths[] = {8, 9, 9, 9};

static void put_serial(struct file *file, uint32_t interface, size_t i, uint64_t ticks)
{
    put_packet(file, interface, ticks, serial[i], serial_lengths[i]);
}

static void save(const struct file *file, const char *name)
{
    write_file(name, file->bytes, file->length);
}

static void assert_says(const char *command_line, int status, const char *out, const char *err)
{
    struct run run = run_program(command_line);

    assert_string_equal(run.err, err);
    assert_string_equal(run.out, out);
    assert_int_equal(run.status, status);
    run_release(&run);
}

/** Times, packets, link, command: what --json prints, without the rest. */
static void assert_transactions(const char *name, const char *expected, int status, const char *err)
{
    char command_line[64];
    char found[1024] = "";
    struct run run;

    snprintf(command_line, sizeof(command_line), "decode --json %s", name);
    run = run_program(command_line);
    for (const char *line = strtok(run.out, "\n"); line != NULL; line = strtok(NULL, "\n")) {
        static const char *const keys[] = {
            "\"link\":", "\"time\":", "\"duration\":", "\"last_packet\":", "\"command\":"};

        for (size_t i = 0; i < COUNT_OF(keys); i++) {
            const char *at = strstr(line, keys[i]) + strlen(keys[i]);

            strncat(found, at, strcspn(at, ","));
            strcat(found, i + 1 < COUNT_OF(keys) ? " " : "\n");
        }
    }
    assert_string_equal(found, expected);
    assert_string_equal(run.err, err);
    assert_int_equal(run.status, status);
    run_release(&run);
}

/* Ethernet between a serial line and a CAN bus: three wires, each with its own clock. From the
 * first time that is no whole microsecond on, times have nine digits. */
static void interfaces_of_different_link_types_side_by_side(void **state)
{
    struct file file = {0};

    (void)state;
    put_section(&file, false);
    put_interface(&file, RTAC_SERIAL, "ttyUSB0", 6);
    put_interface(&file, ETHERNET, "eth0", 6);
    put_interface(&file, CAN_SOCKETCAN, "can0", 9);
    for (size_t i = 0; i < 4; i++) {
        put_serial(&file, 0, i, 1000000 + i);
        put_packet(&file, 1, 0, "ethernet", 8);
        put_packet(&file, 2, 1000000000 + 500 * i, can[i], can_lengths[i]);
    }
    save(&file, "wires.pcapng");
    assert_transactions("wires.pcapng",
                        "\"serial:ttyUSB0\" 1.000000 0.000001 4 \"sync\"\n"
                        "\"serial:ttyUSB0\" 1.000002000 0.000001000 10 \"get-version\"\n"
                        "\"can:can0\" 1.000000000 0.000001500 12 \"get-version\"\n",
                        0, "");
}

/** Options and blocks that mean nothing to the decoders are passed over. */
static void blocks_that_are_not_understood(void **state)
{
    static const uint32_t types[] = {NAME_RESOLUTION, STATISTICS, DECRYPTION_SECRETS, NOBODY_KNOWS};
    struct file file = {0};

    (void)state;
    put_section(&file, false);
    put_interface(&file, RTAC_SERIAL, "", 6);
    for (size_t i = 0; i < 4; i++) {
        put_block(&file, types[i], "whatever", 8);
        put_serial(&file, 0, i, i);
    }
    save(&file, "blocks.pcapng");
    assert_transactions("blocks.pcapng",
                        "\"serial\" 0.000000 0.000001 2 \"sync\"\n"
                        "\"serial\" 0.000002 0.000001 4 \"get-version\"\n",
                        0, "");
}

/* The second has its own interfaces: number 0 is a serial line, then a CAN bus in the other byte
 * order, with ticks of 1/1024 s. */
static void sections_in_either_byte_order(void **state)
{
    struct file file = {0};

    (void)state;
    put_section(&file, false);
    put_interface(&file, RTAC_SERIAL, "tty", 6);
    put_serial(&file, 0, 0, 0);
    put_serial(&file, 0, 1, 1);
    put_section(&file, true);
    put_interface(&file, CAN_SOCKETCAN, "can1", 0x80 | 10);
    for (size_t i = 0; i < 4; i++)
        put_packet(&file, 0, 1024 + 512 * i, can[i], can_lengths[i]);
    save(&file, "sections.pcapng");
    assert_transactions("sections.pcapng",
                        "\"serial:tty\" 0.000000 0.000001 2 \"sync\"\n"
                        "\"can:can1\" 1.000000 1.500000 6 \"get-version\"\n",
                        0, "");
}

/* Section 4.4: a simple packet has no time; 0 would make a session of 56 years. */
static void a_simple_packet_has_the_time_of_the_one_before(void **state)
{
    struct file file = {0};
    size_t start;

    (void)state;
    put_section(&file, false);
    put_interface(&file, RTAC_SERIAL, "", 6);
    put_serial(&file, 0, 0, 5000000);
    start = begin_block(&file, SIMPLE_PACKET);
    put(&file, serial_lengths[1], 4);
    put_bytes(&file, serial[1], serial_lengths[1]);
    end_block(&file, start);
    save(&file, "simple.pcapng");
    assert_transactions("simple.pcapng", "\"serial\" 5.000000 0.000000 2 \"sync\"\n", 0, "");
}

/** A file of four packets, the first two of which are a Sync. */
static void make_session(struct file *file)
{
    *file = (struct file){0};
    put_section(file, false);
    put_interface(file, RTAC_SERIAL, "", 6);
    for (size_t i = 0; i < 4; i++)
        put_serial(file, 0, i, i);
}

static void a_file_cut_short_costs_only_its_last_packet(void **state)
{
    struct file file;

    (void)state;
    make_session(&file);
    file.length -= 1;
    save(&file, "cut.pcapng");
    assert_transactions("cut.pcapng",
                        "\"serial\" 0.000000 0.000001 2 \"sync\"\n"
                        "\"serial\" 0.000002 0.000000 3 \"get-version\"\n",
                        2,
                        "boottap: cut.pcapng: packet 4: the file was cut short; everything before "
                        "it was read\n");
    file.length = 20;
    save(&file, "cut.pcapng");
    assert_transactions("cut.pcapng", "", 2,
                        "boottap: cut.pcapng: packet 1: the file was cut short; everything before "
                        "it was read\n");
}

static void damage_costs_what_follows_it(void **state)
{
    struct file file;

    (void)state;
    make_session(&file);
    /* The last packet block, 28 + 20 + 4 bytes: of an interface 9 that nothing describes. */
    file.bytes[file.length - 52 + 8] = 9;
    save(&file, "damaged.pcapng");
    assert_transactions("damaged.pcapng",
                        "\"serial\" 0.000000 0.000001 2 \"sync\"\n"
                        "\"serial\" 0.000002 0.000000 3 \"get-version\"\n",
                        2,
                        "boottap: damaged.pcapng: packet 4: a packet of an interface that is not "
                        "described; everything before it was read\n");
}

static void no_packet_of_a_link_type_that_is_read(void **state)
{
    struct file file = {0};

    (void)state;
    put_section(&file, false);
    put_interface(&file, ETHERNET, "eth0", 6);
    put_interface(&file, RTAC_SERIAL, "", 6);
    put_packet(&file, 0, 0, "ethernet", 8);
    save(&file, "ethernet.pcapng");
    assert_says("decode ethernet.pcapng", 2, "",
                "boottap: ethernet.pcapng: link type EN10MB (Ethernet) is not one that boottap "
                "reads; it reads LINUX_SLL, USB_LINUX, USB_LINUX_MMAPPED, CAN_SOCKETCAN, USBPCAP, "
                "RTAC_SERIAL, USB_DARWIN, LINUX_SLL2, USB_2_0, "
                "USB_2_0_LOW_SPEED, USB_2_0_FULL_SPEED, USB_2_0_HIGH_SPEED; this is a capture of a "
                "network: capture on the port, "
                "USB bus or CAN interface that the device is at, which 'boottap list' names\n");
    put_packet(&file, 1, 0, "odd", 3);
    save(&file, "ethernet.pcapng");
    assert_says("decode ethernet.pcapng", 0, "",
                "boottap: ethernet.pcapng: no bootloader traffic found in its 2 packets (0 of "
                "other devices or protocols, 1 malformed, 1 of link types that are not read)\n");
}

/* The pipe stays open: what came must be told although more may follow. */
static void a_pipe_is_decoded_as_it_comes(void **state)
{
    struct file file;
    struct run_setup setup = {.input = file.bytes, .interrupt_after = "Get Version 3.1 "};
    struct run run;

    (void)state;
    make_session(&file);
    setup.input_length = file.length;
    run = run_program_with("decode -q --line-buffered -", &setup);
    assert_non_null(strstr(run.out, "Sync "));
    assert_non_null(strstr(run.out, "Get Version 3.1 "));
    assert_int_equal(run.status, 128 + 2);
    run_release(&run);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(interfaces_of_different_link_types_side_by_side),
        cmocka_unit_test(blocks_that_are_not_understood),
        cmocka_unit_test(sections_in_either_byte_order),
        cmocka_unit_test(a_simple_packet_has_the_time_of_the_one_before),
        cmocka_unit_test(a_file_cut_short_costs_only_its_last_packet),
        cmocka_unit_test(damage_costs_what_follows_it),
        cmocka_unit_test(no_packet_of_a_link_type_that_is_read),
        cmocka_unit_test(a_pipe_is_decoded_as_it_comes),
    };

    return cmocka_run_group_tests(tests, enter_directory, leave_directory);
}
