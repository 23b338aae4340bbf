/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The simulated USART device against bytes written down from AN3155 and from logs of real
 * devices.
 */
#include "hex.h"
#include "products.h"
#include "simulate/usart_device.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static struct usart_device device;
static uint8_t answer[4096];
static size_t answer_length;
static uint32_t first_delay_us; /**< of the first bytes of the answer */

static void on_emit(void *context, uint32_t delay_us, const uint8_t *bytes, size_t length)
{
    (void)context;
    assert_true(answer_length + length <= sizeof(answer));
    if (answer_length == 0)
        first_delay_us = delay_us;
    memcpy(answer + answer_length, bytes, length);
    answer_length += length;
}

static void power_on(const char *product, struct usart_device_config config)
{
    config.product = usart_product_by_name(product);
    config.emit = on_emit;
    usart_device_init(&device, &config);
}

/** Sends bytes and compares all that comes back; both in hexadecimal. */
static void exchange(const char *host, const char *expected)
{
    char got[2 * sizeof(answer) + 1] = "";
    char want[4096];
    uint8_t sent[64];
    size_t sent_length;
    size_t length = 0;

    answer_length = 0;
    sent_length = hex_parse(host, sent, sizeof(sent));
    for (size_t i = 0; i < sent_length; i++)
        usart_device_receive(&device, sent[i]);
    for (const char *at = expected; *at; at++)
        if (*at != ' ')
            want[length++] = *at;
    want[length] = '\0';
    for (size_t i = 0; i < answer_length; i++)
        snprintf(got + 2 * i, 3, "%02X", answer[i]);
    assert_string_equal(got, want);
}

static void start(const char *product)
{
    power_on(product, (struct usart_device_config){0});
    exchange("7F", "79");
}

/* AN3155 section 3.1; 0B and the list as a real device of protocol 3.1 sends them. */
static void get(void **state)
{
    (void)state;
    start("f405");
    exchange("00 FF", "79 0B 31 00 01 02 11 21 31 44 63 73 82 92 79");
    start("f103");
    exchange("00 FF", "79 0B 22 00 01 02 11 21 31 43 63 73 82 92 79");
    /* The H5 example: N = 10, version 4.0. */
    start("h563");
    exchange("00 FF", "79 0A 40 00 01 02 11 21 31 44 50 63 73 79");
}

/* Sections 3.2 and 3.3. */
static void version_and_id(void **state)
{
    (void)state;
    start("f405");
    exchange("01 FE", "79 31 00 00 79");
    exchange("02 FD", "79 01 04 13 79");
}

/* Sections 3.6 and 3.4: write 11 22 33 44, read it back. 03^11^22^33^44 = 47. */
static void write_and_read(void **state)
{
    (void)state;
    start("f405");
    exchange("31 CE", "79");
    exchange("08 00 00 00 08", "79");
    exchange("03 11 22 33 44 47", "79");
    exchange("11 EE", "79");
    exchange("08 00 00 00 08", "79");
    exchange("03 FC", "79 11 22 33 44");
}

/* Programming only clears bits: F0 and 3C give 30. */
static void flash_is_flash(void **state)
{
    (void)state;
    start("f405");
    exchange("31 CE", "79");
    exchange("08 00 00 00 08", "79");
    exchange("00 F0 F0", "79");
    exchange("31 CE", "79");
    exchange("08 00 00 00 08", "79");
    exchange("00 3C 3C", "79");
    exchange("11 EE", "79");
    exchange("08 00 00 00 08", "79");
    exchange("00 FF", "79 30");
}

/* Section 3.7: N - 1 pages, FF 00 everything, FF and anything else nothing, yet ACK. */
static void erase(void **state)
{
    (void)state;
    start("f103");
    device.memory.flash[0] = device.memory.flash[1024] = device.memory.flash[2048] = 0x55;
    exchange("43 BC", "79");
    exchange("01 00 01 00", "79");
    assert_int_equal(device.memory.flash[0], 0xFF);
    assert_int_equal(device.memory.flash[1024], 0xFF);
    assert_int_equal(device.memory.flash[2048], 0x55);
    exchange("43 BC", "79");
    exchange("FF 55", "79");
    assert_int_equal(device.memory.flash[2048], 0x55);
    exchange("43 BC", "79");
    exchange("FF 00", "79");
    assert_int_equal(device.memory.flash[2048], 0xFF);
    exchange("44 BB", "1F"); /* the two exclude each other */
}

/* Section 3.8. 0000 0001: the sum is 01; FFFE: 01; FFF0 is reserved. */
static void extended_erase(void **state)
{
    (void)state;
    start("g071");
    device.memory.flash[0] = device.memory.flash[2048] = 0x55;
    exchange("44 BB", "79");
    exchange("00 00 00 01 01", "79");
    assert_int_equal(device.memory.flash[0], 0x55);
    assert_int_equal(device.memory.flash[2048], 0xFF);
    exchange("44 BB", "79");
    exchange("FF FE 01", "79");
    exchange("44 BB", "79");
    exchange("FF F0 0F", "1F");
    exchange("44 BB", "79");
    exchange("FF FF 01", "1F"); /* the sum of FFFF is 00 */
}

/* Bad complement, unknown command, bad address sum, no such memory, bad length (seen on L151). */
static void nacks(void **state)
{
    (void)state;
    start("f405");
    exchange("00 FE", "1F");
    exchange("99 66", "1F");
    exchange("11 EE", "79");
    exchange("08 00 00 00 09", "1F");
    exchange("11 EE", "79");
    exchange("60 00 00 00 60", "1F");
    exchange("11 EE", "79");
    exchange("08 00 00 00 08", "79");
    exchange("03 FB", "1F");
    exchange("00 FF", "79 0B 31 00 01 02 11 21 31 44 63 73 82 92 79");
}

/* AN3155 table 3: Read and Write of a bad address end in silence before V3.1. */
static void missing_nack(void **state)
{
    (void)state;
    power_on("f405", (struct usart_device_config){.version = 0x30, .nack_missing = true});
    exchange("7F", "79");
    exchange("11 EE", "79");
    exchange("60 00 00 00 60", "");
    exchange("0F F0", "1F");
}

/* 7F^7F is not FF: the second one is refused. */
static void already_synchronised(void **state)
{
    (void)state;
    power_on("f405", (struct usart_device_config){.synchronised = true});
    exchange("7F", "");
    exchange("7F", "1F");
    exchange("02 FD", "79 01 04 13 79");
}

/* Sections 3.9 to 3.12: two ACKs, then a reset; one or two NACKs under protection. */
static void protection(void **state)
{
    (void)state;
    start("f405");
    exchange("82 7D", "79 79");
    exchange("02 FD", "");
    exchange("7F", "79");
    exchange("11 EE", "1F");
    device.config.two_nacks = true;
    exchange("11 EE", "1F 1F");
    exchange("00 FF", "79 0B 31 00 01 02 11 21 31 44 63 73 82 92 79");
    exchange("92 6D", "79 79");
    exchange("7F", "79");
    exchange("11 EE", "79");
    exchange("08 00 00 00 08", "79");
    exchange("00 FF", "79 FF");
    exchange("63 9C", "79");
    exchange("01 02 03 00", "79");
    exchange("7F", "79");
    exchange("73 8C", "79 79");
}

/* Section 3.13. The CRC of one erased word: FFFFFFFF^FFFFFFFF = 0 stays 0 for any polynomial. */
static void checksum(void **state)
{
    (void)state;
    start("u575");
    exchange("A1 5E", "79");
    exchange("08 00 00 00 08", "79");
    exchange("00 00 00 01 01", "79");
    exchange("04 C1 1D B7 6F", "79");
    exchange("FF FF FF FF 00", "79 79 00 00 00 00 00");
    power_on("u575", (struct usart_device_config){.short_checksum = true});
    exchange("7F", "79");
    exchange("A1 5E", "79");
    exchange("08 00 00 00 08", "79");
    exchange("00 00 00 01 01", "79 79 00 00 00 00 00");
}

/* Sections 3.14 and 3.15; sizes above 128 are refused as soon as they are told. */
static void special(void **state)
{
    (void)state;
    start("u575");
    exchange("50 AF", "79");
    exchange("00 01 01", "79");
    exchange("00 02 AA BB 13", "79 00 02 CA FE 00 01 00 79");
    exchange("50 AF", "79");
    exchange("12 34 26", "1F");
    exchange("50 AF", "79");
    exchange("00 01 01", "79");
    exchange("00 81", "1F");
    exchange("51 AE", "79");
    exchange("00 01 01", "79");
    exchange("00 00 00", "79");
    exchange("00 01 55 54", "79 00 01 00 79");
}

static void go(void **state)
{
    (void)state;
    start("f405");
    exchange("21 DE", "79");
    exchange("08 00 00 00 08", "79");
    exchange("7F", "");
}

/* users: 7F passes an even-parity receiver as 8N1, 00 does not, 02 does. */
static void wrong_parity(void **state)
{
    (void)state;
    power_on("f405", (struct usart_device_config){.wrong_parity = true});
    exchange("7F", "79");
    exchange("00", "1F");
    exchange("02", "");
}

static void faults(void **state)
{
    (void)state;
    power_on("f405",
             (struct usart_device_config){
                 .faults_length = 3,
                 .faults = {{.kind = USART_GLITCH, .phase = USART_SYNC, .times = 1, .byte = 0x00},
                            {.kind = USART_NACK, .opcode = 0x02, .phase = USART_COMMAND, .skip = 1},
                            {.kind = USART_LATE,
                             .opcode = 0x01,
                             .phase = USART_COMMAND,
                             .delay_us = 3000000}}});
    exchange("7F", "00 79");
    exchange("02 FD", "79 01 04 13 79");
    exchange("02 FD", "1F");
    exchange("02 FD", "1F");
    usart_device_receive(&device, 0x01);
    exchange("FE", "79 31 00 00 79");
    assert_int_equal(first_delay_us, 3000000);
    power_on("f405", (struct usart_device_config){.flip_at = 3, .flip_mask = 0x01});
    exchange("7F", "79");
    exchange("02 FD", "1F");
    power_on("f405", (struct usart_device_config){.lose_at = 2, .lose_count = 1});
    exchange("7F", "79");
    exchange("02 FD", "");
    power_on("f405", (struct usart_device_config){.application = true, .text = "hi"});
    exchange("7F", "68 69");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(get),
        cmocka_unit_test(version_and_id),
        cmocka_unit_test(write_and_read),
        cmocka_unit_test(flash_is_flash),
        cmocka_unit_test(erase),
        cmocka_unit_test(extended_erase),
        cmocka_unit_test(nacks),
        cmocka_unit_test(missing_nack),
        cmocka_unit_test(already_synchronised),
        cmocka_unit_test(protection),
        cmocka_unit_test(checksum),
        cmocka_unit_test(special),
        cmocka_unit_test(go),
        cmocka_unit_test(wrong_parity),
        cmocka_unit_test(faults),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
