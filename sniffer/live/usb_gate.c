/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "live/usb_gate.h"

#include <stdlib.h>
#include <string.h>

#include "base/allocate.h"
#include "traffic/usb_record.h"

/* Where things stand in usbmon's header (Documentation/usb/usbmon.rst) */
#define AT_TYPE       8
#define AT_TRANSFER   9
#define AT_DEVICE     11
#define AT_BUS        12
#define AT_SETUP_FLAG 14
#define AT_SETUP      40

#define TRANSFER_CONTROL 2

#define BUSES     128 /* usbmon has nodes for so many */
#define ADDRESSES 128

enum standing {
    UNKNOWN,
    WANTED,
    OTHER,
};

/** A record that waits. */
struct waiting {
    struct waiting *next;
    btap_ns since; /**< CLOCK_MONOTONIC */
    struct traffic_record record;
    uint8_t bytes[];
};

struct usb_gate {
    const struct machine *machine;
    const struct traffic_sink *sink;
    struct usb_filter filter;
    uint8_t standing[BUSES][ADDRESSES];
    struct waiting *first;
    struct waiting **end;
    size_t bytes; /**< that wait */
    btap_ns due;
};

struct usb_gate *usb_gate_open(const struct machine *machine, const struct usb_filter *filter)
{
    struct usb_gate *gate = allocate(sizeof(*gate));

    gate->machine = machine;
    gate->filter = *filter;
    gate->end = &gate->first;
    return gate;
}

void usb_gate_connect(struct usb_gate *gate, const struct traffic_sink *sink)
{
    gate->sink = sink;
}

/** A new device at this address, or somebody looks at the one that is there. */
static bool asks_for_device(const uint8_t *header)
{
    static const uint8_t get_device_descriptor[] = {0x80, 0x06, 0x00, 0x01};

    return header[AT_TYPE] == 'S' && header[AT_TRANSFER] == TRANSFER_CONTROL &&
           header[AT_SETUP_FLAG] == 0 &&
           memcmp(header + AT_SETUP, get_device_descriptor, sizeof(get_device_descriptor)) == 0;
}

/** What sysfs says of the device now. */
static enum standing ask(const struct usb_gate *gate, uint16_t bus, uint8_t number)
{
    struct usb_device device = {.bus = bus, .number = number};

    if (gate->filter.kind != USB_FILTER_PLACE &&
        !usb_device_find(gate->machine, bus, number, &device))
        return UNKNOWN;
    return usb_filter_takes(&gate->filter, &device) ? WANTED : OTHER;
}

static enum standing standing_of(struct usb_gate *gate, const uint8_t *header)
{
    const uint16_t bus = (uint16_t)(header[AT_BUS] | header[AT_BUS + 1] << 8);
    const uint8_t number = header[AT_DEVICE];
    uint8_t *standing;

    /* At address 0 a device is nobody yet. */
    if (bus >= BUSES || number == 0 || number >= ADDRESSES)
        return OTHER;
    standing = &gate->standing[bus][number];
    if (asks_for_device(header))
        *standing = UNKNOWN;
    if (*standing == UNKNOWN)
        *standing = (uint8_t)ask(gate, bus, number);
    return (enum standing) * standing;
}

static void take_first(struct usb_gate *gate)
{
    struct waiting *waiting = gate->first;

    gate->first = waiting->next;
    if (gate->first == NULL)
        gate->end = &gate->first;
    gate->bytes -= waiting->record.captured;
    free(waiting);
}

/** Lets through what is known to be wanted, up to the first record of which nothing is known. */
static void drain(struct usb_gate *gate, btap_ns now)
{
    while (gate->first != NULL) {
        const struct waiting *waiting = gate->first;
        const enum standing standing = standing_of(gate, waiting->bytes);

        if (standing == UNKNOWN && now - waiting->since < USB_GATE_PATIENCE &&
            gate->bytes <= USB_GATE_ROOM)
            return;
        if (standing == WANTED)
            gate->sink->record(gate->sink->context, &waiting->record);
        take_first(gate);
    }
}

static void wait_with(struct usb_gate *gate, const struct traffic_record *record, btap_ns now)
{
    struct waiting *waiting = allocate(sizeof(*waiting) + record->captured);

    waiting->since = now;
    waiting->record = *record;
    waiting->record.bytes = waiting->bytes;
    memcpy(waiting->bytes, record->bytes, record->captured);
    if (gate->first == NULL)
        gate->due = now + USB_GATE_INTERVAL;
    *gate->end = waiting;
    gate->end = &waiting->next;
    gate->bytes += record->captured;
}

void usb_gate_record(struct usb_gate *gate, const struct traffic_record *record, btap_ns now)
{
    enum standing standing = WANTED;

    if (gate->filter.kind != USB_FILTER_ALL)
        standing = standing_of(gate, record->bytes);
    if (standing == OTHER)
        return;
    if (standing == WANTED && gate->first == NULL) {
        gate->sink->record(gate->sink->context, record);
        return;
    }
    wait_with(gate, record, now);
    if (gate->bytes > USB_GATE_ROOM)
        drain(gate, now);
}

btap_ns usb_gate_tick(struct usb_gate *gate, btap_ns now)
{
    if (gate->first == NULL)
        return INT64_MAX;
    if (now >= gate->due) {
        drain(gate, now);
        gate->due = now + USB_GATE_INTERVAL;
    }
    return gate->first == NULL ? INT64_MAX : gate->due;
}

btap_ns usb_gate_held(const struct usb_gate *gate)
{
    return gate->first != NULL ? gate->first->record.time : INT64_MAX;
}

void usb_gate_close(struct usb_gate *gate)
{
    drain(gate, INT64_MAX);
    free(gate);
}
