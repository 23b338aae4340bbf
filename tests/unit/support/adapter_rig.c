/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "adapter_rig.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "test.h"

static void add(struct rig *rig, const char *word)
{
    const size_t length = strlen(word);
    const size_t space = rig->log_length > 0 ? 1 : 0;

    if (rig->quiet)
        return;
    assert_true(rig->log_length + space + length < sizeof(rig->log));
    if (space != 0)
        rig->log[rig->log_length++] = ' ';
    memcpy(rig->log + rig->log_length, word, length + 1);
    rig->log_length += length;
}

static char arrow(enum btap_direction direction)
{
    return direction == BTAP_HOST_TO_DEVICE ? '>' : '<';
}

static void keep(struct rig *rig, const struct btap_serial_chunk *chunk)
{
    const size_t side = chunk->direction == BTAP_DEVICE_TO_HOST;

    for (uint32_t i = 0; i < chunk->length; i++)
        if (rig->received_length[side] < RIG_RECEIVED_SIZE)
            rig->received[side][rig->received_length[side]++] = chunk->bytes[i];
}

static void on_chunk(void *context, uint8_t port, const struct btap_serial_chunk *chunk)
{
    struct rig *rig = context;
    char word[4096];
    size_t length;

    assert_true(chunk->length > 0);
    assert_true(port < BTAP_ADAPTER_PORTS);
    assert_int_equal(chunk->at.packet, 7);
    if (port == 0)
        keep(rig, chunk);
    length = (size_t)snprintf(word, sizeof(word), "%u%c%u:", port, arrow(chunk->direction),
                              chunk->at.offset - 64);
    for (uint32_t i = 0; i < chunk->length && length + 3 < sizeof(word); i++)
        length += (size_t)snprintf(word + length, 3, "%02x", chunk->bytes[i]);
    add(rig, word);
}

static void describe_lines(char *word, size_t size, const struct btap_serial_event *event)
{
    static const struct {
        uint8_t line;
        const char *name;
    } lines[] = {
        {BTAP_LINE_DTR, "dtr"}, {BTAP_LINE_RTS, "rts"}, {BTAP_LINE_CTS, "cts"},
        {BTAP_LINE_DSR, "dsr"}, {BTAP_LINE_DCD, "dcd"}, {BTAP_LINE_RI, "ri"},
    };
    size_t length = (size_t)snprintf(word, size, "~");

    for (size_t i = 0; i < COUNT_OF(lines); i++)
        if ((event->lines_known & lines[i].line) != 0)
            length += (size_t)snprintf(word + length, size - length, "%s%c", lines[i].name,
                                       (event->lines & lines[i].line) != 0 ? '+' : '-');
}

static void describe_settings(char *word, size_t size, const struct btap_serial_settings *settings)
{
    static const char parities[] = "?NOEMS";
    static const char *const stops[] = {"?", "?", "1", "1.5", "2"};
    char baud[16] = "?";

    assert_true(settings->half_stop_bits < COUNT_OF(stops));
    assert_true((size_t)settings->parity < sizeof(parities) - 1);
    if (settings->baud != 0)
        snprintf(baud, sizeof(baud), "%u", settings->baud);
    if (settings->data_bits != 0)
        snprintf(word, size, "=%s-%u%c%s", baud, settings->data_bits, parities[settings->parity],
                 stops[settings->half_stop_bits]);
    else
        snprintf(word, size, "=%s-?%c%s", baud, parities[settings->parity],
                 stops[settings->half_stop_bits]);
}

static void on_event(void *context, uint8_t port, const struct btap_serial_event *event)
{
    static const char *const errors[] = {
        [BTAP_SERIAL_PARITY_ERROR] = "parity", [BTAP_SERIAL_FRAMING_ERROR] = "framing",
        [BTAP_SERIAL_OVERFLOW] = "overflow",   [BTAP_SERIAL_BREAK] = "break",
        [BTAP_SERIAL_LOST] = "lost",
    };
    struct rig *rig = context;
    char what[64];
    char word[96];

    assert_true(port < BTAP_ADAPTER_PORTS);
    assert_int_equal(event->at.packet, 7);
    if (event->kind == BTAP_SERIAL_LINES) {
        describe_lines(what, sizeof(what), event);
        snprintf(word, sizeof(word), "%u%s", port, what);
    } else if (event->kind == BTAP_SERIAL_SETTINGS) {
        describe_settings(what, sizeof(what), &event->settings);
        snprintf(word, sizeof(word), "%u%s", port, what);
    } else {
        snprintf(word, sizeof(word), "%u%c%u!%s", port, arrow(event->direction),
                 event->at.offset - 64, errors[event->kind]);
        if (event->kind == BTAP_SERIAL_LOST) {
            snprintf(word + strlen(word), sizeof(word) - strlen(word), "%u", event->count);
            rig->lost += event->count;
        }
    }
    add(rig, word);
}

void rig_init(struct rig *rig)
{
    memset(rig, 0, sizeof(*rig));
    rig->output =
        (struct btap_adapter_output){.context = rig, .chunk = on_chunk, .event = on_event};
    memset(&rig->adapter, 0xa5, sizeof(rig->adapter)); /* whatever was there before */
    btap_adapter_init(&rig->adapter, &rig->device);
}

void rig_device(struct rig *rig, uint16_t vendor, uint16_t product, uint16_t bcd_device)
{
    rig->device.descriptor_known = true;
    rig->device.vendor = vendor;
    rig->device.product = product;
    rig->device.bcd_device = bcd_device;
    rig->device.max_packet_size0 = 64;
}

void rig_interface(struct rig *rig, uint8_t number, uint8_t interface_class, uint8_t subclass)
{
    assert_true(rig->device.interfaces_length < BTAP_USB_INTERFACES_MAX);
    rig->device.configuration_known = true;
    rig->device.interfaces[rig->device.interfaces_length++] = (struct btap_usb_interface){
        .number = number,
        .interface_class = interface_class,
        .interface_subclass = subclass,
    };
}

void rig_endpoint(struct rig *rig, uint8_t address, uint8_t interface, uint8_t attributes,
                  uint16_t max_packet_size)
{
    assert_true(rig->device.endpoints_length < BTAP_USB_ENDPOINTS_MAX);
    rig->device.endpoints[rig->device.endpoints_length++] = (struct btap_usb_endpoint){
        .address = address,
        .interface = interface,
        .attributes = attributes,
        .max_packet_size = max_packet_size,
    };
}

static uint8_t *copy(const uint8_t *bytes, size_t length)
{
    uint8_t *made;

    if (length == 0)
        return NULL;
    made = malloc(length);
    assert_non_null(made);
    memcpy(made, bytes, length);
    return made;
}

void rig_control_status(struct rig *rig, uint8_t request_type, uint8_t request, uint16_t value,
                        uint16_t index, const char *hex, enum btap_usb_status status)
{
    uint8_t bytes[256];
    const size_t length = hex != NULL ? rig_parse(hex, bytes, sizeof(bytes)) : 0;
    const bool in = (request_type & 0x80) != 0;
    const size_t kept = length < BTAP_URB_KEPT ? length : BTAP_URB_KEPT;
    uint8_t *data = copy(bytes, in ? length : kept);
    struct btap_usb_control control = {
        .at = {.packet = 7, .offset = 64},
        .setup_known = true,
        .setup = {request_type, request, value, index, (uint16_t)length},
        .status = status,
    };

    if (in) {
        control.data = data;
        control.captured = (uint32_t)length;
        control.length = (uint32_t)length;
    } else {
        control.sent = data;
        control.sent_length = (uint8_t)kept;
    }
    btap_adapter_control(&rig->adapter, &control, &rig->output);
    free(data);
}

void rig_control(struct rig *rig, uint8_t request_type, uint8_t request, uint16_t value,
                 uint16_t index, const char *hex)
{
    rig_control_status(rig, request_type, request, value, index, hex, BTAP_USB_OK);
}

void rig_transfer(struct rig *rig, const struct btap_usb_transfer *transfer)
{
    struct btap_usb_transfer given = *transfer;
    uint8_t *data = copy(transfer->data, transfer->captured);

    given.at = (struct btap_origin){.packet = 7, .offset = 64};
    given.data = data;
    btap_adapter_transfer(&rig->adapter, &given, &rig->output);
    free(data);
}

void rig_bulk(struct rig *rig, uint8_t endpoint, const uint8_t *bytes, uint32_t length,
              uint32_t captured)
{
    rig_transfer(rig, &(struct btap_usb_transfer){
                          .endpoint = endpoint,
                          .completion = (endpoint & 0x80) != 0,
                          .data = bytes,
                          .captured = captured,
                          .length = length,
                      });
}

static void whole(struct rig *rig, uint8_t endpoint, const char *hex)
{
    uint8_t bytes[2048];
    const uint32_t length = (uint32_t)rig_parse(hex, bytes, sizeof(bytes));

    rig_bulk(rig, endpoint, bytes, length, length);
}

void rig_in(struct rig *rig, uint8_t endpoint, const char *hex)
{
    assert_true(endpoint >= 0x80);
    whole(rig, endpoint, hex);
}

void rig_out(struct rig *rig, uint8_t endpoint, const char *hex)
{
    assert_true(endpoint < 0x80);
    whole(rig, endpoint, hex);
}

void rig_interrupt(struct rig *rig, uint8_t endpoint, const char *hex)
{
    uint8_t bytes[64];
    const uint32_t length = (uint32_t)rig_parse(hex, bytes, sizeof(bytes));

    rig_transfer(rig, &(struct btap_usb_transfer){
                          .endpoint = endpoint,
                          .interrupt = true,
                          .completion = true,
                          .data = bytes,
                          .captured = length,
                          .length = length,
                      });
}

void rig_out_done(struct rig *rig, uint8_t endpoint, uint32_t submitted, uint32_t length,
                  enum btap_usb_status status)
{
    rig_transfer(rig, &(struct btap_usb_transfer){
                          .endpoint = endpoint,
                          .completion = true,
                          .length = length,
                          .submitted = submitted,
                          .status = status,
                      });
}

void rig_expect_at(struct rig *rig, const char *expected, const char *file, int line)
{
    if (strcmp(rig->log, expected) != 0) {
        print_error("expected: %s\nhave:     %s\n", expected, rig->log);
        _fail(file, line);
    }
    rig->log[0] = '\0';
    rig->log_length = 0;
}

static uint8_t digit(char c)
{
    static const char digits[] = "0123456789abcdef";
    const char *found = memchr(digits, c, sizeof(digits) - 1);

    assert_non_null(found);
    return (uint8_t)(found - digits);
}

size_t rig_parse(const char *hex, uint8_t *bytes, size_t size)
{
    size_t length = 0;

    while (*hex != '\0') {
        if (*hex == ' ') {
            hex++;
            continue;
        }
        assert_true(length < size);
        bytes[length++] = (uint8_t)(digit(hex[0]) << 4 | digit(hex[1]));
        hex += 2;
    }
    return length;
}
