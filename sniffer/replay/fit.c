/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "replay/fit.h"

#include "replay/fitting.h"

/** Whether it is a DFU device without addresses. */
static bool is_plain(const struct plan_device *device)
{
    const struct btap_dfu_functional *dfu = &device->usb.dfu;

    return device->usb_known && dfu->known && dfu->bcd_dfu != BTAP_BCD_DFUSE;
}

void fit_commands(struct plan *plan, const struct plan_device *device, const struct fit_wish *wish)
{
    struct fitting fitting = {plan, device, wish, .fill = 0xff};

    switch (plan->transport) {
    case BTAP_USART:
    case BTAP_FDCAN:
    case BTAP_CAN:
        fit_by_number(&fitting);
        return;
    case BTAP_DFU:
        if (is_plain(device))
            fit_plain_dfu(&fitting);
        else
            fit_by_address(&fitting);
        return;
    case BTAP_TRANSPORT_COUNT:
        break;
    }
}
