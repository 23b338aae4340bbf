/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * CAN logs of BUSMASTER, SavvyCAN (GVRET) and Kvaser, and what slcan adapters say. 2025-03-14
 * 10:15:21 UTC is 1741947321 s after 1970, the midnight before it 1741910400.
 */
#include <string.h>

#include "can_records.h"
#include "formats/reader/reader.h"
#include "test.h"

#define BUSMASTER(base, mode)                                                                      \
    "***BUSMASTER Ver 3.2.2***\n"                                                                  \
    "***PROTOCOL CAN***\n"                                                                         \
    "***START DATE AND TIME 14:3:2025 10:15:20:120***\n"                                           \
    "***" base "***\n"                                                                             \
    "***" mode " MODE***\n"                                                                        \
    "***CHANNEL 1 - PEAK - PCAN-USB FD - 500000 bps***\n"                                          \
    "***<Time><Tx/Rx><Channel><CAN ID><Type><DLC><DataBytes>***\n"

static void busmaster(void **state)
{
    (void)state;
    assert_can_records(
        &reader_busmaster,
        BUSMASTER("HEX", "SYSTEM") "10:15:21:5000 Tx 1 0x079 s 0  \n"
                                   "10:15:21:5012 Rx 2 0x079 s 1 79 \n"
                                   "10:15:21:600 Rx 1 0x18DAF110 x 2 04 50 \n"
                                   "10:15:21:6001 Rx 1 0x079 sr 4 \n"
                                   "10:15:21:6002 Tx 1 0x18DAF110 xr 0 \n"
                                   "10:15:21:6003 Rx 1 0x079 s 13 00 01 02 03 04 05 06 07\n"
                                   "***END DATE AND TIME 14:3:2025 10:15:25:120***\n"
                                   "***[STOP LOGGING SESSION]***\n",
        "1741947321.500000000 1 079# T\n"
        "1741947321.501200000 2 079#79\n"
        "1741947321.600000000 1 18DAF110#0450\n"
        "1741947321.600100000 1 079#R4\n"
        "1741947321.600200000 1 18DAF110#R0 T\n"
        "1741947321.600300000 1 079#0001020304050607_D\n");
}

static void busmaster_in_decimal_past_midnight(void **state)
{
    (void)state;
    assert_can_records(&reader_busmaster,
                       BUSMASTER("DEC", "SYSTEM") "23:59:59:9000 Tx 1 121 s 1 90\n"
                                                  "00:00:00:1000 Rx 1 121 s 1 121\n",
                       "1741996799.900000000 1 079#5A T\n"
                       "1741996800.100000000 1 079#79\n");
}

/* Times since the start, and since the frame before */
static void busmaster_in_other_modes(void **state)
{
    (void)state;
    assert_can_records(&reader_busmaster,
                       BUSMASTER("HEX", "ABSOLUTE") "00:00:01:0000 Tx 1 0x079 s 0\n"
                                                    "00:00:01:0012 Rx 1 0x079 s 1 79\n",
                       "1741947321.120000000 1 079# T\n"
                       "1741947321.121200000 1 079#79\n");
    assert_can_records(&reader_busmaster,
                       BUSMASTER("HEX", "RELATIVE") "00:00:01:0000 Tx 1 0x079 s 0\n"
                                                    "00:00:00:0012 Rx 1 0x079 s 1 79\n",
                       "1741947321.120000000 1 079# T\n"
                       "1741947321.121200000 1 079#79\n");
}

static void busmaster_damaged(void **state)
{
    (void)state;
    assert_can_records(&reader_busmaster,
                       "> 10:15:21:5000 Tx 1 0x079 s 0\r\n>\r\n"
                       "> 10:15:21:5012 Rx 1 0x079 s 2 79\r\n"  /* a byte is missing */
                       "> 10:15:21:5012 Rx 1 0x800 s 0\r\n"     /* over 11 bits */
                       "> 10:15:21:5012 Rx 1 0x079 s 16 79\r\n" /* no length code */
                       "> 10:65:21:5012 Rx 1 0x079 s 0\r\n"     /* no time */
                       "> 10:15:21:5012 Rx 1 0x079 q 0\r\n"     /* no type */
                       "> 10:15:21:5012 Up 1 0x079 s 0\r\n",    /* no direction */
                       "36921.500000000 1 079# T\n"
                       "problem: line 5 is not as a log of BUSMASTER has it; skipped 3 such "
                       "lines\n");
}

static void gvret(void **state)
{
    (void)state;
    assert_can_records(&reader_gvret,
                       "Time Stamp,ID,Extended,Dir,Bus,LEN,D1,D2,D3,D4,D5,D6,D7,D8\n"
                       "166064000,00000079,false,Tx,0,0,\n"
                       "166065200,00000079,false,Rx,1,1,79,\n"
                       "166066000,18DAF110,true,Rx,0,2,04,50,00,00,00,00,00,00,\n",
                       "166.064000000 0 079# T\n"
                       "166.065200000 1 079#79\n"
                       "166.066000000 0 18DAF110#0450\n");
    /* Older files tell no direction. */
    assert_can_records(&reader_gvret,
                       "Time Stamp,ID,Extended,Bus,LEN,D1,D2,D3,D4,D5,D6,D7,D8\r\n"
                       "166065200,00000079,false,1,1,79,\r\n",
                       "166.065200000 1 079#79\n");
    assert_can_records(&reader_gvret,
                       "166064000,00000079,false,Tx,0,0,\n"
                       "166065200,00000079,false,Rx,1,2,79,\n"  /* a byte is missing */
                       "166065200,00000800,false,Rx,1,1,79,\n"  /* over 11 bits */
                       "166065200,00000079,false,Rx,1,65,79,\n" /* no length */
                       "-166065200,00000079,false,Rx,1,1,79,\n" /* no time */
                       "166065200,00000079,maybe,Rx,1,1,79,\n", /* neither */
                       "166.064000000 0 079# T\n"
                       "problem: line 2 is not as a CAN log of SavvyCAN (GVRET CSV) has it; "
                       "skipped 4 such lines\n");
}

static void kvaser(void **state)
{
    (void)state;
    assert_can_records(&reader_kvaser,
                       "Chn Identifier Flg   DLC  D0...1...2...3...4...5...6..D7       Time     "
                       "Dir\n"
                       " 0    00000079         0                                      154.266550 "
                       "T\n"
                       " 1    00000079         1  79                                  154.267750 "
                       "R\n"
                       " 0    18DAF110   X     2  04  50                              154.277750 "
                       "R\n"
                       " 0    00000079   R     4                                      154.278000 "
                       "R\n"
                       " 0    ErrorFrame                                              154.279000 "
                       "R\n"
                       " 0    121              2  90 121                              154.280000 "
                       "R\n",
                       "154.266550000 0 079# T\n"
                       "154.267750000 1 079#79\n"
                       "154.277750000 0 18DAF110#0450\n"
                       "154.278000000 0 079#R4\n"
                       "154.279000000 0 20000088#0000000000000000\n"
                       /* in decimal */
                       "154.280000000 0 079#5A79\n");
    assert_can_records(&reader_kvaser,
                       " 0    00000079         0          154.266550 T\n"
                       " 0    00000079         2  79      154.266550 T\n" /* a byte is missing */
                       " 0    00000079         16  79     154.266550 T\n" /* no length code */
                       " 0    0000079G         1  79      154.266550 T\n" /* no number */
                       " 0    00000079         1  79      154266550 T\n", /* no time */
                       "154.266550000 0 079# T\n"
                       "problem: line 2 is not as a log of Kvaser CanKing has it; skipped 3 such "
                       "lines\n");
}

/* Stamps count from the first one and go round after 60 s: EA5F is 59999, 0009 is 9. */
static void slcan(void **state)
{
    (void)state;
    assert_can_records(
        &reader_slcan,
        "C\rS4\rZ1\rO\rV\rV1013\r\a"
        "t07900001\rt079179EA5F\rT18DAF110204500009\rr07940013\rR18DAF1100001D\r\az\rC\r",
        "0.000000000 - 079#\n"
        "59.998000000 - 079#79\n"
        "60.008000000 - 18DAF110#0450\n"
        "60.018000000 - 079#R4\n"
        "60.028000000 - 18DAF110#R0\n");
}

/* Where a frame has no stamp, times say nothing. */
static void slcan_without_stamps(void **state)
{
    (void)state;
    assert_can_records(&reader_slcan, "t0790\rt0791791389\rt0020\rt0021791393\r",
                       "0.000000000 - 079# !\n"
                       "0.000000000 - 079#79 !\n"
                       "0.000000000 - 002# !\n"
                       "0.010000000 - 002#79 !\n");
    /* pasted, with line feeds */
    assert_can_records(&reader_slcan, "> t0790\r\n>\r\n> t079179\r\n",
                       "0.000000000 - 079# !\n"
                       "0.000000000 - 079#79 !\n");
}

/* FD, with the rate switched or not; 9 are 12 bytes */
static void slcan_fd(void **state)
{
    (void)state;
    assert_can_records(&reader_slcan,
                       "d11115A\rb11115A\rD18DAF110179\rB18DAF1109000102030405060708090A0B\r"
                       "t079D0001020304050607\r",
                       "0.000000000 - 111##45A !\n"
                       "0.000000000 - 111##55A !\n"
                       "0.000000000 - 18DAF110##479 !\n"
                       "0.000000000 - 18DAF110##5000102030405060708090A0B !\n"
                       "0.000000000 - 079#0001020304050607_D !\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(busmaster),
        cmocka_unit_test(busmaster_in_decimal_past_midnight),
        cmocka_unit_test(busmaster_in_other_modes),
        cmocka_unit_test(busmaster_damaged),
        cmocka_unit_test(gvret),
        cmocka_unit_test(kvaser),
        cmocka_unit_test(slcan),
        cmocka_unit_test(slcan_without_stamps),
        cmocka_unit_test(slcan_fd),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
