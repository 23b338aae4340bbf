/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Sessions and their verdicts, from transactions made by hand.
 */
#include "boottap/diagnosis.h"

#include <string.h>

#include "test.h"

#define SECOND 1000000000
#define FLASH  0x08000000u

#define SESSIONS_MAX 8

static struct btap_session_tracker tracker;
static struct btap_session ended[SESSIONS_MAX];
static struct btap_diagnosis diagnoses[SESSIONS_MAX];
static size_t ended_length;
static struct btap_transaction transaction;
static uint64_t packets;
static btap_ns now;

static void on_session(void *context, const struct btap_session *session)
{
    assert_ptr_equal(context, ended);
    assert_true(ended_length < SESSIONS_MAX);
    btap_diagnose(session, &diagnoses[ended_length]);
    ended[ended_length++] = *session;
}

static void begin(enum btap_transport transport)
{
    static const struct btap_session_sink sink = {.context = ended, .end = on_session};

    btap_session_tracker_init(&tracker, transport, &sink);
    ended_length = 0;
    packets = 0;
    now = 1000 * (btap_ns)SECOND;
    memset(&transaction, 0, sizeof(transaction));
}

/** The next transaction, of two packets and a millisecond, to be completed by the test. */
static struct btap_transaction *make(enum btap_command command, enum btap_status status,
                                     enum btap_phase phase)
{
    const uint64_t n = transaction.n + 1;

    memset(&transaction, 0, sizeof(transaction));
    transaction.transport = tracker.session.transport;
    transaction.command = command;
    transaction.status = status;
    transaction.phase = phase;
    transaction.n = n;
    transaction.first_packet = ++packets;
    transaction.last_packet = ++packets;
    transaction.time = now;
    transaction.duration = SECOND / 1000;
    now += SECOND / 100;
    return &transaction;
}

static void end_command(void)
{
    btap_session_transaction(&tracker, &transaction, NULL);
}

static void ok(enum btap_command command)
{
    make(command, BTAP_OK, BTAP_PHASE_NONE);
    end_command();
}

static void fails(enum btap_command command, enum btap_status status, enum btap_phase phase)
{
    make(command, status, phase);
    end_command();
}

static void write_at(uint32_t address, enum btap_status status)
{
    struct btap_transaction *write =
        make(BTAP_WRITE_MEMORY, status, status == BTAP_OK ? BTAP_PHASE_NONE : BTAP_PHASE_DATA);

    write->has = BTAP_HAS_ADDRESS | BTAP_HAS_LENGTH | BTAP_HAS_OPCODE;
    write->opcode = 0x31;
    write->address = address;
    write->length = 16;
    write->transferred = 16;
    end_command();
}

static void note(enum btap_note_id id)
{
    const struct btap_note one = {.id = id, .packet = ++packets, .time = now};

    btap_session_note(&tracker, 0, &one);
}

static const struct btap_session *finish(size_t sessions)
{
    btap_session_finish(&tracker);
    assert_int_equal(ended_length, sessions);
    return sessions > 0 ? &ended[sessions - 1] : NULL;
}

static const struct btap_diagnosis *diagnosis_of(const struct btap_session *session)
{
    return &diagnoses[session - ended];
}

static bool finds(const struct btap_session *session, const char *rule)
{
    for (uint32_t i = 0; i < diagnosis_of(session)->findings_length; i++)
        if (strcmp(diagnosis_of(session)->findings[i].rule->id, rule) == 0)
            return true;
    return false;
}

/* Where a session begins and ends */

static void nothing_is_no_session(void **state)
{
    (void)state;
    begin(BTAP_USART);
    finish(0);
}

static void a_note_alone_is_a_session_without_commands(void **state)
{
    const struct btap_session *session;

    (void)state;
    begin(BTAP_FDCAN);
    note(BTAP_NOTE_CAN_EXTENDED);
    session = finish(1);
    assert_int_equal(session->transactions, 0);
    assert_int_equal(session->first_packet, 1);
    assert_int_equal(diagnosis_of(session)->verdict, BTAP_VERDICT_FAILED);
    assert_true(finds(session, "can-extended-identifiers"));
}

/** A note of a transaction comes with it, too: it counts once. */
static void a_note_of_a_transaction_counts_once(void **state)
{
    struct btap_note one = {.id = BTAP_NOTE_ECHO, .packet = 1};

    (void)state;
    begin(BTAP_USART);
    btap_session_note(&tracker, 1, &one);
    make(BTAP_GET, BTAP_OK, BTAP_PHASE_NONE);
    transaction.notes[0] = one;
    transaction.notes_length = 1;
    end_command();
    assert_int_equal(finish(1)->notes[BTAP_NOTE_ECHO].count, 1);
}

static void a_new_sync_begins_a_session(void **state)
{
    (void)state;
    begin(BTAP_USART);
    ok(BTAP_SYNC);
    ok(BTAP_GET);
    ok(BTAP_SYNC);
    ok(BTAP_GET_ID);
    finish(2);
    assert_int_equal(ended[0].number, 1);
    assert_int_equal(ended[0].transactions, 2);
    assert_int_equal(ended[0].last_packet, 4);
    assert_int_equal(ended[1].number, 2);
    assert_int_equal(ended[1].first_packet, 5);
    assert_int_equal(ended[1].first_n, 3);
}

static void repeated_syncs_are_one_session(void **state)
{
    (void)state;
    begin(BTAP_USART);
    fails(BTAP_SYNC, BTAP_NO_REPLY, BTAP_PHASE_SYNC);
    fails(BTAP_SYNC, BTAP_NO_REPLY, BTAP_PHASE_SYNC);
    ok(BTAP_SYNC);
    ok(BTAP_GET);
    assert_int_equal(diagnosis_of(finish(1))->verdict, BTAP_VERDICT_NO_FAULT);
}

static void a_sync_after_a_failure_goes_on(void **state)
{
    (void)state;
    begin(BTAP_USART);
    ok(BTAP_SYNC);
    ok(BTAP_GET);
    write_at(FLASH, BTAP_NO_REPLY);
    ok(BTAP_SYNC);
    write_at(FLASH, BTAP_OK);
    assert_int_equal(diagnosis_of(finish(1))->verdict, BTAP_VERDICT_WORKED);
    assert_int_equal(ended[0].retried, 1);
}

static void a_sync_after_a_reset_goes_on(void **state)
{
    (void)state;
    begin(BTAP_USART);
    ok(BTAP_SYNC);
    ok(BTAP_WRITE_UNPROTECT);
    ok(BTAP_SYNC);
    ok(BTAP_GET);
    finish(1);
}

/* Silence was put down to a reset that the host had already made up for. */
static void a_sync_makes_up_for_a_reset(void **state)
{
    (void)state;
    begin(BTAP_USART);
    ok(BTAP_SYNC);
    ok(BTAP_WRITE_UNPROTECT);
    ok(BTAP_SYNC);
    fails(BTAP_GO, BTAP_NO_REPLY, BTAP_PHASE_COMMAND);
    assert_true(finds(finish(1), "unexplained-silence"));
    assert_false(finds(ended, "no-answer-after-reset"));
}

static void go_ends_a_session(void **state)
{
    (void)state;
    begin(BTAP_USART);
    ok(BTAP_SYNC);
    ok(BTAP_GO);
    ok(BTAP_GET);
    finish(2);
    assert_true(ended[0].started);
    assert_false(ended[1].started);
}

/** DFU 1.1: the GETSTATUS after Leave belongs to it. */
static void leave_ends_a_session_with_its_status(void **state)
{
    (void)state;
    begin(BTAP_DFU);
    ok(BTAP_LEAVE);
    ok(BTAP_GET_STATUS);
    ok(BTAP_SET_ADDRESS);
    finish(2);
    assert_int_equal(ended[0].transactions, 2);
}

static void a_device_that_is_gone_ends_a_session(void **state)
{
    (void)state;
    begin(BTAP_DFU);
    write_at(FLASH, BTAP_OK);
    note(BTAP_NOTE_DEVICE_GONE);
    ok(BTAP_SET_ADDRESS);
    finish(2);
    assert_int_equal(ended[0].last_packet, 3);
}

static void a_pause_after_a_write_begins_a_session(void **state)
{
    (void)state;
    begin(BTAP_DFU);
    ok(BTAP_GET_STATUS);
    now += 3 * (btap_ns)SECOND;
    ok(BTAP_GET_STATUS); /* nothing was written yet */
    write_at(FLASH, BTAP_OK);
    now += SECOND;
    ok(BTAP_GET_STATUS); /* too early */
    now += 3 * (btap_ns)SECOND;
    write_at(FLASH + 16, BTAP_OK); /* no GETSTATUS */
    now += 3 * (btap_ns)SECOND;
    ok(BTAP_GET_STATUS);
    finish(2);
    assert_int_equal(ended[0].transactions, 5);
    assert_int_equal(ended[1].transactions, 1);
}

/** Records need not be in the order of their times. */
static void time_may_run_backwards(void **state)
{
    (void)state;
    begin(BTAP_DFU);
    write_at(FLASH, BTAP_OK);
    now -= 100 * (btap_ns)SECOND;
    ok(BTAP_GET_STATUS);
    assert_int_equal(finish(1)->duration, SECOND / 1000);
}

static void a_capture_that_begins_late_does_not_miss_the_erase(void **state)
{
    (void)state;
    begin(BTAP_USART);
    write_at(FLASH, BTAP_OK);
    assert_int_equal(diagnosis_of(finish(1))->verdict, BTAP_VERDICT_WORKED);
    assert_int_equal(ended[0].unerased, 16);
    assert_false(finds(ended, "written-without-erase"));
}

static void a_capture_that_ends_early_is_cut_short(void **state)
{
    (void)state;
    begin(BTAP_USART);
    ok(BTAP_SYNC);
    write_at(FLASH, BTAP_INCOMPLETE);
    assert_int_equal(diagnosis_of(finish(1))->verdict, BTAP_VERDICT_CUT_SHORT);
    assert_true(finds(ended, "capture-ends-early"));
    assert_int_equal(diagnoses[0].findings[diagnoses[0].findings_length - 1].packets[0], 4);
}

/* FDCAN: what was acknowledged and is wrong */

/** Where a device answered, the bit rates are right. */
static void rates_that_worked_are_not_blamed(void **state)
{
    (void)state;
    begin(BTAP_FDCAN);
    ok(BTAP_GET_ID);
    ok(BTAP_GO);
    note(BTAP_NOTE_CAN_NO_ACKNOWLEDGE);
    make(BTAP_GET, BTAP_NO_REPLY, BTAP_PHASE_COMMAND);
    transaction.notes[0] = (struct btap_note){.id = BTAP_NOTE_CAN_NO_ACKNOWLEDGE, .packet = 9};
    transaction.notes_length = 1;
    end_command();
    note(BTAP_NOTE_CAN_ERROR);
    finish(2);
    assert_false(finds(ended, "can-no-acknowledge"));
    assert_true(finds(&ended[1], "can-left-bootloader"));
    assert_false(finds(&ended[1], "can-no-acknowledge"));
    assert_false(finds(&ended[1], "can-bit-rate"));

    begin(BTAP_FDCAN);
    note(BTAP_NOTE_CAN_NO_ACKNOWLEDGE);
    fails(BTAP_GET, BTAP_NO_REPLY, BTAP_PHASE_COMMAND);
    assert_true(finds(finish(1), "can-no-acknowledge"));
    assert_false(finds(ended, "can-left-bootloader"));
}

/** ST's device code reads one frame for 64 bytes: fewer are a capture that lacks some. */
static void a_short_write_that_was_acknowledged(void **state)
{
    static const struct {
        enum btap_note_id id;
        enum btap_verdict verdict;
        const char *rule;
    } cases[] = {
        {BTAP_NOTE_DATA_FRAMES_NOT_FULL, BTAP_VERDICT_FAILED, "data-frames-not-full"},
        {BTAP_NOTE_DATA_FRAMES_MISSING, BTAP_VERDICT_WORKED, "write-short-in-capture"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        begin(BTAP_FDCAN);
        make(BTAP_WRITE_MEMORY, BTAP_OK, BTAP_PHASE_NONE);
        transaction.has = BTAP_HAS_ADDRESS | BTAP_HAS_LENGTH;
        transaction.address = FLASH;
        transaction.length = 44;
        transaction.transferred = 32;
        transaction.notes[0] = (struct btap_note){.id = cases[i].id, .packet = 2};
        transaction.notes_length = 1;
        end_command();
        assert_int_equal(diagnosis_of(finish(1))->verdict, cases[i].verdict);
        assert_true(finds(ended, cases[i].rule));
        assert_int_equal(diagnoses[0].findings_length, 1);
    }
}

/** A device older than the detection frame refuses it, and takes what comes next. */
static void a_refused_detection_frame_is_the_end_only_where_nothing_follows(void **state)
{
    (void)state;
    for (int more = 0; more < 2; more++) {
        begin(BTAP_FDCAN);
        make(BTAP_SYNC, BTAP_NACK, BTAP_PHASE_SYNC);
        transaction.notes[0] = (struct btap_note){.id = BTAP_NOTE_DETECTION_REFUSED, .packet = 2};
        transaction.notes_length = 1;
        end_command();
        if (more)
            ok(BTAP_GET);
        assert_int_equal(diagnosis_of(finish(1))->verdict,
                         more ? BTAP_VERDICT_NO_FAULT : BTAP_VERDICT_FAILED);
        assert_true(finds(ended, "detection-refused-last") == !more);
    }
}

/** Where nothing tells whether the device fell silent, its cause is told under that condition. */
static void what_is_open_at_the_end_is_explained_under_a_condition(void **state)
{
    char text[BTAP_DIAGNOSIS_TEXT_SIZE];

    (void)state;
    begin(BTAP_USART);
    ok(BTAP_SYNC);
    write_at(FLASH, BTAP_INCOMPLETE);
    finish(1);
    assert_string_equal(diagnoses[0].findings[0].rule->id, "write-unanswered");
    assert_true(diagnoses[0].findings[0].conditional);
    assert_string_equal(btap_finding_text(&diagnoses[0].findings[0], text, sizeof(text)),
                        "If the tool reported an error: The data for 0x08000000 get no answer");
    btap_verdict_text(ended, diagnoses, text, sizeof(text));
    assert_int_equal(strncmp(text,
                             "Cut short: Write Memory 0x08000000 16 bytes is open when the capture "
                             "ends (data). The recorder was stopped, or the device fell silent. If "
                             "the tool reported an error: ",
                             165),
                     0);
    assert_string_equal(btap_finding_text(&diagnoses[0].findings[0], text, 8), "If the ");
}

/** The host closed the port behind the last byte: it waits for no answer any more. */
static void a_command_is_given_up_where_the_port_is_closed(void **state)
{
    (void)state;
    for (int i = 0; i < 4; i++) {
        begin(BTAP_USART);
        ok(BTAP_SYNC);
        make(BTAP_EXTENDED_ERASE, BTAP_INCOMPLETE, BTAP_PHASE_OPERATION);
        if (i == 3)
            transaction.notes[transaction.notes_length++].id = BTAP_NOTE_BYTES_LOST;
        /* 0: not at all; 1: it is opened in the middle; 2: behind the last packet, 4 */
        btap_session_closed(&tracker, i == 0 ? 0 : i == 1 ? 4 : 5);
        end_command();
        assert_int_equal(diagnosis_of(finish(1))->verdict,
                         i == 2 ? BTAP_VERDICT_FAILED : BTAP_VERDICT_CUT_SHORT);
    }
}

/** AN3156 section 5.4: it erases the flash, disconnects, and enumerates again. */
static void a_device_that_took_read_unprotect_owes_nothing(void **state)
{
    (void)state;
    for (uint32_t polls = 0; polls < 2; polls++) {
        begin(BTAP_DFU);
        ok(BTAP_GET_STATUS);
        make(BTAP_READ_UNPROTECT, BTAP_INCOMPLETE, BTAP_PHASE_OPERATION);
        transaction.has = BTAP_HAS_POLLS;
        transaction.polls = polls;
        btap_session_until(&tracker, now + 60 * (btap_ns)SECOND);
        end_command();
        assert_int_equal(diagnosis_of(finish(1))->verdict == BTAP_VERDICT_WORKED, polls > 0);
        assert_int_equal(finds(ended, "read-unprotect-leaves"), polls > 0);
    }
}

/* What failed */

/** The last frame was on its way when the capture ended, and nobody acknowledged it. */
static void what_failed_is_not_cut_short(void **state)
{
    (void)state;
    begin(BTAP_FDCAN);
    make(BTAP_SYNC, BTAP_INCOMPLETE, BTAP_PHASE_SYNC);
    transaction.notes[0] = (struct btap_note){.id = BTAP_NOTE_CAN_NO_ACKNOWLEDGE, .packet = 1};
    transaction.notes_length = 1;
    end_command();
    assert_int_equal(diagnosis_of(finish(1))->verdict, BTAP_VERDICT_FAILED);
    assert_true(finds(ended, "can-no-acknowledge"));
    assert_false(finds(ended, "capture-ends-early"));
}

static void identification_is_forgotten_where_anything_works(void **state)
{
    (void)state;
    begin(BTAP_USART);
    ok(BTAP_SYNC);
    fails(BTAP_GET_VERSION, BTAP_NO_REPLY, BTAP_PHASE_COMMAND);
    ok(BTAP_GET_ID);
    assert_int_equal(diagnosis_of(finish(1))->verdict, BTAP_VERDICT_NO_FAULT);
}

static void a_read_is_forgotten_where_work_is_done(void **state)
{
    (void)state;
    begin(BTAP_USART);
    ok(BTAP_SYNC);
    fails(BTAP_READ_MEMORY, BTAP_NO_REPLY, BTAP_PHASE_COMMAND);
    ok(BTAP_GET_ID);
    assert_int_equal(tracker.session.failures_length, 1);
    write_at(FLASH, BTAP_OK);
    assert_int_equal(diagnosis_of(finish(1))->verdict, BTAP_VERDICT_WORKED);
}

static void a_write_is_forgotten_only_where_it_is_repeated(void **state)
{
    (void)state;
    begin(BTAP_USART);
    ok(BTAP_SYNC);
    write_at(FLASH, BTAP_NACK);
    write_at(FLASH + 16, BTAP_OK);
    assert_int_equal(tracker.session.failures_length, 1);
    write_at(FLASH, BTAP_OK);
    assert_int_equal(diagnosis_of(finish(1))->verdict, BTAP_VERDICT_WORKED);
    assert_int_equal(ended[0].writes_tried, 3);
    assert_int_equal(ended[0].writes_failed, 1);
}

static void failures_beyond_the_bound_are_counted(void **state)
{
    char text[BTAP_DIAGNOSIS_TEXT_SIZE];

    (void)state;
    begin(BTAP_USART);
    ok(BTAP_SYNC);
    for (uint32_t i = 0; i < BTAP_FAILURES_MAX + 4; i++)
        write_at(FLASH + 16 * i, BTAP_NACK);
    assert_int_equal(finish(1)->failures_length, 20);
    assert_int_equal(diagnoses[0].findings_length, 1);
    assert_string_equal(diagnoses[0].findings[0].rule->id, "write-refused");
    assert_int_equal(diagnoses[0].findings[0].occurrences, BTAP_FAILURES_MAX);
    assert_int_equal(diagnoses[0].findings[0].packets_length, BTAP_EVIDENCE_MAX);
    assert_int_equal(diagnoses[0].findings[0].packets[0], 3);
    assert_int_equal(diagnoses[0].findings[0].packets[3], 6);
    assert_string_equal(
        btap_verdict_text(ended, diagnoses, text, sizeof(text)),
        "Failed: Write Memory 0x08000000 16 bytes: nack (data), and 19 more failed commands. Most "
        "likely bits flipped or bytes were lost between the recorder and the device");
}

static void findings_beyond_the_bound_are_counted(void **state)
{
    (void)state;
    begin(BTAP_USART);
    ok(BTAP_SYNC);
    for (int id = 0; id < BTAP_NOTE_COUNT; id++)
        if (id != BTAP_NOTE_DEVICE_GONE)
            note((enum btap_note_id)id);
    assert_int_equal(diagnosis_of(finish(1))->findings_length, BTAP_FINDINGS_MAX);
    assert_true(diagnoses[0].findings_omitted > 0);
}

static void one_explanation_is_enough_where_nobody_answers(void **state)
{
    (void)state;
    begin(BTAP_USART);
    fails(BTAP_SYNC, BTAP_NO_REPLY, BTAP_PHASE_SYNC);
    fails(BTAP_GET, BTAP_NO_REPLY, BTAP_PHASE_COMMAND);
    fails(BTAP_GO, BTAP_NO_REPLY, BTAP_PHASE_COMMAND);
    assert_int_equal(diagnosis_of(finish(1))->findings_length, 1);
    assert_string_equal(diagnoses[0].findings[0].rule->id, "no-answer-to-sync");
}

/* The lines of the port */

static void assert_sync_explained(const struct btap_serial_port *port, const char *rule)
{
    begin(BTAP_USART);
    make(BTAP_SYNC, BTAP_NO_REPLY, BTAP_PHASE_SYNC);
    transaction.first_packet = 10;
    end_command();
    btap_session_port(&tracker, port);
    assert_string_equal(diagnosis_of(finish(1))->findings[0].rule->id, rule);
}

static void only_known_lines_tell_that_nobody_reset_the_part(void **state)
{
    (void)state;
    assert_sync_explained(&(struct btap_serial_port){.lines_known = false}, "no-answer-to-sync");
    assert_sync_explained(&(struct btap_serial_port){.lines_known = true}, "target-not-reset");
    assert_sync_explained(&(struct btap_serial_port){.lines_known = true, .moved_packet = 9},
                          "no-answer-to-sync");
    assert_sync_explained(&(struct btap_serial_port){.lines_known = true, .moved_packet = 11},
                          "target-not-reset");
}

/* The pattern of parity: 0x00, 0x11, 0x44 have an even number of ones, 0x01, 0x02, 0x31 an odd one
 */

static void command(uint8_t opcode, enum btap_command command, enum btap_status status)
{
    make(command, status, status == BTAP_OK ? BTAP_PHASE_NONE : BTAP_PHASE_COMMAND);
    transaction.has = BTAP_HAS_OPCODE;
    transaction.opcode = opcode;
    end_command();
}

static void commands_that_pass_by_their_ones_show_a_missing_parity_bit(void **state)
{
    (void)state;
    begin(BTAP_USART);
    ok(BTAP_SYNC);
    command(0x00, BTAP_GET, BTAP_NACK);
    command(0x01, BTAP_GET_VERSION, BTAP_OK);
    command(0x02, BTAP_GET_ID, BTAP_OK);
    command(0x11, BTAP_READ_MEMORY, BTAP_NACK);
    assert_true(finds(finish(1), "no-parity-pattern"));
    assert_int_equal(diagnoses[0].findings_length, 1);
    assert_int_equal(diagnoses[0].findings[0].arg[0], 0x00);
}

static void paused(uint8_t opcode, enum btap_command command_, enum btap_status status,
                   enum btap_phase phase, enum btap_pause pause)
{
    make(command_, status, phase);
    transaction.has = BTAP_HAS_OPCODE | BTAP_HAS_ADDRESS;
    transaction.opcode = opcode;
    transaction.address = FLASH;
    transaction.pause = pause;
    end_command();
}

/* 0x02 has one 1: it passes with a pause behind it, and not where the complement follows at once.
 */
static void a_pause_tells_what_a_refusal_is_worth(void **state)
{
    static const struct {
        enum btap_pause pause;
        uint32_t fits;
        uint32_t against;
        const char *rule;
    } cases[] = {
        {BTAP_PAUSE_UNKNOWN, 0, 0, "never-refused"},
        {BTAP_PAUSE_NONE, 1, 0, "no-parity-pattern"},
        {BTAP_PAUSE_SEEN, 0, 1, "never-refused"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        begin(BTAP_USART);
        ok(BTAP_SYNC);
        paused(0x02, BTAP_GET_ID, BTAP_NACK, BTAP_PHASE_COMMAND, cases[i].pause);
        assert_true(finds(finish(1), cases[i].rule));
        assert_int_equal(ended[0].parity.fits, cases[i].fits);
        assert_int_equal(ended[0].parity.against, cases[i].against);
        assert_int_equal(ended[0].denied, 0x02);
    }
}

/* Of 08 00 00 00 and its checksum 08 three bytes have no ones, an even number. */
static void an_address_that_passes_shows_parity(void **state)
{
    (void)state;
    begin(BTAP_USART);
    ok(BTAP_SYNC);
    paused(0x31, BTAP_WRITE_MEMORY, BTAP_NACK, BTAP_PHASE_ADDRESS, BTAP_PAUSE_SEEN);
    assert_true(finds(finish(1), "no-parity-pattern"));
    begin(BTAP_USART);
    ok(BTAP_SYNC);
    paused(0x31, BTAP_WRITE_MEMORY, BTAP_NACK, BTAP_PHASE_DATA, BTAP_PAUSE_SEEN);
    assert_int_equal(finish(1)->parity.against, 1);
    assert_false(finds(ended, "no-parity-pattern"));
}

/* That the device is synchronised does not make up for a command that it refused. */
static void a_refused_sync_makes_up_for_nothing_but_syncs(void **state)
{
    (void)state;
    begin(BTAP_USART);
    fails(BTAP_SYNC, BTAP_NO_REPLY, BTAP_PHASE_SYNC);
    fails(BTAP_GET, BTAP_NO_REPLY, BTAP_PHASE_COMMAND);
    make(BTAP_SYNC, BTAP_NACK, BTAP_PHASE_SYNC);
    transaction.notes_length = 1;
    transaction.notes[0].id = BTAP_NOTE_ALREADY_SYNCED;
    end_command();
    assert_int_equal(finish(1)->failures_length, 1);
    assert_int_equal(ended[0].failures[0].command, BTAP_GET);
}

/** Read protection: Get passes, and it has an even number of ones. */
static void a_command_of_even_ones_that_passes_shows_parity(void **state)
{
    (void)state;
    begin(BTAP_USART);
    ok(BTAP_SYNC);
    command(0x00, BTAP_GET, BTAP_OK);
    command(0x11, BTAP_READ_MEMORY, BTAP_NACK);
    assert_false(finds(finish(1), "no-parity-pattern"));
}

static void a_port_that_is_8e1_has_parity(void **state)
{
    const struct btap_serial_port port = {.parity_even = true};

    (void)state;
    begin(BTAP_USART);
    ok(BTAP_SYNC);
    command(0x00, BTAP_GET, BTAP_NACK);
    btap_session_port(&tracker, &port);
    assert_false(finds(finish(1), "no-parity-pattern"));
}

/* Erase lists that were filled up by what came later */

static bool filled(enum btap_command command, const uint16_t *pages, uint32_t length,
                   btap_ns duration, bool mismatch)
{
    begin(BTAP_USART);
    ok(BTAP_SYNC);
    make(command, BTAP_NACK, BTAP_PHASE_DATA);
    transaction.erase = BTAP_ERASE_PAGES;
    transaction.list_kind = BTAP_LIST_PAGES;
    transaction.list_announced = length;
    transaction.list_length = length;
    transaction.duration = duration;
    memcpy(transaction.list, pages, length * sizeof(pages[0]));
    if (mismatch)
        transaction.notes[transaction.notes_length++].id = BTAP_NOTE_CHECKSUM_MISMATCH;
    end_command();
    return finds(finish(1), "erase-count-too-large");
}

static void a_list_that_was_filled_later_was_counted_wrong(void **state)
{
    /* 04 ^ 00 01 02 03 = 04, and 7F */
    static const uint16_t wide[] = {0, 1, 2, 3, 0x047f};
    static const uint16_t narrow[] = {0, 1, 2, 3, 4};
    /* 03 ^ 00 01 02 = 00, which is the first byte of page 3, too */
    static const uint16_t right[] = {0, 1, 2, 3};

    (void)state;
    assert_true(filled(BTAP_EXTENDED_ERASE, wide, 5, 5 * (btap_ns)SECOND, false));
    assert_int_equal(diagnoses[0].findings[0].arg[1], 4);
    assert_false(filled(BTAP_EXTENDED_ERASE, wide, 5, SECOND / 10, false));
    assert_false(filled(BTAP_EXTENDED_ERASE, right, 4, 5 * (btap_ns)SECOND, false));
    assert_true(filled(BTAP_ERASE, narrow, 5, 5 * (btap_ns)SECOND, true));
    assert_false(filled(BTAP_ERASE, narrow, 5, 5 * (btap_ns)SECOND, false));
}

/* The end of a capture at which the tool had given up */

/** 03 ^ 04 ^ 05 ^ 06 = 04: with N in place of N-1 it is taken for the fourth page. */
static void a_checksum_taken_for_the_last_page_shows_a_wrong_count(void **state)
{
    static const uint16_t miscounted[] = {4, 5, 6, 4};
    static const uint16_t other[] = {4, 5, 6, 7};

    (void)state;
    for (int wrong = 0; wrong <= 1; wrong++) {
        begin(BTAP_USART);
        ok(BTAP_SYNC);
        make(BTAP_ERASE, BTAP_INCOMPLETE, BTAP_PHASE_CHECKSUM);
        transaction.erase = BTAP_ERASE_PAGES;
        transaction.list_kind = BTAP_LIST_PAGES;
        transaction.list_announced = 4;
        transaction.list_length = 4;
        memcpy(transaction.list, wrong ? miscounted : other, sizeof(other));
        end_command();
        assert_int_equal(diagnosis_of(finish(1))->verdict, BTAP_VERDICT_CUT_SHORT);
        assert_int_equal(finds(ended, "erase-list-open"), wrong);
        if (wrong)
            assert_int_equal(diagnoses[0].findings[0].arg[1], 3);
    }
}

static bool open_write_fails(btap_ns duration, bool went_on)
{
    begin(BTAP_USART);
    ok(BTAP_SYNC);
    make(BTAP_WRITE_MEMORY, BTAP_INCOMPLETE, BTAP_PHASE_DATA);
    transaction.has = BTAP_HAS_ADDRESS | BTAP_HAS_LENGTH;
    transaction.address = FLASH;
    transaction.length = 256;
    transaction.transferred = 240;
    transaction.duration = duration;
    if (went_on)
        transaction.notes[transaction.notes_length++].id = BTAP_NOTE_DATA_SHORT;
    end_command();
    return diagnosis_of(finish(1))->verdict == BTAP_VERDICT_FAILED;
}

static void a_write_that_swallows_the_next_command_has_failed(void **state)
{
    (void)state;
    assert_true(open_write_fails(2 * (btap_ns)SECOND, true));
    assert_true(finds(ended, "bytes-lost-on-the-way"));
    /* 31 CE may be data where no pause comes before it. */
    assert_false(open_write_fails(SECOND / 100, true));
    assert_false(open_write_fails(SECOND / 100, false));
    assert_true(finds(ended, "write-open"));
    assert_int_equal(diagnoses[0].findings[0].arg[1], 240);
}

static void a_command_after_a_reset_has_failed_though_the_capture_ends(void **state)
{
    (void)state;
    begin(BTAP_USART);
    ok(BTAP_SYNC);
    ok(BTAP_WRITE_UNPROTECT);
    fails(BTAP_GET, BTAP_INCOMPLETE, BTAP_PHASE_COMMAND);
    assert_int_equal(diagnosis_of(finish(1))->verdict, BTAP_VERDICT_FAILED);
    assert_true(finds(ended, "no-answer-after-reset"));

    /* A new 0x7F may still be answered. */
    begin(BTAP_USART);
    ok(BTAP_SYNC);
    ok(BTAP_WRITE_UNPROTECT);
    fails(BTAP_SYNC, BTAP_INCOMPLETE, BTAP_PHASE_SYNC);
    assert_int_equal(diagnosis_of(finish(1))->verdict, BTAP_VERDICT_CUT_SHORT);
}

/** The adapter's status packets show that nothing came: 5 s for 0x7F, 40 s for an erase. */
static void what_is_silent_to_the_end_has_failed(void **state)
{
    static const struct {
        enum btap_command command;
        btap_ns silence;
        enum btap_note_id note;
        enum btap_verdict verdict;
    } cases[] = {
        {BTAP_SYNC, 5 * (btap_ns)SECOND, BTAP_NOTE_ECHO, BTAP_VERDICT_FAILED},
        {BTAP_SYNC, 4 * (btap_ns)SECOND, BTAP_NOTE_ECHO, BTAP_VERDICT_CUT_SHORT},
        {BTAP_SYNC, 5 * (btap_ns)SECOND, BTAP_NOTE_BYTES_LOST, BTAP_VERDICT_CUT_SHORT},
        {BTAP_EXTENDED_ERASE, 39 * (btap_ns)SECOND, BTAP_NOTE_ECHO, BTAP_VERDICT_CUT_SHORT},
        {BTAP_EXTENDED_ERASE, 40 * (btap_ns)SECOND, BTAP_NOTE_ECHO, BTAP_VERDICT_FAILED},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        begin(BTAP_USART);
        make(cases[i].command, BTAP_INCOMPLETE, BTAP_PHASE_DATA);
        transaction.notes[transaction.notes_length++].id = cases[i].note;
        btap_session_until(&tracker, transaction.time + transaction.duration + cases[i].silence);
        end_command();
        assert_int_equal(diagnosis_of(finish(1))->verdict, cases[i].verdict);
    }
}

static bool erase_answered_to_sync(btap_ns late, bool repeated)
{
    begin(BTAP_USART);
    ok(BTAP_SYNC);
    fails(BTAP_EXTENDED_ERASE, BTAP_NO_REPLY, BTAP_PHASE_DATA);
    make(BTAP_SYNC, BTAP_OK, BTAP_PHASE_NONE);
    transaction.duration = late;
    if (repeated)
        transaction.notes[transaction.notes_length++].id = BTAP_NOTE_SYNC_REPEATED;
    end_command();
    return finds(finish(1), "erase-answered-to-sync");
}

/** users (a) 8: 0x79 after the host gave up. Of several 0x7F the last one may have been quick. */
static void an_erase_may_end_after_the_next_sync(void **state)
{
    (void)state;
    assert_true(erase_answered_to_sync(4 * (btap_ns)SECOND, false));
    assert_int_equal(diagnoses[0].findings[0].arg[0], 4000);
    assert_false(erase_answered_to_sync(SECOND / 100, false));
    assert_true(finds(ended, "erase-unanswered"));
    assert_false(erase_answered_to_sync(4 * (btap_ns)SECOND, true));
}

/** Blocks all over the address space: the nearest ranges are joined, and nothing is claimed. */
static void ranges_beyond_the_bound_are_joined(void **state)
{
    (void)state;
    begin(BTAP_USART);
    ok(BTAP_SYNC);
    for (uint32_t i = 0; i < 100000; i++)
        write_at(FLASH + i * 48, BTAP_OK);
    assert_int_equal(finish(1)->written.ranges.length, BTAP_RANGES_MAX);
    assert_true(ended[0].written.ranges.joined);
    assert_int_equal(ended[0].written.bytes, 1600000);
    assert_int_equal(ended[0].written.ranges.list[0].first, FLASH);
    assert_int_equal(ended[0].written.ranges.list[BTAP_RANGES_MAX - 1].last,
                     FLASH + 99999 * 48 + 15);
}

/* What was read back */

static void the_first_difference_is_kept(void **state)
{
    const struct btap_verification same = {.same = 16};
    const struct btap_verification first = {.same = 14,
                                            .different = 2,
                                            .only_cleared = 2,
                                            .first_packet = 7,
                                            .first_address = FLASH + 4};
    const struct btap_verification second = {
        .different = 1, .first_packet = 9, .first_address = FLASH + 32};

    (void)state;
    begin(BTAP_USART);
    ok(BTAP_SYNC);
    write_at(FLASH, BTAP_OK);
    btap_session_readback(&tracker, &same, NULL);
    btap_session_readback(&tracker, &first, NULL);
    btap_session_readback(&tracker, &second, NULL);
    assert_int_equal(finish(1)->verification.same, 30);
    assert_int_equal(ended[0].verification.different, 3);
    assert_int_equal(ended[0].verification.only_cleared, 2);
    assert_int_equal(ended[0].verification.first_address, FLASH + 4);
    assert_int_equal(diagnoses[0].verdict, BTAP_VERDICT_FAILED);
    /* One of the bytes has a bit set that was not written: not the work of a missing erase. */
    assert_true(finds(ended, "read-back-differs"));
}

/* Words */

static void what_was_done_is_told_in_words(void **state)
{
    char text[BTAP_DIAGNOSIS_TEXT_SIZE];

    (void)state;
    begin(BTAP_USART);
    make(BTAP_EXTENDED_ERASE, BTAP_OK, BTAP_PHASE_NONE);
    transaction.erase = BTAP_ERASE_BANK2;
    end_command();
    make(BTAP_EXTENDED_ERASE, BTAP_OK, BTAP_PHASE_NONE);
    transaction.erase = BTAP_ERASE_PAGES;
    transaction.list_kind = BTAP_LIST_PAGES;
    transaction.list_announced = 3;
    transaction.list_length = 3;
    end_command();
    write_at(FLASH, BTAP_OK);
    write_at(FLASH + 0x100, BTAP_OK);
    finish(1);
    /* 32 bytes in the 11 ms from the start of the one to the end of the other */
    assert_string_equal(btap_verdict_text(ended, diagnoses, text, sizeof(text)),
                        "Worked: erased 1 bank, erased 3 pages, wrote 32 bytes at "
                        "0x08000000-0x0800010f in 2 pieces (2.9 kB/s); 0.031 s");
}

static void words_are_cut_to_their_room(void **state)
{
    char text[12];

    (void)state;
    begin(BTAP_USART);
    write_at(FLASH, BTAP_OK);
    finish(1);
    assert_string_equal(btap_verdict_text(ended, diagnoses, text, sizeof(text)), "Worked: wro");
    assert_string_equal(btap_verdict_text(ended, diagnoses, text, 1), "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_is_no_session),
        cmocka_unit_test(a_note_alone_is_a_session_without_commands),
        cmocka_unit_test(a_note_of_a_transaction_counts_once),
        cmocka_unit_test(a_new_sync_begins_a_session),
        cmocka_unit_test(repeated_syncs_are_one_session),
        cmocka_unit_test(a_sync_after_a_failure_goes_on),
        cmocka_unit_test(a_sync_after_a_reset_goes_on),
        cmocka_unit_test(a_sync_makes_up_for_a_reset),
        cmocka_unit_test(go_ends_a_session),
        cmocka_unit_test(leave_ends_a_session_with_its_status),
        cmocka_unit_test(a_device_that_is_gone_ends_a_session),
        cmocka_unit_test(a_pause_after_a_write_begins_a_session),
        cmocka_unit_test(time_may_run_backwards),
        cmocka_unit_test(a_capture_that_begins_late_does_not_miss_the_erase),
        cmocka_unit_test(a_capture_that_ends_early_is_cut_short),
        cmocka_unit_test(rates_that_worked_are_not_blamed),
        cmocka_unit_test(a_short_write_that_was_acknowledged),
        cmocka_unit_test(a_refused_detection_frame_is_the_end_only_where_nothing_follows),
        cmocka_unit_test(what_is_open_at_the_end_is_explained_under_a_condition),
        cmocka_unit_test(a_command_is_given_up_where_the_port_is_closed),
        cmocka_unit_test(a_device_that_took_read_unprotect_owes_nothing),
        cmocka_unit_test(what_failed_is_not_cut_short),
        cmocka_unit_test(identification_is_forgotten_where_anything_works),
        cmocka_unit_test(a_read_is_forgotten_where_work_is_done),
        cmocka_unit_test(a_write_is_forgotten_only_where_it_is_repeated),
        cmocka_unit_test(failures_beyond_the_bound_are_counted),
        cmocka_unit_test(findings_beyond_the_bound_are_counted),
        cmocka_unit_test(one_explanation_is_enough_where_nobody_answers),
        cmocka_unit_test(only_known_lines_tell_that_nobody_reset_the_part),
        cmocka_unit_test(commands_that_pass_by_their_ones_show_a_missing_parity_bit),
        cmocka_unit_test(a_pause_tells_what_a_refusal_is_worth),
        cmocka_unit_test(an_address_that_passes_shows_parity),
        cmocka_unit_test(a_refused_sync_makes_up_for_nothing_but_syncs),
        cmocka_unit_test(a_command_of_even_ones_that_passes_shows_parity),
        cmocka_unit_test(a_port_that_is_8e1_has_parity),
        cmocka_unit_test(a_list_that_was_filled_later_was_counted_wrong),
        cmocka_unit_test(a_checksum_taken_for_the_last_page_shows_a_wrong_count),
        cmocka_unit_test(a_write_that_swallows_the_next_command_has_failed),
        cmocka_unit_test(a_command_after_a_reset_has_failed_though_the_capture_ends),
        cmocka_unit_test(what_is_silent_to_the_end_has_failed),
        cmocka_unit_test(an_erase_may_end_after_the_next_sync),
        cmocka_unit_test(ranges_beyond_the_bound_are_joined),
        cmocka_unit_test(the_first_difference_is_kept),
        cmocka_unit_test(what_was_done_is_told_in_words),
        cmocka_unit_test(words_are_cut_to_their_room),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
