/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The USART decoder on long streams: a flash of 20 kB, and noise.
 */
#include "boottap/usart.h"

#include <stdlib.h>
#include <string.h>

#include "collector.h"
#include "test.h"

#define IMAGE_SIZE 20480
#define BASE       0x08000000u
#define BLOCK      256

/** How the flash is cut into chunks. */
enum cut {
    CUT_RECORDS,
    CUT_BYTES,
    CUT_SEVENTEEN, /**< pieces of 17 bytes, which is no divisor of anything here */
};

struct feeder {
    struct btap_usart *usart;
    enum cut cut;
    uint64_t packet;
};

static void feed(struct feeder *feeder, enum btap_direction direction, const uint8_t *bytes,
                 uint32_t length)
{
    const uint32_t piece = feeder->cut == CUT_RECORDS ? length : feeder->cut == CUT_BYTES ? 1 : 17;

    feeder->packet++;
    for (uint32_t i = 0; i < length; i += piece) {
        const struct btap_serial_chunk chunk = {
            .at = {.packet = feeder->packet, .offset = 12 + i, .time = (btap_ns)feeder->packet},
            .direction = direction,
            .bytes = bytes + i,
            .length = length - i < piece ? length - i : piece,
        };

        btap_usart_chunk(feeder->usart, &chunk);
    }
}

static void host(struct feeder *feeder, const uint8_t *bytes, uint32_t length)
{
    feed(feeder, BTAP_HOST_TO_DEVICE, bytes, length);
}

static void device(struct feeder *feeder, const char *bytes, uint32_t length)
{
    feed(feeder, BTAP_DEVICE_TO_HOST, (const uint8_t *)bytes, length);
}

/** The address group of AN3155: four bytes, MSB first, and their XOR. */
static void send_address(struct feeder *feeder, uint32_t address)
{
    const uint8_t bytes[5] = {
        (uint8_t)(address >> 24),
        (uint8_t)(address >> 16),
        (uint8_t)(address >> 8),
        (uint8_t)address,
        (uint8_t)(address >> 24 ^ address >> 16 ^ address >> 8 ^ address),
    };

    host(feeder, bytes, sizeof(bytes));
    device(feeder, "\x79", 1);
}

static void write_block(struct feeder *feeder, uint32_t address, const uint8_t image[BLOCK])
{
    uint8_t data[1 + BLOCK + 1] = {BLOCK - 1};

    host(feeder, (const uint8_t *)"\x31\xce", 2);
    device(feeder, "\x79", 1);
    send_address(feeder, address);
    memcpy(data + 1, image, BLOCK);
    for (uint32_t i = 0; i < BLOCK + 1; i++)
        data[BLOCK + 1] ^= data[i];
    host(feeder, data, sizeof(data));
    device(feeder, "\x79", 1);
}

static void read_block(struct feeder *feeder, uint32_t address, const uint8_t image[BLOCK])
{
    char reply[1 + BLOCK] = {0x79};

    host(feeder, (const uint8_t *)"\x11\xee", 2);
    device(feeder, "\x79", 1);
    send_address(feeder, address);
    host(feeder, (const uint8_t *)"\xff\x00", 2);
    memcpy(reply + 1, image, BLOCK);
    device(feeder, reply, sizeof(reply));
}

/** Numerical Recipes' generator; the same bytes on every machine. */
static uint32_t next_random(uint32_t *state)
{
    *state = *state * 1664525u + 1013904223u;
    return *state >> 8;
}

static void flash(struct collector *collector, enum cut cut, const uint8_t image[IMAGE_SIZE])
{
    struct btap_link link = {.kind = BTAP_LINK_SERIAL, .transport = BTAP_USART};
    struct btap_usart usart;
    struct feeder feeder = {.usart = &usart, .cut = cut};

    collector_init(collector);
    btap_usart_init(&usart, &collector->sink, &link);
    host(&feeder, (const uint8_t *)"\x7f", 1);
    device(&feeder, "\x79", 1);
    for (uint32_t i = 0; i < IMAGE_SIZE; i += BLOCK) {
        write_block(&feeder, BASE + i, image + i);
        read_block(&feeder, BASE + i, image + i);
    }
    btap_usart_finish(&usart);
}

/* 1 sync, then 80 blocks of 256 bytes, each written and read back: 161 transactions. */
static void a_flash_of_20_kB_decodes_whole_and_byte_by_byte(void **state)
{
    static uint8_t image[IMAGE_SIZE];
    struct collector whole;
    struct collector cut;
    uint32_t random = 20480;

    (void)state;
    for (uint32_t i = 0; i < IMAGE_SIZE; i++)
        image[i] = (uint8_t)next_random(&random);
    flash(&whole, CUT_RECORDS, image);
    assert_int_equal(whole.transactions_length, 161);
    assert_int_equal(whole.notes_length, 0);
    assert_int_equal(whole.data_length, 160);
    for (uint32_t i = 0; i < 160; i++) {
        const struct btap_transaction *transaction = &whole.transactions[i + 1];
        const struct btap_data *data = &whole.data[i].data;

        assert_int_equal(transaction->command, i % 2 == 0 ? BTAP_WRITE_MEMORY : BTAP_READ_MEMORY);
        assert_int_equal(transaction->status, BTAP_OK);
        assert_int_equal(transaction->address, 0x08000000 + i / 2 * 256);
        assert_int_equal(transaction->length, 256);
        assert_int_equal(data->address, 0x08000000 + i / 2 * 256);
        assert_int_equal(data->written, i % 2 == 0);
        assert_int_equal(data->length, 256);
        assert_memory_equal(data->bytes, image + i / 2 * 256, 256);
    }
    for (enum cut how = CUT_BYTES; how <= CUT_SEVENTEEN; how++) {
        flash(&cut, how, image);
        collector_assert_same(&whole, &cut);
        collector_release(&cut);
    }
    collector_release(&whole);
}

/** What noise may make the decoder say, held against the bytes that came in. */
struct tally {
    uint64_t transactions;
    uint64_t notes;
    uint64_t covered;
};

static void tally_span(void *context, const struct btap_link *link, const struct btap_span *span)
{
    (void)link;
    assert_true(span->length >= 1);
    ((struct tally *)context)->covered += span->length;
}

static void tally_note(void *context, const struct btap_link *link, uint64_t n,
                       const struct btap_note *note)
{
    struct tally *tally = context;

    (void)link;
    assert_true(n == 0 || n == tally->transactions + 1);
    assert_true(note->id < BTAP_NOTE_COUNT);
    tally->notes++;
}

static void tally_transaction(void *context, const struct btap_link *link,
                              const struct btap_transaction *transaction)
{
    struct tally *tally = context;

    (void)link;
    assert_int_equal(transaction->n, ++tally->transactions);
    assert_int_equal(transaction->phase == BTAP_PHASE_NONE, transaction->status == BTAP_OK);
    assert_true(transaction->last_packet >= transaction->first_packet);
    assert_true(transaction->duration >= 0);
}

/** Bytes that the protocol is made of come up often enough to open commands. */
static uint8_t noise(uint32_t *random, bool protocol)
{
    static const uint8_t likely[] = {0x79, 0x1f, 0x7f, 0x00, 0xff, 0x11, 0xee, 0x31,
                                     0xce, 0x44, 0xbb, 0xa1, 0x5e, 0x50, 0xaf, 0x51,
                                     0xae, 0x02, 0xfd, 0x43, 0xbc, 0x92, 0x6d, 0x03};
    const uint32_t value = next_random(random);

    return protocol && value % 4 != 0 ? likely[value / 4 % sizeof(likely)] : (uint8_t)(value >> 4);
}

static void feed_noise(bool protocol, uint32_t seed, size_t size, struct tally *tally)
{
    const struct btap_sink sink = {
        .context = tally,
        .span = tally_span,
        .note = tally_note,
        .transaction = tally_transaction,
    };
    struct btap_link link = {.kind = BTAP_LINK_SERIAL, .transport = BTAP_USART};
    struct btap_usart usart;

    btap_usart_init(&usart, &sink, &link);
    for (size_t done = 0, packet = 1; done < size; packet++) {
        struct btap_serial_chunk chunk = {
            .at = {.packet = packet, .time = (btap_ns)packet},
            .direction = next_random(&seed) % 2 == 0 ? BTAP_HOST_TO_DEVICE : BTAP_DEVICE_TO_HOST,
            .length = 1 + next_random(&seed) % (protocol ? 4 : 64),
        };
        uint8_t *copy;

        if (chunk.length > size - done)
            chunk.length = (uint32_t)(size - done);
        /* A block of its own, so that a sanitizer sees a read past its end. */
        copy = malloc(chunk.length);
        assert_non_null(copy);
        for (uint32_t i = 0; i < chunk.length; i++)
            copy[i] = noise(&seed, protocol);
        chunk.bytes = copy;
        btap_usart_chunk(&usart, &chunk);
        free(copy);
        done += chunk.length;
    }
    btap_usart_finish(&usart);
    assert_int_equal(link.transactions, tally->transactions);
}

static void a_megabyte_of_noise_is_survived(void **state)
{
    struct tally tally = {0};

    (void)state;
    feed_noise(false, 1, 1 << 20, &tally);
    /* Noise of random chunks hardly ever looks like an answered command. */
    assert_true(tally.transactions < 2000);
    assert_true(tally.notes < 8000);
    assert_int_equal(tally.covered, 1 << 20);
}

static void a_megabyte_of_the_protocols_own_bytes_is_survived(void **state)
{
    struct tally tally = {0};

    (void)state;
    feed_noise(true, 2, 1 << 20, &tally);
    assert_true(tally.transactions > 500);
    /* Every command ends with few notes, however wild the line. */
    assert_true(tally.notes < 8 * tally.transactions);
    assert_int_equal(tally.covered, 1 << 20);
}

/* A recorder first says how the lines are; an adapter is told when the host moves one. */
static void the_port_is_known_from_its_events(void **state)
{
    static const struct {
        enum btap_link_kind kind;
        struct btap_serial_event events[2];
        struct btap_serial_port port;
    } cases[] = {
        {BTAP_LINK_SERIAL, {{.count = 0}}, {false, false, 0, 0, {0}}},
        {BTAP_LINK_SERIAL,
         {{.kind = BTAP_SERIAL_LINES, .lines = BTAP_LINE_CTS, .lines_known = 0x3f}},
         {false, false, 0, 0, {0}}},
        {BTAP_LINK_SERIAL,
         {{.kind = BTAP_SERIAL_LINES, .lines = BTAP_LINE_DTR, .lines_known = 0x3f}},
         {false, true, 0, 0, {0}}},
        {BTAP_LINK_SERIAL,
         {{.kind = BTAP_SERIAL_LINES, .lines = BTAP_LINE_DTR, .lines_known = 0x3f},
          {.kind = BTAP_SERIAL_LINES, .lines = 0, .lines_known = 0x3f}},
         {false, true, 2, 2, {0}}},
        {BTAP_LINK_USB_SERIAL,
         {{.kind = BTAP_SERIAL_LINES, .lines = BTAP_LINE_RTS, .lines_known = BTAP_LINE_RTS},
          {.kind = BTAP_SERIAL_SETTINGS, .settings = {115200, 8, BTAP_PARITY_EVEN, 2}}},
         {true, true, 1, 2, {115200, 8, BTAP_PARITY_EVEN, 2}}},
        {BTAP_LINK_SERIAL,
         {{.kind = BTAP_SERIAL_SETTINGS, .settings = {115200, 8, BTAP_PARITY_EVEN, 2}},
          {.kind = BTAP_SERIAL_SETTINGS, .settings = {115200, 8, BTAP_PARITY_NONE, 2}}},
         {false, false, 0, 2, {115200, 8, BTAP_PARITY_NONE, 2}}},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        const struct btap_sink sink = {0};
        struct btap_link link = {.kind = cases[i].kind, .transport = BTAP_USART};
        struct btap_serial_port port;
        struct btap_usart usart;

        btap_usart_init(&usart, &sink, &link);
        for (uint64_t j = 0; j < 2; j++) {
            struct btap_serial_event event = cases[i].events[j];

            event.at.packet = j + 1;
            btap_usart_event(&usart, &event);
        }
        port = btap_usart_port(&usart);
        assert_int_equal(port.parity_even, cases[i].port.parity_even);
        assert_int_equal(port.lines_known, cases[i].port.lines_known);
        assert_int_equal(port.moved_packet, cases[i].port.moved_packet);
        assert_int_equal(port.closed_packet, cases[i].port.closed_packet);
        assert_int_equal(port.settings.baud, cases[i].port.settings.baud);
        assert_int_equal(port.settings.parity, cases[i].port.settings.parity);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_flash_of_20_kB_decodes_whole_and_byte_by_byte),
        cmocka_unit_test(the_port_is_known_from_its_events),
        cmocka_unit_test(a_megabyte_of_noise_is_survived),
        cmocka_unit_test(a_megabyte_of_the_protocols_own_bytes_is_survived),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
