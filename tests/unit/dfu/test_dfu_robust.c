/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Captures that end early, lack records, or hold anything at all.
 */
#include "boottap/dfu.h"

#include "dfu_session.h"
#include "test.h"

static struct session session;

/** The conversations of which parts are played. All their requests are in order. */
static void dfu_util_download(void)
{
    session_init(&session);
    session_getstatus(&session, 10, 0, ERROR_STATE);
    session_out(&session, CLRSTATUS, 0);
    session_getstatus(&session, 0, 0, IDLE);
    session_erase(&session, 0x08000000);
    session_set_address(&session, 0x08000000);
    session_write(&session, 2, session_pattern(), 2048);
    session_erase(&session, 0x08000800);
    session_set_address(&session, 0x08000800);
    session_write(&session, 2, session_pattern(), 404);
    session_out(&session, ABORT, 0);
    session_getstatus(&session, 0, 0, IDLE);
    session_set_address(&session, 0x08000000);
    session_dnload(&session, 2, NULL, 0);
    session_getstatus(&session, 0, 1, MANIFEST);
}

static void dfu_util_upload(void)
{
    session_init(&session);
    session_getstatus(&session, 0, 0, IDLE);
    session_upload(&session, 0, 4, (const uint8_t[]){0x00, 0x21, 0x41, 0x92}, 4);
    session_getstatus(&session, 0, 0, IDLE);
    session_set_address(&session, 0x08000000);
    session_out(&session, ABORT, 0);
    session_upload(&session, 2, 2048, session_pattern(), 2048);
    session_upload(&session, 3, 2048, session_pattern(), 2048);
    session_upload(&session, 4, 2048, session_pattern(), 2048);
    session_out(&session, ABORT, 0);
    session_getstatus(&session, 0, 0, IDLE);
}

static void mass_erase_and_unprotect(void)
{
    session_init(&session);
    session_getstatus(&session, 0, 0, IDLE);
    session_dnload(&session, 0, (const uint8_t[]){0x41}, 1);
    session_getstatus(&session, 0, 100, DNBUSY);
    session_wait(&session, 100);
    session_getstatus(&session, 0, 100, DNLOAD_IDLE);
    session_submit(&session, CLASS_IN, GETSTATE, 0, NULL, 1);
    session_complete(&session, BTAP_USB_OK, (const uint8_t[]){DNLOAD_IDLE}, 1);
    session_dnload(&session, 0, (const uint8_t[]){0x92}, 1);
    session_getstatus(&session, 0, 0, DNBUSY);
    session_disconnected(&session);
}

static void plain_download(void)
{
    session_init(&session);
    session.device.dfu = (struct btap_dfu_functional){
        .known = true, .attributes = 0x0f, .transfer_size = 1024, .bcd_dfu = 0x0110};
    session_getstatus(&session, 0, 0, IDLE);
    session_write(&session, 0, session_pattern(), 1024);
    session_write(&session, 1, session_pattern(), 1024);
    session_dnload(&session, 2, NULL, 0);
    session_getstatus(&session, 0, 1, MANIFEST_SYNC);
    session_wait(&session, 1);
    session_getstatus(&session, 0, 1, IDLE);
}

static void (*const conversations[])(void) = {
    dfu_util_download,
    dfu_util_upload,
    mass_erase_and_unprotect,
    plain_download,
};

static void assert_well_formed(const struct collector *collector)
{
    for (size_t i = 0; i < collector->transactions_length; i++) {
        const struct btap_transaction *transaction = &collector->transactions[i];

        assert_int_equal(transaction->n, i + 1);
        assert_int_equal(transaction->phase == BTAP_PHASE_NONE, transaction->status == BTAP_OK);
        assert_true(transaction->duration >= 0);
        assert_true(transaction->first_packet <= transaction->last_packet);
        assert_true(transaction->busy <= transaction->duration);
    }
    for (size_t i = 0; i < collector->spans_length; i++)
        assert_true(collector->spans[i].span.n <= collector->transactions_length);
    for (size_t i = 0; i < collector->data_length; i++)
        assert_in_range(collector->data[i].data.n, 1, collector->transactions_length);
}

static void assert_equal(const struct btap_transaction *a, const struct btap_transaction *b)
{
    assert_int_equal(a->command, b->command);
    assert_int_equal(a->status, b->status);
    assert_int_equal(a->has, b->has);
    assert_int_equal(a->address, b->address);
    assert_int_equal(a->length, b->length);
    assert_int_equal(a->transferred, b->transferred);
    assert_int_equal(a->polls, b->polls);
    assert_int_equal(a->erase, b->erase);
    assert_int_equal(a->dfu_state, b->dfu_state);
    assert_int_equal(a->last_packet, b->last_packet);
}

/** Transactions that end at or before a record. */
static size_t count_ended(const struct collector *collector, uint64_t packet)
{
    size_t count = 0;

    while (count < collector->transactions_length &&
           collector->transactions[count].last_packet <= packet)
        count++;
    return count;
}

/* Every conversation is healthy: nothing above a note, and all of it ok. */
static void whole_conversations_are_healthy(void **state)
{
    (void)state;
    for (size_t c = 0; c < COUNT_OF(conversations); c++) {
        struct collector collector;

        conversations[c]();
        session_play(&session, &collector);
        assert_well_formed(&collector);
        for (size_t i = 0; i < collector.transactions_length; i++)
            assert_int_equal(collector.transactions[i].status, BTAP_OK);
        for (size_t i = 0; i < collector.notes_length; i++)
            assert_true(btap_note_severity(collector.notes[i].note.id) <= BTAP_NOTE);
        collector_release(&collector);
    }
}

/* A capture that ends after any record: what is complete is as it was, what is open is incomplete.
 */
static void every_prefix(void **state)
{
    (void)state;
    for (size_t c = 0; c < COUNT_OF(conversations); c++) {
        struct collector whole;

        conversations[c]();
        session_play(&session, &whole);
        for (size_t events = 0; events < session.length; events++) {
            const size_t ended = count_ended(&whole, events);
            const bool open = ended < whole.transactions_length &&
                              whole.transactions[ended].first_packet <= events;
            struct collector part;

            session_play_part(&session, &part, events, SESSION_NOTHING_LOST);
            assert_well_formed(&part);
            /* One record alone, the first GETSTATUS, is not certain to be DFU. */
            if (events == 1) {
                assert_int_equal(part.transactions_length, 0);
                collector_release(&part);
                continue;
            }
            assert_int_equal(part.transactions_length, ended + open);
            for (size_t i = 0; i < ended; i++)
                assert_equal(&part.transactions[i], &whole.transactions[i]);
            if (open) {
                assert_int_equal(part.transactions[ended].status, BTAP_INCOMPLETE);
                assert_int_equal(part.transactions[ended].command,
                                 whole.transactions[ended].command);
            }
            collector_release(&part);
        }
        collector_release(&whole);
    }
}

static const struct btap_transaction *find_first_packet(const struct collector *collector,
                                                        uint64_t packet)
{
    for (size_t i = 0; i < collector->transactions_length; i++)
        if (collector->transactions[i].first_packet == packet)
            return &collector->transactions[i];
    return NULL;
}

/*
 * A capture that lacks any one record: the transactions after the one that it belongs to are
 * there, with the same outcome, and their addresses are right or said to be uncertain.
 */
static void every_lost_half(void **state)
{
    (void)state;
    for (size_t c = 0; c < COUNT_OF(conversations); c++) {
        struct collector whole;

        conversations[c]();
        session_play(&session, &whole);
        for (size_t lost = 0; lost < session.length; lost++) {
            size_t after = count_ended(&whole, lost) + 1;
            struct collector part;

            session_play_part(&session, &part, session.length, lost);
            assert_well_formed(&part);
            for (; after < whole.transactions_length; after++) {
                const struct btap_transaction *expected = &whole.transactions[after];
                const struct btap_transaction *found =
                    find_first_packet(&part, expected->first_packet);

                assert_non_null(found);
                assert_int_equal(found->command, expected->command);
                assert_int_equal(found->status, expected->status);
                assert_int_equal(found->last_packet, expected->last_packet);
                if (found->command == BTAP_LEAVE)
                    continue;
                assert_true(found->address == expected->address ||
                            transaction_has_note(found, BTAP_NOTE_POINTER_UNCERTAIN));
            }
            collector_release(&part);
        }
        collector_release(&whole);
    }
}

/* The erase's submission is lost: the answers show that something is at work. */
static void lost_dnload_is_noticed(void **state)
{
    struct collector collector;

    (void)state;
    session_init(&session);
    session_getstatus(&session, 0, 0, IDLE);
    session_set_address(&session, 0x08001000);
    session_upload(&session, 2, 64, session_pattern(), 64);
    session_play_part(&session, &collector, session.length, 2);
    session_only_note(session_expect(&collector, 2, BTAP_GET_STATUS, BTAP_OK),
                      BTAP_NOTE_COMMAND_MISSING);
    assert_true(transaction_has_note(session_expect(&collector, 4, BTAP_READ_MEMORY, BTAP_OK),
                                     BTAP_NOTE_POINTER_UNCERTAIN));
    collector_release(&collector);
}

/* The submission of a GETSTATUS is lost: its answer is known by its looks. */
static void lost_getstatus_submission(void **state)
{
    struct collector collector;

    (void)state;
    session_init(&session);
    session_erase(&session, 0x08000000);
    session_play_part(&session, &collector, session.length, 2);
    assert_int_equal(collector.transactions_length, 1);
    assert_int_equal(session_expect(&collector, 1, BTAP_ERASE, BTAP_OK)->polls, 2);
    session_only_note(&collector.transactions[0], BTAP_NOTE_SUBMISSION_MISSING);
    collector_release(&collector);
}

/* The completion of the DNLOAD is lost: GETSTATUS shows that it was accepted. */
static void lost_dnload_completion(void **state)
{
    struct collector collector;

    (void)state;
    session_init(&session);
    session_erase(&session, 0x08000000);
    session_play_part(&session, &collector, session.length, 1);
    assert_int_equal(collector.transactions_length, 1);
    session_only_note(session_expect(&collector, 1, BTAP_ERASE, BTAP_OK),
                      BTAP_NOTE_COMPLETION_MISSING);
    collector_release(&collector);
}

/* The completion of a request of its own, and the last answer to a command, are lost. */
static void lost_outcomes(void **state)
{
    struct collector collector;

    (void)state;
    session_init(&session);
    session_getstatus(&session, 0, 0, IDLE);
    session_out(&session, ABORT, 0);
    session_erase(&session, 0x08000000);
    session_out(&session, ABORT, 0);
    session_play_part(&session, &collector, session.length, 3);
    session_only_note(session_expect(&collector, 2, BTAP_ABORT, BTAP_INCOMPLETE),
                      BTAP_NOTE_COMPLETION_MISSING);
    assert_int_equal(collector.transactions[1].phase, BTAP_PHASE_REQUEST);
    collector_release(&collector);

    session_play_part(&session, &collector, session.length, 9);
    session_only_note(session_expect(&collector, 3, BTAP_ERASE, BTAP_INCOMPLETE),
                      BTAP_NOTE_COMPLETION_MISSING);
    assert_int_equal(collector.transactions[2].phase, BTAP_PHASE_STATUS);
    session_expect(&collector, 4, BTAP_ABORT, BTAP_OK);
    collector_release(&collector);
}

/* The DNLOAD's completion and the GETSTATUS's submission are both lost. */
static void lost_neighbours(void **state)
{
    struct collector collector;

    (void)state;
    session_init(&session);
    session_submit(&session, CLASS_OUT, DNLOAD, 0, (const uint8_t[]){0x41, 0, 0, 0, 8}, 5);
    session_getstatus(&session, 0, 0, DNLOAD_IDLE);
    session_play_part(&session, &collector, session.length, 1);
    assert_int_equal(collector.transactions_length, 1);
    assert_int_equal(session_expect(&collector, 1, BTAP_ERASE, BTAP_OK)->polls, 1);
    collector_release(&collector);
}

/* A block whose submission is lost: its first bytes are known, but not where they stood. */
static void block_whose_submission_is_lost(void **state)
{
    const struct btap_usb_control control = {
        .at = {.packet = 1, .offset = 64},
        .setup_known = true,
        .setup = {.request_type = CLASS_OUT, .request = DNLOAD, .value = 2, .length = 2048},
        .length = 2048,
        .sent = session_pattern(),
        .sent_length = BTAP_URB_KEPT,
    };
    struct btap_link link = {.kind = BTAP_LINK_USB, .transport = BTAP_DFU};
    struct btap_usb_device device;
    struct collector collector;
    struct btap_dfu dfu;

    (void)state;
    btap_usb_device_init(&device);
    device.descriptor_known = true;
    device.vendor = 0x0483;
    device.product = 0xdf11;
    collector_init(&collector);
    btap_dfu_init(&dfu, &collector.sink, &link, &device, NULL);
    btap_dfu_completion(&dfu, &control);
    btap_dfu_finish(&dfu);
    assert_int_equal(session_expect(&collector, 1, BTAP_WRITE_MEMORY, BTAP_INCOMPLETE)->length,
                     2048);
    assert_int_equal(collector.transactions[0].transferred, 0);
    assert_int_equal(collector.data_length, 0);
    assert_int_equal(collector.spans_length, 0);
    collector_release(&collector);
}

/* A completion that names its request though the submission is lost, as some recorders write it. */
static void completion_that_repeats_the_setup(void **state)
{
    const uint8_t command[] = {0x21, 0x00, 0x10, 0x00, 0x08};
    struct btap_usb_control control = {
        .at = {.packet = 1, .offset = 64},
        .setup_known = true,
        .setup_here = true,
        .setup_offset = 40,
        .setup = {.request_type = CLASS_OUT, .request = DNLOAD, .length = 5},
        .length = 5,
        .sent = command,
        .sent_length = 5,
    };
    const uint8_t idle[] = {0, 0, 0, 0, DNLOAD_IDLE, 0};
    struct btap_link link = {.kind = BTAP_LINK_USB, .transport = BTAP_DFU};
    struct btap_usb_device device;
    struct collector collector;
    struct btap_dfu dfu;

    (void)state;
    btap_usb_device_init(&device);
    device.dfu = (struct btap_dfu_functional){.known = true, .bcd_dfu = 0x011a};
    device.descriptor_known = true;
    device.vendor = 0x0483;
    device.product = 0xdf11;
    collector_init(&collector);
    btap_dfu_init(&dfu, &collector.sink, &link, &device, NULL);
    btap_dfu_completion(&dfu, &control);
    control.setup =
        (struct btap_usb_setup){.request_type = CLASS_IN, .request = GETSTATUS, .length = 6};
    control.at.packet = 2;
    control.data = idle;
    control.captured = 6;
    control.length = 6;
    control.sent = NULL;
    control.sent_length = 0;
    btap_dfu_completion(&dfu, &control);
    btap_dfu_finish(&dfu);

    assert_int_equal(collector.transactions_length, 1);
    assert_int_equal(session_expect(&collector, 1, BTAP_SET_ADDRESS, BTAP_OK)->address, 0x08001000);
    assert_true(transaction_has_note(&collector.transactions[0], BTAP_NOTE_SUBMISSION_MISSING));
    /* The 5 bytes stand in no record: no span may claim so. */
    for (size_t i = 0; i < collector.spans_length; i++)
        assert_true(collector.spans[i].span.field != BTAP_FIELD_ADDRESS);
    collector_release(&collector);
}

static uint32_t next_random(uint32_t *seed)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 17;
    *seed ^= *seed << 5;
    return *seed;
}

static void play_random(struct btap_dfu *dfu, struct btap_usb_device *device, uint32_t *seed,
                        uint64_t packet)
{
    static const uint8_t codes[] = {0x21, 0x41, 0x92, 0x00, 0x91};
    static const uint16_t lengths[] = {0, 1, 5, 6, 16, 128, 2048};
    const bool class_request = next_random(seed) % 8 != 0;
    const uint8_t request = (uint8_t)(next_random(seed) % 8);
    const bool in = request == UPLOAD || request == GETSTATUS || request == GETSTATE;
    uint8_t data[2048];
    struct btap_usb_control control = {
        .at = {.packet = packet, .offset = 64, .time = (btap_ns)packet * 1000000},
        .setup_known = next_random(seed) % 8 != 0,
        .setup_here = next_random(seed) % 2 == 0,
        .setup_offset = 40,
        .setup = {.request_type = in ? CLASS_IN : CLASS_OUT,
                  .request = class_request ? request : (uint8_t)next_random(seed),
                  .value = (uint16_t)(next_random(seed) % 5),
                  .length = lengths[next_random(seed) % COUNT_OF(lengths)]},
        .status = next_random(seed) % 4 == 0 ? (enum btap_usb_status)(next_random(seed) % 9)
                                             : BTAP_USB_OK,
    };

    for (size_t i = 0; i < sizeof(data); i++)
        data[i] = (uint8_t)next_random(seed);
    if (next_random(seed) % 2 == 0)
        data[0] = codes[next_random(seed) % COUNT_OF(codes)];
    if (next_random(seed) % 2 == 0) {
        data[0] = (uint8_t)(next_random(seed) % 4 == 0 ? next_random(seed) % 16 : 0);
        data[4] = (uint8_t)(next_random(seed) % 11);
    }
    control.length = lengths[next_random(seed) % COUNT_OF(lengths)];
    control.captured = next_random(seed) % 4 == 0 ? control.length / 2 : control.length;
    control.data = control.captured > 0 ? data : NULL;
    device->dfu.known = next_random(seed) % 64 == 0;
    device->dfu.bcd_dfu = next_random(seed) % 2 == 0 ? 0x0110 : 0x011a;
    if (next_random(seed) % 64 == 0)
        btap_dfu_disconnected(dfu, &control.at);
    else if (next_random(seed) % 2 == 0)
        btap_dfu_submission(dfu, &control);
    else
        btap_dfu_completion(dfu, &control);
}

/* Anything at all, fixed seeds: no crash, and what is told is well formed. */
static void random_requests(void **state)
{
    (void)state;
    for (uint32_t run = 1; run <= 200; run++) {
        struct btap_link link = {.kind = BTAP_LINK_USB, .transport = BTAP_DFU};
        struct btap_usb_device device;
        struct collector collector;
        struct btap_dfu dfu;
        uint32_t seed = run * 2654435761u;

        btap_usb_device_init(&device);
        if (run % 2 == 0)
            session_know_layout(&device, "@Internal Flash  /0x08000000/032*0001Kg");
        collector_init(&collector);
        btap_dfu_init(&dfu, &collector.sink, &link, &device, NULL);
        for (uint64_t packet = 1; packet <= 500; packet++)
            play_random(&dfu, &device, &seed, packet);
        btap_dfu_finish(&dfu);
        assert_well_formed(&collector);
        assert_true(collector.transactions_length > 50);
        assert_int_equal(link.transactions, collector.transactions_length);
        collector_release(&collector);
    }
}

/* A consumer that wants nothing. */
static void empty_sink(void **state)
{
    static const struct btap_sink sink;
    struct btap_link link = {.kind = BTAP_LINK_USB, .transport = BTAP_DFU};
    struct btap_usb_device device;
    struct btap_dfu dfu;
    uint32_t seed = 1;

    (void)state;
    btap_usb_device_init(&device);
    btap_dfu_init(&dfu, &sink, &link, &device, NULL);
    for (uint64_t packet = 1; packet <= 500; packet++)
        play_random(&dfu, &device, &seed, packet);
    btap_dfu_finish(&dfu);
    assert_true(link.transactions > 50);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(whole_conversations_are_healthy),
        cmocka_unit_test(every_prefix),
        cmocka_unit_test(every_lost_half),
        cmocka_unit_test(lost_dnload_is_noticed),
        cmocka_unit_test(lost_getstatus_submission),
        cmocka_unit_test(lost_dnload_completion),
        cmocka_unit_test(lost_outcomes),
        cmocka_unit_test(lost_neighbours),
        cmocka_unit_test(block_whose_submission_is_lost),
        cmocka_unit_test(completion_that_repeats_the_setup),
        cmocka_unit_test(random_requests),
        cmocka_unit_test(empty_sink),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
