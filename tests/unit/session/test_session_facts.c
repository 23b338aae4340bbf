/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * The facts of a session: what failed and what made up for it, what the device took and refused,
 * how often writing failed, how long a tool waits. Expected values by hand.
 */
#include "session_rig.h"

#define MILLISECOND (SECOND / 1000)

/** A command with an address. */
static void send_at(enum btap_command command, enum btap_status status, uint32_t address)
{
    make(command, status);
    transaction.has = BTAP_HAS_ADDRESS;
    transaction.address = address;
    end_command();
}

static uint32_t failures(void)
{
    return finish()->failures_length;
}

/* Bounds */

static void a_session_lasts_from_its_first_command_to_its_last_outcome(void **state)
{
    (void)state;
    begin(BTAP_USART);
    send_command(BTAP_SYNC, BTAP_OK);
    make(BTAP_GET, BTAP_OK);
    transaction.duration = SECOND;
    end_command();
    send_command(BTAP_GET_ID, BTAP_OK); /* within that second, as two clocks may have it */
    finish();
    assert_int_equal(last.transactions, 3);
    assert_int_equal(last.first_n, 1);
    assert_int_equal(last.last_n, 3);
    assert_int_equal(last.first_packet, 1);
    assert_int_equal(last.last_packet, 6);
    assert_int_equal(last.time, 1000 * SECOND);
    assert_int_equal(last.duration, SECOND + 10 * MILLISECOND);
    assert_int_equal(last.counts[BTAP_OK], 3);
    assert_int_equal(last.done[BTAP_GET], 1);
    assert_int_equal(last.done[BTAP_GO], 0);
}

static void notes_of_no_command_belong_to_the_session(void **state)
{
    struct btap_note note = {.id = BTAP_NOTE_SKIPPED_BYTES, .packet = 7, .time = 5, .arg = {9}};

    (void)state;
    begin(BTAP_USART);
    btap_session_note(&tracker, 0, &note);
    note.packet = 9;
    note.arg[0] = 3;
    btap_session_note(&tracker, 0, &note);
    note.packet = 8; /* order of packets is not that of notes */
    btap_session_note(&tracker, 0, &note);
    note.packet = 99;
    btap_session_note(&tracker, 4, &note); /* its transaction brings it */
    finish();
    assert_int_equal(last.transactions, 0);
    assert_int_equal(last.first_n, 0);
    assert_int_equal(last.first_packet, 7);
    assert_int_equal(last.last_packet, 9);
    assert_int_equal(last.time, 5);
    assert_int_equal(last.notes[BTAP_NOTE_SKIPPED_BYTES].count, 3);
    assert_int_equal(last.notes[BTAP_NOTE_SKIPPED_BYTES].packet, 7);
    assert_int_equal(last.notes[BTAP_NOTE_SKIPPED_BYTES].arg[0], 9);
}

static void a_device_that_is_gone_ends_a_session(void **state)
{
    const struct btap_note gone = {.id = BTAP_NOTE_DEVICE_GONE, .packet = 3};
    const struct btap_note other = {.id = BTAP_NOTE_SKIPPED_BYTES, .packet = 3};

    (void)state;
    begin(BTAP_DFU);
    send_command(BTAP_SET_ADDRESS, BTAP_OK);
    btap_session_note(&tracker, 0, &other);
    send_command(BTAP_SET_ADDRESS, BTAP_OK);
    btap_session_note(&tracker, 0, &gone);
    send_command(BTAP_SET_ADDRESS, BTAP_OK);
    finish();
    assert_string_equal(course, "BEBE");
    assert_int_equal(last.transactions, 1);
}

/** On DFU only a write makes it a run of the tool that may be over. */
static void a_pause_without_a_write_begins_no_session(void **state)
{
    (void)state;
    begin(BTAP_DFU);
    send_command(BTAP_SET_ADDRESS, BTAP_OK);
    now += 60 * SECOND;
    send_command(BTAP_GET_STATUS, BTAP_OK);
    finish();
    assert_string_equal(course, "BE");
}

/* The device */

/** AN3155 section 3.1: what Get lists is what the device knows. */
static void the_device_is_what_it_answered(void **state)
{
    (void)state;
    begin(BTAP_USART);
    make(BTAP_GET, BTAP_OK);
    transaction.has = BTAP_HAS_VERSION;
    transaction.version = 0x31;
    transaction.list_kind = BTAP_LIST_COMMANDS;
    transaction.list_length = 3;
    transaction.list[0] = 0x00;
    transaction.list[1] = 0x1f;
    transaction.list[2] = 0x92;
    end_command();
    identify(PID_F103);
    finish();
    assert_int_equal(last.version, 0x31);
    assert_true(last.commands_known);
    assert_int_equal(last.commands[0], 0x80000001u);
    assert_int_equal(last.commands[4], 1u << 18);
    assert_true(last.pid_known);
    assert_int_equal(last.pid, PID_F103);
}

static void a_list_that_was_refused_is_none(void **state)
{
    (void)state;
    begin(BTAP_USART);
    make(BTAP_GET, BTAP_NO_REPLY);
    transaction.list_kind = BTAP_LIST_COMMANDS;
    transaction.list_length = 1;
    transaction.list[0] = 0x01;
    end_command();
    make(BTAP_EXTENDED_ERASE, BTAP_OK);
    transaction.list_kind = BTAP_LIST_PAGES;
    transaction.list_length = 1;
    end_command();
    finish();
    assert_false(last.commands_known);
    assert_int_equal(last.commands[0], 0);
}

static void the_usb_device_is_known_by_its_descriptor(void **state)
{
    static struct btap_usb_device device;

    (void)state;
    btap_usb_device_init(&device);
    device.vendor = 0x0483;
    device.product = 0xdf11;
    begin(BTAP_DFU);
    make(BTAP_SET_ADDRESS, BTAP_OK);
    btap_session_transaction(&tracker, &transaction, &device);
    assert_int_equal(finish()->usb_vendor, 0);
    device.descriptor_known = true;
    begin(BTAP_DFU);
    make(BTAP_SET_ADDRESS, BTAP_OK);
    btap_session_transaction(&tracker, &transaction, &device);
    assert_int_equal(finish()->usb_vendor, 0x0483);
    assert_int_equal(last.usb_product, 0xdf11);
}

/** A command of this opcode that ended in this phase. */
static void send_opcode(uint8_t opcode, enum btap_status status, enum btap_phase phase)
{
    const struct btap_command_info *info = btap_command_by_opcode(BTAP_USART, opcode);

    make(info != NULL ? info->command : BTAP_COMMAND_UNKNOWN, status);
    transaction.has = BTAP_HAS_OPCODE;
    transaction.opcode = opcode;
    transaction.phase = phase;
}

/** AN3155 section 3.1 and figures: an opcode is answered before anything else of the command. */
static void opcodes_are_taken_or_refused(void **state)
{
    (void)state;
    begin(BTAP_USART);
    send_opcode(0x00, BTAP_OK, BTAP_PHASE_NONE);
    end_command();
    send_opcode(0x31, BTAP_NACK, BTAP_PHASE_ADDRESS);
    end_command();
    send_opcode(0x02, BTAP_NO_REPLY, BTAP_PHASE_COMMAND); /* neither */
    end_command();
    send_opcode(0xa1, BTAP_NACK, BTAP_PHASE_COMMAND);
    end_command();
    send_opcode(0x63, BTAP_NACK, BTAP_PHASE_COMMAND);
    end_command();
    send_opcode(0x7f, BTAP_NACK, BTAP_PHASE_COMMAND); /* Sync: no command */
    end_command();
    make(BTAP_COMMAND_UNKNOWN, BTAP_NACK);
    transaction.phase = BTAP_PHASE_COMMAND; /* its opcode is not known */
    transaction.opcode = 0x05;
    end_command();
    finish();
    assert_int_equal(last.accepted[0], 1);
    assert_int_equal(last.accepted[1], 1u << 17);
    assert_int_equal(last.refused[0], 0);
    assert_int_equal(last.refused[3], 1u << 3);
    assert_int_equal(last.refused[5], 1u << 1);
    assert_int_equal(last.refused_first, 0xa1);
    assert_int_equal(last.refused_packet, 8);
}

/** Where the host's own bytes were wrong a NACK says nothing of the opcode. */
static void opcodes_of_wrong_bytes_count_for_nothing(void **state)
{
    static const enum btap_note_id wrong[] = {
        BTAP_NOTE_CHECKSUM_MISMATCH,   BTAP_NOTE_COMPLEMENT_MISMATCH, BTAP_NOTE_DATA_SHORT,
        BTAP_NOTE_SIZE_OVER_LIMIT,     BTAP_NOTE_RESERVED_ERASE_CODE, BTAP_NOTE_LIST_SHORT,
        BTAP_NOTE_COMMAND_FRAME_SHORT, BTAP_NOTE_PAIR_MISALIGNED,
    };

    (void)state;
    for (size_t i = 0; i <= COUNT_OF(wrong); i++) {
        const bool clean = i == COUNT_OF(wrong);

        begin(BTAP_USART);
        send_opcode(0x31, BTAP_NACK, BTAP_PHASE_COMMAND);
        add_note(BTAP_NOTE_REFUSED_AT_ONCE);
        if (!clean)
            add_note(wrong[i]);
        end_command();
        finish();
        assert_int_equal(last.refused[1], clean ? 1u << 17 : 0);
        assert_int_equal(last.last.clean, clean);
        assert_int_equal(last.last.notes_length, clean ? 1 : 2);
        assert_int_equal(last.last.notes[0], BTAP_NOTE_REFUSED_AT_ONCE);
    }
}

/* Writing */

static void send_write(enum btap_status status, enum btap_phase phase, uint32_t length)
{
    make(BTAP_WRITE_MEMORY, status);
    transaction.phase = phase;
    transaction.length = length;
    end_command();
}

static void writes_that_fail_are_counted(void **state)
{
    (void)state;
    begin(BTAP_USART);
    send_write(BTAP_OK, BTAP_PHASE_NONE, 64);
    send_write(BTAP_NACK, BTAP_PHASE_COMMAND, 0); /* refused at once */
    send_write(BTAP_NACK, BTAP_PHASE_DATA, 256);
    send_write(BTAP_NO_REPLY, BTAP_PHASE_DATA, 128);
    send_write(BTAP_INCOMPLETE, BTAP_PHASE_DATA, 128); /* the capture ended first */
    send_at(BTAP_READ_MEMORY, BTAP_NACK, FLASH);
    finish();
    assert_int_equal(last.writes_tried, 4);
    assert_int_equal(last.writes_failed, 2);
    assert_int_equal(last.write_longest, 256);
    assert_int_equal(last.write_failed_packet, 6);
}

/** 8 of 16 bytes went over: the place of all of them is written, 8 are counted. */
static void payload_is_counted_as_it_went_over(void **state)
{
    (void)state;
    begin(BTAP_USART);
    make(BTAP_WRITE_MEMORY, BTAP_OK);
    transaction.has = BTAP_HAS_ADDRESS | BTAP_HAS_LENGTH;
    transaction.address = FLASH;
    transaction.length = 16;
    transaction.transferred = 8;
    end_command();
    make(BTAP_READ_MEMORY, BTAP_OK); /* its length is not known */
    transaction.has = BTAP_HAS_ADDRESS;
    transaction.address = FLASH + 0x100;
    transaction.transferred = 4;
    end_command();
    make(BTAP_READ_MEMORY, BTAP_OK); /* the last byte of all */
    transaction.has = BTAP_HAS_ADDRESS;
    transaction.address = 0xffffffff;
    transaction.transferred = 1;
    end_command();
    make(BTAP_READ_MEMORY, BTAP_OK); /* beyond it: the capture is wrong somewhere */
    transaction.has = BTAP_HAS_ADDRESS;
    transaction.address = 0xffffffff;
    transaction.transferred = 2;
    end_command();
    finish();
    assert_int_equal(last.written.commands, 1);
    assert_int_equal(last.written.bytes, 8);
    assert_int_equal(last.written.ranges.length, 1);
    assert_int_equal(last.written.ranges.list[0].first, FLASH);
    assert_int_equal(last.written.ranges.list[0].last, FLASH + 15);
    assert_int_equal(last.written.first, 1000 * SECOND);
    assert_int_equal(last.written.last, 1000 * SECOND + MILLISECOND);
    assert_int_equal(last.read.commands, 3);
    assert_int_equal(last.read.bytes, 7);
    assert_int_equal(last.read.first, 1000 * SECOND + 10 * MILLISECOND);
    assert_int_equal(last.read.last, 1000 * SECOND + 31 * MILLISECOND);
    assert_int_equal(last.read.ranges.length, 2);
    assert_int_equal(last.read.ranges.list[0].last, FLASH + 0x103);
    assert_int_equal(last.read.ranges.list[1].first, 0xffffffff);
}

static void the_first_byte_that_no_erase_covers(void **state)
{
    (void)state;
    begin(BTAP_USART);
    identify(PID_F103);
    write_at(FLASH + 0x10);
    write_at(FLASH + 0x40);
    finish();
    assert_int_equal(last.unerased, 32);
    assert_int_equal(last.unerased_packet, 3);
    assert_int_equal(last.unerased_address, FLASH + 0x10);
}

/** What cannot be told is not said: after an erase of unknown place, of a bank, of everything. */
static void erases_of_unknown_place_leave_it_open(void **state)
{
    (void)state;
    begin(BTAP_USART);
    erase(BTAP_ERASE_PAGES, 3); /* no product: no place */
    write_at(FLASH);
    assert_int_equal(finish()->unerased, 0);
    assert_true(last.erase_unsized);
    assert_int_equal(last.erased_pages, 1);
    assert_int_equal(last.erased.bytes, 0);
    for (enum btap_erase bank = BTAP_ERASE_BANK1; bank <= BTAP_ERASE_BANK2; bank++) {
        begin(BTAP_USART);
        identify(PID_F103);
        erase(bank, 0);
        write_at(FLASH);
        assert_int_equal(finish()->unerased, 0);
        assert_int_equal(last.bank_erases, 1);
        assert_int_equal(last.mass_erases, 0);
        assert_int_equal(last.erased.commands, 1);
        assert_false(last.erase_unsized);
    }
}

/** An address that the device's layout does not list: AN3156 section 5.3 */
static void a_page_of_unknown_size_leaves_it_open(void **state)
{
    (void)state;
    begin(BTAP_DFU);
    erase(BTAP_ERASE_ADDRESS, 0);
    write_at(FLASH);
    assert_int_equal(finish()->unerased, 0);
    assert_true(last.erase_unsized);
    assert_int_equal(last.erased.commands, 1);
    assert_int_equal(last.mass_erases, 0);
}

/** Some hosts list page 0 last, so that a device that fails half way keeps its vectors. */
static void an_erase_with_page_0_behind_others(void **state)
{
    static const struct {
        uint16_t list[3];
        uint32_t length;
        bool found;
    } cases[] = {
        {{3, 2, 0}, 3, true}, {{1, 0}, 2, true},     {{0, 1, 2}, 3, false},
        {{0}, 1, false},      {{3, 0, 1}, 3, false}, {{0, 0}, 2, false},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        begin(BTAP_USART);
        send_command(BTAP_SYNC, BTAP_OK);
        make(BTAP_EXTENDED_ERASE, BTAP_OK);
        transaction.erase = BTAP_ERASE_PAGES;
        transaction.list_kind = BTAP_LIST_PAGES;
        transaction.list_length = cases[i].length;
        memcpy(transaction.list, cases[i].list, sizeof(cases[i].list));
        end_command();
        assert_int_equal(finish()->page_0_packet, cases[i].found ? 3 : 0);
        assert_int_equal(last.last.list_last, cases[i].list[0] > cases[i].list[1]
                                                  ? cases[i].list[0]
                                                  : cases[i].list[cases[i].length - 1]);
    }
}

static void a_list_that_is_not_kept_whole_tells_nothing_of_page_0(void **state)
{
    (void)state;
    begin(BTAP_USART);
    make(BTAP_EXTENDED_ERASE, BTAP_OK);
    transaction.erase = BTAP_ERASE_PAGES;
    transaction.list_kind = BTAP_LIST_PAGES;
    transaction.list_length = BTAP_LIST_MAX + 1;
    transaction.list[0] = 1;
    end_command();
    assert_int_equal(finish()->page_0_packet, 0);
}

static void the_first_erase_with_page_0_behind_others_counts(void **state)
{
    (void)state;
    begin(BTAP_USART);
    for (int i = 0; i < 2; i++) {
        make(BTAP_EXTENDED_ERASE, BTAP_OK);
        transaction.erase = BTAP_ERASE_PAGES;
        transaction.list_kind = BTAP_LIST_PAGES;
        transaction.list_length = 2;
        transaction.list[0] = 1;
        end_command();
    }
    assert_int_equal(finish()->page_0_packet, 1);
}

/* What makes up for a failure */

static void only_success_of_its_kind_makes_up_for_work(void **state)
{
    (void)state;
    begin(BTAP_USART);
    send_at(BTAP_WRITE_MEMORY, BTAP_NACK, FLASH);
    send_at(BTAP_WRITE_MEMORY, BTAP_OK, FLASH + 0x100);
    send_at(BTAP_READ_MEMORY, BTAP_OK, FLASH);
    send_command(BTAP_GET, BTAP_OK);
    assert_int_equal(failures(), 1);
    assert_int_equal(last.failures[0].n, 1);
    assert_int_equal(last.retried, 0);
    begin(BTAP_USART);
    send_at(BTAP_WRITE_MEMORY, BTAP_NACK, FLASH);
    send_at(BTAP_WRITE_MEMORY, BTAP_OK, FLASH);
    assert_int_equal(failures(), 0);
    assert_int_equal(last.retried, 1);
    assert_int_equal(last.counts[BTAP_NACK], 1);
    /* refused before it had an address */
    begin(BTAP_USART);
    send_command(BTAP_WRITE_MEMORY, BTAP_NACK);
    send_at(BTAP_WRITE_MEMORY, BTAP_OK, FLASH);
    assert_int_equal(failures(), 0);
}

static void any_work_makes_up_for_a_read(void **state)
{
    (void)state;
    begin(BTAP_USART);
    send_at(BTAP_READ_MEMORY, BTAP_NACK, FLASH);
    send_command(BTAP_GET, BTAP_OK);
    send_at(BTAP_READ_MEMORY, BTAP_OK, FLASH + 4);
    send_command(BTAP_SPECIAL, BTAP_OK);
    assert_int_equal(tracker.session.failures_length, 1);
    send_command(BTAP_WRITE_UNPROTECT, BTAP_OK);
    assert_int_equal(failures(), 0);
    assert_int_equal(last.retried, 0);
    begin(BTAP_USART);
    send_at(BTAP_READ_MEMORY, BTAP_NACK, FLASH);
    send_at(BTAP_READ_MEMORY, BTAP_OK, FLASH);
    assert_int_equal(failures(), 0);
    assert_int_equal(last.retried, 1);
}

static void anything_makes_up_for_a_probe(void **state)
{
    (void)state;
    begin(BTAP_USART);
    send_command(BTAP_GET, BTAP_NACK);
    send_command(BTAP_GET_ID, BTAP_OK);
    assert_int_equal(failures(), 0);
    assert_int_equal(last.retried, 0);
}

/** A device that does not erase everything may erase pages, with either command. */
static void one_erase_makes_up_for_another(void **state)
{
    (void)state;
    begin(BTAP_USART);
    make(BTAP_ERASE, BTAP_NACK);
    transaction.erase = BTAP_ERASE_MASS;
    end_command();
    make(BTAP_EXTENDED_ERASE, BTAP_OK);
    transaction.erase = BTAP_ERASE_PAGES;
    end_command();
    assert_int_equal(failures(), 0);
    assert_int_equal(last.retried, 0);
    begin(BTAP_USART);
    make(BTAP_ERASE, BTAP_NACK);
    transaction.erase = BTAP_ERASE_MASS;
    end_command();
    erase(BTAP_ERASE_PAGES, 0);
    assert_int_equal(failures(), 0);
    assert_int_equal(last.retried, 0); /* of another kind */
    begin(BTAP_USART);
    make(BTAP_ERASE, BTAP_NACK);
    transaction.erase = BTAP_ERASE_MASS;
    end_command();
    erase(BTAP_ERASE_MASS, 0);
    assert_int_equal(failures(), 0);
    assert_int_equal(last.retried, 1);
    begin(BTAP_USART);
    make(BTAP_ERASE, BTAP_NACK);
    transaction.erase = BTAP_ERASE_MASS;
    end_command();
    write_at(FLASH);
    assert_int_equal(failures(), 1);
}

/** DFU 1.1 section 6.1.2: they tell how it went, and set it right again. */
static void asking_for_the_state_makes_up_for_nothing(void **state)
{
    static const enum btap_command asking[] = {BTAP_GET_STATUS, BTAP_GET_STATE, BTAP_CLEAR_STATUS,
                                               BTAP_ABORT};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(asking); i++) {
        begin(BTAP_DFU);
        send_command(asking[(i + 1) % COUNT_OF(asking)], BTAP_STALL); /* a probe */
        send_command(asking[i], BTAP_OK);
        assert_int_equal(failures(), 1);
    }
}

/** AN3155 section 2: a second 0x7F is answered with NACK by a device that is synchronised. */
static void a_harmless_refusal_is_as_good_as_success(void **state)
{
    (void)state;
    begin(BTAP_USART);
    send_command(BTAP_SYNC, BTAP_NO_REPLY);
    make(BTAP_SYNC, BTAP_NACK);
    add_note(BTAP_NOTE_ALREADY_SYNCED);
    end_command();
    assert_int_equal(failures(), 0);
    assert_int_equal(last.counts[BTAP_NACK], 1);
    begin(BTAP_USART);
    send_command(BTAP_SYNC, BTAP_NO_REPLY);
    send_command(BTAP_SYNC, BTAP_NACK);
    assert_int_equal(failures(), 2);
}

static void failures_beyond_those_that_are_kept_are_counted(void **state)
{
    (void)state;
    begin(BTAP_USART);
    for (uint32_t i = 0; i < BTAP_FAILURES_MAX + 3; i++)
        send_at(BTAP_WRITE_MEMORY, BTAP_NACK, FLASH + 0x100 * i);
    send_at(BTAP_WRITE_MEMORY, BTAP_OK, FLASH + 0x100);
    send_at(BTAP_WRITE_MEMORY, BTAP_OK, FLASH + 0x300);
    finish();
    assert_int_equal(last.failures_length, BTAP_FAILURES_MAX + 1);
    assert_int_equal(last.retried, 2);
    assert_int_equal(last.failures[0].address, FLASH);
    assert_int_equal(last.failures[1].address, FLASH + 0x200);
    assert_int_equal(last.failures[2].address, FLASH + 0x400);
}

static void a_failure_after_a_reset_says_so(void **state)
{
    (void)state;
    begin(BTAP_USART);
    send_command(BTAP_GET, BTAP_NO_REPLY);
    send_command(BTAP_WRITE_UNPROTECT, BTAP_OK);
    send_at(BTAP_WRITE_MEMORY, BTAP_NO_REPLY, FLASH);
    send_command(BTAP_SYNC, BTAP_OK);
    send_at(BTAP_WRITE_MEMORY, BTAP_NO_REPLY, FLASH + 4);
    finish();
    assert_int_equal(last.failures_length, 2);
    assert_true(last.failures[0].after_reset);
    assert_false(last.failures[1].after_reset);
    assert_string_equal(last.failures[0].words, "Write Memory 0x08000000");
    assert_string_equal(last.failures[0].outcome, "no-reply (data)");
}

/* The reason of a DFU failure */

static void ask_status(uint8_t status, uint8_t state)
{
    make(BTAP_GET_STATUS, BTAP_OK);
    transaction.has = BTAP_HAS_DFU_STATUS;
    transaction.dfu_status = status;
    transaction.dfu_state = state;
    end_command();
}

/** DFU 1.1 section 6.1.2: errADDRESS (8) in dfuERROR (10) */
static void the_status_behind_a_refused_request_is_its_reason(void **state)
{
    (void)state;
    begin(BTAP_DFU);
    send_at(BTAP_WRITE_MEMORY, BTAP_STALL, FLASH);
    ask_status(8, 10);
    ask_status(0, 2); /* it has its reason */
    finish();
    assert_int_equal(last.failures_length, 1);
    assert_int_equal(last.failures[0].has, BTAP_HAS_ADDRESS | BTAP_HAS_DFU_STATUS);
    assert_int_equal(last.failures[0].dfu_status, 8);
    assert_int_equal(last.failures[0].dfu_state, 10);
    assert_int_equal(last.failures[0].first_packet, 1);
    assert_int_equal(last.failures[0].last_packet, 4);
}

static void the_status_behind_something_else_is_no_reason(void **state)
{
    (void)state;
    begin(BTAP_DFU);
    send_at(BTAP_WRITE_MEMORY, BTAP_STALL, FLASH);
    send_command(BTAP_CLEAR_STATUS, BTAP_OK);
    ask_status(0, 2);
    finish();
    assert_int_equal(last.failures[0].has, BTAP_HAS_ADDRESS);
    assert_int_equal(last.failures[0].last_packet, 2);
    begin(BTAP_DFU); /* it told its status itself */
    make(BTAP_WRITE_MEMORY, BTAP_DFU_ERROR);
    transaction.has = BTAP_HAS_DFU_STATUS;
    transaction.dfu_status = 3;
    end_command();
    ask_status(8, 10);
    assert_int_equal(finish()->failures[0].dfu_status, 3);
    begin(BTAP_DFU); /* a request without an answer says nothing */
    send_at(BTAP_WRITE_MEMORY, BTAP_STALL, FLASH);
    make(BTAP_GET_STATUS, BTAP_OK);
    end_command();
    assert_int_equal(finish()->failures[0].has, BTAP_HAS_ADDRESS);
}

/* The reason is that of the last one that is kept. */
static void a_reason_finds_the_last_failure(void **state)
{
    (void)state;
    begin(BTAP_DFU);
    for (uint32_t i = 0; i < BTAP_FAILURES_MAX; i++)
        send_at(BTAP_WRITE_MEMORY, BTAP_STALL, FLASH + 0x100 * i);
    ask_status(8, 10);
    finish();
    assert_int_equal(last.failures[BTAP_FAILURES_MAX - 1].dfu_status, 8);
    assert_int_equal(last.failures[BTAP_FAILURES_MAX - 2].dfu_status, 0);
    begin(BTAP_DFU); /* one more, which is not kept */
    for (uint32_t i = 0; i <= BTAP_FAILURES_MAX; i++)
        send_at(BTAP_WRITE_MEMORY, BTAP_STALL, FLASH + 0x100 * i);
    ask_status(8, 10);
    assert_int_equal(finish()->failures[BTAP_FAILURES_MAX - 1].dfu_status, 0);
}

/* A late answer to Sync */

static bool is_late(enum btap_command command, enum btap_status status, enum btap_note_id note)
{
    begin(BTAP_USART);
    make(command, status);
    end_command();
    make(BTAP_SYNC, BTAP_OK);
    transaction.duration = 2 * SECOND;
    if (note != BTAP_NOTE_COUNT)
        add_note(note);
    end_command();
    return finish()->late_sync_packet == 4 && last.late_sync == 2 * SECOND;
}

static void a_late_answer_to_sync_is_the_erases(void **state)
{
    (void)state;
    assert_true(is_late(BTAP_ERASE, BTAP_NO_REPLY, BTAP_NOTE_COUNT));
    assert_true(is_late(BTAP_EXTENDED_ERASE, BTAP_NO_REPLY, BTAP_NOTE_COUNT));
    assert_false(is_late(BTAP_WRITE_MEMORY, BTAP_NO_REPLY, BTAP_NOTE_COUNT));
    assert_false(is_late(BTAP_ERASE, BTAP_NACK, BTAP_NOTE_COUNT));
    /* the answer to the last of several is not late */
    assert_false(is_late(BTAP_ERASE, BTAP_NO_REPLY, BTAP_NOTE_SYNC_REPEATED));
}

/* How long a tool waits */

/** Whether a command that is open when the capture ends has failed, so long after it. */
static bool gives_up(enum btap_transport transport, enum btap_command command, btap_ns silence,
                     enum btap_note_id note)
{
    begin(transport);
    make(command, BTAP_INCOMPLETE);
    if (note != BTAP_NOTE_COUNT)
        add_note(note);
    btap_session_until(&tracker, transaction.time + transaction.duration + silence);
    end_command();
    return failures() == 1;
}

/** Five seconds; 40 for what erases, as stm32flash waits 35 for it. */
static void a_capture_that_goes_on_shows_that_nobody_answers(void **state)
{
    static const struct {
        enum btap_command command;
        btap_ns patience;
    } cases[] = {
        {BTAP_READ_MEMORY, 5 * SECOND},        {BTAP_ERASE, 40 * SECOND},
        {BTAP_EXTENDED_ERASE, 40 * SECOND},    {BTAP_WRITE_UNPROTECT, 40 * SECOND},
        {BTAP_READOUT_UNPROTECT, 40 * SECOND},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        const enum btap_command command = cases[i].command;
        const btap_ns patience = cases[i].patience;

        assert_false(gives_up(BTAP_USART, command, patience - 1, BTAP_NOTE_COUNT));
        assert_true(gives_up(BTAP_USART, command, patience, BTAP_NOTE_COUNT));
        assert_true(gives_up(BTAP_FDCAN, command, patience, BTAP_NOTE_COUNT));
        /* The answer may be among what was lost. */
        assert_false(gives_up(BTAP_USART, command, patience, BTAP_NOTE_BYTES_LOST));
        assert_false(gives_up(BTAP_USART, command, patience, BTAP_NOTE_TRUNCATED));
        assert_true(gives_up(BTAP_USART, command, patience, BTAP_NOTE_HOST_RETRY));
    }
}

/** A host that polls asks again within 5 s; what makes the device leave needs no answer. */
static void a_dfu_host_that_asks_no_more_has_given_up(void **state)
{
    (void)state;
    assert_false(gives_up(BTAP_DFU, BTAP_ERASE, 5 * SECOND - 1, BTAP_NOTE_COUNT));
    assert_true(gives_up(BTAP_DFU, BTAP_ERASE, 5 * SECOND, BTAP_NOTE_COUNT));
    assert_true(gives_up(BTAP_DFU, BTAP_READ_MEMORY, 5 * SECOND, BTAP_NOTE_COUNT));
    assert_false(gives_up(BTAP_DFU, BTAP_ERASE, 5 * SECOND, BTAP_NOTE_TRUNCATED));
    assert_false(gives_up(BTAP_DFU, BTAP_LEAVE, 5 * SECOND, BTAP_NOTE_COUNT));
    assert_false(gives_up(BTAP_DFU, BTAP_READ_UNPROTECT, 5 * SECOND, BTAP_NOTE_COUNT));
}

static void a_capture_whose_end_is_not_known_shows_nothing(void **state)
{
    (void)state;
    begin(BTAP_USART);
    now = -100 * SECOND; /* whatever the clock */
    send_command(BTAP_READ_MEMORY, BTAP_INCOMPLETE);
    assert_int_equal(failures(), 0);
}

static void a_sync_that_is_repeated_was_given_up(void **state)
{
    (void)state;
    assert_false(gives_up(BTAP_USART, BTAP_SYNC, 0, BTAP_NOTE_COUNT));
    assert_true(gives_up(BTAP_USART, BTAP_SYNC, 0, BTAP_NOTE_SYNC_REPEATED));
    assert_false(gives_up(BTAP_USART, BTAP_GET, 0, BTAP_NOTE_SYNC_REPEATED));
}

/** In the middle of a command the host sends one byte behind the other. */
static void a_host_that_stops_in_mid_command_gave_it_up(void **state)
{
    static const struct {
        enum btap_command command;
        uint32_t announced;
        enum btap_note_id note;
        btap_ns duration;
        bool failed;
    } cases[] = {
        {BTAP_ERASE, 3, BTAP_NOTE_COUNT, SECOND * 4 / 10 - 1, false},
        {BTAP_ERASE, 3, BTAP_NOTE_COUNT, SECOND * 4 / 10, true},
        {BTAP_EXTENDED_ERASE, 3, BTAP_NOTE_COUNT, SECOND * 4 / 10, true},
        {BTAP_ERASE, 2, BTAP_NOTE_COUNT, SECOND * 4 / 10, false}, /* all pages are there */
        {BTAP_WRITE_PROTECT, 3, BTAP_NOTE_COUNT, SECOND, false},
        {BTAP_WRITE_MEMORY, 0, BTAP_NOTE_DATA_SHORT, SECOND * 4 / 10 - 1, false},
        {BTAP_WRITE_MEMORY, 0, BTAP_NOTE_DATA_SHORT, SECOND * 4 / 10, true},
        {BTAP_WRITE_MEMORY, 0, BTAP_NOTE_COUNT, SECOND, false},
        {BTAP_GO, 0, BTAP_NOTE_DATA_SHORT, SECOND, false},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        begin(BTAP_USART);
        make(cases[i].command, BTAP_INCOMPLETE);
        transaction.list_announced = cases[i].announced;
        transaction.list_length = 2;
        transaction.duration = cases[i].duration;
        if (cases[i].note != BTAP_NOTE_COUNT)
            add_note(cases[i].note);
        end_command();
        if (failures() != (cases[i].failed ? 1u : 0u))
            fail_msg("case %zu", i);
    }
}

/** AN3155 sections 3.9 to 3.12: the device resets, and knows nothing before 0x7F. */
static void what_is_open_behind_a_reset_is_given_up(void **state)
{
    (void)state;
    begin(BTAP_USART);
    send_command(BTAP_WRITE_UNPROTECT, BTAP_OK);
    send_command(BTAP_READ_MEMORY, BTAP_INCOMPLETE);
    assert_int_equal(failures(), 1);
    begin(BTAP_USART);
    send_command(BTAP_GET, BTAP_OK);
    send_command(BTAP_READ_MEMORY, BTAP_INCOMPLETE);
    assert_int_equal(failures(), 0);
    begin(BTAP_FDCAN);
    send_command(BTAP_WRITE_UNPROTECT, BTAP_OK);
    send_command(BTAP_READ_MEMORY, BTAP_INCOMPLETE);
    assert_int_equal(failures(), 0);
}

/* A list of pages that is shorter than its count */

struct list {
    enum btap_command command;
    enum btap_status status;
    enum btap_phase phase;
    enum btap_note_id note;
    btap_ns duration;
    uint32_t announced;
    uint32_t length;
    uint16_t pages[4];
    uint32_t sent;
};

static void assert_sent(const struct list *list, size_t number)
{
    begin(BTAP_USART);
    make(list->command, list->status);
    transaction.phase = list->phase;
    transaction.duration = list->duration;
    transaction.erase = BTAP_ERASE_PAGES;
    transaction.list_kind = BTAP_LIST_PAGES;
    transaction.list_announced = list->announced;
    transaction.list_length = list->length;
    memcpy(transaction.list, list->pages, sizeof(list->pages));
    if (list->note != BTAP_NOTE_COUNT)
        add_note(list->note);
    end_command();
    if (finish()->last.list_sent != list->sent)
        fail_msg("list %zu: %u", number, last.last.list_sent);
}

/** AN3155 section 3.7: N - 1, N pages of a byte, the XOR of all. A host that counts one more than
 * it sends leaves its checksum to be taken for the last page: 02 ^ 04 ^ 05 = 03. */
static void an_erase_of_one_page_less_than_announced(void **state)
{
    static const struct list lists[] = {
        {BTAP_ERASE, BTAP_INCOMPLETE, BTAP_PHASE_CHECKSUM, BTAP_NOTE_COUNT, 0, 3, 3, {4, 5, 3}, 2},
        {BTAP_ERASE, BTAP_INCOMPLETE, BTAP_PHASE_CHECKSUM, BTAP_NOTE_COUNT, 0, 3, 3, {4, 5, 2}, 0},
        /* 01 ^ 06 = 07 */
        {BTAP_ERASE, BTAP_INCOMPLETE, BTAP_PHASE_CHECKSUM, BTAP_NOTE_COUNT, 0, 2, 2, {6, 7}, 1},
        /* it is still within the list */
        {BTAP_ERASE, BTAP_INCOMPLETE, BTAP_PHASE_DATA, BTAP_NOTE_COUNT, 0, 3, 3, {4, 5, 3}, 0},
        {BTAP_ERASE, BTAP_INCOMPLETE, BTAP_PHASE_DATA, BTAP_NOTE_COUNT, SECOND, 3, 3, {4, 5, 3}, 2},
        /* The 0x7F behind it was taken for the checksum. */
        {BTAP_ERASE,
         BTAP_NACK,
         BTAP_PHASE_CHECKSUM,
         BTAP_NOTE_CHECKSUM_MISMATCH,
         SECOND,
         3,
         3,
         {4, 5, 3},
         2},
        {BTAP_ERASE,
         BTAP_NACK,
         BTAP_PHASE_CHECKSUM,
         BTAP_NOTE_CHECKSUM_MISMATCH,
         SECOND * 4 / 10,
         3,
         3,
         {4, 5, 3},
         2},
        {BTAP_ERASE,
         BTAP_NACK,
         BTAP_PHASE_CHECKSUM,
         BTAP_NOTE_CHECKSUM_MISMATCH,
         SECOND * 4 / 10 - 1,
         3,
         3,
         {4, 5, 3},
         0},
        /* The checksum was right: page 3 is page 3. */
        {BTAP_ERASE, BTAP_NACK, BTAP_PHASE_CHECKSUM, BTAP_NOTE_COUNT, SECOND, 3, 3, {4, 5, 3}, 0},
        {BTAP_ERASE, BTAP_OK, BTAP_PHASE_NONE, BTAP_NOTE_COUNT, SECOND, 3, 3, {4, 5, 3}, 0},
        /* two pages less: 03 ^ 04 ^ 05 = 02, then one 0x7F, then another for the checksum */
        {BTAP_ERASE,
         BTAP_NACK,
         BTAP_PHASE_CHECKSUM,
         BTAP_NOTE_CHECKSUM_MISMATCH,
         SECOND,
         4,
         4,
         {4, 5, 2, 0x7f},
         2},
        /* three pages less: the tool has no bytes to fill that up */
        {BTAP_ERASE,
         BTAP_NACK,
         BTAP_PHASE_CHECKSUM,
         BTAP_NOTE_CHECKSUM_MISMATCH,
         SECOND,
         4,
         4,
         {4, 7, 0x10, 0x20},
         0},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(lists); i++)
        assert_sent(&lists[i], i);
}

/** Section 3.8: counts and pages of two bytes, a checksum of one: 00 ^ 02 ^ 00 ^ 04 ^ 00 ^ 05 = 03.
 * The low byte of what is taken for the page is what the host sent next. */
static void an_extended_erase_of_one_page_less_than_announced(void **state)
{
    static const struct list lists[] = {
        {BTAP_EXTENDED_ERASE,
         BTAP_NACK,
         BTAP_PHASE_CHECKSUM,
         BTAP_NOTE_COUNT,
         SECOND,
         3,
         3,
         {4, 5, 0x037f},
         2},
        {BTAP_EXTENDED_ERASE,
         BTAP_NACK,
         BTAP_PHASE_CHECKSUM,
         BTAP_NOTE_COUNT,
         SECOND,
         3,
         3,
         {4, 5, 0x027f},
         0},
        {BTAP_EXTENDED_ERASE,
         BTAP_NACK,
         BTAP_PHASE_CHECKSUM,
         BTAP_NOTE_COUNT,
         SECOND * 4 / 10 - 1,
         3,
         3,
         {4, 5, 0x037f},
         0},
        {BTAP_EXTENDED_ERASE,
         BTAP_INCOMPLETE,
         BTAP_PHASE_CHECKSUM,
         BTAP_NOTE_COUNT,
         0,
         3,
         3,
         {4, 5, 0x037f},
         0},
        /* pages above 255: 00 ^ 01 ^ 01 ^ 04 = 04 */
        {BTAP_EXTENDED_ERASE,
         BTAP_NACK,
         BTAP_PHASE_CHECKSUM,
         BTAP_NOTE_COUNT,
         SECOND,
         2,
         2,
         {0x0104, 0x047f},
         1},
        /* a checksum of 0 and a page below 256 look alike: 00 ^ 01 ^ 00 ^ 01 = 0 */
        {BTAP_EXTENDED_ERASE,
         BTAP_NACK,
         BTAP_PHASE_CHECKSUM,
         BTAP_NOTE_COUNT,
         SECOND,
         2,
         2,
         {1, 0x007f},
         1},
        {BTAP_EXTENDED_ERASE,
         BTAP_NACK,
         BTAP_PHASE_CHECKSUM,
         BTAP_NOTE_COUNT,
         SECOND,
         2,
         2,
         {1, 0x0005},
         0},
        /* the first is never the checksum: 00 ^ 00 */
        {BTAP_EXTENDED_ERASE,
         BTAP_NACK,
         BTAP_PHASE_CHECKSUM,
         BTAP_NOTE_COUNT,
         SECOND,
         1,
         1,
         {0x007f},
         0},
        {BTAP_WRITE_PROTECT,
         BTAP_NACK,
         BTAP_PHASE_CHECKSUM,
         BTAP_NOTE_COUNT,
         SECOND,
         3,
         3,
         {4, 5, 0x037f},
         0},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(lists); i++)
        assert_sent(&lists[i], i);
}

/* What was read back */

static void what_was_read_back_adds_up(void **state)
{
    const struct btap_verification same = {.same = 10};
    const struct btap_verification first = {.same = 1,
                                            .different = 2,
                                            .only_cleared = 1,
                                            .first_packet = 33,
                                            .first_address = FLASH + 4,
                                            .written = 0xff,
                                            .read = 0x7f};
    const struct btap_verification second = {
        .same = 4, .different = 3, .only_cleared = 2, .first_packet = 44};

    (void)state;
    begin(BTAP_USART);
    send_command(BTAP_SYNC, BTAP_OK);
    btap_session_readback(&tracker, &same, NULL);
    btap_session_readback(&tracker, &first, NULL);
    btap_session_readback(&tracker, &second, NULL);
    finish();
    assert_int_equal(last.verification.same, 15);
    assert_int_equal(last.verification.different, 5);
    assert_int_equal(last.verification.only_cleared, 3);
    assert_int_equal(last.verification.first_packet, 33);
    assert_int_equal(last.verification.first_address, FLASH + 4);
    assert_int_equal(last.verification.written, 0xff);
    assert_int_equal(last.verification.read, 0x7f);
}

static void the_port_stays_from_session_to_session(void **state)
{
    const struct btap_serial_port port = {.parity_even = true};

    (void)state;
    begin(BTAP_USART);
    btap_session_port(&tracker, &port);
    send_command(BTAP_GO, BTAP_OK);
    make(BTAP_SYNC, BTAP_OK);
    end_command();
    finish();
    assert_int_equal(sessions, 2);
    assert_int_equal(last.number, 2);
    assert_true(last.port.parity_even);
    assert_false(last.started);
}

static void a_start_is_known_with_its_address(void **state)
{
    (void)state;
    begin(BTAP_USART);
    send_at(BTAP_GO, BTAP_NACK, FLASH);
    assert_false(finish()->started);
    begin(BTAP_USART);
    send_at(BTAP_GO, BTAP_OK, FLASH + 0x4000);
    assert_true(finish()->started);
    assert_int_equal(last.start_address, FLASH + 0x4000);
}

/* AN3155 table 2: Read Memory is disabled by read protection; some parts reset before the second
 * answer of Readout Unprotect. */
static void work_shows_that_the_protection_was_removed(void **state)
{
    (void)state;
    for (int reads = 0; reads < 2; reads++) {
        begin(BTAP_USART);
        make(BTAP_READOUT_UNPROTECT, BTAP_NO_REPLY);
        transaction.phase = BTAP_PHASE_OPERATION;
        end_command();
        send_command(BTAP_GET_ID, BTAP_OK);
        if (reads)
            send_at(BTAP_READ_MEMORY, BTAP_OK, FLASH);
        assert_int_equal(failures(), reads ? 0 : 1);
    }
}

/* AN3155 section 3.6: writing the option bytes makes the device reset. */
static void option_bytes_reset_the_device(void **state)
{
    (void)state;
    for (int options = 0; options < 2; options++) {
        begin(BTAP_USART);
        identify(PID_F103);
        write_at(options ? 0x1ffff800 : FLASH);
        send_command(BTAP_GET, BTAP_NO_REPLY);
        finish();
        assert_int_equal(last.failures[0].after_reset, options);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_session_lasts_from_its_first_command_to_its_last_outcome),
        cmocka_unit_test(notes_of_no_command_belong_to_the_session),
        cmocka_unit_test(a_device_that_is_gone_ends_a_session),
        cmocka_unit_test(a_pause_without_a_write_begins_no_session),
        cmocka_unit_test(the_device_is_what_it_answered),
        cmocka_unit_test(a_list_that_was_refused_is_none),
        cmocka_unit_test(the_usb_device_is_known_by_its_descriptor),
        cmocka_unit_test(opcodes_are_taken_or_refused),
        cmocka_unit_test(opcodes_of_wrong_bytes_count_for_nothing),
        cmocka_unit_test(writes_that_fail_are_counted),
        cmocka_unit_test(payload_is_counted_as_it_went_over),
        cmocka_unit_test(the_first_byte_that_no_erase_covers),
        cmocka_unit_test(erases_of_unknown_place_leave_it_open),
        cmocka_unit_test(a_page_of_unknown_size_leaves_it_open),
        cmocka_unit_test(an_erase_with_page_0_behind_others),
        cmocka_unit_test(a_list_that_is_not_kept_whole_tells_nothing_of_page_0),
        cmocka_unit_test(the_first_erase_with_page_0_behind_others_counts),
        cmocka_unit_test(only_success_of_its_kind_makes_up_for_work),
        cmocka_unit_test(any_work_makes_up_for_a_read),
        cmocka_unit_test(anything_makes_up_for_a_probe),
        cmocka_unit_test(one_erase_makes_up_for_another),
        cmocka_unit_test(asking_for_the_state_makes_up_for_nothing),
        cmocka_unit_test(a_harmless_refusal_is_as_good_as_success),
        cmocka_unit_test(failures_beyond_those_that_are_kept_are_counted),
        cmocka_unit_test(a_failure_after_a_reset_says_so),
        cmocka_unit_test(the_status_behind_a_refused_request_is_its_reason),
        cmocka_unit_test(the_status_behind_something_else_is_no_reason),
        cmocka_unit_test(a_reason_finds_the_last_failure),
        cmocka_unit_test(a_late_answer_to_sync_is_the_erases),
        cmocka_unit_test(a_capture_that_goes_on_shows_that_nobody_answers),
        cmocka_unit_test(a_dfu_host_that_asks_no_more_has_given_up),
        cmocka_unit_test(a_capture_whose_end_is_not_known_shows_nothing),
        cmocka_unit_test(a_sync_that_is_repeated_was_given_up),
        cmocka_unit_test(a_host_that_stops_in_mid_command_gave_it_up),
        cmocka_unit_test(what_is_open_behind_a_reset_is_given_up),
        cmocka_unit_test(an_erase_of_one_page_less_than_announced),
        cmocka_unit_test(an_extended_erase_of_one_page_less_than_announced),
        cmocka_unit_test(what_was_read_back_adds_up),
        cmocka_unit_test(the_port_stays_from_session_to_session),
        cmocka_unit_test(a_start_is_known_with_its_address),
        cmocka_unit_test(work_shows_that_the_protection_was_removed),
        cmocka_unit_test(option_bytes_reset_the_device),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
