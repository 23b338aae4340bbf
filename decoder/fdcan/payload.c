/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Section numbers are those of AN5405. Where the note is silent or devices differ, the comment
 * says what occurs; "ST's own code" is the Open Bootloader, written to match the ROM.
 */
#include "fdcan/payload.h"

#include <string.h>

#include "fdcan/shape.h"

#define ID_SIZE           4u
#define LENGTH_MAX        256u
#define SPECIAL_MAX       128u    /* 3.12 */
#define EXTENDED_MAX      1024u   /* 3.13, second packet */
#define ERASE_MASS        0xffffu /* 3.7 */
#define ERASE_BANK1       0xfffeu
#define ERASE_BANK2       0xfffdu
#define ERASE_RESERVED    0xfff0u
#define SECTOR_FRAME_SIZE 8u
#define PAGES_OF_PRODUCTS 1024u /* more than any STM32 with FDCAN has */

#define ROW(kind, phase, optional)                                                                 \
    {                                                                                              \
        FDCAN_##kind, BTAP_PHASE_##phase, optional                                                 \
    }
#define STEP(kind, phase)      ROW(kind, phase, false)
#define ANSWER(phase)          ROW(ANSWER, phase, false)
#define OPTIONAL_ANSWER(phase) ROW(ANSWER, phase, true)

#define STEPS_MAX 13

/** The steps of each command; a zero behind them is FDCAN_END. */
static const struct btap_fdcan_step steps[BTAP_COMMAND_COUNT][STEPS_MAX] = {
    /* no command of table 2: one NACK */
    [BTAP_COMMAND_UNKNOWN] = {ANSWER(COMMAND)},
    /* section 1; whether devices answer it is not documented */
    [BTAP_SYNC] = {ANSWER(SYNC)},
    /* 3.1: one byte a frame */
    [BTAP_GET] = {ANSWER(COMMAND), STEP(COUNT, REPLY), STEP(VERSION, REPLY), STEP(OPCODES, REPLY),
                  ANSWER(REPLY)},
    /* 3.2 */
    [BTAP_GET_VERSION] = {ANSWER(COMMAND), STEP(VERSION, REPLY), STEP(OPTIONS, REPLY),
                          ANSWER(REPLY)},
    /* 3.3 */
    [BTAP_GET_ID] = {ANSWER(COMMAND), STEP(PID, REPLY), ANSWER(REPLY)},
    /* 3.4: one answer for command and address */
    [BTAP_READ_MEMORY] = {ANSWER(COMMAND), STEP(CONTENTS, REPLY), ANSWER(REPLY)},
    /* 3.5 has one ACK; ST's own code sends a second one for the address */
    [BTAP_GO] = {ANSWER(COMMAND), OPTIONAL_ANSWER(ADDRESS)},
    /* 3.6 */
    [BTAP_WRITE_MEMORY] = {ANSWER(COMMAND), STEP(PAYLOAD, DATA), ANSWER(DATA)},
    /* 3.7: mass and bank erase */
    [BTAP_ERASE] = {ANSWER(COMMAND), ANSWER(OPERATION)},
    /* 3.8: the sectors stand in the command frame, or in frames of their own after the first ACK */
    [BTAP_WRITE_PROTECT] = {ANSWER(COMMAND), STEP(SECTORS, DATA), ANSWER(OPERATION)},
    /* 3.9 to 3.11 */
    [BTAP_WRITE_UNPROTECT] = {ANSWER(COMMAND), ANSWER(OPERATION)},
    [BTAP_READOUT_PROTECT] = {ANSWER(COMMAND), ANSWER(OPERATION)},
    [BTAP_READOUT_UNPROTECT] = {ANSWER(COMMAND), ANSWER(OPERATION)},
    /* 3.12; the sub-command stands in the command frame (ST's own code) or in one of its own (text)
     */
    [BTAP_SPECIAL] = {ANSWER(COMMAND), STEP(SUBCOMMAND, SUBCOMMAND), ANSWER(SUBCOMMAND),
                      STEP(SIZE, DATA), STEP(PACKET, DATA), ANSWER(DATA), STEP(REPLY_SIZE, REPLY),
                      STEP(REPLY, REPLY), STEP(STATUS_SIZE, STATUS), STEP(STATUS, STATUS),
                      ANSWER(STATUS)},
    /* 3.13 */
    [BTAP_EXTENDED_SPECIAL] = {ANSWER(COMMAND), STEP(SUBCOMMAND, SUBCOMMAND), ANSWER(SUBCOMMAND),
                               STEP(SIZE, DATA), STEP(PACKET, DATA), ANSWER(DATA),
                               STEP(SIZE2, DATA), STEP(PACKET2, DATA), ANSWER(DATA),
                               STEP(STATUS_SIZE, STATUS), STEP(STATUS, STATUS), ANSWER(STATUS)},
};

/* 3.7: pages; ST's own code acknowledges the count too before it reads the list */
static const struct btap_fdcan_step erase_pages_steps[] = {
    ANSWER(COMMAND), OPTIONAL_ANSWER(LENGTH), STEP(PAGES, DATA), ANSWER(DATA), {.kind = FDCAN_END}};

/** The number that a step consists of, or each of many; width 0: something else than numbers. */
static const struct {
    enum btap_field field;
    uint8_t width;
    uint8_t length; /**< bytes of the step; 0: the command tells */
} numbers[FDCAN_STATUS + 1] = {
    [FDCAN_COUNT] = {BTAP_FIELD_COMMAND_COUNT, 1, 1},
    [FDCAN_VERSION] = {BTAP_FIELD_VERSION, 1, 1},
    [FDCAN_OPCODES] = {BTAP_FIELD_SUPPORTED, 1, 0},
    [FDCAN_OPTIONS] = {BTAP_FIELD_OPTION_BYTE, 1, 2},
    [FDCAN_PID] = {BTAP_FIELD_PID, 2, 2},
    [FDCAN_PAGES] = {BTAP_FIELD_PAGE, 2, 0},
    [FDCAN_SECTORS] = {BTAP_FIELD_SECTOR, 1, 0},
    [FDCAN_SUBCOMMAND] = {BTAP_FIELD_SUBCOMMAND, 2, 0},
    [FDCAN_SIZE] = {BTAP_FIELD_DATA_LENGTH, 2, 2},
    [FDCAN_SIZE2] = {BTAP_FIELD_DATA_LENGTH, 2, 2},
    [FDCAN_REPLY_SIZE] = {BTAP_FIELD_DATA_LENGTH, 2, 2},
    [FDCAN_STATUS_SIZE] = {BTAP_FIELD_STATUS_LENGTH, 2, 2},
};

/** A frame and how far it is read. */
struct cursor {
    const struct btap_can_frame *frame;
    enum btap_direction direction;
    uint32_t position;
};

static uint32_t unread(const struct cursor *cursor)
{
    return cursor->frame->captured - cursor->position;
}

static struct btap_transaction *transaction_of(struct btap_fdcan *fdcan)
{
    return &fdcan->emitter.transaction;
}

static void tell_id(struct btap_fdcan *fdcan, const struct btap_can_frame *frame,
                    enum btap_direction direction, enum btap_field field, uint32_t value)
{
    struct btap_span span;

    if (!emit_wants_spans(&fdcan->emitter))
        return;
    span = (struct btap_span){
        .packet = frame->at.packet,
        .offset = frame->id_offset,
        .length = ID_SIZE,
        .direction = direction,
        .field = field,
        .bytes = frame->id_bytes,
        .value = value,
        .last = true,
    };
    emit_span(&fdcan->emitter, &span);
}

static void tell(struct btap_fdcan *fdcan, const struct cursor *cursor, uint32_t length,
                 enum btap_field field, uint64_t value, bool last)
{
    struct btap_span span;

    if (length == 0 || !emit_wants_spans(&fdcan->emitter))
        return;
    span = (struct btap_span){
        .packet = cursor->frame->at.packet,
        .offset = cursor->frame->at.offset + cursor->position,
        .length = length,
        .direction = cursor->direction,
        .field = field,
        .bytes = cursor->frame->data + cursor->position,
        .value = value,
        .last = last,
        .bad = field == BTAP_FIELD_ANSWER && !fdcan_is_answer(cursor->frame),
    };
    emit_span(&fdcan->emitter, &span);
}

static void tell_rest(struct btap_fdcan *fdcan, struct cursor *cursor, enum btap_field field)
{
    tell(fdcan, cursor, unread(cursor), field, 0, true);
    cursor->position = cursor->frame->captured;
}

/**
 * Reads a number of width bytes, MSB first, which may begin in one frame and end in another.
 *
 * @return false if the frame ends before it does
 */
static bool read_field(struct btap_fdcan *fdcan, struct cursor *cursor, enum btap_field field,
                       uint8_t width, uint32_t *value)
{
    uint8_t length = 0;

    for (; fdcan->value_length < width && length < unread(cursor); length++) {
        fdcan->value = fdcan->value << 8 | cursor->frame->data[cursor->position + length];
        fdcan->value_length++;
    }
    *value = fdcan->value;
    tell(fdcan, cursor, length, field, *value, fdcan->value_length == width);
    cursor->position += length;
    if (fdcan->value_length < width)
        return false;
    fdcan->value = 0;
    fdcan->value_length = 0;
    return true;
}

static void forget_field(struct btap_fdcan *fdcan)
{
    fdcan->value = 0;
    fdcan->value_length = 0;
}

static uint32_t sectors_left(const struct btap_transaction *transaction)
{
    return transaction->list_length < transaction->list_announced
               ? transaction->list_announced - transaction->list_length
               : 0;
}

static uint32_t special_limit(const struct btap_fdcan *fdcan)
{
    return fdcan->step->kind == FDCAN_PACKET2 ? EXTENDED_MAX : SPECIAL_MAX;
}

/** A packet over its limit is refused before its data is sent. */
static uint32_t packet_left(const struct btap_fdcan *fdcan, uint32_t size)
{
    return size <= special_limit(fdcan) ? size : 0;
}

/** How many bytes the step has. */
static uint32_t step_length(const struct btap_fdcan *fdcan)
{
    const struct btap_transaction *transaction = &fdcan->emitter.transaction;
    const bool length_known = (transaction->has & BTAP_HAS_LENGTH) != 0;

    switch (fdcan->step->kind) {
    case FDCAN_END:
    case FDCAN_ANSWER:
        return 0;
    case FDCAN_PAYLOAD:
    case FDCAN_CONTENTS:
        return length_known ? transaction->length : FDCAN_UNTIL_ANSWER;
    case FDCAN_PAGES:
        return transaction->list_announced > 0 ? transaction->list_announced * 2
                                               : FDCAN_UNTIL_ANSWER;
    case FDCAN_SECTORS:
        return transaction->list_kind == BTAP_LIST_SECTORS ? sectors_left(transaction)
                                                           : FDCAN_UNTIL_ANSWER;
    case FDCAN_SUBCOMMAND:
        return (transaction->has & BTAP_HAS_SUBCOMMAND) != 0 ? 0 : 2;
    case FDCAN_PACKET:
        return packet_left(fdcan, transaction->sent_length);
    case FDCAN_PACKET2:
        return packet_left(fdcan, transaction->sent2_length);
    case FDCAN_OPCODES:
        return FDCAN_UNTIL_ANSWER;
    case FDCAN_REPLY:
        return transaction->received_length;
    case FDCAN_STATUS:
        return transaction->special_status_length;
    case FDCAN_COUNT:
    case FDCAN_VERSION:
    case FDCAN_SIZE:
    case FDCAN_SIZE2:
    case FDCAN_OPTIONS:
    case FDCAN_PID:
    case FDCAN_REPLY_SIZE:
    case FDCAN_STATUS_SIZE:
        return numbers[fdcan->step->kind].length;
    }
    return 0;
}

static bool waits(const struct btap_fdcan *fdcan)
{
    return fdcan->left > 0 || fdcan->step->kind <= FDCAN_ANSWER;
}

void fdcan_advance(struct btap_fdcan *fdcan)
{
    forget_field(fdcan);
    do {
        fdcan->step++;
        fdcan->left = step_length(fdcan);
    } while (!waits(fdcan));
}

static void take_sector_count(struct btap_transaction *transaction, uint32_t count)
{
    transaction->list_kind = BTAP_LIST_SECTORS;
    transaction->list_announced = count;
}

static void take_command_count(struct btap_fdcan *fdcan, uint32_t count)
{
    transaction_of(fdcan)->list_kind = BTAP_LIST_COMMANDS;
    transaction_of(fdcan)->list_announced = count;
    memset(fdcan->commands, 0, sizeof(fdcan->commands));
}

/** Whether the product may have the page. A second bank's numbers may begin behind a gap. */
static bool may_have_page(const struct btap_product *product, uint32_t page)
{
    struct btap_range sector;

    if (product == NULL || !btap_product_sector(product, 0, &sector))
        return page < PAGES_OF_PRODUCTS;
    return btap_product_sector(product, page / 2, &sector);
}

static void take_page(struct btap_fdcan *fdcan, const struct btap_origin *at, uint32_t page)
{
    emit_list(&fdcan->emitter, (uint16_t)page);
    if (may_have_page(fdcan->product, page) || fdcan->large_page_told)
        return;
    fdcan->large_page_told = true;
    emit_note(&fdcan->emitter, BTAP_NOTE_PAGE_NUMBER_LARGE, at, page, 0, 0);
}

static void take_subcommand(struct btap_transaction *transaction, uint32_t number)
{
    transaction->subcommand = (uint16_t)number;
    transaction->has |= BTAP_HAS_SUBCOMMAND;
}

/** The number of bytes of a packet of Special. @return the same */
static uint16_t packet_size(struct btap_fdcan *fdcan, const struct btap_origin *at, uint32_t size,
                            uint32_t limit)
{
    if (size > limit)
        emit_note(&fdcan->emitter, BTAP_NOTE_SIZE_OVER_LIMIT, at, size, limit, 0);
    return (uint16_t)size;
}

/** Takes the number of a step. */
static void take_number(struct btap_fdcan *fdcan, const struct btap_origin *at, uint32_t number)
{
    struct btap_transaction *transaction = transaction_of(fdcan);

    switch (fdcan->step->kind) {
    case FDCAN_COUNT:
        take_command_count(fdcan, number);
        return;
    case FDCAN_VERSION:
        transaction->version = fdcan->version = (uint8_t)number;
        transaction->has |= BTAP_HAS_VERSION;
        return;
    case FDCAN_OPCODES:
        emit_list(&fdcan->emitter, (uint16_t)number);
        fdcan->commands[number >> 5] |= 1u << (number & 31);
        return;
    case FDCAN_OPTIONS:
        transaction->option_bytes[fdcan->left == 2 ? 0 : 1] = (uint8_t)number;
        if (fdcan->left != 2)
            transaction->has |= BTAP_HAS_OPTION_BYTES;
        return;
    case FDCAN_PID:
        transaction->pid = number;
        fdcan->product = btap_product_by_pid(number);
        transaction->has |= BTAP_HAS_PID;
        return;
    case FDCAN_PAGES:
        take_page(fdcan, at, number);
        return;
    case FDCAN_SECTORS:
        emit_list(&fdcan->emitter, (uint16_t)number);
        return;
    case FDCAN_SUBCOMMAND:
        take_subcommand(transaction, number);
        return;
    case FDCAN_SIZE:
        transaction->sent_length = packet_size(fdcan, at, number, SPECIAL_MAX);
        return;
    case FDCAN_SIZE2:
        transaction->sent2_length = packet_size(fdcan, at, number, EXTENDED_MAX);
        return;
    case FDCAN_REPLY_SIZE:
        transaction->received_length = (uint16_t)number;
        return;
    case FDCAN_STATUS_SIZE:
        transaction->special_status_length = (uint16_t)number;
        transaction->has |= BTAP_HAS_SPECIAL_STATUS;
        return;
    case FDCAN_PAYLOAD:
    case FDCAN_CONTENTS:
    case FDCAN_PACKET:
    case FDCAN_PACKET2:
    case FDCAN_REPLY:
    case FDCAN_STATUS:
    case FDCAN_END:
    case FDCAN_ANSWER:
        return;
    }
}

/** Reads bytes that mean nothing to the protocol, as many as the step has left. */
static uint32_t read_raw(struct btap_fdcan *fdcan, struct cursor *cursor, enum btap_field field)
{
    const uint32_t length = fdcan->left < unread(cursor) ? fdcan->left : unread(cursor);

    tell(fdcan, cursor, length, field, 0, length == fdcan->left);
    cursor->position += length;
    return length;
}

static void read_memory(struct btap_fdcan *fdcan, struct cursor *cursor, bool written)
{
    struct btap_transaction *transaction = transaction_of(fdcan);
    /* Not transferred: bytes that the snapshot length cut off have their place too. */
    const uint32_t position = fdcan->left != FDCAN_UNTIL_ANSWER ? transaction->length - fdcan->left
                                                                : transaction->transferred;
    struct btap_data data = {
        .packet = cursor->frame->at.packet,
        .offset = cursor->frame->at.offset + cursor->position,
        .address = transaction->address + position,
        .bytes = cursor->frame->data + cursor->position,
        .written = written,
    };

    data.length = read_raw(fdcan, cursor, BTAP_FIELD_DATA);
    transaction->transferred += data.length;
    if (data.length > 0 && (transaction->has & BTAP_HAS_ADDRESS) != 0)
        emit_data(&fdcan->emitter, &data);
}

static void read_status(struct btap_fdcan *fdcan, struct cursor *cursor)
{
    struct btap_transaction *transaction = transaction_of(fdcan);
    const uint32_t seen = transaction->special_status_length - fdcan->left;
    const uint8_t *bytes = cursor->frame->data + cursor->position;
    const uint32_t length = read_raw(fdcan, cursor, BTAP_FIELD_STATUS_DATA);

    for (uint32_t i = 0; i < length && seen + i < BTAP_SPECIAL_STATUS_MAX; i++)
        transaction->special_status[seen + i] = bytes[i];
}

static void read_step(struct btap_fdcan *fdcan, struct cursor *cursor)
{
    const enum fdcan_step_kind kind = fdcan->step->kind;
    uint32_t number;

    if (kind == FDCAN_PAYLOAD || kind == FDCAN_CONTENTS)
        read_memory(fdcan, cursor, kind == FDCAN_PAYLOAD);
    else if (kind == FDCAN_STATUS)
        read_status(fdcan, cursor);
    else if (kind == FDCAN_PAGES && transaction_of(fdcan)->list_announced == 0)
        tell_rest(fdcan, cursor, BTAP_FIELD_PADDING);
    else if (numbers[kind].width == 0)
        read_raw(fdcan, cursor, BTAP_FIELD_DATA);
    else if (read_field(fdcan, cursor, numbers[kind].field, numbers[kind].width, &number))
        take_number(fdcan, &cursor->frame->at, number);
}

/** So many bytes of the step are through. */
static void pass(struct btap_fdcan *fdcan, uint32_t length)
{
    if (fdcan->left == FDCAN_UNTIL_ANSWER)
        return;
    fdcan->left -= length < fdcan->left ? length : fdcan->left;
    if (fdcan->left == 0)
        fdcan_advance(fdcan);
}

static bool of_sender(const struct btap_fdcan *fdcan, enum btap_direction direction)
{
    return direction == BTAP_HOST_TO_DEVICE ? fdcan_host_step(fdcan->step)
                                            : fdcan_device_step(fdcan->step);
}

/**
 * Whether the first byte of a list of sectors is their count once more, as RAMN's canboot sends
 * it, in frames of 8 bytes.
 */
static bool is_repeated_count(const struct btap_fdcan *fdcan, const struct btap_can_frame *frame)
{
    const struct btap_transaction *transaction = &fdcan->emitter.transaction;
    const uint32_t announced = transaction->list_announced;

    if (transaction->list_kind != BTAP_LIST_SECTORS)
        return true;
    return frame->data[0] == announced &&
           (frame->length > announced || announced >= SECTOR_FRAME_SIZE);
}

static void read_repeated_count(struct btap_fdcan *fdcan, struct cursor *cursor)
{
    uint32_t count;

    if (fdcan->step->kind != FDCAN_SECTORS || fdcan->emitter.transaction.list_length > 0 ||
        unread(cursor) == 0 || !is_repeated_count(fdcan, cursor->frame))
        return;
    if (read_field(fdcan, cursor, BTAP_FIELD_SECTOR_COUNT, 1, &count))
        take_sector_count(transaction_of(fdcan), count);
    fdcan->left = step_length(fdcan);
    if (fdcan->left == 0)
        fdcan_advance(fdcan);
}

void fdcan_consume(struct btap_fdcan *fdcan, const struct btap_can_frame *frame,
                   enum btap_direction direction)
{
    struct cursor cursor = {frame, direction, 0};
    const bool in_steps = fdcan->step->kind == FDCAN_SUBCOMMAND;

    emit_touch(&fdcan->emitter, &frame->at);
    fdcan->last_of_host = direction == BTAP_HOST_TO_DEVICE;
    if (fdcan->step->kind == FDCAN_PAYLOAD) {
        fdcan->data_frames++;
        fdcan->data_length = frame->length;
    }
    tell_id(fdcan, frame, direction, BTAP_FIELD_CAN_ID, frame->id);
    read_repeated_count(fdcan, &cursor);
    while (unread(&cursor) > 0 && of_sender(fdcan, direction)) {
        const uint32_t start = cursor.position;

        read_step(fdcan, &cursor);
        pass(fdcan, cursor.position - start);
    }
    if (frame->captured < frame->length && of_sender(fdcan, direction)) {
        forget_field(fdcan);
        pass(fdcan, (uint32_t)frame->length - frame->captured);
    }
    if (in_steps && unread(&cursor) == 1)
        tell_rest(fdcan, &cursor, BTAP_FIELD_CHECKSUM);
    tell_rest(fdcan, &cursor, BTAP_FIELD_PADDING);
    if (in_steps)
        emit_note(&fdcan->emitter, BTAP_NOTE_SPECIAL_IN_STEPS, &frame->at, 0, 0, 0);
}

static void read_address(struct btap_fdcan *fdcan, struct cursor *cursor)
{
    struct btap_transaction *transaction = transaction_of(fdcan);

    if (!read_field(fdcan, cursor, BTAP_FIELD_ADDRESS, 4, &transaction->address))
        return;
    transaction->has |= BTAP_HAS_ADDRESS;
}

static void read_length(struct btap_fdcan *fdcan, struct cursor *cursor)
{
    struct btap_transaction *transaction = transaction_of(fdcan);
    uint32_t value;

    if ((transaction->has & BTAP_HAS_ADDRESS) == 0 ||
        !read_field(fdcan, cursor, BTAP_FIELD_BYTE_COUNT, 1, &value))
        return;
    transaction->length = value + 1;
    transaction->has |= BTAP_HAS_LENGTH;
}

static enum btap_erase erase_of(uint32_t number)
{
    switch (number) {
    case ERASE_MASS:
        return BTAP_ERASE_MASS;
    case ERASE_BANK1:
        return BTAP_ERASE_BANK1;
    case ERASE_BANK2:
        return BTAP_ERASE_BANK2;
    default:
        return number >= ERASE_RESERVED ? BTAP_ERASE_RESERVED : BTAP_ERASE_PAGES;
    }
}

static void read_erase(struct btap_fdcan *fdcan, struct cursor *cursor)
{
    struct btap_transaction *transaction = transaction_of(fdcan);
    const uint8_t *data = cursor->frame->data;
    const bool code =
        unread(cursor) > 1 && erase_of((uint32_t)(data[0] << 8 | data[1])) != BTAP_ERASE_PAGES;
    uint32_t number;

    if (!read_field(fdcan, cursor, code ? BTAP_FIELD_ERASE_CODE : BTAP_FIELD_PAGE_COUNT, 2,
                    &number))
        return;
    transaction->erase = erase_of(number);
    if (transaction->erase == BTAP_ERASE_RESERVED)
        emit_note(&fdcan->emitter, BTAP_NOTE_RESERVED_ERASE_CODE, &cursor->frame->at, number, 0, 0);
    if (code)
        return;
    transaction->list_kind = BTAP_LIST_PAGES;
    transaction->list_announced = number;
    if (number == 0)
        emit_note(&fdcan->emitter, BTAP_NOTE_ERASE_NO_PAGES, &cursor->frame->at, 0, 0, 0);
}

/** A frame that was cut, or too short, leaves fields out; the rest is padding. */
static void read_command(struct btap_fdcan *fdcan, struct cursor *cursor)
{
    struct btap_transaction *transaction = transaction_of(fdcan);
    uint32_t value;

    switch (transaction->command) {
    case BTAP_SYNC:
        read_field(fdcan, cursor, BTAP_FIELD_DETECTION, 1, &value);
        return;
    case BTAP_READ_MEMORY:
    case BTAP_WRITE_MEMORY:
        read_address(fdcan, cursor);
        read_length(fdcan, cursor);
        return;
    case BTAP_GO:
        read_address(fdcan, cursor);
        return;
    case BTAP_ERASE:
        read_erase(fdcan, cursor);
        return;
    case BTAP_WRITE_PROTECT:
        if (read_field(fdcan, cursor, BTAP_FIELD_SECTOR_COUNT, 1, &value))
            take_sector_count(transaction, value);
        while (sectors_left(transaction) > 0 &&
               read_field(fdcan, cursor, BTAP_FIELD_SECTOR, 1, &value))
            emit_list(&fdcan->emitter, (uint16_t)value);
        return;
    case BTAP_SPECIAL:
    case BTAP_EXTENDED_SPECIAL:
        if (read_field(fdcan, cursor, BTAP_FIELD_SUBCOMMAND, 2, &value))
            take_subcommand(transaction, value);
        return;
    default:
        return;
    }
}

void fdcan_start(struct btap_fdcan *fdcan, const struct btap_can_frame *frame)
{
    struct btap_transaction *transaction = transaction_of(fdcan);
    struct cursor cursor = {frame, BTAP_HOST_TO_DEVICE, 0};

    forget_field(fdcan);
    if (frame->brs_known) {
        fdcan->brs_known = true;
        fdcan->brs = frame->brs;
    }
    fdcan->large_page_told = false;
    tell_id(fdcan, frame, BTAP_HOST_TO_DEVICE, BTAP_FIELD_CAN_ID, frame->id);
    if ((transaction->has & BTAP_HAS_OPCODE) != 0)
        tell_id(fdcan, frame, BTAP_HOST_TO_DEVICE, BTAP_FIELD_OPCODE, transaction->opcode);
    read_command(fdcan, &cursor);
    forget_field(fdcan);
    tell_rest(fdcan, &cursor, BTAP_FIELD_PADDING);
    fdcan->step =
        transaction->erase == BTAP_ERASE_PAGES ? erase_pages_steps : steps[transaction->command];
    fdcan->left = 0;
}

void fdcan_tell_answer(struct btap_fdcan *fdcan, const struct btap_can_frame *frame)
{
    struct cursor cursor = {frame, BTAP_DEVICE_TO_HOST, 0};

    tell_id(fdcan, frame, BTAP_DEVICE_TO_HOST, BTAP_FIELD_CAN_ID, frame->id);
    if (frame->captured == 0)
        return;
    tell(fdcan, &cursor, 1, BTAP_FIELD_ANSWER, frame->data[0], true);
    cursor.position = 1;
    tell_rest(fdcan, &cursor, BTAP_FIELD_PADDING);
}

void fdcan_tell_whole(struct btap_fdcan *fdcan, const struct btap_can_frame *frame,
                      enum btap_direction direction, enum btap_field field)
{
    struct cursor cursor = {frame, direction, 0};

    tell_id(fdcan, frame, direction, BTAP_FIELD_CAN_ID, frame->id);
    tell_rest(fdcan, &cursor, field);
}
