/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What readers of text are made of: times, strace's strings and settings, the hexadecimal notation.
 */
#include <string.h>

#include "formats/reader/scan.h"
#include "formats/serial/marks.h"
#include "formats/serial/notation.h"
#include "formats/serial/strace_call.h"
#include "formats/serial/strace_settings.h"
#include "test.h"

/** The time of day that a text begins with; -1: none. */
static btap_ns clock_of(const char *text)
{
    btap_ns time;

    return scan_clock(&text, &time) ? time : -1;
}

static void times_of_day(void **state)
{
    (void)state;
    assert_int_equal(clock_of("10:15:21.5 x"), INT64_C(36921500000000));
    assert_int_equal(clock_of("1:02:03,000000001"), INT64_C(3723000000001));
    assert_int_equal(clock_of("1:15:21 PM"), INT64_C(47721000000000));
    assert_int_equal(clock_of("12:00:00 AM"), 0);
    assert_int_equal(clock_of("24:00:00"), -1);
    assert_int_equal(clock_of("10:15"), -1);
    assert_int_equal(clock_of("13:00:00 PM"), -1);
}

static void dates(void **state)
{
    const char *at = "2024-02-29";
    btap_ns midnight;

    (void)state;
    /* date -u -d 2024-02-29 +%s */
    assert_true(scan_date(&at, &midnight));
    assert_int_equal(midnight, INT64_C(1709164800) * SCAN_NS_PER_S);
    at = "2023-02-29";
    assert_false(scan_date(&at, &midnight));
    at = "2024-13-01";
    assert_false(scan_date(&at, &midnight));
    assert_false(scan_midnight(1969, 12, 31, &midnight));
    assert_true(scan_midnight(1970, 1, 1, &midnight));
    assert_int_equal(midnight, 0);
}

/** The moment that a text is; -1: none, or there is more behind it. */
static btap_ns moment_of(const char *text)
{
    btap_ns time;

    return scan_date_time(&text, &time) && *text == '\0' ? time : -1;
}

static void moments_of_iso_8601(void **state)
{
    /* date -u -d "2025-03-14 10:15:21" +%s */
    const btap_ns second = INT64_C(1741947321) * SCAN_NS_PER_S;

    (void)state;
    assert_int_equal(moment_of("2025-03-14T10:15:21Z"), second);
    assert_int_equal(moment_of("2025-03-14T10:15:21.000000001Z"), second + 1);
    assert_int_equal(moment_of("2025-03-14 10:15:21"), second);
    assert_int_equal(moment_of("2025-03-14T12:15:21+02:00"), second);
    assert_int_equal(moment_of("2025-03-14T04:45:21-05:30"), second);
    assert_int_equal(moment_of("1970-01-01T01:00:00+01:00"), 0);
    assert_int_equal(moment_of("1970-01-01T00:00:00+01:00"), -1); /* before 1970 */
    assert_int_equal(moment_of("2025-03-14T10:15:21+2"), -1);
    assert_int_equal(moment_of("2025-03-14"), -1);
    assert_int_equal(moment_of("10:15:21"), -1);
}

static void a_clock_passes_midnight(void **state)
{
    struct scan_days days = {0};

    (void)state;
    assert_int_equal(scan_day_time(&days, SCAN_DAY - 1), SCAN_DAY - 1);
    assert_int_equal(scan_day_time(&days, 5), SCAN_DAY + 5);
    assert_int_equal(scan_day_time(&days, 3), SCAN_DAY + 3);
}

/** Decodes what stands between quotes. @return how many bytes */
static size_t string_of(const char *text, uint8_t *bytes)
{
    size_t length = 0;

    while (strace_byte(&text, &bytes[length]))
        length++;
    return length;
}

/** strace(1), option -x: octal digits as few as do, three where a digit follows */
static void strings_of_strace(void **state)
{
    uint8_t bytes[16];

    (void)state;
    assert_int_equal(string_of("\\177\\2\\375\"...", bytes), 3);
    assert_memory_equal(bytes, "\x7f\x02\xfd", 3);
    assert_int_equal(string_of("\\4P\\0001\\n\\t\\v\\f\\r\\\"\\\\\"", bytes), 11);
    assert_memory_equal(bytes,
                        "\x04P\x00"
                        "1\n\t\v\f\r\"\\",
                        11);
    assert_int_equal(string_of("\\x7f\\x79y\"", bytes), 3);
    assert_memory_equal(bytes, "\x7f\x79y", 3);
    assert_int_equal(string_of("\\xg0\"", bytes), 0);
    assert_int_equal(string_of("ab", bytes), 2);
}

static void assert_settings(const char *termios, uint32_t baud, uint8_t data_bits,
                            enum btap_parity parity, uint8_t half_stop_bits)
{
    struct btap_serial_settings settings;

    assert_true(strace_settings(termios, &settings));
    assert_int_equal(settings.baud, baud);
    assert_int_equal(settings.data_bits, data_bits);
    assert_int_equal(settings.parity, parity);
    assert_int_equal(settings.half_stop_bits, half_stop_bits);
}

static void settings_of_strace(void **state)
{
    struct btap_serial_settings settings;

    (void)state;
    assert_settings("{c_iflag=, c_cflag=B57600|CS8|CREAD|PARENB|CLOCAL, c_lflag=ECHOE, ...}", 57600,
                    8, BTAP_PARITY_EVEN, 2);
    assert_settings("{c_iflag=0, c_cflag=B115200|CS7|CSTOPB|CREAD|PARENB|PARODD, ...}", 115200, 7,
                    BTAP_PARITY_ODD, 4);
    /* B115200 0x1002, CS8 0x30, CREAD 0x80, PARENB 0x100 (asm-generic/termbits.h) */
    assert_settings("{c_iflags=0, c_oflags=0, c_cflags=0x11b2, c_lflags=0, ...}", 115200, 8,
                    BTAP_PARITY_EVEN, 2);
    assert_settings("{c_cflag=BOTHER|CS8|CREAD, c_line=0, c_ispeed=250000, c_ospeed=250000}",
                    250000, 8, BTAP_PARITY_NONE, 2);
    assert_settings("{B57600 -opost -isig -icanon -echo ...}", 57600, 0, BTAP_PARITY_UNKNOWN, 0);
    assert_false(strace_settings("0x7ffc01020304", &settings));
    assert_false(strace_settings("{ws_row=24}", &settings));
}

static void lines_of_strace(void **state)
{
    uint8_t lines;

    (void)state;
    assert_true(strace_lines("[TIOCM_DTR|TIOCM_RTS])", &lines));
    assert_int_equal(lines, BTAP_LINE_DTR | BTAP_LINE_RTS);
    /* TIOCM_RTS (asm-generic/termios.h) */
    assert_true(strace_lines("[0x4])", &lines));
    assert_int_equal(lines, BTAP_LINE_RTS);
    assert_true(strace_lines("[])", &lines));
    assert_int_equal(lines, 0);
    assert_false(strace_lines("0x7ffc01020304)", &lines));
}

static void words_of_labels(void **state)
{
    (void)state;
    assert_int_equal(marks_in("UART TX"), BTAP_HOST_TO_DEVICE);
    assert_int_equal(marks_in("rx-data"), BTAP_DEVICE_TO_HOST);
    assert_int_equal(marks_in("Channel R"), BTAP_DIRECTION_UNKNOWN);
    assert_int_equal(marks_in("Async Serial [1]"), BTAP_DIRECTION_UNKNOWN);
    assert_int_equal(marks_find("-->", 3), BTAP_HOST_TO_DEVICE);
    assert_int_equal(marks_find("<", 1), BTAP_DEVICE_TO_HOST);
}

/** What notation_check() says of a text; "" nothing */
static const char *problem_of(const char *text)
{
    static char problem[NOTATION_PROBLEM_SIZE];

    bool right;

    problem[0] = '\0';
    right = notation_check(text, problem);
    assert_int_equal(right, problem[0] == '\0');
    return problem;
}

static void notation(void **state)
{
    (void)state;
    assert_string_equal(problem_of("7F > 79; 0x00 FF>79 0b31 ??*3 00*256 # all of it"), "");
    assert_string_equal(problem_of("[115200 8E1]\n[lines DTR RTS]\n7F\n- > 79 [parity error]\n"),
                        "");
    assert_string_equal(problem_of("<> 7F 79 [break] [? ???]"), "");
    assert_string_equal(problem_of("7F > 7"),
                        "column 6: '7': a byte is two hexadecimal digits, such "
                        "as 7F, or ?? where it is not known");
    assert_non_null(strstr(problem_of("7F > 79\n02 FX"), "line 2, column 4: 'FX': a byte is two"));
    assert_non_null(strstr(problem_of("7F > 79 > 79"), "column 9: '>': a second >"));
    assert_non_null(strstr(problem_of("00*0"), "column 4: '0'"));
    assert_non_null(strstr(problem_of("00*65537"), "a number from 1 to 65536"));
    assert_non_null(strstr(problem_of("0011*2"), "column 5: '*2': * repeats one byte"));
    assert_non_null(strstr(problem_of("7F [party error]"), "column 4: '[party': what stands in"));
    assert_non_null(strstr(problem_of("7F <> 79"), "<> stands at the start"));
    assert_non_null(strstr(problem_of("7F < 79"), "device bytes stand behind >"));
    assert_string_equal(problem_of("# nothing"), "there is no byte in it");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(times_of_day),
        cmocka_unit_test(dates),
        cmocka_unit_test(moments_of_iso_8601),
        cmocka_unit_test(a_clock_passes_midnight),
        cmocka_unit_test(strings_of_strace),
        cmocka_unit_test(settings_of_strace),
        cmocka_unit_test(lines_of_strace),
        cmocka_unit_test(words_of_labels),
        cmocka_unit_test(notation),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
