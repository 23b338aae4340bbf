/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * usb_device dfu|ftdi|cdc-acm PRODUCT [FAULT]: plugs a simulated device into the software USB bus
 * and serves it until it leaves. What the host asks of it is appended to the file that the variable
 * USB_DEVICE_LOG names.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "products.h"
#include "serial_adapter.h"
#include "simulate/usbip.h"

static int usage(void)
{
    fprintf(
        stderr,
        "usage: usb_device dfu|ftdi|cdc-acm PRODUCT [FAULT]\n"
        "faults of dfu: protected unplug stall; of the others: protected, line-errors (ftdi)\n");
    return 2;
}

static bool set_dfu_fault(struct dfu_device_config *config, const char *name)
{
    static const struct dfu_fault unplug = {
        .kind = DFU_FAULT_LEAVE, .request = DFU_DNLOAD, .skip = 8, .times = 1};
    static const struct dfu_fault stall = {
        .kind = DFU_FAULT_STALL, .request = DFU_DNLOAD, .skip = 8, .times = 1};

    if (strcmp(name, "protected") == 0) {
        config->read_protected = true;
        return true;
    }
    config->faults_length = 1;
    if (strcmp(name, "unplug") == 0)
        config->faults[0] = unplug;
    else if (strcmp(name, "stall") == 0)
        config->faults[0] = stall;
    else
        return false;
    return true;
}

static int serve(struct usb_function *function)
{
    const char *log = getenv("USB_DEVICE_LOG");

    if (log != NULL)
        function->log = fopen(log, "a");
    if (usbip_serve(function) != USBIP_REFUSED)
        return 0;
    perror("usb_device: cannot plug in");
    return 1;
}

static void dfu_control(void *context, sim_ns now, const struct usb_setup *setup,
                        const uint8_t *data, struct dfu_answer *answer)
{
    dfu_device_request(context, now, setup, data, answer);
}

static int serve_dfu(const char *product, const char *fault)
{
    static struct dfu_device device;
    struct dfu_device_config config = {.product = dfu_product_by_name(product)};
    struct usb_function function = {.context = &device, .control = dfu_control};

    if (config.product == NULL || (fault != NULL && !set_dfu_fault(&config, fault)))
        return usage();
    config.firmware_corrupt = true; /* as a device without firmware starts */
    dfu_device_init(&device, &config);
    /* Something to upload, with no two pages alike. */
    for (uint32_t i = 0; i < config.product->flash_size; i++)
        device.memory.flash[i] = (uint8_t)(i * 7 + (i >> 8));
    return serve(&function);
}

static int serve_serial(enum serial_adapter_kind kind, const char *product, const char *fault)
{
    static struct serial_adapter adapter;
    struct usart_device_config config = {.product = usart_product_by_name(product)};
    struct usb_function function;

    if (config.product == NULL ||
        (fault != NULL && strcmp(fault, "protected") != 0 && strcmp(fault, "line-errors") != 0))
        return usage();
    config.read_protected = fault != NULL && strcmp(fault, "protected") == 0;
    serial_adapter_init(&adapter, kind, &config);
    adapter.line_errors = fault != NULL && strcmp(fault, "line-errors") == 0;
    function = serial_adapter_function(&adapter);
    return serve(&function);
}

int main(int argc, char **argv)
{
    const char *fault = argc == 4 ? argv[3] : NULL;

    if (argc != 3 && argc != 4)
        return usage();
    if (strcmp(argv[1], "dfu") == 0)
        return serve_dfu(argv[2], fault);
    if (strcmp(argv[1], "ftdi") == 0)
        return serve_serial(SERIAL_FTDI, argv[2], fault);
    if (strcmp(argv[1], "cdc-acm") == 0)
        return serve_serial(SERIAL_CDC_ACM, argv[2], fault);
    return usage();
}
