/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Sessions in which every command is acknowledged, and the memory holds something else: for the
 * rules of diagnose about what is read back, programming units, and what is started.
 */
#include <string.h>

#include "scenario.h"
#include "session_usart.h"

#define FLASH 0x08000000u
#define BLOCK 64

static uint8_t firmware[1024];

static struct usart_host *begin(const char *path, const char *product)
{
    struct usart_host *host =
        usart_session_begin(path, product, (struct usart_device_config){0}, RTAC_BOTH);

    sim_firmware(firmware, sizeof(firmware));
    usart_host_open(host);
    return host;
}

/** Another run of the tool: reset, identification, an erase of page 0. */
static void run(struct usart_host *host)
{
    usart_device_reset(host->device);
    usart_host_sync(host);
    usart_host_get(host);
    usart_host_get_id(host);
    usart_host_extended_erase(host, 0, 0);
}

/** What the flash holds, whatever was written. */
static void holds(struct usart_host *host, uint32_t offset, const uint8_t *bytes, size_t length)
{
    memcpy(host->device->memory.flash + offset, bytes, length);
}

static void holds_ff(struct usart_host *host, uint32_t offset, size_t length)
{
    memset(host->device->memory.flash + offset, 0xFF, length);
}

static void write_block(struct usart_host *host, uint32_t offset)
{
    usart_host_write(host, FLASH + offset, firmware + offset, BLOCK);
}

static void read_block(struct usart_host *host, uint32_t offset)
{
    usart_host_read(host, FLASH + offset, BLOCK);
}

/** An H723 loses the first 32 bytes of a write that follows a read. */
static void after_read(const char *path)
{
    struct usart_host *host = begin(path, "h723");

    run(host); /* each block is verified at once */
    write_block(host, 0);
    read_block(host, 0);
    write_block(host, BLOCK);
    holds_ff(host, BLOCK, 32);
    read_block(host, BLOCK);

    run(host); /* a look at the flash, then the write, and no verification */
    read_block(host, 0);
    write_block(host, 0);

    run(host); /* all is written, then verified */
    write_block(host, 0);
    write_block(host, BLOCK);
    read_block(host, 0);
    read_block(host, BLOCK);
    usart_session_end();
}

/** A G071 programs double words, each once per erase. */
static void units(const char *path)
{
    struct usart_host *host = begin(path, "g071");

    run(host); /* begins inside a double word */
    usart_host_write(host, FLASH + 4, firmware, 4);
    holds_ff(host, 4, 4);
    usart_host_read(host, FLASH + 4, 4);

    run(host);
    usart_host_write(host, FLASH + 4, firmware, 4);

    run(host); /* the same place twice: old AND new */
    usart_host_write(host, FLASH, firmware, 16);
    usart_host_write(host, FLASH, firmware + 16, 16);
    usart_host_read(host, FLASH, 16);

    run(host);
    usart_host_write(host, FLASH, firmware, 16);
    usart_host_write(host, FLASH, firmware + 16, 16);

    run(host); /* ends inside a double word, which is lost; then one that is kept */
    usart_host_write(host, FLASH, firmware, 12);
    holds_ff(host, 8, 4);
    usart_host_read(host, FLASH, 12);

    run(host);
    usart_host_write(host, FLASH, firmware, 12);
    usart_host_read(host, FLASH, 12);

    usart_session_end();
}

/** What is read back differs, each time in another way. */
static void read_back(const char *path)
{
    struct usart_host *host = begin(path, "g071");

    run(host); /* the erase was acknowledged and not done: old AND new */
    holds(host, 0, firmware + 512, BLOCK);
    write_block(host, 0);
    read_block(host, 0);

    run(host); /* one bit of 64 bytes */
    write_block(host, 0);
    host->device->memory.flash[20] ^= 0x10;
    read_block(host, 0);

    run(host); /* the page holds what it held before */
    write_block(host, 0);
    holds(host, 0, firmware + 512, BLOCK);
    read_block(host, 0);

    run(host); /* the second block of the page is blank */
    write_block(host, 0);
    write_block(host, BLOCK);
    holds_ff(host, BLOCK, BLOCK);
    read_block(host, 0);
    read_block(host, BLOCK);

    run(host); /* the second block of the page holds something else */
    write_block(host, 0);
    write_block(host, BLOCK);
    holds(host, BLOCK, firmware + 512, BLOCK);
    read_block(host, 0);
    read_block(host, BLOCK);

    run(host); /* the first block shows where the second is */
    write_block(host, 0);
    write_block(host, BLOCK);
    holds(host, BLOCK, firmware, BLOCK);
    read_block(host, BLOCK);
    usart_session_end();
}

/** Go to other places than the vector table. */
static void starts(const char *path)
{
    /* Stack pointer 0x20009000, reset vector 0x080000C1 */
    static const uint8_t table[] = {0x00, 0x90, 0x00, 0x20, 0xC1, 0x00, 0x00, 0x08};
    struct usart_host *host = begin(path, "g071");

    memcpy(firmware, table, sizeof(table));
    run(host); /* to the reset handler */
    usart_host_write(host, FLASH, firmware, 256);
    usart_host_go(host, FLASH + 0xC1);

    run(host); /* inside an image without a table */
    usart_host_write(host, FLASH, firmware + 256, 256);
    usart_host_go(host, FLASH + 0x40);

    run(host); /* to the table; the tool goes on, and the application sends a byte once */
    usart_host_write(host, FLASH, firmware, 256);
    usart_host_go(host, FLASH);
    host->timeout = 300 * SIM_MS;
    usart_host_get_id(host);
    usart_host_get_id(host);
    usart_session_end();
}

/** Addresses that the bootloader does not serve: behind the flash, ITCM, a register, external. */
static void not_served(const char *path)
{
    struct usart_host *host = begin(path, "g071");

    host->device->config.read_protected = true; /* and a host that does not ask Get */
    usart_host_sync(host);
    usart_host_read(host, FLASH, 4);
    usart_host_get_id(host);

    host->device->config.read_protected = false;
    run(host);
    usart_host_read(host, FLASH + 128 * 1024, 4);
    usart_host_read(host, 0x00000100, 4);
    usart_host_read(host, 0x40022020, 4);
    usart_host_read(host, 0x60000000, 4);
    usart_session_end();
}

const struct scenario memory_scenarios[] = {
    {"usart-after-read.pcap", after_read}, {"usart-units.pcap", units},
    {"usart-read-back.pcap", read_back},   {"usart-starts.pcap", starts},
    {"usart-not-served.pcap", not_served}, {NULL, NULL},
};
