/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "boottap/usb_device.h"

#include <string.h>

void btap_usb_device_init(struct btap_usb_device *device)
{
    memset(device, 0, sizeof(*device));
}

void btap_usb_device_control(struct btap_usb_device *device,
                             const struct btap_usb_control *completion)
{
    (void)device;
    (void)completion;
}

const char *btap_usb_device_string(const struct btap_usb_device *device, uint8_t index)
{
    (void)device;
    (void)index;
    return NULL;
}

const char *btap_usb_device_layout(const struct btap_usb_device *device)
{
    (void)device;
    return NULL;
}
