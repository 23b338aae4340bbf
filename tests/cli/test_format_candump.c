/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Logs of candump in the forms of can-utils' candump.c and of the comment of sprint_canframe() in
 * its lib.h.
 */
#include <stdio.h>
#include <string.h>

#include "can_records.h"
#include "formats/reader/reader.h"
#include "test.h"

/** A line of a log gives this record. */
static void assert_line(const char *line, const char *expected)
{
    char log[512];
    char record[512];

    snprintf(log, sizeof(log), "%s\n", line);
    snprintf(record, sizeof(record), "%s\n", expected);
    assert_can_records(&reader_candump, log, record);
}

static void fd_lines(void **state)
{
    (void)state;
    /* the rate is switched, and it is FD */
    assert_line("(1436509052.249713) vcan0 111##15A", "1436509052.249713000 vcan0 111##55A");
    assert_line("(1.000001) can1 000##0", "1.000001000 can1 000##4");
    assert_line("(1.000001) can1 031##3"
                "000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F"
                "202122232425262728292A2B2C2D2E2F303132333435363738393A3B3C3D3E3F",
                "1.000001000 can1 031##7"
                "000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F"
                "202122232425262728292A2B2C2D2E2F303132333435363738393A3B3C3D3E3F");
}

static void classic_lines(void **state)
{
    (void)state;
    assert_line("(1436509052.650004) can0 042#2B2AFBBA", "1436509052.650004000 can0 042#2B2AFBBA");
    assert_line("(1.5) can0 042#", "1.500000000 can0 042#");
    assert_line("(1.5) can0 042#11.22.33", "1.500000000 can0 042#112233");
    /* The raw length code goes where Linux keeps it: byte 7 */
    assert_line("(1.5) can0 123#1122334455667788_E", "1.500000000 can0 123#1122334455667788_E");
}

static void extended_remote_and_error_lines(void **state)
{
    (void)state;
    assert_line("(1.5) can0 18DAF110#01", "1.500000000 can0 18DAF110#01");
    assert_line("(1.5) can0 123#R", "1.500000000 can0 123#R0");
    assert_line("(1.5) can0 123#R4", "1.500000000 can0 123#R4");
    assert_line("(1.5) can0 123#R8_E", "1.500000000 can0 123#R8_E");
    /* "nobody acknowledged" as candump -e shows it: class 0x20 with bit 29 */
    assert_line("(1.5) can0 20000020#0000000000000000",
                "1.500000000 can0 20000020#0000000000000000");
}

static void micro_and_nanoseconds(void **state)
{
    (void)state;
    assert_line("(0000000012.000345) c 000##0", "12.000345000 c 000##4");
    assert_line("(12.000345678) c 000##0", "12.000345678 c 000##4");
}

static void direction_of_candump_x(void **state)
{
    (void)state;
    assert_line("(1.5) can0 111##15A T", "1.500000000 can0 111##55A T");
    assert_line("(1.5) can0 111##15A R\r", "1.500000000 can0 111##55A");
}

static void long_interface_names_are_cut(void **state)
{
    (void)state;
    assert_line("(1.5) interface-with-a-long-name 111##15A",
                "1.500000000 interface-with- 111##55A");
}

/** Lines that make no record, and whether they are damaged, or of no log of candump. */
static void other_lines(void **state)
{
    static const struct {
        const char *line;
        bool damaged;
    } lines[] = {
        {"hello", false},
        {"1436509052.249713 can0 123#00", false},                 /* no brackets */
        {"(1.5) can0 20000080##DEA7000000000000000000000", true}, /* error frames are classic */
        {"(1436509052) can0 123#00", false},                      /* no fraction */
        {"(1436509052.) can0 123#00", false},                     /* the same */
        {"(.249713) can0 123#00", false},                         /* no seconds */
        {"(1.0000000001) can0 123#00", false},                    /* ten digits of a second */
        {"(9223372036.0) can0 123#00", false},            /* beyond 64 bits of nanoseconds */
        {"(99999999999999999999999.0) can0 1#00", false}, /* the same */
        {"(1.5)can0 123#00", false},                      /* no space */
        {"(1.5)  123#00", true},                          /* no interface */
        {"(1.5) can0", true},                             /* no frame */
        {"(1.5) can0 123", true},                         /* no separator */
        {"(1.5) can0 12#00", true},                       /* two digits of an identifier */
        {"(1.5) can0 1234#00", true},                     /* four */
        {"(1.5) can0 123456789#00", true},                /* nine */
        {"(1.5) can0 800#00", true},                      /* over 11 bits */
        {"(1.5) can0 80000123#00", true},                 /* bit 31 in the text */
        {"(1.5) can0 123#0", true},                       /* half a byte */
        {"(1.5) can0 123#001122334455667788", true},      /* nine bytes of a classic frame */
        {"(1.5) can0 123#0g", true},                      /* no digit */
        {"(1.5) can0 123#R9", true},                      /* nine bytes asked for */
        {"(1.5) can0 123#1122334455667788_8", true},      /* no raw length above 8 */
        {"(1.5) can0 123##", true},                       /* no flags */
        {"(1.5) can0 123##1001", true},                   /* half a byte */
        {"(1.5) can0 123#00 X", true},                    /* no direction */
        {"(1.5) can0 123#00 T T", true},                  /* more behind it */
        {"  can0  123   [2]  DE", true},                  /* a byte is missing */
        {"  can0  123   [9]  DE", true},                  /* no such length */
        {"  can0  123  [65]  DE", true},                  /* the same of FD */
        {"  can0  123   [1]  DEA", true},                 /* no byte */
        {"  can0  123   [1]  DE AD", true},               /* one too many */
        {"  can0  123   {8}  DE", true},                  /* no raw length above 8 */
        {"  can0  123   [2]  AD`DE`00", true},            /* three bytes in reverse order */
        {"  can0  1234   [1]  DE", false},                /* no identifier */
        {"  can0  123   1  DE", false},                   /* no length */
        {"int a [0]", false},                             /* no width of an identifier */
        {"  can0   1234  [1] DE", false},                 /* the same */
        {"  can0   79   [1]  DE", false},                 /* later versions print zeros */
        {"  can0  79  [1] DE", false},                    /* two digits wide */
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(lines); i++) {
        char log[512];
        const char *records;

        snprintf(log, sizeof(log), "(1.0) can0 001##0\n(1.0) can0 001##0\n(1.0) can0 001##0\n%s\n",
                 lines[i].line);
        records = can_records(&reader_candump, log, strlen(log));
        if (strncmp(records,
                    "1.000000000 can0 001##4\n1.000000000 can0 001##4\n1.000000000 can0 001##4\n",
                    72) != 0 ||
            (strstr(records, "problem: line 4 is not as a log of candump has it; skipped 1 such "
                             "line\n") != NULL) != lines[i].damaged ||
            (strstr(records, "remark: 1 of 4 lines are not of a log of candump and were skipped, "
                             "the first is line 4\n") != NULL) == lines[i].damaged)
            fail_msg("%s: %s", lines[i].line, records);
    }
}

/* A comment, what candump says of itself, and CAN XL, which no bootloader speaks */
static void lines_without_a_frame(void **state)
{
    (void)state;
    assert_can_records(&reader_candump,
                       "# a comment\n"
                       "Disabled standard output while logging.\n"
                       "Enabling Logfile 'candump-2025-03-14_101521.log'\n"
                       "(1.5) can0 123#81:00:12345678#1122\n"
                       "  can0  123  [0002]  11 22\n"
                       "(1.5) can0 111##15A\n",
                       "1.500000000 can0 111##55A\n");
}

static void frames_that_candump_lost_are_told(void **state)
{
    (void)state;
    assert_can_records(
        &reader_candump,
        "(1.5) can0 111##15A\n"
        "DROPCOUNT: dropped 3 CAN frames on 'can0' socket (total drops 3)\n"
        "(1.6) can0 111##179\n"
        "DROPCOUNT: dropped 1 CAN frame on 'can0' socket (total drops 4)\n",
        "1.500000000 can0 111##55A\n"
        "1.600000000 can0 111##579\n"
        "remark: candump lost 4 frames, as line 2 says first; what is missing may be among them\n");
}

/* Without -x, the screen tells neither who sent nor whether the rate was switched; without -t, no
 * times. */
static void the_screen(void **state)
{
    (void)state;
    assert_can_records(&reader_candump,
                       "  can0  111  [01]  5A\n"
                       "  can0  002  [00]  \n"
                       "  can0  002   [2]  04 50\n"
                       "  can0  079   [0]  \n"
                       "  can0  079   [0]  remote request\n"
                       "  can0  079   [4]  remote request\n"
                       "  can0  18DAF110   [1]  01\n"
                       "  can0  123   {E}  11 22 33 44 55 66 77 88\n"
                       "  can0  20000020   [8]  00 00 00 00 00 00 00 00   ERRORFRAME\n"
                       "\tno-acknowledgement-on-tx\n"
                       "\terror-counter-tx-rx{{128}{0}}\n",
                       "0.000000000 can0 111##05A !\n"
                       "0.000000000 can0 002##0 !\n"
                       "0.000000000 can0 002#0450 !\n"
                       "0.000000000 can0 079# !\n"
                       "0.000000000 can0 079#R0 !\n"
                       "0.000000000 can0 079#R4 !\n"
                       "0.000000000 can0 18DAF110#01 !\n"
                       "0.000000000 can0 123#1122334455667788_E !\n"
                       "0.000000000 can0 20000020#0000000000000000 !\n");
}

static void the_screen_with_times_and_directions(void **state)
{
    (void)state;
    assert_can_records(&reader_candump,
                       " (1741947321.500000)  can0  TX B -  111  [01]  5A\n"
                       " (1741947321.501200)  can0  RX - E  111  [01]  79\n"
                       " (1741947321.501300)  can0  RX B E  111  [01]  79\n"
                       " (1741947323.500000123)  can0  TX - -  079   [1]  79\n",
                       "1741947321.500000000 can0 111##55A T\n"
                       "1741947321.501200000 can0 111##679\n"
                       "1741947321.501300000 can0 111##779\n"
                       "1741947323.500000123 can0 079#79 T\n");
    /* -tA; 2025-03-14 10:15:21 UTC is 1741947321 */
    assert_can_records(&reader_candump, " (2025-03-14 10:15:21.500000)  can0  111  [01]  5A\n",
                       "1741947321.500000000 can0 111##05A\n");
}

/* -tz counts from the first frame, -td from the one before; only times that go back tell which. */
static void relative_times(void **state)
{
    (void)state;
    assert_can_records(&reader_candump,
                       " (000.000000)  can0  079   [0] \n"
                       " (000.001200)  can0  079   [1]  79\n"
                       " (000.010100)  can0  002   [0] \n",
                       "0.000000000 can0 079#\n"
                       "0.001200000 can0 079#79\n"
                       "0.010100000 can0 002#\n");
    assert_can_records(&reader_candump,
                       " (000.000000)  can0  079   [0] \n"
                       " (000.001200)  can0  079   [1]  79\n"
                       " (000.008900)  can0  002   [0] \n"
                       " (000.000900)  can0  002   [1]  79\n"
                       " (000.000200)  can0  002   [2]  04 50\n",
                       "0.000000000 can0 079#\n"
                       "0.001200000 can0 079#79\n"
                       "0.010100000 can0 002#\n"
                       "0.011000000 can0 002#79\n"
                       "0.011200000 can0 002#0450\n");
}

/* Frames are not held back for ever: after 32 the times count from the first one. */
static void relative_times_of_many_frames(void **state)
{
    char log[2048] = "";
    char expected[2048] = "";

    (void)state;
    for (unsigned i = 0; i < 34; i++) {
        const unsigned ms = i == 33 ? 5 : i * 10;

        snprintf(log + strlen(log), sizeof(log) - strlen(log), " (000.%03u000)  c  001   [0]\n",
                 ms);
        snprintf(expected + strlen(expected), sizeof(expected) - strlen(expected),
                 "0.%03u000000 c 001#\n", ms);
    }
    assert_can_records(&reader_candump, log, expected);
}

/* -a, -i, -S, -c */
static void the_screen_in_other_forms(void **state)
{
    (void)state;
    assert_can_records(&reader_candump,
                       "  can0  123   [4]  DE AD 42 45               '..BE'\n"
                       "  can0  123   [2]  11011110 10101101\n"
                       "  can0  123   [4]  45`42`AD`DE\n"
                       "  can0  123   [4]  45`42`AD`DE               `EB..`\n"
                       "  can0  123   [2]  10101101`11011110\n"
                       "  can0  123   [1]  5A                        'Z'\n"
                       "\033[34m (1741947321.500000)  \033[31mcan0  123  \033[0m [1]  5A\033[0m\n",
                       "0.000000000 can0 123#DEAD4245 !\n"
                       "0.000000000 can0 123#DEAD !\n"
                       "0.000000000 can0 123#DEAD4245 !\n"
                       "0.000000000 can0 123#DEAD4245 !\n"
                       "0.000000000 can0 123#DEAD !\n"
                       "0.000000000 can0 123#5A !\n"
                       "1741947321.500000000 can0 123#5A !\n");
}

/* Older can-utils print identifiers of "%3X" and "%8X", two blanks around them, and "[%d]". */
static void the_screen_of_older_versions(void **state)
{
    (void)state;
    assert_can_records(&reader_candump,
                       "  can0   79  [0]\n"
                       "  can0    2  [2] 04 50\n"
                       "  can0  7FF  [1] 5A\n"
                       "  can0    0  [1] 5A\n"
                       "  can0   79  [4] remote request\n"
                       "  can0         2  [1] 5A\n"
                       "  can0       123  [1] 5A\n"
                       "  can0  18DAF110  [1] 01\n"
                       "  can0  20000020  [8] 00 00 00 00 00 00 00 00   ERRORFRAME\n"
                       "  can0    2  [4] DE AD 42 45             '..BE'\n"
                       "  can0    2  [1] 01011010\n"
                       "  can0    2  [4] 45`42`AD`DE\n",
                       "0.000000000 can0 079# !\n"
                       "0.000000000 can0 002#0450 !\n"
                       "0.000000000 can0 7FF#5A !\n"
                       "0.000000000 can0 000#5A !\n"
                       "0.000000000 can0 079#R4 !\n"
                       "0.000000000 can0 00000002#5A !\n"
                       "0.000000000 can0 00000123#5A !\n"
                       "0.000000000 can0 18DAF110#01 !\n"
                       "0.000000000 can0 20000020#0000000000000000 !\n"
                       "0.000000000 can0 002#DEAD4245 !\n"
                       "0.000000000 can0 002#5A !\n"
                       "0.000000000 can0 002#DEAD4245 !\n");
    assert_can_records(&reader_candump,
                       "(1741947321.500000)  can0   79  [0]\n"
                       "(1741947321.501200)  can0   79  [1] 79\n"
                       "(2025-03-14 10:15:21.510100)  can0    2  [0]\n",
                       "1741947321.500000000 can0 079#\n"
                       "1741947321.501200000 can0 079#79\n"
                       "1741947321.510100000 can0 002#\n");
}

/* As people paste it: quoted, lines doubled, with other text, cut at either end */
static void pasted(void **state)
{
    (void)state;
    assert_can_records(&reader_candump,
                       "\xef\xbb\xbf"
                       "\r\n\r\nMoin, hier mein Log f\xfcr das Ger\xe4t:\r\n\r\n"
                       ">   can0  111  [01]  5A\r\n>\r\n\r\n> >   can0  111  [01]  79\r\n\r\n"
                       "$ candump can0\r\n\r\n"
                       "> \033[31m  can1  002  [00]\033[0m\r\n  can0  00",
                       "0.000000000 can0 111##05A !\n"
                       "0.000000000 can0 111##079 !\n"
                       "0.000000000 can1 002##0 !\n"
                       "remark: 3 of 6 lines are not of a log of candump and were skipped, the "
                       "first is line 5\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fd_lines),
        cmocka_unit_test(classic_lines),
        cmocka_unit_test(extended_remote_and_error_lines),
        cmocka_unit_test(micro_and_nanoseconds),
        cmocka_unit_test(direction_of_candump_x),
        cmocka_unit_test(long_interface_names_are_cut),
        cmocka_unit_test(other_lines),
        cmocka_unit_test(lines_without_a_frame),
        cmocka_unit_test(frames_that_candump_lost_are_told),
        cmocka_unit_test(the_screen),
        cmocka_unit_test(the_screen_with_times_and_directions),
        cmocka_unit_test(relative_times),
        cmocka_unit_test(relative_times_of_many_frames),
        cmocka_unit_test(the_screen_in_other_forms),
        cmocka_unit_test(the_screen_of_older_versions),
        cmocka_unit_test(pasted),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
