/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Packets as USB 2.0 chapter 8 has them. The CRCs of SETUP, IN and OUT at address 11 and of the
 * first three data packets are those of a public capture of a real device (packetry's
 * hackrf-dfu-enum); the others were worked out by hand after section 8.3.5.
 */
#include <string.h>

#include "link/packet.h"
#include "test.h"

static struct btap_usb_packets packets;
static struct link_urb urbs[LINK_PACKET_URBS_MAX];
static uint64_t number;

/* Device 11, endpoint 0 */
#define SETUP     "\x2d\x0b\x20"
#define IN        "\x69\x0b\x20"
#define OUT       "\xe1\x0b\x20"
#define PING      "\xb4\x0b\x20"
#define SOF       "\xa5\xba\x00"
#define ACK       "\xd2"
#define NAK       "\x5a"
#define STALL     "\x1e"
#define NYET      "\x96"
#define SPLIT     "\x78\x00\x00\xe8"
#define GET_18    "\xc3\x80\x06\x00\x01\x00\x00\x12\x00\xe0\xf4"
#define GET_9     "\xc3\x80\x06\x00\x02\x00\x00\x09\x00\xae\x04"
#define NO_DATA   "\x4b\x00\x00"
#define NO_DATA_0 "\xc3\x00\x00"
#define DEVICE                                                                                     \
    "\x4b\x12\x01\x00\x02\x00\x00\x00\x40\xc9\x1f\x0c\x00\x00\x01\x01\x02\x03\x01\xa8\x8c"

static void start(void)
{
    memset(&packets, 0, sizeof(packets));
    number = 0;
}

static size_t feed(const char *bytes, size_t length)
{
    uint8_t *copy = test_malloc(length); /* sanitizers see reads behind it */
    const uint64_t next = number + 1;
    struct btap_record record = {
        .linktype = BTAP_LINKTYPE_USB_2_0,
        .interface_id = 2,
        .packet = next,
        .time = (btap_ns)next * 1000,
        .bytes = copy,
        .captured = (uint32_t)length,
        .length = (uint32_t)length,
    };
    struct link_packet packet;
    size_t count;

    number = next;
    memcpy(copy, bytes, length);
    assert_true(link_parse_packet(&record, &packet));
    count = link_join_packet(&packets, &record, &packet, urbs);
    test_free(copy);
    return count;
}

/** With a string literal: so many halves follow. */
#define FEED(bytes, count) assert_int_equal(feed(bytes, sizeof(bytes) - 1), count)

static bool parses(const char *bytes, uint32_t captured, uint32_t length)
{
    const struct btap_record record = {
        .bytes = (const uint8_t *)bytes, .captured = captured, .length = length};
    struct link_packet packet;

    return link_parse_packet(&record, &packet);
}

#define PARSES(bytes) parses(bytes, sizeof(bytes) - 1, sizeof(bytes) - 1)

static void sound_packets(void **state)
{
    (void)state;
    assert_true(PARSES(SETUP));
    assert_true(PARSES(SOF));
    assert_true(PARSES(GET_18));
    assert_true(PARSES(NO_DATA));
    assert_true(PARSES(DEVICE));
    assert_true(PARSES(ACK));
    assert_true(PARSES("\x3c"));
}

static void damaged_packets(void **state)
{
    (void)state;
    assert_false(PARSES(""));
    assert_false(PARSES("\x2d\x0a\x20"));     /* CRC5 */
    assert_false(PARSES("\x2d\x0b"));         /* cut */
    assert_false(PARSES("\x2d\x0b\x20\x00")); /* too long */
    assert_false(PARSES("\x2c\x0b\x20"));     /* a PID that is no complement of itself */
    assert_false(PARSES("\xc3\x80\x06\x00\x01\x00\x00\x13\x00\xe0\xf4")); /* CRC16 */
    assert_false(PARSES("\x4b\x00"));
    assert_false(PARSES("\xd2\x00"));
    /* What a recorder cut cannot be checked. */
    assert_true(parses(GET_18, 9, 11));
    assert_false(parses(GET_18, 9, 9));
    assert_false(parses(GET_18, 11, 9));
    assert_false(parses(GET_18, 11, 1 + BTAP_CABLE_PACKET_MAX + 3));
}

static void assert_submission(const struct link_urb *urb, uint64_t packet, uint16_t length)
{
    assert_int_equal(urb->stage, LINK_URB_SUBMIT);
    assert_int_equal(urb->type, LINK_URB_CONTROL);
    assert_true(urb->late);
    assert_int_equal(urb->interface_id, 2);
    assert_int_equal(urb->device, 11);
    assert_true(urb->setup_known);
    assert_int_equal(urb->setup_offset, 1);
    assert_int_equal(urb->setup.request_type, 0x80);
    assert_int_equal(urb->setup.request, 6);
    assert_int_equal(urb->setup.length, length);
    assert_int_equal(urb->at.packet, packet);
    assert_int_equal(urb->at.time, packet * 1000);
}

static void assert_completion(const struct link_urb *urb, uint64_t id, enum btap_usb_status status,
                              uint32_t length)
{
    assert_int_equal(urb->stage, LINK_URB_COMPLETE);
    assert_int_equal(urb->type, LINK_URB_CONTROL);
    assert_int_equal(urb->id, id);
    assert_int_equal(urb->status, status);
    assert_int_equal(urb->length, length);
    assert_int_equal(urb->captured, length);
    assert_int_equal(urb->at.packet, number);
}

/* As the real device went: NAKs, a repeated answer, NAK and PING in the status stage. */
static void a_control_read(void **state)
{
    uint64_t id;

    (void)state;
    start();
    FEED(SOF, 0);
    FEED(SETUP, 0);
    FEED(GET_18, 0);
    FEED(ACK, 1);
    assert_submission(&urbs[0], 3, 18);
    id = urbs[0].id;
    FEED(IN, 0);
    FEED(NAK, 0);
    FEED(IN, 0);
    FEED(DEVICE, 0);
    FEED(ACK, 0);
    FEED(IN, 0); /* the device did not hear that */
    FEED(DEVICE, 0);
    FEED(ACK, 0);
    FEED(OUT, 0);
    FEED(NO_DATA, 0);
    FEED(NAK, 0);
    FEED(PING, 0);
    FEED(ACK, 0);
    FEED(OUT, 0);
    FEED(NO_DATA, 0);
    FEED(NYET, 1);
    assert_completion(&urbs[0], id, BTAP_USB_OK, 18);
    assert_memory_equal(urbs[0].data, &DEVICE[1], 18);
    assert_int_equal(urbs[0].pieces_length, 1);
    assert_int_equal(urbs[0].pieces[0].packet, 8);
    assert_int_equal(urbs[0].pieces[0].offset, 1);
    assert_int_equal(urbs[0].pieces[0].length, 18);
}

/* 00 05 0b: SET_ADDRESS 11, at address 0; 21 01 .. 02 00: two bytes of DNLOAD in two packets */
static void requests_to_the_device(void **state)
{
    (void)state;
    start();
    FEED("\x2d\x00\x10", 0);
    FEED("\xc3\x00\x05\x0b\x00\x00\x00\x00\x00\xeb\x8f", 0);
    FEED(ACK, 1);
    assert_int_equal(urbs[0].device, 0);
    FEED("\x69\x00\x10", 0);
    FEED(NO_DATA, 0);
    FEED(ACK, 1);
    assert_int_equal(urbs[0].device, 0);
    assert_int_equal(urbs[0].status, BTAP_USB_OK);

    FEED(SETUP, 0);
    FEED("\xc3\x21\x01\x02\x00\x00\x00\x02\x00\x6c\x62", 0);
    FEED(ACK, 1);
    FEED(OUT, 0);
    FEED("\x4b\xaa\xc0\xc0", 0);
    FEED(ACK, 0);
    FEED(OUT, 0);
    FEED("\xc3\xbb\x00\xcc", 0);
    FEED(ACK, 0);
    FEED(IN, 0);
    FEED(NO_DATA, 0);
    FEED(ACK, 1);
    assert_int_equal(urbs[0].captured, 2);
    assert_memory_equal(urbs[0].data, "\xaa\xbb", 2);
    assert_int_equal(urbs[0].pieces_length, 2);
    assert_int_equal(urbs[0].pieces[0].packet, 11);
    assert_int_equal(urbs[0].pieces[1].packet, 14);
}

static void begin(void)
{
    start();
    FEED(SETUP, 0);
    FEED(GET_18, 0);
    FEED(ACK, 1);
}

static void a_request_that_is_refused(void **state)
{
    (void)state;
    begin();
    FEED(IN, 0);
    FEED(STALL, 1);
    assert_completion(&urbs[0], 1, BTAP_USB_STALL, 0);
    FEED(IN, 0); /* nothing is under way any more */
    FEED(STALL, 0);
}

/* A host tries three times. */
static void a_device_that_is_gone(void **state)
{
    (void)state;
    begin();
    FEED(IN, 0);
    FEED(IN, 0);
    FEED(SOF, 0);
    FEED(IN, 0);
    FEED(SOF, 1);
    assert_completion(&urbs[0], 1, BTAP_USB_BUS_ERROR, 0);
}

static void a_request_that_is_given_up(void **state)
{
    (void)state;
    begin();
    FEED(IN, 0);
    FEED(NAK, 0);
    FEED(SETUP, 0);
    FEED(GET_9, 0);
    FEED(ACK, 2);
    assert_completion(&urbs[0], 1, BTAP_USB_TIMEOUT, 0);
    assert_submission(&urbs[1], 7, 9);
    /* The same once more at once: its acknowledgement was lost. */
    FEED(SETUP, 0);
    FEED(GET_9, 0);
    FEED(ACK, 0);
}

/* Endpoint 1: 8b 90 is address 11, endpoint 1, with its CRC5; 7f and then 79 */
#define OUT_1 "\xe1\x8b\x90"
#define IN_1  "\x69\x8b\x90"

static void bulk_packets(void **state)
{
    (void)state;
    start();
    FEED(OUT_1, 0);
    FEED("\xc3\x7f\x01\x5f", 0);
    FEED(NAK, 0);
    FEED(OUT_1, 0);
    FEED("\xc3\x7f\x01\x5f", 0);
    FEED(ACK, 2);
    assert_int_equal(urbs[0].stage, LINK_URB_SUBMIT);
    assert_int_equal(urbs[1].stage, LINK_URB_COMPLETE);
    assert_int_equal(urbs[0].id, urbs[1].id);
    assert_true(urbs[1].late && urbs[1].untyped);
    assert_int_equal(urbs[1].endpoint, 1);
    assert_int_equal(urbs[1].captured, 1);
    assert_int_equal(urbs[1].data[0], 0x7f);
    assert_int_equal(urbs[1].at.packet, 5);
    assert_int_equal(urbs[1].at.offset, 1);
    FEED(OUT_1, 0); /* the same again: the host did not hear the acknowledgement */
    FEED("\xc3\x7f\x01\x5f", 0);
    FEED(ACK, 0);
    FEED(IN_1, 0);
    FEED("\x4b\x7f\x01\x5f", 0);
    FEED(ACK, 2);
    assert_int_equal(urbs[1].endpoint, 0x81);
    FEED(IN_1, 0); /* isochronous data have no handshake */
    FEED("\x4b\x7f\x01\x5f", 0);
    FEED(SOF, 0);
}

static void split_transactions_are_counted(void **state)
{
    (void)state;
    start();
    FEED(SPLIT, 0);
    FEED(SETUP, 0);
    FEED(GET_18, 0);
    FEED(ACK, 0);
    assert_int_equal(packets.splits, 1);
    FEED(SETUP, 0);
    FEED(GET_18, 0);
    FEED(ACK, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sound_packets),
        cmocka_unit_test(damaged_packets),
        cmocka_unit_test(a_control_read),
        cmocka_unit_test(requests_to_the_device),
        cmocka_unit_test(a_request_that_is_refused),
        cmocka_unit_test(a_device_that_is_gone),
        cmocka_unit_test(a_request_that_is_given_up),
        cmocka_unit_test(bulk_packets),
        cmocka_unit_test(split_transactions_are_counted),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
