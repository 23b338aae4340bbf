/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A USB capture without a bootloader: why the flashing tool did not find one.
 */
#include <string.h>

#include "boottap/session.h"

bool btap_session_absence(const struct btap_usb_presence *presence, struct btap_link *link,
                          struct btap_session *session)
{
    static const enum btap_absence absences[] = {
        [BTAP_USB_SHOWS_DFU_NAMES] = BTAP_ABSENCE_LISTED,
        [BTAP_USB_SHOWS_DFU_MODE] = BTAP_ABSENCE_NEVER_ASKED,
        [BTAP_USB_SHOWS_FAILED_ENUMERATION] = BTAP_ABSENCE_ENUMERATION_FAILED,
        [BTAP_USB_SHOWS_NEITHER] = BTAP_ABSENCE_NO_DEVICE,
    };

    /* Where a serial adapter shows, DFU may be none of the host's business; and what a tool said to
       the devices that it opened does not tell which others there are. */
    if (!presence->seen ||
        (presence->shown == BTAP_USB_SHOWS_NEITHER && (presence->adapter || presence->at_tool)))
        return false;
    *link = (struct btap_link){
        .kind = BTAP_LINK_USB,
        .transport = BTAP_DFU,
        .interface_id = presence->interface_id,
        .bus = presence->bus,
        .device = presence->address,
    };
    link->at_tool = presence->at_tool;
    link->lacks = presence->lacks;
    memset(session, 0, sizeof(*session));
    session->at_tool = presence->at_tool;
    session->lacks = presence->lacks;
    session->transport = BTAP_DFU;
    session->number = 1;
    session->absence = absences[presence->shown];
    session->stalled = presence->refused;
    session->stalled_value = presence->refused_value;
    session->stalled_packet = presence->packet;
    session->first_packet = presence->packet;
    session->last_packet = presence->packet;
    session->time = presence->time;
    session->usb_vendor = presence->vendor;
    session->usb_product = presence->product;
    return true;
}
