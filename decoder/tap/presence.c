/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Which devices in DFU mode a USB capture shows, whether or not anybody talks to them: those that
 * nobody asks, those that cannot be read, and those that come back.
 */
#include <string.h>

#include "link/link.h"
#include "model/emit.h"
#include "tap/internal.h"

#define NS_PER_MS 1000000

/* USB 2.0 sections 9.3 and 9.4, DFU 1.1 section 4.1.2 */
enum {
    FROM_DEVICE = 0x80,
    GET_DESCRIPTOR = 6,
    STRING_DESCRIPTOR = 3,
    APPLICATION_CLASS = 0xfe,
    DFU_SUBCLASS = 1,
};

/** A device that comes back later was most likely brought back by hand. */
#define BACK_WITHIN_NS (10000 * (btap_ns)NS_PER_MS)

static bool is_failure_of(const struct btap_enumeration_failure *failure,
                          const struct link_urb *urb)
{
    return failure->packet != 0 && failure->interface_id == urb->interface_id &&
           failure->bus == urb->bus && failure->device == urb->device;
}

void tap_follow_enumeration(struct btap_tap *tap, const struct link_urb *urb,
                            const struct btap_usb_control *completion,
                            const struct btap_record *record)
{
    struct btap_enumeration_failure *failure = &tap->enumeration_failure;

    if (!btap_usb_device_enumerates(completion))
        return;
    if (completion->status == BTAP_USB_OK || completion->status == BTAP_USB_SHORT) {
        if (is_failure_of(failure, urb))
            failure->packet = 0;
    } else if (failure->packet == 0) {
        *failure = (struct btap_enumeration_failure){
            .packet = record->packet,
            .time = record->time,
            .interface_id = urb->interface_id,
            .bus = urb->bus,
            .device = urb->device,
        };
    }
}

/** When the device of a slot was told to leave, and did; false if that was not the last of it. */
static bool has_left(const struct btap_usb_slot *slot, btap_ns *when)
{
    const struct btap_emitter *emitter;

    if (slot->used == 0 || slot->dfu == NULL)
        return false;
    emitter = &slot->dfu->decoder.emitter;
    if (slot->dfu->link.transactions == 0 || emitter->open ||
        emitter->transaction.command != BTAP_LEAVE || emitter->transaction.status != BTAP_OK)
        return false;
    *when = emitter->transaction.time + emitter->transaction.duration;
    return true;
}

/** Tells the link of a device that left that it is back. */
static void tell_return(struct btap_tap *tap, const struct btap_usb_slot *back,
                        const struct btap_record *record)
{
    const struct btap_origin at = {.packet = record->packet, .time = record->time};
    btap_ns left;

    for (size_t i = 0; i < BTAP_USB_DEVICES_MAX; i++) {
        const struct btap_usb_slot *slot = &tap->usb[i];

        if (!has_left(slot, &left) || slot->interface_id != back->interface_id ||
            slot->bus != back->bus || slot->device.vendor != back->device.vendor ||
            slot->device.product != back->device.product || record->time < left ||
            record->time - left > BACK_WITHIN_NS)
            continue;
        emit_note(&slot->dfu->decoder.emitter, BTAP_NOTE_BACK_IN_BOOTLOADER, &at,
                  (uint32_t)((record->time - left) / NS_PER_MS), 0, 0);
        return;
    }
}

void tap_follow_dfu_mode(struct btap_tap *tap, struct btap_usb_slot *slot,
                         const struct btap_usb_control *completion,
                         const struct btap_record *record)
{
    btap_ns left;

    /* It left, and something with the same descriptor answers at its address. */
    if (btap_usb_device_brings_descriptor(completion) && has_left(slot, &left) &&
        slot->described <= left)
        slot->described_packet = 0;
    if (record->added || slot->described_packet != 0 || !btap_usb_device_in_dfu_mode(&slot->device))
        return;
    slot->described_packet = record->packet;
    slot->described = record->time;
    tell_return(tap, slot, record);
}

/** Which alternate setting's name a string is: -1 of none, or of no interface in DFU mode. */
static int alternate_of(const struct btap_usb_device *device, uint8_t string)
{
    for (uint8_t i = 0; i < device->interfaces_length; i++)
        if (device->interfaces[i].string_index == string &&
            device->interfaces[i].interface_class == APPLICATION_CLASS &&
            device->interfaces[i].interface_subclass == DFU_SUBCLASS)
            return device->interfaces[i].alternate;
    return -1;
}

/** A DfuSe memory's name, from a device whose descriptors the capture does not hold. */
static bool is_layout(const struct btap_usb_device *device, uint8_t string)
{
    const char *text = btap_usb_device_string(device, string);

    return (!device->configuration_known || device->configuration_cut) && text != NULL &&
           text[0] == '@' && strchr(text, '/') != NULL;
}

void tap_follow_names(struct btap_usb_slot *slot, const struct btap_usb_control *completion)
{
    const uint8_t string = (uint8_t)completion->setup.value;
    int alternate;

    if (btap_usb_device_interfaces_known(&slot->device) &&
        !btap_usb_device_in_dfu_mode(&slot->device))
        return;
    if (!completion->setup_known || completion->status != BTAP_USB_OK ||
        completion->setup.request_type != FROM_DEVICE ||
        completion->setup.request != GET_DESCRIPTOR ||
        completion->setup.value >> 8 != STRING_DESCRIPTOR || string == 0 || slot->named_packet != 0)
        return;
    alternate = alternate_of(&slot->device, string);
    if (alternate == 0 && slot->names_read < 2)
        slot->names_read++;
    /* A kernel reads the name of the first alternate setting, and once. */
    if (alternate > 0 || slot->names_read == 2 || is_layout(&slot->device, string)) {
        slot->named_packet = completion->at.packet;
        slot->named = completion->at.time;
    }
}

/** A device in DFU mode; NULL if none shows. */
static const struct btap_usb_slot *find_described(const struct btap_tap *tap)
{
    for (size_t i = 0; i < BTAP_USB_DEVICES_MAX; i++)
        if (tap->usb[i].used != 0 &&
            (tap->usb[i].described_packet != 0 || tap->usb[i].named_packet != 0))
            return &tap->usb[i];
    return NULL;
}

/** Its configuration could not be read, and nobody selected one: the bus fails it, not its user. */
static bool half_enumerated(const struct btap_usb_slot *slot,
                            const struct btap_enumeration_failure *failure)
{
    return failure->packet != 0 && failure->interface_id == slot->interface_id &&
           failure->bus == slot->bus && failure->device == slot->address &&
           slot->named_packet == 0 && slot->device.selected_configuration == 0;
}

static bool has_adapter(const struct btap_tap *tap)
{
    for (size_t i = 0; i < BTAP_USB_DEVICES_MAX; i++)
        if (tap->usb[i].used != 0 && tap_is_adapter(&tap->usb[i]))
            return true;
    return false;
}

struct btap_usb_presence btap_tap_usb_presence(const struct btap_tap *tap)
{
    const struct btap_usb_slot *described = find_described(tap);
    const struct btap_enumeration_failure *failure = &tap->enumeration_failure;
    struct btap_usb_presence presence = {
        .seen = tap->usb_seen,
        .adapter = has_adapter(tap),
        .at_tool = tap->usb_at_tool,
        .lacks = tap->usb_lacks,
        .shown = BTAP_USB_SHOWS_NEITHER,
        .interface_id = tap->usb_interface_id,
        .bus = tap->usb_bus,
        .packet = tap->usb_packet,
        .time = tap->usb_time,
    };

    if (described != NULL && !half_enumerated(described, failure)) {
        presence.shown =
            described->named_packet != 0 ? BTAP_USB_SHOWS_DFU_NAMES : BTAP_USB_SHOWS_DFU_MODE;
        presence.interface_id = described->interface_id;
        presence.bus = described->bus;
        presence.address = described->address;
        presence.packet =
            described->named_packet != 0 ? described->named_packet : described->described_packet;
        presence.time = described->named_packet != 0 ? described->named : described->described;
        if (described->device.descriptor_known) {
            presence.vendor = described->device.vendor;
            presence.product = described->device.product;
        }
        if (described->device.refused != BTAP_USB_REFUSED_NOTHING) {
            presence.refused = described->device.refused;
            presence.refused_value = described->device.refused_value;
            presence.packet = described->device.refused_packet;
            presence.time = described->device.refused_time;
        }
    } else if (failure->packet != 0) {
        presence.shown = BTAP_USB_SHOWS_FAILED_ENUMERATION;
        presence.interface_id = failure->interface_id;
        presence.bus = failure->bus;
        presence.address = failure->device;
        presence.packet = failure->packet;
        presence.time = failure->time;
    }
    return presence;
}

void btap_tap_recorded_until(struct btap_tap *tap, btap_ns until)
{
    until = btap_time_within(until);
    if (until > tap->recorder_until)
        tap->recorder_until = until;
    if (until > tap->until)
        tap->until = until;
}

btap_ns btap_tap_until(const struct btap_tap *tap)
{
    return tap->until;
}
