/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "list/list.h"

#include <limits.h>
#include <string.h>
#include <unistd.h>

#include "base/message.h"
#include "list/item.h"
#include "port/serial_list.h"
#include "port/usb_monitor.h"

/** Room for what is known of a USB device. */
#define WORDS_SIZE 2048

struct list {
    const struct machine *machine;
    bool json;
    FILE *to;
    size_t length; /**< printed so far */
};

static void print(struct list *list, const struct list_item *item)
{
    list->length++;
    list_item_print(item, list->json, list->to);
}

static void print_serial(void *context, const struct serial_listed *port)
{
    char operand[sizeof(port->path) + 8];
    char missing[SERIAL_LIST_MISSING_SIZE];
    char words[WORDS_SIZE] = "serial port";

    snprintf(operand, sizeof(operand), "serial:%s", port->path);
    if (port->on_usb)
        usb_device_words(&port->usb, words, sizeof(words));
    print(context, &(struct list_item){
                       .kind = "serial",
                       .operand = operand,
                       .description = words,
                       .missing = serial_list_missing(port, missing) ? missing : NULL,
                       .path = port->path,
                       .usb = port->on_usb ? &port->usb : NULL,
                   });
}

/** What is missing to watch a DFU device, and for a tool to open it; "": nothing. */
static void dfu_missing(const struct machine *machine, const struct usb_device *device,
                        const char *path, char *words, size_t size)
{
    if (!usb_monitor_missing(machine, device->bus, words))
        words[0] = '\0';
    if (access(path, R_OK | W_OK) != 0)
        snprintf(words + strlen(words), size - strlen(words),
                 "%sthis user's tools may not open %s; boottap's udev rule (60-boottap.rules) lets "
                 "them",
                 words[0] != '\0' ? "; " : "", path);
}

static void print_dfu(void *context, const struct usb_device *usb)
{
    struct list *list = context;
    char missing[USB_MONITOR_MISSING_SIZE + MACHINE_PATH_SIZE + 128];
    char words[WORDS_SIZE];
    char path[MACHINE_PATH_SIZE];
    char operand[16];
    char device[16];

    if (usb->dfu == USB_DEVICE_NO_DFU)
        return;
    snprintf(operand, sizeof(operand), "usbmon%u", usb->bus);
    snprintf(device, sizeof(device), "%u.%u", usb->bus, usb->number);
    snprintf(path, sizeof(path), "%s/bus/usb/%03u/%03u", list->machine->dev, usb->bus, usb->number);
    dfu_missing(list->machine, usb, path, missing, sizeof(missing));
    usb_device_words(usb, words, sizeof(words));
    snprintf(words + strlen(words), sizeof(words) - strlen(words), ", %s",
             usb->dfu == USB_DEVICE_DFU_MODE ? "in DFU mode" : "can be told to go to DFU mode");
    print(list, &(struct list_item){
                    .kind = "dfu-device",
                    .operand = operand,
                    .device = device,
                    .description = words,
                    .missing = missing[0] != '\0' ? missing : NULL,
                    .path = path,
                    .usb = usb,
                });
}

static void print_bus(struct list *list, unsigned bus, const char *description)
{
    char missing[USB_MONITOR_MISSING_SIZE];
    char operand[16];
    char path[MACHINE_PATH_SIZE];

    snprintf(operand, sizeof(operand), "usbmon%u", bus);
    snprintf(path, sizeof(path), "%s/%s", list->machine->dev, operand);
    print(list, &(struct list_item){
                    .kind = "usb-bus",
                    .operand = operand,
                    .description = description,
                    .missing = usb_monitor_missing(list->machine, bus, missing) ? missing : NULL,
                    .path = path,
                });
}

/** A bus is known by its root hub, which has address 1. */
static void print_root_hub(void *context, const struct usb_device *device)
{
    char words[WORDS_SIZE];

    if (!device->hub || device->number != 1)
        return;
    snprintf(words, sizeof(words), "USB bus %u%s%s", device->bus,
             device->model[0] != '\0' ? ", " : "", device->model);
    print_bus(context, device->bus, words);
}

static void print_can(void *context, const struct can_link *can)
{
    char missing[CAN_LINK_MISSING_SIZE];
    char words[WORDS_SIZE];
    int length = snprintf(words, sizeof(words), "%s interface, %s", can->fd ? "CAN FD" : "CAN",
                          can->up ? "up" : "down");

    if (can->rates.nominal > 0)
        length += snprintf(words + length, sizeof(words) - (size_t)length, ", %u bit/s",
                           can->rates.nominal);
    if (can->rates.data > 0)
        snprintf(words + length, sizeof(words) - (size_t)length, ", data %u bit/s",
                 can->rates.data);
    print(context,
          &(struct list_item){
              .kind = "can",
              .operand = can->name,
              .description = words,
              .missing = can_link_missing(can, CAN_LINK_TO_LISTEN, missing) ? missing : NULL,
              .can = can,
          });
}

void list_print(const struct machine *machine, bool json, FILE *to)
{
    struct list list = {.machine = machine, .json = json, .to = to};
    size_t before;

    serial_list_each(machine, print_serial, &list);
    usb_device_each(machine, print_dfu, &list);
    before = list.length;
    usb_device_each(machine, print_root_hub, &list);
    if (list.length > before)
        print_bus(&list, 0, "all USB buses");
    can_link_each(machine, print_can, &list);
    if (list.length == 0)
        message("nothing to capture from was found: no serial port, USB bus or CAN interface");
}
