/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * An STM8's bootloader (UM0560), of version 2.2 as an STM8S208 has it. Its memories are one here:
 * RAM, EEPROM and flash lie behind one another, and answer alike.
 */
#include "products.h"
#include "scenario.h"
#include "session_usart.h"

#define ROUTINES  0x00A0u
#define EEPROM    0x4000u
#define FLASH     0x8000u
#define BLOCK     128u
#define FLASH_END 0x28000u

static struct sim_room room;
static struct sim_memory memory;
static uint8_t routines[3 * BLOCK];
static uint8_t program[2 * BLOCK];

static void fill(uint8_t *bytes, size_t length, uint8_t seed)
{
    for (size_t i = 0; i < length; i++)
        bytes[i] = (uint8_t)(seed + 7 * i);
}

static struct usart_device_config configure(struct usart_device_config config)
{
    sim_memory_init(&memory, &room, FLASH_END, 1024);
    memory.flash_start = 0;
    fill(routines, sizeof(routines), 0x5F);
    fill(program, sizeof(program), 0x82);
    config.memory = &memory;
    config.version = 0x22;
    return config;
}

static struct usart_host *begin(const char *path, struct usart_device_config config)
{
    struct usart_host *host = usart_session_begin(path, "stm8", configure(config), RTAC_BOTH);

    usart_host_open(host);
    return host;
}

static void load_routines(struct usart_host *host)
{
    for (uint32_t at = 0; at < sizeof(routines) - 32; at += BLOCK)
        usart_host_write(host, ROUTINES + at, routines + at,
                         at + BLOCK < sizeof(routines) ? BLOCK : BLOCK - 33);
}

/** As stm8gal does it: looks for the memories, loads the routines, writes, reads back, starts. */
static void flash(const char *path)
{
    struct usart_host *host = begin(path, (struct usart_device_config){0});

    usart_host_sync(host);
    usart_host_read(host, EEPROM, 1);
    usart_host_read(host, 0x47FFF, 1);
    usart_host_read(host, FLASH_END - 1, 1);
    usart_host_get(host);
    load_routines(host);
    usart_host_erase(host, 0, 0);
    usart_host_write(host, FLASH, program, BLOCK);
    usart_host_write(host, FLASH + BLOCK, program + BLOCK, 99);
    usart_host_read(host, FLASH, BLOCK);
    usart_host_read(host, FLASH + BLOCK, 99);
    usart_host_go(host, FLASH);
    usart_session_end();
}

/** The same without parity and with a byte of the host for each one of the device. */
static void reply(const char *path)
{
    struct usart_host *host = begin(path, (struct usart_device_config){0});

    host->settings.parity = 'N';
    usart_host_sync(host); /* whose ACK stm8gal does not reply to */
    host->reply = true;
    usart_host_get(host);
    load_routines(host);
    usart_host_write(host, FLASH, program, BLOCK);
    usart_host_read(host, FLASH, 16);
    usart_host_go(host, FLASH);
    usart_session_end();
}

/** A failure ends a session only if something went well behind it. */
static void begin_again(struct usart_host *host)
{
    usart_host_get(host);
    usart_host_wait(host, 1 * SIM_S);
    usart_device_reset(host->device);
    usart_host_sync(host);
    usart_host_get(host);
}

/** What tools for an STM32 do to it, and what a host of one's own may do wrong. */
static void refused(const char *path)
{
    struct usart_host *host = begin(
        path,
        (struct usart_device_config){
            .faults_length = 3,
            .faults = {
                {.kind = USART_NACK, .opcode = 0x31, .phase = USART_DATA, .times = 1},
                {.kind = USART_NACK, .opcode = 0x43, .phase = USART_DATA, .times = 1},
                {.kind = USART_NACK, .opcode = 0x31, .phase = USART_DATA, .skip = 4, .times = 1},
            }});
    static uint8_t page[256];

    usart_host_sync(host);
    usart_host_get(host);
    usart_host_special_erase(host, 0xFFFF); /* 0x44 */
    begin_again(host);
    usart_host_write(host, 0x08000000, program, BLOCK);
    begin_again(host);
    usart_host_read(host, 0x30000, 1);
    begin_again(host);
    usart_host_write(host, FLASH, page, sizeof(page)); /* refused for its length */
    begin_again(host);
    usart_host_erase(host, 0x82, 0x82);
    begin_again(host);
    load_routines(host);
    usart_host_write(host, FLASH, program, BLOCK);
    usart_session_end();
}

/** The ROM calls routines that nobody has loaded, or others than its own. */
static void routines_wanted(const char *path)
{
    struct usart_host *host = begin(
        path,
        (struct usart_device_config){
            .faults_length = 2,
            .faults = {{.kind = USART_SILENCE, .opcode = 0x31, .phase = USART_DATA, .times = 1},
                       {.kind = USART_SILENCE, .opcode = 0x43, .phase = USART_DATA}}});

    usart_host_sync(host);
    usart_host_get(host);
    usart_host_write(host, FLASH, program, 4);
    usart_host_wait(host, 1 * SIM_S);
    usart_device_reset(host->device);
    usart_host_sync(host);
    load_routines(host);
    usart_host_erase(host, 0, 1);
    /* The host begins anew, the device was not reset. */
    host->device->gone = true;
    usart_host_sync(host);
    usart_host_wait(host, 6 * SIM_S);
    usart_host_sync(host);
    usart_session_end();
}

static void without_parity(const char *path)
{
    struct usart_host *host = usart_session_begin_run(
        path, "stm8",
        configure((struct usart_device_config){
            .faults_length = 1,
            .faults = {{.kind = USART_NACK, .opcode = 0x31, .phase = USART_COMMAND}}}));

    host->settings.parity = 'N';
    usart_host_open(host);
    usart_host_sync(host);
    usart_host_get(host);
    usart_host_command(host, 0x31);
    usart_session_end();
}

const struct scenario stm8_scenarios[] = {
    {"usart-stm8-flash.pcap", flash},
    {"usart-stm8-reply.pcap", reply},
    {"usart-stm8-refused.pcap", refused},
    {"usart-stm8-routines.pcap", routines_wanted},
    {"run-stm8-no-parity.pcapng", without_parity},
    {NULL, NULL},
};
