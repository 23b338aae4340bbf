/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The simulated DFU device against AN3156, DFU 1.1 and the figures of a real capture.
 */
#include "products.h"
#include "sim.h"
#include "simulate/dfu_device.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static struct dfu_device device;
static struct dfu_answer answer;
static sim_ns now;

static void plug_in(const char *product, struct dfu_device_config config)
{
    config.product = dfu_product_by_name(product);
    dfu_device_init(&device, &config);
    now = SIM_EPOCH;
}

static enum dfu_outcome request(uint8_t type, uint8_t number, uint16_t value, uint16_t length,
                                const uint8_t *data)
{
    const struct usb_setup setup = {type, number, value, 0, length};
    dfu_device_request(&device, now, &setup, data, &answer);
    return answer.outcome;
}

static enum dfu_outcome download(uint16_t block, const uint8_t *bytes, uint16_t length)
{
    return request(0x21, 1, block, length, bytes);
}

static void assert_report(uint8_t status, uint32_t poll_ms, uint8_t state)
{
    assert_int_equal(request(0xA1, 3, 0, 6, NULL), DFU_DONE);
    assert_int_equal(answer.length, 6);
    assert_int_equal(answer.data[0], status);
    assert_int_equal(answer.data[1] | answer.data[2] << 8 | answer.data[3] << 16, poll_ms);
    assert_int_equal(answer.data[4], state);
}

/* The capture of a real ROM: dfuERROR (10), errFIRMWARE (10); CLRSTATUS; dfuIDLE (2). */
static void starts_with_errfirmware(void **state)
{
    (void)state;
    plug_in("f072", (struct dfu_device_config){.firmware_corrupt = true});
    assert_report(10, 0, 10);
    assert_int_equal(request(0x21, 4, 0, 0, NULL), DFU_DONE);
    assert_report(0, 0, 2);
}

/* AN3156 sections 5.2, 5.3 and 5.1: nothing happens before GETSTATUS; dfuDNBUSY (4) first, then
 * dfuDNLOAD-IDLE (5). 40 ms for an erase, 72 ms for the rest, as the real ROM said. */
static void erase_address_write(void **state)
{
    static const uint8_t erase[] = {0x41, 0x00, 0x00, 0x00, 0x08};
    static const uint8_t address[] = {0x21, 0x00, 0x08, 0x00, 0x08};
    static const uint8_t data[] = {0x12, 0x34};

    (void)state;
    plug_in("f072", (struct dfu_device_config){0});
    device.memory.flash[0] = 0x55;
    assert_int_equal(download(0, erase, sizeof(erase)), DFU_DONE);
    assert_int_equal(device.memory.flash[0], 0x55);
    assert_report(0, 40, 4);
    assert_report(0, 40, 4); /* 40 ms are not over */
    now += 40 * SIM_MS;
    assert_report(0, 40, 5);
    assert_int_equal(device.memory.flash[0], 0xFF);
    download(0, address, sizeof(address));
    assert_report(0, 72, 4);
    now += 72 * SIM_MS;
    assert_report(0, 72, 5);
    /* Block 3: pointer + 1 * 2048. */
    download(3, data, sizeof(data));
    assert_report(0, 72, 4);
    now += 72 * SIM_MS;
    assert_report(0, 72, 5);
    assert_int_equal(device.memory.flash[0x1000], 0x12);
    assert_int_equal(device.memory.flash[0x1001], 0x34);
}

/* Section 5.3: one byte erases all, five erase a page; nothing else is an erase, whatever stood in
 * the buffer before. */
static void odd_erases(void **state)
{
    static const uint8_t address[] = {0x21, 0x00, 0x00, 0x00, 0x08};
    static const uint8_t erase[] = {0x41, 0x00, 0x00};

    (void)state;
    plug_in("f072", (struct dfu_device_config){0});
    device.memory.flash[0] = 0x55;
    download(0, address, sizeof(address));
    assert_report(0, 72, 4);
    now += 72 * SIM_MS;
    assert_report(0, 72, 5);
    download(0, erase, sizeof(erase));
    assert_report(0, 40, 4);
    now += 40 * SIM_MS;
    assert_report(1, 40, 10); /* errTARGET */
    assert_int_equal(device.memory.flash[0], 0x55);
}

/* A Leave can fail, and what comes after it is not touched by that. */
static void leave_fails(void **state)
{
    struct dfu_device_config config = {
        .faults_length = 1,
        .faults = {{.kind = DFU_FAULT_STATUS, .request = DFU_DNLOAD, .times = 1, .status = 3}}};

    (void)state;
    plug_in("f072", config);
    assert_int_equal(download(2, NULL, 0), DFU_DONE);
    assert_report(3, 0, 10);
    request(0x21, 4, 0, 0, NULL);
    assert_int_equal(download(2, NULL, 0), DFU_DONE);
    assert_report(0, 1, 7);
}

/* Section 4: Get, and reading by block. */
static void uploads(void **state)
{
    static const uint8_t commands[] = {0x00, 0x21, 0x41, 0x92};

    (void)state;
    plug_in("f072", (struct dfu_device_config){0});
    assert_int_equal(request(0xA1, 2, 0, 64, NULL), DFU_DONE);
    assert_int_equal(answer.length, 4);
    assert_memory_equal(answer.data, commands, 4);
    device.memory.flash[2048] = 0x77;
    assert_int_equal(request(0xA1, 2, 3, 2048, NULL), DFU_DONE);
    assert_int_equal(answer.length, 2048);
    assert_int_equal(answer.data[0], 0x77);
    assert_report(0, 0, 9); /* dfuUPLOAD-IDLE */
    request(0x21, 6, 0, 0, NULL);
    assert_report(0, 0, 2);
}

/* Section 5.5: zero length, GETSTATUS = dfuMANIFEST (7), then it is gone. */
static void leave(void **state)
{
    (void)state;
    plug_in("f072", (struct dfu_device_config){0});
    assert_int_equal(download(2, NULL, 0), DFU_DONE);
    assert_report(0, 1, 7);
    assert_int_equal(request(0xA1, 3, 0, 6, NULL), DFU_LEFT_BUS);
    assert_int_equal(request(0x80, 6, 0x0100, 18, NULL), DFU_LEFT_BUS);
}

/* errVENDOR (11) under read protection; Set Address Pointer stays allowed; 0x92 resets. */
static void read_protection(void **state)
{
    static const uint8_t erase[] = {0x41};
    static const uint8_t address[] = {0x21, 0x00, 0x00, 0x00, 0x08};
    static const uint8_t unprotect[] = {0x92};

    (void)state;
    plug_in("f072", (struct dfu_device_config){.read_protected = true});
    assert_int_equal(request(0xA1, 2, 2, 64, NULL), DFU_STALLED);
    assert_report(11, 0, 10);
    request(0x21, 4, 0, 0, NULL);
    download(0, erase, 1);
    assert_report(11, 0, 10);
    request(0x21, 4, 0, 0, NULL);
    download(0, address, sizeof(address));
    assert_report(0, 72, 4);
    now += 72 * SIM_MS;
    assert_report(0, 72, 5);
    download(0, unprotect, 1);
    assert_report(0, 40, 4);
    now += 40 * SIM_MS;
    assert_int_equal(request(0xA1, 3, 0, 6, NULL), DFU_LEFT_BUS);
}

/* errTARGET (1) comes with the second GETSTATUS. */
static void bad_address(void **state)
{
    static const uint8_t address[] = {0x21, 0x00, 0x00, 0x00, 0x60};

    (void)state;
    plug_in("f072", (struct dfu_device_config){0});
    download(0, address, sizeof(address));
    assert_report(0, 72, 4);
    now += 72 * SIM_MS;
    assert_report(1, 72, 10);
}

static void refusals(void **state)
{
    static const uint8_t block[4096];

    (void)state;
    plug_in("h743", (struct dfu_device_config){0});
    assert_int_equal(download(2, block, 2048), DFU_STALLED); /* takes 1024 */
    assert_report(15, 0, 10);
    assert_int_equal(request(0xA1, 2, 2, 64, NULL), DFU_STALLED); /* in dfuERROR */
    request(0x21, 4, 0, 0, NULL);
    assert_report(0, 0, 2);
}

static void quirks(void **state)
{
    static const uint8_t erase[] = {0x41};

    (void)state;
    plug_in("l476", (struct dfu_device_config){.stall_while_busy = true});
    download(0, erase, 1);
    assert_report(0, 10, 4);
    now += 10 * SIM_MS;
    assert_int_equal(request(0xA1, 3, 0, 6, NULL), DFU_STALLED);
    now += 40 * SIM_MS;
    assert_report(0, 10, 5);

    plug_in("h743", (struct dfu_device_config){.stuck_busy = true});
    download(0, erase, 1);
    assert_report(0, 100, 4);
    now += 60 * SIM_S;
    assert_report(0, 100, 4);
    request(0x21, 4, 0, 0, NULL);
    assert_report(15, 100, 10);
    request(0x21, 4, 0, 0, NULL);
    assert_report(0, 0, 2);
}

/* DFU 1.1 appendix A: blocks, the zero-length one, dfuMANIFEST, dfuIDLE again. */
static void plain_dfu(void **state)
{
    static const uint8_t data[] = {0xA5};

    (void)state;
    plug_in("plain", (struct dfu_device_config){0});
    download(0, data, 1);
    assert_report(0, 20, 4);
    now += 20 * SIM_MS;
    assert_report(0, 20, 5);
    download(1, NULL, 0);
    assert_report(0, 1, 7);
    assert_report(0, 1, 2);
    assert_int_equal(request(0xA1, 2, 0, 1, NULL), DFU_DONE);
    assert_int_equal(answer.data[0], 0xA5);
}

/* USB 2.0 section 9.6, DFU 1.1 section 4: what dfu-util looks at. */
static void descriptors(void **state)
{
    (void)state;
    plug_in("f072", (struct dfu_device_config){0});
    assert_int_equal(request(0x80, 6, 0x0100, 18, NULL), DFU_DONE);
    assert_int_equal(answer.length, 18);
    assert_int_equal(sim_le16(answer.data + 8), 0x0483);
    assert_int_equal(sim_le16(answer.data + 10), 0xDF11);
    request(0x80, 6, 0x0200, 255, NULL);
    /* 9 configuration, 2 alternates of 9, 9 functional. */
    assert_int_equal(answer.length, 36);
    assert_int_equal(sim_le16(answer.data + 2), 36);
    assert_int_equal(answer.data[9 + 5], 0xFE);
    assert_int_equal(answer.data[9 + 6], 0x01);
    assert_int_equal(answer.data[27 + 1], 0x21);
    assert_int_equal(sim_le16(answer.data + 27 + 5), 2048);
    assert_int_equal(sim_le16(answer.data + 27 + 7), 0x011A);
    request(0x80, 6, 0x0304, 255, NULL);
    /* "@Internal Flash  /0x08000000/064*0002Kg" has 39 characters. */
    assert_int_equal(answer.length, 2 + 2 * 39);
    assert_int_equal(answer.data[2], '@');
    assert_int_equal(request(0x80, 6, 0x0307, 255, NULL), DFU_STALLED);
    assert_int_equal(request(0x01, 0x0B, 1, 0, NULL), DFU_DONE);
    assert_int_equal(request(0x01, 0x0B, 2, 0, NULL), DFU_STALLED);
}

/* Table 3, note 3: flash, RAM and option bytes; AA 55 is what a new device of ours has there. */
static void unprotect_resets_options(void **state)
{
    static const uint8_t unprotect[] = {0x92};

    (void)state;
    plug_in("f072", (struct dfu_device_config){.read_protected = true});
    device.memory.options[0] = 0x00;
    device.memory.options[15] = 0xFF;
    download(0, unprotect, 1);
    assert_int_equal(request(0xA1, 3, 0, 6, NULL), DFU_DONE);
    assert_int_equal(device.memory.options[0], 0xAA);
    assert_int_equal(device.memory.options[15], 0x55);
}

/* The STM32F072 has 128 KiB: block 65 of 2048 bytes is the last, 66 lies behind it. Then errTARGET
 * (1) and dfuERROR (10); a read may not run over the end either. */
static void upload_without_memory(void **state)
{
    static const uint8_t address[] = {0x21, 0x00, 0xFC, 0x01, 0x08};

    (void)state;
    plug_in("f072", (struct dfu_device_config){0});
    assert_int_equal(request(0xA1, 2, 65, 2048, NULL), DFU_DONE);
    assert_int_equal(answer.length, 2048);
    assert_int_equal(request(0xA1, 2, 66, 2048, NULL), DFU_STALLED);
    assert_report(1, 0, 10);
    assert_int_equal(request(0x21, 4, 0, 0, NULL), DFU_DONE);
    download(0, address, sizeof(address));
    assert_report(0, 72, 4);
    now += 72 * SIM_MS;
    assert_report(0, 72, 5);
    request(0x21, 6, 0, 0, NULL);
    assert_int_equal(request(0xA1, 2, 2, 1024, NULL), DFU_DONE);
    assert_int_equal(request(0xA1, 2, 2, 1025, NULL), DFU_STALLED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(starts_with_errfirmware),
        cmocka_unit_test(erase_address_write),
        cmocka_unit_test(odd_erases),
        cmocka_unit_test(leave_fails),
        cmocka_unit_test(uploads),
        cmocka_unit_test(leave),
        cmocka_unit_test(read_protection),
        cmocka_unit_test(unprotect_resets_options),
        cmocka_unit_test(upload_without_memory),
        cmocka_unit_test(bad_address),
        cmocka_unit_test(refusals),
        cmocka_unit_test(quirks),
        cmocka_unit_test(plain_dfu),
        cmocka_unit_test(descriptors),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
