/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Expected rates: 3 MHz (12 MHz with bit 17) by the divisor, worked out by hand. Bits 14-16 of the
 * divisor: 0 0, 1 .5, 2 .25, 3 .125, 4 .375, 5 .625, 6 .75, 7 .875.
 */
#include "adapter_rig.h"

#include <string.h>

#include "test.h"

#define IDLE_LINES "0~cts-dsr-dcd-ri-"

static void chip(struct rig *rig, uint16_t bcd_device)
{
    rig_init(rig);
    rig_device(rig, 0x0403, 0x6001, bcd_device);
    rig_interface(rig, 0, 0xff, 0xff);
    rig_endpoint(rig, 0x81, 0, 2, 64);
    rig_endpoint(rig, 0x02, 0, 2, 64);
}

/** FT4232H at high speed: four ports. */
static void four_ports(struct rig *rig)
{
    rig_init(rig);
    rig_device(rig, 0x0403, 0x6011, 0x0800);
    for (uint8_t i = 0; i < 4; i++) {
        rig_interface(rig, i, 0xff, 0xff);
        rig_endpoint(rig, (uint8_t)(0x81 + 2 * i), i, 2, 512);
        rig_endpoint(rig, (uint8_t)(0x02 + 2 * i), i, 2, 512);
    }
}

struct baud_vector {
    uint16_t bcd_device;
    uint16_t value;
    uint16_t index;
    const char *expected;
};

static void check_bauds(const struct baud_vector *vectors, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct rig rig;

        chip(&rig, vectors[i].bcd_device);
        rig_control(&rig, 0x40, 0x03, vectors[i].value, vectors[i].index, NULL);
        rig_expect(&rig, vectors[i].expected);
    }
}

static void plain_divisors_of_usual_rates(void **state)
{
    static const struct baud_vector vectors[] = {
        {0x0600, 0x4138, 0, "0=9600-???"},    /* 312.5 */
        {0x0600, 0x809c, 0, "0=19200-???"},   /* 156.25 */
        {0x0600, 0xc04e, 0, "0=38400-???"},   /* 78.125 */
        {0x0600, 0x0034, 0, "0=57600-???"},   /* 52: 57692 */
        {0x0600, 0x001a, 0, "0=115200-???"},  /* 26: 115385 */
        {0x0600, 0x000d, 0, "0=230400-???"},  /* 13: 230769 */
        {0x0600, 0x4006, 0, "0=460800-???"},  /* 6.5: 461538 */
        {0x0600, 0x8003, 0, "0=921600-???"},  /* 3.25: 923077 */
        {0x0600, 0x0000, 0, "0=3000000-???"}, /* stands for 1 */
        {0x0600, 0x0001, 0, "0=2000000-???"}, /* stands for 1.5 */
    };

    (void)state;
    check_bauds(vectors, COUNT_OF(vectors));
}

static void every_fraction_of_a_divisor(void **state)
{
    static const struct baud_vector vectors[] = {
        {0x0600, 0x001e, 0, "0=100000-???"}, /* 30 */
        {0x0600, 0x401e, 0, "0=98361-???"},  /* 30.5: 98360.66 */
        {0x0600, 0x801e, 0, "0=99174-???"},  /* 30.25: 99173.55 */
        {0x0600, 0xc01e, 0, "0=99585-???"},  /* 30.125: 99585.06 */
        {0x0600, 0x001e, 1, "0=98765-???"},  /* 30.375: 98765.43 */
        {0x0600, 0x401e, 1, "0=97959-???"},  /* 30.625: 97959.18 */
        {0x0600, 0x801e, 1, "0=97561-???"},  /* 30.75: 97560.98 */
        {0x0600, 0xc01e, 1, "0=97166-???"},  /* 30.875: 97165.99 */
        {0x0200, 0x001e, 1, "0=98765-???"},  /* AM, BM: as 232R */
        {0x0400, 0x001e, 1, "0=98765-???"},
    };

    (void)state;
    check_bauds(vectors, COUNT_OF(vectors));
}

static void divisors_with_a_port(void **state)
{
    static const struct baud_vector vectors[] = {
        {0x0700, 0xc068, 0x0201, "0=115200-???"}, /* 104.125 of 12 MHz: 115246 */
        {0x0700, 0xc068, 0x0202, "1=115200-???"},   {0x0800, 0xc068, 0x0204, "3=115200-???"},
        {0x0900, 0xc068, 0x0200, "0=115200-???"}, /* Linux, one-port part */
        {0x0900, 0x0000, 0x0200, "0=12000000-???"}, {0x0900, 0x0001, 0x0200, "0=8000000-???"},
        {0x0500, 0x001e, 0x0102, "1=98765-???"}, /* bit 16 in b8: 30.375 */
        {0x0500, 0x001e, 0x0002, "1=100000-???"},   {0x1000, 0x001a, 0x0000, "0=115200-???"},
        {0x1000, 0x001e, 0x0001, "0=100000-???"},                                 /* port A */
        {0x0500, 0x001e, 0x0001, "0=100000-???"},   {0x0800, 0xc068, 0x0205, ""}, /* no such port */
    };

    (void)state;
    check_bauds(vectors, COUNT_OF(vectors));
}

/* An index of 1 is port A or bit 16; which one shows in how near to a usual rate it comes. */
static void index_of_one_is_read_both_ways(void **state)
{
    static const struct baud_vector vectors[] = {
        {0x0500, 0x4002, 1, "0=1152000-???"}, /* 2.625: 1142857; 2.5 would be 1200000 */
        {0x0500, 0x0003, 1, "0=1000000-???"}, /* 3; 3.375 would be 888889 */
        {0x0600, 0x0003, 1, "0=1000000-???"}, /* Android's port 1 of a plain chip */
    };

    (void)state;
    check_bauds(vectors, COUNT_OF(vectors));
}

static void sio_rates_are_an_index(void **state)
{
    static const struct baud_vector vectors[] = {
        {0x0100, 0, 0, "0=300-???"},   {0x0100, 1, 0, "0=600-???"},
        {0x0100, 2, 0, "0=1200-???"},  {0x0100, 3, 0, "0=2400-???"},
        {0x0100, 4, 0, "0=4800-???"},  {0x0100, 5, 0, "0=9600-???"},
        {0x0100, 6, 0, "0=19200-???"}, {0x0100, 7, 0, "0=38400-???"},
        {0x0100, 8, 0, "0=57600-???"}, {0x0100, 9, 0, "0=115200-???"},
        {0x0100, 10, 0, ""},
    };

    (void)state;
    check_bauds(vectors, COUNT_OF(vectors));
}

static void settings_of_115200_8e1(void **state)
{
    struct rig rig;

    (void)state;
    chip(&rig, 0x0600);
    rig_control(&rig, 0x40, 0x03, 0x001a, 0, NULL);
    rig_control(&rig, 0x40, 0x04, 0x0208, 0, NULL);
    rig_control(&rig, 0x40, 0x04, 0x0208, 0, NULL);
    rig_expect(&rig, "0=115200-??? 0=115200-8E1");

    four_ports(&rig);
    rig_control(&rig, 0x40, 0x03, 0xc068, 0x0201, NULL);
    rig_control(&rig, 0x40, 0x04, 0x0208, 0x0001, NULL);
    rig_expect(&rig, "0=115200-??? 0=115200-8E1");
}

static void every_data_format(void **state)
{
    static const struct {
        uint16_t value;
        const char *expected;
    } vectors[] = {
        {0x0008, "0=?-8N1"}, {0x0107, "0=?-7O1"}, {0x0208, "0=?-8E1"},
        {0x0308, "0=?-8M1"}, {0x0408, "0=?-8S1"}, {0x0808, "0=?-8N1.5"},
        {0x1008, "0=?-8N2"}, {0x1808, "0=?-8N?"}, {0x0508, "0=?-8?1"},
    };
    struct rig rig;

    (void)state;
    chip(&rig, 0x0600);
    for (size_t i = 0; i < COUNT_OF(vectors); i++) {
        rig_control(&rig, 0x40, 0x04, vectors[i].value, 0, NULL);
        rig_expect(&rig, vectors[i].expected);
    }
}

static void refused_requests_change_nothing(void **state)
{
    struct rig rig;

    (void)state;
    chip(&rig, 0x0600);
    rig_control_status(&rig, 0x40, 0x03, 0x001a, 0, NULL, BTAP_USB_STALL);
    rig_control_status(&rig, 0x40, 0x04, 0x4208, 0, NULL, BTAP_USB_STALL);
    rig_control_status(&rig, 0x40, 0x01, 0x0303, 0, NULL, BTAP_USB_STALL);
    rig_expect(&rig, "");
}

static void break_is_an_edge_of_the_data_format(void **state)
{
    struct rig rig;

    (void)state;
    chip(&rig, 0x0600);
    rig_control(&rig, 0x40, 0x04, 0x0208, 0, NULL);
    rig_control(&rig, 0x40, 0x04, 0x4208, 0, NULL);
    rig_control(&rig, 0x40, 0x04, 0x4208, 0, NULL);
    rig_control(&rig, 0x40, 0x04, 0x0208, 0, NULL);
    rig_control(&rig, 0x40, 0x04, 0x4208, 0, NULL);
    rig_expect(&rig, "0=?-8E1 0>0!break 0>0!break");
}

static void dtr_and_rts_each_by_its_mask(void **state)
{
    struct rig rig;

    (void)state;
    chip(&rig, 0x0600);
    rig_control(&rig, 0x40, 0x01, 0x0101, 0, NULL);
    rig_control(&rig, 0x40, 0x01, 0x0202, 1, NULL);
    rig_control(&rig, 0x40, 0x01, 0x0100, 0, NULL);
    rig_control(&rig, 0x40, 0x01, 0x0200, 0, NULL);
    rig_control(&rig, 0x40, 0x01, 0x0303, 0, NULL);
    rig_control(&rig, 0x40, 0x01, 0x0303, 0, NULL);
    rig_expect(&rig, "0~dtr+ 0~dtr+rts+ 0~dtr-rts+ 0~dtr-rts- 0~dtr+rts+");
}

static void modem_status_by_request(void **state)
{
    struct rig rig;

    (void)state;
    chip(&rig, 0x0600);
    rig_control(&rig, 0xc0, 0x05, 0, 0, "9160");
    rig_control(&rig, 0xc0, 0x05, 0, 0, NULL);
    rig_control(&rig, 0xc0, 0x0a, 0, 0, "10"); /* the latency timer */
    rig_expect(&rig, "0~cts+dsr-dcd+ri-");
}

static void idle_packets_are_noise(void **state)
{
    struct rig rig;

    (void)state;
    chip(&rig, 0x0600);
    rig_in(&rig, 0x81, "0160");
    rig_in(&rig, 0x81, "0160");
    rig_in(&rig, 0x81, "");
    rig_in(&rig, 0x81, "017e"); /* errors that were told with their bytes */
    rig_expect(&rig, IDLE_LINES);
    rig_in(&rig, 0x81, "3160");
    rig_in(&rig, 0x81, "c160");
    rig_expect(&rig, "0~cts+dsr+dcd-ri- 0~cts-dsr-dcd+ri+");
}

static void status_bytes_are_stripped_every_64(void **state)
{
    uint8_t urb[64 + 64 + 3];
    uint8_t expected[62 + 62 + 1];
    struct rig rig;

    (void)state;
    for (size_t i = 0; i < sizeof(urb); i++)
        urb[i] = i % 64 == 0 ? 0x01 : i % 64 == 1 ? 0x60 : (uint8_t)i;
    for (size_t i = 0; i < sizeof(expected); i++)
        expected[i] = (uint8_t)(i / 62 * 64 + 2 + i % 62);
    chip(&rig, 0x0600);
    rig_bulk(&rig, 0x81, urb, sizeof(urb), sizeof(urb));
    assert_int_equal(rig.received_length[1], sizeof(expected));
    assert_memory_equal(rig.received[1], expected, sizeof(expected));
}

/* With and without a descriptor: status byte 0 tells 512 by its b1. */
static void status_bytes_are_stripped_every_512(void **state)
{
    uint8_t urb[512 + 4];

    (void)state;
    memset(urb, 0x55, sizeof(urb));
    urb[0] = urb[512] = 0x02;
    urb[1] = urb[513] = 0x60;
    for (int known = 0; known < 2; known++) {
        struct rig rig;

        if (known) {
            four_ports(&rig);
        } else {
            rig_init(&rig);
            rig_device(&rig, 0x0403, 0x6014, 0x0900);
        }
        rig_bulk(&rig, 0x81, urb, sizeof(urb), sizeof(urb));
        assert_int_equal(rig.received_length[1], 512);
        for (size_t i = 0; i < 512; i++)
            assert_int_equal(rig.received[1][i], 0x55);
    }
}

static void odd_packet_sizes_of_descriptors(void **state)
{
    struct rig rig;

    (void)state;
    /* The oldest parts have 8-byte packets; a size that leaves no room for data is no size. */
    chip(&rig, 0x0200);
    rig.device.endpoints[0].max_packet_size = 8;
    rig_in(&rig, 0x81, "0160 010203040506 0160 0708");
    rig_expect(&rig, IDLE_LINES " 0<2:010203040506 0<10:0708");
    chip(&rig, 0x0200);
    rig.device.endpoints[0].max_packet_size = 2;
    rig_in(&rig, 0x81, "0160 01020304");
    rig_expect(&rig, IDLE_LINES " 0<2:01020304");
}

static void errors_come_before_the_packets_bytes(void **state)
{
    static const struct {
        const char *packet;
        const char *expected;
    } vectors[] = {
        {"0162 79", "0<1!overflow 0<2:79"},
        {"0164 1f", "0<1!parity 0<2:1f"},
        {"0168 1f", "0<1!framing 0<2:1f"},
        {"0170 7900", "0<1!break 0<2:7900"},
        {"0170 0079", "0<2:0079"},        /* the bit repeats, the break is over */
        {"017c 00", "0<1!break 0<2:00"},  /* a break is a framing error too */
        {"017c 79", "0<1!parity 0<2:79"}, /* parity before framing */
        {"017e 00", "0<1!overflow 0<1!break 0<2:00"},
        {"01e0 79", "0<2:79"}, /* FIFO error tells nothing more */
    };
    struct rig rig;

    (void)state;
    chip(&rig, 0x0600);
    rig_in(&rig, 0x81, "0160");
    rig_expect(&rig, IDLE_LINES);
    for (size_t i = 0; i < COUNT_OF(vectors); i++) {
        rig_in(&rig, 0x81, vectors[i].packet);
        rig_expect(&rig, vectors[i].expected);
    }
}

static void error_of_the_second_packet(void **state)
{
    uint8_t urb[67] = {0x01, 0x60};
    struct rig rig;

    (void)state;
    urb[64] = 0x01;
    urb[65] = 0x64;
    urb[66] = 0x79;
    chip(&rig, 0x0600);
    rig_bulk(&rig, 0x81, urb, 67, 67);
    assert_non_null(strstr(rig.log, "0000 0<65!parity 0<66:79"));
}

/* 131 bytes: 62 + 62 + 1 of payload. Told and lost bytes together are always those. */
static void transfers_cut_at_every_length(void **state)
{
    uint8_t urb[64 + 64 + 3];

    (void)state;
    for (size_t i = 0; i < sizeof(urb); i++)
        urb[i] = i % 64 == 0 ? 0x01 : i % 64 == 1 ? 0x60 : 0x33;
    for (uint32_t captured = 0; captured <= sizeof(urb); captured++) {
        struct rig rig;

        chip(&rig, 0x0600);
        rig_bulk(&rig, 0x81, urb, sizeof(urb), captured);
        assert_int_equal(rig.received_length[1] + rig.lost, 125);
        for (size_t i = 0; i < rig.received_length[1]; i++)
            assert_int_equal(rig.received[1][i], 0x33);
        if (captured == 66)
            assert_int_equal(rig.lost, 63);
    }
}

static void out_data_are_raw(void **state)
{
    struct rig rig;

    (void)state;
    chip(&rig, 0x0600);
    rig_out(&rig, 0x02, "7f");
    rig_out(&rig, 0x02, "00ff");
    rig_expect(&rig, "0>0:7f 0>0:00ff");
}

/* SIO: length << 2 | 1 before each packet */
static void sio_prefix_is_stripped_from_out_data(void **state)
{
    uint8_t urb[64 + 3];
    struct rig rig;

    (void)state;
    chip(&rig, 0x0100);
    rig_out(&rig, 0x02, "05 7f");
    rig_out(&rig, 0x02, "09 00ff");
    rig_out(&rig, 0x02, "0d 00");
    rig_out(&rig, 0x02, "01");
    rig_expect(&rig, "0>1:7f 0>1:00ff 0>1:00");
    memset(urb, 0xaa, sizeof(urb));
    urb[0] = 63 << 2 | 1;
    urb[64] = 2 << 2 | 1;
    rig_init(&rig);
    rig_device(&rig, 0x0403, 0x8372, 0x0100);
    rig_bulk(&rig, 0x02, urb, sizeof(urb), sizeof(urb));
    assert_int_equal(rig.received_length[0], 65);
    assert_int_equal(rig.received[0][63], 0xaa);
}

static void four_ports_are_kept_apart(void **state)
{
    struct rig rig;

    (void)state;
    four_ports(&rig);
    rig_out(&rig, 0x08, "44");
    rig_out(&rig, 0x02, "11");
    rig_in(&rig, 0x83, "0260 22");
    rig_in(&rig, 0x85, "0260 33");
    rig_expect(&rig, "3>0:44 0>0:11 1~cts-dsr-dcd-ri- 1<2:22 2~cts-dsr-dcd-ri- 2<2:33");
    rig_control(&rig, 0x40, 0x01, 0x0303, 3, NULL);
    rig_control(&rig, 0x40, 0x01, 0x0303, 5, NULL);
    rig_expect(&rig, "2~dtr+rts+cts-dsr-dcd-ri-");
}

static void ports_by_endpoint_number(void **state)
{
    struct rig rig;

    (void)state;
    rig_init(&rig);
    rig_device(&rig, 0x0403, 0x6010, 0x0700);
    rig_out(&rig, 0x04, "22");
    rig_out(&rig, 0x02, "11");
    rig_in(&rig, 0x83, "0260 b2");
    rig_in(&rig, 0x81, "0260 b1");
    rig_expect(&rig, "1>0:22 0>0:11 1~cts-dsr-dcd-ri- 1<2:b2 0~cts-dsr-dcd-ri- 0<2:b1");
    /* Very old parts receive on endpoint 82. */
    rig_init(&rig);
    rig_device(&rig, 0x0403, 0x8372, 0x0100);
    rig_in(&rig, 0x82, "0160 79");
    rig_expect(&rig, IDLE_LINES " 0<2:79");
}

static void a_port_in_bit_mode_is_no_uart(void **state)
{
    struct rig rig;

    (void)state;
    four_ports(&rig);
    rig_control(&rig, 0x40, 0x0b, 0x020b, 1, NULL); /* MPSSE on port A */
    rig_out(&rig, 0x02, "80080b");
    rig_in(&rig, 0x81, "0260 fa");
    rig_out(&rig, 0x04, "7f");
    rig_expect(&rig, "1>0:7f");
    rig_control(&rig, 0x40, 0x0b, 0x0000, 1, NULL);
    rig_out(&rig, 0x02, "7f");
    rig_expect(&rig, "0>0:7f");
}

static void oem_chip_is_known_by_its_requests(void **state)
{
    struct rig rig;

    (void)state;
    rig_init(&rig);
    rig_device(&rig, 0x1234, 0x5678, 0x0600);
    rig_interface(&rig, 0, 0xff, 0xff);
    rig_endpoint(&rig, 0x81, 0, 2, 64);
    rig_endpoint(&rig, 0x02, 0, 2, 64);
    rig_control(&rig, 0x40, 0x03, 0x001a, 0, NULL);
    rig_in(&rig, 0x81, "0160 79");
    assert_int_equal(rig.adapter.kind, BTAP_ADAPTER_FTDI);
    rig_expect(&rig, "0=115200-??? " IDLE_LINES " 0<2:79");
}

/* Linux's driver sends the data format first, then the rate; formats of bytes, all parities */
static void unknown_chip_is_known_by_its_data_format(void **state)
{
    static const struct {
        uint16_t value;
        const char *settings;
    } formats[] = {
        {0x0008, "0=?-8N1 0=115200-8N1"},
        {0x0108, "0=?-8O1 0=115200-8O1"},
        {0x0208, "0=?-8E1 0=115200-8E1"},
        {0x0207, "0=?-7E1 0=115200-7E1"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(formats); i++) {
        struct rig rig;

        rig_init(&rig);
        rig_control(&rig, 0x40, 0x04, formats[i].value, 0, NULL);
        assert_int_equal(rig.adapter.kind, BTAP_ADAPTER_FTDI);
        rig_control(&rig, 0x40, 0x03, 0x001a, 0, NULL);
        rig_expect(&rig, formats[i].settings);
    }
}

static void unknown_chip_is_known_by_its_idle_packets(void **state)
{
    static const char *const idle[] = {"0160", "3160", "0260", "3260"};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(idle); i++) {
        struct rig rig;

        rig_init(&rig);
        rig.quiet = true;
        rig_in(&rig, 0x81, "");
        rig_in(&rig, 0x81, idle[i]);
        rig.quiet = false;
        rig_out(&rig, 0x02, "7f");
        rig_in(&rig, 0x81, idle[i]);
        rig_expect(&rig, "0>0:7f");
        assert_int_equal(rig.adapter.kind, BTAP_ADAPTER_FTDI);
    }
}

static void data_that_fit_but_are_not_idle_prove_nothing(void **state)
{
    struct rig rig;

    (void)state;
    rig_init(&rig);
    rig_in(&rig, 0x81, "0104"); /* from a Get ID reply */
    assert_int_equal(rig.adapter.kind, BTAP_ADAPTER_UNKNOWN);
    rig_in(&rig, 0x81, "0160 79");
    assert_int_equal(rig.adapter.kind, BTAP_ADAPTER_FTDI);
    rig_expect(&rig, "0<0:0104 " IDLE_LINES " 0<2:79");
}

static void cut_data_prove_nothing(void **state)
{
    static const uint8_t bytes[] = {0x01, 0x60, 0x79};
    struct rig rig;

    (void)state;
    rig_init(&rig);
    rig_control(&rig, 0x40, 0x03, 0x001a, 0, NULL);
    rig_bulk(&rig, 0x81, bytes, 3, 1);
    rig_bulk(&rig, 0x81, bytes, 2, 0);
    assert_int_equal(rig.adapter.kind, BTAP_ADAPTER_FTDI);
    rig_expect(&rig, "0=115200-??? 0<1!lost1");
}

static void data_that_do_not_fit_are_no_ftdis(void **state)
{
    struct rig rig;

    (void)state;
    rig_init(&rig);
    rig_in(&rig, 0x81, "79");
    rig_in(&rig, 0x81, "0160");
    rig_expect(&rig, "0<0:79 0<0:0160");
    assert_int_equal(rig.adapter.kind, BTAP_ADAPTER_UNKNOWN);

    rig_init(&rig);
    rig_control(&rig, 0x40, 0x03, 0x001a, 0, NULL);
    rig_in(&rig, 0x81, "7901");
    rig_in(&rig, 0x81, "0160");
    rig_control(&rig, 0x40, 0x03, 0x001a, 0, NULL);
    rig_expect(&rig, "0=115200-??? 0<0:7901 0<0:0160");
    assert_int_equal(rig.adapter.kind, BTAP_ADAPTER_UNKNOWN);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plain_divisors_of_usual_rates),
        cmocka_unit_test(every_fraction_of_a_divisor),
        cmocka_unit_test(divisors_with_a_port),
        cmocka_unit_test(index_of_one_is_read_both_ways),
        cmocka_unit_test(sio_rates_are_an_index),
        cmocka_unit_test(settings_of_115200_8e1),
        cmocka_unit_test(every_data_format),
        cmocka_unit_test(refused_requests_change_nothing),
        cmocka_unit_test(break_is_an_edge_of_the_data_format),
        cmocka_unit_test(dtr_and_rts_each_by_its_mask),
        cmocka_unit_test(modem_status_by_request),
        cmocka_unit_test(idle_packets_are_noise),
        cmocka_unit_test(status_bytes_are_stripped_every_64),
        cmocka_unit_test(status_bytes_are_stripped_every_512),
        cmocka_unit_test(odd_packet_sizes_of_descriptors),
        cmocka_unit_test(errors_come_before_the_packets_bytes),
        cmocka_unit_test(error_of_the_second_packet),
        cmocka_unit_test(transfers_cut_at_every_length),
        cmocka_unit_test(out_data_are_raw),
        cmocka_unit_test(sio_prefix_is_stripped_from_out_data),
        cmocka_unit_test(four_ports_are_kept_apart),
        cmocka_unit_test(ports_by_endpoint_number),
        cmocka_unit_test(a_port_in_bit_mode_is_no_uart),
        cmocka_unit_test(oem_chip_is_known_by_its_requests),
        cmocka_unit_test(unknown_chip_is_known_by_its_data_format),
        cmocka_unit_test(unknown_chip_is_known_by_its_idle_packets),
        cmocka_unit_test(data_that_fit_but_are_not_idle_prove_nothing),
        cmocka_unit_test(cut_data_prove_nothing),
        cmocka_unit_test(data_that_do_not_fit_are_no_ftdis),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
