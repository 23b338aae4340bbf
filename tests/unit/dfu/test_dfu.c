/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * What a healthy DfuSe conversation decodes to (AN3156 sections 4 and 5).
 */
#include "boottap/dfu.h"

#include <string.h>

#include "dfu_session.h"
#include "test.h"

static struct session session;
static struct collector collector;

static int start(void **state)
{
    (void)state;
    session_init(&session);
    return 0;
}

static int stop(void **state)
{
    (void)state;
    collector_release(&collector);
    return 0;
}

/** GETSTATUS = dfuIDLE, with which hosts begin; transaction 1. */
static void begin_idle(void)
{
    session_getstatus(&session, 0, 0, IDLE);
}

static const struct collected_span *span(uint64_t n, enum btap_field field)
{
    for (size_t i = 0; i < collector.spans_length; i++)
        if (collector.spans[i].span.n == n && collector.spans[i].span.field == field)
            return &collector.spans[i];
    fail_msg("transaction %u has no span %s", (unsigned)n, btap_field_name(field));
    return NULL;
}

static void assert_span(uint64_t n, enum btap_field field, uint64_t packet, uint32_t offset,
                        uint32_t length, uint64_t value)
{
    const struct btap_span *found = &span(n, field)->span;

    assert_int_equal(found->packet, packet);
    assert_int_equal(found->offset, offset);
    assert_int_equal(found->length, length);
    assert_int_equal(found->value, value);
    assert_true(found->last);
}

/*
 * DFU 1.1 table 3.2: the requests that are not DNLOAD or UPLOAD, each accepted. CLRSTATUS belongs
 * into dfuERROR, DETACH into appIDLE, so that no note comes.
 */
static void every_request(void **state)
{
    (void)state;
    session_getstatus(&session, 0, 0, APP_IDLE);
    session_out(&session, DETACH, 1000);
    session_getstatus(&session, 10, 0, ERROR_STATE);
    session_out(&session, CLRSTATUS, 0);
    session_submit(&session, CLASS_IN, GETSTATE, 0, NULL, 1);
    session_complete(&session, BTAP_USB_OK, (const uint8_t[]){IDLE}, 1);
    session_out(&session, ABORT, 0);
    session_play(&session, &collector);

    assert_int_equal(collector.transactions_length, 6);
    session_expect(&collector, 1, BTAP_GET_STATUS, BTAP_OK);
    session_expect(&collector, 2, BTAP_DETACH, BTAP_OK);
    assert_span(2, BTAP_FIELD_DETACH_TIMEOUT, 3, 42, 2, 1000);
    session_only_note(session_expect(&collector, 3, BTAP_GET_STATUS, BTAP_OK),
                      BTAP_NOTE_FIRMWARE_CORRUPT_AT_START);
    session_expect(&collector, 4, BTAP_CLEAR_STATUS, BTAP_OK);
    assert_int_equal(session_expect(&collector, 5, BTAP_GET_STATE, BTAP_OK)->has,
                     BTAP_HAS_DFU_STATE);
    assert_int_equal(collector.transactions[4].dfu_state, IDLE);
    session_expect(&collector, 6, BTAP_ABORT, BTAP_OK);
    assert_int_equal(collector.notes_length, 1);
}

/* Every field of a GETSTATUS answer (DFU 1.1 section 6.1.2): poll time-out 0x012345 = 74565 ms. */
static void fields_of_getstatus(void **state)
{
    const uint8_t answer[] = {0x00, 0x45, 0x23, 0x01, IDLE, 0x07};

    (void)state;
    session_submit(&session, CLASS_IN, GETSTATUS, 0, NULL, 6);
    session_complete(&session, BTAP_USB_OK, answer, sizeof(answer));
    session_play(&session, &collector);

    assert_span(1, BTAP_FIELD_REQUEST, 1, 41, 1, 3);
    assert_span(1, BTAP_FIELD_INTERFACE, 1, 44, 2, 0);
    assert_span(1, BTAP_FIELD_LENGTH, 1, 46, 2, 6);
    assert_span(1, BTAP_FIELD_DFU_STATUS, 2, 64, 1, 0);
    assert_span(1, BTAP_FIELD_POLL_TIMEOUT, 2, 65, 3, 74565);
    assert_span(1, BTAP_FIELD_DFU_STATE, 2, 68, 1, 2);
    assert_span(1, BTAP_FIELD_STATUS_STRING, 2, 69, 1, 7);
    assert_int_equal(span(1, BTAP_FIELD_DFU_STATUS)->span.direction, BTAP_DEVICE_TO_HOST);
    assert_int_equal(span(1, BTAP_FIELD_REQUEST)->span.direction, BTAP_HOST_TO_DEVICE);
    assert_int_equal(session_expect(&collector, 1, BTAP_GET_STATUS, BTAP_OK)->has,
                     BTAP_HAS_DFU_STATUS);
    assert_int_equal(collector.transactions[0].poll_timeout_ms, 74565);
}

/* AN3156 section 4.2: 00 21 41 92. */
static void get(void **state)
{
    const uint8_t answer[] = {0x00, 0x21, 0x41, 0x92};
    const struct btap_transaction *get;

    (void)state;
    begin_idle();
    session_upload(&session, 0, 4, answer, sizeof(answer));
    session_play(&session, &collector);

    get = session_expect(&collector, 2, BTAP_GET, BTAP_OK);
    assert_int_equal(get->list_kind, BTAP_LIST_COMMANDS);
    assert_int_equal(get->list_length, 4);
    for (size_t i = 0; i < COUNT_OF(answer); i++)
        assert_int_equal(get->list[i], answer[i]);
    assert_int_equal(get->transferred, 4);
    assert_int_equal(get->notes_length, 0);
    assert_span(2, BTAP_FIELD_SUPPORTED, 4, 64, 1, 0x00);
}

/* wire-facts C: OpenBL version 7 answers 00 21 41 and zeros. */
static void get_padded_with_zeros(void **state)
{
    const uint8_t answer[] = {0x00, 0x21, 0x41, 0x00, 0x00};

    (void)state;
    begin_idle();
    session_upload(&session, 0, 5, answer, sizeof(answer));
    session_play(&session, &collector);

    assert_int_equal(session_expect(&collector, 2, BTAP_GET, BTAP_OK)->list_length, 3);
    assert_span(2, BTAP_FIELD_PADDING, 4, 67, 2, 0);
    assert_int_equal(collector.notes_length, 0);
}

/* DfuSe is settled by the erase; 20 bytes that start with 0x55 are no list of commands. */
static void get_with_an_unusual_answer(void **state)
{
    uint8_t answer[20];

    (void)state;
    memset(answer, 0x55, sizeof(answer));
    session_erase(&session, 0x08000000);
    session_out(&session, ABORT, 0);
    session_upload(&session, 0, sizeof(answer), answer, sizeof(answer));
    session_play(&session, &collector);

    session_only_note(session_expect(&collector, 3, BTAP_GET, BTAP_OK),
                      BTAP_NOTE_GET_ANSWER_UNUSUAL);
    assert_int_equal(collector.transactions[2].list_length, 0);
}

/*
 * AN3156 section 5.2: 21 and the address, least significant byte first. Events are 1 ms apart:
 * submission 1, its completion 2, GETSTATUS 3 and 4 (busy), 10 ms, GETSTATUS 15 and 16.
 */
static void set_address(void **state)
{
    const struct btap_transaction *set;

    (void)state;
    session_set_address(&session, 0x08012340);
    session_play(&session, &collector);

    assert_int_equal(collector.transactions_length, 1);
    set = session_expect(&collector, 1, BTAP_SET_ADDRESS, BTAP_OK);
    assert_int_equal(set->has,
                     BTAP_HAS_OPCODE | BTAP_HAS_ADDRESS | BTAP_HAS_DFU_STATUS | BTAP_HAS_POLLS);
    assert_int_equal(set->opcode, 0x21);
    assert_int_equal(set->address, 0x08012340);
    assert_int_equal(set->polls, 2);
    assert_int_equal(set->poll_timeout_ms, 10);
    assert_int_equal(set->busy, 12 * 1000000);
    assert_int_equal(set->time, 1 * 1000000);
    assert_int_equal(set->duration, 15 * 1000000);
    assert_int_equal(set->first_packet, 1);
    assert_int_equal(set->last_packet, 6);
    assert_int_equal(set->dfu_state, DNLOAD_IDLE);
    assert_int_equal(set->notes_length, 0);
    assert_span(1, BTAP_FIELD_BLOCK, 1, 42, 2, 0);
    assert_span(1, BTAP_FIELD_OPCODE, 1, 64, 1, 0x21);
    assert_span(1, BTAP_FIELD_ADDRESS, 1, 65, 4, 0x08012340);
    assert_memory_equal(span(1, BTAP_FIELD_ADDRESS)->copy, "\x40\x23\x01\x08", 4);
}

/* AN3156 section 5.3: 41 and an address. */
static void erase_page(void **state)
{
    const struct btap_transaction *erase;

    (void)state;
    session_erase(&session, 0x08000400);
    session_play(&session, &collector);

    erase = session_expect(&collector, 1, BTAP_ERASE, BTAP_OK);
    assert_int_equal(erase->erase, BTAP_ERASE_ADDRESS);
    assert_int_equal(erase->address, 0x08000400);
    assert_int_equal(erase->opcode, 0x41);
    assert_int_equal(erase->notes_length, 0);
}

/* AN3156 section 5.3: 41 alone. */
static void erase_mass(void **state)
{
    const struct btap_transaction *erase;

    (void)state;
    session_dnload(&session, 0, (const uint8_t[]){0x41}, 1);
    session_getstatus(&session, 0, 100, DNBUSY);
    session_wait(&session, 100);
    session_getstatus(&session, 0, 0, DNLOAD_IDLE);
    session_play(&session, &collector);

    erase = session_expect(&collector, 1, BTAP_ERASE, BTAP_OK);
    assert_int_equal(erase->erase, BTAP_ERASE_MASS);
    assert_int_equal(erase->poll_timeout_ms, 100);
    assert_false(erase->has & BTAP_HAS_ADDRESS);
    assert_int_equal(erase->notes_length, 0);
}

/* AN3156 section 5.4: after dfuDNBUSY the device resets, the second GETSTATUS finds nobody. */
static void read_unprotect(void **state)
{
    const struct btap_transaction *unprotect;

    (void)state;
    session_dnload(&session, 0, (const uint8_t[]){0x92}, 1);
    session_getstatus(&session, 0, 0, DNBUSY);
    session_fail_getstatus(&session, BTAP_USB_GONE);
    session_play(&session, &collector);

    unprotect = session_expect(&collector, 1, BTAP_READ_UNPROTECT, BTAP_OK);
    assert_int_equal(unprotect->opcode, 0x92);
    assert_int_equal(unprotect->polls, 2);
    session_only_note(unprotect, BTAP_NOTE_DEVICE_LEFT);
}

/* AN3156 section 5.1: block 2 is at the pointer. */
static void write_memory(void **state)
{
    const struct btap_transaction *write;

    (void)state;
    session_set_address(&session, 0x08000800);
    session_write(&session, 2, session_pattern(), 2048);
    session_play(&session, &collector);

    write = session_expect(&collector, 2, BTAP_WRITE_MEMORY, BTAP_OK);
    assert_int_equal(write->has, BTAP_HAS_BLOCK | BTAP_HAS_LENGTH | BTAP_HAS_ADDRESS |
                                     BTAP_HAS_DFU_STATUS | BTAP_HAS_POLLS);
    assert_int_equal(write->block, 2);
    assert_int_equal(write->address, 0x08000800);
    assert_int_equal(write->length, 2048);
    assert_int_equal(write->transferred, 2048);
    assert_int_equal(write->notes_length, 0);
    assert_int_equal(collector.data_length, 1);
    assert_int_equal(collector.data[0].data.n, 2);
    assert_int_equal(collector.data[0].data.packet, 7);
    assert_int_equal(collector.data[0].data.offset, 64);
    assert_int_equal(collector.data[0].data.address, 0x08000800);
    assert_int_equal(collector.data[0].data.length, 2048);
    assert_true(collector.data[0].data.written);
    assert_memory_equal(collector.data[0].data.bytes, session_pattern(), 2048);
    assert_span(2, BTAP_FIELD_DATA, 7, 64, 2048, 0);
}

/* AN3156 section 4.1, the dfu-util way: blocks 2, 3, 4 after one Set Address Pointer. */
static void read_memory(void **state)
{
    static const struct {
        uint32_t address;
        uint32_t length;
    } expected[] = {{0x08000000, 2048}, {0x08000800, 2048}, {0x08001000, 100}};

    (void)state;
    session.options.transfer_size = 2048;
    session_set_address(&session, 0x08000000);
    session_out(&session, ABORT, 0);
    session_upload(&session, 2, 2048, session_pattern(), 2048);
    session_upload(&session, 3, 2048, session_pattern(), 2048);
    session_upload(&session, 4, 2048, session_pattern(), 100);
    session_play(&session, &collector);

    assert_int_equal(collector.transactions_length, 5);
    for (size_t i = 0; i < COUNT_OF(expected); i++) {
        const struct btap_transaction *read =
            session_expect(&collector, i + 3, BTAP_READ_MEMORY, BTAP_OK);

        assert_int_equal(read->address, expected[i].address);
        assert_int_equal(read->length, 2048);
        assert_int_equal(read->transferred, expected[i].length);
        assert_false(read->has & BTAP_HAS_POLLS);
        assert_int_equal(collector.data[i].data.address, expected[i].address);
        assert_int_equal(collector.data[i].data.length, expected[i].length);
        assert_false(collector.data[i].data.written);
    }
    assert_int_equal(collector.notes_length, 1);
    session_only_note(&collector.transactions[4], BTAP_NOTE_SHORT_UPLOAD);
}

/*
 * AN3156 sections 4.1 and 5.1: ((5 - 2) * 1024) + 0x08004000 = 0x08004C00; blocks are numbered to
 * 65535, where a transfer size of 2048 gives 0x08000000 + 65533 * 2048 = 0x0FFFE800.
 */
static void address_formula(void **state)
{
    (void)state;
    session.device.dfu = (struct btap_dfu_functional){.known = true, .transfer_size = 1024};
    session_set_address(&session, 0x08004000);
    session_write(&session, 5, session_pattern(), 1024);
    session_play(&session, &collector);
    assert_int_equal(session_expect(&collector, 2, BTAP_WRITE_MEMORY, BTAP_OK)->address,
                     0x08004c00);
    assert_int_equal(collector.notes_length, 0);
    collector_release(&collector);

    session_init(&session);
    session.options.transfer_size = 2048;
    session_set_address(&session, 0x08000000);
    session_write(&session, 65535, session_pattern(), 2048);
    session_play(&session, &collector);
    assert_int_equal(session_expect(&collector, 2, BTAP_WRITE_MEMORY, BTAP_OK)->address,
                     0x0fffe800);
}

/*
 * Three blocks of 2048 bytes, then 404: by practice at 3 * 2048 = 0x1800, by the note's words at
 * 3 * 404 = 1212 = 0x4BC.
 */
static void the_two_readings_of_transfer_size(void **state)
{
    const struct btap_note *note;

    (void)state;
    session.options.transfer_size = 2048;
    session_set_address(&session, 0x08000000);
    session_out(&session, ABORT, 0);
    for (uint16_t block = 2; block < 5; block++)
        session_upload(&session, block, 2048, session_pattern(), 2048);
    session_upload(&session, 5, 404, session_pattern(), 404);
    session_play(&session, &collector);

    assert_int_equal(session_expect(&collector, 6, BTAP_READ_MEMORY, BTAP_OK)->address, 0x08001800);
    note = session_only_note(&collector.transactions[5], BTAP_NOTE_ADDRESS_AMBIGUOUS);
    assert_int_equal(note->arg[0], 0x080004bc);
    assert_int_equal(note->arg[1], 404);
    assert_int_equal(note->arg[2], 2048);
    assert_int_equal(collector.notes_length, 1);
}

/* A short block 2 is at the pointer in either reading. */
static void short_block_2_is_not_ambiguous(void **state)
{
    (void)state;
    session_set_address(&session, 0x08000000);
    session_write(&session, 2, session_pattern(), 2048);
    session_set_address(&session, 0x08000800);
    session_write(&session, 2, session_pattern(), 996);
    session_play(&session, &collector);

    assert_int_equal(session_expect(&collector, 4, BTAP_WRITE_MEMORY, BTAP_OK)->address,
                     0x08000800);
    assert_int_equal(collector.notes_length, 0);
}

/* The transfer size: the option wins over the descriptor, the descriptor over the traffic. */
static void where_the_transfer_size_comes_from(void **state)
{
    static const struct {
        uint16_t option;
        uint16_t descriptor;
        uint32_t address;
    } cases[] = {{0, 0, 0x08000400}, {0, 2048, 0x08000800}, {4096, 2048, 0x08001000}};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        session_init(&session);
        session.options.transfer_size = cases[i].option;
        session.device.dfu = (struct btap_dfu_functional){.known = cases[i].descriptor > 0,
                                                          .transfer_size = cases[i].descriptor};
        session_set_address(&session, 0x08000000);
        session_write(&session, 3, session_pattern(), 1024);
        session_play(&session, &collector);
        assert_int_equal(session_expect(&collector, 2, BTAP_WRITE_MEMORY, BTAP_OK)->address,
                         cases[i].address);
        assert_int_equal(
            transaction_has_note(&collector.transactions[1], BTAP_NOTE_TRANSFER_SIZE_ASSUMED),
            i == 0);
        collector_release(&collector);
    }
}

/* AN3156 section 5.1: (5 - 2) * 2048 + 0x08000000 = 0x08001800. */
static void an_assumed_transfer_size_is_told_once(void **state)
{
    (void)state;
    begin_idle();
    session_set_address(&session, 0x08000000);
    session_write(&session, 2, session_pattern(), 1024);
    session_write(&session, 3, session_pattern(), 1024);
    session_write(&session, 4, session_pattern(), 1024);
    session_write(&session, 5, session_pattern(), 2048);
    session_play(&session, &collector);

    assert_int_equal(session_expect(&collector, 6, BTAP_WRITE_MEMORY, BTAP_OK)->address,
                     0x08001800);
    assert_int_equal(collector.transactions[2].notes_length, 0);
    assert_int_equal(
        session_only_note(&collector.transactions[3], BTAP_NOTE_TRANSFER_SIZE_ASSUMED)->arg[0],
        1024);
    assert_int_equal(collector.transactions[4].notes_length, 0);
    assert_int_equal(
        session_only_note(&collector.transactions[5], BTAP_NOTE_TRANSFER_SIZE_ASSUMED)->arg[0],
        2048);
}

/* AN3156 section 4.1: where no address was set, it is 0x08000000. */
static void default_pointer(void **state)
{
    (void)state;
    session.options.transfer_size = 256;
    begin_idle();
    session_upload(&session, 3, 256, session_pattern(), 256);
    session_play(&session, &collector);

    assert_int_equal(session_expect(&collector, 2, BTAP_READ_MEMORY, BTAP_OK)->address, 0x08000100);
    assert_int_equal(
        session_only_note(&collector.transactions[1], BTAP_NOTE_DEFAULT_POINTER)->arg[0],
        0x08000000);
}

static void default_pointer_of_the_options(void **state)
{
    (void)state;
    session.options.default_address = 0x90000000;
    begin_idle();
    session_upload(&session, 2, 256, session_pattern(), 256);
    session_play(&session, &collector);
    assert_int_equal(session_expect(&collector, 2, BTAP_READ_MEMORY, BTAP_OK)->address, 0x90000000);
}

/* AN3156 section 5: block 1 is neither command nor memory. */
static void reserved_block(void **state)
{
    (void)state;
    session_set_address(&session, 0x08000000);
    session_dnload(&session, 1, session_pattern(), 16);
    session_getstatus(&session, 1, 0, ERROR_STATE);
    session_play(&session, &collector);

    assert_false(session_expect(&collector, 2, BTAP_WRITE_MEMORY, BTAP_DFU_ERROR)->has &
                 BTAP_HAS_ADDRESS);
    assert_true(transaction_has_note(&collector.transactions[1], BTAP_NOTE_RESERVED_BLOCK));
    assert_int_equal(collector.data_length, 0);
    assert_span(2, BTAP_FIELD_DATA, 7, 64, 16, 0);
}

/* AN3156 section 5.5, as dfu-util leaves: Set Address Pointer, DNLOAD of length 0 in block 2. */
static void leave(void **state)
{
    const struct btap_transaction *leave;

    (void)state;
    session_set_address(&session, 0x08002000);
    session_dnload(&session, 2, NULL, 0);
    session_getstatus(&session, 0, 1, MANIFEST);
    session_play(&session, &collector);

    leave = session_expect(&collector, 2, BTAP_LEAVE, BTAP_OK);
    assert_int_equal(leave->has, BTAP_HAS_ADDRESS | BTAP_HAS_DFU_STATUS | BTAP_HAS_POLLS);
    assert_int_equal(leave->address, 0x08002000);
    assert_int_equal(leave->polls, 1);
    assert_int_equal(leave->dfu_state, MANIFEST);
    assert_int_equal(collector.notes_length, 0);
}

/* wire-facts C: the STM32C071 needs the address; the default one is told. */
static void leave_without_address(void **state)
{
    (void)state;
    begin_idle();
    session_dnload(&session, 0, NULL, 0);
    session_getstatus(&session, 0, 1, MANIFEST);
    session_play(&session, &collector);

    assert_int_equal(session_expect(&collector, 2, BTAP_LEAVE, BTAP_OK)->address, 0x08000000);
    session_only_note(&collector.transactions[1], BTAP_NOTE_LEAVE_WITHOUT_ADDRESS);
}

/*
 * The requests between the first GETSTATUS and the first write of the public capture of an STM32F1
 * ROM (records 11 to 40), with its poll time-outs: 40 ms for an erase, 72 ms for the others, the
 * same in dfuDNLOAD-IDLE. Nothing in it is a fault.
 */
static void captured_rom_session(void **state)
{
    static const enum btap_command commands[] = {
        BTAP_GET_STATUS, BTAP_CLEAR_STATUS, BTAP_GET_STATUS,   BTAP_ERASE,
        BTAP_ERASE,      BTAP_SET_ADDRESS,  BTAP_WRITE_MEMORY, BTAP_LEAVE,
    };
    static const uint8_t erase1[] = {0x41, 0x00, 0x00, 0x00, 0x08};
    static const uint8_t erase2[] = {0x41, 0x00, 0x04, 0x00, 0x08};
    static const uint8_t address[] = {0x21, 0x00, 0x00, 0x00, 0x08};

    (void)state;
    session_know_layout(&session.device, "@Internal Flash  /0x08000000/032*0001Kg");
    session_getstatus(&session, 10, 0, ERROR_STATE);
    session_out(&session, CLRSTATUS, 0);
    session_getstatus(&session, 0, 0, IDLE);
    session_dnload(&session, 0, erase1, sizeof(erase1));
    session_getstatus(&session, 0, 40, DNBUSY);
    session_wait(&session, 40);
    session_getstatus(&session, 0, 40, DNLOAD_IDLE);
    session_dnload(&session, 0, erase2, sizeof(erase2));
    session_getstatus(&session, 0, 40, DNBUSY);
    session_wait(&session, 40);
    session_getstatus(&session, 0, 40, DNLOAD_IDLE);
    session_dnload(&session, 0, address, sizeof(address));
    session_getstatus(&session, 0, 72, DNBUSY);
    session_wait(&session, 72);
    session_getstatus(&session, 0, 72, DNLOAD_IDLE);
    session_dnload(&session, 2, session_pattern(), 2048);
    session_getstatus(&session, 0, 72, DNBUSY);
    session_wait(&session, 72);
    session_getstatus(&session, 0, 72, DNLOAD_IDLE);
    session_dnload(&session, 2, NULL, 0);
    session_getstatus(&session, 0, 1, MANIFEST);
    session_play(&session, &collector);

    assert_int_equal(collector.transactions_length, COUNT_OF(commands));
    for (size_t i = 0; i < COUNT_OF(commands); i++)
        session_expect(&collector, i + 1, commands[i], BTAP_OK);
    assert_int_equal(collector.transactions[3].address, 0x08000000);
    assert_int_equal(collector.transactions[4].address, 0x08000400);
    assert_int_equal(collector.transactions[6].address, 0x08000000);
    assert_int_equal(collector.notes_length, 1);
    session_only_note(&collector.transactions[0], BTAP_NOTE_FIRMWARE_CORRUPT_AT_START);
}

/* USB 2.0 section 9.4.10: SET_INTERFACE chooses the alternate setting. */
static void alternate_setting(void **state)
{
    (void)state;
    session.device.alternate_known = true;
    session.device.selected_interface = 0;
    session.device.selected_alternate = 1;
    begin_idle();
    session_play(&session, &collector);
    assert_int_equal(session_expect(&collector, 1, BTAP_GET_STATUS, BTAP_OK)->alternate, 1);
    collector_release(&collector);

    session.device.selected_interface = 3;
    session_play(&session, &collector);
    assert_int_equal(session_expect(&collector, 1, BTAP_GET_STATUS, BTAP_OK)->alternate, 0);
}

/* After a new SET_CONFIGURATION the pointer has its default value again. */
static void enumeration_resets_the_pointer(void **state)
{
    (void)state;
    session.device.selected_configuration = 1;
    session_set_address(&session, 0x08004000);
    session_submit(&session, 0x00, 9, 1, NULL, 0);
    session_complete(&session, BTAP_USB_OK, NULL, 0);
    session_write(&session, 2, session_pattern(), 256);
    session_play(&session, &collector);

    assert_int_equal(session_expect(&collector, 2, BTAP_WRITE_MEMORY, BTAP_OK)->address,
                     0x08000000);
    session_only_note(&collector.transactions[1], BTAP_NOTE_DEFAULT_POINTER);
}

/* The record holds 100 of the 2048 bytes. */
static void truncated_download(void **state)
{
    const struct btap_note *note;

    (void)state;
    session_set_address(&session, 0x08000000);
    session_submit(&session, CLASS_OUT, DNLOAD, 2, session_pattern(), 2048)->captured = 100;
    session_complete(&session, BTAP_USB_OK, NULL, 0);
    session_getstatus(&session, 0, 10, DNBUSY);
    session_wait(&session, 10);
    session_getstatus(&session, 0, 10, DNLOAD_IDLE);
    session_play(&session, &collector);

    assert_int_equal(session_expect(&collector, 2, BTAP_WRITE_MEMORY, BTAP_OK)->length, 2048);
    assert_int_equal(collector.transactions[1].transferred, 100);
    note = session_only_note(&collector.transactions[1], BTAP_NOTE_TRUNCATED);
    assert_int_equal(note->arg[0], 100);
    assert_int_equal(note->arg[1], 2048);
    assert_int_equal(collector.data[0].data.length, 100);
}

/* The record holds 3 of the 5 bytes: the command is known, its address is not. */
static void truncated_command(void **state)
{
    const uint8_t command[] = {0x41, 0x00, 0x04, 0x00, 0x08};

    (void)state;
    begin_idle();
    session_submit(&session, CLASS_OUT, DNLOAD, 0, command, sizeof(command))->captured = 3;
    session_complete(&session, BTAP_USB_OK, NULL, 0);
    session_getstatus(&session, 0, 10, DNBUSY);
    session_wait(&session, 10);
    session_getstatus(&session, 0, 10, DNLOAD_IDLE);
    session_play(&session, &collector);

    assert_false(session_expect(&collector, 2, BTAP_ERASE, BTAP_OK)->has & BTAP_HAS_ADDRESS);
    assert_int_equal(collector.transactions[1].erase, BTAP_ERASE_NONE);
    session_only_note(&collector.transactions[1], BTAP_NOTE_TRUNCATED);
}

static void describe_in_words(void **state)
{
    char text[BTAP_DESCRIBE_SIZE];

    (void)state;
    session_erase(&session, 0x08000400);
    session_getstatus(&session, 0, 0, DNLOAD_IDLE);
    session_play(&session, &collector);
    assert_string_equal(btap_transaction_describe(&collector.transactions[0], text, sizeof(text)),
                        "Erase 0x08000400");
    assert_string_equal(btap_transaction_describe(&collector.transactions[1], text, sizeof(text)),
                        "Get Status dfuDNLOAD-IDLE OK");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, start, stop)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(every_request),
        TEST(fields_of_getstatus),
        TEST(get),
        TEST(get_padded_with_zeros),
        TEST(get_with_an_unusual_answer),
        TEST(set_address),
        TEST(erase_page),
        TEST(erase_mass),
        TEST(read_unprotect),
        TEST(write_memory),
        TEST(read_memory),
        TEST(address_formula),
        TEST(the_two_readings_of_transfer_size),
        TEST(short_block_2_is_not_ambiguous),
        TEST(where_the_transfer_size_comes_from),
        TEST(an_assumed_transfer_size_is_told_once),
        TEST(default_pointer),
        TEST(default_pointer_of_the_options),
        TEST(reserved_block),
        TEST(leave),
        TEST(leave_without_address),
        TEST(captured_rom_session),
        TEST(alternate_setting),
        TEST(enumeration_resets_the_pointer),
        TEST(truncated_download),
        TEST(truncated_command),
        TEST(describe_in_words),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
