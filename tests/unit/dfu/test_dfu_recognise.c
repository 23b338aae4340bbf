/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Whether traffic is DFU at all, and which dialect of it.
 */
#include "boottap/dfu.h"

#include <string.h>

#include "dfu_case.h"

/** Told is nothing at all, of whatever kind. */
static void assert_silent(void)
{
    assert_int_equal(collector.transactions_length, 0);
    assert_int_equal(collector.spans_length, 0);
    assert_int_equal(collector.data_length, 0);
    assert_int_equal(collector.notes_length, 0);
}

static void know_interface(uint8_t number, uint8_t class, uint8_t subclass)
{
    struct btap_usb_interface *interface =
        &session.device.interfaces[session.device.interfaces_length++];

    session.device.configuration_known = true;
    *interface = (struct btap_usb_interface){
        .number = number, .interface_class = class, .interface_subclass = subclass};
}

/* DFU 1.1 table 3.2, and requests of other classes that differ in direction, length or code. */
static void request_shapes(void **state)
{
    static const struct {
        struct btap_usb_setup setup;
        bool shape;
        bool certain;
    } cases[] = {
        {{0x21, 0, 1000, 0, 0}, true, false},        /* DETACH */
        {{0x21, 1, 0, 0, 5}, true, false},           /* DNLOAD of a command */
        {{0x21, 1, 2, 0, 2048}, true, true},         /* DNLOAD of a block */
        {{0x21, 1, 2, 0, 0}, true, false},           /* leave */
        {{0xa1, 2, 2, 0, 2048}, true, true},         /* UPLOAD of a block */
        {{0xa1, 2, 0, 0, 4}, true, false},           /* Get */
        {{0xa1, 3, 0, 0, 6}, true, true},            /* GETSTATUS */
        {{0x21, 4, 0, 0, 0}, true, true},            /* CLRSTATUS */
        {{0xa1, 5, 0, 0, 1}, true, true},            /* GETSTATE */
        {{0x21, 6, 0, 0, 0}, true, true},            /* ABORT */
        {{0xa1, 3, 0, 2, 1}, false, false},          /* HID GET_PROTOCOL */
        {{0x21, 10, 0, 0, 0}, false, false},         /* HID SET_IDLE */
        {{0xa1, 2, 0, 1, 1}, true, false},           /* HID GET_IDLE */
        {{0x21, 0, 0, 0, 24}, false, false},         /* CDC SEND_ENCAPSULATED_COMMAND */
        {{0xa1, 1, 0, 0, 4096}, false, false},       /* CDC GET_ENCAPSULATED_RESPONSE */
        {{0x21, 4, 1, 0, 0}, true, false},           /* CDC CLEAR_COMM_FEATURE */
        {{0x21, 1, 0x200, 0x0a00, 2}, false, false}, /* audio SET_CUR to a unit */
        {{0x21, 1, 0x100, 1, 26}, true, false},      /* video probe SET_CUR */
        {{0x80, 6, 0x100, 0, 18}, false, false},     /* GET_DESCRIPTOR */
        {{0xa1, 0, 0, 0, 0}, false, false},          /* printer GET_DEVICE_ID */
        {{0x21, 2, 0, 0, 0}, false, false},          /* printer SOFT_RESET */
        {{0x41, 1, 0, 0, 2048}, false, false},       /* vendor request */
        {{0xa1, 2, 0, 0, 0}, false, false},          /* UPLOAD of nothing */
        {{0x21, 7, 0, 0, 0}, false, false},          /* no such request */
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        bool certain = !cases[i].certain;

        assert_int_equal(btap_dfu_request_shape(&cases[i].setup, &certain), cases[i].shape);
        assert_int_equal(certain, cases[i].certain);
    }
}

/* Requests of other classes that have a DFU request's shape, with the answers that they get. */
static void other_classes_yield_nothing(void **state)
{
    (void)state;
    session_out(&session, CLRSTATUS, 1);                            /* CDC CLEAR_COMM_FEATURE */
    session_upload(&session, 0x0100, 1, (const uint8_t[]){125}, 1); /* HID GET_IDLE */
    session_dnload(&session, 0x0100, session_pattern(), 26);        /* video probe SET_CUR */
    session_out(&session, DNLOAD, 0x0100);                          /* smart card ABORT */
    session_submit(&session, CLASS_IN, GETSTATE, 0, NULL, 1);       /* USBTMC INITIATE_CLEAR */
    session_complete(&session, BTAP_USB_OK, (const uint8_t[]){1}, 1);
    session_fail_getstatus(&session, BTAP_USB_STALL); /* a probe that is refused */
    session_disconnected(&session);
    dfu_case_play();
    assert_silent();
}

/* The answer to a GETSTATUS-shaped request must be one: status 16, state 11, 5 bytes are none. */
static void implausible_answers_convince_nobody(void **state)
{
    static const uint8_t answers[][6] = {{16, 0, 0, 0, 2, 0}, {0, 0, 0, 0, 11, 0}};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(answers); i++) {
        session_submit(&session, CLASS_IN, GETSTATUS, 0, NULL, 6);
        session_complete(&session, BTAP_USB_OK, answers[i], 6);
    }
    session_submit(&session, CLASS_IN, GETSTATUS, 0, NULL, 6);
    session_complete(&session, BTAP_USB_OK, (const uint8_t[]){0, 0, 0, 0, 2}, 5);
    dfu_case_play();
    assert_silent();
}

/* What came before the first certain answer is told then, in its order. */
static void held_requests_are_told_once_it_is_certain(void **state)
{
    (void)state;
    session_out(&session, CLRSTATUS, 0);
    session_out(&session, ABORT, 0);
    session_getstatus(&session, 0, 0, IDLE);
    dfu_case_play();
    assert_int_equal(collector.transactions_length, 3);
    assert_int_equal(session_expect(&collector, 1, BTAP_CLEAR_STATUS, BTAP_OK)->first_packet, 1);
    session_expect(&collector, 2, BTAP_ABORT, BTAP_OK);
    assert_int_equal(session_expect(&collector, 3, BTAP_GET_STATUS, BTAP_OK)->last_packet, 6);
    assert_int_equal(collector.notes_length, 0);
}

/* A CDC interface 1 beside DFU interface 0: its CLEAR_COMM_FEATURE was not CLRSTATUS. */
static void held_requests_to_another_interface_are_dropped(void **state)
{
    (void)state;
    session_submit(&session, CLASS_OUT, CLRSTATUS, 1, NULL, 0)->setup.index = 1;
    session_complete(&session, BTAP_USB_OK, NULL, 0);
    session_getstatus(&session, 0, 0, IDLE);
    dfu_case_play();
    assert_int_equal(collector.transactions_length, 1);
    session_expect(&collector, 1, BTAP_GET_STATUS, BTAP_OK);
    assert_int_equal(collector.notes_length, 0);
}

/* Only the newest are held; of the request that gives way, no half remains. */
static void held_requests_give_way_whole(void **state)
{
    (void)state;
    for (int i = 0; i < 4; i++)
        session_out(&session, ABORT, 0);
    session_getstatus(&session, 0, 0, IDLE);
    dfu_case_play();
    assert_int_equal(collector.transactions_length, 3);
    assert_int_equal(session_expect(&collector, 1, BTAP_ABORT, BTAP_OK)->first_packet, 5);
    assert_int_equal(collector.notes_length, 0);
}

/* The same where completions are missing: an ABORT without, two with, one without. */
static void held_requests_give_way_with_their_completions(void **state)
{
    (void)state;
    session_submit(&session, CLASS_OUT, ABORT, 0, NULL, 0);
    session_out(&session, ABORT, 0);
    session_out(&session, ABORT, 0);
    session_submit(&session, CLASS_OUT, ABORT, 0, NULL, 0);
    session_getstatus(&session, 0, 0, IDLE);
    dfu_case_play();
    assert_int_equal(collector.transactions_length, 3);
    assert_int_equal(session_expect(&collector, 1, BTAP_ABORT, BTAP_OK)->first_packet, 4);
    session_expect(&collector, 2, BTAP_ABORT, BTAP_INCOMPLETE);
    session_expect(&collector, 3, BTAP_GET_STATUS, BTAP_OK);
    assert_int_equal(collector_count_notes(&collector, BTAP_NOTE_SUBMISSION_MISSING), 0);
}

/* What another device at this address was asked is not told of this one. */
static void held_requests_end_with_the_device(void **state)
{
    (void)state;
    session_out(&session, ABORT, 0);
    session_disconnected(&session);
    session_getstatus(&session, 0, 0, IDLE);
    dfu_case_play();
    assert_int_equal(collector.transactions_length, 1);
    assert_int_equal(session_expect(&collector, 1, BTAP_GET_STATUS, BTAP_OK)->first_packet, 4);
}

/* A small block before certainty: its contents are kept as well. */
static void held_download_keeps_its_data(void **state)
{
    (void)state;
    session_write(&session, 2, session_pattern(), 100);
    dfu_case_play();
    assert_int_equal(session_expect(&collector, 1, BTAP_WRITE_MEMORY, BTAP_OK)->transferred, 100);
    assert_int_equal(collector.data_length, 1);
    assert_int_equal(collector.data[0].data.packet, 1);
    assert_memory_equal(collector.data[0].data.bytes, session_pattern(), 100);
}

/* An upload from block 0 may be another class's until something else shows that it is not. */
static void held_upload_keeps_what_fits(void **state)
{
    const struct btap_transaction *upload;
    const struct btap_note *note;

    (void)state;
    session_upload(&session, 0, 1024, session_pattern(), 1024);
    session_getstatus(&session, 0, 0, UPLOAD_IDLE);
    dfu_case_play();
    upload = session_expect(&collector, 1, BTAP_UPLOAD, BTAP_OK);
    assert_int_equal(upload->transferred, 128);
    note = session_only_note(upload, BTAP_NOTE_DATA_NOT_KEPT);
    assert_int_equal(note->arg[0], 128);
    assert_int_equal(note->arg[1], 1024);
}

/* A capture that starts in the middle of a write, and one in the middle of a read: any address may
 * have been set before. */
static void joined_in_the_middle(void **state)
{
    (void)state;
    session_write(&session, 2, session_pattern(), 2048);
    dfu_case_play();
    session_only_note(session_expect(&collector, 1, BTAP_WRITE_MEMORY, BTAP_OK),
                      BTAP_NOTE_POINTER_UNCERTAIN);
    assert_int_equal(collector.data[0].data.length, 2048);
    collector_release(&collector);

    session_init(&session);
    session_upload(&session, 7, 2048, session_pattern(), 2048);
    dfu_case_play();
    assert_int_equal(session_expect(&collector, 1, BTAP_READ_MEMORY, BTAP_OK)->transferred, 2048);
}

/* It starts between DNLOAD and GETSTATUS: nothing there to attach the answers to. The command may
 * have been a Set Address Pointer. */
static void joined_in_the_middle_of_a_command(void **state)
{
    (void)state;
    session_getstatus(&session, 0, 10, DNBUSY);
    session_wait(&session, 10);
    session_getstatus(&session, 0, 10, DNLOAD_IDLE);
    session_erase(&session, 0x08000400);
    session_write(&session, 2, session_pattern(), 2048);
    dfu_case_play();
    assert_int_equal(collector.transactions_length, 4);
    session_only_note(session_expect(&collector, 1, BTAP_GET_STATUS, BTAP_OK),
                      BTAP_NOTE_COMMAND_MISSING);
    session_expect(&collector, 2, BTAP_GET_STATUS, BTAP_OK);
    session_expect(&collector, 3, BTAP_ERASE, BTAP_OK);
    session_only_note(session_expect(&collector, 4, BTAP_WRITE_MEMORY, BTAP_OK),
                      BTAP_NOTE_POINTER_UNCERTAIN);
    assert_int_equal(collector.notes_length, 2);
}

/* It starts behind a whole command: only the state tells that there was one. */
static void joined_between_commands(void **state)
{
    static const struct {
        uint8_t bstate;
        enum btap_note_id note;
    } cases[] = {
        {DNLOAD_IDLE, BTAP_NOTE_POINTER_UNCERTAIN},
        {UPLOAD_IDLE, BTAP_NOTE_POINTER_UNCERTAIN},
        {IDLE, BTAP_NOTE_DEFAULT_POINTER},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        if (i > 0) {
            collector_release(&collector);
            session_init(&session);
        }
        session_getstatus(&session, 0, 0, cases[i].bstate);
        session_submit(&session, 0x21, ABORT, 0, NULL, 0);
        session_complete(&session, BTAP_USB_OK, NULL, 0);
        session_upload(&session, 2, 2048, session_pattern(), 2048);
        dfu_case_play();
        session_only_note(session_expect(&collector, 3, BTAP_READ_MEMORY, BTAP_OK), cases[i].note);
    }
}

/* Each alone is enough: a DfuSe command, an answer in a DFU state, a descriptor, ST's id. */
static void what_convinces(void **state)
{
    (void)state;
    for (int evidence = 0; evidence < 4; evidence++) {
        session_init(&session);
        if (evidence == 0)
            session_dnload(&session, 0, (const uint8_t[]){0x41, 0, 0, 0, 8}, 5);
        else if (evidence == 1) {
            session_submit(&session, CLASS_IN, GETSTATE, 0, NULL, 1);
            session_complete(&session, BTAP_USB_OK, (const uint8_t[]){IDLE}, 1);
        } else
            session_out(&session, ABORT, 0);
        if (evidence == 2)
            know_interface(0, 0xfe, 0x01);
        if (evidence == 3) {
            session.device.descriptor_known = true;
            session.device.vendor = 0x0483;
            session.device.product = 0xdf11;
        }
        dfu_case_play();
        assert_int_equal(collector.transactions_length, 1);
        collector_release(&collector);
    }
}

static void learn_interface(struct btap_usb_device *device)
{
    device->configuration_known = true;
    device->interfaces_length = 1;
    device->interfaces[0] =
        (struct btap_usb_interface){.interface_class = 0xfe, .interface_subclass = 0x01};
}

/* The descriptors come while a request waits: it is told with the next one. */
static void descriptors_that_come_late(void **state)
{
    (void)state;
    session_out(&session, ABORT, 0);
    session_submit(&session, 0x80, 6, 0x0200, NULL, 9);
    session_complete(&session, BTAP_USB_OK, session_pattern(), 9)->learn = learn_interface;
    dfu_case_play();
    assert_silent();
    collector_release(&collector);

    session_out(&session, ABORT, 0);
    dfu_case_play();
    assert_int_equal(collector.transactions_length, 2);
    assert_int_equal(session_expect(&collector, 1, BTAP_ABORT, BTAP_OK)->first_packet, 1);
    assert_int_equal(session_expect(&collector, 2, BTAP_ABORT, BTAP_OK)->first_packet, 5);
}

/* A composite device: interface 2 is its DFU interface; the others' requests are not ours. */
static void requests_to_other_interfaces(void **state)
{
    (void)state;
    know_interface(0, 0x03, 0x00);
    know_interface(2, 0xfe, 0x01);
    session_getstatus(&session, 0, 0, IDLE); /* to interface 0 */
    session_submit(&session, CLASS_OUT, ABORT, 0, NULL, 0)->setup.index = 2;
    session_complete(&session, BTAP_USB_OK, NULL, 0);
    session_getstatus(&session, 0, 0, IDLE);
    dfu_case_play();
    assert_int_equal(collector.transactions_length, 1);
    session_expect(&collector, 1, BTAP_ABORT, BTAP_OK);
}

/* A device that is known to be something else. */
static void no_dfu_interface(void **state)
{
    (void)state;
    know_interface(0, 0x03, 0x00);
    session_getstatus(&session, 0, 0, IDLE);
    session_write(&session, 2, session_pattern(), 2048);
    dfu_case_play();
    assert_silent();
}

/* Without descriptors, the interface that answered is the one. */
static void one_interface_where_nothing_else_is_known(void **state)
{
    (void)state;
    session_getstatus(&session, 0, 0, IDLE);
    session_submit(&session, CLASS_OUT, CLRSTATUS, 0, NULL, 0)->setup.index = 1;
    session_complete(&session, BTAP_USB_OK, NULL, 0);
    dfu_case_play();
    assert_int_equal(collector.transactions_length, 1);
}

static void plain_descriptor(uint8_t attributes)
{
    session.device.dfu = (struct btap_dfu_functional){
        .known = true, .attributes = attributes, .transfer_size = 1024, .bcd_dfu = 0x0110};
}

/*
 * DFU 1.1 sections 6 and 7: blocks from 0, DNLOAD of length 0, manifestation. The second block
 * stands at 1 * 1024 in the image.
 */
static void plain_download(void **state)
{
    const struct btap_transaction *block;

    (void)state;
    plain_descriptor(0x0b);
    session_getstatus(&session, 0, 0, IDLE);
    session_write(&session, 0, session_pattern(), 1024);
    session_write(&session, 1, session_pattern(), 300);
    session_dnload(&session, 2, NULL, 0);
    session_getstatus(&session, 0, 5, MANIFEST_SYNC);
    session_wait(&session, 5);
    session_getstatus(&session, 0, 5, MANIFEST);
    dfu_case_play();

    assert_int_equal(collector.transactions_length, 4);
    block = session_expect(&collector, 3, BTAP_DOWNLOAD, BTAP_OK);
    assert_int_equal(block->block, 1);
    assert_int_equal(block->length, 300);
    assert_false(block->has & BTAP_HAS_ADDRESS);
    assert_int_equal(collector.data[1].data.address, 1024);
    assert_int_equal(collector.data[1].data.length, 300);
    block = session_expect(&collector, 4, BTAP_DOWNLOAD, BTAP_OK);
    assert_int_equal(block->length, 0);
    assert_int_equal(block->polls, 2);
    assert_int_equal(block->dfu_state, MANIFEST);
    assert_int_equal(collector.notes_length, 0);
}

/*
 * Where an image begins: hosts count its blocks from 0 (dfu-util) or from 2 (snagboot). A first
 * block that the capture lacks leaves a gap, and does not move the others. The blocks of a host
 * that sends 512 bytes to a device of 1024 follow each other all the same.
 */
static void where_a_plain_image_begins(void **state)
{
    static const struct {
        uint8_t before;
        uint16_t block;
        uint16_t length;
        uint32_t offset;
        uint32_t next;
    } cases[] = {
        {IDLE, 0, 1024, 0, 1024},    {IDLE, 2, 1024, 0, 1024},
        {IDLE, 1, 1024, 1024, 2048}, {DNLOAD_IDLE, 2, 1024, 2048, 3072},
        {IDLE, 3, 1024, 3072, 4096}, {IDLE, 0, 512, 0, 512},
        {IDLE, 2, 512, 0, 512},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        session_init(&session);
        plain_descriptor(0x0b);
        session_getstatus(&session, 0, 0, cases[i].before);
        session_write(&session, cases[i].block, session_pattern(), cases[i].length);
        session_write(&session, (uint16_t)(cases[i].block + 1), session_pattern(), 300);
        dfu_case_play();
        assert_int_equal(collector.data_length, 2);
        assert_int_equal(collector.data[0].data.address, cases[i].offset);
        assert_int_equal(collector.data[1].data.address, cases[i].next);
        collector_release(&collector);
    }
}

/* wBlockNum has 16 bits: block 65535 is followed by block 0, of an image of more than 64 MiB. */
static void a_plain_image_of_more_blocks_than_numbers(void **state)
{
    (void)state;
    plain_descriptor(0x0b);
    session_getstatus(&session, 0, 0, IDLE);
    session_write(&session, 0, session_pattern(), 1024);
    session_write(&session, 65535, session_pattern(), 1024);
    session_write(&session, 0, session_pattern(), 1024);
    session_write(&session, 1, session_pattern(), 1024);
    dfu_case_play();
    assert_int_equal(collector.data_length, 4);
    assert_int_equal(collector.data[1].data.address, 65535 * 1024);
    assert_int_equal(collector.data[2].data.address, 65536 * 1024);
    assert_int_equal(collector.data[3].data.address, 65537 * 1024);
}

/*
 * DFU 1.1 section 7.1: in dfuMANIFEST a device that is not manifestation tolerant is done, whatever
 * does not answer then; but a GETSTATUS that it stalls tells that it hangs.
 */
static void a_device_that_stalls_in_manifest(void **state)
{
    const struct btap_transaction *end;

    (void)state;
    plain_descriptor(0x0b);
    session_getstatus(&session, 0, 0, IDLE);
    session_write(&session, 0, session_pattern(), 1024);
    session_dnload(&session, 1, NULL, 0);
    session_getstatus(&session, 0, 1, MANIFEST);
    session_wait(&session, 1);
    session_fail_getstatus(&session, BTAP_USB_STALL);
    dfu_case_play();
    assert_int_equal(collector.transactions_length, 3);
    end = session_expect_end(&collector, 3, BTAP_DOWNLOAD, BTAP_STALL, BTAP_PHASE_STATUS);
    assert_int_equal(end->polls, 2);
    assert_int_equal(end->dfu_state, MANIFEST);
    assert_int_equal(collector.notes_length, 0);
}

/* DFU 1.1 section 7.2: a manifestation-tolerant device comes back to dfuIDLE. */
static void plain_download_to_a_tolerant_device(void **state)
{
    const struct btap_transaction *end;

    (void)state;
    plain_descriptor(0x0f);
    session_write(&session, 0, session_pattern(), 1024);
    session_dnload(&session, 1, NULL, 0);
    session_getstatus(&session, 0, 5, MANIFEST);
    session_wait(&session, 5);
    session_getstatus(&session, 0, 5, IDLE);
    dfu_case_play();
    end = session_expect(&collector, 2, BTAP_DOWNLOAD, BTAP_OK);
    assert_int_equal(end->polls, 2);
    assert_int_equal(end->dfu_state, IDLE);
}

/* A device that never says dfuDNBUSY is no quirk in plain DFU; one that refuses the image is. */
static void plain_download_refused(void **state)
{
    (void)state;
    plain_descriptor(0x0b);
    session_getstatus(&session, 0, 0, IDLE);
    session_dnload(&session, 0, session_pattern(), 1024);
    session_getstatus(&session, 0, 0, DNLOAD_IDLE);
    session_dnload(&session, 1, session_pattern(), 1024);
    session_getstatus(&session, 2, 0, ERROR_STATE);
    dfu_case_play();
    assert_int_equal(session_expect(&collector, 2, BTAP_DOWNLOAD, BTAP_OK)->notes_length, 0);
    session_only_note(session_expect(&collector, 3, BTAP_DOWNLOAD, BTAP_DFU_ERROR),
                      BTAP_NOTE_ERR_FILE);
}

/* The device is gone while it manifests: it was asked to. */
static void plain_download_ends_with_disconnection(void **state)
{
    (void)state;
    plain_descriptor(0x0f);
    session_write(&session, 0, session_pattern(), 1024);
    session_dnload(&session, 1, NULL, 0);
    session_getstatus(&session, 0, 5, MANIFEST_SYNC);
    session_disconnected(&session);
    dfu_case_play();
    session_only_note(session_expect(&collector, 2, BTAP_DOWNLOAD, BTAP_OK), BTAP_NOTE_DEVICE_LEFT);
}

static void plain_upload(void **state)
{
    const struct btap_transaction *upload;

    (void)state;
    plain_descriptor(0x0b);
    session_getstatus(&session, 0, 0, IDLE);
    session_upload(&session, 0, 1024, session_pattern(), 1024);
    session_upload(&session, 1, 1024, session_pattern(), 10);
    dfu_case_play();
    upload = session_expect(&collector, 3, BTAP_UPLOAD, BTAP_OK);
    assert_int_equal(upload->block, 1);
    assert_int_equal(upload->length, 1024);
    assert_int_equal(upload->transferred, 10);
    assert_int_equal(collector.data[1].data.address, 1024);
    session_only_note(upload, BTAP_NOTE_SHORT_UPLOAD);
}

/* Without descriptors the first block of a plain download tells, by its number and length. */
static void plain_by_the_first_block(void **state)
{
    (void)state;
    session_getstatus(&session, 0, 0, IDLE);
    session_write(&session, 0, session_pattern(), 1024);
    session_write(&session, 1, session_pattern(), 1024);
    session_write(&session, 2, session_pattern(), 1024);
    dfu_case_play();
    for (size_t n = 2; n <= 4; n++)
        session_expect(&collector, n, BTAP_DOWNLOAD, BTAP_OK);
    assert_int_equal(collector.data[2].data.address, 2048);
}

/* Without descriptors block 0 of an upload is a plain one where it is longer than Get's answer. */
static void plain_by_the_first_upload(void **state)
{
    (void)state;
    session_getstatus(&session, 0, 0, IDLE);
    session_upload(&session, 0, 1024, session_pattern(), 1024);
    session_upload(&session, 1, 1024, session_pattern(), 1024);
    dfu_case_play();
    session_expect(&collector, 2, BTAP_UPLOAD, BTAP_OK);
    session_expect(&collector, 3, BTAP_UPLOAD, BTAP_OK);
}

/* bcdDFU 011A, or a layout string, though bcdDFU says 0110: DfuSe. */
static void dfuse_by_descriptors(void **state)
{
    (void)state;
    for (int i = 0; i < 2; i++) {
        session_init(&session);
        session.device.dfu = (struct btap_dfu_functional){
            .known = true, .transfer_size = 2048, .bcd_dfu = i == 0 ? 0x011a : 0};
        if (i == 1) {
            session_know_layout(&session.device, "@Internal Flash  /0x08000000/032*0001Kg");
        }
        session_write(&session, 3, session_pattern(), 2048);
        dfu_case_play();
        assert_int_equal(session_expect(&collector, 1, BTAP_WRITE_MEMORY, BTAP_OK)->address,
                         0x08000800);
        collector_release(&collector);
    }
}

/*
 * Public reports: STM32MP are plain (bcdDFU 0110) though their names begin with '@'. Where the
 * capture lacks the functional descriptor, the partition's number in place of an address tells.
 */
static void plain_though_named_as_a_layout(void **state)
{
    static const struct {
        uint16_t bcd_dfu;
        const char *name;
    } cases[] = {
        {0x0110, "@FSBL /0x01/1*1Me"},
        {0x0100, "@Internal Flash  /0x08000000/032*0001Kg"},
        {0, "@FSBL /0x01/1*1Me"},
        {0, "@virtual /0xff/1*512Ba"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        session_init(&session);
        session.device.dfu = (struct btap_dfu_functional){
            .known = true, .transfer_size = 1024, .bcd_dfu = cases[i].bcd_dfu};
        session_know_layout(&session.device, cases[i].name);
        session_write(&session, 3, session_pattern(), 1024);
        dfu_case_play();
        assert_int_equal(session_expect(&collector, 1, BTAP_DOWNLOAD, BTAP_OK)->has &
                             (BTAP_HAS_ADDRESS | BTAP_HAS_BLOCK),
                         BTAP_HAS_BLOCK);
        assert_int_equal(collector.notes_length, 0);
        collector_release(&collector);
    }
}

/* users (a) 16: the host speaks DfuSe to a device whose bcdDFU is 0110. */
static void wrong_dialect(void **state)
{
    const struct btap_note *note;

    (void)state;
    plain_descriptor(0x0b);
    session_getstatus(&session, 0, 0, IDLE);
    session_set_address(&session, 0x08000000);
    session_erase(&session, 0x08000000);
    dfu_case_play();
    note = session_only_note(session_expect(&collector, 2, BTAP_SET_ADDRESS, BTAP_OK),
                             BTAP_NOTE_WRONG_DIALECT);
    assert_int_equal(note->arg[0], 0x0110);
    assert_int_equal(session_expect(&collector, 3, BTAP_ERASE, BTAP_OK)->notes_length, 0);
}

static void learn_plain(struct btap_usb_device *device)
{
    device->dfu = (struct btap_dfu_functional){.known = true, .bcd_dfu = 0x0110};
}

/* The descriptors come between two blocks that could be either dialect's. */
static void dialect_that_comes_late(void **state)
{
    (void)state;
    session_write(&session, 2, session_pattern(), 1024);
    session_submit(&session, 0x80, 6, 0x0200, NULL, 27);
    session_complete(&session, BTAP_USB_OK, session_pattern(), 27)->learn = learn_plain;
    session_write(&session, 3, session_pattern(), 1024);
    dfu_case_play();
    session_expect(&collector, 1, BTAP_WRITE_MEMORY, BTAP_OK);
    session_expect(&collector, 2, BTAP_DOWNLOAD, BTAP_OK);
}

static void learn_layout(struct btap_usb_device *device)
{
    session_know_layout(device, "@Internal Flash  /0x08000000/032*0001Kg");
}

/* The layout string comes between two commands; only the second is checked against it. */
static void layout_that_comes_late(void **state)
{
    (void)state;
    session_erase(&session, 0x20000000);
    session_submit(&session, 0x80, 6, 0x0304, NULL, 255);
    session_complete(&session, BTAP_USB_OK, session_pattern(), 80)->learn = learn_layout;
    session_erase(&session, 0x20000000);
    dfu_case_play();
    assert_int_equal(session_expect(&collector, 1, BTAP_ERASE, BTAP_OK)->notes_length, 0);
    session_only_note(session_expect(&collector, 2, BTAP_ERASE, BTAP_OK),
                      BTAP_NOTE_ADDRESS_OUTSIDE_LAYOUT);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, dfu_case_start, dfu_case_stop)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(request_shapes),
        TEST(other_classes_yield_nothing),
        TEST(implausible_answers_convince_nobody),
        TEST(held_requests_are_told_once_it_is_certain),
        TEST(held_requests_to_another_interface_are_dropped),
        TEST(held_requests_give_way_whole),
        TEST(held_requests_give_way_with_their_completions),
        TEST(held_requests_end_with_the_device),
        TEST(held_download_keeps_its_data),
        TEST(held_upload_keeps_what_fits),
        TEST(joined_in_the_middle),
        TEST(joined_in_the_middle_of_a_command),
        TEST(joined_between_commands),
        TEST(what_convinces),
        TEST(descriptors_that_come_late),
        TEST(requests_to_other_interfaces),
        TEST(no_dfu_interface),
        TEST(one_interface_where_nothing_else_is_known),
        TEST(plain_download),
        TEST(where_a_plain_image_begins),
        TEST(a_plain_image_of_more_blocks_than_numbers),
        TEST(a_device_that_stalls_in_manifest),
        TEST(plain_download_to_a_tolerant_device),
        TEST(plain_download_refused),
        TEST(plain_download_ends_with_disconnection),
        TEST(plain_upload),
        TEST(plain_by_the_first_block),
        TEST(plain_by_the_first_upload),
        TEST(dfuse_by_descriptors),
        TEST(plain_though_named_as_a_layout),
        TEST(wrong_dialect),
        TEST(dialect_that_comes_late),
        TEST(layout_that_comes_late),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
