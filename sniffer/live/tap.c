/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * tap:HOSTPORT,DEVPORT[,BAUD]: two receive-only adapters, one on what the host sends and one on
 * what the device sends, and one recording of both.
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/allocate.h"
#include "base/clock.h"
#include "live/operand.h"
#include "live/order.h"
#include "live/receiver.h"

#define KIND "tap:"

/** Bytes that are read so much apart came in this order, where the drivers hand over at once: the
 * rest is a busy machine's. */
#define WINDOW_LOW (5 * CLOCK_NS_PER_MS)
/** Likewise where they wait for more, as FTDI's do for 16 ms. */
#define WINDOW_HIGH (20 * CLOCK_NS_PER_MS)

struct tap_source;

/** One of the adapters. */
struct side {
    struct tap_source *tap;
    enum btap_direction from; /**< whose bytes it hears */
    struct serial *serial;
    struct receiver receiver;
};

struct tap_source {
    struct source source;
    struct operand operand;
    struct side sides[2];
    uint32_t baud;
    struct order *order; /**< NULL: not started */
    const struct traffic_sink *sink;
    uint32_t interface_id;
};

static struct tap_source *self(struct source *source)
{
    return (struct tap_source *)source; /* its first member */
}

static bool names(const char *operand)
{
    return operand_is(operand, KIND);
}

static void close_tap(struct source *source)
{
    struct tap_source *tap = self(source);

    if (tap->order != NULL)
        order_close(tap->order);
    for (size_t i = 0; i < 2; i++)
        if (tap->sides[i].serial != NULL)
            serial_close(tap->sides[i].serial);
    free(tap->operand.text);
    free(tap);
}

static bool open_side(struct tap_source *tap, size_t i, enum btap_direction from)
{
    struct side *side = &tap->sides[i];
    const struct serial_options how = {
        .access = SERIAL_LISTENS,
        .settings = serial_bootloader_settings(tap->baud),
        .marks = true,
    };

    side->tap = tap;
    side->from = from;
    side->serial = serial_open(tap->operand.parts[i], &how);
    return side->serial != NULL;
}

static struct source *open_tap(const char *name, const struct source_options *options)
{
    struct tap_source *tap = allocate(sizeof(*tap));

    (void)options;
    tap->source = (struct source){&source_tap, name};
    if (operand_parse(name, KIND, 2, 3, "tap:HOSTPORT,DEVPORT[,BAUD]", &tap->operand) &&
        operand_baud(name, tap->operand.parts[2], &tap->baud) &&
        open_side(tap, 0, BTAP_HOST_TO_DEVICE) && open_side(tap, 1, BTAP_DEVICE_TO_HOST))
        return &tap->source;
    close_tap(&tap->source);
    return NULL;
}

static void on_bytes(void *context, enum btap_direction from, btap_ns time, const uint8_t *bytes,
                     size_t length)
{
    const struct tap_source *tap = context;
    const struct serial_record record = {
        .event = serial_record_event_of(from), .time = time, .bytes = bytes, .length = length};

    serial_record_send(tap->sink, tap->interface_id, &record);
}

static void on_wrong(void *context, enum btap_direction from, btap_ns time,
                     enum serial_record_event event)
{
    const struct tap_source *tap = context;
    const struct serial_record record = {.event = event, .time = time};

    /* An error record has no place for the side; the bytes after it have. */
    (void)from;
    serial_record_send(tap->sink, tap->interface_id, &record);
}

/** @return whether the driver hands over at once, as a pseudo-terminal does */
static bool is_quick(struct serial *serial)
{
    return serial_is_pty(serial) || serial_lower_latency(serial);
}

static void start_order(struct tap_source *tap)
{
    const struct order_sink sink = {tap, on_bytes, on_wrong};
    bool quick = true;

    for (size_t i = 0; i < 2; i++)
        quick &= is_quick(tap->sides[i].serial);
    tap->order = order_open(&sink, quick ? WINDOW_LOW : WINDOW_HIGH);
}

static bool start(struct source *source, const struct traffic_sink *sink)
{
    struct tap_source *tap = self(source);
    const char *host = serial_name(tap->sides[0].serial);
    const char *device = serial_name(tap->sides[1].serial);
    char name[128];
    char description[256];
    const struct traffic_interface interface = {
        .linktype = BTAP_LINKTYPE_RTAC_SERIAL,
        .name = name,
        .description = description,
        .speed = tap->baud,
    };

    snprintf(name, sizeof(name), "%.60s+%.60s", host, device);
    snprintf(description, sizeof(description),
             "the host's line at %.60s, the device's line at %.60s, heard at %u 8E1", host, device,
             tap->baud);
    start_order(tap);
    for (size_t i = 0; i < 2; i++) {
        /* Nobody knows when what is there came. */
        serial_flush_input(tap->sides[i].serial);
        receiver_start(&tap->sides[i].receiver, tap->sides[i].serial);
    }
    tap->sink = sink;
    tap->interface_id = sink->interface(sink->context, &interface);
    return true;
}

static void earlier(btap_ns *deadline, btap_ns other)
{
    if (other < *deadline)
        *deadline = other;
}

static size_t poll_tap(struct source *source, struct pollfd *fds, btap_ns *deadline)
{
    const struct tap_source *tap = self(source);

    for (size_t i = 0; i < 2; i++) {
        fds[i] = (struct pollfd){.fd = serial_descriptor(tap->sides[i].serial), .events = POLLIN};
        earlier(deadline, receiver_deadline(&tap->sides[i].receiver));
    }
    earlier(deadline, order_deadline(tap->order));
    return 2;
}

static struct order_time at(btap_ns recorded)
{
    return (struct order_time){recorded, clock_monotonic()};
}

static void on_data(void *context, btap_ns time, const uint8_t *bytes, size_t length)
{
    const struct side *side = context;

    order_add(side->tap->order, side->from, at(time), bytes, length);
}

static void on_error(void *context, btap_ns time, enum serial_record_event event)
{
    const struct side *side = context;

    order_add_error(side->tap->order, side->from, at(time), event);
}

static enum source_state read_tap(struct source *source)
{
    struct tap_source *tap = self(source);
    enum source_state state = SOURCE_RUNS;

    /* What both have is added before any of it is put in order. */
    for (size_t i = 0; i < 2; i++) {
        struct side *side = &tap->sides[i];
        const struct receiver_sink sink = {side, on_data, on_error};
        const btap_ns before = clock_monotonic();
        bool more;

        if (receiver_read(&side->receiver, &sink, &more) != SOURCE_RUNS)
            state = SOURCE_GONE;
        if (!more)
            order_note_empty(tap->order, side->from, before);
    }
    order_settle(tap->order);
    return state;
}

static void statistics(struct source *source, uint32_t interface_id,
                       struct traffic_statistics *statistics)
{
    (void)source;
    (void)interface_id;
    *statistics = (struct traffic_statistics){.known = false};
}

static btap_ns held(struct source *source)
{
    return order_held(self(source)->order);
}

const struct source_kind source_tap = {
    .names = names,
    .open = open_tap,
    .start = start,
    .poll = poll_tap,
    .read = read_tap,
    .held = held,
    .statistics = statistics,
    .close = close_tap,
};
