/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Where a session ends and the next begins, and the facts of each.
 */
#include "boottap/session.h"

#include <stdio.h>
#include <string.h>

#include "session/dfu.h"
#include "session/notes.h"
#include "session/ranges.h"
#include "session/risks.h"
#include "session/usart.h"

/** A tool that is silent for so long and then asks for the state is another run of it. */
#define PAUSE_NS 2000000000

/** A host that says nothing for so long in the middle of a command has given it up. */
#define GIVEN_UP_NS 400000000

/** The ROM answers 0x7F within milliseconds, at any rate. */
#define LATE_SYNC_NS 1000000000

/* Arm's address map: RAM */
#define SRAM_FIRST 0x20000000
#define SRAM_LAST  0x3fffffff

/** AN3155 section 2: with it the host begins. */
#define SYNC_BYTE 0x7f

static bool is_erase(enum btap_command command)
{
    return btap_command_has(command, BTAP_TRAIT_ERASES);
}

static bool resets(enum btap_command command)
{
    return btap_command_has(command, BTAP_TRAIT_PROTECTS);
}

/* Where a session begins and ends */

static void open_session(struct btap_session_tracker *tracker, uint64_t packet, btap_ns time)
{
    struct btap_session *session = &tracker->session;

    if (tracker->open)
        return;
    tracker->open = true;
    session->number++;
    session->answered_before = tracker->answered;
    session->first_packet = packet;
    session->time = time;
    if (tracker->sink->begin != NULL)
        tracker->sink->begin(tracker->sink->context, session);
}

static void close_session(struct btap_session_tracker *tracker)
{
    struct btap_session *session = &tracker->session;
    const struct btap_session next = {
        .transport = session->transport,
        .number = session->number,
        .at_tool = session->at_tool,
        .lacks = session->lacks,
        .port = session->port,
        .after_start = session->started || session->after_start,
    };

    if (tracker->open && tracker->sink->end != NULL)
        tracker->sink->end(tracker->sink->context, session);
    tracker->open = false;
    tracker->ended = false;
    tracker->reset = false;
    tracker->error_accounted = false;
    tracker->read_last = false;
    tracker->since_erase = (struct btap_ranges){0};
    *session = next;
}

/** Whether the session has more than attempts to synchronise. */
static bool has_talked(const struct btap_session *session)
{
    return session->transactions > 0 && session->last.command != BTAP_SYNC;
}

static bool begins_session(const struct btap_session_tracker *tracker,
                           const struct btap_transaction *transaction)
{
    const struct btap_session *session = &tracker->session;
    const btap_ns pause = transaction->time - (session->time + session->duration);
    const enum btap_command command = transaction->command;

    if (!tracker->open)
        return false;
    /* The GETSTATUS that leaves the bus belongs to the Leave before it. */
    if (tracker->ended)
        return session->transport != BTAP_DFU || command != BTAP_GET_STATUS;
    switch (session->transport) {
    case BTAP_USART:
    case BTAP_CAN:
        /* The host resynchronises after a reset, or after a command that failed. */
        return command == BTAP_SYNC && has_talked(session) && !tracker->reset &&
               session->last.status == BTAP_OK;
    case BTAP_FDCAN:
        return command == BTAP_SYNC && has_talked(session) && session->last.status == BTAP_OK;
    case BTAP_DFU:
        return (command == BTAP_GET_STATUS && pause >= PAUSE_NS && session->written.commands > 0) ||
               session_dfu_begins(tracker, transaction);
    case BTAP_TRANSPORT_COUNT:
        break;
    }
    return false;
}

/* Facts */

static void count_note(struct btap_session *session, const struct btap_note *note)
{
    if (session->notes[note->id].count++ == 0) {
        session->notes[note->id].packet = note->packet;
        memcpy(session->notes[note->id].arg, note->arg, sizeof(note->arg));
    }
}

static void add_opcode(uint32_t set[8], uint8_t opcode)
{
    set[opcode / 32] |= 1u << opcode % 32;
}

/** The device's commands or product id have come. A list alone makes no other product of it, but
 * where that is an STM8's. */
static void follow_product(struct btap_session_tracker *tracker)
{
    const struct btap_product *product = btap_session_product(&tracker->session);

    if (product != NULL || tracker->session.pid_known || btap_product_is_stm8(tracker->product))
        tracker->product = product;
}

static void note_device(struct btap_session_tracker *tracker,
                        const struct btap_transaction *transaction,
                        const struct btap_usb_device *device)
{
    struct btap_session *session = &tracker->session;

    const bool tells =
        (transaction->has & BTAP_HAS_PID) != 0 || transaction->list_kind == BTAP_LIST_COMMANDS;

    if (transaction->has & BTAP_HAS_PID) {
        session->pid_known = true;
        session->pid = transaction->pid;
    }
    if (transaction->has & BTAP_HAS_VERSION)
        session->version = transaction->version;
    if (transaction->list_kind == BTAP_LIST_COMMANDS && transaction->status == BTAP_OK) {
        session->commands_known = true;
        memset(session->commands, 0, sizeof(session->commands));
        for (uint32_t i = 0; i < btap_transaction_list_kept(transaction); i++)
            add_opcode(session->commands, (uint8_t)transaction->list[i]);
    }
    if (tells)
        follow_product(tracker);
    if (device != NULL && device->descriptor_known) {
        session->usb_vendor = device->vendor;
        session->usb_product = device->product;
    }
}

/** Whether the device took the opcode, or refused it. */
static void note_opcode(struct btap_session *session, const struct btap_transaction *transaction)
{
    const bool at_once =
        transaction->status == BTAP_NACK && transaction->phase == BTAP_PHASE_COMMAND;

    if (!(transaction->has & BTAP_HAS_OPCODE) || transaction->command == BTAP_SYNC ||
        !session_is_clean(transaction) || session_is_unlogged(transaction))
        return;
    if (transaction->phase != BTAP_PHASE_COMMAND)
        add_opcode(session->accepted, transaction->opcode);
    if (!at_once)
        return;
    if (session->refused_packet == 0) {
        session->refused_packet = transaction->last_packet;
        session->refused_first = transaction->opcode;
    }
    add_opcode(session->refused, transaction->opcode);
}

/** Whether the device did what read protection forbids. On DFU reading option bytes proves nothing.
 */
static bool shows_unprotected(const struct btap_session_tracker *tracker,
                              const struct btap_transaction *transaction)
{
    const struct btap_range flash = btap_product_flash(tracker->product);

    if (transaction->transport == BTAP_DFU)
        return transaction->status == BTAP_OK &&
               btap_command_has(transaction->command,
                                BTAP_TRAIT_READS | BTAP_TRAIT_WRITES | BTAP_TRAIT_ERASES) &&
               (transaction->has & BTAP_HAS_ADDRESS) && transaction->address >= flash.first &&
               transaction->address <= flash.last;
    return btap_command_has(transaction->command, BTAP_TRAIT_RESTRICTED) &&
           transaction->phase != BTAP_PHASE_COMMAND && session_is_clean(transaction) &&
           !session_is_unlogged(transaction);
}

/** Whether a write may have set the read protection: one to option bytes, or their registers. */
static bool may_protect(const struct btap_transaction *transaction)
{
    return btap_command_has(transaction->command, BTAP_TRAIT_WRITES) &&
           !btap_memory_lasts(transaction->address) &&
           (transaction->address < SRAM_FIRST || transaction->address > SRAM_LAST);
}

/** Keeps what is proven of the read protection. */
static void note_protection(struct btap_session_tracker *tracker,
                            const struct btap_transaction *transaction)
{
    struct btap_session *session = &tracker->session;

    if (transaction->status == BTAP_OK &&
        (transaction->command == BTAP_READOUT_PROTECT || may_protect(transaction)))
        session->unprotected = false;
    else if ((transaction->status == BTAP_OK &&
              btap_command_has(transaction->command, BTAP_TRAIT_WIPES)) ||
             shows_unprotected(tracker, transaction))
        session->unprotected = true;
}

/** How often writing fails, where it can: a command that is refused at once does not count. */
static void note_write(struct btap_session *session, const struct btap_transaction *transaction)
{
    if (transaction->command != BTAP_WRITE_MEMORY || transaction->phase == BTAP_PHASE_COMMAND)
        return;
    session->writes_tried++;
    if (transaction->length > session->write_longest)
        session->write_longest = transaction->length;
    if (transaction->status == BTAP_OK && transaction->length > session->write_longest_done)
        session->write_longest_done = transaction->length;
    if (transaction->status == BTAP_OK || transaction->status == BTAP_INCOMPLETE)
        return;
    if (session->writes_failed++ == 0)
        session->write_failed_packet = transaction->last_packet;
}

static void count_work(struct btap_work *work, const struct btap_transaction *transaction)
{
    if (work->commands++ == 0)
        work->first = transaction->time;
    work->last = transaction->time + transaction->duration;
}

/** Adds the memory that a command moved. */
static void add_payload(struct btap_work *work, const struct btap_transaction *transaction)
{
    const bool whole = (transaction->has & BTAP_HAS_LENGTH) && transaction->length > 0;
    const uint32_t length = whole ? transaction->length : transaction->transferred;

    if (transaction->transferred == 0)
        return;
    count_work(work, transaction);
    work->bytes += transaction->transferred;
    if ((transaction->has & BTAP_HAS_ADDRESS) && transaction->address <= UINT32_MAX - (length - 1))
        session_ranges_add(&work->ranges, transaction->address,
                           transaction->address + (length - 1));
}

/** Counts what of a write no erase of the session covers, as far as that can be told. What an STM8
 * writes it erases before. */
static void check_erased(struct btap_session_tracker *tracker,
                         const struct btap_transaction *transaction,
                         const struct btap_range *written)
{
    struct btap_session *session = &tracker->session;
    const struct btap_range flash = btap_product_flash(tracker->product);
    uint64_t missing;
    uint32_t where = 0;

    if (session->mass_erases > 0 || session->bank_erases > 0 || session->erase_unsized ||
        session->erased.ranges.joined || btap_product_is_stm8(tracker->product) ||
        written->first < flash.first || written->first > flash.last)
        return;
    missing =
        session_ranges_missing(&session->erased.ranges, written->first, written->last, &where);
    if (missing > 0 && session->unerased == 0) {
        session->unerased_packet = transaction->first_packet;
        session->unerased_address = where;
    }
    session->unerased += missing;
}

static void add_erase(struct btap_session *session, const struct btap_effect *effect)
{
    session->erased_pages += effect->pages;
    if (effect->scope != BTAP_SCOPE_PAGE)
        return;
    if (effect->extent != BTAP_EXTENT_EXACT) {
        session->erase_unsized = true;
        return;
    }
    session->erased.bytes += (uint64_t)effect->range.last - effect->range.first + 1;
    session_ranges_add(&session->erased.ranges, effect->range.first, effect->range.last);
    /* Where entries hold gaps the sum of what they do not cover cannot be told. */
    if (session->erased.ranges.joined)
        session->unerased = 0;
}

/** One call of btap_session_transaction(). */
struct call {
    struct btap_session_tracker *tracker;
    const struct btap_transaction *transaction;
};

static void on_effect(void *context, const struct btap_effect *effect)
{
    const struct call *call = context;
    struct btap_session_tracker *tracker = call->tracker;
    struct btap_session *session = &tracker->session;
    struct btap_effect own = *effect;

    if (own.kind == BTAP_EFFECT_WRITE && call->transaction->command == BTAP_WRITE_MEMORY)
        session_risks_of_write(tracker, call->transaction, &own);
    else
        session_risks_after(tracker, &own);
    if (tracker->sink->effect != NULL)
        tracker->sink->effect(tracker->sink->context, session, call->transaction, &own);
    switch (effect->kind) {
    case BTAP_EFFECT_ERASE:
        add_erase(session, effect);
        return;
    case BTAP_EFFECT_WRITE:
        if (effect->extent == BTAP_EXTENT_EXACT && call->transaction->command == BTAP_WRITE_MEMORY)
            check_erased(tracker, call->transaction, &effect->range);
        add_payload(&session->written, call->transaction);
        return;
    case BTAP_EFFECT_READ:
        add_payload(&session->read, call->transaction);
        return;
    }
}

/** An erase that lists page 0 behind others. */
static void note_page_0(struct btap_session *session, const struct btap_transaction *transaction)
{
    const uint32_t kept = btap_transaction_list_kept(transaction);

    if (kept > 1 && kept == transaction->list_length && transaction->list[0] > 0 &&
        transaction->list[kept - 1] == 0 && session->page_0_packet == 0)
        session->page_0_packet = transaction->first_packet;
}

/** An erase of a page that the product does not have. */
static void note_absent_page(struct btap_session_tracker *tracker,
                             const struct btap_transaction *transaction)
{
    struct btap_session *session = &tracker->session;
    struct btap_range sector;

    if (tracker->product == NULL || session->absent_page_packet != 0 ||
        !btap_product_sector(tracker->product, 0, &sector))
        return;
    for (uint32_t i = 0; i < btap_transaction_list_kept(transaction); i++)
        if (!btap_product_sector(tracker->product, transaction->list[i], &sector)) {
            session->absent_page = transaction->list[i];
            session->absent_page_packet = transaction->first_packet;
            return;
        }
}

/** Counts an erase or what removed the read protection, which erases all. */
static void count_erase(struct btap_session_tracker *tracker,
                        const struct btap_transaction *transaction)
{
    struct btap_session *session = &tracker->session;

    if (btap_command_has(transaction->command, BTAP_TRAIT_WIPES)) {
        session->unprotect_packet = transaction->last_packet;
        session->protect_packet = 0;
        session->mass_erases++;
        return;
    }
    switch (transaction->erase) {
    case BTAP_ERASE_PAGES:
        note_page_0(session, transaction);
        note_absent_page(tracker, transaction);
        break;
    case BTAP_ERASE_NONE:
    case BTAP_ERASE_RESERVED:
    case BTAP_ERASE_ADDRESS:
        break;
    case BTAP_ERASE_MASS:
        session->mass_erases++;
        break;
    case BTAP_ERASE_BANK1:
    case BTAP_ERASE_BANK2:
        session->bank_erases++;
        break;
    }
    count_work(&session->erased, transaction);
}

/** What a command that ended well did. */
static void add_effects(struct btap_session_tracker *tracker,
                        const struct btap_transaction *transaction,
                        const struct btap_usb_device *device)
{
    struct btap_session *session = &tracker->session;
    struct call call = {tracker, transaction};

    btap_transaction_effects(transaction, tracker->product, device, on_effect, &call);
    if (btap_transaction_erases(transaction))
        count_erase(tracker, transaction);
    if (transaction->command == BTAP_READOUT_PROTECT) {
        session->unprotect_packet = 0;
        session->protect_packet = transaction->last_packet;
    }
    if (btap_command_has(transaction->command, BTAP_TRAIT_STARTS)) {
        session->started = true;
        session->start_address = transaction->address;
    }
}

/* Failures */

/** Whether the capture may lack the answer. */
static bool may_be_lost(const struct btap_transaction *transaction)
{
    return session_has_note(transaction, BTAP_NOTE_BYTES_LOST) ||
           session_has_note(transaction, BTAP_NOTE_TRUNCATED);
}

/**
 * Whether the recorder went on for longer than a tool waits: a serial adapter's status packets, or
 * other frames on the bus, show it.
 */
static bool silent_to_the_end(const struct btap_session_tracker *tracker,
                              const struct btap_transaction *transaction)
{
    return (tracker->session.lacks & BTAP_LACKS_TIMES) == 0 && tracker->until != 0 &&
           btap_transaction_waited(transaction, tracker->until) && !may_be_lost(transaction);
}

/** Whether the host closed the port after what the capture has of a command. */
static bool closed_behind(const struct btap_session_tracker *tracker,
                          const struct btap_transaction *transaction)
{
    return tracker->closed_packet > transaction->last_packet && !may_be_lost(transaction);
}

/**
 * Whether the tool has given up on a command that is open when the capture ends: nobody answers
 * 0x7F, the device has reset and was not synchronised again, or it still waits for page numbers or
 * data while the host went on.
 */
static bool given_up(const struct btap_session_tracker *tracker,
                     const struct btap_transaction *transaction)
{
    const bool waited = transaction->duration >= GIVEN_UP_NS;

    if (transaction->transport == BTAP_DFU)
        return !may_be_lost(transaction) && session_dfu_given_up(tracker, transaction);
    if (silent_to_the_end(tracker, transaction) || closed_behind(tracker, transaction))
        return true;
    if (transaction->command == BTAP_SYNC)
        return session_has_note(transaction, BTAP_NOTE_SYNC_REPEATED);
    if (is_erase(transaction->command) && transaction->list_announced > transaction->list_length)
        return waited;
    if (transaction->command == BTAP_WRITE_MEMORY &&
        session_has_note(transaction, BTAP_NOTE_DATA_SHORT))
        return waited;
    /* It waits for a byte that the host does not have. */
    if (session_has_note(transaction, BTAP_NOTE_COUNT_TOO_LARGE))
        return true;
    return tracker->reset && transaction->transport == BTAP_USART;
}

/** AN3156 section 5.4: the device that took Read Unprotect erases its flash, and leaves. */
static bool is_taken_unprotect(const struct btap_transaction *transaction)
{
    return transaction->command == BTAP_READ_UNPROTECT && transaction->status == BTAP_INCOMPLETE &&
           transaction->polls > 0;
}

/** Whether an answer may have come that the records do not hold. On USB a transfer that fails tells
 * of itself. */
static bool may_be_unlogged(const struct btap_session_tracker *tracker,
                            const struct btap_transaction *transaction)
{
    return (tracker->session.lacks & BTAP_LACKS_REPLIES) != 0 &&
           (transaction->transport != BTAP_DFU || transaction->status == BTAP_INCOMPLETE) &&
           !session_has_note(transaction, BTAP_NOTE_TOOL_TIMED_OUT) &&
           !session_has_note(transaction, BTAP_NOTE_CAN_NO_ACKNOWLEDGE);
}

static bool has_failed(const struct btap_session_tracker *tracker,
                       const struct btap_transaction *transaction)
{
    switch (transaction->status) {
    case BTAP_OK:
        return false;
    case BTAP_NO_REPLY:
        return !may_be_unlogged(tracker, transaction);
    case BTAP_INCOMPLETE:
        return !may_be_unlogged(tracker, transaction) && given_up(tracker, transaction);
    default:
        return !btap_transaction_is_harmless(transaction);
    }
}

static bool is_overcome(const struct btap_brief *failure, const struct btap_transaction *success)
{
    /* That the device refuses 0x7F makes up for no command that it refused. */
    if (success->status != BTAP_OK && success->command == BTAP_SYNC)
        return failure->command == BTAP_SYNC;
    /* The device has reset behind its first answer; what it does now it could not do before. */
    if (failure->command == BTAP_READOUT_UNPROTECT && failure->phase == BTAP_PHASE_OPERATION &&
        failure->status == BTAP_NO_REPLY && success->status == BTAP_OK &&
        btap_command_has(success->command, BTAP_TRAIT_RESTRICTED))
        return true;
    switch (btap_command_effort(failure->command)) {
    case BTAP_EFFORT_PROBE:
        return true;
    case BTAP_EFFORT_READ:
        if (btap_command_effort(success->command) == BTAP_EFFORT_WORK)
            return true;
        break;
    case BTAP_EFFORT_WORK:
        break;
    }
    if (is_erase(failure->command) && is_erase(success->command))
        return true;
    return failure->command == success->command &&
           (failure->address == success->address || !(failure->has & BTAP_HAS_ADDRESS));
}

/** Forgets the failures that a success makes up for. */
static void overcome(struct btap_session *session, const struct btap_transaction *success)
{
    const uint32_t kept =
        session->failures_length < BTAP_FAILURES_MAX ? session->failures_length : BTAP_FAILURES_MAX;
    uint32_t left = 0;

    /* Asking for the state makes up for nothing. */
    if (success->command == BTAP_GET_STATUS || success->command == BTAP_GET_STATE ||
        success->command == BTAP_CLEAR_STATUS || success->command == BTAP_ABORT)
        return;
    for (uint32_t i = 0; i < kept; i++) {
        if (!is_overcome(&session->failures[i], success))
            session->failures[left++] = session->failures[i];
        else if (session->failures[i].command == success->command &&
                 session->failures[i].erase == success->erase)
            session->retried++;
    }
    session->failures_length -= kept - left;
}

/**
 * Whether a page of a list is the list's checksum: of Erase its one byte, of Extended Erase the
 * first of two, and what the host sent much later the second.
 */
static bool is_checksum(const struct btap_transaction *transaction, uint16_t page, uint8_t sum)
{
    if (transaction->command == BTAP_ERASE)
        return page == sum && (transaction->status == BTAP_INCOMPLETE ||
                               session_has_note(transaction, BTAP_NOTE_CHECKSUM_MISMATCH));
    return page >> 8 == sum && (sum != 0 || (page & 0xff) == SYNC_BYTE);
}

/**
 * How many pages the host meant, where the device took the list's checksum for a page, and for the
 * rest what the host sent when it had given up: two 0x7F, for one, whose list has a right checksum.
 */
static uint32_t pages_sent(const struct btap_transaction *transaction)
{
    const uint32_t kept = btap_transaction_list_kept(transaction);
    const uint32_t count = transaction->list_announced - 1;
    const bool open_end = transaction->command == BTAP_ERASE &&
                          transaction->status == BTAP_INCOMPLETE &&
                          transaction->phase == BTAP_PHASE_CHECKSUM;
    uint8_t sum = (uint8_t)(count ^ count >> 8);

    if (!is_erase(transaction->command) || transaction->transport != BTAP_USART ||
        transaction->status == BTAP_OK || transaction->list_kind != BTAP_LIST_PAGES ||
        (transaction->duration < GIVEN_UP_NS && !open_end))
        return 0;
    for (uint32_t i = 0; i < kept; i++) {
        if (i > 0 && i + (open_end ? 1 : 2) >= kept &&
            is_checksum(transaction, transaction->list[i], sum))
            return i;
        sum ^= (uint8_t)(transaction->list[i] ^ transaction->list[i] >> 8);
    }
    return 0;
}

static void make_brief(struct btap_brief *brief, const struct btap_transaction *transaction)
{
    *brief = (struct btap_brief){
        .n = transaction->n,
        .first_packet = transaction->first_packet,
        .last_packet = transaction->last_packet,
        .time = transaction->time,
        .command = transaction->command,
        .status = transaction->status,
        .phase = transaction->phase,
        .has = transaction->has,
        .opcode = transaction->opcode,
        .dfu_status = transaction->dfu_status,
        .dfu_state = transaction->dfu_state,
        .erase = transaction->erase,
        .address = transaction->address,
        .length = transaction->length,
        .transferred = transaction->transferred,
        .list_announced = transaction->list_announced,
        .list_length = transaction->list_length,
        .list_sent = pages_sent(transaction),
        .duration = transaction->duration,
        .busy = transaction->busy,
        .polls = transaction->polls,
        .poll_timeout_ms = transaction->poll_timeout_ms,
        .subcommand = transaction->subcommand,
        .alternate = transaction->alternate,
        .dfu_string = transaction->dfu_string,
        .clean = session_is_clean(transaction),
        .notes_length = (uint8_t)btap_transaction_notes_kept(transaction),
    };
    for (uint32_t i = 0; i < brief->notes_length; i++) {
        brief->notes[i] = transaction->notes[i].id;
        memcpy(brief->note_args[i], transaction->notes[i].arg, sizeof(brief->note_args[i]));
    }
    for (uint32_t i = 0; i < btap_transaction_list_kept(transaction); i++)
        if (transaction->list[i] > brief->list_last)
            brief->list_last = transaction->list[i];
}

static void fail(struct btap_session *session, const struct btap_transaction *transaction,
                 bool after_reset)
{
    struct btap_brief *brief;

    if (session->failures_length++ >= BTAP_FAILURES_MAX)
        return;
    brief = &session->failures[session->failures_length - 1];
    make_brief(brief, transaction);
    brief->after_reset = after_reset;
    brief->unprotected = session->unprotected;
    btap_transaction_describe(transaction, brief->words, sizeof(brief->words));
    if (transaction->status == BTAP_INCOMPLETE)
        snprintf(brief->outcome, sizeof(brief->outcome), "no answer %sto the capture's end",
                 session->at_tool ? "read " : "");
    else
        btap_transaction_outcome(transaction, brief->outcome, sizeof(brief->outcome));
}

/** After a refused request GETSTATUS tells why (DFU 1.1 section 6.1.2). */
static void learn_reason(struct btap_session *session, const struct btap_transaction *transaction)
{
    struct btap_brief *failure;

    if (session->failures_length == 0 || session->failures_length > BTAP_FAILURES_MAX ||
        transaction->command != BTAP_GET_STATUS || !(transaction->has & BTAP_HAS_DFU_STATUS))
        return;
    failure = &session->failures[session->failures_length - 1];
    if (failure->n + 1 != transaction->n || (failure->has & BTAP_HAS_DFU_STATUS))
        return;
    failure->has |= BTAP_HAS_DFU_STATUS;
    failure->dfu_status = transaction->dfu_status;
    failure->dfu_state = transaction->dfu_state;
    failure->dfu_string = transaction->dfu_string;
    failure->last_packet = transaction->last_packet;
}

/** 0x7F is answered at once; after an erase that got no answer, a late one may be the erase's. */
static void learn_late_answer(struct btap_session *session,
                              const struct btap_transaction *transaction)
{
    const struct btap_brief *failure;

    if (session->failures_length == 0 || session->failures_length > BTAP_FAILURES_MAX ||
        transaction->command != BTAP_SYNC || transaction->duration < LATE_SYNC_NS ||
        session_has_note(transaction, BTAP_NOTE_SYNC_REPEATED))
        return;
    failure = &session->failures[session->failures_length - 1];
    if (failure->n + 1 != transaction->n || !is_erase(failure->command) ||
        failure->status != BTAP_NO_REPLY)
        return;
    session->late_sync_packet = transaction->last_packet;
    session->late_sync = transaction->duration;
}

/* The interface */

void btap_session_tracker_init(struct btap_session_tracker *tracker, enum btap_transport transport,
                               const struct btap_session_sink *sink)
{
    memset(tracker, 0, sizeof(*tracker));
    tracker->sink = sink;
    tracker->session.transport = transport;
}

static void note_outcome(struct btap_session_tracker *tracker,
                         const struct btap_transaction *transaction,
                         const struct btap_usb_device *device)
{
    struct btap_session *session = &tracker->session;

    session->counts[transaction->status]++;
    session->unlogged += btap_command_effort(transaction->command) == BTAP_EFFORT_WORK &&
                         session_is_unlogged(transaction);
    if (transaction->status == BTAP_OK) {
        session->done[transaction->command]++;
        overcome(session, transaction);
        add_effects(tracker, transaction, device);
        learn_reason(session, transaction);
        learn_late_answer(session, transaction);
    } else if (is_taken_unprotect(transaction)) {
        session->done[transaction->command]++;
    } else if (btap_transaction_is_harmless(transaction)) {
        overcome(session, transaction);
    } else if (!session->after_start && has_failed(tracker, transaction)) {
        fail(session, transaction, tracker->reset);
        session_dfu_fail(session, device);
    }
}

void btap_session_transaction(struct btap_session_tracker *tracker,
                              const struct btap_transaction *transaction,
                              const struct btap_usb_device *device)
{
    struct btap_session *session = &tracker->session;
    const btap_ns end = transaction->time + transaction->duration;

    btap_session_device(tracker, device);
    if (begins_session(tracker, transaction))
        close_session(tracker);
    open_session(tracker, transaction->first_packet, transaction->time);
    if (session->transactions++ == 0)
        session->first_n = transaction->n;
    session->last_n = transaction->n;
    session->last_packet = transaction->last_packet;
    if (end - session->time > session->duration)
        session->duration = end - session->time;
    for (uint32_t i = 0; i < btap_transaction_notes_kept(transaction); i++)
        count_note(session, &transaction->notes[i]);
    /* A new 0x7F or detection frame, or a right answer: the bootloader is meant, or heard. A CAN
     * frame that no node acknowledges goes to no application either. */
    if (transaction->command == BTAP_SYNC || transaction->status == BTAP_OK ||
        transaction->status == BTAP_NACK ||
        session_has_note(transaction, BTAP_NOTE_CAN_NO_ACKNOWLEDGE))
        session->after_start = false;
    note_device(tracker, transaction, device);
    note_protection(tracker, transaction);
    note_opcode(session, transaction);
    if (transaction->transport == BTAP_USART)
        session_usart_follow(tracker, transaction);
    note_write(session, transaction);
    note_outcome(tracker, transaction, device);
    if (transaction->transport == BTAP_DFU)
        session_dfu_follow(tracker, transaction, device);
    make_brief(&session->last, transaction);
    if (transaction->status == BTAP_OK || transaction->status == BTAP_NACK)
        tracker->answered = true;
    if (transaction->status == BTAP_INCOMPLETE)
        btap_transaction_describe(transaction, session->last.words, sizeof(session->last.words));

    if (transaction->status == BTAP_OK)
        tracker->reset = resets(transaction->command) ||
                         session_usart_writes_options(tracker->product, transaction);
    if (transaction->status == BTAP_DISCONNECTED ||
        session_has_note(transaction, BTAP_NOTE_DEVICE_LEFT) ||
        (transaction->status == BTAP_OK &&
         btap_command_has(transaction->command, BTAP_TRAIT_STARTS)))
        tracker->ended = true;
}

void btap_session_note(struct btap_session_tracker *tracker, uint64_t n,
                       const struct btap_note *note)
{
    if (n != 0)
        return;
    open_session(tracker, note->packet, note->time);
    if (note->packet > tracker->session.last_packet)
        tracker->session.last_packet = note->packet;
    if (note->id == BTAP_NOTE_SKIPPED_BYTES && tracker->ended && tracker->session.started)
        tracker->session.application_packet = note->packet;
    else
        count_note(&tracker->session, note);
    if (note->id == BTAP_NOTE_DEVICE_GONE)
        tracker->ended = true;
    if (note->id == BTAP_NOTE_CAN_NO_ACKNOWLEDGE)
        tracker->session.after_start = false;
}

void btap_session_until(struct btap_session_tracker *tracker, btap_ns until)
{
    tracker->until = until;
}

void btap_session_at_tool(struct btap_session_tracker *tracker, bool at_tool)
{
    tracker->session.at_tool = at_tool;
}

void btap_session_lacks(struct btap_session_tracker *tracker, uint32_t lacks)
{
    tracker->session.lacks = lacks;
}

void btap_session_closed(struct btap_session_tracker *tracker, uint64_t packet)
{
    tracker->closed_packet = packet;
}

void btap_session_port(struct btap_session_tracker *tracker, const struct btap_serial_port *port)
{
    tracker->session.port = *port;
}

void btap_session_after(struct btap_session_tracker *tracker, uint64_t number, bool answered)
{
    tracker->session.number = number;
    tracker->answered = answered;
}

void btap_session_finish(struct btap_session_tracker *tracker)
{
    close_session(tracker);
}
