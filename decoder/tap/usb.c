/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The tap's USB side: submissions and completions become whole transfers, which go to the DFU
 * decoder of their device or through its adapter to a USART decoder.
 */
#include <string.h>

#include "adapter/endpoints.h"
#include "link/link.h"
#include "link/packet.h"
#include "tap/internal.h"

enum {
    DIRECTION_IN = 0x80,
    TYPE_MASK = 0x60, /* of bmRequestType; 0: a standard request */

    REQUEST_GET_STATUS = 0,
    REQUEST_SET_ADDRESS = 5,

    HUB_PORT_IN = 0xa3,   /* bmRequestType: class, other recipient, IN */
    PORT_STATUS_SIZE = 4, /* wPortStatus, wPortChange */
    PORT_CONNECTION = 1,  /* bit of both */

    ROOT_HUB = 1,

    ATTRIBUTES_TYPE = 0x03, /* of an endpoint */
    TYPE_INTERRUPT = 0x03,

    COMMAND_SIZE = 2, /* opcode and complement (AN3155 section 3); the sync byte is one */
};

/** What an adapter's output needs to know while it is called. */
struct adapter_run {
    struct btap_tap *tap;
    struct btap_usb_slot *slot;
    const struct btap_record *record;
    bool truncated;
    bool told_bytes;
};

static bool is_in(const struct link_urb *urb)
{
    if (urb->setup_known)
        return (urb->setup.request_type & DIRECTION_IN) != 0;
    return (urb->endpoint & DIRECTION_IN) != 0;
}

static struct btap_origin origin_of(const struct btap_record *record)
{
    return (struct btap_origin){.packet = record->packet, .time = record->time};
}

/* Slots */

static void evict_slot(struct btap_tap *tap, struct btap_usb_slot *slot,
                       const struct btap_record *record)
{
    if (slot->dfu != NULL)
        tap_channel_evict(tap, slot->dfu, record);
    for (size_t i = 0; i < BTAP_ADAPTER_PORTS; i++)
        if (slot->uarts[i] != NULL)
            tap_channel_evict(tap, slot->uarts[i], record);
}

static bool is_slot(const struct btap_usb_slot *slot, const struct link_urb *urb, uint16_t address)
{
    return slot->used != 0 && slot->address == address && slot->bus == urb->bus &&
           slot->interface_id == urb->interface_id;
}

static struct btap_usb_slot *find_slot(struct btap_tap *tap, const struct link_urb *urb,
                                       uint16_t address)
{
    for (size_t i = 0; i < BTAP_USB_DEVICES_MAX; i++)
        if (is_slot(&tap->usb[i], urb, address))
            return &tap->usb[i];
    return NULL;
}

static struct btap_usb_slot *take_slot(struct btap_tap *tap, const struct link_urb *urb,
                                       const struct btap_record *record)
{
    struct btap_usb_slot *slot = &tap->usb[0];

    for (size_t i = 0; i < BTAP_USB_DEVICES_MAX && slot->used != 0; i++)
        if (tap->usb[i].used < slot->used)
            slot = &tap->usb[i];
    if (slot->used != 0)
        evict_slot(tap, slot, record);
    memset(slot, 0, offsetof(struct btap_usb_slot, device));
    slot->interface_id = urb->interface_id;
    slot->bus = urb->bus;
    slot->address = urb->device;
    btap_usb_device_init(&slot->device);
    btap_adapter_init(&slot->adapter, &slot->device);
    return slot;
}

/** The slot of a URB's device, which is made if there is none. */
static struct btap_usb_slot *slot_of(struct btap_tap *tap, const struct link_urb *urb,
                                     const struct btap_record *record)
{
    struct btap_usb_slot *slot = tap->slot;

    if (slot == NULL || !is_slot(slot, urb, urb->device)) {
        slot = find_slot(tap, urb, urb->device);
        if (slot == NULL)
            slot = take_slot(tap, urb, record);
        tap->slot = slot;
    }
    slot->used = tap->clock;
    return slot;
}

static void tell_disconnected(struct btap_usb_slot *slot, const struct btap_origin *at)
{
    if (slot->dfu != NULL)
        btap_dfu_disconnected(&slot->dfu->decoder.dfu, at);
    for (size_t i = 0; i < BTAP_ADAPTER_PORTS; i++)
        if (slot->uarts[i] != NULL)
            btap_usart_disconnected(&slot->uarts[i]->decoder.usart, at);
}

/** Another device has this address now. */
static void reset_slot(struct btap_tap *tap, struct btap_usb_slot *slot,
                       const struct btap_record *record)
{
    const struct btap_origin at = origin_of(record);

    tell_disconnected(slot, &at);
    if (slot->dfu != NULL)
        tap_channel_restart(tap, slot->dfu, slot);
    for (size_t i = 0; i < BTAP_ADAPTER_PORTS; i++)
        if (slot->uarts[i] != NULL)
            tap_channel_restart(tap, slot->uarts[i], slot);
    slot->talks_short = false;
    slot->described_packet = 0;
    slot->named_packet = 0;
    slot->names_read = 0;
    btap_usb_device_init(&slot->device);
    btap_adapter_init(&slot->adapter, &slot->device);
}

/**
 * A device that had to leave the bus, and that the host did not ask again, comes back under
 * another address: that is all that shows it gone.
 */
static void follow_return(struct btap_tap *tap, const struct btap_usb_slot *fresh,
                          const struct btap_usb_control *completion)
{
    for (size_t i = 0; i < BTAP_USB_DEVICES_MAX; i++) {
        struct btap_usb_slot *slot = &tap->usb[i];

        if (slot != fresh && slot->used != 0 && slot->dfu != NULL && slot->bus == fresh->bus &&
            slot->interface_id == fresh->interface_id && slot->device.descriptor_known &&
            !btap_usb_device_is_other(&slot->device, completion) &&
            btap_dfu_leaving(&slot->dfu->decoder.dfu))
            tell_disconnected(slot, &completion->at);
    }
}

/**
 * A device that left the bus comes back under an address of its own, but a reset one keeps its
 * address, and a host may give a free one out again.
 */
static void follow_enumeration(struct btap_tap *tap, struct btap_usb_slot *slot,
                               const struct btap_usb_control *completion,
                               const struct btap_record *record)
{
    bool unknown_before = slot->readdressed && !slot->device.descriptor_known;

    if (!btap_usb_device_brings_descriptor(completion))
        return;
    if (!slot->device.descriptor_known)
        follow_return(tap, slot, completion);
    if (unknown_before || btap_usb_device_is_other(&slot->device, completion))
        reset_slot(tap, slot, record);
}

/** Transfers to the default address 0: only SET_ADDRESS (USB 2.0 section 9.4.6) matters. */
static void follow_default_address(struct btap_tap *tap, const struct link_urb *urb,
                                   const struct btap_usb_control *completion,
                                   const struct btap_record *record)
{
    const struct btap_origin at = origin_of(record);
    struct btap_usb_slot *slot;

    if (!completion->setup_known || completion->status != BTAP_USB_OK ||
        completion->setup.request_type != 0 || completion->setup.request != REQUEST_SET_ADDRESS)
        return;
    slot = find_slot(tap, urb, completion->setup.value);
    if (slot == NULL)
        return;
    slot->readdressed = true;
    slot->described_packet = 0;
    tell_disconnected(slot, &at);
}

/** USB 2.0 section 11.24.2.7: the answer to GET_STATUS of a hub's port. */
static void follow_hub(struct btap_tap *tap, const struct btap_usb_slot *hub,
                       const struct btap_usb_control *completion)
{
    if (!completion->setup_known || completion->setup.request_type != HUB_PORT_IN ||
        completion->setup.request != REQUEST_GET_STATUS || completion->status != BTAP_USB_OK ||
        completion->captured < PORT_STATUS_SIZE || (completion->data[0] & PORT_CONNECTION) != 0 ||
        (completion->data[2] & PORT_CONNECTION) == 0)
        return;
    tap->port_lost = (struct btap_port_lost){
        .packet = completion->at.packet,
        .clock = tap->clock,
        .time = completion->at.time,
        .interface_id = hub->interface_id,
        .bus = hub->bus,
        .hub = hub->address,
    };
}

/** A device on the bus of the port that was lost, and no record of it since. */
static bool may_be_lost(const struct btap_tap *tap, const struct btap_usb_slot *slot)
{
    const struct btap_port_lost *lost = &tap->port_lost;

    return slot->used != 0 && slot->bus == lost->bus && slot->interface_id == lost->interface_id &&
           slot->address != lost->hub && slot->used < lost->clock;
}

void tap_usb_end(struct btap_tap *tap)
{
    const struct btap_origin at = {.packet = tap->port_lost.packet, .time = tap->port_lost.time};
    size_t candidates = 0;

    if (tap->port_lost.packet == 0)
        return;
    for (size_t i = 0; i < BTAP_USB_DEVICES_MAX; i++)
        candidates += may_be_lost(tap, &tap->usb[i]);
    for (size_t i = 0; i < BTAP_USB_DEVICES_MAX; i++) {
        struct btap_usb_slot *slot = &tap->usb[i];

        if (!may_be_lost(tap, slot) || slot->dfu == NULL)
            continue;
        /* Of several devices, the one that had to leave. */
        if (btap_dfu_leaving(&slot->dfu->decoder.dfu) ||
            (candidates == 1 && slot->dfu->decoder.emitter.open))
            btap_dfu_disconnected(&slot->dfu->decoder.dfu, &at);
    }
}

/* Channels of a slot */

static struct btap_link link_of(const struct btap_usb_slot *slot, enum btap_link_kind kind,
                                uint8_t port)
{
    return (struct btap_link){
        .kind = kind,
        .transport = kind == BTAP_LINK_USB ? BTAP_DFU : BTAP_USART,
        .interface_id = slot->interface_id,
        .bus = slot->bus,
        .device = slot->address,
        .port = port,
    };
}

/** Whether a request is one of DFU, as far as its shape and the device's descriptors tell. */
static bool is_dfu_request(const struct btap_usb_slot *slot, const struct btap_usb_control *control)
{
    bool certain;

    return control->setup_known && btap_dfu_request_shape(&control->setup, &certain) &&
           btap_usb_device_may_be_dfu(&slot->device);
}

/** The DFU channel of a device; NULL as long as it shows nothing of DFU. */
static struct btap_channel *dfu_of(struct btap_tap *tap, struct btap_usb_slot *slot,
                                   const struct btap_usb_control *control,
                                   const struct btap_record *record)
{
    if (slot->dfu == NULL && is_dfu_request(slot, control)) {
        const struct btap_link link = link_of(slot, BTAP_LINK_USB, 0);

        return tap_channel_open(tap, &link, slot, &slot->dfu, record);
    }
    if (slot->dfu != NULL)
        slot->dfu->used = tap->clock;
    return slot->dfu;
}

static struct btap_channel *uart_of(struct adapter_run *run, uint8_t port)
{
    struct btap_usb_slot *slot = run->slot;

    if (port >= BTAP_ADAPTER_PORTS)
        return NULL;
    if (slot->uarts[port] == NULL) {
        const struct btap_link link = link_of(slot, BTAP_LINK_USB_SERIAL, port);

        return tap_channel_open(run->tap, &link, slot, &slot->uarts[port], run->record);
    }
    slot->uarts[port]->used = run->tap->clock;
    return slot->uarts[port];
}

/**
 * Whether a decoder gets to hear what the device says. Of one that nothing is known of, not
 * before the host sends as little as a command: what moves to a disk or a network is larger, and
 * somewhere in it would be bytes like a bootloader's.
 */
static bool is_heard(const struct btap_usb_slot *slot)
{
    return tap_is_adapter(slot) || slot->talks_short;
}

static void on_chunk(void *context, uint8_t port, const struct btap_serial_chunk *chunk)
{
    struct adapter_run *run = context;
    struct btap_channel *channel = is_heard(run->slot) ? uart_of(run, port) : NULL;

    if (channel == NULL)
        return;
    run->told_bytes = true;
    btap_usart_chunk(&channel->decoder.usart, chunk);
}

static void on_event(void *context, uint8_t port, const struct btap_serial_event *event)
{
    struct adapter_run *run = context;
    struct btap_channel *channel = is_heard(run->slot) ? uart_of(run, port) : NULL;

    if (channel == NULL)
        return;
    if (run->truncated && event->kind == BTAP_SERIAL_LOST)
        tap_channel_truncated(channel, &event->at, run->record->captured, run->record->length);
    btap_usart_event(&channel->decoder.usart, event);
}

static struct btap_adapter_output output_of(struct adapter_run *run)
{
    return (struct btap_adapter_output){.context = run, .chunk = on_chunk, .event = on_event};
}

/** Whether the device is a serial adapter, by what it is or by what went over it. */
static bool is_serial(const struct btap_usb_slot *slot)
{
    if (tap_is_adapter(slot))
        return true;
    for (size_t i = 0; i < BTAP_ADAPTER_PORTS; i++)
        if (slot->uarts[i] != NULL && tap_channel_decodes(slot->uarts[i]))
            return true;
    return false;
}

/* Control transfers */

static enum tap_outcome outcome_of_control(const struct btap_usb_slot *slot,
                                           const struct btap_usb_control *control)
{
    bool certain = false;

    if (control->setup_known && (control->setup.request_type & TYPE_MASK) == 0)
        return TAP_OUTCOME_EVENT;
    if (slot->dfu != NULL && (tap_channel_decodes(slot->dfu) ||
                              (btap_dfu_request_shape(&control->setup, &certain) && certain)))
        return TAP_OUTCOME_DECODED;
    return is_serial(slot) ? TAP_OUTCOME_EVENT : TAP_OUTCOME_FOREIGN;
}

static struct btap_usb_control control_of(const struct link_urb *urb,
                                          const struct btap_urb_pending *pending)
{
    struct btap_usb_control control = {
        .at = urb->at,
        .setup_known = urb->setup_known,
        .setup_here = urb->setup_known,
        .setup_offset = urb->setup_offset,
        .status = urb->status,
        .raw_status = urb->raw_status,
    };

    if (urb->setup_known)
        control.setup = urb->setup;
    if (pending != NULL && pending->setup_known) {
        control.setup_known = true;
        control.setup = pending->setup;
    }
    return control;
}

static void add_data(struct btap_usb_control *control, const struct link_urb *urb)
{
    control->data = urb->data;
    control->captured = urb->captured;
    control->length = urb->length;
    control->pieces = urb->pieces;
    control->pieces_length = urb->pieces_length;
}

static enum tap_outcome tell_submission(struct btap_tap *tap, struct btap_usb_slot *slot,
                                        const struct btap_usb_control *control,
                                        const struct btap_record *record)
{
    struct btap_channel *channel = dfu_of(tap, slot, control, record);

    if (channel != NULL)
        btap_dfu_submission(&channel->decoder.dfu, control);
    return outcome_of_control(slot, control);
}

static enum tap_outcome tell_completion(struct btap_tap *tap, struct btap_usb_slot *slot,
                                        const struct btap_usb_control *control,
                                        const struct btap_record *record)
{
    struct adapter_run run = {.tap = tap, .slot = slot, .record = record};
    const struct btap_adapter_output output = output_of(&run);
    struct btap_channel *channel;

    follow_enumeration(tap, slot, control, record);
    follow_hub(tap, slot, control);
    btap_usb_device_control(&slot->device, control);
    tap_follow_names(slot, control);
    if (btap_usb_device_enumerates(control))
        tap_follow_dfu_mode(tap, slot, control, record);
    channel = dfu_of(tap, slot, control, record);
    if (channel != NULL)
        btap_dfu_completion(&channel->decoder.dfu, control);
    btap_adapter_control(&slot->adapter, control, &output);
    return outcome_of_control(slot, control);
}

/** Tells a submission whose data were to come in a later record, with or without them. */
static void tell_held(struct btap_tap *tap, struct btap_usb_slot *slot,
                      struct btap_urb_pending *pending, const struct link_urb *data,
                      const struct btap_record *record)
{
    struct btap_usb_control control = {
        .at = {.packet = pending->packet, .time = pending->time},
        .setup_known = true,
        .setup_here = true,
        .setup_offset = pending->setup_offset,
        .setup = pending->setup,
        .length = pending->setup.length,
    };
    struct btap_usb_piece piece;

    if (data != NULL) {
        add_data(&control, data);
        if (data->pieces == NULL) {
            piece = (struct btap_usb_piece){data->at.packet, data->at.offset, data->captured};
            control.pieces = &piece;
            control.pieces_length = 1;
        }
    }
    pending->untold = false;
    tell_submission(tap, slot, &control, record);
}

static void keep_sent(struct btap_urb_pending *pending, const struct link_urb *urb)
{
    pending->sent_length = (uint8_t)(urb->captured < BTAP_URB_KEPT ? urb->captured : BTAP_URB_KEPT);
    memcpy(pending->sent, urb->data, pending->sent_length);
}

static enum tap_outcome control_submitted(struct btap_tap *tap, const struct link_urb *urb,
                                          const struct btap_record *record)
{
    struct btap_usb_control control = control_of(urb, NULL);
    struct btap_urb_pending *pending;
    bool lost;

    pending = link_urb_submit(&tap->urbs, urb, &lost);
    tap->counters.unpaired += lost;
    if (urb->device == 0)
        return TAP_OUTCOME_EVENT;
    if (!urb->setup_known)
        return outcome_of_control(slot_of(tap, urb, record), &control);
    if (!is_in(urb)) {
        if (urb->length == 0 && urb->setup.length > 0) {
            pending->untold = true;
            return TAP_OUTCOME_EVENT;
        }
        keep_sent(pending, urb);
        add_data(&control, urb);
    }
    return tell_submission(tap, slot_of(tap, urb, record), &control, record);
}

/** The data stage on its own: of an OUT transfer the submission, of an IN transfer the outcome. */
static enum tap_outcome control_data(struct btap_tap *tap, const struct link_urb *urb,
                                     const struct btap_record *record)
{
    struct btap_urb_pending *pending = link_urb_find(&tap->urbs, urb);
    struct btap_usb_control control = control_of(urb, pending);
    struct btap_usb_slot *slot;

    tap->counters.unpaired += pending == NULL;
    if (urb->device == 0)
        return TAP_OUTCOME_EVENT;
    slot = slot_of(tap, urb, record);
    if (is_in(urb)) {
        if (pending != NULL)
            pending->consumed = true;
        add_data(&control, urb);
        return tell_completion(tap, slot, &control, record);
    }
    if (pending != NULL && pending->untold) {
        keep_sent(pending, urb);
        tell_held(tap, slot, pending, urb, record);
    }
    return outcome_of_control(slot, &control);
}

static enum tap_outcome control_completed(struct btap_tap *tap, const struct link_urb *urb,
                                          const struct btap_record *record)
{
    struct btap_urb_pending *pending = link_urb_find(&tap->urbs, urb);
    struct btap_usb_control control = control_of(urb, pending);
    struct btap_usb_slot *slot;

    tap->counters.unpaired += pending == NULL;
    if (pending != NULL) {
        if (pending->untold && urb->late)
            keep_sent(pending, urb);
        control.setup_here = false;
        control.sent_length = pending->sent_length;
        control.sent = pending->sent;
        link_urb_release(&tap->urbs, pending);
    }
    tap_follow_enumeration(tap, urb, &control, record);
    if (urb->device == 0) {
        follow_default_address(tap, urb, &control, record);
        return TAP_OUTCOME_EVENT;
    }
    slot = slot_of(tap, urb, record);
    if (pending != NULL && pending->untold)
        tell_held(tap, slot, pending, urb->late ? urb : NULL, record);
    if (pending != NULL && pending->consumed)
        return outcome_of_control(slot, &control);
    if (control.setup_known ? (control.setup.request_type & DIRECTION_IN) != 0 : is_in(urb))
        add_data(&control, urb);
    return tell_completion(tap, slot, &control, record);
}

static enum tap_outcome route_control(struct btap_tap *tap, const struct link_urb *urb,
                                      const struct btap_record *record)
{
    switch (urb->stage) {
    case LINK_URB_SUBMIT:
        return control_submitted(tap, urb, record);
    case LINK_URB_DATA:
        return control_data(tap, urb, record);
    case LINK_URB_COMPLETE:
    case LINK_URB_FAILED:
        break;
    }
    return control_completed(tap, urb, record);
}

/* Bulk and interrupt transfers */

/** Whether the endpoint carries a UART's bytes or errors, as far as anything tells. */
static bool is_port(struct btap_adapter *adapter, const struct btap_usb_transfer *transfer)
{
    uint8_t port = transfer->interrupt ? adapter_interrupt_port(adapter, transfer->endpoint)
                                       : adapter_endpoint_port(adapter, transfer->endpoint);

    return port != ADAPTER_NO_PORT;
}

/** A host that closes a port cancels the reads that wait for bytes. */
static void follow_reads(struct btap_usb_slot *slot, const struct btap_usb_transfer *transfer)
{
    uint8_t port;

    if (transfer->interrupt || (transfer->endpoint & DIRECTION_IN) == 0 ||
        (transfer->completion && transfer->status != BTAP_USB_CANCELLED) || !tap_is_adapter(slot))
        return;
    port = adapter_endpoint_port(&slot->adapter, transfer->endpoint);
    if (port < BTAP_ADAPTER_PORTS)
        slot->cancelled_packets[port] = transfer->completion ? transfer->at.packet : 0;
}

/** Pairs a half with the other one and makes the transfer of both. */
static struct btap_usb_transfer transfer_of(struct btap_tap *tap, const struct link_urb *urb)
{
    struct btap_usb_transfer transfer = {
        .at = urb->at,
        .endpoint = urb->endpoint,
        .interrupt = urb->type == LINK_URB_INTERRUPT,
        .completion = urb->stage != LINK_URB_SUBMIT,
        .length = urb->length,
        .status = urb->status,
        .raw_status = urb->raw_status,
    };

    if (is_in(urb) == transfer.completion) {
        transfer.data = urb->data;
        transfer.captured = urb->captured;
    }
    if (transfer.completion) {
        struct btap_urb_pending *pending = link_urb_find(&tap->urbs, urb);

        tap->counters.unpaired += pending == NULL;
        if (pending == NULL)
            return transfer;
        transfer.submitted = pending->length;
        link_urb_release(&tap->urbs, pending);
    } else {
        bool lost;

        link_urb_submit(&tap->urbs, urb, &lost);
        tap->counters.unpaired += lost;
    }
    return transfer;
}

/**
 * Tells a submission whose data came with its completion. The bytes are told with the time of that
 * record, in which they stand.
 */
static void tell_late(const struct link_urb *urb, struct btap_adapter *adapter,
                      const struct btap_adapter_output *output)
{
    const struct btap_usb_transfer transfer = {
        .at = urb->at,
        .endpoint = urb->endpoint,
        .interrupt = urb->type == LINK_URB_INTERRUPT,
        .data = urb->data,
        .captured = urb->captured,
        .length = urb->length,
    };

    btap_adapter_transfer(adapter, &transfer, output);
}

/** Whether a half is the one that carries its transfer's data. */
static bool carries(const struct link_urb *urb)
{
    if (urb->late)
        return urb->stage != LINK_URB_SUBMIT;
    return urb->stage == LINK_URB_DATA || is_in(urb) == (urb->stage != LINK_URB_SUBMIT);
}

static enum tap_outcome bulk_or_interrupt(struct btap_tap *tap, const struct link_urb *urb,
                                          const struct btap_record *record, bool truncated)
{
    const struct btap_usb_transfer transfer = transfer_of(tap, urb);
    struct btap_usb_slot *slot = slot_of(tap, urb, record);
    struct adapter_run run = {.tap = tap, .slot = slot, .record = record, .truncated = truncated};
    const struct btap_adapter_output output = output_of(&run);

    if (carries(urb) && !is_in(urb) && !transfer.interrupt && transfer.length > 0 &&
        transfer.length <= COMMAND_SIZE)
        slot->talks_short = true;
    if (urb->late && !is_in(urb) && transfer.completion)
        tell_late(urb, &slot->adapter, &output);
    if (carries(urb) || !urb->late || is_in(urb))
        btap_adapter_transfer(&slot->adapter, &transfer, &output);
    follow_reads(slot, &transfer);
    /* Behind the bytes that such a transfer may still bring */
    if (transfer.status == BTAP_USB_GONE)
        tell_disconnected(slot, &transfer.at);
    if (!is_serial(slot))
        return TAP_OUTCOME_FOREIGN;
    if (run.told_bytes)
        return TAP_OUTCOME_DECODED;
    return is_port(&slot->adapter, &transfer) ? TAP_OUTCOME_EVENT : TAP_OUTCOME_FOREIGN;
}

/** Whether the half that carries the data holds less of them than went over. */
static bool is_cut(const struct link_urb *urb)
{
    return urb->type != LINK_URB_ISOCHRONOUS && carries(urb) && urb->captured < urb->length;
}

static void see_usb(struct btap_tap *tap, const struct link_urb *urb,
                    const struct btap_record *record)
{
    tap->usb_seen = true;
    tap->usb_at_tool = record->at_tool;
    tap->usb_lacks = record->lacks;
    tap->usb_bus = urb->bus;
    tap->usb_interface_id = urb->interface_id;
    tap->usb_packet = record->packet;
    tap->usb_time = record->time;
}

static bool parse(const struct btap_record *record, struct link_urb *urb)
{
    if (record->linktype == BTAP_LINKTYPE_USBPCAP)
        return link_parse_usbpcap(record, urb);
    if (record->linktype == BTAP_LINKTYPE_USB_DARWIN)
        return link_parse_darwin(record, urb);
    return link_parse_usbmon(record, urb);
}

/** Linux gives every bus's own hub this address. */
static bool is_root_hub(const struct btap_record *record, const struct link_urb *urb)
{
    return (record->linktype == BTAP_LINKTYPE_USB_LINUX ||
            record->linktype == BTAP_LINKTYPE_USB_LINUX_MMAPPED) &&
           urb->device == ROOT_HUB;
}

/** Whether descriptors tell that an endpoint is one of interrupt transfers. */
static bool is_interrupt(const struct btap_usb_slot *slot, uint8_t address)
{
    const struct btap_usb_endpoint *endpoint = adapter_endpoint(&slot->adapter, address);

    return endpoint != NULL && (endpoint->attributes & ATTRIBUTES_TYPE) == TYPE_INTERRUPT;
}

static enum tap_outcome route_urb(struct btap_tap *tap, struct link_urb *urb,
                                  const struct btap_record *record)
{
    const bool truncated = is_cut(urb);

    tap->counters.truncated += truncated;
    if (!tap->usb_seen)
        see_usb(tap, urb, record);
    switch (urb->type) {
    case LINK_URB_CONTROL:
        return route_control(tap, urb, record);
    case LINK_URB_INTERRUPT:
        if (is_root_hub(record, urb))
            return TAP_OUTCOME_FOREIGN;
        return bulk_or_interrupt(tap, urb, record, truncated);
    case LINK_URB_BULK:
        if (urb->untyped && is_interrupt(slot_of(tap, urb, record), urb->endpoint))
            urb->type = LINK_URB_INTERRUPT;
        return bulk_or_interrupt(tap, urb, record, truncated);
    case LINK_URB_ISOCHRONOUS:
    case LINK_URB_OTHER:
        break;
    }
    return TAP_OUTCOME_FOREIGN;
}

enum tap_outcome tap_usb(struct btap_tap *tap, const struct btap_record *record)
{
    struct link_urb urb = {0};

    if (parse(record, &urb))
        return route_urb(tap, &urb, record);
    tap->counters.truncated += record->captured < record->length;
    return TAP_OUTCOME_MALFORMED;
}

enum tap_outcome tap_usb_packet(struct btap_tap *tap, const struct btap_record *record)
{
    enum tap_outcome outcome = TAP_OUTCOME_EVENT;
    struct link_urb urbs[LINK_PACKET_URBS_MAX];
    struct link_packet packet;
    size_t length;

    if (!link_parse_packet(record, &packet)) {
        tap->counters.truncated += record->captured < record->length;
        return TAP_OUTCOME_MALFORMED;
    }
    length = link_join_packet(&tap->packets, record, &packet, urbs);
    tap->counters.splits = tap->packets.splits;
    for (size_t i = 0; i < length; i++)
        outcome = route_urb(tap, &urbs[i], record);
    return outcome;
}

void tap_usb_tell_held(struct btap_tap *tap)
{
    static const uint8_t nothing[1];
    struct btap_urb_pending *pending = NULL;

    while ((pending = link_urb_next(&tap->urbs, pending)) != NULL) {
        const struct link_urb urb = {
            .interface_id = pending->interface_id,
            .bus = pending->bus,
            .device = pending->device,
            .data = nothing,
        };
        const struct btap_record record = {.packet = pending->packet, .time = pending->time};
        struct btap_usb_slot *slot = find_slot(tap, &urb, urb.device);

        if (pending->untold && slot != NULL)
            tell_held(tap, slot, pending, &urb, &record);
    }
}

void tap_usb_finish(struct btap_tap *tap)
{
    tap->counters.unpaired += tap->urbs.length;
}
