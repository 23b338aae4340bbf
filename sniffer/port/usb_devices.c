/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "port/usb_devices.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

#define CLASS_HUB 9

/* Descriptors (USB 2.0 sections 9.6.1 and 9.6.5) */
#define TYPE_INTERFACE   4
#define INTERFACE_LENGTH 9
#define DFU_CLASS        0xfe
#define DFU_SUBCLASS     1

/** What an interface descriptor tells of DFU; its protocol is 1 in run-time mode, 2 in DFU mode. */
static enum usb_device_dfu dfu_of_interface(const uint8_t *descriptor)
{
    if (descriptor[5] != DFU_CLASS || descriptor[6] != DFU_SUBCLASS)
        return USB_DEVICE_NO_DFU;
    return descriptor[7] == 2 ? USB_DEVICE_DFU_MODE : USB_DEVICE_DFU_RUNTIME;
}

static enum usb_device_dfu dfu_of(const uint8_t *descriptors, size_t length)
{
    enum usb_device_dfu most = USB_DEVICE_NO_DFU;
    size_t at = 0;

    while (length - at >= 2 && descriptors[at] >= 2 && descriptors[at] <= length - at) {
        if (descriptors[at + 1] == TYPE_INTERFACE && descriptors[at] >= INTERFACE_LENGTH) {
            const enum usb_device_dfu dfu = dfu_of_interface(descriptors + at);

            most = dfu > most ? dfu : most;
        }
        at += descriptors[at];
    }
    return most;
}

/** From the device's descriptors, which are there before a configuration is chosen. */
static enum usb_device_dfu read_dfu(const char *directory)
{
    uint8_t descriptors[8192];
    char path[MACHINE_PATH_SIZE];
    size_t length;
    FILE *file;

    snprintf(path, sizeof(path), "%s/descriptors", directory);
    file = fopen(path, "re");
    if (file == NULL)
        return USB_DEVICE_NO_DFU;
    length = fread(descriptors, 1, sizeof(descriptors), file);
    fclose(file);
    return dfu_of(descriptors, length);
}

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash != NULL ? slash + 1 : path;
}

bool usb_device_read(const char *directory, struct usb_device *device)
{
    uint32_t bus;
    uint32_t number;
    uint32_t vendor;
    uint32_t product;
    uint32_t class = 0;

    *device = (struct usb_device){0};
    if (!machine_number(directory, "busnum", 10, &bus) || bus > UINT16_MAX ||
        !machine_number(directory, "devnum", 10, &number) || number > UINT8_MAX ||
        !machine_number(directory, "idVendor", 16, &vendor) || vendor > UINT16_MAX ||
        !machine_number(directory, "idProduct", 16, &product) || product > UINT16_MAX)
        return false;
    device->bus = (uint16_t)bus;
    device->number = (uint8_t)number;
    snprintf(device->port, sizeof(device->port), "%s", base_name(directory));
    device->vendor = (uint16_t)vendor;
    device->product = (uint16_t)product;
    device->hub = machine_number(directory, "bDeviceClass", 16, &class) && class == CLASS_HUB;
    device->dfu = read_dfu(directory);
    machine_text(directory, "manufacturer", device->manufacturer);
    machine_text(directory, "product", device->model);
    machine_text(directory, "serial", device->serial);
    return true;
}

struct search {
    const char *devices; /**< the directory of all */
    void (*each)(void *context, const struct usb_device *device);
    void *context;
};

static void look_at(void *context, const char *name)
{
    const struct search *search = context;
    struct usb_device device;
    char directory[MACHINE_PATH_SIZE];

    /* 1-1.2:1.0 is an interface. */
    if (strchr(name, ':') != NULL)
        return;
    snprintf(directory, sizeof(directory), "%s/%s", search->devices, name);
    if (usb_device_read(directory, &device))
        search->each(search->context, &device);
}

void usb_device_each(const struct machine *machine,
                     void (*each)(void *context, const struct usb_device *device), void *context)
{
    char directory[MACHINE_PATH_SIZE];
    struct search search = {directory, each, context};

    snprintf(directory, sizeof(directory), "%s/bus/usb/devices", machine->sys);
    machine_each(directory, look_at, &search);
}

struct wanted {
    uint16_t bus;
    uint8_t number;
    struct usb_device *device;
    bool found;
};

static void compare(void *context, const struct usb_device *device)
{
    struct wanted *wanted = context;

    if (device->bus != wanted->bus || device->number != wanted->number)
        return;
    *wanted->device = *device;
    wanted->found = true;
}

bool usb_device_find(const struct machine *machine, uint16_t bus, uint8_t number,
                     struct usb_device *device)
{
    struct wanted wanted = {bus, number, device, false};

    usb_device_each(machine, compare, &wanted);
    return wanted.found;
}

const char *usb_device_words(const struct usb_device *device, char *words, size_t size)
{
    snprintf(words, size, "%s%s%s%s%s%s%s%04x:%04x", device->model,
             device->model[0] != '\0' ? ", " : "", device->manufacturer,
             device->manufacturer[0] != '\0' ? ", " : "",
             device->serial[0] != '\0' ? "serial " : "", device->serial,
             device->serial[0] != '\0' ? ", " : "", device->vendor, device->product);
    return words;
}
