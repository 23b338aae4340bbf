/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Writes a large capture: flashing sessions between a simulated host and device, one after the
 * other, of some number of packets in all.
 *
 *     bench_capture usart|usart-bytes|usart-unlike|dfu|fdcan PACKETS FILE
 *
 * usart has a record for each piece that the host or device sent, usart-bytes one for each byte.
 * usart-unlike is usart with other bytes in every 100th block, and without every 1001st.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host_dfu.h"
#include "host_fdcan.h"
#include "host_usart.h"

#define FLASH_START 0x08000000u
#define FLASH_USED  0x10000u

static uint8_t firmware[FLASH_USED];

/* Packets of one write command in each capture, to know when there are enough */
#define USART_PACKETS       6
#define USART_BYTES_PACKETS 267
#define DFU_PACKETS         6
#define FDCAN_PACKETS       7

static void write_usart(struct sim_capture *capture, size_t packets, size_t split, bool unlike)
{
    static struct usart_device device;
    static struct usart_host host;
    const struct usart_device_config config = {.product = usart_product_by_name("f405")};
    struct rtac_wire wire;
    size_t offset = 0;
    size_t block = 0;

    rtac_wire_init(&wire, capture, RTAC_BOTH);
    usart_host_init(&host, &wire.wire, &device, &config);
    host.split = split;
    usart_host_open(&host);
    usart_host_sync(&host);
    usart_host_get_id(&host);
    for (size_t sent = 0; sent < packets; offset = (offset + 256) % FLASH_USED) {
        uint8_t *bytes = firmware + offset;

        sent += split == 1 ? USART_BYTES_PACKETS : USART_PACKETS;
        block++;
        if (unlike && block % 1001 == 0)
            continue;
        bytes[0] ^= unlike && block % 100 == 0;
        usart_host_write(&host, FLASH_START + (uint32_t)offset, bytes, 256);
        bytes[0] ^= unlike && block % 100 == 0;
    }
}

static void write_dfu(struct sim_capture *capture, size_t packets)
{
    static struct dfu_device device;
    static struct dfu_host host;
    const struct dfu_device_config config = {.product = dfu_product_by_name("f405")};
    size_t offset = 0;

    dfu_host_init(&host, capture, &device, &config);
    dfu_host_enumerate(&host);
    dfu_host_start(&host, 0);
    for (size_t sent = 0; sent < packets; offset = (offset + 2048) % FLASH_USED) {
        dfu_host_set_address(&host, FLASH_START + (uint32_t)offset);
        dfu_host_write(&host, 2, firmware + offset, 2048);
        sent += 2 * DFU_PACKETS;
    }
}

static void write_fdcan(struct sim_capture *capture, size_t packets)
{
    static struct fdcan_device device;
    static struct fdcan_host host;
    const struct fdcan_device_config config = {.product = fdcan_product_by_name("g474")};
    size_t offset = 0;

    fdcan_host_init(&host, capture, &device, &config);
    fdcan_host_get_id(&host);
    for (size_t sent = 0; sent < packets; offset = (offset + 256) % FLASH_USED) {
        fdcan_host_write(&host, FLASH_START + (uint32_t)offset, firmware + offset, 256);
        sent += FDCAN_PACKETS;
    }
}

int main(int argc, char **argv)
{
    struct sim_capture_options options = {.linktype = SIM_RTAC};
    const char *kind = argc == 4 ? argv[1] : "";
    const size_t packets = argc == 4 ? strtoul(argv[2], NULL, 10) : 0;
    struct sim_capture *capture;

    if (packets == 0) {
        fputs("usage: bench_capture usart|usart-bytes|usart-unlike|dfu|fdcan PACKETS FILE\n",
              stderr);
        return 2;
    }
    if (strcmp(kind, "dfu") == 0)
        options.linktype = SIM_USBMON_MMAPPED;
    else if (strcmp(kind, "fdcan") == 0)
        options.linktype = SIM_CAN;
    sim_firmware(firmware, sizeof(firmware));
    capture = sim_capture_open(argv[3], &options);
    if (options.linktype == SIM_USBMON_MMAPPED)
        write_dfu(capture, packets);
    else if (options.linktype == SIM_CAN)
        write_fdcan(capture, packets);
    else
        write_usart(capture, packets, strcmp(kind, "usart-bytes") == 0 ? 1 : 0,
                    strcmp(kind, "usart-unlike") == 0);
    sim_capture_close(capture);
    return 0;
}
