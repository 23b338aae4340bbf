/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "small_captures.h"

#include <stdio.h>

#include "host_dfu.h"
#include "host_fdcan.h"
#include "host_usart.h"
#include "products.h"
#include "test.h"

void write_usart_session(const char *path, const struct sim_capture_options *options)
{
    static struct usart_device device;
    static struct usart_host host;
    const struct usart_device_config config = {.product = usart_product_by_name("f405")};
    struct sim_capture *capture = sim_capture_open(path, options);
    struct rtac_wire wire;
    uint8_t bytes[256];

    sim_firmware(bytes, sizeof(bytes));
    rtac_wire_init(&wire, capture, RTAC_BOTH);
    usart_host_init(&host, &wire.wire, &device, &config);
    usart_host_open(&host);
    assert_true(usart_host_sync(&host));
    assert_true(usart_host_get_id(&host));
    assert_true(usart_host_extended_erase(&host, 0, 1));
    assert_true(usart_host_write(&host, 0x08000000, bytes, sizeof(bytes)));
    assert_true(usart_host_read(&host, 0x08000000, sizeof(bytes)));
    sim_capture_close(capture);
}

void write_fdcan_session(const char *path, const struct sim_capture_options *options)
{
    static struct can_device device;
    static struct fdcan_host host;
    const struct can_device_config config = {.product = can_product_by_name("g474")};
    struct sim_capture *capture = sim_capture_open(path, options);
    uint8_t bytes[64];

    sim_firmware(bytes, sizeof(bytes));
    fdcan_host_init(&host, capture, &device, &config);
    assert_true(fdcan_host_get_id(&host));
    assert_true(fdcan_host_write(&host, 0x08000000, bytes, sizeof(bytes)));
    sim_capture_close(capture);
}

void write_dfu_session(const char *path, const struct sim_capture_options *options)
{
    static struct dfu_device device;
    static struct dfu_host host;
    const struct dfu_device_config config = {.product = dfu_product_by_name("f405")};
    struct sim_capture *capture = sim_capture_open(path, options);
    uint8_t bytes[2048];

    sim_firmware(bytes, sizeof(bytes));
    dfu_host_init(&host, capture, &device, &config);
    dfu_host_enumerate(&host);
    dfu_host_start(&host, 0);
    assert_true(dfu_host_set_address(&host, 0x08000000));
    assert_true(dfu_host_write(&host, 2, bytes, sizeof(bytes)));
    assert_true(dfu_host_set_address(&host, 0x08000000));
    assert_true(dfu_host_leave(&host, 2));
    sim_capture_close(capture);
}

void write_dfu_block(const char *path)
{
    static struct dfu_device device;
    static struct dfu_host host;
    const struct sim_capture_options options = {.linktype = SIM_USBMON_MMAPPED};
    const struct dfu_device_config config = {.product = dfu_product_by_name("f405")};
    struct sim_capture *capture = sim_capture_open(path, &options);
    uint8_t bytes[512];

    sim_firmware(bytes, sizeof(bytes));
    dfu_host_init(&host, capture, &device, &config);
    dfu_host_start(&host, 0);
    dfu_host_write(&host, 3, bytes, sizeof(bytes));
    sim_capture_close(capture);
}

void append_capture(const char *from, const char *to)
{
    enum { HEADER_SIZE = 24 };
    char bytes[4096];
    FILE *source = fopen(from, "rb");
    FILE *target = fopen(to, "ab");
    size_t length;

    assert_non_null(source);
    assert_non_null(target);
    if (ftell(target) > 0)
        assert_int_equal(fseek(source, HEADER_SIZE, SEEK_SET), 0);
    while ((length = fread(bytes, 1, sizeof(bytes), source)) > 0)
        assert_int_equal(fwrite(bytes, 1, length, target), length);
    fclose(source);
    fclose(target);
}
