/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * pcapng blocks, their bytes written down by hand from draft-ietf-opsawg-pcapng.
 */
#include "formats/capture_file/pcapng.h"

#include <stdlib.h>
#include <string.h>

#include "test.h"

#define SHB_LITTLE                                                                                 \
    "\x0a\x0d\x0d\x0a\x1c\x00\x00\x00\x4d\x3c\x2b\x1a\x01\x00\x00\x00"                             \
    "\xff\xff\xff\xff\xff\xff\xff\xff\x1c\x00\x00\x00"
#define SHB_BIG                                                                                    \
    "\x0a\x0d\x0d\x0a\x00\x00\x00\x1c\x1a\x2b\x3c\x4d\x00\x01\x00\x00"                             \
    "\xff\xff\xff\xff\xff\xff\xff\xff\x00\x00\x00\x1c"
/* Link type 250, snap length 4, no options */
#define IDB_LITTLE                                                                                 \
    "\x01\x00\x00\x00\x14\x00\x00\x00\xfa\x00\x00\x00\x04\x00\x00\x00\x14\x00\x00\x00"
#define IDB_BIG "\x00\x00\x00\x01\x00\x00\x00\x14\x00\xfa\x00\x00\x00\x00\x00\x04\x00\x00\x00\x14"

/* A block as a literal, and its length without the terminating zero */
#define BLOCK(literal) (const uint8_t *)(literal), sizeof(literal) - 1

/** Takes a block that must be in order. */
static struct pcapng_block take(struct pcapng_section *section, const uint8_t *bytes, size_t length)
{
    const char *problem = NULL;
    struct pcapng_block block;

    assert_int_equal(pcapng_block_length(section, bytes, &problem), length);
    assert_true(pcapng_take(section, bytes, (uint32_t)length, &block, &problem));
    return block;
}

/** A section with one interface, as above. */
static void start_section(struct pcapng_section *section, bool big_endian)
{
    *section = (struct pcapng_section){0};
    if (big_endian) {
        take(section, BLOCK(SHB_BIG));
        take(section, BLOCK(IDB_BIG));
    } else {
        take(section, BLOCK(SHB_LITTLE));
        take(section, BLOCK(IDB_LITTLE));
    }
}

/* Statistics of interface 0, counted at 0x0006000000000007 us, with isb_endtime 1 us later */
#define ISB_LITTLE                                                                                 \
    "\x05\x00\x00\x00\x28\x00\x00\x00\x00\x00\x00\x00\x00\x00\x06\x00\x07\x00\x00\x00"             \
    "\x03\x00\x08\x00\x00\x00\x06\x00\x08\x00\x00\x00\x00\x00\x00\x00\x28\x00\x00\x00"
#define ISB_BIG                                                                                    \
    "\x00\x00\x00\x05\x00\x00\x00\x28\x00\x00\x00\x00\x00\x06\x00\x00\x00\x00\x00\x07"             \
    "\x00\x03\x00\x08\x00\x06\x00\x00\x00\x00\x00\x08\x00\x00\x00\x00\x00\x00\x00\x28"
/* The same without an option, and of an interface that is not there */
#define ISB_BARE                                                                                   \
    "\x05\x00\x00\x00\x18\x00\x00\x00\x00\x00\x00\x00\x00\x00\x06\x00\x07\x00\x00\x00\x18\x00\x00" \
    "\x00"
#define ISB_FOREIGN                                                                                \
    "\x05\x00\x00\x00\x18\x00\x00\x00\x01\x00\x00\x00\x00\x00\x06\x00\x07\x00\x00\x00\x18\x00\x00" \
    "\x00"

static void statistics_tell_how_long_was_recorded(void **state)
{
    struct pcapng_section section;

    (void)state;
    start_section(&section, false);
    assert_int_equal(take(&section, BLOCK(ISB_LITTLE)).until, 1688849860263944000);
    assert_int_equal(take(&section, BLOCK(ISB_BARE)).until, 1688849860263943000);
    assert_int_equal(take(&section, BLOCK(ISB_FOREIGN)).until, 0);
    pcapng_section_release(&section);
    start_section(&section, true);
    assert_int_equal(take(&section, BLOCK(ISB_BIG)).until, 1688849860263944000);
    pcapng_section_release(&section);
}

/** Writes a block with comments and compares. */
static void assert_written(const struct pcapng_block *block, const char *const *comments,
                           size_t comments_length, const uint8_t *expected, size_t length)
{
    char *bytes = NULL;
    size_t written = 0;
    FILE *to = open_memstream(&bytes, &written);

    assert_non_null(to);
    pcapng_write(to, block, comments, comments_length);
    fclose(to);
    assert_int_equal(written, length);
    assert_memory_equal(bytes, expected, length);
    assert_int_equal(pcapng_growth(block, comments, comments_length), length - block->length);
    free(bytes);
}

/* Interface 0, time 0x0006000000000007 us = 1688849860.263943 s, 3 of 5 bytes, padded */
#define EPB_LITTLE                                                                                 \
    "\x06\x00\x00\x00\x24\x00\x00\x00\x00\x00\x00\x00\x00\x00\x06\x00\x07\x00\x00\x00"             \
    "\x03\x00\x00\x00\x05\x00\x00\x00"                                                             \
    "abc\x00\x24\x00\x00\x00"
#define EPB_BIG                                                                                    \
    "\x00\x00\x00\x06\x00\x00\x00\x24\x00\x00\x00\x00\x00\x06\x00\x00\x00\x00\x00\x07"             \
    "\x00\x00\x00\x03\x00\x00\x00\x05"                                                             \
    "abc\x00\x00\x00\x00\x24"

static void assert_packet(const struct pcapng_block *block, bool big_endian)
{
    assert_true(block->packet);
    assert_int_equal(block->record.linktype, 250);
    assert_int_equal(block->record.interface_id, 0);
    assert_null(block->record.interface);
    assert_int_equal(block->record.big_endian, big_endian);
    assert_int_equal(block->record.time, 1688849860263943000);
    assert_int_equal(block->record.captured, 3);
    assert_int_equal(block->record.length, 5);
    assert_memory_equal(block->record.bytes, "abc", 3);
    assert_int_equal(block->record.direction, BTAP_DIRECTION_UNKNOWN);
}

static void a_packet_in_either_byte_order(void **state)
{
    struct pcapng_section section;
    struct pcapng_block block;

    (void)state;
    start_section(&section, false);
    block = take(&section, BLOCK(EPB_LITTLE));
    assert_packet(&block, false);
    pcapng_section_release(&section);
    start_section(&section, true);
    block = take(&section, BLOCK(EPB_BIG));
    assert_packet(&block, true);
    pcapng_section_release(&section);
}

static void a_block_without_comments_stays_as_it_is(void **state)
{
    struct pcapng_section section;
    struct pcapng_block block;

    (void)state;
    start_section(&section, false);
    block = take(&section, BLOCK(EPB_LITTLE));
    assert_written(&block, NULL, 0, BLOCK(EPB_LITTLE));
    pcapng_section_release(&section);
}

/* The comment takes 4 + 8 bytes, opt_endofopt 4: 0x24 + 0x10 = 0x34 */
static void comments_are_added_where_no_options_are(void **state)
{
    static const char *const comments[] = {"hello"};
    struct pcapng_section section;
    struct pcapng_block block;

    (void)state;
    start_section(&section, false);
    block = take(&section, BLOCK(EPB_LITTLE));
    assert_written(&block, comments, 1,
                   BLOCK("\x06\x00\x00\x00\x34\x00\x00\x00\x00\x00\x00\x00\x00\x00\x06\x00"
                         "\x07\x00\x00\x00\x03\x00\x00\x00\x05\x00\x00\x00"
                         "abc\x00"
                         "\x01\x00\x05\x00hello\x00\x00\x00"
                         "\x00\x00\x00\x00"
                         "\x34\x00\x00\x00"));
    pcapng_section_release(&section);
    start_section(&section, true);
    block = take(&section, BLOCK(EPB_BIG));
    assert_written(&block, comments, 1,
                   BLOCK("\x00\x00\x00\x06\x00\x00\x00\x34\x00\x00\x00\x00\x00\x06\x00\x00"
                         "\x00\x00\x00\x07\x00\x00\x00\x03\x00\x00\x00\x05"
                         "abc\x00"
                         "\x00\x01\x00\x05hello\x00\x00\x00"
                         "\x00\x00\x00\x00"
                         "\x00\x00\x00\x34"));
    pcapng_section_release(&section);
}

/* A comment, epb_flags (2, outbound), opt_endofopt, and four bytes that nobody asked for */
#define EPB_WITH_OPTIONS(total, comment)                                                           \
    "\x06\x00\x00\x00" total "\x00\x00\x00\x00\x00\x00\x06\x00\x07\x00\x00\x00"                    \
    "\x00\x00\x00\x00\x00\x00\x00\x00"                                                             \
    "\x01\x00\x04\x00mine"                                                                         \
    "\x02\x00\x04\x00\x02\x00\x00\x00" comment "\x00\x00\x00\x00junk" total

static void options_and_what_follows_them_survive(void **state)
{
    static const char *const comments[] = {"mine", "new!"};
    struct pcapng_section section;
    struct pcapng_block block;

    (void)state;
    start_section(&section, false);
    /* 32 + 8 + 8 + 4 + 4 = 56 = 0x38 bytes; a comment of 4 bytes takes 8 more */
    block = take(&section, BLOCK(EPB_WITH_OPTIONS("\x38\x00\x00\x00", "")));
    assert_int_equal(block.record.direction, BTAP_HOST_TO_DEVICE);
    assert_true(pcapng_has_comment(&block, "mine"));
    assert_false(pcapng_has_comment(&block, "min"));
    assert_false(pcapng_has_comment(&block, "mine!"));
    assert_written(&block, comments, 2,
                   BLOCK(EPB_WITH_OPTIONS("\x40\x00\x00\x00", "\x01\x00\x04\x00new!")));
    block = take(&section, BLOCK(EPB_WITH_OPTIONS("\x40\x00\x00\x00", "\x01\x00\x04\x00new!")));
    assert_int_equal(pcapng_growth(&block, comments, 2), 0);
    assert_true(pcapng_takes_comments(&block, comments, 2));
    pcapng_section_release(&section);
}

/* The comment that tells a serial port's settings is handed on, the first of that form: 28 bytes,
 * a comment of 4 (8), two of 25 (2 * 32), and 4 at the end: 0x68 */
#define EPB_SETTINGS                                                                               \
    "\x06\x00\x00\x00\x68\x00\x00\x00\x00\x00\x00\x00\x00\x00\x06\x00\x07\x00\x00\x00"             \
    "\x00\x00\x00\x00\x00\x00\x00\x00"                                                             \
    "\x01\x00\x04\x00mine"                                                                         \
    "\x01\x00\x19\x00"                                                                             \
    "boottap serial: 57600 8N1\x00\x00\x00"                                                        \
    "\x01\x00\x19\x00"                                                                             \
    "boottap serial: 38400 8N1\x00\x00\x00"                                                        \
    "\x68\x00\x00\x00"
/* An interface of SocketCAN in the place of the serial one */
#define IDB_CAN "\x01\x00\x00\x00\x14\x00\x00\x00\xe3\x00\x00\x00\x04\x00\x00\x00\x14\x00\x00\x00"

static void a_comment_tells_settings_of_a_serial_port(void **state)
{
    struct pcapng_section section = {0};
    struct pcapng_block block;

    (void)state;
    start_section(&section, false);
    block = take(&section, BLOCK(EPB_SETTINGS));
    assert_int_equal(block.record.comment_length, 25);
    assert_memory_equal(block.record.comment, "boottap serial: 57600 8N1", 25);
    block = take(&section, BLOCK(EPB_WITH_OPTIONS("\x38\x00\x00\x00", "")));
    assert_null(block.record.comment);
    take(&section, BLOCK(SHB_LITTLE));
    take(&section, BLOCK(IDB_CAN));
    assert_null(take(&section, BLOCK(EPB_SETTINGS)).record.comment);
    pcapng_section_release(&section);
}

/* if_description of 13 bytes (the mark and nothing more), then of 12: 16 + 20 + 4 = 0x28 */
#define IDB_DESCRIBED(length, words)                                                               \
    "\x01\x00\x00\x00\x28\x00\x00\x00\xfa\x00\x00\x00\x00\x00\x00\x00"                             \
    "\x03\x00" length "\x00" words "\x28\x00\x00\x00"

static void a_description_marks_what_a_tool_read(void **state)
{
    struct pcapng_section section = {0};

    (void)state;
    take(&section, BLOCK(SHB_LITTLE));
    take(&section, BLOCK(IDB_DESCRIBED("\x0d", "boottap run: \x00\x00\x00")));
    assert_true(take(&section, BLOCK(EPB_LITTLE)).record.at_tool);
    take(&section, BLOCK(SHB_LITTLE));
    take(&section, BLOCK(IDB_DESCRIBED("\x0c", "boottap run: \x00\x00\x00")));
    assert_false(take(&section, BLOCK(EPB_LITTLE)).record.at_tool);
    take(&section, BLOCK(SHB_LITTLE));
    take(&section, BLOCK(IDB_DESCRIBED("\x10", "a boottap run:  ")));
    assert_false(take(&section, BLOCK(EPB_LITTLE)).record.at_tool);
    pcapng_section_release(&section);
}

static void a_section_header_takes_comments(void **state)
{
    static const char *const comments[] = {"abcd"};
    struct pcapng_section section = {0};
    struct pcapng_block block;

    (void)state;
    block = take(&section, BLOCK(SHB_LITTLE));
    assert_written(&block, comments, 1,
                   BLOCK("\x0a\x0d\x0d\x0a\x28\x00\x00\x00\x4d\x3c\x2b\x1a\x01\x00\x00\x00"
                         "\xff\xff\xff\xff\xff\xff\xff\xff"
                         "\x01\x00\x04\x00"
                         "abcd\x00\x00\x00\x00\x28\x00\x00\x00"));
    pcapng_section_release(&section);
}

/* An option that reaches beyond its block: the packet is there, a comment has no place */
static void damaged_options_stay_untouched(void **state)
{
    static const char *const comments[] = {"new!"};
    struct pcapng_section section;
    struct pcapng_block block;

    (void)state;
    start_section(&section, false);
    block = take(&section, BLOCK("\x06\x00\x00\x00\x28\x00\x00\x00\x00\x00\x00\x00\x00\x00\x06\x00"
                                 "\x07\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"
                                 "\x01\x00\x05\x00mine\x28\x00\x00\x00"));
    assert_true(block.packet);
    assert_int_equal(block.options, 0);
    assert_int_equal(pcapng_growth(&block, comments, 1), 0);
    assert_false(pcapng_takes_comments(&block, comments, 1));
    assert_false(pcapng_has_comment(&block, "mine"));
    pcapng_section_release(&section);
}

/* Section 4.4: no time, no options; here 5 bytes on the wire, 4 (the snap length) in the file */
static void a_simple_packet(void **state)
{
    static const char *const comments[] = {"new!"};
    struct pcapng_section section;
    struct pcapng_block block;

    (void)state;
    start_section(&section, false);
    block = take(&section, BLOCK("\x03\x00\x00\x00\x18\x00\x00\x00\x05\x00\x00\x00"
                                 "abcdefgh\x18\x00\x00\x00"));
    assert_true(block.packet);
    assert_int_equal(block.record.captured, 4);
    assert_int_equal(block.record.length, 5);
    assert_memory_equal(block.record.bytes, "abcd", 4);
    assert_int_equal(block.record.time, 0);
    assert_int_equal(pcapng_growth(&block, comments, 1), 0);
    assert_false(pcapng_takes_comments(&block, comments, 1));
    pcapng_section_release(&section);
}

/* The packet block that came before: interface 0 in 16 bits, then 3 drops in 16 */
static void an_obsolete_packet(void **state)
{
    static const char *const comments[] = {"new!"};
    struct pcapng_section section;
    struct pcapng_block block;

    (void)state;
    start_section(&section, false);
    block = take(&section, BLOCK("\x02\x00\x00\x00\x24\x00\x00\x00\x00\x00\x03\x00\x00\x00\x06\x00"
                                 "\x07\x00\x00\x00\x03\x00\x00\x00\x05\x00\x00\x00"
                                 "abc\x00\x24\x00\x00\x00"));
    assert_packet(&block, false);
    assert_int_equal(pcapng_growth(&block, comments, 1), 12);
    pcapng_section_release(&section);
}

static void unknown_blocks_pass(void **state)
{
    static const char *const comments[] = {"new!"};
    struct pcapng_section section;
    struct pcapng_block block;

    (void)state;
    start_section(&section, false);
    block =
        take(&section, BLOCK("\xad\x0b\x00\x00\x10\x00\x00\x00\x01\x02\x03\x04\x10\x00\x00\x00"));
    assert_int_equal(block.type, 0xBAD);
    assert_false(block.packet);
    assert_int_equal(pcapng_growth(&block, comments, 1), 0);
    pcapng_section_release(&section);
}

/* if_name of 17 characters, if_tsresol 9, if_tsoffset -1 */
#define IDB_WITH_OPTIONS                                                                           \
    "\x01\x00\x00\x00\x44\x00\x00\x00\xe3\x00\x00\x00\x00\x00\x00\x00"                             \
    "\x02\x00\x11\x00interface-is-long\x00\x00\x00"                                                \
    "\x09\x00\x01\x00\x09\x00\x00\x00"                                                             \
    "\x0e\x00\x08\x00\xff\xff\xff\xff\xff\xff\xff\xff"                                             \
    "\x00\x00\x00\x00\x44\x00\x00\x00"
/* Interface 1; 0x174876E807 = 100000000007 ticks */
#define EPB_OF_IT                                                                                  \
    "\x06\x00\x00\x00\x20\x00\x00\x00\x01\x00\x00\x00\x17\x00\x00\x00\x07\xe8\x76\x48"             \
    "\x00\x00\x00\x00\x00\x00\x00\x00\x20\x00\x00\x00"

static void an_interface_has_its_own_name_and_times(void **state)
{
    struct pcapng_section section;
    struct pcapng_block block;

    (void)state;
    start_section(&section, false);
    take(&section, BLOCK(IDB_WITH_OPTIONS));
    assert_int_equal(section.interfaces_length, 2);
    block = take(&section, BLOCK(EPB_OF_IT));
    assert_int_equal(block.record.linktype, 227);
    assert_int_equal(block.record.interface_id, 1);
    assert_string_equal(block.record.interface, "interface-is-lo");
    /* 100.000000007 s, one second earlier */
    assert_int_equal(block.record.time, 99000000007);
    pcapng_section_release(&section);
}

static void a_section_starts_without_interfaces(void **state)
{
    struct pcapng_section section;
    struct pcapng_block block;
    const char *problem;

    (void)state;
    start_section(&section, false);
    take(&section, BLOCK(SHB_BIG));
    assert_true(section.big_endian);
    assert_int_equal(section.interfaces_length, 0);
    assert_false(pcapng_take(&section, BLOCK(EPB_BIG), &block, &problem));
    assert_string_equal(problem, "a packet of an interface that is not described");
    pcapng_section_release(&section);
}

/* if_tsresol, a time stamp, and what it is in ns: worked out by hand, rounded down */
static const struct {
    uint8_t resolution;
    uint64_t ticks;
    btap_ns ns;
} times[] = {
    {0, 5, 5000000000},
    {3, 1001, 1001000000},
    {6, 1700000000123456, 1700000000123456000},
    {9, 1700000000123456789, 1700000000123456789},
    {12, 1999, 1},
    {18, UINT64_C(18446744073709551615), 18446744073},
    {28, UINT64_C(10000000000000000000), 1},
    {29, UINT64_MAX, 0},
    {0x7f, UINT64_MAX, 0},
    {0x80, 3, 3000000000},
    {0x81, 3, 1500000000},
    {0x80 | 32, UINT64_C(0x180000000), 1500000000},
    {0x80 | 63, UINT64_C(0x4000000000000000), 500000000},
    {0x80 | 64, UINT64_C(0x8000000000000000), 500000000},
    {0xff, UINT64_MAX, 0},
    /* Later than 2116: the last time that is kept */
    {0, UINT64_MAX, INT64_C(1) << 62},
};

static void every_resolution_of_times(void **state)
{
    uint8_t interface[] = "\x01\x00\x00\x00\x1c\x00\x00\x00\xfa\x00\x00\x00\x00\x00\x00\x00"
                          "\x09\x00\x01\x00\x00\x00\x00\x00\x1c\x00\x00\x00";
    uint8_t packet[] = "\x06\x00\x00\x00\x20\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"
                       "\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x20\x00\x00\x00";

    (void)state;
    for (size_t i = 0; i < COUNT_OF(times); i++) {
        struct pcapng_section section = {0};
        struct pcapng_block block;

        take(&section, BLOCK(SHB_LITTLE));
        interface[20] = times[i].resolution;
        take(&section, interface, sizeof(interface) - 1);
        pcapng_put32(packet + 12, false, (uint32_t)(times[i].ticks >> 32));
        pcapng_put32(packet + 16, false, (uint32_t)times[i].ticks);
        block = take(&section, packet, sizeof(packet) - 1);
        assert_int_equal(block.record.time, times[i].ns);
        pcapng_section_release(&section);
    }
}

/** Blocks whose length cannot be. */
static void impossible_lengths(void **state)
{
    static const struct {
        const char *header;
        const char *problem;
    } wrong[] = {
        {"\x06\x00\x00\x00\x08\x00\x00\x00\x00\x00\x00\x00", "a block of an impossible length"},
        {"\x06\x00\x00\x00\x0d\x00\x00\x00\x00\x00\x00\x00", "a block of an impossible length"},
        {"\x06\x00\x00\x00\x04\x00\x00\x01\x00\x00\x00\x00", "a block of an impossible length"},
        {"\x0a\x0d\x0d\x0a\x1c\x00\x00\x00\x4d\x3c\x2b\x1b", "a section header without byte order"},
    };
    struct pcapng_section section;
    const char *problem;

    (void)state;
    start_section(&section, false);
    for (size_t i = 0; i < COUNT_OF(wrong); i++) {
        problem = NULL;
        assert_int_equal(pcapng_block_length(&section, (const uint8_t *)wrong[i].header, &problem),
                         0);
        assert_string_equal(problem, wrong[i].problem);
    }
    /* The longest that is allowed */
    assert_int_equal(pcapng_block_length(&section,
                                         (const uint8_t *)"\x06\x00\x00\x00\x00\x00\x00\x01"
                                                          "\x00\x00\x00\x00",
                                         &problem),
                     16777216);
    pcapng_section_release(&section);
    assert_int_equal(pcapng_block_length(&section, (const uint8_t *)EPB_LITTLE, &problem), 0);
    assert_string_equal(problem, "no section header before it");
}

/** A block in a section with one interface is refused. */
static void assert_damaged(const uint8_t *bytes, size_t length, const char *expected)
{
    struct pcapng_section section;
    struct pcapng_block block;
    const char *problem = NULL;

    start_section(&section, false);
    assert_false(pcapng_take(&section, bytes, (uint32_t)length, &block, &problem));
    assert_string_equal(problem, expected);
    pcapng_section_release(&section);
}

static void an_interface_too_many(void **state)
{
    static const uint8_t interface[] = "\x01\x00\x00\x00\x14\x00\x00\x00\xfa\x00\x00\x00"
                                       "\x00\x00\x00\x00\x14\x00\x00\x00";
    struct pcapng_section section = {0};
    struct pcapng_block block;
    const char *problem = NULL;

    (void)state;
    take(&section, BLOCK(SHB_LITTLE));
    for (int i = 0; i < 32768; i++)
        take(&section, interface, sizeof(interface) - 1);
    assert_false(pcapng_take(&section, interface, sizeof(interface) - 1, &block, &problem));
    assert_string_equal(problem, "an interface too many: no more than 32768 of a section are read");
    pcapng_section_release(&section);
}

static void damaged_blocks(void **state)
{
    (void)state;
    assert_damaged(BLOCK("\x05\x00\x00\x00\x0c\x00\x00\x00\x10\x00\x00\x00"),
                   "a block whose length stands there twice and differs");
    assert_damaged(BLOCK("\x0a\x0d\x0d\x0a\x10\x00\x00\x00\x4d\x3c\x2b\x1a\x10\x00\x00\x00"),
                   "a section header that is too short");
    assert_damaged(BLOCK("\x0a\x0d\x0d\x0a\x1c\x00\x00\x00\x4d\x3c\x2b\x1a\x02\x00\x00\x00"
                         "\xff\xff\xff\xff\xff\xff\xff\xff\x1c\x00\x00\x00"),
                   "a section of a version that is not known");
    assert_damaged(BLOCK("\x01\x00\x00\x00\x10\x00\x00\x00\xfa\x00\x00\x00\x10\x00\x00\x00"),
                   "an interface block that is too short");
    assert_damaged(BLOCK("\x06\x00\x00\x00\x10\x00\x00\x00\x00\x00\x00\x00\x10\x00\x00\x00"),
                   "a packet block that is too short");
    assert_damaged(BLOCK("\x03\x00\x00\x00\x0c\x00\x00\x00\x0c\x00\x00\x00"),
                   "a packet block that is too short");
    /* Interface 1, where there is only 0 */
    assert_damaged(BLOCK("\x06\x00\x00\x00\x20\x00\x00\x00\x01\x00\x00\x00\x00\x00\x00\x00"
                         "\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x20\x00\x00\x00"),
                   "a packet of an interface that is not described");
    /* One byte in a block with room for none */
    assert_damaged(BLOCK("\x06\x00\x00\x00\x20\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"
                         "\x00\x00\x00\x00\x01\x00\x00\x00\x01\x00\x00\x00\x20\x00\x00\x00"),
                   "a packet that is longer than its block");
}

/* A comment that would make the block longer than other programs read is left out. */
static void no_block_outgrows_the_limit(void **state)
{
    static const char *const comments[] = {"new!"};
    const size_t length = PCAPNG_BLOCK_MAX - 8;
    uint8_t *bytes = calloc(1, length);
    struct pcapng_section section;
    struct pcapng_block block;

    (void)state;
    assert_non_null(bytes);
    start_section(&section, false);
    bytes[0] = PCAPNG_ENHANCED_PACKET;
    pcapng_put32(bytes + 4, false, (uint32_t)length);
    pcapng_put32(bytes + 20, false, (uint32_t)length - 32);
    pcapng_put32(bytes + length - 4, false, (uint32_t)length);
    block = take(&section, bytes, length);
    assert_int_equal(pcapng_growth(&block, comments, 1), 0);
    assert_false(pcapng_takes_comments(&block, comments, 1));
    free(bytes);
    pcapng_section_release(&section);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(statistics_tell_how_long_was_recorded),
        cmocka_unit_test(a_packet_in_either_byte_order),
        cmocka_unit_test(a_block_without_comments_stays_as_it_is),
        cmocka_unit_test(comments_are_added_where_no_options_are),
        cmocka_unit_test(options_and_what_follows_them_survive),
        cmocka_unit_test(a_comment_tells_settings_of_a_serial_port),
        cmocka_unit_test(a_description_marks_what_a_tool_read),
        cmocka_unit_test(a_section_header_takes_comments),
        cmocka_unit_test(damaged_options_stay_untouched),
        cmocka_unit_test(a_simple_packet),
        cmocka_unit_test(an_obsolete_packet),
        cmocka_unit_test(unknown_blocks_pass),
        cmocka_unit_test(an_interface_has_its_own_name_and_times),
        cmocka_unit_test(a_section_starts_without_interfaces),
        cmocka_unit_test(every_resolution_of_times),
        cmocka_unit_test(impossible_lengths),
        cmocka_unit_test(an_interface_too_many),
        cmocka_unit_test(damaged_blocks),
        cmocka_unit_test(no_block_outgrows_the_limit),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
