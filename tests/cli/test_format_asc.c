/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Vector's logs as text. 2025-03-14 10:15:21 UTC is 1741947321 s after 1970.
 */
#include <stdio.h>
#include <string.h>

#include "can_records.h"
#include "formats/reader/reader.h"
#include "test.h"

#define HEAD                                                                                       \
    "date Fri Mar 14 10:15:21.500 am 2025\n"                                                       \
    "base hex  timestamps absolute\n"                                                              \
    "internal events logged\n"                                                                     \
    "// version 12.0.0\n"

/** What stands behind the bytes of an FD frame: its duration, its bits, flags, and more */
#define TAIL(flags) "   102203  133   " flags " e0006659 46500250 4b140250 20011736 2001040d\n"

static void frames(void **state)
{
    (void)state;
    assert_can_records(
        &reader_asc,
        HEAD "Begin TriggerBlock Fri Mar 14 10:15:21.500 am 2025\n"
             "   0.000000 Start of measurement\n"
             "   1.000000 CANFD   1 Tx          111                  1 0 1  1 5A" TAIL(
                 "303000") "   1.001200 CANFD   2 Rx          111  Reply           0 1 1  1 "
                           "79" TAIL("305000") "   1.010100 CANFD   1 Tx            2              "
                                               "    1 0 0  0" TAIL("303000") "   1.020500 CANFD   "
                                                                             "1 Rx 18DAF110x       "
                                                                             "              1 0 9 "
                                                                             "12 "
                                                                             "00 01 02 03 04 05 06 "
                                                                             "07 08 09 0A 0B" TAIL(
                                                                                 "303000") "   "
                                                                                           "2."
                                                                                           "000000 "
                                                                                           "1  79  "
                                                                                           "       "
                                                                                           "     "
                                                                                           "Tx   d "
                                                                                           "0   "
                                                                                           "Length "
                                                                                           "= "
                                                                                           "244016 "
                                                                                           "BitCoun"
                                                                                           "t = "
                                                                                           "125 ID "
                                                                                           "= 121\n"
                                                                                           "   "
                                                                                           "2."
                                                                                           "001200 "
                                                                                           "1  79  "
                                                                                           "       "
                                                                                           "     "
                                                                                           "Rx   d "
                                                                                           "1 79  "
                                                                                           "Length "
                                                                                           "= "
                                                                                           "244016 "
                                                                                           "BitCoun"
                                                                                           "t = "
                                                                                           "125\n"
                                                                                           "   "
                                                                                           "2."
                                                                                           "020500 "
                                                                                           "1  "
                                                                                           "18DAF11"
                                                                                           "0x     "
                                                                                           "  Rx   "
                                                                                           "d 5 08 "
                                                                                           "00 00 "
                                                                                           "00 07\n"
                                                                                           "   "
                                                                                           "2."
                                                                                           "021000 "
                                                                                           "1  79  "
                                                                                           "       "
                                                                                           "     "
                                                                                           "Rx   d "
                                                                                           "D 00 "
                                                                                           "01 02 "
                                                                                           "03 04 "
                                                                                           "05 06 "
                                                                                           "07\n"
                                                                                           "   "
                                                                                           "2."
                                                                                           "022000 "
                                                                                           "1  79  "
                                                                                           "       "
                                                                                           "     "
                                                                                           "Tx   "
                                                                                           "r\n"
                                                                                           "   "
                                                                                           "2."
                                                                                           "023000 "
                                                                                           "1  79  "
                                                                                           "       "
                                                                                           "     "
                                                                                           "Rx   r "
                                                                                           "4\n"
                                                                                           "   "
                                                                                           "3."
                                                                                           "015991 "
                                                                                           "1  "
                                                                                           "Statist"
                                                                                           "ic: D "
                                                                                           "16 R 0 "
                                                                                           "XD 0 "
                                                                                           "XR 0 E "
                                                                                           "0 O 0 "
                                                                                           "B "
                                                                                           "0.04%\n"
                                                                                           "   "
                                                                                           "3."
                                                                                           "100000 "
                                                                                           "1  "
                                                                                           "J1939TP"
                                                                                           " FEE3p "
                                                                                           "6 0 0 "
                                                                                           "- Rx d "
                                                                                           "23 A0 "
                                                                                           "0F A6 "
                                                                                           "60 3B "
                                                                                           "D1\n"
                                                                                           "   "
                                                                                           "3."
                                                                                           "200000 "
                                                                                           "2  "
                                                                                           "ErrorFr"
                                                                                           "ame\n"
                                                                                           "   "
                                                                                           "3."
                                                                                           "300000 "
                                                                                           "CANFD  "
                                                                                           " 2 Rx "
                                                                                           "ErrorFr"
                                                                                           "ame\n"
                                                                                           "   "
                                                                                           "3."
                                                                                           "400000 "
                                                                                           "1  "
                                                                                           "Status:"
                                                                                           "chip "
                                                                                           "status "
                                                                                           "error "
                                                                                           "active"
                                                                                           "\n"
                                                                                           "   "
                                                                                           "3."
                                                                                           "500000 "
                                                                                           "1  "
                                                                                           "Status:"
                                                                                           "chip "
                                                                                           "status "
                                                                                           "bus "
                                                                                           "off\n"
                                                                                           "End "
                                                                                           "Trigger"
                                                                                           "Block"
                                                                                           "\n",
        "1741947322.500000000 1 111##55A T\n"
        "1741947322.501200000 2 111##679\n"
        "1741947322.510100000 1 002##5 T\n"
        "1741947322.520500000 1 18DAF110##5000102030405060708090A0B\n"
        "1741947323.500000000 1 079# T\n"
        "1741947323.501200000 1 079#79\n"
        "1741947323.520500000 1 18DAF110#0800000007\n"
        "1741947323.521000000 1 079#0001020304050607_D\n"
        "1741947323.522000000 1 079#R0 T\n"
        "1741947323.523000000 1 079#R4\n"
        /* linux/can/error.h: 8 a protocol violation, 80 a bus error */
        "1741947324.700000000 2 20000088#0000000000000000\n"
        "1741947324.800000000 2 20000088#0000000000000000\n"
        "1741947325.000000000 1 20000040#0000000000000000\n");
}

/* What an FD frame's line says of its flags decides what the frame was. */
static void flags_of_fd_lines(void **state)
{
    (void)state;
    assert_can_records(
        &reader_asc,
        "base hex  timestamps absolute\n"
        "1.0 CANFD 1 Rx 111 0 0 8 8 00 01 02 03 04 05 06 07" TAIL(
            "200000") "1.0 CANFD 1 Rx 111 0 0 d 8 00 01 02 03 04 05 06 07" TAIL("200000") "1.0 "
                                                                                          "CANFD 1 "
                                                                                          "Rx 111 "
                                                                                          "0 0 4 "
                                                                                          "0" TAIL(
                                                                                              "2000"
                                                                                              "10") "1.0 CANFD 1 Rx 111 0 0 1 1 79\n",
        "1.000000000 1 111#0001020304050607\n"
        "1.000000000 1 111#0001020304050607_D\n"
        "1.000000000 1 111#R0\n"
        "1.000000000 1 111##479\n");
}

/* Identifiers and bytes in decimal; times since the event before, whatever event that was */
static void decimal_and_relative(void **state)
{
    (void)state;
    assert_can_records(&reader_asc,
                       "date Fri Mar 14 10:15:21.500 am 2025\n"
                       "base dec  timestamps relative\n"
                       "no internal events logged\n"
                       "   0.250000 1  121             Tx   d 1 90\n"
                       "   0.250000 1  Statistic: D 1 R 0 XD 0 XR 0 E 0 O 0 B 0.04%\n"
                       "   0.001000 1  417001744x      Rx   d 2 121 255\n",
                       "1741947321.750000000 1 079#5A T\n"
                       "1741947322.001000000 1 18DAF110#79FF\n");
}

static void assert_date(const char *date, const char *seconds)
{
    char log[256];
    char expected[64];

    snprintf(log, sizeof(log), "date %s\nbase hex timestamps absolute\n0.0 1 2 Tx d 0\n", date);
    snprintf(expected, sizeof(expected), "%s 1 002# T\n", seconds);
    assert_can_records(&reader_asc, log, expected);
}

static void dates(void **state)
{
    (void)state;
    assert_date("Fri Mar 14 10:15:21.500 am 2025", "1741947321.500000000");
    assert_date("Fri Mar 14 10:15:21.500 pm 2025", "1741990521.500000000"); /* 12 h later */
    assert_date("Fri Mar 14 12:15:21 am 2025", "1741911321.000000000");     /* 10 h before */
    assert_date("Fri Mar 14 12:15:21 PM 2025", "1741954521.000000000");     /* 2 h later */
    assert_date("Fri Mar 14 22:15:21 2025", "1741990521.000000000");
    assert_date("Fre M\xe4r 14 10:15:21.500 2025", "1741947321.500000000");
    assert_date("Fre M\xc3\xa4r 14 10:15:21.500 2025", "1741947321.500000000");
    /* `date -u -d '2024-10-31 00:00:00' +%s`, 05-01 and 12-31 likewise */
    assert_date("Don Okt 31 00:00:00 2024", "1730332800.000000000");
    assert_date("Thu Oct 31 12:00:00 am 2024", "1730332800.000000000");
    assert_date("Mit Mai 1 00:00:00 2024", "1714521600.000000000");
    assert_date("Die Dez 31 00:00:00 2024", "1735603200.000000000");
    /* None: times since the start remain. */
    assert_date("Fri Foo 14 10:15:21 2025", "0.000000000");
    assert_date("Fri Mar 14 13:15:21 pm 2025", "0.000000000");
    assert_date("Fri Mar 32 10:15:21 2025", "0.000000000");
}

static void several_sessions(void **state)
{
    (void)state;
    assert_can_records(&reader_asc,
                       "Begin Triggerblock Fri Mar 14 10:15:21 2025\n"
                       "1.0 1 79 Tx d 0\n"
                       "End TriggerBlock\n"
                       "Begin Triggerblock Fri Mar 14 10:15:31 2025\n"
                       "1.0 1 79 Tx d 0\n",
                       "1741947322.000000000 1 079# T\n"
                       "1741947332.000000000 1 079# T\n");
}

static void damaged_and_other_lines(void **state)
{
    (void)state;
    assert_can_records(&reader_asc,
                       HEAD "1.0 1 79 Tx d 2 5A\n"      /* a byte is missing */
                            "1.0 1 800 Tx d 0\n"        /* over 11 bits */
                            "1.0 1 EngineData Tx d 0\n" /* a name, whose number nobody knows */
                            "1.0 CANFD 1 Tx 79 1 0 9 13 5A\n" /* no such length */
                            "1.0 CANFD 1 Tx 79 2 0 1 1 5A\n"  /* no bit */
                            "9000000000.0 1 79 Tx d 0\n"      /* beyond btap_ns */
                            "1.0 1 79 TxRq d 0\n"             /* asked for, and sent later */
                            "1.0 Li 1 2 Tx 0\n",              /* no CAN */
                       "problem: line 5 is not as a Vector ASC log has it; skipped 6 such "
                       "lines\n");
}

/* Quoted, doubled lines, CRLF, a head that was cut off */
static void pasted(void **state)
{
    (void)state;
    assert_can_records(&reader_asc,
                       "Hallo zusammen\r\n\r\n"
                       ">    1.000000 1  79              Tx   d 0\r\n>\r\n"
                       ">    1.001000 1  79              Rx   d 1 79\r\n\r\n"
                       ">    1.002000 1  79              Rx   d 1 79\r\n\r\n"
                       ">    1.003000 1  79              Rx   d 1 79\r\n\r\n",
                       "1.000000000 1 079# T\n"
                       "1.001000000 1 079#79\n"
                       "1.002000000 1 079#79\n"
                       "1.003000000 1 079#79\n"
                       "remark: 1 of 5 lines are not of a Vector ASC log and were skipped, the "
                       "first is line 1\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(frames),
        cmocka_unit_test(flags_of_fd_lines),
        cmocka_unit_test(decimal_and_relative),
        cmocka_unit_test(dates),
        cmocka_unit_test(several_sessions),
        cmocka_unit_test(damaged_and_other_lines),
        cmocka_unit_test(pasted),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
