/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "replay_serial.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/allocate.h"
#include "base/clock.h"
#include "products.h"
#include "test.h"
#include "traffic/serial_record.h"

#define NS_PER_US 1000

const struct gate_permit replay_serial_permit = {
    .allowed = (1u << PLAN_PERMISSIONS) - 1, .confirmed = true, .irreversible = true};

static const char host[] = "> ";
static const char device[] = "< ";

static void add_text(struct replay_serial *serial, const char *text)
{
    const size_t length = strlen(serial->text);

    assert_true(length + strlen(text) < sizeof(serial->text));
    strcpy(serial->text + length, text);
}

static void add_bytes(struct replay_serial *serial, const char *from, const uint8_t *bytes,
                      size_t length)
{
    char byte[8];

    /* How a reply was cut says nothing. */
    if (serial->from != from || from == host)
        add_text(serial, from);
    serial->from = from;
    for (size_t i = 0; i < length; i++) {
        snprintf(byte, sizeof(byte), "%02X ", bytes[i]);
        add_text(serial, byte);
    }
}

/* The line */

static void push(struct replay_serial *serial, int64_t due_us, uint8_t value)
{
    assert_true(serial->tail - serial->head < REPLAY_SERIAL_QUEUE);
    serial->queue[serial->tail++ % REPLAY_SERIAL_QUEUE] =
        (struct replay_serial_byte){due_us, value};
}

static void on_emit(void *context, uint32_t delay_us, const uint8_t *bytes, size_t length)
{
    struct replay_serial *serial = context;

    for (size_t i = 0; i < length; i++)
        push(serial, serial->now_us + delay_us, bytes[i]);
}

void replay_serial_say(struct replay_serial *serial, const char *bytes)
{
    char *end = NULL;

    for (;; bytes = end) {
        const unsigned long value = strtoul(bytes, &end, 16);

        if (end == bytes)
            return;
        push(serial, serial->now_us, (uint8_t)value);
    }
}

static enum wire_result send_bytes(struct replay_serial *serial, const uint8_t *bytes,
                                   size_t length)
{
    add_bytes(serial, host, bytes, length);
    for (size_t i = 0; i < length; i++) {
        serial->sent++;
        if (serial->gone_after != 0 && serial->sent >= serial->gone_after)
            return WIRE_GONE;
        if (serial->echoes)
            push(serial, serial->now_us, bytes[i]);
        if (serial->script == NULL)
            usart_device_receive(&serial->device, bytes[i]);
    }
    if (serial->script != NULL && *serial->script != NULL)
        replay_serial_say(serial, *serial->script++);
    return WIRE_DONE;
}

static enum wire_result serial_send(struct wire *wire, const struct wire_message *message)
{
    struct replay_serial *serial = (struct replay_serial *)wire;
    char lines[8];

    if (message->kind == WIRE_BYTES)
        return send_bytes(serial, message->bytes, message->length);
    assert_int_equal(message->kind, WIRE_LINES);
    snprintf(lines, sizeof(lines), "L%u ", message->lines);
    add_text(serial, lines);
    return WIRE_DONE;
}

static bool is_due(const struct replay_serial *serial)
{
    return serial->head < serial->tail &&
           serial->queue[serial->head % REPLAY_SERIAL_QUEUE].due_us <= serial->now_us;
}

static enum wire_result serial_receive(struct wire *wire, struct wire_received *received,
                                       btap_ns deadline)
{
    struct replay_serial *serial = (struct replay_serial *)wire;
    const btap_ns left = deadline - clock_monotonic();
    const int64_t last_us = serial->now_us + (left > 0 ? left / NS_PER_US : 0);
    const struct replay_serial_byte *next = &serial->queue[serial->head % REPLAY_SERIAL_QUEUE];

    if (serial->head == serial->tail || next->due_us > last_us) {
        serial->now_us = last_us;
        return WIRE_QUIET;
    }
    if (next->due_us > serial->now_us)
        serial->now_us = next->due_us;
    received->time = clock_now();
    received->parity_error = serial->parity_errors;
    received->framing_error = false;
    received->length = 0;
    while (is_due(serial) && received->length < (serial->parity_errors ? 1 : 4096))
        received->bytes[received->length++] =
            serial->queue[serial->head++ % REPLAY_SERIAL_QUEUE].value;
    add_bytes(serial, device, received->bytes, received->length);
    return WIRE_DONE;
}

static void serial_close(struct wire *wire)
{
    ((struct replay_serial *)wire)->closed = true;
}

static const struct wire_kind kind = {
    .medium = WIRE_SERIAL,
    .send = serial_send,
    .receive = serial_receive,
    .close = serial_close,
};

/* The recording, and the decoder */

static uint32_t on_interface(void *context, const struct traffic_interface *interface)
{
    ((struct replay_serial *)context)->interface = *interface;
    return 0;
}

static void on_record(void *context, const struct traffic_record *record)
{
    struct replay_serial *serial = context;

    btap_tap_record(&serial->tap, &(struct btap_record){
                                      .linktype = serial->interface.linktype,
                                      .packet = ++serial->records,
                                      .time = record->time + serial->now_us * NS_PER_US,
                                      .direction = record->direction,
                                      .bytes = record->bytes,
                                      .captured = record->captured,
                                      .length = record->length,
                                  });
}

static void on_transaction(void *context, const struct btap_link *link,
                           const struct btap_transaction *transaction)
{
    struct replay_serial *serial = context;

    (void)link;
    assert_true(serial->seen_length < REPLAY_SERIAL_SEEN);
    serial->seen[serial->seen_length++] = *transaction;
}

void replay_serial_judge(struct replay_serial *serial, const struct btap_transaction *answer)
{
    static const uint8_t next[] = {0x02, 0xfd};
    struct btap_comparison comparison = btap_comparison_default();
    const struct btap_transaction *seen = NULL;
    uint64_t different;

    serial->now_us += 60 * 1000 * 1000;
    serial_record_send(&serial->sink, 0,
                       &(struct serial_record){.event = SERIAL_RECORD_TRANSMITTED,
                                               .time = clock_now(),
                                               .bytes = next,
                                               .length = sizeof(next)});
    btap_tap_finish(&serial->tap);
    for (size_t i = 0; i < serial->seen_length; i++)
        if (serial->seen[i].first_packet == answer->first_packet)
            seen = &serial->seen[i];
    if (seen == NULL) {
        fail_msg("packet %" PRIu64 " begins nothing to the decoder: %s", answer->first_packet,
                 serial->text);
        return;
    }
    comparison.aspects &= ~BTAP_ASPECT_BIT(BTAP_ASPECT_WARNINGS);
    different = btap_comparison_differences(&comparison, &(struct btap_compared){seen, 0, 0, 0},
                                            &(struct btap_compared){answer, 0, 0, 0});
    for (unsigned aspect = 0; aspect < BTAP_ASPECT_COUNT; aspect++) {
        char words[2][BTAP_ASPECT_TEXT_SIZE];

        if ((different & BTAP_ASPECT_BIT(aspect)) != 0)
            fail_msg("%s: %s is %s to the decoder, %s to the host", serial->text,
                     btap_aspect_name(aspect),
                     btap_aspect_text(aspect, &(struct btap_compared){seen, 0, 0, 0}, words[0],
                                      sizeof(words[0])),
                     btap_aspect_text(aspect, &(struct btap_compared){answer, 0, 0, 0}, words[1],
                                      sizeof(words[1])));
    }
}

/* Making one */

struct replay_serial *replay_serial_new(const char *product)
{
    static const char *const silence[] = {NULL};
    struct replay_serial *serial = allocate(sizeof(*serial));

    serial->wire = (struct wire){
        .kind = &kind,
        .name = "ttyS7",
        .settings = {115200, 8, BTAP_PARITY_EVEN, 2},
    };
    serial->sink = (struct traffic_sink){serial, on_interface, on_record};
    serial->consumer = (struct btap_sink){.context = serial, .transaction = on_transaction};
    serial->seen = allocate(REPLAY_SERIAL_SEEN * sizeof(*serial->seen));
    btap_tap_init(&serial->tap, &serial->consumer, NULL);
    serial->script = product == NULL ? silence : NULL;
    if (product != NULL) {
        const struct usart_device_config config = {
            .product = usart_product_by_name(product), .emit = on_emit, .context = serial};

        usart_device_init(&serial->device, &config);
    }
    return serial;
}

void replay_serial_free(struct replay_serial *serial)
{
    free(serial->seen);
    free(serial);
}

void replay_serial_fault(struct replay_serial *serial, enum usart_misbehaviour fault, int opcode,
                         enum usart_phase phase)
{
    struct usart_device_config *config = &serial->device.config;

    config->faults[config->faults_length++] = (struct usart_fault){
        .kind = fault, .opcode = opcode, .phase = phase, .times = 1, .byte = 1, .delay_us = 30000};
}

void replay_serial_clear(struct replay_serial *serial)
{
    serial->text[0] = '\0';
    serial->from = NULL;
}
