/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Writes a large capture: flashing sessions between a simulated host and device, one after the
 * other, of some number of packets in all.
 *
 *     bench_capture KIND PACKETS FILE
 *
 * usart has a record for each piece that the host or device sent, usart-bytes one for each byte.
 * For comparisons with usart: usart-unlike has other bytes in every 100th block and lacks every
 * 1001st, usart-half lacks every other, usart-random has its blocks in no order.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "host_dfu.h"
#include "host_fdcan.h"
#include "host_usart.h"
#include "products.h"

#define FLASH_START 0x08000000u
#define FLASH_USED  0x10000u
#define BLOCK       256u

static uint8_t firmware[FLASH_USED];

/* Packets of one write command in each capture, to know when there are enough */
#define USART_PACKETS       6
#define USART_BYTES_PACKETS 267
#define DFU_PACKETS         6
#define FDCAN_PACKETS       7

enum kind { USART, USART_BYTES, USART_UNLIKE, USART_HALF, USART_RANDOM, DFU, FDCAN, KINDS };

static const char *const kinds[KINDS] = {
    [USART] = "usart",           [USART_BYTES] = "usart-bytes",   [USART_UNLIKE] = "usart-unlike",
    [USART_HALF] = "usart-half", [USART_RANDOM] = "usart-random", [DFU] = "dfu",
    [FDCAN] = "fdcan",
};

/** Where the next block is in the firmware. */
static size_t next_offset(enum kind kind, size_t offset)
{
    static uint32_t random = 1;

    if (kind != USART_RANDOM)
        return (offset + BLOCK) % FLASH_USED;
    random = random * 1664525u + 1013904223u;
    return (random >> 16) % (FLASH_USED / BLOCK) * BLOCK;
}

/** Whether the capture lacks a block. */
static bool is_missing(enum kind kind, size_t block)
{
    return (kind == USART_UNLIKE && block % 1001 == 0) || (kind == USART_HALF && block % 2 == 0);
}

static void write_usart(struct sim_capture *capture, size_t packets, enum kind kind)
{
    static struct usart_device device;
    static struct usart_host host;
    const struct usart_device_config config = {.product = usart_product_by_name("f405")};
    struct rtac_wire wire;
    size_t offset = 0;
    size_t block = 1;

    rtac_wire_init(&wire, capture, RTAC_BOTH);
    usart_host_init(&host, &wire.wire, &device, &config);
    host.split = kind == USART_BYTES ? 1 : 0;
    usart_host_open(&host);
    usart_host_sync(&host);
    usart_host_get_id(&host);
    for (size_t sent = 0; sent < packets; offset = next_offset(kind, offset)) {
        const bool other = kind == USART_UNLIKE && block % 100 == 0;
        uint8_t *bytes = firmware + offset;

        sent += kind == USART_BYTES ? USART_BYTES_PACKETS : USART_PACKETS;
        if (is_missing(kind, block++))
            continue;
        bytes[0] ^= other;
        usart_host_write(&host, FLASH_START + (uint32_t)offset, bytes, BLOCK);
        bytes[0] ^= other;
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
    static struct can_device device;
    static struct fdcan_host host;
    const struct can_device_config config = {.product = can_product_by_name("g474")};
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
    const size_t packets = argc == 4 ? strtoul(argv[2], NULL, 10) : 0;
    struct sim_capture *capture;
    enum kind kind = USART;

    while (packets > 0 && kind < KINDS && strcmp(kinds[kind], argv[1]) != 0)
        kind++;
    if (packets == 0 || kind == KINDS) {
        fputs("usage: bench_capture KIND PACKETS FILE, KIND one of", stderr);
        for (kind = USART; kind < KINDS; kind++)
            fprintf(stderr, " %s", kinds[kind]);
        putc('\n', stderr);
        return 2;
    }
    if (kind == DFU)
        options.linktype = SIM_USBMON_MMAPPED;
    else if (kind == FDCAN)
        options.linktype = SIM_CAN;
    sim_firmware(firmware, sizeof(firmware));
    capture = sim_capture_open(argv[3], &options);
    if (kind == DFU)
        write_dfu(capture, packets);
    else if (kind == FDCAN)
        write_fdcan(capture, packets);
    else
        write_usart(capture, packets, kind);
    sim_capture_close(capture);
    return 0;
}
