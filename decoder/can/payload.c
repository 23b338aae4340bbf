/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Section numbers are those of AN5405. Where the note is silent or devices differ, the comment
 * says what occurs; "ST's own code" is the Open Bootloader, written to match the ROM.
 */
#include "can/payload.h"

#include <string.h>

#include "can/shape.h"

#define ID_SIZE           4u
#define LENGTH_MAX        256u
#define SPECIAL_MAX       128u    /* 3.12 */
#define EXTENDED_MAX      1024u   /* 3.13, second packet */
#define ERASE_MASS        0xffffu /* 3.7 */
#define ERASE_BANK1       0xfffeu
#define ERASE_BANK2       0xfffdu
#define ERASE_RESERVED    0xfff0u
#define CLASSIC_ERASE_ALL 0xffu /* AN3154 */
#define SECTOR_FRAME_SIZE 8u
#define PAGES_OF_PRODUCTS 1024u /* more than any STM32 with FDCAN has */

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

static void tell_id(struct btap_can *can, const struct btap_can_frame *frame,
                    enum btap_direction direction, enum btap_field field, uint32_t value)
{
    struct btap_span span;

    if (!emit_wants_spans(&can->emitter))
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
    emit_span(&can->emitter, &span);
}

static void tell(struct btap_can *can, const struct cursor *cursor, uint32_t length,
                 enum btap_field field, uint64_t value, bool last)
{
    struct btap_span span;

    if (length == 0 || !emit_wants_spans(&can->emitter))
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
        .bad = field == BTAP_FIELD_ANSWER && !can_is_answer(cursor->frame),
    };
    emit_span(&can->emitter, &span);
}

static void tell_rest(struct btap_can *can, struct cursor *cursor, enum btap_field field)
{
    tell(can, cursor, unread(cursor), field, 0, true);
    cursor->position = cursor->frame->captured;
}

/**
 * Reads a number of width bytes, MSB first, which may begin in one frame and end in another.
 *
 * @return false if the frame ends before it does
 */
static bool read_field(struct btap_can *can, struct cursor *cursor, enum btap_field field,
                       uint8_t width, uint32_t *value)
{
    uint8_t length = 0;

    for (; can->value_length < width && length < unread(cursor); length++) {
        can->value = can->value << 8 | cursor->frame->data[cursor->position + length];
        can->value_length++;
    }
    *value = can->value;
    tell(can, cursor, length, field, *value, can->value_length == width);
    cursor->position += length;
    if (can->value_length < width)
        return false;
    can->value = 0;
    can->value_length = 0;
    return true;
}

static void forget_field(struct btap_can *can)
{
    can->value = 0;
    can->value_length = 0;
}

static uint32_t sectors_left(const struct btap_transaction *transaction)
{
    return transaction->list_length < transaction->list_announced
               ? transaction->list_announced - transaction->list_length
               : 0;
}

static uint32_t special_limit(const struct btap_can *can)
{
    return can->step->kind == CAN_PACKET2 ? EXTENDED_MAX : SPECIAL_MAX;
}

/** A packet over its limit is refused before its data is sent. */
static uint32_t packet_left(const struct btap_can *can, uint32_t size)
{
    return size <= special_limit(can) ? size : 0;
}

/** How many bytes the step has. */
static uint32_t step_length(const struct btap_can *can)
{
    const struct btap_transaction *transaction = &can->emitter.transaction;
    const bool length_known = (transaction->has & BTAP_HAS_LENGTH) != 0;

    switch (can->step->kind) {
    case CAN_END:
    case CAN_ANSWER:
        return 0;
    case CAN_PAYLOAD:
    case CAN_CONTENTS:
        return length_known ? transaction->length : CAN_UNTIL_ANSWER;
    case CAN_PAGES:
    case CAN_PAGES_8:
        return transaction->list_announced > 0
                   ? transaction->list_announced * can_number(can->step->kind).width
                   : CAN_UNTIL_ANSWER;
    case CAN_SECTORS:
        return transaction->list_kind == BTAP_LIST_SECTORS ? sectors_left(transaction)
                                                           : CAN_UNTIL_ANSWER;
    case CAN_SUBCOMMAND:
        return (transaction->has & BTAP_HAS_SUBCOMMAND) != 0 ? 0 : 2;
    case CAN_PACKET:
        return packet_left(can, transaction->sent_length);
    case CAN_PACKET2:
        return packet_left(can, transaction->sent2_length);
    case CAN_OPCODES:
        return CAN_UNTIL_ANSWER;
    case CAN_REPLY:
        return transaction->received_length;
    case CAN_STATUS:
        return transaction->special_status_length;
    case CAN_COUNT:
    case CAN_VERSION:
    case CAN_SIZE:
    case CAN_SIZE2:
    case CAN_OPTIONS:
    case CAN_PID:
    case CAN_REPLY_SIZE:
    case CAN_STATUS_SIZE:
        return can_number(can->step->kind).length;
    }
    return 0;
}

static bool waits(const struct btap_can *can)
{
    return can->left > 0 || can->step->kind <= CAN_ANSWER;
}

void can_advance(struct btap_can *can)
{
    forget_field(can);
    do {
        can->step++;
        can->left = step_length(can);
    } while (!waits(can));
}

static void take_sector_count(struct btap_transaction *transaction, uint32_t count)
{
    transaction->list_kind = BTAP_LIST_SECTORS;
    transaction->list_announced = count;
}

static void take_command_count(struct btap_can *can, uint32_t count)
{
    can_transaction(can)->list_kind = BTAP_LIST_COMMANDS;
    can_transaction(can)->list_announced = count;
    memset(can->commands, 0, sizeof(can->commands));
}

/** Whether the product may have the page. A second bank's numbers may begin behind a gap. */
static bool may_have_page(const struct btap_product *product, uint32_t page)
{
    struct btap_range sector;

    if (product == NULL || !btap_product_sector(product, 0, &sector))
        return page < PAGES_OF_PRODUCTS;
    return btap_product_sector(product, page / 2, &sector);
}

static void take_page(struct btap_can *can, const struct btap_origin *at, uint32_t page)
{
    emit_list(&can->emitter, (uint16_t)page);
    if (may_have_page(can->product, page) || can->large_page_told)
        return;
    can->large_page_told = true;
    emit_note(&can->emitter, BTAP_NOTE_PAGE_NUMBER_LARGE, at, page, 0, 0);
}

static void take_subcommand(struct btap_transaction *transaction, uint32_t number)
{
    transaction->subcommand = (uint16_t)number;
    transaction->has |= BTAP_HAS_SUBCOMMAND;
}

/** The number of bytes of a packet of Special. @return the same */
static uint16_t packet_size(struct btap_can *can, const struct btap_origin *at, uint32_t size,
                            uint32_t limit)
{
    if (size > limit)
        emit_note(&can->emitter, BTAP_NOTE_SIZE_OVER_LIMIT, at, size, limit, 0);
    return (uint16_t)size;
}

/** Takes the number of a step. */
static void take_number(struct btap_can *can, const struct btap_origin *at, uint32_t number)
{
    struct btap_transaction *transaction = can_transaction(can);

    switch (can->step->kind) {
    case CAN_COUNT:
        take_command_count(can, number);
        return;
    case CAN_VERSION:
        transaction->version = can->version = (uint8_t)number;
        transaction->has |= BTAP_HAS_VERSION;
        return;
    case CAN_OPCODES:
        emit_list(&can->emitter, (uint16_t)number);
        can->commands[number >> 5] |= 1u << (number & 31);
        return;
    case CAN_OPTIONS:
        transaction->option_bytes[can->left == 2 ? 0 : 1] = (uint8_t)number;
        if (can->left != 2)
            transaction->has |= BTAP_HAS_OPTION_BYTES;
        return;
    case CAN_PID:
        transaction->pid = number;
        can->product = btap_product_by_pid(number);
        transaction->has |= BTAP_HAS_PID;
        return;
    case CAN_PAGES:
        take_page(can, at, number);
        return;
    case CAN_PAGES_8:
    case CAN_SECTORS:
        emit_list(&can->emitter, (uint16_t)number);
        return;
    case CAN_SUBCOMMAND:
        take_subcommand(transaction, number);
        return;
    case CAN_SIZE:
        transaction->sent_length = packet_size(can, at, number, SPECIAL_MAX);
        return;
    case CAN_SIZE2:
        transaction->sent2_length = packet_size(can, at, number, EXTENDED_MAX);
        return;
    case CAN_REPLY_SIZE:
        transaction->received_length = (uint16_t)number;
        return;
    case CAN_STATUS_SIZE:
        transaction->special_status_length = (uint16_t)number;
        transaction->has |= BTAP_HAS_SPECIAL_STATUS;
        return;
    case CAN_PAYLOAD:
    case CAN_CONTENTS:
    case CAN_PACKET:
    case CAN_PACKET2:
    case CAN_REPLY:
    case CAN_STATUS:
    case CAN_END:
    case CAN_ANSWER:
        return;
    }
}

/** Reads bytes that mean nothing to the protocol, as many as the step has left. */
static uint32_t read_raw(struct btap_can *can, struct cursor *cursor, enum btap_field field)
{
    const uint32_t length = can->left < unread(cursor) ? can->left : unread(cursor);

    tell(can, cursor, length, field, 0, length == can->left);
    cursor->position += length;
    return length;
}

static void read_memory(struct btap_can *can, struct cursor *cursor, bool written)
{
    struct btap_transaction *transaction = can_transaction(can);
    /* Not transferred: bytes that the snapshot length cut off have their place too. */
    const uint32_t position =
        can->left != CAN_UNTIL_ANSWER ? transaction->length - can->left : transaction->transferred;
    struct btap_data data = {
        .packet = cursor->frame->at.packet,
        .offset = cursor->frame->at.offset + cursor->position,
        .address = transaction->address + position,
        .bytes = cursor->frame->data + cursor->position,
        .written = written,
    };

    data.length = read_raw(can, cursor, BTAP_FIELD_DATA);
    transaction->transferred += data.length;
    if (data.length > 0 && (transaction->has & BTAP_HAS_ADDRESS) != 0)
        emit_data(&can->emitter, &data);
}

static void read_status(struct btap_can *can, struct cursor *cursor)
{
    struct btap_transaction *transaction = can_transaction(can);
    const uint32_t seen = transaction->special_status_length - can->left;
    const uint8_t *bytes = cursor->frame->data + cursor->position;
    const uint32_t length = read_raw(can, cursor, BTAP_FIELD_STATUS_DATA);

    for (uint32_t i = 0; i < length && seen + i < BTAP_SPECIAL_STATUS_MAX; i++)
        transaction->special_status[seen + i] = bytes[i];
}

static bool is_pages(enum can_step_kind kind)
{
    return kind == CAN_PAGES || kind == CAN_PAGES_8;
}

static void read_step(struct btap_can *can, struct cursor *cursor)
{
    const enum can_step_kind kind = can->step->kind;
    const struct can_number numbers = can_number(kind);
    uint32_t number;

    if (kind == CAN_PAYLOAD || kind == CAN_CONTENTS)
        read_memory(can, cursor, kind == CAN_PAYLOAD);
    else if (kind == CAN_STATUS)
        read_status(can, cursor);
    else if (is_pages(kind) && can_transaction(can)->list_announced == 0)
        tell_rest(can, cursor, BTAP_FIELD_PADDING);
    else if (numbers.width == 0)
        read_raw(can, cursor, BTAP_FIELD_DATA);
    else if (read_field(can, cursor, numbers.field, numbers.width, &number))
        take_number(can, &cursor->frame->at, number);
}

/** So many bytes of the step are through. */
static void pass(struct btap_can *can, uint32_t length)
{
    if (can->left == CAN_UNTIL_ANSWER)
        return;
    can->left -= length < can->left ? length : can->left;
    if (can->left == 0)
        can_advance(can);
}

static bool of_sender(const struct btap_can *can, enum btap_direction direction)
{
    return direction == BTAP_HOST_TO_DEVICE ? can_host_step(can->step) : can_device_step(can->step);
}

/**
 * Whether the first byte of a list of sectors is their count once more, as RAMN's canboot sends
 * it, in frames of 8 bytes.
 */
static bool is_repeated_count(const struct btap_can *can, const struct btap_can_frame *frame)
{
    const struct btap_transaction *transaction = &can->emitter.transaction;
    const uint32_t announced = transaction->list_announced;

    if (transaction->list_kind != BTAP_LIST_SECTORS)
        return true;
    return frame->fd && frame->data[0] == announced &&
           (frame->length > announced || announced >= SECTOR_FRAME_SIZE);
}

static void read_repeated_count(struct btap_can *can, struct cursor *cursor)
{
    uint32_t count;

    if (can->step->kind != CAN_SECTORS || can->emitter.transaction.list_length > 0 ||
        unread(cursor) == 0 || !is_repeated_count(can, cursor->frame))
        return;
    if (read_field(can, cursor, BTAP_FIELD_SECTOR_COUNT, 1, &count))
        take_sector_count(can_transaction(can), count);
    can->left = step_length(can);
    if (can->left == 0)
        can_advance(can);
}

static void begin_data_frame(struct btap_can *can, const struct btap_can_frame *frame)
{
    can->data_id = (uint16_t)frame->id;
    if (can->step->kind != CAN_PAYLOAD)
        return;
    can->data_frames++;
    can->data_length = frame->length;
}

/** Where the device acknowledges each frame, it does so before the next one comes. */
static void await_each(struct btap_can *can)
{
    if (can_host_step(can->step) && can->step[1].each) {
        can->rest = can->left;
        can->left = 0;
        can->step++;
    }
    can->unacknowledged += can->step->each;
}

bool can_resume(struct btap_can *can)
{
    if (!can->step->each || can->rest == 0)
        return false;
    can->step--;
    can->left = can->rest;
    can->rest = 0;
    return true;
}

void can_consume(struct btap_can *can, const struct btap_can_frame *frame,
                 enum btap_direction direction)
{
    struct cursor cursor = {frame, direction, 0};
    const bool in_steps = can->step->kind == CAN_SUBCOMMAND;

    emit_touch(&can->emitter, &frame->at);
    can->last_of_host = direction == BTAP_HOST_TO_DEVICE;
    if (direction == BTAP_HOST_TO_DEVICE)
        begin_data_frame(can, frame);
    tell_id(can, frame, direction, BTAP_FIELD_CAN_ID, frame->id);
    read_repeated_count(can, &cursor);
    while (unread(&cursor) > 0 && of_sender(can, direction)) {
        const uint32_t start = cursor.position;

        read_step(can, &cursor);
        pass(can, cursor.position - start);
    }
    if (frame->captured < frame->length && of_sender(can, direction)) {
        forget_field(can);
        pass(can, (uint32_t)frame->length - frame->captured);
    }
    if (direction == BTAP_HOST_TO_DEVICE)
        await_each(can);
    if (in_steps && unread(&cursor) == 1)
        tell_rest(can, &cursor, BTAP_FIELD_CHECKSUM);
    tell_rest(can, &cursor, BTAP_FIELD_PADDING);
    if (in_steps)
        emit_note(&can->emitter, BTAP_NOTE_SPECIAL_IN_STEPS, &frame->at, 0, 0, 0);
}

static void read_address(struct btap_can *can, struct cursor *cursor)
{
    struct btap_transaction *transaction = can_transaction(can);

    if (!read_field(can, cursor, BTAP_FIELD_ADDRESS, 4, &transaction->address))
        return;
    transaction->has |= BTAP_HAS_ADDRESS;
}

static void read_length(struct btap_can *can, struct cursor *cursor)
{
    struct btap_transaction *transaction = can_transaction(can);
    uint32_t value;

    if ((transaction->has & BTAP_HAS_ADDRESS) == 0 ||
        !read_field(can, cursor, BTAP_FIELD_BYTE_COUNT, 1, &value))
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

static void read_erase(struct btap_can *can, struct cursor *cursor)
{
    struct btap_transaction *transaction = can_transaction(can);
    const uint8_t *data = cursor->frame->data;
    const bool code =
        unread(cursor) > 1 && erase_of((uint32_t)(data[0] << 8 | data[1])) != BTAP_ERASE_PAGES;
    uint32_t number;

    if (!read_field(can, cursor, code ? BTAP_FIELD_ERASE_CODE : BTAP_FIELD_PAGE_COUNT, 2, &number))
        return;
    transaction->erase = erase_of(number);
    if (transaction->erase == BTAP_ERASE_RESERVED)
        emit_note(&can->emitter, BTAP_NOTE_RESERVED_ERASE_CODE, &cursor->frame->at, number, 0, 0);
    if (code)
        return;
    transaction->list_kind = BTAP_LIST_PAGES;
    transaction->list_announced = number;
    if (number == 0)
        emit_note(&can->emitter, BTAP_NOTE_ERASE_NO_PAGES, &cursor->frame->at, 0, 0, 0);
}

/** One byte: the number of pages less one, or all. */
static void read_classic_erase(struct btap_can *can, struct cursor *cursor)
{
    struct btap_transaction *transaction = can_transaction(can);
    const bool all = unread(cursor) > 0 && cursor->frame->data[0] == CLASSIC_ERASE_ALL;
    uint32_t number;

    if (!read_field(can, cursor, all ? BTAP_FIELD_ERASE_CODE : BTAP_FIELD_PAGES_LESS_1, 1, &number))
        return;
    transaction->erase = all ? BTAP_ERASE_MASS : BTAP_ERASE_PAGES;
    if (all)
        return;
    transaction->list_kind = BTAP_LIST_PAGES;
    transaction->list_announced = number + 1;
}

/** The count of sectors, and those that stand in the command's frame. */
static void read_sectors(struct btap_can *can, struct cursor *cursor)
{
    struct btap_transaction *transaction = can_transaction(can);
    const bool less_1 = !cursor->frame->fd;
    uint32_t value;

    if (read_field(can, cursor, less_1 ? BTAP_FIELD_SECTORS_LESS_1 : BTAP_FIELD_SECTOR_COUNT, 1,
                   &value))
        take_sector_count(transaction, value + less_1);
    while (sectors_left(transaction) > 0 && read_field(can, cursor, BTAP_FIELD_SECTOR, 1, &value))
        emit_list(&can->emitter, (uint16_t)value);
}

/** AN3154: the bit rates that Speed knows, from 1 on. */
static void read_speed(struct btap_can *can, struct cursor *cursor)
{
    static const uint32_t rates[] = {125000, 250000, 500000, 1000000};
    struct btap_transaction *transaction = can_transaction(can);
    uint32_t value;

    if (!read_field(can, cursor, BTAP_FIELD_SPEED, 1, &value) || value < 1 ||
        value > sizeof(rates) / sizeof(rates[0]))
        return;
    transaction->bit_rate = rates[value - 1];
    transaction->has |= BTAP_HAS_BIT_RATE;
}

/** A frame that was cut, or too short, leaves fields out; the rest is padding. */
static void read_command(struct btap_can *can, struct cursor *cursor)
{
    struct btap_transaction *transaction = can_transaction(can);
    uint32_t value;

    switch (transaction->command) {
    case BTAP_SYNC:
        read_field(can, cursor, BTAP_FIELD_DETECTION, 1, &value);
        return;
    case BTAP_READ_MEMORY:
    case BTAP_WRITE_MEMORY:
        read_address(can, cursor);
        read_length(can, cursor);
        return;
    case BTAP_GO:
        read_address(can, cursor);
        return;
    case BTAP_ERASE:
        if (cursor->frame->fd)
            read_erase(can, cursor);
        else
            read_classic_erase(can, cursor);
        return;
    case BTAP_WRITE_PROTECT:
        read_sectors(can, cursor);
        return;
    case BTAP_SPEED:
        read_speed(can, cursor);
        return;
    case BTAP_SPECIAL:
    case BTAP_EXTENDED_SPECIAL:
        if (read_field(can, cursor, BTAP_FIELD_SUBCOMMAND, 2, &value))
            take_subcommand(transaction, value);
        return;
    default:
        return;
    }
}

void can_start(struct btap_can *can, const struct btap_can_frame *frame)
{
    struct btap_transaction *transaction = can_transaction(can);
    struct cursor cursor = {frame, BTAP_HOST_TO_DEVICE, 0};

    forget_field(can);
    if (frame->brs_known) {
        can->brs_known = true;
        can->brs = frame->brs;
    }
    can->large_page_told = false;
    tell_id(can, frame, BTAP_HOST_TO_DEVICE, BTAP_FIELD_CAN_ID, frame->id);
    if ((transaction->has & BTAP_HAS_OPCODE) != 0)
        tell_id(can, frame, BTAP_HOST_TO_DEVICE, BTAP_FIELD_OPCODE, transaction->opcode);
    read_command(can, &cursor);
    forget_field(can);
    tell_rest(can, &cursor, BTAP_FIELD_PADDING);
    can->step = can_steps(frame->fd, transaction);
    can->left = 0;
    can->rest = 0;
    can->unacknowledged = 0;
    can->data_id = (uint16_t)frame->id;
}

void can_tell_answer(struct btap_can *can, const struct btap_can_frame *frame)
{
    struct cursor cursor = {frame, BTAP_DEVICE_TO_HOST, 0};

    tell_id(can, frame, BTAP_DEVICE_TO_HOST, BTAP_FIELD_CAN_ID, frame->id);
    if (frame->captured == 0)
        return;
    tell(can, &cursor, 1, BTAP_FIELD_ANSWER, frame->data[0], true);
    cursor.position = 1;
    tell_rest(can, &cursor, BTAP_FIELD_PADDING);
}

void can_tell_whole(struct btap_can *can, const struct btap_can_frame *frame,
                    enum btap_direction direction, enum btap_field field)
{
    struct cursor cursor = {frame, direction, 0};

    tell_id(can, frame, direction, BTAP_FIELD_CAN_ID, frame->id);
    tell_rest(can, &cursor, field);
}
