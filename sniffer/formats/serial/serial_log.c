/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "formats/serial/serial_log.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/allocate.h"
#include "formats/reader/scan.h"
#include "formats/serial/marks.h"

/** So much is held back, and no more. */
#define HELD_MAX 4096

#define SYNC 0x7f

/** Whether all that the log holds may be what one side sent. */
static bool is_one_sided(const struct serial_log *serial)
{
    return serial->labels_length == 1 && !serial->labels[0].known;
}

static void send_record(const struct serial_log *serial, struct log *log,
                        struct serial_record *record)
{
    const uint32_t lacks = serial->lacks | (is_one_sided(serial) ? BTAP_LACKS_REPLIES : 0u);
    const uint32_t interface =
        queue_interface(&log->queue, BTAP_LINKTYPE_RTAC_SERIAL,
                        serial->name != NULL ? serial->name : "", serial->at_tool, lacks);

    record->lines = serial->lines;
    if (record->time > BTAP_TIME_MAX)
        record->time = BTAP_TIME_MAX;
    serial_record_send(&log->queue.sink, interface, record);
}

/** @param missing behind the bytes in hand */
static void send_block(struct serial_log *serial, struct log *log, uint32_t missing)
{
    struct serial_record record = {
        .event = serial_record_event_of(serial->direction),
        .time = serial->time,
        .bytes = serial->bytes,
        .length = serial->length,
        .missing = missing,
    };

    if (serial->length == 0 && missing == 0)
        return;
    send_record(serial, log, &record);
    serial->length = 0;
}

void serial_log_begin(struct serial_log *serial, struct log *log, enum btap_direction direction,
                      btap_ns time, uint64_t announced)
{
    serial_log_end(serial, log);
    serial->open = true;
    serial->direction = direction;
    serial->time = time;
    serial->announced = announced;
    serial->taken = 0;
    serial->blocks++;
}

void serial_log_byte(struct serial_log *serial, struct log *log, uint8_t byte)
{
    if (!serial->open)
        return;
    /* Not when it gets full: what is missing goes with the last bytes. */
    if (serial->length == SERIAL_LOG_BLOCK)
        send_block(serial, log, 0);
    serial->bytes[serial->length++] = byte;
    serial->taken++;
}

bool serial_log_is_full(const struct serial_log *serial)
{
    return serial->announced > 0 && serial->taken >= serial->announced;
}

void serial_log_end(struct serial_log *serial, struct log *log)
{
    uint64_t missing;

    if (!serial->open)
        return;
    missing = serial->announced > serial->taken ? serial->announced - serial->taken : 0;
    serial->incomplete += missing > 0;
    send_block(serial, log, missing < INT32_MAX ? (uint32_t)missing : INT32_MAX);
    serial->open = false;
}

void serial_log_event(struct serial_log *serial, struct log *log, enum serial_record_event event,
                      btap_ns time, const struct btap_serial_settings *settings)
{
    struct serial_record record = {.event = event, .time = time, .settings = settings};

    serial_log_end(serial, log);
    send_record(serial, log, &record);
}

/** The label's number: SERIAL_LOG_LABELS for one that there is no room for. */
static size_t find_label(struct serial_log *serial, const char *name)
{
    struct serial_log_label *label = serial->labels;
    char cut[SERIAL_LOG_LABEL_SIZE] = "";
    size_t i = 0;

    snprintf(cut, sizeof(cut), "%s", name);
    for (; i < serial->labels_length; i++, label++)
        if (strcmp(label->name, cut) == 0)
            return i;
    if (i == SERIAL_LOG_LABELS)
        return i;
    memcpy(label->name, cut, sizeof(cut));
    label->direction = marks_in(cut);
    label->known = label->direction != BTAP_DIRECTION_UNKNOWN;
    serial->labels_length++;
    return i;
}

bool serial_log_begins_as_host(const uint8_t first[2], size_t seen)
{
    return seen > 0 && (first[0] == SYNC || (seen > 1 && (first[0] ^ first[1]) == UINT8_MAX));
}

/** Whether nothing more needs to be seen: two sides, each with a byte. */
static bool shows(const struct serial_log *serial)
{
    return serial->labels_length > 1 && serial->labels[0].seen > 0 && serial->labels[1].seen > 0;
}

/** Says whose each label is. */
static void settle(struct serial_log *serial)
{
    struct serial_log_label *labels = serial->labels;
    size_t host = 0;

    serial->settled = true;
    if (labels[0].known && labels[1].known)
        return;
    if (labels[0].known || labels[1].known) {
        /* One mark tells the other one, too. */
        const size_t one = labels[0].known ? 0 : 1;

        labels[1 - one].direction = labels[one].direction == BTAP_HOST_TO_DEVICE
                                        ? BTAP_DEVICE_TO_HOST
                                        : BTAP_HOST_TO_DEVICE;
        return;
    }
    if (!serial_log_begins_as_host(labels[0].first, labels[0].seen))
        host = 1;
    if (!serial_log_begins_as_host(labels[host].first, labels[host].seen))
        return;
    labels[host].direction = BTAP_HOST_TO_DEVICE;
    labels[1 - host].direction = BTAP_DEVICE_TO_HOST;
    serial->guessed = labels[host].name;
}

/** Hands one over. A record of an error counts as the device's: another one's byte goes before. */
static void send_held(struct serial_log *serial, struct log *log,
                      const struct serial_log_held *held)
{
    const enum btap_direction direction = held->label < SERIAL_LOG_LABELS
                                              ? serial->labels[held->label].direction
                                              : BTAP_DIRECTION_UNKNOWN;
    const bool error = held->event != SERIAL_RECORD_STATUS;
    const bool apart = error && direction != BTAP_DEVICE_TO_HOST;
    struct serial_record record = {.event = held->event, .time = held->time};

    if (held->has_byte && (apart || !error)) {
        if (!serial->open || serial->direction != direction || serial->time != held->time)
            serial_log_begin(serial, log, direction, held->time, 0);
        serial_log_byte(serial, log, held->byte);
    }
    if (!error)
        return;
    serial_log_end(serial, log);
    if (held->has_byte && !apart) {
        record.bytes = &held->byte;
        record.length = 1;
    }
    send_record(serial, log, &record);
}

static void send_all_held(struct serial_log *serial, struct log *log)
{
    for (size_t i = 0; i < serial->held_length; i++)
        send_held(serial, log, &serial->held[i]);
    serial->held_length = 0;
}

static void hold(struct serial_log *serial, struct log *log, const struct serial_log_held *held)
{
    if (serial->settled) {
        send_held(serial, log, held);
        return;
    }
    serial->held =
        grow(serial->held, serial->held_length, &serial->held_room, sizeof(*serial->held));
    serial->held[serial->held_length++] = *held;
    if (!shows(serial) && serial->held_length < HELD_MAX)
        return;
    if (shows(serial))
        settle(serial);
    serial->settled = true;
    send_all_held(serial, log);
}

void serial_log_labelled(struct serial_log *serial, struct log *log, const char *label,
                         btap_ns time, enum serial_record_event event, const uint8_t *byte)
{
    const size_t number = find_label(serial, label);
    struct serial_log_held held = {.label = (uint8_t)number, .event = event, .time = time};

    if (byte != NULL) {
        held.has_byte = true;
        held.byte = *byte;
    }
    if (number < SERIAL_LOG_LABELS) {
        struct serial_log_label *of = &serial->labels[number];

        if (byte != NULL && of->seen < sizeof(of->first))
            of->first[of->seen++] = *byte;
        /* Nothing needs to be seen of labels that are marks. */
        if (of->known && serial->held_length == 0) {
            send_held(serial, log, &held);
            return;
        }
    }
    hold(serial, log, &held);
}

void serial_log_at_end(struct log *log)
{
    struct serial_log *serial = log->state;
    char *remark = log->reader->remark;
    const size_t size = sizeof(log->reader->remark);

    if (serial->held_length > 0 && shows(serial))
        settle(serial);
    send_all_held(serial, log);
    serial_log_end(serial, log);
    if (serial->guessed != NULL)
        snprintf(remark, size,
                 "'%s' is taken for the host, as its first bytes are a host's; --marks HOST,DEVICE "
                 "names others",
                 serial->guessed);
    else if (is_one_sided(serial))
        snprintf(
            remark, size,
            "nothing in it tells who sent a byte, or it holds one side only: sides are told by "
            "the protocol alone");
}

void serial_log_release(struct log *log)
{
    struct serial_log *serial = log->state;

    free(serial->held);
}

unsigned serial_log_hex(struct serial_log *serial, struct log *log, const char *at, unsigned max)
{
    unsigned count = 0;
    uint8_t byte;

    while (count < max && !serial_log_is_full(serial) && scan_hex_byte(&at, &byte) &&
           (*at == ' ' || *at == '\t' || *at == '\0')) {
        serial_log_byte(serial, log, byte);
        count++;
        if (*at == ' ')
            at++;
    }
    return count;
}
