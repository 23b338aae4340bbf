/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Files of other kinds, where a capture or firmware is wanted: each is named for what it is.
 */
#include "capture/kind.h"

#include <stdio.h>
#include <string.h>

#include "program.h"
#include "small_captures.h"
#include "test.h"

static const struct sim_capture_options serial_capture = {.linktype = SIM_RTAC};

#define CASE(bytes, name)                                                                          \
    {                                                                                              \
        bytes, sizeof(bytes) - 1, name                                                             \
    }

/** How such files begin, and what each is called. */
static const struct {
    const char *bytes;
    size_t length;
    const char *name;
} cases[] = {
    CASE("PK\003\004\024\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000"
         "\000\000\000\000\000\000\000meta.json",
         "a session of Saleae Logic (.sal)"),
    CASE("PK\003\004\024\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000"
         "\000\000\000\000\000\000\000flash.pcap",
         "a zip archive"),
    CASE("BZh91AY", "compressed with bzip2"),
    CASE("\004\"M\030xx", "compressed with lz4"),
    CASE("7z\274\257'\034\000", "a 7-Zip archive"),
    CASE("Rar!\032\007\000", "a RAR archive"),
    CASE("fw."
         "bin\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000"
         "\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000"
         "\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000"
         "\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000"
         "\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000"
         "\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000"
         "\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000"
         "\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000"
         "\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000"
         "\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000"
         "\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000"
         "\000\000\000\000\000\000\000\000\000\000ustar\00000",
         "a tar archive"),
    CASE("snoop\000\000\000\000\000\000\002", "a capture in the format of snoop"),
    CASE("GMBU\000\002", "a capture of Microsoft Network Monitor"),
    CASE("4\315\262\241\002\000\004\000", "a pcap file in a modified format"),
    CASE("\000\000\001\000\000\004\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000"
         "\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000"
         "\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000"
         "\000\000\000\000\000\000\000\000\002\300\000\000\000\000",
         "an event trace of Windows (.etl)"),
    CASE("\177ELF\001\001\001\000", "an ELF file, a program"),
    CASE("DfuSe\001", "a DfuSe firmware file (.dfu)"),
    CASE(":020000040800F2\012", "a firmware file in Intel HEX"),
    CASE("S0030000FC\012", "a firmware file of S-records"),
    CASE("\000P\000 \301\001\000\010\303\001\000\010\305\001\000\010",
         "a raw firmware image, as it seems"),
    CASE("\012<!DOCTYPE html><html>", "a web page"),
    CASE("<HTML><body>404", "a web page"),
    CASE("version https://git-lfs.github.com/spec/v1\012", "a pointer of Git LFS, not the file"),
    CASE("%PDF-1.7\012", "a PDF document"),
    CASE("\211PNG\015\012\032\012", "an image"),
    CASE("\377\330\377\340", "an image"),
    CASE("MZ\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000"
         "\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000"
         "\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000\000",
         "a program for Windows"),
    CASE("#!/bin/sh\012", "a script"),
    CASE("stm32flash 0.7\012\012http://", "output of stm32flash"),
    CASE("{\"type\":\"transaction\",\"v\":1,\"transport\":\"usart\"}\012", "output of boottap"),
    CASE("[\012  {\012    \"_index\": \"p\",\012    \"_source\": {",
         "packets that Wireshark printed"),
    CASE("0000  00 01 02 03 04\012", "packets that Wireshark printed"),
    CASE("  10:15:20:214 : UR connection mode is defined with the HWrst reset mode\012  "
         "10:15:20:249 : ST-LINK FW  : V3J8M1B5\012  10:15:20:250 : Voltage     : 0.00V\012  "
         "10:15:20:256 : Bridge Freq : 48000 KHz\012  10:15:20:257 : CAN peripheral parameters\012 "
         " 10:15:20:257 : Mode        : NORMAL\012  10:15:20:257 : SJW         : 1 \012  "
         "10:15:20:257 : TimeSeg1    : 9 \012  10:15:20:258 : TimeSeg2    : 6 \012  10:15:20:258 : "
         "Prescaler   : 24 \012  10:15:20:",
         "a log of STM32CubeProgrammer over CAN"),
    CASE("dfu-util 0.11\012\012Opening DFU capable USB device...\012Device ID 0483:df11\012Device "
         "DFU version 011a\012Claiming USB DFU Interface...\012Setting Alternate Interface #0 "
         "...\012Determining device status...\012DFU state(10) = dfuERROR, status(10) = Devi",
         "output of dfu-util"),
    CASE("[timestamp] [threadID] facility level [function call] "
         "<message>\012----------------------------------------------------------------------------"
         "----\012[ 0.000041] [00001092] libusb: debug [libusb_init_context] created default "
         "context\012[ ",
         "a debug log of libusb"),
    CASE("openat(AT_FDCWD, \"/dev/bus/usb/001/025\", O_RDWR) = 7\012ioctl(7, USBDEVFS_SUBMITURB, "
         "0x55d0) = 0\012",
         "a trace of strace of a USB tool"),
    CASE("00000000  79 79 0b 31  |yy.1|\012", "a dump of hexdump -C or xxd"),
    CASE("00000000: 7979 0b31  yy.1\012", "a dump of hexdump -C or xxd"),
};

static void every_kind_is_named_where_a_capture_is_wanted(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const struct kind *kind = kind_find((const uint8_t *)cases[i].bytes, cases[i].length);
        char expected[512];
        struct run run;

        if (kind == NULL || strcmp(kind->name, cases[i].name) != 0)
            fail_msg("%s is taken for %s", cases[i].name, kind != NULL ? kind->name : "nothing");
        write_file("file", cases[i].bytes, cases[i].length);
        run = run_program("decode file");
        snprintf(expected, sizeof(expected), "boottap: file: %s, which boottap does not read; %s\n",
                 cases[i].name, kind->advice);
        assert_string_equal(run.err, expected);
        assert_string_equal(run.out, "");
        assert_int_equal(run.status, 2);
        run_release(&run);
    }
}

static void assert_no_firmware(const char *name, const char *cause)
{
    char command[128];
    char expected[256];
    struct run run;

    snprintf(command, sizeof(command), "diagnose plain --expect %s", name);
    snprintf(expected, sizeof(expected), "boottap: %s: %s\n", name, cause);
    run = run_program(command);
    assert_string_equal(run.err, expected);
    assert_int_equal(run.status, 2);
    run_release(&run);
}

#define NO_FIRMWARE ", and no firmware, which is a .bin, .hex, .srec, .dfu or .elf file"

static void what_is_no_firmware_is_named(void **state)
{
    (void)state;
    write_usart_session("plain", &serial_capture);
    write_usart_session("fw.bin", &serial_capture);
    write_file("fw.hex", "<!DOCTYPE html>\n<html>404", 25);
    write_file("log", "(1.000000) can0 111##15A\n", 25);
    write_file("page.bin", "<!DOCTYPE html>\n<html>404", 25);
    write_file("empty", "", 0);
    assert_no_firmware("plain", "a pcap capture" NO_FIRMWARE);
    assert_no_firmware("fw.bin", "a pcap capture" NO_FIRMWARE);
    assert_no_firmware("log", "a log of candump" NO_FIRMWARE);
    assert_no_firmware("fw.hex", "a web page" NO_FIRMWARE);
    assert_no_firmware("page.bin", "a web page" NO_FIRMWARE);
    assert_no_firmware("empty", "the file is empty");
    assert_no_firmware(".", "a directory; name the firmware file in it");
}

/** What is flashed may be anything, if its name says that it is raw: an image for a display. */
static void raw_contents_may_look_like_anything(void **state)
{
    static const uint8_t image[] = "\x89PNG\r\n\x1a\n";

    (void)state;
    assert_null(kind_find_no_firmware(image, sizeof(image), true));
    assert_non_null(kind_find_no_firmware(image, sizeof(image), false));
}

static void what_boottap_reads_is_no_other_kind(void **state)
{
    static const char *const lines[] = {
        "(1436509052.249713) can0 123##1DEADBEEF\n",
        "(1436509052.249713) can0 111#5A\n",
        "(1436509052.249713) vcan0 00000111#R T\n",
        "(1436509052.249713) can0 20000004#0001000000000000\n",
        "  can0  111  [01]  5A\n",
        " (1741947321.500000)  can0  TX B -  111  [01]  5A\n",
        " (2025-03-14 10:15:21.500000)  can0  079   [1]  79\n",
        "   1.001200 CANFD   1 Rx          111  1 0 1  1 79   102203  133   303000\n",
        "      2       101.200 FB     0111 Rx 1  79 \n",
        "     2)       101.2  Rx         0079  1  79 \n",
        "10:15:21:5012 Rx 1 0x079 s 1 79 \n",
        "166065200,00000079,false,Rx,0,1,79,\n",
        " 0    00000079         1  79                                  154.267750 R\n",
        "O\rt0791791389\r",
        "LOGG\x90",
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(lines); i++) {
        const struct kind *kind = kind_find((const uint8_t *)lines[i], strlen(lines[i]));

        assert_true(kind != NULL && kind->kind_class == KIND_CAPTURE);
    }
    assert_null(kind_find((const uint8_t *)"", 0));
    assert_null(kind_find((const uint8_t *)"\xef\xbb\xbf", 3));
    assert_null(kind_find((const uint8_t *)"hello\n", 6));
}

/** A line must be taken for a kind. */
static void assert_kind(const char *text, const char *name)
{
    const struct kind *kind = kind_find((const uint8_t *)text, strlen(text));

    if (kind == NULL || strcmp(kind->name, name) != 0)
        fail_msg("%s is taken for %s", text, kind != NULL ? kind->name : "nothing");
}

/* Mails and posts put `> ` before every line; logs of socat and interceptty begin so themselves. */
static void quoted_text_is_named(void **state)
{
    (void)state;
    assert_kind("> dfu-util 0.11\n>\n> Opening DFU capable USB device...\n", "output of dfu-util");
    assert_kind("> > write(3, \"\\177\", 1) = 1\n", "a trace of strace");
    assert_kind(">stm32flash 0.7\n>\n>http://stm32flash.sourceforge.net/\n",
                "output of stm32flash");
    assert_kind("\n> date Fri Mar 14 10:15:21.350 2025\n> base hex  timestamps absolute\n",
                "a Vector ASC log");
    assert_kind(">   can0  111  [01]  5A\n", "a log of candump");
    assert_kind("> 2025/03/14 10:15:46.000608207  length=1 from=0 to=0\n 7f\n",
                "a log of socat -x");
    assert_kind("> \t0x79 (y)\n< 0x02 ([STX])\n", "a log of interceptty");
    assert_kind("> (1436509052.249713) can0 111#5A\n", "a log of candump");
    assert_kind("> :020000040800F2\n", "firmware that is quoted, as in a mail");
    assert_null(kind_find((const uint8_t *)">", 1));
    assert_null(kind_find((const uint8_t *)"> > >", 5));
    assert_null(kind_find((const uint8_t *)"> hello\n", 8));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_kind_is_named_where_a_capture_is_wanted),
        cmocka_unit_test(what_is_no_firmware_is_named),
        cmocka_unit_test(raw_contents_may_look_like_anything),
        cmocka_unit_test(what_boottap_reads_is_no_other_kind),
        cmocka_unit_test(quoted_text_is_named),
    };

    return cmocka_run_group_tests(tests, enter_directory, leave_directory);
}
