/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Parts as they are simulated: what a text means, their memories, what the notes forbid.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hex.h"
#include "simulate/part.h"
#include "test.h"

static struct part part;

static void make(const char *product, enum sim_kind kind)
{
    const struct btap_product *found = part_find(product, kind);

    assert_non_null(found);
    part_free(&part);
    part_init(&part, found);
}

static int release(void **state)
{
    (void)state;
    part_free(&part);
    return 0;
}

static void assert_means(const char *text, enum sim_kind kind, uint32_t pid)
{
    const struct btap_product *found = part_find(text, kind);

    if (pid == 0) {
        assert_null(found);
        return;
    }
    if (found == NULL)
        fail_msg("'%s' means nothing", text);
    assert_int_equal(found->pid, pid);
}

static void names_of_parts(void **state)
{
    (void)state;
    assert_means("0x413", SIM_USART, 0x413);
    assert_means("STM32F405RGT6", SIM_USART, 0x413);
    assert_means("f417", SIM_USART, 0x413);
    assert_means("STM32G081KB", SIM_USART, 0x460);
    assert_means("G071", SIM_USART, 0x460);
    assert_means("H755", SIM_USART, 0x450);
    assert_means("H7B0", SIM_USART, 0x480);
    assert_means("U5A9", SIM_USART, 0x481);
    assert_means("F303VC", SIM_USART, 0x422);
    assert_means("F303xC", SIM_USART, 0x422);
    assert_means("F358", SIM_USART, 0x422);
    assert_means("WL55", SIM_USART, 0x497);
    assert_means("Cat3", SIM_USART, 0x427);
    assert_means("XL density", SIM_USART, 0x430);
    /* Several, and none */
    assert_means("F103", SIM_USART, 0);
    assert_means("STM32", SIM_USART, 0);
    assert_means("F999", SIM_USART, 0);
    assert_means("0x999", SIM_USART, 0);
    assert_means("0x", SIM_USART, 0);
    assert_means("", SIM_USART, 0);
    /* Another bootloader, and too little known of its flash */
    assert_means("0x03f", SIM_USART, 0);
    assert_means("0x47a", SIM_USART, 0);
    /* No USB in the F410's and the medium-density F10x's bootloader, no FDCAN in the F405's */
    assert_means("F410", SIM_USART, 0x458);
    assert_means("F410", SIM_DFU, 0);
    assert_means("0x410", SIM_DFU, 0);
    assert_means("F405", SIM_DFU, 0x413);
    assert_means("F405", SIM_FDCAN, 0);
    assert_means("G474", SIM_FDCAN, 0x469);
    /* AN2606: classic CAN in the F405's and the F105's, none in the F401's, the G47x's is FD */
    assert_means("F405", SIM_CAN, 0x413);
    assert_means("F107", SIM_CAN, 0x418);
    assert_means("F401xB", SIM_CAN, 0);
    assert_means("G474", SIM_CAN, 0);
}

static void memories(void **state)
{
    const struct sim_memory *memory = &part.memory;

    (void)state;
    /* 1 MiB in 12 sectors; 12 KiB of RAM are the bootloader's; option bytes are written as one. */
    make("F405", SIM_USART);
    assert_true(sim_memory_valid(memory, 0x08000000, true));
    assert_true(sim_memory_valid(memory, 0x080FFFFF, true));
    assert_false(sim_memory_valid(memory, 0x08100000, true));
    assert_false(sim_memory_valid(memory, 0x20000000, false));
    assert_false(sim_memory_valid(memory, 0x20002FFF, false));
    assert_true(sim_memory_valid(memory, 0x20003000, true));
    assert_false(sim_memory_valid(memory, 0x20020000, true));
    assert_true(sim_memory_valid(memory, 0x1FFF0000, false));
    assert_false(sim_memory_valid(memory, 0x1FFF0000, true));
    assert_true(sim_memory_valid(memory, 0x1FFFC004, false));
    assert_true(sim_memory_valid(memory, 0x1FFFC000, true));
    assert_false(sim_memory_valid(memory, 0x1FFFC004, true));
    /* AN3155 section 3.5 */
    assert_true(sim_memory_starts(memory, 0x08000000));
    assert_true(sim_memory_starts(memory, 0x20003000));
    assert_false(sim_memory_starts(memory, 0x1FFF0000));
    assert_false(sim_memory_starts(memory, 0x1FFFC000));
}

static void sectors(void **state)
{
    struct sim_memory *memory = &part.memory;
    uint32_t start;
    uint32_t size;

    (void)state;
    /* The STM32F42x: two banks of 4 sectors of 16 KiB, 1 of 64, 7 of 128 (RM0090). */
    make("0x419", SIM_USART);
    assert_true(sim_memory_sector(memory, 0x08010000, &start, &size));
    assert_int_equal(start, 0x08010000);
    assert_int_equal(size, 64 * 1024);
    assert_true(sim_memory_sector(memory, 0x08107FFF, &start, &size));
    assert_int_equal(start, 0x08104000);
    assert_int_equal(size, 16 * 1024);
    memset(memory->flash, 0, memory->flash_size);
    sim_memory_erase_page(memory, 13); /* the second of bank 2 */
    assert_int_equal(memory->flash[0x103FFF], 0);
    assert_int_equal(memory->flash[0x104000], 0xFF);
    assert_int_equal(memory->flash[0x107FFF], 0xFF);
    assert_int_equal(memory->flash[0x108000], 0);
    sim_memory_erase_page(memory, 24); /* there is none */
    assert_int_equal(memory->flash[0], 0);
    sim_memory_erase_bank(memory, 1);
    assert_int_equal(memory->flash[0x0FFFFF], 0);
    assert_int_equal(memory->flash[0x100000], 0xFF);
    assert_int_equal(memory->flash[0x1FFFFF], 0xFF);
}

static void programming(void **state)
{
    static const uint8_t bytes[16] = {0x12, 0x34, 0x56, 0x78, 0x9A, 0xBC, 0xDE, 0xF0,
                                      0x12, 0x34, 0x56, 0x78, 0x9A, 0xBC, 0xDE, 0xF0};
    struct sim_memory *memory = &part.memory;

    (void)state;
    make("F405", SIM_USART);
    sim_memory_write(memory, 0x08000000, bytes, 2);
    sim_memory_write(memory, 0x08000000, (const uint8_t[]){0xF0, 0xFF}, 2);
    assert_int_equal(memory->flash[0], 0x10);
    assert_int_equal(memory->flash[1], 0x34);
    /* An erased byte of an STM32L1 reads 0. */
    make("Cat3", SIM_USART);
    assert_int_equal(memory->flash[0], 0);
    sim_memory_write(memory, 0x08000000, bytes, 2);
    assert_int_equal(memory->flash[0], 0x12);
    /* The STM32G0 programs double words, once. */
    make("G071", SIM_USART);
    memory->unit = 8;
    sim_memory_write(memory, 0x08000004, bytes, 16);
    assert_int_equal(memory->flash[4], 0xFF);
    assert_int_equal(memory->flash[8], 0x9A);
    assert_int_equal(memory->flash[15], 0x78);
    assert_int_equal(memory->flash[16], 0xFF);
    sim_memory_write(memory, 0x08000008, (const uint8_t[8]){0}, 8);
    assert_int_equal(memory->flash[8], 0x9A);
}

static void write_protection(void **state)
{
    static const uint8_t zero[4];
    struct sim_memory *memory = &part.memory;

    (void)state;
    /* Sector 4 of an STM32F405 begins at 0x08010000. */
    make("F405", SIM_USART);
    sim_memory_protect(memory, (const uint8_t[]){4}, 1);
    sim_memory_write(memory, 0x0800FFFC, zero, 4);
    sim_memory_write(memory, 0x08010000, zero, 4);
    assert_int_equal(memory->flash[0xFFFC], 0);
    assert_int_equal(memory->flash[0x10000], 0xFF);
    memory->flash[0x10000] = 0x55;
    sim_memory_erase_all(memory);
    assert_int_equal(memory->flash[0xFFFC], 0xFF);
    assert_int_equal(memory->flash[0x10000], 0x55);
    /* A second command replaces the first (AN3155 section 3.9). */
    sim_memory_protect(memory, (const uint8_t[]){0}, 1);
    sim_memory_erase_page(memory, 4);
    assert_int_equal(memory->flash[0x10000], 0xFF);
    /* 4 pages of 1 KiB on an STM32F10x */
    make("0x410", SIM_USART);
    sim_memory_protect(memory, (const uint8_t[]){1}, 1);
    sim_memory_write(memory, 0x08000FFC, zero, 4);
    sim_memory_write(memory, 0x08001FFC, zero, 4);
    assert_int_equal(memory->flash[0xFFC], 0);
    assert_int_equal(memory->flash[0x1FFC], 0xFF);
    sim_memory_wipe(memory);
    sim_memory_write(memory, 0x08001FFC, zero, 4);
    assert_int_equal(memory->flash[0x1FFC], 0);
}

/* -- what hosts see -- */

static struct usart_device device;
static char answers[1024];

static void on_bytes(void *context, uint32_t delay_us, const uint8_t *bytes, size_t length)
{
    (void)context;
    (void)delay_us;
    for (size_t i = 0; i < length; i++)
        snprintf(answers + strlen(answers), 4, "%02X ", bytes[i]);
}

static void power_on(const char *product, struct usart_device_config config)
{
    make(product, SIM_USART);
    config.product = &part.usart;
    config.memory = &part.memory;
    config.emit = on_bytes;
    usart_device_init(&device, &config);
}

static void say(const char *host, const char *expected)
{
    uint8_t bytes[300];
    const size_t length = hex_parse(host, bytes, sizeof(bytes));

    answers[0] = '\0';
    for (size_t i = 0; i < length; i++)
        usart_device_receive(&device, bytes[i]);
    if (answers[0] != '\0')
        answers[strlen(answers) - 1] = '\0';
    assert_string_equal(answers, expected);
}

static void get_and_get_id(void **state)
{
    (void)state;
    /* AN3155 section 3.1, an STM32F10x with 0x43, an STM32F4 with 0x44, and the H5's scheme */
    power_on("0x410", (struct usart_device_config){0});
    say("7F", "79");
    say("00 FF", "79 0B 22 00 01 02 11 21 31 43 63 73 82 92 79");
    say("02 FD", "79 01 04 10 79");
    power_on("0x413", (struct usart_device_config){0});
    say("7F", "79");
    say("00 FF", "79 0B 31 00 01 02 11 21 31 44 63 73 82 92 79");
    power_on("0x484", (struct usart_device_config){0});
    say("7F", "79");
    say("00 FF", "79 0A 40 00 01 02 11 21 31 44 50 63 73 79");
}

static void limits_of_usart(void **state)
{
    (void)state;
    power_on("F405", (struct usart_device_config){.synchronised = true, .text = "hello"});
    /* Reading the bootloader's RAM; starting option bytes */
    say("11 EE", "79");
    say("20 00 00 00 20", "1F");
    say("21 DE", "79");
    say("1F FF C0 00 20", "1F");
    /* New option bytes: a reset, after which only 0x7F counts (section 3.6). */
    say("31 CE", "79");
    say("1F FF C0 00 20", "79");
    say("03 AA 55 AA 55 03", "79");
    say("02 FD", "");
    say("7F", "79");
    /* Section 3.5: the application speaks, and the bootloader is no more. */
    say("21 DE", "79");
    say("08 00 00 00 08", "79 68 65 6C 6C 6F");
    say("02 FD", "");
    assert_true(device.gone);
    /* stm32flash's table: the STM32L1 has no mass erase. */
    power_on("Cat3", (struct usart_device_config){.synchronised = true});
    say("44 BB", "79");
    say("FF FF 00", "1F");
    say("44 BB", "79");
    say("00 00 00 00 00", "79");
}

/* AN3155 sections 3.11 and 3.12, table 2 */
static void readout_protection(void **state)
{
    (void)state;
    power_on("F405", (struct usart_device_config){.synchronised = true});
    memset(device.memory.flash, 0x55, device.memory.flash_size);
    device.memory.ram[0x3000] = 0x55;
    say("82 7D", "79 79");
    say("7F", "79");
    say("11 EE", "1F");
    say("31 CE", "1F");
    say("44 BB", "1F");
    say("21 DE", "1F");
    say("63 9C", "1F");
    say("02 FD", "79 01 04 13 79");
    say("92 6D", "79 79");
    say("7F", "79");
    say("11 EE", "79");
    say("08 00 00 00 08", "79");
    say("00 FF", "79 FF");
    assert_int_equal(device.memory.ram[0x3000], 0);
}

static void dfu_strings(void **state)
{
    (void)state;
    /* The strings of an STM32F405, as dfu-util lists them */
    make("F405", SIM_DFU);
    assert_string_equal(part.dfu.alternates[0],
                        "@Internal Flash  /0x08000000/04*016Kg,01*064Kg,07*128Kg");
    assert_string_equal(part.dfu.alternates[1], "@Option Bytes  /0x1FFFC000/01*016 e");
    assert_string_equal(part.dfu.alternates[2], "@OTP Memory /0x1FFF7800/01*512 e,01*016 e");
    assert_string_equal(part.dfu.alternates[3], "@Device Feature/0xFFFF0000/01*004 e");
    make("0x419", SIM_DFU);
    assert_string_equal(part.dfu.alternates[0],
                        "@Internal Flash  /0x08000000/04*016Kg,01*064Kg,07*128Kg,"
                        "04*016Kg,01*064Kg,07*128Kg");
    make("H743", SIM_DFU);
    assert_string_equal(part.dfu.alternates[0], "@Internal Flash  /0x08000000/16*128Kg");
    assert_null(part.dfu.alternates[1]);
    make("0x447", SIM_DFU);
    assert_string_equal(part.dfu.alternates[0], "@Internal Flash  /0x08000000/1536*128 g");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_of_parts),   cmocka_unit_test(memories),
        cmocka_unit_test(sectors),          cmocka_unit_test(programming),
        cmocka_unit_test(write_protection), cmocka_unit_test(get_and_get_id),
        cmocka_unit_test(limits_of_usart),  cmocka_unit_test(readout_protection),
        cmocka_unit_test(dfu_strings),
    };

    return cmocka_run_group_tests(tests, NULL, release);
}
