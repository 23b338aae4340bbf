/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "list/item.h"

#include "base/json.h"
#include "base/line.h"

/** Column of the description. */
#define DESCRIPTION_COLUMN 28

static void print_text(const struct list_item *item, FILE *to)
{
    struct line line;

    line_start(&line);
    line_escaped(&line, item->operand);
    if (item->device != NULL) {
        line_text(&line, " --device ");
        line_text(&line, item->device);
    }
    line_to_column(&line, DESCRIPTION_COLUMN);
    line_escaped(&line, item->description);
    if (item->missing != NULL) {
        line_text(&line, " [");
        line_escaped(&line, item->missing);
        line_text(&line, "]");
    }
    line_print(&line, to);
}

static void add_known_text(struct json_object *object, const char *key, const char *text)
{
    if (text != NULL && text[0] != '\0')
        json_add_text(object, key, text);
}

static void add_flag(struct json_object *object, const char *key, bool flag)
{
    json_object_object_add(object, key, json_object_new_boolean(flag));
}

static void add_usb(struct json_object *object, const struct usb_device *usb)
{
    json_add_number(object, "bus", usb->bus);
    json_add_number(object, "address", usb->number);
    json_add_number(object, "vid", usb->vendor);
    json_add_number(object, "pid", usb->product);
    add_known_text(object, "manufacturer", usb->manufacturer);
    add_known_text(object, "product", usb->model);
    add_known_text(object, "serial", usb->serial);
    if (usb->dfu != USB_DEVICE_NO_DFU)
        json_add_text(object, "dfu", usb->dfu == USB_DEVICE_DFU_MODE ? "mode" : "runtime");
}

static void add_can(struct json_object *object, const struct can_link *can)
{
    add_flag(object, "up", can->up);
    add_flag(object, "fd", can->fd);
    add_known_text(object, "driver", can->rates.kind);
    if (can->rates.nominal > 0)
        json_add_number(object, "bitrate", can->rates.nominal);
    if (can->rates.data > 0)
        json_add_number(object, "data_bitrate", can->rates.data);
}

static void print_json(const struct list_item *item, FILE *to)
{
    struct json_object *object = json_line_new("interface");

    json_add_text(object, "kind", item->kind);
    json_add_text(object, "operand", item->operand);
    add_known_text(object, "device", item->device);
    json_add_text(object, "description", item->description);
    add_flag(object, "ready", item->missing == NULL);
    add_known_text(object, "missing", item->missing);
    add_known_text(object, "path", item->path);
    if (item->usb != NULL)
        add_usb(object, item->usb);
    if (item->can != NULL)
        add_can(object, item->can);
    json_print(object, to);
}

void list_item_print(const struct list_item *item, bool json, FILE *to)
{
    if (json)
        print_json(item, to);
    else
        print_text(item, to);
}
