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

static void add_known_text(struct json *json, const char *key, const char *text)
{
    if (text != NULL && text[0] != '\0')
        json_add_text(json, key, text);
}

static void add_usb(struct json *json, const struct usb_device *usb)
{
    json_add_number(json, "bus", usb->bus);
    json_add_number(json, "address", usb->number);
    json_add_number(json, "vid", usb->vendor);
    json_add_number(json, "pid", usb->product);
    add_known_text(json, "manufacturer", usb->manufacturer);
    add_known_text(json, "product", usb->model);
    add_known_text(json, "serial", usb->serial);
    if (usb->dfu != USB_DEVICE_NO_DFU)
        json_add_text(json, "dfu", usb->dfu == USB_DEVICE_DFU_MODE ? "mode" : "runtime");
}

static void add_can(struct json *json, const struct can_link *can)
{
    json_add_boolean(json, "up", can->up);
    json_add_boolean(json, "fd", can->fd);
    add_known_text(json, "driver", can->rates.kind);
    if (can->rates.nominal > 0)
        json_add_number(json, "bitrate", can->rates.nominal);
    if (can->rates.data > 0)
        json_add_number(json, "data_bitrate", can->rates.data);
}

static void print_json(const struct list_item *item, FILE *to)
{
    struct json json;

    json_begin(&json, to, "interface");
    json_add_text(&json, "kind", item->kind);
    json_add_text(&json, "operand", item->operand);
    add_known_text(&json, "device", item->device);
    json_add_text(&json, "description", item->description);
    json_add_boolean(&json, "ready", item->missing == NULL);
    add_known_text(&json, "missing", item->missing);
    add_known_text(&json, "path", item->path);
    if (item->usb != NULL)
        add_usb(&json, item->usb);
    if (item->can != NULL)
        add_can(&json, item->can);
    json_end(&json);
}

void list_item_print(const struct list_item *item, bool json, FILE *to)
{
    if (json)
        print_json(item, to);
    else
        print_text(item, to);
}
