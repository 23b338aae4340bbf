/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Fuzz target: the DFU decoder, fed with halves of control transfers.
 *
 * One step of the input is: what (enum step), a delay, then
 *   submission: the 8 setup bytes, length of OUT data, the data
 *   completion: status, length of IN data, the data
 *   device: transfer size in units of 64, length of a layout string, the string
 *   disconnected: nothing
 */
#include "boottap/dfu.h"

#include <stdlib.h>
#include <string.h>

#include "checker.h"
#include "input.h"

#define SETUP_LENGTH 8

enum step {
    STEP_SUBMISSION,
    STEP_COMPLETION,
    STEP_UNPAIRED_COMPLETION,
    STEP_DEVICE,
    STEP_DISCONNECTED,
    STEP_COUNT,
};

struct session {
    struct checker checker;
    struct btap_dfu dfu;
    struct btap_usb_device device;
    struct btap_usb_setup setup; /* of the last submission */
    uint8_t sent_length;
    uint8_t sent[BTAP_URB_KEPT];
    btap_ns time;
};

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

static bool is_in(const struct btap_usb_setup *setup)
{
    return setup->request_type & 0x80;
}

static uint16_t take_le16(struct input *input)
{
    const uint8_t low = input_u8(input);

    return (uint16_t)(input_u8(input) << 8 | low);
}

/** Numbers the record and sets where its data are. Returns false when there were enough. */
static bool place(struct session *session, struct btap_usb_control *control, const uint8_t *record,
                  const uint8_t *data)
{
    control->at.time = session->time;
    control->at.offset = (uint32_t)(data - record);
    control->at.packet = checker_packet(&session->checker, record,
                                        control->at.offset + control->captured, session->time);
    return control->at.packet != 0;
}

static void submission(struct session *session, struct input *input)
{
    const uint8_t *record = input->bytes;
    struct btap_usb_control control = {.setup_known = true, .setup_here = true};
    const uint8_t *data;
    size_t length;
    uint8_t *copy;

    if (input->left < SETUP_LENGTH)
        return;
    control.setup.request_type = input_u8(input);
    control.setup.request = input_u8(input);
    control.setup.value = take_le16(input);
    control.setup.index = take_le16(input);
    control.setup.length = take_le16(input);
    session->setup = control.setup;
    session->sent_length = 0;

    length = is_in(&control.setup) ? 0 : input_u8(input);
    data = input_bytes(input, &length);
    control.captured = (uint32_t)length;
    control.length = control.setup.length;
    if (control.length < control.captured)
        control.captured = control.length;
    copy = checker_copy(data, control.captured);
    control.data = copy;
    session->sent_length =
        control.captured < BTAP_URB_KEPT ? (uint8_t)control.captured : BTAP_URB_KEPT;
    if (session->sent_length > 0)
        memcpy(session->sent, data, session->sent_length);
    if (place(session, &control, record, data))
        btap_dfu_submission(&session->dfu, &control);
    free(copy);
}

static void completion(struct session *session, struct input *input, bool paired)
{
    const uint8_t *record = input->bytes;
    struct btap_usb_control control = {.setup_known = paired};
    const uint8_t *data;
    size_t length;
    uint8_t *copy;

    control.status = input_u8(input) % (BTAP_USB_OTHER + 1);
    control.raw_status = -(int32_t)control.status;
    length = input_u8(input);
    if (paired) {
        control.setup = session->setup;
        control.sent = session->sent_length > 0 ? session->sent : NULL;
        control.sent_length = session->sent_length;
        if (!is_in(&session->setup))
            length = 0;
    }
    control.length = (uint32_t)length;
    data = input_bytes(input, &length);
    control.captured = (uint32_t)length;
    copy = checker_copy(data, length);
    control.data = copy;
    if (place(session, &control, record, data))
        btap_dfu_completion(&session->dfu, &control);
    free(copy);
}

static void tell_device(struct btap_usb_device *device, struct input *input)
{
    struct btap_usb_string *string = &device->strings[0];
    size_t length;
    const uint8_t *text;

    device->dfu.transfer_size = (uint16_t)(input_u8(input) * 64);
    device->dfu.known = device->dfu.transfer_size != 0;
    length = input_u8(input) % BTAP_USB_STRING_SIZE;
    text = input_bytes(input, &length);
    string->index = length > 0 ? 4 : 0;
    for (size_t i = 0; i < length; i++)
        string->text[i] = text[i] < 0x20 || text[i] > 0x7e ? '?' : (char)text[i];
    string->text[length] = '\0';
}

static void step(struct session *session, struct input *input)
{
    const enum step what = input_u8(input) % STEP_COUNT;

    session->time += input_delay_ns(input);
    switch (what) {
    case STEP_SUBMISSION:
        submission(session, input);
        break;
    case STEP_COMPLETION:
    case STEP_UNPAIRED_COMPLETION:
        completion(session, input, what == STEP_COMPLETION);
        break;
    case STEP_DEVICE:
        tell_device(&session->device, input);
        break;
    case STEP_DISCONNECTED: {
        const struct btap_origin at = {
            .packet = checker_packet(&session->checker, input->bytes, 0, session->time),
            .time = session->time,
        };

        if (at.packet != 0)
            btap_dfu_disconnected(&session->dfu, &at);
        break;
    }
    case STEP_COUNT:
        break;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    static struct session session;
    struct btap_link link = {.kind = BTAP_LINK_USB, .transport = BTAP_DFU};
    struct input input = {bytes, length};

    checker_init(&session.checker);
    session.setup = (struct btap_usb_setup){0};
    session.sent_length = 0;
    session.time = 1600000000000000000;
    btap_usb_device_init(&session.device);
    btap_dfu_init(&session.dfu, &session.checker.sink, &link, &session.device, NULL);
    while (input.left > 0)
        step(&session, &input);
    btap_dfu_finish(&session.dfu);
    return 0;
}
