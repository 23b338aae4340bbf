/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Totals, as text and as JSON.
 */
#include <string.h>

#include "decode/totals.h"
#include "output_fixture.h"
#include "test.h"

#define MS 1000000

/** A transaction with what the totals look at. */
static struct btap_transaction command(enum btap_command command, int start_ms, int duration_ms)
{
    return (struct btap_transaction){
        .transport = BTAP_USART,
        .command = command,
        .time = SESSION_START + (btap_ns)start_ms * MS,
        .duration = (btap_ns)duration_ms * MS,
    };
}

/* Get ID of a F405 (0x413), whose pages 0 to 3 have 16 KiB (RM0090 table 5); an erase of pages 0
   and 3; two writes in 500 ms, one of them refused; a note of its own. */
static const struct link_totals *link_at(const struct totals *totals, size_t i)
{
    return totals->links.list[i];
}

static void add_session(struct totals *totals)
{
    struct btap_transaction id = command(BTAP_GET_ID, 0, 1);
    struct btap_transaction erase = command(BTAP_EXTENDED_ERASE, 100, 300);
    struct btap_transaction write = command(BTAP_WRITE_MEMORY, 500, 100);
    const struct btap_note note = {.id = BTAP_NOTE_TRUNCATED};

    id.has = BTAP_HAS_PID;
    id.pid = 0x413;
    totals_transaction(totals, &serial_link, &id, NULL);
    erase.erase = BTAP_ERASE_PAGES;
    erase.list_length = 2;
    erase.list[0] = 0;
    erase.list[1] = 3;
    totals_transaction(totals, &serial_link, &erase, NULL);
    write.transferred = 256;
    totals_transaction(totals, &serial_link, &write, NULL);
    write.time += 150 * MS;
    write.status = BTAP_NACK;
    totals_note(totals, &serial_link, 4, &note);
    totals_transaction(totals, &serial_link, &write, NULL);
    write.time += 250 * MS;
    write.status = BTAP_OK;
    totals_transaction(totals, &serial_link, &write, NULL);
    totals_note(totals, &serial_link, 0, &note);
}

static void commands_bytes_and_notes_are_counted(void **state)
{
    struct totals totals;
    const struct link_totals *link;

    (void)state;
    totals_init(&totals);
    add_session(&totals);
    assert_int_equal(totals.links.length, 1);
    link = totals.links.list[0];
    assert_int_equal(link->transactions, 5);
    assert_int_equal(link->counts[BTAP_WRITE_MEMORY][BTAP_OK], 2);
    assert_int_equal(link->counts[BTAP_WRITE_MEMORY][BTAP_NACK], 1);
    assert_int_equal(link->written.bytes, 512);
    /* 512 bytes from 500 ms to 1000 ms */
    assert_int_equal(totals_rate(&link->written), 1024);
    assert_int_equal(totals_rate(&link->read), 0);
    assert_int_equal(link->erased_pages, 2);
    assert_int_equal(link->erased_bytes, 32768);
    assert_int_equal(link->erased_unsized, 0);
    assert_int_equal(link->notes[BTAP_NOTE_TRUNCATED], 2);
    assert_int_equal(link->last - link->first, (btap_ns)1000 * MS);
    totals_release(&totals);
}

static void pages_of_an_unknown_product_have_no_size(void **state)
{
    struct btap_transaction erase = command(BTAP_ERASE, 0, 1);
    struct totals totals;

    (void)state;
    totals_init(&totals);
    erase.erase = BTAP_ERASE_PAGES;
    erase.list_length = 3;
    totals_transaction(&totals, &serial_link, &erase, NULL);
    erase.erase = BTAP_ERASE_MASS;
    totals_transaction(&totals, &serial_link, &erase, NULL);
    assert_int_equal(link_at(&totals, 0)->erased_pages, 3);
    assert_int_equal(link_at(&totals, 0)->erased_bytes, 0);
    assert_int_equal(link_at(&totals, 0)->erased_unsized, 3);
    assert_int_equal(link_at(&totals, 0)->mass_erases, 1);
    totals_release(&totals);
}

/* UM0424 section 4.3.2: four pages of 16 KiB, then one of 64 KiB at 0x08010000 */
static void dfu_pages_have_the_size_that_the_device_tells(void **state)
{
    struct btap_usb_device device = {
        .descriptor_known = true,
        .vendor = 0x0483,
        .product = 0xdf11,
        .strings = {{.index = 4, .text = "@Internal Flash  /0x08000000/04*016Kg,01*064Kg"}},
    };
    struct btap_transaction erase = command(BTAP_ERASE, 0, 1);
    struct totals totals;

    (void)state;
    totals_init(&totals);
    erase.erase = BTAP_ERASE_ADDRESS;
    erase.address = 0x08010000;
    totals_transaction(&totals, &usb_link, &erase, &device);
    erase.address = 0x20000000;
    totals_transaction(&totals, &usb_link, &erase, &device);
    assert_int_equal(link_at(&totals, 0)->erased_bytes, 65536);
    assert_int_equal(link_at(&totals, 0)->erased_unsized, 1);
    assert_string_equal(link_at(&totals, 0)->layout, "Internal Flash");
    assert_int_equal(link_at(&totals, 0)->usb_vendor, 0x0483);
    totals_release(&totals);
}

static void notes_of_what_the_filter_leaves_out_do_not_count(void **state)
{
    const struct btap_note note = {.id = BTAP_NOTE_TRUNCATED};
    const struct btap_transaction sync = command(BTAP_SYNC, 0, 1);
    struct totals totals;

    (void)state;
    totals_init(&totals);
    totals_note(&totals, &serial_link, 1, &note);
    totals_skip(&totals, &serial_link);
    totals_transaction(&totals, &serial_link, &sync, NULL);
    assert_int_equal(link_at(&totals, 0)->notes[BTAP_NOTE_TRUNCATED], 0);
    totals_release(&totals);
}

static void more_links_than_fit_are_counted(void **state)
{
    struct btap_link link = {.kind = BTAP_LINK_USB, .transport = BTAP_USART};
    const struct btap_transaction sync = command(BTAP_SYNC, 0, 1);
    struct totals totals;

    (void)state;
    totals_init(&totals);
    for (uint16_t i = 0; i < TOTALS_LINKS_MAX + 3; i++) {
        link.device = i;
        totals_transaction(&totals, &link, &sync, NULL);
    }
    assert_int_equal(totals.links.length, TOTALS_LINKS_MAX);
    assert_int_equal(totals.omitted, 3);
    totals_release(&totals);
}

/** Prints one Get ID, Get and Write Memory. */
static void print_session(struct output *output)
{
    struct btap_transaction get = command(BTAP_GET, 0, 1);
    struct btap_transaction id = command(BTAP_GET_ID, 10, 1);
    struct btap_transaction write = command(BTAP_WRITE_MEMORY, 100, 400);
    const struct btap_note note = {.id = BTAP_NOTE_TRUNCATED};

    get.has = BTAP_HAS_VERSION;
    get.version = 0x31;
    id.has = BTAP_HAS_PID;
    id.pid = 0x413;
    write.transferred = 200;
    output->transaction(output, &serial_link, &get, NULL);
    output->transaction(output, &serial_link, &id, NULL);
    output->note(output, &serial_link, 3, &note);
    output->transaction(output, &serial_link, &write, NULL);
}

static void totals_as_text(void **state)
{
    struct output_fixture *fixture =
        new_fixture(output_summary_new, (struct output_options){.notes = true});

    (void)state;
    fixture->tap.counters.decoded = 18;
    fixture->tap.counters.foreign = 2;
    print_session(fixture->output);
    assert_string_equal(end_file(fixture),
                        "capture.pcap: 20 packets, 18 decoded, 2 foreign\n"
                        "  serial  usart\n"
                        "    product                        STM32F405/407/415/417 (PID 0x413)\n"
                        "    bootloader version             3.1\n"
                        "    transactions                   3\n"
                        "    duration                       0.500000 s\n"
                        "    written                        200 bytes, 500 bytes/s\n"
                        "    get                            1 ok\n"
                        "    get-id                         1 ok\n"
                        "    write-memory                   1 ok\n"
                        "    truncated-packet               1 (warn)\n");
    free_fixture(fixture);
}

static void totals_as_json(void **state)
{
    struct output_fixture *fixture =
        new_fixture(output_summary_new, (struct output_options){.notes = true, .json = true});

    (void)state;
    fixture->tap.counters.decoded = 18;
    fixture->tap.counters.foreign = 2;
    print_session(fixture->output);
    assert_string_equal(
        end_file(fixture),
        "{\"type\":\"link-totals\",\"v\":1,\"transport\":\"usart\",\"link\":\"serial\",\"pid\":"
        "1043,"
        "\"product\":\"STM32F405/407/415/417\",\"version\":\"3.1\",\"transactions\":3,"
        "\"time\":1436507452.000000,\"time_ns\":1436507452000000000,\"duration\":0.500000,"
        "\"written\":200,\"write_rate\":500,"
        "\"read\":0,\"erased_pages\":0,\"erased_bytes\":0,\"mass_erases\":0,"
        "\"commands\":{\"get\":{\"ok\":1},\"get-id\":{\"ok\":1},\"write-memory\":{\"ok\":1}},"
        "\"notes\":{\"truncated-packet\":1}}\n"
        "{\"type\":\"file-totals\",\"v\":1,\"file\":\"capture.pcap\",\"packets\":20,\"decoded\":18,"
        "\"events\":0,\"foreign\":2,"
        "\"malformed\":0,\"unsupported\":0,\"truncated\":0,\"unpaired\":0,"
        "\"evicted_links\":0}\n");
    free_fixture(fixture);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(commands_bytes_and_notes_are_counted),
        cmocka_unit_test(pages_of_an_unknown_product_have_no_size),
        cmocka_unit_test(dfu_pages_have_the_size_that_the_device_tells),
        cmocka_unit_test(notes_of_what_the_filter_leaves_out_do_not_count),
        cmocka_unit_test(more_links_than_fit_are_counted),
        cmocka_unit_test(totals_as_text),
        cmocka_unit_test(totals_as_json),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
