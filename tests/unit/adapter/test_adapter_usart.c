/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * One flash session (AN3155 sections 3.1-3.8) through each adapter: the transactions are those that
 * the bare bytes give.
 */
#include "adapter_rig.h"
#include "boottap/usart.h"
#include "collector.h"

#include <string.h>

#include "test.h"

#define IN_MAX 512

/** Who speaks, and what. */
struct step {
    enum btap_direction direction;
    const char *hex;
};

/* ec01ec00 four times and ff 96 times: the bytes that event mode of CP210x has to escape, and more
 * than one FTDI packet holds. XOR of the 16: 00; of length and data: 0f. */
#define DATA_16    "ec01ec00 ec01ec00 ec01ec00 ec01ec00"
#define ERASED_16  "ffffffff ffffffff ffffffff ffffffff"
#define ERASED_112 ERASED_16 ERASED_16 ERASED_16 ERASED_16 ERASED_16 ERASED_16 ERASED_16

static const struct step session[] = {
    {BTAP_HOST_TO_DEVICE, "7f"},
    {BTAP_DEVICE_TO_HOST, "79"},
    {BTAP_HOST_TO_DEVICE, "00ff"}, /* Get */
    {BTAP_DEVICE_TO_HOST, "79 0b 31 00 01 02 11 21 31 44 63 73 82 92 79"},
    {BTAP_HOST_TO_DEVICE, "02fd"}, /* Get ID */
    {BTAP_DEVICE_TO_HOST, "79 01 0413 79"},
    {BTAP_HOST_TO_DEVICE, "44bb"}, /* Extended Erase of page 0 */
    {BTAP_DEVICE_TO_HOST, "79"},
    {BTAP_HOST_TO_DEVICE, "0000 0000 00"},
    {BTAP_DEVICE_TO_HOST, "79"},
    {BTAP_HOST_TO_DEVICE, "31ce"}, /* Write Memory, 16 bytes */
    {BTAP_DEVICE_TO_HOST, "79"},
    {BTAP_HOST_TO_DEVICE, "08000000 08"},
    {BTAP_DEVICE_TO_HOST, "79"},
    {BTAP_HOST_TO_DEVICE, "0f" DATA_16 "0f"},
    {BTAP_DEVICE_TO_HOST, "79"},
    {BTAP_HOST_TO_DEVICE, "11ee"}, /* Read Memory, 128 bytes */
    {BTAP_DEVICE_TO_HOST, "79"},
    {BTAP_HOST_TO_DEVICE, "08000000 08"},
    {BTAP_DEVICE_TO_HOST, "79"},
    {BTAP_HOST_TO_DEVICE, "7f80"},
    {BTAP_DEVICE_TO_HOST, "79" DATA_16 ERASED_112},
    {BTAP_HOST_TO_DEVICE, "11ee"}, /* Read Memory of an address that is none: NACK */
    {BTAP_DEVICE_TO_HOST, "79"},
    {BTAP_HOST_TO_DEVICE, "10000000 10"},
    {BTAP_DEVICE_TO_HOST, "1f"},
    {BTAP_HOST_TO_DEVICE, "21de"}, /* Go */
    {BTAP_DEVICE_TO_HOST, "79"},
    {BTAP_HOST_TO_DEVICE, "08000000 08"},
    {BTAP_DEVICE_TO_HOST, "79"},
};

static void forward_chunk(void *context, uint8_t port, const struct btap_serial_chunk *chunk)
{
    assert_int_equal(port, 0);
    btap_usart_chunk(context, chunk);
}

static void forward_event(void *context, uint8_t port, const struct btap_serial_event *event)
{
    assert_int_equal(port, 0);
    btap_usart_event(context, event);
}

/** An adapter: its endpoints, how it is opened, and how it puts received bytes into a transfer. */
struct model {
    uint8_t in;
    uint8_t out;
    void (*open)(struct rig *rig);
    uint32_t (*pack)(const uint8_t *bytes, uint32_t length, uint8_t packed[IN_MAX]);
};

static uint32_t pack_raw(const uint8_t *bytes, uint32_t length, uint8_t packed[IN_MAX])
{
    memcpy(packed, bytes, length);
    return length;
}

static uint32_t pack_ftdi(const uint8_t *bytes, uint32_t length, uint8_t packed[IN_MAX])
{
    uint32_t packed_length = 0;

    for (uint32_t i = 0; i < length; i++) {
        if (i % 62 == 0) {
            packed[packed_length++] = 0x01;
            packed[packed_length++] = 0x60;
        }
        packed[packed_length++] = bytes[i];
    }
    return packed_length;
}

static uint32_t pack_cp210x(const uint8_t *bytes, uint32_t length, uint8_t packed[IN_MAX])
{
    uint32_t packed_length = 0;

    for (uint32_t i = 0; i < length; i++) {
        packed[packed_length++] = bytes[i];
        if (bytes[i] == 0xec)
            packed[packed_length++] = 0x00;
    }
    return packed_length;
}

static void open_cdc_acm(struct rig *rig)
{
    rig_control(rig, 0x21, 0x20, 0, 0, "00c20100000208");
    rig_control(rig, 0x21, 0x22, 0x0003, 0, NULL);
}

static void open_ftdi(struct rig *rig)
{
    rig_control(rig, 0x40, 0x03, 0x001a, 0, NULL);
    rig_control(rig, 0x40, 0x04, 0x0208, 0, NULL);
    rig_control(rig, 0x40, 0x01, 0x0303, 0, NULL);
    rig_in(rig, 0x81, "0160");
}

static void open_cp210x(struct rig *rig)
{
    rig_control(rig, 0x41, 0x00, 1, 0, NULL);
    rig_control(rig, 0x41, 0x1e, 0, 0, "00c20100");
    rig_control(rig, 0x41, 0x03, 0x0820, 0, NULL);
    rig_control(rig, 0x41, 0x15, 0x00ec, 0, NULL);
    rig_control(rig, 0x41, 0x07, 0x0303, 0, NULL);
}

static void open_ch34x(struct rig *rig)
{
    rig_control(rig, 0xc0, 0x5f, 0, 0, "3100");
    rig_control(rig, 0x40, 0x9a, 0x1312, 0xcc83, NULL);
    rig_control(rig, 0x40, 0x9a, 0x2518, 0x00db, NULL);
    rig_control(rig, 0x40, 0xa4, 0xff9f, 0, NULL);
}

static void open_pl2303(struct rig *rig)
{
    rig_control(rig, 0xc0, 0x01, 0x8484, 0, "02");
    rig_control(rig, 0x21, 0x20, 0, 0, "00c20100000208");
    rig_control(rig, 0x21, 0x22, 0x0003, 0, NULL);
}

/** Received bytes in transfers of at most part bytes. */
static void receive(struct rig *rig, const struct model *model, const uint8_t *bytes,
                    uint32_t length, uint32_t part)
{
    uint8_t packed[IN_MAX];

    for (uint32_t at = 0; at < length; at += part) {
        const uint32_t left = length - at;
        const uint32_t packed_length = model->pack(bytes + at, left < part ? left : part, packed);

        rig_bulk(rig, model->in, packed, packed_length, packed_length);
    }
}

static void run(struct collector *collector, const struct model *model, uint32_t part)
{
    struct btap_link link = {.kind = BTAP_LINK_USB_SERIAL, .transport = BTAP_USART};
    struct btap_usart usart;
    struct rig rig;

    collector_init(collector);
    btap_usart_init(&usart, &collector->sink, &link);
    rig_init(&rig);
    rig.output = (struct btap_adapter_output){&usart, forward_chunk, forward_event};
    model->open(&rig);
    for (size_t i = 0; i < COUNT_OF(session); i++) {
        uint8_t bytes[IN_MAX];
        const uint32_t length = (uint32_t)rig_parse(session[i].hex, bytes, sizeof(bytes));

        if (session[i].direction == BTAP_HOST_TO_DEVICE) {
            rig_bulk(&rig, model->out, bytes, length, length);
            rig_out_done(&rig, model->out, length, length, BTAP_USB_OK);
        } else {
            receive(&rig, model, bytes, length, part);
        }
    }
    btap_usart_finish(&usart);
}

static void run_bare(struct collector *collector)
{
    struct btap_link link = {.kind = BTAP_LINK_SERIAL, .transport = BTAP_USART};
    struct btap_usart usart;

    collector_init(collector);
    btap_usart_init(&usart, &collector->sink, &link);
    for (size_t i = 0; i < COUNT_OF(session); i++) {
        uint8_t bytes[IN_MAX];
        const struct btap_serial_chunk chunk = {
            .at = {.packet = 7},
            .direction = session[i].direction,
            .bytes = bytes,
            .length = (uint32_t)rig_parse(session[i].hex, bytes, sizeof(bytes)),
        };

        btap_usart_chunk(&usart, &chunk);
    }
    btap_usart_finish(&usart);
}

static void assert_session(const struct collector *collector)
{
    static const struct {
        enum btap_command command;
        enum btap_status status;
    } expected[] = {
        {BTAP_SYNC, BTAP_OK},           {BTAP_GET, BTAP_OK},          {BTAP_GET_ID, BTAP_OK},
        {BTAP_EXTENDED_ERASE, BTAP_OK}, {BTAP_WRITE_MEMORY, BTAP_OK}, {BTAP_READ_MEMORY, BTAP_OK},
        {BTAP_READ_MEMORY, BTAP_NACK},  {BTAP_GO, BTAP_OK},
    };

    assert_int_equal(collector->transactions_length, COUNT_OF(expected));
    for (size_t i = 0; i < COUNT_OF(expected); i++) {
        assert_int_equal(collector->transactions[i].command, expected[i].command);
        assert_int_equal(collector->transactions[i].status, expected[i].status);
    }
    assert_int_equal(collector->transactions[2].pid, 0x413);
    assert_int_equal(collector->transactions[4].length, 16);
    assert_int_equal(collector->transactions[5].length, 128);
}

static void check(const struct model *model)
{
    struct collector bare;

    run_bare(&bare);
    assert_session(&bare);
    for (uint32_t part = 1; part <= 130; part++) {
        struct collector through;

        run(&through, model, part);
        assert_session(&through);
        collector_assert_same(&bare, &through);
        collector_release(&through);
    }
    collector_release(&bare);
}

static void a_session_over_cdc_acm(void **state)
{
    (void)state;
    check(&(struct model){0x81, 0x01, open_cdc_acm, pack_raw});
}

static void a_session_over_ftdi(void **state)
{
    (void)state;
    check(&(struct model){0x81, 0x02, open_ftdi, pack_ftdi});
}

static void a_session_over_cp210x(void **state)
{
    (void)state;
    check(&(struct model){0x81, 0x01, open_cp210x, pack_cp210x});
}

static void a_session_over_ch34x(void **state)
{
    (void)state;
    check(&(struct model){0x82, 0x02, open_ch34x, pack_raw});
}

static void a_session_over_pl2303(void **state)
{
    (void)state;
    check(&(struct model){0x83, 0x02, open_pl2303, pack_raw});
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_session_over_cdc_acm), cmocka_unit_test(a_session_over_ftdi),
        cmocka_unit_test(a_session_over_cp210x),  cmocka_unit_test(a_session_over_ch34x),
        cmocka_unit_test(a_session_over_pl2303),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
