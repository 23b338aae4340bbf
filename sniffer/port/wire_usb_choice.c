/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "port/wire_usb_choice.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/allocate.h"

static void add(void *context, const struct usb_device *device)
{
    struct wire_usb_list *list = context;

    list->devices = grow(list->devices, list->length, &list->room, sizeof(*list->devices));
    list->devices[list->length++] = *device;
}

struct wire_usb_list wire_usb_list_here(void)
{
    struct wire_usb_list list = {0};

    usb_device_each(&machine_here, add, &list);
    return list;
}

void wire_usb_list_release(struct wire_usb_list *list)
{
    free(list->devices);
    *list = (struct wire_usb_list){0};
}

static bool has_ids(const struct usb_device *device, const struct wire_usb_wish *wish)
{
    return device->vendor == wish->vendor && device->product == wish->product;
}

static bool is_at(const struct usb_device *device, const char *place)
{
    return place[0] == '\0' || strcmp(device->serial, place) == 0 ||
           strcmp(device->port, place) == 0;
}

/** Whether a device is one that words are about. */
typedef bool (*device_test)(const struct usb_device *device, const struct wire_usb_wish *wish);

static bool is_meant(const struct usb_device *device, const struct wire_usb_wish *wish)
{
    return device->dfu == USB_DEVICE_DFU_MODE && has_ids(device, wish) &&
           is_at(device, wish->place);
}

static bool is_in_dfu_mode(const struct usb_device *device, const struct wire_usb_wish *wish)
{
    (void)wish;
    return device->dfu == USB_DEVICE_DFU_MODE;
}

/** It could be told to go to DFU mode, by other ids often than those it has there. */
static bool can_go(const struct usb_device *device, const struct wire_usb_wish *wish)
{
    return device->dfu == USB_DEVICE_DFU_RUNTIME && device->vendor == wish->vendor &&
           is_at(device, wish->place);
}

/**
 * What is wrong, and the devices that it is about: `usb:0483:df11,1-1.2 (STM32 BOOTLOADER, serial
 * 207D, 0483:df11)`, one after the other.
 *
 * @return false: there is none
 */
static bool name_devices(const struct wire_usb_wish *wish, const struct wire_usb_list *list,
                         device_test test, const char *problem, char *words)
{
    const char *before = ": ";

    snprintf(words, WIRE_USB_WORDS_SIZE, "%s", problem);
    for (size_t i = 0; i < list->length; i++) {
        const struct usb_device *device = &list->devices[i];
        const size_t length = strlen(words);
        char about[2 * MACHINE_TEXT_SIZE];

        if (!test(device, wish))
            continue;
        snprintf(words + length, WIRE_USB_WORDS_SIZE - length, "%susb:%04x:%04x,%s (%s)", before,
                 device->vendor, device->product, device->port,
                 usb_device_words(device, about, sizeof(about)));
        before = ", ";
    }
    return strcmp(before, ", ") == 0;
}

static void explain_none(const struct wire_usb_wish *wish, const struct wire_usb_list *list,
                         char *words)
{
    if (!name_devices(wish, list, is_in_dfu_mode, "no such device is in DFU mode; these are",
                      words) &&
        !name_devices(wish, list, can_go,
                      "not in DFU mode; start its bootloader (`dfu-util -e`, or BOOT0 at reset)",
                      words))
        snprintf(words, WIRE_USB_WORDS_SIZE,
                 "no device is in DFU mode; is it plugged in, and its bootloader started (BOOT0 at "
                 "reset)?");
}

const struct usb_device *wire_usb_choose(const struct wire_usb_wish *wish,
                                         const struct wire_usb_list *list, char *words)
{
    const struct usb_device *chosen = NULL;

    for (size_t i = 0; i < list->length; i++) {
        if (!is_meant(&list->devices[i], wish))
            continue;
        if (chosen != NULL) {
            name_devices(wish, list, is_meant,
                         "several devices are meant; name one by bus and port or serial number",
                         words);
            return NULL;
        }
        chosen = &list->devices[i];
    }
    if (chosen == NULL)
        explain_none(wish, list, words);
    return chosen;
}

static bool is_same(const struct usb_device *device, const struct usb_device *before)
{
    if (before->serial[0] != '\0')
        return strcmp(device->serial, before->serial) == 0;
    return strcmp(device->port, before->port) == 0;
}

const struct usb_device *wire_usb_returned(const struct usb_device *before,
                                           const struct wire_usb_list *list)
{
    for (size_t i = 0; i < list->length; i++) {
        const struct usb_device *device = &list->devices[i];
        /* Linux gives a device another address each time it comes. */
        const bool still = device->bus == before->bus && device->number == before->number;

        if (!still && device->dfu == USB_DEVICE_DFU_MODE && device->vendor == before->vendor &&
            device->product == before->product && is_same(device, before))
            return device;
    }
    return NULL;
}
