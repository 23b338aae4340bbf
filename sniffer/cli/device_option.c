/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/device_option.h"

#include "cli/options.h"
#include "live/usb_filter.h"

bool option_device(void *text, const char *value)
{
    struct usb_filter filter;

    if (!usb_filter_parse(value, &filter))
        return misused("'%s' is no USB device; it must be " USB_FILTER_FORMS, value);
    *(const char **)text = value;
    return true;
}
