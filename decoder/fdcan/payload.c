/* SPDX-License-Identifier: GPL-2.0-or-later
 *
 * Section numbers are those of AN5405. Where the note is silent or devices differ, the comment
 * says what occurs; "ST's own code" is the Open Bootloader, written to match the ROM.
 */
#include "fdcan/payload.h"

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

#define ANSWER(phase)                                                                              \
    {                                                                                              \
        FDCAN_ANSWER, BTAP_PHASE_##phase, false                                                    \
    }
#define OPTIONAL_ANSWER(phase)                                                                     \
    {                                                                                              \
        FDCAN_ANSWER, BTAP_PHASE_##phase, true                                                     \
    }
#define STEP(kind, phase)                                                                          \
    {                                                                                              \
        FDCAN_##kind, BTAP_PHASE_##phase, false                                                    \
    }
#define END                                                                                        \
    {                                                                                              \
        FDCAN_END, BTAP_PHASE_NONE, false                                                          \
    }

/* section 1; whether devices answer it is not documented */
static const struct btap_fdcan_step sync_steps[] = {ANSWER(SYNC), END};
/* 3.1: one byte a frame */
static const struct btap_fdcan_step get_steps[] = {
    ANSWER(COMMAND),      STEP(COUNT, REPLY), STEP(VERSION, REPLY),
    STEP(OPCODES, REPLY), ANSWER(REPLY),      END,
};
/* 3.2 */
static const struct btap_fdcan_step get_version_steps[] = {
    ANSWER(COMMAND), STEP(VERSION, REPLY), STEP(OPTIONS, REPLY), ANSWER(REPLY), END,
};
/* 3.3 */
static const struct btap_fdcan_step get_id_steps[] = {
    ANSWER(COMMAND),
    STEP(PID, REPLY),
    ANSWER(REPLY),
    END,
};
/* 3.4: one answer for command and address */
static const struct btap_fdcan_step read_steps[] = {
    ANSWER(COMMAND),
    STEP(CONTENTS, REPLY),
    ANSWER(REPLY),
    END,
};
/* 3.5 has one ACK; ST's own code sends a second one for the address */
static const struct btap_fdcan_step go_steps[] = {ANSWER(COMMAND), OPTIONAL_ANSWER(ADDRESS), END};
/* 3.6 */
static const struct btap_fdcan_step write_steps[] = {
    ANSWER(COMMAND),
    STEP(PAYLOAD, DATA),
    ANSWER(DATA),
    END,
};
/* 3.7: mass and bank erase */
static const struct btap_fdcan_step erase_whole_steps[] = {
    ANSWER(COMMAND),
    ANSWER(OPERATION),
    END,
};
/* 3.7: pages; ST's own code acknowledges the count too before it reads the list */
static const struct btap_fdcan_step erase_pages_steps[] = {
    ANSWER(COMMAND), OPTIONAL_ANSWER(LENGTH), STEP(PAGES, DATA), ANSWER(DATA), END,
};
/* 3.8: the sectors stand in the command frame, or in frames of their own after the first ACK */
static const struct btap_fdcan_step write_protect_steps[] = {
    ANSWER(COMMAND),
    STEP(SECTORS, DATA),
    ANSWER(OPERATION),
    END,
};
/* 3.9 to 3.11 */
static const struct btap_fdcan_step protection_steps[] = {
    ANSWER(COMMAND),
    ANSWER(OPERATION),
    END,
};
/* 3.12; the sub-command stands in the command frame (ST's own code) or in one of its own (text) */
static const struct btap_fdcan_step special_steps[] = {
    ANSWER(COMMAND),
    STEP(SUBCOMMAND, SUBCOMMAND),
    ANSWER(SUBCOMMAND),
    STEP(SIZE, DATA),
    STEP(PACKET, DATA),
    ANSWER(DATA),
    STEP(REPLY_SIZE, REPLY),
    STEP(REPLY, REPLY),
    STEP(STATUS_SIZE, STATUS),
    STEP(STATUS, STATUS),
    ANSWER(STATUS),
    END,
};
/* 3.13 */
static const struct btap_fdcan_step extended_special_steps[] = {
    ANSWER(COMMAND),
    STEP(SUBCOMMAND, SUBCOMMAND),
    ANSWER(SUBCOMMAND),
    STEP(SIZE, DATA),
    STEP(PACKET, DATA),
    ANSWER(DATA),
    STEP(SIZE2, DATA),
    STEP(PACKET2, DATA),
    ANSWER(DATA),
    STEP(STATUS_SIZE, STATUS),
    STEP(STATUS, STATUS),
    ANSWER(STATUS),
    END,
};
/* no command of table 2: one NACK */
static const struct btap_fdcan_step unknown_steps[] = {ANSWER(COMMAND), END};

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
        return 1;
    case FDCAN_SIZE:
    case FDCAN_SIZE2:
    case FDCAN_OPTIONS:
    case FDCAN_PID:
    case FDCAN_REPLY_SIZE:
    case FDCAN_STATUS_SIZE:
        return 2;
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

static void read_version(struct btap_fdcan *fdcan, struct cursor *cursor)
{
    struct btap_transaction *transaction = transaction_of(fdcan);
    uint32_t value;

    if (!read_field(fdcan, cursor, BTAP_FIELD_VERSION, 1, &value))
        return;
    transaction->version = (uint8_t)value;
    transaction->has |= BTAP_HAS_VERSION;
    fdcan->version = (uint8_t)value;
}

static void read_option_byte(struct btap_fdcan *fdcan, struct cursor *cursor)
{
    struct btap_transaction *transaction = transaction_of(fdcan);
    const uint32_t index = fdcan->left == 2 ? 0 : 1;
    uint32_t value;

    if (!read_field(fdcan, cursor, BTAP_FIELD_OPTION_BYTE, 1, &value))
        return;
    transaction->option_bytes[index] = (uint8_t)value;
    if (index == 1)
        transaction->has |= BTAP_HAS_OPTION_BYTES;
}

static void read_pid(struct btap_fdcan *fdcan, struct cursor *cursor)
{
    struct btap_transaction *transaction = transaction_of(fdcan);
    uint32_t value;

    if (!read_field(fdcan, cursor, BTAP_FIELD_PID, 2, &value))
        return;
    transaction->pid = value;
    transaction->has |= BTAP_HAS_PID;
}

static void read_page(struct btap_fdcan *fdcan, struct cursor *cursor)
{
    uint32_t page;

    if (transaction_of(fdcan)->list_announced == 0) {
        tell_rest(fdcan, cursor, BTAP_FIELD_PADDING);
        return;
    }
    if (!read_field(fdcan, cursor, BTAP_FIELD_PAGE, 2, &page))
        return;
    emit_list(&fdcan->emitter, (uint16_t)page);
    if (page < PAGES_OF_PRODUCTS || fdcan->large_page_told)
        return;
    fdcan->large_page_told = true;
    emit_note(&fdcan->emitter, BTAP_NOTE_PAGE_NUMBER_LARGE, &cursor->frame->at, page, 0, 0);
}

static void read_sector_count(struct btap_fdcan *fdcan, struct cursor *cursor)
{
    struct btap_transaction *transaction = transaction_of(fdcan);
    uint32_t count;

    if (!read_field(fdcan, cursor, BTAP_FIELD_SECTOR_COUNT, 1, &count))
        return;
    transaction->list_kind = BTAP_LIST_SECTORS;
    transaction->list_announced = count;
}

static void read_sector(struct btap_fdcan *fdcan, struct cursor *cursor)
{
    uint32_t sector;

    if (read_field(fdcan, cursor, BTAP_FIELD_SECTOR, 1, &sector))
        emit_list(&fdcan->emitter, (uint16_t)sector);
}

static void read_opcode(struct btap_fdcan *fdcan, struct cursor *cursor)
{
    uint32_t opcode;

    if (!read_field(fdcan, cursor, BTAP_FIELD_SUPPORTED, 1, &opcode))
        return;
    emit_list(&fdcan->emitter, (uint16_t)opcode);
    fdcan->commands[opcode >> 5] |= 1u << (opcode & 31);
}

static void read_command_count(struct btap_fdcan *fdcan, struct cursor *cursor)
{
    struct btap_transaction *transaction = transaction_of(fdcan);
    uint32_t count;

    if (!read_field(fdcan, cursor, BTAP_FIELD_COMMAND_COUNT, 1, &count))
        return;
    transaction->list_kind = BTAP_LIST_COMMANDS;
    transaction->list_announced = count;
    for (unsigned i = 0; i < sizeof(fdcan->commands) / sizeof(fdcan->commands[0]); i++)
        fdcan->commands[i] = 0;
}

static void read_subcommand(struct btap_fdcan *fdcan, struct cursor *cursor)
{
    struct btap_transaction *transaction = transaction_of(fdcan);
    uint32_t value;

    if (!read_field(fdcan, cursor, BTAP_FIELD_SUBCOMMAND, 2, &value))
        return;
    transaction->subcommand = (uint16_t)value;
    transaction->has |= BTAP_HAS_SUBCOMMAND;
}

/** The number of bytes of a packet of Special, to *size. */
static void read_packet_size(struct btap_fdcan *fdcan, struct cursor *cursor, enum btap_field field,
                             uint32_t limit, uint16_t *size)
{
    uint32_t value;

    if (!read_field(fdcan, cursor, field, 2, &value))
        return;
    *size = (uint16_t)value;
    if (field == BTAP_FIELD_STATUS_LENGTH)
        transaction_of(fdcan)->has |= BTAP_HAS_SPECIAL_STATUS;
    if (limit != 0 && value > limit)
        emit_note(&fdcan->emitter, BTAP_NOTE_SIZE_OVER_LIMIT, &cursor->frame->at, value, limit, 0);
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
    struct btap_transaction *transaction = transaction_of(fdcan);

    switch (fdcan->step->kind) {
    case FDCAN_PAYLOAD:
        read_memory(fdcan, cursor, true);
        return;
    case FDCAN_CONTENTS:
        read_memory(fdcan, cursor, false);
        return;
    case FDCAN_PAGES:
        read_page(fdcan, cursor);
        return;
    case FDCAN_SECTORS:
        read_sector(fdcan, cursor);
        return;
    case FDCAN_SUBCOMMAND:
        read_subcommand(fdcan, cursor);
        return;
    case FDCAN_SIZE:
        read_packet_size(fdcan, cursor, BTAP_FIELD_DATA_LENGTH, SPECIAL_MAX,
                         &transaction->sent_length);
        return;
    case FDCAN_SIZE2:
        read_packet_size(fdcan, cursor, BTAP_FIELD_DATA_LENGTH, EXTENDED_MAX,
                         &transaction->sent2_length);
        return;
    case FDCAN_REPLY_SIZE:
        read_packet_size(fdcan, cursor, BTAP_FIELD_DATA_LENGTH, 0, &transaction->received_length);
        return;
    case FDCAN_STATUS_SIZE:
        read_packet_size(fdcan, cursor, BTAP_FIELD_STATUS_LENGTH, 0,
                         &transaction->special_status_length);
        return;
    case FDCAN_PACKET:
    case FDCAN_PACKET2:
    case FDCAN_REPLY:
        read_raw(fdcan, cursor, BTAP_FIELD_DATA);
        return;
    case FDCAN_STATUS:
        read_status(fdcan, cursor);
        return;
    case FDCAN_COUNT:
        read_command_count(fdcan, cursor);
        return;
    case FDCAN_VERSION:
        read_version(fdcan, cursor);
        return;
    case FDCAN_OPCODES:
        read_opcode(fdcan, cursor);
        return;
    case FDCAN_OPTIONS:
        read_option_byte(fdcan, cursor);
        return;
    case FDCAN_PID:
        read_pid(fdcan, cursor);
        return;
    case FDCAN_END:
    case FDCAN_ANSWER:
        return;
    }
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
    if (fdcan->step->kind != FDCAN_SECTORS || fdcan->emitter.transaction.list_length > 0 ||
        unread(cursor) == 0 || !is_repeated_count(fdcan, cursor->frame))
        return;
    read_sector_count(fdcan, cursor);
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
        if (unread(cursor) > 0)
            read_sector_count(fdcan, cursor);
        while (unread(cursor) > 0 && sectors_left(transaction) > 0)
            read_sector(fdcan, cursor);
        return;
    case BTAP_SPECIAL:
    case BTAP_EXTENDED_SPECIAL:
        read_subcommand(fdcan, cursor);
        return;
    default:
        return;
    }
}

static const struct btap_fdcan_step *steps_of(const struct btap_transaction *transaction)
{
    switch (transaction->command) {
    case BTAP_SYNC:
        return sync_steps;
    case BTAP_GET:
        return get_steps;
    case BTAP_GET_VERSION:
        return get_version_steps;
    case BTAP_GET_ID:
        return get_id_steps;
    case BTAP_READ_MEMORY:
        return read_steps;
    case BTAP_GO:
        return go_steps;
    case BTAP_WRITE_MEMORY:
        return write_steps;
    case BTAP_ERASE:
        return transaction->erase == BTAP_ERASE_PAGES ? erase_pages_steps : erase_whole_steps;
    case BTAP_WRITE_PROTECT:
        return write_protect_steps;
    case BTAP_WRITE_UNPROTECT:
    case BTAP_READOUT_PROTECT:
    case BTAP_READOUT_UNPROTECT:
        return protection_steps;
    case BTAP_SPECIAL:
        return special_steps;
    case BTAP_EXTENDED_SPECIAL:
        return extended_special_steps;
    default:
        return unknown_steps;
    }
}

void fdcan_start(struct btap_fdcan *fdcan, const struct btap_can_frame *frame)
{
    struct btap_transaction *transaction = transaction_of(fdcan);
    struct cursor cursor = {frame, BTAP_HOST_TO_DEVICE, 0};

    forget_field(fdcan);
    fdcan->large_page_told = false;
    tell_id(fdcan, frame, BTAP_HOST_TO_DEVICE, BTAP_FIELD_CAN_ID, frame->id);
    if ((transaction->has & BTAP_HAS_OPCODE) != 0)
        tell_id(fdcan, frame, BTAP_HOST_TO_DEVICE, BTAP_FIELD_OPCODE, transaction->opcode);
    read_command(fdcan, &cursor);
    forget_field(fdcan);
    tell_rest(fdcan, &cursor, BTAP_FIELD_PADDING);
    fdcan->step = steps_of(transaction);
    fdcan->left = 0;
}

void fdcan_tell_answer(struct btap_fdcan *fdcan, const struct btap_can_frame *frame)
{
    struct cursor cursor = {frame, BTAP_DEVICE_TO_HOST, 1};
    struct btap_span answer;

    tell_id(fdcan, frame, BTAP_DEVICE_TO_HOST, BTAP_FIELD_CAN_ID, frame->id);
    if (frame->captured == 0)
        return;
    answer = (struct btap_span){
        .packet = frame->at.packet,
        .offset = frame->at.offset,
        .length = 1,
        .direction = BTAP_DEVICE_TO_HOST,
        .field = BTAP_FIELD_ANSWER,
        .bytes = frame->data,
        .value = frame->data[0],
        .last = true,
        .bad = !fdcan_is_answer(frame),
    };
    emit_span(&fdcan->emitter, &answer);
    tell_rest(fdcan, &cursor, BTAP_FIELD_PADDING);
}

void fdcan_tell_whole(struct btap_fdcan *fdcan, const struct btap_can_frame *frame,
                      enum btap_direction direction, enum btap_field field)
{
    struct cursor cursor = {frame, direction, 0};

    tell_id(fdcan, frame, direction, BTAP_FIELD_CAN_ID, frame->id);
    tell_rest(fdcan, &cursor, field);
}
