/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "port/wire_usb_status.h"

#include <errno.h>
#include <libusb.h>

/** raw: what usbmon records where Linux makes that error of it. */
static const struct {
    int error;
    enum btap_usb_status status;
    int raw;
} outcomes[] = {
    {LIBUSB_ERROR_PIPE, BTAP_USB_STALL, EPIPE},
    /* The device left while the transfer was under way. */
    {LIBUSB_ERROR_NO_DEVICE, BTAP_USB_GONE, ESHUTDOWN},
    /* libusb takes back what is not answered in time: the kernel kills it. */
    {LIBUSB_ERROR_TIMEOUT, BTAP_USB_TIMEOUT, ENOENT},
    {LIBUSB_ERROR_OVERFLOW, BTAP_USB_BABBLE, EOVERFLOW},
    {LIBUSB_ERROR_IO, BTAP_USB_BUS_ERROR, EPROTO},
};

void wire_usb_set_status(struct wire_control *control, int result)
{
    control->transferred = result > 0 ? (uint32_t)result : 0;
    control->status = result >= 0 ? BTAP_USB_OK : BTAP_USB_OTHER;
    control->raw_status = result >= 0 ? 0 : -EIO;
    for (size_t i = 0; i < sizeof(outcomes) / sizeof(outcomes[0]); i++) {
        if (outcomes[i].error != result)
            continue;
        control->status = outcomes[i].status;
        control->raw_status = -outcomes[i].raw;
    }
}
