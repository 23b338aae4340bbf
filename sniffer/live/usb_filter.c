/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "live/usb_filter.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/digits.h"

#define ADDRESS_MAX 127

/** Takes a number off the front of the text, which ends at the separator. */
static bool take(const char **text, unsigned base, uint32_t max, char separator, uint32_t *number)
{
    const char *at = *text;

    *number = 0;
    for (; digit_value(*at) < base; at++) {
        *number = *number * base + digit_value(*at);
        if (*number > max)
            return false;
    }
    if (at == *text || *at != separator)
        return false;
    *text = separator == '\0' ? at : at + 1;
    return true;
}

/** Two numbers and nothing else. */
static bool pair(const char *text, unsigned base, char separator, uint32_t max_first,
                 uint32_t max_second, uint32_t numbers[2])
{
    return take(&text, base, max_first, separator, &numbers[0]) &&
           take(&text, base, max_second, '\0', &numbers[1]);
}

bool usb_filter_parse(const char *text, struct usb_filter *filter)
{
    uint32_t numbers[2];

    *filter = (struct usb_filter){.kind = USB_FILTER_ALL};
    if (text == NULL)
        return true;
    if (strcmp(text, "dfu") == 0) {
        filter->kind = USB_FILTER_DFU;
        return true;
    }
    if (pair(text, 16, ':', UINT16_MAX, UINT16_MAX, numbers)) {
        filter->kind = USB_FILTER_IDS;
        filter->vendor = (uint16_t)numbers[0];
        filter->product = (uint16_t)numbers[1];
        return true;
    }
    if (!pair(text, 10, '.', UINT16_MAX, ADDRESS_MAX, numbers) || numbers[1] == 0)
        return false;
    filter->kind = USB_FILTER_PLACE;
    filter->bus = (uint16_t)numbers[0];
    filter->number = (uint8_t)numbers[1];
    return true;
}

bool usb_filter_takes(const struct usb_filter *filter, const struct usb_device *device)
{
    switch (filter->kind) {
    case USB_FILTER_ALL:
        return true;
    case USB_FILTER_IDS:
        return device->vendor == filter->vendor && device->product == filter->product;
    case USB_FILTER_PLACE:
        return device->bus == filter->bus && device->number == filter->number;
    case USB_FILTER_DFU:
        return device->dfu == USB_DEVICE_DFU_MODE;
    }
    abort();
}

const char *usb_filter_words(const struct usb_filter *filter, char words[USB_FILTER_WORDS_SIZE])
{
    switch (filter->kind) {
    case USB_FILTER_ALL:
        return NULL;
    case USB_FILTER_IDS:
        snprintf(words, USB_FILTER_WORDS_SIZE, "device %04x:%04x", filter->vendor, filter->product);
        return words;
    case USB_FILTER_PLACE:
        snprintf(words, USB_FILTER_WORDS_SIZE, "device %u.%u", filter->bus, filter->number);
        return words;
    case USB_FILTER_DFU:
        snprintf(words, USB_FILTER_WORDS_SIZE, "devices in DFU mode");
        return words;
    }
    abort();
}
