/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The tap's channels: a link and its decoder, of which there are only so many.
 */
#include "model/emit.h"
#include "tap/internal.h"

/*
 * Any device with bulk endpoints may be a serial adapter, and an adapter may be there for something
 * else than the bootloader: notes about its bytes would only mislead.
 */

static const struct btap_sink *loud_sink(const void *context, const struct btap_link *link)
{
    const struct btap_tap *tap = context;

    return link->transactions > 0 ? tap->sink : NULL;
}

static void quiet_span(void *context, const struct btap_link *link, const struct btap_span *span)
{
    const struct btap_sink *sink = loud_sink(context, link);

    if (sink != NULL)
        sink->span(sink->context, link, span);
}

static void quiet_data(void *context, const struct btap_link *link, const struct btap_data *data)
{
    const struct btap_sink *sink = loud_sink(context, link);

    if (sink != NULL)
        sink->data(sink->context, link, data);
}

static void quiet_note(void *context, const struct btap_link *link, uint64_t n,
                       const struct btap_note *note)
{
    const struct btap_sink *sink = loud_sink(context, link);

    if (sink != NULL)
        sink->note(sink->context, link, n, note);
}

static void quiet_transaction(void *context, const struct btap_link *link,
                              const struct btap_transaction *transaction)
{
    const struct btap_sink *sink = loud_sink(context, link);

    if (sink != NULL)
        sink->transaction(sink->context, link, transaction);
}

void tap_init_quiet(struct btap_tap *tap)
{
    tap->quiet = (struct btap_sink){
        .context = tap,
        .span = tap->sink->span != NULL ? quiet_span : NULL,
        .data = tap->sink->data != NULL ? quiet_data : NULL,
        .note = tap->sink->note != NULL ? quiet_note : NULL,
        .transaction = tap->sink->transaction != NULL ? quiet_transaction : NULL,
    };
}

static void start(struct btap_tap *tap, struct btap_channel *channel,
                  const struct btap_usb_slot *slot)
{
    switch (channel->link.transport) {
    case BTAP_DFU:
        btap_dfu_init(&channel->decoder.dfu, tap->sink, &channel->link, &slot->device,
                      &tap->options.dfu);
        return;
    case BTAP_FDCAN:
    case BTAP_CAN:
        btap_can_init(&channel->decoder.can, tap->sink, &channel->link, &tap->options.can);
        return;
    case BTAP_USART:
        btap_usart_init(&channel->decoder.usart,
                        channel->link.kind == BTAP_LINK_USB_SERIAL ? &tap->quiet : tap->sink,
                        &channel->link);
        return;
    case BTAP_TRANSPORT_COUNT:
        return;
    }
}

void tap_channel_finish(struct btap_channel *channel)
{
    switch (channel->link.transport) {
    case BTAP_DFU:
        btap_dfu_finish(&channel->decoder.dfu);
        return;
    case BTAP_FDCAN:
    case BTAP_CAN:
        btap_can_finish(&channel->decoder.can);
        return;
    case BTAP_USART:
        btap_usart_finish(&channel->decoder.usart);
        return;
    case BTAP_TRANSPORT_COUNT:
        return;
    }
}

void tap_channel_restart(struct btap_tap *tap, struct btap_channel *channel,
                         const struct btap_usb_slot *slot)
{
    tap_channel_finish(channel);
    start(tap, channel, slot);
}

void tap_channel_evict(struct btap_tap *tap, struct btap_channel *channel,
                       const struct btap_record *record)
{
    const struct btap_origin at = {.packet = record->packet, .time = record->time};

    if (tap_channel_decodes(channel))
        emit_note(&channel->decoder.emitter, BTAP_NOTE_LINK_EVICTED, &at, BTAP_CHANNELS_MAX, 0, 0);
    tap_channel_finish(channel);
    if (channel->holder != NULL)
        *channel->holder = NULL;
    channel->used = 0;
    tap->counters.evicted_links++;
}

static struct btap_channel *find_free(struct btap_tap *tap, const struct btap_record *record)
{
    struct btap_channel *oldest = &tap->channels[0];

    for (size_t i = 0; i < BTAP_CHANNELS_MAX; i++) {
        if (tap->channels[i].used == 0)
            return &tap->channels[i];
        if (tap->channels[i].used < oldest->used)
            oldest = &tap->channels[i];
    }
    tap_channel_evict(tap, oldest, record);
    return oldest;
}

struct btap_channel *tap_channel_open(struct btap_tap *tap, const struct btap_link *link,
                                      const struct btap_usb_slot *slot,
                                      struct btap_channel **holder,
                                      const struct btap_record *record)
{
    struct btap_channel *channel = find_free(tap, record);

    channel->link = *link;
    channel->link.at_tool = record->at_tool;
    channel->link.lacks = record->lacks;
    channel->used = tap->clock;
    channel->holder = holder;
    channel->lines = 0;
    channel->lines_known = 0;
    channel->settings = (struct btap_serial_settings){0};
    if (holder != NULL)
        *holder = channel;
    start(tap, channel, slot);
    return channel;
}

void tap_channel_truncated(struct btap_channel *channel, const struct btap_origin *at,
                           uint32_t captured, uint32_t length)
{
    /* Of a file that lacks data no snapshot length is to blame. */
    if (tap_channel_decodes(channel) && (channel->link.lacks & BTAP_LACKS_DATA) == 0)
        emit_note(&channel->decoder.emitter, BTAP_NOTE_TRUNCATED, at, captured, length, 0);
}
