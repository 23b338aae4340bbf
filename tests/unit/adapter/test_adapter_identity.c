/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Which device is which adapter, and what is none. Vendor and product numbers: the drivers' lists.
 */
#include "adapter_rig.h"

#include <string.h>

#include "test.h"

/** A transfer of nothing, which makes the adapter look at its device. */
static enum btap_adapter_kind kind_of(struct rig *rig)
{
    rig_in(rig, 0x8f, "");
    return rig->adapter.kind;
}

/** Whether the endpoint pair 81/01 carries a UART's bytes. */
static bool takes_data(struct rig *rig)
{
    rig_in(rig, 0x81, "79");
    rig_out(rig, 0x01, "7f");
    return rig->log_length > 0;
}

static void kinds_by_vendor_and_product(void **state)
{
    static const struct {
        uint16_t vendor;
        uint16_t product;
        enum btap_adapter_kind kind;
    } devices[] = {
        {0x0403, 0x6001, BTAP_ADAPTER_FTDI},    {0x0403, 0x6010, BTAP_ADAPTER_FTDI},
        {0x0403, 0x6011, BTAP_ADAPTER_FTDI},    {0x0403, 0x6014, BTAP_ADAPTER_FTDI},
        {0x0403, 0x6015, BTAP_ADAPTER_FTDI},    {0x0403, 0xabcd, BTAP_ADAPTER_FTDI},
        {0x10c4, 0xea60, BTAP_ADAPTER_CP210X},  {0x10c4, 0xea70, BTAP_ADAPTER_CP210X},
        {0x10c4, 0xea71, BTAP_ADAPTER_CP210X},  {0x1a86, 0x5523, BTAP_ADAPTER_CH34X},
        {0x1a86, 0x7522, BTAP_ADAPTER_CH34X},   {0x1a86, 0x7523, BTAP_ADAPTER_CH34X},
        {0x1a86, 0xe523, BTAP_ADAPTER_CH34X},   {0x4348, 0x5523, BTAP_ADAPTER_CH34X},
        {0x2184, 0x0057, BTAP_ADAPTER_CH34X},   {0x9986, 0x7523, BTAP_ADAPTER_CH34X},
        {0x1a86, 0x55d2, BTAP_ADAPTER_CDC_ACM}, {0x1a86, 0x55d3, BTAP_ADAPTER_CDC_ACM},
        {0x1a86, 0x55d4, BTAP_ADAPTER_CDC_ACM}, {0x1a86, 0x55d5, BTAP_ADAPTER_CDC_ACM},
        {0x1a86, 0x55d6, BTAP_ADAPTER_CDC_ACM}, {0x1a86, 0x55d7, BTAP_ADAPTER_CDC_ACM},
        {0x1a86, 0x55d8, BTAP_ADAPTER_CDC_ACM}, {0x1a86, 0x55da, BTAP_ADAPTER_CDC_ACM},
        {0x1a86, 0x55db, BTAP_ADAPTER_CDC_ACM}, {0x1a86, 0x55dd, BTAP_ADAPTER_CDC_ACM},
        {0x1a86, 0x55de, BTAP_ADAPTER_CDC_ACM}, {0x1a86, 0x55df, BTAP_ADAPTER_CDC_ACM},
        {0x1a86, 0x55e7, BTAP_ADAPTER_CDC_ACM}, {0x1a86, 0x55e8, BTAP_ADAPTER_CDC_ACM},
        {0x1a86, 0x55e9, BTAP_ADAPTER_CDC_ACM}, {0x1a86, 0x55ea, BTAP_ADAPTER_CDC_ACM},
        {0x1a86, 0x55eb, BTAP_ADAPTER_CDC_ACM}, {0x1a86, 0x55ec, BTAP_ADAPTER_CDC_ACM},
        {0x067b, 0x2303, BTAP_ADAPTER_PL2303},  {0x067b, 0x23a3, BTAP_ADAPTER_PL2303},
        {0x067b, 0x23b3, BTAP_ADAPTER_PL2303},  {0x067b, 0x23c3, BTAP_ADAPTER_PL2303},
        {0x067b, 0x23d3, BTAP_ADAPTER_PL2303},  {0x067b, 0x23e3, BTAP_ADAPTER_PL2303},
        {0x067b, 0x23f3, BTAP_ADAPTER_PL2303},  {0x0483, 0x374a, BTAP_ADAPTER_CDC_ACM},
        {0x0483, 0x374b, BTAP_ADAPTER_CDC_ACM}, {0x0483, 0x374e, BTAP_ADAPTER_CDC_ACM},
        {0x0483, 0x374f, BTAP_ADAPTER_CDC_ACM}, {0x0483, 0x3752, BTAP_ADAPTER_CDC_ACM},
        {0x0483, 0x3753, BTAP_ADAPTER_CDC_ACM}, {0x0483, 0x3754, BTAP_ADAPTER_CDC_ACM},
        {0x0483, 0x3757, BTAP_ADAPTER_CDC_ACM}, {0x0483, 0x5740, BTAP_ADAPTER_CDC_ACM},
        {0x0483, 0x1234, BTAP_ADAPTER_UNKNOWN}, {0x067b, 0x2506, BTAP_ADAPTER_UNKNOWN},
        {0x1a86, 0x55d9, BTAP_ADAPTER_UNKNOWN}, {0x1a86, 0x5512, BTAP_ADAPTER_UNKNOWN},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(devices); i++) {
        struct rig rig;

        rig_init(&rig);
        rig_device(&rig, devices[i].vendor, devices[i].product, 0x0600);
        assert_int_equal(kind_of(&rig), devices[i].kind);
        if (devices[i].kind == BTAP_ADAPTER_FTDI)
            rig_in(&rig, 0x81, "0160 79");
        else
            assert_true(takes_data(&rig));
    }
}

static void names_of_kinds(void **state)
{
    (void)state;
    assert_string_equal(btap_adapter_kind_name(BTAP_ADAPTER_UNKNOWN), "unknown");
    assert_string_equal(btap_adapter_kind_name(BTAP_ADAPTER_CDC_ACM), "cdc-acm");
    assert_string_equal(btap_adapter_kind_name(BTAP_ADAPTER_FTDI), "ftdi");
    assert_string_equal(btap_adapter_kind_name(BTAP_ADAPTER_CP210X), "cp210x");
    assert_string_equal(btap_adapter_kind_name(BTAP_ADAPTER_CH34X), "ch34x");
    assert_string_equal(btap_adapter_kind_name(BTAP_ADAPTER_PL2303), "pl2303");
    assert_string_equal(btap_adapter_kind_name((enum btap_adapter_kind)99), "unknown");
}

static void stlinks_without_a_port_and_the_rom_are_not_serial(void **state)
{
    static const uint16_t products[] = {0x3744, 0x3748, 0x374d, 0x3755, 0xdf11};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(products); i++) {
        struct rig rig;

        rig_init(&rig);
        rig_device(&rig, 0x0483, products[i], 0x0100);
        assert_false(takes_data(&rig));
        rig_control(&rig, 0x21, 0x20, 0, 0, "00c20100000208");
        rig_expect(&rig, "");
    }
}

static void other_classes_are_not_serial(void **state)
{
    static const uint8_t classes[] = {0x01, 0x03, 0x08, 0x09, 0x0e, 0xe0};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(classes); i++) {
        struct rig rig;

        /* by its interface */
        rig_init(&rig);
        rig_device(&rig, 0x1234, 0x5678, 0x0100);
        rig_interface(&rig, 0, classes[i], 0x06);
        rig_endpoint(&rig, 0x81, 0, 2, 512);
        rig_endpoint(&rig, 0x01, 0, 2, 512);
        assert_false(takes_data(&rig));

        /* by its device class, where the configuration is not known */
        rig_init(&rig);
        rig_device(&rig, 0x1234, 0x5678, 0x0100);
        rig.device.device_class = classes[i];
        assert_false(takes_data(&rig));
    }
}

static void network_adapters_are_not_serial(void **state)
{
    static const uint8_t subclasses[] = {0x06, 0x0d, 0x0e}; /* Ethernet, NCM, MBIM */
    struct rig rig;

    (void)state;
    for (size_t i = 0; i < COUNT_OF(subclasses); i++) {
        rig_init(&rig);
        rig_interface(&rig, 0, 0x02, subclasses[i]);
        rig_interface(&rig, 1, 0x0a, 0x00);
        rig_endpoint(&rig, 0x82, 0, 3, 16);
        rig_endpoint(&rig, 0x81, 1, 2, 512);
        rig_endpoint(&rig, 0x01, 1, 2, 512);
        assert_false(takes_data(&rig));
    }
    /* RNDIS: ACM by name, protocol FF */
    rig_init(&rig);
    rig_interface(&rig, 0, 0x02, 0x02);
    rig.device.interfaces[0].interface_protocol = 0xff;
    rig_interface(&rig, 1, 0x0a, 0x00);
    rig_endpoint(&rig, 0x81, 1, 2, 512);
    rig_endpoint(&rig, 0x01, 1, 2, 512);
    assert_false(takes_data(&rig));
}

static void vendor_interfaces_of_unknown_devices_are_raw(void **state)
{
    struct rig rig;

    (void)state;
    rig_init(&rig);
    rig_device(&rig, 0x1234, 0x5678, 0x0100);
    rig_interface(&rig, 0, 0x08, 0x06);
    rig_interface(&rig, 1, 0xff, 0x00);
    rig_interface(&rig, 2, 0xff, 0x00); /* without bulk endpoints */
    rig_interface(&rig, 3, 0xff, 0x00);
    rig_endpoint(&rig, 0x81, 0, 2, 512);
    rig_endpoint(&rig, 0x82, 1, 2, 64);
    rig_endpoint(&rig, 0x83, 2, 3, 64);
    rig_endpoint(&rig, 0x84, 3, 2, 64);
    rig_in(&rig, 0x81, "55");
    rig_in(&rig, 0x84, "04");
    rig_in(&rig, 0x82, "02");
    rig_expect(&rig, "1<0:04 0<0:02");
}

static void bytes_of_unknown_devices_are_raw(void **state)
{
    struct rig rig;

    (void)state;
    rig_init(&rig);
    rig_out(&rig, 0x01, "7f");
    rig_in(&rig, 0x81, "79");
    rig_interrupt(&rig, 0x82, "a120 0000 0000 0200 2000");
    rig_control(&rig, 0x40, 0x77, 1, 2, NULL);
    rig_expect(&rig, "0>0:7f 0<0:79");
    assert_int_equal(rig.adapter.kind, BTAP_ADAPTER_UNKNOWN);
}

/* IN 82 comes first and takes the first port; IN 81 belongs to OUT 01 and moves it on. */
static void endpoints_pair_by_number(void **state)
{
    struct rig rig;

    (void)state;
    rig_init(&rig);
    rig_out(&rig, 0x01, "11");
    rig_in(&rig, 0x82, "b2");
    rig_in(&rig, 0x81, "b1");
    rig_in(&rig, 0x82, "b2");
    rig_out(&rig, 0x02, "22");
    rig_expect(&rig, "0>0:11 0<0:b2 0<0:b1 1<0:b2 1>0:22");
}

static void more_pairs_than_ports(void **state)
{
    struct rig rig;

    (void)state;
    rig_init(&rig);
    for (uint8_t i = 1; i <= 6; i++)
        rig_out(&rig, i, "00");
    rig_out(&rig, 0, "00"); /* no bulk endpoint has this number */
    rig_expect(&rig, "0>0:00 1>0:00 2>0:00 3>0:00");
}

static void descriptors_outweigh_requests(void **state)
{
    struct rig rig;

    (void)state;
    rig_init(&rig);
    rig_control(&rig, 0x40, 0x03, 0x001a, 0, NULL);
    assert_int_equal(rig.adapter.kind, BTAP_ADAPTER_FTDI);
    rig_device(&rig, 0x10c4, 0xea60, 0x0100);
    rig_control(&rig, 0x40, 0x03, 0x0034, 0, NULL);
    assert_int_equal(rig.adapter.kind, BTAP_ADAPTER_CP210X);
    rig_expect(&rig, "0=115200-???");
}

static void requests_that_fail_or_have_no_setup_tell_nothing(void **state)
{
    const struct btap_usb_control lost = {.at = {.packet = 7, .offset = 64}};
    struct rig rig;

    (void)state;
    rig_init(&rig);
    rig_control_status(&rig, 0x40, 0x03, 0x001a, 0, NULL, BTAP_USB_STALL);
    btap_adapter_control(&rig.adapter, &lost, &rig.output);
    assert_int_equal(rig.adapter.kind, BTAP_ADAPTER_UNKNOWN);
    rig_expect(&rig, "");
}

/* The device descriptor first, the configuration later, as hosts ask for them. */
static void descriptors_may_come_late(void **state)
{
    struct rig rig;

    (void)state;
    rig_init(&rig);
    rig_out(&rig, 0x04, "7f");
    rig_device(&rig, 0x0483, 0x374b, 0x0100);
    rig_interface(&rig, 0, 0xff, 0xff);
    rig_interface(&rig, 2, 0x02, 0x02);
    rig_interface(&rig, 3, 0x0a, 0x00);
    rig_endpoint(&rig, 0x04, 0, 2, 64);
    rig_endpoint(&rig, 0x83, 3, 2, 64);
    rig_out(&rig, 0x04, "7f");
    rig_in(&rig, 0x83, "79");
    rig_expect(&rig, "0>0:7f 0<0:79");
}

static void a_configuration_without_endpoints_tells_nothing(void **state)
{
    struct rig rig;

    (void)state;
    rig_init(&rig);
    rig_interface(&rig, 0, 0x08, 0x06);
    assert_true(takes_data(&rig));
    rig_init(&rig);
    rig_endpoint(&rig, 0x81, 0, 2, 64);
    assert_true(takes_data(&rig));
}

/* drivers' sources: requests that only one kind of adapter is sent */
static void kinds_by_requests(void **state)
{
    static const struct {
        uint8_t type;
        uint8_t request;
        uint16_t value;
        uint8_t length;
        enum btap_adapter_kind kind;
    } requests[] = {
        {0x21, 0x20, 0, 7, BTAP_ADAPTER_CDC_ACM},
        {0x21, 0x22, 3, 0, BTAP_ADAPTER_CDC_ACM},
        {0x21, 0x23, 0xffff, 0, BTAP_ADAPTER_CDC_ACM},
        {0xa1, 0x21, 0, 7, BTAP_ADAPTER_CDC_ACM},
        {0x40, 0x03, 0x1a, 0, BTAP_ADAPTER_FTDI},
        {0x40, 0x04, 0x0008, 0, BTAP_ADAPTER_FTDI},
        {0x40, 0x04, 0x0108, 0, BTAP_ADAPTER_FTDI},
        {0x40, 0x04, 0x0208, 0, BTAP_ADAPTER_FTDI},
        {0x40, 0x04, 0x0207, 0, BTAP_ADAPTER_FTDI},
        {0x41, 0x00, 1, 0, BTAP_ADAPTER_CP210X},
        {0x41, 0x1e, 0, 4, BTAP_ADAPTER_CP210X},
        {0x41, 0x03, 0x0800, 0, BTAP_ADAPTER_CP210X},
        {0x41, 0x07, 0x0303, 0, BTAP_ADAPTER_CP210X},
        {0x40, 0x9a, 0x1312, 0, BTAP_ADAPTER_CH34X},
        {0x40, 0xa1, 0, 0, BTAP_ADAPTER_CH34X},
        {0x40, 0xa4, 0xff9f, 0, BTAP_ADAPTER_CH34X},
        {0xc0, 0x95, 0x2518, 2, BTAP_ADAPTER_CH34X},
        {0xc0, 0x5f, 0, 2, BTAP_ADAPTER_CH34X},
        {0xc0, 0x01, 0x8484, 1, BTAP_ADAPTER_PL2303},
        {0xc0, 0x01, 0x8383, 1, BTAP_ADAPTER_PL2303},
        {0x40, 0x01, 0x0404, 0, BTAP_ADAPTER_PL2303},
        {0x40, 0x80, 0, 0, BTAP_ADAPTER_PL2303},
        {0xc0, 0x81, 0, 1, BTAP_ADAPTER_PL2303},
        /* Nearly: another length, value, request, direction */
        {0x21, 0x20, 0, 6, BTAP_ADAPTER_UNKNOWN},
        {0x21, 0x22, 3, 1, BTAP_ADAPTER_UNKNOWN},
        {0x21, 0x23, 1, 1, BTAP_ADAPTER_UNKNOWN},
        {0xa1, 0x21, 0, 1, BTAP_ADAPTER_UNKNOWN},
        {0xa1, 0x20, 0, 7, BTAP_ADAPTER_UNKNOWN},
        {0x21, 0x21, 0, 0, BTAP_ADAPTER_UNKNOWN},
        {0x40, 0x03, 0x1a, 1, BTAP_ADAPTER_UNKNOWN},
        {0x40, 0x04, 0x0308, 0, BTAP_ADAPTER_UNKNOWN},
        {0x40, 0x04, 0x0008, 1, BTAP_ADAPTER_UNKNOWN},
        {0x41, 0x1e, 0, 3, BTAP_ADAPTER_UNKNOWN},
        {0x41, 0x00, 1, 1, BTAP_ADAPTER_UNKNOWN},
        {0x41, 0x03, 0, 1, BTAP_ADAPTER_UNKNOWN},
        {0x41, 0x07, 0, 1, BTAP_ADAPTER_UNKNOWN},
        {0x40, 0x07, 0, 0, BTAP_ADAPTER_UNKNOWN},
        {0x40, 0x9a, 0, 1, BTAP_ADAPTER_UNKNOWN},
        {0x40, 0xa1, 0, 1, BTAP_ADAPTER_UNKNOWN},
        {0x40, 0xa4, 0, 1, BTAP_ADAPTER_UNKNOWN},
        {0x40, 0x01, 0x0405, 0, BTAP_ADAPTER_UNKNOWN},
        {0xc0, 0x01, 0x8485, 1, BTAP_ADAPTER_UNKNOWN},
        {0x40, 0x80, 0, 1, BTAP_ADAPTER_UNKNOWN},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(requests); i++) {
        char data[16] = "";
        struct rig rig;

        for (uint8_t byte = 0; byte < requests[i].length; byte++)
            strcat(data, "00");
        rig_init(&rig);
        rig_control(&rig, requests[i].type, requests[i].request, requests[i].value, 0,
                    requests[i].length > 0 ? data : NULL);
        if (rig.adapter.kind != requests[i].kind)
            fail_msg("%02x %02x: %s", requests[i].type, requests[i].request,
                     btap_adapter_kind_name(rig.adapter.kind));
    }
}

/* What was learnt from requests stays while nothing new is known of the device. */
static void an_adapter_looks_at_its_device_once(void **state)
{
    struct rig rig;

    (void)state;
    rig_init(&rig);
    rig_device(&rig, 0x1234, 0x5678, 0x0100);
    rig_in(&rig, 0x82, "b2");
    rig_in(&rig, 0x81, "b1");
    rig_out(&rig, 0x02, "22");
    rig_in(&rig, 0x81, "b1");
    rig_expect(&rig, "0<0:b2 1<0:b1 0>0:22 1<0:b1");
}

/* CH34x and PL2303 have one port, whatever its interface; those of the others are numbered. */
static void interfaces_of_vendor_chips(void **state)
{
    static const struct {
        uint16_t vendor;
        uint16_t product;
        uint8_t interface;
        uint8_t interface_class;
        const char *expected;
    } vectors[] = {
        {0x1a86, 0x7523, 1, 0xff, "0<0:79"}, {0x067b, 0x2303, 1, 0xff, "0<0:79"},
        {0x10c4, 0xea60, 1, 0xff, "1<0:79"}, {0x10c4, 0xea60, 3, 0xff, "3<0:79"},
        {0x10c4, 0xea60, 4, 0xff, ""},       {0x10c4, 0xea60, 0, 0x03, ""},
        {0x1a86, 0x7523, 0, 0x07, ""},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(vectors); i++) {
        struct rig rig;

        rig_init(&rig);
        rig_device(&rig, vectors[i].vendor, vectors[i].product, 0x0100);
        rig_interface(&rig, vectors[i].interface, vectors[i].interface_class, 0x00);
        rig_endpoint(&rig, 0x81, vectors[i].interface, 2, 64);
        rig_in(&rig, 0x81, "79");
        rig_expect(&rig, vectors[i].expected);
    }
}

static uint32_t next(uint32_t *random)
{
    *random = *random * 1664525 + 1013904223;
    return *random >> 8;
}

static void random_device(struct rig *rig, uint32_t *random)
{
    static const uint16_t vendors[] = {0x0403, 0x0483, 0x067b, 0x10c4, 0x1a86, 0x1234};
    static const uint16_t products[] = {0x6001, 0x3753, 0x2303, 0xea70, 0x7523, 0x55d3};
    static const uint8_t classes[] = {0xff, 0x02, 0x0a, 0x08};

    rig_init(rig);
    rig->quiet = true;
    if (next(random) % 3 != 0)
        rig_device(rig, vendors[next(random) % 6], products[next(random) % 6],
                   (uint16_t)(next(random) % 16 << 8));
    if (next(random) % 2 != 0)
        return;
    for (uint32_t i = next(random) % 5; i > 0; i--)
        rig_interface(rig, (uint8_t)(next(random) % 6), classes[next(random) % 4], 0x02);
    for (uint32_t i = next(random) % 8; i > 0; i--)
        rig_endpoint(rig, (uint8_t)next(random), (uint8_t)(next(random) % 6), (uint8_t)next(random),
                     (uint16_t)(next(random) % 80));
}

static void random_control(struct rig *rig, uint32_t *random)
{
    static const uint8_t types[] = {0x21, 0xa1, 0x40, 0xc0, 0x41, 0xc1};
    static const uint8_t requests[] = {0x00, 0x01, 0x03, 0x04, 0x05, 0x07, 0x08, 0x0b, 0x10,
                                       0x15, 0x1e, 0x20, 0x22, 0x23, 0x5f, 0x9a, 0xa1, 0xa4};
    static const char *const data[] = {NULL, "01", "00c20100", "00c20100000208",
                                       "00000000000000000000000000000000000000"};

    rig_control(rig, types[next(random) % 6], requests[next(random) % COUNT_OF(requests)],
                (uint16_t)next(random), (uint16_t)(next(random) % 5 | next(random) % 4 << 8),
                data[next(random) % 5]);
}

static void random_transfer(struct rig *rig, uint32_t *random)
{
    static const uint8_t starts[] = {0x01, 0x02, 0xa1, 0xec, 0x79, 0x05};
    uint8_t bytes[200];
    const uint32_t length = next(random) % sizeof(bytes);

    for (size_t i = 0; i < sizeof(bytes); i++)
        bytes[i] = next(random) % 4 == 0 ? 0xec : (uint8_t)next(random);
    bytes[0] = starts[next(random) % 6];
    rig_transfer(rig, &(struct btap_usb_transfer){
                          .endpoint = (uint8_t)next(random),
                          .interrupt = next(random) % 4 == 0,
                          .completion = next(random) % 4 != 0,
                          .data = bytes,
                          .captured = next(random) % 4 == 0 ? next(random) % (length + 1) : length,
                          .length = next(random) % 8 == 0 ? UINT32_MAX - next(random) : length,
                          .submitted = next(random) % 256,
                          .status = (enum btap_usb_status)(next(random) % 9),
                      });
}

/* Nothing to expect but what rig_transfer and the sanitizers check: ports, lengths, no overrun. */
static void random_devices_and_transfers(void **state)
{
    uint32_t random = 20261121;

    (void)state;
    for (size_t device = 0; device < 2000; device++) {
        struct rig rig;

        random_device(&rig, &random);
        for (size_t i = 0; i < 30; i++) {
            if (next(&random) % 3 == 0)
                random_control(&rig, &random);
            else
                random_transfer(&rig, &random);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(kinds_by_vendor_and_product),
        cmocka_unit_test(names_of_kinds),
        cmocka_unit_test(stlinks_without_a_port_and_the_rom_are_not_serial),
        cmocka_unit_test(other_classes_are_not_serial),
        cmocka_unit_test(network_adapters_are_not_serial),
        cmocka_unit_test(vendor_interfaces_of_unknown_devices_are_raw),
        cmocka_unit_test(bytes_of_unknown_devices_are_raw),
        cmocka_unit_test(endpoints_pair_by_number),
        cmocka_unit_test(more_pairs_than_ports),
        cmocka_unit_test(descriptors_outweigh_requests),
        cmocka_unit_test(requests_that_fail_or_have_no_setup_tell_nothing),
        cmocka_unit_test(descriptors_may_come_late),
        cmocka_unit_test(a_configuration_without_endpoints_tells_nothing),
        cmocka_unit_test(kinds_by_requests),
        cmocka_unit_test(an_adapter_looks_at_its_device_once),
        cmocka_unit_test(interfaces_of_vendor_chips),
        cmocka_unit_test(random_devices_and_transfers),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
