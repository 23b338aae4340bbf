/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Decoders that write down what they are given, for a test program to include once: the linker
 * takes them before those of the library.
 */
#ifndef BOOTTAP_TEST_FAKE_DECODERS_H
#define BOOTTAP_TEST_FAKE_DECODERS_H

#include <string.h>

#include "boottap//tap.h"
#include "model/emit.h"
#include "records.h"
#include "test.h"

enum call_kind {
    USART_CHUNK,
    USART_EVENT,
    USART_DISCONNECTED,
    USART_FINISH,
    DFU_SUBMISSION,
    DFU_COMPLETION,
    DFU_DISCONNECTED,
    DFU_FINISH,
    FDCAN_FRAME,
    FDCAN_FINISH,
};

/** One call of a decoder. */
struct call {
    enum call_kind kind;
    struct btap_link link; /**< at the time of the call */
    struct btap_serial_chunk chunk;
    struct btap_serial_event event;
    struct btap_usb_control control;
    struct btap_usb_piece piece; /**< the first of control's */
    struct btap_can_frame frame;
    struct btap_origin at;
    uint8_t bytes[32]; /**< the first of the data */
    uint8_t sent[BTAP_URB_KEPT];
    uint8_t alternate; /**< of the device, as known at the time of the call */
};

static struct call calls[1024];
static size_t calls_length;
static size_t notes_length;
static struct btap_note last_note;
static bool engage;  /**< whether the decoders find bootloader traffic in what they get */
static bool leaving; /**< what the DFU decoders say of their devices */
static struct btap_tap tap;

static struct call *write_down(enum call_kind kind, const struct btap_emitter *emitter)
{
    struct call *call = &calls[calls_length < COUNT_OF(calls) ? calls_length++ : 0];

    memset(call, 0, sizeof(*call));
    call->kind = kind;
    if (engage && kind != USART_EVENT)
        emitter->link->transactions++;
    call->link = *emitter->link;
    return call;
}

static void keep(uint8_t *bytes, size_t size, const uint8_t *from, size_t length)
{
    if (length > 0)
        memcpy(bytes, from, length < size ? length : size);
}

void btap_usart_init(struct btap_usart *usart, const struct btap_sink *sink, struct btap_link *link)
{
    emit_init(&usart->emitter, sink, link);
}

void btap_usart_chunk(struct btap_usart *usart, const struct btap_serial_chunk *chunk)
{
    struct call *call = write_down(USART_CHUNK, &usart->emitter);

    call->chunk = *chunk;
    keep(call->bytes, sizeof(call->bytes), chunk->bytes, chunk->length);
}

void btap_usart_event(struct btap_usart *usart, const struct btap_serial_event *event)
{
    write_down(USART_EVENT, &usart->emitter)->event = *event;
}

void btap_usart_disconnected(struct btap_usart *usart, const struct btap_origin *at)
{
    write_down(USART_DISCONNECTED, &usart->emitter)->at = *at;
}

struct btap_serial_port btap_usart_port(const struct btap_usart *usart)
{
    (void)usart;
    return (struct btap_serial_port){0};
}

void btap_usart_finish(struct btap_usart *usart)
{
    const struct btap_origin at = {.packet = 0};

    write_down(USART_FINISH, &usart->emitter);
    emit_note(&usart->emitter, BTAP_NOTE_SKIPPED_BYTES, &at, 0, 0, 0);
}

void btap_dfu_init(struct btap_dfu *dfu, const struct btap_sink *sink, struct btap_link *link,
                   const struct btap_usb_device *device, const struct btap_dfu_options *options)
{
    (void)options;
    emit_init(&dfu->emitter, sink, link);
    dfu->device = device;
}

static void take_control(enum call_kind kind, const struct btap_dfu *dfu,
                         const struct btap_usb_control *control)
{
    struct call *call = write_down(kind, &dfu->emitter);

    call->control = *control;
    if (control->pieces_length > 0)
        call->piece = control->pieces[0];
    keep(call->bytes, sizeof(call->bytes), control->data, control->captured);
    keep(call->sent, sizeof(call->sent), control->sent, control->sent_length);
    call->alternate = dfu->device->selected_alternate;
}

void btap_dfu_submission(struct btap_dfu *dfu, const struct btap_usb_control *control)
{
    take_control(DFU_SUBMISSION, dfu, control);
}

void btap_dfu_completion(struct btap_dfu *dfu, const struct btap_usb_control *control)
{
    take_control(DFU_COMPLETION, dfu, control);
}

void btap_dfu_disconnected(struct btap_dfu *dfu, const struct btap_origin *at)
{
    write_down(DFU_DISCONNECTED, &dfu->emitter)->at = *at;
}

bool btap_dfu_leaving(const struct btap_dfu *dfu)
{
    (void)dfu;
    return leaving;
}

void btap_dfu_finish(struct btap_dfu *dfu)
{
    write_down(DFU_FINISH, &dfu->emitter);
}

bool btap_dfu_request_shape(const struct btap_usb_setup *setup, bool *certain)
{
    *certain = setup->request >= 3; /* GETSTATUS and the like */
    return (setup->request_type & 0x7f) == 0x21 && setup->request <= 6;
}

void btap_can_init(struct btap_can *fdcan, const struct btap_sink *sink, struct btap_link *link,
                   const struct btap_can_options *options)
{
    (void)options;
    emit_init(&fdcan->emitter, sink, link);
}

bool btap_can_feed(struct btap_can *fdcan, const struct btap_can_frame *frame)
{
    struct call *call = write_down(FDCAN_FRAME, &fdcan->emitter);

    call->frame = *frame;
    keep(call->bytes, sizeof(call->bytes), frame->data, frame->captured);
    return engage;
}

void btap_can_finish(struct btap_can *fdcan)
{
    write_down(FDCAN_FINISH, &fdcan->emitter);
}

static void on_note(void *context, const struct btap_link *link, uint64_t n,
                    const struct btap_note *note)
{
    (void)context;
    (void)link;
    (void)n;
    notes_length++;
    last_note = *note;
}

static const struct btap_sink sink = {.note = on_note};

static struct recorder start(const struct btap_options *options)
{
    calls_length = 0;
    notes_length = 0;
    engage = true;
    memset(&tap, 0xa5, sizeof(tap)); /* whatever was there before */
    btap_tap_init(&tap, &sink, options);
    return (struct recorder){
        .tap = &tap,
        .format = USB_LINUX_MMAPPED,
        .bus = 1,
        .device = 28,
        .id = 0xffff888000000000u,
    };
}

/** Every record is in exactly one of the first five counters. */
static void assert_all_counted(const struct recorder *recorder)
{
    const struct btap_counters *counters = &tap.counters;

    assert_int_equal(counters->decoded + counters->events + counters->foreign +
                         counters->malformed + counters->unsupported,
                     recorder->packet);
}

/* What the tests feed: DNLOAD of a Set Address Pointer and the GETSTATUS after it (AN3156 5.2),
 * a CDC line coding of 115200 8E1, the first bytes of a USART session (AN3155 section 1). */

static const uint8_t set_address[5] = {0x21, 0x00, 0x00, 0x00, 0x08};
static const uint8_t status_idle[6] = {0x00, 0x48, 0x00, 0x00, 0x05, 0x00};

static const struct control_transfer dnload = {
    .setup = {0x21, 0x01, 0x00, 0x00, 0x00, 0x00, 0x05, 0x00},
    .data = set_address,
    .length = 5,
};
static const struct control_transfer getstatus = {
    .setup = {0xa1, 0x03, 0x00, 0x00, 0x00, 0x00, 0x06, 0x00},
    .data = status_idle,
    .length = 6,
};

static const uint8_t line_coding_8e1[] = {0x00, 0xc2, 0x01, 0x00, 0x00, 0x02, 0x08};
static const struct control_transfer set_line_coding = {
    .setup = {0x21, 0x20, 0x00, 0x00, 0x00, 0x00, 0x07, 0x00},
    .data = line_coding_8e1,
    .length = sizeof(line_coding_8e1),
};
static const uint8_t sync[] = {0x7f};
static const uint8_t ack[] = {0x79};

#endif
