/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A USB device in DFU mode as a wire, by libusb. Which device is meant is found in sysfs, so that
 * nothing is sent to another one.
 */
#include <libusb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/allocate.h"
#include "base/clock.h"
#include "base/interrupt.h"
#include "base/message.h"
#include "port/lock.h"
#include "port/wire_open.h"
#include "port/wire_usb_choice.h"
#include "port/wire_usb_reads.h"
#include "port/wire_usb_status.h"

/** So often the system is asked whether a device has left, or has come. */
#define LOOK_MS 20

/** Most bytes of a data stage that libusb passes on (MAX_CTRL_BUFFER_LENGTH on Linux). */
#define DATA_MAX 4096

/* DFU 1.1 section 4.2.3 */
#define DFU_CLASS    0xfe
#define DFU_SUBCLASS 1
#define DFU_MODE     2

struct wire_usb {
    struct wire wire;
    struct wire_usb_wish wish;
    char name[24];
    int lock;
    struct usb_device device; /**< as the system knows it */
    libusb_context *context;
    libusb_device_handle *handle; /**< NULL: not open */
    struct wire_usb_reads reads;
    bool left; /**< it has left the bus */
    bool told; /**< a message said so */
};

static struct wire_usb *self(struct wire *wire)
{
    return (struct wire_usb *)wire; /* its first member */
}

/* Opening and closing */

/** Releasing the interface makes the kernel choose its alternate setting 0 again. */
static void close_device(struct wire_usb *usb)
{
    if (usb->handle != NULL) {
        libusb_release_interface(usb->handle, usb->wire.usb_interface);
        libusb_close(usb->handle);
    }
    if (usb->context != NULL)
        libusb_exit(usb->context);
    usb->handle = NULL;
    usb->context = NULL;
    wire_usb_reads_release(&usb->reads);
}

/** Opens the device at an address. @return 0, or an error of libusb */
static int open_address(struct wire_usb *usb)
{
    libusb_device **list;
    const ssize_t length = libusb_get_device_list(usb->context, &list);
    int result = LIBUSB_ERROR_NO_DEVICE;

    if (length < 0)
        return (int)length;
    for (ssize_t i = 0; i < length; i++)
        if (libusb_get_bus_number(list[i]) == usb->device.bus &&
            libusb_get_device_address(list[i]) == usb->device.number) {
            result = libusb_open(list[i], &usb->handle);
            break;
        }
    libusb_free_device_list(list, 1);
    return result;
}

/** Finds the DFU interface; where several are, that of DFU mode. */
static bool find_interface(const struct btap_usb_device *device, uint8_t *number)
{
    bool found = false;

    for (size_t i = device->interfaces_length; i-- > 0;) {
        const struct btap_usb_interface *one = &device->interfaces[i];

        if (one->interface_class != DFU_CLASS || one->interface_subclass != DFU_SUBCLASS)
            continue;
        if (!found || one->interface_protocol == DFU_MODE)
            *number = one->number;
        found = true;
    }
    return found;
}

static void describe(struct wire_usb *usb)
{
    struct wire *wire = &usb->wire;

    snprintf(usb->name, sizeof(usb->name), "usb:%u.%u", usb->device.bus, usb->device.number);
    wire->name = usb->name;
    wire->usb = &usb->reads.device;
    wire->usb_bus = usb->device.bus;
    wire->usb_address = usb->device.number;
    wire->usb_serial = usb->device.serial;
    wire->usb_reads = usb->reads.list;
    wire->usb_reads_length = usb->reads.length;
}

/**
 * Opens the device, reads what it says of itself, and takes its interface from a driver of the
 * kernel, if one has it. libusb learns of devices that come by a program that may not run here
 * (udev): each time it begins anew.
 *
 * @return 0, or an error of libusb: it is closed again
 */
static int open_device(struct wire_usb *usb)
{
    int result = libusb_init(&usb->context);

    if (result != 0)
        usb->context = NULL;
    else
        result = open_address(usb);
    if (result == 0)
        result = wire_usb_read(usb->handle, &usb->reads);
    if (result == 0 && !find_interface(&usb->reads.device, &usb->wire.usb_interface))
        result = LIBUSB_ERROR_NOT_SUPPORTED;
    if (result == 0) {
        libusb_set_auto_detach_kernel_driver(usb->handle, 1);
        result = libusb_claim_interface(usb->handle, usb->wire.usb_interface);
    }
    if (result == 0)
        describe(usb);
    else
        close_device(usb);
    return result;
}

static void explain_permission(const struct wire_usb *usb)
{
    const struct usb_device *device = &usb->device;

    if (device->vendor == BTAP_USB_VENDOR_ST && device->product == BTAP_USB_PRODUCT_ST_DFU)
        message("%s: this user may not open %s; install boottap's udev rule (60-boottap.rules) and "
                "plug the device in again, or use sudo",
                usb->wish.name, device->port);
    else
        message("%s: this user may not open %s; write SUBSYSTEM==\"usb\", "
                "ATTR{idVendor}==\"%04x\", ATTR{idProduct}==\"%04x\", TAG+=\"uaccess\" to "
                "/etc/udev/rules.d/60-dfu.rules and plug the device in again, or use sudo",
                usb->wish.name, device->port, device->vendor, device->product);
}

static void explain(const struct wire_usb *usb, int error)
{
    const char *name = usb->wish.name;

    if (error == LIBUSB_ERROR_ACCESS)
        explain_permission(usb);
    else if (error == LIBUSB_ERROR_BUSY)
        message("%s: another program has the device at %s (dfu-util?); end that first", name,
                usb->device.port);
    else if (error == LIBUSB_ERROR_NO_DEVICE)
        message("%s: the device at %s has just left the bus", name, usb->device.port);
    else if (error == LIBUSB_ERROR_NOT_SUPPORTED || error == LIBUSB_ERROR_NOT_FOUND)
        message("%s: the device at %s has no DFU interface in its configuration", name,
                usb->device.port);
    else
        message("%s: the device at %s cannot be opened: %s; unplug it and plug it in again", name,
                usb->device.port, libusb_strerror(error));
}

/** @return false: another replay has it, which was said */
static bool lock(struct wire_usb *usb)
{
    char words[sizeof(usb->device.port) + 8];

    snprintf(words, sizeof(words), "usb %s", usb->device.port);
    usb->lock = lock_take(words, usb->wish.name);
    return usb->lock >= 0;
}

/* Transfers */

static enum wire_result say_left(struct wire_usb *usb)
{
    if (!usb->told)
        message("%s: the device has left the bus; was it unplugged, or did it start its firmware?",
                usb->wire.name);
    usb->told = true;
    return WIRE_GONE;
}

static bool sets_interface(const struct btap_usb_setup *setup)
{
    return setup->request_type == LIBUSB_RECIPIENT_INTERFACE &&
           setup->request == LIBUSB_REQUEST_SET_INTERFACE;
}

/** @return bytes, or an error of libusb */
static int transfer(const struct wire_usb *usb, const struct wire_control *control)
{
    const struct btap_usb_setup *setup = &control->setup;

    /* The kernel must know what is in force. */
    if (sets_interface(setup))
        return libusb_set_interface_alt_setting(usb->handle, setup->index, setup->value);
    return libusb_control_transfer(usb->handle, setup->request_type, setup->request, setup->value,
                                   setup->index, control->data, setup->length, control->timeout_ms);
}

static enum wire_result send_message(struct wire *wire, const struct wire_message *sent)
{
    struct wire_usb *usb = self(wire);
    struct wire_control *control = sent->control;

    if (sent->kind != WIRE_CONTROL)
        return WIRE_GONE;
    if (usb->handle == NULL || usb->left)
        return say_left(usb);
    if (control->setup.length > DATA_MAX) {
        message("%s: libusb transfers no more than %d bytes at once", wire->name, DATA_MAX);
        return WIRE_GONE;
    }
    wire_usb_set_status(control, transfer(usb, control));
    wire_usb_parse(&usb->reads.device, control);
    usb->left = control->status == BTAP_USB_GONE;
    return WIRE_DONE;
}

/* Coming back */

static bool is_there(const struct usb_device *device)
{
    struct usb_device now;

    return usb_device_find(&machine_here, device->bus, device->number, &now);
}

/** Waits a moment. @return false: the deadline is over */
static bool pause_until(btap_ns deadline)
{
    interrupt_poll(NULL, 0, LOOK_MS);
    return clock_monotonic() < deadline;
}

static bool await_leave(const struct wire_usb *usb, btap_ns deadline)
{
    while (!usb->left && is_there(&usb->device))
        if (!pause_until(deadline))
            return false;
    return true;
}

/** Opens the device if it has come back. @return 0; NOT_FOUND: it has not; or what is in the way */
static int open_returned(struct wire_usb *usb, const struct usb_device *before)
{
    struct wire_usb_list list = wire_usb_list_here();
    const struct usb_device *device = wire_usb_returned(before, &list);
    const bool found = device != NULL;

    if (found)
        usb->device = *device;
    wire_usb_list_release(&list);
    return found ? open_device(usb) : LIBUSB_ERROR_NOT_FOUND;
}

/** It may come back in another place, for which the lock must be had. */
static bool keep_lock(struct wire_usb *usb, const struct usb_device *before)
{
    if (strcmp(usb->device.port, before->port) == 0)
        return true;
    lock_release(usb->lock);
    return lock(usb);
}

static enum wire_result reopen(struct wire *wire, btap_ns deadline)
{
    struct wire_usb *usb = self(wire);
    const struct usb_device before = usb->device;
    int result;

    if (!await_leave(usb, deadline))
        return WIRE_QUIET;
    close_device(usb);
    /* Until udev has set its rights, and perhaps a driver has let go of it, it cannot be opened. */
    do
        result = open_returned(usb, &before);
    while (result != 0 && pause_until(deadline));
    if (result == LIBUSB_ERROR_NOT_FOUND)
        return WIRE_QUIET;
    if (result != 0)
        explain(usb, result);
    usb->told = result != 0;
    usb->left = result != 0;
    return result == 0 && keep_lock(usb, &before) ? WIRE_DONE : WIRE_GONE;
}

/* The wire */

static void close_usb(struct wire *wire)
{
    struct wire_usb *usb = self(wire);

    close_device(usb);
    lock_release(usb->lock);
    free(usb);
}

static const struct wire_kind kind = {
    .medium = WIRE_USB,
    .send = send_message,
    .reopen = reopen,
    .close = close_usb,
};

static bool choose(struct wire_usb *usb)
{
    struct wire_usb_list list = wire_usb_list_here();
    char words[WIRE_USB_WORDS_SIZE];
    const struct usb_device *device = wire_usb_choose(&usb->wish, &list, words);
    const bool found = device != NULL;

    if (found)
        usb->device = *device;
    else
        message("%s: %s", usb->wish.name, words);
    wire_usb_list_release(&list);
    return found;
}

struct wire *wire_usb_open(const struct wire_usb_wish *wish)
{
    struct wire_usb *usb = allocate(sizeof(*usb));

    usb->wire.kind = &kind;
    usb->wire.name = wish->name;
    usb->wish = *wish;
    usb->lock = -1;
    if (choose(usb) && lock(usb)) {
        const int result = open_device(usb);

        if (result == 0)
            return &usb->wire;
        explain(usb, result);
    }
    close_usb(&usb->wire);
    return NULL;
}
