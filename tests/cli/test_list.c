/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * boottap list on machines of files (Documentation/ABI/testing: sysfs-bus-usb, sysfs-class-net,
 * sysfs-tty), and the answer of rtnetlink in which a CAN interface's bit rates stand.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fake_machine.h"
#include "full_machine.h"
#include "list/list.h"
#include "port/can_link.h"
#include "port/serial_list.h"
#include "port/usb_monitor.h"
#include "program.h"
#include "test.h"

static const struct fake_usb root_hub = {"usb1", "1", "1", "1d6b", "0002", "09", 0};
static const struct fake_usb bootloader = {"1-2", "1", "5", "0483", "df11", "00", 2};

static char *listed(const struct machine *of, bool json)
{
    char *text = NULL;
    size_t length;
    FILE *to = open_memstream(&text, &length);

    assert_non_null(to);
    list_print(of, json, to);
    assert_int_equal(fclose(to), 0);
    return text;
}

static void text_has_an_interface_a_line(void **state)
{
    char *text;

    (void)state;
    full_machine_fill();
    text = listed(&full_machine, false);
    assert_string_equal(
        text,
        "serial:dev/ttyS0            serial port\n"
        "serial:dev/ttyUSB0          FT232R \\x1b[31m USB UART, FTDI, serial A50285BI, "
        "0403:6001\n"
        "usbmon1 --device 1.5        STM32  BOOTLOADER, 0483:df11, in DFU mode\n"
        "usbmon1 --device 1.6        cafe:4000, can be told to go to DFU mode\n"
        "usbmon1                     USB bus 1, xHCI Host Controller\n"
        "usbmon0                     all USB buses\n"
        "can0                        CAN FD interface, up, 500000 bit/s, data 2000000 bit/s\n"
        "vcan0                       CAN interface, down [the interface is down: sudo ip link "
        "set vcan0 mtu 72 up]\n");
    free(text);
}

static void json_has_an_object_a_line(void **state)
{
    char *text;

    (void)state;
    full_machine_fill();
    text = listed(&full_machine, true);
    assert_int_equal(count_lines(text), 8);
    assert_non_null(strstr(text,
                           "{\"type\":\"interface\",\"v\":1,\"kind\":\"serial\",\"operand\":"
                           "\"serial:dev/ttyUSB0\",\"description\":\"FT232R \\u001b[31m USB UART, "
                           "FTDI, serial A50285BI, 0403:6001\",\"ready\":true,\"path\":"
                           "\"dev/ttyUSB0\",\"bus\":1,\"address\":4,\"vid\":1027,\"pid\":24577,"
                           "\"manufacturer\":\"FTDI\",\"product\":\"FT232R \\u001b[31m USB UART\","
                           "\"serial\":\"A50285BI\"}\n"));
    assert_non_null(strstr(text, "{\"type\":\"interface\",\"v\":1,\"kind\":\"dfu-device\","
                                 "\"operand\":\"usbmon1\",\"device\":\"1.5\",\"description\":"
                                 "\"STM32  BOOTLOADER, 0483:df11, in DFU mode\",\"ready\":true,"
                                 "\"path\":\"dev/bus/usb/001/005\",\"bus\":1,\"address\":5,"
                                 "\"vid\":1155,\"pid\":57105,\"product\":\"STM32  BOOTLOADER\","
                                 "\"dfu\":\"mode\"}\n"));
    assert_non_null(strstr(text, "\"dfu\":\"runtime\"}\n"));
    assert_non_null(strstr(text, "{\"type\":\"interface\",\"v\":1,\"kind\":\"usb-bus\",\"operand\":"
                                 "\"usbmon1\",\"description\":\"USB bus 1, xHCI Host Controller\","
                                 "\"ready\":true,\"path\":\"dev/usbmon1\"}\n"));
    assert_non_null(strstr(text,
                           "{\"type\":\"interface\",\"v\":1,\"kind\":\"can\",\"operand\":"
                           "\"can0\",\"description\":\"CAN FD interface, up, 500000 bit/s, "
                           "data 2000000 bit/s\",\"ready\":true,\"up\":true,\"fd\":true,"
                           "\"driver\":\"can\",\"bitrate\":500000,\"data_bitrate\":2000000}\n"));
    assert_non_null(strstr(text,
                           "\"ready\":false,\"missing\":\"the interface is down: sudo ip link "
                           "set vcan0 mtu 72 up\",\"up\":false,\"fd\":false,\"driver\":"
                           "\"vcan\"}\n"));
    free(text);
}

static void what_a_dfu_device_lacks_is_told(void **state)
{
    char *text;

    (void)state;
    fake_usb_plug(&root_hub);
    fake_usb_plug(&bootloader);
    text = listed(&fake_machine, false);
    assert_non_null(strstr(
        text, "usbmon1 --device 1.5        0483:df11, in DFU mode [the kernel's USB monitor is not "
              "loaded: sudo modprobe usbmon; this user's tools may not open dev/bus/usb/001/005; "
              "boottap's udev rule (60-boottap.rules) lets them]\n"));
    free(text);
}

static void assert_monitor(unsigned bus, const char *expected)
{
    char words[USB_MONITOR_MISSING_SIZE] = "";

    assert_int_equal(usb_monitor_missing(&fake_machine, bus, words), expected != NULL);
    if (expected != NULL)
        assert_string_equal(words, expected);
}

static void what_a_bus_lacks_is_told(void **state)
{
    (void)state;
    fake_usb_plug(&root_hub);
    assert_monitor(1, "the kernel's USB monitor is not loaded: sudo modprobe usbmon");
    assert_monitor(0, "the kernel's USB monitor is not loaded: sudo modprobe usbmon");
    assert_monitor(7, "there is no USB bus 7; 'boottap list' names those that there are");
    fake_file("sys/class/usbmon/usbmon1/dev", "248:1");
    assert_monitor(1,
                   "dev/usbmon1 is not there, though the kernel has it; a container must be given "
                   "it");
    fake_file("dev/usbmon1", "");
    assert_monitor(1, NULL);
    if (geteuid() == 0) /* who may read anything */
        return;
    assert_int_equal(chmod("dev/usbmon1", 0), 0);
    assert_monitor(1, "dev/usbmon1 may not be read; use sudo, or have boottap's udev rule "
                      "(60-boottap.rules) give it to the group wireshark and join that: sudo "
                      "usermod -aG wireshark $USER");
}

static void assert_can(enum can_link_use use, bool up, bool fd, const char *kind,
                       const char *expected)
{
    struct can_link link = {.name = "can3", .up = up, .fd = fd};
    char words[CAN_LINK_MISSING_SIZE] = "";

    snprintf(link.rates.kind, sizeof(link.rates.kind), "%s", kind);
    assert_int_equal(can_link_missing(&link, use, words), expected != NULL);
    if (expected != NULL)
        assert_string_equal(words, expected);
}

/* AN5405, "FDCAN settings": 20 MHz / (1 + 63 + 16) = 250 kbit/s, 20 MHz / (1 + 15 + 4) = 1 Mbit/s.
 */
static void what_a_can_interface_lacks_is_told(void **state)
{
    (void)state;
    assert_can(CAN_LINK_TO_FD, true, true, "can", NULL);
    assert_can(CAN_LINK_TO_FD, false, true, "can",
               "the interface is down: sudo ip link set can3 type can bitrate 250000 dbitrate "
               "1000000 fd on && sudo ip link set can3 up");
    assert_can(CAN_LINK_TO_FD, true, false, "",
               "takes classic frames only, and this bootloader speaks CAN FD: sudo ip link set "
               "can3 down && sudo ip link set can3 type can bitrate 250000 dbitrate 1000000 fd on "
               "&& sudo ip link set can3 up");
    assert_can(CAN_LINK_TO_FD, false, false, "vcan",
               "the interface is down: sudo ip link set can3 mtu 72 up");
    assert_can(CAN_LINK_TO_FD, true, false, "vcan",
               "takes classic frames only, and this bootloader speaks CAN FD: sudo ip link set "
               "can3 down && sudo ip link set can3 mtu 72 up");
}

/* AN3154, "CAN settings": 125 kbit/s. An interface for FD frames takes classic ones as well. */
static void classic_can_needs_less(void **state)
{
    (void)state;
    assert_can(CAN_LINK_TO_CLASSIC, true, false, "can", NULL);
    assert_can(CAN_LINK_TO_CLASSIC, true, true, "can", NULL);
    assert_can(CAN_LINK_TO_CLASSIC, false, false, "can",
               "the interface is down: sudo ip link set can3 type can bitrate 125000 && sudo ip "
               "link set can3 up");
    assert_can(CAN_LINK_TO_CLASSIC, false, false, "vcan",
               "the interface is down: sudo ip link set can3 up");
    assert_can(CAN_LINK_TO_LISTEN, true, false, "can", NULL);
    assert_can(CAN_LINK_TO_LISTEN, false, true, "can",
               "the interface is down: sudo ip link set can3 type can bitrate 250000 dbitrate "
               "1000000 fd on && sudo ip link set can3 up; classic CAN bootloader: bitrate 125000");
}

static void assert_rates(enum can_link_use use, uint32_t nominal, uint32_t data, bool expected)
{
    const struct can_link link = {.name = "can3", .up = true, .rates = {"can", nominal, data}};

    assert_int_equal(can_link_has_rates(&link, use), expected);
}

static void rates_of_the_bootloaders_are_known(void **state)
{
    static const struct can_link vcan = {.name = "vcan0", .rates = {"vcan", 0, 0}};
    static const struct can_link serial = {.name = "slcan0", .rates = {"slcan", 0, 0}};
    static const struct can_link set = {.name = "can3", .rates = {"can", 500000, 0}};

    (void)state;
    assert_rates(CAN_LINK_TO_FD, 250000, 1000000, true);
    assert_rates(CAN_LINK_TO_FD, 125000, 0, false);
    assert_rates(CAN_LINK_TO_FD, 250000, 2000000, false);
    assert_rates(CAN_LINK_TO_FD, 0, 0, true);
    assert_rates(CAN_LINK_TO_CLASSIC, 125000, 0, true);
    assert_rates(CAN_LINK_TO_CLASSIC, 125000, 1000000, true);
    assert_rates(CAN_LINK_TO_CLASSIC, 250000, 1000000, false);
    assert_rates(CAN_LINK_TO_LISTEN, 250000, 1000000, true);
    assert_rates(CAN_LINK_TO_LISTEN, 125000, 0, true);
    assert_rates(CAN_LINK_TO_LISTEN, 500000, 0, false);
    /* What Speed may set: nothing is a bus there, or nobody knows, or it is set so already. */
    assert_true(can_link_stays(&vcan, 500000));
    assert_false(can_link_stays(&serial, 500000));
    assert_true(can_link_stays(&set, 500000));
    assert_false(can_link_stays(&set, 125000));
}

static void a_port_that_is_not_there_is_told(void **state)
{
    const struct serial_listed port = {.path = "dev/ttyUSB9"};
    char words[SERIAL_LIST_MISSING_SIZE];

    (void)state;
    assert_true(serial_list_missing(&port, words));
    assert_string_equal(words,
                        "dev/ttyUSB9 is not there, though the kernel has it; a container must "
                        "be given it");
}

static void an_empty_machine_lists_nothing(void **state)
{
    char *text = listed(&fake_machine, false);

    (void)state;
    assert_string_equal(text, "");
    free(text);
}

/* RTM_NEWLINK (16) with IFLA_LINKINFO (18): IFLA_INFO_KIND (1) "can", IFLA_INFO_DATA (2) with
 * IFLA_CAN_BITTIMING (1) and IFLA_CAN_DATA_BITTIMING (9), struct can_bittiming of 32 bytes. */
static const uint8_t answer[] = {
    16 + 16 + 4 + 8 + 4 + 36 + 36,
    0,
    0,
    0,
    16,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0, /* header */
    0,
    0,
    0x18,
    0x01,
    3,
    0,
    0,
    0,
    0xc1,
    0,
    4,
    0,
    0,
    0,
    0,
    0, /* ifinfomsg */
    4 + 8 + 4 + 36 + 36,
    0,
    18,
    0, /* LINKINFO */
    8,
    0,
    1,
    0,
    'c',
    'a',
    'n',
    0, /* INFO_KIND */
    4 + 36 + 36,
    0,
    2,
    0, /* INFO_DATA */
    36,
    0,
    1,
    0,
    0x90,
    0xd0,
    0x03,
    0x00,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0, /* 250000 */
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    36,
    0,
    9,
    0,
    0x40,
    0x42,
    0x0f,
    0x00,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0, /* 1000000 */
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
    0,
};

static void bit_rates_are_read_from_the_kernels_answer(void **state)
{
    uint8_t bytes[sizeof(answer)];
    struct can_rates found;

    (void)state;
    memcpy(bytes, answer, sizeof(answer));
    assert_true(can_rates_read(bytes, sizeof(bytes), &found));
    assert_string_equal(found.kind, "can");
    assert_int_equal(found.nominal, 250000);
    assert_int_equal(found.data, 1000000);

    /* Cut anywhere it is no answer, or one without what was cut off; never read beyond its end. */
    for (size_t length = 0; length < sizeof(answer); length++) {
        uint8_t *cut = malloc(length + 1);

        memcpy(cut, answer, length);
        assert_false(can_rates_read(cut, length, &found));
        free(cut);
    }
    bytes[4] = 2; /* NLMSG_ERROR */
    assert_false(can_rates_read(bytes, sizeof(bytes), &found));
    assert_int_equal(found.nominal, 0);
}

static void the_command_lists_this_machine(void **state)
{
    struct run run = run_program("list --json");

    (void)state;
    assert_int_equal(run.status, 0);
    for (const char *line = run.out; *line != '\0'; line = strchr(line, '\n') + 1)
        assert_memory_equal(line, "{\"type\":\"interface\",\"v\":1,", 26);
    run_release(&run);

    run = run_program("list all");
    assert_int_equal(run.status, 2);
    assert_string_equal(run.err,
                        "boottap: list: 'all': there is nothing to name; try 'boottap help "
                        "list'\n");
    run_release(&run);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(text_has_an_interface_a_line, enter_directory,
                                        leave_directory),
        cmocka_unit_test_setup_teardown(json_has_an_object_a_line, enter_directory,
                                        leave_directory),
        cmocka_unit_test_setup_teardown(what_a_dfu_device_lacks_is_told, enter_directory,
                                        leave_directory),
        cmocka_unit_test_setup_teardown(what_a_bus_lacks_is_told, enter_directory, leave_directory),
        cmocka_unit_test(what_a_can_interface_lacks_is_told),
        cmocka_unit_test(classic_can_needs_less),
        cmocka_unit_test(rates_of_the_bootloaders_are_known),
        cmocka_unit_test(a_port_that_is_not_there_is_told),
        cmocka_unit_test_setup_teardown(an_empty_machine_lists_nothing, enter_directory,
                                        leave_directory),
        cmocka_unit_test(bit_rates_are_read_from_the_kernels_answer),
        cmocka_unit_test(the_command_lists_this_machine),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
