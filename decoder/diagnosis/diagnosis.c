/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Sessions: where one ends and the next begins, and the facts of each.
 */
#include "boottap/diagnosis.h"

#include <string.h>

#include "boottap/dfuse_layout.h"
#include "diagnosis/internal.h"

/** A tool that is silent for so long and then asks for the state is another run of it. */
#define PAUSE_NS 2000000000

/** A host that says nothing for so long in the middle of a command has given it up. */
#define GIVEN_UP_NS 400000000

/** Tools wait for no answer so long; for that of an erase stm32flash waits 35 s. */
#define PATIENCE_NS       5000000000
#define PATIENCE_ERASE_NS 40000000000

/** The ROM answers 0x7F within milliseconds, at any rate. */
#define LATE_SYNC_NS 1000000000

/** AN3155 section 2: with it the host begins. */
#define SYNC_BYTE 0x7f

/** The flash of nearly every STM32, where the product is not known. */
#define FLASH_FIRST 0x08000000u
#define FLASH_LAST  0x0fffffffu

static bool is_erase(enum btap_command command)
{
    return btap_command_has(command, BTAP_TRAIT_ERASES);
}

static bool resets(enum btap_command command)
{
    return btap_command_has(command, BTAP_TRAIT_PROTECTS);
}

static bool has_note(const struct btap_transaction *transaction, enum btap_note_id id)
{
    for (uint32_t i = 0; i < btap_transaction_notes_kept(transaction); i++)
        if (transaction->notes[i].id == id)
            return true;
    return false;
}

bool diagnosis_step_has(const struct btap_step *step, enum btap_note_id id)
{
    for (uint32_t i = 0; i < step->notes_length; i++)
        if (step->notes[i] == id)
            return true;
    return false;
}

/* Where a session begins and ends */

static void open_session(struct btap_diagnosis *diagnosis, uint64_t packet, btap_ns time)
{
    struct btap_session *session = &diagnosis->session;

    if (diagnosis->open)
        return;
    diagnosis->open = true;
    session->number++;
    session->first_packet = packet;
    session->time = time;
}

static void close_session(struct btap_diagnosis *diagnosis)
{
    struct btap_session *session = &diagnosis->session;
    const struct btap_session next = {
        .transport = session->transport,
        .number = session->number,
        .port = session->port,
    };

    if (diagnosis->open) {
        diagnosis_judge(session);
        diagnosis->handler(diagnosis->context, session);
    }
    diagnosis->open = false;
    diagnosis->ended = false;
    diagnosis->reset = false;
    *session = next;
}

/** Whether the session has more than attempts to synchronise. */
static bool has_talked(const struct btap_session *session)
{
    return session->transactions > 0 && session->last.command != BTAP_SYNC;
}

static bool begins_session(const struct btap_diagnosis *diagnosis,
                           const struct btap_transaction *transaction)
{
    const struct btap_session *session = &diagnosis->session;
    const btap_ns pause = transaction->time - (session->time + session->duration);
    const enum btap_command command = transaction->command;

    if (!diagnosis->open)
        return false;
    /* The GETSTATUS that leaves the bus belongs to the Leave before it. */
    if (diagnosis->ended)
        return session->transport != BTAP_DFU || command != BTAP_GET_STATUS;
    switch (session->transport) {
    case BTAP_USART:
        /* The host resynchronises after a reset, or after a command that failed. */
        return command == BTAP_SYNC && has_talked(session) && !diagnosis->reset &&
               session->last.status == BTAP_OK;
    case BTAP_FDCAN:
        return command == BTAP_SYNC && has_talked(session) && session->last.status == BTAP_OK;
    default:
        return command == BTAP_GET_STATUS && pause >= PAUSE_NS && session->written.commands > 0;
    }
}

/* Facts */

static void take_note(struct btap_session *session, const struct btap_note *note)
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

static void take_device(struct btap_session *session, const struct btap_transaction *transaction,
                        const struct btap_usb_device *device)
{
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
    if (device != NULL && device->descriptor_known) {
        session->usb_vendor = device->vendor;
        session->usb_product = device->product;
    }
}

/** Notes by which the host's own bytes were wrong. */
static bool is_host_error(enum btap_note_id id)
{
    return id == BTAP_NOTE_CHECKSUM_MISMATCH || id == BTAP_NOTE_COMPLEMENT_MISMATCH ||
           id == BTAP_NOTE_DATA_SHORT || id == BTAP_NOTE_SIZE_OVER_LIMIT ||
           id == BTAP_NOTE_RESERVED_ERASE_CODE || id == BTAP_NOTE_LIST_SHORT ||
           id == BTAP_NOTE_COMMAND_FRAME_SHORT || id == BTAP_NOTE_PAIR_MISALIGNED;
}

static bool is_clean(const struct btap_transaction *transaction)
{
    for (uint32_t i = 0; i < btap_transaction_notes_kept(transaction); i++)
        if (is_host_error(transaction->notes[i].id))
            return false;
    return true;
}

/** Whether the device took the opcode, or refused it. */
static void take_opcode(struct btap_session *session, const struct btap_transaction *transaction)
{
    const bool at_once =
        transaction->status == BTAP_NACK && transaction->phase == BTAP_PHASE_COMMAND;

    if (!(transaction->has & BTAP_HAS_OPCODE) || transaction->command == BTAP_SYNC ||
        !is_clean(transaction))
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

/** How often writing fails, where it can: a command that is refused at once does not count. */
static void take_write(struct btap_session *session, const struct btap_transaction *transaction)
{
    if (transaction->command != BTAP_WRITE_MEMORY || transaction->phase == BTAP_PHASE_COMMAND)
        return;
    session->writes_tried++;
    if (transaction->length > session->write_longest)
        session->write_longest = transaction->length;
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
        diagnosis_ranges_add(&work->ranges, transaction->address,
                             transaction->address + (length - 1));
}

static void add_erased_range(struct btap_session *session, const struct btap_range *range)
{
    session->erased.bytes += (uint64_t)range->last - range->first + 1;
    diagnosis_ranges_add(&session->erased.ranges, range->first, range->last);
}

static void add_erased_pages(struct btap_session *session,
                             const struct btap_transaction *transaction)
{
    const struct btap_product *product =
        session->pid_known ? btap_product_by_pid(session->pid) : NULL;
    const uint32_t kept = btap_transaction_list_kept(transaction);
    struct btap_range sector;

    session->erased_pages += transaction->list_length;
    if (kept > 1 && kept == transaction->list_length && transaction->list[0] > 0 &&
        transaction->list[kept - 1] == 0 && session->page_0_packet == 0)
        session->page_0_packet = transaction->first_packet;
    if (kept < transaction->list_length || product == NULL)
        session->erase_unsized = true;
    for (uint32_t i = 0; product != NULL && i < kept; i++) {
        if (btap_product_sector(product, transaction->list[i], &sector))
            add_erased_range(session, &sector);
        else
            session->erase_unsized = true;
    }
}

/** The page at an address, whose size the device's memory layout tells. */
static void add_erased_address(struct btap_session *session, uint32_t address,
                               const struct btap_usb_device *device)
{
    const char *text = device != NULL ? btap_usb_device_layout(device) : NULL;
    const struct btap_layout_region *region = NULL;
    struct btap_layout layout;

    session->erased_pages++;
    if (text != NULL) {
        btap_layout_parse(text, &layout);
        region = btap_layout_find(&layout, address);
    }
    if (region == NULL || region->page_size == 0) {
        session->erase_unsized = true;
        return;
    }
    address -= (address - region->address) % region->page_size;
    add_erased_range(
        session, &(struct btap_range){.first = address, .last = address + region->page_size - 1});
}

static void add_erase(struct btap_session *session, const struct btap_transaction *transaction,
                      const struct btap_usb_device *device)
{
    if (has_note(transaction, BTAP_NOTE_ERASE_NOT_PERFORMED))
        return;
    switch (transaction->erase) {
    case BTAP_ERASE_PAGES:
        add_erased_pages(session, transaction);
        break;
    case BTAP_ERASE_ADDRESS:
        add_erased_address(session, transaction->address, device);
        break;
    case BTAP_ERASE_MASS:
        session->mass_erases++;
        break;
    case BTAP_ERASE_BANK1:
    case BTAP_ERASE_BANK2:
        session->bank_erases++;
        break;
    case BTAP_ERASE_NONE:
    case BTAP_ERASE_RESERVED:
        return;
    }
    count_work(&session->erased, transaction);
}

/** Counts what of a write no erase of the session covers, as far as that can be told. */
static void check_erased(struct btap_session *session, const struct btap_transaction *transaction)
{
    const struct btap_product *product =
        session->pid_known ? btap_product_by_pid(session->pid) : NULL;
    struct btap_range flash = {.first = FLASH_FIRST, .last = FLASH_LAST};
    uint64_t missing;
    uint32_t where = 0;

    if (product != NULL && product->flash_size > 0)
        flash = (struct btap_range){.first = product->flash_start,
                                    .last = product->flash_start + (product->flash_size - 1)};
    if (session->mass_erases > 0 || session->bank_erases > 0 || session->erase_unsized ||
        session->erased.ranges.joined || !(transaction->has & BTAP_HAS_ADDRESS) ||
        transaction->transferred == 0 || transaction->address < flash.first ||
        transaction->address > flash.last)
        return;
    missing =
        diagnosis_ranges_missing(&session->erased.ranges, transaction->address,
                                 transaction->address + (transaction->transferred - 1), &where);
    if (missing > 0 && session->unerased == 0) {
        session->unerased_packet = transaction->first_packet;
        session->unerased_address = where;
    }
    session->unerased += missing;
}

/** What a command that ended well did. */
static void add_effect(struct btap_session *session, const struct btap_transaction *transaction,
                       const struct btap_usb_device *device)
{
    switch (transaction->command) {
    case BTAP_WRITE_MEMORY:
        check_erased(session, transaction);
        add_payload(&session->written, transaction);
        return;
    case BTAP_DOWNLOAD:
        add_payload(&session->written, transaction);
        return;
    case BTAP_READ_MEMORY:
    case BTAP_UPLOAD:
        add_payload(&session->read, transaction);
        return;
    case BTAP_ERASE:
    case BTAP_EXTENDED_ERASE:
        add_erase(session, transaction, device);
        return;
    case BTAP_READOUT_UNPROTECT:
    case BTAP_READ_UNPROTECT:
        session->mass_erases++;
        return;
    case BTAP_GO:
    case BTAP_LEAVE:
        session->started = true;
        session->start_address = transaction->address;
        return;
    default:
        return;
    }
}

/* Failures */

/**
 * Whether the recorder went on for longer than a tool waits: a serial adapter's status packets, or
 * other frames on the bus, show it.
 */
static bool silent_to_the_end(const struct btap_diagnosis *diagnosis,
                              const struct btap_transaction *transaction)
{
    const bool slow = is_erase(transaction->command) || resets(transaction->command);
    const btap_ns silence = diagnosis->until - (transaction->time + transaction->duration);

    return diagnosis->until != 0 && transaction->transport != BTAP_DFU &&
           silence >= (slow ? PATIENCE_ERASE_NS : PATIENCE_NS) &&
           !has_note(transaction, BTAP_NOTE_BYTES_LOST) &&
           !has_note(transaction, BTAP_NOTE_TRUNCATED);
}

/**
 * Whether the tool has given up on a command that is open when the capture ends: nobody answers
 * 0x7F, the device has reset and was not synchronised again, or it still waits for page numbers or
 * data while the host went on.
 */
static bool given_up(const struct btap_diagnosis *diagnosis,
                     const struct btap_transaction *transaction)
{
    const bool waited = transaction->duration >= GIVEN_UP_NS;

    if (silent_to_the_end(diagnosis, transaction))
        return true;
    if (transaction->command == BTAP_SYNC)
        return has_note(transaction, BTAP_NOTE_SYNC_REPEATED);
    if (is_erase(transaction->command) && transaction->list_announced > transaction->list_length)
        return waited;
    if (transaction->command == BTAP_WRITE_MEMORY && has_note(transaction, BTAP_NOTE_DATA_SHORT))
        return waited;
    return diagnosis->reset && transaction->transport == BTAP_USART;
}

static bool has_failed(const struct btap_diagnosis *diagnosis,
                       const struct btap_transaction *transaction)
{
    switch (transaction->status) {
    case BTAP_OK:
        return false;
    case BTAP_INCOMPLETE:
        return given_up(diagnosis, transaction);
    default:
        return !btap_transaction_is_harmless(transaction);
    }
}

static bool is_overcome(const struct btap_step *failure, const struct btap_transaction *success)
{
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
                               has_note(transaction, BTAP_NOTE_CHECKSUM_MISMATCH));
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

static void make_step(struct btap_step *step, const struct btap_transaction *transaction)
{
    *step = (struct btap_step){
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
        .clean = is_clean(transaction),
        .notes_length = (uint8_t)btap_transaction_notes_kept(transaction),
    };
    for (uint32_t i = 0; i < step->notes_length; i++)
        step->notes[i] = transaction->notes[i].id;
    for (uint32_t i = 0; i < btap_transaction_list_kept(transaction); i++)
        if (transaction->list[i] > step->list_last)
            step->list_last = transaction->list[i];
}

static void fail(struct btap_session *session, const struct btap_transaction *transaction,
                 bool after_reset)
{
    struct btap_step *step;

    if (session->failures_length++ >= BTAP_FAILURES_MAX)
        return;
    step = &session->failures[session->failures_length - 1];
    make_step(step, transaction);
    step->after_reset = after_reset;
    btap_transaction_describe(transaction, step->words, sizeof(step->words));
    btap_transaction_outcome(transaction, step->outcome, sizeof(step->outcome));
}

/** After a refused request GETSTATUS tells why (DFU 1.1 section 6.1.2). */
static void learn_reason(struct btap_session *session, const struct btap_transaction *transaction)
{
    struct btap_step *failure;

    if (session->failures_length == 0 || session->failures_length > BTAP_FAILURES_MAX ||
        transaction->command != BTAP_GET_STATUS || !(transaction->has & BTAP_HAS_DFU_STATUS))
        return;
    failure = &session->failures[session->failures_length - 1];
    if (failure->n + 1 != transaction->n || (failure->has & BTAP_HAS_DFU_STATUS))
        return;
    failure->has |= BTAP_HAS_DFU_STATUS;
    failure->dfu_status = transaction->dfu_status;
    failure->dfu_state = transaction->dfu_state;
    failure->last_packet = transaction->last_packet;
}

/** 0x7F is answered at once; after an erase that got no answer, a late one may be the erase's. */
static void learn_late_answer(struct btap_session *session,
                              const struct btap_transaction *transaction)
{
    const struct btap_step *failure;

    if (session->failures_length == 0 || session->failures_length > BTAP_FAILURES_MAX ||
        transaction->command != BTAP_SYNC || transaction->duration < LATE_SYNC_NS ||
        has_note(transaction, BTAP_NOTE_SYNC_REPEATED))
        return;
    failure = &session->failures[session->failures_length - 1];
    if (failure->n + 1 != transaction->n || !is_erase(failure->command) ||
        failure->status != BTAP_NO_REPLY)
        return;
    session->late_sync_packet = transaction->last_packet;
    session->late_sync = transaction->duration;
}

/* The interface */

void btap_diagnosis_init(struct btap_diagnosis *diagnosis, enum btap_transport transport,
                         btap_session_handler *handler, void *context)
{
    memset(diagnosis, 0, sizeof(*diagnosis));
    diagnosis->handler = handler;
    diagnosis->context = context;
    diagnosis->session.transport = transport;
}

static void take_outcome(struct btap_diagnosis *diagnosis,
                         const struct btap_transaction *transaction,
                         const struct btap_usb_device *device)
{
    struct btap_session *session = &diagnosis->session;

    session->counts[transaction->status]++;
    if (transaction->status == BTAP_OK) {
        session->done[transaction->command]++;
        overcome(session, transaction);
        add_effect(session, transaction, device);
        learn_reason(session, transaction);
        learn_late_answer(session, transaction);
    } else if (btap_transaction_is_harmless(transaction)) {
        overcome(session, transaction);
    } else if (has_failed(diagnosis, transaction)) {
        fail(session, transaction, diagnosis->reset);
    }
}

void btap_diagnosis_transaction(struct btap_diagnosis *diagnosis,
                                const struct btap_transaction *transaction,
                                const struct btap_usb_device *device)
{
    struct btap_session *session = &diagnosis->session;
    const btap_ns end = transaction->time + transaction->duration;

    if (begins_session(diagnosis, transaction))
        close_session(diagnosis);
    open_session(diagnosis, transaction->first_packet, transaction->time);
    if (session->transactions++ == 0)
        session->first_n = transaction->n;
    session->last_n = transaction->n;
    session->last_packet = transaction->last_packet;
    if (end - session->time > session->duration)
        session->duration = end - session->time;
    for (uint32_t i = 0; i < btap_transaction_notes_kept(transaction); i++)
        take_note(session, &transaction->notes[i]);
    take_device(session, transaction, device);
    take_opcode(session, transaction);
    take_write(session, transaction);
    take_outcome(diagnosis, transaction, device);
    make_step(&session->last, transaction);

    if (transaction->status == BTAP_OK)
        diagnosis->reset = resets(transaction->command);
    if (transaction->status == BTAP_DISCONNECTED || has_note(transaction, BTAP_NOTE_DEVICE_LEFT) ||
        (transaction->status == BTAP_OK &&
         (transaction->command == BTAP_GO || transaction->command == BTAP_LEAVE)))
        diagnosis->ended = true;
}

void btap_diagnosis_note(struct btap_diagnosis *diagnosis, uint64_t n, const struct btap_note *note)
{
    if (n != 0)
        return;
    open_session(diagnosis, note->packet, note->time);
    if (note->packet > diagnosis->session.last_packet)
        diagnosis->session.last_packet = note->packet;
    take_note(&diagnosis->session, note);
    if (note->id == BTAP_NOTE_DEVICE_GONE)
        diagnosis->ended = true;
}

void btap_diagnosis_readback(struct btap_diagnosis *diagnosis,
                             const struct btap_verification *readback)
{
    struct btap_verification *own = &diagnosis->session.verification;

    if (own->different == 0 && readback->different > 0) {
        const struct btap_verification before = *own;

        *own = *readback;
        own->same += before.same;
        return;
    }
    own->same += readback->same;
    own->different += readback->different;
    own->only_cleared += readback->only_cleared;
}

void btap_diagnosis_until(struct btap_diagnosis *diagnosis, btap_ns until)
{
    diagnosis->until = until;
}

void btap_diagnosis_port(struct btap_diagnosis *diagnosis, const struct btap_port *port)
{
    diagnosis->session.port = *port;
}

void btap_diagnosis_finish(struct btap_diagnosis *diagnosis)
{
    close_session(diagnosis);
}
