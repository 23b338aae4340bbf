/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The recorders, byte by byte against the registered link types (tcpdump.org) and the kernel's
 * usbmon documentation.
 */
#include "wire.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <pcap/pcap.h>

static char path[] = "/tmp/boottap-capture-XXXXXX";

/** The one record of a capture as hexadecimal, with a space where a field starts. */
static void assert_record(const char *expected)
{
    char error[PCAP_ERRBUF_SIZE];
    char got[1024] = "";
    char want[1024] = "";
    struct pcap_pkthdr *header;
    const u_char *bytes;
    pcap_t *in = pcap_open_offline(path, error);

    assert_non_null(in);
    assert_int_equal(pcap_next_ex(in, &header, &bytes), 1);
    assert_int_equal(header->ts.tv_sec, 1767225600);
    for (size_t i = 0; i < header->caplen; i++)
        snprintf(got + 2 * i, 3, "%02X", bytes[i]);
    for (; *expected; expected++)
        if (*expected != ' ')
            want[strlen(want)] = *expected;
    assert_string_equal(got, want);
    pcap_close(in);
}

static struct sim_capture *begin(enum sim_linktype linktype)
{
    const struct sim_capture_options options = {.linktype = linktype};
    return sim_capture_open(path, &options);
}

/* 1767225600 = 6955B900; 5 us; TX; RTS and DTR; two bytes of footer. */
static void rtac(void **state)
{
    static const uint8_t bytes[] = {0x7F};
    struct sim_capture *capture = begin(SIM_RTAC);

    (void)state;
    sim_write_rtac(capture, SIM_EPOCH + 5 * SIM_US, RTAC_TX, RTAC_RTS | RTAC_DTR, bytes, 1);
    sim_capture_close(capture);
    assert_record("6955B900 00000005 01 18 0000 7F");
}

static const uint8_t get_status[] = {0xA1, 0x03, 0x00, 0x00, 0x00, 0x00, 0x06, 0x00};

/* Little-endian machines only: usbmon's fields are in the order of the host. */
static void usbmon(void **state)
{
    const struct sim_usb_record record = {.at = SIM_EPOCH + 7 * SIM_US,
                                          .id = 0x1122,
                                          .transfer = USB_CONTROL,
                                          .endpoint = 0x80,
                                          .device = 12,
                                          .bus = 1,
                                          .setup = get_status,
                                          .length = 6};
    const uint16_t one = 1;
    struct sim_capture *capture;

    (void)state;
    if (*(const uint8_t *)&one != 1)
        skip();
    capture = begin(SIM_USBMON_MMAPPED);
    sim_write_usb(capture, &record);
    sim_capture_close(capture);
    /* id, S, control, endpoint, device, bus, setup there, IN: no data, time, EINPROGRESS,
     * lengths, setup, four words of 0 */
    assert_record("2211000000000000 53 02 80 0C 0100 00 3C 00B9556900000000 07000000 8DFFFFFF "
                  "06000000 00000000 A103000000000600 00000000 00000000 00000000 00000000");
    capture = begin(SIM_USBMON);
    sim_write_usb(capture, &record);
    sim_capture_close(capture);
    assert_record("2211000000000000 53 02 80 0C 0100 00 3C 00B9556900000000 07000000 8DFFFFFF "
                  "06000000 00000000 A103000000000600");
}

static void usbpcap(void **state)
{
    struct sim_usb_record record = {.at = SIM_EPOCH,
                                    .id = 0x1122,
                                    .transfer = USB_CONTROL,
                                    .endpoint = 0x80,
                                    .device = 12,
                                    .bus = 1,
                                    .setup = get_status,
                                    .length = 6};
    struct sim_capture *capture = begin(SIM_USBPCAP);

    (void)state;
    sim_write_usb(capture, &record);
    sim_capture_close(capture);
    /* header length 28, id, status, function, info, bus, device, endpoint, control, length 8,
     * stage setup */
    assert_record("1C00 2211000000000000 00000000 1B00 00 0100 0C00 80 02 08000000 00 "
                  "A103000000000600");
    record.completion = true;
    record.setup = NULL;
    record.length = 0;
    record.status = USB_STALLED;
    capture = begin(SIM_USBPCAP);
    sim_write_usb(capture, &record);
    sim_capture_close(capture);
    assert_record("1C00 2211000000000000 040000C0 1B00 01 0100 0C00 80 02 00000000 03");
}

static void socketcan(void **state)
{
    const struct sim_can_frame frame = {
        .id = 0x111, .fd = true, .rate_switch = true, .length = 1, .data = {0x5A}};
    const struct sim_capture_options options = {.linktype = SIM_CAN, .payload_only = true};
    struct sim_capture *capture = sim_capture_open(path, &options);

    (void)state;
    sim_write_can(capture, SIM_EPOCH, &frame);
    sim_capture_close(capture);
    /* big-endian id, length, FDF and BRS */
    assert_record("00000111 01 05 0000 5A");
}

static void candump(void **state)
{
    const struct sim_can_frame frame = {
        .id = 0x31, .fd = true, .rate_switch = true, .length = 2, .data = {0x79, 0x1F}};
    struct sim_capture *capture = begin(SIM_CANDUMP);
    char line[128];
    FILE *file;

    (void)state;
    sim_write_can(capture, SIM_EPOCH + 1500 * SIM_US, &frame);
    sim_capture_close(capture);
    file = fopen(path, "r");
    assert_non_null(file);
    assert_non_null(fgets(line, sizeof(line), file));
    fclose(file);
    assert_string_equal(line, "(1767225600.001500) can0 031##1791F\n");
}

static int make_path(void **state)
{
    int file = mkstemp(path);

    (void)state;
    return file < 0 ? -1 : close(file);
}

static int remove_path(void **state)
{
    (void)state;
    return remove(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rtac),      cmocka_unit_test(usbmon),  cmocka_unit_test(usbpcap),
        cmocka_unit_test(socketcan), cmocka_unit_test(candump),
    };
    return cmocka_run_group_tests(tests, make_path, remove_path);
}
