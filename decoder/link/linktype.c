/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The link types that the core reads.
 */
#include "boottap/record.h"

static const struct {
    enum btap_linktype linktype;
    const char *name;
} linktypes[] = {
    {BTAP_LINKTYPE_LINUX_SLL, "LINUX_SLL"},
    {BTAP_LINKTYPE_USB_LINUX, "USB_LINUX"},
    {BTAP_LINKTYPE_USB_LINUX_MMAPPED, "USB_LINUX_MMAPPED"},
    {BTAP_LINKTYPE_CAN_SOCKETCAN, "CAN_SOCKETCAN"},
    {BTAP_LINKTYPE_USBPCAP, "USBPCAP"},
    {BTAP_LINKTYPE_RTAC_SERIAL, "RTAC_SERIAL"},
    {BTAP_LINKTYPE_USB_DARWIN, "USB_DARWIN"},
    {BTAP_LINKTYPE_LINUX_SLL2, "LINUX_SLL2"},
    {BTAP_LINKTYPE_USB_2_0, "USB_2_0"},
    {BTAP_LINKTYPE_USB_2_0_LOW_SPEED, "USB_2_0_LOW_SPEED"},
    {BTAP_LINKTYPE_USB_2_0_FULL_SPEED, "USB_2_0_FULL_SPEED"},
    {BTAP_LINKTYPE_USB_2_0_HIGH_SPEED, "USB_2_0_HIGH_SPEED"},
};

const char *btap_linktype_name(uint32_t linktype)
{
    for (size_t i = 0; i < sizeof(linktypes) / sizeof(linktypes[0]); i++)
        if (linktypes[i].linktype == linktype)
            return linktypes[i].name;
    return NULL;
}

bool btap_linktype_supported(uint32_t linktype)
{
    return btap_linktype_name(linktype) != NULL;
}
