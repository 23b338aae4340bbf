/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * One interface of the list, and how it is printed.
 */
#ifndef SNIFFER_LIST_ITEM_H
#define SNIFFER_LIST_ITEM_H

#include <stdio.h>

#include "port/can_link.h"
#include "port/usb_devices.h"

struct list_item {
    const char *kind;    /**< `serial`, `dfu-device`, `usb-bus`, `can` */
    const char *operand; /**< of live */
    const char *device;  /**< value of --device; NULL: none */
    const char *description;
    const char *missing;          /**< what must be done before it can be captured; NULL: nothing */
    const char *path;             /**< its node; NULL: none */
    const struct usb_device *usb; /**< NULL: none is behind it */
    const struct can_link *can;   /**< NULL: it is none */
};

void list_item_print(const struct list_item *item, bool json, FILE *to);

#endif
