/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Firmware files: each format read and written, with records worked out by hand, and what is
 * wrong with damaged ones.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "firmware/firmware.h"
#include "program.h"
#include "test.h"

#define FLASH 0x08000000u

static bool parse(struct firmware *firmware, const char *name, const void *bytes, size_t length)
{
    return firmware_parse(firmware, name, bytes, length);
}

static bool parse_text(struct firmware *firmware, const char *text)
{
    return parse(firmware, "file", text, strlen(text));
}

static void assert_contents(const struct firmware *firmware, uint32_t address, const void *wanted,
                            uint32_t length)
{
    uint8_t bytes[64];

    image_copy(&firmware->image, address, length, 0xee, bytes);
    assert_memory_equal(bytes, wanted, length);
    assert_int_equal(image_count(&firmware->image, IMAGE_WRITTEN), length);
}

static void assert_problem(const char *text, const char *problem)
{
    struct firmware firmware;

    assert_false(parse_text(&firmware, text));
    assert_string_equal(firmware.problem, problem);
}

static void intel_hex_is_read(void **state)
{
    /* Sums: 02+04+08 = 0E, so F2; 04+01+02+03+04 = 0E, so F2; 02+00+04+05+06 = 11, so EF */
    static const char linear[] = ":020000040800F2\r\n:0400000001020304F2\r\n:020004000506EF\n"
                                 ":00000001FF\nwhat follows does not count";
    /* 02+02+10+00 = 14, so EC; 01+00+08+AA = B3, so 4D: 0x10000 + 8 */
    static const char segment[] = ":020000021000EC\n\n:01000800AA4D\n:00000001FF";
    struct firmware firmware;

    (void)state;
    assert_true(parse_text(&firmware, linear));
    assert_int_equal(firmware.format, FIRMWARE_HEX);
    assert_true(firmware.placed);
    assert_contents(&firmware, FLASH, "\1\2\3\4\5\6", 6);
    firmware_release(&firmware);
    assert_true(parse_text(&firmware, segment));
    assert_contents(&firmware, 0x10008, "\xaa", 1);
    firmware_release(&firmware);
}

static void damaged_intel_hex_is_refused(void **state)
{
    (void)state;
    assert_problem(":0400000001020304F3\n:00000001FF\n",
                   "line 1: the record's checksum does not fit");
    assert_problem(":020000040800F2\n:04000000010203F6\n",
                   "line 2: the record is not as long as it says");
    assert_problem(":0400000001020304F2\n\nS70500000000FA\n",
                   "line 3: no record of Intel HEX, which starts with ':'");
    assert_problem(":0400000001020304F\n", "line 1: an odd number of digits");
    assert_problem(":040000000102030GF2\n", "line 1: a character that is no hexadecimal digit");
    assert_problem(":00000006FA\n", "line 1: a record of an unknown type");
    assert_problem(":0100000408F3\n", "line 1: a record of a length that its type does not have");
    assert_problem(":0400000001020304F2\n",
                   "the file was cut short: no record marks the end of Intel HEX");
    assert_problem(":00000001FF\n", "no bytes to flash are in it");
    /* 02+04+FF+FF = 204, so FC; 02+FF+FF+01+02 = 203, so FD: the second byte has no address */
    assert_problem(":02000004FFFFFC\n:02FFFF000102FD\n:00000001FF\n",
                   "line 2: the record reaches above the last address");
    /* 01+AA = AB, so 55; 01+AB = AC, so 54 */
    assert_problem(":01000000AA55\n:01000000AB54\n:00000001FF\n",
                   "different contents for the same address, 0x00000000");
}

static void s_records_are_read(void **state)
{
    /* S3: 09+08+01+02+03+04 = 1B, so E4. S2: 05+08+00+04+05 = 16, so E9. S1: 04+10+00+AA = BE: 41
     */
    static const char text[] = "S00A0000626F6F74746170FC\nS3090800000001020304E4\n"
                               "S5030001FB\nS70500000000FA\n";
    static const char types[] = "S20508000405E9\nS1041000AA41\nS9030000FC\n";
    struct firmware firmware;
    uint8_t value;

    (void)state;
    assert_true(parse_text(&firmware, text));
    assert_int_equal(firmware.format, FIRMWARE_SREC);
    assert_contents(&firmware, FLASH, "\1\2\3\4", 4);
    firmware_release(&firmware);
    assert_true(parse_text(&firmware, types));
    assert_int_equal(image_get(&firmware.image, 0x080004, &value), IMAGE_WRITTEN);
    assert_int_equal(value, 5);
    assert_int_equal(image_get(&firmware.image, 0x1000, &value), IMAGE_WRITTEN);
    assert_int_equal(value, 0xaa);
    firmware_release(&firmware);
}

static void damaged_s_records_are_refused(void **state)
{
    (void)state;
    assert_problem("S3090800000001020304E5\n", "line 1: the record's checksum does not fit");
    assert_problem("S30A0800000001020304E4\n", "line 1: the record is not as long as it says");
    assert_problem("S4030000FC\n", "line 1: a record of an unknown type");
    assert_problem("S3090800000001020304E4\nhello\n", "line 2: no S-record");
    assert_problem("S70500000000FA\n", "no bytes to flash are in it");
    /* 06+FF+FF+FF+FF+01 = 403, so FC; 07+FF+FF+FF+FF+01+02 = 406, so F9 */
    assert_problem("S306FFFFFFFF01FC\nS307FFFFFFFF0102F9\n",
                   "line 2: the record reaches above the last address");
}

/* S5: 03+00+02 = 05, so FA. S6: 04+00+00+01 = 05, so FA */
static void a_count_of_s_records_must_fit(void **state)
{
    struct firmware firmware;

    (void)state;
    assert_problem("S3090800000001020304E4\nS5030002FA\n",
                   "line 2: records are missing before it: it counts others");
    assert_true(parse_text(&firmware, "S3090800000001020304E4\nS604000001FA\n"));
    firmware_release(&firmware);
}

/* The CRCs are zlib's of the same bytes, computed apart, without the last inversion. */
static const uint8_t plain_dfu[] = {1,    2,    3,   4,   0x00, 0x02, 0x11, 0xdf, 0x83, 0x04,
                                    0x00, 0x01, 'U', 'F', 'D',  16,   0x05, 0x1d, 0x31, 0xe7};

static void plain_dfu_files_are_read(void **state)
{
    struct firmware firmware;

    (void)state;
    assert_true(parse(&firmware, "a.bin", plain_dfu, sizeof(plain_dfu)));
    assert_int_equal(firmware.format, FIRMWARE_DFU);
    assert_false(firmware.placed);
    assert_contents(&firmware, 0, "\1\2\3\4", 4);
    firmware_release(&firmware);
}

static void a_dfu_file_needs_its_suffix(void **state)
{
    struct firmware firmware;
    uint8_t bytes[sizeof(plain_dfu)];

    (void)state;
    memcpy(bytes, plain_dfu, sizeof(bytes));
    bytes[0] ^= 1;
    assert_false(parse(&firmware, "a.dfu", bytes, sizeof(bytes)));
    assert_non_null(strstr(firmware.problem, "the suffix's checksum"));
    assert_false(parse(&firmware, "a.dfu", bytes, 3));
    /* The same bytes under another name are a binary. */
    assert_true(parse(&firmware, "a.bin", bytes, sizeof(bytes)));
    assert_int_equal(firmware.format, FIRMWARE_BIN);
    firmware_release(&firmware);
}

static char *written(const struct firmware_output *output, const struct image *image,
                     size_t *length)
{
    FILE *file = tmpfile();
    char *bytes;

    assert_non_null(file);
    assert_true(firmware_write(output, image, file));
    *length = (size_t)ftell(file);
    rewind(file);
    bytes = malloc(*length + 1);
    assert_non_null(bytes);
    assert_int_equal(fread(bytes, 1, *length, file), *length);
    bytes[*length] = '\0';
    fclose(file);
    return bytes;
}

static const struct btap_range four_bytes[] = {{FLASH, FLASH + 3}};

static void make_image(struct image *image)
{
    image_write(image, FLASH, (const uint8_t *)"\1\2\3\4", 4);
}

static void hex_and_srec_are_written(void **state)
{
    static const struct btap_range border[] = {{0x0800fffe, 0x08010000}};
    struct firmware_output output = {
        .format = FIRMWARE_HEX, .runs = four_bytes, .runs_length = 1, .placed = true};
    struct image image = {0};
    size_t length;
    char *text;

    (void)state;
    make_image(&image);
    text = written(&output, &image, &length);
    assert_string_equal(text, ":020000040800F2\n:0400000001020304F2\n:00000001FF\n");
    free(text);
    output.format = FIRMWARE_SREC;
    text = written(&output, &image, &length);
    assert_string_equal(text, "S00A0000626F6F74746170FC\nS3090800000001020304E4\n"
                              "S70500000000FA\n");
    free(text);
    /* No record of Intel HEX goes over 64 KiB. 02+FF+FE = 1FF, so 01; 02+04+08+01 = 0F, so F1 */
    output.format = FIRMWARE_HEX;
    output.runs = border;
    text = written(&output, &image, &length);
    assert_string_equal(text, ":020000040800F2\n:02FFFE00000001\n:020000040801F1\n"
                              ":0100000000FF\n:00000001FF\n");
    free(text);
    image_release(&image);
}

static void dfuse_is_written_and_read(void **state)
{
    /* "DfuSe", 1, 297 bytes without the suffix, 1 target; target 0 with a name */
    static const uint8_t start[] = {'D', 'f', 'u', 'S', 'e', 1, 0x29, 1, 0, 0, 1,  'T',
                                    'a', 'r', 'g', 'e', 't', 0, 1,    0, 0, 0, 'b'};
    /* At 277: 12 bytes of elements, 1 element, its address, its size; the suffix at 297 */
    static const uint8_t end[] = {12,   0,   0,    0,    1,    0,    0,    0,    0,
                                  0,    0,   8,    4,    0,    0,    0,    1,    2,
                                  3,    4,   0xff, 0xff, 0x11, 0xdf, 0x83, 0x04, 0x1a,
                                  0x01, 'U', 'F',  'D',  16,   0x6a, 0x18, 0x36, 0x0c};
    const struct firmware_output output = {.format = FIRMWARE_DFU,
                                           .runs = four_bytes,
                                           .runs_length = 1,
                                           .placed = true,
                                           .vendor = 0x0483,
                                           .product = 0xdf11,
                                           .device = 0xffff};
    struct image image = {0};
    struct firmware firmware;
    size_t length;
    char *bytes;

    (void)state;
    make_image(&image);
    bytes = written(&output, &image, &length);
    assert_int_equal(length, 313);
    assert_memory_equal(bytes, start, sizeof(start));
    assert_memory_equal(bytes + 277, end, sizeof(end));
    assert_true(parse(&firmware, "x", bytes, length));
    assert_true(firmware.placed);
    assert_contents(&firmware, FLASH, "\1\2\3\4", 4);
    firmware_release(&firmware);
    free(bytes);
    image_release(&image);
}

static void plain_dfu_is_written(void **state)
{
    const struct firmware_output output = {.format = FIRMWARE_DFU,
                                           .runs = four_bytes,
                                           .runs_length = 1,
                                           .vendor = 0x0483,
                                           .product = 0xdf11,
                                           .device = 0x0200};
    struct image image = {0};
    size_t length;
    char *bytes;

    (void)state;
    make_image(&image);
    bytes = written(&output, &image, &length);
    assert_int_equal(length, sizeof(plain_dfu));
    assert_memory_equal(bytes, plain_dfu, sizeof(plain_dfu));
    free(bytes);
    image_release(&image);
}

/** The CRC over all but the last four bytes, which make the file valid again. */
static void put_suffix(uint8_t *bytes, size_t length)
{
    uint32_t crc = 0xffffffff;

    for (size_t i = 0; i < length - 4; i++) {
        crc ^= bytes[i];
        for (int bit = 0; bit < 8; bit++)
            crc = crc & 1 ? crc >> 1 ^ 0xedb88320 : crc >> 1;
    }
    for (size_t i = 0; i < 4; i++)
        bytes[length - 4 + i] = (uint8_t)(crc >> 8 * i);
}

/* A DfuSe file whose sizes promise more than there is: every length before the suffix. */
static void dfuse_with_wrong_sizes_is_refused(void **state)
{
    const struct firmware_output output = {
        .format = FIRMWARE_DFU, .runs = four_bytes, .runs_length = 1, .placed = true};
    struct image image = {0};
    size_t length;
    char *whole;

    (void)state;
    make_image(&image);
    whole = written(&output, &image, &length);
    for (size_t kept = 5; kept < 297; kept++) {
        uint8_t bytes[313];
        struct firmware firmware;

        memcpy(bytes, whole, kept);
        memcpy(bytes + kept, whole + 297, 16);
        put_suffix(bytes, kept + 16);
        assert_false(parse(&firmware, "x", bytes, kept + 16));
        assert_non_null(strstr(firmware.problem, "damaged DfuSe file: it ends within"));
    }
    free(whole);
    image_release(&image);
}

static void put(uint8_t *at, uint32_t value, size_t length)
{
    for (size_t i = 0; i < length; i++)
        at[i] = (uint8_t)(value >> 8 * i);
}

/**
 * An ELF file for Arm (System V ABI, chapters 4 and 5): 52 bytes of header, a segment header of
 * 32, contents of 8 at 84: loaded at 0x08000000, to run at 0x20000000; then three section headers
 * of 40 at 92: none, one of 4 bytes at 86, one without contents.
 */
#define ELF_SIZE (92 + 3 * 40)

static void make_elf(uint8_t bytes[ELF_SIZE], bool sections)
{
    static const uint8_t identity[] = {0x7f, 'E', 'L', 'F', 1, 1, 1};
    uint8_t *segment = bytes + 52;
    uint8_t *section = bytes + 92 + 40;

    memset(bytes, 0, ELF_SIZE);
    memcpy(bytes, identity, sizeof(identity));
    put(bytes + 16, 2, 2);  /* executable */
    put(bytes + 18, 40, 2); /* Arm */
    put(bytes + 20, 1, 4);
    put(bytes + 28, 52, 4); /* segment headers */
    put(bytes + 32, sections ? 92 : 0, 4);
    put(bytes + 40, 52, 2);
    put(bytes + 42, 32, 2);
    put(bytes + 44, 1, 2);
    put(bytes + 46, 40, 2);
    put(bytes + 48, sections ? 3 : 0, 2);
    put(segment, 1, 4); /* PT_LOAD */
    put(segment + 4, 84, 4);
    put(segment + 8, 0x20000000, 4);
    put(segment + 12, FLASH, 4);
    put(segment + 16, 8, 4);
    put(segment + 20, 16, 4);
    memcpy(bytes + 84, "segments", 8);
    put(section + 4, 1, 4); /* contents, in memory: PROGBITS, ALLOC */
    put(section + 8, 2, 4);
    put(section + 12, 0x20000002, 4);
    put(section + 16, 86, 4);
    put(section + 20, 4, 4);
    put(section + 40 + 4, 8, 4); /* no contents: NOBITS, ALLOC */
    put(section + 40 + 8, 2, 4);
    put(section + 40 + 12, 0x20000008, 4);
    put(section + 40 + 20, 8, 4);
}

static void elf_sections_go_to_their_load_addresses(void **state)
{
    struct firmware firmware;
    uint8_t bytes[ELF_SIZE];

    (void)state;
    make_elf(bytes, true);
    assert_true(parse(&firmware, "a", bytes, sizeof(bytes)));
    assert_int_equal(firmware.format, FIRMWARE_ELF);
    assert_contents(&firmware, FLASH + 2, "gmen", 4);
    firmware_release(&firmware);
    make_elf(bytes, false);
    assert_true(parse(&firmware, "a", bytes, sizeof(bytes)));
    assert_contents(&firmware, FLASH, "segments", 8);
    firmware_release(&firmware);
}

static void assert_elf_problem(const uint8_t *bytes, size_t length, const char *wanted)
{
    struct firmware firmware;

    assert_false(parse(&firmware, "a.elf", bytes, length));
    assert_non_null(strstr(firmware.problem, wanted));
}

static void damaged_elf_is_refused(void **state)
{
    uint8_t bytes[ELF_SIZE];

    (void)state;
    make_elf(bytes, true);
    put(bytes + 16, 1, 2);
    assert_elf_problem(bytes, sizeof(bytes), "it is not linked");
    make_elf(bytes, true);
    put(bytes + 18, 3, 2); /* Intel 80386 */
    assert_elf_problem(bytes, sizeof(bytes), "not for a 32-bit Arm, little-endian");
    make_elf(bytes, true);
    put(bytes + 92 + 40 + 20, 1000, 4);
    assert_elf_problem(bytes, sizeof(bytes), "behind its end");
    make_elf(bytes, false);
    put(bytes + 52 + 12, 0xfffffffc, 4);
    assert_elf_problem(bytes, sizeof(bytes), "more than 32 bits");
    assert_elf_problem(bytes, 30, "header is damaged");
    assert_elf_problem((const uint8_t *)"x", 1, "header is damaged");
}

/* Whatever is cut off or flipped: read or refused, and nothing else (under sanitizers). */
static void no_elf_does_harm(void **state)
{
    struct firmware firmware;
    uint8_t bytes[ELF_SIZE];

    (void)state;
    for (size_t i = 0; i < ELF_SIZE; i++)
        for (int flip = 0; flip < 3; flip++) {
            make_elf(bytes, true);
            bytes[i] = flip == 0 ? 0xff : flip == 1 ? 0x80 : (uint8_t)(bytes[i] + 1);
            if (parse(&firmware, "a", bytes, sizeof(bytes)))
                firmware_release(&firmware);
            if (parse(&firmware, "a", bytes, i))
                firmware_release(&firmware);
        }
}

static void formats_are_known_by_extension(void **state)
{
    enum firmware_format format;

    (void)state;
    assert_true(firmware_format_by_path("dir.bin/a.S19", &format));
    assert_int_equal(format, FIRMWARE_SREC);
    assert_true(firmware_format_by_path("a.b.ihex", &format));
    assert_int_equal(format, FIRMWARE_HEX);
    assert_false(firmware_format_by_path("dir.bin/a", &format));
    assert_false(firmware_format_by_path("a.txt", &format));
    assert_false(firmware_format_by_path("bin", &format));
}

/* A binary may start as the text formats do: its name decides. */
static void a_binary_by_name_is_no_text(void **state)
{
    static const char text[] = ":0400000001020304F2\n";
    struct firmware firmware;

    (void)state;
    assert_true(parse(&firmware, "a.bin", text, strlen(text)));
    assert_int_equal(firmware.format, FIRMWARE_BIN);
    assert_false(firmware.placed);
    assert_contents(&firmware, 0, text, (uint32_t)strlen(text));
    firmware_release(&firmware);
    assert_false(parse(&firmware, "a.bin", "", 0));
    assert_string_equal(firmware.problem, "no bytes to flash are in it");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(intel_hex_is_read),
        cmocka_unit_test(damaged_intel_hex_is_refused),
        cmocka_unit_test(s_records_are_read),
        cmocka_unit_test(damaged_s_records_are_refused),
        cmocka_unit_test(a_count_of_s_records_must_fit),
        cmocka_unit_test(plain_dfu_files_are_read),
        cmocka_unit_test(a_dfu_file_needs_its_suffix),
        cmocka_unit_test(hex_and_srec_are_written),
        cmocka_unit_test(dfuse_is_written_and_read),
        cmocka_unit_test(plain_dfu_is_written),
        cmocka_unit_test(dfuse_with_wrong_sizes_is_refused),
        cmocka_unit_test(elf_sections_go_to_their_load_addresses),
        cmocka_unit_test(damaged_elf_is_refused),
        cmocka_unit_test(no_elf_does_harm),
        cmocka_unit_test(formats_are_known_by_extension),
        cmocka_unit_test(a_binary_by_name_is_no_text),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
