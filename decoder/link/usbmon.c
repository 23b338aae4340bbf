/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "link/link.h"

bool btap_usbmon_parse(const struct btap_record *record, struct btap_urb *urb)
{
    (void)record;
    (void)urb;
    return false;
}
