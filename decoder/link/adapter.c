/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "boottap/adapter.h"

#include <string.h>

const char *btap_adapter_kind_name(enum btap_adapter_kind kind)
{
    (void)kind;
    return "unknown";
}

void btap_adapter_init(struct btap_adapter *adapter, const struct btap_usb_device *device)
{
    memset(adapter, 0, sizeof(*adapter));
    adapter->device = device;
}

void btap_adapter_control(struct btap_adapter *adapter, const struct btap_usb_control *completion,
                          const struct btap_adapter_output *output)
{
    (void)adapter;
    (void)completion;
    (void)output;
}

void btap_adapter_transfer(struct btap_adapter *adapter, const struct btap_usb_transfer *transfer,
                           const struct btap_adapter_output *output)
{
    (void)adapter;
    (void)transfer;
    (void)output;
}
