/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Logs of STM32CubeProgrammer, line by line: what each becomes, worked out by hand.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "formats/reader/first.h"
#include "formats/reader/reader.h"
#include "test.h"

#define SHOWN_MAX 4096
#define LATE      "23:59:59:900 : "
#define EARLY     "00:00:00:100 : "

static char shown[SHOWN_MAX];
static char remark[256]; /* at the end of the log read last */

static void show(const char *format, ...) __attribute__((format(printf, 1, 2)));

static void show(const char *format, ...)
{
    const size_t length = strlen(shown);
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(shown + length, sizeof(shown) - length, format, arguments);
    va_end(arguments);
}

static void show_bytes(const struct btap_record *record, size_t from)
{
    for (size_t i = from; i < record->captured; i++)
        show("%02x", record->bytes[i]);
}

/** RTAC: event type at 8, lines at 9, bytes from 12 on. */
static void show_serial(const struct btap_record *record)
{
    const uint8_t type = record->bytes[8];

    if (record->comment_length > 0)
        show("[%.*s]", (int)record->comment_length - (int)strlen(BTAP_SERIAL_COMMENT),
             record->comment + strlen(BTAP_SERIAL_COMMENT));
    else if (type == 0)
        show("lines=%02x", record->bytes[9]);
    else
        show(type == 1 ? ">" : "<");
    show_bytes(record, 12);
}

/** usbmon: type at 8, status at 28, setup at 40, data from 64 on. */
static void show_usb(const struct btap_record *record)
{
    const uint8_t *bytes = record->bytes;

    assert_int_equal(bytes[9], 2);
    if (bytes[8] == 'S')
        show("S%02x%02x:%u+%u", bytes[40], bytes[41], bytes[42] | bytes[43] << 8,
             bytes[46] | bytes[47] << 8);
    else
        show("C%d", (int)(int32_t)((uint32_t)bytes[28] | (uint32_t)bytes[29] << 8 |
                                   (uint32_t)bytes[30] << 16 | (uint32_t)bytes[31] << 24));
    if (record->captured > 64)
        show("=");
    show_bytes(record, 64);
}

/** Reads a log. @return what its records lack */
static uint32_t read_log(const char *text)
{
    FILE *file = fopen("cubeprog.log", "wb");
    struct reader reader = {0};
    struct btap_record record;
    uint32_t lacks = 0;

    assert_non_null(file);
    fputs(text, file);
    fclose(file);
    shown[0] = '\0';
    reader.fd = open("cubeprog.log", O_RDONLY);
    assert_true(reader.fd >= 0);
    assert_true(reader_start(&reader, &reader_cubeprog));
    while (reader.format->next(&reader, &record) == READER_NEXT) {
        show("%s", shown[0] != '\0' ? " " : "");
        if (record.linktype == BTAP_LINKTYPE_RTAC_SERIAL)
            show_serial(&record);
        else
            show_usb(&record);
        lacks = record.lacks;
    }
    memcpy(remark, reader.remark, sizeof(remark));
    close(reader.fd);
    remove("cubeprog.log");
    reader_release(&reader);
    return lacks;
}

#define SENT "byte 0x7F sent successfully to target\n"

static const struct {
    const char *log;
    const char *records;
} logs[] = {
    /* Bytes, of all versions */
    {SENT, ">7f"},
    {"10:15:21 : " SENT, ">7f"},
    {"  10:15:21:034 : " SENT, ">7f"},
    {"10:15:21:034 " SENT, ">7f"},
    {"[flash] " SENT, ">7f"},
    {"data sent successfully to target: 0x0800000008\n", ">0800000008"},
    {"data sent successfully to target:\n0800000008\n0001\nChip ID: 0x450\n", ">0800000008 >0001"},
    {"Received response from target: 0x79\n", "<79"},
    {"Received 4 data bytes from target : 0x01045079\n", "<01045079"},
    /* What only repeats */
    {"Received response from target: 0x1f\nResponse received from device: NACK\n", "<1f"},
    {"Full received response: 0b3179\nsize of bytes in the response: 11\n", ""},
    /* The words alone, at lower verbosity */
    {SENT "Response received from device: NACK\n", ">7f <1f"},
    /* Trouble of the host's port doubles no byte */
    {"bytesToWrite before send = 1\nwaitForBytesWritten Error : \xc3\xbc\n" SENT, ">7f"},
    /* What the tool says of commands */
    {SENT "Timeout error occured while waiting for acknowledgement.\n",
     ">7f [the tool waited in vain]"},
    {"Sending init command:\n" SENT "Sending GetID command and its XOR:\n",
     ">7f [a command begins]"},
    {SENT "Reemission of GetID command\n", ">7f [a command begins]"},
    {SENT "UART PORT CLOSE\n", ">7f [a command begins]"},
    /* Lines and settings; the command line breaks in the middle, some languages have a comma */
    {"RTS low\nDTR high\n", "lines=00 lines=10"},
    {"Port configuration: parity = even, baudrate = 115200, data-bit = 8,      stop-bit = 1.0, "
     "flow-control = off\n",
     "[115200 8E1]"},
    {"Port configuration: parity = none, baudrate = 9600, data-bit = 8,\n   stop-bit = 1,5, "
     "flow-control = off\n",
     "[9600 8N1.5]"},
    /* What somebody says of such lines, and what is none */
    {"I get \"Received response from target: 0x79\" and nothing more\n", ""},
    {"Received response from target: 0x7\n", ""},
    {"byte 0x7G sent successfully to target\n", ""},
    /* Quoted, with empty lines between, other line ends, a byte order mark */
    {"\xef\xbb\xbf> " SENT ">\r\n> Received response from target: 0x79\r\n", ">7f <79"},

    /* USB: a GETSTATUS is two lines, in either spelling; a repetition is none */
    {"DFU status = 0\nDFU State = 9\nStatus: 0, State: 9\n", "Sa103:0+6 C0=000000000900"},
    {"DFU status = 11 : errVENDOR\nDFU state = 10 : dfuERROR\n", "Sa103:0+6 C0=0b0000000a00"},
    {"sending an abort request\n", "S2106:0+0 C0"},
    {"sending a clear status request\n", "S2104:0+0 C0"},
    /* A command with its data, or without them */
    {"sending a page erase request @: 0x08000000\ndata: 4100000008\n", "S2101:0+5=4100000008 C0"},
    {"setting the address pointer to address: 0x08000400\n", "S2101:0+5=2100040008 C0"},
    {"data: 2100000008\n", "S2101:0+5=2100000008 C0"},
    /* Blocks count from 2 after each address */
    {"data: 2100000008\ndata: aabb\ndata: ccdd\n",
     "S2101:0+5=2100000008 C0 S2101:2+2=aabb C0 S2101:3+2=ccdd C0"},
    /* An upload, whose data are not there; one that stalls */
    {"  Size          : 64 Bytes\nreceiving packet nbr: 0\n", "Sa102:2+64 C0"},
    {"receiving packet nbr: 1\nlibusb control transfer error: -9\n", "Sa102:3+2048 C-32"},
    /* Who the device is, before the first request */
    {"  |_idVendor   : 0x0483\n  |_idProduct  : 0xDF11\nsending an abort request\n",
     "S8006:256+18 C0=1201000000000000830411df000000000000 S2106:0+0 C0"},
};

static void lines_become_records(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT_OF(logs); i++) {
        read_log(logs[i].log);
        if (strcmp(shown, logs[i].records) != 0)
            fail_msg("%s\nis       %s\nnot      %s", logs[i].log, shown, logs[i].records);
    }
}

/** Milliseconds are times; whole seconds, of which a command takes a thousandth, and none are not.
 */
static void what_a_log_cannot_tell(void **state)
{
    const uint32_t usb = BTAP_LACKS_REPLIES | BTAP_LACKS_POLL_TIMES | BTAP_LACKS_DATA;

    (void)state;
    assert_int_equal(read_log("10:15:21:034 : " SENT), BTAP_LACKS_REPLIES);
    assert_int_equal(read_log("10:15:21 : " SENT), BTAP_LACKS_REPLIES | BTAP_LACKS_TIMES);
    assert_int_equal(read_log(SENT), BTAP_LACKS_REPLIES | BTAP_LACKS_TIMES);
    assert_int_equal(read_log("10:15:21:034 : sending an abort request\n"), usb);
}

/** 23:59:59.9 and 00:00:00.1, of no known day: 200 ms later. */
static void a_log_may_pass_midnight(void **state)
{
    FILE *file = fopen("cubeprog.log", "wb");
    struct reader reader = {0};
    struct btap_record record;

    (void)state;
    assert_non_null(file);
    fputs(LATE SENT EARLY SENT, file);
    fclose(file);
    reader.fd = open("cubeprog.log", O_RDONLY);
    assert_true(reader_start(&reader, &reader_cubeprog));
    assert_int_equal(reader.format->next(&reader, &record), READER_NEXT);
    assert_int_equal(record.time, INT64_C(86399900) * 1000000);
    assert_int_equal(reader.format->next(&reader, &record), READER_NEXT);
    assert_int_equal(record.time, INT64_C(86400100) * 1000000);
    close(reader.fd);
    remove("cubeprog.log");
    reader_release(&reader);
}

static bool probes_as(const struct reader_format *format, const char *text)
{
    const struct first first = first_from((const uint8_t *)text, strlen(text));

    return format->kind.probe(&first);
}

static bool probes(const char *text)
{
    return probes_as(&reader_cubeprog, text);
}

/** A log of verbosity 1 tells what to do, and what it has; the remark must not be cut. */
static void a_log_without_bytes_says_so(void **state)
{
#define WITHOUT                                                                                    \
    "a log of STM32CubeProgrammer that does not hold the bytes: run the tool again with -vb 3 "    \
    "and save what it prints"
    static const struct {
        const char *log;
        const char *remark;
    } said[] = {
        {"RTS low\nPort configuration: parity = even, baudrate = 115200, data-bit = 8, stop-bit = "
         "1.0\nActivating device: OK\n",
         WITHOUT},
        {"Port configuration: parity = none, baudrate = 9600, data-bit = 8, stop-bit = 1.0\n"
         "Timeout error occured while waiting for acknowledgement.\n"
         "Error: Activating device: KO. Please, verify the boot mode configuration\n"
         "What can I do?\nHelp!\nPlease!\n",
         WITHOUT "; it tells that no answer came in time; the port had no parity, where the "
                 "bootloader wants 8E1, even parity"},
        {"Port configuration: parity = odd, baudrate = 9600, data-bit = 8, stop-bit = 1.0\n"
         "Timeout error occured while waiting for acknowledgement.\n",
         WITHOUT "; it tells that no answer came in time; the port had odd parity, where the "
                 "bootloader wants 8E1, even parity"},
        {"Port configuration: parity = none, baudrate = 9600, data-bit = 8, stop-bit = 1.0\n" SENT
         "Timeout error occured while waiting for acknowledgement.\n",
         ""},
        {"sending an abort request\n", ""},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(said); i++) {
        read_log(said[i].log);
        assert_string_equal(remark, said[i].remark);
    }
}

static void content_tells_such_a_log(void **state)
{
    (void)state;
    assert_true(probes("10:15:20 : STM32CubeProgrammer API v2.14.0 | Windows-64Bits\n"));
    assert_true(probes(SENT));
    assert_true(probes("DFU status = 0\nDFU State = 9\n"));
    assert_false(probes("DFU State = 9\n"));
    assert_false(probes("  CAN peripheral parameters\n  Baudrate : 125 Kbps\n"));
    assert_false(probes("STM32CubeProgrammer does not find my device\n"));
    assert_false(probes("Error: Activating device: KO. Please, verify\n"));
    assert_true(
        probes_as(&reader_cubeprog_words, "Error: Activating device: KO. Please, verify\n"));
    assert_true(probes_as(&reader_cubeprog_words, "RTS low\nPort configuration: parity = none\n"));
    assert_false(probes_as(&reader_cubeprog_words, "Activating device: OK\n" SENT));
    assert_false(
        probes_as(&reader_cubeprog_words, "STM32CubeProgrammer does not find my device\n"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_become_records),     cmocka_unit_test(what_a_log_cannot_tell),
        cmocka_unit_test(a_log_may_pass_midnight),  cmocka_unit_test(a_log_without_bytes_says_so),
        cmocka_unit_test(content_tells_such_a_log),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
