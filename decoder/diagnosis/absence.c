/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * A USB capture without a bootloader: why the flashing tool did not find one.
 */
#include <string.h>

#include "diagnosis/internal.h"

/** A device in DFU mode; NULL if none shows. */
static const struct btap_usb_slot *find_described(const struct btap_tap *tap)
{
    for (size_t i = 0; i < BTAP_USB_DEVICES_MAX; i++)
        if (tap->usb[i].used != 0 && tap->usb[i].described_packet != 0)
            return &tap->usb[i];
    return NULL;
}

/** Whether a serial adapter shows: then DFU may be none of the host's business. */
static bool has_adapter(const struct btap_tap *tap)
{
    for (size_t i = 0; i < BTAP_USB_DEVICES_MAX; i++)
        if (tap->usb[i].used != 0 && tap->usb[i].adapter.evidence >= BTAP_ADAPTER_BY_REQUESTS &&
            !tap->usb[i].adapter.not_serial)
            return true;
    return false;
}

static void take_device(struct btap_session *session, const struct btap_usb_device *device)
{
    if (!device->descriptor_known)
        return;
    session->usb_vendor = device->vendor;
    session->usb_product = device->product;
}

static void tell(struct btap_session *session, enum btap_absence absence, uint64_t packet,
                 btap_ns time)
{
    session->absence = absence;
    session->first_packet = packet;
    session->last_packet = packet;
    session->time = time;
}

bool btap_diagnosis_absence(const struct btap_tap *tap, struct btap_link *link,
                            struct btap_session *session)
{
    const struct btap_usb_slot *described = find_described(tap);
    const struct btap_enumeration_failure *failure = &tap->enumeration_failure;

    if (!tap->usb_seen || (described == NULL && failure->packet == 0 && has_adapter(tap)))
        return false;
    *link = (struct btap_link){
        .kind = BTAP_LINK_USB,
        .transport = BTAP_DFU,
        .interface_id = tap->usb_interface_id,
        .bus = tap->usb_bus,
    };
    memset(session, 0, sizeof(*session));
    session->transport = BTAP_DFU;
    session->number = 1;
    if (described != NULL) {
        link->interface_id = described->interface_id;
        link->bus = described->bus;
        link->device = described->address;
        take_device(session, &described->device);
        tell(session, BTAP_ABSENCE_NEVER_ASKED, described->described_packet, described->described);
    } else if (failure->packet != 0) {
        link->interface_id = failure->interface_id;
        link->bus = failure->bus;
        link->device = failure->device;
        tell(session, BTAP_ABSENCE_ENUMERATION_FAILED, failure->packet, failure->time);
    } else {
        tell(session, BTAP_ABSENCE_NO_DEVICE, tap->usb_packet, tap->usb_time);
    }
    diagnosis_judge(session);
    return true;
}
