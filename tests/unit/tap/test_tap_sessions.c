/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Whole sessions through the tap and the real decoders, in every format that records USB.
 */
#include <string.h>

#include "collector.h"
#include "records.h"
#include "test.h"

static struct btap_tap tap;

static struct recorder start(struct collector *collector, enum usb_format format)
{
    collector_init(collector);
    memset(&tap, 0xa5, sizeof(tap)); /* whatever was there before */
    btap_tap_init(&tap, &collector->sink, NULL);
    return (struct recorder){
        .tap = &tap,
        .format = format,
        .bus = 3,
        .device = 7,
        .id = 0xffff888000000000u,
    };
}

/* DFU, as dfu-util talks to an STM32F4's ROM */

static const uint8_t device_descriptor[] = {
    18, 1, 0x00, 0x01, 0, 0, 0, 64, 0x83, 0x04, 0x11, 0xdf, 0x00, 0x22, 1, 2, 3, 1,
};
static const uint8_t configuration[] = {
    9, 2,    27,   0,    1,    1,    0,    0xc0, 0x32, /**/
    9, 4,    0,    0,    0,    0xfe, 0x01, 0x02, 4,    /**/
    9, 0x21, 0x0b, 0xff, 0x00, 0x00, 0x08, 0x1a, 0x01,
};
static const uint8_t erase[] = {0x41, 0x00, 0x40, 0x00, 0x08};
static const uint8_t set_address[] = {0x21, 0x00, 0x40, 0x00, 0x08};
static const uint8_t payload[] = {0xde, 0xad, 0xbe, 0xef, 0x01, 0x02, 0x03, 0x04};
static const uint8_t idle[] = {0x00, 0x00, 0x00, 0x00, 0x02, 0x00};
static const uint8_t busy[] = {0x00, 0x28, 0x00, 0x00, 0x04, 0x00};
static const uint8_t done[] = {0x00, 0x28, 0x00, 0x00, 0x05, 0x00};
static const uint8_t manifest[] = {0x00, 0x01, 0x00, 0x00, 0x07, 0x00};

#define GET_DESCRIPTOR(type, bytes)                                                                \
    {                                                                                              \
        .setup = {0x80, 0x06, 0x00, type, 0x00, 0x00, sizeof(bytes), 0x00}, .data = bytes,         \
        .length = sizeof(bytes)                                                                    \
    }
#define DNLOAD(block, bytes)                                                                       \
    {                                                                                              \
        .setup = {0x21, 0x01, block, 0x00, 0x00, 0x00, sizeof(bytes), 0x00}, .data = bytes,        \
        .length = sizeof(bytes)                                                                    \
    }
#define GETSTATUS(bytes)                                                                           \
    {                                                                                              \
        .setup = {0xa1, 0x03, 0x00, 0x00, 0x00, 0x00, 0x06, 0x00}, .data = bytes, .length = 6      \
    }

static const struct control_transfer dfu_session[] = {
    GET_DESCRIPTOR(0x01, device_descriptor),
    GET_DESCRIPTOR(0x02, configuration),
    {.setup = {0x01, 0x0b, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00}}, /* SET_INTERFACE 0, 0 */
    GETSTATUS(idle),
    DNLOAD(0, erase),
    GETSTATUS(busy),
    GETSTATUS(done),
    DNLOAD(0, set_address),
    GETSTATUS(busy),
    GETSTATUS(done),
    DNLOAD(2, payload),
    GETSTATUS(busy),
    GETSTATUS(done),
    {.setup = {0x21, 0x01, 0x02, 0x00, 0x00, 0x00, 0x00, 0x00}}, /* DNLOAD of nothing: leave */
    GETSTATUS(manifest),
};

static void assert_dfu_session(const struct collector *collector)
{
    static const struct {
        enum btap_command command;
        uint32_t address;
    } expected[] = {
        {BTAP_GET_STATUS, 0},           {BTAP_ERASE, 0x08004000},
        {BTAP_SET_ADDRESS, 0x08004000}, {BTAP_WRITE_MEMORY, 0x08004000},
        {BTAP_LEAVE, 0x08004000},
    };

    assert_int_equal(collector->transactions_length, COUNT_OF(expected));
    for (size_t i = 0; i < COUNT_OF(expected); i++) {
        assert_int_equal(collector->transactions[i].command, expected[i].command);
        assert_int_equal(collector->transactions[i].status, BTAP_OK);
        if (expected[i].address != 0)
            assert_int_equal(collector->transactions[i].address, expected[i].address);
    }
    assert_int_equal(collector->transactions[3].length, 8);
    assert_int_equal(collector->data_length, 1);
    assert_int_equal(collector->data[0].data.address, 0x08004000);
    assert_memory_equal(collector->data[0].data.bytes, payload, sizeof(payload));
}

static void a_dfu_session_in_every_format(void **state)
{
    (void)state;
    for (enum usb_format format = 0; format < USB_FORMAT_COUNT; format++) {
        struct collector collector;
        struct recorder recorder = start(&collector, format);

        for (size_t i = 0; i < COUNT_OF(dfu_session); i++)
            record_control(&recorder, &dfu_session[i]);
        btap_tap_finish(&tap);
        assert_dfu_session(&collector);
        for (size_t i = 0; i < collector.notes_length; i++)
            assert_true(btap_note_severity(collector.notes[i].note.id) <= BTAP_NOTE);
        assert_int_equal(tap.counters.unpaired, 0);
        assert_int_equal(tap.counters.foreign, 0);
        collector_release(&collector);
    }
}

static void two_dfu_devices_at_once(void **state)
{
    struct collector collector;
    struct recorder recorder = start(&collector, USB_LINUX_MMAPPED);

    (void)state;
    for (size_t i = 0; i < COUNT_OF(dfu_session); i++) {
        recorder.device = 7;
        record_control(&recorder, &dfu_session[i]);
        recorder.device = 8;
        record_control(&recorder, &dfu_session[i]);
    }
    btap_tap_finish(&tap);
    assert_int_equal(collector.transactions_length, 10);
    for (size_t i = 0; i < collector.transactions_length; i++)
        assert_int_equal(collector.transactions[i].n, i / 2 + 1);
    collector_release(&collector);
}

/* The device vanishes with the last command under way: the leave succeeded all the same. */
static void a_device_that_leaves_the_bus(void **state)
{
    static const struct control_transfer gone = {
        .setup = {0xa1, 0x03, 0x00, 0x00, 0x00, 0x00, 0x06, 0x00},
        .gone = true,
    };

    (void)state;
    for (enum usb_format format = 0; format < USB_FORMAT_COUNT; format++) {
        struct collector collector;
        struct recorder recorder = start(&collector, format);

        for (size_t i = 0; i + 1 < COUNT_OF(dfu_session); i++)
            record_control(&recorder, &dfu_session[i]);
        record_control(&recorder, &gone);
        btap_tap_finish(&tap);
        assert_dfu_session(&collector);
        collector_release(&collector);
    }
}

/* USART through adapters, as stm32flash talks */

/** One transfer of a serial session. */
struct serial_step {
    uint8_t endpoint;
    uint8_t length;
    uint8_t bytes[8];
};

static const uint8_t line_coding[] = {0x00, 0xc2, 0x01, 0x00, 0x00, 0x02, 0x08};
static const struct control_transfer cdc_setup[] = {
    {.setup = {0x21, 0x20, 0x00, 0x00, 0x00, 0x00, 0x07, 0x00}, .data = line_coding, .length = 7},
    {.setup = {0x21, 0x22, 0x03, 0x00, 0x00, 0x00, 0x00, 0x00}}, /* DTR and RTS */
};
static const struct serial_step cdc_session[] = {
    {0x02, 1, {0x7f}},
    {0x81, 1, {0x79}},
    {0x02, 2, {0x02, 0xfd}}, /* Get ID: STM32F40x */
    {0x81, 5, {0x79, 0x01, 0x04, 0x13, 0x79}},
    {0x02, 2, {0x11, 0xee}}, /* Read Memory of 4 bytes at 0x08000000 */
    {0x81, 1, {0x79}},
    {0x02, 5, {0x08, 0x00, 0x00, 0x00, 0x08}},
    {0x81, 1, {0x79}},
    {0x02, 2, {0x03, 0xfc}},
    {0x81, 2, {0x79, 0x11}},
    {0x81, 3, {0x22, 0x33, 0x44}},
};

/* FTDI: two status bytes before what each IN packet carries; idle packets of them alone */
static const struct control_transfer ftdi_setup[] = {
    {.setup = {0x40, 0x03, 0x1a, 0x00, 0x00, 0x00, 0x00, 0x00}}, /* 115200 */
    {.setup = {0x40, 0x04, 0x08, 0x02, 0x00, 0x00, 0x00, 0x00}}, /* 8E1 */
};
static const struct serial_step ftdi_session[] = {
    {0x81, 2, {0x01, 0x60}},
    {0x02, 1, {0x7f}},
    {0x81, 3, {0x01, 0x60, 0x79}},
    {0x02, 2, {0x02, 0xfd}},
    {0x81, 4, {0x01, 0x60, 0x79, 0x01}},
    {0x81, 2, {0x01, 0x60}},
    {0x81, 5, {0x01, 0x60, 0x04, 0x13, 0x79}},
    {0x02, 2, {0x11, 0xee}},
    {0x81, 3, {0x01, 0x60, 0x79}},
    {0x02, 5, {0x08, 0x00, 0x00, 0x00, 0x08}},
    {0x81, 3, {0x01, 0x60, 0x79}},
    {0x02, 2, {0x03, 0xfc}},
    {0x81, 7, {0x01, 0x60, 0x79, 0x11, 0x22, 0x33, 0x44}},
};

static void assert_usart_session(const struct collector *collector)
{
    static const uint8_t memory[] = {0x11, 0x22, 0x33, 0x44};
    static const enum btap_command commands[] = {BTAP_SYNC, BTAP_GET_ID, BTAP_READ_MEMORY};
    size_t length = 0;

    assert_int_equal(collector->transactions_length, COUNT_OF(commands));
    for (size_t i = 0; i < COUNT_OF(commands); i++) {
        assert_int_equal(collector->transactions[i].transport, BTAP_USART);
        assert_int_equal(collector->transactions[i].command, commands[i]);
        assert_int_equal(collector->transactions[i].status, BTAP_OK);
    }
    assert_int_equal(collector->transactions[1].pid, 0x413);
    assert_int_equal(collector->transactions[2].address, 0x08000000);
    assert_int_equal(collector->transactions[2].length, 4);
    for (size_t i = 0; i < collector->data_length; i++) {
        const struct btap_data *data = &collector->data[i].data;

        assert_memory_equal(data->bytes, memory + length, data->length);
        length += data->length;
    }
    assert_int_equal(length, 4);
    for (size_t i = 0; i < collector->notes_length; i++)
        assert_true(btap_note_severity(collector->notes[i].note.id) <= BTAP_NOTE);
}

static void run_serial(enum usb_format format, const struct control_transfer *setup,
                       size_t setup_length, const struct serial_step *steps, size_t steps_length)
{
    struct collector collector;
    struct recorder recorder = start(&collector, format);

    for (size_t i = 0; i < setup_length; i++)
        record_control(&recorder, &setup[i]);
    for (size_t i = 0; i < steps_length; i++)
        record_transfer(&recorder, steps[i].endpoint, false, steps[i].bytes, steps[i].length);
    btap_tap_finish(&tap);
    assert_usart_session(&collector);
    collector_release(&collector);
}

static void a_cdc_session_in_every_format(void **state)
{
    (void)state;
    for (enum usb_format format = 0; format < USB_FORMAT_COUNT; format++)
        run_serial(format, cdc_setup, COUNT_OF(cdc_setup), cdc_session, COUNT_OF(cdc_session));
}

static void an_ftdi_session_in_every_format(void **state)
{
    (void)state;
    for (enum usb_format format = 0; format < USB_FORMAT_COUNT; format++)
        run_serial(format, ftdi_setup, COUNT_OF(ftdi_setup), ftdi_session, COUNT_OF(ftdi_session));
}

static const struct btap_link *links[2];
static size_t links_length;

static void keep_link(void *context, const struct btap_link *link,
                      const struct btap_transaction *transaction)
{
    (void)context;
    (void)transaction;
    if (links_length == 0 || (links_length == 1 && links[0] != link))
        links[links_length++] = link;
}

/* RTAC: b4 of the lines is DTR. The second port moves it, the first does not. */
static void each_port_has_lines_of_its_own(void **state)
{
    static const struct btap_sink sink = {.transaction = keep_link};
    static const uint8_t byte[] = {0x7f};
    static const uint8_t answer[] = {0x79};
    struct btap_serial_port port = {.moved_packet = 77};
    struct btap_link copy;
    struct recorder recorder = {.tap = &tap};

    (void)state;
    links_length = 0;
    btap_tap_init(&tap, &sink, NULL);
    for (uint32_t id = 0; id < 2; id++) {
        recorder.interface_id = id;
        record_serial(&recorder, 0x01, 0x00, byte, 1);
        record_serial(&recorder, 0x02, id == 1 ? 0x10 : 0x00, answer, 1);
    }
    btap_tap_finish(&tap);
    assert_int_equal(links_length, 2);
    assert_true(btap_tap_serial_port(&tap, links[0], &port));
    assert_int_equal(port.moved_packet, 0);
    assert_false(port.lines_known);
    assert_true(btap_tap_serial_port(&tap, links[1], &port));
    assert_int_equal(port.moved_packet, 4);
    assert_true(port.lines_known);
    copy = *links[1];
    assert_false(btap_tap_serial_port(&tap, &copy, &port)); /* no link of this tap's */
    assert_int_equal(port.moved_packet, 4);
}

/* The port was open before the capture began: neither descriptors nor settings. */
static void sessions_joined_in_the_middle(void **state)
{
    (void)state;
    for (enum usb_format format = 0; format < USB_FORMAT_COUNT; format++) {
        run_serial(format, NULL, 0, cdc_session, COUNT_OF(cdc_session));
        run_serial(format, NULL, 0, ftdi_session, COUNT_OF(ftdi_session));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_dfu_session_in_every_format),
        cmocka_unit_test(two_dfu_devices_at_once),
        cmocka_unit_test(a_device_that_leaves_the_bus),
        cmocka_unit_test(a_cdc_session_in_every_format),
        cmocka_unit_test(an_ftdi_session_in_every_format),
        cmocka_unit_test(sessions_joined_in_the_middle),
        cmocka_unit_test(each_port_has_lines_of_its_own),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
