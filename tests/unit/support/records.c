/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "records.h"

#include <string.h>

#define RECORD_MAX 8192

/** A record under construction. */
struct builder {
    uint8_t bytes[RECORD_MAX];
    uint32_t length;
    bool big_endian;
};

/** One half of a USB transfer, as both capture formats need it. */
struct half {
    bool completion;
    uint8_t type; /**< 1 interrupt, 2 control, 3 bulk */
    uint8_t endpoint;
    const uint8_t *setup;
    const uint8_t *data;
    uint32_t length;
    uint32_t urb_length;
    int32_t error; /**< Linux */
    uint32_t code; /**< Windows */
};

static void put(struct builder *builder, uint64_t value, uint32_t size)
{
    for (uint32_t i = 0; i < size; i++) {
        uint32_t shift = 8 * (builder->big_endian ? size - 1 - i : i);

        builder->bytes[builder->length++] = (uint8_t)(value >> shift);
    }
}

static void put_bytes(struct builder *builder, const uint8_t *bytes, uint32_t length)
{
    if (length > 0)
        memcpy(builder->bytes + builder->length, bytes, length);
    builder->length += length;
}

static void feed(struct recorder *recorder, uint32_t linktype, const struct builder *builder)
{
    uint32_t captured = builder->length;
    struct btap_record record = {
        .linktype = linktype,
        .interface_id = recorder->interface_id,
        .packet = ++recorder->packet,
        .time = (btap_ns)recorder->packet * 1000000,
        .big_endian = builder->big_endian,
        .bytes = builder->bytes,
        .length = builder->length,
    };

    if (recorder->snap != 0 && captured > recorder->snap)
        captured = recorder->snap;
    record.captured = captured;
    btap_tap_record(recorder->tap, &record);
}

void record_bytes(struct recorder *recorder, uint32_t linktype, const uint8_t *bytes,
                  uint32_t length)
{
    struct builder builder = {.length = 0};

    put_bytes(&builder, bytes, length);
    feed(recorder, linktype, &builder);
}

static void feed_usbmon(struct recorder *recorder, const struct half *half)
{
    struct builder builder = {.big_endian = recorder->format == USB_LINUX_BIG_ENDIAN};
    bool in = (half->endpoint & 0x80) != 0;

    put(&builder, recorder->id, 8);
    put(&builder, half->completion ? 'C' : 'S', 1);
    put(&builder, half->type, 1);
    put(&builder, half->endpoint, 1);
    put(&builder, recorder->device, 1);
    put(&builder, recorder->bus, 2);
    put(&builder, half->setup != NULL ? 0 : '-', 1);
    put(&builder, half->length > 0 ? 0 : in ? '<' : '>', 1);
    put(&builder, 0, 8);
    put(&builder, 0, 4);
    put(&builder, (uint32_t)half->error, 4);
    put(&builder, half->urb_length, 4);
    put(&builder, half->length, 4);
    if (half->setup != NULL)
        put_bytes(&builder, half->setup, 8);
    else
        put(&builder, 0, 8);
    if (recorder->format != USB_LINUX)
        for (int i = 0; i < 4; i++)
            put(&builder, 0, 4);
    put_bytes(&builder, half->data, half->length);
    feed(recorder,
         recorder->format == USB_LINUX ? BTAP_LINKTYPE_USB_LINUX : BTAP_LINKTYPE_USB_LINUX_MMAPPED,
         &builder);
}

/** @param stage of a control transfer, else -1 */
static void feed_usbpcap(struct recorder *recorder, const struct half *half, int stage)
{
    struct builder builder = {.length = 0};

    put(&builder, stage >= 0 ? 28 : 27, 2);
    put(&builder, recorder->id, 8);
    put(&builder, half->code, 4);
    put(&builder, stage >= 0 ? 0x0008 : 0x0009, 2);
    put(&builder, half->completion, 1);
    put(&builder, recorder->bus, 2);
    put(&builder, recorder->device, 2);
    put(&builder, half->endpoint, 1);
    put(&builder, half->type, 1);
    put(&builder, half->length + (half->setup != NULL ? 8 : 0), 4);
    if (stage >= 0)
        put(&builder, (uint64_t)stage, 1);
    if (half->setup != NULL)
        put_bytes(&builder, half->setup, 8);
    put_bytes(&builder, half->data, half->length);
    feed(recorder, BTAP_LINKTYPE_USBPCAP, &builder);
}

/** @param data of a completion, whatever the direction */
static void feed_darwin(struct recorder *recorder, const struct half *half, const uint8_t *data)
{
    static const uint8_t types[] = {1, 3, 0, 2}; /* of usbmon's */
    const uint32_t status = half->error == -32 ? 0xe000404fu : 0xe00002c0u;
    struct builder builder = {.length = 0};

    put(&builder, 0x0100, 2);
    put(&builder, 32, 1);
    put(&builder, half->completion, 1);
    put(&builder, half->urb_length, 4);
    put(&builder, half->completion && half->error != 0 ? status : 0, 4);
    put(&builder, 0, 4);
    put(&builder, recorder->id, 8);
    put(&builder, (uint64_t)recorder->bus << 24 | 0x123456, 4);
    put(&builder, 1, 1);
    put(&builder, recorder->device, 1);
    put(&builder, half->endpoint, 1);
    put(&builder, types[half->type], 1);
    if (half->setup != NULL)
        put_bytes(&builder, half->setup, 8);
    if (half->completion)
        put_bytes(&builder, data, half->urb_length);
    feed(recorder, BTAP_LINKTYPE_USB_DARWIN, &builder);
}

static bool is_usbpcap(const struct recorder *recorder)
{
    return recorder->format == USB_PCAP || recorder->format == USB_PCAP_OLD;
}

static void submit_control(struct recorder *recorder, const struct control_transfer *transfer)
{
    bool in = (transfer->setup[0] & 0x80) != 0;
    uint32_t wanted = (uint32_t)(transfer->setup[6] | transfer->setup[7] << 8);
    const struct half whole = {
        .type = 2,
        .endpoint = in ? 0x80 : 0x00,
        .setup = transfer->setup,
        .data = in ? NULL : transfer->data,
        .length = in ? 0 : transfer->length,
        .urb_length = wanted,
        .error = -115,
    };
    struct half part = whole;

    if (recorder->format == USB_DARWIN) {
        feed_darwin(recorder, &whole, NULL);
        return;
    }
    if (!is_usbpcap(recorder)) {
        feed_usbmon(recorder, &whole);
        return;
    }
    if (recorder->format == USB_PCAP || whole.length == 0) {
        feed_usbpcap(recorder, &whole, 0);
        return;
    }
    part.data = NULL;
    part.length = 0;
    feed_usbpcap(recorder, &part, 0);
    part = whole;
    part.setup = NULL;
    feed_usbpcap(recorder, &part, 1);
}

static void complete_control(struct recorder *recorder, const struct control_transfer *transfer)
{
    bool in = (transfer->setup[0] & 0x80) != 0;
    bool failed = transfer->stalled || transfer->gone;
    const struct half whole = {
        .completion = true,
        .type = 2,
        .endpoint = in ? 0x80 : 0x00,
        .data = in && !failed ? transfer->data : NULL,
        .length = in && !failed ? transfer->length : 0,
        .urb_length = failed ? 0 : transfer->length,
        .error = transfer->stalled ? -32
                 : transfer->gone  ? -108
                                   : 0,
        .code = transfer->stalled ? 0xc0000004u
                : transfer->gone  ? 0xc0007000u
                                  : 0,
    };
    struct half status = whole;

    if (recorder->format == USB_DARWIN) {
        feed_darwin(recorder, &whole, transfer->data);
        return;
    }
    if (!is_usbpcap(recorder)) {
        feed_usbmon(recorder, &whole);
        return;
    }
    if (recorder->format == USB_PCAP) {
        feed_usbpcap(recorder, &whole, 3);
        return;
    }
    if (whole.length > 0)
        feed_usbpcap(recorder, &whole, 1);
    status.length = 0;
    feed_usbpcap(recorder, &status, 2);
}

void record_submission(struct recorder *recorder, const struct control_transfer *transfer)
{
    recorder->id++;
    submit_control(recorder, transfer);
}

void record_completion(struct recorder *recorder, const struct control_transfer *transfer)
{
    recorder->id++;
    complete_control(recorder, transfer);
}

void record_control(struct recorder *recorder, const struct control_transfer *transfer)
{
    recorder->id++;
    submit_control(recorder, transfer);
    complete_control(recorder, transfer);
}

void record_transfer(struct recorder *recorder, uint8_t endpoint, bool interrupt,
                     const uint8_t *data, uint16_t length)
{
    bool in = (endpoint & 0x80) != 0;
    const struct half submission = {
        .type = interrupt ? 1 : 3,
        .endpoint = endpoint,
        .data = in ? NULL : data,
        .length = in ? 0 : length,
        .urb_length = in ? 512 : length,
        .error = -115,
    };
    const struct half completion = {
        .completion = true,
        .type = interrupt ? 1 : 3,
        .endpoint = endpoint,
        .data = in ? data : NULL,
        .length = in ? length : 0,
        .urb_length = length,
    };

    recorder->id++;
    if (recorder->format == USB_DARWIN) {
        feed_darwin(recorder, &submission, NULL);
        feed_darwin(recorder, &completion, data);
    } else if (is_usbpcap(recorder)) {
        feed_usbpcap(recorder, &submission, -1);
        feed_usbpcap(recorder, &completion, -1);
    } else {
        feed_usbmon(recorder, &submission);
        feed_usbmon(recorder, &completion);
    }
}

void record_serial(struct recorder *recorder, uint8_t event, uint8_t lines, const uint8_t *data,
                   uint16_t length)
{
    struct builder builder = {.length = 0};

    put(&builder, 0, 8);
    put(&builder, event, 1);
    put(&builder, lines, 1);
    put(&builder, 0, 2);
    put_bytes(&builder, data, length);
    feed(recorder, BTAP_LINKTYPE_RTAC_SERIAL, &builder);
}

void record_can(struct recorder *recorder, uint32_t id, const uint8_t *data, uint8_t length)
{
    struct builder builder = {.big_endian = true};

    put(&builder, id, 4);
    put(&builder, length, 1);
    put(&builder, length > 8 ? 0x04 : 0x00, 1);
    put(&builder, 0, 2);
    put_bytes(&builder, data, length);
    builder.big_endian = false;
    feed(recorder, BTAP_LINKTYPE_CAN_SOCKETCAN, &builder);
}
