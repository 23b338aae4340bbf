/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Writes a large capture that could be dear for what keeps all of it: the Wireshark plugin.
 *
 *     bench_plugin_capture KIND PACKETS FILE
 *
 * serial-foreign, usb-foreign and can-foreign hold no bootloader: Modbus requests and replies, a
 * USB disk, sensors. syncs is a host that repeats one byte and gets no answer; read is one read-out
 * of memory; backwards writes blocks apart from each other from the highest address down; links is
 * 10 000 USB devices in turn.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host_usart.h"
#include "products.h"

#define FLASH_START  0x08000000u
#define FLASH_END    0x08100000u
#define BLOCK        256u
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* Packets of one command of the USART host */
#define USART_PACKETS 6

static uint8_t bytes[2 * BLOCK];

static void write_serial_foreign(struct sim_capture *capture, size_t packets)
{
    static const uint8_t request[8] = {0x11, 0x03, 0x00, 0x6B, 0x00, 0x0A};
    uint8_t reply[25] = {0x11, 0x03, 0x14};

    for (size_t i = 0; i < packets; i += 2) {
        const sim_ns at = (sim_ns)i * 5000000;

        reply[4] = (uint8_t)i;
        sim_write_rtac(capture, at, RTAC_TX, 0, request, sizeof(request));
        sim_write_rtac(capture, at + 3000000, RTAC_RX, 0, reply, sizeof(reply));
    }
}

static void write_usb_foreign(struct sim_capture *capture, size_t packets)
{
    struct sim_usb_record record = {
        .transfer = USB_BULK, .endpoint = 0x81, .device = 5, .bus = 2, .length = sizeof(bytes)};

    for (size_t i = 0; i < packets; i += 2) {
        record.id = i % 16;
        record.at = (sim_ns)i * 100000;
        record.completion = false;
        record.data = NULL;
        sim_write_usb(capture, &record);
        record.at += 50000;
        record.completion = true;
        record.data = bytes;
        sim_write_usb(capture, &record);
    }
}

/** One of the sensors has the identifier of a command. */
static void write_can_foreign(struct sim_capture *capture, size_t packets)
{
    static const uint32_t identifiers[] = {0x0A0, 0x011, 0x1B7, 0x2C3, 0x701};
    struct sim_can_frame frame = {.fd = true, .rate_switch = true, .length = 64};

    memcpy(frame.data, bytes, sizeof(frame.data));
    for (size_t i = 0; i < packets; i++) {
        frame.id = identifiers[i % COUNT(identifiers)];
        frame.data[0] = (uint8_t)i;
        sim_write_can(capture, (sim_ns)i * 1000000, &frame);
    }
}

static void write_syncs(struct sim_capture *capture, size_t packets)
{
    static const uint8_t sync = 0x7F;

    for (size_t i = 0; i < packets; i++)
        sim_write_rtac(capture, (sim_ns)i * 1000000, RTAC_TX, 0, &sync, 1);
}

static struct usart_host *open_host(struct sim_capture *capture)
{
    static struct usart_device device;
    static struct usart_host host;
    static struct rtac_wire wire;
    const struct usart_device_config config = {.product = usart_product_by_name("f405")};

    rtac_wire_init(&wire, capture, RTAC_BOTH);
    usart_host_init(&host, &wire.wire, &device, &config);
    usart_host_open(&host);
    usart_host_sync(&host);
    return &host;
}

static void write_read(struct sim_capture *capture, size_t packets)
{
    struct usart_host *host = open_host(capture);
    uint32_t address = FLASH_START;

    for (size_t sent = 0; sent < packets; sent += USART_PACKETS) {
        usart_host_read(host, address, BLOCK);
        address = address + BLOCK < FLASH_END ? address + BLOCK : FLASH_START;
    }
}

static void write_backwards(struct sim_capture *capture, size_t packets)
{
    struct usart_host *host = open_host(capture);
    uint32_t address = FLASH_END;

    for (size_t sent = 0; sent < packets; sent += USART_PACKETS) {
        address -= 32;
        usart_host_write(host, address, bytes, 16);
        if (address == FLASH_START)
            address = FLASH_END;
    }
}

static void write_links(struct sim_capture *capture, size_t packets)
{
    static const uint8_t get_status[8] = {0xA1, 3, 0, 0, 0, 0, 6, 0};
    static const uint8_t idle[6] = {0, 0, 0, 0, 2, 0};

    for (size_t i = 0; i < packets; i += 2) {
        struct sim_usb_record record = {
            .at = (sim_ns)i * 100000,
            .id = i,
            .transfer = USB_CONTROL,
            .endpoint = 0x80,
            .device = (uint8_t)(1 + i / 2 % 100),
            .bus = (uint16_t)(1 + i / 200 % 100),
            .setup = get_status,
            .length = sizeof(idle),
        };

        sim_write_usb(capture, &record);
        record.at += 50000;
        record.completion = true;
        record.setup = NULL;
        record.data = idle;
        sim_write_usb(capture, &record);
    }
}

static const struct kind {
    const char *name;
    enum sim_linktype linktype;
    void (*write)(struct sim_capture *capture, size_t packets);
} kinds[] = {
    {"serial-foreign", SIM_RTAC, write_serial_foreign},
    {"usb-foreign", SIM_USBMON_MMAPPED, write_usb_foreign},
    {"can-foreign", SIM_CAN, write_can_foreign},
    {"syncs", SIM_RTAC, write_syncs},
    {"read", SIM_RTAC, write_read},
    {"backwards", SIM_RTAC, write_backwards},
    {"links", SIM_USBMON_MMAPPED, write_links},
};

int main(int argc, char **argv)
{
    const size_t packets = argc == 4 ? strtoul(argv[2], NULL, 10) : 0;

    for (size_t i = 0; packets > 0 && i < COUNT(kinds); i++) {
        const struct sim_capture_options options = {.linktype = kinds[i].linktype};
        struct sim_capture *capture;

        if (strcmp(argv[1], kinds[i].name) != 0)
            continue;
        sim_firmware(bytes, sizeof(bytes));
        capture = sim_capture_open(argv[3], &options);
        kinds[i].write(capture, packets);
        sim_capture_close(capture);
        return 0;
    }
    fputs("usage: bench_plugin_capture KIND PACKETS FILE, KIND one of", stderr);
    for (size_t i = 0; i < COUNT(kinds); i++)
        fprintf(stderr, " %s", kinds[i].name);
    putc('\n', stderr);
    return 2;
}
