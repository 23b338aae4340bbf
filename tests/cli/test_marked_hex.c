/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Logs of bytes with marks, as terminal programs print them and people write on them. Each shape is
 * of the same session by hand: 7F, Get ID (0x450), and a Read Memory that is refused.
 */
#include <stdio.h>
#include <string.h>

#include "capture/capture.h"
#include "formats/formats.h"
#include "formats/serial/hex_words.h"
#include "program.h"
#include "said.h"
#include "test.h"

#define TRANSACTIONS_MAX 8

struct decoded {
    size_t length;
    struct btap_transaction list[TRANSACTIONS_MAX];
    uint32_t lost;     /**< bytes, as notes say */
    unsigned has_lost; /**< notes of lost bytes */
};

static struct capture capture;

static void on_transaction(void *context, const struct btap_link *link,
                           const struct btap_transaction *transaction)
{
    struct decoded *decoded = context;

    (void)link;
    assert_true(decoded->length < TRANSACTIONS_MAX);
    decoded->list[decoded->length++] = *transaction;
}

static void on_note(void *context, const struct btap_link *link, uint64_t n,
                    const struct btap_note *note)
{
    struct decoded *decoded = context;

    (void)link;
    (void)n;
    if (note->id != BTAP_NOTE_BYTES_LOST)
        return;
    decoded->lost += note->arg[0];
    decoded->has_lost++;
}

/** Reads a log. @param[out] said what the program said of it */
static struct decoded decode(const char *log, const char **said)
{
    struct decoded decoded = {0};
    const struct btap_sink sink = {
        .context = &decoded,
        .note = on_note,
        .transaction = on_transaction,
    };

    write_file("log.txt", log, strlen(log));
    said_begin();
    capture_read(&capture, "log.txt", NULL, &sink);
    *said = said_end();
    return decoded;
}

static bool is_read(const char *text)
{
    const struct first first = first_from((const uint8_t *)text, strlen(text));
    const struct reader_format *format = formats_find(&first);

    return format != NULL && strcmp(format->kind.name, "a log of bytes with marks") == 0;
}

static const char *const shapes[] = {
    /* Between the bytes */
    "TX: 7F\nRX: 79\nTX: 02-FD\nRX: 79-01-04-50-79\nTX: 11-EE\nRX: 1F\n",
    "TX: 7F\nRX: 79\nTX: 02:FD\nRX: 79:01:04:50:79\nTX: 11:EE\nRX: 1F\n",
    "TX: 7F\nRX: 79\nTX: 02FD\nRX: 7901045079\nTX: 11EE\nRX: 1F\n",
    "TX: 0x7F\nRX: 0x79\nTX: 0x02FD\nRX: 0x7901045079\nTX: 0x11EE\nRX: 0x1F\n",
    "TX: 7F\nRX: 79\nTX: 2 FD\nRX: 79 1 4 50 79\nTX: 11 EE\nRX: 1F\n",
    "TX: 0x7f\nRX: 0x79\nTX: 0x2 0xfd\nRX: 0x79 0x1 0x4 0x50 0x79\nTX: 0x11 0xee\nRX: 0x1f\n",
    "TX: 7Fh\nRX: 79h\nTX: 02h FDh\nRX: 79h 01h 04h 50h 79h\nTX: 11h EEh\nRX: 1Fh\n",
    "TX: $7F\nRX: $79\nTX: $02 $FD\nRX: $79 $01 $04 $50 $79\nTX: $11 $EE\nRX: $1F\n",
    "TX: [7F]\nRX: [79]\nTX: [02 FD]\nRX: [79 01 04 50 79]\nTX: [11 EE]\nRX: [1F]\n",
    "TX: { 0x7F }\nRX: { 0x79 }\nTX: { 0x02, 0xFD }\nRX: { 0x79, 0x01, 0x04, 0x50, 0x79 }\n"
    "TX: { 0x11, 0xEE }\nRX: { 0x1F }\n",
    /* Behind them */
    "TX: 7F  |.|\nRX: 79  |y|\nTX: 02 FD  |..|\nRX: 79 01 04 50 79  |y..Py|\nTX: 11 EE  |..|\n"
    "RX: 1F  |.|\n",
    "TX: 7F  .\nRX: 79  y\nTX: 02 FD  ..\nRX: 79 01 04 50 79  y..Py\nTX: 11 EE  ..\nRX: 1F  .\n",
    "TX: 7F\nRX: 79 (ACK)\nTX: 02 FD\nRX: 79 01 04 50 79\nTX: 11 EE\nRX: 1F   <-- NACK !!!\n",
    "TX: 7F ; sync\nRX: 79\nTX: 02 FD // Get ID\nRX: 79 01 04 50 79\nTX: 11 EE # read\nRX: 1F\n",
    "TX: 7F Sync\nRX: 79 ACK\nTX: 02 FD Get ID\nRX: 79 01 04 50 79 PID\nTX: 11 EE Read\n"
    "RX: 1F NACK\n",
    "TX: 7F (1 byte)\nRX: 79 3 ms\nTX: 02 FD 2 bytes\nRX: 79 01 04 50 79\nTX: 11 EE\nRX: 1F\n",
    /* Before them */
    "TX (1): 7F\nRX (1): 79\nTX (2): 02 FD\nRX (5): 79 01 04 50 79\nTX (2): 11 EE\nRX (1): 1F\n",
    "TX[1]: 7F\nRX[1]: 79\nTX[2]: 02 FD\nRX[5]: 79 01 04 50 79\nTX[2]: 11 EE\nRX[1]: 1F\n",
    "TX 1 byte: 7F\nRX 1 byte: 79\nTX 2 bytes: 02 FD\nRX 5 bytes: 79 01 04 50 79\n"
    "TX 2 bytes: 11 EE\nRX 1 byte: 1F\n",
    "PC->MCU: 7F\nMCU->PC: 79\nPC->MCU: 02 FD\nMCU->PC: 79 01 04 50 79\nPC->MCU: 11 EE\n"
    "MCU->PC: 1F\n",
    "PC -> STM32 : 7F\nPC <- STM32 : 79\nPC -> STM32 : 02 FD\nPC <- STM32 : 79 01 04 50 79\n"
    "PC -> STM32 : 11 EE\nPC <- STM32 : 1F\n",
    "\xe2\x86\x92 7F\n\xe2\x86\x90 79\n\xe2\x86\x92 02 FD\n\xe2\x86\x90 79 01 04 50 79\n"
    "\xe2\x86\x92 11 EE\n\xe2\x86\x90 1F\n",
    "Gesendet: 7F\nEmpfangen: 79\nGesendet: 02 FD\nEmpfangen: 79 01 04 50 79\nGesendet: 11 EE\n"
    "Empfangen: 1F\n",
    "<TX> 7F\n<RX> 79\n<TX> 02 FD\n<RX> 79 01 04 50 79\n<TX> 11 EE\n<RX> 1F\n",
    "TX>7F\nRX<79\nTX>02 FD\nRX<79 01 04 50 79\nTX>11 EE\nRX<1F\n",
    /* Times */
    "18.09.2019 20:28:01,867 TX: 7F\n18.09.2019 20:28:01,868 RX: 79\n"
    "18.09.2019 20:28:01,869 TX: 02 FD\n18.09.2019 20:28:01,870 RX: 79 01 04 50 79\n"
    "18.09.2019 20:28:01,871 TX: 11 EE\n18.09.2019 20:28:01,872 RX: 1F\n",
    "9/18/2019 8:28:01.867 PM TX: 7F\n9/18/2019 8:28:01.868 PM RX: 79\n"
    "9/18/2019 8:28:01.869 PM TX: 02 FD\n9/18/2019 8:28:01.870 PM RX: 79 01 04 50 79\n"
    "9/18/2019 8:28:01.871 PM TX: 11 EE\n9/18/2019 8:28:01.872 PM RX: 1F\n",
    "[20:28:01:867] TX: 7F\n[20:28:01:868] RX: 79\n[20:28:01:869] TX: 02 FD\n"
    "[20:28:01:870] RX: 79 01 04 50 79\n[20:28:01:871] TX: 11 EE\n[20:28:01:872] RX: 1F\n",
    "[  12.020] TX: 7F\n[  12.021] RX: 79\n[  12.022] TX: 02 FD\n[  12.023] RX: 79 01 04 50 79\n"
    "[  12.024] TX: 11 EE\n[  12.025] RX: 1F\n",
    "20 TX: 7F\n21 RX: 79\n22 TX: 02 FD\n23 RX: 79 01 04 50 79\n24 TX: 11 EE\n25 RX: 1F\n",
    /* Lines below */
    "TX: 7F\nRX: 79\nTX: 02 FD\nRX: 79 01\n    04 50\n79\nTX: 11 EE\nRX: 1F\n",
    "TX: 7F\nRX: 79\nTX: 02 FD\nRX:\n0000: 79 01 04\n0003: 50 79\nTX: 11 EE\nRX: 1F\n",
    "TX: 7F\nRX: 79\nTX: 02 FD\nRX (5 bytes):\n00000000  79 01 04 50  y..P\n00000004  79  y\n"
    "TX: 11 EE\nRX: 1F\n",
    /* What is no line of bytes among them */
    "TX: 7F\nRX: 79\nWrite failed, retrying\nTX: 02 FD\nHost be ready\nRX: 79 01 04 50 79\n"
    "In 5 ms the device\nTX: 11 EE\nRX: 1F\n",
};

static void each_shape_shows_the_session(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(shapes); i++) {
        const char *said;
        const struct decoded decoded = decode(shapes[i], &said);

        print_message("%.60s\n", shapes[i]);
        assert_true(is_read(shapes[i]));
        assert_int_equal(decoded.length, 3);
        assert_int_equal(decoded.list[0].command, BTAP_SYNC);
        assert_int_equal(decoded.list[0].status, BTAP_OK);
        assert_int_equal(decoded.list[1].command, BTAP_GET_ID);
        assert_int_equal(decoded.list[1].status, BTAP_OK);
        assert_int_equal(decoded.list[1].pid, 0x450);
        assert_int_equal(decoded.list[2].command, BTAP_READ_MEMORY);
        assert_int_equal(decoded.list[2].status, BTAP_NACK);
        assert_int_equal(decoded.has_lost, 0);
    }
}

/** Each transaction's time behind the first's. */
static void times_are_read(void **state)
{
    static const struct {
        const char *log;
        btap_ns began; /**< 2019-09-18 20:28:01.867, or without its date, or since some moment */
    } logs[] = {
        {"18.09.2019 20:28:01,867 TX: 7F\n18.09.2019 20:28:01,868 RX: 79\n",
         INT64_C(1568838481867000000)},
        {"2019-09-18T22:28:01.867+02:00 TX: 7F\n2019-09-18T22:28:01.868+02:00 RX: 79\n",
         INT64_C(1568838481867000000)},
        {"[2019-09-18 20:28:01:867] TX: 7F\n[2019-09-18 20:28:01:868] RX: 79\n",
         INT64_C(1568838481867000000)},
        /* It could be a day of the ninth month, or of another */
        {"09/08/2019 8:28:01.867 PM TX: 7F\n09/08/2019 8:28:01.868 PM RX: 79\n",
         INT64_C(73681867000000)},
        {"[20:28:01:867] TX: 7F\n[20:28:01:868] RX: 79\n", INT64_C(73681867000000)},
        {"[  12.020] TX: 7F\n[  12.021] RX: 79\n", INT64_C(12020000000)},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(logs); i++) {
        const char *said;
        const struct decoded decoded = decode(logs[i].log, &said);

        assert_int_equal(decoded.length, 1);
        assert_int_equal(decoded.list[0].time, logs[i].began);
        assert_int_equal(decoded.list[0].duration, 1000000);
    }
}

/** What a log says it leaves out is missing, and nothing after it is taken for it. */
static void what_is_left_out_is_missing(void **state)
{
    static const struct {
        const char *log; /**< of a Write Memory of 16 bytes; then Get ID */
        uint32_t lost;
    } logs[] = {
        {"TX: 31 CE\nRX: 79\nTX: 08 00 00 00 08\nRX: 79\nTX: <18 data bytes>\nRX: 79\nTX: 02 FD\n"
         "RX: 79 01 04 50 79\n",
         18},
        {"TX: 31 CE\nRX: 79\nTX: 08 00 00 00 08\nRX: 79\nTX (18 bytes)\nRX: 79\nTX: 02 FD\n"
         "RX: 79 01 04 50 79\n",
         18},
        {"TX: 31 CE\nRX: 79\nTX: 08 00 00 00 08\nRX: 79\nTX: 0F 00 ... (18 bytes)\nRX: 79\n"
         "TX: 02 FD\nRX: 79 01 04 50 79\n",
         16},
        {"TX: 31 CE\nRX: 79\nTX: 08 00 00 00 08\nRX: 79\nTX: 0F 00 (+16 more)\nRX: 79\nTX: 02 FD\n"
         "RX: 79 01 04 50 79\n",
         16},
        /* It does not say how many. */
        {"TX: 31 CE\nRX: 79\nTX: 08 00 00 00 08\nRX: 79\nTX: 0F 00 ...\nRX: 79\nTX: 02 FD\n"
         "RX: 79 01 04 50 79\n",
         0},
        {"TX: 31 CE\nRX: 79\nTX: 08 00 00 00 08\nRX: 79\nTX: 0F 00 \xe2\x80\xa6\nRX: 79\nTX: 02 "
         "FD\n"
         "RX: 79 01 04 50 79\n",
         0},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(logs); i++) {
        const char *said;
        const struct decoded decoded = decode(logs[i].log, &said);

        print_message("%s\n", logs[i].log);
        assert_int_equal(decoded.length, 2);
        assert_int_equal(decoded.list[0].command, BTAP_WRITE_MEMORY);
        assert_int_equal(decoded.list[1].command, BTAP_GET_ID);
        assert_int_equal(decoded.list[1].status, BTAP_OK);
        assert_int_equal(decoded.lost, logs[i].lost);
        assert_int_equal(decoded.has_lost, 1);
    }
}

/** A line that has a mark and text may have been bytes: that is told, be it one in many. */
static void text_in_place_of_bytes_is_told(void **state)
{
    const char *said;

    (void)state;
    decode("TX: 7F\nRX: 79\nTX: the data\nTX: 02 FD\nRX: 79 01 04 50 79\nTX: 11 EE\nRX: 1F\n"
           "RX: nothing more\n",
           &said);
    assert_non_null(strstr(said,
                           "text stands in place of bytes in 2 lines with the mark of a side, "
                           "the first is line 3; if bytes were sent there, they are missing"));
}

static void what_is_no_such_log_is_not_read(void **state)
{
    (void)state;
    assert_false(is_read("RX: be careful\nTX: add some\n"));
    assert_false(is_read("Write 16 bytes to 0x08000000\nRead 16 bytes\n"));
    assert_false(is_read("TX: 121 255\nRX: 121 1 4 80 121\n"));
    assert_false(is_read("  10:15:21:000 : Device De"));
    assert_false(is_read("Host   --> 7f            .\nDevice --> 79            y\n"));
    assert_false(is_read("In 5 minutes\nOut 7 times\n"));
    assert_false(is_read("> 12 bytes were sent\n< 7 came back\n"));
    assert_false(is_read("TX: 5 bytes\nRX: 7 bytes\n"));
}

static void numbers_of_bytes_are_understood(void **state)
{
    (void)state;
    assert_int_equal(hex_words_told("18 bytes", 2), 18);
    assert_int_equal(hex_words_told("<18 data bytes>", 2), 18);
    assert_int_equal(hex_words_told("... 16 more", 2), 18);
    assert_int_equal(hex_words_told("(1 byte)", 0), 1);
    assert_int_equal(hex_words_told("8 of 18 bytes", 0), 0);
    assert_int_equal(hex_words_told("at 18 ms", 0), 0);
    assert_int_equal(hex_words_told("x18 bytes", 0), 0);
    assert_int_equal(hex_words_told("65537 bytes", 0), 0);
    assert_int_equal(hex_words_told("", 0), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_shape_shows_the_session),
        cmocka_unit_test(times_are_read),
        cmocka_unit_test(what_is_left_out_is_missing),
        cmocka_unit_test(text_in_place_of_bytes_is_told),
        cmocka_unit_test(what_is_no_such_log_is_not_read),
        cmocka_unit_test(numbers_of_bytes_are_understood),
    };

    return cmocka_run_group_tests(tests, enter_directory, leave_directory);
}
