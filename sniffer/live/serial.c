/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * serial:PORT[,BAUD]: one line on which both sides are heard, or one of them. Who sent what is not
 * known; the decoder infers it, from the recording as well.
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/allocate.h"
#include "live/operand.h"
#include "live/receiver.h"

#define KIND "serial:"

struct serial_source {
    struct source source;
    struct operand operand;
    struct serial *serial;
    struct receiver receiver;
    const struct traffic_sink *sink;
    uint32_t interface_id;
    uint32_t baud;
};

static struct serial_source *self(struct source *source)
{
    return (struct serial_source *)source; /* its first member */
}

static bool names(const char *operand)
{
    return operand_is(operand, KIND);
}

static void close_serial(struct source *source)
{
    struct serial_source *one = self(source);

    if (one->serial != NULL)
        serial_close(one->serial);
    free(one->operand.text);
    free(one);
}

static struct source *open_serial(const char *name, const struct source_options *options)
{
    struct serial_source *one = allocate(sizeof(*one));
    const char *const *parts = one->operand.parts;

    (void)options;
    one->source = (struct source){&source_serial, name};
    if (operand_parse(name, KIND, 1, 2, "serial:PORT[,BAUD]", &one->operand) &&
        operand_baud(name, parts[1], &one->baud)) {
        const struct serial_options how = {
            .access = SERIAL_LISTENS,
            .settings = serial_bootloader_settings(one->baud),
            .marks = true,
        };

        one->serial = serial_open(parts[0], &how);
    }
    if (one->serial != NULL)
        return &one->source;
    close_serial(&one->source);
    return NULL;
}

static bool start(struct source *source, const struct traffic_sink *sink)
{
    struct serial_source *one = self(source);
    char description[96];
    const struct traffic_interface interface = {
        .linktype = BTAP_LINKTYPE_RTAC_SERIAL,
        .name = serial_name(one->serial),
        .description = description,
        .speed = one->baud,
    };

    snprintf(description, sizeof(description),
             "one line, heard at %u 8E1: who sent what is not known", one->baud);
    serial_lower_latency(one->serial);
    /* Nobody knows when what is there came. */
    serial_flush_input(one->serial);
    receiver_start(&one->receiver, one->serial);
    one->sink = sink;
    one->interface_id = sink->interface(sink->context, &interface);
    return true;
}

static size_t poll_serial(struct source *source, struct pollfd *fds, btap_ns *deadline)
{
    const struct serial_source *one = self(source);

    fds[0] = (struct pollfd){.fd = serial_descriptor(one->serial), .events = POLLIN};
    *deadline = receiver_deadline(&one->receiver);
    return 1;
}

static void on_data(void *context, btap_ns time, const uint8_t *bytes, size_t length)
{
    const struct serial_source *one = context;
    const struct serial_record record = {
        .event = SERIAL_RECORD_STATUS, .time = time, .bytes = bytes, .length = length};

    serial_record_send(one->sink, one->interface_id, &record);
}

static void on_error(void *context, btap_ns time, enum serial_record_event event)
{
    const struct serial_source *one = context;
    const struct serial_record record = {.event = event, .time = time};

    serial_record_send(one->sink, one->interface_id, &record);
}

static enum source_state read_serial(struct source *source)
{
    struct serial_source *one = self(source);
    const struct receiver_sink sink = {one, on_data, on_error};
    bool more;

    return receiver_read(&one->receiver, &sink, &more);
}

/** The driver does not say how many records its lost bytes would have been. */
static void statistics(struct source *source, uint32_t interface_id,
                       struct traffic_statistics *statistics)
{
    (void)source;
    (void)interface_id;
    *statistics = (struct traffic_statistics){.known = false};
}

const struct source_kind source_serial = {
    .names = names,
    .open = open_serial,
    .start = start,
    .poll = poll_serial,
    .read = read_serial,
    .statistics = statistics,
    .close = close_serial,
};
