/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The one public capture of a real STM32 ROM in DFU mode, in both of its containers: two
 * downloads of dfu-util 0.9, one leave. It belongs to others (sigrokproject/sigrok-dumps,
 * usb/dfu/stm32_dfu_install) and lies beside the project, not in it: where it is missing, these
 * tests are skipped.
 *
 * The expected list was worked out from the setup bytes of the 302 records.
 */
#include <pcap/pcap.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "boottap/tap.h"
#include "collector.h"
#include "test.h"

#define FIXED SHARED_CAPTURES "/stm32_dfu_install.usbmon-fixed.pcap"
#define ODD   SHARED_CAPTURES "/stm32_dfu_install.usbmon.pcap"

#define RECORDS      302
#define TRANSACTIONS 44

static const struct {
    enum btap_command command;
    uint32_t address;
    uint32_t length;
    uint64_t first_packet;
    uint64_t last_packet;
} expected[TRANSACTIONS] = {
    {BTAP_GET_STATUS, 0, 0, 11, 12},
    {BTAP_CLEAR_STATUS, 0, 0, 13, 14},
    {BTAP_GET_STATUS, 0, 0, 15, 16},
    {BTAP_ERASE, 0x08000000, 0, 17, 22},
    {BTAP_ERASE, 0x08000400, 0, 23, 28},
    {BTAP_SET_ADDRESS, 0x08000000, 0, 29, 34},
    {BTAP_WRITE_MEMORY, 0x08000000, 2048, 35, 40},
    {BTAP_ERASE, 0x08000800, 0, 41, 46},
    {BTAP_ERASE, 0x08000c00, 0, 47, 52},
    {BTAP_SET_ADDRESS, 0x08000800, 0, 53, 58},
    {BTAP_WRITE_MEMORY, 0x08000800, 2048, 59, 64},
    {BTAP_ERASE, 0x08001000, 0, 65, 70},
    {BTAP_ERASE, 0x08001400, 0, 71, 76},
    {BTAP_SET_ADDRESS, 0x08001000, 0, 77, 82},
    {BTAP_WRITE_MEMORY, 0x08001000, 2048, 83, 88},
    {BTAP_ERASE, 0x08001800, 0, 89, 94},
    {BTAP_SET_ADDRESS, 0x08001800, 0, 95, 100},
    {BTAP_WRITE_MEMORY, 0x08001800, 404, 101, 106},
    {BTAP_ABORT, 0, 0, 107, 108},
    {BTAP_GET_STATUS, 0, 0, 109, 110},
    {BTAP_GET_STATUS, 0, 0, 121, 122},
    {BTAP_ERASE, 0x08002000, 0, 123, 128},
    {BTAP_ERASE, 0x08002400, 0, 129, 134},
    {BTAP_SET_ADDRESS, 0x08002000, 0, 135, 140},
    {BTAP_WRITE_MEMORY, 0x08002000, 2048, 141, 146},
    {BTAP_ERASE, 0x08002800, 0, 147, 152},
    {BTAP_ERASE, 0x08002c00, 0, 153, 158},
    {BTAP_SET_ADDRESS, 0x08002800, 0, 159, 164},
    {BTAP_WRITE_MEMORY, 0x08002800, 2048, 165, 170},
    {BTAP_ERASE, 0x08003000, 0, 171, 176},
    {BTAP_ERASE, 0x08003400, 0, 177, 182},
    {BTAP_SET_ADDRESS, 0x08003000, 0, 183, 188},
    {BTAP_WRITE_MEMORY, 0x08003000, 2048, 189, 194},
    {BTAP_ERASE, 0x08003800, 0, 195, 200},
    {BTAP_ERASE, 0x08003c00, 0, 201, 206},
    {BTAP_SET_ADDRESS, 0x08003800, 0, 207, 212},
    {BTAP_WRITE_MEMORY, 0x08003800, 2048, 213, 218},
    {BTAP_ERASE, 0x08004000, 0, 219, 224},
    {BTAP_SET_ADDRESS, 0x08004000, 0, 225, 230},
    {BTAP_WRITE_MEMORY, 0x08004000, 996, 231, 236},
    {BTAP_ABORT, 0, 0, 237, 238},
    {BTAP_GET_STATUS, 0, 0, 239, 240},
    {BTAP_SET_ADDRESS, 0x08002000, 0, 241, 246},
    {BTAP_LEAVE, 0x08002000, 0, 247, 250},
};

/** A capture in memory. */
struct capture {
    struct btap_record records[RECORDS];
    uint8_t *bytes[RECORDS];
    size_t length;
};

static struct btap_tap tap;

static bool is_big_endian_host(void)
{
    const uint16_t one = 1;
    uint8_t first;

    memcpy(&first, &one, 1);
    return first == 0;
}

static void add(struct capture *capture, btap_ns time, const uint8_t *bytes, uint32_t length,
                bool big_endian)
{
    uint8_t *copy = malloc(length);

    assert_non_null(copy);
    assert_in_range(capture->length, 0, RECORDS - 1);
    memcpy(copy, bytes, length);
    capture->bytes[capture->length] = copy;
    capture->records[capture->length] = (struct btap_record){
        .linktype = BTAP_LINKTYPE_USB_LINUX_MMAPPED,
        .packet = capture->length + 1,
        .time = time,
        .big_endian = big_endian,
        .bytes = copy,
        .captured = length,
        .length = length,
    };
    capture->length++;
}

/** libpcap turns the headers into the order of this machine. */
static bool load(struct capture *capture, const char *path)
{
    char error[PCAP_ERRBUF_SIZE];
    pcap_t *file = pcap_open_offline_with_tstamp_precision(path, PCAP_TSTAMP_PRECISION_NANO, error);
    struct pcap_pkthdr *header;
    const uint8_t *bytes;

    memset(capture, 0, sizeof(*capture));
    if (file == NULL)
        return false;
    assert_int_equal(pcap_datalink(file), BTAP_LINKTYPE_USB_LINUX_MMAPPED);
    while (pcap_next_ex(file, &header, &bytes) == 1)
        add(capture, header->ts.tv_sec * INT64_C(1000000000) + header->ts.tv_usec, bytes,
            header->caplen, is_big_endian_host());
    pcap_close(file);
    assert_int_equal(capture->length, RECORDS);
    return true;
}

static uint32_t be32(const uint8_t *bytes)
{
    return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
}

/** As the file has it: the odd container is a big-endian one, in microseconds. */
static bool load_big_endian(struct capture *capture)
{
    FILE *file = fopen(ODD, "rb");
    uint8_t bytes[4096];

    memset(capture, 0, sizeof(*capture));
    if (file == NULL)
        return false;
    assert_int_equal(fread(bytes, 24, 1, file), 1);
    assert_true(be32(bytes) == 0xa1b2c3d4u);
    while (fread(bytes, 16, 1, file) == 1) {
        btap_ns time = be32(bytes) * INT64_C(1000000000) + be32(bytes + 4) * INT64_C(1000);
        uint32_t length = be32(bytes + 8);

        assert_in_range(length, 1, sizeof(bytes));
        assert_int_equal(fread(bytes, length, 1, file), 1);
        add(capture, time, bytes, length, true);
    }
    fclose(file);
    assert_int_equal(capture->length, RECORDS);
    return true;
}

static void release(struct capture *capture)
{
    for (size_t i = 0; i < capture->length; i++)
        free(capture->bytes[i]);
}

/** @param without number of a record to leave out, RECORDS for none */
static void decode(struct collector *collector, const struct capture *capture, size_t length,
                   size_t without)
{
    collector_init(collector);
    btap_tap_init(&tap, &collector->sink, NULL);
    for (size_t i = 0; i < length; i++)
        if (i != without)
            btap_tap_record(&tap, &capture->records[i]);
    btap_tap_finish(&tap);
}

static void assert_is_expected(const struct btap_transaction *transaction, size_t i)
{
    assert_int_equal(transaction->transport, BTAP_DFU);
    assert_int_equal(transaction->n, i + 1);
    assert_int_equal(transaction->command, expected[i].command);
    assert_int_equal(transaction->status, BTAP_OK);
    assert_int_equal(transaction->first_packet, expected[i].first_packet);
    assert_int_equal(transaction->last_packet, expected[i].last_packet);
    if (expected[i].address != 0) {
        assert_true((transaction->has & BTAP_HAS_ADDRESS) != 0);
        assert_int_equal(transaction->address, expected[i].address);
    }
    if (expected[i].command == BTAP_WRITE_MEMORY) {
        assert_int_equal(transaction->length, expected[i].length);
        assert_int_equal(transaction->transferred, expected[i].length);
        assert_int_equal(transaction->block, 2);
    }
}

static uint32_t poll_timeout_of(enum btap_command command)
{
    switch (command) {
    case BTAP_ERASE:
        return 40;
    case BTAP_SET_ADDRESS:
    case BTAP_WRITE_MEMORY:
        return 72;
    case BTAP_LEAVE:
        return 1;
    default:
        return 0;
    }
}

/** Everything that the capture holds, however its container is. */
static void assert_decodes(const struct capture *capture)
{
    struct collector collector;
    uint32_t written = 0;

    decode(&collector, capture, RECORDS, RECORDS);
    assert_int_equal(collector.transactions_length, TRANSACTIONS);
    for (size_t i = 0; i < TRANSACTIONS; i++) {
        const struct btap_transaction *transaction = &collector.transactions[i];
        uint32_t poll_timeout = poll_timeout_of(expected[i].command);

        assert_is_expected(transaction, i);
        assert_int_equal(transaction->poll_timeout_ms, poll_timeout);
        if (poll_timeout > 1)
            assert_int_equal(transaction->polls, 2);
    }

    /* dfuERROR with errFIRMWARE at the start is normal; nothing else is remarkable. */
    assert_int_equal(collector.notes_length, 1);
    assert_int_equal(collector.notes[0].n, 1);
    assert_string_equal(btap_note_name(collector.notes[0].note.id), "firmware-corrupt-at-start");
    assert_int_equal(collector.transactions[0].dfu_state, 10);
    assert_int_equal(collector.transactions[0].dfu_status, 10);

    /* Packet 17 at 0.001173 s to 22 at 0.041584; busy from 38 at 0.310020 to 40 at 0.382253. */
    assert_true(collector.transactions[3].duration == 40411000);
    assert_true(collector.transactions[6].busy == 72233000);

    for (size_t i = 0; i < collector.data_length; i++)
        written += collector.data[i].data.length;
    assert_int_equal(written, 15736); /* 7 * 2048 + 404 + 996 */
    assert_int_equal(collector.data[0].data.address, 0x08000000);
    assert_int_equal(collector.data[0].data.packet, 35);
    assert_int_equal(collector.data[0].data.offset, 64);
    assert_memory_equal(collector.data[0].data.bytes, "\x00\x18\x00\x20\x25\x11\x00\x08", 8);

    assert_int_equal(tap.counters.malformed, 0);
    assert_int_equal(tap.counters.truncated, 0);
    assert_int_equal(tap.counters.unpaired, 2); /* two reads of the new device are left waiting */
    assert_int_equal(tap.usb[0].device.strings[0].index, 4);
    assert_string_equal(tap.usb[0].device.strings[0].text,
                        "@Internal Flash  /0x08000000/032*0001Kg");
    collector_release(&collector);
}

static void the_linux_container_decodes_completely(void **state)
{
    struct capture capture;

    (void)state;
    if (!load(&capture, FIXED))
        skip();
    assert_decodes(&capture);
    release(&capture);
}

/* Setup repeated in completions, the IN bit never set, lengths 0, bus 0 */
static void the_odd_container_decodes_to_the_same(void **state)
{
    struct capture capture;

    (void)state;
    if (!load(&capture, ODD))
        skip();
    assert_decodes(&capture);
    release(&capture);
}

static void the_odd_container_decodes_in_its_own_byte_order(void **state)
{
    struct capture capture;

    (void)state;
    if (!load_big_endian(&capture))
        skip();
    assert_decodes(&capture);
    release(&capture);
}

static void a_capture_that_ends_early_decodes_up_to_there(void **state)
{
    struct capture capture;

    (void)state;
    if (!load(&capture, FIXED))
        skip();
    for (size_t length = 0; length < RECORDS; length++) {
        struct collector collector;
        size_t complete = 0;

        while (complete < TRANSACTIONS && expected[complete].last_packet <= length)
            complete++;
        decode(&collector, &capture, length, RECORDS);
        assert_in_range(collector.transactions_length, complete, complete + 1);
        for (size_t i = 0; i < complete; i++)
            assert_is_expected(&collector.transactions[i], i);
        for (size_t i = complete; i < collector.transactions_length; i++) {
            assert_int_equal(collector.transactions[i].status, BTAP_INCOMPLETE);
            assert_int_equal(collector.transactions[i].first_packet, expected[i].first_packet);
        }
        collector_release(&collector);
    }
    release(&capture);
}

static void any_lost_record_does_little_harm(void **state)
{
    struct capture capture;

    (void)state;
    if (!load(&capture, FIXED))
        skip();
    for (size_t lost = 0; lost < RECORDS; lost++) {
        struct collector collector;

        decode(&collector, &capture, RECORDS, lost);
        assert_in_range(collector.transactions_length, TRANSACTIONS - 2, TRANSACTIONS + 2);
        for (size_t i = 0; i < collector.transactions_length; i++)
            assert_int_equal(collector.transactions[i].n, i + 1);
        assert_int_equal(tap.counters.decoded + tap.counters.events + tap.counters.foreign,
                         RECORDS - 1);
        collector_release(&collector);
    }
    release(&capture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_linux_container_decodes_completely),
        cmocka_unit_test(the_odd_container_decodes_to_the_same),
        cmocka_unit_test(the_odd_container_decodes_in_its_own_byte_order),
        cmocka_unit_test(a_capture_that_ends_early_decodes_up_to_there),
        cmocka_unit_test(any_lost_record_does_little_harm),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
