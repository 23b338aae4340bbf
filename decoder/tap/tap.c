/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The tap: takes every record of a capture to the decoder of its link.
 */
#include "boottap/tap.h"

#include <stdio.h>
#include <string.h>

#include "link/link.h"
#include "tap/internal.h"

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
    tap_init_quiet(tap);
    link_urb_table_init(&tap->urbs);
}

/** Whether a name is the link's, as much of it as the link keeps. */
static bool same_interface(const struct btap_link *link, const char *name)
{
    return name == NULL ? link->interface[0] == '\0'
                        : strncmp(link->interface, name, sizeof(link->interface) - 1) == 0;
}

static enum btap_link_kind kind_of(enum btap_transport transport)
{
    return transport == BTAP_USART ? BTAP_LINK_SERIAL : BTAP_LINK_CAN;
}

static bool is_channel(const struct btap_channel *channel, enum btap_transport transport,
                       uint32_t interface_id, const char *name)
{
    return channel->used != 0 && channel->link.kind == kind_of(transport) &&
           channel->link.transport == transport && channel->link.interface_id == interface_id &&
           same_interface(&channel->link, name);
}

/** The channel of a serial line or of a protocol of a CAN interface; opened if there is none. */
static struct btap_channel *channel_of(struct btap_tap *tap, enum btap_transport transport,
                                       uint32_t interface_id, const char *name,
                                       const struct btap_record *record)
{
    struct btap_channel *channel = tap->recent[transport];
    struct btap_link link = {
        .kind = kind_of(transport),
        .transport = transport,
        .interface_id = interface_id,
    };

    if (channel == NULL || !is_channel(channel, transport, interface_id, name)) {
        channel = NULL;
        for (size_t i = 0; i < BTAP_CHANNELS_MAX && channel == NULL; i++)
            if (is_channel(&tap->channels[i], transport, interface_id, name))
                channel = &tap->channels[i];
        if (channel == NULL) {
            if (name != NULL)
                snprintf(link.interface, sizeof(link.interface), "%s", name);
            channel = tap_channel_open(tap, &link, NULL, NULL, record);
        }
        tap->recent[transport] = channel;
    }
    /* A log may show later what it lacks. */
    channel->link.lacks |= record->lacks;
    channel->used = tap->clock;
    return channel;
}

static enum btap_direction viewed(enum btap_direction direction, enum btap_serial_view view)
{
    if (view == BTAP_SERIAL_MERGED)
        return BTAP_DIRECTION_UNKNOWN;
    if (view == BTAP_SERIAL_AS_RECORDED || direction == BTAP_DIRECTION_UNKNOWN)
        return direction;
    return direction == BTAP_HOST_TO_DEVICE ? BTAP_DEVICE_TO_HOST : BTAP_HOST_TO_DEVICE;
}

/** Every record repeats the state of the lines; only a change is an event. */
static void tell_lines(struct btap_channel *channel, const struct link_rtac *rtac,
                       const struct btap_record *record)
{
    const struct btap_serial_event event = {
        .at = {.packet = record->packet, .time = record->time},
        .kind = BTAP_SERIAL_LINES,
        .lines = rtac->lines,
        .lines_known = rtac->lines_known,
    };

    if (!rtac->has_lines ||
        (rtac->lines == channel->lines && rtac->lines_known == channel->lines_known))
        return;
    channel->lines = rtac->lines;
    channel->lines_known = rtac->lines_known;
    btap_usart_event(&channel->decoder.usart, &event);
}

/** A tool that sets what is set already has not opened the port anew. */
static bool sets_anew(struct btap_channel *channel, const struct btap_serial_settings *settings)
{
    struct btap_serial_settings *known = &channel->settings;

    if (known->baud == settings->baud && known->data_bits == settings->data_bits &&
        known->parity == settings->parity && known->half_stop_bits == settings->half_stop_bits)
        return false;
    *known = *settings;
    return true;
}

static void tell_event(struct btap_channel *channel, struct btap_serial_event *event,
                       enum btap_serial_view view)
{
    /* Whatever the view, the one who sets a port is the host. */
    if (event->kind != BTAP_SERIAL_SETTINGS)
        event->direction = viewed(event->direction, view);
    else if (!sets_anew(channel, &event->settings))
        return;
    btap_usart_event(&channel->decoder.usart, event);
}

/** The payload that the record does not hold comes after that which it holds. */
static void tell_missing(struct btap_channel *channel, const struct btap_record *record,
                         enum btap_direction direction)
{
    const struct btap_serial_event event = {
        .at = {.packet = record->packet, .offset = record->captured, .time = record->time},
        .kind = BTAP_SERIAL_LOST,
        .direction = direction,
        .count = record->length - record->captured,
    };

    tap_channel_truncated(channel, &event.at, record->captured, record->length);
    btap_usart_event(&channel->decoder.usart, &event);
}

static enum tap_outcome serial(struct btap_tap *tap, const struct btap_record *record)
{
    enum btap_serial_view view = tap->options.serial_view;
    bool truncated = record->captured < record->length;
    struct btap_channel *channel;
    struct link_rtac rtac;

    tap->counters.truncated += truncated;
    if (!link_parse_rtac(record, &rtac))
        return TAP_OUTCOME_MALFORMED;
    channel = channel_of(tap, BTAP_USART, record->interface_id, record->interface, record);
    tell_lines(channel, &rtac, record);
    if (rtac.has_event)
        tell_event(channel, &rtac.event, view);
    if (!rtac.has_chunk)
        return TAP_OUTCOME_EVENT;
    rtac.chunk.direction = viewed(rtac.chunk.direction, view);
    btap_usart_chunk(&channel->decoder.usart, &rtac.chunk);
    if (truncated)
        tell_missing(channel, record, rtac.chunk.direction);
    return TAP_OUTCOME_DECODED;
}

/** News of a bus's controller belong to the protocol whose frames came last. */
static void feed_error(struct btap_channel *fd, struct btap_channel *classic,
                       const struct btap_can_frame *frame)
{
    const bool is_classic = classic->decoder.can.last_packet > fd->decoder.can.last_packet;

    btap_can_feed(&(is_classic ? classic : fd)->decoder.can, frame);
}

static enum tap_outcome can(struct btap_tap *tap, const struct btap_record *record)
{
    struct btap_channel *fd;
    struct btap_channel *classic;
    struct btap_can_frame frame;
    uint32_t interface_id;
    const char *name = record->interface;
    bool is_can;
    bool fd_ours;

    tap->counters.truncated += record->captured < record->length;
    if (!link_parse_can(record, &frame, &is_can, &interface_id))
        return TAP_OUTCOME_MALFORMED;
    if (!is_can)
        return TAP_OUTCOME_FOREIGN;
    /* The capture's interface is then "any": the name of none of the interfaces that it shows. */
    if (record->linktype == BTAP_LINKTYPE_LINUX_SLL2)
        name = NULL;
    fd = channel_of(tap, BTAP_FDCAN, interface_id, name, record);
    classic = channel_of(tap, BTAP_CAN, interface_id, name, record);
    if (frame.error) {
        feed_error(fd, classic, &frame);
        return TAP_OUTCOME_EVENT;
    }
    /* What is none of a protocol's own is traffic of others to it. */
    fd_ours = btap_can_feed(&fd->decoder.can, &frame);
    if (!btap_can_feed(&classic->decoder.can, &frame) && !fd_ours)
        return TAP_OUTCOME_FOREIGN;
    if (frame.captured < frame.length)
        tap_channel_truncated(fd_ours ? fd : classic, &frame.at, record->captured, record->length);
    return TAP_OUTCOME_DECODED;
}

static enum tap_outcome route(struct btap_tap *tap, const struct btap_record *record)
{
    switch (record->linktype) {
    case BTAP_LINKTYPE_RTAC_SERIAL:
        return serial(tap, record);
    case BTAP_LINKTYPE_USB_LINUX:
    case BTAP_LINKTYPE_USB_LINUX_MMAPPED:
    case BTAP_LINKTYPE_USBPCAP:
    case BTAP_LINKTYPE_USB_DARWIN:
        return tap_usb(tap, record);
    case BTAP_LINKTYPE_USB_2_0:
    case BTAP_LINKTYPE_USB_2_0_LOW_SPEED:
    case BTAP_LINKTYPE_USB_2_0_FULL_SPEED:
    case BTAP_LINKTYPE_USB_2_0_HIGH_SPEED:
        return tap_usb_packet(tap, record);
    case BTAP_LINKTYPE_CAN_SOCKETCAN:
    case BTAP_LINKTYPE_LINUX_SLL:
    case BTAP_LINKTYPE_LINUX_SLL2:
        return can(tap, record);
    default:
        return TAP_OUTCOME_UNSUPPORTED;
    }
}

void btap_tap_record(struct btap_tap *tap, const struct btap_record *record)
{
    struct btap_record within;

    tap->clock++;
    tap->until = btap_time_within(record->time);
    if (tap->until != record->time) {
        within = *record;
        within.time = tap->until;
        record = &within;
    }
    switch (route(tap, record)) {
    case TAP_OUTCOME_DECODED:
        tap->counters.decoded++;
        return;
    case TAP_OUTCOME_EVENT:
        tap->counters.events++;
        return;
    case TAP_OUTCOME_FOREIGN:
        tap->counters.foreign++;
        return;
    case TAP_OUTCOME_MALFORMED:
        tap->counters.malformed++;
        return;
    case TAP_OUTCOME_UNSUPPORTED:
        tap->counters.unsupported++;
        return;
    }
}

static const struct btap_usb_slot *slot_of_link(const struct btap_tap *tap,
                                                const struct btap_link *link)
{
    if (link->kind != BTAP_LINK_USB && link->kind != BTAP_LINK_USB_SERIAL)
        return NULL;
    for (size_t i = 0; i < BTAP_USB_DEVICES_MAX; i++) {
        const struct btap_usb_slot *slot = &tap->usb[i];

        if (slot->used != 0 && slot->bus == link->bus && slot->address == link->device &&
            slot->interface_id == link->interface_id)
            return slot;
    }
    return NULL;
}

bool btap_tap_serial_port(const struct btap_tap *tap, const struct btap_link *link,
                          struct btap_serial_port *port)
{
    const struct btap_usb_slot *slot = slot_of_link(tap, link);

    for (size_t i = 0; i < BTAP_CHANNELS_MAX; i++) {
        if (&tap->channels[i].link != link || link->transport != BTAP_USART)
            continue;
        *port = btap_usart_port(&tap->channels[i].decoder.usart);
        if (slot != NULL && slot->cancelled_packets[link->port] > port->closed_packet)
            port->closed_packet = slot->cancelled_packets[link->port];
        return true;
    }
    return false;
}

bool btap_tap_can_brs(const struct btap_tap *tap, const struct btap_link *link, bool *brs)
{
    for (size_t i = 0; i < BTAP_CHANNELS_MAX; i++) {
        const struct btap_can *can = &tap->channels[i].decoder.can;

        if (&tap->channels[i].link != link || link->transport != BTAP_FDCAN)
            continue;
        *brs = can->brs;
        return can->brs_known;
    }
    return false;
}

bool btap_tap_decodes(const struct btap_tap *tap, const struct btap_link *link)
{
    for (size_t i = 0; i < BTAP_CHANNELS_MAX; i++)
        if (tap->channels[i].used != 0 && btap_link_same(&tap->channels[i].link, link))
            return true;
    return false;
}

const struct btap_usb_device *btap_tap_usb_device(const struct btap_tap *tap,
                                                  const struct btap_link *link)
{
    const struct btap_usb_slot *slot = slot_of_link(tap, link);

    return slot != NULL ? &slot->device : NULL;
}

void btap_tap_finish(struct btap_tap *tap)
{
    tap_usb_tell_held(tap);
    tap_usb_end(tap);
    for (size_t i = 0; i < BTAP_CHANNELS_MAX; i++)
        if (tap->channels[i].used != 0) {
            tap->channels[i].decoder.emitter.until = tap->recorder_until;
            tap_channel_finish(&tap->channels[i]);
        }
    tap_usb_finish(tap);
}
