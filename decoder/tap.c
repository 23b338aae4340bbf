/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "boottap/tap.h"

#include <string.h>

struct btap_options btap_options_default(void)
{
    return (struct btap_options){.dfu = {.default_address = BTAP_DFU_DEFAULT_ADDRESS}};
}

void btap_tap_init(struct btap_tap *tap, const struct btap_sink *sink,
                   const struct btap_options *options)
{
    memset(tap, 0, sizeof(*tap));
    tap->sink = sink;
    tap->options = options != NULL ? *options : btap_options_default();
}

bool btap_linktype_supported(uint32_t linktype)
{
    return btap_linktype_name(linktype) != NULL;
}

const char *btap_linktype_name(uint32_t linktype)
{
    (void)linktype;
    return NULL;
}

void btap_tap_record(struct btap_tap *tap, const struct btap_record *record)
{
    (void)record;
    tap->counters.unsupported++;
}

const struct btap_usb_device *btap_tap_usb_device(const struct btap_tap *tap,
                                                  const struct btap_link *link)
{
    if (link->kind != BTAP_LINK_USB && link->kind != BTAP_LINK_USB_SERIAL)
        return NULL;
    for (size_t i = 0; i < BTAP_USB_DEVICES_MAX; i++) {
        const struct btap_usb_slot *slot = &tap->usb[i];

        if (slot->used != 0 && slot->bus == link->bus && slot->address == link->device)
            return &slot->device;
    }
    return NULL;
}

void btap_tap_finish(struct btap_tap *tap)
{
    (void)tap;
}
