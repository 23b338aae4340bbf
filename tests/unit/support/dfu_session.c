/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "dfu_session.h"

#include <stdio.h>
#include <string.h>

#include "test.h"

#define MS 1000000

void session_init(struct session *session)
{
    memset(session, 0, sizeof(*session));
    memset(&session->device, 0xa5, sizeof(session->device)); /* whatever was there before */
    btap_usb_device_init(&session->device);
    session->options.default_address = BTAP_DFU_DEFAULT_ADDRESS;
}

void session_wait(struct session *session, unsigned ms)
{
    session->time += (btap_ns)ms * MS;
}

void session_know_layout(struct btap_usb_device *device, const char *text)
{
    device->strings[0].index = 4;
    snprintf(device->strings[0].text, sizeof(device->strings[0].text), "%s", text);
}

static struct session_event *next_event(struct session *session, enum session_kind kind)
{
    struct session_event *event;

    assert_true(session->length < SESSION_EVENTS_MAX);
    event = &session->events[session->length++];
    session->time += MS;
    event->kind = kind;
    event->time = session->time;
    return event;
}

static void put_data(struct session_event *event, const uint8_t *data, uint32_t length)
{
    event->captured = length;
    event->length = length;
    event->data = data;
    if (length == 0 || length > sizeof(event->small))
        return;
    memcpy(event->small, data, length);
    event->data = NULL;
}

struct session_event *session_submit(struct session *session, uint8_t type, uint8_t request,
                                     uint16_t value, const uint8_t *data, uint16_t length)
{
    struct session_event *event = next_event(session, SESSION_SUBMISSION);

    event->setup = (struct btap_usb_setup){
        .request_type = type, .request = request, .value = value, .length = length};
    if (type & 0x80)
        event->length = length;
    else
        put_data(event, data, length);
    return event;
}

struct session_event *session_complete(struct session *session, enum btap_usb_status status,
                                       const uint8_t *data, uint32_t length)
{
    const struct session_event *submission = &session->events[session->length - 1];
    struct session_event *event = next_event(session, SESSION_COMPLETION);

    event->setup = submission->setup;
    event->status = status;
    put_data(event, data, length);
    return event;
}

void session_disconnected(struct session *session)
{
    next_event(session, SESSION_DISCONNECTED);
}

void session_fail_out(struct session *session, uint8_t request, uint16_t value,
                      enum btap_usb_status status)
{
    session_submit(session, CLASS_OUT, request, value, NULL, 0);
    session_complete(session, status, NULL, 0);
}

void session_out(struct session *session, uint8_t request, uint16_t value)
{
    session_fail_out(session, request, value, BTAP_USB_OK);
}

void session_fail_dnload(struct session *session, uint16_t block, const uint8_t *data,
                         uint16_t length, enum btap_usb_status status)
{
    session_submit(session, CLASS_OUT, DNLOAD, block, data, length);
    session_complete(session, status, NULL, 0);
}

void session_dnload(struct session *session, uint16_t block, const uint8_t *data, uint16_t length)
{
    session_fail_dnload(session, block, data, length, BTAP_USB_OK);
}

void session_upload(struct session *session, uint16_t block, uint16_t asked, const uint8_t *data,
                    uint32_t length)
{
    session_submit(session, CLASS_IN, UPLOAD, block, NULL, asked);
    session_complete(session, BTAP_USB_OK, data, length);
}

void session_fail_upload(struct session *session, uint16_t block, uint16_t asked,
                         enum btap_usb_status status)
{
    session_submit(session, CLASS_IN, UPLOAD, block, NULL, asked);
    session_complete(session, status, NULL, 0);
}

void session_getstatus(struct session *session, uint8_t status, uint8_t poll_ms, uint8_t state)
{
    const uint8_t answer[] = {status, poll_ms, 0, 0, state, 0};

    session_submit(session, CLASS_IN, GETSTATUS, 0, NULL, sizeof(answer));
    session_complete(session, BTAP_USB_OK, answer, sizeof(answer));
}

void session_fail_getstatus(struct session *session, enum btap_usb_status status)
{
    session_submit(session, CLASS_IN, GETSTATUS, 0, NULL, 6);
    session_complete(session, status, NULL, 0);
}

static void await(struct session *session)
{
    session_getstatus(session, 0, 10, DNBUSY);
    session_wait(session, 10);
    session_getstatus(session, 0, 10, DNLOAD_IDLE);
}

static void address_command(struct session *session, uint8_t code, uint32_t address)
{
    const uint8_t command[] = {code, (uint8_t)address, (uint8_t)(address >> 8),
                               (uint8_t)(address >> 16), (uint8_t)(address >> 24)};

    session_dnload(session, 0, command, sizeof(command));
    await(session);
}

void session_set_address(struct session *session, uint32_t address)
{
    address_command(session, 0x21, address);
}

void session_erase(struct session *session, uint32_t address)
{
    address_command(session, 0x41, address);
}

void session_write(struct session *session, uint16_t block, const uint8_t *data, uint16_t length)
{
    session_dnload(session, block, data, length);
    await(session);
}

static void play_event(struct btap_dfu *dfu, const struct session_event *event, size_t number,
                       bool setup_known)
{
    const uint8_t *data = event->data != NULL ? event->data : event->small;
    const struct btap_usb_control control = {
        .at = {.packet = number + 1, .offset = SESSION_DATA_OFFSET, .time = event->time},
        .setup_known = setup_known,
        .setup_here = setup_known && event->kind == SESSION_SUBMISSION,
        .setup_offset = SESSION_SETUP_OFFSET,
        .setup = setup_known ? event->setup : (struct btap_usb_setup){0},
        .data = event->captured > 0 ? data : NULL,
        .captured = event->captured,
        .length = event->length,
        .status = event->status,
        .raw_status = event->status == BTAP_USB_OK ? 0 : -1,
    };

    switch (event->kind) {
    case SESSION_SUBMISSION:
        btap_dfu_submission(dfu, &control);
        break;
    case SESSION_COMPLETION:
        btap_dfu_completion(dfu, &control);
        break;
    case SESSION_DISCONNECTED:
        btap_dfu_disconnected(dfu, &control.at);
        break;
    }
}

void session_play_part(const struct session *session, struct collector *collector, size_t events,
                       size_t lost)
{
    struct btap_link link = {.kind = BTAP_LINK_USB, .transport = BTAP_DFU, .bus = 1, .device = 28};
    struct btap_usb_device device = session->device;
    struct btap_dfu dfu;

    collector_init(collector);
    memset(&dfu, 0xa5, sizeof(dfu)); /* whatever was there before */
    btap_dfu_init(&dfu, &collector->sink, &link, &device, &session->options);
    for (size_t i = 0; i < events; i++) {
        const struct session_event *event = &session->events[i];

        if (event->learn != NULL)
            event->learn(&device);
        /* The link layer knows the setup packet of a completion from its submission. */
        collector->source = (struct collected_source){
            .packet = i + 1,
            .offset = SESSION_DATA_OFFSET,
            .length = event->captured,
            .bytes = event->data != NULL ? event->data : event->small,
        };
        if (i != lost)
            play_event(&dfu, event, i, event->kind == SESSION_SUBMISSION || i != lost + 1);
    }
    collector->source.length = 0;
    btap_dfu_finish(&dfu);
}

void session_play(const struct session *session, struct collector *collector)
{
    session_play_part(session, collector, session->length, SESSION_NOTHING_LOST);
}

const struct btap_transaction *session_expect(const struct collector *collector, size_t n,
                                              enum btap_command command, enum btap_status status)
{
    const struct btap_transaction *found;

    assert_in_range(n, 1, collector->transactions_length);
    found = &collector->transactions[n - 1];
    assert_int_equal(found->n, n);
    assert_int_equal(found->transport, BTAP_DFU);
    assert_string_equal(btap_command_name(found->command), btap_command_name(command));
    assert_string_equal(btap_status_name(found->status), btap_status_name(status));
    if (status == BTAP_OK)
        assert_int_equal(found->phase, BTAP_PHASE_NONE);
    return found;
}

const struct btap_transaction *session_expect_end(const struct collector *collector, size_t n,
                                                  enum btap_command command,
                                                  enum btap_status status, enum btap_phase phase)
{
    const struct btap_transaction *found = session_expect(collector, n, command, status);

    assert_string_equal(btap_phase_name(found->phase), btap_phase_name(phase));
    return found;
}

const struct btap_note *session_only_note(const struct btap_transaction *of, enum btap_note_id id)
{
    assert_int_equal(of->notes_length, 1);
    assert_string_equal(btap_note_name(of->notes[0].id), btap_note_name(id));
    return &of->notes[0];
}

const uint8_t *session_pattern(void)
{
    static uint8_t pattern[4096];

    for (size_t i = 0; i < sizeof(pattern); i++)
        pattern[i] = (uint8_t)(i % 251);
    return pattern;
}
